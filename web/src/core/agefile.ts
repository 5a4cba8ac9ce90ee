/**
 * The age v1 file format (C2SP age): whole files in memory, sealed to post-quantum hybrid recipients only.
 *
 *     <header, see ageheader>
 *     <16-byte nonce><chunks of 64 KiB, each sealed with ChaCha20-Poly1305>
 *
 * Why it is written here and not taken from age-encryption: docs/adr/0009. Stock age 1.3 opens what is sealed here.
 */

import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { encodeMac, encodeStanzas, type Header, parseHeader, type Stanza } from "./ageheader";
import { type Bytes, concat, equal, hmac, randomBytes, utf8 } from "./bytes";
import { unwrapFileKey, wrapFileKey } from "./hybrid";
import { Problem } from "./problems";

const FILE_KEY_BYTES = 16;
const NONCE_BYTES = 16;
const TAG_BYTES = 16;
const CHUNK_BYTES = 64 * 1024;
const SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES;

/** Finds the 16-byte file key among the stanzas; undefined if none is for this identity. */
export type Unwrap = (stanzas: readonly Stanza[]) => Uint8Array | undefined;

/**
 * Seal bytes of any length to all recipients, each `age1pq1…`; throws Problem "key_malformed" for any other.
 *
 * `extra` stanzas wrap nothing but are covered by the header's MAC; they stand after the recipients'.
 */
export function encryptAge(plaintext: Uint8Array, recipients: readonly string[], extra: readonly Stanza[] = []): Bytes {
  if (recipients.length === 0) throw new Problem("recipients_differ", "a file is sealed to at least one recipient");
  const fileKey = randomBytes(FILE_KEY_BYTES);
  const wrapped = recipients.map((recipient) => wrapFileKey(recipient, fileKey));
  return assembleAge(plaintext, fileKey, randomBytes(NONCE_BYTES), [...wrapped, ...extra]);
}

/** Write the file from all that is random in it; only vectors give that themselves. */
export function assembleAge(
  plaintext: Uint8Array,
  fileKey: Uint8Array,
  nonce: Uint8Array,
  stanzas: readonly Stanza[],
): Bytes {
  const covered = encodeStanzas(stanzas);
  const key = derive(fileKey, nonce, "payload");
  return concat(covered, encodeMac(headerMac(fileKey, covered)), nonce, ...sealChunks(key, plaintext));
}

/**
 * Open a whole file with the first identity that can; nothing is given out before the last chunk is verified.
 *
 * Throws Problem "age_header", "wrong_key", "age_header_forged" or "age_payload".
 */
export function decryptAge(file: Uint8Array, identities: readonly Unwrap[]): Bytes {
  const header = parseHeader(file);
  const fileKey = findFileKey(header, identities);
  const payload = file.subarray(header.length);
  // C2SP's vectors count a missing nonce to the header.
  if (payload.length < NONCE_BYTES) throw new Problem("age_header", "the age file ends before its payload");
  const key = derive(fileKey, payload.subarray(0, NONCE_BYTES), "payload");
  return concat(...openChunks(key, payload.subarray(NONCE_BYTES)));
}

/** Make what opens files sealed to the identities of these seeds, 32 bytes each. */
export function identitiesOf(seeds: Uint8Array | readonly Uint8Array[]): Unwrap[] {
  const list = seeds instanceof Uint8Array ? [seeds] : seeds;
  return list.map((seed) => (stanzas) => unwrapFileKey(seed, stanzas));
}

/** Give the size of the plaintext inside a payload of that size; undefined if no plaintext has such a payload. */
export function plaintextSize(payloadSize: number): number | undefined {
  const sealed = payloadSize - NONCE_BYTES;
  const chunks = Math.ceil(sealed / SEALED_CHUNK_BYTES);
  const last = sealed - (chunks - 1) * SEALED_CHUNK_BYTES;
  // Only a first chunk may be empty.
  const isWhole = sealed >= TAG_BYTES && (last > TAG_BYTES || (last === TAG_BYTES && chunks === 1));
  return isWhole ? sealed - chunks * TAG_BYTES : undefined;
}

/** HKDF-SHA256 of 32 bytes, which is a single block of RFC 5869's expand. */
function derive(fileKey: Uint8Array, salt: Uint8Array, info: string): Bytes {
  return hmac(hmac(salt, fileKey), concat(utf8(info), Uint8Array.of(1)));
}

function headerMac(fileKey: Uint8Array, covered: Uint8Array): Bytes {
  return hmac(derive(fileKey, new Uint8Array(0), "header"), covered);
}

/** Find the file key, and prove with it that nobody touched the header. */
function findFileKey(header: Header, identities: readonly Unwrap[]): Uint8Array {
  for (const unwrap of identities) {
    const fileKey = unwrap(header.stanzas);
    if (fileKey === undefined) continue;
    if (!equal(headerMac(fileKey, header.macInput), header.mac)) throw new Problem("age_header_forged");
    return fileKey;
  }
  throw new Problem("wrong_key");
}

/** Eleven bytes of counter, most significant first, and whether the chunk is the last. */
function chunkNonce(counter: number, isLast: boolean): Uint8Array {
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setUint32(7, counter);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}

function* sealChunks(key: Uint8Array, plaintext: Uint8Array): Generator<Uint8Array> {
  const count = Math.max(1, Math.ceil(plaintext.length / CHUNK_BYTES));
  for (let at = 0; at < count; at++) {
    const chunk = plaintext.subarray(at * CHUNK_BYTES, (at + 1) * CHUNK_BYTES);
    yield chacha20poly1305(key, chunkNonce(at, at === count - 1)).encrypt(chunk);
  }
}

/** All bytes are here, so a chunk is the last if none follow: the counter's flag then says whether any are missing. */
function* openChunks(key: Uint8Array, sealed: Uint8Array): Generator<Uint8Array> {
  const count = Math.max(1, Math.ceil(sealed.length / SEALED_CHUNK_BYTES));
  for (let at = 0; at < count; at++) {
    const chunk = sealed.subarray(at * SEALED_CHUNK_BYTES, (at + 1) * SEALED_CHUNK_BYTES);
    // A last chunk that is empty would be a second encoding of the same content.
    if (at > 0 && chunk.length <= TAG_BYTES) throw new Problem("age_payload", "the sealed content is cut off");
    yield openChunk(key, chunkNonce(at, at === count - 1), chunk);
  }
}

function openChunk(key: Uint8Array, nonce: Uint8Array, chunk: Uint8Array): Uint8Array {
  try {
    return chacha20poly1305(key, nonce).decrypt(chunk);
  } catch {
    throw new Problem("age_payload", "the sealed content is damaged or cut off");
  }
}
