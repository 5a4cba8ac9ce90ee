/** Verifier keys of C2SP signed notes: a key's name, its type, and its public half in one line. */

import { ed25519 } from "@noble/curves/ed25519.js";
import { type Bytes, b64, concat, equal, hex, sha256, unb64, unhex, utf8 } from "./bytes";
import { ensure, Problem } from "./problems";

/** The signature types this project knows, by their C2SP identifier byte. */
export const ED25519 = 0x01;
export const COSIGNATURE = 0x04;
export const MLDSA44 = 0x06;

const PUBLIC_BYTES: Readonly<Record<number, number>> = { [ED25519]: 32, [COSIGNATURE]: 32, [MLDSA44]: 1312 };
const KEY_ID = /^[0-9a-f]{8}$/;
/** C2SP signed-note: no Unicode spaces, no plus sign; and no control characters or halves of pairs either. */
const KEY_NAME =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is they that are refused
  /^[^\x00-\x20\x85\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000+\ud800-\udfff]+$/u;

/** Say whether a key may have this name. */
export function isKeyName(name: string): boolean {
  return KEY_NAME.test(name);
}

/** Read canonical padded base64, or say that it is none. */
export function tryUnb64(text: string): Bytes | null {
  try {
    return unb64(text);
  } catch {
    return null;
  }
}

/** A verifier key: whose it is, what it may sign by its type, and its public half. */
export class Vkey {
  /** What tells keys apart in a note: name and id. */
  readonly claim: string;

  /** Throws Problem "vkey_malformed" where name, type, length and id do not agree. */
  constructor(
    readonly name: string,
    readonly keyId: Bytes,
    readonly algorithm: number,
    readonly publicKey: Bytes,
  ) {
    ensure(isKeyName(name), "vkey_malformed", "a key name is empty, or has a space, a plus sign or a control in it");
    ensure(publicKey.length === PUBLIC_BYTES[algorithm], "vkey_malformed", "a key has a type or length not used here");
    const made = keyIdOf(name, algorithm, publicKey);
    ensure(equal(keyId, made), "vkey_malformed", "a key's id is not the hash of its name and key");
    this.claim = claimOf(name, keyId);
  }

  /** Name a raw public key of a type. */
  static named(name: string, algorithm: number, publicKey: Uint8Array): Vkey {
    return new Vkey(name, keyIdOf(name, algorithm, publicKey), algorithm, concat(publicKey));
  }

  /** Read `name+hex8(id)+base64(type, key)` in its one encoding; throws Problem "vkey_malformed". */
  static parse(text: string): Vkey {
    const [name = "", keyId = "", ...rest] = text.split("+");
    const material = tryUnb64(rest.join("+"));
    if (!material?.length || !KEY_ID.test(keyId)) throw new Problem("vkey_malformed");
    return new Vkey(name, unhex(keyId), material[0]!, material.slice(1));
  }

  /** Write the key as it is published. */
  toString(): string {
    return `${this.name}+${hex(this.keyId)}+${b64(concat(Uint8Array.of(this.algorithm), this.publicKey))}`;
  }
}

/** Name a raw Ed25519 public key that signs notes. */
export function ed25519Vkey(name: string, raw: Uint8Array): Vkey {
  return Vkey.named(name, ED25519, raw);
}

/** Join what a signature line claims. */
export function claimOf(name: string, keyId: Uint8Array): string {
  return `${name}+${hex(keyId)}`;
}

/** Verify a bare Ed25519 signature as RFC 8032 has it, without ZIP 215's tolerance. */
export function verifyEd25519(publicKey: Uint8Array, signature: Uint8Array, message: Uint8Array): boolean {
  return signature.length === 64 && ed25519.verify(signature, message, publicKey, { zip215: false });
}

function keyIdOf(name: string, algorithm: number, publicKey: Uint8Array): Bytes {
  return sha256(concat(utf8(`${name}\n`), Uint8Array.of(algorithm), publicKey)).slice(0, 4);
}
