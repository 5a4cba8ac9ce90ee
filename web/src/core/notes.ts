/**
 * C2SP signed notes: a text that ends in a newline, a blank line, and the signatures of the keys behind it.
 *
 * A note says nothing until one of the keys expected has been verified, so its text is reached through `verifyNote`.
 */

import { ed25519 } from "@noble/curves/ed25519.js";
import { type Bytes, b64, concat, fromUtf8, sha256hex, utf8 } from "./bytes";
import { ensure, Problem } from "./problems";
import { claimOf, ED25519, ed25519Vkey, isKeyName, tryUnb64, Vkey, verifyEd25519 } from "./vkeys";

export { ed25519Vkey, Vkey };

export const MAX_NOTE_BYTES = 1024 * 1024;
const MAX_SIGNATURES = 100;
const DASH = "\u2014 ";
const HALF_PAIR = /[\ud800-\udfff]/u;

/** One signature line: the key it claims, and the bytes after the key id. */
export interface Signature {
  readonly name: string;
  readonly keyId: Bytes;
  readonly blob: Bytes;
}

/** A note as it was parsed; its text counts for nothing until `verifyNote` has said who stands behind it. */
export interface Note {
  readonly text: string;
  readonly signatures: readonly Signature[];
}

/** A text, and which of the expected keys have signed it, each once, in the order of their lines. */
export interface VerifiedNote {
  readonly text: string;
  readonly by: readonly Vkey[];
}

/** A named key that signs notes: its name and the 32-byte Ed25519 seed. */
export interface Signer {
  readonly name: string;
  readonly seed: Uint8Array;
}

/** Verifies a line by a key that signs no plain notes; throws Problem "signature_invalid". See cosignatures.ts. */
export type VerifyOther = (text: string, signature: Signature, vkey: Vkey) => void;

/** Split a note into its text and its lines, judging neither; throws Problem "note_malformed". */
export function parseNote(data: Uint8Array): Note {
  const whole = decode(data);
  const blank = whole.lastIndexOf("\n\n");
  ensure(blank >= 0 && whole.endsWith("\n"), "note_malformed", "a note has no blank line before its signatures");
  const lines = whole.slice(blank + 2).split("\n");
  lines.pop();
  const counted = lines.length >= 1 && lines.length <= MAX_SIGNATURES;
  ensure(counted, "note_malformed", "a note has no signature line, or more than 100");
  return { text: whole.slice(0, blank + 1), signatures: lines.map(parseSignature) };
}

/** Write a note; the one inverse of `parseNote`. Throws Problem "note_malformed" for what could not be read back. */
export function encodeNote(note: Note): Bytes {
  const counted = note.signatures.length >= 1 && note.signatures.length <= MAX_SIGNATURES;
  const writable = note.text.endsWith("\n") && !HALF_PAIR.test(note.text);
  ensure(counted && writable, "note_malformed", "a note's text or number of signatures cannot stand in a note");
  const data = utf8(`${note.text}\n${note.signatures.map(encodeSignature).join("")}`);
  ensure(!isUnreadable(data), "note_malformed", "a note has a control character in it, or is larger than 1 MiB");
  return data;
}

/** Name a whole note, signatures included, by its SHA-256 (hex). */
export function noteDigest(data: Uint8Array): string {
  return sha256hex(data);
}

/** Sign a text with one or more keys; throws Problem "note_malformed" if it cannot stand in a note. */
export function signNote(text: string, signers: readonly Signer[]): Bytes {
  const message = utf8(text);
  const signatures = signers.map(({ name, seed }) => {
    const vkey = ed25519Vkey(name, ed25519.getPublicKey(seed));
    return { name, keyId: vkey.keyId, blob: concat(ed25519.sign(message, seed)) };
  });
  return encodeNote({ text, signatures });
}

/**
 * Return a note's text with those of the expected keys that signed it. How many are enough is the caller's rule.
 *
 * Lines by other keys are ignored; without `verifyOther`, so are those by expected keys that only cosign. Throws Problem
 * "note_malformed", "note_unsigned" if no expected key has signed, and "signature_invalid" if a line by an expected key
 * is false: then nothing in the note is believed.
 */
export function verifyNote(data: Uint8Array, vkeys: Iterable<Vkey>, verifyOther?: VerifyOther): VerifiedNote {
  const note = parseNote(data);
  const expected = new Map<string, Vkey>();
  for (const vkey of vkeys) if (vkey.algorithm === ED25519 || verifyOther) expected.set(vkey.claim, vkey);
  const by = new Map<string, Vkey>();
  for (const signature of note.signatures) {
    const claim = claimOf(signature.name, signature.keyId);
    const vkey = expected.get(claim);
    if (!vkey) continue;
    verifySignature(note.text, signature, vkey, verifyOther);
    by.set(claim, vkey);
  }
  if (by.size === 0) throw new Problem("note_unsigned");
  return { text: note.text, by: [...by.values()] };
}

/** Verify one line over a note's text, by the rule of its key's type; throws Problem "signature_invalid". */
export function verifySignature(text: string, signature: Signature, vkey: Vkey, verifyOther?: VerifyOther): void {
  if (vkey.algorithm !== ED25519 && verifyOther) verifyOther(text, signature, vkey);
  else if (vkey.algorithm !== ED25519 || !verifyEd25519(vkey.publicKey, signature.blob, utf8(text))) {
    throw new Problem("signature_invalid");
  }
}

function encodeSignature({ name, keyId, blob }: Signature): string {
  const writable = isKeyName(name) && keyId.length === 4 && blob.length > 0;
  ensure(writable, "note_malformed", "a signature has a name, an id or a length that cannot stand in a note");
  return `${DASH}${name} ${b64(concat(keyId, blob))}\n`;
}

function parseSignature(line: string): Signature {
  const [name = "", encoded = "", ...more] = line.startsWith(DASH) ? line.slice(DASH.length).split(" ") : [];
  const blob = tryUnb64(encoded);
  if (more.length > 0 || !isKeyName(name) || !blob || blob.length < 5) {
    throw new Problem("note_malformed", "a signature line is not a dash, a key name and base64");
  }
  return { name, keyId: blob.slice(0, 4), blob: blob.slice(4) };
}

function decode(data: Uint8Array): string {
  ensure(!isUnreadable(data), "note_malformed", "a note has a control character in it, or is larger than 1 MiB");
  try {
    return fromUtf8(data);
  } catch {
    throw new Problem("note_malformed", "a note is not UTF-8");
  }
}

function isUnreadable(data: Uint8Array): boolean {
  return data.length > MAX_NOTE_BYTES || data.some((byte) => byte < 0x20 && byte !== 0x0a);
}
