/**
 * Tiles: how the tree lies in files that never change, and how hashes are read back from them (C2SP tlog-tiles).
 *
 * A full tile holds 256 hashes of one level; the tile above holds the roots of 256 such tiles. What is not yet full is a
 * partial tile, named by its width. Entries lie beside them in bundles, 256 to a bundle.
 */

import { concat } from "./bytes";
import { HASH_BYTES, type Node, pairUp } from "./merkle";
import { ensure, Problem } from "./problems";

export const TILE_WIDTH = 256;
/** Levels of the binary tree between one tile and the tile above it. */
const TILE_HEIGHT = 8;
const MAX_LEVEL = 63;
export const MAX_ENTRY_BYTES = 65_535;
/** Stands in `TileId.level` for a bundle of entries. */
export const ENTRIES = -1;

const PATH = /^tile\/(entries|[0-9]{1,2})\/((?:x[0-9]{3}\/){0,6}[0-9]{3})(?:\.p\/([0-9]{1,3}))?$/;

/** Which tile (level 0 for leaf hashes, one more for each above), or which bundle of entries (`ENTRIES`). */
export interface TileId {
  readonly level: number;
  /** Its place in the level, counted from 0. */
  readonly index: number;
  /** How many hashes or entries it holds: 256 if full. */
  readonly width: number;
}

/** Write where a tile is served, below the log's prefix: `tile/1/x001/234.p/17`. */
export function tilePath({ level, index, width }: TileId): string {
  const groups = [pad(index % 1_000)];
  for (let rest = Math.floor(index / 1_000); rest > 0; rest = Math.floor(rest / 1_000)) {
    groups.unshift(`x${pad(rest % 1_000)}`);
  }
  const partial = width === TILE_WIDTH ? "" : `.p/${width}`;
  return `tile/${level === ENTRIES ? "entries" : level}/${groups.join("/")}${partial}`;
}

/** Read a tile's path; throws Problem "tile_path_malformed" for all but the one spelling. */
export function parseTilePath(path: string): TileId {
  const match = PATH.exec(path);
  if (!match) throw new Problem("tile_path_malformed");
  const [, level, groups = "", width] = match;
  const tile = {
    level: level === "entries" ? ENTRIES : Number(level),
    index: Number(groups.replace(/[x/]/g, "")),
    width: width === undefined ? TILE_WIDTH : Number(width),
  };
  // Leading zeros, `x000` in front and `.p/256` fall to the comparison.
  const isInRange = tile.level <= MAX_LEVEL && tile.width >= 1 && tile.width <= TILE_WIDTH;
  ensure(isInRange && Number.isSafeInteger(tile.index) && tilePath(tile) === path, "tile_path_malformed");
  return tile;
}

/** Return how wide a tile is in a log of this size: 256, less for the last of its level, 0 if there is none. */
export function tileWidth(size: number, level: number, index: number): number {
  const hashes = Math.floor(size / TILE_WIDTH ** Math.max(level, 0));
  return Math.min(Math.max(hashes - index * TILE_WIDTH, 0), TILE_WIDTH);
}

/** List every tile of hashes that a log of this size has, level by level: full ones first, then the partial one. */
export function* hashTiles(size: number): Generator<TileId> {
  let level = 0;
  for (let hashes = size; hashes > 0; hashes = Math.floor(hashes / TILE_WIDTH)) yield* rowOfTiles(level++, hashes);
}

/** List every bundle of entries that a log of this size has. */
export function entryBundles(size: number): Generator<TileId> {
  return rowOfTiles(ENTRIES, size);
}

function* rowOfTiles(level: number, hashes: number): Generator<TileId> {
  const full = Math.floor(hashes / TILE_WIDTH);
  for (let index = 0; index < full; index++) yield { level, index, width: TILE_WIDTH };
  if (hashes % TILE_WIDTH > 0) yield { level, index: full, width: hashes % TILE_WIDTH };
}

/** Write entries one after the other, each with its length before it as two big-endian bytes. */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  const fits = entries.length >= 1 && entries.length <= TILE_WIDTH;
  ensure(fits && entries.every((entry) => entry.length <= MAX_ENTRY_BYTES), "bundle_malformed");
  return concat(...entries.flatMap((entry) => [Uint8Array.of(entry.length >> 8, entry.length & 255), entry]));
}

/** Read the entries of a bundle of this many; throws Problem "bundle_malformed" if it has more, fewer, or is cut. */
export function parseBundle(data: Uint8Array, width: number): Uint8Array[] {
  const entries: Uint8Array[] = [];
  let start = 0;
  for (let count = 0; count < width; count++) {
    const end = start + 2 + (((data[start] ?? 0) << 8) | (data[start + 1] ?? 0));
    entries.push(data.subarray(start + 2, end));
    start = end;
  }
  // An end past the data, wherever it happened, shows here: no later entry can bring it back.
  ensure(start === data.length, "bundle_malformed");
  return entries;
}

/** Read the first entries of a bundle that may have more than asked for, as a full one that has replaced a partial. */
export function parseBundleStart(data: Uint8Array, width: number): Uint8Array[] {
  let count = 0;
  for (let start = 0; start < data.length; count++) {
    start += 2 + (((data[start] ?? 0) << 8) | (data[start + 1] ?? 0));
  }
  return parseBundle(data, Math.max(count, width)).slice(0, width);
}

/** Split a tile, or the full one that has replaced it, into its first hashes; throws Problem "tile_malformed". */
export function splitTile(data: Uint8Array, width: number): Uint8Array[] {
  const isWhole = data.length % HASH_BYTES === 0 && data.length <= TILE_WIDTH * HASH_BYTES;
  ensure(isWhole && data.length >= width * HASH_BYTES, "tile_malformed");
  return Array.from({ length: width }, (_, at) => data.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES));
}

/** Find the tile that holds a perfect subtree of a log of this size, or the hashes below it. */
export function tileOf([level, index]: Node, size: number): TileId {
  const tileLevel = Math.floor(level / TILE_HEIGHT);
  const tileIndex = Math.floor(index / 2 ** (TILE_HEIGHT - (level % TILE_HEIGHT)));
  return { level: tileLevel, index: tileIndex, width: tileWidth(size, tileLevel, tileIndex) };
}

/**
 * Reads the hashes of perfect subtrees from a log's tiles, each of which is hashed up once.
 *
 * Nothing is authenticated here: whoever uses it verifies the proofs made of them, or has recomputed the tiles.
 */
export class TileHashes {
  readonly #size: number;
  readonly #readTile: (tile: TileId) => Uint8Array;
  readonly #rows = new Map<string, Uint8Array[][]>();

  constructor(size: number, readTile: (tile: TileId) => Uint8Array) {
    this.#size = size;
    this.#readTile = readTile;
  }

  /** Return the hashes of these subtrees, in this order. */
  read(nodes: readonly Node[]): Uint8Array[] {
    return nodes.map((node) => this.#hash(node));
  }

  #hash(node: Node): Uint8Array {
    const tile = tileOf(node, this.#size);
    const name = tilePath(tile);
    const rows = this.#rows.get(name) ?? tileRows(splitTile(this.#readTile(tile), tile.width));
    this.#rows.set(name, rows);
    const height = node[0] % TILE_HEIGHT;
    return rows[height]![node[1] % (TILE_WIDTH >> height)]!;
  }
}

/** Hash a tile's hashes up, as far as perfect subtrees go: eight rows, from the tile's own hashes to halves. */
function tileRows(hashes: Uint8Array[]): Uint8Array[][] {
  const rows = [hashes];
  while (rows.length < TILE_HEIGHT) rows.push(pairUp(rows.at(-1)!));
  return rows;
}

function pad(number: number): string {
  return String(number).padStart(3, "0");
}
