"""Two kinds of load: as fast as the server answers, and as regardless of the server as the world is."""

import asyncio
import random
from collections import deque
from collections.abc import Iterable, Sequence
from functools import partial
from time import perf_counter

from bench.wire import Address, ConnectionLost, ServerRefused, Wire


class _ClosedLoop:
    """Sends the next request of a list on whichever connection has just been answered."""

    def __init__(self, requests: Iterable[bytes]) -> None:
        self._requests = iter(requests)
        self._busy = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def start(self, wires: Sequence[Wire]) -> None:
        self._busy = len(wires)
        for wire in wires:
            self._next(wire)

    def _next(self, wire: Wire) -> None:
        data = next(self._requests, None)
        if data is not None:
            wire.ask(data, partial(self._answered, wire))
            return
        self._busy -= 1
        if self._busy == 0 and not self.done.done():
            self.done.set_result(None)

    def _answered(self, wire: Wire, status: int, body: bytes) -> None:
        fault = _fault(status, body)
        if fault is None:
            self._next(wire)
        elif not self.done.done():
            self.done.set_exception(fault)


class _OpenLoop:
    """Sends each request at its own time; what finds no free connection waits, and the waiting counts."""

    def __init__(self, wires: Sequence[Wire], expected: int) -> None:
        self._free = list(wires)
        self._late: deque[tuple[float, bytes]] = deque()
        self._expected = expected
        self.seconds: list[float] = []
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def send(self, due: float, data: bytes) -> None:
        if self._free:
            self._on(self._free.pop(), due, data)
        else:
            self._late.append((due, data))

    def _on(self, wire: Wire, due: float, data: bytes) -> None:
        wire.ask(data, partial(self._answered, wire, due))

    def _answered(self, wire: Wire, due: float, status: int, body: bytes) -> None:
        self.seconds.append(perf_counter() - due)
        fault = _fault(status, body)
        if fault is not None:
            if not self.done.done():
                self.done.set_exception(fault)
            return
        if self._late:
            self._on(wire, *self._late.popleft())
        else:
            self._free.append(wire)
        if len(self.seconds) == self._expected and not self.done.done():
            self.done.set_result(None)


async def as_fast_as_answered(address: Address, requests: Sequence[bytes], *, connections: int) -> float:
    """
    Keep so many connections busy until every request is answered.

    Returns:
        Requests a second.

    Raises:
        ServerRefused, ConnectionLost: An answer was no success.
    """
    wires = [await Wire.open(address) for _ in range(connections)]
    loop = _ClosedLoop(requests)
    started = perf_counter()
    loop.start(wires)
    await loop.done
    seconds = perf_counter() - started
    for wire in wires:
        wire.close()
    return len(requests) / seconds


async def as_the_world_sends(
    address: Address, requests: Sequence[bytes], *, a_second: float, connections: int
) -> list[float]:
    """
    Send requests at random times of a given rate, whether or not earlier ones were answered.

    A generator that waits for answers sends less to a server that stalls, and so never sees the stall; here each
    latency counts from the time at which the request was due ("coordinated omission", Gil Tene).

    Returns:
        The latency of each request, in seconds.

    Raises:
        ServerRefused, ConnectionLost: An answer was no success.
    """
    wires = [await Wire.open(address) for _ in range(connections)]
    loop = _OpenLoop(wires, len(requests))
    chance = random.Random(1)
    due = perf_counter()
    for data in requests:
        due += chance.expovariate(a_second)
        if (wait := due - perf_counter()) > 0:
            await asyncio.sleep(wait)
        loop.send(due, data)
    await loop.done
    for wire in wires:
        wire.close()
    return loop.seconds


def _fault(status: int, body: bytes) -> Exception | None:
    if 200 <= status < 300:
        return None
    return ConnectionLost() if status == 0 else ServerRefused(f"{status}: {body.decode(errors='replace')[:400]}")
