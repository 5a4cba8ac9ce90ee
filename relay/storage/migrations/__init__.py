"""
The schema's versions, and the way from each to the next. tables.py says what the newest one is; a test compares.

Alembic takes most of a second to import, so it is imported where a database is really changed and nowhere else.
"""

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Inspector, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection

from relay.storage.engine import Storage

#: The newest version in versions/.
NEWEST = "0004"


async def migrate(url: str) -> None:
    """
    Bring a database, empty or of any earlier version, to the newest schema, in one transaction.

    Args:
        url: As `Storage` takes it.

    Raises:
        StorageUnavailable: Locked, full, or out of reach; nothing was changed.
    """
    storage = Storage(url)
    try:
        await migrate_storage(storage)
    finally:
        await storage.close()


async def migrate_storage(storage: Storage) -> None:
    """Bring an open storage to the newest schema, as `migrate` does."""
    async with storage.write() as connection:
        await connection.run_sync(_upgrade)


async def current_version(connection: AsyncConnection) -> str | None:
    """Return the version of a database's schema, or None if it has none yet."""
    if not await connection.run_sync(lambda inner: _inspected(inner).has_table("alembic_version")):
        return None
    version: str | None = (await connection.execute(text("SELECT version_num FROM alembic_version"))).scalar()
    return version


async def is_current(connection: AsyncConnection) -> bool:
    """Say whether a database has the schema that this program was written for; cheap enough for /readyz."""
    return await current_version(connection) == NEWEST


def alembic_config() -> Any:
    """Describe these migrations to Alembic."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def _upgrade(connection: Connection) -> None:
    from alembic import command

    config = alembic_config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _inspected(connection: Connection) -> Inspector:
    return inspect(connection)
