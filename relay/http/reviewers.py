"""What the review desk calls: lines, claims, decisions, bags. Every decision is a statement that its maker signed."""

from dataclasses import replace
from typing import Annotated

from pydantic import Field

from keys.directory import UnknownStaff
from relay.domain import in_force
from relay.domain.items import Item
from relay.domain.lines import Waiting, offer
from relay.domain.states import Role, State
from relay.http.calls import Audience, Call, StaffCaller, Strict
from relay.http.endpoints import Endpoint, Json, Media, Raw
from relay.http.rows import ItemRows, rows_of
from relay.http.services import NOTE, Services, UnknownPart
from relay.http.shapes import ItemPath
from relay.http.submitting import STATEMENT_BYTES, STATEMENT_FAULTS, submit_statement
from relay.storage.custody_log import reasons_passed_under
from relay.storage.items import (
    contested_at,
    hints_of,
    items_in_states,
    load_claimed,
    load_items,
    load_lines,
    waiting_detainees,
    waiting_of,
)
from relay.storage.parts import contacts_of, part_zeros_of, register_pages

_READERS = frozenset({Role.REVIEWER, Role.SENIOR})
_DESK = frozenset({Role.REVIEWER, Role.SENIOR, Role.DISPATCHER})
_KINDS = frozenset(
    {
        *("claim", "release", "match", "pass", "return", "propose_withhold", "confirm", "overturn", "escalate"),
        *("redirect", "recall", "bag", "declare_lost"),
    }
)
_MOST_ROWS = 500


class DeskQuery(Strict):
    """Which desk, and how many rows at most."""

    desk: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
    limit: Annotated[int, Field(ge=1, le=_MOST_ROWS)] = 100


class OfferBody(Strict):
    """Whose letters to offer. The number is in the body, because addresses of requests are logged elsewhere."""

    desk: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
    detainee: Annotated[str, Field(pattern="^([0-9]{12}|unknown)$")]
    limit: Annotated[int, Field(ge=1, le=_MOST_ROWS)] = 20


class Line(Strict):
    """
    One detainee with letters to claim: how many, and since when the oldest has waited.

    `hints` are the languages that colleagues asked for when they released some of them.
    """

    detainee: str
    items: int
    since: str
    hints: list[str]


class Lines(Strict):
    """Detainees with letters to claim, the oldest waiting first."""

    lines: list[Line]


class ContactOf(Strict):
    """A mailbox, and the digest of the newest sealed record of who writes from it."""

    mailbox: str
    contact: str


class Contacts(Strict):
    """Those who have written to one detainee by way of the desk, as its own sealed records."""

    contacts: list[ContactOf]


class Pages(Strict):
    """The sealed pages of the register, by digest."""

    pages: list[str]


class PartZero(Strict):
    """A part 0 of one leg: its digest, and the first line that says to whom it is sealed."""

    digest: str
    line: str


class PartZeros(Strict):
    """
    Every part 0 that is kept of an item.

    `reasons` are the codes under which it was passed: whoever seals an earlier part 0 on has to block out again what
    was blocked out then.
    """

    parts: list[PartZero]
    reasons: list[str]


class Reviewers:
    """The review desk's endpoints."""

    def __init__(self, services: Services) -> None:
        """Take what they work with."""
        self._services = services

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Describe them."""
        queues = (
            ("claimed", "What I have claimed", self.claimed, _READERS),
            ("contested", "What waits for a second person", self.contested, _READERS),
            ("passed", "What can be packed, or must be sent elsewhere", self.passed, _DESK),
        )
        return (
            Endpoint(
                method="GET",
                path="/review/lines",
                name="review_lines",
                summary="Whose letters wait, the oldest first",
                audience=Audience.STAFF,
                roles=_READERS,
                handler=self.lines,
                query_model=DeskQuery,
                answer=Lines,
                errors=(in_force.DirectoryOver, UnknownStaff),
            ),
            Endpoint(
                method="POST",
                path="/review/offers",
                name="review_offers",
                summary="What can be claimed now of one detainee, in the order of its lines",
                audience=Audience.STAFF,
                roles=_READERS,
                handler=self.offers,
                body=Json(OfferBody),
                answer=ItemRows,
                errors=(in_force.DirectoryOver, UnknownStaff),
            ),
            Endpoint(
                method="POST",
                path="/review/contacts",
                name="review_contacts",
                summary="The sealed contacts of those who have written to one detainee",
                audience=Audience.STAFF,
                roles=_READERS,
                handler=self.contacts,
                body=Json(OfferBody),
                answer=Contacts,
                errors=(in_force.DirectoryOver, UnknownStaff),
            ),
            Endpoint(
                method="POST",
                path="/review/ready",
                name="review_ready",
                summary="One detainee's replies that are ready and not collected, for a recall",
                audience=Audience.STAFF,
                roles=_READERS,
                handler=self.ready,
                body=Json(OfferBody),
                answer=ItemRows,
                errors=(in_force.DirectoryOver, UnknownStaff),
            ),
            *(
                Endpoint(
                    method="GET",
                    path=f"/review/{name}",
                    name=f"review_{name}",
                    summary=summary,
                    audience=Audience.STAFF,
                    roles=roles,
                    handler=handler,
                    query_model=DeskQuery,
                    answer=ItemRows,
                    errors=(in_force.DirectoryOver, UnknownStaff),
                )
                for name, summary, handler, roles in queues
            ),
            Endpoint(
                method="GET",
                path="/review/register",
                name="review_register",
                summary="The pages of the register that are sealed to my desks",
                audience=Audience.STAFF,
                roles=frozenset({*_DESK, Role.REGISTRAR}),
                handler=self.register,
                answer=Pages,
                errors=(in_force.DirectoryOver, UnknownStaff),
            ),
            Endpoint(
                method="GET",
                path="/review/items/{item}/parts",
                name="review_item_parts",
                summary="Every part 0 that is kept of an item, for a redirect or a recall",
                audience=Audience.STAFF,
                roles=_READERS,
                handler=self.part_zeros,
                path_model=ItemPath,
                answer=PartZeros,
                errors=(UnknownPart, in_force.DirectoryOver, UnknownStaff),
            ),
            Endpoint(
                method="POST",
                path="/review/statements",
                name="review_statement",
                summary="Claim, decide, pack: a signed statement over up to 500 items",
                audience=Audience.STAFF,
                roles=_DESK,
                handler=self.statement,
                body=Raw(NOTE, STATEMENT_BYTES),
                answer=Media("application/json"),
                errors=STATEMENT_FAULTS,
            ),
        )

    async def lines(self, call: Call[StaffCaller, None, DeskQuery]) -> Lines:
        """List whose letters wait."""
        call.caller.must_work_at(call.query.desk)
        async with self._services.storage.read() as connection:
            rows = await waiting_detainees(
                connection, desk=call.query.desk, at=self._services.at, limit=call.query.limit
            )
            hints = await hints_of(connection, desk=call.query.desk, detainees=[row.detainee for row in rows])
        return Lines(
            lines=[
                Line(detainee=row.detainee, items=row.items, since=row.since, hints=hints.get(row.detainee, []))
                for row in rows
            ]
        )

    async def offers(self, call: Call[StaffCaller, OfferBody]) -> ItemRows:
        """Offer the front of each line of one detainee."""
        body, at = call.body, self._services.at
        call.caller.must_work_at(body.desk)
        async with self._services.storage.read() as connection:
            waiting = await load_lines(connection, desk=body.desk, detainees=[body.detainee])
            standing = [_standing_for(item, call.caller, at=at) for item in waiting]
            chosen = offer(standing, staff=call.caller.id, limit=body.limit)
            by_id = {item.id: item for item in waiting}
            return ItemRows(rows=await rows_of(connection, [by_id[one.item] for one in chosen], to_review=True))

    async def contacts(self, call: Call[StaffCaller, OfferBody]) -> Contacts:
        """List the contacts of those who have written to one detainee."""
        body = call.body
        call.caller.must_work_at(body.desk)
        async with self._services.storage.read() as connection:
            found = await contacts_of(connection, desk=body.desk, detainee=body.detainee, limit=body.limit)
        return Contacts(contacts=[ContactOf(mailbox=mailbox, contact=one) for mailbox, one in found.items()])

    async def ready(self, call: Call[StaffCaller, OfferBody]) -> ItemRows:
        """List one detainee's replies that wait to be collected."""
        body = call.body
        call.caller.must_work_at(body.desk)
        async with self._services.storage.read() as connection:
            items = await items_in_states(
                connection, states=[State.READY], review=body.desk, detainee=body.detainee, limit=body.limit
            )
            return ItemRows(rows=await rows_of(connection, items, to_review=True))

    async def claimed(self, call: Call[StaffCaller, None, DeskQuery]) -> ItemRows:
        """List what the caller has claimed."""
        call.caller.must_work_at(call.query.desk)
        async with self._services.storage.read() as connection:
            held = await load_claimed(connection, staff=[call.caller.id])
            here = sorted((item for item in held if item.desk == call.query.desk), key=lambda item: item.turn)
            return ItemRows(rows=await rows_of(connection, here[: call.query.limit], to_review=True))

    async def contested(self, call: Call[StaffCaller, None, DeskQuery]) -> ItemRows:
        """List what waits for a second person."""
        call.caller.must_work_at(call.query.desk)
        async with self._services.storage.read() as connection:
            items = await contested_at(connection, desk=call.query.desk, limit=call.query.limit)
            return ItemRows(rows=await rows_of(connection, items, to_review=True))

    async def passed(self, call: Call[StaffCaller, None, DeskQuery]) -> ItemRows:
        """List what can be packed, and what is missing or could not be delivered."""
        call.caller.must_work_at(call.query.desk)
        states = (State.PASSED, State.MISSING, State.UNDELIVERABLE)
        async with self._services.storage.read() as connection:
            items = await items_in_states(connection, states=states, review=call.query.desk, limit=call.query.limit)
            return ItemRows(rows=await rows_of(connection, items, to_review=True))

    async def register(self, call: Call[StaffCaller]) -> Pages:
        """List the pages of the register that are sealed to the caller's desks, oldest first."""
        async with self._services.storage.read() as connection:
            return Pages(pages=list(await register_pages(connection, desks=call.caller.desks)))

    async def part_zeros(self, call: Call[StaffCaller, None, None, ItemPath]) -> PartZeros:
        """List every part 0 of an item of the caller's desk."""
        item_id = call.path.item
        async with self._services.storage.read() as connection:
            found = (await load_items(connection, [item_id])).get(item_id)
            if found is None or found[0].desk not in call.caller.desks:
                raise UnknownPart
            files = await part_zeros_of(connection, item_id)
            reasons = await reasons_passed_under(connection, item_id)
        return PartZeros(parts=[PartZero(digest=digest, line=line) for digest, line in files], reasons=list(reasons))

    async def statement(self, call: Call[StaffCaller, bytes]) -> bytes:
        """Take a statement to the door."""
        return await submit_statement(self._services, call.caller, call.body, _KINDS)


def _standing_for(item: Item, caller: StaffCaller, *, at: str) -> Waiting:
    """
    Say how an item stands for a reviewer.

    What is for a senior, or barred to this person, is not offered, but still holds its place in line: those behind it
    wait for somebody who may take both.
    """
    waiting = waiting_of(item, at=at)
    for_seniors = item.needs is Role.SENIOR and Role.SENIOR not in caller.roles
    if for_seniors or caller.person in item.barred:
        return replace(waiting, free=False, claimant=None)
    return waiting
