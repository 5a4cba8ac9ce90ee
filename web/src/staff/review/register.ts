/** The register: who is held where, on pages that only the review desk opens and only registrars sign. */

import { encodeJson, isRecord, parseJson } from "../../core/canonical";
import { Problem } from "../../core/problems";
import { isId } from "../answers";

export type Status = "unconfirmed" | "confirmed" | "transferred" | "released" | "closed";
export const STATUSES = ["unconfirmed", "confirmed", "transferred", "released", "closed"] as const;
const RECORD_KEYS = ["number", "status", "place", "side", "person"] as const;
/** What the register may say of somebody, in the order in which a page writes it (GC III art. 17 and 122). */
export const PERSON_KEYS = [
  "surname_cyr",
  "given_cyr",
  "patronymic_cyr",
  "surname_lat",
  "given_lat",
  "father_name",
  "mother_maiden_name",
  "birth_date",
  "birth_place",
  "rank",
  "service_number",
  "next_of_kin",
  "correspondence_address",
] as const;

export type Person = Readonly<Partial<Record<(typeof PERSON_KEYS)[number], string>>>;

/** One of the held. */
export interface HeldRecord {
  readonly number: string;
  readonly status: Status;
  readonly place?: string | undefined;
  readonly side?: string | undefined;
  readonly person: Person;
}

/** Everybody whom the pages name; a later page says it anew for those that it names. */
export class Register {
  constructor(readonly records: ReadonlyMap<string, HeldRecord>) {}

  /** Find one of the held; throws Problem "number_unknown". */
  find(number: string): HeldRecord {
    const found = this.records.get(number);
    if (found === undefined) throw new Problem("number_unknown");
    return found;
  }

  /** Where a letter to this number goes: a facility's id; throws Problem "number_unknown" or "no_place". */
  placeOf(number: string): string {
    const { place, status } = this.find(number);
    if (place === undefined || (status !== "confirmed" && status !== "transferred")) throw new Problem("no_place");
    return place;
  }
}

/** The name for reading: Cyrillic, and Latin beside it where the register has both. */
export function namesOf(person: Person): string {
  const cyrillic = joined(person.surname_cyr, person.given_cyr, person.patronymic_cyr);
  const latin = joined(person.given_lat, person.surname_lat);
  return [...new Set([cyrillic, latin])].filter(Boolean).join(" / ");
}

/** Put pages together, the oldest version first: or the relay could let an older page have the last word. */
export function registerOf(pages: readonly { version: number; records: readonly HeldRecord[] }[]): Register {
  const inOrder = [...pages].sort((one, other) => one.version - other.version);
  return new Register(new Map(inOrder.flatMap((page) => page.records.map((record) => [record.number, record]))));
}

/** Read a page; throws Problem "register_malformed" or "not_canonical". */
export function parsePage(text: string): HeldRecord[] {
  const fields = parseJson(text, "register page");
  if (fields.v !== 1 || !Array.isArray(fields.records)) throw new Problem("register_malformed");
  const records: HeldRecord[] = fields.records.map(parseRecord);
  if (encodePage(records) !== text) throw new Problem("register_malformed");
  return records;
}

/** Write a page as the content of its sealed document. */
export function encodePage(records: readonly HeldRecord[]): string {
  return encodeJson({ v: 1, records: records.map(plainRecord) });
}

function parseRecord(plain: unknown): HeldRecord {
  if (!isRecord(plain)) throw new Problem("register_malformed");
  const { number, status, place, side, person } = plain;
  if (typeof number !== "string" || !/^[0-9]{12}$/.test(number)) throw new Problem("register_malformed");
  if (typeof status !== "string" || !isStatus(status)) throw new Problem("register_malformed");
  if (place !== undefined && !isId(place)) throw new Problem("register_malformed");
  if (side !== undefined && typeof side !== "string") throw new Problem("register_malformed");
  return { number, status, place, side, person: parsePerson(person ?? {}) };
}

function isStatus(text: string): text is Status {
  return STATUSES.some((status) => status === text);
}

function parsePerson(plain: unknown): Person {
  const known: readonly string[] = PERSON_KEYS;
  const isPerson =
    isRecord(plain) &&
    Object.entries(plain).every(([key, text]) => known.includes(key) && typeof text === "string" && text);
  if (!isPerson) throw new Problem("register_malformed");
  return plain as Person;
}

function plainRecord(record: HeldRecord): Record<string, unknown> {
  const person = Object.fromEntries(PERSON_KEYS.map((key) => [key, record.person[key]]));
  const plain = { ...record, person: Object.keys(record.person).length > 0 ? person : undefined };
  return Object.fromEntries(RECORD_KEYS.map((key) => [key, plain[key]]));
}

function joined(...words: readonly (string | undefined)[]): string {
  return words.filter(Boolean).join(" ");
}
