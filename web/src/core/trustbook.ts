/**
 * What a page has seen of a relay's trust and directory, and will not see taken back.
 *
 * The fingerprint comes from paper. Whoever keeps what `loadTrust` returns as `seen`, and gives it the next time, is not
 * shown an older trust or directory; without that memory a relay could show one to a single family.
 */

import type { RelayApi } from "./api";
import { b64, hex, unb64, utf8 } from "./bytes";
import { isRecord } from "./canonical";
import {
  type Directory,
  readDirectoryNote,
  readSuspensions,
  Signers,
  type Suspension,
  verifyDirectory,
} from "./directory";
import { formatTime } from "./forms";
import { LogReader, type SignedCheckpoint } from "./logreader";
import { noteDigest, parseNote } from "./notes";
import { Problem } from "./problems";
import type { Former } from "./suspensions";
import { type ParsedTrust, parseTrust, verifyTrust } from "./trust";

/** What to remember, as JSON: the notes in base64. */
export interface Seen {
  readonly fingerprint: string;
  readonly trust: string;
  readonly directory: string;
  readonly checkpoint?: string | undefined;
  readonly staff: Readonly<Record<string, Former>>;
  readonly suspended: Readonly<Record<string, Suspension>>;
}

/** A relay's trust and directory, verified. */
export interface Loaded {
  readonly trust: ParsedTrust;
  readonly directory: Directory;
  /** The one given; without one, that of the page shown, to be compared with paper by a person. */
  readonly fingerprint: string;
  /** Whose signatures count, suspensions and former members included. */
  readonly signers: Signers;
  readonly seen: Seen;
}

/** What `loadTrust` may be told besides. */
export interface Remembered {
  readonly seen?: Seen | undefined;
  /** Milliseconds since 1970; judges whether a directory has expired. */
  readonly now?: (() => number) | undefined;
}

/**
 * Fetch trust and directory, and verify them under the fingerprint from paper; with null, under the page's own, which
 * says only that they belong together.
 *
 * Throws Problem "fingerprint_differs", "trust_rolled_back", "other_relay_seen", "directory_unsigned", "_rolled_back",
 * "_forked", "_gap", "_expired", "_altered", and those of `RelayApi`.
 */
export async function loadTrust(
  api: RelayApi,
  fingerprint: string | null,
  { seen, now = Date.now }: Remembered = {},
): Promise<Loaded> {
  const trustNote = (await api.get("/trust", { bearer: null })).body;
  const meant = fingerprint ?? seen?.fingerprint ?? parseTrust(parseNote(trustNote).text).fingerprint;
  if (seen && seen.fingerprint !== meant) throw new Problem("other_relay_seen");
  const seenVersion = seen && verifyTrust(unb64(seen.trust), meant).version;
  const trust = verifyTrust(trustNote, meant, { seenVersion });
  const { note, document } = await fetchDirectory(api);
  const judging = { at: formatTime(now()), previous: await previousOf(api, trust, note, seen) };
  const directory = verifyDirectory(note, document, trust, judging);
  const staff = { ...seen?.staff, ...listed(directory) };
  const known = new Map(Object.entries(seen?.suspended ?? {}));
  const before = new Signers(directory, new Map(Object.entries(staff)), known);
  const suspended = readSuspensions(await fetchSuspensions(api), before, trust.relay);
  const signers = new Signers(directory, before.former, suspended);
  const notes = { trust: b64(trustNote), directory: b64(note), checkpoint: seen?.checkpoint };
  const remembered = { fingerprint: meant, ...notes, staff, suspended: Object.fromEntries(suspended) };
  return { trust, directory, fingerprint: meant, signers, seen: remembered };
}

/**
 * Verify that the log begins with this relay's trust and has only grown since it was seen last.
 *
 * Returns the checkpoint, for whatever else shall be verified against it, and what to remember from now on. Throws Problem
 * "trust_not_logged", "inclusion_invalid", "consistency_invalid", "log_shrunk".
 */
export async function verifyLog(
  log: LogReader,
  { trust, fingerprint, seen }: Loaded,
): Promise<{ checkpoint: SignedCheckpoint; seen: Seen }> {
  const checkpoint = await log.checkpoint();
  if (checkpoint.size === 0) throw new Problem("trust_not_logged", "the log is empty");
  const first = await log.entry(0, checkpoint);
  if (first.kind !== "trust") throw new Problem("trust_not_logged", "entry 0 is no trust");
  verifyTrust(first.note, fingerprint, { relay: trust.relay });
  const isNewer = await hasGrown(log, trust, checkpoint, seen);
  return { checkpoint, seen: isNewer ? { ...seen, checkpoint: b64(checkpoint.note) } : seen };
}

/** Require that one of two checkpoints begins the other; a smaller one may come from a cache, and is not remembered. */
async function hasGrown(
  log: LogReader,
  trust: ParsedTrust,
  checkpoint: SignedCheckpoint,
  seen: Seen,
): Promise<boolean> {
  if (seen.checkpoint === undefined) return true;
  const note = unb64(seen.checkpoint);
  // The root has declared a loss and begun a new log; what was seen of the older one cannot be compared.
  if (trust.previous && parseNote(note).text.startsWith(`${trust.previous.origin}\n`)) return true;
  const before = log.verified(note);
  if (before.size <= checkpoint.size) {
    await log.proveGrown(before, checkpoint);
    return true;
  }
  try {
    await log.proveGrown(checkpoint, before);
  } catch (error) {
    // A relay that is busy, or out of reach behind somebody, has not lost anything yet.
    if (error instanceof Problem && error.status === 404) throw new Problem("log_shrunk");
    throw error;
  }
  return false;
}

async function fetchDirectory(api: RelayApi): Promise<{ note: Uint8Array; document: Uint8Array }> {
  const { note, document } = (await api.get("/directory", { bearer: null })).json();
  if (typeof note !== "string" || typeof document !== "string") throw new Problem("answer_malformed");
  return { note: utf8(note), document: utf8(document) };
}

async function fetchSuspensions(api: RelayApi): Promise<Uint8Array[]> {
  const { suspensions } = (await api.get("/suspensions", { bearer: null })).json();
  if (!Array.isArray(suspensions)) throw new Problem("answer_malformed");
  return suspensions.map((one) => {
    if (!isRecord(one) || typeof one.note !== "string") throw new Problem("answer_malformed");
    return utf8(one.note);
  });
}

/** Return the note that the newest directory has to follow: the one seen, or the log's between both. */
async function previousOf(
  api: RelayApi,
  trust: ParsedTrust,
  newest: Uint8Array,
  seen: Seen | undefined,
): Promise<Uint8Array | undefined> {
  if (!seen) return undefined;
  const previous = unb64(seen.directory);
  const { version, prev } = readDirectoryNote(newest);
  const isFar = version > readDirectoryNote(previous).version && prev !== noteDigest(previous);
  return isFar ? bridge(new LogReader(api, trust), newest, previous) : previous;
}

/**
 * Follow the newest directory back to the one seen, through the notes that the log has in the clear: each names the one
 * before it by its hash, so the signatures on the newest vouch for all between.
 */
async function bridge(log: LogReader, newest: Uint8Array, seen: Uint8Array): Promise<Uint8Array> {
  const logged = new Map<string, Uint8Array>();
  const { size } = await log.checkpoint();
  for await (const [, entry] of log.entries(size)) {
    if (entry.kind === "directory") logged.set(noteDigest(entry.note), entry.note);
  }
  const before = earlier(newest, logged);
  const target = readDirectoryNote(seen);
  let note = before;
  while (readDirectoryNote(note).version > target.version) note = earlier(note, logged);
  if (JSON.stringify(readDirectoryNote(note)) !== JSON.stringify(target)) throw new Problem("directory_forked");
  return before;
}

function earlier(note: Uint8Array, logged: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const before = logged.get(readDirectoryNote(note).prev ?? "");
  if (!before) throw new Problem("directory_gap", "the log does not have every directory between two that were seen");
  return before;
}

function listed({ members, version }: Directory): Record<string, Former> {
  return Object.fromEntries(members.map(({ id, roles, key }) => [id, { vkey: hex(key), roles, version }]));
}
