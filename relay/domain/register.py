"""What the relay knows of the held: number, status and place, and nothing else."""

from dataclasses import dataclass
from enum import StrEnum

from keys.canonical import encode_json, parse_json
from keys.codes import NumberMistyped, parse_number
from keys.errors import Malformed
from keys.ids import is_id
from relay.domain.states import State

#: The word a family writes when it does not know the number.
UNKNOWN = "unknown"


class Status(StrEnum):
    """What the register says of one of the held."""

    UNCONFIRMED = "unconfirmed"
    CONFIRMED = "confirmed"
    TRANSFERRED = "transferred"
    RELEASED = "released"
    CLOSED = "closed"


class RowsMalformed(Malformed):
    """These are not rows of number, status and place."""

    code = "register_rows_malformed"


@dataclass(frozen=True, slots=True)
class Row:
    """
    One of the held, as far as the relay knows.

    Attributes:
        number: The detainee number, 12 digits.
        place: Id of the facility, or None.
    """

    number: str
    status: Status
    place: str | None


#: With one of these, and a place, a letter can go on its way.
_REACHABLE = frozenset({Status.CONFIRMED, Status.TRANSFERRED})


def enters_as(row: Row | None) -> State:
    """Say where a letter waits: HELD if its number is unknown, unconfirmed or has no place, otherwise QUEUED."""
    if row is None or row.status not in _REACHABLE or row.place is None:
        return State.HELD
    return State.QUEUED


def encode_rows(rows: tuple[Row, ...]) -> str:
    """Write the rows that a register statement commits to by their SHA-256."""
    return encode_json({"v": 1, "rows": [[row.number, row.status.value, row.place] for row in rows]})


def parse_rows(text: str) -> tuple[Row, ...]:
    """
    Read such rows.

    Raises:
        NotCanonical, RowsMalformed: As they say.
    """
    fields = parse_json(text, what="register rows")
    try:
        rows = tuple(_row(*row) for row in fields["rows"])
    except (KeyError, TypeError, ValueError):
        raise RowsMalformed from None
    if len({row.number for row in rows}) != len(rows):
        raise RowsMalformed("a number stands twice")
    if encode_rows(rows) != text:
        raise RowsMalformed
    return rows


def _row(number: str, status: str, place: str | None) -> Row:
    try:
        as_printed = parse_number(number)
    except NumberMistyped:
        raise RowsMalformed("a number is mistyped") from None
    if as_printed != number or not (place is None or is_id(place)):
        raise RowsMalformed
    return Row(number, Status(status), place)
