"""
The family page: how much of it there is, how soon a letter can be begun on a slow line, how long sealing takes.

Chromium slows only a page's own thread down, and sealing runs in a Worker; so it is measured as it is and taken six
times, which is what a slowed CPU would come to for work that waits for nothing.
"""

import gzip
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, Response, sync_playwright

from bench.figures import Figure
from tests.browser.browsing import CHROMIUM, a_screen, launch
from tests.browser.demo_world import DemoWorld, a_demo_world
from tests.browser.family import Family, a_family

#: A telephone on the edge of a 2G cell: bytes a second down and up, and milliseconds there and back.
LINE: Final = {"downloadThroughput": 280_000 / 8, "uploadThroughput": 256_000 / 8, "latency": 800, "offline": False}
SLOWED: Final = 6
_WRITING_MS: Final = 5_000
_TEXT: Final = "The pear tree is in flower, and the cat sleeps on your coat.\n" * 60


@dataclass(frozen=True, slots=True)
class Scale:
    """How often each is measured."""

    rounds: int


FULL, QUICK = Scale(5), Scale(1)


def measure(scale: Scale) -> Iterator[Figure]:
    """Take the figures of the family page; without Chromium there are none."""
    if not Path(CHROMIUM).exists():
        return
    with tempfile.TemporaryDirectory(prefix="letter-relay-bench-pages-") as folder, sync_playwright() as playwright:
        browser = launch(playwright)
        with a_demo_world(Path(folder) / "data", letters=6) as world:
            size = _size_bytes(browser, world) / 1024
            yield _below("family_page_size", size, "KiB gzipped", floor=75, height=55)
            first = statistics.median(_first_letter_seconds(browser, world) for _ in range(scale.rounds))
            yield _below("first_letter_on_2g", first, "s", floor=10, height=5)
            sealing = statistics.median(_sealing_seconds(browser, world) for _ in range(scale.rounds))
            yield _below("sealing_times_six", sealing * SLOWED, "s", floor=1.5, height=0.5)
        browser.close()


def _below(name: str, value: float, unit: str, *, floor: float, height: float) -> Figure:
    return Figure(name, value, unit, None, None, floor, height, ok=value <= floor)


def _size_bytes(browser: Browser, world: DemoWorld) -> int:
    """Add up what one language loads for a letter from beginning to end: page, styles, scripts, worker, words."""
    sizes: dict[str, int] = {}

    def came(response: Response) -> None:
        path = response.url.removeprefix(world.url).partition("?")[0]
        if path == "/" or path.startswith(("/assets/", "/sw.js")):
            sizes[path] = len(gzip.compress(response.body(), 9, mtime=0))

    with a_screen(browser, f"{world.url}/about", name="bench") as screen:
        screen.page.on("response", came)
        screen.page.goto(world.url)
        family = Family(screen, "uk", looks=False)
        family.writes(_TEXT, to=world.held[0].number, about="Olena")
        family.sends()
    return sum(sizes.values())


def _first_letter_seconds(browser: Browser, world: DemoWorld) -> float:
    """Open the page on a slow line, without anything kept, and go to where a letter can be written."""
    with a_screen(browser, f"{world.url}/about", name="bench", viewport="phone") as screen:
        _slow_down(screen.page)
        started = time.monotonic()
        screen.page.goto(world.url, wait_until="commit")
        family = Family(screen, "uk", looks=False)
        family.presses("home.write")
        family.is_to(world.held[0].number)
        family.page.locator("#letter").wait_for()
        return time.monotonic() - started


def _slow_down(page: Page) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", LINE)


def _sealing_seconds(browser: Browser, world: DemoWorld) -> float:
    """
    Seal a letter of 3,600 characters, from the press of the button until it leaves for the relay, sealed.

    Whoever writes so much takes longer than the keys of a new code, which are derived meanwhile.
    """
    with a_family(browser, world) as family:
        family.writes(_TEXT, to=world.held[0].number, about="Olena")
        family.page.wait_for_timeout(_WRITING_MS)
        with family.page.expect_request(lambda request: "/family/letters/" in request.url):
            started = time.monotonic()
            family.presses("check.seal")
        return time.monotonic() - started
