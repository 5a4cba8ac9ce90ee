"""
The bundle that an auditor is given: where its files come from, and the lines that open the log's entries.

A custody entry is noise until it is opened. One line of `openings.jsonl` opens one entry; the relay writes these lines,
the audit reads them, and neither knows another spelling. docs/spec/custody.md, "Bundles".
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, Protocol

from keys.canonical import encode_json
from keys.errors import Malformed
from keys.ids import is_digest, is_integer
from relay.custody.entry import MAC_BYTES, NONCE_BYTES
from relay.custody.steps import broken
from relay.custody.tiles import TileId

CHECKPOINT: Final = "checkpoint"
OPENINGS: Final = "openings.jsonl"
DOCUMENTS: Final = "documents/"
#: Five hundred remarks about one item stay far below this.
MAX_OPENING_BYTES: Final = 256 * 1024

#: One decoder, because `json.loads` first asks which encoding bytes are in.
_decode = json.JSONDecoder().decode
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
    # Written out, not by way of a dict: an audit writes every line again, to compare it.
    head = f'{{"v":1,"index":{opening.index},'
    if isinstance(opening, StatementOpening):
        return f'{head}"nonce":"{opening.nonce.hex()}","statement":"{opening.statement}"}}\n'.encode()
    return (
        f'{head}"tag_key":"{opening.tag_key.hex()}","nonce":"{opening.nonce.hex()}","event":{encode_json(opening.event)},'
        f'"detail_nonce":"{opening.detail_nonce.hex()}","detail":{encode_json(opening.detail)}}}\n'
    ).encode()


def parse_opening(line: bytes) -> Opening:
    """
    Read a line of the openings.

    Raises:
        OpeningMalformed: It has no newline, is longer than 256 KiB, a key is missing, unknown or of the wrong form, or
            it would be written differently.
    """
    if len(line) > MAX_OPENING_BYTES:
        raise OpeningMalformed
    try:
        opening = _read(_decode(line.decode()))
        same = encode_opening(opening) == line
    except (ValueError, RecursionError, LookupError, TypeError):
        raise OpeningMalformed from None
    if not same:
        raise OpeningMalformed
    return opening


def _read(fields: Any) -> Opening:
    index, nonce = fields["index"], bytes.fromhex(fields["nonce"])
    if not is_integer(index) or len(nonce) != NONCE_BYTES:
        raise OpeningMalformed
    if "statement" in fields:
        if not is_digest(fields["statement"]):
            raise OpeningMalformed
        return StatementOpening(index, nonce, fields["statement"])
    event, detail = fields["event"], fields["detail"]
    tag_key, detail_nonce = bytes.fromhex(fields["tag_key"]), bytes.fromhex(fields["detail_nonce"])
    if (
        type(event) is not str
        or type(detail) is not str
        or len(tag_key) != MAC_BYTES
        or len(detail_nonce) != NONCE_BYTES
    ):
        raise OpeningMalformed
    return EventOpening(index, tag_key, nonce, event, detail_nonce, detail)


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

    def find(self, digest: str) -> bytes | None:
        """
        Return a document that something names, or None if it is not there.

        Raises:
            EvidenceBroken: 9.1, if it is there and is another.
        """
        return None if self._bundle.document(digest) is None else self.require(digest)

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
