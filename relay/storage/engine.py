"""Engines for SQLite and PostgreSQL, set up so that what is answered is on the disk."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from keys.errors import Fatal, Refused

_BUSY_TIMEOUT_MS = 5_000
_PRAGMAS = (
    # Most sealed letters fit into two pages. Only an empty database takes it over.
    "PRAGMA page_size=8192",
    "PRAGMA journal_mode=WAL",
    # 32 MiB: a batch of letters is 4 MiB, and each copy from the journal into the database has to reach the disk.
    "PRAGMA wal_autocheckpoint=4096",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",
    "PRAGMA cache_size=-65536",
)


class StorageUnavailable(Refused):
    """The database cannot be written to just now."""

    code = "storage_unavailable"
    #: How long to wait before trying again, in seconds.
    retry_after_seconds: ClassVar[int] = 2
    cure = "Nothing was lost; wait as long as Retry-After says and send the same bytes again."


class StorageCorrupt(Fatal):
    """The database is damaged."""

    code = "storage_corrupt"
    cure = "Stop the relay, keep a copy of the data folder, and restore the last backup."


class Storage:
    """
    A pair of engines: one that writes and one that reads.

    On SQLite a transaction of the writing engine begins IMMEDIATE, so two writers cannot both believe they have the
    log head; readers see the last commit and never wait for it. Writers of this process stand in line for a lock of
    its own, because those who meet in SQLite wait for each other by sleeping.
    """

    def __init__(self, url: str, *, busy_timeout_ms: int = _BUSY_TIMEOUT_MS) -> None:
        """
        Open the engines; nothing is connected before the first use.

        Args:
            url: Such as ``sqlite+aiosqlite:///data/relay.sqlite`` or ``postgresql+asyncpg://…``.
            busy_timeout_ms: How long a writer waits for another process that has SQLite's lock.
        """
        self.url = make_url(url)
        self._is_sqlite = self.url.get_backend_name() == "sqlite"
        pool: dict[str, Any] = {} if self._is_sqlite else {"pool_pre_ping": True}
        self.writing = create_async_engine(self.url, **pool)
        self.reading = create_async_engine(self.url, **pool)
        if self._is_sqlite:
            pragmas = (*_PRAGMAS, f"PRAGMA busy_timeout={busy_timeout_ms}")
            _prepare_sqlite(self.writing, pragmas, begin="BEGIN IMMEDIATE")
            _prepare_sqlite(self.reading, pragmas, begin="BEGIN")
        self._turn: AbstractAsyncContextManager[object] = asyncio.Lock() if self._is_sqlite else nullcontext()

    async def close(self) -> None:
        """Close all connections."""
        await self.writing.dispose()
        await self.reading.dispose()

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """
        Open one transaction that commits at the end of the block, or leaves nothing.

        Raises:
            StorageUnavailable: Locked, full, or out of reach. After an error at commit the outcome is unknown.
        """
        try:
            async with self._turn, self.writing.begin() as connection:
                yield connection
        except (DBAPIError, PoolExhausted, OSError) as error:
            raise unavailable(error) from error

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """
        Open one consistent read.

        Raises:
            StorageUnavailable: Out of reach.
        """
        try:
            async with self.reading.connect() as connection:
                yield connection
        except (DBAPIError, PoolExhausted, OSError) as error:
            raise unavailable(error) from error

    async def truncate_journal(self) -> None:
        """
        Let nothing that was deleted stay behind in the write-ahead log; PostgreSQL recycles its own.

        A reader may hold it up; then the next call, or the next large commit, does it.

        Raises:
            StorageUnavailable: Out of reach.
        """
        if not self._is_sqlite:
            return
        try:
            async with self._turn, self.writing.connect() as connection:
                # Past SQLAlchemy, which would begin a transaction first, and in one it cannot be done.
                driver: Any = (await connection.get_raw_connection()).driver_connection
                await driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except (DBAPIError, sqlite3.Error, PoolExhausted, OSError) as error:
            raise unavailable(error) from error


#: SQLite's primary result codes for a file that is not, or no longer, a database.
_SQLITE_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
#: PostgreSQL's classes of SQLSTATE that pass if one waits: connection, rollback, resources, locks, operator, system.
_POSTGRESQL_PASSING = frozenset({"08", "40", "53", "55", "57", "58"})


def has_database(url: str) -> bool:
    """
    Tell whether there is a database at all; a server's answers for itself.

    SQLite would make an empty one in whatever folder somebody stands in, or say that it cannot be written to.
    """
    parsed = make_url(url)
    return parsed.get_backend_name() != "sqlite" or Path(parsed.database or "").is_file()


def unavailable(error: Exception) -> Refused | Fatal:
    """Say what a driver's error means for whoever asked; its own text may hold parameters, so it goes nowhere."""
    original = getattr(error, "orig", None) or error
    if getattr(original, "sqlite_errorcode", 0) & 0xFF in _SQLITE_DAMAGED:
        return StorageCorrupt()
    sqlstate = getattr(original, "sqlstate", None) or ""
    lost = isinstance(error, DBAPIError) and error.connection_invalidated
    passing = (OperationalError, sqlite3.OperationalError, PoolExhausted, OSError)
    if lost or isinstance(error, passing) or sqlstate[:2] in _POSTGRESQL_PASSING:
        return StorageUnavailable()
    return Fatal("the database refused a statement of the relay's own")


def _prepare_sqlite(engine: AsyncEngine, pragmas: Sequence[str], *, begin: str) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def on_connect(connection: Any, _record: Any) -> None:
        # The driver must not open transactions of its own: BEGIN is ours to choose.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def on_begin(connection: Any) -> None:
        connection.exec_driver_sql(begin)
