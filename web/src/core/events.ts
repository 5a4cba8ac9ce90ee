/** Events and their details, byte for byte: one link of one item's chain, and what only desks and auditors are given. */

import { hex, hmac, sha256hex, utf8 } from "./bytes";
import { encodeJson, parseJson } from "./canonical";
import { hasKeys } from "./forms";
import { isInteger } from "./ids";
import { ensure, Problem } from "./problems";

const KEYS = ["v", "item", "seq", "prev", "event", "from", "to", "day", "parts", "detail"];
const FIRST_KEYS = KEYS.filter((key) => key !== "prev");
/** The keys of a detail, in their order. */
export const DETAIL_KEYS: readonly string[] = (
  "v at kind state detainee desk staff route reasons bag statement directory paper note contact remarks hint re until " +
  "tag_key signer"
).split(" ");
const NUMBERS: ReadonlySet<string> = new Set(["v", "directory"]);
const LISTS: ReadonlySet<string> = new Set(["route", "reasons", "remarks"]);

/** One link of one item's chain, safe to show to the family. */
export interface CustodyEvent {
  /** The item's id. */
  readonly item: string;
  /** 0 for the acceptance, then one more each time. */
  readonly seq: number;
  /** SHA-256 (hex) of the item's previous event; absent for the first. */
  readonly prev?: string;
  /** The event's name. */
  readonly event: string;
  /** The custodian class before, and after. */
  readonly from: string;
  readonly to: string;
  /** UTC day, `YYYY-MM-DD`. */
  readonly day: string;
  /** SHA-256 (hex) of each part after the event, part 0 first. */
  readonly parts: readonly string[];
  /** HMAC-SHA256 (hex) of the detail under the detail nonce. */
  readonly detail: string;
}

/** The fields of a detail; which of them are there depends on the event. */
export type Detail = Readonly<Record<string, string | number | readonly string[]>>;

/** An event that somebody was shown, with what finds it in the log; `nonce` in hex. */
export interface Opening {
  readonly index: number;
  readonly nonce: string;
  readonly event: string;
}

/** One link of a chain that was shown: the event parsed, as its JSON, and hashed. */
export interface Link extends Opening {
  readonly parsed: CustodyEvent;
  /** SHA-256 (hex) of the event. */
  readonly head: string;
}

/** Write an event the one way it is hashed, committed to and shown. */
export function encodeEvent(event: CustodyEvent): string {
  const { item, seq, prev, from, to, day, parts, detail } = event;
  const start = prev === undefined ? { v: 1, item, seq } : { v: 1, item, seq, prev };
  return encodeJson({ ...start, event: event.event, from, to, day, parts, detail });
}

/** Read an event; throws Problem "not_canonical" or "event_malformed". */
export function parseEvent(text: string): CustodyEvent {
  const { v, ...fields } = parseJson(text, "event");
  const isFirst = !("prev" in fields);
  const areKeys = hasKeys({ v, ...fields }, isFirst ? FIRST_KEYS : KEYS);
  ensure(areKeys && v === 1 && isInteger(fields.seq), "event_malformed");
  const { seq, parts, ...words } = fields;
  const areForms = areWords(parts) && areWords(Object.values(words)) && isFirst === (seq === 0);
  ensure(areForms, "event_malformed");
  return fields;
}

/** Hash an event for the `prev` of the next one and for a statement's subject: SHA-256 as hex. */
export function eventHash(eventJson: string): string {
  return sha256hex(utf8(eventJson));
}

/** Write a detail with its keys in the listed order; what is null, undefined or an empty list is absent. */
export function encodeDetail(fields: Readonly<Record<string, unknown>>): string {
  const detail: Record<string, unknown> = { v: 1 };
  for (const key of DETAIL_KEYS.slice(1)) {
    const value = fields[key];
    if (value !== null && value !== undefined && !(Array.isArray(value) && value.length === 0)) detail[key] = value;
  }
  return encodeJson(detail);
}

/** Read a detail; throws Problem "not_canonical" or "detail_malformed". */
export function parseDetail(text: string): Detail {
  const fields: Record<string, unknown> = parseJson(text, "detail");
  const known = DETAIL_KEYS.filter((key) => Object.hasOwn(fields, key));
  const areKeys = hasKeys(fields, known) && DETAIL_KEYS.slice(0, 4).every((key, at) => known[at] === key);
  ensure(areKeys && fields.v === 1, "detail_malformed");
  const fit = Object.entries(fields).every(([key, value]) => fits(key, value));
  ensure(fit, "detail_malformed");
  return fields as Detail;
}

/** Commit to a detail: HMAC-SHA256 under its 32-byte nonce, as hex. */
export function detailMac(detailNonce: Uint8Array, detailJson: string): string {
  return hex(hmac(detailNonce, utf8(detailJson)));
}

/**
 * Require that the openings of one item that a family was shown are links of one chain: the acceptance first, each after
 * the one before, and next to it wherever their numbers are. Those between are not shown, and not judged.
 *
 * Throws Problem "row_differs", and those of `parseEvent`.
 */
export function chainOf(item: string, openings: readonly Opening[]): Link[] {
  const links = openings.map((one) => ({ ...one, parsed: parseEvent(one.event), head: eventHash(one.event) }));
  const begins = links[0]?.parsed.seq === 0 && links.every((link) => link.parsed.item === item);
  ensure(begins, "row_differs", "events do not begin with the acceptance, or are about another item");
  links.forEach((after, at) => {
    const before = links[at - 1];
    if (before && !follows(before, after)) throw new Problem("row_differs", "events do not follow each other");
  });
  return links;
}

function follows(before: Link, after: Link): boolean {
  const step = after.parsed.seq - before.parsed.seq;
  return after.index > before.index && (step > 1 || (step === 1 && after.parsed.prev === before.head));
}

/** What a family is told of each event. DECEASED and its like are not among them, and never will be. */
const WORDS: Readonly<Record<string, string>> = {
  accepted: "accepted",
  claimed: "accepted",
  released: "accepted",
  reheld: "accepted",
  matched: "accepted",
  forwarded: "accepted",
  contested: "accepted",
  escalated: "accepted",
  overturned: "accepted",
  recalled: "accepted",
  passed: "passed",
  redirected: "passed",
  bagged: "sent",
  received: "arrived",
  found: "arrived",
  missing: "not found on arrival",
  ready: "ready",
  returned: "returned",
  lapsed: "returned",
  withheld: "withheld",
  withdrawn: "withdrawn",
  lost: "lost",
  delivered: "delivered",
  refused: "refused by the addressee",
  undeliverable: "could not be delivered",
  collected: "collected",
  expired: "closed",
};

/** Say what a family is told of an event, by its name; undefined for one that there is not. */
export function wordOf(event: string): string | undefined {
  return Object.hasOwn(WORDS, event) ? WORDS[event] : undefined;
}

/** Say whether this is a list of one or more texts. */
export function areWords(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every((word) => typeof word === "string");
}

function fits(key: string, value: unknown): boolean {
  if (NUMBERS.has(key)) return isInteger(value);
  return LISTS.has(key) ? areWords(value) : typeof value === "string";
}
