"""Demo worlds, and one browser, for all stories; `make stories` runs them, for they need Chromium."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.browsing import CHROMIUM, launch
from tests.browser.demo_world import DemoWorld, a_demo_world

#: Several stories share two cores, and a machine may be slow: what is waited for is a state, never a time.
expect.set_options(timeout=20_000)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoWorld]:
    """Serve a demo world."""
    with a_demo_world(tmp_path_factory.mktemp("demo") / "data") as served:
        yield served


@pytest.fixture
def own_world(tmp_path: Path) -> Iterator[DemoWorld]:
    """Serve a demo world for one story, where letters are taken whose state others would change."""
    with a_demo_world(tmp_path / "data") as served:
        yield served


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium."""
    if not Path(CHROMIUM).exists():
        pytest.fail("These stories need Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        started = launch(playwright)
        yield started
        started.close()
