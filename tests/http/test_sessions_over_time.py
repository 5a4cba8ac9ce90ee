"""A session's life over HTTP, with a clock that the test moves: idle, busy, ended from elsewhere, suspended."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from aiohttp import ClientResponse

from config.sections import Limits
from keys.ids import format_time
from keys.statements import Statement, sign_statement
from relay.http.services import NOTE
from relay.http.stores import SessionRows
from tests.http.relay_world import JSON, ServedWorld, a_checked_world

#: Half an hour without a request, two hours in any case.
SESSIONS = {"idle_minutes": 30, "absolute_hours": 2}


async def still_in(world: ServedWorld, name: str) -> int:
    """Ask who is signed in; gives the status."""
    # Two seconds pass by the clock on the wall, in which a session is remembered.
    store = world.served.services.sessions.store
    assert isinstance(store, SessionRows)
    store._recent.clear()
    return (await world.ask("GET", "/staff/session", by=name)).status


async def test_an_idle_session_ends_after_half_an_hour(tmp_path: Path):
    """To the minute, and each request begins it anew."""
    async with a_checked_world(tmp_path, sessions=SESSIONS) as world:
        await world.bearer("ann")
        for minutes, status in ((29, 200), (29, 200), (30, 401), (0, 401)):
            world.clock.advance(minutes=minutes)
            assert await still_in(world, "ann") == status


async def test_a_busy_session_ends_after_two_hours(tmp_path: Path):
    """Nobody stays signed in for ever; the answer says beforehand when it will be."""
    async with a_checked_world(tmp_path, sessions=SESSIONS) as world:
        await world.bearer("ann")
        began = int(world.clock().timestamp())
        for _ in range(5):
            world.clock.advance(minutes=20)
            assert await still_in(world, "ann") == 200
        assert (await world.read("/staff/session", by="ann"))["ends_at"] == began + 7_200
        world.clock.advance(minutes=20)
        response = await world.ask("GET", "/staff/session", by="ann")
        await world.refused(response, 401, "session_over")


async def test_a_lost_laptop_is_signed_out_from_another(tmp_path: Path):
    """The list names both devices; one is ended by its id, and the other goes on."""
    async with a_checked_world(tmp_path, sessions=SESSIONS) as world:
        lost = await world.bearer("ann")
        (before,) = (await world.read("/staff/sessions", by="ann"))["sessions"]
        world.clock.advance(minutes=5)
        del world.tokens["ann"]
        await world.bearer("ann")
        assert len((await world.read("/staff/sessions", by="ann"))["sessions"]) == 2

        assert (await world.ask("DELETE", f"/staff/sessions/{before['id']}", by="ann")).status == 204

        response = await world.ask("GET", "/staff/session", headers={"Authorization": f"Bearer {lost}"})
        await world.refused(response, 401, "session_over")
        assert (await world.ask("GET", "/staff/session", by="ann")).status == 200


async def test_a_suspension_ends_every_session_at_once(tmp_path: Path):
    """They are gone from the database before the operator has the answer, not only refused."""
    async with a_checked_world(tmp_path, sessions=SESSIONS) as world:
        await world.bearer("ann")
        ann = world.cast.staff["ann"].id
        services = world.served.services
        assert len(await services.sessions.store.list(ann)) == 1

        await world.submit(world.office("opal", "suspend", staff=ann, reason="DEVICE_LOST"))

        assert await services.sessions.store.list(ann) == []
        await world.refused(await world.ask("GET", "/staff/session", by="ann"), 401, "session_over")
        (suspension,) = (await world.read("/suspensions"))["suspensions"]
        assert (suspension["index"], ann in suspension["note"]) == (world.ledger.head.size - 1, True)


async def test_who_guesses_is_slowed_down_and_nobody_is_locked_out(tmp_path: Path):
    """Wrong invites and sign-ins cost their own network seconds and nobody else anything; no lock is on a name."""
    guessing, elsewhere = {"X-Forwarded-For": "198.51.100.7"}, {"X-Forwarded-For": "203.0.113.9"}
    http, limits = {"trusted_proxies": ["127.0.0.1/32"]}, {"sign_ins_per_minute": Limits().sign_ins_per_minute}
    async with a_checked_world(tmp_path, http=http, limits=limits) as world:
        ann = {"staff": world.cast.staff["ann"].id}
        wrong = {**guessing, "Authorization": "Bearer lri_" + "0" * 64}
        invites = [await world.ask("GET", "/enrolments", headers=wrong) for _ in range(30)]
        challenges = [await world.ask("POST", "/sign-in/challenges", ann, headers=guessing) for _ in range(60)]
        assert {answer.status for answer in challenges[:30]} == {200}
        assert {answer.status for answer in invites} == {403}
        slowed = [answer for answer in challenges if answer.status != 200]
        await world.refused(slowed[0], 429, "too_many_requests")

        for headers in (elsewhere, guessing):
            challenge = await _patiently(world, "/sign-in/challenges", ann, JSON, headers)
            fields = {"challenge": (await challenge.json())["challenge"]}
            statement = Statement("sign-in", world.relay, 1, format_time(world.clock()), (), fields)
            note = sign_statement(statement, world.cast.staff["ann"].signer)
            assert (await _patiently(world, "/sign-in", note, NOTE, headers)).status == 200


async def _patiently(
    world: ServedWorld, path: str, body: bytes | Mapping[str, object], media_type: str, headers: dict[str, str]
) -> ClientResponse:
    """Post something, and wait for as long as the answer asks: a second or two, or nobody would."""
    while True:
        answer = await world.ask("POST", path, body, media_type=media_type, headers=headers)
        if answer.status != 429:
            return answer
        assert int(answer.headers["Retry-After"]) <= 2
        await asyncio.sleep(int(answer.headers["Retry-After"]))
