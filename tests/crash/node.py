"""
A relay in a process of its own, which is killed: it accepts letters and prints each one it has answered.

    python -m tests.crash.node FOLDER FIRST [WHERE]

WHERE is a point of the door's work at which the process kills itself in its third batch; without it, the parent does.
"""

import asyncio
import hashlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from keys.sealed import LetterLine, encode_line
from relay.ledger.highwater import FILE_NAME, HighWater
from relay.ledger.letters import LetterIn
from relay.storage.custody_log import load_head
from relay.storage.engine import Storage
from tests.ledger.cast import REVIEW, a_family, an_id
from tests.ledger.world import AT_CAMP, a_door, url_of

#: Where a batch can be killed; each lies between two of the promises of the door.
POINTS = ("before-commit", "after-commit", "before-mark", "after-mark")
_AT_ONCE = 24
_BATCH = 3


def die() -> None:
    """Go as a power cut goes: nothing is flushed, nobody is told."""
    os.kill(os.getpid(), signal.SIGKILL)


class Countdown:
    """Counts batches, and kills the process at one point of the third."""

    def __init__(self, where: str | None) -> None:
        self._where = where
        self._left = _BATCH

    def reached(self, point: str) -> None:
        """Die here, if it is the point and the batch."""
        if point == self._where:
            self._left -= 1
            if self._left == 0:
                die()


class MortalStorage(Storage):
    """A storage that can kill the process beside a commit."""

    def __init__(self, url: str, countdown: Countdown) -> None:
        super().__init__(url)
        self._countdown = countdown

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction and pass both of its points."""
        async with super().write() as connection:
            yield connection
            self._countdown.reached("before-commit")
        self._countdown.reached("after-commit")


class MortalHighWater(HighWater):
    """A mark that can kill the process beside its writing."""

    def __init__(self, path: Path, countdown: Countdown) -> None:
        super().__init__(path)
        self._countdown = countdown

    async def raise_to(self, checkpoint: bytes) -> None:
        """Write the mark and pass both of its points."""
        self._countdown.reached("before-mark")
        await super().raise_to(checkpoint)
        self._countdown.reached("after-mark")


def letter(relay: str, number: int) -> LetterIn:
    """Make the letter of a number: the same bytes in every process."""
    family = a_family(f"family {number % 5}")
    line = LetterLine(
        relay=relay,
        item=an_id(f"letter {number}"),
        kind="letter",
        hop="family>review",
        detainee=AT_CAMP,
        to=(f"{REVIEW}/1",),
        dir=1,
        re=None,
        enclosures=(),
    )
    text = encode_line(line)
    sealed = text + b"\n" + hashlib.sha256(text).digest() * 128
    return LetterIn(sealed, hashlib.sha256(sealed).hexdigest(), line, text.decode(), family.mailbox, family.vkey)


async def serve(folder: Path, first: int, where: str | None) -> None:
    """Open the door and let letters in until the end."""
    countdown = Countdown(where)
    storage = MortalStorage(url_of(folder), countdown)
    async with storage.read() as connection:
        head = await load_head(connection)
    assert head is not None
    ledger = a_door(storage, folder, head.origin, clock=lambda: datetime.now(UTC))
    ledger._high_water = MortalHighWater(folder / FILE_NAME, countdown)
    await ledger.start()
    numbers = iter(range(first, first + 100_000))

    async def send() -> None:
        for number in numbers:
            receipt = await ledger.submit(letter(head.relay, number))
            print(number, hashlib.sha256(receipt).hexdigest(), flush=True)  # noqa: T201 - this is how it acknowledges

    await asyncio.gather(*(send() for _ in range(_AT_ONCE)))


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else None))
