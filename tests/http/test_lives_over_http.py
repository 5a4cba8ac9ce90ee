"""The ledger's whole lives again, but every step of them by the routes, sessions and statements of real callers."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from tests.http.relay_world import ServedWorld, a_checked_world
from tests.ledger import test_life
from tests.ledger.world import World

LIVES: dict[str, Callable[[World], Awaitable[None]]] = {
    name.removeprefix("test_"): life for name, life in vars(test_life).items() if name.startswith("test_")
}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ServedWorld]:
    """Serve a relay."""
    async with a_checked_world(tmp_path) as served:
        yield served


def test_the_lives_are_found():
    """An empty list of lives would pass without a word."""
    assert len(LIVES) > 12


@pytest.mark.parametrize("life", LIVES.values(), ids=LIVES.keys())
async def test_a_life_over_http(life: Callable[[World], Awaitable[None]], world: ServedWorld):
    """What holds at the door holds at the routes, and each refusal arrives as the problem that is documented."""
    await life(world)
