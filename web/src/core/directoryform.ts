/** What a directory's document must be, key by key: ids, keys and references in their form, and none of them twice. */

import type { Bytes } from "./bytes";
import { encodeJson, isRecord } from "./canonical";
import { hasKeys, isTime } from "./forms";
import { areDistinct, isDigest, isId, isInteger } from "./ids";
import { ensure, Problem } from "./problems";
import { isRecipient } from "./recipients";
import { ED25519, Vkey } from "./vkeys";

export type DeskKind = "review" | "facility" | "bureau";
export type Role = "reviewer" | "senior" | "dispatcher" | "registrar" | "officer" | "auditor" | "operator";

/** One key of a desk: its number from 1, `age1pq1…`, and when it became the current one. */
export interface Epoch {
  readonly epoch: number;
  readonly recipient: string;
  readonly from: string;
}

/** A team; a review desk is the mediator's and has no side, a keyless desk has no epochs. */
export interface Desk {
  readonly id: string;
  readonly kind: DeskKind;
  readonly side?: string;
  readonly keyless: boolean;
  /** Oldest first. */
  readonly epochs: readonly Epoch[];
}

/** A member of staff as one key; a person may have several. */
export interface StaffMember {
  readonly id: string;
  readonly person: string;
  readonly desks: readonly string[];
  readonly roles: readonly Role[];
  readonly vkey: string;
  readonly recipient_sha256: string;
}

/** A member of staff whose key has been read; `key` is the raw Ed25519 public key, 32 bytes. */
export interface Member extends StaffMember {
  readonly verifier: Vkey;
  readonly key: Bytes;
}

/** The document as its JSON has it, with its members' keys read. */
export interface ReadDirectory extends PlainDirectory {
  readonly staff: readonly Member[];
}

/** The document as its JSON has it. */
export interface PlainDirectory {
  readonly version: number;
  readonly intake: string;
  readonly sides: readonly string[];
  readonly desks: readonly Desk[];
  readonly staff: readonly StaffMember[];
}

const MAX_DOCUMENT_BYTES = 8 * 1024 * 1024;
const ROLES: readonly unknown[] = ["reviewer", "senior", "dispatcher", "registrar", "officer", "auditor", "operator"];
const DIRECTORY_KEYS = ["version", "intake", "sides", "desks", "staff"];
const DESK_KEYS = ["id", "kind", "side", "keyless", "epochs"];
const MEMBER_KEYS = ["id", "person", "desks", "roles", "vkey", "recipient_sha256"];
const SIDE = /^[a-z][a-z0-9-]{0,31}$/;
const CODE = "directory_malformed";

/** Read a document's text, of whose size in bytes there is a limit; throws Problem "directory_malformed". */
export function readDocument(text: string, sizeBytes: number): ReadDirectory {
  ensure(sizeBytes <= MAX_DOCUMENT_BYTES, CODE, "the directory's document is larger than 8 MiB");
  const plain = readJson(text);
  const { version, sides, desks, staff } = plain;
  ensure(isInteger(version, 1), CODE, "a directory's version is not a positive integer");
  ensure(areWords(sides, isSide) && sides.length >= 2, CODE, "a directory's sides are not two or more words");
  ensure(Array.isArray(desks) && Array.isArray(staff), CODE, "a directory's desks or staff are no list");
  for (const desk of desks) checkDesk(desk, sides);
  const vkeys = staff.map(checkMember);
  checkReferences(plain, vkeys);
  const members = staff.map((member, at) => ({ ...member, verifier: vkeys[at]!, key: vkeys[at]!.publicKey }));
  return { ...plain, staff: members };
}

function readJson(text: string): PlainDirectory {
  let plain: unknown;
  try {
    plain = JSON.parse(text);
    if (encodeJson(plain) !== text) plain = null;
  } catch {
    plain = null;
  }
  const isWhole = isRecord(plain) && hasKeys(plain, DIRECTORY_KEYS);
  ensure(isWhole, CODE, "the document is not the JSON of a directory, or re-encodes differently");
  return plain as unknown as PlainDirectory;
}

function checkDesk(desk: Desk, sides: readonly string[]): void {
  const keys = isRecord(desk) && "side" in desk ? DESK_KEYS : DESK_KEYS.filter((key) => key !== "side");
  ensure(isRecord(desk) && hasKeys(desk, keys), CODE, "a desk's keys are not those of one");
  const { id, kind, side, keyless, epochs } = desk;
  ensure(isId(id) && typeof keyless === "boolean" && Array.isArray(epochs), CODE, "a desk is not in its form");
  const isSided = kind === "facility" || kind === "bureau" ? sides.includes(side as string) : side === undefined;
  ensure(isSided, CODE, "a facility and a bureau belong to a side, a review desk to none");
  const isKind = kind === "facility" || kind === "bureau" || (kind === "review" && !keyless);
  ensure(isKind, CODE, "a desk has no such kind, or is a review desk without a key");
  ensure(keyless === (epochs.length === 0), CODE, "a keyless desk has epochs, or another has none");
  ensure(epochs.every(isEpoch), CODE, "an epoch's number, key or time is not in its form");
  ensure(epochs.every(rises), CODE, "a desk's epochs are not in order");
}

function isEpoch(value: unknown): boolean {
  if (!isRecord(value) || !hasKeys(value, ["epoch", "recipient", "from"])) return false;
  const { epoch, recipient, from } = value;
  return isInteger(epoch, 1) && isTime(from) && typeof recipient === "string" && isRecipient(recipient);
}

function rises(epoch: Epoch, at: number, epochs: readonly Epoch[]): boolean {
  const before = epochs[at - 1];
  return !before || (before.epoch < epoch.epoch && before.from < epoch.from);
}

function checkMember(member: StaffMember): Vkey {
  ensure(isRecord(member) && hasKeys(member, MEMBER_KEYS), CODE, "a member's keys are not those of one");
  const { id, person, desks, roles, recipient_sha256 } = member;
  const areIds = isId(id) && isId(person) && isDigest(recipient_sha256) && Array.isArray(desks);
  ensure(areIds, CODE, "a member's ids or recipient digest are not in their form");
  const haveRoles = areWords(roles, (role) => ROLES.includes(role)) && roles.length > 0;
  ensure(haveRoles, CODE, "a member's roles are not one or more of those there are");
  const vkey = readVkey(member.vkey);
  const isTheirs = vkey.algorithm === ED25519 && vkey.name.endsWith(`/staff/${id}`);
  ensure(isTheirs, CODE, "a member's key has another name or type");
  return vkey;
}

function readVkey(text: unknown): Vkey {
  ensure(typeof text === "string", CODE, "a member's key is no text");
  try {
    return Vkey.parse(text);
  } catch {
    throw new Problem(CODE, "a member's key is no verifier key");
  }
}

function checkReferences({ desks, staff, intake }: PlainDirectory, vkeys: readonly Vkey[]): void {
  const areOnce = areDistinct(desks.map((desk) => desk.id)) && areDistinct(staff.map((member) => member.id));
  ensure(areOnce, CODE, "a directory has an id twice");
  const recipients = desks.flatMap((desk) => desk.epochs.map((epoch) => epoch.recipient));
  ensure(areDistinct(recipients), CODE, "a directory has a recipient twice");
  ensure(areDistinct(vkeys.map((vkey) => vkey.publicKey.join())), CODE, "a directory has a member's key twice");
  const kinds = new Map(desks.map((desk) => [desk.id, desk.kind]));
  ensure(isId(intake) && kinds.get(intake) === "review", CODE, "the intake is no review desk");
  const areKnown = staff.every((member) => areWords(member.desks, (id) => kinds.has(id)));
  ensure(areKnown, CODE, "a member works at a desk that there is not");
}

function isSide(value: string): boolean {
  return SIDE.test(value);
}

function areWords(values: unknown, isOne: (value: string) => boolean): values is string[] {
  if (!Array.isArray(values) || !areDistinct(values as string[])) return false;
  return values.every((value) => typeof value === "string" && isOne(value));
}
