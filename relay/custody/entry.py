"""
Entries: what stands in the public log, and how little it says (FORMATS.md, "Events, details, entries").

A custody entry is two HMACs. Whoever is given a tag key and a nonce can find and open it; to all others it is noise,
and stays noise for good once nonce and tag key are destroyed. Only trust, directories, suspensions, erasures and the
pages' manifests are in the clear, since everybody must be able to see them.
"""

import enum
import hmac
import itertools
from binascii import a2b_base64, b2a_base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from keys.canonical import encode_json, parse_json
from keys.errors import Malformed, Refused
from keys.ids import is_digest
from relay.custody.merkle import MAX_SIZE
from relay.custody.tiles import MAX_ENTRY_BYTES

MAC_BYTES: Final = 32
NONCE_BYTES: Final = 32

_LABEL = b"letter-relay/entry/v1 "
_CUSTODY = _LABEL + b"custody\n"
_ERASURE = _LABEL + b"erasure\n"
_SITE = _LABEL + b"site\n"
#: A base64 line of 32 bytes, with its newline.
_MAC_LINE_BYTES: Final = 45


class EntryMalformed(Malformed):
    """This is not an entry of a custody log."""

    code = "entry_malformed"


class EntryTooLarge(Refused):
    """This is too large for an entry of the log, which holds 65,535 bytes."""

    code = "entry_too_large"
    cure = "Split it: an erasure into several runs, a directory into fewer desks and members."


class ClearKind(enum.StrEnum):
    """What is logged whole, as the note that was signed."""

    TRUST = "trust"
    DIRECTORY = "directory"
    SUSPEND = "suspend"


class CommittedKind(enum.StrEnum):
    """What is logged as a commitment to a statement that no item's chain holds."""

    REGISTER = "register"
    RUN = "run"
    AUDITED = "audited"


_CLEAR: Final[dict[str, ClearKind]] = {kind.value: kind for kind in ClearKind}
_COMMITTED: Final[dict[str, CommittedKind]] = {kind.value: kind for kind in CommittedKind}


@dataclass(frozen=True, slots=True)
class CustodyEntry:
    """One event of one item: `tag` is found by the item's tag key, `commitment` opened by the event's nonce."""

    tag: bytes
    commitment: bytes


@dataclass(frozen=True, slots=True)
class ClearEntry:
    """A signed note that everybody may read; not verified here (keys/directory.py, keys/statements.py)."""

    kind: ClearKind
    note: bytes


@dataclass(frozen=True, slots=True)
class ErasureEntry:
    """
    One erasure run: which entries can no longer be opened, on purpose.

    Attributes:
        size: The log's size when the run was made; every index is below it.
        indexes: Whose openings were destroyed, ascending.
    """

    size: int
    indexes: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SiteEntry:
    """Which pages the relay serves from here on: SHA-256 (hex) of their `manifest.json`."""

    manifest: str


@dataclass(frozen=True, slots=True)
class CommittedEntry:
    """A commitment to a statement about no item."""

    kind: CommittedKind
    commitment: bytes


#: Any line of the log.
Entry = CustodyEntry | ClearEntry | ErasureEntry | SiteEntry | CommittedEntry


def tag(tag_key: bytes, seq: int) -> bytes:
    """
    Name one event of one item so that only holders of the item's tag key can tell.

    Since each number has one tag, whoever has the key and the log can also see that there is no event after the last.

    Args:
        tag_key: 32 bytes, made at accept, one for each item.
        seq: The event's number, from 0.
    """
    return hmac.digest(tag_key, b"tag" + seq.to_bytes(8), "sha256")


def commitment(nonce: bytes, opened: bytes) -> bytes:
    """
    Commit to bytes without showing them.

    Args:
        nonce: 32 fresh random bytes; a nonce used twice would let two entries be compared.
        opened: The event's JSON; for a committed entry, the statement's whole note.
    """
    return hmac.digest(nonce, opened, "sha256")


def encode_custody(event_tag: bytes, event_commitment: bytes) -> bytes:
    """Write a custody entry from its tag and commitment, 32 bytes each."""
    return _CUSTODY + b2a_base64(event_tag) + b2a_base64(event_commitment)


def encode_clear(kind: ClearKind, note: bytes) -> bytes:
    """
    Write an entry that holds a signed note, verbatim.

    Raises:
        EntryTooLarge: The note does not fit.
    """
    return _bounded(b"%s%s\n%s" % (_LABEL, kind.encode(), note))


def encode_erasure(size: int, indexes: Sequence[int]) -> bytes:
    """
    Write the entry of an erasure run.

    Args:
        size: The log's size when the run was made.
        indexes: Which entries were erased, ascending; about 7,000 fit in a log of tens of millions.

    Raises:
        EntryMalformed: There are none, they do not ascend, or one is not in the log.
        EntryTooLarge: There are too many for one run.
    """
    _check_erasure(size, indexes)
    document = encode_json({"size": size, "indexes": list(indexes)})
    return _bounded(_ERASURE + document.encode() + b"\n")


def encode_site(manifest: str) -> bytes:
    """
    Write the entry that names the pages' manifest.

    Args:
        manifest: Its SHA-256, hex.

    Raises:
        EntryMalformed: That is no digest.
    """
    if not is_digest(manifest):
        raise EntryMalformed("a manifest is named by 64 hex digits")
    return _SITE + encode_json({"manifest": manifest}).encode() + b"\n"


def encode_committed(kind: CommittedKind, statement_commitment: bytes) -> bytes:
    """Write an entry that commits to a statement, 32 bytes."""
    return b"%s%s\n%s" % (_LABEL, kind.encode(), b2a_base64(statement_commitment))


def encode_entry(entry: Entry) -> bytes:
    """Write any entry; the one inverse of `parse_entry`."""
    match entry:
        case CustodyEntry():
            return encode_custody(entry.tag, entry.commitment)
        case ClearEntry():
            return encode_clear(entry.kind, entry.note)
        case ErasureEntry():
            return encode_erasure(entry.size, entry.indexes)
        case SiteEntry():
            return encode_site(entry.manifest)
        case _:
            return encode_committed(entry.kind, entry.commitment)


def parse_entry(data: bytes) -> Entry:
    """
    Read an entry by its first line.

    Raises:
        EntryMalformed: It is of no known kind, or not in its one encoding.
        NotCanonical: An erasure's JSON re-encodes differently.
    """
    if data.startswith(_CUSTODY):
        return _parse_custody(data[len(_CUSTODY) :])
    if len(data) > MAX_ENTRY_BYTES:
        raise EntryMalformed("an entry is longer than 65,535 bytes")
    first, newline, rest = data.partition(b"\n")
    if not newline or not first.startswith(_LABEL):
        raise EntryMalformed
    return _parse_by_kind(first[len(_LABEL) :].decode(errors="replace"), rest)


def _parse_by_kind(kind: str, rest: bytes) -> Entry:
    if kind == "erasure":
        return _parse_erasure(rest)
    if kind == "site":
        return _parse_site(rest)
    if kind in _CLEAR:
        if not rest:
            raise EntryMalformed("an entry in the clear holds no note")
        return ClearEntry(_CLEAR[kind], rest)
    if kind in _COMMITTED:
        return CommittedEntry(_COMMITTED[kind], _parse_mac(rest))
    raise EntryMalformed("an entry is of no known kind")


def _parse_custody(rest: bytes) -> CustodyEntry:
    return CustodyEntry(_parse_mac(rest[:_MAC_LINE_BYTES]), _parse_mac(rest[_MAC_LINE_BYTES:]))


def _parse_mac(line: bytes) -> bytes:
    """Read one line of 32 bytes in base64; what encodes back differently is refused."""
    try:
        mac = a2b_base64(line)
    except ValueError:
        raise EntryMalformed from None
    if len(mac) != MAC_BYTES or b2a_base64(mac) != line:
        raise EntryMalformed
    return mac


def _parse_erasure(rest: bytes) -> ErasureEntry:
    if not rest.endswith(b"\n"):
        raise EntryMalformed
    fields = parse_json(rest[:-1].decode(errors="replace"), what="erasure")
    if tuple(fields) != ("size", "indexes") or type(fields["indexes"]) is not list:
        raise EntryMalformed
    _check_erasure(fields["size"], fields["indexes"])
    return ErasureEntry(fields["size"], tuple(fields["indexes"]))


def _parse_site(rest: bytes) -> SiteEntry:
    if not rest.endswith(b"\n"):
        raise EntryMalformed
    fields = parse_json(rest[:-1].decode(errors="replace"), what="site")
    if tuple(fields) != ("manifest",) or not is_digest(fields["manifest"]):
        raise EntryMalformed
    return SiteEntry(fields["manifest"])


def _check_erasure(size: int, indexes: Sequence[int]) -> None:
    # `type`, not isinstance: true is an int to Python.
    if not all(type(number) is int for number in (size, *indexes)):
        raise EntryMalformed("an erasure has something else than integers in it")
    bounds = [-1, *indexes, size]
    if not indexes or size > MAX_SIZE or any(low >= high for low, high in itertools.pairwise(bounds)):
        raise EntryMalformed("an erasure has no indexes, or they do not ascend from 0 to its size")


def _bounded(entry: bytes) -> bytes:
    if len(entry) > MAX_ENTRY_BYTES:
        raise EntryTooLarge
    return entry
