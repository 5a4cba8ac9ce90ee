/** The families' words: whole in every language, none missing, none left over. */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { TROUBLES } from "../src/families/troubles";
import { LANGUAGES, type Messages, Words } from "../src/families/words";

const SOURCES = join(__dirname, "../src/families");
const LOCALES = join(__dirname, "../locales");
const FORMS = {
  uk: ["one", "few", "many", "other"],
  ru: ["one", "few", "many", "other"],
  en: ["one", "other"],
} as const;
const languages = Object.keys(LANGUAGES) as (keyof typeof FORMS)[];

const read = (language: string): Messages =>
  JSON.parse(readFileSync(join(LOCALES, `families.${language}.json`), "utf8"));
const code = readdirSync(SOURCES, { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".ts"))
  .map((name) => readFileSync(join(SOURCES, name), "utf8"))
  .join("\n");
const english = read("en");
const holes = (text: string) => [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name))].sort();
const textsOf = (message: Messages[string]): string[] =>
  typeof message === "string" ? [message] : Object.values(message);

describe.each(languages)("%s", (language) => {
  const messages = read(language);

  test("has the keys of English, in the same order", () => {
    expect(Object.keys(messages)).toEqual(Object.keys(english));
    expect(Object.keys(messages).length).toBeGreaterThan(150);
  });

  test("has every plural form that the language has, and lists as long as in English", () => {
    for (const [key, message] of Object.entries(messages)) {
      if (Array.isArray(message)) expect(message.length, key).toBe((english[key] as string[]).length);
      else if (typeof message === "object") expect(Object.keys(message), key).toEqual(FORMS[language]);
    }
  });

  test("has the holes of English, in every form", () => {
    for (const [key, message] of Object.entries(messages)) {
      const expected = holes(textsOf(english[key]!).join());
      if (Array.isArray(message)) expect(holes(message.join()), key).toEqual(expected);
      else for (const text of textsOf(message)) expect(holes(text), key).toEqual(expected);
    }
  });

  test("has no empty sentence, no markup, and no straight quotation marks", () => {
    for (const [key, message] of Object.entries(messages)) {
      for (const text of textsOf(message))
        expect(text.trim() !== "" && !/[<>"]| {2}/.test(text), `${key}: ${text}`).toBe(true);
    }
  });

  test("puts no full stop after a day, which may end in one", () => {
    const ends = Object.entries(messages).filter(([, message]) => textsOf(message).join().includes("{day}."));
    expect(language === "en" ? [] : ends).toEqual([]);
  });

  test("says numbers, plurals and days in its own way", () => {
    const words = new Words(language, messages);
    const three = { uk: "Ще 3 цифри", ru: "Ещё 3 цифры", en: "3 more digits" }[language];
    const day = { uk: "3 грудня 2026\u00a0р.", ru: "3 декабря 2026\u00a0г.", en: "3 December 2026" }[language];
    expect(words.say("digits.missing", { n: 3 })).toBe(three);
    expect(words.day("2026-12-03")).toBe(day);
  });
});

test("every key is used, and every key that is used is there", () => {
  const troubles = new Set<string>(TROUBLES.map((name) => `trouble.${name}`));
  const unused = Object.keys(english).filter((key) => !code.includes(`"${key}"`) && !troubles.has(key));
  expect(unused).toEqual([]);
  for (const key of troubles) expect((english[key] as string[] | undefined)?.length, key).toBe(4);
});
