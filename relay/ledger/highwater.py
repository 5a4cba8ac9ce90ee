"""The high-water mark: the last answered checkpoint, in a file of its own, so that a log put back is noticed."""

import asyncio
import os
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from keys.errors import Fatal, Malformed
from keys.notes import parse_note
from relay.custody.checkpoint import Checkpoint, parse_checkpoint
from relay.ledger.opening import load_edge_at
from relay.storage.custody_log import Head

FILE_NAME = "high-water"


class HighWaterAhead(Fatal):
    """The database is older than what this relay has already answered for."""

    code = "high_water_ahead"
    cure = (
        "Put back the newest database, and no older mark with it: the log would fork. If the newest database is lost, "
        "this log cannot go on; docs/operators.md says what is left."
    )


class LogForked(Fatal):
    """The database holds another history than the one this relay has already answered for."""

    code = "log_forked"
    cure = "Keep both copies, do not start the relay, and show them to the auditors of both sides."


class HighWaterUnreadable(Fatal):
    """The high-water mark cannot be read, so nobody can say whether the database is the newest."""

    code = "high_water_unreadable"
    cure = "Put back `high-water` from the data folder's backup; remove it only if the database was never put back."


class HighWater:
    """
    The mark, as one file that is replaced and synced before any answer leaves.

    It is not evidence for anybody else; it keeps this relay from forking its own log after a restore.
    """

    def __init__(self, path: Path) -> None:
        """Point to the file; it need not exist yet."""
        self._path = path

    def read(self) -> Checkpoint | None:
        """
        Return the mark, or None if nothing was ever answered.

        Raises:
            HighWaterUnreadable: The file may not be read, or is damaged.
        """
        try:
            return parse_checkpoint(parse_note(self._path.read_bytes()).text)
        except FileNotFoundError:
            return None
        except (OSError, Malformed):
            raise HighWaterUnreadable from None

    async def raise_to(self, checkpoint: bytes) -> None:
        """
        Write the mark and wait until it is on the disk.

        Raises:
            OSError: The disk is full or gone; the mark before is still there.
        """
        await asyncio.to_thread(self._write, checkpoint)

    def _write(self, checkpoint: bytes) -> None:
        temporary = self._path.with_suffix(".new")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(checkpoint)
            file.flush()
            os.fsync(descriptor)
        temporary.replace(self._path)
        self._sync_folder()

    def _sync_folder(self) -> None:
        """Wait until the new name is on the disk too; a lost rename would leave an older mark."""
        descriptor = os.open(self._path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    async def check_prefix(self, connection: AsyncConnection, head: Head) -> None:
        """
        Require that the mark is a prefix of the head.

        Raises:
            HighWaterAhead: The mark has more entries than the database.
            LogForked: The mark's root is not the one this log had at that size.
            HighWaterUnreadable: There is a mark that cannot be read.
        """
        mark = self.read()
        if mark is None or mark.origin != head.origin:
            return
        if mark.size > head.size:
            raise HighWaterAhead
        if (await load_edge_at(connection, head, mark.size)).root() != mark.root:
            raise LogForked
