/**
 * The log's Merkle tree: hashes, roots, and the two proofs that make a log a log (RFC 6962 §2.1).
 *
 * A `Node` names a perfect subtree, which never changes once its leaves are there. Sizes are up to 2^53 - 1.
 */

import { type Bytes, concat, equal, sha256 } from "./bytes";
import { isInteger } from "./ids";
import { ensure } from "./problems";

export const HASH_BYTES = 32;
/** The root of a tree without leaves: the hash of nothing. */
export const EMPTY_ROOT: Bytes = /* @__PURE__ */ sha256(new Uint8Array());

/** A perfect subtree: (level, index) covers the leaves from index·2^level up to (index + 1)·2^level. */
export type Node = readonly [level: number, index: number];
/** Leaves from the first number up to, but without, the second. */
export type Span = readonly [start: number, end: number];
/** Hands out the hashes of perfect subtrees, in the order asked for. */
export type ReadHashes = (nodes: readonly Node[]) => readonly Uint8Array[];

const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/** Hash an entry as a leaf; the first byte keeps leaves and nodes apart. */
export function leafHash(entry: Uint8Array): Bytes {
  return sha256(concat(LEAF, entry));
}

/** Hash two children into their parent. */
export function nodeHash(left: Uint8Array, right: Uint8Array): Bytes {
  return sha256(concat(NODE, left, right));
}

/** Hash neighbours into their parents; an odd one at the end has no parent yet and is left out. */
export function pairUp(hashes: readonly Uint8Array[]): Bytes[] {
  return Array.from({ length: hashes.length >> 1 }, (_, at) => nodeHash(hashes[2 * at]!, hashes[2 * at + 1]!));
}

/** Return the root over these leaf hashes. */
export function treeRoot(leafHashes: readonly Uint8Array[]): Uint8Array {
  let row = leafHashes;
  while (row.length > 1) {
    const lone = row.length % 2 === 1 ? row.slice(-1) : [];
    row = [...pairUp(row), ...lone];
  }
  return row[0] ?? EMPTY_ROOT;
}

/** Hash the perfect subtrees of one span, left to right and ever smaller, into the root of that span. */
export function fold(hashes: readonly Uint8Array[]): Uint8Array {
  return hashes.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), hashes.at(-1)!);
}

/** Split a span that some proof names into the fewest perfect subtrees, left to right. */
export function cover([start, end]: Span): Node[] {
  const nodes: Node[] = [];
  for (let at = start; at < end; ) {
    const level = bitLength(end - at) - 1;
    nodes.push([level, Math.floor(at / 2 ** level)]);
    at += 2 ** level;
  }
  return nodes;
}

/** Name the subtrees whose roots prove one leaf, from its sibling up (RFC 6962 §2.1.1); the index is below the size. */
export function inclusionSpans(index: number, size: number): Span[] {
  const spans: Span[] = [];
  let [start, end] = [0, size];
  while (end - start > 1) {
    const middle = start + split(end - start);
    if (index < middle) {
      spans.push([middle, end]);
      end = middle;
    } else {
      spans.push([start, middle]);
      start = middle;
    }
  }
  return spans.reverse();
}

/** Name the subtrees whose roots prove that a tree grew out of a smaller one (RFC 6962 §2.1.2). */
export function consistencySpans(oldSize: number, newSize: number): Span[] {
  if (oldSize === 0 || oldSize === newSize) return [];
  const spans: Span[] = [];
  let [start, end] = [0, newSize];
  while (oldSize !== end) {
    const middle = start + split(end - start);
    if (oldSize <= middle) {
      spans.push([middle, end]);
      end = middle;
    } else {
      spans.push([start, middle]);
      start = middle;
    }
  }
  // The old root itself is left out where it is a subtree of the new one: the verifier has it.
  if (start > 0) spans.push([start, end]);
  return spans.reverse();
}

/** Make the hashes that prove some spans, from the perfect subtrees below them. */
export function spanHashes(spans: readonly Span[], readHashes: ReadHashes): Uint8Array[] {
  return spans.map((span) => fold(readHashes(cover(span))));
}

/** An inclusion claimed: the leaf's hash, its index, and the tree's size and root from a verified checkpoint. */
export interface Inclusion {
  readonly index: number;
  readonly size: number;
  readonly leaf: Uint8Array;
  readonly root: Uint8Array;
}

/** Verify that a leaf stands at an index in the tree that has this root; throws Problem "inclusion_invalid". */
export function verifyInclusion(proof: readonly Uint8Array[], { index, size, leaf, root }: Inclusion): void {
  const isInside = isInteger(index) && isInteger(size) && index < size;
  ensure(isInside, "inclusion_invalid", "the index is not in a tree of this size");
  const spans = inclusionSpans(index, size);
  ensure(proof.length === spans.length, "inclusion_invalid", "the proof has another number of hashes than it needs");
  ensure(areHashes([leaf, ...proof]), "inclusion_invalid", "a hash is not 32 bytes long");
  const found = spans.reduce<Uint8Array>(
    (hash, [start], at) => (start > index ? nodeHash(hash, proof[at]!) : nodeHash(proof[at]!, hash)),
    leaf,
  );
  ensure(equal(found, root), "inclusion_invalid", "the proof leads to another root");
}

/** A growth claimed: both trees' sizes and roots, from verified checkpoints. */
export interface Growth {
  readonly oldSize: number;
  readonly oldRoot: Uint8Array;
  readonly newSize: number;
  readonly newRoot: Uint8Array;
}

/** Verify that the new tree begins with the old one; throws Problem "consistency_invalid". */
export function verifyConsistency(proof: readonly Uint8Array[], growth: Growth): void {
  const { oldSize, oldRoot, newSize, newRoot } = growth;
  const isGrown = isInteger(oldSize) && isInteger(newSize) && oldSize <= newSize;
  ensure(isGrown, "consistency_invalid", "the old tree is larger than the new one");
  const spans = consistencySpans(oldSize, newSize);
  ensure(proof.length === spans.length, "consistency_invalid", "the proof has another number of hashes than it needs");
  ensure(areHashes([oldRoot, newRoot, ...proof]), "consistency_invalid", "a hash is not 32 bytes long");
  const areEmpty = (oldSize > 0 || equal(oldRoot, EMPTY_ROOT)) && (newSize > 0 || equal(newRoot, EMPTY_ROOT));
  ensure(areEmpty, "consistency_invalid", "a tree without leaves has another root than the empty one");
  if (oldSize === 0) return;
  const [foundOld, foundNew] = grownRoots(spans, proof, growth);
  ensure(equal(foundOld, oldRoot), "consistency_invalid", "the proof leads to another root of the old tree");
  ensure(equal(foundNew, newRoot), "consistency_invalid", "the proof leads to another root of the new tree");
}

/** Rebuild both roots from the inside out: what lies left of the old end is in both, the rest only in the new. */
function grownRoots(spans: readonly Span[], proof: readonly Uint8Array[], growth: Growth): [Uint8Array, Uint8Array] {
  const { oldSize, oldRoot } = growth;
  const begins = spans[0]?.[1] === oldSize;
  let [foundOld, foundNew] = begins ? [proof[0]!, proof[0]!] : [oldRoot, oldRoot];
  for (let at = begins ? 1 : 0; at < spans.length; at++) {
    const sibling = proof[at]!;
    if (spans[at]![1] < oldSize) {
      foundOld = nodeHash(sibling, foundOld);
      foundNew = nodeHash(sibling, foundNew);
    } else {
      foundNew = nodeHash(foundNew, sibling);
    }
  }
  return [foundOld, foundNew];
}

/** The number of binary digits; logarithms are not exact near 2^53. */
export function bitLength(value: number): number {
  return value === 0 ? 0 : value.toString(2).length;
}

/** Return the largest power of two below a size of at least 2. */
function split(size: number): number {
  return 2 ** (bitLength(size - 1) - 1);
}

function areHashes(values: readonly Uint8Array[]): boolean {
  return values.every((value) => value.length === HASH_BYTES);
}
