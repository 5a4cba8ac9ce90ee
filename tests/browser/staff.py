"""Staff at their pages: signed in with a code, and turning from one face to another by the words on them."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.browsing import Screen, a_screen
from tests.browser.demo_world import DemoWorld, Member
from tests.browser.words import LANGUAGES, Words

#: How long a state may take to come, on a machine that does other things too.
SEEN_MS = 40_000


class Door:
    """The sign-in page, and somebody before it."""

    def __init__(self, screen: Screen, lang: str, *, looks: bool) -> None:
        """
        Take a page that has just been opened, and choose the language.

        Args:
            screen: The page.
            lang: In which language.
            looks: Whether a picture is kept, and axe asked, at each state.
        """
        self.screen = screen
        self.say = Words("staff", lang)
        self._looks = looks
        self.page.get_by_role("button", name=LANGUAGES[lang], exact=True).click()

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

    def presses(self, key: str, **values: object) -> None:
        """Press a button."""
        self.button(key, **values).click()

    def is_told(self, key: str, **values: object) -> None:
        """Require that these words are to be seen."""
        expect(self.page.get_by_text(self.say(key, **values)).first).to_be_visible(timeout=SEEN_MS)

    def knocks(self, staff: str, code: str) -> None:
        """Type who they are and their code, and sign in."""
        self.page.get_by_role("heading", name=self.say("signin.title")).wait_for()
        self.page.get_by_label(self.say("signin.staff")).fill(staff)
        self.page.get_by_label(self.say("signin.code"), exact=True).fill(code)
        self.page.get_by_role("button", name=self.say("signin.go"), exact=True).click()

    def comes_in(self) -> None:
        """Wait until they are in."""
        self.page.get_by_role("navigation").or_(self.page.locator("main")).first.wait_for()
        expect(self.page.get_by_role("heading", name=self.say("signin.title"))).to_have_count(0, timeout=SEEN_MS)

    def is_turned_away(self, code: str) -> None:
        """Require a fault by its code, in words of the page's language, and that they are still before the door."""
        fault = self.page.locator(".fault").filter(has_text=code)
        expect(fault).to_contain_text(self.say(f"problem.{code}"), timeout=SEEN_MS)
        expect(fault).to_contain_text(self.say(f"cure.{code}"))
        self.looks(f"away-{code}")


class Staff(Door):
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
        super().__init__(screen, lang, looks=looks)
        self.member = member
        self.page.get_by_role("heading", name=self.say("signin.title")).wait_for()
        self.looks("sign-in")
        self.knocks(member.id, member.code)
        self.comes_in()

    def opens_account(self) -> None:
        """Open what stands behind their own id in the bar; when all of it is there, nothing in it moves any more."""
        self.page.get_by_role("banner").get_by_role("button", name=self.member.id[:8]).click()
        self.is_told("devices.here")

    def speaks(self, lang: str) -> None:
        """Go on in another language, chosen in the bar of a desktop; nothing on the page is lost by it."""
        self.screen.turn_to("desktop")
        self.page.get_by_role("button", name=LANGUAGES[lang], exact=True).click()
        self.say = Words("staff", lang)

    def is_looked_at_everywhere(self, state: str) -> None:
        """Look at a state in each language, on a desktop and on a phone."""
        for lang in LANGUAGES:
            self.speaks(lang)
            for viewport in ("phone", "desktop"):
                self.screen.turn_to(viewport)
                self.screen.check(f"{lang}-{state}")

    def is_looked_at_on_both(self, state: str) -> None:
        """Look at a state on a phone and on a desktop, in the language that is spoken."""
        for viewport in ("phone", "desktop"):
            self.screen.turn_to(viewport)
            self.screen.check(f"{self.say.lang}-{state}")

    def turns_to(self, face: str) -> None:
        """Turn to another face, such as ``dispatch``."""
        self.page.get_by_role("button", name=self.say(f"face.{face}")).or_(
            self.page.get_by_role("link", name=self.say(f"face.{face}"))
        ).first.click()


@contextmanager
def at_the_door(
    browser: Browser,
    world: DemoWorld,
    *,
    lang: str = "en",
    viewport: str = "desktop",
    looks: bool = True,
) -> Iterator[Door]:
    """Stand before the sign-in page, in a browser without a past."""
    with a_screen(browser, f"{world.url}/staff/", name="staff-door", viewport=viewport) as screen:
        yield Door(screen, lang, looks=looks)


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
