/**
 * What stands in the codes that this page prints and reads: an item's or a bag's id alone; on a reply sheet the id of the
 * letter and, after a space, the number of whoever writes, because a letter that was handed over is in no list any more.
 */

import { isNumber } from "../../core/forms";
import { isId } from "../../core/ids";

/** The shortest beginning of an id that is taken for it, in digits. */
export const LEAST_DIGITS = 6;

/** What a code said. */
export interface ReadCode {
  readonly id: string;
  readonly number?: string | undefined;
}

/** The text of a reply sheet's code. */
export function replyCode(item: string, number: string): string {
  return isNumber(number) ? `${item} ${number}` : item;
}

/** Read a scanned code, or an id as somebody typed it in groups; nothing if there is no whole id in it. */
export function readCode(text: string): ReadCode | undefined {
  const words = text.toLowerCase().split(/[^0-9a-z]+/);
  const id = words.find(isId);
  if (id !== undefined) return { id, number: words.find(isNumber) };
  const joined = words.join("");
  return isId(joined) ? { id: joined } : undefined;
}

/** Find the one of some ids that is meant by a code or by its typed beginning; nothing if none is, or several are. */
export function findId(text: string, ids: readonly string[]): string | undefined {
  const whole = readCode(text)?.id;
  if (whole !== undefined) return ids.find((id) => id === whole);
  const start = text.toLowerCase().replace(/[\s-]/g, "");
  if (start.length < LEAST_DIGITS) return undefined;
  const found = ids.filter((id) => id.startsWith(start));
  return found.length === 1 ? found[0] : undefined;
}

/** Write an id to be read and typed: groups of four. */
export function grouped(id: string): string {
  return id.replace(/(....)(?!$)/g, "$1 ");
}

/** The beginning by which people call an item or a bag: two groups of four. */
export function called(id: string): string {
  return grouped(id.slice(0, 8));
}
