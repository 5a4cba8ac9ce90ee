/**
 * What a registrar publishes: a page of the register, sealed to every review desk. The relay learns of each person no
 * more than number, status and place; the names on the page it cannot read.
 */

import { sha256hex, utf8 } from "../../core/bytes";
import { encodeJson } from "../../core/canonical";
import { Problem } from "../../core/problems";
import { partDigest } from "../../core/sealed";
import type { ReviewDesk } from "../review/desk";
import { encodePage, type HeldRecord, type Status } from "../review/register";
import type { StaffSession } from "../session";
import { newId, now } from "../wire";

/** Of these nobody is where they were; the old place is dropped, so that no letter is sealed to it. */
const GONE: readonly Status[] = ["transferred", "released", "closed"];

/** What is known of somebody now; without a place, the one that the register has is kept unless they are gone from it. */
export interface Standing {
  readonly status: Status;
  readonly place?: string | undefined;
}

/** The record as it will stand; throws Problem "place_wanted" or "place_unknown". */
export function recordAfter(session: StaffSession, before: HeldRecord, { status, place }: Standing): HeldRecord {
  if (place !== undefined && !facilitiesOf(session).includes(place)) throw new Problem("place_unknown");
  const known = GONE.includes(status) ? undefined : before.place;
  const after = { ...before, status, place: place ?? known };
  if (status === "confirmed" && after.place === undefined) throw new Problem("place_wanted");
  return after;
}

/** The ids of all places of detention. */
export function facilitiesOf(session: StaffSession): string[] {
  return session.directory.desks.filter((desk) => desk.kind === "facility").map((desk) => desk.id);
}

/**
 * Publish what has become of somebody; gives the log index of its entry. The register is read anew first: throws Problem
 * "record_moved" if it says of them something else than `before`, which was on the screen.
 */
export async function publishStanding(desk: ReviewDesk, before: HeldRecord, standing: Standing): Promise<number> {
  await desk.readRegister();
  const known = desk.register?.find(before.number);
  if (known === undefined || encodePage([known]) !== encodePage([before])) throw new Problem("record_moved");
  const index = await publishPage(desk, [recordAfter(desk.session, before, standing)]);
  await desk.readRegister();
  return index;
}

async function publishPage(desk: ReviewDesk, records: readonly HeldRecord[]): Promise<number> {
  const { session } = desk;
  const sealed = await sealPage(session, records, nextVersion(desk));
  await session.uploadParts([sealed]);
  const rows = encodeRows(records);
  return session.office("register", { document: partDigest(sealed), rows: sha256hex(utf8(rows)) }, rows);
}

/** Count on from the newest page, by the clock: the later version wins, so a clock that is behind must not lose. */
function nextVersion({ newestPage }: ReviewDesk): number {
  return Math.max(Math.floor(Date.parse(now()) / 1000), newestPage + 1);
}

/** Whoever reviews has to know who is held. */
function sealPage(session: StaffSession, records: readonly HeldRecord[], version: number) {
  const { directory, relay } = session;
  const desks = directory.desks.filter((desk) => desk.kind === "review" && desk.epochs.length > 0);
  const targets = desks.map((desk) => directory.current(desk.id));
  const to = targets.map((target) => target.to);
  const line = { relay, kind: "register" as const, id: newId(), to, dir: directory.version, version };
  const recipients = targets.map((target) => target.recipient);
  return session.sealTo(line, utf8(encodePage(records)), recipients);
}

/** What the relay is told, in the one encoding that the statement names by its SHA-256. */
export function encodeRows(records: readonly HeldRecord[]): string {
  return encodeJson({ v: 1, rows: records.map(({ number, status, place }) => [number, status, place ?? null]) });
}
