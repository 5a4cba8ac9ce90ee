"""
What a family is told when no letter can be written here: the browser, the connection, the relay, its keys.

Each trouble is brought about for real, in one of the three languages in turn, and looked at on phone and desktop:
what happened, what is safe, what to do.
"""

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from keys.notes import Signer, parse_note
from keys.trust import parse_trust, sign_trust
from tests.browser.browsing import a_screen
from tests.browser.demo_world import DemoWorld, a_relay_not_open_yet
from tests.browser.family import Family, a_family
from tests.browser.obstacles import (
    NO_STORE,
    WORKER,
    altered,
    altered_json,
    between,
    clock_ahead,
    in_worker,
    lost,
    waits_until_kept,
)

WITHOUT = {
    "uk": "Object.defineProperty(Crypto.prototype, 'subtle', { get: () => undefined });",
    "ru": "delete window.Worker;",
    "en": "delete window.createImageBitmap;",
}


@pytest.mark.parametrize("lang", WITHOUT)
def test_a_browser_that_cannot_seal_says_so_before_anybody_writes(world: DemoWorld, browser: Browser, lang: str):
    """Without WebCrypto, without workers, or too old to read a picture: nothing can be written there."""

    def without(page: Page) -> None:
        page.add_init_script(WITHOUT[lang])

    with a_family(browser, world, lang=lang, arrives=False, before=without) as family:
        family.is_in_trouble("browser")
        assert family.page.get_by_role("textbox").count() == 0
        assert family.page.locator("main button").count() == 0


def test_a_connection_that_others_could_change_is_not_written_over(world: DemoWorld, browser: Browser):
    """A name without https, in a browser that goes by what it says: there is no way on from there."""
    origin = "http://letters.example"

    def leads_to_the_relay(page: Page) -> None:
        page.route(
            f"{origin}/**",
            lambda route: route.fulfill(response=route.fetch(url=route.request.url.replace(origin, world.url))),
        )

    with a_screen(browser, f"{origin}/", name="family", before=leads_to_the_relay) as screen:
        family = Family(screen, "uk", looks=False, arrives=False)
        family.is_in_trouble("insecure")
        assert not family.page.evaluate("isSecureContext")
        assert family.page.locator("main button").count() == 0
        # The browser complains of the same: it heeds one of the relay's headers over a secure connection alone.
        assert all("Cross-Origin-Opener-Policy" in fault for fault in screen.faults), screen.faults
        screen.faults.clear()


def test_a_relay_that_is_not_open_yet_says_so(browser: Browser, tmp_path: Path):
    """Its operators have published no keys, so there is nothing to seal to."""
    with (
        a_relay_not_open_yet(tmp_path / "data") as url,
        a_screen(browser, url, name="family", viewport="phone") as screen,
    ):
        family = Family(screen, "ru", looks=False, arrives=False)
        family.is_in_trouble("not_open")
        family.presses("trouble.again")
        family.is_in_trouble("not_open")


def test_a_network_that_is_not_there_at_the_beginning(world: DemoWorld, browser: Browser):
    """Without the words of a language it is said in all three; without the relay, in the one that was chosen."""
    with a_screen(browser, world.url, name="family", viewport="phone", **NO_STORE) as screen:
        page = screen.page
        page.get_by_role("button", name="English").wait_for()
        with between(page, "**/assets/families.*.json", lost):
            page.get_by_role("button", name="English").click()
            expect(page.get_by_role("alert")).to_contain_text("No network")
            expect(page.get_by_role("alert")).to_contain_text("Немає мережі")
            screen.check("no-words")
        with between(page, "**/site.json", lost):
            page.reload()
            family = Family(screen, "en", looks=False, arrives=False)
            family.is_in_trouble("unreachable")
        with between(page, "**/site.json", altered(lambda _: "<html>Sign in to the network of this hotel</html>")):
            family.presses("trouble.again")
            family.is_in_trouble("unreachable")
        family.presses("trouble.again")
        family.is_home()


# ---------------------------------------------------------------- keys that do not hold


def test_a_list_of_keys_that_has_expired_is_not_sealed_with(world: DemoWorld, browser: Browser):
    """Or the device's date is wrong, as here by 200 days; the page says to look at it."""

    def goes_wrong(page: Page) -> None:
        page.route(WORKER, in_worker(clock_ahead(200)))

    with a_family(browser, world, lang="uk", arrives=False, before=goes_wrong, **NO_STORE) as family:
        family.is_in_trouble("directory_expired")


def _with_another_signature(answer: dict[str, str]) -> None:
    answer["note"] = re.sub(
        r"(/directory/0 .{20}).", r"\1A" if r"\1A" not in answer["note"] else r"\1B", answer["note"]
    )


def _with_one_signature(answer: dict[str, str]) -> None:
    lines = answer["note"].splitlines(keepends=True)
    assert lines[-1].startswith("— ")
    answer["note"] = "".join(lines[:-1])


def _with_another_key(answer: dict[str, str]) -> None:
    answer["document"] = answer["document"].replace('"recipient":"age1pq1', '"recipient":"age1pq2', 1)


@pytest.mark.parametrize(
    ("lang", "change"), [("ru", _with_one_signature), ("en", _with_another_signature), ("uk", _with_another_key)]
)
def test_a_list_of_keys_that_was_not_signed_as_it_has_to_be(world: DemoWorld, browser: Browser, lang: str, change):
    """One signature of two, a broken one, or other keys below good ones: nobody is let near a letter."""

    def lies(page: Page) -> None:
        page.route("**/directory", altered_json(change))

    with a_family(browser, world, lang=lang, arrives=False, before=lies, **NO_STORE) as family:
        family.is_in_trouble("directory_unsigned")
        assert family.page.get_by_role("button", name=family.say("trouble.again")).count() == 0


def test_another_relay_in_the_place_of_the_one_that_this_device_knows(world: DemoWorld, browser: Browser):
    """Properly signed, by a root that is not the one whose fingerprint this device has seen here."""

    def is_in_earnest(page: Page) -> None:
        # A relay for trying out is not remembered.
        page.route("**/site.json", altered_json(lambda site: site.update(demo=False)))

    with a_family(browser, world, lang="en", before=is_in_earnest, **NO_STORE) as family:
        waits_until_kept(family.page, "seen")
        with between(family.page, "**/trust", altered(_under_another_root)):
            family.comes_back("en", arrives=False)
            family.is_in_trouble("other_relay")
            assert family.page.get_by_role("button", name=family.say("trouble.again")).count() == 0


def _under_another_root(note: str) -> str:
    trust = parse_trust(parse_note(note.encode()).text)
    root = Signer.ed25519(f"{trust.relay}/root", os.urandom(32))
    return sign_trust(replace(trust, root=str(root.vkey)), root).decode()
