"""
Address cards: a sheet of paper that tells a family all it needs to write, four cards to the page, ready to print.

A card has the detainee number, the relay's name and address, the fingerprint of its trust, and how to write. The number
opens nothing, but beside a name it says that somebody is held; the name therefore stands only on a strip that is torn
off. The code for phones is the relay's address with the number after a ``#``: a browser keeps that part to itself, so
that no request, no server log and no proxy ever has it. The page reads it from there, fills the number in, and takes it
out of the address bar.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import segno

from keys.codes import parse_number
from keys.errors import Refused
from relay.client.cardwords import WORDS, CardWords

CARDS_A_PAGE: Final = 4
#: The key before the number in the fragment; a page ignores fragments that it does not know.
FRAGMENT_KEY: Final = "to"
_GROUP: Final = 4
_FINGERPRINT: Final = re.compile(r"[0-9a-f]{64}")
_STYLE: Final = Path(__file__).with_name("cards.css")
#: A card is crumpled and photocopied: a quarter of the code may be lost.
_QR_ERROR_LEVEL: Final = "q"


class LanguageUnknown(Refused):
    """There are no address cards in this language."""

    code = "language_unknown"
    cure = "Choose uk, ru or en."


class AddressUnfit(Refused):
    """This address cannot stand on a card: it is not https://, or has more than a host and a path."""

    code = "address_unfit"
    cure = "Give the address that families open, such as https://relay.example/, without ? or # or a user name."


class FingerprintUnfit(Refused):
    """This is no trust fingerprint: 64 lower-case hex digits."""

    code = "fingerprint_unfit"
    cure = "Copy the fingerprint from where it was printed when the root key was made, without spaces."


@dataclass(frozen=True, slots=True)
class Card:
    """
    One card.

    Attributes:
        number: The detainee number, with or without spaces.
        label: Who gets the card or whom it is about, for the strip that is torn off; may be empty.
    """

    number: str = field(repr=False)
    label: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class _Post:
    """What is the same on every card."""

    name: str
    url: str
    fingerprint: str
    language: str

    @property
    def words(self) -> CardWords:
        return WORDS[self.language]


def cards_html(cards: Sequence[Card], *, relay_name: str, relay_url: str, fingerprint: str, language: str) -> str:
    """
    Lay out address cards as one HTML page that needs nothing else, A4, four cards a sheet.

    Args:
        relay_name: Such as ``relay.example``.
        relay_url: What families open: https://, or http:// for an onion service.
        fingerprint: Of the relay's trust, 64 hex digits.
        language: ``uk``, ``ru`` or ``en``.

    Raises:
        NumberMistyped: The check digits of a number are wrong; a card that leads nowhere is worse than none.
        LanguageUnknown, AddressUnfit, FingerprintUnfit: As they say.
    """
    if language not in WORDS:
        raise LanguageUnknown
    if not _FINGERPRINT.fullmatch(fingerprint):
        raise FingerprintUnfit
    post = _Post(relay_name, _fit_address(relay_url), fingerprint, language)
    sheets = [cards[start : start + CARDS_A_PAGE] for start in range(0, len(cards), CARDS_A_PAGE)]
    body = "\n".join(_sheet(sheet, post) for sheet in sheets)
    style = _STYLE.read_text(encoding="utf-8")
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="referrer" content="no-referrer">\n<title>{escape(post.words.title)}</title>\n'
        f"<style>\n{style}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )


def card_link(relay_url: str, number: str) -> str:
    """
    Write the address that a phone opens from a card: the number stands where no server sees it.

    Raises:
        NumberMistyped, AddressUnfit: As they say.
    """
    return f"{_fit_address(relay_url)}#{FRAGMENT_KEY}={parse_number(number)}"


def _fit_address(url: str) -> str:
    parts = urlsplit(url)
    secure = parts.scheme == "https" or (parts.scheme == "http" and (parts.hostname or "").endswith(".onion"))
    if not secure or not parts.hostname or "@" in parts.netloc or not url.isprintable() or set(url) & set("?# "):
        raise AddressUnfit
    return url if parts.path.endswith("/") else f"{url}/"


def _sheet(cards: Sequence[Card], post: _Post) -> str:
    return '<section class="sheet">\n' + "\n".join(_card(card, post) for card in cards) + "\n</section>"


def _card(card: Card, post: _Post) -> str:
    number, words = parse_number(card.number), post.words
    address = post.url.removeprefix("https://").removesuffix("/")
    steps = "".join(f"<li>{escape(step)}</li>" for step in words.write)
    nots = "".join(f"<li>{escape(what)}</li>" for what in words.leave_out)
    groups = "".join(f"<span>{group}</span>" for group in _groups(post.fingerprint))
    return f"""<article class="card">
<div class="head"><div><h1>{escape(words.title)}</h1><p class="relay">{escape(post.name)}<br>{escape(address)}</p>
<p class="label">{escape(words.number)}</p><p class="number">{" ".join(_groups(number))}</p></div>
{_qr(post, number)}</div>
<h2>{escape(words.how)}</h2><ol>{steps}</ol>
<h2>{escape(words.what_not)}</h2><ul>{nots}</ul>
<h2>{escape(words.fingerprint)}</h2><p class="fingerprint">{groups}</p>
<p class="relay">{escape(words.compare)}</p>
<p class="free">{escape(words.free)}</p>
<div class="stub"><span>{escape(card.label)}</span><span>✂ {escape(words.stub)}</span></div>
</article>"""


def _groups(digits: str) -> list[str]:
    return [digits[start : start + _GROUP] for start in range(0, len(digits), _GROUP)]


def _qr(post: _Post, number: str) -> str:
    code = segno.make_qr(card_link(post.url, number), error=_QR_ERROR_LEVEL)
    return code.svg_inline(omitsize=True, border=2, svgclass=None, lineclass=None, title=number)
