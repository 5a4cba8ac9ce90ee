"""What a reviewer is offered: the front of each line, and nothing that a claim would be refused for."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.http.relay_world import ServedWorld, a_checked_world
from tests.ledger.cast import REVIEW
from tests.ledger.world import AT_CAMP, REASON


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ServedWorld]:
    """Serve a relay."""
    async with a_checked_world(tmp_path) as served:
        yield served


async def offered(world: ServedWorld, name: str) -> list[str]:
    """Ask what one reviewer is offered of one detainee."""
    body: dict[str, Any] = {"desk": REVIEW, "detainee": AT_CAMP, "limit": 20}
    answer = await world.ask("POST", "/review/offers", body, by=name)
    return [row["item"] for row in (await answer.json())["rows"]]


async def test_a_letter_that_is_barred_holds_its_place_in_line(world: ServedWorld):
    """Ann was overturned, so neither that letter nor the one behind it is for her; Ben is offered both, in order."""
    first, second = await world.send(), await world.send()
    await world.claim("ann", first)
    await world.by_staff("ann", "propose_withhold", first, reasons=REASON)
    await world.by_staff("ben", "overturn", first)

    assert await offered(world, "ann") == []
    assert await offered(world, "ben") == [first, second]


async def test_a_letter_for_a_senior_holds_its_place_in_line(world: ServedWorld):
    """Once escalated and put back, it waits for a senior, and what came later from the same family waits behind it."""
    first, second = await world.send(), await world.send()
    await world.claim("ann", first)
    await world.by_staff("ann", "escalate", first, reasons=REASON)
    await world.claim("cyd", first)
    await world.by_staff("cyd", "release", first)

    assert await offered(world, "ann") == []
    assert await offered(world, "cyd") == [first, second]
