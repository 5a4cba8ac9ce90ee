/**
 * Find whom a relative means: rank the opened register by how well it agrees with the particulars of a letter without a
 * number. It runs here, never on the relay; the order is a help, and a reviewer decides. As relay/client/matching.py.
 */

import type { Particulars } from "../review/particulars";
import type { HeldRecord } from "../review/register";
import type { Agreement, Field, Reason } from "./agreement";
import { type Birth, compareBirth, yearsOf } from "./birthdates";
import {
  compareFathers,
  compareGivens,
  comparePlaces,
  compareServiceNumbers,
  compareSurnames,
  digitsOf,
  fatherOf,
  givenOf,
  type Names,
  type Reading,
  readNames,
  readParticulars,
  readPerson,
  type Word,
} from "./comparing";
import { consonants, sound } from "./names";

/** What each agreement is worth; a pair that is absent is worth nothing. */
const WEIGHTS: Readonly<Record<Field, Partial<Record<Agreement, number>>>> = {
  surname: { same: 30, form: 26, sounds: 24, close: 20, like: 12, part: 16, initial: 3, different: -25 },
  given: { same: 14, form: 11, sounds: 10, close: 8, like: 4, part: 9, initial: 4, different: -24 },
  father: { same: 22, form: 12, sounds: 14, close: 14, like: 6, initial: 6, different: -24 },
  birth_date: { same: 42, turned: 32, near: 30, part: 20, year: 10, around: 2, different: -22 },
  service_number: { same: 45, close: 28, different: -15 },
  mother_maiden_name: { same: 16, form: 14, sounds: 12, close: 10, like: 5, part: 8, different: -8 },
  birth_place: { same: 8, form: 7, sounds: 6, close: 5, like: 2, different: -2 },
};
/** Names in each other's places are a mistake that is made; less often than none is made. */
const SWAPPED = -6;
/** Below this nobody is listed. */
const LEAST_SCORE = 15;

/** Somebody who may be meant, and why. */
export interface Match {
  readonly record: HeldRecord;
  readonly score: number;
  /** Whether surname and given name were compared in each other's places. */
  readonly isSwapped: boolean;
  readonly reasons: readonly Reason[];
}

/** A register made ready: who can be meant is looked up by keys, so that only few are compared in full. */
export class MatchIndex {
  readonly #records: readonly HeldRecord[];
  readonly #readings = new Map<number, Reading>();
  readonly #blocks = new Map<string, number[]>();

  constructor(records: Iterable<HeldRecord>) {
    this.#records = [...records];
    for (const [at, record] of this.#records.entries()) {
      for (const key of keysOfPerson(record)) {
        const block = this.#blocks.get(key);
        if (block === undefined) this.#blocks.set(key, [at]);
        else block.push(at);
      }
    }
  }

  /** List who can be meant, the likeliest first; nobody whom a reviewer need not look at. */
  rank(particulars: Particulars, limit = 5): Match[] {
    const said = readParticulars(particulars);
    const found = new Set([...keysOfParticulars(said)].flatMap((key) => this.#blocks.get(key) ?? []));
    const scored = [...found].map((at) => ({ record: this.#records[at]!, ...score(said, this.#reading(at)) }));
    scored.sort((one, other) => other.score - one.score || (one.record.number < other.record.number ? -1 : 1));
    return scored.slice(0, limit).filter((match) => match.score >= LEAST_SCORE);
  }

  #reading(at: number): Reading {
    const found = this.#readings.get(at) ?? readPerson(this.#records[at]!.person);
    this.#readings.set(at, found);
    return found;
  }
}

/** Compare a person in full: names in their places, and in each other's if they agree better there. */
function score(said: Reading, listed: Reading): Omit<Match, "record"> {
  const others = reasonsButNames(said, listed);
  const straight = reasonsOfNames(said.names.surnames, said.names.givens, listed.names);
  if (said.names.surnames.length > 0 && said.names.givens.length > 0 && worth(straight) < 0) {
    const swapped = reasonsOfNames(said.names.givens, said.names.surnames, listed.names);
    if (worth(swapped) + SWAPPED > worth(straight)) {
      return { score: worth([...swapped, ...others]) + SWAPPED, isSwapped: true, reasons: [...swapped, ...others] };
    }
  }
  return { score: worth([...straight, ...others]), isSwapped: false, reasons: [...straight, ...others] };
}

function reasonsOfNames(surnames: Names["surnames"], givens: Names["givens"], listed: Names): Reason[] {
  return [
    { field: "surname", agreement: compareSurnames(surnames, listed.surnames) },
    { field: "given", agreement: compareGivens(givens, listed.givens) },
  ];
}

function reasonsButNames(said: Reading, listed: Reading): Reason[] {
  return [
    { field: "father", agreement: compareFathers(said.names.fathers, listed.names.fathers) },
    { field: "birth_date", agreement: compareBirth(said.birth, listed.born) },
    { field: "service_number", agreement: compareServiceNumbers(said.serviceNumber, listed.serviceNumber) },
    { field: "mother_maiden_name", agreement: compareSurnames(said.mothers, listed.mothers) },
    { field: "birth_place", agreement: comparePlaces(said.birthPlaces, listed.birthPlaces) },
  ];
}

function worth(reasons: readonly Reason[]): number {
  return reasons.reduce((sum, { field, agreement }) => sum + (WEIGHTS[field][agreement] ?? 0), 0);
}

function* keysOfPerson({ person }: HeldRecord): Generator<string> {
  const names = readNames(person);
  const givens = givenKeys(names.givens);
  yield* new Set(nameKeys(names.surnames));
  for (const given of givens)
    for (const father of fatherKeys(names.fathers)) yield `given and father|${given}|${father}`;
  const [year, month, day] = (person.birth_date ?? "").split("-").map(Number);
  if (year && month && day) {
    yield `born|${year}|${month}|${day}`;
    for (const given of givens) yield `given and year|${given}|${year}`;
  }
  const number = digitsOf(person.service_number ?? "");
  if (number) yield `service number|${number}`;
}

function* keysOfParticulars(said: Reading): Generator<string> {
  const { names, birth } = said;
  const givens = givenKeys([...names.givens, ...names.surnames]);
  yield* nameKeys([...names.surnames, ...names.givens]);
  yield* dateKeys(birth);
  for (const given of givens)
    for (const father of fatherKeys(names.fathers)) yield `given and father|${given}|${father}`;
  if (birth !== undefined)
    for (const given of givens) for (const year of yearsOf(birth)) yield `given and year|${given}|${year}`;
  const number = digitsOf(said.serviceNumber);
  if (number) yield `service number|${number}`;
}

/** Name the date, a year more or less, and the date with day and month in each other's places. */
function* dateKeys(birth: Birth | undefined): Generator<string> {
  if (birth?.month === undefined || birth.day === undefined) return;
  for (const year of yearsOf(birth)) {
    for (const off of [-1, 0, 1]) yield `born|${year + off}|${birth.month}|${birth.day}`;
    yield `born|${year}|${birth.day}|${birth.month}`;
  }
}

/** Name the consonants of each word, whole and with any one of them left out: a slip then still finds the block. */
function* nameKeys(names: readonly (readonly Word[])[]): Generator<string> {
  for (const word of new Set(names.flat())) {
    for (const bones of new Set([...word.name.sounds].map(consonants))) {
      yield `name|${bones}`;
      for (let at = 0; at < bones.length; at++) yield `name|${bones.slice(0, at)}${bones.slice(at + 1)}`;
    }
  }
}

function givenKeys(givens: readonly (readonly Word[])[]): Set<string> {
  const every = new Set(givens.flat());
  const keys = new Set<string>();
  for (const word of every) {
    const { full, other } = givenOf(word);
    for (const key of [...full, ...other]) keys.add(key);
    if (full.size === 0) keys.add(soundKey(word));
  }
  return keys;
}

function fatherKeys(fathers: readonly Word[]): Set<string> {
  return new Set(
    fathers.flatMap((word) => {
      const { known, bases } = fatherOf(word);
      return [...(known.size > 0 ? known : bases)];
    }),
  );
}

/** The sound of a word's likeliest reading: what records are grouped by. */
function soundKey(word: Word): string {
  const [first] = word.name.readings;
  return first === undefined ? "" : sound(first);
}
