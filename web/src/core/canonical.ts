/** The one JSON encoding of every format: as `JSON.stringify` writes it, keys in the listed order, integers only. */

import { Problem } from "./problems";

/** With the `u` flag whole pairs are one character, so this finds halves only. */
const HALF_PAIR = /\p{Surrogate}/u;

/** Write JSON; keys with the value undefined are left out. Throws Problem "not_canonical" if UTF-8 cannot hold it. */
export function encodeJson(value: unknown): string {
  const text = JSON.stringify(value);
  if (text === undefined || !isWritable(value)) throw new Problem("not_canonical", "a value has no JSON of its own");
  return text;
}

/**
 * Read one JSON object and refuse every other spelling of it: two spellings would have two hashes.
 *
 * `what` is for the message, such as `"event"`. Throws Problem "not_canonical".
 */
// biome-ignore lint/suspicious/noExplicitAny: whoever reads a format checks each of its keys next.
export function parseJson(text: string, what: string): any {
  let value: unknown;
  let again: string | undefined;
  try {
    value = JSON.parse(text);
    again = encodeJson(value);
  } catch {
    throw new Problem("not_canonical", `the ${what} is not JSON`);
  }
  if (!isRecord(value)) throw new Problem("not_canonical", `the ${what} is not a JSON object`);
  if (again !== text) throw new Problem("not_canonical", `the ${what} re-encodes differently`);
  return value;
}

/** Say whether this is a JSON object: no list, no null. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Python refuses halves of pairs, which `JSON.stringify` would write as escapes; both have integers up to 2^53 - 1. */
function isWritable(value: unknown): boolean {
  if (typeof value === "string") return !HALF_PAIR.test(value);
  if (typeof value === "number") return Number.isSafeInteger(value);
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([key, inside]) => isWritable(key) && isWritable(inside));
}
