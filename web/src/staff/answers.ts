/** Members of the relay's answers, read strictly: what is not as the interface says is Problem "answer_malformed". */

import { isRecord } from "../core/canonical";
import { isTime } from "../core/forms";
import { isDigest, isId } from "../core/ids";
import { Problem } from "../core/problems";

/** A JSON object that was answered. */
export type Members = Readonly<Record<string, unknown>>;

export { isDigest, isId, isTime };

/** An answer that has to be an object. */
export function membersOf(value: unknown): Members {
  if (!isRecord(value)) throw malformed("answer");
  return value;
}

/** A list of objects. */
export function objectsOf(members: Members, key: string): Members[] {
  const values = members[key];
  if (!Array.isArray(values) || !values.every(isRecord)) throw malformed(key);
  return values;
}

/** A text. */
export function textOf(members: Members, key: string): string {
  const value = members[key];
  if (typeof value !== "string") throw malformed(key);
  return value;
}

/** An integer from 0. */
export function integerOf(members: Members, key: string): number {
  const value = members[key];
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw malformed(key);
  return value;
}

/** A text in a form. */
export function wordOf(members: Members, key: string, holds: (value: string) => boolean): string {
  const value = textOf(members, key);
  if (!holds(value)) throw malformed(key);
  return value;
}

/** An id. */
export function idOf(members: Members, key: string): string {
  return wordOf(members, key, isId);
}

/** A text in a form, or nothing. */
export function optionalOf(members: Members, key: string, holds: (value: string) => boolean): string | undefined {
  const value = members[key];
  return value === undefined || value === null ? undefined : wordOf(members, key, holds);
}

function malformed(key: string): Problem {
  return new Problem("answer_malformed", `the answer's \`${key}\` is not in its form`);
}
