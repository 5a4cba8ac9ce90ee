"""Headless Chromium as people have it: a phone or a desktop, light or dark; and a picture of every state."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, Request, ViewportSize

from tests.stories.shell import ROOT

SCREENS = ROOT / "build" / "screens"
CHROMIUM = "/usr/bin/chromium"
#: Chromium asks its maker nothing, and runs as root where tests do.
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A camera that sees a moving test picture; pages are asked for leave to use it all the same.
    "--use-fake-device-for-media-stream",
)
AXE = ROOT / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
VIEWPORTS: dict[str, ViewportSize] = {
    "phone": {"width": 360, "height": 740},
    "desktop": {"width": 1280, "height": 800},
}
#: WCAG 2.2, 1.4.10.
NARROWEST: ViewportSize = {"width": 320, "height": 740}


def launch(playwright: Playwright) -> Browser:
    """Start Debian's Chromium."""
    return playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))


@dataclass
class Screen:
    """
    One page in one browser of its own, and what was seen and heard on it.

    Attributes:
        page: To click and type on.
        faults: What the browser complained of: errors of scripts, and whatever its policy refused.
        elsewhere: Addresses outside the relay that the page asked for.
    """

    page: Page
    name: str
    origin: str
    viewport: str
    faults: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)

    def keep(self, state: str, viewport: str | None = None) -> Path:
        """Keep a picture of the whole page as it is now; `viewport` names another than the one it was opened with."""
        SCREENS.mkdir(parents=True, exist_ok=True)
        path = SCREENS / f"{self.name}-{viewport or self.viewport}-{state}.png"
        self.page.screenshot(path=path, full_page=True)
        return path

    def turn_to(self, viewport: str) -> None:
        """Look at the same page on a phone, or on a desktop, from now on."""
        self.viewport = viewport
        self.page.set_viewport_size(VIEWPORTS[viewport])

    def check(self, state: str, viewport: str | None = None) -> None:
        """Keep a picture, and hold the page to axe's rules, for WCAG 2.2 AA and good practice, and to its own width."""
        self.fits(state, viewport)
        found = self.axe()
        assert found == [], f"{self.name}, {state}: {found}"

    def fits(self, state: str, viewport: str | None = None) -> None:
        """Keep a picture, and hold the page to its own width; on a phone, also to that of the narrowest there are."""
        self.keep(state, viewport)
        self._is_whole(state)
        if (viewport or self.viewport).startswith("phone"):
            self.page.set_viewport_size(NARROWEST)
            self._is_whole(f"{state}, {NARROWEST['width']} px wide")
            self.page.set_viewport_size(VIEWPORTS["phone"])

    def _is_whole(self, state: str) -> None:
        wide = self.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{self.name}, {state}: {wide} px are cut off at the side"

    def axe(self) -> list[str]:
        """Name what axe finds: the rule, and the first element that breaks it."""
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        rules = json.dumps({"runOnly": {"type": "tag", "values": RULES}})
        found: dict[str, Any] = self.page.evaluate(f"axe.run(document, {rules})")
        return [f"{one['id']}: {one['nodes'][0]['html'][:160]}" for one in found["violations"]]


@contextmanager
def a_screen(
    browser: Browser,
    url: str,
    *,
    name: str,
    viewport: str = "desktop",
    dark: bool = False,
    before: Callable[[Page], None] | None = None,
    **more: Any,
) -> Iterator[Screen]:
    """
    Open a page in a browser without a past; afterwards nothing may have gone wrong, or been asked elsewhere.

    Args:
        before: What is done to the browser before it opens the page, such as taking something away from it.
        more: How else the browser is, as Playwright has it.
    """
    context = browser.new_context(
        viewport=VIEWPORTS[viewport],
        color_scheme="dark" if dark else "light",
        has_touch=viewport == "phone",
        reduced_motion="reduce",
        **more,
    )
    try:
        screen = Screen(context.new_page(), name, url, viewport + ("-dark" if dark else ""))
        _listen(context, screen)
        if before:
            before(screen.page)
        screen.page.goto(url)
        yield screen
        assert screen.faults == []
        assert screen.elsewhere == []
    finally:
        context.close()


def _listen(context: BrowserContext, screen: Screen) -> None:
    def said(message: ConsoleMessage) -> None:
        # That the relay refuses something is told as an error by the browser too; the pages show those themselves.
        if message.type == "error" and "Failed to load resource" not in message.text:
            screen.faults.append(message.text)

    def asked(request: Request) -> None:
        if not request.url.startswith(
            (screen.origin.split("/", 3)[0] + "//" + screen.origin.split("/")[2], "blob:", "data:")
        ):
            screen.elsewhere.append(request.url)

    screen.page.on("pageerror", lambda error: screen.faults.append(str(error)))
    context.on("console", said)
    context.on("request", asked)
