"""
The whole life of a letter: accepted, claimed, passed on resealed, bagged, received, opened and delivered.

Everybody works at once, as clients do: families over a lean connection each, staff with the real client, which opens,
judges, reseals, renews contacts and signs. Two cores for all of it: one for the relay, one for all its users.
"""

import asyncio
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from bench.figures import Figure, at_least
from bench.letters import Letter, seal_for_each
from bench.processes import relay_at
from bench.wire import Wires
from bench.world import DISPATCHER, REVIEWERS, World, database_of, found_at, open_at
from relay.client.dispatchers import Dispatcher
from relay.client.facilities import Officer
from relay.client.reviewers import Reviewer
from relay.ledger.exporting import export_log
from relay.storage.engine import Storage

#: DESIGN.md §10: the height is the Central Agency's 120 million messages of 1939-45 in one day.
FLOOR, HEIGHT = 400, 1_389
_FAMILIES, _LETTERS_OF_EACH = 2, 10
#: By the agreement, a reviewer claims so many letters of one detainee.
_CLAIM = _FAMILIES * _LETTERS_OF_EACH
_BAG = 50
_CONNECTIONS = 40
#: How many claims' worth of letters may wait, so that the stages run beside each other and not one after the other.
_AHEAD = 40


@dataclass(frozen=True, slots=True)
class Size:
    """How many detainees get twenty letters each."""

    detainees: int


FULL, QUICK = Size(450), Size(10)


@dataclass(frozen=True, slots=True)
class Run:
    """What is left of a run: its evidence, and what an auditor has on paper."""

    bundle: Path
    fingerprint: str
    figure: Figure


def measure(folder: Path, size: Size) -> Run:
    """Live the lives, then export the log of them, with all openings; the clock stops before the export."""
    founded = asyncio.run(found_at(folder / "lives"))
    with relay_at(founded.folder) as relay:
        world = asyncio.run(open_at(relay, founded, detainees=size.detainees))
        print(f"whole life: sealing {size.detainees * _CLAIM} letters", file=sys.stderr)
        letters = list(seal_for_each(world, families=_FAMILIES, letters=_LETTERS_OF_EACH))
        seconds = asyncio.run(_live(world, letters))
    bundle = folder / "bundle"
    asyncio.run(_export(founded.folder, bundle))
    rate = size.detainees * _CLAIM / seconds
    print(f"whole life: {rate:,.0f} letters/s", file=sys.stderr)
    return Run(bundle, world.fingerprint, at_least("whole_life", rate, "letters/s", floor=FLOOR, height=HEIGHT))


async def _export(data: Path, bundle: Path) -> None:
    storage = Storage(database_of(data))
    try:
        await export_log(storage, bundle, with_openings=True)
    finally:
        await storage.close()


@dataclass(slots=True)
class _Way:
    """How far the letters have come; each stage waits for the one before it."""

    expected: int
    accepted: asyncio.Queue[str] = field(default_factory=asyncio.Queue)
    ahead: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AHEAD))
    passed: int = 0
    bagged: int = 0
    delivered: int = 0
    moved: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def note(self, *, passed: int = 0, bagged: int = 0, delivered: int = 0) -> None:
        """Say that letters have come further."""
        async with self.moved:
            self.passed += passed
            self.bagged += bagged
            self.delivered += delivered
            self.moved.notify_all()

    async def until_packable(self) -> bool:
        """Wait for a bag's worth of passed letters at each place, or the last ones; False if all are bagged."""
        async with self.moved:
            await self.moved.wait_for(
                lambda: self.passed - self.bagged >= 2 * _BAG or self.passed == self.expected,
            )
            return self.bagged < self.expected


async def _live(world: World, letters: Sequence[Sequence[Letter]]) -> float:
    """Let everybody work until the last letter is delivered; returns the seconds it took."""
    async with _staff(world) as staff:
        wires = await Wires.open(world.address, _CONNECTIONS)
        way = _Way(expected=sum(map(len, letters)))
        arrived: dict[str, asyncio.Queue[bool]] = {officer.desk: asyncio.Queue() for officer in staff.officers}
        started = perf_counter()
        async with asyncio.TaskGroup() as group:
            readers = [group.create_task(_review(reviewer, way)) for reviewer in staff.reviewers]
            group.create_task(_dispatch(staff.dispatcher, way, arrived))
            for officer in staff.officers:
                group.create_task(_hand_over(officer, arrived[officer.desk], way))
            await _write(wires, letters, way)
            async with way.moved:
                await way.moved.wait_for(lambda: way.passed == way.expected)
            for reader in readers:
                reader.cancel()
        seconds = perf_counter() - started
        wires.close()
    if way.delivered != way.expected:
        raise RuntimeError(f"{way.delivered} of {way.expected} letters were delivered")
    return seconds


@dataclass(frozen=True, slots=True)
class _Staff:
    reviewers: tuple[Reviewer, ...]
    dispatcher: Dispatcher
    officers: tuple[Officer, ...]


@asynccontextmanager
async def _staff(world: World) -> AsyncIterator[_Staff]:
    """Sign everybody in; reviewers read the register before the day begins."""
    desk = world.review.desk.id
    async with world.connect() as connection:
        reviewers = tuple([Reviewer(await world.sign_in(connection, name), desk) for name in REVIEWERS])
        for reviewer in reviewers:
            await reviewer.register()
        dispatcher = Dispatcher(await world.sign_in(connection, DISPATCHER), desk)
        officers = tuple([Officer(await world.sign_in(connection, place), place) for place in world.places])
        yield _Staff(reviewers, dispatcher, officers)


# ---------------------------------------------------------------- who does what


async def _write(wires: Wires, letters: Sequence[Sequence[Letter]], way: _Way) -> None:
    """Let families send their letters, those to one detainee at about the same time."""
    async with asyncio.TaskGroup() as group:
        for each in letters:
            await way.ahead.acquire()
            group.create_task(_send(wires, each, way))


async def _send(wires: Wires, letters: Sequence[Letter], way: _Way) -> None:
    await asyncio.gather(*(wires.send(letter.request) for letter in letters))
    way.accepted.put_nowait(letters[0].detainee)


async def _review(reviewer: Reviewer, way: _Way) -> None:
    """Claim the letters of one detainee, read them, and pass them on, until there are no more."""
    while True:
        rows = await reviewer.claim(await reviewer.offers(await way.accepted.get(), limit=_CLAIM))
        opened = await reviewer.open(rows)
        if opened.unreadable:
            raise RuntimeError("a letter could not be read")
        passed = await reviewer.pass_(opened.letters)
        way.ahead.release()
        await way.note(passed=len(passed))


async def _dispatch(dispatcher: Dispatcher, way: _Way, arrived: dict[str, asyncio.Queue[bool]]) -> None:
    """Pack bags of fifty; what is left at the end goes in a smaller one."""
    while await way.until_packable():
        waiting = await dispatcher.to_pack()
        for place, queue in arrived.items():
            rows = [row for row in waiting if row.destination == place]
            for start in range(0, len(rows), _BAG):
                bag = rows[start : start + _BAG]
                if len(bag) == _BAG or way.passed == way.expected:
                    await dispatcher.pack(bag, place)
                    queue.put_nowait(True)
                    await way.note(bagged=len(bag))
    for queue in arrived.values():
        queue.put_nowait(False)


async def _hand_over(officer: Officer, arrived: asyncio.Queue[bool], way: _Way) -> None:
    """Receive what has arrived, open it to be printed, and hand it over."""
    while await arrived.get():
        for bag in await officer.bags():
            rows = await officer.receive(bag)
            opened = await officer.open(rows)
            if not all(letter.proven for letter in opened.letters) or opened.unreadable:
                raise RuntimeError("a letter arrived that nobody has proved")
            await officer.deliver(rows)
            await way.note(delivered=len(rows))
