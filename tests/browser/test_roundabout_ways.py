"""The ways that take a family twice to the page: a letter comes back and is written again, or has no number."""

from playwright.sync_api import Browser, expect

from tests.browser.demo_world import DemoWorld, Held
from tests.browser.desks import Reviewer
from tests.browser.family import a_family
from tests.browser.staff import signed_in

#: Each language once, on a phone or a desktop.
WAYS = (("uk", "phone"), ("ru", "desktop"), ("en", "phone"))
NAMED = {
    "uk": "Ми тепер живемо в місті, яке не назвеш.",
    "ru": "Мы теперь живём в городе, которого не назовёшь.",
    "en": "We live in the town that must not be named.",
}
UNNAMED = {
    "uk": "У нас усе добре. Яблуня зацвіла.",
    "ru": "У нас всё хорошо. Яблоня зацвела.",
    "en": "All is well here. The apple tree is in flower.",
}
SOUGHT = {"uk": "Peter Ellwood", "ru": "Roman Metelin", "en": "Thomas Harrow"}
NOTE = "Please write again without the name of the place. All else may stay."


def test_a_letter_is_returned_with_a_note_and_written_again(own_world: DemoWorld, browser: Browser):
    """The family reads why, in words that only it can open, and writes again under the same code."""
    for (lang, viewport), held in zip(WAYS, own_world.reachable[10:], strict=False):
        with a_family(browser, own_world, lang=lang, viewport=viewport) as family:
            family.writes(NAMED[lang], to=held.number, about="Olha")
            code = family.sends()
            with signed_in(browser, own_world, "ann", looks=lang == "en") as staff:
                reviewer = Reviewer(staff)
                reviewer.takes(held.number)
                reviewer.decides("r", reason="MIL", note=NOTE)
            family.page.locator("#kept").check()
            family.presses("receipt.done")
            family.opens_mailbox(code)
            family.sees("returned")
            family.screen.check(f"{lang}-mailbox-returned")
            family.presses("mailbox.note")
            expect(family.page.get_by_text(NOTE)).to_be_visible(timeout=30_000)
            family.screen.check(f"{lang}-note")
            family.presses("reading.back")
            family.presses("mailbox.write")
            family.reads("addressee.same_code")
            family.screen.check(f"{lang}-addressee-again")
            family.writes_on(UNNAMED[lang], to=held.number, about="Olha")
            assert family.sends_again() == code


def test_a_letter_without_a_number_finds_its_way(own_world: DemoWorld, browser: Browser):
    """The family says what it knows, and the reviewer's own page ranks the register; the relay has neither."""
    for lang, viewport in WAYS:
        held = own_world.person(SOUGHT[lang])
        given, surname = held.name.split()
        with a_family(browser, own_world, lang=lang, viewport=viewport) as family:
            family.presses("home.write")
            family.is_to(None)
            family.page.locator("#surname").fill(surname)
            family.page.locator("#given").fill(given)
            family.screen.check(f"{lang}-particulars-given")
            family.presses("next")
            family.writes_from_here(UNNAMED[lang])
            family.screen.check(f"{lang}-check-unknown")
            family.sends()
        with signed_in(browser, own_world, "ann", looks=lang == "en") as staff:
            _matches(Reviewer(staff), held, UNNAMED[lang])


def _matches(reviewer: Reviewer, held: Held, text: str) -> None:
    """Find whom a letter is for, then read it in that person's line and pass it."""
    staff = reviewer.staff
    staff.page.get_by_role("button").filter(has_text=staff.say("detainee.unknown")).first.click()
    reviewer.page.locator(".letter-text").wait_for()
    staff.looks("unknown")
    reviewer.presses_key("m")
    first = staff.page.locator("ul.candidates li").first
    expect(first).to_contain_text(held.name.split()[1])
    first.get_by_role("radio").check()
    staff.looks("match")
    staff.page.keyboard.press("Control+Enter")
    reviewer.waits_until_sent()
    staff.page.keyboard.press("g")
    reviewer.takes(held.number)
    assert text in reviewer.text
    reviewer.passes()
