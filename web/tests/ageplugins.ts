/** What the official age vectors need and the pages do not have: X25519 and passphrase identities. */

import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { hkdf } from "@noble/hashes/hkdf.js";
import { scrypt } from "@noble/hashes/scrypt.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { Unwrap } from "../src/core/agefile";
import { decodeUnpadded } from "../src/core/ageheader";
import { decodeBech32 } from "../src/core/bech32";
import { concat, utf8 } from "../src/core/bytes";
import { ensure } from "../src/core/problems";

const MAX_WORK_FACTOR = 22;

/** A classic `AGE-SECRET-KEY-1…`. */
export function x25519Identity(text: string): Unwrap {
  const secret = decodeBech32("age-secret-key-", text.toLowerCase());
  return (stanzas) => {
    for (const { type, args, body } of stanzas) {
      if (type !== "X25519") continue;
      const share = args.length === 1 ? decodeUnpadded(args[0]!) : new Uint8Array(0);
      ensure(share.length === 32, "age_header");
      const salt = concat(share, x25519.getPublicKey(secret));
      const fileKey = openBody(
        hkdf(sha256, sharedSecret(secret, share), salt, utf8("age-encryption.org/v1/X25519"), 32),
        body,
      );
      if (fileKey) return fileKey;
    }
    return undefined;
  };
}

/** A passphrase, stretched with scrypt. */
export function passphraseIdentity(passphrase: string): Unwrap {
  return (stanzas) => {
    if (!stanzas.some(({ type }) => type === "scrypt")) return undefined;
    const [salt, factor] = stanzas[0]!.args;
    ensure(stanzas.length === 1 && stanzas[0]!.args.length === 2, "age_header");
    ensure(/^[1-9][0-9]*$/.test(factor!) && Number(factor) <= MAX_WORK_FACTOR, "age_header");
    ensure(decodeUnpadded(salt!).length === 16, "age_header");
    const salted = concat(utf8("age-encryption.org/v1/scrypt"), decodeUnpadded(salt!));
    const key = scrypt(utf8(passphrase), salted, { N: 2 ** Number(factor), r: 8, p: 1, dkLen: 32, maxmem: 2 ** 33 });
    return openBody(key, stanzas[0]!.body);
  };
}

function sharedSecret(secret: Uint8Array, share: Uint8Array): Uint8Array {
  try {
    return x25519.getSharedSecret(secret, share);
  } catch {
    ensure(false, "age_header");
  }
  throw new Error("unreachable");
}

function openBody(key: Uint8Array, body: Uint8Array): Uint8Array | undefined {
  ensure(body.length === 32, "age_header");
  try {
    return chacha20poly1305(key, new Uint8Array(12)).decrypt(body);
  } catch {
    return undefined;
  }
}
