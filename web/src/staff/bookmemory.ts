/** What a browser keeps between two sign-ins of what it has seen of a relay, as JSON; read strictly, or not at all. */

import { isRecord } from "../core/canonical";
import { isDigest, isId, isInteger } from "../core/ids";
import { Problem } from "../core/problems";
import type { Seen } from "../core/trustbook";

/** How many pages of the register were seen, and one digest over them in order. */
export type SeenPages = readonly [count: number, digest: string];

/** What is kept. */
export interface Memory {
  readonly v: typeof VERSION;
  /** Trust, directory, checkpoint, and whom they have listed and suspended; undefined before the first. */
  readonly seen?: Seen | undefined;
  /** The newest version seen of each sealed document, by its id; of the register, by the desk's id. */
  readonly documents: Readonly<Record<string, number>>;
  /** The register, by the id of the review desk to which its pages are sealed. */
  readonly register: Readonly<Record<string, SeenPages>>;
}

const VERSION = 2;

export const NOTHING_SEEN: Memory = { v: VERSION, documents: {}, register: {} };

/**
 * Read what was kept.
 *
 * The first form, without a number, was never released: what it has seen is seen anew. Throws Problem "memory_malformed"
 * for whatever else is not whole, or of another relay.
 */
export function parseMemory(text: string, fingerprint: string): Memory {
  const plain = parsed(text);
  if (isRecord(plain) && plain.v === undefined && "trustVersion" in plain) return NOTHING_SEEN;
  const isWhole =
    isRecord(plain) &&
    plain.v === VERSION &&
    areAll(plain.documents, (id, version) => (isId(id) || isDigest(id)) && isInteger(version, 1)) &&
    areAll(plain.register, (desk, pages) => isId(desk) && arePages(pages)) &&
    (plain.seen === undefined || isSeen(plain.seen, fingerprint));
  if (!isWhole) throw new Problem("memory_malformed", "what this browser remembers of the relay is damaged");
  return plain as unknown as Memory;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isSeen(value: unknown, fingerprint: string): boolean {
  if (!isRecord(value) || value.fingerprint !== fingerprint) return false;
  const { trust, directory, checkpoint, staff, suspended } = value;
  const areNotes = typeof trust === "string" && typeof directory === "string";
  return (
    areNotes &&
    (checkpoint === undefined || typeof checkpoint === "string") &&
    areAll(staff, (id, one) => isId(id) && isRecord(one) && isDigest(one.vkey) && isInteger(one.version, 1)) &&
    areAll(suspended, (id, one) => isId(id) && isRecord(one) && one.staff === id && isInteger(one.version, 1))
  );
}

function arePages(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 && isInteger(value[0], 0) && isDigest(value[1]);
}

function areAll(value: unknown, isOne: (key: string, member: unknown) => boolean): boolean {
  return isRecord(value) && Object.entries(value).every(([key, member]) => isOne(key, member));
}
