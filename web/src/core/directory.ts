/**
 * The directory: which desks, keys and members of staff there are, signed by k operators, without anybody's name.
 *
 * Letters are sealed only to recipients that stand here. What its JSON must be is in directoryform.ts.
 */

import { fromUtf8, sha256hex } from "./bytes";
import { type Desk, type Epoch, type Member, type ReadDirectory, readDocument } from "./directoryform";
import { type DirectoryNote, type Judging, verifyDirectoryNote } from "./directorynotes";
import { parseTime } from "./forms";
import { ensure, Problem } from "./problems";
import type { ParsedTrust } from "./trust";

export type { Desk, DeskKind, Epoch, Member, Role, StaffMember } from "./directoryform";
export { type DirectoryNote, parseDirectoryNote, readDirectoryNote } from "./directorynotes";
export { readSuspensions, Signers, type Suspension } from "./suspensions";

/** The current epoch and the one before are accepted for 14 days after a change. */
const EPOCH_GRACE_MS = 14 * 24 * 60 * 60 * 1_000;

/** Where something is sealed to: a desk's key of one epoch, as a first line names it. */
export interface SealTarget {
  readonly desk: Desk;
  readonly epoch: number;
  /** `desk/epoch`. */
  readonly to: string;
  /** `age1pq1…`. */
  readonly recipient: string;
}

/** One version of the directory. */
export class Directory {
  readonly version: number;
  /** The parties, two or more. */
  readonly sides: readonly string[];
  readonly desks: readonly Desk[];
  readonly members: readonly Member[];
  /** The id of the review desk to which families seal. */
  readonly intakeId: string;
  readonly #desks: ReadonlyMap<string, Desk>;
  readonly #members: ReadonlyMap<string, Member>;

  constructor(plain: ReadDirectory) {
    this.version = plain.version;
    this.sides = plain.sides;
    this.desks = plain.desks;
    this.members = plain.staff;
    this.intakeId = plain.intake;
    this.#desks = new Map(plain.desks.map((desk) => [desk.id, desk]));
    this.#members = new Map(plain.staff.map((member) => [member.id, member]));
  }

  /** Find a desk; throws Problem "unknown_desk". */
  desk(id: string): Desk {
    const found = this.#desks.get(id);
    if (!found) throw new Problem("unknown_desk");
    return found;
  }

  /** Say whether there is a member of staff of this id. */
  hasStaff(id: string): boolean {
    return this.#members.has(id);
  }

  /** Find a member of staff; throws Problem "unknown_staff". */
  staff(id: string): Member {
    const found = this.#members.get(id);
    if (!found) throw new Problem("unknown_staff");
    return found;
  }

  /** Say where letters of families are sealed to now. */
  intake(): SealTarget {
    return this.current(this.intakeId);
  }

  /** Say where letters to a desk are sealed to now; throws Problem "unknown_desk", "unknown_epoch" if keyless. */
  current(deskId: string): SealTarget {
    const desk = this.desk(deskId);
    const newest = desk.epochs.at(-1);
    if (!newest) throw new Problem("unknown_epoch", "a keyless desk has no key");
    return { desk, epoch: newest.epoch, to: `${desk.id}/${newest.epoch}`, recipient: newest.recipient };
  }

  /** Find the recipient behind `desk/epoch`, of whatever age; throws Problem "unknown_desk" or "unknown_epoch". */
  recipient(to: string): string {
    const [id = "", number = ""] = split(to);
    const found = this.desk(id).epochs.find((one) => String(one.epoch) === number);
    if (!found) throw new Problem("unknown_epoch");
    return found.recipient;
  }

  /** Say whether what is sealed to an epoch is accepted at a moment: the current one, or for 14 days the one before. */
  accepts(deskId: string, epoch: number, at: string): boolean {
    const [before, newest]: (Epoch | undefined)[] = [undefined, ...this.desk(deskId).epochs].slice(-2);
    if (newest?.epoch === epoch) return true;
    return before?.epoch === epoch && parseTime(at) < parseTime(newest!.from) + EPOCH_GRACE_MS;
  }
}

/** Read a directory's document; throws Problem "directory_malformed". */
export function parseDirectory(document: Uint8Array): Directory {
  let text: string;
  try {
    text = fromUtf8(document);
  } catch {
    throw new Problem("directory_malformed", "the directory's document is not UTF-8");
  }
  return new Directory(readDocument(text, document.length));
}

/**
 * Return the directory in a document if k operators signed its note, and it follows the one seen before.
 *
 * Throws Problem "directory_altered" if the document is not the one that the note names, "directory_malformed", and those
 * of `verifyDirectoryNote`.
 */
export function verifyDirectory(
  note: Uint8Array,
  document: Uint8Array,
  trust: ParsedTrust,
  judging: Judging,
): Directory {
  const signed: DirectoryNote = verifyDirectoryNote(note, trust, judging);
  const isNamed = document.length === signed.bytes && sha256hex(document) === signed.sha256;
  ensure(isNamed, "directory_altered", "the document is not the one that the directory's note names");
  const directory = parseDirectory(document);
  ensure(directory.version === signed.version, "directory_altered", "the document has another version than its note");
  const areOurs = directory.members.every(({ id, vkey }) => vkey.startsWith(`${trust.relay}/staff/${id}+`));
  ensure(areOurs, "directory_malformed", "a member's key is named for another relay");
  return directory;
}

function split(to: string): [string, string] {
  const at = to.indexOf("/");
  return at < 0 ? [to, ""] : [to.slice(0, at), to.slice(at + 1)];
}
