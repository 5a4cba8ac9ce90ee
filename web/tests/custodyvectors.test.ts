/** The shared vectors of the tree, the log and receipts, each by its expected outcome. */

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { equal, fromUtf8, hex, unb64, unhex, utf8 } from "../src/core/bytes";
import { encodeCheckpoint, parseCheckpoint, readCheckpoint } from "../src/core/checkpoint";
import { encodeEntry, parseEntry, tagOf } from "../src/core/entries";
import { chainOf, detailMac, encodeDetail, encodeEvent, eventHash, parseDetail, parseEvent } from "../src/core/events";
import {
  consistencySpans,
  inclusionSpans,
  leafHash,
  type Node,
  nodeHash,
  spanHashes,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
} from "../src/core/merkle";
import { Problem } from "../src/core/problems";
import { verifyReceipt } from "../src/core/receipts";
import { entryBundles, hashTiles, parseBundle, parseTilePath, TileHashes, tilePath } from "../src/core/tiles";
import { verifyTrust } from "../src/core/trust";
import { Vkey } from "../src/core/vkeys";

// biome-ignore lint/suspicious/noExplicitAny: vectors are read as they are
type Vector = any;

const FOLDER = new URL("../../tests/vectors/", import.meta.url);

function read(name: string): Uint8Array {
  return new Uint8Array(readFileSync(new URL(name, FOLDER)));
}

function load(name: string): Vector {
  return JSON.parse(fromUtf8(read(name)));
}

function cases(name: string, count: number): [string, Vector][] {
  const found = load(name);
  expect(found.length).toBe(count);
  return found.map((vector: Vector, at: number) => [`${at} ${vector.why ?? vector.path}`, vector]);
}

function outcome(run: () => unknown): string | null {
  try {
    run();
    return null;
  } catch (error) {
    if (error instanceof Problem) return error.code;
    throw error;
  }
}

const KNOWN = load("custody/known.json");
const LOG = { origin: KNOWN.origin as string, logVkeys: KNOWN.log.map(Vkey.parse) as Vkey[] };

describe("tree", () => {
  test.each(cases("merkle/inclusion.json", 69))("inclusion: %s", (_, vector) => {
    const { index, size, root, leaf, proof, error } = vector;
    const claim = { index, size, root: unb64(root), leaf: unb64(leaf) };
    expect(outcome(() => verifyInclusion(proof.map(unb64), claim))).toBe(error);
  });

  test.each(cases("merkle/consistency.json", 88))("consistency: %s", (_, vector) => {
    const { old_size: oldSize, new_size: newSize, old_root, new_root, proof, error } = vector;
    const growth = { oldSize, newSize, oldRoot: unb64(old_root), newRoot: unb64(new_root) };
    expect(outcome(() => verifyConsistency(proof.map(unb64), growth))).toBe(error);
  });

  test("others' nodes and roots", () => {
    const { leaves, nodes, roots } = load("merkle/trees.json");
    const hashes = leaves.map((leaf: string) => leafHash(unhex(leaf)));
    roots.forEach((root: string, size: number) => {
      expect(hex(treeRoot(hashes.slice(0, size)))).toBe(root);
    });
    expect(hashes.map(hex)).toEqual(nodes[0]);
    expect(hex(nodeHash(hashes[0], hashes[1]))).toBe(nodes[1][0]);
  });

  test("others' checkpoints, and proofs between them made from tiles", () => {
    const { vkey, origin, entries, checkpoints } = load("merkle/tessera.json");
    const leaves: Uint8Array[] = entries.map((entry: string) => leafHash(utf8(entry)));
    const signed = checkpoints.map((note: string) => parseCheckpoint(utf8(note), origin, [Vkey.parse(vkey)]));
    for (const { size, root } of signed) expect(equal(treeRoot(leaves.slice(0, size)), root)).toBe(true);
    const { size, root } = signed.at(-1)!;
    const tiles = new TileHashes(size, ({ width }) => joined(leaves.slice(0, width)));
    const readHashes = (nodes: readonly Node[]) => tiles.read(nodes);
    for (const old of signed) {
      const proof = spanHashes(consistencySpans(old.size, size), readHashes);
      verifyConsistency(proof, { oldSize: old.size, oldRoot: old.root, newSize: size, newRoot: root });
    }
    leaves.forEach((leaf, index) => {
      verifyInclusion(spanHashes(inclusionSpans(index, size), readHashes), { index, size, leaf, root });
    });
  });
});

describe("log", () => {
  test.each(cases("custody/entries.json", 22))("entry: %s", (_, { entry, error }) => {
    const data = unb64(entry);
    expect(outcome(() => parseEntry(data))).toBe(error);
    if (error === null) expect(encodeEntry(parseEntry(data))).toEqual(data);
  });

  test.each(cases("custody/checkpoints.json", 10))("checkpoint: %s", (_, { text, error }) => {
    expect(outcome(() => readCheckpoint(text))).toBe(error);
    if (error === null) expect(encodeCheckpoint(readCheckpoint(text))).toBe(text);
  });

  test.each(cases("custody/paths.json", 17))("path: %s", (_, { path, level, index, width, error }) => {
    expect(outcome(() => parseTilePath(path))).toBe(error);
    if (error === null) expect(parseTilePath(path)).toEqual({ level, index, width });
  });

  test("tags", () => {
    const tags = [0, 1, 255, 256, 2n ** 63n - 1n].map((seq) => hex(tagOf(unhex(KNOWN.tag_key), seq)));
    expect(tags).toEqual(KNOWN.tags);
  });

  test("the bundle holds together", () => {
    const { size, root } = parseCheckpoint(read("custody/bundle/checkpoint"), LOG.origin, LOG.logVkeys);
    const [bundle] = [...entryBundles(size)];
    const entries = parseBundle(read(`custody/bundle/${tilePath(bundle!)}`), bundle!.width);
    const leaves = entries.map(leafHash);
    const [tile] = [...hashTiles(size)];
    expect(joined(leaves)).toEqual(read(`custody/bundle/${tilePath(tile!)}`));
    expect(equal(treeRoot(leaves), root)).toBe(true);
    expect(hex(leaves[2]!)).toBe(KNOWN.leaf_of_entry_2);
    const lines = fromUtf8(read("custody/bundle/openings.jsonl")).trimEnd().split("\n");
    const openings = lines.map((line) => JSON.parse(line));
    for (const { event, detail, detail_nonce } of openings) {
      expect(encodeEvent(parseEvent(event))).toBe(event);
      expect(encodeDetail(parseDetail(detail))).toBe(detail);
      expect(parseEvent(event).detail).toBe(detailMac(unhex(detail_nonce), detail));
    }
    const links = chainOf(parseEvent(openings[0].event).item, openings);
    expect(links[1]!.parsed.prev).toBe(eventHash(openings[0].event));
    expect(outcome(() => chainOf(links[0]!.parsed.item, openings.slice(1)))).toBe("row_differs");
    expect(outcome(() => chainOf(links[0]!.parsed.item, [...openings].reverse()))).toBe("row_differs");
  });
});

describe("receipts", () => {
  test.each(cases("custody/receipts.json", 15))("%s", (_, { file, error }) => {
    expect(outcome(() => verifyReceipt(file, LOG))).toBe(error);
  });

  test("a receipt is for one letter, under the trust on paper", () => {
    const trust = verifyTrust(read("custody/trust.note"), KNOWN.fingerprint, { relay: KNOWN.relay });
    const file = fromUtf8(read("custody/receipt.tlog-proof"));
    const { event } = verifyReceipt(file, trust);
    const sent = { item: event.item, digest: event.parts[0] };
    expect(verifyReceipt(file, trust, sent)).toMatchObject({ index: 2, size: 3, day: "2026-11-23", word: "accepted" });
    expect(verifyReceipt(file, trust, { item: event.item, parts: event.parts }).index).toBe(2);
    for (const other of [{ ...sent, item: KNOWN.relay }, { digest: KNOWN.fingerprint }, { ...sent, parts: [] }]) {
      expect(outcome(() => verifyReceipt(file, trust, other))).toBe("receipt_differs");
    }
  });
});

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
