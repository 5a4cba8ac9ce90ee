/**
 * The inside of letters and documents: what was written, who signed it, and spaces up to a padded size.
 *
 *     <manifest>\n<base64 signature>\n<spaces>
 */

import { ed25519 } from "@noble/curves/ed25519.js";
import { type Bytes, b64, concat, equal, fromUtf8, unb64, unhex, utf8 } from "./bytes";
import { isDigest } from "./ids";
import type { Author } from "./manifests";
import { pad, paddedTextSize } from "./padding";
import { Problem } from "./problems";
import { verifyEd25519 } from "./vkeys";

/** What a reader is shown about a signature. */
export type Signature = "authentic" | "forged" | "unsigned";

/**
 * The Ed25519 key (hex) by which the reader knows the author, from the directory or the contact; or who looks it up.
 *
 * A key that only stands in the letter proves that it was not changed, not who wrote it. Without a key, what is signed
 * counts as forged: nobody vouches for it.
 */
export type KnownKey = string | undefined | ((by: Author) => string | undefined);

const SIGNATURE_BYTES = 64;
const SPACE = 0x20;
const LINE_FEED = 0x0a;

/** A manifest and its signature as they came out of a file. */
export interface Signed {
  readonly manifestJson: Uint8Array;
  /** 64 bytes, or none if nobody signed. */
  readonly signature: Uint8Array;
}

/** Sign a manifest under its first line and write the padded plaintext. */
export function sign(firstLine: Uint8Array, manifestJson: Uint8Array, signSeed: Uint8Array): Bytes {
  return plaintextOf({ manifestJson, signature: ed25519.sign(signedBytes(firstLine, manifestJson), signSeed) });
}

/**
 * Split a plaintext into manifest and signature, judging neither.
 *
 * Throws Problem "manifest": the signature's line is neither empty nor 64 bytes of base64. "not_padded": what follows is
 * not spaces up to the smallest padded size.
 */
export function splitSigned(plaintext: Uint8Array): Signed {
  const end = lineEnd(plaintext, 0);
  const signatureEnd = lineEnd(plaintext, end + 1);
  const signature = readSignature(plaintext.subarray(end + 1, signatureEnd));
  const signed = { manifestJson: plaintext.subarray(0, end), signature };
  if (!equal(plaintextOf(signed), plaintext)) throw new Problem("not_padded");
  return signed;
}

/** Judge a signature with the key by which the reader knows the author. */
export function judge(firstLine: Uint8Array, signed: Signed, by: Author, known: KnownKey): Signature {
  if (signed.signature.length === 0) return "unsigned";
  const vkey = typeof known === "function" ? known(by) : known;
  if (!isDigest(vkey)) return "forged";
  const message = signedBytes(firstLine, signed.manifestJson);
  return verifyEd25519(unhex(vkey), signed.signature, message) ? "authentic" : "forged";
}

/** The label keeps what is signed here apart from every other purpose of the key. */
function signedBytes(firstLine: Uint8Array, manifestJson: Uint8Array): Bytes {
  return concat(utf8("letter-relay/manifest/v1\0"), firstLine, utf8("\n"), manifestJson);
}

function plaintextOf({ manifestJson, signature }: Signed): Bytes {
  const content = concat(manifestJson, utf8(`\n${b64(signature)}\n`));
  return pad(content, paddedTextSize(content.length), SPACE);
}

/** Where the line ends that begins there; a last one at the end of the bytes. */
function lineEnd(bytes: Uint8Array, begin: number): number {
  const end = bytes.indexOf(LINE_FEED, begin);
  return end < 0 ? bytes.length : end;
}

function readSignature(line: Uint8Array): Uint8Array {
  try {
    const signature = unb64(fromUtf8(line));
    if (signature.length === 0 || signature.length === SIGNATURE_BYTES) return signature;
  } catch {
    // Said below, in the words of the format.
  }
  throw new Problem("manifest", "the signature under the manifest is not 64 bytes of base64");
}
