"""
The directory's document: desks with their keys, and members of staff with theirs, without anybody's name.

It is served by its digest, which stands in the directory's note (`keys/directory_notes.py`). FORMATS.md, "Trust and
directory"; DESIGN.md §3.
"""

import functools
import hashlib
import itertools
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Any, Final

from keys.agefile import HybridRecipient
from keys.bech32 import KeyMalformed
from keys.canonical import encode_json
from keys.directory_notes import DirectoryMalformed
from keys.errors import Refused
from keys.ids import is_digest, is_id, is_integer, is_time, parse_time
from keys.notes import Algorithm, Vkey, VkeyMalformed

ROLES: Final = frozenset({"reviewer", "senior", "dispatcher", "registrar", "officer", "auditor", "operator"})
DESK_KINDS: Final = ("review", "facility", "bureau")
#: DESIGN.md §3: the current epoch and the one before are accepted for 14 days after a change.
EPOCH_GRACE: Final = timedelta(days=14)
MAX_DOCUMENT_BYTES: Final = 8 * 1024 * 1024

_SIDE: Final = re.compile(r"[a-z][a-z0-9-]{0,31}")


class UnknownDesk(Refused):
    """The directory has no such desk."""

    code = "unknown_desk"
    cure = "Fetch the newest directory and choose a desk from it."


class UnknownEpoch(Refused):
    """The desk has no key of this epoch."""

    code = "unknown_epoch"
    cure = "Fetch the newest directory and seal to the desk's current epoch; a keyless desk has none."


class UnknownStaff(Refused):
    """The directory has no such member of staff."""

    code = "unknown_staff"
    cure = "Ask the operators to publish a directory with this member in it."


@dataclass(frozen=True, slots=True)
class Epoch:
    """
    One key of a desk.

    Attributes:
        epoch: From 1, rising.
        recipient: ``age1pq1…``.
        since: When it became the current one (``from`` in the document), ``YYYY-MM-DDTHH:MM:SSZ``.
    """

    epoch: int
    recipient: str
    since: str


@dataclass(frozen=True, slots=True)
class Desk:
    """
    A team.

    Attributes:
        id: 32 hex digits.
        kind: One of `DESK_KINDS`.
        side: The party it belongs to; None for a review desk, which is the mediator's.
        keyless: It has no computers; never so for a review desk.
        epochs: Its keys, oldest first; none if keyless.
    """

    id: str
    kind: str
    side: str | None
    keyless: bool
    epochs: tuple[Epoch, ...]


@dataclass(frozen=True, slots=True)
class StaffMember:
    """
    A member of staff as one key; a person may have several.

    Attributes:
        id: 32 hex digits, in the key's name too.
        person: 32 hex digits; what a rule about another *person* compares.
        desks: The ids of the desks at which they work; none for auditors and operators.
        roles: Some of `ROLES`.
        vkey: The signer's vkey, named ``<relay>/staff/<id>``.
        recipient_sha256: `recipient_digest` of the recipient of the member's identity.
    """

    id: str
    person: str
    desks: tuple[str, ...]
    roles: tuple[str, ...]
    vkey: str
    recipient_sha256: str

    @property
    def verifier(self) -> Vkey:
        """The signer's key, parsed."""
        return _vkey(self.vkey)


@dataclass(frozen=True, slots=True)
class Directory:
    """
    One version of the directory.

    Attributes:
        version: From 1.
        intake: The id of the review desk to which families seal.
        sides: The parties, two or more, as lower-case words.
        desks: Each id once.
        staff: Each id and each key once.
    """

    version: int
    intake: str
    sides: tuple[str, ...]
    desks: tuple[Desk, ...]
    staff: tuple[StaffMember, ...]
    _desks: Mapping[str, Desk] = field(init=False, repr=False, compare=False)
    _staff: Mapping[str, StaffMember] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index desks and staff by id; each request asks for some."""
        object.__setattr__(self, "_desks", MappingProxyType({desk.id: desk for desk in self.desks}))
        object.__setattr__(self, "_staff", MappingProxyType({member.id: member for member in self.staff}))

    def desk(self, desk_id: str) -> Desk:
        """
        Find a desk.

        Raises:
            UnknownDesk: There is none of this id.
        """
        try:
            return self._desks[desk_id]
        except KeyError:
            raise UnknownDesk from None

    def member(self, staff_id: str) -> StaffMember:
        """
        Find a member of staff.

        Raises:
            UnknownStaff: There is none of this id.
        """
        try:
            return self._staff[staff_id]
        except KeyError:
            raise UnknownStaff from None

    def current_epoch(self, desk_id: str) -> Epoch:
        """
        Find the key to which a desk's letters are sealed now: the last one listed.

        Raises:
            UnknownDesk: There is no such desk.
            UnknownEpoch: The desk is keyless.
        """
        epochs = self.desk(desk_id).epochs
        if not epochs:
            raise UnknownEpoch("a keyless desk has no key; what goes there is sealed to a review desk")
        return epochs[-1]

    def accepts(self, desk_id: str, epoch: int, at: str) -> bool:
        """
        Say whether something sealed to this epoch is still accepted: the current one, or for 14 days the one before.

        Args:
            desk_id: The desk's id.
            epoch: The epoch's number.
            at: The event's moment, ``YYYY-MM-DDTHH:MM:SSZ``.

        Raises:
            UnknownDesk: There is no such desk.
        """
        epochs = self.desk(desk_id).epochs
        if epochs and epoch == epochs[-1].epoch:
            return True
        if len(epochs) < 2 or epoch != epochs[-2].epoch:
            return False
        return parse_time(at) < parse_time(epochs[-1].since) + EPOCH_GRACE

    def recipient(self, to: str) -> HybridRecipient:
        """
        Find the recipient behind ``desk/epoch``, of whatever age.

        Raises:
            UnknownDesk, UnknownEpoch: It does not stand in this directory.
        """
        desk_id, _, number = to.partition("/")
        for epoch in self.desk(desk_id).epochs:
            if str(epoch.epoch) == number:
                return _recipient(epoch.recipient)
        raise UnknownEpoch


def recipient_digest(recipient: HybridRecipient) -> str:
    """Hash a recipient as it is written, ``age1pq1…``, as hex SHA-256: 64 digits stand for 2 KB in the directory."""
    return hashlib.sha256(str(recipient).encode()).hexdigest()


def encode_directory(directory: Directory) -> bytes:
    """
    Write the document that the directory's note names: one JSON object, no newline.

    Raises:
        DirectoryMalformed: An id, a key or a reference is out of its form or stands twice.
    """
    _check(directory)
    plain = {
        "version": directory.version,
        "intake": directory.intake,
        "sides": directory.sides,
        "desks": [_plain_desk(desk) for desk in directory.desks],
        "staff": [_plain_member(member) for member in directory.staff],
    }
    return encode_json(plain).encode()


def parse_directory(document: bytes) -> Directory:
    """
    Read a directory's document.

    Raises:
        DirectoryMalformed: It is none, breaks a rule, or is not in its one encoding.
    """
    if len(document) > MAX_DOCUMENT_BYTES:
        raise DirectoryMalformed("the directory's document is larger than 8 MiB")
    try:
        directory = _build(json.loads(document.decode()))
    except (ValueError, RecursionError, LookupError, TypeError):
        raise DirectoryMalformed("the document is not the JSON of a directory") from None
    if encode_directory(directory) != document:
        raise DirectoryMalformed("the directory's document re-encodes differently")
    return directory


def _plain_desk(desk: Desk) -> dict[str, Any]:
    plain: dict[str, Any] = {"id": desk.id, "kind": desk.kind}
    if desk.side is not None:
        plain["side"] = desk.side
    plain["keyless"] = desk.keyless
    plain["epochs"] = [{"epoch": one.epoch, "recipient": one.recipient, "from": one.since} for one in desk.epochs]
    return plain


def _plain_member(member: StaffMember) -> dict[str, Any]:
    return {
        "id": member.id,
        "person": member.person,
        "desks": member.desks,
        "roles": member.roles,
        "vkey": member.vkey,
        "recipient_sha256": member.recipient_sha256,
    }


def _build(plain: Any) -> Directory:
    return Directory(
        version=plain["version"],
        intake=plain["intake"],
        sides=tuple(plain["sides"]),
        desks=tuple(map(_build_desk, plain["desks"])),
        staff=tuple(map(_build_member, plain["staff"])),
    )


def _build_desk(plain: Any) -> Desk:
    epochs = tuple(Epoch(one["epoch"], one["recipient"], one["from"]) for one in plain["epochs"])
    return Desk(plain["id"], plain["kind"], plain.get("side"), plain["keyless"], epochs)


def _build_member(plain: Any) -> StaffMember:
    return StaffMember(
        id=plain["id"],
        person=plain["person"],
        desks=tuple(plain["desks"]),
        roles=tuple(plain["roles"]),
        vkey=plain["vkey"],
        recipient_sha256=plain["recipient_sha256"],
    )


def _check(directory: Directory) -> None:
    if not is_integer(directory.version, least=1):
        raise DirectoryMalformed("a directory's version is not a positive integer")
    if not _are_distinct(directory.sides, _is_side) or len(directory.sides) < 2:
        raise DirectoryMalformed("a directory's sides are not two or more lower-case words")
    for desk in directory.desks:
        _check_desk(desk, directory.sides)
    for member in directory.staff:
        _check_member(member)
    _check_references(directory)


def _check_desk(desk: Desk, sides: Sequence[str]) -> None:
    if not is_id(desk.id) or not isinstance(desk.keyless, bool):
        raise DirectoryMalformed("a desk's id or keyless is not in its form")
    if (desk.side not in sides) if desk.kind in ("facility", "bureau") else (desk.side is not None):
        raise DirectoryMalformed("a facility and a bureau belong to a side, a review desk to none")
    if desk.kind not in DESK_KINDS or (desk.keyless and desk.kind == "review"):
        raise DirectoryMalformed("a desk has no such kind, or is a review desk without a key")
    if desk.keyless != (not desk.epochs):
        raise DirectoryMalformed("a keyless desk has epochs, or another has none")
    for epoch in desk.epochs:
        _check_epoch(epoch)
    if not _rises([one.epoch for one in desk.epochs]) or not _rises([one.since for one in desk.epochs]):
        raise DirectoryMalformed("a desk's epochs are not in order")


def _check_epoch(epoch: Epoch) -> None:
    if not is_integer(epoch.epoch, least=1) or not is_time(epoch.since) or not isinstance(epoch.recipient, str):
        raise DirectoryMalformed("an epoch's number, key or time is not in its form")
    try:
        _recipient(epoch.recipient)
    except KeyMalformed:
        raise DirectoryMalformed("an epoch's recipient is no post-quantum age recipient") from None


def _check_member(member: StaffMember) -> None:
    if not is_id(member.id) or not is_id(member.person) or not is_digest(member.recipient_sha256):
        raise DirectoryMalformed("a member's ids or recipient digest are not in their form")
    if not isinstance(member.vkey, str):
        raise DirectoryMalformed("a member's key is no text")
    if not _are_distinct(member.roles, ROLES.__contains__) or not member.roles:
        raise DirectoryMalformed("a member's roles are not one or more of those there are")
    try:
        vkey = member.verifier
    except VkeyMalformed:
        raise DirectoryMalformed("a member's key is no verifier key") from None
    if vkey.algorithm != Algorithm.ED25519 or not vkey.name.endswith(f"/staff/{member.id}"):
        raise DirectoryMalformed("a member's key has another name or type")


def _check_references(directory: Directory) -> None:
    desks, staff = directory.desks, directory.staff
    if len({desk.id for desk in desks}) != len(desks) or len({member.id for member in staff}) != len(staff):
        raise DirectoryMalformed("a directory has an id twice")
    if len({epoch.recipient for desk in desks for epoch in desk.epochs}) != sum(len(desk.epochs) for desk in desks):
        raise DirectoryMalformed("a directory has a recipient twice")
    if len({member.verifier.public for member in staff}) != len(staff):
        raise DirectoryMalformed("a directory has a member's key twice")
    known = {desk.id: desk.kind for desk in desks}
    if not is_id(directory.intake) or known.get(directory.intake) != "review":
        raise DirectoryMalformed("the intake is no review desk")
    if not all(_are_distinct(member.desks, known.__contains__) for member in staff):
        raise DirectoryMalformed("a member works at a desk that there is not")


def _is_side(value: object) -> bool:
    return isinstance(value, str) and _SIDE.fullmatch(value) is not None


def _are_distinct(values: Sequence[object], is_one: Callable[[str], bool]) -> bool:
    return all(isinstance(value, str) and is_one(value) for value in values) and len(set(values)) == len(values)


def _rises(values: Sequence[Any]) -> bool:
    return all(one < next_one for one, next_one in itertools.pairwise(values))


@functools.lru_cache(maxsize=4096)
def _vkey(text: str) -> Vkey:
    return Vkey.parse(text)


# Reading one costs most of a millisecond, and every version of the directory repeats most of those before it.
@functools.lru_cache(maxsize=1024)
def _recipient(text: str) -> HybridRecipient:
    return HybridRecipient.parse(text)
