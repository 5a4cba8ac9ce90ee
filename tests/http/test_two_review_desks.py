"""A route with two review desks: the first forwards, the second decides by the register that it can read itself."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from relay.client.mailboxes import contacts
from relay.client.register import Registrar
from relay.client.reviewers import Reviewer
from relay.domain.states import State
from relay.ledger.batch import Rules
from tests.http.client_world import ClientWorld, a_client_world
from tests.http.test_life import claim_all, pass_all

TEXT = "Сину, у нас сніг."


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ClientWorld]:
    """Serve a relay whose route reads twice, with a register that both desks can open."""
    async with a_client_world(tmp_path / "relay") as served:
        first, second = served.review.desk.id, await served.open_review_desk()
        served.served.services.ledger._rules = Rules(route=(first, second))
        reader = await served.reviewer()
        await Registrar(await served.session("reg")).publish((await reader.register()).records.values())
        yield served


async def at_second(world: ClientWorld) -> Reviewer:
    """Sign Eve in at the second desk."""
    (desk,) = world.staff["eve"].member.desks
    return Reviewer(await world.session("eve"), desk)


async def forward_all(first: Reviewer, second: Reviewer) -> None:
    """Claim whatever waits at the first desk, read it, and forward it."""
    await first.forward((await first.open(await claim_all(first))).letters, second.desk)
    assert await first.lines() == []


async def test_a_letter_that_was_forwarded_is_passed_at_the_second_desk(world):
    """Eve takes the place from the register that is sealed to her desk, and the family hears of it."""
    family = await world.family()
    await family.write(TEXT, about=world.number, lang="uk")
    first, second = await world.reviewer(), await at_second(world)
    await forward_all(first, second)

    await pass_all(second)
    (passed,) = await second.passed()
    assert (passed.state, passed.destination) == (State.PASSED, world.facility.desk.id)
    assert [item.word for item in await family.status()] == ["passed"]


async def test_a_letter_that_was_matched_at_the_first_desk_is_passed_at_the_second(world):
    """Whom the family meant is known from then on, and the second desk's register has the number too."""
    family = await world.family()
    await family.write(TEXT, about="unknown", lang="uk", address="Ivan Example")
    first, second = await world.reviewer(), await at_second(world)
    await first.match((await first.open(await claim_all(first))).letters, world.number)
    await forward_all(first, second)

    (letter,) = (await second.open(await claim_all(second))).letters
    assert (letter.text, letter.row.detainee) == (TEXT, world.number)
    assert (await second.register()).find(letter.row.detainee).names == "Ivan Example"
    await second.pass_([letter])
    assert [row.destination for row in await second.passed()] == [world.facility.desk.id]


async def test_the_second_desk_is_not_given_the_contact_of_the_first(world):
    """The first renews it when it forwards, for itself alone; the second reads a second letter without it."""
    family = await world.family()
    first, second = await world.reviewer(), await at_second(world)
    for text in (TEXT, "Уже весна."):
        await family.write(text, about=world.number, lang="uk")
        await forward_all(first, second)

    rows = await claim_all(second)
    assert [row.contact for row in rows] == [None, None]
    assert all(letter.proven for letter in (await second.open(rows)).letters)
    assert await contacts(second, world.number) == []
    assert [len(known.letters) for known in await contacts(first, world.number)] == [2]
