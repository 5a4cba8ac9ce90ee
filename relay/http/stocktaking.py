"""What waits and how much room there is, for whoever looks after the relay: counted when it is asked for."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from typing import Final

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from keys.ids import parse_time
from relay.http.patience import succeeds
from relay.storage.stock import WAITING, Stock

#: However often it is asked, the database counts no more often than this.
FRESH_SECONDS: Final = 10.0
_HOUR_SECONDS: Final = 3_600


@dataclass(frozen=True, slots=True)
class _Taken:
    stock: Stock
    free_bytes: int
    at: datetime


class Stocktaking(Collector):
    """
    Items by state, the age of the oldest, bytes of the database and of the disk: of no desk, no number and no person.

    Ages are told in whole hours: they are there to say that something waits for days, and by the second they would say
    when somebody's letter came. What cannot be counted is not told at all, lest an old figure be taken for a new one.
    """

    def __init__(
        self,
        take: Callable[[], Awaitable[Stock]],
        free_bytes: Callable[[], int],
        clock: Callable[[], datetime],
    ) -> None:
        """
        Count nothing yet.

        Args:
            take: Counts what the database holds.
            free_bytes: How much room there is on the disk.
            clock: Tells the time, UTC.
        """
        self._take = take
        self._free_bytes = free_bytes
        self._clock = clock
        self._taken: _Taken | None = None
        self._fresh_until = 0.0
        self._turn = asyncio.Lock()

    async def refresh(self) -> None:
        """Count again, unless that was done a moment ago; what goes wrong is logged by class name only."""
        async with self._turn:
            if monotonic() < self._fresh_until:
                return
            self._taken = None
            await succeeds(self._count, or_else="stock_not_taken")
            self._fresh_until = monotonic() + FRESH_SECONDS

    async def _count(self) -> None:
        stock, free_bytes = await self._take(), await asyncio.to_thread(self._free_bytes)
        self._taken = _Taken(stock, free_bytes, self._clock())

    def collect(self) -> Iterator[Metric]:
        """Give what was counted last, as Prometheus' client asks for it."""
        if self._taken is not None:
            yield from _figures(self._taken)


def _figures(taken: _Taken) -> Iterator[Metric]:
    stock = taken.stock
    waiting = {state.value: stock.waiting.get(state) for state in WAITING}
    yield _by_state(
        "letter_relay_items_waiting",
        "Items that are in a state which is not the end.",
        {state: 0 if one is None else one.items for state, one in waiting.items()},
    )
    yield _by_state(
        "letter_relay_items_oldest_seconds",
        "How long the item that has been in a state for longest has been in it, in whole hours.",
        {state: _age_seconds(one.since, taken.at) for state, one in waiting.items() if one is not None},
    )
    yield GaugeMetricFamily("letter_relay_parts", "Sealed files that are kept.", value=stock.parts)
    yield GaugeMetricFamily("letter_relay_parts_bytes", "Bytes of sealed files.", value=stock.parts_bytes)
    yield GaugeMetricFamily("letter_relay_database_bytes", "Bytes of the database.", value=stock.database_bytes)
    yield GaugeMetricFamily("letter_relay_disk_free_bytes", "Bytes that are free on the disk.", value=taken.free_bytes)


def _by_state(name: str, documentation: str, values: Mapping[str, float]) -> Metric:
    family = GaugeMetricFamily(name, documentation, labels=["state"])
    for state, value in values.items():
        family.add_metric([state], value)
    return family


def _age_seconds(since: str, at: datetime) -> int:
    seconds = max(0, int((at - parse_time(since)).total_seconds()))
    return seconds - seconds % _HOUR_SECONDS
