"""
The pages that the relay writes itself: how they look, and the one that says what this relay is.

No script, no font, no image from anywhere, this relay included: the policy allows one style sheet, by its hash.
"""

import hashlib
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Final

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


def start_page(facts: RelayFacts, *, has_pages: bool = False) -> str:
    """Say what this relay is, how to know that it is the right one, and where to go on."""
    writing = (
        'Letters are written <a href="/">on the first page</a>, or with the <code>letter-relay</code> client.'
        if has_pages
        else "Its pages are not installed: letters are written and read with the <code>letter-relay</code> client."
    )
    return lay_out(
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


def lay_out(title: str, facts: RelayFacts, main: str) -> str:
    """Put a page together: the banner of a demo, the main part, which is HTML already, and the foot."""
    banner = '<aside class="demo">DEMO: NEVER WRITE REAL NAMES</aside>' if facts.is_demo else ""
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
