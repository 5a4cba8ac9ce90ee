"""The built pages: served as their manifest names them, logged when the relay starts, and nothing beside them."""

import asyncio
import gzip
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from relay.custody.entry import SiteEntry, parse_entry
from relay.custody.verify import verify
from relay.http.site import MANIFEST, SiteBroken, load_site
from relay.ledger.site import Announcer
from relay.storage.custody_log import load_authority
from tests.http.a_site import FILES, POLICY, a_site, build
from tests.http.client_world import a_client_world
from tests.http.relay_world import ServedWorld, a_checked_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ServedWorld]:
    """Serve a relay with pages."""
    site = a_site(tmp_path / "built")
    async with a_checked_world(tmp_path, site=site, http={"serve_staff_pages": True}) as served:
        yield served


@pytest.mark.parametrize(
    ("path", "file", "media_type"),
    [
        ("/", "/index.html", "text/html; charset=utf-8"),
        ("/?utm_source=messenger", "/index.html", "text/html; charset=utf-8"),
        ("/staff/", "/staff.html", "text/html; charset=utf-8"),
        ("/sw.js", "/sw.js", "text/javascript; charset=utf-8"),
        ("/assets/families-1.js", "/assets/families-1.js", "text/javascript; charset=utf-8"),
        ("/assets/families-1.css", "/assets/families-1.css", "text/css; charset=utf-8"),
        ("/assets/uk-1.json", "/assets/uk-1.json", "application/json"),
    ],
)
async def test_each_file_is_served_with_the_policy_of_the_manifest(
    world: ServedWorld, path: str, file: str, media_type: str
):
    """Whole or compressed, as its own kind; only files whose name changes with them are kept by browsers."""
    for packed in (False, True):
        headers = {"Accept-Encoding": "gzip" if packed else "identity"}
        response = await world.client.get(path, headers=headers, auto_decompress=False)
        body = await response.read()
        assert (gzip.decompress(body) if packed else body) == FILES[file]
        assert response.headers["Content-Type"] == media_type
        assert response.headers["Content-Security-Policy"] == POLICY
        assert ("immutable" in response.headers["Cache-Control"]) == path.startswith("/assets/")
        assert response.headers["Vary"] == "Accept-Encoding"


async def test_only_pages_that_read_cards_get_the_camera(world: ServedWorld):
    """And nothing gets the place or the microphone."""
    page, script = await world.client.get("/"), await world.client.get("/assets/families-1.js")
    assert page.headers["Permissions-Policy"] == "camera=(self), geolocation=(), microphone=()"
    assert script.headers["Permissions-Policy"] == "camera=(), geolocation=(), microphone=()"


@pytest.mark.parametrize("path", ["/assets/nothing.js", "/assets/..%2Findex.html", "/index.html", "/staff.html"])
async def test_nothing_else_is_served(world: ServedWorld, path: str):
    """Not what the manifest does not name, nor a page at a second address."""
    assert (await world.client.get(path)).status in {404, 422}


async def test_a_page_is_told_which_relay_this_is(world: ServedWorld):
    """Before anything is signed or sealed; all of it is public."""
    facts = await (await world.client.get("/site.json")).json()
    assert facts["relay"] == world.relay
    assert facts["limits"] == {"text": 8_000, "enclosures": 3, "enclosure_bytes": 4_194_304}
    assert (facts["open"], facts["demo"], facts["log"]) == (True, False, "/log/1")
    assert (await (await world.client.get("/about")).text()).count(facts["fingerprint"][:4])


async def test_without_staff_pages_there_are_none(tmp_path: Path):
    """They are off unless somebody turns them on."""
    async with a_checked_world(tmp_path, site=a_site(tmp_path / "built")) as world:
        assert (await world.client.get("/staff/")).status == 404


async def test_without_built_pages_the_relay_says_what_it_is(tmp_path: Path):
    """The relay works without them, for clients."""
    async with a_checked_world(tmp_path) as world:
        assert "Its pages are not installed" in await (await world.client.get("/")).text()
        assert (await world.client.get("/manifest.json")).status == 404


@pytest.mark.parametrize("how", ["changed", "missing", "no manifest", "another policy"])
def test_pages_that_are_not_those_of_the_manifest_are_not_served(tmp_path: Path, how: str):
    """A relay that cannot vouch for what it gives out does not start."""
    folder = build(tmp_path)
    if how == "changed":
        (folder / "sw.js").write_bytes(b"fetch('https://elsewhere.example');")
    elif how == "missing":
        (folder / "sw.js").unlink()
    else:
        (folder / MANIFEST).write_text(
            "{}" if how == "no manifest" else '{"v":1,"policy":1,"files":{}}', encoding="utf-8"
        )
    with pytest.raises(SiteBroken):
        load_site(folder)


def test_no_pages_are_no_fault(tmp_path: Path):
    """A checkout in which nothing was built yet."""
    assert load_site(tmp_path) is None


# ---------------------------------------------------------------- the log


async def _logged(world: ServedWorld) -> list[tuple[int, str]]:
    async with world.storage.read() as connection:
        return [(row.log_index, row.note) for row in await load_authority(connection) if row.kind == "site"]


async def test_the_manifest_is_logged_once_the_relay_is_open(tmp_path: Path):
    """It waits for the first directory; the same pages again are not logged again, and others are, and those before."""
    site = a_site(tmp_path / "built")
    async with a_checked_world(tmp_path, site=site) as world:
        for _ in range(40):
            if await _logged(world):
                break
            await asyncio.sleep(0.1)
        assert [digest for _, digest in await _logged(world)] == [hashlib.sha256(site.manifest).hexdigest()]

        for digest in (site.digest, "ab" * 32, site.digest):
            announcer = Announcer(world.storage, world.ledger, digest)
            await announcer.start()
            await announcer.stop()
        assert [digest for _, digest in await _logged(world)] == [site.digest, "ab" * 32, site.digest]


async def test_an_auditor_finds_the_pages_in_the_log(tmp_path: Path):
    """In the clear, beside trust and directories; and the audit counts them."""
    site = a_site(tmp_path / "built")
    async with a_client_world(tmp_path) as world:
        announcer = Announcer(world.served.services.storage, world.served.services.ledger, site.digest)
        await announcer.start()
        await world.publish()
        report = verify(await (await world.auditor()).fetch(), fingerprint=world.fingerprint).report
        assert report.entries["site"] == 1


def test_a_site_entry_is_read_back():
    """From the bytes that the log has."""
    assert parse_entry(b'letter-relay/entry/v1 site\n{"manifest":"' + b"ab" * 32 + b'"}\n') == SiteEntry("ab" * 32)
