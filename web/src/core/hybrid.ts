/**
 * The post-quantum hybrid recipient of age: X-Wing, that is ML-KEM-768 and X25519 together, under HPKE (RFC 9180).
 *
 * It is the only recipient there is here: what is sealed today must still be sealed when a quantum computer exists. Both
 * halves must be broken before anybody else can read a letter. C2SP age, "mlkem768x25519"; draft-connolly-cfrg-xwing-kem.
 */

import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { x25519 } from "@noble/curves/ed25519.js";
import { sha3_256, shake256 } from "@noble/hashes/sha3.js";
import { ml_kem768 } from "@noble/post-quantum/ml-kem.js";
import { decodeUnpadded, encodeUnpadded, type Stanza } from "./ageheader";
import { decodeBech32, encodeBech32 } from "./bech32";
import { concat, hmac, randomBytes, utf8 } from "./bytes";
import { Problem } from "./problems";

/** The stanza's type in the header. */
export const HYBRID_STANZA = "mlkem768x25519";
const PREFIX = "age1pq";
const SEED_BYTES = 32;
const LATTICE_PUBLIC_BYTES = 1184;
const PUBLIC_BYTES = LATTICE_PUBLIC_BYTES + 32;
/** The last 32 bytes of the lattice's key are a seed; before them are pairs of 12-bit coefficients, three bytes each. */
const COEFFICIENT_BYTES = LATTICE_PUBLIC_BYTES - 32;
const MODULUS = 3329;
const LATTICE_SHARE_BYTES = 1088;
const SHARE_BYTES = LATTICE_SHARE_BYTES + 32;
/** The 16-byte file key and its tag. */
const BODY_BYTES = 16 + 16;

const NOTHING = /* @__PURE__ */ new Uint8Array(0);
const INFO = /* @__PURE__ */ utf8("age-encryption.org/mlkem768x25519");
const XWING_LABEL = /* @__PURE__ */ utf8("\\.//^\\");
/** KEM 0x647a (X-Wing), KDF 1 (HKDF-SHA256), AEAD 3 (ChaCha20-Poly1305). */
const SUITE = /* @__PURE__ */ concat(/* @__PURE__ */ utf8("HPKE"), Uint8Array.of(0x64, 0x7a, 0, 1, 0, 3));

/** Both secret halves and the public key that a seed expands to. */
interface Pair {
  readonly latticeSecret: Uint8Array;
  readonly curveSecret: Uint8Array;
  readonly publicKey: Uint8Array;
}

/** Give the recipient, `age1pq1…`, of an identity's seed (32 bytes); throws Problem "key_malformed". */
export function recipientOf(seed: Uint8Array): string {
  return encodeBech32(PREFIX, expandSeed(seed).publicKey);
}

/** Read `age1pq1…` as 1,216 raw bytes; throws Problem "key_malformed" for anything else, classic recipients included. */
export function parseRecipient(recipient: string): Uint8Array {
  const publicKey = decodeBech32(PREFIX, recipient);
  if (publicKey.length !== PUBLIC_BYTES || !isReduced(publicKey)) throw new Problem("key_malformed");
  return publicKey;
}

/**
 * Seal the file key to a recipient.
 *
 * `randomness` (64 bytes) is given by tests only. Throws Problem "key_malformed".
 */
export function wrapFileKey(recipient: string, fileKey: Uint8Array, randomness = randomBytes(64)): Stanza {
  const { share, secret } = encapsulate(parseRecipient(recipient), randomness);
  const { key, nonce } = hpkeKeys(secret);
  return { type: HYBRID_STANZA, args: [encodeUnpadded(share)], body: chacha20poly1305(key, nonce).encrypt(fileKey) };
}

/**
 * Open the first hybrid stanza that is sealed to this seed's identity; undefined if there is none.
 *
 * Throws Problem "age_header": a hybrid stanza of another shape, or with a share of low order.
 */
export function unwrapFileKey(seed: Uint8Array, stanzas: readonly Stanza[]): Uint8Array | undefined {
  const pair = expandSeed(seed);
  for (const stanza of stanzas) {
    if (stanza.type !== HYBRID_STANZA) continue;
    const { key, nonce } = hpkeKeys(decapsulate(pair, hybridShare(stanza)));
    try {
      return chacha20poly1305(key, nonce).decrypt(stanza.body);
    } catch {
      // It is for somebody else.
    }
  }
  return undefined;
}

/**
 * Check the shape of a hybrid stanza and give its encapsulated key, 1,120 bytes; throws Problem "age_header".
 *
 * The body's length is checked before anybody decrypts it: otherwise one stanza could be made to open under several keys
 * (C2SP age, "partitioning oracle").
 */
export function hybridShare(stanza: Stanza): Uint8Array {
  const share = stanza.args.length === 1 && stanza.body.length === BODY_BYTES && decodeUnpadded(stanza.args[0]!);
  if (!share || share.length !== SHARE_BYTES) {
    throw new Problem("age_header", "the age header has a hybrid stanza of a wrong shape");
  }
  return share;
}

// ---------------------------------------------------------------- X-Wing

function expandSeed(seed: Uint8Array): Pair {
  if (seed.length !== SEED_BYTES) throw new Problem("key_malformed");
  const full = shake256(seed, { dkLen: 96 });
  const lattice = ml_kem768.keygen(full.subarray(0, 64));
  const curveSecret = full.subarray(64);
  const publicKey = concat(lattice.publicKey, x25519.getPublicKey(curveSecret));
  return { latticeSecret: lattice.secretKey, curveSecret, publicKey };
}

/** The modulus check of FIPS 203 §7.2, which @noble/post-quantum 0.5.4 has, but which passes everything there. */
function isReduced(publicKey: Uint8Array): boolean {
  for (let at = 0; at < COEFFICIENT_BYTES; at += 3) {
    const pair = publicKey[at]! | (publicKey[at + 1]! << 8) | (publicKey[at + 2]! << 16);
    if ((pair & 0xfff) >= MODULUS || pair >> 12 >= MODULUS) return false;
  }
  return true;
}

function encapsulate(publicKey: Uint8Array, randomness: Uint8Array): { share: Uint8Array; secret: Uint8Array } {
  const curvePublic = publicKey.subarray(LATTICE_PUBLIC_BYTES);
  const ephemeral = randomness.subarray(32, 64);
  try {
    const lattice = ml_kem768.encapsulate(publicKey.subarray(0, LATTICE_PUBLIC_BYTES), randomness.subarray(0, 32));
    const curveShare = x25519.getPublicKey(ephemeral);
    const curveSecret = x25519.getSharedSecret(ephemeral, curvePublic);
    const secret = combine(lattice.sharedSecret, curveSecret, curveShare, curvePublic);
    return { share: concat(lattice.cipherText, curveShare), secret };
  } catch {
    // A point of low order is nobody's key.
    throw new Problem("key_malformed");
  }
}

function decapsulate(pair: Pair, share: Uint8Array): Uint8Array {
  const curveShare = share.subarray(LATTICE_SHARE_BYTES);
  const latticeSecret = ml_kem768.decapsulate(share.subarray(0, LATTICE_SHARE_BYTES), pair.latticeSecret);
  let curveSecret: Uint8Array;
  try {
    curveSecret = x25519.getSharedSecret(pair.curveSecret, curveShare);
  } catch {
    // RFC 9180 §7.1.4 has the all-zero secret refused.
    throw new Problem("age_header", "the age header has a hybrid stanza with a share of low order");
  }
  return combine(latticeSecret, curveSecret, curveShare, pair.publicKey.subarray(LATTICE_PUBLIC_BYTES));
}

function combine(...parts: [lattice: Uint8Array, curve: Uint8Array, share: Uint8Array, curvePublic: Uint8Array]) {
  return sha3_256(concat(...parts, XWING_LABEL));
}

// ---------------------------------------------------------------- HPKE, base mode

/** The key schedule of RFC 9180 §5.1 for one message, the only one that a stanza holds. */
function hpkeKeys(secret: Uint8Array): { key: Uint8Array; nonce: Uint8Array } {
  const context = concat(
    Uint8Array.of(0),
    extract(NOTHING, "psk_id_hash", NOTHING),
    extract(NOTHING, "info_hash", INFO),
  );
  const scheduled = extract(secret, "secret", NOTHING);
  return { key: expand(scheduled, "key", context, 32), nonce: expand(scheduled, "base_nonce", context, 12) };
}

function extract(salt: Uint8Array, label: string, input: Uint8Array): Uint8Array {
  return hmac(salt, concat(utf8("HPKE-v1"), SUITE, utf8(label), input));
}

/** At most 32 bytes, which is a single block of RFC 5869's expand. */
function expand(secret: Uint8Array, label: string, context: Uint8Array, size: number): Uint8Array {
  const info = concat(Uint8Array.of(0, size), utf8("HPKE-v1"), SUITE, utf8(label), context);
  return hmac(secret, concat(info, Uint8Array.of(1))).subarray(0, size);
}
