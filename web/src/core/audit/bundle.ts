/**
 * The evidence that an auditor is given: where its files come from, and the lines that open the log's entries.
 *
 * A custody entry is noise until it is opened. docs/spec/custody.md, "Bundles".
 */

import { type Bytes, fromUtf8, hex, sha256hex, unhex } from "../bytes";
import { encodeJson } from "../canonical";
import { isDigest, isInteger } from "../ids";
import { Problem } from "../problems";
import type { TileId } from "../tiles";
import { Broken } from "./steps";

export const CHECKPOINT = "checkpoint";
export const OPENINGS = "openings.jsonl";
export const DOCUMENTS = "documents/";
/** Five hundred remarks about one item stay far below this. */
export const MAX_OPENING_BYTES = 256 * 1024;

const ITEM = /item\\?":\\?"([0-9a-f]{32})/;
const TAG_KEY = /"tag_key":"[0-9a-f]{64}"/;

/** Where the evidence comes from: chosen files, or the relay. Nothing that it returns is believed. */
export interface EvidenceReader {
  /** The signed checkpoint, the whole note; null if there is none. */
  checkpoint(): Promise<Uint8Array | null>;
  /** A tile of hashes, or for level `ENTRIES` a bundle of entries, uncompressed; null if there is none. */
  tile(tile: TileId): Promise<Uint8Array | null>;
  /** The lines of the openings, each with its newline, in their order; anew each time it is called. */
  openings(): AsyncIterable<Uint8Array>;
  /** The document filed under a SHA-256 (hex); null if there is none. */
  document(digest: string): Promise<Uint8Array | null>;
  /** The paths of all files, with slashes; null where files cannot be listed, as over HTTP. */
  names(): Promise<Iterable<string> | null>;
}

/** What opens a custody entry; keys and nonces are 32 bytes. */
export interface EventOpening {
  readonly index: number;
  readonly tagKey: Bytes;
  readonly nonce: Bytes;
  /** The event's JSON. */
  readonly event: string;
  readonly detailNonce: Bytes;
  /** The detail's JSON. */
  readonly detail: string;
}

/** What opens a register, run or audited entry: `statement` is the SHA-256 (hex) of the signed note. */
export interface StatementOpening {
  readonly index: number;
  readonly nonce: Bytes;
  readonly statement: string;
}

export type Opening = EventOpening | StatementOpening;

/** Write an opening as its line, with the newline. */
export function encodeOpening(opening: Opening): string {
  const head = { v: 1, index: opening.index };
  const nonce = hex(opening.nonce);
  if (!isEventOpening(opening)) return `${encodeJson({ ...head, nonce, statement: opening.statement })}\n`;
  const { event, detail } = opening;
  const keys = { tag_key: hex(opening.tagKey), nonce, event, detail_nonce: hex(opening.detailNonce), detail };
  return `${encodeJson({ ...head, ...keys })}\n`;
}

/** Read a line of the openings; throws Problem "opening_malformed" for all but its one spelling. */
export function parseOpening(line: Uint8Array): Opening {
  if (line.length > MAX_OPENING_BYTES) throw new Problem("opening_malformed");
  try {
    const text = fromUtf8(line);
    const opening = read(JSON.parse(text));
    if (opening && encodeOpening(opening) === text) return opening;
  } catch {
    // Whatever it was that could not be read, it is no opening.
  }
  throw new Problem("opening_malformed");
}

/** Say whether an opening opens a custody entry. */
export function isEventOpening(opening: Opening): opening is EventOpening {
  return "event" in opening;
}

function read(fields: Record<string, unknown>): Opening | null {
  const { index, nonce, statement, event, detail, tag_key, detail_nonce } = fields;
  if (!isInteger(index) || !isDigest(nonce)) return null;
  if ("statement" in fields) return isDigest(statement) ? { index, nonce: unhex(nonce), statement } : null;
  const areTexts = typeof event === "string" && typeof detail === "string";
  if (!areTexts || !isDigest(tag_key) || !isDigest(detail_nonce)) return null;
  return { index, tagKey: unhex(tag_key), nonce: unhex(nonce), event, detailNonce: unhex(detail_nonce), detail };
}

/** The documents, each checked against its digest, and which of them nothing has named yet. */
export class Documents {
  readonly #reader: EvidenceReader;
  readonly #unnamed: Set<string> | null;

  /** `digests` are the names of all documents there are; null where they cannot be listed. */
  constructor(reader: EvidenceReader, digests: Iterable<string> | null) {
    this.#reader = reader;
    this.#unnamed = digests && new Set(digests);
  }

  /** Return a document that something names; throws 9.1. */
  async require(digest: string, item?: string): Promise<Uint8Array> {
    const data = await this.#reader.document(digest);
    if (data === null || sha256hex(data) !== digest) throw new Broken("9.1", item);
    this.#unnamed?.delete(digest);
    return data;
  }

  /** Return a document that something names, or null if it is not there; throws 9.1 if it is another. */
  async find(digest: string): Promise<Uint8Array | null> {
    return (await this.#reader.document(digest)) === null ? null : this.require(digest);
  }

  /** Let documents be there that something names and an audit can do without, such as sealed scans; throws 9.1. */
  async allow(digests: Iterable<string>, item?: string): Promise<void> {
    for (const digest of digests) if (this.#unnamed?.has(digest)) await this.require(digest, item);
  }

  /** Require that nothing is left that nothing names; throws 9.2. */
  checkAllNamed(): void {
    const [first] = [...(this.#unnamed ?? [])].sort();
    if (first !== undefined) throw new Broken("9.2", undefined, DOCUMENTS + first);
  }
}

/** Find which item an entry is about, to name it in an error; nothing is verified. */
export async function itemAt(reader: EvidenceReader, index: number): Promise<string | undefined> {
  const mark = `"index":${index},`;
  for await (const line of reader.openings())
    if (latin(line.subarray(0, 64)).includes(mark)) return itemOf(latin(line));
  return undefined;
}

/** Find which item a damaged line is about: other lines with its tag key know better than the line itself. */
export async function itemOn(reader: EvidenceReader, line: Uint8Array): Promise<string | undefined> {
  const text = latin(line);
  const tagKey = TAG_KEY.exec(text)?.[0];
  const other = tagKey && (await otherWith(reader, tagKey, text));
  return (other && itemOf(other)) ?? itemOf(text);
}

async function otherWith(reader: EvidenceReader, tagKey: string, text: string): Promise<string | undefined> {
  for await (const line of reader.openings()) {
    const other = latin(line);
    if (other.includes(tagKey) && other !== text) return other;
  }
  return undefined;
}

function itemOf(line: string): string | undefined {
  return ITEM.exec(line)?.[1];
}

/** Read each byte as one character, so that damaged lines can be searched too. */
function latin(data: Uint8Array): string {
  return new TextDecoder("latin1").decode(data);
}
