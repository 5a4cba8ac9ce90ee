/**
 * Everything else that is sealed and kept: contacts, notes to families, scans, register pages, desk keys, declarations.
 *
 * A document is built like a letter: a first line, bound; a manifest, signed; spaces. Its content is any bytes.
 */

import type { Bytes } from "./bytes";
import { checkEnvelope, openEnvelope, sealEnvelope } from "./envelope";
import { type DocumentLine, encodeDocumentLine, parseFirstLine, splitFirstLine } from "./firstlines";
import { type Author, encodeDocument, parseDocument } from "./manifests";
import { paddedTextSize } from "./padding";
import { Problem } from "./problems";
import { judge, type KnownKey, type Signature, sign, splitSigned } from "./signedcontent";

export type { DocumentKind, DocumentLine } from "./firstlines";

/** The content, before it is signed and padded. */
export const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;
/** The whole plaintext: 4 MiB as base64, or as JSON with much to escape, and its signature. */
const MAX_PLAINTEXT_BYTES = 8 * 1024 * 1024;

/** A document to seal. */
export interface DocumentToSeal {
  readonly line: DocumentLine;
  readonly content: Uint8Array;
  readonly author: Author;
  /** The author's Ed25519 seed, 32 bytes. */
  readonly signSeed: Uint8Array;
  /** `age1pq1…`, one for each name in the line's `to`, in that order. */
  readonly recipients: readonly string[];
}

/** A document as it was sealed. */
export interface OpenedDocument {
  readonly line: DocumentLine;
  /** Who claims to have signed. */
  readonly author: Author;
  readonly content: Uint8Array;
  readonly signature: Signature;
}

/** Sign a document and seal it; throws Problem "too_large", "recipients_differ", "sealed_line" or "key_malformed". */
export async function sealDocument(document: DocumentToSeal): Promise<Bytes> {
  const { line, content, author, signSeed, recipients } = document;
  if (content.length > MAX_DOCUMENT_BYTES) throw new Problem("too_large");
  const firstLine = encodeDocumentLine(line);
  const plaintext = sign(firstLine, encodeDocument({ by: author, content }), signSeed);
  if (plaintext.length > MAX_PLAINTEXT_BYTES) throw new Problem("too_large");
  return sealEnvelope(firstLine, plaintext, recipients, line.to.length);
}

/** Check a document without a key; throws as `checkSealed`. */
export function checkDocument(file: Uint8Array): DocumentLine {
  const first = parseFirstLine(splitFirstLine(file));
  if (first.part !== "document") throw new Problem("sealed_kind");
  const size = checkEnvelope(file, first.line.to.length);
  if (size > MAX_PLAINTEXT_BYTES || paddedTextSize(size) !== size) throw new Problem("not_padded");
  return first.line;
}

/** Check and open a document; throws as `openLetter`, and Problem "too_large" for a content of more than 4 MiB. */
export async function openDocument(
  file: Uint8Array,
  identitySeeds: Uint8Array | readonly Uint8Array[],
  { vkey }: { readonly vkey?: KnownKey } = {},
): Promise<OpenedDocument> {
  const line = checkDocument(file);
  const signed = splitSigned(openEnvelope(file, identitySeeds));
  const { by, content } = parseDocument(signed.manifestJson);
  if (content.length > MAX_DOCUMENT_BYTES) throw new Problem("too_large");
  return { line, author: by, content, signature: judge(splitFirstLine(file), signed, by, vkey) };
}
