/** What an opened event says was asked of the relay, read strictly enough to be decided again (audit.md, 7.3). */

import { isRecord } from "../canonical";
import type { Directory } from "../directory";
import { isTime } from "../forms";
import { areDistinct, isDigest, isId } from "../ids";
import { MAX_PARTS } from "../statements";
import type { Acceptance } from "./items";
import { isState, KINDS, type Kind } from "./lifecycle";
import { Broken, inStep } from "./steps";

const NUMBER = /^[0-9]{12}$/;

/** An event as far as it is not made anew; byte equality with the one made anew settles all the rest. */
export interface ReadEvent extends Readonly<Record<string, unknown>> {
  readonly item: string;
  readonly seq: number;
  readonly event: string;
}

/** A detail as far as it is not made anew. */
export interface ReadDetail extends Readonly<Record<string, unknown>> {
  readonly at: string;
  readonly statement?: string | null;
}

/** Read an event; throws 7.3. */
export function readEvent(text: string): ReadEvent {
  const event = readObject(text);
  if (!isId(event.item) || !Number.isInteger(event.seq) || typeof event.event !== "string") throw new Broken("7.3");
  return event as ReadEvent;
}

/** Read a detail: when the event happened, and the statement that caused it, if any; throws 7.3. */
export function readDetail(text: string, item: string): ReadDetail {
  const detail = readObject(text, item);
  const isNamed = detail.statement === undefined || detail.statement === null || isDigest(detail.statement);
  if (!isTime(detail.at) || !isNamed) throw new Broken("7.3", item);
  return detail as ReadDetail;
}

/** Read when a claim lapses, which the relay says; throws 7.3. */
export function readUntil({ until = null }: ReadDetail, item: string): string | null {
  if (until !== null && !isTime(until)) throw new Broken("7.3", item);
  return until;
}

/** Read the family's key, which its receipt code gives and the relay says; throws 7.3. */
export function readSigner({ signer = null }: ReadDetail, item: string): string | null {
  if (signer !== null && !isDigest(signer)) throw new Broken("7.3", item);
  return signer;
}

/** Rebuild what the relay fixed when an item came in, to wait first at a review desk of the directory; throws 7.3. */
export function readAcceptance(event: ReadEvent, detail: ReadDetail, directory: Directory): Acceptance {
  const { item, parts } = event;
  const areParts = Array.isArray(parts) && parts.length >= 1 && parts.length <= MAX_PARTS && parts.every(isDigest);
  const { route, re = null, detainee, kind, state, tag_key } = detail;
  const isRoute = Array.isArray(route) && route.length > 0 && route.every(isId) && areDistinct(route);
  if (!areParts || !isRoute) throw new Broken("7.3", item);
  const first = inStep("7.3", () => directory.desk(route[0]!), item);
  const isAnswer = re === null || re === "new" || isId(re);
  if (first.kind !== "review" || !isDetainee(detainee) || !isAnswer) throw new Broken("7.3", item);
  if (typeof kind !== "string" || !KINDS.includes(kind) || !isState(state)) throw new Broken("7.3", item);
  const signer = readSigner(detail, item);
  return { item, kind: kind as Kind, detainee, route, parts, re, signer, tagKey: tag_key as string, into: state };
}

/** Say whether this is what a first line may name: a number as typed, which the register need not have. */
function isDetainee(value: unknown): value is string {
  return typeof value === "string" && (value === "unknown" || NUMBER.test(value));
}

function readObject(text: string, item?: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = null;
  }
  if (!isRecord(value)) throw new Broken("7.3", item);
  return value;
}
