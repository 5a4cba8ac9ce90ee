"""Somebody else's implementation reads what we write, and we read what it writes (tlog-scales, pure Python)."""

from pathlib import Path

import pytest
from tlog_scales import cli
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import PlainEd25519Signer, VkeySet
from tlog_scales.signing import Vkey as TheirVkey
from tlog_scales.tlog import Checkpoint as TheirCheckpoint
from tlog_scales.writer import TilesWriter

from keys.cosignatures import Cosigner, cosign
from keys.notes import Signer
from keys.vkeys import Vkey
from relay.custody.checkpoint import Checkpoint, add_signatures, encode_checkpoint, sign_checkpoint, verify_checkpoint
from relay.custody.edge import Edge, append
from relay.custody.merkle import consistency_proof, inclusion_proof, leaf_hash, verify_consistency
from relay.custody.proof import parse_proof, verify_proof
from relay.custody.tiles import (
    TILE_WIDTH,
    TileHashes,
    TileId,
    encode_bundle,
    entry_bundles,
    hash_tiles,
    parse_bundle,
    tile_path,
)

ORIGIN = "relay.example/log/1"
LOG = Signer.ed25519(ORIGIN, b"L" * 32)
LOG_PQ = Cosigner.mldsa44(ORIGIN, b"P" * 32)
WITNESS = Cosigner.ed25519("witness.example", b"W" * 32)
TIME_S = 1_700_000_000

SIZES = [1, 2, 255, 256, 257, 1000, 65_536, 70_000]


def entry(number):
    """Make the entry of a place, of various lengths."""
    return b"entry %d\n" % number * (number % 3)


LEAVES = [leaf_hash(entry(number)) for number in range(max(SIZES))]


def write(path: Path, data: bytes) -> None:
    """Write a file and the directories above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def write_log(root: Path, size: int) -> Checkpoint:
    """Write a log as the relay publishes it: tiles, bundles, and a checkpoint with three signatures."""
    appended = append(Edge.empty(), LEAVES[:size])
    for tile in (*appended.tiles, *appended.edge.partials()):
        write(root / tile_path(tile.tile), tile.data)
    for bundle in entry_bundles(size):
        first = bundle.index * TILE_WIDTH
        entries = [entry(number) for number in range(first, first + bundle.width)]
        write(root / tile_path(bundle), encode_bundle(entries))
    checkpoint = Checkpoint(ORIGIN, size, appended.edge.root())
    signed = sign_checkpoint(checkpoint, LOG, cosigner=LOG_PQ, time_s=TIME_S)
    line = cosign(encode_checkpoint(checkpoint), WITNESS, TIME_S)
    write(root / "checkpoint", add_signatures(signed, [line]))
    return checkpoint


def places(size):
    """Choose leaves around the borders of tiles and trees."""
    return sorted({0, size // 2, size - 1} | {at for at in (1, 255, 256, 65_535, 65_536) if at < size})


@pytest.mark.parametrize("size", SIZES)
def test_another_client_verifies_our_checkpoint_root_entries_and_proofs(tmp_path, size):
    """Signatures of all three types, the root from our tiles, and proofs it makes from them."""
    ours = write_log(tmp_path, size)
    reader = TilesReader(LocalBackend(tmp_path))
    theirs = reader.get_checkpoint()
    vkeys = [TheirVkey.from_string(str(key.vkey)) for key in (LOG, LOG_PQ, WITNESS)]

    assert len(VkeySet(*vkeys).verify(theirs.signatures, theirs)) == 3
    assert (theirs.origin, theirs.size, theirs.root_hash) == (ORIGIN, size, ours.root)
    assert reader.calculate_root_hash() == ours.root
    for index in places(size):
        assert reader.get_entry(index) == entry(index)
        proof = reader.get_inclusion_proof(index, size)
        proof.check(LEAVES[index], ours.root)
        assert inclusion_proof(index, size, our_reader(tmp_path, size)) == tuple(proof.node_hashes)


@pytest.mark.parametrize(("old_size", "new_size"), [(1, 2), (255, 256), (256, 257), (1000, 70_000), (65_536, 70_000)])
def test_another_client_finds_two_of_our_checkpoints_consistent(tmp_path, old_size, new_size):
    """And makes the same proof of it from our tiles."""
    old, new = write_log(tmp_path / "old", old_size), write_log(tmp_path / "new", new_size)
    reader = TilesReader(LocalBackend(tmp_path / "new"))
    reader.get_checkpoint()
    proof = reader.get_consistency_proof(old_size, new_size)

    proof.check(old.root, new.root)
    ours = consistency_proof(old_size, new_size, our_reader(tmp_path / "new", new_size))
    assert ours == tuple(proof.node_hashes)
    verify_consistency(ours, old_size=old_size, old_root=old.root, new_size=new_size, new_root=new.root)


@pytest.mark.parametrize("size", [1, 257, 70_000])
def test_a_tlog_proof_that_another_tool_makes_of_our_log_verifies_here(tmp_path, capsys, size):
    """The proof file is a format of its own; `tlog-tiles gen-proof` writes it too."""
    write_log(tmp_path, size)
    for index in places(size):
        cli.cmd_gen_proof(cli.build_parser().parse_args(["gen-proof", str(tmp_path), str(index)]))
        proof = parse_proof(capsys.readouterr().out.encode())

        assert proof.index == index
        assert verify_proof(proof, LEAVES[index], [LOG.vkey], origin=ORIGIN).size == size


@pytest.mark.parametrize("split", [[1], [255, 1, 1], [300, 500], [256, 256, 70_000 - 512]])
def test_a_log_that_another_writer_wrote_has_the_tiles_we_would_write(tmp_path, split):
    """Byte for byte, its bundles too; and its checkpoint verifies here."""
    signer = PlainEd25519Signer(ORIGIN, b"L" * 32)
    writer = TilesWriter.create(tmp_path / "log", ORIGIN)
    size = 0
    for count in split:
        for number in range(size, size + count):
            writer.add_leaf(entry(number))
        size += count
        writer.commit([signer])
    theirs = {
        str(path.relative_to(tmp_path / "log")) for path in (tmp_path / "log" / "tile").rglob("*") if path.is_file()
    }
    appended = append(Edge.empty(), LEAVES[:size])

    for tile in (*appended.tiles, *appended.edge.partials()):
        assert (tmp_path / "log" / tile_path(tile.tile)).read_bytes() == tile.data
    for bundle in entry_bundles(size):
        data = (tmp_path / "log" / tile_path(bundle)).read_bytes()
        first = bundle.index * TILE_WIDTH
        assert parse_bundle(data, bundle.width) == [entry(number) for number in range(first, first + bundle.width)]
    assert theirs >= {tile_path(tile) for tile in (*hash_tiles(size), *entry_bundles(size))}
    note = (tmp_path / "log" / "checkpoint").read_bytes()
    verified = verify_checkpoint(note, [Vkey.parse(signer.vkey.serialize())], origin=ORIGIN)
    assert verified.checkpoint == Checkpoint(ORIGIN, size, appended.edge.root())


def test_another_client_refuses_our_log_when_a_tile_is_changed(tmp_path):
    """Otherwise the tests above would prove little."""
    checkpoint = write_log(tmp_path, 257)
    tile = tmp_path / tile_path(TileId(0, 0))
    data = bytearray(tile.read_bytes())
    data[100] ^= 1
    tile.write_bytes(data)
    reader = TilesReader(LocalBackend(tmp_path))
    theirs: TheirCheckpoint = reader.get_checkpoint()

    with pytest.raises(Exception, match="root_hash"):
        reader.get_inclusion_proof(0, 257).check(LEAVES[0], checkpoint.root)
    assert theirs.root_hash == checkpoint.root


def our_reader(root: Path, size: int) -> TileHashes:
    """Read hashes with our own reader from a log's directory."""
    return TileHashes(size, lambda tile: (root / tile_path(tile)).read_bytes())
