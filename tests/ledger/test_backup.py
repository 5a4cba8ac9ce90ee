"""A relay in one file: taken while it works, and put back only if nothing that it answered is missing."""

import io
import shutil
import stat
import tarfile
from pathlib import Path

import pytest

from keys.errors import RelayError
from relay.custody.checkpoint import Checkpoint, sign_checkpoint
from relay.ledger import backup, restoring
from relay.ledger.backup import (
    BackupElsewhere,
    BackupExists,
    BackupMalformed,
    BackupOutdated,
    CheckpointForeign,
    OtherVersion,
    back_up,
)
from relay.ledger.door import NotInitialised
from relay.ledger.founding import AlreadyFounded
from relay.ledger.highwater import LogForked
from relay.ledger.restoring import LastCheckpointWanted, restore
from relay.storage.custody_log import Head
from relay.storage.engine import Storage
from tests.ledger.world import World, a_door, a_world, url_of


@pytest.fixture
async def kept(world: World, tmp_path: Path) -> Path:
    """Send a letter and take a backup, while the relay goes on."""
    await world.send()
    (world.folder / "operator.token").write_text("lro_" + "0" * 64)
    out = tmp_path / "kept.backup"
    assert await back_up(url_of(world.folder), world.folder, out) == world.ledger.head
    return out


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """Name a data folder that has no relay."""
    folder = tmp_path / "elsewhere"
    folder.mkdir(mode=0o700)
    return folder


def content_of(path: Path) -> bytes:
    """Read a file."""
    return path.read_bytes()


def modes_in(folder: Path) -> dict[str, int]:
    """List what is in a folder, and who may read it."""
    return {path.name: stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()}


def mark_of(world: World) -> bytes:
    """Read the high-water mark as it is now."""
    return content_of(world.folder / "high-water")


async def put_back(kept: Path, folder: Path, last: bytes | None = None) -> Head:
    """Restore a backup into a folder."""
    return await restore(kept, url_of(folder), folder, last=last)


async def test_a_relay_that_was_put_back_goes_on_where_it_was(world: World, kept: Path, elsewhere: Path):
    """The same head, the same receipts for the same letters, and the next letter under the same key."""
    shutil.copy(world.folder / "high-water", elsewhere)
    letter = world.letter()

    head = await put_back(kept, elsewhere)

    assert head == world.ledger.head
    assert modes_in(elsewhere) == dict.fromkeys(("high-water", "log.key", "operator.token", "relay.db"), 0o600)
    storage = Storage(url_of(elsewhere))
    door = a_door(storage, elsewhere, head.origin, clock=world.clock)
    await door.start()
    await door.submit(letter)
    assert door.head.size == head.size + 1
    await door.stop()
    await storage.close()


async def test_a_backup_is_for_its_owner_alone_and_leaves_nothing_beside_it(world: World, kept: Path):
    """Four files by name, no scratch folder in the data folder, and never a second one over the first."""
    assert modes_in(kept.parent)[kept.name] == 0o600
    with tarfile.open(kept) as archive:
        assert archive.getnames() == ["high-water", "log.key", "operator.token", "relay.db"]
    assert ".backup" not in modes_in(world.folder)
    content = content_of(kept)
    with pytest.raises(BackupExists):
        await back_up(url_of(world.folder), world.folder, kept)
    assert content_of(kept) == content


async def test_a_backup_that_lacks_an_answer_is_refused(world: World, kept: Path, elsewhere: Path):
    """A letter came after it: its family has a receipt. Nothing is put back, whoever says so."""
    await world.send()
    for last in (mark_of(world), None):
        if last is None:
            shutil.copy(world.folder / "high-water", elsewhere)
        with pytest.raises(BackupOutdated, match="lacks 1 entry") as refusal:
            await put_back(kept, elsewhere, last)
        assert "no command that declares such a loss" in refusal.value.cure

    assert list(modes_in(elsewhere)) == ["high-water"]
    assert content_of(elsewhere / "high-water") == mark_of(world)


async def test_somebody_has_to_say_how_far_the_relay_had_come(world: World, kept: Path, elsewhere: Path):
    """The backup's own mark cannot; the surviving one or the newest checkpoint that somebody has seen can."""
    with pytest.raises(LastCheckpointWanted):
        await put_back(kept, elsewhere)
    assert modes_in(elsewhere) == {}

    assert await put_back(kept, elsewhere, mark_of(world)) == world.ledger.head


async def test_a_checkpoint_of_another_log_or_history_is_refused(
    world: World, kept: Path, elsewhere: Path, tmp_path: Path
):
    """Another relay's mark says nothing; this log's key under another root means that it was forked."""
    async with a_world(tmp_path / "other") as other:
        foreign = mark_of(other)
    forked = sign_checkpoint(Checkpoint(world.cast.origin, 1, b"\0" * 32), world.founded.key.signer)
    for last, refusal in ((foreign, CheckpointForeign), (b"no note", CheckpointForeign), (forked, LogForked)):
        with pytest.raises(refusal):
            await put_back(kept, elsewhere, last)

    assert modes_in(elsewhere) == {}


async def test_no_relay_is_written_over(world: World, kept: Path, elsewhere: Path):
    """Neither one with a database nor one whose key is still there."""
    with pytest.raises(AlreadyFounded):
        await put_back(kept, world.folder)
    (elsewhere / "log.key").write_text("another")
    with pytest.raises(AlreadyFounded):
        await put_back(kept, elsewhere, mark_of(world))

    assert (elsewhere / "log.key").read_text() == "another"
    assert not (elsewhere / "relay.db").exists()


async def test_what_was_cut_off_is_put_back_by_the_same_command(
    world: World, kept: Path, elsewhere: Path, monkeypatch: pytest.MonkeyPatch
):
    """The database gets its name last; until then the folder has no relay, and no second history."""

    def pulled(*_: object) -> None:
        raise OSError("the plug")

    with monkeypatch.context() as patch:
        patch.setattr(restoring, "_move", pulled)
        with pytest.raises(OSError, match="the plug"):
            await put_back(kept, elsewhere, mark_of(world))

    assert await put_back(kept, elsewhere) == world.ledger.head


def spoil(kept: Path, how: str) -> None:
    """Make something of a backup that is none."""
    if how in {"cut", "no archive"}:
        content = content_of(kept)
        kept.write_bytes(content[: len(content) // 2] if how == "cut" else b"letters")
        return
    names = {"more": "../relay.db", "no database": "log.key", "a link": "relay.db", "twice": "log.key"}
    with tarfile.open(kept, "w") as archive:
        for _ in range(2 if how == "twice" else 1):
            member = tarfile.TarInfo(names[how])
            member.type = tarfile.SYMTYPE if how == "a link" else tarfile.REGTYPE
            archive.addfile(member, io.BytesIO())


@pytest.mark.parametrize("spoilt", ["cut", "no archive", "more", "no database", "a link", "twice"])
async def test_a_file_that_is_no_whole_backup_is_refused(world: World, kept: Path, elsewhere: Path, spoilt: str):
    """Cut off, something else, or with more or less in it than a backup has."""
    spoil(kept, spoilt)

    with pytest.raises(BackupMalformed):
        await put_back(kept, elsewhere, mark_of(world))
    assert modes_in(elsewhere) == {}


async def test_a_backup_that_fails_leaves_no_file(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A full disk in the middle of it: a half file would look like a backup."""

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup, "_add", full)
    with pytest.raises(OSError, match="No space"):
        await back_up(url_of(world.folder), world.folder, tmp_path / "half")

    assert not (tmp_path / "half").exists()
    assert ".backup" not in modes_in(world.folder)


async def test_what_cannot_be_backed_up_says_so(tmp_path: Path, world: World, monkeypatch: pytest.MonkeyPatch):
    """A server's database, a folder without a relay, a database that another version serves."""
    cases: list[tuple[str, Path, type[RelayError]]] = [
        ("postgresql+asyncpg://relay@db/relay", world.folder, BackupElsewhere),
        (url_of(tmp_path / "nowhere"), tmp_path, NotInitialised),
    ]
    for url, folder, refusal in cases:
        with pytest.raises(refusal):
            await back_up(url, folder, tmp_path / "out")
    monkeypatch.setattr(backup, "NEWEST", "9999")
    with pytest.raises(OtherVersion):
        await back_up(url_of(world.folder), world.folder, tmp_path / "out")

    assert not (tmp_path / "out").exists()
