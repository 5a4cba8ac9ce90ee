"""
Put a relay back from a backup, if nothing that it has answered since is missing from it.

The log must not tell a second history: every receipt given since would call the relay a liar. So somebody has to say
how far it had come: the high-water mark that has survived, or the newest checkpoint that anybody has seen.
"""

import asyncio
import os
import shutil
import tarfile
from pathlib import Path

from keys.errors import Refused
from relay.ledger import highwater
from relay.ledger.backup import (
    DATABASE,
    SMALL,
    BackupMalformed,
    check_copy,
    database_file,
    require_new,
    scratch_beside,
    small_files,
)
from relay.ledger.founding import AlreadyFounded
from relay.ledger.highwater import HighWater
from relay.storage.custody_log import Head


class LastCheckpointWanted(Refused):
    """Nobody says how far this relay had come."""

    code = "last_checkpoint_wanted"
    cure = (
        "Put the newest `high-water` into the data folder, or name it with --last-checkpoint FILE. If it is lost too, "
        "name the newest checkpoint that anybody has: an auditor's --state, a witness's. What was answered after that "
        "one, nobody can vouch for."
    )


async def restore(backup: Path, url: str, folder: Path, *, last: bytes | None = None) -> Head:
    """
    Put a relay back into a data folder that has none.

    Args:
        backup: The file.
        url: Where the database goes.
        folder: The data folder: not there, empty, or with nothing of a relay but its high-water mark.
        last: The newest checkpoint of the log, as a note; beside the folder's own mark, if there is one.

    Returns:
        The head of the log, up to which the high-water mark has been raised.

    Raises:
        AlreadyFounded: There is a relay, or the key or token of another.
        LastCheckpointWanted: There is neither a mark nor `last`.
        BackupMalformed: The file is no whole backup.
        CheckpointForeign, BackupOutdated, LogForked, OtherVersion: See `check_copy`; nothing was put back.
    """
    database = database_file(url)
    require_new(database, AlreadyFounded())
    mark = small_files(folder).get(highwater.FILE_NAME)
    marks = [note for note in (mark, last) if note is not None]
    if not marks:
        raise LastCheckpointWanted
    _make_private(folder)
    with scratch_beside(database, ".restore") as scratch:
        await asyncio.to_thread(_unpack, backup, scratch)
        head = await check_copy(scratch, marks, may_migrate=True)
        for name, content in small_files(scratch).items():
            if name != highwater.FILE_NAME:
                _place(folder / name, content)
        await HighWater(folder / highwater.FILE_NAME).raise_to(head.checkpoint)
        # The database last: until it is there, the same command may be given again.
        await asyncio.to_thread(_move, scratch / DATABASE, database)
    return head


def _make_private(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _unpack(backup: Path, folder: Path) -> None:
    """Take out the files that a backup has, by name; whatever else is in the archive makes it none."""
    try:
        with tarfile.open(backup, mode="r:") as archive:
            for member in archive:
                if member.name not in (*SMALL, DATABASE) or not member.isreg():
                    raise BackupMalformed
                _take_out(archive, member, folder / member.name)
    except (tarfile.TarError, EOFError, FileExistsError):
        raise BackupMalformed from None
    if not (folder / DATABASE).exists():
        raise BackupMalformed("the backup has no database in it")


def _take_out(archive: tarfile.TarFile, member: tarfile.TarInfo, path: Path) -> None:
    content = archive.extractfile(member)
    if content is None:
        raise BackupMalformed
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        shutil.copyfileobj(content, file)
        file.flush()
        os.fsync(descriptor)


def _place(path: Path, content: bytes) -> None:
    """Write a key or token, unless a run that was interrupted has done so."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        if path.read_bytes() == content:
            return
        raise AlreadyFounded from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)


def _move(copy: Path, database: Path) -> None:
    copy.rename(database)
    descriptor = os.open(database.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
