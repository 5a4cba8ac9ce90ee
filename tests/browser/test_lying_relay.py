"""A relay that takes back what it has shown: the staff's pages notice, say so, and sign nothing meanwhile."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, Request, Response, Route, expect

from tests.browser.demo_world import DemoWorld
from tests.browser.desks import Reviewer
from tests.browser.staff import Staff, signed_in
from tests.browser.writing import write_letters

_MS = 40_000
_LOG = "**/log/**"
_REGISTER = "**/review/register"
WRITTEN = "Яблуня цвіте."


class Yesterday:
    """The log as the relay showed it once, to be shown again in the place of the one that it has now."""

    def __init__(self, page: Page, origin: str) -> None:
        """Listen to what is shown from now on."""
        self._page, self._origin = page, origin
        self._heard: list[Response] = []
        self._files: dict[str, bytes] = {}
        page.on("response", self._hear)

    def _hear(self, response: Response) -> None:
        self._heard.append(response)

    def ends(self) -> int:
        """Keep what was shown until now; gives the size of the log that the page saw."""
        self._page.remove_listener("response", self._hear)
        shown = [one for one in self._heard if "/log/" in one.url and one.ok]
        self._files = {one.url: one.body() for one in shown}
        return size_of(next(body for url, body in self._files.items() if url.endswith("/checkpoint")))

    @contextmanager
    def comes_back(self) -> Iterator[list[str]]:
        """Let the relay know nothing that came later; gives what is sent to it meanwhile."""
        sent: list[str] = []

        def asked(request: Request) -> None:
            sent.append(f"{request.method} {request.url.removeprefix(self._origin)}")

        self._page.route(_LOG, self._answer)
        self._page.on("request", asked)
        yield sent
        self._page.remove_listener("request", asked)
        self._page.unroute(_LOG)

    def _answer(self, route: Route) -> None:
        body = self._files.get(route.request.url)
        if body is None:
            route.fulfill(status=404, content_type="application/problem+json", body='{"code":"not_found"}')
        else:
            route.fulfill(body=body)


def size_of(checkpoint: bytes) -> int:
    """Read how many entries a checkpoint speaks of."""
    return int(checkpoint.split(b"\n")[1])


def locks(staff: Staff) -> None:
    """Lock the page by hand, as one does who leaves the room."""
    staff.presses("account.title")
    staff.page.get_by_role("button", name=staff.say("account.lock"), exact=True).click()
    staff.page.get_by_role("heading", name=staff.say("lock.title")).wait_for()


def types(staff: Staff, code: str, *, then: str) -> None:
    """Type a staff code, and press a button."""
    staff.page.get_by_label(staff.say("signin.code"), exact=True).fill(code)
    staff.page.get_by_role("button", name=staff.say(then), exact=True).click()


def unlocks(staff: Staff, code: str) -> None:
    """Open the lock, under which everything is as it was."""
    types(staff, code, then="lock.go")
    expect(staff.page.get_by_role("heading", name=staff.say("lock.title"))).to_have_count(0, timeout=_MS)
    assert staff.page.get_by_label(staff.say("side.translation")).input_value() == WRITTEN


def grows(world: DemoWorld, number: str, page: Page, size: int) -> None:
    """Have letters come in until the public log is longer."""
    write_letters(world, number, ["The cat sleeps.", "It rains."])
    checkpoint = f"{world.url}/log/1/checkpoint"
    while size_of(page.request.get(checkpoint).body()) <= size:
        page.wait_for_timeout(200)


def refuses(staff: Staff, code: str) -> None:
    """Say what happened, what is safe and what to do, under a code that operators know."""
    for words in (staff.say(f"problem.{code}"), staff.say(f"cure.{code}"), code):
        expect(staff.page.get_by_text(words, exact=True)).to_be_visible(timeout=_MS)


def test_what_the_relay_has_shown_it_cannot_take_back(own_world: DemoWorld, browser: Browser, tmp_path: Path):
    """A shorter log opens neither the lock nor the door, and a register that lacks a page is not read."""
    number, ann = own_world.reachable[10].number, own_world.staff["ann"]
    write_letters(own_world, number, ["The apple tree is in flower."])
    with signed_in(browser, own_world, "ann", looks=True) as staff:
        page, say = staff.page, staff.say
        Reviewer(staff).takes(number)
        page.get_by_label(say("side.translation")).fill(WRITTEN)
        locks(staff)
        staff.looks("locked")
        types(staff, own_world.staff["ben"].code, then="lock.go")
        refuses(staff, "wrong_key")
        yesterday = Yesterday(page, own_world.url)
        unlocks(staff, ann.code)
        size = yesterday.ends()

        grows(own_world, number, page, size)
        locks(staff)
        unlocks(staff, ann.code)
        locks(staff)
        with yesterday.comes_back() as sent:
            types(staff, ann.code, then="lock.go")
            refuses(staff, "log_shrunk")
            staff.looks("locked-log-shrunk")
            with page.expect_download() as download:
                staff.presses("dispute.seen")
            download.value.save_as(tmp_path / "seen.checkpoint")
            assert size_of((tmp_path / "seen.checkpoint").read_bytes()) > size
            assert not [one for one in sent if one.startswith("POST")]
        unlocks(staff, ann.code)

        leaves(staff)
        with yesterday.comes_back() as sent:
            types(staff, ann.code, then="signin.go")
            refuses(staff, "log_shrunk")
            staff.looks("sign-in-log-shrunk")
            assert not [one for one in sent if one.startswith("POST")]

        page.route(_REGISTER, without_its_first_page)
        types(staff, ann.code, then="signin.go")
        refuses(staff, "register_cut")
        staff.looks("register-cut")


def leaves(staff: Staff) -> None:
    """Sign out, and type the id again for the next time."""
    staff.presses("account.title")
    staff.page.get_by_role("button", name=staff.say("account.leave")).click()
    staff.page.get_by_role("heading", name=staff.say("signin.title")).wait_for()
    staff.page.get_by_label(staff.say("signin.staff")).fill(staff.member.id)


def without_its_first_page(route: Route) -> None:
    """Answer with the register's list, less the page that came first."""
    answer = route.fetch()
    members = answer.json()
    assert members["pages"], "the demo has a register"
    route.fulfill(response=answer, json=members | {"pages": members["pages"][1:]})
