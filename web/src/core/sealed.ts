/**
 * Sealed files: letters here, enclosures and documents beside them (docs/spec/sealed.md).
 *
 *     <first line>\n<age file of: <manifest>\n<base64 signature>\n and spaces>
 *
 * `seal…` is what a client does before anything leaves the machine; `check…` is all that the relay can do, and does;
 * `open…` is for whoever holds a key. A forged or unsigned letter opens: its reader is shown it as such.
 */

import { type Bytes, sha256hex } from "./bytes";
import { checkDocument } from "./documents";
import { checkEnclosure } from "./enclosures";
import { checkEnvelope, openEnvelope, sealEnvelope } from "./envelope";
import { encodeLine, type FirstLine, parseFirstLine, type SealedLine, splitFirstLine } from "./firstlines";
import { encodeManifest, type Manifest, parseManifest } from "./manifests";
import { TEXT_SIZES } from "./padding";
import { Problem } from "./problems";
import { judge, type KnownKey, type Signature, sign, splitSigned } from "./signedcontent";

export { openDocument, sealDocument } from "./documents";
export { openEnclosure, sealEnclosure } from "./enclosures";
export type { DocumentLine, EnclosureLine, SealedLine } from "./firstlines";
export type { Author, EnclosureEntry, Manifest } from "./manifests";
export type { KnownKey, Signature } from "./signedcontent";

/** A letter to seal for one leg. */
export interface LetterToSeal {
  readonly line: SealedLine;
  /** Its enclosures in the order of the line's digests. */
  readonly manifest: Manifest;
  /** The author's Ed25519 seed, 32 bytes. */
  readonly signSeed: Uint8Array;
  /** `age1pq1…`, one for each name in the line's `to`, in that order. */
  readonly recipients: readonly string[];
}

/** A letter as it was sealed. */
export interface OpenedLetter {
  readonly line: SealedLine;
  readonly manifest: Manifest;
  readonly signature: Signature;
}

/** Sign a letter and seal it; throws Problem "sealed_line", "manifest", "text_too_long" or "recipients_differ". */
export async function sealLetter({ line, manifest, signSeed, recipients }: LetterToSeal): Promise<Bytes> {
  requireSameEnclosures(line, manifest);
  const firstLine = encodeLine(line);
  const plaintext = sign(firstLine, encodeManifest(manifest), signSeed);
  if (!TEXT_SIZES.includes(plaintext.length)) throw new Problem("too_large");
  return sealEnvelope(firstLine, plaintext, recipients, line.to.length);
}

/** Check a letter, reply or parcel without a key; throws as `checkSealed`. */
export function checkLetter(file: Uint8Array): SealedLine {
  const first = parseFirstLine(splitFirstLine(file));
  if (first.part !== "letter") throw new Problem("sealed_kind");
  if (!TEXT_SIZES.includes(checkEnvelope(file, first.line.to.length))) throw new Problem("not_padded");
  return first.line;
}

/**
 * Check and open a letter, and judge its signature by the key that the reader knows the author by.
 *
 * Throws Problem as `checkSealed`; "wrong_key": none of the identities opens it; "age_header_forged", "age_payload": changed
 * or damaged after it was sealed; "manifest", "not_canonical", "text_too_long", "not_padded": the inside is not as the
 * format says.
 */
export async function openLetter(
  file: Uint8Array,
  identitySeeds: Uint8Array | readonly Uint8Array[],
  { vkey }: { readonly vkey?: KnownKey } = {},
): Promise<OpenedLetter> {
  const line = checkLetter(file);
  const signed = splitSigned(openEnvelope(file, identitySeeds));
  const manifest = parseManifest(signed.manifestJson);
  requireSameEnclosures(line, manifest);
  return { line, manifest, signature: judge(splitFirstLine(file), signed, manifest.by, vkey) };
}

/**
 * Check any sealed file as the relay does, by the prefix of its first line, and give that line.
 *
 * Throws Problem "sealed_kind", "sealed_line", "not_canonical", "age_header", "foreign_stanza", "wrong_bind",
 * "recipients_differ" or "not_padded".
 */
export function checkSealed(file: Uint8Array): FirstLine {
  const first = parseFirstLine(splitFirstLine(file));
  if (first.part === "letter") checkLetter(file);
  else if (first.part === "enclosure") checkEnclosure(file);
  else checkDocument(file);
  return first;
}

/** Give the SHA-256 of a whole sealed file, first line included, as hex. */
export function partDigest(file: Uint8Array): string {
  return sha256hex(file);
}

function requireSameEnclosures({ enclosures: digests = [] }: SealedLine, { enclosures = [] }: Manifest): void {
  if (digests.length === enclosures.length) return;
  throw new Problem("manifest", "the manifest describes more or fewer enclosures than the first line names");
}
