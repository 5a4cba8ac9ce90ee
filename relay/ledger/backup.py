"""
Copy a relay at work into one file, and say of such a copy whether it holds together.

The file is a tar archive of the database, the log's key, the high-water mark and the operator's token: all that a relay
is. So whoever has it can go on with the log in the relay's name; it is written for its owner alone, and is to be kept
encrypted. What nobody could put back is no backup, so the copy is verified before it gets its name.
"""

import asyncio
import os
import shutil
import sqlite3
import tarfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection

from keys.errors import Malformed, Refused, RelayError
from relay.custody.checkpoint import Checkpoint, verify_checkpoint
from relay.ledger import highwater, logkey
from relay.ledger.begin import TOKEN_FILE
from relay.ledger.door import NotInitialised
from relay.ledger.highwater import LogForked
from relay.ledger.logkey import LogKey, load_log_key
from relay.ledger.opening import TreeDamaged, load_edge, load_edge_at
from relay.storage.custody_log import Head, load_head
from relay.storage.engine import Storage, has_database, unavailable
from relay.storage.migrations import NEWEST, current_version, migrate_storage

DATABASE: Final = "relay.db"
#: What is copied as it is; a relay that has answered nothing has no mark yet, and a lost token is made anew.
SMALL: Final = (highwater.FILE_NAME, logkey.FILE_NAME, TOKEN_FILE)
_OWNER_ONLY: Final = 0o600


class BackupElsewhere(Refused):
    """This relay's database is a server's, which keeps its own backups."""

    code = "backup_elsewhere"
    cure = "Use the server's own backups and a synchronous standby; keep `log.key` and `high-water` beside them."


class BackupExists(Refused):
    """There is a file of this name already, and a backup is never written over another."""

    code = "backup_exists"
    cure = "Choose another name, such as one with the date."


class BackupMalformed(Malformed):
    """This file is no whole backup of a relay."""

    code = "backup_malformed"
    cure = "Take another backup; this one was perhaps cut off while it was written or carried."


class OtherVersion(Refused):
    """This database is of another version than this program."""

    code = "other_version"
    cure = "Use the version that serves it, or one that is newer; restart a relay that was just upgraded."


class CheckpointForeign(Refused):
    """This is no checkpoint of this backup's log."""

    code = "checkpoint_foreign"
    cure = "Give the newest `high-water`, or the newest checkpoint that anybody has seen, of this very relay."


class BackupOutdated(Refused):
    """This backup lacks what the relay has answered since."""

    code = "backup_outdated"
    cure = (
        "Look for a newer backup, or for the database itself on a mirror or a standby: put back from this one, the log "
        "would tell a second history. This version has no command that declares such a loss; docs/operators.md says "
        "what is left."
    )


async def back_up(url: str, folder: Path, out: Path) -> Head:
    """
    Write a backup, while the relay runs or not.

    Args:
        url: The database.
        folder: The data folder.
        out: The new file.

    Returns:
        The head of the log in the backup.

    Raises:
        BackupElsewhere, BackupExists, OtherVersion: Not this database, not this name, not by this version.
        NotInitialised, TreeDamaged, LogForked: There is no relay, or what there is does not hold together.
        StorageUnavailable: The database is locked or out of reach.
        OSError: The disk is full or gone; no file of this name is left behind.
    """
    database = database_file(url)
    require_new(out, BackupExists())
    if not has_database(url):
        raise NotInitialised
    with scratch_beside(database, ".backup") as scratch:
        await asyncio.to_thread(_copy, database, folder, scratch)
        head = await check_copy(scratch)
        await asyncio.to_thread(_pack, out, scratch)
    return head


async def check_copy(folder: Path, marks: Sequence[bytes] = (), *, may_migrate: bool = False) -> Head:
    """
    Require that a database, its log's key and its marks belong together, and that the database lacks nothing of them.

    Args:
        folder: Where `DATABASE` and `SMALL` are, a mark perhaps among them; nobody else has them open.
        marks: More of them, from elsewhere.
        may_migrate: Whether a database of an older version is brought to this one's schema first.

    Raises:
        OtherVersion: It cannot be read by this version.
        NotInitialised, LogKeyMissing: It has no log, or no key came with it.
        TreeDamaged: The stored log is not the one that was signed, with this key.
        CheckpointForeign, BackupOutdated, LogForked: A mark is of another log, ahead, or of another history.
    """
    storage = Storage(f"sqlite+aiosqlite:///{folder / DATABASE}")
    try:
        async with storage.read() as connection:
            version = await current_version(connection)
        if version != NEWEST:
            if version is None or version > NEWEST or not may_migrate:
                raise OtherVersion
            await migrate_storage(storage)
        async with storage.read() as connection:
            head = await load_head(connection)
            if head is None:
                raise NotInitialised
            key = load_log_key(folder / logkey.FILE_NAME, head.origin)
            if (await load_edge(connection, head)).root() != _verified(head.checkpoint, key, head, TreeDamaged()).root:
                raise TreeDamaged
            own = small_files(folder).get(highwater.FILE_NAME)
            for note in (*marks, *([] if own is None else [own])):
                await _require_covered(connection, head, _verified(note, key, head, CheckpointForeign()))
        # Nothing may stay behind in the journal of a copy that is about to get another name.
        await storage.truncate_journal()
    finally:
        await storage.close()
    return head


async def _require_covered(connection: AsyncConnection, head: Head, mark: Checkpoint) -> None:
    if mark.size > head.size:
        lacking = mark.size - head.size
        raise BackupOutdated(f"this backup lacks {lacking:,} {'entry' if lacking == 1 else 'entries'} of the log")
    if (await load_edge_at(connection, head, mark.size)).root() != mark.root:
        raise LogForked


def database_file(url: str) -> Path:
    """
    Give the file of an SQLite database.

    Raises:
        BackupElsewhere: It is a server's.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        raise BackupElsewhere
    return Path(parsed.database)


def require_new(path: Path, error: Refused) -> None:
    """Refuse a name that is taken."""
    if os.path.lexists(path):
        raise error


def small_files(folder: Path) -> dict[str, bytes]:
    """Read what a backup holds beside the database, as far as it is there."""
    return {name: (folder / name).read_bytes() for name in SMALL if (folder / name).exists()}


@contextmanager
def scratch_beside(database: Path, name: str) -> Iterator[Path]:
    """Make a private folder on the database's own disk, and remove it with whatever a run before has left there."""
    scratch = database.parent / name
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(mode=0o700)
    try:
        yield scratch
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _copy(database: Path, folder: Path, scratch: Path) -> None:
    """
    Copy the last commit; deleted pages stay out, and with them what retention has destroyed.

    The mark first: one that was read after the database might be ahead of the copy.
    """
    for name, content in small_files(folder).items():
        (scratch / name).write_bytes(content)
    try:
        with closing(sqlite3.connect(database)) as connection:
            connection.execute("VACUUM INTO ?", (str(scratch / DATABASE),))
    except sqlite3.Error as error:
        raise unavailable(error) from error


def _pack(out: Path, scratch: Path) -> None:
    try:
        descriptor = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, _OWNER_ONLY)
    except FileExistsError:
        raise BackupExists from None
    try:
        with os.fdopen(descriptor, "wb") as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.PAX_FORMAT) as archive:
                for name in (*SMALL, DATABASE):
                    if (scratch / name).exists():
                        _add(archive, name, scratch / name)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:
        out.unlink(missing_ok=True)
        raise


def _add(archive: tarfile.TarFile, name: str, path: Path) -> None:
    """Add a file without what the machine knows of it: names of users, times."""
    member = tarfile.TarInfo(name)
    member.size, member.mode = path.stat().st_size, _OWNER_ONLY
    with path.open("rb") as file:
        archive.addfile(member, file)


def _verified(note: bytes, key: LogKey, head: Head, otherwise: RelayError) -> Checkpoint:
    try:
        return verify_checkpoint(note, [key.signer.vkey], origin=head.origin).checkpoint
    except RelayError:
        raise otherwise from None
