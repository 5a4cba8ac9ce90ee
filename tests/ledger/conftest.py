"""One relay for each test, in a folder that is thrown away."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.ledger.checks import audited, check_log
from tests.ledger.world import World, a_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """Open a relay; when the test is over, its log must satisfy the auditors, whatever was refused meanwhile."""
    async with a_world(tmp_path) as opened:
        yield opened
        await check_log(opened.storage, opened.founded.key)
        await audited(opened, tmp_path / "evidence")
