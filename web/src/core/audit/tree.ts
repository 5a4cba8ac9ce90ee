/**
 * The whole tree of a log, recomputed: every entry, every tile, and the root (docs/spec/audit.md, steps 3 to 5).
 *
 * Nothing is taken from a tile that was not made from the entries here: a reader that trusts some tiles has been fooled.
 */

import { concat, equal, utf8 } from "../bytes";
import { type Entry, parseEntry } from "../entries";
import { cover, EMPTY_ROOT, fold, HASH_BYTES, leafHash, treeRoot } from "../merkle";
import { entryBundles, hashTiles, parseBundle, TILE_WIDTH, TileHashes, type TileId, tilePath } from "../tiles";
import { type EvidenceReader, itemAt } from "./bundle";
import { Broken, inStep, type Step } from "./steps";

/** How every custody entry begins; the rest of it is two HMACs of one length. */
const CUSTODY = utf8("letter-relay/entry/v1 custody\n");

/** Tells how many of the log's entries have been read, of how many. */
export type Report = (done: number, total: number) => void;

/** A log whose entries and tiles agree with each other; whether it is the log, a checkpoint says. */
export class Tree {
  /**
   * `others` is what is no custody entry, parsed, by its index, ascending; `tiles` every tile of hashes by its path, as
   * recomputed here.
   */
  constructor(
    readonly size: number,
    readonly others: ReadonlyMap<number, Entry>,
    readonly entries: readonly Uint8Array[],
    tiles: ReadonlyMap<string, Uint8Array>,
  ) {
    this.#hashes = new TileHashes(size, (tile) => tiles.get(tilePath(tile))!);
  }

  readonly #hashes: TileHashes;

  /** Return the root that the log had at some size, not above this one. */
  rootAt(size: number): Uint8Array {
    return size === 0 ? EMPTY_ROOT : fold(this.#hashes.read(cover([0, size])));
  }
}

/** Say whether an entry is one of custody, by its first line. */
export function isCustody(entry: Uint8Array): boolean {
  return equal(entry.subarray(0, CUSTODY.length), CUSTODY);
}

/** Read the tag of a custody entry that nothing opens any more; throws 5.1 if it is not in its one encoding. */
export function custodyTag(entry: Uint8Array): Uint8Array {
  const parsed = inStep("5.1", () => parseEntry(entry));
  if (parsed.kind !== "custody") throw new Broken("5.1");
  return parsed.tag;
}

/**
 * Read a log of this size and recompute all of it.
 *
 * The size need not be verified yet: one that is too large fails at the first entry that is not there. Throws 4.1, 4.2,
 * 4.3 or 5.1.
 */
export async function readTree(reader: EvidenceReader, size: number, report: Report): Promise<Tree> {
  const entries: Uint8Array[] = [];
  const others = new Map<number, Entry>();
  const tiles = new Map<string, Uint8Array>();
  const roots: Uint8Array[] = [];
  for (const name of entryBundles(size)) {
    const data = await readTile(reader, name, "4.1");
    const found = inStep("4.1", () => parseBundle(data, name.width));
    const hashes = found.map(leafHash);
    const tile = { ...name, level: 0 };
    await checkLeaves(reader, tile, hashes);
    tiles.set(tilePath(tile), concat(...hashes));
    parseOthers(name.index * TILE_WIDTH, found, others);
    for (const entry of found) entries.push(entry);
    if (name.width === TILE_WIDTH) roots.push(treeRoot(hashes));
    report(entries.length, size);
  }
  await checkUpper(reader, size, roots, tiles);
  return new Tree(size, others, entries, tiles);
}

/** Require that there is no tile that a log of this size does not need; throws 4.5. */
export function checkNoMoreTiles(names: Iterable<string>, size: number): void {
  const needed = new Set([...hashTiles(size), ...entryBundles(size)].map(tilePath));
  const [more] = [...names].filter((name) => !needed.has(name)).sort();
  if (more !== undefined) throw new Broken("4.5", undefined, more);
}

async function checkLeaves(reader: EvidenceReader, tile: TileId, hashes: readonly Uint8Array[]): Promise<void> {
  const found = await readTile(reader, tile, "4.2");
  if (equal(found, concat(...hashes))) return;
  if (found.length !== hashes.length * HASH_BYTES) throw new Broken("4.2", undefined, tilePath(tile));
  const offset = hashes.findIndex((leaf, at) => !equal(found.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES), leaf));
  const index = tile.index * TILE_WIDTH + offset;
  throw new Broken("4.2", await itemAt(reader, index), `entry ${index} in ${tilePath(tile)}`);
}

/** Compare the tiles above level 0, each with the roots of the full tiles below it. */
async function checkUpper(
  reader: EvidenceReader,
  size: number,
  leafRoots: readonly Uint8Array[],
  tiles: Map<string, Uint8Array>,
): Promise<void> {
  let [level, roots, above] = [1, leafRoots, [] as Uint8Array[]];
  for (const tile of hashTiles(size)) {
    if (tile.level === 0) continue;
    if (tile.level > level) [level, roots, above] = [tile.level, above, []];
    const hashes = roots.slice(tile.index * TILE_WIDTH, tile.index * TILE_WIDTH + tile.width);
    const whole = concat(...hashes);
    if (!equal(await readTile(reader, tile, "4.3"), whole)) throw new Broken("4.3", undefined, tilePath(tile));
    tiles.set(tilePath(tile), whole);
    if (tile.width === TILE_WIDTH) above.push(treeRoot(hashes));
  }
}

function parseOthers(first: number, entries: readonly Uint8Array[], others: Map<number, Entry>): void {
  for (const [at, entry] of entries.entries()) {
    if (!isCustody(entry))
      others.set(
        first + at,
        inStep("5.1", () => parseEntry(entry)),
      );
  }
}

async function readTile(reader: EvidenceReader, tile: TileId, step: Step): Promise<Uint8Array> {
  const data = await reader.tile(tile);
  if (data === null) throw new Broken(step, undefined, `${tilePath(tile)} is missing`);
  return data;
}
