"""An item as staff see it in a queue, with the bytes of its head event, which their client hashes before it signs."""

from collections.abc import Mapping, Sequence

from sqlalchemy.ext.asyncio import AsyncConnection

from relay.domain.items import Item
from relay.domain.states import Kind, State
from relay.http.calls import Strict
from relay.http.shapes import PartSize
from relay.storage.custody_log import load_heads
from relay.storage.parts import load_contacts, sizes_of_parts


class ItemRow(Strict):
    """
    One item in a queue.

    `event` is the head of its chain, verbatim: a statement names its SHA-256 as `prev`. `contact` is the newest sealed
    record of whom the family is, absent at a review desk that it is not sealed to. `route`, `proposer` and `barred` are
    for review desks: which of them read it, in order; the person who proposed to withhold it; those who may not settle
    it again. So a client offers nobody what the door would refuse.
    """

    item: str
    kind: Kind
    state: State
    event: str
    detainee: str
    parts: list[PartSize]
    accepted_at: str
    desk: str
    destination: str | None = None
    mailbox: str | None = None
    signer: str | None = None
    re: str | None = None
    hint: str | None = None
    contact: str | None = None
    bag: str | None = None
    until: str | None = None
    claimant: str | None = None
    route: list[str] | None = None
    proposer: str | None = None
    barred: list[str] | None = None
    turn: int


class ItemRows(Strict):
    """Items in the order of a queue."""

    rows: list[ItemRow]


async def rows_of(connection: AsyncConnection, items: Sequence[Item], *, to_review: bool) -> list[ItemRow]:
    """
    Make the rows of some items.

    Args:
        to_review: Whether the review desk asks; facilities are not told whose mailbox a letter comes from.
    """
    heads = await load_heads(connection, [(item.id, item.seq) for item in items])
    sizes = await sizes_of_parts(connection, {part for item in items for part in item.parts})
    mailboxes = {item.mailbox for item in items if item.mailbox} if to_review else set()
    contacts = await load_contacts(connection, mailboxes) if mailboxes else {}
    return [
        ItemRow(
            item=item.id,
            kind=item.kind,
            state=item.state,
            event=heads[item.id].event,
            detainee=item.detainee,
            parts=[PartSize(digest=part, bytes=sizes.get(part, 0)) for part in item.parts],
            accepted_at=item.accepted_at,
            desk=item.desk,
            destination=item.destination,
            mailbox=item.mailbox if to_review else None,
            signer=item.signer if to_review else None,
            re=item.re,
            hint=item.hint,
            contact=_contact_for(item, contacts),
            bag=item.bag,
            until=item.until if to_review else None,
            claimant=item.claimant if to_review else None,
            route=list(item.route) if to_review else None,
            proposer=item.proposer if to_review else None,
            barred=list(item.barred) if to_review else None,
            turn=item.turn,
        )
        for item in items
        if item.id in heads
    ]


def _contact_for(item: Item, contacts: Mapping[str, tuple[str, frozenset[str]]]) -> str | None:
    """Name the contact beside an item, if the review desk where it is now can open it; a later one may not."""
    contact, desks = contacts.get(item.mailbox or "", (None, frozenset()))
    return contact if item.desk in desks else None
