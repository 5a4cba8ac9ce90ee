/**
 * The evidence that one relay publishes and opens to auditors, fetched whole into memory: what is verified, and what is
 * exported, are the same bytes. Fetching believes nothing; it only has to know which files there are.
 */

import type { RelayApi } from "../../core/api";
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
import { Problem } from "../../core/problems";
import { readStatement } from "../../core/statements";
import {
  ENTRIES,
  encodeBundle,
  entryBundles,
  hashTiles,
  parseBundle,
  parseBundleStart,
  splitTile,
  TILE_WIDTH,
  type TileId,
  tilePath,
} from "../../core/tiles";

/** What is fetched, how much of it is there, and of how much. */
export type Fetching = (what: "log" | "openings" | "documents", done: number, total: number) => void;

const OPENINGS_AT_ONCE = 5_000;
const AT_ONCE = 6;
const NEWLINE = 0x0a;
const REGISTER = "letter-relay/statement/v1 register\n";

/** The files of a bundle, by their paths. */
export class Evidence implements EvidenceReader {
  readonly #files = new Map<string, Bytes>();
  #lines: Uint8Array[] = [];

  /** Every file with its path, as a bundle on a disk has them. */
  *files(): Generator<readonly [path: string, data: Bytes]> {
    yield* this.#files;
    yield [OPENINGS, concat(...this.#lines)];
  }

  /** The lines of the openings, each with its newline. */
  get lines(): readonly Uint8Array[] {
    return this.#lines;
  }

  keep(path: string, data: Bytes): void {
    this.#files.set(path, data);
  }

  append(data: Uint8Array): void {
    this.#lines.push(...linesOf(data));
  }

  async checkpoint(): Promise<Uint8Array | null> {
    return this.#files.get(CHECKPOINT) ?? null;
  }

  async tile(tile: TileId): Promise<Uint8Array | null> {
    return this.#files.get(tilePath(tile)) ?? null;
  }

  async *openings(): AsyncGenerator<Uint8Array> {
    yield* this.#lines;
  }

  async document(digest: string): Promise<Uint8Array | null> {
    return this.#files.get(DOCUMENTS + digest) ?? null;
  }

  async names(): Promise<Iterable<string>> {
    return [...this.#files.keys(), OPENINGS];
  }
}

/** Fetch everything up to the published checkpoint; throws the problems of `RelayApi`, "note_malformed". */
export async function fetchEvidence(api: RelayApi, generation: string, told: Fetching): Promise<Evidence> {
  const evidence = new Evidence();
  const log = `/log/${generation}/`;
  const note = (await api.get(`${log}checkpoint`, { bearer: null })).body;
  evidence.keep(CHECKPOINT, note);
  const { size } = readCheckpoint(parseNote(note).text);
  const documents = await fetchTiles(api, log, size, evidence, told);
  for (let start = 0; start < size; start += OPENINGS_AT_ONCE) {
    const query = { start, limit: OPENINGS_AT_ONCE };
    const lines = (await api.get("/audit/openings", { query })).body;
    evidence.append(lines);
    for (const line of linesOf(lines)) keepName(documents, statementOf(line));
    told("openings", Math.min(start + OPENINGS_AT_ONCE, size), size);
  }
  await fetchDocuments(api, documents, evidence, told);
  return evidence;
}

async function fetchTiles(
  api: RelayApi,
  log: string,
  size: number,
  evidence: Evidence,
  told: Fetching,
): Promise<Set<string>> {
  const documents = new Set<string>();
  const tiles = [...hashTiles(size), ...entryBundles(size)];
  let done = 0;
  await each(tiles, async (tile) => {
    const data = await fetchTile(api, log, tile);
    if (data !== null) {
      evidence.keep(tilePath(tile), data);
      if (tile.level === ENTRIES) for (const name of directoriesIn(data, tile.width)) documents.add(name);
    }
    told("log", ++done, tiles.length);
  });
  return documents;
}

/** A tile as wide as it has to be; null if the relay has none, which the audit will find. */
async function fetchTile(api: RelayApi, log: string, tile: TileId): Promise<Bytes | null> {
  const ask = (wanted: TileId) => api.get(log + tilePath(wanted), { bearer: null }).then(({ body }) => body);
  const isFull = tile.width === TILE_WIDTH;
  try {
    return await ask(tile).catch((fault) => {
      if (isFull || !isMissing(fault)) throw fault;
      // The partial one is gone: a full one has replaced it since the checkpoint was asked for.
      return ask({ ...tile, width: TILE_WIDTH }).then((whole) => narrowed(whole, tile));
    });
  } catch (fault) {
    if (isMissing(fault)) return null;
    throw fault;
  }
}

/** The first hashes, or entries, of a full tile; one that is none is kept as it is, for the audit to find. */
function narrowed(whole: Bytes, { level, width }: TileId): Bytes {
  try {
    return level === ENTRIES
      ? concat(encodeBundle(parseBundleStart(whole, width)))
      : concat(...splitTile(whole, width));
  } catch {
    return whole;
  }
}

async function fetchDocuments(
  api: RelayApi,
  first: Iterable<string>,
  evidence: Evidence,
  told: Fetching,
): Promise<void> {
  const names = [...first].sort();
  let total = names.length;
  let done = 0;
  const fetchOne = async (digest: string): Promise<void> => {
    const data = await api.get(`/documents/${digest}`).then(
      ({ body }) => body,
      (fault) => {
        if (isMissing(fault)) return null;
        throw fault;
      },
    );
    if (data !== null) evidence.keep(DOCUMENTS + digest, data);
    const rows = data && rowsOf(data);
    if (rows) {
      total++;
      await fetchOne(rows);
    }
    told("documents", ++done, total);
  };
  await each(names, fetchOne);
}

/** The directories that entries name; what is no entry of ours the audit will find. */
function directoriesIn(bundle: Uint8Array, width: number): string[] {
  try {
    return parseBundle(bundle, width).flatMap((data) => directoryIn(data) ?? []);
  } catch {
    return [];
  }
}

function directoryIn(data: Uint8Array): string | undefined {
  try {
    const entry = parseEntry(data);
    return entry.kind === "directory" ? readDirectoryNote(entry.note).sha256 : undefined;
  } catch {
    return undefined;
  }
}

function statementOf(line: Uint8Array): unknown {
  try {
    const opening = parseOpening(line);
    return isEventOpening(opening) ? parseDetail(opening.detail).statement : opening.statement;
  } catch {
    return undefined;
  }
}

/** The rows that a registrar's statement has set. */
function rowsOf(document: Uint8Array): string | undefined {
  const start = utf8(REGISTER);
  if (!start.every((byte, at) => document[at] === byte)) return undefined;
  try {
    const { rows } = readStatement(document).statement.fields;
    return isDigest(rows) ? rows : undefined;
  } catch {
    return undefined;
  }
}

function keepName(names: Set<string>, name: unknown): void {
  if (isDigest(name)) names.add(name);
}

function* linesOf(data: Uint8Array): Generator<Uint8Array> {
  for (let start = 0; start < data.length; ) {
    const end = data.indexOf(NEWLINE, start);
    const stop = end < 0 ? data.length : end + 1;
    yield data.subarray(start, stop);
    start = stop;
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

function isMissing(fault: unknown): boolean {
  return fault instanceof Problem && fault.status === 404;
}
