/**
 * What the register said at each moment of the log, as far as it was opened: held against what the relay made of it.
 *
 * Whether a letter is held, and where it may go, is decided by the register, which the relay alone looks into. It could
 * hold a letter whose number is well known, let it lapse, and say that nobody was found. A registrar's rows tell.
 */

import { fromUtf8 } from "../bytes";
import { parseJson } from "../canonical";
import { hasKeys, isNumber } from "../forms";
import { areDistinct, isId } from "../ids";
import { Problem } from "../problems";
import type { Item } from "./items";
import type { Action } from "./lifecycle";
import type { Replayed } from "./replay";

/** An event that the register, as it was then, does not bear out: of which item, what, and when (UTC). */
export interface Unlike {
  readonly item: string;
  readonly event: string;
  readonly at: string;
}

type Row = readonly [number: string, status: string, place: string | null];

const STATUSES: readonly unknown[] = ["unconfirmed", "confirmed", "transferred", "released", "closed"];
const REACHABLE: readonly string[] = ["confirmed", "transferred"];

/** The register while the log is walked. */
export class Registered {
  /** Whether every page so far was opened, with its rows; only then can anything be held against it. */
  isWhole = true;
  /** What it does not bear out, in the order of the log. */
  readonly unlike: Unlike[] = [];
  readonly #rows = new Map<string, Row>();

  /** Take a page in: what the registrar's statement names by its digest; null if it is closed, or not there. */
  turn(rows: Uint8Array | null): void {
    const page = rows && readRows(rows);
    if (!page) this.isWhole = false;
    else for (const row of page) this.#rows.set(row[0], row);
  }

  /** Hold one event against the register. */
  compare({ decision: { action, item, event } }: Replayed): void {
    if (this.isWhole && !this.#bearsOut(action, item)) {
      this.unlike.push({ item: item.id, event: event.event, at: item.changedAt });
    }
  }

  #bearsOut(action: Action, item: Item): boolean {
    if (item.kind === "reply") return true;
    const row = this.#rows.get(item.detainee);
    if (action === "accept" || action === "hold") return item.state === (isReachable(row) ? "queued" : "held");
    if (action === "match") return isReachable(row);
    return action !== "bag" || (isReachable(row) && row?.[2] === item.destination);
  }
}

/** Say whether a letter can go on its way: its number is known, confirmed, and has a place. */
function isReachable(row: Row | undefined): boolean {
  return row !== undefined && REACHABLE.includes(row[1]) && row[2] !== null;
}

function readRows(data: Uint8Array): readonly Row[] | null {
  try {
    const { v, rows, ...more } = parseJson(fromUtf8(data), "register rows");
    const isPage = hasKeys(more, []) && v === 1 && Array.isArray(rows) && rows.every(isRow);
    return isPage && areDistinct(rows.map(([number]: Row) => number)) ? rows : null;
  } catch (error) {
    if (error instanceof Problem) return null;
    throw error;
  }
}

function isRow(value: unknown): value is Row {
  if (!Array.isArray(value) || value.length !== 3) return false;
  const [number, status, place] = value;
  return isNumber(number) && STATUSES.includes(status) && (place === null || isId(place));
}
