"""The log's tree under any split into batches, and under any flipped bit."""

import functools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import RelayError
from keys.notes import Signer
from relay.custody.checkpoint import Checkpoint, encode_checkpoint, parse_checkpoint, sign_checkpoint
from relay.custody.edge import Edge, PublishedTile, append, prove_batch
from relay.custody.entry import (
    ClearEntry,
    ClearKind,
    CommittedEntry,
    CommittedKind,
    CustodyEntry,
    ErasureEntry,
    encode_entry,
    parse_entry,
)
from relay.custody.merkle import (
    ProofInvalid,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    tree_root,
    verify_consistency,
    verify_inclusion,
)
from relay.custody.proof import (
    Proof,
    Receipt,
    encode_proof,
    encode_receipt,
    parse_proof,
    receipt_leaf,
    verify_receipt,
)
from relay.custody.tiles import (
    ENTRIES,
    TileHashes,
    TileId,
    encode_bundle,
    hash_tiles,
    parse_bundle,
    parse_tile_path,
    tile_path,
)

LEAVES = [leaf_hash(number.to_bytes(4)) for number in range(66_500)]
HASHES = st.binary(min_size=32, max_size=32)

#: Sizes where something happens, and all between.
sizes = st.one_of(st.integers(1, 600), st.sampled_from([65_535, 65_536, 65_537, 66_048]))


@st.composite
def batches(draw):
    """Split a log into batches as a busy and an idle relay would."""
    size = draw(sizes)
    cuts = draw(st.lists(st.integers(0, size), max_size=8).map(sorted))
    return list(zip([0, *cuts], [*cuts, size], strict=True))


@functools.lru_cache(maxsize=64)
def tiles_of(size: int) -> dict[TileId, bytes]:
    """Return every tile of a log of this size, by its name."""
    appended = append(Edge.empty(), LEAVES[:size])
    return {tile.tile: tile.data for tile in (*appended.tiles, *appended.edge.partials())}


@functools.lru_cache(maxsize=1024)
def root_of(size: int) -> bytes:
    """Return the root of a log of this size, hashed the plain way."""
    return tree_root(LEAVES[:size])


@given(batches())
def test_any_split_into_batches_gives_the_same_edge_and_tiles(split):
    """A log does not remember how busy the relay was."""
    edge = Edge.empty()
    tiles: list[PublishedTile] = []
    for start, end in split:
        appended = append(edge, LEAVES[start:end])
        edge = appended.edge
        tiles += appended.tiles
    whole = append(Edge.empty(), LEAVES[: split[-1][1]])

    assert edge == whole.edge
    assert edge.root() == root_of(edge.size)
    assert sorted(tiles, key=lambda tile: tile.tile) == sorted(whole.tiles, key=lambda tile: tile.tile)
    assert {tile.tile for tile in (*tiles, *edge.partials())} == set(hash_tiles(edge.size))


@given(batches())
def test_an_edge_survives_a_restart_between_any_two_batches(split):
    """What is loaded from tiles goes on as what was held in memory."""
    edge = Edge.empty()
    for start, end in split:
        loaded = Edge.load(start, lambda *tile, size=start: tiles_of(size)[TileId(*tile)])
        assert loaded == edge
        edge = append(loaded, LEAVES[start:end]).edge


@given(before=st.integers(0, 600), count=st.integers(1, 300), data=st.data())
def test_a_batchs_proofs_are_those_that_the_tiles_give(before, count, data):
    """Receipts are proven from the edge, auditors' proofs from tiles; there is only one right path."""
    appended = append(append(Edge.empty(), LEAVES[:before]).edge, LEAVES[before : before + count])
    offset = data.draw(st.integers(0, count - 1))
    reader = TileHashes(before + count, tiles_of(before + count).__getitem__)
    proof = prove_batch(appended)[offset]

    assert proof == inclusion_proof(before + offset, before + count, reader)


@given(size=sizes, data=st.data())
def test_inclusion_verifies_and_no_flipped_bit_does(size, data):
    """Any leaf of any tree; a change of leaf, root, path or place is noticed."""
    index = data.draw(st.integers(0, size - 1))
    root = root_of(size)
    proof = inclusion_proof(index, size, TileHashes(size, tiles_of(size).__getitem__))
    verify_inclusion(proof, index=index, size=size, leaf=LEAVES[index], root=root)

    hashes = [LEAVES[index], root, *proof]
    which = data.draw(st.integers(0, len(hashes) - 1))
    hashes[which] = data.draw(flipped(hashes[which]))
    with pytest.raises(ProofInvalid):
        verify_inclusion(hashes[2:], index=index, size=size, leaf=hashes[0], root=hashes[1])
    elsewhere = data.draw(st.integers(0, size).filter(lambda other: other != index))
    with pytest.raises(ProofInvalid):
        verify_inclusion(proof, index=elsewhere, size=size, leaf=LEAVES[index], root=root)


@given(new_size=sizes, data=st.data())
def test_consistency_verifies_and_no_flipped_bit_does(new_size, data):
    """Any tree out of any smaller one that is not empty; a change of either root or the path is noticed."""
    old_size = data.draw(st.integers(1, new_size))
    old_root, new_root = root_of(old_size), root_of(new_size)
    grown = {"old_size": old_size, "new_size": new_size}
    proof = consistency_proof(old_size, new_size, TileHashes(new_size, tiles_of(new_size).__getitem__))
    verify_consistency(proof, **grown, old_root=old_root, new_root=new_root)

    hashes = [old_root, new_root, *proof]
    which = data.draw(st.integers(0, len(hashes) - 1))
    hashes[which] = data.draw(flipped(hashes[which]))
    with pytest.raises(ProofInvalid):
        verify_consistency(hashes[2:], **grown, old_root=hashes[0], new_root=hashes[1])


def flipped(value):
    """Flip one bit anywhere."""
    return st.integers(0, 8 * len(value) - 1).map(
        lambda bit: (int.from_bytes(value) ^ 1 << bit).to_bytes(len(value)),
    )


ORIGIN = "relay.example/log/1"
LOG = Signer.ed25519(ORIGIN, b"L" * 32)


@given(before=st.integers(0, 300), data=st.data())
def test_no_flipped_bit_of_a_receipt_verifies(before, data):
    """The whole file is evidence: opening, place, path, checkpoint, signature."""
    receipt = Receipt(b"t" * 32, b"n" * 32, '{"v":1,"item":"ліст"}')
    appended = append(append(Edge.empty(), LEAVES[:before]).edge, [receipt_leaf(receipt)])
    checkpoint = sign_checkpoint(Checkpoint(ORIGIN, before + 1, appended.edge.root()), LOG)
    file = encode_proof(Proof(before, prove_batch(appended)[0], checkpoint, encode_receipt(receipt)))
    assert verify_receipt(file, [LOG.vkey], origin=ORIGIN).index == before

    with pytest.raises(RelayError):
        verify_receipt(data.draw(flipped(file)), [LOG.vkey], origin=ORIGIN)


entries = st.one_of(
    st.builds(CustodyEntry, HASHES, HASHES),
    st.builds(ClearEntry, st.sampled_from(ClearKind), st.binary(min_size=1, max_size=200)),
    st.builds(CommittedEntry, st.sampled_from(CommittedKind), HASHES),
    st.sets(st.integers(0, 10**6), min_size=1, max_size=20).map(
        lambda indexes: ErasureEntry(max(indexes) + 1, tuple(sorted(indexes)))
    ),
)


@given(entries)
def test_entries_round_trip(entry):
    """Whatever is written is read back as it was."""
    assert parse_entry(encode_entry(entry)) == entry


@given(entries, st.data())
def test_a_changed_entry_is_refused_or_is_another_entry(entry, data):
    """No two spellings mean the same."""
    changed = data.draw(flipped(encode_entry(entry)))
    try:
        parsed = parse_entry(changed)
    except RelayError:
        return
    assert parsed != entry
    assert encode_entry(parsed) == changed


@given(st.lists(st.binary(max_size=50), min_size=1, max_size=256))
def test_bundles_round_trip(several):
    """Empty entries too."""
    assert parse_bundle(encode_bundle(several), len(several)) == several


@given(st.builds(TileId, st.integers(ENTRIES, 63), st.integers(0, 2**55 - 1), st.integers(1, 256)))
def test_tile_paths_round_trip(tile):
    """For every tile that a log of at most 2^63 - 1 entries could have."""
    assert parse_tile_path(tile_path(tile)) == tile


@given(st.integers(0, 2**63 - 1), HASHES)
def test_checkpoints_round_trip(size, root):
    """Of every size."""
    checkpoint = Checkpoint(ORIGIN, size, root)

    assert parse_checkpoint(encode_checkpoint(checkpoint)) == checkpoint


@given(
    st.integers(0, 2**63 - 1),
    st.lists(HASHES, max_size=63).map(tuple),
    st.binary(max_size=100),
    st.none() | st.binary(max_size=100),
)
def test_proofs_round_trip(index, hashes, checkpoint, extra):
    """Whatever the checkpoint's bytes are: it is carried verbatim."""
    proof = Proof(index, hashes, checkpoint, extra)

    assert parse_proof(encode_proof(proof)) == proof
