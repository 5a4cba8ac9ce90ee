"""
The pages that a relay serves, as the log has them: which manifest, from which index on.

A page cannot protect against the server that serves it. But every page that a relay has ever given out while it was
honest stands here in public, so whoever was given another one holds the proof, and `verify-site` finds it.
"""

import asyncio
import contextlib
import hashlib
from dataclasses import dataclass

import structlog

from keys.canonical import encode_json
from keys.errors import RelayError
from relay.custody.entry import encode_site
from relay.ledger.batch import Answer, Draft, Needs, Settled
from relay.ledger.door import Ledger
from relay.storage.custody_log import Authority, load_authority
from relay.storage.engine import Storage

#: How the row of `authority` is called that remembers which manifest is logged.
_KIND = "site"
_ASK_SECONDS = 1.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SiteIn:
    """
    The relay says which pages it serves from now on.

    Attributes:
        manifest: SHA-256 of `manifest.json`, hex.
        after: Log index of the site entry before; -1 if there is none. Pages may return to an earlier state.
    """

    manifest: str
    after: int

    @property
    def key(self) -> str:
        """SHA-256 (hex) of what is said, and after what: it is said once."""
        return hashlib.sha256(f"{_KIND} {self.manifest} {self.after}".encode()).hexdigest()

    @property
    def request(self) -> str:
        """The key itself: nobody else sends it."""
        return self.key

    def needs(self) -> Needs:
        """Need nothing."""
        return Needs()

    def apply(self, draft: Draft) -> Answer:
        """Log it; a relay that is not open yet serves nobody."""
        draft.in_force.opened(at=draft.at)
        index = draft.index
        draft.changes.entries.append(encode_site(self.manifest))
        draft.changes.authority.append(Authority(index, _KIND, None, None, self.manifest, None))

        def answer(settled: Settled) -> bytes:
            return encode_json({"v": 1, "size": settled.checkpoint.size, "index": index}).encode()

        return answer


class Announcer:
    """Logs the manifest of the pages when the relay starts, as soon as it is open, unless it is the one logged last."""

    def __init__(self, storage: Storage, ledger: Ledger, manifest: str) -> None:
        """
        Set it up; `start` begins.

        Args:
            manifest: SHA-256 of `manifest.json`, hex.
        """
        self._storage = storage
        self._ledger = ledger
        self._manifest = manifest
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """
        Log it now, or, in a relay that is not open, once it is.

        Raises:
            RelayError: The door refuses or is broken.
        """
        if self._is_open:
            await self.announce()
        else:
            self._task = asyncio.create_task(self._wait(), name="the announcer")

    async def stop(self) -> None:
        """Wait no longer."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def announce(self) -> None:
        """Log the manifest, unless it is the one logged last."""
        async with self._storage.read() as connection:
            logged = [row for row in await load_authority(connection) if row.kind == _KIND]
        if logged and logged[-1].note == self._manifest:
            return
        await self._ledger.submit(SiteIn(self._manifest, logged[-1].log_index if logged else -1))

    @property
    def _is_open(self) -> bool:
        return self._ledger.in_force.directory is not None

    async def _wait(self) -> None:
        while True:
            await asyncio.sleep(_ASK_SECONDS)
            if self._is_open:
                try:
                    return await self.announce()
                except RelayError as error:
                    _log.warning("pages_not_logged", code=error.code)
