"""A bundle on a disk: what is read, and what is not."""

import os
from pathlib import Path

import pytest

from keys.directory import parse_trust
from keys.errors import EvidenceBroken
from keys.notes import parse_note
from relay.client.bundles import MAX_FILE_BYTES, DirectoryBundle
from relay.custody.tiles import ENTRIES, TileId
from relay.custody.verify import verify
from tests.custody_world import FINGERPRINT, MemoryBundle, a_busy_world

VECTORS = Path(__file__).parents[1] / "vectors" / "custody"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write a sound bundle."""
    for name, data in a_busy_world(letters=0).bundle().files.items():
        path = tmp_path / "bundle" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return tmp_path / "bundle"


def step_of(folder: Path) -> str:
    """Return the step that a bundle breaks."""
    with pytest.raises(EvidenceBroken) as caught:
        verify(DirectoryBundle(folder), fingerprint=FINGERPRINT)
    return caught.value.step


def test_a_bundle_on_a_disk_is_the_one_in_memory(folder):
    """Same files, same verdict."""
    memory: MemoryBundle = a_busy_world(letters=0).bundle()
    disk = DirectoryBundle(folder)

    assert set(disk.names()) == set(memory.files)
    assert list(disk.openings()) == list(memory.openings())
    assert verify(disk, fingerprint=FINGERPRINT) == verify(memory, fingerprint=FINGERPRINT)


def test_what_is_missing_is_missing(tmp_path):
    """An empty folder is no bundle, and no error either: the audit says what is missing."""
    bundle = DirectoryBundle(tmp_path)

    assert bundle.checkpoint() is None
    assert bundle.tile(TileId(ENTRIES, 0, 1)) is None
    assert bundle.document("0" * 64) is None
    assert list(bundle.openings()) == []
    assert step_of(tmp_path) == "2.1"


def test_any_other_file_is_found(folder):
    """Wherever it lies."""
    (folder / "documents" / "copy").mkdir()
    (folder / "documents" / "copy" / "x").write_bytes(b"x")

    assert step_of(folder) == "9.2"


def test_a_link_is_not_followed(folder, tmp_path):
    """A bundle from a stranger reads nothing else on this disk, neither by a file nor by a folder."""
    openings = folder / "openings.jsonl"
    (tmp_path / "elsewhere").write_bytes(openings.read_bytes())
    openings.unlink()
    openings.symlink_to(tmp_path / "elsewhere")
    assert list(DirectoryBundle(folder).openings()) == []
    openings.unlink()
    openings.write_bytes((tmp_path / "elsewhere").read_bytes())
    (folder / "documents").rename(tmp_path / "documents")
    (folder / "documents").symlink_to(tmp_path / "documents")

    assert "documents" in set(DirectoryBundle(folder).names())
    assert step_of(folder) == "9.2"


def test_a_linked_tile_is_missing(folder, tmp_path):
    """Even if it is the right one."""
    tile = next((folder / "tile" / "0").rglob("[0-9]*"))
    path = tile if tile.is_file() else next(tile.rglob("[0-9]*"))
    (tmp_path / "tile").write_bytes(path.read_bytes())
    path.unlink()
    path.symlink_to(tmp_path / "tile")

    assert step_of(folder) == "4.2"


def test_a_huge_file_is_cut(folder):
    """It cannot fill the memory, and it fails its check."""
    os.truncate(next((folder / "documents").iterdir()), MAX_FILE_BYTES * 4)

    assert step_of(folder) == "9.1"


def test_the_shared_vectors_pass():
    """The bundle that every implementation is given, and the receipt beside it."""
    trust = parse_trust(parse_note((VECTORS / "trust.note").read_bytes()).text)
    receipt = (VECTORS / "receipt.tlog-proof").read_bytes()
    verified = verify(DirectoryBundle(VECTORS / "bundle"), fingerprint=trust.fingerprint, receipt=receipt)

    assert [link.index for link in verified.chain] == [2, 3]
