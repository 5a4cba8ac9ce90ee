/**
 * Given names and patronymics that are one name in different languages: Микола and Николай, Дмитро and Dmitry. As
 * relay/client/givennames.py, from the same table.
 */

import table from "../../../../relay/client/givennames.json";
import { isCyrillic, readWord, remembered, stem } from "./names";

const MASCULINE = ["ович", "евич", "ич"];
const FEMININE = ["овна", "евна", "ивна", "инична", "ична"];

type Ids = ReadonlySet<string>;
const NONE: Ids = new Set();

interface Entry {
  readonly id: string;
  readonly sex: string;
  readonly names: readonly string[];
  readonly familiar?: readonly string[];
  readonly patronymics?: readonly string[];
}

/** Which of the known given names a word is: as documents have it, or as a family calls somebody. */
export interface Given {
  readonly full: Ids;
  readonly other: Ids;
}

/** Whose child somebody is, by a patronymic or by the father's own name. */
export interface Father {
  readonly known: Ids;
  /** What a patronymic is made of, as readings; compared where the name is not known. */
  readonly bases: Ids;
  /** Whether it is a daughter's patronymic; undefined if a father's own name was given. */
  readonly isFeminine: boolean | undefined;
}

const ENTRIES: readonly Entry[] = table.given;
const FATHERS = ENTRIES.filter((entry) => entry.sex === "m").map((entry) => ({
  id: entry.id,
  readings: readingsOf(patronymics(entry)),
}));
const GIVEN = ENTRIES.map((entry) => ({ id: entry.id, readings: readingsOf(entry.names) }));

const full = by(GIVEN);
const stems = by(GIVEN.map(({ id, readings }) => ({ id, readings: new Set([...readings].map(stem)) })));
const familiar = by(ENTRIES.map((entry) => ({ id: entry.id, readings: readingsOf(entry.familiar ?? []) })));
const patronymicTable = by(FATHERS);
const patronymicStems = by(FATHERS.map(({ id, readings }) => ({ id, readings: new Set([...readings].map(stem)) })));
const fatherReadings = new Map(FATHERS.map(({ id, readings }) => [id, readings]));
const givenReadings = new Map(GIVEN.map(({ id, readings }) => [id, readings]));

/** Look a given name up, in any of its languages and spellings. */
export const readGiven = remembered((word): Given => {
  const name = readWord(word);
  const found = among(full, name.readings);
  if (found.size > 0) return { full: found, other: among(familiar, name.readings) };
  return { full: NONE, other: new Set([...among(familiar, name.readings), ...among(stems, name.stems)]) };
});

/** Read a patronymic, or a father's name: which of the two it is, shows. */
export const readFather = remembered((word): Father => {
  const name = readWord(word);
  const exact = among(patronymicTable, name.readings);
  const known = exact.size > 0 ? exact : among(patronymicStems, name.stems);
  const ends = [...name.readings, ...[...name.stems].sort()].map((reading) => [reading, suffixOf(reading)] as const);
  const made = ends.filter(([, suffix]) => suffix !== "");
  const bases = new Set(made.map(([reading, suffix]) => stem(reading.slice(0, reading.length - suffix.length))));
  if (known.size > 0 || bases.size > 0)
    return { known, bases, isFeminine: made.some(([, suffix]) => FEMININE.includes(suffix)) };
  const given = readGiven(word);
  return {
    known: given.full.size > 0 ? given.full : given.other,
    bases: new Set(name.readings.map(stem)),
    isFeminine: undefined,
  };
});

/** The readings of every patronymic that is made of these fathers' names. */
export function patronymicsOf(known: Ids): Set<string> {
  return new Set([...known].flatMap((id) => [...(fatherReadings.get(id) ?? NONE)]));
}

/** The readings of these given names in every language. */
export function givensOf(known: Ids): Set<string> {
  return new Set([...known].flatMap((id) => [...(givenReadings.get(id) ?? NONE)]));
}

/** Whether a word is the patronymic of a known name; a surname such as «Калинович» is not. */
export function isPatronymic(word: string): boolean {
  const name = readWord(word);
  return among(patronymicTable, name.readings).size > 0 || among(patronymicStems, name.stems).size > 0;
}

/** Whether a word is a known given name in full. */
export function isGiven(word: string): boolean {
  return readGiven(word).full.size > 0;
}

function by(pairs: readonly { readonly id: string; readonly readings: Iterable<string> }[]): Map<string, Set<string>> {
  const found = new Map<string, Set<string>>();
  for (const { id, readings } of pairs) {
    for (const reading of readings) found.set(reading, (found.get(reading) ?? new Set()).add(id));
  }
  return found;
}

function among(known: ReadonlyMap<string, Ids>, keys: Iterable<string>): Set<string> {
  return new Set([...keys].flatMap((key) => [...(known.get(key) ?? NONE)]));
}

function readingsOf(written: readonly string[]): Set<string> {
  return new Set(written.flatMap((word) => readWord(word).readings));
}

/** The patronymics that are made of a name by rule, beside those of which the table knows better. */
function patronymics(entry: Entry): string[] {
  const made = entry.names.filter(isCyrillic).flatMap((name) => madeOf(name.toLowerCase()));
  return [...new Set([...made, ...(entry.patronymics ?? [])])].sort();
}

function madeOf(name: string): string[] {
  const [body, last] = [name.slice(0, -1), name.at(-1)!];
  if (last === "й") {
    const made = [`${name}ович`, `${body}євич`, `${body}евич`, `${body}ївна`, `${body}евна`];
    return name.endsWith("ий") ? [...made, `${name.slice(0, -2)}ьевич`, `${name.slice(0, -2)}ьевна`] : made;
  }
  if (last === "а" || last === "о") return ["ович", "ич", "івна", "овна", "ична"].map((end) => body + end);
  if (last === "ь") return [`${name}ович`, ...["ович", "евич", "івна", "евна"].map((end) => body + end)];
  if ("еєяії".includes(last)) return [];
  return ["ович", "івна", "овна", "евич", "евна"].map((end) => name + end);
}

function suffixOf(reading: string): string {
  return [...MASCULINE, ...FEMININE].find((end) => reading.endsWith(end) && reading.length > end.length + 1) ?? "";
}
