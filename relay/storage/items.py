"""Items as rows, mapped by hand, and the questions that desks and families ask of them."""

from collections.abc import Collection, Iterable, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy import Row, Select, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from relay.domain.items import Item
from relay.domain.lines import Waiting
from relay.domain.states import Custodian, Kind, Role, State
from relay.storage import tables
from relay.storage.bulk import Bulk, inserting

_ITEM_COLUMNS = [column for column in tables.items.c if column.name != "tag_key"]
_SELECT_ITEMS = select(*_ITEM_COLUMNS)
_WIDTH = len(_ITEM_COLUMNS)
#: States in which an item waits at a review desk.
_AT_REVIEW = (State.QUEUED.value, State.HELD.value, State.ESCALATED.value, State.CLAIMED.value)


#: Looking a value up is five times as fast as calling its enumeration.
_KINDS = {kind.value: kind for kind in Kind}
_STATES = {state.value: state for state in State}
_CUSTODIANS = {custodian.value: custodian for custodian in Custodian}
_ROLES = {role.value: role for role in Role}


def item_of(row: Row[Any]) -> Item:
    """Make an item of its row, whose columns stand in the order of the table."""
    item_id, kind, state, detainee, mailbox, route, desk, destination, holder, *rest = row[:_WIDTH]
    seq, head, shown, parts, turn, waits_in, needs, claimant, until, *rest = rest
    proposer, barred, bag, re, signer, hint, accepted_at, changed_at = rest
    return Item(
        id=item_id,
        kind=_KINDS[kind],
        state=_STATES[state],
        detainee=detainee,
        mailbox=mailbox,
        route=tuple(route.split(",")),
        desk=desk,
        destination=destination,
        holder=_CUSTODIANS[holder],
        seq=seq,
        head=head,
        shown=shown,
        parts=tuple(parts.split(",")),
        turn=turn,
        waits_in=_STATES[waits_in],
        needs=_ROLES[needs],
        claimant=claimant,
        until=until,
        proposer=proposer,
        barred=tuple(barred.split(",")) if barred else (),
        bag=bag,
        re=re,
        signer=signer,
        hint=hint,
        accepted_at=accepted_at,
        changed_at=changed_at,
    )


def row_of(item: Item) -> dict[str, Any]:
    """Make the row of an item, without its tag key."""
    return {
        "item": item.id,
        "kind": item.kind.value,
        "state": item.state.value,
        "detainee": item.detainee,
        "mailbox": item.mailbox,
        "route": ",".join(item.route),
        "desk": item.desk,
        "destination": item.destination,
        "holder": item.holder.value,
        "seq": item.seq,
        "head": item.head,
        "shown": item.shown,
        "parts": ",".join(item.parts),
        "turn": item.turn,
        "waits_in": item.waits_in.value,
        "needs": item.needs.value,
        "claimant": item.claimant,
        "until": item.until,
        "proposer": item.proposer,
        "barred": ",".join(item.barred),
        "bag": item.bag,
        "re": item.re,
        "signer": item.signer,
        "hint": item.hint,
        "accepted_at": item.accepted_at,
        "changed_at": item.changed_at,
    }


_FIXED = frozenset({"item", "kind", "route", "re", "accepted_at", "tag_key"})
_CHANGING = [name for name in tables.items.c.keys() if name not in _FIXED]
_changed_values = itemgetter(*_CHANGING, "item")
_INSERT = inserting(tables.items)
_UPDATE = Bulk(
    lambda _: (
        update(tables.items)
        .where(tables.items.c.item == bindparam("b_item"))
        .values({name: bindparam(f"b_{name}") for name in _CHANGING})
    ),
    [f"b_{name}" for name in (*_CHANGING, "item")],
)


async def load_items(connection: AsyncConnection, ids: Collection[str]) -> dict[str, tuple[Item, bytes | None]]:
    """Load items with their tag keys, by id; the ones that are not there are absent."""
    if not ids:
        return {}
    statement = select(tables.items).where(tables.items.c.item.in_(list(ids)))
    rows = await connection.execute(statement)
    return {row.item: (item_of(row), row.tag_key) for row in rows}


async def save_items(
    connection: AsyncConnection, *, new: Iterable[tuple[Item, bytes]], changed: Iterable[Item]
) -> None:
    """Write new items with their tag keys, and changed ones. Called by the door alone."""
    await _INSERT.execute(connection, ((*row_of(item).values(), tag_key) for item, tag_key in new))
    await _UPDATE.execute(connection, (_changed_values(row_of(item)) for item in changed))


def waiting_of(item: Item, *, at: str) -> Waiting:
    """Say how an item stands in its line now."""
    running = item.state is State.CLAIMED and item.until is not None and at < item.until
    return Waiting(
        item=item.id,
        detainee=item.detainee,
        mailbox=item.mailbox,
        turn=item.turn,
        state=item.state,
        claimant=item.claimant,
        free=not running,
    )


async def load_lines(
    connection: AsyncConnection,
    *,
    desk: str,
    detainees: Collection[str],
    mailboxes: Collection[str] | None = None,
    until_turn: int | None = None,
) -> list[Item]:
    """Load all that waits at a review desk for some detainees, from some mailboxes if they are given, up to a turn."""
    statement = _SELECT_ITEMS.where(
        tables.items.c.desk == desk,
        tables.items.c.detainee.in_(list(detainees)),
        tables.items.c.state.in_(_AT_REVIEW),
    )
    if mailboxes is not None:
        statement = statement.where(tables.items.c.mailbox.in_(list(mailboxes)))
    if until_turn is not None:
        statement = statement.where(tables.items.c.turn <= until_turn)
    return [item_of(row) for row in await connection.execute(statement)]


async def load_claimed(connection: AsyncConnection, *, staff: Collection[str]) -> list[Item]:
    """Load all that some reviewers hold."""
    statement = _SELECT_ITEMS.where(
        tables.items.c.claimant.in_(list(staff)), tables.items.c.state == State.CLAIMED.value
    )
    return [item_of(row) for row in await connection.execute(statement)]


async def waiting_detainees(connection: AsyncConnection, *, desk: str, at: str, limit: int) -> list[Row[Any]]:
    """
    List the detainees with something to claim at a desk, the oldest waiting first.

    Returns:
        Rows of (detainee, items, since, turn).
    """
    columns = tables.items.c
    free = (columns.state != State.CLAIMED.value) | (columns.until <= at)
    statement = (
        select(
            columns.detainee,
            func.count().label("items"),
            func.min(columns.accepted_at).label("since"),
            func.min(columns.turn).label("turn"),
        )
        .where(columns.desk == desk, columns.state.in_(_AT_REVIEW), free)
        .group_by(columns.detainee)
        .order_by(func.min(columns.turn))
        .limit(limit)
    )
    return list(await connection.execute(statement))


async def hints_of(connection: AsyncConnection, *, desk: str, detainees: Collection[str]) -> dict[str, list[str]]:
    """Name the languages that colleagues asked for when they released what waits at a desk for these detainees."""
    columns = tables.items.c
    statement = (
        select(columns.detainee, columns.hint)
        .where(columns.desk == desk, columns.state.in_(_AT_REVIEW), columns.detainee.in_(detainees))
        .where(columns.hint.is_not(None))
        .distinct()
        .order_by(columns.detainee, columns.hint)
    )
    found: dict[str, list[str]] = {}
    for detainee, hint in await connection.execute(statement):
        found.setdefault(detainee, []).append(hint)
    return found


async def contested_at(connection: AsyncConnection, *, desk: str, limit: int) -> list[Item]:
    """List what waits for a second person at a desk, oldest first."""
    return await _items(
        connection,
        _SELECT_ITEMS.where(tables.items.c.desk == desk, tables.items.c.state == State.CONTESTED.value),
        limit=limit,
    )


async def items_in_states(
    connection: AsyncConnection,
    *,
    states: Sequence[State],
    limit: int,
    review: str | None = None,
    to: str | None = None,
    detainee: str | None = None,
) -> list[Item]:
    """List the items in some states, of a review desk, or on their way to or at a destination, or of one detainee."""
    statement = _SELECT_ITEMS.where(tables.items.c.state.in_([state.value for state in states]))
    if review is not None:
        statement = statement.where(tables.items.c.desk == review)
    if to is not None:
        statement = statement.where(tables.items.c.destination == to)
    if detainee is not None:
        statement = statement.where(tables.items.c.detainee == detainee)
    return await _items(connection, statement, limit=limit)


async def mailbox_items(connection: AsyncConnection, mailbox: str) -> list[Item]:
    """List all that one family has sent, and all that has come for it."""
    return await _items(connection, _SELECT_ITEMS.where(tables.items.c.mailbox == mailbox), limit=10_000)


async def changed_before(
    connection: AsyncConnection, *, states: Collection[State], before: str, limit: int
) -> list[Item]:
    """List items that have been in one of some states since before a time; for the relay's own policy."""
    names = [state.value for state in states]
    statement = _SELECT_ITEMS.where(tables.items.c.state.in_(names), tables.items.c.changed_at < before)
    return await _items(connection, statement, limit=limit)


async def _items(connection: AsyncConnection, statement: Select[Any], *, limit: int) -> list[Item]:
    rows = await connection.execute(statement.order_by(tables.items.c.turn, tables.items.c.item).limit(limit))
    return [item_of(row) for row in rows]
