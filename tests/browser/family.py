"""Somebody at home with the family page: what they do, and what they are shown."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.browsing import Screen, a_screen
from tests.browser.demo_world import DemoWorld
from tests.browser.words import LANGUAGES, Words


class Family:
    """One person at one page, in their language."""

    def __init__(self, screen: Screen, lang: str, *, looks: bool) -> None:
        """
        Sit down at a page that has just been opened, and choose the language.

        Args:
            screen: The page.
            lang: In which language.
            looks: Whether a picture is kept, and axe asked, at each state.
        """
        self.screen = screen
        self.say = Words("families", lang)
        self.code = ""
        self._looks = looks
        self.page.get_by_role("button", name=LANGUAGES[lang]).click()
        self.page.get_by_role("heading", name=self.say("home.title")).wait_for()
        self.looks("home")

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
        self.page.locator("#letter").fill(text)
        if self.page.locator("#about").count():
            self.page.locator("#about").fill(about)
        self.looks("letter")
        self.presses("next")
        for picture in pictures:
            self.page.locator("#file").set_input_files(picture)
            self.page.locator(".pictures img").nth(pictures.index(picture)).wait_for()
        self.looks("pictures")
        self.page.get_by_role("button", name=self.say("next")).or_(self.button("pictures.skip")).first.click()
        self.reads("check.title")
        self.looks("check")

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

    def opens_mailbox(self, code: str | None = None) -> None:
        """Come back with a code."""
        self.presses("home.look")
        self.page.locator("#code").press_sequentially(code or self.code)
        self.page.get_by_role("button", name=self.say("code.open"), exact=True).click()
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
    fragment: str = "",
) -> Iterator[Family]:
    """Open the family page in a browser without a past."""
    with a_screen(browser, f"{world.url}/{fragment}", name="family", viewport=viewport, dark=dark) as screen:
        yield Family(screen, lang, looks=looks)
