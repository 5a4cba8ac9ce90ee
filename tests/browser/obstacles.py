"""What stands in a page's way, as life puts it there: a lost network, a relay that refuses or lies, a full device."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page, Route

Handler = Callable[[Route], None]

#: For `a_screen`: the service worker would answer from its store where the network is asked to lie.
NO_STORE: dict[str, Any] = {"service_workers": "block"}
#: The file of the family page's Worker; what runs in it is out of reach of scripts that Playwright adds to pages.
WORKER = "**/assets/vault.worker-*.js"
_ENCODED = ("content-encoding", "content-length")


@contextmanager
def between(page: Page, address: str, handler: Handler) -> Iterator[None]:
    """Stand between the page and the relay at one address (a glob) while the block runs."""
    page.route(address, handler)
    try:
        yield
    finally:
        page.unroute(address, handler)


@contextmanager
def held_up(page: Page, address: str) -> Iterator[None]:
    """Let what is asked at an address hang while the block runs, as on a very slow line; then it goes on."""
    waiting: list[Route] = []

    def hold(route: Route) -> None:
        waiting.append(route)

    with between(page, address, hold):
        yield
        while waiting:
            waiting.pop().continue_()


def lost(route: Route) -> None:
    """Let nothing arrive, and no answer come."""
    route.abort("internetdisconnected")


def lost_after(route: Route) -> None:
    """Let the request arrive, and lose the answer."""
    route.fetch()
    route.abort("connectionreset")


def refused(status: int, code: str, *, wait: int | None = None) -> Handler:
    """
    Answer as the relay does when it refuses something (docs/spec/problems.md).

    Args:
        wait: The seconds of Retry-After.
    """
    problem = {"type": f"urn:letter-relay:problem:{code}", "status": status, "code": code}
    headers = {"Content-Type": "application/problem+json"} | ({} if wait is None else {"Retry-After": str(wait)})
    return lambda route: route.fulfill(status=status, headers=headers, body=json.dumps(problem))


def altered(change: Callable[[str], str]) -> Handler:
    """Pass what the relay answers on, with its text changed."""

    def answer(route: Route) -> None:
        given = route.fetch()
        headers = {name: value for name, value in given.headers.items() if name not in _ENCODED}
        route.fulfill(status=given.status, headers=headers, body=change(given.text()))

    return answer


def altered_json(change: Callable[[Any], None]) -> Handler:
    """Pass what the relay answers on, with its JSON changed in place."""

    def changed(text: str) -> str:
        value = json.loads(text)
        change(value)
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    return altered(changed)


def in_worker(script: str) -> Handler:
    """Run a script in the Worker before its own."""
    return altered(lambda own: f"{script}\n{own}")


def clock_ahead(days: int) -> str:
    """Set a device's clock wrong; for `in_worker`."""
    return f"{{ const now = Date.now; Date.now = () => now() + {days * 86_400_000}; }}"


@contextmanager
def full(page: Page) -> Iterator[None]:
    """Fill the device up while the block runs: it gives the page no room to keep anything in."""
    session = page.context.new_cdp_session(page)
    session.send("Storage.overrideQuotaForOrigin", {"origin": page.evaluate("location.origin"), "quotaSize": 1})
    try:
        yield
    finally:
        session.detach()


def waits_until_kept(page: Page, name: str, *, pictures: int = 0) -> None:
    """Wait until something lies on the device under a name, such as ``draft``; what it says is encrypted."""
    for _ in range(_KEPT_TRIES):
        if page.evaluate(_KEPT, name) == pictures:
            return
        page.wait_for_timeout(_KEPT_PAUSE_MS)
    raise AssertionError(f"{name} was not kept")


_KEPT_TRIES = 150
_KEPT_PAUSE_MS = 200
#: How many larger files lie beside what is kept under a name; null if there is none. A database that is not there yet
#: must not be opened: that would make it, and without what the page puts into it.
_KEPT = """async (name) => {
  if (!(await indexedDB.databases()).some((one) => one.name === "page")) return null;
  const box = await new Promise((resolve, reject) => {
    const opening = indexedDB.open("page");
    opening.onerror = reject;
    opening.onsuccess = () => {
      const asking = opening.result.transaction("boxes").objectStore("boxes").get(name);
      asking.transaction.oncomplete = () => {
        opening.result.close();
        resolve(asking.result);
      };
    };
  });
  return box ? box.beside.length : null;
}"""
