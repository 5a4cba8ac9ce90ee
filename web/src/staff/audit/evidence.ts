/**
 * The evidence, whole and in memory: what is verified, shown and exported are the same bytes, whichever reader they came
 * from. Gathering believes nothing; it only has to know which files there are.
 */

import {
  CHECKPOINT,
  DOCUMENTS,
  type EvidenceReader,
  isEventOpening,
  OPENINGS,
  parseOpening,
} from "../../core/audit/bundle";
import { type Bytes, concat, utf8 } from "../../core/bytes";
import { readCheckpoint } from "../../core/checkpoint";
import { readDirectoryNote } from "../../core/directory";
import { parseEntry } from "../../core/entries";
import { parseDetail } from "../../core/events";
import { isDigest } from "../../core/ids";
import { parseNote } from "../../core/notes";
import { readStatement } from "../../core/statements";
import { ENTRIES, entryBundles, hashTiles, parseBundle, type TileId, tilePath } from "../../core/tiles";

/** What is read, how much of it is there, and of how much. */
export type Reading = (what: "log" | "openings" | "documents", done: number, total: number) => void;

const AT_ONCE = 6;
const TOLD_EVERY = 256;
const REGISTER = utf8("letter-relay/statement/v1 register\n");

/** Evidence that was gathered; what was not is asked of the reader behind it. */
export class Evidence implements EvidenceReader {
  readonly lines: Uint8Array[] = [];
  readonly #files = new Map<string, Uint8Array>();
  readonly #behind: EvidenceReader;

  constructor(behind: EvidenceReader) {
    this.#behind = behind;
  }

  /** Every file with its path, as a bundle on a disk has them. */
  *files(): Generator<readonly [path: string, data: Bytes]> {
    for (const [path, data] of this.#files) yield [path, concat(data)];
    yield [OPENINGS, concat(...this.lines)];
  }

  checkpoint(): Promise<Uint8Array | null> {
    return this.#kept(CHECKPOINT, () => this.#behind.checkpoint());
  }

  tile(tile: TileId): Promise<Uint8Array | null> {
    return this.#kept(tilePath(tile), () => this.#behind.tile(tile));
  }

  async *openings(): AsyncGenerator<Uint8Array> {
    yield* this.lines;
  }

  document(digest: string): Promise<Uint8Array | null> {
    return this.#kept(DOCUMENTS + digest, () => this.#behind.document(digest));
  }

  /** What was gathered is no list of what there is: over HTTP there is none. */
  names(): Promise<Iterable<string> | null> {
    return this.#behind.names();
  }

  async #kept(path: string, read: () => Promise<Uint8Array | null>): Promise<Uint8Array | null> {
    const known = this.#files.get(path);
    if (known !== undefined) return known;
    const data = await read();
    if (data !== null) this.#files.set(path, data);
    return data;
  }
}

/** Read everything up to the checkpoint; throws what the reader throws, and nothing for what is missing or damaged. */
export async function gather(reader: EvidenceReader, told: Reading): Promise<Evidence> {
  const evidence = new Evidence(reader);
  const size = sizeOf(await evidence.checkpoint());
  const documents = new Set<string>();
  await gatherLog(evidence, size, documents, told);
  for await (const line of size > 0 ? reader.openings() : []) {
    evidence.lines.push(line);
    const named = statementOf(line);
    if (named !== undefined) documents.add(named);
    if (evidence.lines.length % TOLD_EVERY === 0) told("openings", Math.min(evidence.lines.length, size), size);
  }
  await gatherDocuments(evidence, [...documents].sort(), told);
  return evidence;
}

async function gatherLog(evidence: Evidence, size: number, documents: Set<string>, told: Reading): Promise<void> {
  const tiles = [...hashTiles(size), ...entryBundles(size)];
  let done = 0;
  await each(tiles, async (tile) => {
    const data = await evidence.tile(tile);
    const named = data !== null && tile.level === ENTRIES ? directoriesIn(data, tile.width) : [];
    for (const digest of named) documents.add(digest);
    told("log", ++done, tiles.length);
  });
}

async function gatherDocuments(evidence: Evidence, digests: readonly string[], told: Reading): Promise<void> {
  let done = 0;
  await each(digests, async (digest) => {
    const document = await evidence.document(digest);
    const rows = document && rowsOf(document);
    if (rows) await evidence.document(rows);
    told("documents", ++done, digests.length);
  });
}

/** The size that a checkpoint claims; 0 where it is none, which the audit will find. */
export function sizeOf(note: Uint8Array | null): number {
  return tried(() => readCheckpoint(parseNote(note!).text).size) ?? 0;
}

function directoriesIn(bundle: Uint8Array, width: number): string[] {
  const entries = tried(() => parseBundle(bundle, width)) ?? [];
  return entries.flatMap((data) => tried(() => directoryIn(data)) ?? []);
}

function directoryIn(data: Uint8Array): string | undefined {
  const entry = parseEntry(data);
  return entry.kind === "directory" ? readDirectoryNote(entry.note).sha256 : undefined;
}

function statementOf(line: Uint8Array): string | undefined {
  const named = tried(() => {
    const opening = parseOpening(line);
    return isEventOpening(opening) ? parseDetail(opening.detail).statement : opening.statement;
  });
  return isDigest(named) ? named : undefined;
}

/** The rows that a registrar's statement has set. */
function rowsOf(document: Uint8Array): string | undefined {
  if (!REGISTER.every((byte, at) => document[at] === byte)) return undefined;
  const rows = tried(() => readStatement(document).statement.fields.rows);
  return isDigest(rows) ? rows : undefined;
}

/** Whatever is in no known form is left for the audit to find. */
function tried<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Do something with each of many things, a few at the same time; the first that fails stops all. */
async function each<T>(things: readonly T[], run: (thing: T) => Promise<void>): Promise<void> {
  let next = 0;
  const work = async () => {
    while (next < things.length) await run(things[next++]!);
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, things.length) }, work));
}
