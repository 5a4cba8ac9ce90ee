"""What the database holds, in figures: how much waits in each state and since when, and how many bytes it all takes."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from relay.domain.states import FINAL, State
from relay.storage import tables

#: States in which somebody has something to do; how much has come to its end only grows, and is for auditors.
WAITING = tuple(state for state in State if state not in FINAL)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many items are in one state, and since when (UTC) the one that has been in it for longest."""

    items: int
    since: str


@dataclass(frozen=True, slots=True)
class Stock:
    """
    What the database holds.

    Attributes:
        waiting: By state; a state without items is absent.
        parts: How many sealed files.
        parts_bytes: How large they are, together.
        database_bytes: How large the database is, with its indexes and with the room in it that is free.
    """

    waiting: Mapping[State, Waiting]
    parts: int
    parts_bytes: int
    database_bytes: int


async def take_stock(connection: AsyncConnection) -> Stock:
    """Count what there is; indexes answer all of it, so that no sealed file is read for it."""
    parts, parts_bytes = await _parts(connection)
    return Stock(await _waiting(connection), parts, parts_bytes, await _database_bytes(connection))


async def _waiting(connection: AsyncConnection) -> dict[State, Waiting]:
    columns = tables.items.c
    counted = select(columns.state, func.count(), func.min(columns.changed_at)).group_by(columns.state)
    rows = await connection.execute(counted.where(columns.state.in_([state.value for state in WAITING])))
    return {State(state): Waiting(items, since) for state, items, since in rows}


async def _parts(connection: AsyncConnection) -> tuple[int, int]:
    total = func.coalesce(func.sum(tables.parts.c.size_bytes), 0)
    count, size_bytes = (await connection.execute(select(func.count(), total).select_from(tables.parts))).one()
    return int(count), int(size_bytes)


async def _database_bytes(connection: AsyncConnection) -> int:
    if connection.dialect.name != "sqlite":
        return int((await connection.execute(select(func.pg_database_size(func.current_database())))).scalar_one())
    pages = (await connection.exec_driver_sql("PRAGMA page_count")).scalar_one()
    return int(pages) * int((await connection.exec_driver_sql("PRAGMA page_size")).scalar_one())
