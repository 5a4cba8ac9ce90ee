"""`kill -9` under load: what was acknowledged is there, the log verifies, and a retry gets its old receipt."""

import asyncio
import hashlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from relay.storage.engine import Storage
from relay.storage.items import load_items
from tests.crash.node import POINTS, letter
from tests.ledger.cast import an_id
from tests.ledger.checks import check_log
from tests.ledger.world import World, a_door, a_world, url_of

ROOT = Path(__file__).parents[2]


@pytest.fixture
async def founded(tmp_path: Path) -> AsyncIterator[World]:
    """Found a relay and leave it to the processes that will be killed."""
    async with a_world(tmp_path) as world:
        await world.ledger.stop()
        await world.storage.close()
        yield world


async def killed(folder: Path, *, first: int, where: str | None = None, after: int = 150) -> dict[int, str]:
    """
    Run a relay until it dies.

    Args:
        first: The number of its first letter.
        where: The point at which it kills itself; None for the parent to do it.
        after: How many acknowledgements the parent waits for.

    Returns:
        The digest of each receipt that was acknowledged, by the letter's number.
    """
    arguments = [str(folder), str(first), *([where] if where else [])]
    node = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.crash.node", *arguments, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert node.stdout is not None
    acknowledged: dict[int, str] = {}
    while line := await node.stdout.readline():
        if not line.endswith(b"\n"):
            break
        number, digest = line.decode().split()
        acknowledged[int(number)] = digest
        if where is None and len(acknowledged) == after:
            node.kill()
    assert await node.wait() == -9
    return acknowledged


async def require_all_there(world: World, acknowledged: dict[int, str]) -> None:
    """Open the relay again, as after a power cut, and require what it had promised."""
    storage = Storage(url_of(world.folder))
    ledger = a_door(storage, world.folder, world.cast.origin, clock=world.clock)
    await ledger.start()
    await check_log(storage, world.founded.key)
    ids = [an_id(f"letter {number}") for number in acknowledged]
    async with storage.read() as connection:
        assert (await load_items(connection, ids)).keys() == set(ids)
    size = ledger.head.size
    retries = [ledger.submit(letter(world.relay, number)) for number in acknowledged]
    receipts = await asyncio.gather(*retries)
    assert [hashlib.sha256(receipt).hexdigest() for receipt in receipts] == list(acknowledged.values())
    assert ledger.head.size == size, "a retry adds nothing to the log"
    await ledger.stop()
    await storage.close()


@pytest.mark.slow
async def test_a_relay_killed_under_load_has_every_letter_it_acknowledged(founded: World):
    """Three times in a row, each time over what the last kill left behind."""
    acknowledged: dict[int, str] = {}
    for first in (0, 100_000, 200_000):
        acknowledged |= await killed(founded.folder, first=first)
        await require_all_there(founded, acknowledged)
    assert len(acknowledged) >= 450


@pytest.mark.slow
@pytest.mark.parametrize("where", POINTS)
async def test_a_relay_killed_between_two_promises_keeps_both(founded: World, where: str):
    """Whatever had been done of the third batch, two batches were acknowledged, and they stand."""
    acknowledged = await killed(founded.folder, first=0, where=where)

    assert len(acknowledged) >= 2
    await require_all_there(founded, acknowledged)


@pytest.mark.slow
async def test_what_was_committed_but_not_acknowledged_is_answered_to_the_retry(founded: World):
    """Killed after the commit, before the mark: nobody has a receipt yet, and the retry gets the stored one."""
    acknowledged = await killed(founded.folder, first=0, where="before-mark")
    storage = Storage(url_of(founded.folder))
    async with storage.read() as connection:
        ids = {an_id(f"letter {number}"): number for number in range(400)}
        stored = {ids[item] for item in await load_items(connection, ids)}
    await storage.close()

    unanswered = stored - set(acknowledged)

    assert unanswered
    storage = Storage(url_of(founded.folder))
    ledger = a_door(storage, founded.folder, founded.cast.origin, clock=founded.clock)
    await ledger.start()
    size = ledger.head.size
    for number in unanswered:
        assert await ledger.submit(letter(founded.relay, number))
    assert ledger.head.size == size
    await ledger.stop()
    await storage.close()
