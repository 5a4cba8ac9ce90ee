"""
The first line of every sealed file: where it goes, in the clear, and covered by the age header's MAC.

    letter-relay/sealed/v1 {"relay","item","kind","hop","detainee","to","dir","re","enclosures"}
    letter-relay/enclosure/v1 {"relay","item","part"}
    letter-relay/document/v1 {"relay","kind","id","item","to","dir","version"}

The relay reads nothing else of a sealed file. A line that exists is valid: its constructor checks it, and a line that
is read is written again and compared.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from keys.canonical import encode_json, parse_json
from keys.errors import Malformed
from keys.ids import is_digest, is_id, is_integer

LETTER_PREFIX = b"letter-relay/sealed/v1 "
ENCLOSURE_PREFIX = b"letter-relay/enclosure/v1 "
DOCUMENT_PREFIX = b"letter-relay/document/v1 "
MAX_LINE_BYTES = 1024
MAX_ENCLOSURES = 3

KINDS = frozenset({"letter", "reply", "parcel"})
HOPS = frozenset(
    {
        "family>review",
        "review>review",
        "review>facility",
        "facility>review",
        "review>family",
        "review>bureau",
        "bureau>review",
    }
)
TO_FAMILY = ("family",)
UNKNOWN_DETAINEE = "unknown"
NEW_CORRESPONDENCE = "new"

_DESK = re.compile(r"[0-9a-f]{32}/[1-9][0-9]{0,8}")
_MEMBER_OR_CODE = re.compile(r"(?:staff|desk-code)/[0-9a-f]{32}")
_NUMBER = re.compile(r"[0-9]{12}")
#: Who may be able to open a document: a desk's epoch, the family, or a member and a printed recovery code.
DOCUMENT_READERS: dict[str, re.Pattern[str]] = {
    "contact": _DESK,
    "declaration": _DESK,
    "desk-key": _MEMBER_OR_CODE,
    "note": re.compile("family"),
    "register": _DESK,
    "scan": _DESK,
}


class LineMalformed(Malformed):
    """The first line of the sealed file is not as the format says."""

    code = "sealed_line"


class UnknownPart(Malformed):
    """This is no sealed letter, enclosure or document of this version."""

    code = "sealed_kind"
    cure = "Send the file as the client sealed it; if it is newer than this program, update the program."


@dataclass(frozen=True, slots=True)
class LetterLine:
    """
    Where part 0 of an item goes on this leg.

    Attributes:
        relay: The relay id.
        item: The item's id, chosen by the family's client.
        kind: ``letter``, ``reply`` or ``parcel``.
        hop: One of `HOPS`.
        detainee: Twelve digits as typed, or ``unknown``. Only a register can tell whether such a number exists.
        to: A ``desk/epoch`` for each recipient, or just ``family``.
        dir: The version of the directory that the recipients were taken from.
        re: For a reply the item it answers, or ``new``; None otherwise.
        enclosures: The part digests of the enclosures, in order; at most three.
    """

    relay: str
    item: str
    kind: str
    hop: str
    detainee: str
    to: tuple[str, ...]
    dir: int
    re: str | None
    enclosures: tuple[str, ...]

    def __post_init__(self) -> None:
        _require(is_id(self.relay), "relay")
        _require(is_id(self.item), "item")
        _require(self.kind in KINDS, "kind")
        _require(self.hop in HOPS, "hop")
        _require(self.detainee == UNKNOWN_DETAINEE or _NUMBER.fullmatch(self.detainee) is not None, "detainee")
        to_family = self.hop.endswith(">family")
        _require(self.to == TO_FAMILY if to_family else _all_distinct(self.to, _DESK), "to")
        _require(is_integer(self.dir, least=1), "dir")
        _require((self.re is not None) == (self.kind == "reply"), "re")
        _require(self.re is None or self.re == NEW_CORRESPONDENCE or is_id(self.re), "re")
        _require(len(set(self.enclosures)) == len(self.enclosures) <= MAX_ENCLOSURES, "enclosures")
        _require(all(map(is_digest, self.enclosures)), "enclosures")


@dataclass(frozen=True, slots=True)
class EnclosureLine:
    """
    To which item an enclosure belongs; it is the same on every leg.

    Attributes:
        relay: The relay id.
        item: The item's id.
        part: 1, 2 or 3; part 0 is the letter.
    """

    relay: str
    item: str
    part: int

    def __post_init__(self) -> None:
        _require(is_id(self.relay), "relay")
        _require(is_id(self.item), "item")
        _require(is_integer(self.part, least=1) and self.part <= MAX_ENCLOSURES, "part")


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """
    What a sealed document is and who may open it.

    Attributes:
        relay: The relay id.
        kind: One of `DOCUMENT_READERS`.
        id: 16 or 32 bytes in hex. A contact's is its mailbox id.
        item: The item it belongs to, if any.
        to: For each recipient a ``desk/epoch``; for a note just ``family``; for a desk key ``staff/<id>`` or
            ``desk-code/<desk>``.
        dir: The version of the directory that the recipients were taken from.
        version: Counts up from 1; a client that saw a newer one refuses an older.
    """

    relay: str
    kind: str
    id: str
    item: str | None
    to: tuple[str, ...]
    dir: int
    version: int

    def __post_init__(self) -> None:
        _require(is_id(self.relay), "relay")
        _require(self.kind in DOCUMENT_READERS, "kind")
        _require(is_id(self.id) or is_digest(self.id), "id")
        _require(self.item is None or is_id(self.item), "item")
        _require(_all_distinct(self.to, DOCUMENT_READERS[self.kind]), "to")
        _require(is_integer(self.dir, least=1), "dir")
        _require(is_integer(self.version, least=1), "version")

    @property
    def desks(self) -> frozenset[str]:
        """The ids of the desks that can open it; none if it is for the family or for one member."""
        return frozenset(
            desk for desk, _, epoch in (entry.partition("/") for entry in self.to) if is_id(desk) and epoch
        )


Line = LetterLine | EnclosureLine | DocumentLine

_PREFIXES: dict[type[Line], bytes] = {
    LetterLine: LETTER_PREFIX,
    EnclosureLine: ENCLOSURE_PREFIX,
    DocumentLine: DOCUMENT_PREFIX,
}


def encode_line(line: Line) -> bytes:
    r"""
    Write a first line, without its ``\n``.

    Raises:
        LineMalformed: It would be longer than 1,024 bytes.
    """
    encoded = _PREFIXES[type(line)] + encode_json(_listed(line)).encode()
    if len(encoded) > MAX_LINE_BYTES:
        raise LineMalformed("the first line is longer than 1,024 bytes")
    return encoded


def parse_line(data: bytes) -> LetterLine:
    r"""
    Read the first line of a letter, reply or parcel, without its ``\n``.

    Raises:
        UnknownPart: It begins otherwise.
        LineMalformed: A key is missing, unknown or out of order; a value is not what its key may hold; it is not ASCII;
            it is longer than 1,024 bytes.
        NotCanonical: It is not JSON, or not written the one way the format allows.
    """
    fields = _fields(data, LETTER_PREFIX)
    line = LetterLine(
        relay=_text(fields, "relay"),
        item=_text(fields, "item"),
        kind=_text(fields, "kind"),
        hop=_text(fields, "hop"),
        detainee=_text(fields, "detainee"),
        to=_texts(fields, "to"),
        dir=_integer(fields, "dir"),
        re=_text(fields, "re") if "re" in fields else None,
        enclosures=_texts(fields, "enclosures") if "enclosures" in fields else (),
    )
    _require_same(line, data)
    return line


def parse_enclosure_line(data: bytes) -> EnclosureLine:
    """Read the first line of an enclosure; raises as `parse_line`."""
    fields = _fields(data, ENCLOSURE_PREFIX)
    line = EnclosureLine(relay=_text(fields, "relay"), item=_text(fields, "item"), part=_integer(fields, "part"))
    _require_same(line, data)
    return line


def parse_document_line(data: bytes) -> DocumentLine:
    """Read the first line of a document; raises as `parse_line`."""
    fields = _fields(data, DOCUMENT_PREFIX)
    line = DocumentLine(
        relay=_text(fields, "relay"),
        kind=_text(fields, "kind"),
        id=_text(fields, "id"),
        item=_text(fields, "item") if "item" in fields else None,
        to=_texts(fields, "to"),
        dir=_integer(fields, "dir"),
        version=_integer(fields, "version"),
    )
    _require_same(line, data)
    return line


def split_first_line(data: bytes) -> bytes:
    r"""
    Give the first line of a sealed file, without its ``\n``; the age file begins right after that.

    Raises:
        LineMalformed: No line ends within 1,025 bytes.
    """
    end = data.find(b"\n", 0, MAX_LINE_BYTES + 1)
    if end < 0:
        raise LineMalformed("the sealed file has no first line of at most 1,024 bytes")
    return data[:end]


# ---------------------------------------------------------------- checks


def _require(holds: bool, key: str) -> None:
    if not holds:
        raise LineMalformed(f"the first line's `{key}` is not what it may be")


def _all_distinct(values: Sequence[str], form: re.Pattern[str]) -> bool:
    """Say whether there is at least one value, each has the form, and none comes twice."""
    return 0 < len(values) == len(set(values)) and all(form.fullmatch(value) for value in values)


def _listed(line: Line) -> dict[str, object]:
    """Give what the line holds, in the order in which its class lists it; what does not apply is absent."""
    values = ((key, getattr(line, key)) for key in line.__slots__)
    return {key: value for key, value in values if value is not None and value != ()}


def _fields(data: bytes, prefix: bytes) -> dict[str, Any]:
    if not data.startswith(prefix):
        raise UnknownPart
    if len(data) > MAX_LINE_BYTES or not data.isascii():
        raise LineMalformed("the first line is longer than 1,024 bytes, or not ASCII")
    return parse_json(data[len(prefix) :].decode("ascii"), what="first line")


def _text(fields: dict[str, Any], key: str) -> str:
    value = fields.get(key)
    if not isinstance(value, str):
        raise LineMalformed(f"the first line's `{key}` is not what it may be")
    return value


def _texts(fields: dict[str, Any], key: str) -> tuple[str, ...]:
    values = fields.get(key)
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise LineMalformed(f"the first line's `{key}` is not what it may be")
    return tuple(values)


def _integer(fields: dict[str, Any], key: str) -> int:
    value = fields.get(key)
    if type(value) is not int:
        raise LineMalformed(f"the first line's `{key}` is not what it may be")
    return value


def _require_same(line: Line, data: bytes) -> None:
    if encode_line(line) != data:
        raise LineMalformed("the first line has its keys in another order, or some that it may not have")
