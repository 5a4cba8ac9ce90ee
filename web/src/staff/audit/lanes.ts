/** An item's chain laid out for a drawing: custodians as lanes, one event a row, silences of a day or more between them. */

import { parseDetail, parseEvent } from "../../core/events";

/** One link of a chain, as the log opens it. */
export interface Link {
  readonly index: number;
  /** The event's JSON, and the detail's. */
  readonly event: string;
  readonly detail: string;
}

/** One event as it is drawn and tabled. */
export interface Point {
  readonly index: number;
  readonly seq: number;
  readonly event: string;
  readonly from: string;
  readonly to: string;
  /** Who has it afterwards: what was released in a bag stays with whoever packed it until it is received. */
  readonly holder: string;
  /** UTC, `YYYY-MM-DDTHH:MM:SSZ`. */
  readonly at: string;
  readonly staff?: string | undefined;
  readonly desk?: string | undefined;
  readonly bag?: string | undefined;
  readonly reasons: readonly string[];
  /** Whether the event's statement names a scan of signed paper. */
  readonly paper: boolean;
  /** Seconds since the event before; 0 for the first. */
  readonly waited: number;
  /** Whether that was a silence worth marking: a day or more. */
  readonly gap: boolean;
}

/** A chain laid out. */
export interface Chain {
  readonly item: string;
  readonly kind: string;
  readonly detainee: string;
  /** The custodians that had it, in the order in which letters travel. */
  readonly lanes: readonly string[];
  readonly points: readonly Point[];
  /** Whether it lies in a bag that nobody has accepted. */
  readonly unaccepted: boolean;
}

/** In the order in which a letter passes from hand to hand. */
const CUSTODIANS: readonly string[] = ["family", "relay", "mediator", "facility", "bureau", "detainee"];
const GAP_SECONDS = 24 * 60 * 60;

/** Lay a chain out; its links are in the order of the log. */
export function layOut(links: readonly Link[]): Chain {
  const points: Point[] = [];
  for (const link of links) points.push(pointOf(link, points.at(-1)));
  const held = new Set(points.flatMap(({ from, to }) => [from, to]));
  const first = links[0] && parseDetail(links[0].detail);
  const lasting = points.filter(({ event }) => event !== "expired");
  return {
    item: links[0] ? parseEvent(links[0].event).item : "",
    kind: String(first?.kind ?? ""),
    detainee: String(first?.detainee ?? ""),
    lanes: CUSTODIANS.filter((custodian) => held.has(custodian)),
    points,
    unaccepted: lasting.at(-1)?.event === "bagged",
  };
}

function pointOf({ index, event: eventJson, detail: detailJson }: Link, before: Point | undefined): Point {
  const event = parseEvent(eventJson);
  const detail = parseDetail(detailJson);
  const at = String(detail.at);
  const waited = before === undefined ? 0 : (Date.parse(at) - Date.parse(before.at)) / 1000;
  return {
    index,
    seq: event.seq,
    event: event.event,
    from: event.from,
    to: event.to,
    holder: event.event === "bagged" ? event.from : event.to,
    at,
    staff: wordOf(detail.staff),
    desk: wordOf(detail.desk),
    bag: wordOf(detail.bag),
    reasons: Array.isArray(detail.reasons) ? detail.reasons.map(String) : [],
    paper: detail.paper !== undefined,
    waited,
    gap: waited >= GAP_SECONDS,
  };
}

function wordOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
