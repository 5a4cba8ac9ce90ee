/**
 * Keyrings and desk keys: secrets that lie on the relay, sealed to those who may open them.
 *
 * A member's root lies in `keyring.age`, sealed to the printed staff code and to passkeys; a desk's key lies in one document
 * for each epoch, sealed to members and to the desk's recovery code. Whoever opens one compares its public half with the
 * directory, so that a relay cannot hand out a key of its own making.
 */

import { decryptAge, encryptAge, identitiesOf } from "./agefile";
import { type Bytes, fromUtf8, hex, randomBytes, sha256hex, unhex, utf8 } from "./bytes";
import { encodeJson, parseJson } from "./canonical";
import { ROOT_BYTES, staffKeys, staffName } from "./codes";
import { openDocument, sealDocument } from "./documents";
import { recipientOf } from "./hybrid";
import { isDigest, isId, isInteger } from "./ids";
import { ensure, Problem } from "./problems";
import { ed25519Vkey } from "./vkeys";

const SEED_BYTES = 32;
const VERSION = 1;

/** What of the directory says whose keys are whose; a `Directory` has it all. Its lookups throw for unknown names. */
export interface KeyDirectory {
  readonly version: number;
  staff(id: string): { readonly vkey: string; readonly recipient_sha256: string };
  recipient(deskAndEpoch: string): string;
}

/** A member's secret, whose it is, and where. */
export interface StaffRoot {
  readonly relay: string;
  readonly staff: string;
  /** 32 random bytes; `staffKeys` derives from them. */
  readonly root: Uint8Array;
}

/** One epoch's secret of a desk. */
export interface DeskKey {
  readonly relay: string;
  readonly desk: string;
  /** From 1. */
  readonly epoch: number;
  /** 32 random bytes; letters to the desk open with it. */
  readonly seed: Uint8Array;
}

/** A desk's key, and to whom it shall be sealed. */
export interface DeskKeyToSeal {
  readonly key: DeskKey;
  /** Recipients by reader, in the order of the document's `to`: `staffReader` or `deskCodeReader`. */
  readonly readers: ReadonlyMap<string, string>;
  /** The member who seals it. */
  readonly by: StaffRoot;
  /** The one that names the readers: in force, or about to be signed. */
  readonly directory: KeyDirectory;
  /** Higher than that of any earlier sealing of this key to the same readers; 1 if there was none. */
  readonly version?: number;
}

/** Make a new member's secret, on the member's own machine. */
export function newStaffRoot(relay: string, staff: string): StaffRoot {
  return { relay, staff, root: randomBytes(ROOT_BYTES) };
}

/** Make a desk's key for a new epoch, on a member's own machine. */
export function newDeskKey(relay: string, desk: string, epoch: number): DeskKey {
  return { relay, desk, epoch, seed: randomBytes(SEED_BYTES) };
}

/**
 * Seal a member's secret to the staff code's recipient, and to those of passkeys.
 *
 * To add a passkey, open the keyring and seal it again to all of its recipients: none of them can be read out of the file.
 */
export async function sealKeyring(root: StaffRoot, recipients: readonly string[]): Promise<Bytes> {
  const plain = { v: VERSION, relay: root.relay, staff: root.staff, root: hex(root.root) };
  return encryptAge(utf8(encodeJson(plain)), recipients);
}

/**
 * Open a member's keyring with the staff code's identity or a passkey's.
 *
 * `directory` is the one in force; null only for a member whom no directory has yet. Throws Problem "wrong_key", "age_…",
 * "not_canonical"; "keyring_malformed": inside is no keyring; "key_not_in_directory": the directory has other keys of the
 * member.
 */
export async function openKeyring(
  file: Uint8Array,
  identitySeeds: Uint8Array | readonly Uint8Array[],
  directory: KeyDirectory | null,
): Promise<StaffRoot> {
  const { relay, staff, root } = parse(decryptAge(file, identitiesOf(identitySeeds)), ["v", "relay", "staff", "root"]);
  ensure(isId(relay) && isId(staff) && isDigest(root), "keyring_malformed");
  const opened = { relay, staff, root: unhex(root) };
  if (directory) checkStaffRoot(opened, directory);
  return opened;
}

/** Require that the directory has both public halves of a member's secret; throws Problem "key_not_in_directory". */
export function checkStaffRoot(root: StaffRoot, directory: KeyDirectory): void {
  const keys = staffKeys(root.root);
  const member = lookUp(() => directory.staff(root.staff));
  const vkey = String(ed25519Vkey(staffName(root.relay, root.staff), unhex(keys.vkey)));
  ensure(vkey === member.vkey && recipientDigest(keys.recipient) === member.recipient_sha256, "key_not_in_directory");
}

/** Hash a recipient as it is written, as the directory does: 64 digits stand for 2 KB. */
export function recipientDigest(recipient: string): string {
  return sha256hex(utf8(recipient));
}

/** Name a member as the reader of a desk key. */
export function staffReader(staff: string): string {
  return `staff/${staff}`;
}

/** Name whoever holds a desk's recovery code as the reader of its key. */
export function deskCodeReader(desk: string): string {
  return `desk-code/${desk}`;
}

/** Name the document that holds a desk's key of an epoch, 64 hex digits; the versions of one are re-sealings. */
export function deskKeyId(desk: string, epoch: number): string {
  return sha256hex(utf8(`letter-relay/desk-key/v1\0${desk}/${epoch}`));
}

/**
 * Seal a desk's key to members and to its recovery code.
 *
 * Before the key stands in a directory it has to be sealed, so only its readers are checked. Throws Problem
 * "key_not_in_directory": a member's recipient is not the one that the directory vouches for. "sealed_line": there is no
 * reader, one is named in another form, or there are too many for one document.
 */
export async function sealDeskKey({ key, readers, by, directory, version = 1 }: DeskKeyToSeal): Promise<Bytes> {
  for (const [reader, recipient] of readers) checkReader(reader, recipient, directory);
  const { relay, desk, epoch, seed } = key;
  const id = deskKeyId(desk, epoch);
  return sealDocument({
    line: { relay, kind: "desk-key", id, to: [...readers.keys()], dir: directory.version, version },
    content: utf8(encodeJson({ v: VERSION, relay, desk, epoch, seed: hex(seed) })),
    author: { staff: by.staff },
    signSeed: staffKeys(by.root).signSeed,
    recipients: [...readers.values()],
  });
}

/**
 * Open a desk's key with a member's identity or the recovery code's.
 *
 * The directory has to have its public half, which says more than the signature of whoever sealed it, who may have left
 * since. Throws Problem as `openDocument`; "keyring_malformed": it is no desk key, or not the one that its first line names;
 * "key_not_in_directory": the desk has another key in this epoch, or none.
 */
export async function openDeskKey(
  file: Uint8Array,
  identitySeeds: Uint8Array | readonly Uint8Array[],
  directory: KeyDirectory,
): Promise<DeskKey> {
  const { line, content } = await openDocument(file, identitySeeds);
  const { relay, desk, epoch, seed } = parse(content, ["v", "relay", "desk", "epoch", "seed"]);
  ensure(isId(desk) && isInteger(epoch, 1) && isDigest(seed), "keyring_malformed");
  const isNamed = line.kind === "desk-key" && line.relay === relay && line.id === deskKeyId(desk, epoch);
  ensure(isNamed, "keyring_malformed", "a desk key is not the one that its first line names");
  const key = { relay: line.relay, desk, epoch, seed: unhex(seed) };
  checkDeskKey(key, directory);
  return key;
}

/** Require that the directory has the public half of a desk's key, in its epoch; throws Problem "key_not_in_directory". */
export function checkDeskKey({ desk, epoch, seed }: DeskKey, directory: KeyDirectory): void {
  const recipient = lookUp(() => directory.recipient(`${desk}/${epoch}`));
  ensure(recipient === recipientOf(seed), "key_not_in_directory");
}

function checkReader(reader: string, recipient: string, directory: KeyDirectory): void {
  if (!reader.startsWith(staffReader(""))) return;
  const member = lookUp(() => directory.staff(reader.slice(staffReader("").length)));
  ensure(recipientDigest(recipient) === member.recipient_sha256, "key_not_in_directory");
}

/** Whatever name the directory does not know, its key is not in it. */
function lookUp<Found>(look: () => Found): Found {
  try {
    return look();
  } catch {
    throw new Problem("key_not_in_directory");
  }
}

function parse(content: Uint8Array, keys: readonly string[]): Record<string, unknown> {
  let text: string;
  try {
    text = fromUtf8(content);
  } catch {
    throw new Problem("keyring_malformed");
  }
  const plain = parseJson(text, "keyring");
  const isKnown = Object.keys(plain).join() === keys.join() && plain.v === VERSION;
  ensure(isKnown, "keyring_malformed", "a keyring has other keys, or is of another version");
  return plain;
}
