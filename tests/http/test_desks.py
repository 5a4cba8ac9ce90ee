"""
The matrix's third side: for each address of staff, somebody of the right role at another desk.

tests/http/test_audiences.py has who may call what by audience and role. Here every address that a role opens is asked
for what belongs to a desk at which the caller does not work; or it is written down why no desk stands behind it.
"""

import base64
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from keys.canonical import encode_json
from relay.client.answers import Row
from relay.client.ceremony import seal_for
from relay.client.faults import ProblemAnswered
from relay.client.staff import StaffSession
from relay.client.transport import JSON, NOTE
from relay.http.calls import Audience
from tests.http.client_world import ClientWorld, a_client_world
from tests.http.test_life import pass_all


@dataclass(frozen=True)
class Asked:
    """A request, and how it is refused."""

    by: str
    method: str
    path: str
    code: str = "wrong_desk"
    body: Mapping[str, Any] | bytes | None = None


#: Addresses behind which no desk stands, and why.
NO_DESK = {
    "staff_session": "about whoever asks",
    "staff_sessions": "about whoever asks",
    "staff_end_session": "of whoever asks",
    "staff_put_keyring": "of whoever asks",
    "staff_desk_keys": "sealed to whoever asks",
    "put_recipient": "of whoever asks",
    "make_token": "of whoever asks",
    "tokens": "of whoever asks",
    "revoke_token": "of whoever asks",
    "metrics": "operators work at no desk",
    "office_statement": "about no desk's items",
    "audit_openings": "auditors work at no desk",
    "document": "auditors work at no desk",
    "staff_put_part": "kept for a statement, which is judged by its desk",
    "staff_post_parts": "kept for a statement, which is judged by its desk",
    "facility_replies": "comes from the desk of whoever signs it",
    "review_register": "lists what is sealed to the desks of whoever asks",
}


@dataclass
class Places:
    """The world with a second review desk, where Eve works, and what the first and the facility have."""

    world: ClientWorld
    sessions: Mapping[str, StaffSession]
    asks: Mapping[str, Asked]

    async def send(self, asked: Asked, session: StaffSession) -> int:
        """Send a request in somebody's session; gives the status."""
        body, media_type = asked.body, NOTE
        if isinstance(body, Mapping):
            body, media_type = encode_json(body).encode(), JSON
        answer = await session.connection.send(
            asked.method, asked.path, body, media_type=media_type, bearer=session.bearer
        )
        return answer.status

    async def refused(self, asked: Asked) -> str:
        """Ask from elsewhere; gives the code of the refusal."""
        with pytest.raises(ProblemAnswered) as refusal:
            await self.send(asked, self.sessions[asked.by])
        return refusal.value.code


@pytest.fixture
async def places(tmp_path: Path) -> AsyncIterator[Places]:
    """Open a second review desk, send one letter on to the facility, and leave another with the first desk."""
    async with a_client_world(tmp_path / "relay") as world:
        await world.open_review_desk()
        family, reviewer = await world.family(), await world.reviewer()
        await family.write("Любий!", about=world.number, lang="uk")
        await pass_all(reviewer)
        await (await world.dispatcher()).pack_all()
        await family.write("Де ти?", about=world.number, lang="uk")
        (waits,) = await reviewer.offers(world.number)
        (bag,) = await (await world.officer()).bags()
        sessions = {name: await world.session(name) for name in ("eve", "bea")}
        (page, *_) = (await (await world.session("ann")).get("/review/register"))["pages"]
        first, facility = world.review.desk.id, world.facility.desk.id
        asks = {
            **_asks_about(first, world.number),
            "staff_put_desk_keys": Asked("eve", "PUT", "/staff/desk-keys", body=_key_of(world)),
            "staff_fetch_parts": Asked("eve", "POST", "/staff/parts/fetch", "unknown_part", {"digests": [page]}),
            "review_item_parts": Asked("eve", "GET", f"/review/items/{waits.item}/parts", "unknown_part"),
            "review_statement": _signed(sessions, "eve", "/review/statements", "claim", [waits], desk=first),
            "facility_bags": Asked("bea", "GET", f"/facility/bags?desk={facility}"),
            "facility_items": Asked("bea", "GET", f"/facility/items?desk={facility}"),
            "facility_statement": _signed(sessions, "bea", "/facility/statements", "receive", bag.rows, bag=bag.bag),
        }
        yield Places(world, sessions, asks)


def _asks_about(desk: str, number: str) -> dict[str, Asked]:
    """Ask for what a review desk has."""
    one = {"desk": desk, "detainee": number, "limit": 1}
    queues = ("lines", "claimed", "contested", "passed")
    return {
        "staff_desk": Asked("eve", "GET", f"/staff/desks/{desk}"),
        "staff_desk_recovery": Asked("eve", "GET", f"/staff/desks/{desk}/recovery"),
        **{f"review_{queue}": Asked("eve", "GET", f"/review/{queue}?desk={desk}") for queue in queues},
        **{
            f"review_{what}": Asked("eve", "POST", f"/review/{what}", body=one)
            for what in ("offers", "contacts", "ready")
        },
    }


def _signed(
    sessions: Mapping[str, StaffSession], by: str, path: str, kind: str, rows: Sequence[Row], **fields: str
) -> Asked:
    return Asked(by, "POST", path, body=sessions[by].sign(kind, [row.subject() for row in rows], **fields))


def _key_of(world: ClientWorld) -> dict[str, Any]:
    """Seal the first desk's key to Eve, as somebody there could only by mistake."""
    eve = world.staff["eve"]
    key = seal_for(world.review.key, f"staff/{eve.root.staff}", eve.recipient, by=eve.root, directory=world.directory)
    sealed = base64.b64encode(key.sealed).decode()
    return {"keys": [{"desk": key.desk, "epoch": key.epoch, "holder": key.holder, "sealed": sealed}]}


async def test_every_address_of_staff_is_asked_from_another_desk(places: Places):
    """A new endpoint has to be thought about here: which desk stands behind it, or why none does."""
    staff = {one.name for one in places.world.served.endpoints if one.audience is Audience.STAFF}

    assert staff == {*places.asks, *NO_DESK}
    assert not places.asks.keys() & NO_DESK.keys()
    assert {name: await places.refused(asked) for name, asked in places.asks.items()} == {
        name: asked.code for name, asked in places.asks.items()
    }


async def test_the_same_is_answered_at_its_own_desk(places: Places):
    """Or the refusals would say nothing about desks: Sue and the officer get whatever takes no signature."""
    theirs = {"eve": await places.world.session("sue"), "bea": await places.world.session("otto")}
    read = {name: asked for name, asked in places.asks.items() if asked.method != "PUT" and "statement" not in name}
    for asked in read.values():
        assert await places.send(asked, theirs[asked.by]) == 200

    assert len(read) == len(places.asks) - 3
