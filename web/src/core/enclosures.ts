/**
 * Photos, drawings and scans beside a letter, each sealed once to a one-time key that stands in the letter's manifest.
 *
 *     <first line>\n<age file of: the image, and zero bytes up to a Padmé size>
 */

import { hex, randomBytes, sha256hex, unhex } from "./bytes";
import { checkEnvelope, openEnvelope, sealEnvelope } from "./envelope";
import { type EnclosureLine, encodeEnclosureLine, parseFirstLine, type SealedLine, splitFirstLine } from "./firstlines";
import { recipientOf } from "./hybrid";
import { type EnclosureEntry, type EnclosureType, MAX_ENCLOSURE_BYTES } from "./manifests";
import { pad, padme } from "./padding";
import { ensure, Problem } from "./problems";

const SEED_BYTES = 32;

/** An image to seal: already re-encoded, so that no hidden data travels with it. */
export interface EnclosureToSeal {
  readonly relay: string;
  readonly item: string;
  /** 1, 2 or 3. */
  readonly part: number;
  /** 1 byte to 4 MiB. */
  readonly bytes: Uint8Array;
  readonly type: EnclosureType;
  readonly name: string;
}

/** A sealed image, and what the letter needs to say of it. */
export interface SealedEnclosure {
  readonly file: Uint8Array<ArrayBuffer>;
  /** 32 bytes in hex; it goes into the manifest and nowhere else. */
  readonly seed: string;
  /** The part digest for the letter's first line. */
  readonly digest: string;
  /** The entry for the letter's manifest. */
  readonly entry: EnclosureEntry;
}

/** Seal an image once, for all legs; throws Problem "too_large" if it is empty or larger than 4 MiB. */
export async function sealEnclosure(enclosure: EnclosureToSeal): Promise<SealedEnclosure> {
  const { relay, item, part, bytes, type, name } = enclosure;
  if (bytes.length === 0 || bytes.length > MAX_ENCLOSURE_BYTES) throw new Problem("too_large");
  const secret = randomBytes(SEED_BYTES);
  const padded = pad(bytes, padme(bytes.length), 0);
  const file = sealEnvelope(encodeEnclosureLine({ relay, item, part }), padded, [recipientOf(secret)], 1);
  const seed = hex(secret);
  return { file, seed, digest: sha256hex(file), entry: { name, type, bytes: bytes.length, seed } };
}

/** Check an enclosure without a key; throws as `checkSealed`. */
export function checkEnclosure(file: Uint8Array): EnclosureLine {
  const first = parseFirstLine(splitFirstLine(file));
  if (first.part !== "enclosure") throw new Problem("sealed_kind");
  const size = checkEnvelope(file, 1);
  if (size === 0 || size > MAX_ENCLOSURE_BYTES || padme(size) !== size) throw new Problem("not_padded");
  return first.line;
}

/**
 * Open an enclosure that a letter names.
 *
 * `line` is the letter's, `entry` the one of its manifest for this part. Throws Problem "enclosure_excised": a reviewer left
 * it out. "enclosure_malformed": another file than the letter names, or its inside is not as described. Otherwise as
 * `checkSealed`, "wrong_key", "age_header_forged" and "age_payload".
 */
export async function openEnclosure(file: Uint8Array, line: SealedLine, entry: EnclosureEntry): Promise<Uint8Array> {
  const place = line.enclosures?.indexOf(sha256hex(file)) ?? -1;
  ensure(place >= 0, "enclosure_malformed", "this is not an enclosure that the letter names");
  ensure(entry.seed !== null, "enclosure_excised");
  const { relay, item, part } = checkEnclosure(file);
  const isItsPart = relay === line.relay && item === line.item && part === place + 1;
  ensure(isItsPart, "enclosure_malformed", "the enclosure belongs to another item or part");
  return unpad(openEnvelope(file, unhex(entry.seed)), entry.bytes);
}

function unpad(padded: Uint8Array, size: number): Uint8Array {
  const isPadded = padded.length === padme(size) && padded.subarray(size).every((byte) => byte === 0);
  ensure(isPadded, "enclosure_malformed", "the enclosure is not as the letter describes it");
  return padded.subarray(0, size);
}
