"""The one door: everything that changes custody is submitted here, and answered only after its commit."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import ClassVar

import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from keys.errors import Fatal, Malformed, Refused, RelayError
from keys.ids import Random, format_time
from keys.notes import NoteUnsigned, Signer
from relay.custody.checkpoint import verify_checkpoint
from relay.custody.edge import Edge
from relay.domain.in_force import InForce
from relay.ledger.append import Appending, extend, load, save
from relay.ledger.batch import Answer, Batch, Needs, Rules, Submission
from relay.ledger.highwater import HighWater
from relay.ledger.opening import TreeDamaged, load_edge, load_in_force
from relay.storage import custody_log
from relay.storage.engine import Storage, StorageUnavailable

_log = structlog.get_logger(__name__)


class Conflict(Refused):
    """This was submitted before with other bytes."""

    code = "idempotency_conflict"
    cure = "Nothing was changed. To send something else, seal it anew under an id of its own."


class Overloaded(Refused):
    """Too much is waiting at the door."""

    code = "overloaded"
    retry_after_seconds: ClassVar[int] = 1
    cure = "Nothing was lost; wait as long as Retry-After says and send the same bytes again."


class Closed(Refused):
    """The relay is stopping."""

    code = "stopping"
    retry_after_seconds: ClassVar[int] = 10
    cure = "Nothing was lost; send the same bytes again in a minute."


class NotInitialised(Fatal):
    """There is no relay in this data folder yet."""

    code = "not_initialised"
    cure = "Run `letter-relay init --name NAME --data DIR` first."


@dataclass(frozen=True, slots=True)
class Capacity:
    """
    How much goes through the door at once.

    Attributes:
        commands: Submissions in one batch at the most.
        items: Events in one batch at the most, about.
        waiting: Submissions that may wait; more are refused with `overloaded`.
    """

    commands: int = 256
    items: int = 2_048
    waiting: int = 4_096


_USUAL_RULES = Rules()
_USUAL_CAPACITY = Capacity()


class OtherLogKey(Fatal):
    """The log key in the data folder is not the one that signed this log."""

    code = "other_log_key"
    cure = "Put back the `log.key` that belongs to this database; its log must not be signed with another."


@dataclass(slots=True, eq=False)
class _Waiting:
    submission: Submission
    needs: Needs
    answered: asyncio.Future[bytes] = field(default_factory=lambda: asyncio.get_running_loop().create_future())

    @property
    def weight(self) -> int:
        """How many events it may make, or how many files it names: a database takes only so many values at once."""
        return max(1, len(self.needs.items), len(self.needs.parts))


class Ledger:
    """
    The writer. One task takes what waits, decides it under the lock on the log head, and commits it all together.

    State and log can never disagree, because one transaction holds both; no signature and no answer leaves before the
    commit has returned and the high-water mark is on the disk. A refused submission costs its neighbours nothing. After
    an error at commit the outcome is unknown, so the batch is decided again over what is really there: what had been
    written is then answered from the stored answers.
    """

    def __init__(
        self,
        storage: Storage,
        signer: Signer,
        high_water: HighWater,
        *,
        random: Random,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        rules: Rules = _USUAL_RULES,
        capacity: Capacity = _USUAL_CAPACITY,
    ) -> None:
        """Set up the door; `start` opens it."""
        self._storage = storage
        self._signer = signer
        self._high_water = high_water
        self._random = random
        self._clock = clock
        self._rules = rules
        self._capacity = capacity
        self._queue: asyncio.Queue[_Waiting | None] = asyncio.Queue(maxsize=capacity.waiting + 1)
        self._task: asyncio.Task[None] | None = None
        self._held: _Waiting | None = None
        self._at_hand: Sequence[_Waiting] = ()
        self._edge = Edge.empty()
        self._head: custody_log.Head | None = None
        self._in_force = InForce()
        self._shown: custody_log.Head | None = None
        self._broken: RelayError | None = None

    @property
    def in_force(self) -> InForce:
        """Who has authority now, as of the last commit. For checks before the door; the door judges again."""
        return self._in_force

    @property
    def head(self) -> custody_log.Head:
        """The head as of the last answers: committed, and covered by the high-water mark, so it may be shown."""
        if self._shown is None:
            raise NotInitialised
        return self._shown

    @property
    def edge(self) -> Edge:
        """The right edge of the tree as of the last commit."""
        return self._edge

    @property
    def broken(self) -> RelayError | None:
        """Why the door has shut itself, if it has."""
        return self._broken

    async def start(self) -> None:
        """
        Read the head, require that the high-water mark is a prefix of it, and open the door.

        Raises:
            NotInitialised: There is no log.
            HighWaterAhead: The database is older than what was already answered; a backup was put back.
            LogForked: The database holds another history than what was already answered.
            OtherLogKey: The log was signed with another key.
            TreeDamaged: The stored log is not the one that was signed.
            StorageUnavailable: The database or the disk is out of reach.
        """
        async with self._storage.read() as connection:
            await self._reload(connection)
        try:
            await self._raise_mark()
        except OSError as error:
            raise StorageUnavailable from error
        self._task = asyncio.create_task(self._run(), name="the door")
        self._task.add_done_callback(self._writer_ended)

    async def stop(self) -> None:
        """Finish what waits, refuse what comes later, and close."""
        self._broken = self._broken or Closed()
        if self._task is not None:
            await self._queue.put(None)
            # Not awaited for its outcome: whatever ended it has been told to those who waited.
            await asyncio.wait([self._task])
            self._task = None

    async def submit(self, submission: Submission) -> bytes:
        """
        Bring something to the door and wait until it is durable.

        Returns:
            The answer: the same bytes for a retry of the same bytes.

        Raises:
            Refused: The submission is not allowed; nothing was changed.
            Conflict: Its key was used before for other bytes.
            Overloaded, StorageUnavailable: Try again; nothing acknowledged is lost.
        """
        if self._broken is not None:
            # A fresh one each time: an exception that is raised again keeps the traceback of every request before.
            raise type(self._broken)(*self._broken.args)
        if self._queue.qsize() >= self._capacity.waiting:
            raise Overloaded
        waiting = _Waiting(submission, submission.needs())
        self._queue.put_nowait(waiting)
        return await waiting.answered

    async def _run(self) -> None:
        while (batch := await self._gather()) is not None:
            self._at_hand = batch
            await self._commit_or_refuse(batch)
            self._at_hand = ()

    def _writer_ended(self, task: asyncio.Task[None]) -> None:
        """Shut the door when its writer ends by what nobody foresaw, so that nobody waits for an answer of the dead."""
        error = None if task.cancelled() else task.exception()
        if error is None and not task.cancelled():
            return
        self._shut(error, self._at_hand)

    async def _gather(self) -> list[_Waiting] | None:
        """Take what waits, up to the capacity of a batch; None once the door is to close."""
        first = self._held or await self._queue.get()
        self._held = None
        if first is None:
            return None
        batch, weight = [first], first.weight
        while len(batch) < self._capacity.commands and not self._queue.empty():
            following = self._queue.get_nowait()
            if following is None or weight + following.weight > self._capacity.items:
                self._put_back(following)
                break
            batch.append(following)
            weight += following.weight
        return batch

    def _put_back(self, one: _Waiting | None) -> None:
        if one is None:
            self._queue.put_nowait(None)
        else:
            self._held = one

    async def _commit_or_refuse(self, batch: Sequence[_Waiting]) -> None:
        """Commit a batch; try once more when the outcome is unknown; shut the door on what must not happen."""
        refusal: RelayError = StorageUnavailable()
        for _ in range(2):
            try:
                await self._commit(batch)
            except StorageUnavailable as error:
                _log.warning("batch_not_committed", code=error.code, size=len(batch))
                refusal = error
            except OSError as error:
                _log.warning("high_water_not_raised", error=type(error).__name__, size=len(batch))
                refusal = StorageUnavailable()
            except Exception as error:  # noqa: BLE001 - a bug must shut the door, not leave its callers waiting
                self._shut(error, batch)
                return
            else:
                return
        _settle_all(batch, refusal)

    def _shut(self, error: BaseException | None, batch: Sequence[_Waiting]) -> None:
        """Refuse the batch at hand, what waits, and what comes later; only then say so."""
        self._broken = error if isinstance(error, Fatal) else Fatal("the door met an error it does not know")
        _settle_all(batch, self._broken)
        self._refuse_waiting(self._broken)
        _log.critical("door_shut", error=type(error).__name__)

    async def _commit(self, waiting: Sequence[_Waiting]) -> None:
        """Decide and write one batch in one transaction, then answer."""
        open_ones = [one for one in waiting if not one.answered.done()]
        outcome = _Outcome()
        async with self._storage.write() as connection:
            head = await custody_log.load_head(connection, lock=True)
            if head is None:
                raise NotInitialised
            if self._head is None or (head.size, head.checkpoint) != (self._head.size, self._head.checkpoint):
                await self._reload(connection)
            appending = await self._decide(connection, head, open_ones, outcome)
        if appending is not None:
            self._head, self._edge = appending.head, appending.edge
            self._in_force = outcome.in_force or self._in_force
        await self._raise_mark()
        outcome.settle()

    async def _raise_mark(self) -> None:
        """
        Bring the high-water mark up to the head, whoever wrote it, before an answer that rests on it leaves.

        Raises:
            OSError: The disk is full or gone. The batch stands; its answers are stored, and leave once the mark does.
        """
        if self._head is not None and self._head != self._shown:
            await self._high_water.raise_to(self._head.checkpoint)
            self._shown = self._head

    async def _decide(
        self,
        connection: AsyncConnection,
        head: custody_log.Head,
        waiting: Sequence[_Waiting],
        outcome: "_Outcome",
    ) -> Appending | None:
        stored = await custody_log.load_answers(connection, {one.submission.key for one in waiting})
        fresh = [one for one in waiting if not outcome.answer_from(one, stored)]
        loaded = await load(connection, [one.needs for one in fresh])
        at = max(format_time(self._clock()), head.at)
        batch = Batch(head.relay, head.origin, head.size, at, self._rules, self._random, loaded, self._in_force)
        taken = _take(batch, fresh, outcome)
        if not batch.changes.entries:
            return None
        appending = extend(batch, head, self._edge, self._signer)
        answers = [
            (one.submission.key, one.submission.request, answer(appending.settled)) for one, answer in taken.items()
        ]
        if not await save(connection, batch.changes, head, appending):
            raise StorageUnavailable("another node has moved the log head")
        await custody_log.store_answers(connection, answers, at=at)
        for one, (_, _, answer) in zip(taken, answers, strict=True):
            outcome.answers.append((one, answer))
        outcome.in_force = batch.changes.in_force
        return appending

    async def _reload(self, connection: AsyncConnection) -> None:
        """Take over a head that this process did not write itself: at start, or written by another node."""
        head = await custody_log.load_head(connection)
        if head is None:
            raise NotInitialised
        try:
            signed = verify_checkpoint(head.checkpoint, [self._signer.vkey], origin=head.origin).checkpoint
        except NoteUnsigned:
            raise OtherLogKey from None
        edge = await load_edge(connection, head)
        if (signed.size, signed.root) != (head.size, edge.root()):
            raise TreeDamaged
        await self._high_water.check_prefix(connection, head)
        self._in_force = await load_in_force(connection)
        self._head, self._edge = head, edge

    def _refuse_waiting(self, error: RelayError) -> None:
        waiting = [self._held] if self._held is not None else []
        self._held = None
        while not self._queue.empty():
            if (one := self._queue.get_nowait()) is not None:
                waiting.append(one)
        _settle_all(waiting, error)


@dataclass(slots=True)
class _Outcome:
    """What a batch will answer, kept back until its commit has returned."""

    answers: list[tuple[_Waiting, bytes]] = field(default_factory=list)
    refusals: list[tuple[_Waiting, Exception]] = field(default_factory=list)
    twins: list[tuple[_Waiting, _Waiting]] = field(default_factory=list)
    in_force: InForce | None = None

    def answer_from(self, one: _Waiting, stored: dict[str, tuple[str, bytes]]) -> bool:
        """Answer a retry with the stored bytes, or refuse other bytes under the same key."""
        found = stored.get(one.submission.key)
        if found is None:
            return False
        request, answer = found
        if request == one.submission.request:
            self.answers.append((one, answer))
        else:
            self.refusals.append((one, Conflict()))
        return True

    def settle(self) -> None:
        """Let the answers leave; whoever sent the same bytes twice at once gets the same answer twice."""
        answered = dict(self.answers)
        for one, twin in self.twins:
            if one.submission.request == twin.submission.request:
                self.answers.append((one, answered[twin]))
            else:
                self.refusals.append((one, Conflict()))
        for one, answer in self.answers:
            if not one.answered.done():
                one.answered.set_result(answer)
        for one, error in self.refusals:
            if not one.answered.done():
                one.answered.set_exception(error)


def _take(batch: Batch, waiting: Sequence[_Waiting], outcome: _Outcome) -> dict[_Waiting, Answer]:
    """Apply submissions one after another; one that is refused leaves the batch as it was."""
    taken: dict[_Waiting, Answer] = {}
    first: dict[str, _Waiting] = {}
    for one in waiting:
        before = first.get(one.submission.key)
        if before is not None:
            outcome.twins.append((one, before))
            continue
        try:
            taken[one] = batch.take(one.submission)
        except (Refused, Malformed) as error:
            outcome.refusals.append((one, error))
        except Exception as error:  # noqa: BLE001 - its draft is thrown away, so a bug costs its neighbours nothing
            _log.critical("submission_failed", kind=type(one.submission).__name__, error=type(error).__name__)
            outcome.refusals.append((one, error))
        else:
            first[one.submission.key] = one
    return taken


def _settle_all(batch: Sequence[_Waiting], error: RelayError) -> None:
    for one in batch:
        if not one.answered.done():
            one.answered.set_exception(error)
