"""What waits and how much room there is: counted from the database, told to operators, and of nobody in particular."""

import asyncio
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from relay.domain.states import State
from relay.http import stocktaking
from relay.http.health import Metrics
from relay.http.stocktaking import Stocktaking
from relay.storage.stock import Stock, Waiting
from tests.http.relay_world import ServedWorld, a_checked_world

STOCK = Stock({State.QUEUED: Waiting(3, "2026-01-01T10:20:30Z")}, parts=5, parts_bytes=70_000, database_bytes=900_000)
NOW = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)


def metrics_of(take: Callable[[], Awaitable[Stock]]) -> Metrics:
    """Make metrics whose stock is taken by the given function."""
    return Metrics(Stocktaking(take, lambda: 123, lambda: NOW))


def figures_of(text: bytes) -> dict[str, float]:
    """Read the relay's own figures of the text, by name and labels."""
    return {name: float(value) for name, value in re.findall(r"^(letter_relay\S+) (\S+)$", text.decode(), re.MULTILINE)}


async def test_what_waits_is_told_by_state_and_in_whole_hours():
    """A state in which nothing waits is told as none, and has no age."""

    async def take() -> Stock:
        return STOCK

    figures = figures_of(await metrics_of(take).read())

    assert figures['letter_relay_items_waiting{state="queued"}'] == 3
    assert figures['letter_relay_items_waiting{state="bagged"}'] == 0
    assert 'letter_relay_items_waiting{state="delivered"}' not in figures
    assert figures['letter_relay_items_oldest_seconds{state="queued"}'] == 25 * 3_600
    assert 'letter_relay_items_oldest_seconds{state="bagged"}' not in figures
    assert figures["letter_relay_parts"] == 5
    assert figures["letter_relay_parts_bytes"] == 70_000
    assert figures["letter_relay_database_bytes"] == 900_000
    assert figures["letter_relay_disk_free_bytes"] == 123


async def test_a_clock_that_was_set_back_makes_nothing_younger_than_now():
    """An age is never negative."""

    async def take() -> Stock:
        return Stock({State.READY: Waiting(1, "2026-02-01T00:00:00Z")}, 0, 0, 0)

    figures = figures_of(await metrics_of(take).read())

    assert figures['letter_relay_items_oldest_seconds{state="ready"}'] == 0


async def test_however_often_it_is_asked_it_counts_once_in_a_while(monkeypatch: pytest.MonkeyPatch):
    """Several scrapers at the same time cost the database one reading."""
    taken = []

    async def take() -> Stock:
        taken.append(1)
        await asyncio.sleep(0)
        return STOCK

    metrics = metrics_of(take)
    await asyncio.gather(metrics.read(), metrics.read(), metrics.read())
    assert len(taken) == 1

    monkeypatch.setattr(stocktaking, "FRESH_SECONDS", 0.0)
    other = metrics_of(take)
    await other.read()
    await other.read()
    assert len(taken) == 3


@pytest.mark.parametrize("fault", [RuntimeError("canary: password in a DSN"), TimeoutError()])
async def test_what_cannot_be_counted_is_left_out_and_all_else_is_told(
    fault: Exception, monkeypatch: pytest.MonkeyPatch
):
    """An old figure is never told for a new one, and the log has the class of the fault alone."""
    monkeypatch.setattr(stocktaking, "FRESH_SECONDS", 0.0)
    faults = [None, fault]

    async def take() -> Stock:
        if (found := faults.pop(0)) is not None:
            raise found
        return STOCK

    metrics = metrics_of(take)
    assert b"letter_relay_parts 5.0" in await metrics.read()
    with capture_logs() as logs:
        text = await metrics.read()

    assert b"process_cpu_seconds_total" in text
    assert figures_of(text) == {}
    assert [(log["event"], log["error"]) for log in logs] == [("stock_not_taken", type(fault).__qualname__)]


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ServedWorld]:
    """Serve a relay."""
    async with a_checked_world(tmp_path) as served:
        yield served


async def test_an_operator_sees_what_waits_and_what_was_refused_and_of_whom_nothing(world: ServedWorld):
    """Letters are counted where they wait, refusals by their code; no number, desk, member or item is in the page."""
    await world.submit(world.letter())
    await world.refused(await world.ask("GET", "/audit/openings", by="ann"), 403, "wrong_role")
    await world.refused(await world.ask("GET", "/canary"), 404, "not_found")

    text = await (await world.ask("GET", "/operator/metrics", by="opal")).text()
    figures = figures_of(text.encode())

    assert figures['letter_relay_items_waiting{state="queued"}'] == 1
    assert figures['letter_relay_http_refusals_total{code="wrong_role"}'] == 1
    assert figures['letter_relay_http_refusals_total{code="not_found"}'] == 1
    assert figures["letter_relay_parts_bytes"] > 0
    assert figures["letter_relay_database_bytes"] > figures["letter_relay_parts_bytes"]
    assert figures["letter_relay_disk_free_bytes"] > 0
    labels = set(re.findall(r'="([^"]*)"', text))
    assert "/family/letters/{item}" in labels
    assert not any(re.search(r"[0-9a-f]{32}|\d{12}", label) for label in labels)
    assert "canary" not in text
