/**
 * What stands inside a sealed file: a manifest, signed by the family or by a member of staff.
 *
 *     letter    {"v","by","lang","text","reply_to","address","note","excised","enclosures"}
 *     document  {"v","by","text"} or {"v","by","base64"}
 *
 * Characters are Unicode code points here, not UTF-16 units: an excision counts as Python and a reader do.
 */

import { type Bytes, b64, equal, fromUtf8, unb64, utf8 } from "./bytes";
import { encodeJson, isRecord, parseJson } from "./canonical";
import { MAX_ENCLOSURES } from "./firstlines";
import { isDigest, isId, isInteger } from "./ids";
import { Problem } from "./problems";

export const MAX_TEXT_CHARACTERS = 8_000;
export const MAX_NOTE_CHARACTERS = 2_000;
export const MAX_NAME_CHARACTERS = 100;
export const MAX_ENCLOSURE_BYTES = 4 * 1024 * 1024;
/** FULL BLOCK, one for each character that was taken out. */
export const BLOCK = "\u2588";

const MANIFEST_VERSION = 1;
const TYPES: readonly unknown[] = ["image/jpeg", "image/png", "image/webp"] satisfies EnclosureType[];
/** Controls, and halves of surrogate pairs, which UTF-8 cannot write; a text may have the first two. */
const UNPRINTABLE = /(?![\n\t])[\p{Cc}\p{Cs}]/u;
const NOT_IN_NAME = /[\p{Cc}\p{Cs}/\\]/u;
const LANGUAGE = /^(?=.{2,35}$)[a-z]{2,3}(?:-[A-Za-z0-9]{1,8})*$/;
const RECIPIENT = /^age1pq1[02-9ac-hj-np-z]{1952}$/;
const REASON = /^[A-Z][A-Z0-9_]{0,39}$/;

/** What an enclosure may be: every image is re-encoded by the client that encloses it. */
export type EnclosureType = "image/jpeg" | "image/png" | "image/webp";

/** Who claims to have signed: a family by its Ed25519 key (hex), or a member of staff by id. */
export type Author = { readonly family: string } | { readonly staff: string };

/** Characters that a reviewer took out, from `start` up to but not including `end`, counted in code points from 0. */
export interface Excision {
  readonly start: number;
  readonly end: number;
  /** A code in capitals, such as `MIL`. */
  readonly reason: string;
}

/** What opens one enclosure. */
export interface EnclosureEntry {
  readonly name: string;
  readonly type: EnclosureType;
  /** Its size before padding. */
  readonly bytes: number;
  /** 32 bytes in hex, from which its one-time key is made; null if a reviewer left the enclosure out. */
  readonly seed: string | null;
}

/** A letter as its reader shall see it. */
export interface Manifest {
  readonly by: Author;
  /** BCP 47; `und` if unknown. */
  readonly lang: string;
  readonly text: string;
  /** The family's recipient, `age1pq1…`, for the answer. */
  readonly reply_to?: string | undefined;
  /** What helps to find somebody, in the writer's words. */
  readonly address?: string | undefined;
  /** From the sealer to the next reader, no part of the letter. */
  readonly note?: string | undefined;
  /** In order, without overlap. */
  readonly excised?: readonly Excision[] | undefined;
  /** In the order of the first line's digests. */
  readonly enclosures?: readonly EnclosureEntry[] | undefined;
}

/** Any other signed content: JSON, text or an image. */
export interface DocumentManifest {
  readonly by: Author;
  readonly content: Uint8Array;
}

/** Count characters as every limit here does. */
export function countCharacters(text: string): number {
  let count = 0;
  for (const _ of text) count++;
  return count;
}

/**
 * Replace each character of the ranges by one block, so that all others keep their place.
 *
 * Throws Problem "manifest" if ranges overlap, are out of order, or reach beyond the text.
 */
export function excise(text: string, excisions: readonly Excision[]): string {
  const characters = [...text];
  for (const { start, end } of excisions) {
    check(start < end && end <= characters.length, "excised");
    characters.fill(BLOCK, start, end);
  }
  check(isBlocked(characters, excisions), "excised");
  return characters.join("");
}

/** Write a letter's manifest; throws Problem "manifest" or "text_too_long". */
export function encodeManifest(manifest: Manifest): Bytes {
  checkManifest(manifest);
  const { by, lang, text, reply_to, address, note, excised, enclosures } = manifest;
  const cuts = excised?.map(({ start, end, reason }) => ({ start, end, reason }));
  const entries = enclosures?.map(({ name, type, bytes, seed }) => ({ name, type, bytes, seed }));
  const listed = { excised: cuts?.length ? cuts : undefined, enclosures: entries?.length ? entries : undefined };
  return utf8(encodeJson({ v: MANIFEST_VERSION, by: author(by), lang, text, reply_to, address, note, ...listed }));
}

/**
 * Read a letter's manifest.
 *
 * Throws Problem "not_canonical": not JSON, or not written the one way. "manifest": not UTF-8; a key that is missing,
 * unknown, out of order or not what it may be. "text_too_long": more than 8,000 characters.
 */
export function parseManifest(data: Uint8Array): Manifest {
  const { v: _, ...manifest } = readFields(data);
  requireSame(encodeManifest(manifest as unknown as Manifest), data);
  return manifest as unknown as Manifest;
}

/** Write a document's manifest: its content as a string if it is UTF-8, otherwise as base64. */
export function encodeDocument({ by, content }: DocumentManifest): Bytes {
  const text = textOf(content);
  const inside = text === undefined ? { base64: b64(content) } : { text };
  return utf8(encodeJson({ v: MANIFEST_VERSION, by: author(by), ...inside }));
}

/** Read a document's manifest; throws Problem "not_canonical" or "manifest". */
export function parseDocument(data: Uint8Array): DocumentManifest {
  const { by, text, base64 } = readFields(data);
  const key = text === undefined ? "base64" : "text";
  const inside = text ?? base64;
  check(typeof inside === "string", key);
  const manifest = { by: by as Author, content: key === "text" ? utf8(inside) : readBase64(inside) };
  requireSame(encodeDocument(manifest), data);
  return manifest;
}

// ---------------------------------------------------------------- checks; what is parsed has any type until they pass

function checkManifest(manifest: Manifest): void {
  const { lang, text, reply_to, address, note, excised = [], enclosures = [] } = manifest;
  check(typeof text === "string", "text");
  if (countCharacters(text) > MAX_TEXT_CHARACTERS) throw new Problem("text_too_long");
  check(matches(lang, LANGUAGE), "lang");
  check(!UNPRINTABLE.test(text), "text");
  check(reply_to === undefined || matches(reply_to, RECIPIENT), "reply_to");
  check(address === undefined || isNote(address), "address");
  check(note === undefined || isNote(note), "note");
  check(isListOf(excised, isExcision) && isBlocked([...text], excised), "excised");
  check(isListOf(enclosures, isEntry) && enclosures.length <= MAX_ENCLOSURES, "enclosures");
}

function isNote(value: unknown): boolean {
  if (typeof value !== "string" || UNPRINTABLE.test(value)) return false;
  return value !== "" && countCharacters(value) <= MAX_NOTE_CHARACTERS;
}

function isExcision({ start, end, reason }: Record<string, unknown>): boolean {
  return isInteger(start) && isInteger(end) && start < end && matches(reason, REASON);
}

function isEntry({ name, type, bytes, seed }: Record<string, unknown>): boolean {
  if (typeof name !== "string" || name === "" || NOT_IN_NAME.test(name)) return false;
  if (countCharacters(name) > MAX_NAME_CHARACTERS || !TYPES.includes(type)) return false;
  return isInteger(bytes, 1) && bytes <= MAX_ENCLOSURE_BYTES && (seed === null || isDigest(seed));
}

/** Say whether the ranges follow each other and hold nothing but blocks. */
function isBlocked(characters: readonly string[], excisions: readonly Excision[]): boolean {
  let at = 0;
  for (const { start, end } of excisions) {
    if (start < at || end > characters.length) return false;
    if (!characters.slice(start, end).every((character) => character === BLOCK)) return false;
    at = end;
  }
  return true;
}

function author(by: unknown): Author {
  const { family, staff } = isRecord(by) ? by : {};
  if (family !== undefined) {
    check(isDigest(family), "by");
    return { family };
  }
  check(isId(staff), "by");
  return { staff };
}

function readFields(data: Uint8Array): Record<string, unknown> {
  let text: string;
  try {
    text = fromUtf8(data);
  } catch {
    throw new Problem("manifest", "the manifest is not UTF-8");
  }
  const fields = parseJson(text, "manifest");
  check(fields.v === MANIFEST_VERSION, "v");
  return fields;
}

function textOf(content: Uint8Array): string | undefined {
  try {
    return fromUtf8(content);
  } catch {
    return undefined;
  }
}

function readBase64(text: string): Bytes {
  try {
    return unb64(text);
  } catch {
    throw new Problem("manifest", "the manifest's `base64` is not canonical");
  }
}

function requireSame(encoded: Uint8Array, data: Uint8Array): void {
  if (equal(encoded, data)) return;
  throw new Problem("manifest", "the manifest has its keys in another order, or some that it may not have");
}

function isListOf(values: unknown, isOne: (value: Record<string, unknown>) => boolean): boolean {
  return Array.isArray(values) && values.every((value) => isRecord(value) && isOne(value));
}

function matches(value: unknown, form: RegExp): boolean {
  return typeof value === "string" && form.test(value);
}

function check(holds: boolean, key: string): asserts holds {
  if (!holds) throw new Problem("manifest", `the manifest's \`${key}\` is not what it may be`);
}
