"""Health and metrics: honest about the relay, silent about callers."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from structlog.testing import capture_logs

from relay.http import patience
from relay.http.binding import Frame, bind
from relay.http.health import Check, Health, Metrics, NotReady, metrics_app
from tests.http.conftest import ToyClient
from tests.http.problem_shape import assert_problem
from tests.http.toy import BROKEN, TOY, ToyAuthenticator

ServeHealth = Callable[[dict[str, Check]], Awaitable[ToyClient]]


@pytest.fixture
async def serve_health() -> AsyncIterator[ServeHealth]:
    """Serve the health of a relay that is not open."""
    clients: list[ToyClient] = []

    async def start(checks: dict[str, Check]) -> ToyClient:
        app = web.Application()
        bind(app, Health(checks).endpoints(), Frame(authenticator=ToyAuthenticator(), is_open=lambda: False))
        client = TestClient(TestServer(app))
        await client.start_server()
        clients.append(client)
        return client

    yield start
    for client in clients:
        await client.close()


async def _well() -> None:
    """Work."""


async def _broken() -> None:
    raise RuntimeError("canary: password in a DSN")


async def _hanging() -> None:
    await asyncio.sleep(60)


async def test_a_relay_that_works_is_alive_and_ready_before_it_is_open(serve_health: ServeHealth):
    """An orchestrator must not restart a relay that waits for its operators."""
    client = await serve_health({"database": _well, "disk": _well})

    assert await (await client.get("/livez")).json() == {"status": "alive"}
    ready = await client.get("/readyz")
    assert await ready.json() == {"status": "ready", "checks": {"database": "ok", "disk": "ok"}}


async def test_what_fails_or_hangs_is_named_and_the_process_is_alive(
    serve_health: ServeHealth, monkeypatch: pytest.MonkeyPatch
):
    """The names of the checks and nothing of their errors, neither in the answer nor in the log."""
    monkeypatch.setattr(patience, "PATIENCE_SECONDS", 0.02)
    client = await serve_health({"database": _broken, "disk": _well, "witness": _hanging})

    with capture_logs() as logs:
        response = await client.get("/readyz")

    problem = await assert_problem(response, NotReady)
    assert problem["checks"] == {"database": "failed", "disk": "ok", "witness": "failed"}
    assert sorted((log["check"], log["error"]) for log in logs) == [
        ("database", "RuntimeError"),
        ("witness", "TimeoutError"),
    ]
    assert "canary" not in repr(logs) + await response.text()
    assert (await client.get("/livez")).status == 200


async def test_metrics_know_routes_and_nobody():
    """Requests are counted by template, method and class of status, refusals by a described code; no id is there."""
    metrics = Metrics()
    app = web.Application()
    bind(
        app, (*TOY, *BROKEN), Frame(authenticator=ToyAuthenticator(), metered=metrics.metered, refused=metrics.refused)
    )
    async with TestClient(TestServer(app)) as client, TestClient(TestServer(metrics_app(metrics))) as other:
        await client.get("/items")
        await client.get("/items?start=x")
        await client.put(f"/items/{'ab' * 16}")
        await client.get("/canary")
        await client.get("/fail/undocumented")
        text = await (await other.get("/metrics")).text()

    assert 'letter_relay_http_requests_total{method="GET",route="/items",status="2xx"} 1.0' in text
    assert 'letter_relay_http_requests_total{method="GET",route="/items",status="4xx"} 1.0' in text
    assert 'letter_relay_http_requests_total{method="PUT",route="/items/{item}",status="4xx"} 1.0' in text
    assert 'letter_relay_http_requests_total{method="other",route="unrouted",status="4xx"} 1.0' in text
    assert 'letter_relay_http_seconds_count{method="GET",route="/items"} 2.0' in text
    assert 'letter_relay_http_refusals_total{code="not_found"} 1.0' in text
    assert 'letter_relay_http_refusals_total{code="undescribed"} 1.0' in text
    assert "challenge_spent" not in text
    assert "abab" not in text
    assert "canary" not in text
