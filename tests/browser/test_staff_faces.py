"""Every face of the staff pages in its usual state: in three languages, on a phone and on a desktop."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.colleagues import pack_bags, pass_letters, receive_bags
from tests.browser.demo_world import DemoWorld, a_demo_world
from tests.browser.desks import Auditor, Dispatcher, Officer
from tests.browser.staff import SEEN_MS, signed_in
from tests.browser.writing import write_letters

TEXTS = ("Dear, the apple tree is in flower.", "The cat sleeps on your pullover. We are well.")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoWorld]:
    """Serve a world with something at every station: in line, passed, on its way, and at a house."""
    with a_demo_world(tmp_path_factory.mktemp("faces") / "data") as served:
        house = [one.number for one in served.reachable if one.house == "Larch House"]
        for number, stop in zip(house, ("here", "on its way", "passed", "in line"), strict=False):
            write_letters(served, number, TEXTS)
            if stop != "in line":
                pass_letters(served, number)
            if stop in ("here", "on its way"):
                pack_bags(served)
            if stop == "here":
                receive_bags(served, by="odo")
        yield served


def test_a_reviewers_face(world: DemoWorld, browser: Browser):
    """The lines, a letter, and the way back into them."""
    with signed_in(browser, world, "ann") as staff:
        staff.page.get_by_role("heading", name=staff.say("review.choose")).wait_for()
        staff.is_looked_at_everywhere("lines")
        staff.presses("review.claimoldest")
        staff.page.locator(".letter-text").or_(staff.page.locator(".said")).first.wait_for()
        staff.is_looked_at_everywhere("letter")


def test_a_dispatchers_face(world: DemoWorld, browser: Browser):
    """What is to be packed, what is missing, and what a place without computers has."""
    with signed_in(browser, world, "ben") as staff:
        Dispatcher(staff)
        staff.page.locator("article.pile").first.wait_for()
        staff.is_looked_at_everywhere("pack")
        staff.presses("dispatch.missing")
        staff.is_told("dispatch.missing.none")
        staff.is_looked_at_on_both("missing-none")


def test_a_registrars_face(world: DemoWorld, browser: Browser):
    """Who is held where."""
    with signed_in(browser, world, "ben") as staff:
        staff.turns_to("register")
        expect(staff.page.get_by_text(world.reachable[0].name.split()[1]).first).to_be_visible(timeout=SEEN_MS)
        staff.is_looked_at_everywhere("register")


def test_an_officers_face(world: DemoWorld, browser: Browser):
    """Bags on their way, letters that are here, and a reply to bring in."""
    with signed_in(browser, world, "odo") as staff:
        officer = Officer(staff)
        officer.part("facility.bags")
        staff.page.locator("ul.tiles button").first.wait_for()
        staff.is_looked_at_everywhere("bags")
        Officer(staff).part("facility.here")
        staff.page.locator("ul.here-list > li").first.wait_for()
        staff.is_looked_at_everywhere("here")
        Officer(staff).part("facility.replies")
        staff.is_looked_at_everywhere("replies")


def test_an_auditors_face(world: DemoWorld, browser: Browser):
    """Before a verification, and after it, with the drawing of a chain."""
    with signed_in(browser, world, "vel") as staff:
        staff.is_told("audit.verify.never")
        staff.is_looked_at_everywhere("before")
        Auditor(staff).verifies()
        staff.page.locator(".items button").filter(has_text=staff.say("audit.event.received")).first.click()
        staff.page.locator("svg.chain").wait_for()
        staff.is_looked_at_everywhere("unbroken")


def test_an_operators_face(world: DemoWorld, browser: Browser):
    """Health, keys, figures and commands; and their own account."""
    with signed_in(browser, world, "oda") as staff:
        expect(staff.page.get_by_role("heading", name=staff.say("operate.figures"))).to_be_visible()
        expect(staff.page.locator(".bones")).to_have_count(0)
        waiting = staff.page.get_by_role("table", name=staff.say("operate.waiting"))
        expect(waiting.get_by_role("row", name=staff.say("audit.is.bagged"))).to_contain_text("2")
        storage = staff.page.get_by_role("region", name=staff.say("operate.storage"))
        expect(storage).to_contain_text(staff.say("operate.storage.free"))
        staff.is_looked_at_everywhere("board")


@pytest.mark.parametrize(("lang", "viewport"), [("uk", "phone"), ("ru", "phone"), ("en", "desktop")])
def test_the_account_and_the_keys(world: DemoWorld, browser: Browser, lang: str, viewport: str):
    """Who is signed in, and which keys count; single letters can be switched off for those whose hands tremble."""
    with signed_in(browser, world, "cyd", lang=lang, viewport=viewport, looks=True) as staff:
        page = staff.page
        page.get_by_role("heading", name=staff.say("review.choose")).wait_for()
        staff.opens_account()
        staff.is_told("devices.here")
        staff.looks("account")
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        keys = page.get_by_role("dialog", name=staff.say("keys.title"))
        expect(keys).to_contain_text(staff.say("keys.claim"))
        staff.looks("keys")
        keys.get_by_label(staff.say("keys.single")).uncheck()
        page.keyboard.press("Escape")
        page.keyboard.press("?")
        expect(keys).to_have_count(0)
        page.keyboard.press("Alt+?")
        expect(keys).to_be_visible()
