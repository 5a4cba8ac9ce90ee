"""Before the staff pages: everything that keeps somebody out says what happened, what is safe, and what to do."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, Route

from tests.browser.demo_world import DemoWorld
from tests.browser.staff import Door, at_the_door

DOORS = [("uk", "phone"), ("ru", "desktop"), ("en", "phone")]


@pytest.mark.parametrize(("lang", "viewport"), DOORS)
def test_whoever_is_kept_out_is_told_why(world: DemoWorld, browser: Browser, lang: str, viewport: str):
    """A code that does not add up, another person's, an id that nobody has, a relay that is busy, or is not there."""
    ann, ben = world.staff["ann"], world.staff["ben"]
    with at_the_door(browser, world, lang=lang, viewport=viewport) as door:
        door.looks("door")
        door.knocks(ann.id, ann.code[:-1] + str((int(ann.code[-1]) + 1) % 10))
        door.is_turned_away("code_mistyped")
        door.knocks("0" * 32, ann.code)
        door.is_turned_away("unknown_staff")
        door.knocks(ann.id, ben.code)
        door.is_turned_away("wrong_key")
        with _answered(door.page, "**/sign-in", 429, "too_many_requests", {"Retry-After": "60"}):
            door.knocks(ann.id, ann.code)
            door.is_turned_away("too_many_requests")
        door.page.context.set_offline(True)
        door.knocks(ann.id, ann.code)
        door.is_turned_away("unreachable")
        door.page.context.set_offline(False)
        door.knocks(ann.id[:8], ann.code)
        door.comes_in()


@pytest.mark.parametrize(("lang", "viewport"), [("ru", "desktop"), ("en", "phone")])
def test_a_relay_that_does_not_answer_is_asked_again(world: DemoWorld, browser: Browser, lang: str, viewport: str):
    """Nothing is asked of anybody before it does."""
    with at_the_door(browser, world, lang=lang, viewport=viewport) as door:
        door.page.route("**/site.json", lambda route: route.abort())
        door.page.reload()
        door.is_turned_away("unreachable")
        door.page.unroute("**/site.json")
        door.presses("gate.again")
        door.page.get_by_role("heading", name=door.say("signin.title")).wait_for()


#: What a browser of old lacks, or a page lacks that came over no secure line.
OF_OLD = {
    "no_crypto": "delete Crypto.prototype.getRandomValues",
    "page_insecure": "Object.defineProperty(window, 'isSecureContext', { value: false })",
}


@pytest.mark.parametrize(("lang", "code"), [("uk", "no_crypto"), ("ru", "page_insecure")])
def test_a_browser_that_cannot_keep_a_key_is_told_so(world: DemoWorld, browser: Browser, lang: str, code: str):
    """No code is asked for where it would not be safe."""
    with at_the_door(browser, world, lang=lang, viewport="phone") as door:
        door.page.add_init_script(OF_OLD[code])
        door.page.reload()
        door.is_turned_away(code)
        assert door.page.locator("input").count() == 0


@pytest.mark.parametrize(("lang", "viewport"), [("en", "desktop"), ("ru", "phone")])
def test_a_fingerprint_from_paper_is_held_against_the_relay(
    world: DemoWorld, browser: Browser, lang: str, viewport: str
):
    """One that is none, then one of another relay, which can be typed anew, and then the right one."""
    with at_the_door(browser, world, lang=lang, viewport=viewport) as door:
        site = {"name": "Letter Relay", "demo": False, "fingerprint": world.fingerprint}
        door.page.route("**/site.json", lambda route: route.fulfill(json=site))
        door.page.reload()
        _pins(door, world.fingerprint[:-1])
        door.is_turned_away("fingerprint_mistyped")
        _pins(door, "0" * 64)
        door.knocks(world.staff["ann"].id, world.staff["ann"].code)
        door.is_turned_away("fingerprint_differs")
        door.presses("pin.again")
        _pins(door, " ".join(world.fingerprint[at : at + 4] for at in range(0, 64, 4)).upper())
        door.looks("pinned")
        door.page.reload()
        door.is_told("trust.kept")
        door.knocks(world.staff["ann"].id, world.staff["ann"].code)
        door.comes_in()


@pytest.mark.parametrize(("lang", "viewport"), [("uk", "desktop"), ("en", "phone")])
def test_a_directory_that_has_ended_lets_nobody_in(world: DemoWorld, browser: Browser, lang: str, viewport: str):
    """A computer whose clock is a year on sees what everybody will see then."""
    with at_the_door(browser, world, lang=lang, viewport=viewport) as door:
        door.page.clock.install()
        door.page.clock.fast_forward(365 * 86_400 * 1_000)
        door.knocks(world.staff["ann"].id, world.staff["ann"].code)
        door.is_turned_away("directory_expired")


def _pins(door: Door, fingerprint: str) -> None:
    door.page.get_by_label(door.say("pin.label")).fill(fingerprint)
    door.looks("pin")
    door.presses("pin.go")


@contextmanager
def _answered(page: Page, where: str, status: int, code: str, headers: dict[str, str]) -> Iterator[None]:
    """Answer as the relay does when it refuses."""
    problem = json.dumps({"code": code, "status": status, "title": code, "cure": "Wait."})
    kind = {"Content-Type": "application/problem+json"}

    def refuse(route: Route) -> None:
        route.fulfill(status=status, body=problem, headers=kind | headers)

    page.route(where, refuse)
    yield
    page.unroute(where)
