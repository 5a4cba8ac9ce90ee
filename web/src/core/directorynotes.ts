/** The directory's note: a few signed lines that name one version of the directory and the note before it. */

import { encodeJson, isRecord } from "./canonical";
import { hasKeys, isTime } from "./forms";
import { isDigest, isInteger } from "./ids";
import { noteDigest, parseNote, type VerifiedNote, verifyNote } from "./notes";
import { ensure, Problem } from "./problems";
import type { ParsedTrust } from "./trust";

const FIRST_LINE = "letter-relay/directory/v1";
const KEYS = ["version", "prev", "sha256", "bytes", "expires"] as const;

/** What the operators sign. */
export interface DirectoryNote {
  /** From 1, rising by 1. */
  readonly version: number;
  /** The hash of the note before, signatures included; null for version 1. */
  readonly prev: string | null;
  /** The document's digest. */
  readonly sha256: string;
  /** The document's size. */
  readonly bytes: number;
  /** From when on clients refuse it, `YYYY-MM-DDTHH:MM:SSZ`. */
  readonly expires: string;
}

/** How a directory's note is to be judged. */
export interface Judging {
  /** The moment to judge `expires` by; null where time is not judged. */
  readonly at: string | null;
  /** The note seen last, whole. */
  readonly previous?: Uint8Array | undefined;
}

/** Read a directory's note from a note's text; throws Problem "directory_malformed". */
export function parseDirectoryNote(text: string): DirectoryNote {
  const [first, json = "", ...more] = text.split("\n");
  ensure(first === FIRST_LINE, "directory_malformed", "the first line is not that of a directory's note");
  let plain: unknown;
  try {
    plain = JSON.parse(json);
    if (encodeJson(plain) !== json) plain = null;
  } catch {
    plain = null;
  }
  const isWhole = isRecord(plain) && hasKeys(plain, KEYS) && more.length === 1 && more[0] === "";
  ensure(isWhole && isInForm(plain as unknown as DirectoryNote), "directory_malformed", "it is no directory's note");
  return plain as unknown as DirectoryNote;
}

/** Read a signed note without judging its signatures, as for one that was verified when it was kept. */
export function readDirectoryNote(data: Uint8Array): DirectoryNote {
  return parseDirectoryNote(parseNote(data).text);
}

/**
 * Verify a directory's note by itself, without its document.
 *
 * Throws Problem "directory_unsigned" for fewer than k signatures, "directory_rolled_back", "directory_forked" or
 * "directory_gap" if it does not follow the one seen, "directory_expired", and those of notes.
 */
export function verifyDirectoryNote(data: Uint8Array, trust: ParsedTrust, { at, previous }: Judging): DirectoryNote {
  const verified = verifySigned(data, trust);
  if (verified.by.length < trust.k) throw new Problem("directory_unsigned");
  const note = parseDirectoryNote(verified.text);
  if (previous) checkFollows(note, previous);
  if (at !== null && at >= note.expires) throw new Problem("directory_expired");
  return note;
}

function verifySigned(data: Uint8Array, trust: ParsedTrust): VerifiedNote {
  try {
    return verifyNote(data, trust.directoryVkeys);
  } catch (error) {
    if (error instanceof Problem && error.code === "note_unsigned") throw new Problem("directory_unsigned");
    throw error;
  }
}

function checkFollows(note: DirectoryNote, previous: Uint8Array): void {
  const before = readDirectoryNote(previous);
  if (note.version < before.version) throw new Problem("directory_rolled_back");
  if (note.version === before.version) {
    // The same lines with one signature more are no other directory, though they hash differently.
    if (encodeJson(note) !== encodeJson(before)) throw new Problem("directory_forked");
    return;
  }
  const follows = note.version === before.version + 1 && note.prev === noteDigest(previous);
  ensure(follows, "directory_gap", "a directory does not follow the one seen last");
}

function isInForm({ version, prev, sha256, bytes, expires }: DirectoryNote): boolean {
  if (!isInteger(version, 1) || !isInteger(bytes, 1) || !isDigest(sha256) || !isTime(expires)) return false;
  return version === 1 ? prev === null : isDigest(prev);
}
