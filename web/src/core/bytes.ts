/** Bytes and their spellings: lower-case hex, padded base64 and UTF-8, each with exactly one encoding. */

import { hmac as nobleHmac } from "@noble/hashes/hmac.js";
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { Problem } from "./problems";

/** Bytes of our own making: never shared between threads, so every Web API takes them. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** `String.fromCharCode` takes its bytes as arguments, of which engines allow some tens of thousands. */
const SLICE_BYTES = 0x2000;
const HEX = /^(?:[0-9a-f]{2})*$/;

/** Write lower-case hex. */
export function hex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

/** Read lower-case hex; throws Problem "not_canonical" for anything else, capitals included. */
export function unhex(text: string): Bytes {
  if (!HEX.test(text)) throw new Problem("not_canonical", "a value is not lower-case hexadecimal");
  return Uint8Array.from({ length: text.length / 2 }, (_, at) => Number.parseInt(text.slice(2 * at, 2 * at + 2), 16));
}

/** Write padded standard base64. */
export function b64(bytes: Uint8Array): string {
  let binary = "";
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) {
    binary += String.fromCharCode(...bytes.subarray(at, at + SLICE_BYTES));
  }
  return btoa(binary);
}

/** Read padded, canonical base64; throws Problem "not_canonical" for anything else. */
export function unb64(text: string): Bytes {
  let binary = "";
  try {
    binary = atob(text);
  } catch {
    throw new Problem("not_canonical", "a value is not base64");
  }
  // `atob` overlooks spaces, missing padding and bits to spare; writing it again does not.
  if (btoa(binary) !== text) throw new Problem("not_canonical", "a value is base64 that is not canonical");
  return Uint8Array.from(binary, (character) => character.charCodeAt(0));
}

/** Write UTF-8. Half a surrogate pair would silently become U+FFFD: whoever takes texts refuses those first. */
export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text);
}

/** Read UTF-8, a byte order mark being a character like any other; throws Problem "not_canonical" if it is none. */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new Problem("not_canonical", "a text is not UTF-8");
  }
}

/** Put bytes one after the other. */
export function concat(...parts: readonly Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Say whether two values are the same bytes, in a time that depends on their length only. */
export function equal(one: Uint8Array, other: Uint8Array): boolean {
  if (one.length !== other.length) return false;
  let difference = 0;
  for (let at = 0; at < one.length; at++) difference |= one[at]! ^ other[at]!;
  return difference === 0;
}

/** SHA-256, 32 bytes. */
export function sha256(bytes: Uint8Array): Bytes {
  return nobleSha256(bytes) as Bytes;
}

/** SHA-256 in hex. */
export function sha256hex(bytes: Uint8Array): string {
  return hex(sha256(bytes));
}

/** HMAC-SHA256, 32 bytes. */
export function hmac(key: Uint8Array, bytes: Uint8Array): Bytes {
  return nobleHmac(nobleSha256, key, bytes) as Bytes;
}

/** Random bytes from the operating system; at most 65,536 at a time. */
export function randomBytes(size: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(size));
}

/** Write a count as eight bytes, most significant first. */
export function u64be(value: number | bigint): Bytes {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
  return bytes;
}
