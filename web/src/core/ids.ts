/** Ids, digests and counts as every format writes them. */

const ID = /^[0-9a-f]{32}$/;
const DIGEST = /^[0-9a-f]{64}$/;

/** Say whether this is an id: 16 bytes as lower-case hex. */
export function isId(value: unknown): value is string {
  return typeof value === "string" && ID.test(value);
}

/** Say whether this is a SHA-256 digest, or another 32 bytes, as lower-case hex. */
export function isDigest(value: unknown): value is string {
  return typeof value === "string" && DIGEST.test(value);
}

/** Say whether this is an integer that every language reads alike, and at least so large. */
export function isInteger(value: unknown, least = 0): value is number {
  return Number.isSafeInteger(value) && (value as number) >= least;
}

/** Say whether no value comes twice. */
export function areDistinct(values: readonly string[]): boolean {
  return new Set(values).size === values.length;
}
