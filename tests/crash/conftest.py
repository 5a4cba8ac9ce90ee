"""One relay for each test, over a storage that can be told to fail."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.crash.faults import FaultyStorage
from tests.ledger.checks import audited, check_log
from tests.ledger.world import World, a_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Open a relay; whatever fails in the test, its log must satisfy the auditors when it is over."""
    async with a_world(tmp_path, storage=FaultyStorage) as opened:
        yield opened
        await check_log(opened.storage, opened.founded.key)
        await audited(opened, tmp_path / "evidence")


@pytest.fixture
def storage(world: World) -> FaultyStorage:
    """Give the storage of the relay, to be told what shall fail."""
    assert isinstance(world.storage, FaultyStorage)
    return world.storage
