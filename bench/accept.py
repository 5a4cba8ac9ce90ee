"""Durable accept: a family's letter of 4 KiB, answered with its receipt, against a handler that only reads its body."""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.figures import Figure, alternate, at_least, percentile, plain
from bench.letters import Letter, seal_for_each
from bench.load import as_fast_as_answered, as_the_world_sends
from bench.processes import bare_handler, relay_at
from bench.wire import Address
from bench.world import found_at, open_at

#: DESIGN.md §10.
FLOOR, HEIGHT = 0.25, 0.6


@dataclass(frozen=True, slots=True)
class Size:
    """How much is sent."""

    letters: int
    rounds: int
    connections: int
    open_loop_letters: int


FULL = Size(letters=4_000, rounds=5, connections=256, open_loop_letters=6_000)
QUICK = Size(letters=300, rounds=1, connections=64, open_loop_letters=200)


def measure(folder: Path, size: Size) -> Iterator[Figure]:
    """
    Measure how many letters a second are accepted, and how long one takes at half that rate.

    Both servers get the same requests from the same generator over as many connections, turn by turn; the baseline is
    sent each letter twice, because it does not mind.
    """
    founded = asyncio.run(found_at(folder / "accept"))
    with relay_at(founded.folder) as relay, bare_handler(folder) as bare:
        needed = size.letters * (size.rounds + 1) + size.open_loop_letters
        detainees = -(-needed // 10)
        world = asyncio.run(open_at(relay, founded, detainees=detainees))
        print(f"accept: sealing {needed} letters", file=sys.stderr)
        letters = [letter for each in seal_for_each(world, families=2, letters=5) for letter in each]
        waiting = iter(letters)

        def accept() -> float:
            batch = [next(waiting).request for _ in range(size.letters)]
            return _rate("accept", relay, batch, size.connections)

        def read_only() -> float:
            return _rate("bare", bare, _twice(letters[: size.letters]), size.connections)

        accept()
        accepted, baseline = alternate(size.rounds, accept, read_only)
        yield at_least("accept", accepted, "requests/s", baseline=baseline, floor=FLOOR, height=HEIGHT)
        rest = [letter.request for letter in waiting][: size.open_loop_letters]
        seconds = asyncio.run(as_the_world_sends(relay, rest, a_second=accepted / 2, connections=size.connections))
        yield plain("accept_p50_at_half_rate", percentile(seconds, 50) * 1e3, "ms")
        yield plain("accept_p99_at_half_rate", percentile(seconds, 99) * 1e3, "ms")


def _rate(name: str, address: Address, requests: Sequence[bytes], connections: int) -> float:
    rate = asyncio.run(as_fast_as_answered(address, requests, connections=connections))
    print(f"{name}: {rate:,.0f} requests/s over {connections} connections", file=sys.stderr)
    return rate


def _twice(letters: Sequence[Letter]) -> list[bytes]:
    return [letter.request for letter in letters] * 2
