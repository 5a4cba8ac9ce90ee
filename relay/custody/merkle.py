"""
The log's Merkle tree: hashes, roots, and the two proofs that make a log a log (RFC 6962 §2.1).

An inclusion proof shows that an entry stands in a tree; a consistency proof, that a larger tree only added to a
smaller one. Both are made from the hashes of *perfect* subtrees, which never change once their leaves are there: a
`Node` names one, and whoever keeps the tree (tiles, or a list in a test) hands them out through `ReadHashes`.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import ClassVar, Final

from keys.errors import EvidenceBroken

HASH_BYTES: Final = 32
#: The root of a tree without leaves: the hash of nothing.
EMPTY_ROOT: Final = sha256(b"").digest()
#: Sizes fit a signed 64-bit integer in every language that will read the log.
MAX_SIZE: Final = 2**63 - 1

#: A perfect subtree: (level, index) covers the leaves from index·2^level up to (index + 1)·2^level.
Node = tuple[int, int]
#: Leaves from the first number up to, but without, the second.
Span = tuple[int, int]
#: Hands out the hashes of perfect subtrees, in the order asked for.
ReadHashes = Callable[[Sequence[Node]], Sequence[bytes]]


class ProofInvalid(EvidenceBroken):
    """
    This does not prove what it claims.

    A primitive cannot know which numbered step of docs/spec/audit.md has called it, so its own name stands for the
    step; `verify.py` raises it again under the number.
    """

    code = "proof_invalid"
    primitive: ClassVar[str] = "proof"

    def __init__(self, message: str) -> None:
        """Take what failed, in words without content."""
        super().__init__(self.primitive, message)


class InclusionInvalid(ProofInvalid):
    """The entry is not shown to be in the tree."""

    code = "inclusion_invalid"
    primitive = "inclusion"


class ConsistencyInvalid(ProofInvalid):
    """The larger tree is not shown to begin with the smaller one."""

    code = "consistency_invalid"
    primitive = "consistency"


def leaf_hash(entry: bytes) -> bytes:
    """Hash an entry as a leaf; the first byte keeps leaves and nodes apart."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two children into their parent."""
    return sha256(b"\x01" + left + right).digest()


def pair_up(hashes: Sequence[bytes]) -> list[bytes]:
    """Hash neighbours into their parents; an odd one at the end has no parent yet and is left out."""
    both = iter(hashes)
    # Spelt out, not `node_hash`: this one line is where the log spends its time.
    return [sha256(b"\x01" + left + right).digest() for left, right in zip(both, both, strict=False)]


def tree_root(leaf_hashes: Sequence[bytes]) -> bytes:
    """Return the root over these leaf hashes."""
    row = list(leaf_hashes)
    while len(row) > 1:
        lone = row[-1:] if len(row) % 2 else []
        row = pair_up(row) + lone
    return row[0] if row else EMPTY_ROOT


def fold(hashes: Sequence[bytes]) -> bytes:
    """Hash the perfect subtrees of one span, left to right and ever smaller, into the root of that span."""
    *before, right = hashes
    for left in reversed(before):
        right = node_hash(left, right)
    return right


def cover(span: Span) -> list[Node]:
    """
    Split a span into the fewest perfect subtrees, left to right.

    Args:
        span: The leaves of a subtree that some proof names: they start at a multiple of a power of two that is not
            below their number.
    """
    start, end = span
    nodes = []
    while start < end:
        level = (end - start).bit_length() - 1
        nodes.append((level, start >> level))
        start += 1 << level
    return nodes


def inclusion_spans(index: int, size: int) -> list[Span]:
    """
    Name the subtrees whose roots prove one leaf, from its sibling up to the child of the root (RFC 6962 §2.1.1).

    Raises:
        ValueError: The index is not below the size.
    """
    if not 0 <= index < size:
        raise ValueError("a leaf that is not in the tree has no inclusion proof")
    spans, start, end = [], 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    return spans[::-1]


def consistency_spans(old_size: int, new_size: int) -> list[Span]:
    """
    Name the subtrees whose roots prove that a tree grew out of a smaller one (RFC 6962 §2.1.2).

    Nothing needs proof from an empty tree, nor from a tree to itself.

    Raises:
        ValueError: The old size is above the new one.
    """
    if not 0 <= old_size <= new_size:
        raise ValueError("a tree is never consistent with a smaller one")
    if old_size in (0, new_size):
        return []
    spans, start, end = [], 0, new_size
    while old_size != end:
        middle = start + _split(end - start)
        if old_size <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    # The old root itself is left out where it is a subtree of the new one: the verifier has it.
    if start:
        spans.append((start, end))
    return spans[::-1]


def span_nodes(spans: Sequence[Span]) -> list[Node]:
    """List every perfect subtree that the hashes of these spans are made of, so that a caller may fetch them first."""
    return [node for span in spans for node in cover(span)]


def inclusion_proof(index: int, size: int, read_hashes: ReadHashes) -> tuple[bytes, ...]:
    """
    Prove that the leaf at an index is in the tree of a size.

    Args:
        index: The leaf's place, counted from 0.
        size: How many leaves the tree has; the reader must know all of them.
        read_hashes: Where the perfect subtrees come from.

    Returns:
        32-byte hashes, from the leaf's sibling up.

    Raises:
        ValueError: The index is not below the size.
    """
    return _span_hashes(inclusion_spans(index, size), read_hashes)


def consistency_proof(old_size: int, new_size: int, read_hashes: ReadHashes) -> tuple[bytes, ...]:
    """
    Prove that the tree of the new size begins with the tree of the old size.

    Raises:
        ValueError: The old size is above the new one.
    """
    return _span_hashes(consistency_spans(old_size, new_size), read_hashes)


def verify_inclusion(proof: Sequence[bytes], *, index: int, size: int, leaf: bytes, root: bytes) -> None:
    """
    Verify that a leaf stands at an index in the tree that has this root.

    Args:
        proof: The hashes, from the leaf's sibling up.
        index: The leaf's place, counted from 0.
        size: How many leaves the tree has.
        leaf: The leaf's hash (`leaf_hash`), not the entry.
        root: The root from a checkpoint that the caller has verified.

    Raises:
        InclusionInvalid: The index is outside the tree, the proof has the wrong length, or it leads to another root.
    """
    if not 0 <= index < size <= MAX_SIZE:
        raise InclusionInvalid("the index is not in a tree of this size")
    # Up to where the paths of this leaf and of the last one meet, siblings lie on both sides; above, only on the left.
    both_sides = (index ^ (size - 1)).bit_length()
    expected = both_sides + (index >> both_sides).bit_count()
    if len(proof) != expected:
        raise InclusionInvalid(f"the proof has {len(proof)} hashes and needs {expected}")
    if not _are_hashes((leaf, *proof)):
        raise InclusionInvalid("a hash is not 32 bytes long")
    found = leaf
    for level, sibling in enumerate(proof):
        left = level >= both_sides or index >> level & 1
        found = node_hash(sibling, found) if left else node_hash(found, sibling)
    if found != root:
        raise InclusionInvalid("the proof leads to another root")


def verify_consistency(
    proof: Sequence[bytes], *, old_size: int, old_root: bytes, new_size: int, new_root: bytes
) -> None:
    """
    Verify that the new tree begins with the old one: nothing was taken out, changed or moved.

    Raises:
        ConsistencyInvalid: The old size is above the new one, the proof has the wrong length, or it leads to another
            old or new root.
    """
    if not 0 <= old_size <= new_size <= MAX_SIZE:
        raise ConsistencyInvalid("the old tree is larger than the new one")
    spans = consistency_spans(old_size, new_size)
    if len(proof) != len(spans):
        raise ConsistencyInvalid(f"the proof has {len(proof)} hashes and needs {len(spans)}")
    if not _are_hashes((old_root, new_root, *proof)):
        raise ConsistencyInvalid("a hash is not 32 bytes long")
    if any(size == 0 and root != EMPTY_ROOT for size, root in ((old_size, old_root), (new_size, new_root))):
        raise ConsistencyInvalid("a tree without leaves has another root than the empty one")
    if old_size == 0:
        return
    found_old, found_new = _grown_roots(spans, proof, old_size=old_size, old_root=old_root)
    if found_old != old_root:
        raise ConsistencyInvalid("the proof leads to another root of the old tree")
    if found_new != new_root:
        raise ConsistencyInvalid("the proof leads to another root of the new tree")


def _grown_roots(
    spans: Sequence[Span], proof: Sequence[bytes], *, old_size: int, old_root: bytes
) -> tuple[bytes, bytes]:
    """Rebuild both roots from the inside out: what lies left of the old end is in both, the rest only in the new."""
    if not spans:
        return old_root, old_root
    if spans[0][1] == old_size:
        found_old = found_new = proof[0]
        rest = zip(spans[1:], proof[1:], strict=True)
    else:
        found_old = found_new = old_root
        rest = zip(spans, proof, strict=True)
    for (_, end), sibling in rest:
        if end < old_size:
            found_old, found_new = node_hash(sibling, found_old), node_hash(sibling, found_new)
        else:
            found_new = node_hash(found_new, sibling)
    return found_old, found_new


def _span_hashes(spans: Sequence[Span], read_hashes: ReadHashes) -> tuple[bytes, ...]:
    """Read what all spans need in one go, then fold each."""
    hashes = iter(read_hashes(span_nodes(spans)))
    return tuple(fold([next(hashes) for _ in cover(span)]) for span in spans)


def _split(size: int) -> int:
    """Return the largest power of two below a size of at least 2."""
    return 1 << (size - 1).bit_length() - 1


def _are_hashes(values: Sequence[bytes]) -> bool:
    return all(len(value) == HASH_BYTES for value in values)
