/** How the relay stands, for whoever looks after it: asked once, verified where it can be, and nothing about letters. */

import { fromUtf8, utf8 } from "../../core/bytes";
import { parseCheckpoint } from "../../core/checkpoint";
import { readDirectoryNote } from "../../core/directory";
import { verifyDirectoryNote } from "../../core/directorynotes";
import { Problem } from "../../core/problems";
import { readStatement } from "../../core/statements";
import { integerOf, type Members, objectsOf, textOf } from "../answers";
import type { StaffSession } from "../session";
import { now } from "../wire";
import { type Figures, readFigures, sumUp } from "./figures";

/** What `/readyz` says, check by check. */
export interface Health {
  readonly ready: boolean;
  readonly checks: Readonly<Record<string, boolean>>;
}

/** One suspension as its signed statement has it. */
export interface Suspended {
  readonly index: number;
  readonly staff: string;
  readonly by: string;
  readonly reason: string;
  readonly at: string;
}

/** When the directory in force ends. */
export interface Expiry {
  readonly version: number;
  readonly expires: string;
  /** Whole days from now; negative once it is over. */
  readonly days: number;
}

/** How many days before its end a directory is to be followed by the next. */
export const WARN_DAYS = 14;
const DAY_MS = 86_400_000;

/** Ask how each part of the relay is; a relay that is not ready says so with 503, which is an answer too. */
export async function askHealth({ wire }: StaffSession): Promise<Health> {
  const asked: RequestInit = { credentials: "omit", cache: "no-store", redirect: "error" };
  const answer = await wire.ask(`${wire.base}/readyz`, asked).catch(() => {
    throw new Problem("unreachable");
  });
  return readHealth(await answer.json().catch(() => ({})), answer.ok);
}

/** Read the answer of `/readyz`; throws Problem "answer_malformed" if it names no check. */
export function readHealth(answered: unknown, isReady: boolean): Health {
  const checks = (answered as { checks?: unknown } | null)?.checks;
  if (typeof checks !== "object" || checks === null) throw new Problem("answer_malformed");
  const ok = Object.entries(checks).map(([name, word]) => [name, word === "ok"] as const);
  return { ready: isReady && ok.every(([, good]) => good), checks: Object.fromEntries(ok) };
}

/** Ask for the figures of the process. */
export async function askFigures({ wire }: StaffSession): Promise<Figures> {
  return sumUp(readFigures(fromUtf8(await wire.getBytes("/operator/metrics"))));
}

/** Say when the directory in force ends, from its note, whose signatures are verified again. */
export async function askExpiry(session: StaffSession): Promise<Expiry> {
  const note = utf8(textOf(await session.get("/directory"), "note"));
  verifyDirectoryNote(note, session.book.trust, { at: now() });
  const { version, expires } = readDirectoryNote(note);
  return { version, expires, days: daysUntil(expires, Date.now()) };
}

/** Whole days until a moment; negative once it is over. */
export function daysUntil(moment: string, at: number): number {
  return Math.floor((Date.parse(moment) - at) / DAY_MS);
}

/** List the suspensions whose signatures counted when the session's book read them. */
export async function askSuspensions(session: StaffSession): Promise<Suspended[]> {
  await session.book.refresh(session.wire);
  const { suspended } = session.signers;
  const told = objectsOf(await session.get("/suspensions"), "suspensions").flatMap(readSuspended);
  return told.filter(({ staff, at }) => suspended.get(staff)?.at === at);
}

/** What is no statement did not count, and is not told. */
function readSuspended(told: Members): Suspended[] {
  try {
    const { statement, staff: by } = readStatement(utf8(textOf(told, "note")));
    const { staff, reason } = statement.fields as { staff: string; reason: string };
    return [{ index: integerOf(told, "index"), staff, by: by ?? "", reason, at: statement.signedAt }];
  } catch (fault) {
    if (fault instanceof Problem) return [];
    throw fault;
  }
}

/** Say how many entries the log has published, under its own signature. */
export async function askLogSize(session: StaffSession): Promise<number> {
  const trust = session.book.trust;
  const generation = trust.origin.slice(trust.origin.lastIndexOf("/") + 1);
  const note = await session.wire.getBytes(`/log/${generation}/checkpoint`);
  return parseCheckpoint(note, trust.origin, trust.logVkeys).size;
}
