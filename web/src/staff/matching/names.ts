/**
 * Names across alphabets: each word becomes its readings, what it can stand for in one small alphabet that Ukrainian,
 * Russian and every romanisation of them share. As relay/client/names.py, from the same tables.
 */

import tables from "../../../../relay/client/romanisation.json";

const MOST_READINGS = 24;
const LEAST_STEM_LETTERS = 3;
const WORD = /\p{L}+(?:['’ʼ`´‘″ʹ]\p{L}+)*['’ʼ`´]?/gu;
const NOT_WORD = /[^\p{L}\p{N}_]/gu;
const CYRILLIC = /[\u0400-\u04ff]/;
const LATIN = /[A-Za-z\u00c0-\u024f]/;
const DOUBLED = /(.)\1+/gu;
const PLAIN = new Set("абвгдежзиклмнопрстуфхцчшщюя");
const VOWELS = new Set(tables.vowels);
const TO_CYRILLIC: ReadonlyMap<string, string> = new Map(Object.entries(tables.lookalikes));
const TO_LATIN: ReadonlyMap<string, string> = new Map(
  Object.entries(tables.lookalikes).map(([one, other]) => [other, one]),
);
const ACCENTED = [
  ["š", "sh"],
  ["č", "ch"],
  ["ž", "zh"],
  ["ł", "l"],
  ["ß", "ss"],
  ["đ", "d"],
  ["ø", "o"],
] as const;

/** One word of a name, ready to be compared. */
export interface Name {
  /** What it can stand for, the likeliest first. */
  readonly readings: readonly string[];
  /** The readings, without the differences that the ear misses. */
  readonly sounds: ReadonlySet<string>;
  /** The readings without an ending of case or gender. */
  readonly stems: ReadonlySet<string>;
}

/** Remember what a function answers for a text. */
export function remembered<T>(ask: (text: string) => T): (text: string) => T {
  const known = new Map<string, T>();
  return (text) => {
    let found = known.get(text);
    if (found === undefined) {
      found = ask(text);
      known.set(text, found);
    }
    return found;
  };
}

/** Split a name into its words: at spaces, hyphens, dots and brackets, never at an apostrophe. */
export function wordsIn(text: string): string[] {
  return text.normalize("NFC").match(WORD) ?? [];
}

/** Take one word for comparison; letters of the other alphabet that look alike are mended first. */
export const readWord = remembered((word): Name => {
  const letters = oneAlphabet(word.normalize("NFC")).toLowerCase().replace(NOT_WORD, "");
  const readings = [...new Set(allReadings(letters))];
  return { readings, sounds: new Set(readings.map(sound)), stems: new Set(readings.map(stem)) };
});

/** Reduce a reading to what the ear keeps of it. */
export const sound = remembered((reading) =>
  choices(reading, sounds)
    .map((choice) => choice[0]!)
    .join("")
    .replace(DOUBLED, "$1"),
);

/** Take an ending of case or gender off a reading. */
export const stem = remembered((reading) => {
  const ending = tables.case_endings.find((one) => reading.endsWith(one)) ?? "";
  let rest =
    reading.length - ending.length >= LEAST_STEM_LETTERS ? reading.slice(0, reading.length - ending.length) : reading;
  while (rest.length > LEAST_STEM_LETTERS && VOWELS.has(rest.at(-1)!)) rest = rest.slice(0, -1);
  return rest;
});

/** Keep the consonants of a sound: vowels are what dictation, dialect and foreign ears get wrong first. */
export const consonants = remembered((heard) => [...heard].filter((one) => !VOWELS.has(one)).join(""));

/** Whether every letter of a text is Cyrillic, and there is one at least. */
export function isCyrillic(text: string): boolean {
  return CYRILLIC.test(text) && (text.match(/\p{L}/gu) ?? []).every((one) => CYRILLIC.test(one));
}

/** Count the typing errors between two readings, or answer `most + 1` as soon as it is sure to be more. */
export function distance(one: string, other: string, most: number): number {
  if (Math.abs(one.length - other.length) > most) return most + 1;
  let before: number[] = [];
  let row = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 1; i <= one.length; i++) {
    const earlier = before;
    before = row;
    row = [i];
    for (let j = 1; j <= other.length; j++) {
      const isOther = one[i - 1] === other[j - 1] ? 0 : 1;
      let least = Math.min(before[j]! + 1, row[j - 1]! + 1, before[j - 1]! + isOther);
      const isSwapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      if (isSwapped) least = Math.min(least, earlier[j - 2]! + 1);
      row.push(least);
    }
    if (Math.min(...row) > most) return most + 1;
  }
  return Math.min(row.at(-1)!, most + 1);
}

/** Only letters without a double in the other alphabet say which was meant. */
function oneAlphabet(word: string): string {
  if (!CYRILLIC.test(word) || !LATIN.test(word)) return word;
  const cyrillic = count(translated(word, TO_LATIN), CYRILLIC);
  const latin = count(translated(word, TO_CYRILLIC), LATIN);
  return translated(word, cyrillic >= latin ? TO_CYRILLIC : TO_LATIN);
}

function translated(word: string, table: ReadonlyMap<string, string>): string {
  return [...word].map((letter) => table.get(letter) ?? letter).join("");
}

function count(word: string, kind: RegExp): number {
  return [...word].filter((letter) => kind.test(letter)).length;
}

function allReadings(letters: string): string[] {
  const isCyrillicWord = CYRILLIC.test(letters);
  const endings: Record<string, readonly string[]> = isCyrillicWord ? {} : tables.latin_endings;
  const plain = isCyrillicWord ? letters : withoutAccents(letters);
  const tail = Object.keys(endings).find((ending) => plain.endsWith(ending) && plain.length > ending.length + 1) ?? "";
  const all = choices(plain.slice(0, plain.length - tail.length), isCyrillicWord ? cyrillic : latin).map((one) => [
    ...one,
  ]);
  if (tail) all.push([...endings[tail]!]);
  while (all.reduce((product, one) => product * one.length, 1) > MOST_READINGS) {
    const widest = Math.max(...all.map((one) => one.length));
    all.find((one) => one.length === widest)!.pop();
  }
  const joined = all.reduce((starts, ends) => starts.flatMap((start) => ends.map((end) => start + end)), [""]);
  return joined.map((reading) => reading.replace(DOUBLED, "$1"));
}

/** What runs of letters stand for; the longest run that is there counts. */
interface Table {
  readonly runs: ReadonlyMap<string, readonly string[]>;
  readonly split: RegExp;
}

function tableOf(runs: Readonly<Record<string, readonly string[]>>): Table {
  const long = Object.keys(runs).filter((run) => [...run].length > 1);
  const longest = long.sort((one, other) => other.length - one.length);
  return { runs: new Map(Object.entries(runs)), split: new RegExp([...longest, "."].join("|"), "gu") };
}

const cyrillic = tableOf(tables.cyrillic);
const latin = tableOf(tables.latin);
const sounds = tableOf(Object.fromEntries(Object.entries(tables.sound).map(([run, heard]) => [run, [heard]])));

function choices(letters: string, table: Table): (readonly string[])[] {
  return (letters.match(table.split) ?? []).map((run) => {
    const found = table.runs.get(run);
    return found && found.length > 0 ? found : PLAIN.has(run) ? [run] : [""];
  });
}

function withoutAccents(letters: string): string {
  const spelled = ACCENTED.reduce((text, [accented, run]) => text.replaceAll(accented, run), letters);
  return spelled.normalize("NFD").replace(/\p{M}/gu, "");
}
