"""
The bundle that an auditor is given: where its files come from, and the lines that open the log's entries.

A custody entry is noise until it is opened. One line of `openings.jsonl` opens one entry; the relay writes these lines,
the audit reads them, and neither knows another spelling. docs/spec/custody.md, "Bundles".
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

from keys.canonical import encode_json, parse_json
from keys.errors import Malformed
from keys.ids import is_integer
from relay.custody.steps import broken
from relay.custody.tiles import TileId

CHECKPOINT: Final = "checkpoint"
OPENINGS: Final = "openings.jsonl"
DOCUMENTS: Final = "documents/"
#: Five hundred remarks about one item stay far below this.
MAX_OPENING_BYTES: Final = 256 * 1024

_EVENT_KEYS = ("v", "index", "tag_key", "nonce", "event", "detail_nonce", "detail")
_STATEMENT_KEYS = ("v", "index", "nonce", "statement")
_ITEM = re.compile(rb'item\\?":\\?"([0-9a-f]{32})')
_TAG_KEY = re.compile(rb'"tag_key":"[0-9a-f]{64}"')


class OpeningMalformed(Malformed):
    """This is not a line that opens an entry."""

    code = "opening_malformed"


class Bundle(Protocol):
    """
    Where the evidence comes from: a directory, an archive, or the relay over HTTP.

    Nothing that it returns is believed. Whoever implements it bounds what it reads.
    """

    def checkpoint(self) -> bytes | None:
        """Return the signed checkpoint, the whole note; None if there is none."""

    def tile(self, tile: TileId) -> bytes | None:
        """Return a tile of hashes, or for level `ENTRIES` a bundle of entries, uncompressed; None if there is none."""

    def openings(self) -> Iterator[bytes]:
        """Yield the lines of the openings, each with its newline, in their order; anew each time it is called."""

    def document(self, digest: str) -> bytes | None:
        """Return the document filed under a SHA-256 (hex); None if there is none."""

    def names(self) -> Iterable[str] | None:
        """Return the paths of all files, with slashes; None where files cannot be listed, as over HTTP."""


@dataclass(frozen=True, slots=True)
class EventOpening:
    """
    What opens a custody entry.

    Attributes:
        index: The entry's place in the log.
        tag_key: The item's tag key, 32 bytes.
        nonce: The commitment's nonce, 32 bytes.
        event: The event's JSON.
        detail_nonce: The detail's nonce, 32 bytes.
        detail: The detail's JSON.
    """

    index: int
    tag_key: bytes
    nonce: bytes
    event: str
    detail_nonce: bytes
    detail: str


@dataclass(frozen=True, slots=True)
class StatementOpening:
    """What opens a register, run or audited entry: `statement` is the SHA-256 (hex) of the signed note."""

    index: int
    nonce: bytes
    statement: str


Opening = EventOpening | StatementOpening


def encode_opening(opening: Opening) -> bytes:
    """Write an opening as its line, with the newline."""
    fields: dict[str, Any] = {"v": 1, "index": opening.index}
    if isinstance(opening, EventOpening):
        fields["tag_key"] = opening.tag_key.hex()
        fields["nonce"] = opening.nonce.hex()
        fields["event"] = opening.event
        fields["detail_nonce"] = opening.detail_nonce.hex()
        fields["detail"] = opening.detail
    else:
        fields["nonce"] = opening.nonce.hex()
        fields["statement"] = opening.statement
    return encode_json(fields).encode() + b"\n"


def parse_opening(line: bytes) -> Opening:
    """
    Read a line of the openings.

    Raises:
        OpeningMalformed: It has no newline, is longer than 256 KiB, or a key is missing, unknown or of the wrong form.
        NotCanonical: It re-encodes differently.
    """
    if not line.endswith(b"\n") or len(line) > MAX_OPENING_BYTES:
        raise OpeningMalformed
    fields = parse_json(line[:-1].decode(errors="replace"), what="opening")
    keys = tuple(fields)
    if keys not in (_EVENT_KEYS, _STATEMENT_KEYS) or type(fields["v"]) is not int or fields["v"] != 1:
        raise OpeningMalformed
    if not is_integer(fields["index"]):
        raise OpeningMalformed
    nonce = _bytes32(fields["nonce"])
    if keys == _STATEMENT_KEYS:
        return StatementOpening(fields["index"], nonce, _bytes32(fields["statement"]).hex())
    event, detail = fields["event"], fields["detail"]
    if type(event) is not str or type(detail) is not str:
        raise OpeningMalformed
    return EventOpening(
        fields["index"], _bytes32(fields["tag_key"]), nonce, event, _bytes32(fields["detail_nonce"]), detail
    )


def _bytes32(value: object) -> bytes:
    """Read 32 bytes of lower-case hex."""
    try:
        read = bytes.fromhex(value) if type(value) is str else b""
    except ValueError:
        raise OpeningMalformed from None
    if len(read) != 32 or read.hex() != value:
        raise OpeningMalformed
    return read


class Documents:
    """The bundle's documents, each checked against its digest, and which of them nothing has named yet."""

    def __init__(self, bundle: Bundle, digests: Iterable[str] | None) -> None:
        """
        Take the bundle.

        Args:
            digests: The names of all documents there are; None where they cannot be listed.
        """
        self._bundle = bundle
        self._unnamed = None if digests is None else set(digests)

    def require(self, digest: str, *, item: str | None = None) -> bytes:
        """
        Return a document that something names.

        Raises:
            EvidenceBroken: 9.1.
        """
        data = self._bundle.document(digest)
        if data is None or hashlib.sha256(data).hexdigest() != digest:
            raise broken("9.1", item=item)
        if self._unnamed is not None:
            self._unnamed.discard(digest)
        return data

    def allow(self, digests: Iterable[str], *, item: str | None = None) -> None:
        """
        Let documents be there that something names and an audit can do without, such as sealed scans.

        Raises:
            EvidenceBroken: 9.1, if one is there and is another.
        """
        for digest in self._unnamed.intersection(digests) if self._unnamed else ():
            self.require(digest, item=item)

    def check_all_named(self) -> None:
        """
        Require that nothing is left that nothing names.

        Raises:
            EvidenceBroken: 9.2.
        """
        if self._unnamed:
            raise broken("9.2", because=f"{DOCUMENTS}{min(self._unnamed)}")


def item_at(bundle: Bundle, index: int) -> str | None:
    """Find which item an entry is about, to name it in an error; nothing is verified."""
    mark = b'"index":%d,' % index
    return next((_item_of(line) for line in bundle.openings() if mark in line[:64]), None)


def item_on(bundle: Bundle, line: bytes) -> str | None:
    """Find which item a damaged line is about: other lines with its tag key know better than the line itself."""
    tag_key = _TAG_KEY.search(line)
    if tag_key is not None:
        others = (other for other in bundle.openings() if tag_key[0] in other and other != line)
        if (item := next(map(_item_of, others), None)) is not None:
            return item
    return _item_of(line)


def _item_of(line: bytes) -> str | None:
    found = _ITEM.search(line)
    return found[1].decode() if found else None
