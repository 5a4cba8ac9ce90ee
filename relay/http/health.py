"""Is the process alive, can it do its work, and how is it doing: /livez, /readyz, and /metrics on a port of its own."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

import structlog
from aiohttp import web
from prometheus_client import (
    CollectorRegistry,
    Counter,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)
from prometheus_client.aiohttp import make_aiohttp_handler

from relay.http.binding import Meter
from relay.http.calls import Answer, Audience, Call, Strict
from relay.http.endpoints import Endpoint
from relay.http.faults import NotNow
from relay.http.patience import succeeds
from relay.http.stocktaking import Stocktaking

_LOG = structlog.get_logger("relay.http")

#: From a reading (a millisecond) to the patience of a family on a bad line.
_BUCKETS_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)

Check = Callable[[], Awaitable[None]]


class NotReady(NotNow):
    """A part of the relay that it cannot do without does not answer."""

    code = "not_ready"
    cure = "Send requests to another node, and look at `checks` for what has failed; `letter-relay doctor` says more."

    def __init__(self, checks: Mapping[str, str]) -> None:
        """Say how each check went, by its name."""
        super().__init__()
        self.particulars = {"checks": dict(checks)}


class Alive(Strict):
    """The process runs and answers."""

    status: Literal["alive"] = "alive"


class Ready(Strict):
    """Every check went well."""

    status: Literal["ready"] = "ready"
    checks: dict[str, Literal["ok"]]


@dataclass(frozen=True, slots=True)
class Health:
    """The two questions of an orchestrator."""

    #: Each returns if its part works and raises if not: the database, the high-water mark, the disk.
    checks: Mapping[str, Check]

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Describe /livez and /readyz; both answer before the relay is open."""
        return (
            Endpoint(
                method="GET",
                path="/livez",
                name="livez",
                summary="Is the process alive?",
                description="Says nothing about the database. An orchestrator that gets no answer should restart it.",
                audience=Audience.PUBLIC,
                handler=self.live,
                answer=Alive,
                before_opening=True,
            ),
            Endpoint(
                method="GET",
                path="/readyz",
                name="readyz",
                summary="Can the relay do its work?",
                description="Runs every check. A load balancer that gets 503 should send requests elsewhere.",
                audience=Audience.PUBLIC,
                handler=self.ready,
                answer=Ready,
                errors=(NotReady,),
                before_opening=True,
            ),
        )

    async def live(self, _: Call) -> Alive:
        """Answer, which is the whole proof."""
        return Alive()

    async def ready(self, _: Call) -> Answer:
        """
        Run all checks side by side.

        Raises:
            NotReady: One of them failed or took more than two seconds.
        """
        results = await asyncio.gather(*(_run(name, check) for name, check in self.checks.items()))
        found = dict(zip(self.checks, results, strict=True))
        if "failed" in results:
            raise NotReady(found)
        return Answer(Ready.model_validate({"checks": found}))


async def _run(name: str, check: Check) -> Literal["ok", "failed"]:
    return "ok" if await succeeds(check, or_else="check_failed", check=name) else "failed"


class Metrics:
    """
    Counts requests by route template, method and class of status, and refusals by their code; by nothing else.

    A path, a status of one item or a caller would turn the metrics into a record of who asked for what.
    """

    __slots__ = ("_refusals", "_requests", "_seconds", "_stocktaking", "registry")

    def __init__(self, stocktaking: Stocktaking | None = None) -> None:
        """
        Begin at nothing.

        Args:
            stocktaking: Counts what waits and how much room there is.
        """
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        labels = ("method", "route")
        self._requests = Counter(
            "letter_relay_http_requests", "Requests answered.", (*labels, "status"), registry=self.registry
        )
        self._refusals = Counter(
            "letter_relay_http_refusals",
            "Requests refused or failed, by the code of the problem.",
            ("code",),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "letter_relay_http_seconds",
            "Seconds from the headers of a request to its answer.",
            labels,
            buckets=_BUCKETS_SECONDS,
            registry=self.registry,
        )
        self._stocktaking = stocktaking
        if stocktaking is not None:
            self.registry.register(stocktaking)

    async def refresh(self) -> None:
        """Take stock before the figures are read; what cannot be counted is left out of them."""
        if self._stocktaking is not None:
            await self._stocktaking.refresh()

    async def read(self) -> bytes:
        """Write all figures down in Prometheus' text format, 0.0.4."""
        await self.refresh()
        return generate_latest(self.registry)

    def refused(self, code: str) -> None:
        """Count a refusal; `binding.Frame.refused`, which names no codes but those that the API describes."""
        self._refusals.labels(code).inc()

    def metered(self, method: str, route: str) -> Meter:
        """Prepare the counters of one endpoint, so that counting looks nothing up; `binding.Frame.metered`."""
        seconds = self._seconds.labels(method, route)
        requests = {klass: self._requests.labels(method, route, f"{klass}xx") for klass in range(1, 6)}

        def count(status: int, took_seconds: float) -> None:
            requests[status // 100].inc()
            seconds.observe(took_seconds)

        return count


def metrics_app(metrics: Metrics) -> web.Application:
    """Build the application that serves /metrics; it belongs on a loopback port, not beside the public one."""
    app = web.Application()
    answer = make_aiohttp_handler(metrics.registry)

    async def read(request: web.Request) -> web.StreamResponse:
        await metrics.refresh()
        return await answer(request)

    app.router.add_get("/metrics", read)
    return app
