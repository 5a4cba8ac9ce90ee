"""What places of detention and bureaux call: bags to receive, items to hand over, replies to bring in."""

from typing import Annotated

from pydantic import Field

from keys.directory import UnknownDesk, UnknownStaff
from keys.sealed import parse_line
from relay.domain import in_force
from relay.domain.refusals import WrongDesk
from relay.domain.states import Role, State
from relay.http.calls import Audience, Call, StaffCaller, Strict
from relay.http.endpoints import Endpoint, Media, Raw
from relay.http.rows import ItemRow, ItemRows, rows_of
from relay.http.services import NOTE, Services, signed_by
from relay.http.submitting import STATEMENT_BYTES, STATEMENT_FAULTS, submit_statement
from relay.ledger.batch import DuplicateItem, MissingPart
from relay.ledger.letters import RepliesIn
from relay.storage.items import items_in_states
from relay.storage.parts import load_lines_of_parts

_HANDS = frozenset({Role.OFFICER, Role.DISPATCHER})
_KINDS = frozenset({"receive", "missing", "find", "deliver", "refuse", "fail"})


class Bag(Strict):
    """One bag on its way, with what it holds."""

    bag: str
    rows: list[ItemRow]


class Bags(Strict):
    """Bags on their way to a desk."""

    bags: list[Bag]


class PlaceQuery(Strict):
    """Which facility or bureau; for a keyless one the mediator's dispatcher asks."""

    desk: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
    limit: Annotated[int, Field(ge=1, le=2_000)] = 500


class Facilities:
    """The endpoints of places of detention and bureaux."""

    def __init__(self, services: Services) -> None:
        """Take what they work with."""
        self._services = services

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Describe them."""
        asked = (in_force.DirectoryOver, UnknownDesk, UnknownStaff)
        return (
            Endpoint(
                method="GET",
                path="/facility/bags",
                name="facility_bags",
                summary="Bags on their way here",
                audience=Audience.STAFF,
                roles=_HANDS,
                handler=self.bags,
                query_model=PlaceQuery,
                answer=Bags,
                errors=asked,
            ),
            Endpoint(
                method="GET",
                path="/facility/items",
                name="facility_items",
                summary="What is here to be handed over",
                audience=Audience.STAFF,
                roles=_HANDS,
                handler=self.items,
                query_model=PlaceQuery,
                answer=ItemRows,
                errors=asked,
            ),
            Endpoint(
                method="POST",
                path="/facility/statements",
                name="facility_statement",
                summary="Receive, report missing, find, deliver, refuse, fail: a signed statement over up to 500 items",
                audience=Audience.STAFF,
                roles=_HANDS,
                handler=self.statement,
                body=Raw(NOTE, STATEMENT_BYTES),
                answer=Media("application/json"),
                errors=STATEMENT_FAULTS,
            ),
            Endpoint(
                method="POST",
                path="/facility/replies",
                name="facility_replies",
                summary="Bring replies in, under one signed statement",
                description="Upload the sealed parts first. The reply's first line names the letter it answers.",
                audience=Audience.STAFF,
                roles=_HANDS,
                handler=self.replies,
                body=Raw(NOTE, STATEMENT_BYTES),
                answer=Media("application/json"),
                errors=(*STATEMENT_FAULTS, DuplicateItem),
            ),
        )

    async def bags(self, call: Call[StaffCaller, None, PlaceQuery]) -> Bags:
        """List what is on its way, bag by bag."""
        self._must_act_for(call.caller, call.query.desk)
        async with self._services.storage.read() as connection:
            items = await items_in_states(
                connection, states=(State.BAGGED, State.MISSING), to=call.query.desk, limit=call.query.limit
            )
            rows = await rows_of(connection, items, to_review=False)
        bags: dict[str, list[ItemRow]] = {}
        for row in rows:
            bags.setdefault(row.bag or "", []).append(row)
        return Bags(bags=[Bag(bag=bag, rows=held) for bag, held in bags.items()])

    async def items(self, call: Call[StaffCaller, None, PlaceQuery]) -> ItemRows:
        """List what has been received and not handed over."""
        self._must_act_for(call.caller, call.query.desk)
        async with self._services.storage.read() as connection:
            items = await items_in_states(
                connection, states=(State.RECEIVED,), to=call.query.desk, limit=call.query.limit
            )
            return ItemRows(rows=await rows_of(connection, items, to_review=False))

    async def statement(self, call: Call[StaffCaller, bytes]) -> bytes:
        """Take a statement to the door."""
        return await submit_statement(self._services, call.caller, call.body, _KINDS)

    async def replies(self, call: Call[StaffCaller, bytes]) -> bytes:
        """Take replies to the door."""
        services, caller = self._services, call.caller
        signed = signed_by(caller, call.body, frozenset({"reply-accept"}), services.in_force, at=services.at)
        firsts = {subject.item: subject.parts[0] for subject in signed.statement.subjects}
        async with services.storage.read() as connection:
            found = await load_lines_of_parts(connection, list(firsts.values()))
        if len(found) != len(set(firsts.values())):
            raise MissingPart
        lines = {item: parse_line(found[digest].encode()) for item, digest in firsts.items()}
        return await services.ledger.submit(
            RepliesIn(call.body, signed.digest, signed.statement, caller.id, signed.vkey, lines)
        )

    def _must_act_for(self, caller: StaffCaller, desk_id: str) -> None:
        """Let an officer act at their own desk, and a dispatcher for a keyless one."""
        desk = self._services.in_force.opened(at=self._services.at).desk(desk_id)
        if desk.keyless and Role.DISPATCHER in caller.roles:
            return
        if desk_id not in caller.desks:
            raise WrongDesk
