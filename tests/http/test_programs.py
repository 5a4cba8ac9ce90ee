"""Tokens of other programs: one purpose each, an end, and never more than their maker's own power."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse
from sqlalchemy import select

from relay.http.calls import Audience
from relay.http.openapi import spec
from relay.http.services import NOTE
from relay.http.tokens import SCOPE_ROLES, Scope
from relay.ledger.authority import DirectoryIn
from relay.ledger.retention import Retention, Terms
from relay.storage import tables
from tests.http.relay_world import ServedWorld, a_checked_world, the_table


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ServedWorld]:
    """Serve a relay."""
    async with a_checked_world(tmp_path) as served:
        yield served


async def made(world: ServedWorld, by: str, *scopes: str, days: int = 30) -> dict[str, Any]:
    """Make a token."""
    response = await world.ask(
        "POST", "/staff/tokens", {"label": "nightly", "scopes": list(scopes), "days": days}, by=by
    )
    assert response.status == 200, await response.text()
    answer: dict[str, Any] = await response.json()
    return answer


async def asked(world: ServedWorld, token: str, path: str, method: str = "GET") -> ClientResponse:
    """Ask as a program."""
    return await world.ask(method, path, headers={"Authorization": f"Bearer {token}"})


async def test_an_auditors_program_reads_what_an_audit_needs_and_nothing_else(world: ServedWorld):
    """Openings and documents; every other address of this relay that asks who calls refuses the token."""
    token = (await made(world, "aud", "audit"))["token"]
    assert (await asked(world, token, "/audit/openings")).status == 200
    await world.refused(await asked(world, token, f"/documents/{'ab' * 32}"), 404, "not_found")

    audiences = [one for one in world.served.endpoints if one.audience.value != "public" and one.scope is None]
    assert len(audiences) > 30
    for endpoint in audiences:
        path = re.sub(r"\{(digest|session)\}", "ab" * 32, endpoint.template)
        response = await asked(world, token, re.sub(r"\{\w+\}", "ab" * 16, path), endpoint.method)
        await world.refused(response, 401, "not_signed_in")


async def test_a_scope_is_for_its_own_addresses(world: ServedWorld):
    """The operator's figures are not opened by the auditor's token, nor the other way round."""
    audit, metrics = (await made(world, "aud", "audit"))["token"], (await made(world, "opal", "metrics"))["token"]

    assert b"letter_relay_http_requests" in await (await asked(world, metrics, "/operator/metrics")).read()
    await world.refused(await asked(world, audit, "/operator/metrics"), 403, "wrong_scope")
    await world.refused(await asked(world, metrics, "/audit/openings"), 403, "wrong_scope")


@pytest.mark.parametrize(
    ("maker", "scopes"), [("aud", ["metrics"]), ("opal", ["audit"]), ("opal", ["metrics", "audit"])]
)
async def test_nobody_gives_away_what_they_do_not_have(world: ServedWorld, maker: str, scopes: list[str]):
    """A token's power is part of its maker's."""
    body = {"label": "x", "scopes": scopes, "days": 1}
    await world.refused(await world.ask("POST", "/staff/tokens", body, by=maker), 403, "wrong_role")


async def test_a_token_is_shown_once_and_kept_as_a_hash(world: ServedWorld):
    """Whoever reads the list, or the database, has nothing to sign in with."""
    answer = await made(world, "aud", "audit")
    token = answer["token"]
    assert token.startswith("lrt_")
    assert len(token) == 68

    async with world.storage.read() as connection:
        (row,) = (await connection.execute(select(tables.api_tokens))).all()
    assert token not in repr(row)
    assert token[4:] not in repr(row)
    (listed,) = (await world.read("/staff/tokens", by="aud"))["tokens"]
    assert "token" not in listed
    assert (listed["id"], listed["label"], listed["scopes"]) == (answer["id"], "nightly", ["audit"])


async def test_a_token_says_when_it_was_used(world: ServedWorld):
    """To the hour, so that nobody wonders which of five is still needed; reading it all night is one write an hour."""
    token = (await made(world, "aud", "audit"))["token"]
    seen = []
    for minutes in (0, 30, 31):
        world.clock.advance(minutes=minutes)
        await asked(world, token, "/audit/openings")
        (listed,) = (await world.read("/staff/tokens", by="aud"))["tokens"]
        seen.append(listed["used_at"])

    assert seen[0] == seen[1] < seen[2]


async def test_a_token_ends(world: ServedWorld):
    """On its day, to the second."""
    token = (await made(world, "aud", "audit", days=2))["token"]
    world.clock.advance(hours=47, minutes=59)
    assert (await asked(world, token, "/audit/openings")).status == 200
    world.clock.advance(minutes=1)
    await world.refused(await asked(world, token, "/audit/openings"), 401, "token_over")


async def test_a_token_is_revoked_by_its_maker_alone(world: ServedWorld):
    """Another auditor, or an operator, cannot; and what is no token of ours is told the same."""
    answer = await made(world, "aud", "audit")
    path = f"/staff/tokens/{answer['id']}"

    assert (await world.ask("DELETE", path, by="opal")).status == 204
    assert (await asked(world, answer["token"], "/audit/openings")).status == 200
    assert (await world.ask("DELETE", path, by="aud")).status == 204
    for token in (answer["token"], "lrt_" + "a" * 64, "lrt_", "lrt_" + "A" * 64):
        await world.refused(await asked(world, token, "/audit/openings"), 401, "token_over")
    await world.refused(await asked(world, "lrs_" + "a" * 64, "/audit/openings"), 401, "session_over")


async def test_a_suspended_makers_tokens_are_worth_nothing(world: ServedWorld):
    """At once: whoever has the laptop has the token too."""
    token = (await made(world, "aud", "audit"))["token"]
    await world.submit(world.office("opal", "suspend", staff=world.cast.staff["aud"].id, reason="DEVICE_LOST"))

    await world.refused(await asked(world, token, "/audit/openings"), 401, "token_over")


async def test_a_suspension_that_another_node_logged_counts_here(world: ServedWorld):
    """The door knows of it by the log; that the row is not revoked yet does not matter."""
    token = (await made(world, "aud", "audit"))["token"]
    await world.ledger.submit(world.office("opal", "suspend", staff=world.cast.staff["aud"].id, reason="DEVICE_LOST"))

    await world.refused(await asked(world, token, "/audit/openings"), 401, "token_over")


async def test_the_tokens_of_somebody_who_left_are_worth_nothing(world: ServedWorld):
    """With the directory that does not have them."""
    token = (await made(world, "aud", "audit"))["token"]
    note, _ = world.cast.directory()
    await world.submit(DirectoryIn(*world.cast.directory(version=2, previous=note, without=["aud"])))

    await world.refused(await asked(world, token, "/audit/openings"), 401, "token_over")


async def test_a_token_signs_nothing_in(world: ServedWorld):
    """It is no session, and no statement is taken with it, whoever signed it."""
    token = (await made(world, "aud", "audit"))["token"]
    statement = world.office("aud", "audited", size=1, root="ab" * 32)
    body = {"note": statement.note.decode()}
    headers = {"Authorization": f"Bearer {token}"}
    for path, sent, media in (("/office/statements", body, "application/json"), ("/review/statements", b"x", NOTE)):
        response = await world.ask("POST", path, sent, media_type=media, headers=headers)
        await world.refused(response, 401, "not_signed_in")


async def test_ended_tokens_are_forgotten_after_a_month(world: ServedWorld):
    """By retention, as the data inventory says."""
    await made(world, "aud", "audit", days=1)
    kept = Retention(world.storage, world.ledger, Terms(), clock=world.clock)
    counts = []
    for days in (30, 2):
        world.clock.advance(days=days)
        await kept.run()
        async with world.storage.read() as connection:
            counts.append(len((await connection.execute(select(tables.api_tokens))).all()))

    assert counts == [1, 0]


def test_every_scope_says_whose_power_it_is_part_of():
    """A scope without a role could be given out by anybody."""
    assert set(SCOPE_ROLES) == set(Scope)


def test_the_documentation_names_the_scope_of_an_address():
    """Whoever is told `wrong_scope` looks there."""
    paths = spec(the_table(), title="relay.example", version="1")["paths"]

    assert paths["/audit/openings"]["get"]["x-scope"] == "audit"
    assert paths["/operator/metrics"]["get"]["x-scope"] == "metrics"
    assert "x-scope" not in paths["/staff/session"]["get"]


@pytest.mark.parametrize("audience", [Audience.PUBLIC, Audience.FAMILY, Audience.MACHINE])
def test_only_staff_have_programs(audience: Audience):
    """A scope beside another audience is a mistake that ends the start."""
    (endpoint,) = (one for one in the_table() if one.name == "metrics")
    with pytest.raises(ValueError, match="only staff have programs"):
        replace(endpoint, audience=audience, roles=frozenset())
