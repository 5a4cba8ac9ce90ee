"""The shared vectors: that they are the ones the code makes, and that each comes out as it says."""

import base64
import json
from pathlib import Path

import pytest

from keys.errors import RelayError
from keys.statements import read_statement
from keys.trust import verify_trust
from keys.vkeys import Vkey
from relay.custody.checkpoint import encode_checkpoint, parse_checkpoint, verify_checkpoint
from relay.custody.entry import CustodyEntry, commitment, encode_entry, parse_entry, tag
from relay.custody.merkle import leaf_hash, tree_root
from relay.custody.proof import encode_proof, parse_proof, verify_receipt
from relay.custody.tiles import TileId, entry_bundles, hash_tiles, parse_bundle, parse_tile_path, tile_path
from relay.domain.events import detail_mac, event_digest, parse_detail, parse_event
from tests.custody_vectors import FOLDER, build

SPEC = Path(__file__).parents[3] / "docs" / "spec" / "custody.md"
KNOWN = json.loads((FOLDER / "known.json").read_text())
LOG = [Vkey.parse(vkey) for vkey in KNOWN["log"]]


def cases(name, *, count):
    """Read a list of cases, and make sure that it is the whole list."""
    found = json.loads((FOLDER / name).read_text())
    assert len(found) == count
    return found


def outcome(function, *args, **more):
    """Return an error's code, or None."""
    try:
        function(*args, **more)
    except RelayError as error:
        return error.code
    return None


def test_the_files_are_those_that_the_code_makes():
    """Nobody edits a vector by hand, and no format changes by accident."""
    made = build()
    there = {str(path.relative_to(FOLDER)): path for path in FOLDER.rglob("*") if path.is_file()}

    assert set(there) == {*made, "README.md"}
    assert all(there[name].read_bytes() == data for name, data in made.items())


@pytest.mark.parametrize("case", cases("receipts.json", count=15), ids=lambda case: case["why"])
def test_receipts(case):
    """Each spoilt receipt is refused for its own reason."""
    file = case["file"].encode()

    assert outcome(verify_receipt, file, LOG, origin=KNOWN["origin"]) == case["error"]
    if case["error"] is None:
        assert encode_proof(parse_proof(file)) == file


@pytest.mark.parametrize("case", cases("entries.json", count=22), ids=lambda case: case["why"])
def test_entries(case):
    """Each spoilt entry is refused for its own reason."""
    entry = base64.b64decode(case["entry"])

    assert outcome(parse_entry, entry) == case["error"]
    if case["error"] is None:
        assert encode_entry(parse_entry(entry)) == entry


@pytest.mark.parametrize("case", cases("checkpoints.json", count=10), ids=lambda case: case["why"])
def test_checkpoints(case):
    """Each spoilt checkpoint is refused."""
    assert outcome(parse_checkpoint, case["text"]) == case["error"]
    if case["error"] is None:
        assert encode_checkpoint(parse_checkpoint(case["text"])) == case["text"]


@pytest.mark.parametrize("case", cases("paths.json", count=17), ids=lambda case: case["path"])
def test_paths(case):
    """Each path is one tile, or none."""
    assert outcome(parse_tile_path, case["path"]) == case["error"]
    if case["error"] is None:
        assert parse_tile_path(case["path"]) == TileId(case["level"], case["index"], case["width"])


def test_tags():
    """The tag key's holder finds the item's entries."""
    tags = [tag(bytes.fromhex(KNOWN["tag_key"]), seq).hex() for seq in (0, 1, 255, 256, 2**63 - 1)]

    assert tags == KNOWN["tags"]


def test_the_bundle_holds_together():
    """Every byte of it is referred to, and every reference resolves: what an auditor will check at length."""
    bundle = FOLDER / "bundle"
    checkpoint = verify_checkpoint((bundle / "checkpoint").read_bytes(), LOG, origin=KNOWN["origin"]).checkpoint
    (entries_tile,) = entry_bundles(checkpoint.size)
    entries = parse_bundle((bundle / tile_path(entries_tile)).read_bytes(), entries_tile.width)
    (tile,) = hash_tiles(checkpoint.size)
    leaves = [leaf_hash(entry) for entry in entries]

    assert (bundle / tile_path(tile)).read_bytes() == b"".join(leaves)
    assert tree_root(leaves) == checkpoint.root
    assert leaves[2].hex() == KNOWN["leaf_of_entry_2"]
    openings = [json.loads(line) for line in (bundle / "openings.jsonl").read_text().splitlines()]
    for opening in openings:
        event, nonce = parse_event(opening["event"]), bytes.fromhex(opening["nonce"])
        event_tag = tag(bytes.fromhex(opening["tag_key"]), event.seq)
        expected = CustodyEntry(event_tag, commitment(nonce, opening["event"].encode()))
        assert parse_entry(entries[opening["index"]]) == expected
        assert event.detail == detail_mac(bytes.fromhex(opening["detail_nonce"]), opening["detail"])
    first, second = (opening["event"] for opening in openings)
    assert parse_event(second).prev == event_digest(first)
    document = parse_detail(openings[1]["detail"])["statement"]
    statement = read_statement((bundle / "documents" / document).read_bytes()).statement
    assert (statement.kind, statement.subjects[0].prev) == ("claim", event_digest(first))
    verify_trust((FOLDER / "trust.note").read_bytes(), relay=KNOWN["relay"], fingerprint=KNOWN["fingerprint"])


def test_the_example_of_the_specification_is_this_log():
    """What stands in docs/spec/custody.md was made by the code, byte for byte."""
    text = SPEC.read_text()
    entries = parse_bundle((FOLDER / "bundle/tile/entries/000.p/4").read_bytes(), 4)
    openings = [json.loads(line) for line in (FOLDER / "bundle/openings.jsonl").read_text().splitlines()]
    shown = [entries[2].decode(), (FOLDER / "receipt.tlog-proof").read_text(), *openings[0].values()]

    for value in shown:
        assert str(value) in text
