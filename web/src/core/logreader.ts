/**
 * The log, read by a page that believes nothing it has not verified: checkpoints, entries, and proofs from tiles.
 *
 * C2SP tlog-tiles serves files, not proofs; whoever wants one makes it from the tiles it needs.
 */

import type { RelayApi } from "./api";
import { type Bytes, equal, unhex, utf8 } from "./bytes";
import { type Checkpoint, parseCheckpoint } from "./checkpoint";
import { commitmentOf, type Entry, parseEntry, tagOf } from "./entries";
import type { Link } from "./events";
import {
  consistencySpans,
  cover,
  inclusionSpans,
  leafHash,
  type Node,
  type Span,
  spanHashes,
  verifyConsistency,
  verifyInclusion,
} from "./merkle";
import { Problem } from "./problems";
import { ENTRIES, parseBundleStart, TILE_WIDTH, TileHashes, type TileId, tileOf, tilePath, tileWidth } from "./tiles";
import type { ParsedTrust } from "./trust";

/** A checkpoint whose log signature was verified, and its note, to keep. */
export interface SignedCheckpoint extends Checkpoint {
  readonly note: Bytes;
}

/** One generation of one relay's log, under a trust that was verified already; each file is fetched once. */
export class LogReader {
  readonly #api: RelayApi;
  readonly #trust: ParsedTrust;
  readonly #prefix: string;
  readonly #files = new Map<string, Promise<Bytes>>();

  constructor(api: RelayApi, trust: ParsedTrust) {
    this.#api = api;
    this.#trust = trust;
    this.#prefix = `/log/${trust.origin.slice(trust.origin.lastIndexOf("/") + 1)}/`;
  }

  /** Fetch the published checkpoint and verify that this log signed it; throws as `parseCheckpoint`. */
  async checkpoint(): Promise<SignedCheckpoint> {
    const note = (await this.#api.get(`${this.#prefix}checkpoint`, { bearer: null })).body;
    return { ...this.verified(note), note };
  }

  /** Verify a checkpoint of this log that was kept; throws as `parseCheckpoint`. */
  verified(note: Uint8Array): Checkpoint {
    return parseCheckpoint(note, this.#trust.origin, this.#trust.logVkeys);
  }

  /** Fetch one entry and prove that it stands at this index; throws Problem "inclusion_invalid", "bundle_malformed". */
  async entry(index: number, { size, root }: Checkpoint): Promise<Entry> {
    if (index >= size) throw new Problem("inclusion_invalid", "the index is not in a tree of this size");
    const entry = (await this.#bundle(Math.floor(index / TILE_WIDTH), size))[index % TILE_WIDTH]!;
    const spans = inclusionSpans(index, size);
    const proof = spanHashes(spans, await this.#hashes(spans, size));
    verifyInclusion(proof, { index, size, leaf: leafHash(entry), root });
    return parseEntry(entry);
  }

  /** Fetch the entries up to a size; nothing of it is verified. */
  async *entries(size: number): AsyncGenerator<[index: number, entry: Entry]> {
    for (let bundle = 0; bundle * TILE_WIDTH < size; bundle++) {
      const entries = await this.#bundle(bundle, size);
      for (const [at, entry] of entries.entries()) yield [bundle * TILE_WIDTH + at, parseEntry(entry)];
    }
  }

  /** Prove from tiles that the log has only grown between two checkpoints; throws Problem "consistency_invalid". */
  async proveGrown(old: Checkpoint, grown: Checkpoint): Promise<void> {
    const spans = old.size < grown.size ? consistencySpans(old.size, grown.size) : [];
    const proof = spanHashes(spans, await this.#hashes(spans, grown.size));
    verifyConsistency(proof, { oldSize: old.size, oldRoot: old.root, newSize: grown.size, newRoot: grown.root });
  }

  /**
   * Look an event that was shown up in the log. False if it lies beyond this checkpoint, and waits for the next one.
   *
   * `tagKey` (hex) is known once nothing more can happen to the item. Throws Problem "status_not_logged" (step 6.4) if the
   * log has another entry there, and "inclusion_invalid".
   */
  async prove({ index, nonce, event, parsed }: Link, checkpoint: Checkpoint, tagKey?: string): Promise<boolean> {
    if (index >= checkpoint.size) return false;
    const entry = await this.entry(index, checkpoint);
    const isCommitted = entry.kind === "custody" && equal(entry.commitment, commitmentOf(unhex(nonce), utf8(event)));
    const isTagged = isCommitted && (tagKey === undefined || equal(entry.tag, tagOf(unhex(tagKey), parsed.seq)));
    if (isTagged) return true;
    throw new Problem("status_not_logged", "the log has another entry where the event should stand", { step: "6.4" });
  }

  async #bundle(index: number, size: number): Promise<Uint8Array[]> {
    const width = tileWidth(size, ENTRIES, index);
    return parseBundleStart(await this.tile({ level: ENTRIES, index, width }), width);
  }

  async #hashes(spans: readonly Span[], size: number): Promise<(nodes: readonly Node[]) => Uint8Array[]> {
    const wanted = new Map(spans.flatMap(cover).map((node) => [tilePath(tileOf(node, size)), tileOf(node, size)]));
    const fetched = await Promise.all([...wanted].map(async ([path, tile]) => [path, await this.tile(tile)] as const));
    const tiles = new Map(fetched);
    const hashes = new TileHashes(size, (tile) => tiles.get(tilePath(tile))!);
    return (nodes) => hashes.read(nodes);
  }

  /** Fetch a tile as it is served; where a partial one is gone, the full one that has replaced it. */
  async tile(tile: TileId): Promise<Bytes> {
    try {
      return await this.#file(tilePath(tile));
    } catch (error) {
      const isGone = error instanceof Problem && error.status === 404 && tile.width < TILE_WIDTH;
      if (!isGone) throw error;
    }
    return this.#file(tilePath({ ...tile, width: TILE_WIDTH }));
  }

  #file(path: string): Promise<Bytes> {
    let file = this.#files.get(path);
    if (!file) {
      file = this.#api.get(this.#prefix + path, { bearer: null }).then((answer) => answer.body);
      this.#files.set(path, file);
      // What failed once may be there the next time.
      file.catch(() => this.#files.delete(path));
    }
    return file;
  }
}
