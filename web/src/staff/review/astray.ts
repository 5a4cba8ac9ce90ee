/**
 * What was passed and will not arrive as it is: lost on its way, not to be handed over there, or passed to where its
 * addressee no longer is. What is sealed on from here is the letter as this desk once read it, and not what was passed.
 */

import { utf8 } from "../../core/bytes";
import { parseFirstLine } from "../../core/firstlines";
import { Problem } from "../../core/problems";
import { isDigest, type Members, objectsOf, textOf, wordOf } from "../answers";
import { type Row, readRows, subjectOf } from "../rows";
import type { Signed, StaffSession } from "../session";
import type { Register } from "./register";

/** Why something that was passed needs somebody; `astray.<why>` in the locale files. */
export type Straying = "missing" | "undeliverable" | "moved" | "nowhere";

/** The states in which something that was passed can still be sent elsewhere. */
export const PASSED_STATES: readonly string[] = ["passed", "missing", "undeliverable"];

/** Whether it has left this desk; its own part 0 is then sealed to somebody else. */
export function isPassed(row: Row): boolean {
  return PASSED_STATES.includes(row.state);
}

/** Why a passed item will not arrive as it is; nothing, if it may. Where people are, only the register says. */
export function strayingOf(row: Row, register: Register | undefined): Straying | undefined {
  if (row.state === "missing" || row.state === "undeliverable") return row.state;
  // A reply goes to a bureau, and bureaus do not move with people.
  if (row.kind === "reply" || register === undefined) return undefined;
  try {
    return register.placeOf(row.detainee) === row.destination ? undefined : "moved";
  } catch (fault) {
    if (fault instanceof Problem) return "nowhere";
    throw fault;
  }
}

/** The part 0 of an item that was last sealed to this desk for reading, and what was taken out when it was passed. */
export interface Earlier {
  readonly digest: string;
  /** The reason codes under which it was passed. */
  readonly passedUnder: readonly string[];
}

/** Ask for it; throws Problem "no_earlier_letter" if nothing that this desk could open is kept any more. */
export async function askEarlier(session: StaffSession, desk: string, item: string): Promise<Earlier> {
  const answer = await session.get(`/review/items/${item}/parts`);
  const isIts = (one: Members) => isForDesk(textOf(one, "line"), item, desk);
  const last = objectsOf(answer, "parts").filter(isIts).at(-1);
  if (last === undefined) throw new Problem("no_earlier_letter");
  const { reasons } = answer;
  const areCodes = Array.isArray(reasons) && reasons.every((one) => typeof one === "string");
  if (!areCodes) throw new Problem("answer_malformed");
  return { digest: wordOf(last, "digest", isDigest), passedUnder: reasons };
}

/** Whether a first line is of this item, on a leg to a review desk, and sealed to this one. */
function isForDesk(text: string, item: string, desk: string): boolean {
  const { part, line } = parseFirstLine(utf8(text));
  if (part !== "letter") return false;
  const isSealedTo = line.to.some((name) => name.split("/")[0] === desk);
  return line.item === item && line.hop.endsWith(">review") && isSealedTo;
}

/** Replies of one detainee that are ready and that nobody has collected. */
export async function askReady(session: StaffSession, desk: string, detainee: string): Promise<Row[]> {
  return readRows(await session.post("/review/ready", { desk, detainee, limit: 500 }));
}

/** Sign that replies go back into their line, to be read and sealed anew for the mailbox of a family's new code. */
export async function signRecall(
  session: StaffSession,
  desk: string,
  rows: readonly Row[],
  mailbox: string,
): Promise<Signed> {
  const earlier = await Promise.all(rows.map((row) => askEarlier(session, desk, row.item)));
  const subjects = rows.map((row, at) => subjectOf(row, earlier[at]!.digest));
  return session.prepare("recall", subjects, { mailbox });
}
