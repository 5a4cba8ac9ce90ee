/** Where a browser takes evidence from: files that somebody chose, or the relay over HTTP. Nothing here is verified. */

import type { RelayApi } from "../api";
import { readCheckpoint } from "../checkpoint";
import { HASH_BYTES } from "../merkle";
import { parseNote } from "../notes";
import { Problem } from "../problems";
import { ENTRIES, encodeBundle, MAX_ENTRY_BYTES, parseBundleStart, TILE_WIDTH, type TileId, tilePath } from "../tiles";
import { CHECKPOINT, DOCUMENTS, type EvidenceReader, MAX_OPENING_BYTES, OPENINGS } from "./bundle";

/** Larger than any file of a bundle but the openings, which are read line by line. */
const MAX_FILE_BYTES = TILE_WIDTH * (MAX_ENTRY_BYTES + 2);
const OPENINGS_AT_ONCE = 2_000;
const DOCUMENTS_AT_ONCE = 8;
/** Every document that a line of the openings names, and none that it does not. */
const NAMED = /(?:statement\\?":\\?")([0-9a-f]{64})/g;

/** A file of a bundle by its path, with slashes, below the bundle's folder. */
export type ChosenFile = readonly [path: string, file: Blob];

/** Evidence in files that somebody chose: a bundle as `letter-relay log export --openings` writes it. */
export class FilesReader implements EvidenceReader {
  readonly #files: ReadonlyMap<string, Blob>;

  constructor(files: Iterable<ChosenFile>) {
    this.#files = new Map(files);
  }

  /** Take the files of a chosen folder; their paths begin with the folder's own name, which says nothing. */
  static ofFolder(files: Iterable<File>): FilesReader {
    return new FilesReader([...files].map((file) => [file.webkitRelativePath.replace(/^[^/]*\//, ""), file] as const));
  }

  checkpoint(): Promise<Uint8Array | null> {
    return this.#read(CHECKPOINT);
  }

  tile(tile: TileId): Promise<Uint8Array | null> {
    return this.#read(tilePath(tile));
  }

  openings(): AsyncIterable<Uint8Array> {
    return linesOf(chunksOf(this.#files.get(OPENINGS) ?? new Blob()));
  }

  document(digest: string): Promise<Uint8Array | null> {
    return this.#read(DOCUMENTS + digest);
  }

  async names(): Promise<Iterable<string>> {
    return this.#files.keys();
  }

  /** A file that is too large is cut, so that it fails its check. */
  async #read(path: string): Promise<Uint8Array | null> {
    const file = this.#files.get(path);
    return file ? new Uint8Array(await file.slice(0, MAX_FILE_BYTES + 1).arrayBuffer()) : null;
  }
}

/**
 * Evidence that the relay gives to an auditor who is signed in: everything up to the checkpoint published when it began.
 *
 * A relay that cannot be reached, or refuses, throws its Problem, and breaks no evidence; a file that it does not have is
 * missing.
 */
export class HttpReader implements EvidenceReader {
  readonly #api: RelayApi;
  readonly #prefix: string;
  readonly #documents = new Map<string, Promise<Uint8Array | null>>();
  #checkpoint: Promise<Uint8Array | null> | undefined;

  /** `generation` is the last part of the trust's origin. */
  constructor(api: RelayApi, generation: string) {
    this.#api = api;
    this.#prefix = `/log/${generation}/`;
  }

  checkpoint(): Promise<Uint8Array | null> {
    this.#checkpoint ??= this.#get(`${this.#prefix}${CHECKPOINT}`, null);
    return this.#checkpoint;
  }

  /** A log that has grown meanwhile serves a full tile where there was a partial one, which is its beginning. */
  async tile(tile: TileId): Promise<Uint8Array | null> {
    const exact = await this.#get(this.#prefix + tilePath(tile), null);
    if (exact !== null || tile.width === TILE_WIDTH) return exact;
    const full = await this.#get(this.#prefix + tilePath({ ...tile, width: TILE_WIDTH }), null);
    if (full === null) return null;
    return tile.level === ENTRIES ? entriesOf(full, tile.width) : full.subarray(0, tile.width * HASH_BYTES);
  }

  async *openings(): AsyncGenerator<Uint8Array> {
    const note = await this.checkpoint();
    const { size } = readCheckpoint(parseNote(note ?? new Uint8Array()).text);
    for (let start = 0; start < size; start += OPENINGS_AT_ONCE) {
      const query = { start, limit: Math.min(OPENINGS_AT_ONCE, size - start) };
      const { body } = await this.#api.get("/audit/openings", { query });
      this.#prefetch(body);
      yield* linesOf([body]);
    }
  }

  document(digest: string): Promise<Uint8Array | null> {
    let document = this.#documents.get(digest);
    if (!document) {
      document = this.#get(`/documents/${digest}`);
      this.#documents.set(digest, document);
    }
    return document;
  }

  async names(): Promise<null> {
    return null;
  }

  /** Ask for the documents that lines name, a few at the same time, before the walk comes to them. */
  #prefetch(lines: Uint8Array): void {
    const text = new TextDecoder("latin1").decode(lines);
    const waiting = [...new Set([...text.matchAll(NAMED)].map(([, digest]) => digest!))].values();
    const work = async () => {
      for (const digest of waiting) await this.document(digest);
    };
    // What fails here fails again, and is told, when the walk asks for it.
    for (let worker = 0; worker < DOCUMENTS_AT_ONCE; worker++) work().catch(() => undefined);
  }

  async #get(path: string, bearer?: null): Promise<Uint8Array | null> {
    try {
      return (await this.#api.get(path, bearer === null ? { bearer } : {})).body;
    } catch (error) {
      if (error instanceof Problem && error.status === 404) return null;
      throw error;
    }
  }
}

/** Take the first entries of a bundle; one that is none is left as it is, for the audit to find. */
function entriesOf(full: Uint8Array, width: number): Uint8Array {
  try {
    return encodeBundle(parseBundleStart(full, width));
  } catch {
    return full;
  }
}

async function* chunksOf(file: Blob): AsyncGenerator<Uint8Array> {
  const reader = file.stream().getReader();
  for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
}

/** Split into lines, each with its newline; one that is longer than any opening is cut, so that it fails its check. */
export async function* linesOf(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let rest: Uint8Array = new Uint8Array();
  for await (const chunk of chunks) {
    const data = joined(rest, chunk);
    let start = 0;
    for (let end = data.indexOf(0x0a) + 1; end > 0; end = data.indexOf(0x0a, start) + 1) {
      yield data.subarray(start, end);
      start = end;
    }
    rest = data.subarray(start);
    if (rest.length > MAX_OPENING_BYTES) {
      yield rest;
      return;
    }
  }
  if (rest.length > 0) yield rest;
}

function joined(rest: Uint8Array, chunk: Uint8Array): Uint8Array {
  if (rest.length === 0) return chunk;
  const data = new Uint8Array(rest.length + chunk.length);
  data.set(rest);
  data.set(chunk, rest.length);
  return data;
}
