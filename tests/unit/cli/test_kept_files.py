"""What commands write down of letters, and the relay of custody, is for the owner alone, wherever it lies."""

import os
import stat
from pathlib import Path

import pytest

from relay.cli import facilities, families, reviewers
from relay.client.auditors import FolderStore
from relay.client.opening import open_item
from relay.client.sealing import Enclosure, Letter
from relay.ledger.founding import found
from relay.storage.engine import Storage
from tests.unit.client.people import NUMBER, TEXT, a_draft, a_row, files_of, people


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder that everybody on the machine may look into."""
    folder = tmp_path / "letters"
    folder.mkdir(mode=0o755)
    return folder


def modes(folder: Path) -> set[str]:
    """Say what others may do with the files of a folder."""
    return {oct(stat.S_IMODE(path.stat().st_mode) & 0o077) for path in folder.rglob("*") if path.is_file()}


def test_letters_and_pictures_are_kept_for_the_owner_alone(folder):
    """Even in a folder that was there before, and where somebody has laid a link in the way."""
    (folder / "target").write_text("mine", encoding="ascii")
    (folder / "target").chmod(0o600)
    (folder / "one.txt").symlink_to(folder / "target")
    families._keep(folder, "one", TEXT, [Enclosure("x", "image/png", b"x")])
    facilities._keep(folder, "two", TEXT, [("image/jpeg", b"x")])
    draft = a_draft(Letter(TEXT, NUMBER, "uk", (Enclosure("house.png", "image/png", b"x"),)))
    letter = open_item(a_row(draft), files_of(draft), people().review_keys(), people().signers)
    reviewers._keep_pictures(letter, folder)

    assert len(list(folder.iterdir())) == 6
    assert modes(folder) == {"0o0"}
    assert (folder / "target").read_text(encoding="ascii") == "mine"


def test_evidence_is_downloaded_into_a_folder_for_the_owner_alone(tmp_path):
    """Openings say who moved which letter when."""
    FolderStore(tmp_path / "bundle").write("checkpoint", b"x")
    assert stat.S_IMODE((tmp_path / "bundle").stat().st_mode) == 0o700


async def test_the_database_is_its_owners_alone(folder):
    """It knows which mailbox writes to which number."""
    storage = Storage(f"sqlite+aiosqlite:///{folder / 'relay.sqlite'}")
    await found(storage, folder, name="relay.example", random=os.urandom)
    assert modes(folder) == {"0o0"}
    await storage.close()
