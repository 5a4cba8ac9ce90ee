"""
The relay's own pages: a start page that says what this is, and the interface in words, rendered here from the table.

No script, no font, no image from anywhere, this relay included: the policy allows one style sheet, by its hash.
"""

import hashlib
import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from typing import Annotated, Any, Final

from aiohttp import web
from pydantic import BaseModel, Field

from relay.http.calls import Answer, AnyQuery, Audience, Call, Handler, Strict
from relay.http.endpoints import Endpoint, Media, NotFound
from relay.http.openapi import AUDIENCES, spec
from relay.http.site import FAMILIES, STAFF, Site, SiteFile

_CSS: Final = Path(__file__).with_name("pages.css").read_text(encoding="utf-8")
_CSS_HASH: Final = b64encode(hashlib.sha256(_CSS.encode()).digest()).decode()

PAGE_HEADERS: Final = {
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_CSS_HASH}'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
}
_POSTMARK: Final = Path(__file__).with_name("postmark.svg").read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class RelayFacts:
    """What the start page says of this relay; all of it is public."""

    name: str
    relay_id: str
    #: Of trust, 64 hex digits; None until trust is published.
    fingerprint: str | None
    #: Such as ``/log/1``; None until there is a checkpoint.
    log_path: str | None
    is_open: bool
    is_demo: bool = False
    #: How much a letter may hold.
    text_characters: int = 8_000
    enclosures: int = 3
    enclosure_bytes: int = 4_194_304


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


# ---------------------------------------------------------------- the start page


def start_page(facts: RelayFacts, *, has_pages: bool = False) -> str:
    """Say what this relay is, how to know that it is the right one, and where to go on."""
    writing = (
        'Letters are written <a href="/">on the first page</a>, or with the <code>letter-relay</code> client.'
        if has_pages
        else "Its pages are not installed: letters are written and read with the <code>letter-relay</code> client."
    )
    return _page(
        facts.name,
        facts,
        f"""<main>
<header><h1>{escape(facts.name)}</h1>{_POSTMARK}</header>
<p class="lead">Families write. The mediator reads. The relay cannot. Anyone can prove where a letter has been.</p>
<p>This is a post office between two sides of a conflict. It carries sealed letters between people who are held and
their families, by way of a neutral mediator. It has no key that opens them, and it writes every change of hands into
a log that nobody can rewrite unnoticed.</p>
{_trust(facts)}
<h2>Where to go from here</h2>
<ul class="links">{"".join(_links(facts))}</ul>
<p class="soft">{writing} This page asks for no name, sets no cookie, and loads nothing from anywhere.</p>
</main>""",
    )


def _trust(facts: RelayFacts) -> str:
    """Show the fingerprint in groups that can be compared with paper, or say that there is none yet."""
    if facts.fingerprint is None:
        return """<section class="card"><h2>Not open yet</h2>
<p>The operators have not published this relay’s trust and its first directory. Nothing can be sent until they have.</p>
</section>"""
    groups = (facts.fingerprint[start : start + 4] for start in range(0, len(facts.fingerprint), 4))
    items = "".join(f"<li>{escape(group)}</li>" for group in groups)
    waiting = "" if facts.is_open else "<p><strong>Not open yet:</strong> the first directory is still missing.</p>"
    return f"""<section class="card"><h2>Trust fingerprint</h2>
<ol class="fingerprint mono" aria-label="Trust fingerprint, in groups of four">{items}</ol>
<p>Compare it with the one printed on the address card, the receipt or the leaflet: every group. If one differs, this is
not the relay that the paper speaks of; send nothing, and tell whoever gave you the paper.</p>
{waiting}<p class="soft">Relay id <code>{escape(facts.relay_id)}</code></p></section>"""


def _links(facts: RelayFacts) -> Iterator[str]:
    yield _link("/docs", "The interface", "Every address of this relay, in words")
    yield _link("/openapi.json", "OpenAPI 3.1", "The same, for programs")
    if facts.log_path is not None:
        yield _link(
            f"{facts.log_path}/checkpoint", "The custody log", "The latest checkpoint; tiles as in C2SP tlog-tiles"
        )
    yield _link("/readyz", "Health", "Whether the relay can do its work at this moment")


def _link(href: str, title: str, text: str) -> str:
    return f'<li><a href="{escape(href)}"><strong>{escape(title)}</strong><span>{escape(text)}</span></a></li>'


# ---------------------------------------------------------------- the interface, in words


def docs_page(described: dict[str, Any], facts: RelayFacts) -> str:
    """
    Render an OpenAPI document of ours for a reader with a phone.

    Args:
        described: What `openapi.spec` gave.
        facts: For the name and the banner.
    """
    sections = "".join(_section(audience, described) for audience in Audience)
    return _page(
        f"The interface of {facts.name}",
        facts,
        f"""<main class="wide">
<p><a href="/about">← {escape(facts.name)}</a></p>
<h1>The interface</h1>
<p class="lead">Every address, by who may use it. Whatever is not listed for you is refused.</p>
<p>Bodies are JSON in UTF-8 or bytes exactly as sealed; there is no address that takes a letter’s text. Errors are
<code>application/problem+json</code>, with a stable <code>code</code> and a <code>cure</code> that says what to do
next. Programs read <a href="/openapi.json">/openapi.json</a>.</p>
{sections}
<section><h2 id="shapes">Shapes</h2>{_shapes(described)}</section>
<section><h2 id="problems">Problems</h2>{_problems(described)}</section>
</main>""",
    )


def _section(audience: Audience, described: dict[str, Any]) -> str:
    operations = [
        _operation(method, path, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
        if audience.value in operation["tags"]
    ]
    if not operations:
        return ""
    heading = f'<h2 id="{audience.value}">{escape(audience.value.capitalize())}</h2>'
    return f'<section>{heading}<p class="soft">{escape(AUDIENCES[audience])}</p>{"".join(operations)}</section>'


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    """Render one endpoint, folded: a phone shows the list first."""
    parts = [f"<p>{escape(operation['description'])}</p>" if "description" in operation else ""]
    if roles := operation.get("x-roles"):
        parts.append(f"<p>Roles: {escape(', '.join(roles))}</p>")
    if scope := operation.get("x-scope"):
        parts.append(f"<p>A program's token for it: scope {escape(scope)}</p>")
    if parameters := operation.get("parameters"):
        rows = (
            (
                f"<code>{escape(each['name'])}</code>",
                each["in"],
                "yes" if each["required"] else "no",
                _shape(each["schema"]),
            )
            for each in parameters
        )
        parts.append("<h3>Takes</h3>" + _table(("name", "where", "needed", "what"), rows))
    if body := operation.get("requestBody"):
        content = ", ".join(
            f"<code>{escape(media)}</code> {_shape(of['schema'])}" for media, of in body["content"].items()
        )
        parts.append(f"<h3>Body</h3><p>{content}, at most {body['x-limit-bytes']:,} bytes</p>")
    parts.append("<h3>Answers</h3>" + _table(("status", "what"), _answers(operation["responses"])))
    label = f'<span class="method mono {method}">{method.upper()}</span> <code>{escape(path)}</code>'
    summary = f'<summary>{label}<span class="what">{escape(operation["summary"])}</span></summary>'
    return f'<details id="{escape(operation["operationId"])}">{summary}<div>{"".join(parts)}</div></details>'


def _answers(responses: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for status, response in responses.items():
        if int(status) >= 400:
            (content,) = response["content"].values()
            codes = (f'<a href="#problem-{code}"><code>{code}</code></a>' for code in content["examples"])
            yield status, " · ".join(codes)
        else:
            media = (
                f"<code>{escape(name)}</code> {_shape(of.get('schema', {}))}"
                for name, of in response.get("content", {}).items()
            )
            yield status, ", ".join(media) or escape(response["description"])


def _problems(described: dict[str, Any]) -> str:
    examples = described["components"]["examples"].values()
    rows = (
        (
            str(each["status"]),
            f'<code id="problem-{each["code"]}">{each["code"]}</code>',
            escape(each["title"]),
            escape(each["cure"]),
        )
        for each in sorted((example["value"] for example in examples), key=lambda each: (each["status"], each["code"]))
    )
    return _table(("status", "code", "what happened", "what to do next"), rows)


def _shapes(described: dict[str, Any]) -> str:
    """Render each JSON object that is taken or given."""
    return "".join(_shape_table(name, schema) for name, schema in described["components"]["schemas"].items())


def _shape_table(name: str, schema: dict[str, Any]) -> str:
    needed = schema.get("required", ())
    rows = (
        (f"<code>{escape(key)}</code>", "yes" if key in needed else "no", _shape(each))
        for key, each in schema.get("properties", {}).items()
    )
    about = escape(schema.get("description", ""))
    summary = f'<summary><strong>{escape(name)}</strong><span class="what">{about}</span></summary>'
    return f'<details id="shape-{escape(name)}">{summary}<div>{_table(("key", "needed", "what"), rows)}</div></details>'


def _shape(schema: dict[str, Any]) -> str:
    """Say in a few words what a schema asks for."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#shape-{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(_shape(choice) for choice in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_shape(schema.get('items', {}))}"
    words = [str(schema.get("type", ""))]
    for key, sign in (("minimum", "≥"), ("maximum", "≤"), ("pattern", ""), ("default", "otherwise")):
        if key in schema:
            words.append(f"{sign} <code>{escape(json.dumps(schema[key]).strip(chr(34)))}</code>".strip())
    if "enum" in schema:
        words.append(" | ".join(f"<code>{escape(str(each))}</code>" for each in schema["enum"]))
    return " ".join(word for word in words if word)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Render a table; cells are HTML already."""
    header = "".join(f'<th scope="col">{cell}</th>' for cell in head)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<div class="scroll"><table><thead><tr>{header}</tr></thead><tbody>{body}</tbody></table></div>'


def _page(title: str, facts: RelayFacts, main: str) -> str:
    """Put a page together."""
    banner = '<p class="demo" role="note">DEMO: NEVER WRITE REAL NAMES</p>' if facts.is_demo else ""
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">
<style>{_CSS}</style></head>
<body><div class="airmail"></div>{banner}
{main}
<footer>Letter Relay, under the Apache License 2.0. What it cannot do stands in <code>docs/threat-model.md</code>.
</footer>
</body></html>
"""
