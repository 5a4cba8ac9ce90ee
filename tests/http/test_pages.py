"""The pages: whole without scripts, honest about what is not there yet, and safe with any name."""

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from relay.http.binding import Frame, bind
from relay.http.health import Health
from relay.http.interface import docs_page
from relay.http.openapi import spec
from relay.http.pages import Pages
from relay.http.startpage import PAGE_HEADERS, RelayFacts, start_page
from tests.http.toy import TOY, ToyAuthenticator

OPEN = RelayFacts("relay.example", "ab" * 16, "0123456789abcdef" * 4, "/log/1", is_open=True)
CLOSED = RelayFacts("relay.example", "ab" * 16, None, None, is_open=False)


class Outline(HTMLParser):
    """Checks that elements nest, and collects ids, links and everything that would be loaded or run."""

    VOID = frozenset({"meta"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.active: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note one element."""
        if tag not in self.VOID:
            self.open.append(tag)
        named = dict(attrs)
        self.ids += [named["id"] or ""] if "id" in named else []
        self.links += [named["href"] or ""] if tag == "a" else []
        if tag in {"script", "link", "img", "iframe", "form", "object"} or {"style", "src"} & set(named):
            self.active.append(tag)
        self.active += [name for name in named if name.startswith("on")]

    def handle_endtag(self, tag: str) -> None:
        """Close one element."""
        assert self.open.pop() == tag, self.getpos()


def _outline(page: str) -> Outline:
    outline = Outline()
    outline.feed(page)
    outline.close()
    return outline


async def _pages(facts: RelayFacts, *paths: str) -> list[tuple[ClientResponse, str]]:
    app = web.Application()
    table = Pages(lambda: facts, version="1").with_pages((*Health({}).endpoints(), *TOY))
    bind(app, table, Frame(authenticator=ToyAuthenticator(), is_open=lambda: facts.is_open))
    async with TestClient(TestServer(app)) as client:
        found = []
        for path in paths:
            response = await client.get(path)
            assert response.status == 200
            found.append((response, await response.text()))
        return found


@pytest.mark.parametrize("facts", [OPEN, CLOSED], ids=["open", "closed"])
async def test_the_pages_are_whole_and_load_nothing(facts: RelayFacts):
    """Elements nest, ids are unique, links within the relay lead somewhere, and nothing is fetched or run."""
    for response, page in await _pages(facts, "/", "/docs"):
        outline = _outline(page)
        assert outline.open == []
        assert outline.active == []
        assert len(set(outline.ids)) == len(outline.ids)
        assert {link[1:] for link in outline.links if link.startswith("#")} <= set(outline.ids)
        assert all(link.startswith(("#", "/")) for link in outline.links)
        assert response.headers["Content-Type"] == "text/html; charset=utf-8"


async def test_the_policy_allows_the_one_style_sheet_that_is_there():
    """By its hash: one byte more, and the browser ignores it."""
    ((response, page),) = await _pages(OPEN, "/")
    styles = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(style.encode()).digest()).decode() for style in styles]

    policy = response.headers["Content-Security-Policy"]
    assert len(digests) == 1
    assert f"style-src 'sha256-{digests[0]}'" in policy
    assert policy == PAGE_HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy


async def test_the_start_page_shows_the_whole_fingerprint_in_groups():
    """It is compared with paper by eye."""
    ((_, page),) = await _pages(OPEN, "/")

    groups = re.findall(r"<li>([0-9a-f]{4})</li>", page)
    assert "".join(groups) == OPEN.fingerprint
    assert 'href="/log/1/checkpoint"' in page


async def test_a_relay_that_is_not_open_says_so_and_shows_no_fingerprint():
    """Better no number than one that is not yet true."""
    ((_, page),) = await _pages(CLOSED, "/")

    assert "Not open yet" in page
    assert "fingerprint" not in re.sub(r"<style>.*?</style>", "", page, flags=re.DOTALL)
    assert "/checkpoint" not in page


async def test_the_docs_name_every_address_and_every_problem():
    """By audience, each with its roles, limits and problems."""
    ((_, docs), (_, described)) = await _pages(OPEN, "/docs", "/openapi.json")

    for endpoint in TOY:
        assert f'<details id="{endpoint.name}">' in docs
        assert endpoint.template in docs
        for kind in endpoint.problems:
            assert f'<code id="problem-{kind.code}">' in docs
    assert "Roles: reviewer, senior" in docs
    assert "at most 8,192 bytes" in docs
    assert '"openapi":"3.1.0"' in described


def test_an_audience_without_an_address_is_not_mentioned():
    """A relay without machines has no section about them."""
    docs = docs_page(spec(TOY[3:4], title="toy", version="1"), OPEN)

    assert 'id="public"' in docs
    assert 'id="machine"' not in docs


def test_a_demo_says_that_it_is_one():
    """On every page, before anything else."""
    demo = RelayFacts("relay.example", "ab" * 16, "0f" * 32, "/log/1", is_open=True, is_demo=True)

    assert '<aside class="demo">DEMO: NEVER WRITE REAL NAMES</aside>' in start_page(demo)
    assert "DEMO" not in start_page(OPEN)


def test_a_name_is_shown_as_text():
    """Even the operator's own."""
    facts = RelayFacts('<script>"&', "<b>", "<i>" * 3, "/log/<1>", is_open=False)

    assert "<script>" not in start_page(facts)
    assert "<b>" not in start_page(facts)
    assert "<i>" not in start_page(facts)
    assert _outline(start_page(facts)).active == []


async def test_a_relay_that_waits_for_its_directory_shows_its_fingerprint_already():
    """Trust may be published before the directory is."""
    facts = RelayFacts("relay.example", "ab" * 16, "0f" * 32, None, is_open=False)
    ((_, page),) = await _pages(facts, "/")

    assert "the first directory is still missing" in page
