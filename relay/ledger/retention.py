"""
Retention: what the agreement says must not be kept any longer, goes; and the log says that it has gone.

Held letters lapse; items that are final expire, and their sealed bytes go; long after that their openings are erased;
uploads that nothing names are swept. docs/data-inventory.md promises each of them.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from keys.errors import Refused, RelayError
from keys.ids import format_time
from relay.domain.states import FINAL, Action, State
from relay.ledger.batch import Submission
from relay.ledger.door import Ledger
from relay.ledger.erasure import MAX_INDEXES, Chain, ErasureIn, chains_of
from relay.ledger.policy import PolicyIn
from relay.storage.engine import Storage
from relay.storage.erasing import delete_expired
from relay.storage.items import changed_before
from relay.storage.parts import sweep_parts, unused_parts

_AT_ONCE = 500
_AN_HOUR_SECONDS = 3_600.0

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Terms:
    """
    How long things are kept, as the parties agreed; 0 is for ever.

    Attributes:
        held_days: A letter to an unknown number, until it is returned.
        sealed_days: Sealed bytes, after an item is final.
        openings_days: Openings, after an item is final; not shorter than `sealed_days`.
        unused_hours: An upload that no item names.
        session_hours: A session of staff; the longest that can be configured, if it is not told.
    """

    held_days: int = 60
    sealed_days: int = 90
    openings_days: int = 1_095
    unused_hours: int = 48
    session_hours: int = 168


@dataclass(frozen=True, slots=True)
class Kept:
    """How much one run has dealt with: items lapsed, expired and erased, files swept."""

    lapsed: int = 0
    expired: int = 0
    erased: int = 0
    swept: int = 0


class Retention:
    """Does once an hour what the terms ask for."""

    def __init__(
        self,
        storage: Storage,
        ledger: Ledger,
        terms: Terms,
        *,
        seconds: float = _AN_HOUR_SECONDS,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        publish: Callable[[], Awaitable[object]] | None = None,
    ) -> None:
        """
        Set it up; `start` lets it run by itself.

        Args:
            seconds: How long to wait between two runs.
            publish: Publishes the log's head. Erasures do not wait for the next minute: until they are published,
                auditors would find openings gone that no published entry accounts for.
        """
        self._storage = storage
        self._ledger = ledger
        self._terms = terms
        self._seconds = seconds
        self._clock = clock
        self._publish = publish
        self._swept_until = ""
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Run for the first time soon, then again and again."""
        self._task = asyncio.create_task(self._run(), name="retention")

    async def stop(self) -> None:
        """Stop; what was half done is done by the next run."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    async def run(self) -> Kept:
        """
        Do all that is due now.

        Raises:
            StorageUnavailable: Not now; what was done stays done.
        """
        terms = self._terms
        kept = Kept(
            lapsed=await self._apply(Action.LAPSE, {State.HELD}, terms.held_days),
            expired=await self._apply(Action.EXPIRE, FINAL - {State.EXPIRED}, terms.sealed_days),
            erased=await self._erase(),
            swept=await self._sweep(),
        )
        if kept.erased or kept.expired:
            await self._storage.truncate_journal()
        if kept != Kept():
            _log.info("kept_no_longer", lapsed=kept.lapsed, expired=kept.expired, erased=kept.erased, swept=kept.swept)
        return kept

    async def _apply(self, action: Action, states: Collection[State], days: int) -> int:
        """Move every item that has been in one of these states for too long."""
        count = 0
        while days:
            async with self._storage.read() as connection:
                items = await changed_before(connection, states=states, before=self._before(days=days), limit=_AT_ONCE)
            done = await self._submit([PolicyIn(action, item.id) for item in items])
            count += done
            if done < _AT_ONCE:
                break
        return count

    async def _erase(self) -> int:
        """Erase every item whose openings have been kept long enough; they were counted from when it became final."""
        terms, count = self._terms, 0
        while terms.sealed_days and terms.openings_days:
            before = self._before(days=terms.openings_days - terms.sealed_days)
            async with self._storage.read() as connection:
                items = await changed_before(connection, states={State.EXPIRED}, before=before, limit=_AT_ONCE)
                chains = await chains_of(connection, [item.id for item in items])
            runs = list(_runs(chains))
            done = await self._submit([ErasureIn(run) for run in runs])
            if done and self._publish is not None:
                await self._publish()
            if done < len(runs) or not runs:
                break
            count += len(items)
        return count

    async def _sweep(self) -> int:
        """Look without disturbing the door for what was left since the last run, and delete that in small steps."""
        now_s = int(self._clock().timestamp())
        async with self._storage.write() as connection:
            await delete_expired(connection, now_s=now_s, sessions_before_s=now_s - self._terms.session_hours * 3_600)
        before, count = self._before(hours=self._terms.unused_hours), 0
        async with self._storage.read() as connection:
            unused = await unused_parts(connection, since=self._swept_until, before=before)
        for start in range(0, len(unused), _AT_ONCE):
            async with self._storage.write() as connection:
                count += await sweep_parts(connection, unused[start : start + _AT_ONCE])
        self._swept_until = before
        return count

    async def _submit(self, submissions: Sequence[Submission]) -> int:
        """Bring things to the door together; one that is refused waits for the next run. Returns how many were done."""
        answers = await asyncio.gather(*map(self._ledger.submit, submissions), return_exceptions=True)
        failures = [answer for answer in answers if isinstance(answer, BaseException)]
        for failure in failures:
            if not isinstance(failure, Refused):
                raise failure
            _log.warning("retention_refused", code=failure.code)
        return len(answers) - len(failures)

    def _before(self, **ago: float) -> str:
        return format_time(self._clock() - timedelta(**ago))

    async def _run(self) -> None:
        while True:
            try:
                await self.run()
            except RelayError as error:
                _log.warning("retention_interrupted", code=error.code)
            except Exception as error:  # noqa: BLE001 - ended by a bug, it would keep for ever what it promised to destroy
                _log.error("retention_interrupted", error=type(error).__name__)
            await asyncio.sleep(self._seconds)


def _runs(chains: Sequence[Chain]) -> Iterator[tuple[Chain, ...]]:
    """Divide chains into runs that fit into one entry of the log each."""
    run: list[Chain] = []
    for chain in chains:
        if run and sum(len(one.indexes) for one in (*run, chain)) > MAX_INDEXES:
            yield tuple(run)
            run = []
        run.append(chain)
    if run:
        yield tuple(run)
