"""What a family does alone: write and come back, on phone and desktop, in each language, with whatever goes wrong."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.browsing import VIEWPORTS, a_screen
from tests.browser.demo_world import DemoWorld
from tests.browser.family import a_family
from tests.browser.obstacles import NO_STORE, lost

PICTURE = next((Path(__file__).parents[2] / "examples" / "letters" / "pictures").glob("*.png"))
TEXT = {
    "uk": "Любий, яблуня зацвіла. Кіт спить на твоєму светрі.\n\nМама",
    "ru": "Родной, яблоня зацвела. Кот спит на твоём свитере.\n\nМама",
    "en": "Dear, the apple tree is in flower. The cat sleeps on your sweater.\n\nMum",
}
#: A word in it that reviewers stop at, so that the page's gentle hint is seen.
HINTED = {"uk": "позиції", "ru": "позиции", "en": "checkpoint"}
#: Every language on every kind of screen; half of them in the dark.
WAYS = [
    ("uk", "phone", False),
    ("ru", "phone", True),
    ("en", "phone", False),
    ("uk", "desktop", True),
    ("ru", "desktop", False),
    ("en", "desktop", True),
]
TURNS = [("uk", "phone"), ("ru", "desktop"), ("en", "phone")]


@pytest.mark.parametrize(("lang", "viewport", "dark"), WAYS, ids=str)
def test_a_letter_is_written_sent_and_found_again(
    world: DemoWorld, browser: Browser, lang: str, viewport: str, dark: bool
):
    """Through every page there is, to the mailbox; each is looked at, and axe finds nothing on any."""
    with a_family(browser, world, lang=lang, viewport=viewport, dark=dark, looks=True) as family:
        page = family.page
        family.presses("home.write")
        family.presses("addressee.unknown")
        family.presses("next")
        family.reads("person.empty")
        family.looks("particulars")
        family.presses("back")
        family.is_to(world.held[3].number)
        page.locator("#letter").fill(HINTED[lang])
        family.reads("hint.places")
        family.looks("hint")
        family.writes_words(TEXT[lang], about="Olena")
        family.draws()
        page.get_by_role("button", name=family.say("pictures.remove")).click()
        family.encloses([PICTURE])
        family.looks("check")
        code = family.sends()
        family.presses("receipt.done")
        family.reads("receipt.tick_first")
        family.looks("receipt-first-tick")
        page.locator("#kept").check()
        family.presses("receipt.done")
        family.presses("home.look")
        family.looks("code")
        family.presses("back")
        family.opens_mailbox(code)
        family.sees("accepted")


def test_the_number_of_an_address_card_leaves_the_address_bar(world: DemoWorld, browser: Browser):
    """It comes behind the # and is gone at once, from the bar and from the history."""
    number = world.held[4].number
    with a_family(browser, world, lang="uk", viewport="phone", fragment=f"#to={number}") as family:
        assert number not in family.page.evaluate("location.href")
        family.presses("home.write")
        assert family.page.locator("#number").input_value().replace(" ", "") == number
        assert family.page.title() == family.say("title")


def test_a_mistyped_number_is_told_at_once(world: DemoWorld, browser: Browser):
    """By its check digits, before anything is asked of the relay; and so is one that is too long, or too short."""
    number = world.held[4].number
    with a_family(browser, world, lang="ru", viewport="phone") as family:
        family.presses("home.write")
        typed = family.page.locator("#number")
        typed.press_sequentially(number[:-1] + str((int(number[-1]) + 1) % 10))
        family.reads("digits.mistyped")
        family.looks_everywhere("number-mistyped")
        typed.fill(number + "1")
        family.reads("digits.too_long")
        typed.fill(number[:-1])
        family.presses("next")
        expect(typed).to_be_focused()
        expect(family.page.get_by_role("alert").first).to_have_text(family.say.plural("digits.missing", 1))


@pytest.mark.parametrize(("lang", "viewport"), TURNS)
def test_a_network_that_goes_away_costs_nothing(world: DemoWorld, browser: Browser, lang: str, viewport: str):
    """The letter waits sealed, and goes when there is a network again; the code comes with its acceptance."""
    with a_family(browser, world, lang=lang, viewport=viewport) as family:
        family.writes(TEXT[lang], to=world.held[5].number, about="Mum")
        family.page.context.set_offline(True)
        family.presses("check.seal")
        family.reads("waiting.title")
        family.reads("waiting.kept")
        family.screen.check(f"{lang}-waiting")
        family.page.context.set_offline(False)
        family.has_receipt()


def test_a_bureau_writes_for_one_person_after_another(world: DemoWorld, browser: Browser):
    """Each gets a code of their own on paper, and of the first nothing is there when the second sits down."""
    with a_family(browser, world, lang="uk") as family:
        page = family.page
        family.presses("home.bureau")
        family.reads("addressee.bureau")
        expect(page.locator("body.bureau")).to_have_count(1)
        family.looks_everywhere("bureau-addressee")
        family.is_to(world.held[8].number)
        expect(page.locator("#keep")).to_have_count(0)
        family.writes_from_here(TEXT["uk"], about="Ольга")
        first = family.sends()
        family.presses("receipt.next_person")
        family.reads("receipt.tick_first")
        family.looks_everywhere("bureau-receipt")
        page.locator("#kept").check()
        family.presses("receipt.next_person")
        family.reads("addressee.bureau")
        assert page.locator("#number").input_value() == ""
        family.is_to(world.held[9].number)
        assert page.locator("#letter").input_value() == ""
        assert page.locator("#about").input_value() == ""
        family.writes_from_here(TEXT["ru"], about="Пётр")
        assert family.sends() != first
        assert page.evaluate("indexedDB.databases().then((all) => all.length)") <= 1
        assert first not in page.content().replace(" ", "")


def test_one_tap_leaves_and_nothing_stays(world: DemoWorld, browser: Browser):
    """No letter, no number, no code: not on the page, in storage, or behind the back button."""
    with a_family(browser, world, lang="ru", viewport="phone") as family:
        page = family.page
        family.presses("home.write")
        family.is_to(world.held[7].number)
        page.locator("#letter").fill(TEXT["ru"])
        family.presses("bar.leave")
        page.wait_for_url("about:blank")
        family.screen.keep("ru-left")
        assert page.content() == "<html><head></head><body></body></html>"
        page.go_back()
        assert "яблоня" not in page.content()


def test_a_browser_without_scripts_is_told_so_in_three_languages(world: DemoWorld, browser: Browser):
    """The page says what is needed, that nothing was sent, and where to go instead; and loads nothing else."""
    with a_screen(browser, world.url, name="family", java_script_enabled=False) as screen:
        for viewport, size in VIEWPORTS.items():
            screen.page.set_viewport_size(size)
            screen.keep("no-script", viewport)
        words = screen.page.locator("noscript").inner_text()
        for said in ("Нічого не надіслано", "Ничего не отправлено", "Nothing has been sent"):
            assert said in words


def test_a_page_whose_script_never_comes_says_so(world: DemoWorld, browser: Browser):
    """After some seconds of an empty page, in three languages: a slow line or an old browser, and what to do."""

    def never_comes(page: Page) -> None:
        page.route("**/assets/families-*.js", lost)

    with a_screen(browser, world.url, name="family", viewport="phone", before=never_comes, **NO_STORE) as screen:
        for said in ("браузер застарий", "браузер устарел", "the browser is too old"):
            expect(screen.page.get_by_text(said)).to_be_visible(timeout=20_000)
        screen.check("no-page")


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
