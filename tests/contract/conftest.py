"""
Every database that the relay promises to run on; PostgreSQL only where it is installed (`initdb` in the PATH).

PostgreSQL refuses to run as root, so its processes are given to the user `postgres` where the tests run as root.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from tests.ledger.checks import check_log
from tests.ledger.world import World, a_world, url_of

ENGINES = ("sqlite", *(["postgresql"] if shutil.which("initdb") else []))


def as_postgres(*command: str) -> None:
    """Run a command of PostgreSQL's, as its own user if we are root."""
    other: dict[str, Any] = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    subprocess.run(command, check=True, capture_output=True, cwd="/", timeout=60, **other)


@pytest.fixture(scope="session")
def cluster() -> Iterator[Path]:
    """Start a PostgreSQL that listens on a socket in a folder of its own; returns the folder."""
    with tempfile.TemporaryDirectory(prefix="relay-pg-") as name:
        folder = Path(name)
        if os.geteuid() == 0:
            shutil.chown(folder, "postgres")
        data = str(folder / "data")
        as_postgres("initdb", "--pgdata", data, "--username", "relay", "--auth", "trust", "--encoding", "UTF8")
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c max_connections=50"
        as_postgres("pg_ctl", "--pgdata", data, "--wait", "--log", f"{folder}/log", "--options", options, "start")
        try:
            yield folder
        finally:
            as_postgres("pg_ctl", "--pgdata", data, "--wait", "--mode", "immediate", "stop")


@pytest.fixture(params=ENGINES)
async def url(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[str]:
    """Give the URL of an empty database, of each engine in turn."""
    if request.param == "sqlite":
        yield url_of(tmp_path)
        return
    folder = request.getfixturevalue("cluster")
    name = f"relay_{os.urandom(4).hex()}"
    server = create_async_engine(f"postgresql+asyncpg://relay@/postgres?host={folder}", isolation_level="AUTOCOMMIT")
    async with server.connect() as connection:
        await connection.execute(text(f"CREATE DATABASE {name}"))
    yield f"postgresql+asyncpg://relay@/{name}?host={folder}"
    async with server.connect() as connection:
        await connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    await server.dispose()


@pytest.fixture
async def world(url: str, tmp_path: Path) -> AsyncIterator[World]:
    """Open a relay on each engine; its log must verify in the end."""
    async with a_world(tmp_path, url=url) as opened:
        yield opened
        await check_log(opened.storage, opened.founded.key)
