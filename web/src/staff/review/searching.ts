/**
 * A simple search over the opened register, in both alphabets: words are folded to plain Latin letters and looked up as they
 * stand. It knows no name forms and no slips of the pen; ../matching/ranking does.
 */

import { type HeldRecord, namesOf, type Register } from "./register";

const LATIN: Readonly<Record<string, string>> = {
  а: "a",
  б: "b",
  в: "v",
  г: "h",
  ґ: "g",
  д: "d",
  е: "e",
  є: "ie",
  ж: "zh",
  з: "z",
  и: "y",
  і: "i",
  ї: "i",
  й: "i",
  к: "k",
  л: "l",
  м: "m",
  н: "n",
  о: "o",
  п: "p",
  р: "r",
  с: "s",
  т: "t",
  у: "u",
  ф: "f",
  х: "kh",
  ц: "ts",
  ч: "ch",
  ш: "sh",
  щ: "shch",
  ъ: "",
  ы: "y",
  ь: "",
  э: "e",
  ю: "iu",
  я: "ia",
  ё: "e",
};

/** Fold a text: small letters, Cyrillic as Latin, no accents, apostrophes or doubled letters; g is h, y is i. */
export function folded(text: string): string {
  const plain = text.toLowerCase().replace(/[\u0400-\u04ff]/g, (letter) => LATIN[letter] ?? letter);
  const bare = plain.normalize("NFD").replace(/[\u0300-\u036f'ʼ’`"]/g, "");
  return bare
    .replace(/g/g, "h")
    .replace(/[yj]/g, "i")
    .replace(/ks/g, "x")
    .replace(/(.)\1+/g, "$1");
}

/** List those of whom every word is a part; those with whole words first, at most `limit`. */
export function searchRegister(register: Register, words: string, limit = 25): HeldRecord[] {
  const wanted = folded(words)
    .split(/[\s,;]+/)
    .filter(Boolean);
  if (wanted.length === 0) return [];
  const found: { record: HeldRecord; whole: number }[] = [];
  for (const record of register.records.values()) {
    const said = saidOf(record);
    if (!wanted.every((word) => said.includes(word))) continue;
    const all = said.split(/\s+/);
    found.push({ record, whole: wanted.filter((word) => all.includes(word)).length });
  }
  return found
    .sort((one, other) => other.whole - one.whole)
    .slice(0, limit)
    .map(({ record }) => record);
}

const known = new WeakMap<HeldRecord, string>();

function saidOf(record: HeldRecord): string {
  let said = known.get(record);
  if (said === undefined) {
    const {
      birth_date: born = "",
      birth_place: place = "",
      service_number: service = "",
      father_name: father = "",
    } = record.person;
    said = folded([namesOf(record.person), father, born, place, service, record.number].join(" "));
    known.set(record, said);
  }
  return said;
}
