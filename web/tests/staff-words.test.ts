/** The words of the staff pages: the same keys in every language, every plural form, none missing and none unused. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LANGUAGES, Words } from "../src/staff/words";

const LOCALES = join(import.meta.dirname, "../locales");
const STAFF = join(import.meta.dirname, "../src/staff");
const FORMS = { uk: ["one", "few", "many", "other"], ru: ["one", "few", "many", "other"], en: ["one", "other"] };
/** Keys that are made of a code or a name while the page runs: these stand for all that begin so. */
const MADE =
  /^(problem|cure|role|desk|face|passkey\.not|trust|age|age\.step|deed|going|author|hurdle|decide|dialog|reason|status|person|particular|template|field|agreement|astray|rail\.state|held\.status)\./;

type Table = Record<string, string | Record<string, string>>;

function tableOf(name: string, lang: string): Table {
  return JSON.parse(readFileSync(join(LOCALES, `${name}.${lang}.json`), "utf8"));
}

const NAMES = [
  ...new Set(
    readdirSync(LOCALES)
      .filter((file) => file.startsWith("staff"))
      .map((file) => file.split(".")[0]!),
  ),
];

function sources(): string {
  const files = readdirSync(STAFF, { recursive: true, encoding: "utf8" }).filter((file) => /\.tsx?$/.test(file));
  return files.map((file) => readFileSync(join(STAFF, file), "utf8")).join("\n");
}

describe.each(NAMES)("%s", (name) => {
  it("has the same keys in every language", () => {
    const [first, ...others] = LANGUAGES.map((lang) => Object.keys(tableOf(name, lang)));
    for (const other of others) expect(other).toEqual(first);
  });

  it.each(LANGUAGES)("has every plural form in %s, and the same names to fill in", (lang) => {
    for (const [key, entry] of Object.entries(tableOf(name, lang))) {
      if (typeof entry !== "string") expect([key, Object.keys(entry)]).toEqual([key, FORMS[lang]]);
      const english = JSON.stringify(tableOf(name, "en")[key]).match(/\{\w+\}/g) ?? [];
      expect([key, new Set(JSON.stringify(entry).match(/\{\w+\}/g) ?? [])]).toEqual([key, new Set(english)]);
    }
  });
});

describe("the shell's and the reviewer's words", () => {
  const said = sources();
  const keys = ["staff", "staff-review", "staff-register"].flatMap((name) => Object.keys(tableOf(name, "en")));

  it("are all used", () => {
    const unused = keys.filter((key) => !MADE.test(key) && !said.includes(`"${key}"`));
    expect(unused).toEqual([]);
  });

  it("are there for every key that is asked for", () => {
    const all = new Set(NAMES.flatMap((name) => Object.keys(tableOf(name, "en"))));
    const asked = [...said.matchAll(/\bt\(\s*"([^"]+)"/g)].map(([, key]) => key!);
    expect(asked.length).toBeGreaterThan(100);
    expect(asked.filter((key) => !all.has(key))).toEqual([]);
  });

  it("count as each language does", () => {
    expect(new Words("uk").t("rail.letters", { count: 2 })).toBe("2 листи");
    expect(new Words("ru").t("rail.letters", { count: 5 })).toBe("5 писем");
    expect(new Words("en").t("rail.letters", { count: 1 })).toBe("1 letter");
  });
});
