"""Staff at their pages: signed in with a code, and turning from one face to another by the words on them."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.browsing import Screen, a_screen
from tests.browser.demo_world import DemoWorld, Member
from tests.browser.words import LANGUAGES, Words


class Staff:
    """One member of staff, signed in with the staff code."""

    def __init__(self, screen: Screen, member: Member, lang: str, *, looks: bool) -> None:
        """
        Take a page that has just been opened, choose the language, and sign in.

        Args:
            screen: The page.
            member: Whose id and code.
            lang: In which language.
            looks: Whether a picture is kept, and axe asked, at each state.
        """
        self.screen, self.member = screen, member
        self.say = Words("staff", lang)
        self._looks = looks
        self.page.get_by_role("button", name=LANGUAGES[lang], exact=True).click()
        self.page.get_by_role("heading", name=self.say("signin.title")).wait_for()
        self.looks("sign-in")
        self.page.get_by_label(self.say("signin.staff")).fill(member.id)
        self.page.get_by_label(self.say("signin.code"), exact=True).fill(member.code)
        self.page.get_by_role("button", name=self.say("signin.go"), exact=True).click()
        self.page.get_by_role("navigation").or_(self.page.locator("main")).first.wait_for()
        expect(self.page.get_by_role("heading", name=self.say("signin.title"))).to_have_count(0, timeout=30_000)

    @property
    def page(self) -> Page:
        """The page."""
        return self.screen.page

    def looks(self, state: str) -> None:
        """Look at the page: a picture, axe, the width."""
        if self._looks:
            self.screen.check(f"{self.say.lang}-{state}")

    def button(self, key: str, **values: object) -> Locator:
        """Find a button by what stands on it."""
        return self.page.get_by_role("button", name=self.say(key, **values)).first

    def presses(self, key: str) -> None:
        """Press a button."""
        self.button(key).click()

    def turns_to(self, face: str) -> None:
        """Turn to another face, such as ``dispatch``."""
        self.page.get_by_role("button", name=self.say(f"face.{face}")).or_(
            self.page.get_by_role("link", name=self.say(f"face.{face}"))
        ).first.click()


@contextmanager
def signed_in(
    browser: Browser,
    world: DemoWorld,
    name: str,
    *,
    lang: str = "en",
    viewport: str = "desktop",
    dark: bool = False,
    looks: bool = False,
) -> Iterator[Staff]:
    """Sign one of the demo's staff in, in a browser without a past."""
    title = f"staff-{name}"
    with a_screen(browser, f"{world.url}/staff/", name=title, viewport=viewport, dark=dark) as screen:
        yield Staff(screen, world.staff[name], lang, looks=looks)


def grouped(number: str) -> str:
    """Write a detainee number as pages show it."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))
