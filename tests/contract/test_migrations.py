"""The schema's versions: what a new database gets, and that tables.py and the migrations say the same."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, insert, select, text

from relay.storage import tables
from relay.storage.engine import Storage
from relay.storage.migrations import NEWEST, alembic_config, current_version, is_current, migrate
from relay.storage.stock import take_stock
from relay.storage.tables import metadata


@pytest.fixture
async def storage(url: str) -> AsyncIterator[Storage]:
    """Open an empty database of each engine."""
    opened = Storage(url)
    yield opened
    await opened.close()


def differences(connection: Connection) -> list[Any]:
    """List how a database differs from tables.py."""
    context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
    return list(compare_metadata(context, metadata))


async def test_a_migrated_database_has_the_tables_that_the_code_knows(storage: Storage, url: str):
    """A column that only tables.py has would fail at the first write of a relay that was upgraded."""
    await migrate(url)

    async with storage.read() as connection:
        assert await connection.run_sync(differences) == []


async def test_the_comparison_sees_a_missing_column(storage: Storage):
    """If it did not, the test before would pass whatever the migrations say."""
    async with storage.write() as connection:
        await connection.run_sync(metadata.create_all)
        await connection.exec_driver_sql("ALTER TABLE items DROP COLUMN hint")

    async with storage.read() as connection:
        assert [change[0] for change in await connection.run_sync(differences)] == ["add_column"]


async def test_a_new_database_has_no_version_and_a_migrated_one_the_newest(storage: Storage, url: str):
    """Readiness asks this at each probe, without Alembic."""
    async with storage.read() as connection:
        assert await current_version(connection) is None
        assert not await is_current(connection)

    await migrate(url)

    async with storage.read() as connection:
        assert await is_current(connection)


def test_the_newest_version_is_the_head_of_the_scripts():
    """A migration that is written but not named here would leave every relay unready."""
    assert ScriptDirectory.from_config(alembic_config()).get_heads() == [NEWEST]


def upgrade_to(version: str) -> Callable[[Connection], None]:
    """Make what brings a database to an older version."""

    def upgrade(connection: Connection) -> None:
        config = alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, version)

    return upgrade


async def test_a_relay_of_the_first_version_keeps_its_rows(storage: Storage, url: str):
    """0002 adds invites, enrolments and tokens; a keyring and a register row of 0001 are there as before."""
    async with storage.write() as connection:
        await connection.run_sync(upgrade_to("0001"))
        await connection.execute(insert(tables.keyrings).values(staff="a" * 32, keyring=b"sealed"))
        row = {"number": "012345678902", "status": "confirmed", "place": "b" * 32}
        await connection.execute(insert(tables.register).values(row))
        assert not await is_current(connection)

    await migrate(url)

    async with storage.read() as connection:
        assert (await connection.execute(select(tables.keyrings.c.keyring))).scalars().all() == [b"sealed"]
        assert [tuple(found) for found in await connection.execute(select(tables.register))] == [tuple(row.values())]
        assert (await connection.execute(text("SELECT count(*) FROM invites"))).scalar() == 0
        assert await is_current(connection)


async def test_a_relay_of_the_second_version_keeps_its_tokens(storage: Storage, url: str):
    """0003 adds recipients; a token of 0002 is there as before."""
    token = {"digest": "c" * 64, "name": "nightly", "staff": "d" * 32, "scopes": '["audit"]'}
    async with storage.write() as connection:
        await connection.run_sync(upgrade_to("0002"))
        await connection.execute(insert(tables.api_tokens).values(**token, created_at=1, expires_at=2))

    await migrate(url)

    async with storage.read() as connection:
        assert (await connection.execute(select(tables.api_tokens.c.scopes))).scalars().all() == ['["audit"]']
        assert (await connection.execute(text("SELECT count(*) FROM recipients"))).scalar() == 0
        assert await is_current(connection)


async def test_a_relay_of_the_third_version_keeps_its_sealed_files(storage: Storage, url: str):
    """0004 takes their sizes into an index; a file of 0003 is there as before, and is counted."""
    part = {"digest": "e" * 64, "item": "f" * 32, "line": "age-encryption.org/v1", "stored_at": "2026-01-01T00:00:00Z"}
    async with storage.write() as connection:
        await connection.run_sync(upgrade_to("0003"))
        await connection.execute(insert(tables.parts).values(**part, size_bytes=7, sealed=b"sealed!"))

    await migrate(url)

    async with storage.read() as connection:
        assert (await connection.execute(select(tables.parts.c.sealed))).scalars().all() == [b"sealed!"]
        stock = await take_stock(connection)
        assert (stock.parts, stock.parts_bytes) == (1, 7)
        assert await is_current(connection)


async def test_migrating_twice_changes_nothing_and_keeps_the_rows(storage: Storage, url: str):
    """`init` and `serve` may both migrate; rows that are there stay there."""
    await migrate(url)
    async with storage.write() as connection:
        await connection.execute(insert(tables.mailboxes).values(mailbox="a" * 64, signer="b" * 64))

    await migrate(url)

    async with storage.read() as connection:
        assert (await connection.execute(select(tables.mailboxes.c.mailbox))).scalars().all() == ["a" * 64]
