/**
 * Signed deeds: what was signed once is sent as often as it takes. The relay takes the second copy for the first, so
 * after a lost network or an ended session the very same bytes go again, and nothing happens twice.
 */

import { Problem } from "../../core/problems";
import type { Move } from "../rows";
import type { Signed, StaffSession } from "../session";

/** The most items that one statement is about. */
export const MOST_SUBJECTS = 500;

/** A step: seal and upload what belongs to it, and sign. */
export type Step = () => Promise<Signed>;

/** Some statements, one after the other, as one thing that somebody does. */
export class Deed {
  #signed: Signed | undefined;
  #done = 0;
  #moves: Move[] = [];

  constructor(
    readonly session: StaffSession,
    readonly steps: readonly Step[],
  ) {}

  /** Whether something of it stands already, so that it should be carried through rather than given up. */
  get isBegun(): boolean {
    return this.#done > 0;
  }

  /** Sign and send what has not been sent; called again after a fault, it goes on where it stopped. */
  async run(): Promise<readonly Move[]> {
    while (this.#done < this.steps.length) {
      this.#signed ??= await this.steps[this.#done]!();
      this.#moves.push(...(await this.session.send(this.#signed)));
      this.#signed = undefined;
      this.#done++;
    }
    return this.#moves;
  }
}

/** Whether the same signed bytes may be sent again later: no network, a busy relay, or a session that has ended. */
export function mayPass(fault: unknown, session: StaffSession): boolean {
  if (!(fault instanceof Problem)) return false;
  return session.locked || fault.code === "unreachable" || fault.status === 429 || (fault.status ?? 0) >= 500;
}

/** Whether the list is older than what the relay has: somebody else has moved an item meanwhile. */
export function isStale(fault: unknown): boolean {
  const codes = ["stale_statement", "moved_since", "illegal_move", "unknown_item", "wrong_bag"];
  return fault instanceof Problem && codes.includes(fault.code);
}

/** Divide a list, as a rule so that one statement can be about each piece. */
export function inPieces<T>(list: readonly T[], most = MOST_SUBJECTS): T[][] {
  const pieces: T[][] = [];
  for (let at = 0; at < list.length; at += most) pieces.push(list.slice(at, at + most));
  return pieces;
}
