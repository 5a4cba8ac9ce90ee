"""
The staff's pages on a member's own machine: the installed files, and a way through to the relay for what they ask.

A relay that serves pages could serve one that keeps a reviewer's keys. These come from the package that was installed
here, and the trust is the one that was given on the command line. Only this machine's browser is answered: the name in
`Host` must be this machine's own, so that no other site can have its name point here, and requests that another site
makes the browser send are refused.
"""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

import aiohttp
from aiohttp import hdrs, web

from keys.errors import Refused
from relay.client.faults import Unreachable
from relay.client.transport import Connection
from relay.http.pages import built_answer
from relay.http.site import STAFF, Site, load_site

_HOST: Final = "127.0.0.1"
#: What goes through to the relay, and what comes back.
_SENT: Final = (hdrs.AUTHORIZATION, hdrs.CONTENT_TYPE, hdrs.ACCEPT)
_GIVEN: Final = (hdrs.CONTENT_TYPE, hdrs.RETRY_AFTER, hdrs.WWW_AUTHENTICATE, hdrs.CACHE_CONTROL)
_MAX_BODY_BYTES: Final = 64 * 1_048_576
_TIMEOUT: Final = aiohttp.ClientTimeout(total=300, sock_connect=15)


class PagesNotBuilt(Refused):
    """There are no pages in this installation."""

    code = "pages_not_built"
    cure = "Run `make install` in the checkout, or install a package that has them."


class PortTaken(Refused):
    """Something else listens on this port already."""

    code = "port_taken"
    cure = "Name another port with --port."


@asynccontextmanager
async def open_window(relay_url: str, *, fingerprint: str, port: int) -> AsyncIterator[str]:
    """
    Serve the pages on this machine while the block runs.

    Args:
        relay_url: Where the relay is; https://, or http:// on this machine.
        fingerprint: Whom to trust, 64 hex digits; the pages take it from here and from nowhere else.
        port: On 127.0.0.1; 0 takes any.

    Yields:
        The address to open. It says ``localhost``, because passkeys belong to a name and not to a number.

    Raises:
        PagesNotBuilt, PortTaken: As they say.
        InsecureAddress: The relay's address would carry secrets in the clear.
    """
    site = load_site()
    if site is None:
        raise PagesNotBuilt
    relay = Connection(relay_url).url
    async with aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(), auto_decompress=False, timeout=_TIMEOUT
    ) as session:
        window = _Window(site, relay, fingerprint, session)
        runner = web.AppRunner(window.app(), access_log=None, shutdown_timeout=2)
        await runner.setup()
        try:
            try:
                await web.TCPSite(runner, _HOST, port).start()
            except OSError:
                raise PortTaken from None
            window.port = runner.addresses[0][1]
            yield f"http://localhost:{window.port}/staff/"
        finally:
            await runner.cleanup()


class _Window:
    """What is answered here, and what the relay is asked."""

    def __init__(self, site: Site, relay: str, fingerprint: str, session: aiohttp.ClientSession) -> None:
        self.port = 0
        self._site = site
        self._relay = relay
        self._fingerprint = fingerprint
        self._session = session

    def app(self) -> web.Application:
        """Make the application."""
        app = web.Application(client_max_size=_MAX_BODY_BYTES, middlewares=[self._own_browser])
        app.router.add_get("/", self._front)
        app.router.add_get("/staff/", self._page)
        app.router.add_get("/assets/{name}", self._asset)
        app.router.add_get("/site.json", self._facts)
        app.router.add_route("*", "/{path:.*}", self._through)
        return app

    @web.middleware
    async def _own_browser(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        ours = {f"localhost:{self.port}", f"{_HOST}:{self.port}"}
        if request.headers.get(hdrs.HOST) not in ours:
            return web.Response(status=421, text="This is not the name of this machine.\n")
        if request.headers.get("Sec-Fetch-Site", "none") not in {"same-origin", "none"}:
            return web.Response(status=403, text="Another site has sent this request.\n")
        return await handler(request)

    async def _front(self, _: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/staff/")

    async def _page(self, _: web.Request) -> web.StreamResponse:
        return self._built(STAFF)

    async def _asset(self, request: web.Request) -> web.StreamResponse:
        return self._built(f"/assets/{request.match_info['name']}")

    def _built(self, path: str) -> web.StreamResponse:
        file = self._site.files.get(path)
        if file is None:
            raise web.HTTPNotFound
        answer = built_answer(self._site, path, file, packed=False)
        headers = {"Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff", **answer.headers}
        if path == STAFF:
            headers[hdrs.CACHE_CONTROL] = "no-store"
        return web.Response(body=file.data, headers=headers)

    async def _facts(self, request: web.Request) -> web.StreamResponse:
        """Say which relay this is; whom to trust is said here, and not there."""
        answered = await self._ask(request)
        if answered.status != 200 or not isinstance(answered.body, bytes):
            return answered
        facts = json.loads(answered.body) | {"fingerprint": self._fingerprint, "pinned": True}
        return web.json_response(facts, headers={hdrs.CACHE_CONTROL: "no-store"})

    async def _through(self, request: web.Request) -> web.StreamResponse:
        return await self._ask(request)

    async def _ask(self, request: web.Request) -> web.Response:
        headers: dict[str, str] = {name: request.headers[name] for name in _SENT if name in request.headers}
        headers[hdrs.ACCEPT_ENCODING] = "identity"
        body = await request.read() if request.can_read_body else None
        try:
            async with self._session.request(
                request.method, self._relay + request.path_qs, data=body, headers=headers, allow_redirects=False
            ) as response:
                given: dict[str, str] = {name: response.headers[name] for name in _GIVEN if name in response.headers}
                return web.Response(status=response.status, body=await response.read(), headers=given)
        except (aiohttp.ClientError, TimeoutError, OSError):
            return _unreachable()


def _unreachable() -> web.Response:
    problem = {"code": Unreachable.code, "title": str(Unreachable()), "cure": Unreachable.cure, "status": 502}
    return web.json_response(problem, status=502, content_type="application/problem+json")
