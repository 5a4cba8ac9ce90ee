"""
A bureau writes for a family that has no device: it reads the address card, and gives the family its code on paper.

The letter is a family's like any other, sealed on the bureau's machine under a code of its own; the relay is not told
that a bureau wrote it. Whoever has the sheet has the mailbox, so the bureau keeps no copy of it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Final

import segno

from keys.codes import show_code
from keys.errors import Refused
from relay.client.cards import FingerprintUnfit, LanguageUnknown
from relay.client.sealing import detainee_of
from relay.client.sheetwords import SHEET_WORDS

_NUMBER: Final = re.compile(r"(?<![0-9])(?:[0-9]{4} ?){3}(?![0-9 ]*[0-9])")
_LINK: Final = re.compile(r"#to=([0-9]{12})(?![0-9])")
_FINGERPRINT: Final = re.compile(r"(?<![0-9a-f])(?:[0-9a-f]{4} ?){16}(?![0-9a-f])")
_GROUP: Final = 4


class CardUnreadable(Refused):
    """There is no detainee number on this card, or more than one."""

    code = "card_unreadable"
    cure = "Type the number off the card into the file, or the address that its code for phones shows; nothing else."


class CardOfAnotherRelay(Refused):
    """This card was printed for another relay: its trust fingerprint is another."""

    code = "card_of_another_relay"
    cure = "Do not write. Compare the fingerprint with the relay's; ask the mediator who gave the card out."


@dataclass(frozen=True, slots=True)
class Sheet:
    """
    What a family takes home.

    Attributes:
        code: The receipt code, 32 digits.
        number: The detainee number; None if it is not known.
        item: The letter's id.
        relay_name: Such as ``relay.example``.
        fingerprint: Of the relay's trust, 64 hex digits.
    """

    code: str = field(repr=False)
    number: str | None = field(repr=False)
    item: str
    relay_name: str
    fingerprint: str


def read_card(text: str, *, fingerprint: str) -> str:
    """
    Read an address card, as typed off or as a scanner of its code for phones gives it.

    Args:
        text: The number, or the address with the number, with the card's trust fingerprint or without.
        fingerprint: Of the relay that the letter goes to.

    Returns:
        The number, 12 digits.

    Raises:
        CardUnreadable: It has no number, or several.
        CardOfAnotherRelay: It has another fingerprint.
        NumberMistyped: The check digits are wrong.
    """
    printed = {"".join(found.split()) for found in _FINGERPRINT.findall(text)}
    if printed - {fingerprint}:
        raise CardOfAnotherRelay
    rest = _FINGERPRINT.sub(" ", text)
    numbers = set(_LINK.findall(rest)) or {"".join(found.split()) for found in _NUMBER.findall(rest)}
    if len(numbers) != 1:
        raise CardUnreadable
    return detainee_of(numbers.pop())


def sheet_html(sheet: Sheet, *, language: str) -> str:
    """
    Lay the sheet out as one HTML page that needs nothing else, to be printed once and handed over or posted.

    Raises:
        LanguageUnknown: There are no words for it.
        FingerprintUnfit: It is none.
    """
    if language not in SHEET_WORDS:
        raise LanguageUnknown
    if not re.fullmatch("[0-9a-f]{64}", sheet.fingerprint):
        raise FingerprintUnfit
    words, address = SHEET_WORDS[language], f"https://{sheet.relay_name}/"
    number = words.unknown if sheet.number is None else " ".join(_groups(sheet.number))
    facts = (
        (words.code, f'<p class="code">{show_code(sheet.code)}</p>'),
        (words.number, f"<p>{escape(number)}</p>"),
        (words.letter, f"<p>{escape(sheet.item)}</p>"),
        (words.fingerprint, f"<p>{' '.join(_groups(sheet.fingerprint))}</p>"),
    )
    said = "".join(f"<h2>{escape(heading)}</h2>{body}" for heading, body in facts)
    steps = "".join(f"<li>{escape(step)}</li>" for step in words.steps)
    # The code for phones leads to the page alone: a code in an address would stand in every history and log.
    picture = segno.make_qr(address, error="q").svg_inline(omitsize=True, border=2, svgclass=None, lineclass=None)
    return (
        f'<!doctype html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="referrer" content="no-referrer">\n<title>{escape(words.title)}</title>\n<style>{_STYLE}</style>\n'
        f"</head>\n<body>\n<h1>{escape(words.title)}</h1>\n<p>{escape(sheet.relay_name)}</p>\n"
        f"<figure>{picture}</figure>\n{said}\n<h2>{escape(words.how)}</h2>\n<ol>{steps}</ol>\n"
        f"<p><strong>{escape(words.keep)}</strong></p>\n</body>\n</html>\n"
    )


_STYLE: Final = (
    "@page{size:A5;margin:12mm}body{font:11pt/1.4 sans-serif;color:#000;background:#fff;max-width:130mm;margin:auto}"
    "h1{font-size:15pt}h2{font-size:10pt;margin:4mm 0 0}p{margin:0}"
    ".code{font:bold 15pt/1.5 monospace;word-spacing:.3em}figure{float:right;width:26mm;margin:0 0 4mm 4mm}"
)


def _groups(digits: str) -> Sequence[str]:
    return [digits[start : start + _GROUP] for start in range(0, len(digits), _GROUP)]
