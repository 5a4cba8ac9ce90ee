"""
What the register said at each moment of the log, as far as it was opened: held against what the relay made of it.

Whether a letter is held, and where it may go, is decided by the register, which the relay alone looks into. It could
hold a letter whose number is well known, let it lapse, and say that nobody was found. A registrar's signed rows tell.
"""

from dataclasses import dataclass, field

from keys.errors import Malformed
from relay.custody.replay import Replayed
from relay.domain.items import Item
from relay.domain.register import Row, enters_as, parse_rows
from relay.domain.states import Action, Kind, State

_COMING_IN = frozenset({Action.ACCEPT, Action.HOLD})


@dataclass(frozen=True, slots=True)
class Unlike:
    """An event that the register, as it was then, does not bear out: of which item, what, and when (UTC)."""

    item: str
    event: str
    at: str


@dataclass(slots=True)
class Registered:
    """
    The register while the log is walked.

    Attributes:
        is_whole: Whether every page so far was opened, with its rows; only then can anything be held against it.
        unlike: What it does not bear out, in the order of the log.
    """

    is_whole: bool = True
    unlike: list[Unlike] = field(default_factory=list)
    _rows: dict[str, Row] = field(default_factory=dict)

    def turn(self, rows: bytes | None) -> None:
        """
        Take a page in.

        Args:
            rows: What the registrar's statement names by its digest; None if it is closed, or not there.
        """
        try:
            page = parse_rows(rows.decode()) if rows is not None else None
        except (UnicodeDecodeError, Malformed):
            page = None
        if page is None:
            self.is_whole = False
        else:
            self._rows |= {row.number: row for row in page}

    def compare(self, replayed: Replayed) -> None:
        """Hold one event against the register."""
        decision = replayed.decision
        if self.is_whole and not self._bears_out(decision.action, decision.item):
            self.unlike.append(Unlike(decision.item.id, decision.event.event, decision.item.changed_at))

    def _bears_out(self, action: Action, item: Item) -> bool:
        if item.kind is Kind.REPLY:
            return True
        row = self._rows.get(item.detainee)
        if action in _COMING_IN:
            return item.state is enters_as(row)
        if action is Action.MATCH:
            return enters_as(row) is State.QUEUED
        if action is Action.BAG:
            return row is not None and enters_as(row) is State.QUEUED and row.place == item.destination
        return True
