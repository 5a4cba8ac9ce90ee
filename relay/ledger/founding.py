"""What `letter-relay init` does to an empty database: the schema, the relay's id, its log key, a log of no entries."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from keys.errors import Refused
from keys.ids import Random, format_time, new_id
from relay.custody.checkpoint import Checkpoint, sign_checkpoint
from relay.custody.merkle import EMPTY_ROOT
from relay.ledger import highwater, logkey
from relay.ledger.logkey import LogKey
from relay.storage import custody_log
from relay.storage.engine import Storage
from relay.storage.migrations import migrate_storage

#: The generation of a log that has never been lost.
FIRST_GENERATION = 1


class AlreadyFounded(Refused):
    """There is a relay here already."""

    code = "already_founded"
    cure = "Start it with `letter-relay serve`, or choose an empty data folder and an empty database for another one."


@dataclass(frozen=True, slots=True)
class Founded:
    """
    A relay that has just come into being.

    Attributes:
        head: Its log's head: the relay id, the origin, no entries.
        key: Its log's keys, whose public halves the root now signs into trust.
    """

    head: custody_log.Head
    key: LogKey


def origin_of(name: str, generation: int) -> str:
    """Name a relay's log: ``<name>/log/<generation>``."""
    return f"{name}/log/{generation}"


async def found(
    storage: Storage,
    folder: Path,
    *,
    name: str,
    random: Random,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Founded:
    """
    Bring a relay into being, once.

    A run that was interrupted is made again: the key that it left, with which nothing has been signed yet, is taken.

    Args:
        folder: The data folder, which is made if it is not there.
        name: The relay's host name.

    Raises:
        AlreadyFounded: The database has a log, or the folder has the high-water mark of one.
        LogKeyMissing: A log key is there that cannot be read.
    """
    _prepare(folder)
    _keep_private(storage)
    await migrate_storage(storage)
    async with storage.write() as connection:
        if await custody_log.load_head(connection, lock=True) is not None:
            raise AlreadyFounded
        origin = origin_of(name, FIRST_GENERATION)
        key = _log_key(folder / logkey.FILE_NAME, origin, random)
        checkpoint = sign_checkpoint(Checkpoint(origin, 0, EMPTY_ROOT), key.signer)
        head = custody_log.Head(
            relay=new_id(random),
            origin=origin,
            generation=FIRST_GENERATION,
            size=0,
            checkpoint=checkpoint,
            at=format_time(clock()),
            authority=0,
        )
        await custody_log.create_head(connection, head)
    return Founded(head, key)


def _prepare(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (folder / highwater.FILE_NAME).exists():
        raise AlreadyFounded("a relay has answered from this folder before, so its log must not begin again")


def _keep_private(storage: Storage) -> None:
    """Make SQLite's file before SQLite does, for its owner alone; its journal takes over who may read it."""
    if storage.url.get_backend_name() == "sqlite" and storage.url.database not in (None, "", ":memory:"):
        os.close(os.open(str(storage.url.database), os.O_RDWR | os.O_CREAT, 0o600))


def _log_key(path: Path, origin: str, random: Random) -> LogKey:
    if path.exists():
        return logkey.load_log_key(path, origin)
    return logkey.create_log_key(path, origin, random=random)
