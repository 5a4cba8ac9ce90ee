"""
Whether the relay's clock tells a stranger if a number exists: answers to letters of four classes, and what chance does.

One connection, one letter under way at a time, the classes in random order, so that whatever the machine does falls on
all alike. The figure is the largest difference between the median of a class and that of all others. Its baseline is
what the same differences come to when the labels are shuffled: only one shuffle in a hundred has a larger one.
"""

import asyncio
import random
import statistics
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from time import perf_counter

from bench.figures import Figure, at_most, percentile, plain
from bench.letters import seal_for_each
from bench.processes import relay_at
from bench.wire import Address, Wire
from bench.world import REGISTRAR, World, found_at, open_at
from keys.codes import new_number
from relay.client.register import Record, Registrar
from relay.domain.register import Status

#: Of the value over what chance does: beyond chance is an oracle.
FLOOR, HEIGHT = 1.0, 0.5
_MICROSECONDS = 1e6


class Known(StrEnum):
    """What the register says of a number."""

    CONFIRMED = "confirmed"
    UNKNOWN = "unknown"
    UNCONFIRMED = "unconfirmed"
    RELEASED = "released"


@dataclass(frozen=True, slots=True)
class Size:
    """How many numbers there are of each class, how many letters each gets, and how often labels are shuffled."""

    numbers: int
    letters: int
    shuffles: int


FULL = Size(numbers=100, letters=5, shuffles=1_000)
QUICK = Size(numbers=10, letters=5, shuffles=200)

Timed = list[tuple[Known, float]]


def measure(folder: Path, size: Size) -> Iterator[Figure]:
    """Send letters to numbers of every class, and compare how long their answers take."""
    founded = asyncio.run(found_at(folder / "oracle"))
    with relay_at(founded.folder) as address:
        world = asyncio.run(open_at(address, founded, detainees=size.numbers))
        numbers = asyncio.run(_register(world, size.numbers))
        labels = {number: known for known, those in numbers.items() for number in those}
        print(f"oracle: sealing {len(labels) * size.letters} letters", file=sys.stderr)
        sealed = seal_for_each(replace(world, detainees=tuple(labels)), families=1, letters=size.letters)
        letters = [(labels[letter.detainee], letter.request) for each in sealed for letter in each]
        random.shuffle(letters)
        timed = asyncio.run(_send(address, letters))
    yield figure(timed, shuffles=size.shuffles)
    yield plain("accept_alone_p50", statistics.median(seconds for _, seconds in timed) * 1e3, "ms")


def figure(timed: Timed, *, shuffles: int) -> Figure:
    """
    Compare the classes.

    Args:
        timed: Each answer: what the register said of its number, and how many seconds it took.
        shuffles: How often to try what chance does.
    """
    labels, seconds = [known for known, _ in timed], [each for _, each in timed]
    by_chance = []
    for _ in range(shuffles):
        random.shuffle(labels)
        by_chance.append(largest_difference(labels, seconds))
    value = largest_difference([known for known, _ in timed], seconds)
    noise = percentile(by_chance, 99)
    return at_most(
        "oracle_timing",
        value * _MICROSECONDS,
        "µs between medians",
        baseline=noise * _MICROSECONDS,
        floor=FLOOR,
        height=HEIGHT,
    )


def largest_difference(labels: Sequence[Known], seconds: Sequence[float]) -> float:
    """Return the largest distance, in seconds, between the median of one class and that of all others together."""
    differences = []
    for known in set(labels):
        own = [each for label, each in zip(labels, seconds, strict=True) if label is known]
        others = [each for label, each in zip(labels, seconds, strict=True) if label is not known]
        differences.append(abs(statistics.median(own) - statistics.median(others)))
    return max(differences)


async def _register(world: World, count: int) -> dict[Known, tuple[str, ...]]:
    """Publish as many numbers of each other class as there are confirmed ones."""
    numbers = {known: tuple(new_number() for _ in range(count)) for known in Known}
    numbers[Known.CONFIRMED] = world.detainees
    records = [Record(number, Status.UNCONFIRMED) for number in numbers[Known.UNCONFIRMED]]
    records += [Record(number, Status.RELEASED) for number in numbers[Known.RELEASED]]
    async with world.connect() as connection:
        await Registrar(await world.sign_in(connection, REGISTRAR)).publish(records)
    return numbers


async def _send(address: Address, letters: Sequence[tuple[Known, bytes]]) -> Timed:
    wire = await Wire.open(address)
    timed = []
    for known, request in letters:
        began = perf_counter()
        await wire.send(request)
        timed.append((known, perf_counter() - began))
    wire.close()
    # The first ones warm caches and prepare statements, whatever their class.
    return timed[len(timed) // 20 :]
