"""Who is next: lines by (detainee, mailbox), round-robin over a detainee's mailboxes, oldest waiting detainee first."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from relay.domain.refusals import OutOfTurn, TooManyClaims
from relay.domain.states import State


@dataclass(frozen=True, slots=True)
class Waiting:
    """
    One item that is queued, held, escalated or claimed at a review desk.

    Attributes:
        mailbox: Whose line it is in; a reply that is not matched yet has a line of its own.
        turn: The log index of its acceptance; 0 for one that was put to the front.
        free: Whether a claim may be made now: nobody's claim runs.
    """

    item: str
    detainee: str
    mailbox: str | None
    turn: int
    state: State
    claimant: str | None
    free: bool

    @property
    def line(self) -> tuple[str, str]:
        """The line it waits in. Only `queued` and `claimed` items block those behind them."""
        return (self.detainee, self.mailbox or self.item)


_BLOCKING = frozenset({State.QUEUED, State.CLAIMED})


def offer(waiting: Iterable[Waiting], *, staff: str, limit: int) -> tuple[Waiting, ...]:
    """
    Choose what one reviewer is offered of one detainee: the front of each line in turn.

    Args:
        waiting: Every item of the detainee that waits at the desk.
        staff: Who asks; what they hold already does not block their own line.
        limit: How many at most, 20 by the agreement.
    """
    lines: dict[tuple[str, str], list[Waiting]] = defaultdict(list)
    for one in sorted(waiting, key=lambda one: (one.turn, one.item)):
        lines[one.line].append(one)
    fronts = [_front(line, staff) for line in lines.values()]
    rounds = zip_longest(*fronts)
    chosen = [one for together in rounds for one in together if one is not None]
    return tuple(chosen[:limit])


def _front(line: Sequence[Waiting], staff: str) -> list[Waiting]:
    """Take the items of one line, in order, up to the first that is another's."""
    front: list[Waiting] = []
    for one in line:
        mine = one.state is State.CLAIMED and one.claimant == staff and not one.free
        if one.free:
            front.append(one)
        elif one.state in _BLOCKING and not mine:
            break
    return front


def check_turns(chosen: Collection[str], waiting: Iterable[Waiting], *, staff: str) -> None:
    """
    Require that a claim leaves nothing behind that came before it in the same line.

    Raises:
        OutOfTurn: An earlier item of a line is neither claimed with it nor held by the same reviewer.
    """
    lines: dict[tuple[str, str], list[Waiting]] = defaultdict(list)
    for one in waiting:
        lines[one.line].append(one)
    for line in lines.values():
        last = max((one.turn for one in line if one.item in chosen), default=-1)
        for one in line:
            held = one.claimant == staff and not one.free
            if one.turn < last and one.state in _BLOCKING and one.item not in chosen and not held:
                raise OutOfTurn


def check_load(claimed: Iterable[tuple[str, str]], *, letters: int, detainees: int) -> None:
    """
    Require that one reviewer does not hold too much.

    Args:
        claimed: (item, detainee) of everything the reviewer would hold after the claim.
        letters: How many letters of one detainee at most.
        detainees: How many detainees at most.

    Raises:
        TooManyClaims: More than that.
    """
    counts: dict[str, int] = defaultdict(int)
    for _, detainee in claimed:
        counts[detainee] += 1
    if len(counts) > detainees or max(counts.values(), default=0) > letters:
        raise TooManyClaims
