"""What a family does alone: write and come back, on phone and desktop, in each language, with whatever goes wrong."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, FilePayload, expect

from tests.browser.browsing import a_screen
from tests.browser.demo_world import DemoWorld
from tests.browser.family import a_family

PICTURE = next((Path(__file__).parents[2] / "examples" / "letters" / "pictures").glob("*.png"))
TEXT = {
    "uk": "Любий, яблуня зацвіла. Кіт спить на твоєму светрі.\n\nМама",
    "ru": "Родной, яблоня зацвела. Кот спит на твоём свитере.\n\nМама",
    "en": "Dear, the apple tree is in flower. The cat sleeps on your sweater.\n\nMum",
}
WAYS = [("uk", "phone", False), ("ru", "phone", True), ("en", "desktop", False), ("uk", "desktop", True)]


@pytest.mark.parametrize(("lang", "viewport", "dark"), WAYS, ids=str)
def test_a_letter_is_written_sent_and_found_again(
    world: DemoWorld, browser: Browser, lang: str, viewport: str, dark: bool
):
    """From the first page to the mailbox; every state is looked at, and axe finds nothing on any."""
    with a_family(browser, world, lang=lang, viewport=viewport, dark=dark, looks=True) as family:
        family.writes(TEXT[lang], to=world.held[3].number, about="Olena", pictures=[PICTURE])
        code = family.sends()
        family.page.locator("#kept").check()
        family.presses("receipt.done")
        family.opens_mailbox(code)
        family.sees("accepted")


def test_the_number_of_an_address_card_leaves_the_address_bar(world: DemoWorld, browser: Browser):
    """It comes behind the # and is gone at once, from the bar and from the history."""
    number = world.held[4].number
    with a_family(browser, world, fragment=f"#to={number}") as family:
        assert number not in family.page.evaluate("location.href")
        family.presses("home.write")
        assert family.page.locator("#number").input_value().replace(" ", "") == number
        assert family.page.title() == "Letters"


def test_a_mistyped_number_and_a_mistyped_code_are_told_at_once(world: DemoWorld, browser: Browser):
    """By their check digits, before anything is asked of the relay."""
    number = world.held[4].number
    with a_family(browser, world, viewport="phone", looks=True) as family:
        family.presses("home.write")
        family.page.locator("#number").press_sequentially(number[:-1] + str((int(number[-1]) + 1) % 10))
        family.reads("digits.mistyped")
        family.looks("number-mistyped")
        family.presses("back")
        family.presses("home.look")
        family.page.locator("#code").press_sequentially("1234" * 8)
        family.reads("digits.mistyped")
        family.looks("code-mistyped")


def test_a_code_that_nobody_has_written_with_opens_an_empty_mailbox(world: DemoWorld, browser: Browser):
    """The page cannot say more than the relay: it knows no such code, or has nothing for it."""
    with a_family(browser, world) as family:
        family.presses("home.look")
        family.page.locator("#code").press_sequentially("83431976150994448739154798531896")
        family.page.get_by_role("button", name=family.say("code.open"), exact=True).click()
        family.reads("mailbox.empty")


def test_a_network_that_goes_away_costs_nothing(world: DemoWorld, browser: Browser):
    """The letter waits sealed, and goes when there is a network again; the code comes with its acceptance."""
    with a_family(browser, world, viewport="phone", looks=True) as family:
        family.writes(TEXT["en"], to=world.held[5].number, about="Mum")
        family.page.context.set_offline(True)
        family.presses("check.seal")
        family.reads("waiting.title")
        family.reads("waiting.kept")
        family.looks("waiting")
        family.page.context.set_offline(False)
        family.reads("receipt.title")
        assert family.page.locator(".code").count() == 1


def test_what_is_no_picture_is_told_and_nothing_is_lost(world: DemoWorld, browser: Browser):
    """The letter stays as it was."""
    with a_family(browser, world) as family:
        family.presses("home.write")
        family.is_to(world.held[6].number)
        family.page.locator("#letter").fill(TEXT["en"])
        family.presses("next")
        not_one = FilePayload(name="cat.jpg", mimeType="image/jpeg", buffer=b"not a picture")
        family.page.locator("#file").set_input_files(not_one)
        family.reads("pictures.none")
        family.presses("back")
        assert family.page.locator("#letter").input_value() == TEXT["en"]


def test_one_tap_leaves_and_nothing_stays(world: DemoWorld, browser: Browser):
    """No letter, no number, no code: not on the page, in storage, or behind the back button."""
    with a_family(browser, world) as family:
        family.presses("home.write")
        family.is_to(world.held[7].number)
        family.page.locator("#letter").fill(TEXT["en"])
        family.page.get_by_role("button", name=family.say("bar.leave")).click()
        family.page.wait_for_timeout(500)
        assert TEXT["en"] not in family.page.content()
        family.page.go_back()
        family.page.wait_for_timeout(500)
        assert "apple tree" not in family.page.content()


def test_a_browser_without_what_is_needed_is_told_so_in_three_languages(world: DemoWorld, browser: Browser):
    """Scripts off: the page says where to go, and loads nothing else."""
    with a_screen(browser, world.url, name="family-no-script", viewport="phone", java_script_enabled=False) as screen:
        screen.keep("all")
        words = screen.page.locator("body").inner_text()
        assert words.count("бюро") >= 2, "in Ukrainian and in Russian"
        assert "bureau" in words


def test_keys_alone_go_the_whole_way(world: DemoWorld, browser: Browser):
    """Tab, Enter and typing: what is in focus is seen, and headings are told when the state changes."""
    with a_family(browser, world) as family:
        page = family.page
        button = page.get_by_role("button", name=family.say("home.write"))
        for _ in range(20):
            page.keyboard.press("Tab")
            if button.evaluate("element => element === document.activeElement"):
                break
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name=family.say("addressee.title"))).to_be_focused()
