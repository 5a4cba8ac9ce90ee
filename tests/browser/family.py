"""Somebody at home with the family page: what they do, and what they are shown."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.browsing import VIEWPORTS, Screen, a_screen
from tests.browser.demo_world import DemoWorld
from tests.browser.words import LANGUAGES, Words

_SHORT = {"uk": "Укр", "ru": "Рус", "en": "Eng"}


class Family:
    """One person at one page, in their language."""

    def __init__(self, screen: Screen, lang: str, *, looks: bool, arrives: bool = True) -> None:
        """
        Sit down at a page that has just been opened, and choose the language.

        Args:
            screen: The page.
            lang: In which language.
            looks: Whether a picture is kept, and axe asked, at each state.
            arrives: Whether the page lets them in.
        """
        self.screen = screen
        self.say = Words("families", lang)
        self.code = ""
        self._looks = looks
        self._chooses(lang, arrives=arrives)
        if arrives:
            self.looks("home")

    def speaks(self, lang: str) -> None:
        """Change the language, in the middle of whatever is there."""
        self.page.get_by_role("button", name=_SHORT[lang], exact=True).click()
        self.say = Words("families", lang)
        expect(self.page.locator(f"html[lang={lang}]")).to_have_count(1)

    def comes_back(self, lang: str, *, arrives: bool = True) -> None:
        """Close the page and open it again, on the same device."""
        self.page.reload()
        self._chooses(lang, arrives=arrives)

    def _chooses(self, lang: str, *, arrives: bool) -> None:
        self.say = Words("families", lang)
        self.page.get_by_role("button", name=LANGUAGES[lang]).click()
        if arrives:
            self.is_home()

    def is_home(self) -> None:
        """Require the page with the first choices."""
        self.page.get_by_role("heading", name=self.say("home.title")).wait_for(timeout=30_000)

    def is_in_trouble(self, name: str) -> None:
        """Require a trouble's own page, whole: what happened, what is safe, what to do; and look at it."""
        title, *sentences = self.say.all(f"trouble.{name}")
        self.page.get_by_role("heading", name=title, exact=True).wait_for(timeout=40_000)
        for sentence in [self.say("trouble.safe"), self.say("trouble.cure"), *sentences]:
            expect(self.page.get_by_text(sentence, exact=True)).to_be_visible()
        self.looks_everywhere(f"trouble-{name}")

    def looks_everywhere(self, state: str) -> None:
        """Look at the page on a phone and on a desktop, whichever this is."""
        was = self.page.viewport_size
        for viewport, size in VIEWPORTS.items():
            self.page.set_viewport_size(size)
            self.screen.fits(f"{self.say.lang}-{state}", viewport)
        if was:
            self.page.set_viewport_size(was)
        # Its rules are about words, roles and colours, which are the same on both.
        assert self.screen.axe() == []

    @property
    def page(self) -> Page:
        """The page."""
        return self.screen.page

    def looks(self, state: str) -> None:
        """Look at the page: a picture, axe, the width."""
        if self._looks:
            self.screen.check(f"{self.say.lang}-{state}")

    def button(self, key: str) -> Locator:
        """Find a button by what stands on it."""
        return self.page.get_by_role("button", name=self.say(key)).first

    def presses(self, key: str) -> None:
        """Press a button."""
        self.button(key).click()

    def reads(self, key: str, **values: object) -> None:
        """Require that these words are to be seen."""
        expect(self.page.get_by_text(self.say(key, **values)).first).to_be_visible(timeout=30_000)

    # ---------------------------------------------------------------- writing

    def writes(self, text: str, *, to: str | None, about: str = "", pictures: Sequence[Path] = ()) -> None:
        """Go through all steps up to the last look: to whom, the letter, the pictures."""
        self.presses("home.write")
        self.writes_on(text, to=to, about=about, pictures=pictures)

    def writes_on(self, text: str, *, to: str | None, about: str = "", pictures: Sequence[Path] = ()) -> None:
        """Go on from where the page asks for whom the letter is."""
        self.is_to(to)
        self.writes_from_here(text, about=about, pictures=pictures)

    def writes_from_here(self, text: str, *, about: str = "", pictures: Sequence[Path] = ()) -> None:
        """Go on from where the page asks for the letter."""
        self.writes_words(text, about=about)
        self.encloses(pictures)
        self.reads("check.title")
        self.looks("check")

    def writes_words(self, text: str, *, about: str = "") -> None:
        """Write the letter itself, and go on to the pictures."""
        self.page.locator("#letter").fill(text)
        if self.page.locator("#about").count():
            self.page.locator("#about").fill(about)
        self.looks("letter")
        self.presses("next")

    def encloses(self, pictures: Sequence[Path]) -> None:
        """Choose pictures, or none, and go on to the last look."""
        for picture in pictures:
            self.page.locator("#file").set_input_files(picture)
            self.page.locator(".pictures img").nth(pictures.index(picture)).wait_for()
        self.looks("pictures")
        self.page.get_by_role("button", name=self.say("next")).or_(self.button("pictures.skip")).first.click()

    def draws(self) -> None:
        """Draw a line in red, and put the drawing in the letter."""
        self.presses("pictures.draw")
        self.page.get_by_label(self.say("drawing.red")).check()
        sheet = self.page.locator("canvas")
        sheet.scroll_into_view_if_needed()
        box = sheet.bounding_box()
        assert box is not None
        self.page.mouse.move(box["x"] + box["width"] * 0.2, box["y"] + box["height"] * 0.3)
        self.page.mouse.down()
        self.page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + box["height"] * 0.7, steps=8)
        self.page.mouse.up()
        self.looks("drawing")
        self.presses("drawing.done")
        expect(self.page.locator(".pictures img")).to_have_count(1, timeout=30_000)

    def is_to(self, number: str | None) -> None:
        """Type the number of the address card; None says that they do not know it, and stays at the particulars."""
        self.looks("addressee")
        if number is None:
            self.page.get_by_role("button", name=self.say("addressee.unknown")).click()
            self.reads("person.title")
            return
        self.page.locator("#number").fill("")
        self.page.locator("#number").press_sequentially(number)
        self.reads("digits.right")
        self.presses("next")

    def sends(self) -> str:
        """Seal and send, and keep the code that is shown; returns it."""
        self.presses("check.seal")
        return self.has_receipt()

    def has_receipt(self) -> str:
        """Require the receipt, and keep the code that is shown; returns it."""
        self.reads("receipt.title")
        self.code = "".join(character for character in self.page.locator(".code").inner_text() if character.isdigit())
        assert len(self.code) == 32
        self.looks("receipt")
        return self.code

    def sends_again(self) -> str:
        """Seal and send under the code that was typed before, and return the one that the receipt is for."""
        before = self.code
        self.presses("check.seal")
        self.reads("receipt.title")
        shown = self.page.locator(".code")
        return self.sends_code(shown.inner_text()) if shown.count() else before

    @staticmethod
    def sends_code(shown: str) -> str:
        """Read a code as it is shown."""
        return "".join(character for character in shown if character.isdigit())

    # ---------------------------------------------------------------- coming back

    def types(self, code: str) -> None:
        """Come back with a code, from the first page or from the one that asks for it."""
        if not self.page.locator("#code").count():
            self.presses("home.look")
        self.page.locator("#code").fill("")
        self.page.locator("#code").press_sequentially(code)
        self.page.get_by_role("button", name=self.say("code.open"), exact=True).click()

    def opens_mailbox(self, code: str | None = None) -> None:
        """Come back with a code, and see what it opens."""
        self.types(code or self.code)
        self.page.get_by_role("heading", name=self.say("mailbox.title")).wait_for(timeout=30_000)
        self.page.locator(".entry").first.wait_for(timeout=30_000)
        self.looks("mailbox")

    def sees(self, word: str) -> None:
        """Require a station of a letter, such as ``delivered``."""
        self.reads(f"event.{word}")

    def reads_reply(self) -> str:
        """Open the first reply that waits, and return what it says."""
        self.presses("mailbox.read")
        self.page.locator(".paper").wait_for(timeout=30_000)
        self.looks("reply")
        return self.page.locator(".paper").inner_text()


@contextmanager
def a_family(
    browser: Browser,
    world: DemoWorld,
    *,
    lang: str = "en",
    viewport: str = "desktop",
    dark: bool = False,
    looks: bool = False,
    arrives: bool = True,
    fragment: str = "",
    **more: Any,
) -> Iterator[Family]:
    """Open the family page in a browser without a past; `more` is as for `a_screen`."""
    url = f"{world.url}/{fragment}"
    with a_screen(browser, url, name="family", viewport=viewport, dark=dark, **more) as screen:
        yield Family(screen, lang, looks=looks, arrives=arrives)
