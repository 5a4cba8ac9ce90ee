"""Put the relay together: storage, door, publisher, routes, pages, health and limits; and run it until told to stop."""

import asyncio
import gc
import hashlib
import os
import resource
import secrets
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import structlog
from aiohttp import web

from config.diagnostics import AccessLog
from config.settings import Settings
from keys.errors import Fatal
from keys.ids import Random
from relay.http.auditors import Auditors
from relay.http.binding import Frame, bind
from relay.http.custody_log import CustodyLog
from relay.http.desks import Desks
from relay.http.endpoints import Endpoint
from relay.http.enrolments import Enrolments
from relay.http.facilities import Facilities
from relay.http.families import Families
from relay.http.health import Check, Health, Metrics, metrics_app
from relay.http.limits import ProofOfWork, Rate, Throttle
from relay.http.operators import Operators
from relay.http.pages import Pages
from relay.http.programs import Programs
from relay.http.reviewers import Reviewers
from relay.http.services import Callers, Limits, Services
from relay.http.sessions import Sessions
from relay.http.site import Site, load_site
from relay.http.staff import StaffEndpoints
from relay.http.startpage import RelayFacts
from relay.http.stocktaking import Stocktaking
from relay.http.stores import ChallengeRows, SessionRows
from relay.ledger import highwater, logkey
from relay.ledger.batch import Rules
from relay.ledger.door import Capacity, Closed, Ledger, NotInitialised
from relay.ledger.highwater import HighWater
from relay.ledger.logkey import load_log_key
from relay.ledger.publishing import Publisher
from relay.ledger.retention import Retention, Terms
from relay.ledger.site import Announcer
from relay.storage.custody_log import Head, load_head
from relay.storage.engine import Storage, StorageCorrupt, StorageUnavailable, has_database
from relay.storage.migrations import NEWEST, current_version, migrate_storage
from relay.storage.stock import Stock, take_stock
from relay.version import VERSION

_LOG = structlog.get_logger("relay")

#: The token of the operator's own commands, which `init` writes; its bearer may publish trust and directory.
OPERATOR_TOKEN_FILE = "operator.token"
_LEAST_FREE_BYTES = 64 * 1_048_576
#: How long a connection may be open without a whole request. By aiohttp's default it is an hour, in which a thousand
#: silent connections of one stranger keep everybody else out.
_IDLE_SECONDS = 75.0
#: Strangers may upload pictures before they have sent a letter; what they must leave free is for letters and evidence.
_RESERVED_BYTES = 1_024 * 1_048_576


@dataclass(frozen=True, slots=True)
class Relay:
    """A relay that runs: its application, and the parts that tests and the demo look into."""

    app: web.Application
    services: Services
    publisher: Publisher
    metrics: Metrics
    endpoints: tuple[Endpoint, ...]


Clock = Callable[[], datetime]


def _utc() -> datetime:
    return datetime.now(UTC)


@asynccontextmanager
async def open_relay(
    settings: Settings, *, site: Site | None = None, random: Random = os.urandom, clock: Clock = _utc
) -> AsyncIterator[Relay]:
    """
    Open everything that a relay needs, and close it at the end of the block in the right order.

    Args:
        site: The pages to serve; their manifest is logged as soon as the relay is open.
        clock: Tells the time, UTC: for events, sessions, challenges and expiry alike.

    Raises:
        NotInitialised: There is no relay in the data folder yet.
        HighWaterAhead, LogForked, LogKeyMissing: It must not start as it is; the message says what to do.
    """
    folder = settings.relay.data_dir
    if not has_database(settings.database_url()):
        raise NotInitialised
    async with AsyncExitStack() as stack:
        storage = Storage(settings.database_url())
        stack.push_async_callback(storage.close)
        head = await _current_head(storage)
        key = load_log_key(folder / logkey.FILE_NAME, head.origin)
        ledger = Ledger(
            storage,
            key.signer,
            HighWater(folder / highwater.FILE_NAME),
            random=random,
            clock=clock,
            rules=_rules(settings),
            capacity=Capacity(commands=settings.batch.max_commands, items=settings.batch.max_items),
        )
        await ledger.start()
        stack.push_async_callback(ledger.stop)
        publisher = Publisher(storage, ledger, key, seconds=settings.publish.checkpoint_seconds, clock=clock)
        await publisher.start()
        stack.push_async_callback(publisher.stop)
        retention = Retention(storage, ledger, _terms(settings), clock=clock, publish=publisher.publish)
        await retention.start()
        stack.push_async_callback(retention.stop)
        if site is not None:
            announcer = Announcer(storage, ledger, site.digest)
            await announcer.start()
            stack.push_async_callback(announcer.stop)
        yield _assemble(settings, storage, ledger, publisher, clock=clock, site=site)


async def _current_head(storage: Storage) -> Head:
    """Read the log's head, after bringing the database of an older version to this one's schema."""
    async with storage.read() as connection:
        version = await current_version(connection)
    if version is None:
        raise NotInitialised
    if version != NEWEST:
        await migrate_storage(storage)
        _LOG.info("migrated", before=version, now=NEWEST)
    async with storage.read() as connection:
        head = await load_head(connection)
    if head is None:
        raise NotInitialised
    return head


def _terms(settings: Settings) -> Terms:
    agreed = settings.agreement
    return Terms(
        held_days=agreed.held_days,
        sealed_days=agreed.sealed_days,
        openings_days=agreed.openings_days,
        unused_hours=agreed.parts_unused_hours,
    )


def _rules(settings: Settings) -> Rules:
    return Rules(
        route=settings.agreement.route,
        claim_seconds=settings.review.claim_minutes * 60,
        claim_letters=settings.review.claim_letters,
        claim_detainees=settings.review.claim_detainees,
    )


def _assemble(
    settings: Settings, storage: Storage, ledger: Ledger, publisher: Publisher, *, clock: Clock, site: Site | None
) -> Relay:
    metrics = Metrics(Stocktaking(_stock_of(storage), lambda: _free_bytes(settings.relay.data_dir), clock))
    services = Services(
        storage=storage,
        ledger=ledger,
        sessions=Sessions(
            SessionRows(storage),
            idle_seconds=settings.sessions.idle_minutes * 60,
            absolute_seconds=settings.sessions.absolute_hours * 3_600,
        ),
        challenges=ChallengeRows(storage),
        limits=Limits(settings.limits.part0_bytes, settings.limits.enclosure_bytes),
        work=_work(settings),
        operator_token=_operator_token(settings.relay.data_dir),
        clock=clock,
        figures=metrics.read,
        has_room=lambda: _free_bytes(settings.relay.data_dir) > _RESERVED_BYTES,
    )
    frame = Frame(
        authenticator=Callers(services),
        is_open=lambda: ledger.in_force.directory is not None,
        throttle=_throttle(settings),
        metered=metrics.metered,
        refused=metrics.refused,
        tls=settings.http.tls_cert_file is not None or bool(settings.http.trusted_proxies),
    )
    endpoints = all_endpoints(services, checks=_checks(services, settings.relay.data_dir))
    pages = Pages(
        lambda: _facts(settings, ledger),
        version=VERSION,
        site=site,
        serve_docs=settings.http.serve_docs,
        serve_staff=settings.http.serve_staff_pages,
    )
    endpoints = pages.with_pages(endpoints)
    app = web.Application(client_max_size=services.limits.sealed_bytes)
    bind(app, endpoints, frame)
    return Relay(app, services, publisher, metrics, endpoints)


def all_endpoints(services: Services, *, checks: dict[str, Check]) -> tuple[Endpoint, ...]:
    """Return the whole route table: what is not in it does not exist."""
    over_storage = (
        *CustodyLog(services).endpoints(),
        *Families(services).endpoints(),
        *StaffEndpoints(services).endpoints(),
        *Reviewers(services).endpoints(),
        *Facilities(services).endpoints(),
        *Auditors(services).endpoints(),
        *Operators(services).endpoints(),
        *Enrolments(services).endpoints(),
        *Desks(services).endpoints(),
        *Programs(services).endpoints(),
    )
    return (*map(_with_faults_below, over_storage), *Health(checks).endpoints())


def _with_faults_below(endpoint: Endpoint) -> Endpoint:
    """Add what the database and the door below an endpoint can answer for it, whatever it does."""
    below = (StorageUnavailable, StorageCorrupt, Fatal)
    closing = () if endpoint.method == "GET" else (Closed,)
    return replace(endpoint, errors=(*endpoint.errors, *below, *closing))


def _work(settings: Settings) -> ProofOfWork | None:
    if not settings.work.required:
        return None
    return ProofOfWork(secrets.token_bytes(32), cost=settings.work.cost, max_counter=settings.work.counter_max)


def _operator_token(folder: Path) -> str:
    """Return the SHA-256 of the operator's token; without the file nobody is the operator."""
    try:
        token = (folder / OPERATOR_TOKEN_FILE).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        token = secrets.token_hex(32)
    return hashlib.sha256(token.encode()).hexdigest()


def _throttle(settings: Settings) -> Callable[[web.Request, str], None]:
    limits = settings.limits
    rates = {
        "requests": limits.requests_per_minute,
        "accepts": limits.accepts_per_minute,
        "sign_ins": limits.sign_ins_per_minute,
    }
    limited = {name: Rate(per_minute, 60) for name, per_minute in rates.items() if per_minute}
    throttle = Throttle(
        limited,
        trusted_proxies=[str(network) for network in settings.http.trusted_proxies],
        clock=time.time,
    )

    def limit(request: web.Request, rate: str) -> None:
        if rate in limited:
            throttle(request, rate)

    return limit


def _facts(settings: Settings, ledger: Ledger) -> RelayFacts:
    in_force = ledger.in_force
    return RelayFacts(
        name=settings.relay.name,
        relay_id=ledger.head.relay,
        fingerprint=in_force.trust.fingerprint if in_force.trust else None,
        log_path=f"/log/{ledger.head.generation}" if ledger.head.size else None,
        is_open=in_force.directory is not None,
        is_demo=settings.relay.name.startswith("demo."),
        text_characters=settings.limits.text_characters,
        enclosures=settings.limits.enclosures,
        enclosure_bytes=settings.limits.enclosure_bytes,
    )


def _free_bytes(folder: Path) -> int:
    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize


def _stock_of(storage: Storage) -> Callable[[], Awaitable[Stock]]:
    async def take() -> Stock:
        async with storage.read() as connection:
            return await take_stock(connection)

    return take


def _checks(services: Services, folder: Path) -> dict[str, Check]:
    async def database() -> None:
        async with services.storage.read() as connection:
            await load_head(connection)

    async def door() -> None:
        if services.ledger.broken is not None:
            raise services.ledger.broken

    async def disk() -> None:
        if await asyncio.to_thread(_free_bytes, folder) < _LEAST_FREE_BYTES:
            raise OSError("little room")

    return {"database": database, "door": door, "disk": disk}


async def serve(
    settings: Settings, *, stop: asyncio.Event, ready: Callable[[Sequence[str]], None] | None = None
) -> None:
    """
    Serve until told to stop.

    Args:
        stop: Set it to end; the batch at hand is finished first.
        ready: Called with the addresses once the relay answers.
    """
    site = load_site() if settings.http.serve_family_page else None
    async with open_relay(settings, site=site) as relay, AsyncExitStack() as stack:
        _allow_connections()
        _spare_the_collector()
        runner = await _run(stack, relay.app)
        await web.TCPSite(runner, settings.http.host, settings.http.port, ssl_context=_tls(settings)).start()
        if settings.http.metrics_port:
            metrics = await _run(stack, metrics_app(relay.metrics))
            await web.TCPSite(metrics, settings.http.metrics_host, settings.http.metrics_port).start()
        scheme = "https" if settings.http.tls_cert_file else "http"
        addresses = [f"{scheme}://{host}:{port}" for host, port, *_ in runner.addresses]
        _LOG.info("serving", addresses=addresses, size=relay.services.ledger.head.size)
        if ready is not None:
            ready(addresses)
        await stop.wait()


#: New objects before the collector looks; a batch makes a few ten thousand, nearly all of which go by themselves.
_COLLECT_AFTER = 50_000


def _allow_connections() -> None:
    """Let as many files be open as the system allows this process: by default it begins with a thousand."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


def _spare_the_collector() -> None:
    """
    Let the garbage collector leave alone what was loaded at the start, and look less often at what came since.

    By its defaults it goes through the rows of each batch again and again, and finds nothing: a fifth of all the time
    that a letter takes. What does hang in circles (exceptions, mostly) is still found, a little later.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER, 20, 50)


async def _run(stack: AsyncExitStack, app: web.Application) -> web.AppRunner:
    runner = web.AppRunner(app, access_log_class=AccessLog, shutdown_timeout=10, keepalive_timeout=_IDLE_SECONDS)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    return runner


def _tls(settings: Settings) -> ssl.SSLContext | None:
    if settings.http.tls_cert_file is None or settings.http.tls_key_file is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(settings.http.tls_cert_file, settings.http.tls_key_file)
    return context
