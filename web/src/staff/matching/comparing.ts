/**
 * Compare one field of what a relative wrote with the same field of the register. Both sides are read once and compared
 * many times. As relay/client/comparing.py.
 */

import type { Particulars } from "../review/particulars";
import type { Person } from "../review/register";
import { type Agreement, best, rankOf, worst } from "./agreement";
import { type Birth, type Born, readBirth, readBorn } from "./birthdates";
import {
  type Father,
  type Given,
  givensOf,
  isGiven,
  isPatronymic,
  patronymicsOf,
  readFather,
  readGiven,
} from "./givennames";
import { consonants, distance, type Name, readWord, remembered, sound, wordsIn } from "./names";

const ONE_SLIP_LETTERS = 4;
const TWO_SLIPS_LETTERS = 8;
const LEAST_CONSONANTS = 3;
const LEAST_SERVICE_DIGITS = 5;
const LEAST_PLACE_LETTERS = 3;
const W = "[\\p{L}\\p{N}_]";
/** What separates a surname from the one before marriage. */
const OTHERWISE = new RegExp(
  `[(),;/\\\\]|(?<!${W})(?:або|чи|или|or|née|nee|урожд${W}*|урождж${W}*|дівоч${W}*|девич${W}*|до шлюбу|раніше|ранее|formerly|born)(?!${W})`,
  "iu",
);
const KINDS_OF_PLACES = new Set(
  (
    "село селі деревня деревне місто місті город городе смт селище поселок посёлок хутор область області район town " +
    "village city near"
  ).split(" "),
);
/** Cyrillic letters in a service number that look like Latin ones. */
const SERVICE_LETTERS = new Map([..."АВСЕІКМНОРТХУ"].map((letter, at) => [letter, "ABCEIKMHOPTXY"[at]!]));

/** One word as it was written; as a given name and as a father's it is looked up only when that is asked. */
export interface Word {
  readonly text: string;
  readonly name: Name;
}

/** Names, taken for comparison: each way in which one stands there, as its words. */
export interface Names {
  readonly surnames: readonly (readonly Word[])[];
  readonly givens: readonly (readonly Word[])[];
  /** The patronymic and the father's own name, whichever are known. */
  readonly fathers: readonly Word[];
}

/** What is compared: of a relative's particulars, or of a person in the register. */
export interface Reading {
  readonly names: Names;
  readonly mothers: readonly (readonly Word[])[];
  readonly birthPlaces: readonly Word[];
  readonly serviceNumber: string;
  readonly birth?: Birth | undefined;
  readonly born?: Born | undefined;
}

/** Which of the known given names a word is. */
export function givenOf(word: Word): Given {
  return readGiven(word.text);
}

/** Whose child a word says somebody is. */
export function fatherOf(word: Word): Father {
  return readFather(word.text);
}

/** Take a relative's words for comparison; names that stand in the wrong field are moved to the right one. */
export function readParticulars(particulars: Particulars): Reading {
  const tidy = tidied(particulars);
  return {
    names: {
      surnames: variants(tidy.surname),
      givens: variants(tidy.given),
      fathers: read(tidy.patronymic).slice(0, 1),
    },
    mothers: variants(tidy.mother_maiden_name),
    birthPlaces: readPlace(tidy.birth_place),
    serviceNumber: readServiceNumber(tidy.service_number),
    birth: readBirth(tidy.birth_date ?? ""),
  };
}

/** Take the names of a person of the register: enough to find the person by, and quickly done. */
export function readNames(person: Person): Names {
  return {
    surnames: forms(person.surname_cyr, person.surname_lat),
    givens: forms(person.given_cyr, person.given_lat),
    fathers: [...read(person.patronymic_cyr).slice(0, 1), ...read(person.father_name).slice(0, 1)],
  };
}

/** Take a person of the register for comparison in full. */
export function readPerson(person: Person): Reading {
  return {
    names: readNames(person),
    mothers: forms(person.mother_maiden_name),
    birthPlaces: readPlace(person.birth_place),
    serviceNumber: readServiceNumber(person.service_number),
    born: readBorn(person.birth_date),
  };
}

/** Compare surnames, or mothers' maiden names: every way in which either stands there, and the best counts. */
export function compareSurnames(said: Names["surnames"], listed: Names["surnames"]): Agreement {
  return best(said.flatMap((one) => listed.map((other) => compareAll(one, other, compareWords))));
}

/** Compare given names, across languages and with the short forms of a family. */
export function compareGivens(said: Names["givens"], listed: Names["givens"]): Agreement {
  return best(said.flatMap((one) => listed.map((other) => compareAll(one, other, compareGiven))));
}

/** Compare patronymics and fathers' own names with each other. */
export function compareFathers(said: readonly Word[], listed: readonly Word[]): Agreement {
  return best(said.flatMap((one) => listed.map((other) => compareFather(one, other))));
}

/** Compare birth places: one word in common is enough, since relatives add regions and leave out districts. */
export function comparePlaces(said: readonly Word[], listed: readonly Word[]): Agreement {
  return best(said.flatMap((one) => listed.map((other) => compareWords(one, other))));
}

/** Compare service numbers, of which relatives often know the digits only. */
export function compareServiceNumbers(said: string, listed: string): Agreement {
  if (!said || !listed) return "missing";
  if (said === listed) return "same";
  const [its, others] = [digitsOf(said), digitsOf(listed)];
  if (its === others && its.length >= LEAST_SERVICE_DIGITS) return "close";
  return distance(said, listed, 1) === 1 ? "close" : "different";
}

/** The digits of a service number. */
export function digitsOf(serviceNumber: string): string {
  return serviceNumber.replace(/\P{Nd}/gu, "");
}

const wordOf = remembered((text): Word => ({ text, name: readWord(text) }));

function read(text = ""): Word[] {
  return wordsIn(text).map(wordOf);
}

function forms(...texts: readonly (string | undefined)[]): Word[][] {
  return texts.map((text) => read(text)).filter((form) => form.length > 0);
}

function variants(text = ""): Word[][] {
  return forms(...text.split(OTHERWISE));
}

function readServiceNumber(text = ""): string {
  const kept = text.toUpperCase().match(/[\p{L}\p{N}]/gu) ?? [];
  return kept.map((letter) => SERVICE_LETTERS.get(letter) ?? letter).join("");
}

function readPlace(text = ""): Word[] {
  const telling = wordsIn(text).filter((word) => word.length >= LEAST_PLACE_LETTERS);
  return telling.filter((word) => !KINDS_OF_PLACES.has(word.toLowerCase())).map(wordOf);
}

/** Share the words out again if a whole name stands in one field, or a patronymic beside the given name. */
function tidied(particulars: Particulars): Particulars {
  if (OTHERWISE.test(particulars.surname ?? "") && particulars.given) return particulars;
  const [surname, given] = [wordsIn(particulars.surname ?? ""), wordsIn(particulars.given ?? "")];
  const isCrowded = (surname.length > 1 && given.length === 0) || (surname.length === 0 && given.length > 1);
  const isMisplaced = !particulars.patronymic && given.some(isPatronymic);
  return isCrowded || isMisplaced ? sharedOut(particulars, [...surname, ...given]) : particulars;
}

/** Find the father, then the given name, among words whose order people mostly keep: surname, given name, father. */
function sharedOut(particulars: Particulars, rest: string[]): Particulars {
  let father = rest.slice(1).reverse().find(isPatronymic) ?? "";
  if (!father && rest.length > 2 && isGiven(rest.at(-1)!) && isGiven(rest.at(-2)!)) father = rest.at(-1)!;
  if (father) rest.splice(rest.indexOf(father), 1);
  const given = [...rest].reverse().find(isGiven) ?? rest[1] ?? "";
  if (given) rest.splice(rest.indexOf(given), 1);
  return { ...particulars, surname: rest.join("-"), given, patronymic: particulars.patronymic || father };
}

function compareAll(
  one: readonly Word[],
  other: readonly Word[],
  compare: (one: Word, other: Word) => Agreement,
): Agreement {
  if (one.length === other.length) return worst(one.map((word, at) => compare(word, other[at]!)));
  const part = best(one.flatMap((its) => other.map((others) => compare(its, others))));
  return rankOf(part) <= rankOf("close") ? "part" : "different";
}

function compareWords(one: Word, other: Word): Agreement {
  return compareNames(one.name, other.name);
}

const compared = new WeakMap<Name, WeakMap<Name, Agreement>>();

function compareNames(one: Name, other: Name): Agreement {
  const known = compared.get(one) ?? new WeakMap<Name, Agreement>();
  compared.set(one, known);
  const found = known.get(other) ?? comparedNames(one, other);
  known.set(other, found);
  return found;
}

function comparedNames(one: Name, other: Name): Agreement {
  if (share(one.readings, other.readings)) return "same";
  if (Math.min(one.readings[0]!.length, other.readings[0]!.length) <= 1) return initialOf(one, other);
  if (share(one.stems, other.stems)) return "form";
  if (share(one.sounds, other.sounds)) return "sounds";
  return compareManySounds(one.sounds, other.sounds);
}

function initialOf(one: Name, other: Name): Agreement {
  const initials = (name: Name) => name.readings.map((reading) => reading.slice(0, 1));
  return share(initials(one), initials(other)) ? "initial" : "different";
}

function compareManySounds(some: Iterable<string>, others: Iterable<string>): Agreement {
  const list = [...others];
  return best([...some].flatMap((one) => list.map((other) => compareSounds(one, other))));
}

function compareSounds(one: string, other: string): Agreement {
  const letters = Math.min(one.length, other.length);
  const allowed = Number(letters >= ONE_SLIP_LETTERS) + Number(letters >= TWO_SLIPS_LETTERS);
  const slips = distance(one, other, allowed);
  if (slips <= allowed) return slips <= 1 ? "close" : "like";
  const bones = consonants(one);
  return bones.length >= LEAST_CONSONANTS && bones === consonants(other) ? "like" : "different";
}

function compareGiven(one: Word, other: Word): Agreement {
  const [its, others] = [givenOf(one), givenOf(other)];
  if (share(its.full, others.full)) return "same";
  const alike = compareNames(one.name, other.name);
  if (alike === "same" || alike === "form") return alike;
  const known = [its, others].map(({ full, other: familiar }) => new Set([...full, ...familiar])) as [
    Set<string>,
    Set<string>,
  ];
  if (share(...known)) return "form";
  // Two names that are both known are two names, however alike they sound: Олег is not Олесь.
  if (known[0].size > 0 && known[1].size > 0) return "different";
  if (isMadeLonger(one.name, other.name)) return "form";
  return best([alike, compareManySounds(asGivens(one), asGivens(other))]);
}

/** How a given name can sound: as it stands, and in the other languages. */
function asGivens(word: Word): Set<string> {
  return new Set([...word.name.sounds, ...[...givensOf(givenOf(word).full)].map(sound)]);
}

/** Whether one is the other with a little added, as a family does: «Мирончик». */
function isMadeLonger(one: Name, other: Name): boolean {
  const [short, long] = [one.readings[0]!, other.readings[0]!].sort((its, others) => its.length - others.length) as [
    string,
    string,
  ];
  return short.length > ONE_SLIP_LETTERS && long.startsWith(short);
}

function compareFather(one: Word, other: Word): Agreement {
  const [its, others] = [fatherOf(one), fatherOf(other)];
  if (share(its.known, others.known) || share(its.bases, others.bases))
    return isSameChild(its, others) ? "same" : "form";
  if (Math.min(one.name.readings[0]!.length, other.name.readings[0]!.length) <= 1)
    return initialOf(one.name, other.name);
  if (its.known.size > 0 && others.known.size > 0) return "different";
  return best([compareNames(one.name, other.name), compareManySounds(asFathers(one), asFathers(other))]);
}

/** How a patronymic can sound: as it stands, and as others make it of the same father's name. */
function asFathers(word: Word): Set<string> {
  return new Set([...word.name.sounds, ...[...patronymicsOf(fatherOf(word).known)].map(sound)]);
}

/** Whether it can be one child: «Петрович» and «Петрівна» are brother and sister. */
function isSameChild(one: Father, other: Father): boolean {
  return one.isFeminine === undefined || other.isFeminine === undefined || one.isFeminine === other.isFeminine;
}

function share(some: Iterable<string>, others: Iterable<string>): boolean {
  const known = others instanceof Set ? others : new Set(others);
  for (const one of some) if (known.has(one)) return true;
  return false;
}
