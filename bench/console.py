"""
The reviewer's console: how long it takes from a decision to the next letter, and how many keys a passing letter costs.

A hundred letters to five people are claimed, read and passed by keyboard alone, in a real browser. Nobody reads here:
what is measured is what the console adds to reading.
"""

import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page, sync_playwright

from bench.figures import Figure, plain
from tests.browser.browsing import CHROMIUM, launch
from tests.browser.demo_world import DemoWorld, Held, a_demo_world
from tests.browser.desks import Reviewer
from tests.browser.staff import signed_in
from tests.browser.writing import write_letters

_PEOPLE: Final = 5
_FIRST_HELD: Final = 20
_PATIENCE_MS: Final = 60_000
_ANOTHER: Final = """({before}) => {
  const text = document.querySelector(".letter-text")?.innerText ?? "";
  return (text !== "" && text !== before) || document.querySelector(".card.empty") !== null;
}"""


@dataclass(frozen=True, slots=True)
class Scale:
    """How many letters wait for each of the five."""

    letters_each: int


FULL, QUICK = Scale(20), Scale(2)


def measure(scale: Scale) -> Iterator[Figure]:
    """Take the figures; without Chromium there are none."""
    if not Path(CHROMIUM).exists():
        return
    with (
        tempfile.TemporaryDirectory(prefix="letter-relay-bench-console-") as folder,
        a_demo_world(Path(folder) / "data", letters=6) as world,
    ):
        people = world.reachable[_FIRST_HELD : _FIRST_HELD + _PEOPLE]
        for one in people:
            write_letters(world, one.number, [f"Letter {count}. All is well." for count in range(scale.letters_each)])
        with sync_playwright() as playwright:
            browser = launch(playwright)
            session = _session(browser, world, people, scale.letters_each)
            browser.close()
    yield plain("console_next_letter_p50", statistics.median(session.seconds) * 1000, "ms")
    keys = session.keystrokes / len(session.seconds)
    yield Figure("console_keystrokes_a_letter", keys, "keys", None, None, 2, 1, ok=keys <= 2)


@dataclass(frozen=True, slots=True)
class Session:
    """What a session took: the seconds from each decision to the next letter, and the keys of all of it."""

    seconds: list[float]
    keystrokes: int


def _session(browser: Browser, world: DemoWorld, people: Sequence[Held], letters_each: int) -> Session:
    """Claim and pass all their letters."""
    seconds: list[float] = []
    with signed_in(browser, world, "cyd") as staff:
        reviewer, shown = Reviewer(staff), staff.page.locator(".letter-text")
        for one in people:
            reviewer.takes(one.number)
            reviewer.keystrokes += 1  # the click that claims a line counts as a key
            for _ in range(letters_each):
                before, started = shown.inner_text(), time.monotonic()
                reviewer.presses_key("p")
                _wait_for_another(staff.page, before)
                seconds.append(time.monotonic() - started)
            reviewer.waits_until_sent()
    return Session(seconds, reviewer.keystrokes)


def _wait_for_another(page: Page, before: str) -> None:
    """Wait until another letter can be read, or none is left."""
    page.wait_for_function(_ANOTHER, arg={"before": before}, timeout=_PATIENCE_MS)
