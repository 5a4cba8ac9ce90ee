/**
 * Items as the relay lists them to staff, read strictly: the head event comes as its bytes, is hashed here, and has to
 * name the item and the parts that are shown, because that hash is what the next statement signs.
 */

import { type CustodyEvent, eventHash, parseEvent } from "../core/events";
import { Problem } from "../core/problems";
import type { Subject } from "../core/statements";
import {
  idOf,
  integerOf,
  isDigest,
  isId,
  isTime,
  type Members,
  objectsOf,
  optionalOf,
  textOf,
  wordOf,
} from "./answers";

/** A sealed file by its digest, with its size in bytes; 0 where that is not known. */
export interface PartSize {
  readonly digest: string;
  readonly bytes: number;
}

export type Kind = "letter" | "reply" | "parcel";

/** One item in a queue. */
export interface Row {
  readonly item: string;
  readonly kind: Kind;
  readonly state: string;
  readonly event: CustodyEvent;
  /** SHA-256 (hex) of the head event's bytes, reckoned here. */
  readonly head: string;
  /** Twelve digits, or `unknown`. */
  readonly detainee: string;
  readonly parts: readonly PartSize[];
  readonly acceptedAt: string;
  readonly desk: string;
  readonly destination?: string | undefined;
  readonly mailbox?: string | undefined;
  /** The mailbox's Ed25519 key as the relay has it; review desks only. */
  readonly signer?: string | undefined;
  readonly re?: string | undefined;
  readonly hint?: string | undefined;
  readonly contact?: string | undefined;
  readonly bag?: string | undefined;
  readonly until?: string | undefined;
  readonly claimant?: string | undefined;
  /** The review desks that read it, in order; review desks only, as are the two below. */
  readonly route: readonly string[];
  /** The person who proposed to withhold it. */
  readonly proposer?: string | undefined;
  /** Persons who may not settle it again. */
  readonly barred: readonly string[];
}

/** What a statement did to one item. */
export interface Move {
  readonly item: string;
  readonly index: number;
  readonly event: CustodyEvent;
  readonly head: string;
}

const KINDS: readonly string[] = ["letter", "reply", "parcel"];

/** Read `{"rows": […]}`; throws Problem "answer_malformed" or "row_differs". */
export function readRows(members: Members): Row[] {
  return objectsOf(members, "rows").map(readRow);
}

/** Read one row; throws as `readRows`. */
export function readRow(members: Members): Row {
  const bytes = textOf(members, "event");
  const event = parseEvent(bytes);
  const parts = objectsOf(members, "parts").map((part) => ({
    digest: wordOf(part, "digest", isDigest),
    bytes: integerOf(part, "bytes"),
  }));
  const row: Row = {
    item: idOf(members, "item"),
    kind: wordOf(members, "kind", (value) => KINDS.includes(value)) as Kind,
    state: textOf(members, "state"),
    event,
    head: eventHash(bytes),
    detainee: wordOf(members, "detainee", (value) => value === "unknown" || /^[0-9]{12}$/.test(value)),
    parts,
    acceptedAt: wordOf(members, "accepted_at", isTime),
    desk: idOf(members, "desk"),
    destination: optionalOf(members, "destination", isId),
    mailbox: optionalOf(members, "mailbox", isDigest),
    signer: optionalOf(members, "signer", isDigest),
    re: optionalOf(members, "re", isWord),
    hint: optionalOf(members, "hint", isWord),
    contact: optionalOf(members, "contact", isDigest),
    bag: optionalOf(members, "bag", isId),
    until: optionalOf(members, "until", isTime),
    claimant: optionalOf(members, "claimant", isId),
    route: idsOf(members, "route"),
    proposer: optionalOf(members, "proposer", isId),
    barred: idsOf(members, "barred"),
  };
  requireSame(event, row.item, digestsOf(row));
  return row;
}

/** The digests of an item's parts, part 0 first. */
export function digestsOf(row: Row): string[] {
  return row.parts.map((part) => part.digest);
}

/** Name an item in a statement; `partZero` is the digest of a resealed part 0. */
export function subjectOf(row: Row, partZero?: string): Subject {
  const [first, ...others] = digestsOf(row);
  return { item: row.item, prev: row.head, parts: [partZero ?? first!, ...others] };
}

/** Read what a statement moved, and require that it is exactly what was signed; throws Problem "row_differs". */
export function readMoves(members: Members, subjects: readonly Subject[]): Move[] {
  const moves = objectsOf(members, "items").map(readMove);
  if (moves.length !== subjects.length) throw new Problem("row_differs", "other items were moved than signed over");
  for (const [at, subject] of subjects.entries()) {
    const { item, event } = moves[at]!;
    requireSame(event, subject.item, subject.parts);
    const follows = (event.prev ?? null) === subject.prev;
    if (item !== subject.item || !follows) throw new Problem("row_differs", "an item was moved otherwise than signed");
  }
  return moves;
}

/** The row as it stands after a statement of ours; the next one names the new event. */
export function moved(row: Row, move: Move): Row {
  const sizes = new Map(row.parts.map((part) => [part.digest, part]));
  const parts = move.event.parts.map((digest) => sizes.get(digest) ?? { digest, bytes: 0 });
  return { ...row, event: move.event, head: move.head, parts };
}

function readMove(members: Members): Move {
  const bytes = textOf(members, "event");
  return {
    item: idOf(members, "item"),
    index: integerOf(members, "index"),
    event: parseEvent(bytes),
    head: eventHash(bytes),
  };
}

function requireSame(event: CustodyEvent, item: string, parts: readonly string[]): void {
  const same = event.parts.length === parts.length && event.parts.every((part, at) => part === parts[at]);
  if (event.item !== item || !same) throw new Problem("row_differs", "an event is about another item, or other parts");
}

function idsOf(members: Members, key: string): readonly string[] {
  const value = members[key] ?? [];
  if (!Array.isArray(value) || !value.every(isId)) throw new Problem("answer_malformed");
  return value;
}

function isWord(value: string): boolean {
  return value.length > 0 && value.length <= 64;
}
