"""Whether a relay serves the pages of its log, seen from elsewhere; and the staff's pages on a member's own machine."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from keys.errors import EvidenceBroken
from relay.cli import window
from relay.cli.window import PagesNotBuilt, PortTaken, open_window
from relay.client.faults import InsecureAddress
from relay.client.sites import SiteDiffers, SiteNotLogged, check_site
from relay.http.site import Site, SiteFile, load_site
from tests.http.a_site import FILES, a_site, build
from tests.http.client_world import ClientWorld, a_client_world


@pytest.fixture
def site(tmp_path: Path) -> Site:
    """Build a few pages."""
    return a_site(tmp_path / "built")


@asynccontextmanager
async def a_relay_with(folder: Path, site: Site, logged: Site | None) -> AsyncIterator[ClientWorld]:
    """Serve pages, after logging those or others."""
    async with a_client_world(folder, site=site) as world:
        if logged is not None:
            await world.announce(logged.digest)
        await world.publish()
        yield world


async def test_the_pages_of_the_log_pass(tmp_path: Path, site: Site):
    """Every file was fetched and compared; the staff's page is not served here, and so not to anybody."""
    async with a_relay_with(tmp_path / "relay", site, site) as world:
        checked = await check_site(world.connection, await world.book())
    assert (checked.manifest, checked.files) == (site.digest, len(FILES) - 1)


@pytest.mark.parametrize("path", ["/index.html", "/assets/families-1.js", "/sw.js"])
async def test_another_file_is_found(tmp_path: Path, site: Site, path: str):
    """Even if nothing else differs: a script that sends the letter elsewhere, say."""
    other = SiteFile(b"fetch('https://elsewhere.example')", b"", site.files[path].media_type)
    served = replace(site, files={**site.files, path: other})
    async with a_relay_with(tmp_path / "relay", served, site) as world:
        with pytest.raises(SiteDiffers) as caught:
            await check_site(world.connection, await world.book())
    assert (caught.value.step, path in str(caught.value)) == ("12.2", True)


async def test_another_policy_is_found(tmp_path: Path, site: Site):
    """The same script may do more under it."""
    async with a_relay_with(tmp_path / "relay", replace(site, policy="default-src *"), site) as world:
        with pytest.raises(EvidenceBroken, match=r"12\.3"):
            await check_site(world.connection, await world.book())


async def test_pages_that_are_not_logged_are_found(tmp_path: Path, site: Site):
    """Never logged, or replaced in the log since."""
    other = replace(site, manifest=b"another")
    async with a_relay_with(tmp_path / "relay", site, site) as world:
        await world.announce(other.digest)
        await world.publish()
        with pytest.raises(SiteNotLogged):
            await check_site(world.connection, await world.book())


# ---------------------------------------------------------------- on a member's own machine


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """Install pages that are not those of the relay."""
    site = load_site(build(tmp_path / "own", files={**FILES, "/staff.html": b"my own pages"}))
    assert site is not None
    monkeypatch.setattr(window, "load_site", lambda: site)
    return site


async def test_the_pages_come_from_here_and_the_answers_from_there(tmp_path: Path, site: Site, installed: Site):
    """The relay cannot give other pages, nor say whom to trust; what they ask goes through with its bearer."""
    async with a_relay_with(tmp_path / "relay", site, site) as world:
        session = await world.session("ann")
        async with (
            open_window(world.connection.url, fingerprint="ab" * 32, port=0) as url,
            aiohttp.ClientSession() as browser,
        ):
            origin = url.removesuffix("/staff/")
            async with browser.get(url) as page:
                assert (await page.read(), page.headers["Content-Security-Policy"]) == (b"my own pages", site.policy)
            facts = await (await browser.get(origin + "/site.json")).json()
            assert (facts["relay"], facts["fingerprint"], facts["pinned"]) == (world.relay, "ab" * 32, True)
            asked = {"Authorization": f"Bearer {session.bearer}"}
            me = await (await browser.get(origin + "/staff/session", headers=asked)).json()
            assert me["staff"] == world.staff["ann"].member.id
            refused = await browser.get(origin + "/staff/session")
            assert (refused.status, refused.content_type) == (401, "application/problem+json")


async def test_nobody_else_is_answered(tmp_path: Path, site: Site, installed: Site):
    """Not another name that points here, nor another site's script."""
    async with (
        a_relay_with(tmp_path / "relay", site, None) as world,
        open_window(world.connection.url, fingerprint="ab" * 32, port=0) as url,
        aiohttp.ClientSession() as browser,
    ):
        assert (await browser.get(url, headers={"Host": "elsewhere.example"})).status == 421
        assert (await browser.get(url, headers={"Sec-Fetch-Site": "cross-site"})).status == 403
        assert (await browser.get(url + "../assets/nothing.js")).status == 404
        port = int(url.split(":")[2].split("/")[0])
        with pytest.raises(PortTaken):
            async with open_window(world.connection.url, fingerprint="ab" * 32, port=port):
                pass


async def test_a_relay_that_does_not_answer_is_said_so(installed: Site):
    """In the words of a problem, which the pages know."""
    async with (
        open_window("http://127.0.0.1:9", fingerprint="ab" * 32, port=0) as url,
        aiohttp.ClientSession() as browser,
    ):
        answer = await browser.get(url.replace("/staff/", "/directory"))
        assert (answer.status, (await answer.json(content_type=None))["code"]) == (502, "unreachable")


async def test_it_needs_pages_and_a_safe_way_to_the_relay(installed: Site, monkeypatch: pytest.MonkeyPatch):
    """Otherwise it does not begin."""
    with pytest.raises(InsecureAddress):
        async with open_window("http://relay.example", fingerprint="ab" * 32, port=0):
            pass
    monkeypatch.setattr(window, "load_site", lambda: None)
    with pytest.raises(PagesNotBuilt):
        async with open_window("http://127.0.0.1:9", fingerprint="ab" * 32, port=0):
            pass
