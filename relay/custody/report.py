"""
What an audit tells beyond "unbroken": where items are, how long they waited, and who has not yet acknowledged what.

None of this can fail (docs/spec/audit.md, step 10): sound evidence of a letter that lies in a bag for a month is sound.
"""

import functools
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from keys.directory import Directory
from keys.ids import parse_time
from relay.custody.entry import ClearEntry, CommittedEntry, Entry, ErasureEntry, SiteEntry
from relay.custody.registered import Unlike
from relay.custody.replay import Replayed
from relay.domain.items import Item
from relay.domain.states import Action, Kind, State

#: Silence of the whole log that is worth a line: one day without an event.
GAP_SECONDS: Final = 24 * 60 * 60
#: Stands for the side of an item whose detainee no letter has reached yet.
NO_SIDE: Final = "unknown"

_ENDED_WELL = frozenset({State.DELIVERED, State.COLLECTED})
_ONWARD = frozenset({State.READY, State.COLLECTED})


@dataclass(frozen=True, slots=True)
class Dwell:
    """How long items stayed in a state before they left it: how many did, and the median and 95th percentile."""

    left: int
    p50_seconds: int
    p95_seconds: int


@dataclass(frozen=True, slots=True)
class Gap:
    """A day or more in which nothing was logged: the times on both sides of it, UTC."""

    after: str
    before: str
    seconds: int


@dataclass(frozen=True, slots=True)
class Unaccepted:
    """An item that was released in a bag and that nobody has accepted, or missed, since."""

    item: str
    bag: str
    desk: str
    since: str
    age_seconds: int


@dataclass(frozen=True, slots=True)
class Deliveries:
    """
    What deliveries stand on.

    Attributes:
        signed: An officer's statement.
        signed_with_paper: An officer's statement, and a scan of the addressee's signature.
        keyless: A dispatcher's statement for a desk without computers, on a scan of the signed sheet.
    """

    signed: int
    signed_with_paper: int
    keyless: int


@dataclass(frozen=True, slots=True)
class Parity:
    """How many items of one kind came in, went on, reached whom they are for, and were withheld."""

    submitted: int = 0
    passed: int = 0
    delivered: int = 0
    withheld: int = 0


@dataclass(frozen=True, slots=True)
class Report:
    """
    The auditor's report.

    Attributes:
        entries: How many entries there are of each kind.
        events: How many events were opened, by name.
        erased: How many entries can no longer be opened, on purpose.
        erased_after_seconds: For how long the youngest of them was kept, at the most: whoever erased a letter that was
            still under way shows here. None if none was erased, or nothing opened stands before and after it.
        unopened: How many register, run and audited entries the bundle does not open.
        differing_audits: How many auditors have signed a root that this log never had: ask them why.
        unlike_register: What the register, as it was then, does not bear out: letters held though their number had a
            place, or let in, matched or sent where it had none. None if not every page of the register is opened.
        kinds: How many items of each kind.
        states: How many items are in each state.
        dwell: By the state that items left.
        gaps: Days in which nothing was logged, in order.
        unaccepted: Released and not accepted, the longest waiting first.
        parity: By side of the desk that an item was passed to, or where its detainee was last reached; then by kind.
        waiting: Custody entries beyond the published size, which nobody can verify yet.
        at: The moment by which ages are reckoned, UTC; empty for a log without events.
    """

    entries: Mapping[str, int]
    events: Mapping[str, int]
    erased: int
    erased_after_seconds: int | None
    unopened: int
    differing_audits: int
    unlike_register: Sequence[Unlike] | None
    kinds: Mapping[str, int]
    states: Mapping[str, int]
    dwell: Mapping[str, Dwell]
    gaps: Sequence[Gap]
    unaccepted: Sequence[Unaccepted]
    deliveries: Deliveries
    parity: Mapping[str, Mapping[str, Parity]]
    waiting: int
    at: str

    def plain(self) -> dict[str, Any]:
        """Return it as plain values with stable keys, for JSON."""
        return asdict(self)


class Tally:
    """Counts events while the log is walked."""

    def __init__(self) -> None:
        """Begin at nothing."""
        self._events: Counter[str] = Counter()
        self._dwell: defaultdict[str, array[int]] = defaultdict(lambda: array("q"))
        self._gaps: list[Gap] = []
        self._deliveries: Counter[str] = Counter()
        self._ended: dict[str, State] = {}
        self._last = ""

    def count(self, replayed: Replayed) -> None:
        """Take one event in."""
        before, decision = replayed.before, replayed.decision
        at = decision.item.changed_at
        self._events[decision.event.event] += 1
        if self._last != at:
            self._note_gap(at)
        if before is not None and before.state is not decision.item.state:
            self._dwell[before.state.value].append(_seconds(before.changed_at, at))
        if decision.action is Action.DELIVER:
            self._deliveries[_delivery(replayed)] += 1
        elif decision.action is Action.EXPIRE and before is not None:
            self._ended[before.id] = before.state

    def report(self, items: Iterable[Item], log: "Log", *, at: str | None) -> Report:
        """
        Sum up.

        Args:
            items: Every item, as its last event left it.
            log: What was counted of the log itself.
            at: Now, UTC, to reckon ages by; None for the time of the last event.
        """
        now = at or self._last
        every = list(items)
        return Report(
            entries=log.entries,
            events=dict(sorted(self._events.items())),
            erased=log.erased,
            erased_after_seconds=log.erased_after_seconds,
            unopened=log.unopened,
            differing_audits=log.differing_audits,
            unlike_register=log.unlike_register,
            kinds=_counts(item.kind.value for item in every),
            states=_counts(item.state.value for item in every),
            dwell={state: _dwell(seconds) for state, seconds in sorted(self._dwell.items())},
            gaps=tuple(self._gaps),
            unaccepted=_unaccepted(every, now),
            deliveries=Deliveries(**{key: self._deliveries[key] for key in Deliveries.__slots__}),
            parity=self._parity(every, log.directory),
            waiting=0,
            at=now,
        )

    def _note_gap(self, at: str) -> None:
        if self._last and (seconds := _seconds(self._last, at)) >= GAP_SECONDS:
            self._gaps.append(Gap(self._last, at, seconds))
        self._last = at

    def _parity(self, items: Sequence[Item], directory: Directory | None) -> dict[str, dict[str, Parity]]:
        sides = {} if directory is None else {desk.id: desk.side for desk in directory.desks}
        letters = (item for item in items if item.kind is not Kind.REPLY)
        reached = {item.detainee: side for item in letters if (side := sides.get(item.destination or ""))}
        counts: defaultdict[str, defaultdict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
        for item in items:
            side = sides.get(item.destination or "") or reached.get(item.detainee, NO_SIDE)
            state = self._ended.get(item.id, item.state)
            counted = counts[side][item.kind.value]
            counted["submitted"] += 1
            counted["passed"] += item.destination is not None or state in _ONWARD
            counted["delivered"] += state in _ENDED_WELL
            counted["withheld"] += state is State.WITHHELD
        return {side: {kind: Parity(**kinds[kind]) for kind in sorted(kinds)} for side, kinds in sorted(counts.items())}


class Erasures:
    """
    Reckons for how long erased entries were kept, while the log is walked.

    What is erased has no time any more. It was logged after the last event above it that is opened, and erased before
    the next one below its erasure, or before the auditor's own moment: so the age is never told as less than it was,
    and nobody is accused by mistake.
    """

    def __init__(self) -> None:
        """Begin with nothing erased."""
        self.shortest_seconds: int | None = None
        self._logged: dict[int, str] = {}
        self._waiting: list[str] = []

    def meet(self, index: int, *, after: str) -> None:
        """Pass an entry that was erased, after the time of the last event above it; empty if there is none."""
        self._logged[index] = after

    def erase(self, entry: ErasureEntry) -> None:
        """Pass the erasure that lists entries passed before."""
        youngest = max(self._logged.pop(index) for index in entry.indexes)
        if youngest:
            self._waiting.append(youngest)

    def reach(self, at: str) -> None:
        """Reach an event that is opened; what was erased above it was erased before."""
        for logged in self._waiting:
            kept = _seconds(logged, at)
            self.shortest_seconds = kept if self.shortest_seconds is None else min(kept, self.shortest_seconds)
        self._waiting.clear()


@dataclass(frozen=True, slots=True)
class Log:
    """What a report says of the log itself; as in `Report`. The directory is the last one."""

    entries: Mapping[str, int]
    erased: int
    erased_after_seconds: int | None
    unopened: int
    differing_audits: int
    unlike_register: Sequence[Unlike] | None
    directory: Directory | None


def kind_of(entry: Entry) -> str:
    """Name the kind of an entry that is not about an item."""
    if isinstance(entry, ClearEntry | CommittedEntry):
        return entry.kind.value
    return "site" if isinstance(entry, SiteEntry) else "erasure"


def _delivery(replayed: Replayed) -> str:
    destination = replayed.directory.desk(replayed.decision.item.destination or "")
    if destination.keyless:
        return "keyless"
    return "signed_with_paper" if "paper" in replayed.detail else "signed"


def _counts(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))


def _dwell(seconds: Iterable[int]) -> Dwell:
    """Take percentiles by nearest rank, so that each is a time that some item took."""
    ordered = sorted(seconds)
    count = len(ordered)
    return Dwell(count, ordered[-(-count * 50 // 100) - 1], ordered[-(-count * 95 // 100) - 1])


def _unaccepted(items: Iterable[Item], now: str) -> tuple[Unaccepted, ...]:
    lying = sorted((item for item in items if item.state is State.BAGGED), key=lambda item: (item.changed_at, item.id))
    return tuple(
        Unaccepted(
            item.id, item.bag or "", item.destination or "", item.changed_at, max(_seconds(item.changed_at, now), 0)
        )
        for item in lying
    )


def _seconds(start: str, end: str) -> int:
    return _posix(end) - _posix(start)


# The events of one batch share their time, and most items are moved in batches.
@functools.lru_cache(maxsize=4096)
def _posix(at: str) -> int:
    return int(parse_time(at).timestamp())
