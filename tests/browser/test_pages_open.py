"""The pages open, on a phone and on a desktop, by themselves."""

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.browsing import a_screen
from tests.browser.demo_world import DemoWorld


@pytest.mark.parametrize("viewport", ["phone", "desktop"])
def test_the_family_page_offers_its_languages_first(world: DemoWorld, browser: Browser, viewport: str):
    """In their own words, and nothing else before that."""
    with a_screen(browser, world.url, name="family", viewport=viewport) as screen:
        for language in ("Українська", "Русский", "English"):
            screen.page.get_by_role("button", name=language).wait_for()
        # A relay for trying out says so before anything else, in all three.
        for said in ("Лише для спроби", "Только для пробы", "For trying out only"):
            expect(screen.page.get_by_text(said)).to_be_visible()
        screen.check("language")


@pytest.mark.parametrize("path", ["about", "docs"])
def test_the_relays_own_pages_open_without_a_script(world: DemoWorld, browser: Browser, path: str):
    """What the relay is, and its interface in words."""
    with a_screen(browser, f"{world.url}/{path}", name="relay") as screen:
        screen.page.get_by_role("heading", level=1).wait_for()
        screen.check(path)
