"""The relay's own pages: what was built from `web/`, what the relay says of itself, and the interface in words."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Annotated

from aiohttp import web
from pydantic import BaseModel, Field

from relay.http.calls import Answer, AnyQuery, Audience, Call, Handler, Strict
from relay.http.endpoints import Endpoint, Media, NotFound
from relay.http.interface import docs_page
from relay.http.openapi import spec
from relay.http.site import FAMILIES, STAFF, Site, SiteFile
from relay.http.startpage import PAGE_HEADERS, RelayFacts, start_page


class AssetPath(Strict):
    """A file of the pages: a name that changes with its content."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9_.-]{1,128}$")]


class SiteLimits(Strict):
    """How much a letter may hold: characters, pictures, and bytes of each."""

    text: int
    enclosures: int
    enclosure_bytes: int


class SiteFacts(Strict):
    """What a page asks first: which relay this is, and how much it takes."""

    name: str
    relay: str
    fingerprint: str | None = None
    log: str | None = None
    open: bool
    demo: bool
    limits: SiteLimits


class Pages:
    """The pages of one relay: ``/``, ``/about``, ``/docs`` and ``/openapi.json``, and what was built from `web/`."""

    __slots__ = ("_docs", "_facts", "_serve_docs", "_serve_staff", "_site", "_spec", "_version")

    def __init__(
        self,
        facts: Callable[[], RelayFacts],
        *,
        version: str,
        site: Site | None = None,
        serve_docs: bool = True,
        serve_staff: bool = False,
    ) -> None:
        """
        Prepare the pages.

        Args:
            facts: Asked at each view of the start page, because a relay opens while it runs.
            version: The version of the software.
            site: The pages for families and staff; without them, ``/`` says what this relay is.
            serve_docs: Whether the interface is described.
            serve_staff: Whether the staff's pages are served too. Staff should use their own installed client instead.
        """
        self._facts = facts
        self._version = version
        self._site = site
        self._serve_docs = serve_docs
        self._serve_staff = serve_staff and site is not None
        self._spec = b""
        self._docs = b""

    def with_pages(self, endpoints: Sequence[Endpoint]) -> tuple[Endpoint, ...]:
        """Give the whole table, pages included, and render its description once."""
        whole = (*self._endpoints(), *endpoints)
        described = spec(whole, title=f"Letter Relay at {self._facts().name}", version=self._version)
        self._spec = json.dumps(described, ensure_ascii=False, separators=(",", ":")).encode()
        self._docs = docs_page(described, self._facts()).encode()
        return whole

    def _endpoints(self) -> Iterator[Endpoint]:
        yield _page_at("/about", "about_page", "What this relay is", self.about)
        if self._serve_docs:
            yield _page_at("/docs", "docs_page", "The interface, in words", self.docs)
            openapi = "The interface, as OpenAPI 3.1"
            yield _page_at("/openapi.json", "openapi", openapi, self.openapi, "application/json")
        yield _page_at("/site.json", "site_facts", "What a page asks first", self.site_facts, SiteFacts)
        if self._site is None:
            yield _page_at("/", "start_page", "What this relay is", self.about)
            return
        yield _page_at("/", "family_page", "The page on which families write", self.family_page)
        yield _page_at("/manifest.json", "manifest", "Every file of the pages", self.manifest, "application/json")
        worker = _page_at(
            "/sw.js",
            "service_worker",
            "What lets the page start without a network",
            self.service_worker,
            "text/javascript",
        )
        yield replace(worker, errors=(NotFound,))
        yield Endpoint(
            method="GET",
            path="/assets/{name}",
            name="asset",
            summary="A file of the pages",
            audience=Audience.PUBLIC,
            handler=self.asset,
            query_model=AnyQuery,
            path_model=AssetPath,
            answer=Media("application/octet-stream"),
            errors=(NotFound,),
            before_opening=True,
        )
        if self._serve_staff:
            yield _page_at("/staff/", "staff_page", "The pages on which staff work", self.staff_page)

    async def about(self, _: Call[None, None, AnyQuery]) -> Answer:
        """Say what this relay is."""
        return Answer(start_page(self._facts(), has_pages=self._site is not None).encode(), headers=PAGE_HEADERS)

    async def docs(self, _: Call[None, None, AnyQuery]) -> Answer:
        """Show the interface in words."""
        return Answer(self._docs, headers=PAGE_HEADERS)

    async def openapi(self, _: Call[None, None, AnyQuery]) -> bytes:
        """Give the interface to programs."""
        return self._spec

    async def site_facts(self, _: Call[None, None, AnyQuery]) -> SiteFacts:
        """Say which relay this is, and how much it takes."""
        return site_facts(self._facts())

    async def family_page(self, call: Call[None, None, AnyQuery]) -> Answer:
        """Give the family page."""
        return self._built(call.request, FAMILIES)

    async def staff_page(self, call: Call[None, None, AnyQuery]) -> Answer:
        """Give the staff's pages."""
        return self._built(call.request, STAFF)

    async def service_worker(self, call: Call[None, None, AnyQuery]) -> Answer:
        """Give the service worker, which has to lie where the pages do."""
        return self._built(call.request, "/sw.js")

    async def asset(self, call: Call[None, None, AnyQuery, AssetPath]) -> Answer:
        """Give a file of the pages; it never changes under its name."""
        return self._built(call.request, f"/assets/{call.path.name}")

    async def manifest(self, _: Call[None, None, AnyQuery]) -> bytes:
        """Give the manifest, whose digest is in the log."""
        return b"" if self._site is None else self._site.manifest

    def _built(self, request: web.Request, path: str) -> Answer:
        file = None if self._site is None else self._site.files.get(path)
        if self._site is None or file is None:
            raise NotFound
        return built_answer(self._site, path, file, packed="gzip" in request.headers.get("Accept-Encoding", ""))


def built_answer(site: Site, path: str, file: SiteFile, *, packed: bool) -> Answer:
    """Give a built file with its headers: a page may do what the manifest's policy says, and no more."""
    headers = {"Content-Type": file.media_type, "Vary": "Accept-Encoding", "Content-Security-Policy": site.policy}
    if packed:
        headers["Content-Encoding"] = "gzip"
    if path.startswith("/assets/"):
        headers["Cache-Control"] = "public, max-age=31536000, immutable"
    if path.endswith(".html"):
        # The pages read codes of address cards, covers and sheets; nothing else gets the camera.
        headers |= {"Permissions-Policy": "camera=(self), geolocation=(), microphone=()"}
        headers |= {"Cross-Origin-Opener-Policy": "same-origin"}
    return Answer(file.packed if packed else file.data, headers=headers)


def site_facts(facts: RelayFacts) -> SiteFacts:
    """Say which relay this is, and how much it takes, for a page to read."""
    return SiteFacts(
        name=facts.name,
        relay=facts.relay_id,
        fingerprint=facts.fingerprint,
        log=facts.log_path,
        open=facts.is_open,
        demo=facts.is_demo,
        limits=SiteLimits(
            text=facts.text_characters, enclosures=facts.enclosures, enclosure_bytes=facts.enclosure_bytes
        ),
    )


def _page_at(
    path: str, name: str, summary: str, handler: Handler, answer: str | type[BaseModel] = "text/html; charset=utf-8"
) -> Endpoint:
    return Endpoint(
        method="GET",
        path=path,
        name=name,
        summary=summary,
        audience=Audience.PUBLIC,
        handler=handler,
        query_model=AnyQuery,
        answer=Media(answer) if isinstance(answer, str) else answer,
        before_opening=True,
    )
