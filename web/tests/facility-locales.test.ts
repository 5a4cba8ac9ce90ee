/** The officer's and the dispatcher's words: whole in every language, none missing, none left over. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";

type Entry = string | Readonly<Record<string, string>>;
type Table = Readonly<Record<string, Entry>>;

const ROOT = join(__dirname, "..");
const FORMS = {
  uk: ["one", "few", "many", "other"],
  ru: ["one", "few", "many", "other"],
  en: ["one", "other"],
} as const;
const FACES = ["facility", "dispatch"] as const;

const read = (face: string, lang: string): Table =>
  JSON.parse(readFileSync(join(ROOT, `locales/staff-${face}.${lang}.json`), "utf8"));
const code = FACES.flatMap((face) => {
  const folder = join(ROOT, "src/staff", face);
  return readdirSync(folder)
    .filter((name) => /\.tsx?$/.test(name))
    .map((name) => readFileSync(join(folder, name), "utf8"));
}).join("\n");
const textsOf = (entry: Entry) => (typeof entry === "string" ? [entry] : Object.values(entry));
const holes = (text: string) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))].sort();

/** Keys as the code names them: whole, or with one word that stands for what is listed elsewhere. */
const named = [...code.matchAll(/(["'`])((?:facility|dispatch|paper)\.[^"'`\s]*)\1/g)].map(([, , key]) => key!);
const forms = named.map((key) => new RegExp(`^${key.replace(/[.]/g, "\\.").replace(/\$\{[^}]*\}/g, "[\\w-]+")}$`));

describe.each(FACES)("%s", (face) => {
  const english = read(face, "en");

  test.each(["uk", "ru", "en"] as const)("is whole in %s", (lang) => {
    const table = read(face, lang);
    expect(Object.keys(table)).toEqual(Object.keys(english));
    for (const [key, entry] of Object.entries(table)) {
      if (typeof entry !== "string") expect(Object.keys(entry), key).toEqual(FORMS[lang]);
      for (const text of textsOf(entry)) {
        expect(text.trim() !== "" && !/[<>"]| {2}/.test(text), `${key}: ${text}`).toBe(true);
        expect(holes(text), key).toEqual(holes(textsOf(english[key]!).join()));
      }
    }
  });

  test("has no word that nobody says", () => {
    const unused = Object.keys(english).filter(
      (key) => !/^(problem|cure)\./.test(key) && !forms.some((form) => form.test(key)),
    );
    expect(unused).toEqual([]);
  });
});

test("every word that is said stands in the files", () => {
  const keys = FACES.flatMap((face) => Object.keys(read(face, "en")));
  expect(named.length).toBeGreaterThan(150);
  expect(named.filter((_, at) => !keys.some((key) => forms[at]!.test(key)))).toEqual([]);
});
