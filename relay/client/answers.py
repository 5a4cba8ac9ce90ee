"""
What the relay answers about items, read strictly: rows of a queue, items of a mailbox, and what a statement moved.

The head event of an item comes as its bytes. The client hashes them itself and requires that they name the item and
the parts it is shown, because that hash is what its next statement will sign.
"""

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from keys.firstlines import UNKNOWN_DETAINEE
from keys.ids import is_digest, is_id, is_integer, is_time
from keys.statements import Subject
from relay.client.faults import AnswerMalformed
from relay.domain.events import Event, event_digest, parse_event
from relay.domain.states import FAMILY_WORDS, MOVES, RULES, Action, Kind, State

T = TypeVar("T")

_WORDS_LIMIT: Final = 64
_NUMBER: Final = re.compile(r"[0-9]{12}")


class RowDiffers(AnswerMalformed):
    """The relay shows an item whose event is about another item, or about other parts."""

    code = "row_differs"
    cure = "Sign nothing about this item; reload, and tell the operators if it happens again."


@dataclass(frozen=True, slots=True)
class PartSize:
    """A sealed file by its digest (SHA-256, hex), with its size in bytes; 0 where that is not known."""

    digest: str
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """
    One item as staff see it in a queue.

    Attributes:
        item: Its id.
        event: Its last event, parsed.
        head: SHA-256 (hex) of that event's bytes, reckoned here.
        detainee: The number as typed, or ``unknown``.
        parts: All its parts, part 0 first.
        desk: The review desk where it waits, or that passed it.
        destination: The desk it was passed to.
        mailbox: The family's mailbox; review desks only.
        signer: The mailbox's Ed25519 key (hex), as the relay has it; review desks only.
        contact: The digest of the newest sealed contact of the mailbox.
    """

    item: str
    kind: Kind
    state: State
    event: Event
    head: str
    detainee: str
    parts: tuple[PartSize, ...]
    accepted_at: str
    desk: str
    destination: str | None = None
    mailbox: str | None = None
    signer: str | None = None
    re: str | None = None
    hint: str | None = None
    contact: str | None = None
    bag: str | None = None
    until: str | None = None
    claimant: str | None = None

    @property
    def digests(self) -> tuple[str, ...]:
        """The parts' digests, part 0 first."""
        return tuple(part.digest for part in self.parts)

    def subject(self, *, part_zero: str | None = None) -> Subject:
        """
        Name this item in a statement.

        Args:
            part_zero: The digest of a resealed part 0; None where the parts stay as they are.
        """
        parts = self.digests if part_zero is None else (part_zero, *self.digests[1:])
        return Subject(self.item, self.head, parts)

    def moved(self, move: "Move") -> "Row":
        """Give the row as it stands after a statement of ours; the next statement names the new event."""
        sizes = {part.digest: part for part in self.parts}
        parts = tuple(sizes.get(digest, PartSize(digest)) for digest in move.event.parts)
        return replace(self, event=move.event, head=move.head, parts=parts)


@dataclass(frozen=True, slots=True)
class Move:
    """What a statement did to one item: its new event, where that stands in the log, and the event's SHA-256."""

    item: str
    index: int
    event: Event
    event_json: str
    head: str


@dataclass(frozen=True, slots=True)
class Opening:
    """An event that a family was shown, with what it needs to find it in the log."""

    index: int
    nonce: bytes
    event: Event
    event_json: str


@dataclass(frozen=True, slots=True)
class MailboxItem:
    """
    One item of a family: a letter that it sent, or a reply.

    Attributes:
        word: What has become of it, in one of the words of `relay.domain.states.FAMILY_WORDS`.
        day: When that was, UTC.
        event: The last event shown.
        head: SHA-256 (hex) of that event's bytes.
        parts: What may be fetched: a reply's sealed files, once it is ready.
        note: The digest of a note sealed to the family, with a letter that came back.
        openings: Every event shown, in order.
        tag_key: Given once nothing more can happen to it.
    """

    item: str
    kind: Kind
    word: str
    day: str
    event: Event
    head: str
    parts: tuple[PartSize, ...]
    openings: tuple[Opening, ...]
    re: str | None = None
    note: str | None = None
    tag_key: bytes | None = None

    @property
    def subject(self) -> Subject:
        """Name this item in a statement by the family."""
        return Subject(self.item, self.head, self.event.parts)

    @property
    def lapsed(self) -> bool:
        """Whether it came back because nobody could be found for sure; no reviewer writes a note about that."""
        return self.event.event == RULES[Action.LAPSE].event


def read_rows(members: Mapping[str, Any]) -> list[Row]:
    """
    Read ``{"rows": […]}``.

    Raises:
        AnswerMalformed, NotCanonical, EventMalformed: A row is not as the interface says.
        RowDiffers: A row's event is about another item, or other parts.
    """
    return [read_row(row) for row in objects_of(members, "rows")]


def read_row(members: Mapping[str, Any]) -> Row:
    """Read one row; raises as `read_rows`."""
    event_json = text_of(members, "event")
    row = Row(
        item=_checked(members, "item", is_id),
        kind=_enum(Kind, members, "kind"),
        state=_enum(State, members, "state"),
        event=parse_event(event_json),
        head=event_digest(event_json),
        detainee=_checked(members, "detainee", _is_detainee),
        parts=_parts_of(members),
        accepted_at=_checked(members, "accepted_at", is_time),
        desk=_checked(members, "desk", is_id),
        destination=_optional(members, "destination", is_id),
        mailbox=_optional(members, "mailbox", is_digest),
        signer=_optional(members, "signer", is_digest),
        re=_optional(members, "re", _is_word),
        hint=_optional(members, "hint", _is_word),
        contact=_optional(members, "contact", is_digest),
        bag=_optional(members, "bag", is_id),
        until=_optional(members, "until", is_time),
        claimant=_optional(members, "claimant", is_id),
    )
    if (row.event.item, row.event.parts) != (row.item, row.digests):
        raise RowDiffers
    return row


def read_moves(members: Mapping[str, Any], subjects: Sequence[Subject]) -> list[Move]:
    """
    Read what a statement moved, and require that it is what was signed.

    Args:
        members: ``{"v","size","items":[{"item","index","event"}]}``.
        subjects: Those of the statement, in order.

    Raises:
        AnswerMalformed, NotCanonical, EventMalformed: The answer is not as the interface says.
        RowDiffers: An event is about another item or other parts, or does not follow the one that was signed over.
    """
    moves = [_read_move(each) for each in objects_of(members, "items")]
    if len(moves) != len(subjects):
        raise RowDiffers("the relay moved more or fewer items than were signed over")
    for move, subject in zip(moves, subjects, strict=True):
        event = move.event
        if (move.item, event.item, event.prev, event.parts) != (
            subject.item,
            subject.item,
            subject.prev,
            subject.parts,
        ):
            raise RowDiffers("the relay moved an item otherwise than was signed over")
    return moves


def read_family_moves(members: Mapping[str, Any], subjects: Sequence[Subject]) -> list[Move]:
    """
    Read what a family's statement moved.

    A family is not shown every event, so its statement names the last one it saw, and `prev` may be a later one.

    Raises:
        AnswerMalformed, NotCanonical, EventMalformed, RowDiffers: As `read_moves`.
    """
    moves = [_read_move(each) for each in objects_of(members, "items")]
    expected = [(subject.item, subject.item, subject.parts) for subject in subjects]
    if [(move.item, move.event.item, move.event.parts) for move in moves] != expected:
        raise RowDiffers("the relay moved an item otherwise than was signed over")
    return moves


def read_mailbox(members: Mapping[str, Any]) -> list[MailboxItem]:
    """
    Read a mailbox, and require that each item's events can follow one another.

    Raises:
        AnswerMalformed, NotCanonical, EventMalformed: The answer is not as the interface says.
        RowDiffers: An event is about another item, does not begin with its acceptance, or breaks the chain; or what is
            offered to be read is not what the last event names.
    """
    return [_read_mailbox_item(each) for each in objects_of(members, "items")]


def _read_mailbox_item(members: Mapping[str, Any]) -> MailboxItem:
    event_json = text_of(members, "event")
    item = MailboxItem(
        item=_checked(members, "item", is_id),
        kind=_enum(Kind, members, "kind"),
        word=text_of(members, "word"),
        day=text_of(members, "day"),
        event=parse_event(event_json),
        head=event_digest(event_json),
        parts=_parts_of(members),
        openings=tuple(_read_opening(each) for each in objects_of(members, "openings")),
        re=_optional(members, "re", _is_word),
        note=_optional(members, "note", is_digest),
        tag_key=_bytes32(members["tag_key"]) if members.get("tag_key") is not None else None,
    )
    _check_chain(item, event_json)
    _check_word(item)
    if item.parts and tuple(part.digest for part in item.parts) != item.event.parts:
        raise RowDiffers("a mailbox item has other parts than its last event")
    return item


def _check_chain(item: MailboxItem, event_json: str) -> None:
    """Require that what the family is shown are links of one chain; those between are not shown, and not judged."""
    openings = item.openings
    if not openings or openings[-1].event_json != event_json:
        raise RowDiffers("a mailbox item's last event is not the last that was opened")
    if openings[0].event.seq != 0 or any(one.event.item != item.item for one in openings):
        raise RowDiffers("a mailbox item's events do not begin with its acceptance, or are about another item")
    for before, after in itertools.pairwise(openings):
        step = after.event.seq - before.event.seq
        follows = step > 1 or (step == 1 and after.event.prev == event_digest(before.event_json))
        if not follows or after.index <= before.index:
            raise RowDiffers("a mailbox item's events do not follow each other")


#: What a family is told of each event, by the state that it leaves.
_WORDS: Final[Mapping[str, str]] = {RULES[action].event: FAMILY_WORDS[state] for (_, action), state in MOVES.items()}


def _check_word(item: MailboxItem) -> None:
    """Require that word and day are those of the last event shown: only events can be looked up in the log."""
    if item.word != _WORDS.get(item.event.event) or item.day != item.event.day:
        raise RowDiffers("a mailbox item's word or day is not that of its last event")


def _read_opening(members: Mapping[str, Any]) -> Opening:
    event_json = text_of(members, "event")
    return Opening(_index(members), _bytes32(members.get("nonce")), parse_event(event_json), event_json)


def _read_move(members: Mapping[str, Any]) -> Move:
    event_json = text_of(members, "event")
    item = _checked(members, "item", is_id)
    return Move(item, _index(members), parse_event(event_json), event_json, event_digest(event_json))


def _parts_of(members: Mapping[str, Any]) -> tuple[PartSize, ...]:
    return tuple(PartSize(_checked(each, "digest", is_digest), _size(each)) for each in objects_of(members, "parts"))


# ---------------------------------------------------------------- members of answers


def objects_of(members: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """
    Read a list of objects.

    Raises:
        AnswerMalformed: It is none.
    """
    values = members.get(key)
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise AnswerMalformed(f"the answer's `{key}` is not a list of objects")
    return values


def text_of(members: Mapping[str, Any], key: str) -> str:
    """
    Read a text.

    Raises:
        AnswerMalformed: It is none.
    """
    value = members.get(key)
    if not isinstance(value, str):
        raise AnswerMalformed(f"the answer's `{key}` is no text")
    return value


def texts_of(members: Mapping[str, Any], key: str) -> tuple[str, ...]:
    """
    Read a list of texts; a relay of an older version may not give one.

    Raises:
        AnswerMalformed: It is none.
    """
    values = members.get(key, [])
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise AnswerMalformed(f"the answer's `{key}` is not a list of texts")
    return tuple(values)


def integer_of(members: Mapping[str, Any], key: str) -> int:
    """
    Read an integer from 0.

    Raises:
        AnswerMalformed: It is none.
    """
    value = members.get(key)
    if type(value) is not int or not is_integer(value):
        raise AnswerMalformed(f"the answer's `{key}` is no number")
    return value


def _index(members: Mapping[str, Any]) -> int:
    return integer_of(members, "index")


def _size(members: Mapping[str, Any]) -> int:
    return integer_of(members, "bytes")


def _checked(members: Mapping[str, Any], key: str, holds: Callable[[object], bool]) -> str:
    value = text_of(members, key)
    if not holds(value):
        raise AnswerMalformed(f"the answer's `{key}` is not in its form")
    return value


def _optional(members: Mapping[str, Any], key: str, holds: Callable[[object], bool]) -> str | None:
    return None if members.get(key) is None else _checked(members, key, holds)


def _is_detainee(value: object) -> bool:
    return isinstance(value, str) and (value == UNKNOWN_DETAINEE or _NUMBER.fullmatch(value) is not None)


def _is_word(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= _WORDS_LIMIT


def _enum(kind: Callable[[str], T], members: Mapping[str, Any], key: str) -> T:
    try:
        return kind(text_of(members, key))
    except ValueError:
        raise AnswerMalformed(f"the answer's `{key}` is none of its words; update this client") from None


def _bytes32(value: object) -> bytes:
    if not isinstance(value, str) or not is_digest(value):
        raise AnswerMalformed("the answer has a nonce or key that is not 32 bytes in hex")
    return bytes.fromhex(value)
