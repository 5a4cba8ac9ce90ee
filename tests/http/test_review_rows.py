"""What a review desk is told of an item beside its state, so that its page offers nobody what the door would refuse."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from keys.sealed import Excision, open_letter
from relay.client.answers import PartSize, Row
from relay.client.resealing import Edit
from relay.client.reviewers import WasBlockedOut
from tests.http.client_world import ClientWorld, a_client_world
from tests.http.test_life import claim_all, pass_all

TEXT = "Мій любий, ми за мостом."


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ClientWorld]:
    """Serve a relay whose ceremony was run through the client."""
    async with a_client_world(tmp_path / "relay") as served:
        yield served


async def told(world: ClientWorld, queue: str):
    """Read the only row of a queue as Ann's page does."""
    ann = await world.reviewer()
    (row,) = (await ann.session.get(f"/review/{queue}", desk=ann.desk))["rows"]
    return row


async def read_at_keyless(world: ClientWorld, row: Row) -> str:
    """Read what goes to the place without computers, whose letters the review desk itself opens."""
    ann = await world.reviewer()
    files = await ann.session.fetch([PartSize(row.digests[0])])
    keys = ann.session.desk_keys(ann.desk)
    return open_letter(files[row.digests[0]], keys.identities).manifest.text


async def test_a_desk_is_told_who_proposed_and_who_was_overturned(world):
    """By the person, who stays the same under a new key; after an overturn nobody has proposed any more."""
    family = await world.family()
    await family.write(TEXT, about=world.number, lang="uk")
    ann, ben = await world.reviewer(), await world.reviewer("ben")
    person = world.staff["ann"].member.person
    await ann.propose_withhold(await claim_all(ann), reasons=["MIL"])

    contested = await told(world, "contested")
    await ben.overturn(await ben.contested())
    await ben.propose_withhold(await claim_all(ben), reasons=["MIL"])
    again = await told(world, "contested")

    assert (contested["proposer"], contested["barred"]) == (person, [])
    assert (again["proposer"], again["barred"]) == (world.staff["ben"].member.person, [person])


async def test_a_desk_is_told_which_desks_read_an_item(world):
    """In the order of the agreement's route; here there is only the one."""
    await (await world.family()).write(TEXT, about=world.number, lang="uk")
    await claim_all(await world.reviewer())

    assert (await told(world, "claimed"))["route"] == [world.review.desk.id]


async def test_a_desk_is_told_what_a_letter_was_passed_under(world):
    """An earlier part 0 still has what was blocked out; one that passed whole was passed under no reason."""
    family = await world.family()
    for _ in range(2):
        await family.write(TEXT, about=world.number, lang="uk")
    reviewer = await world.reviewer()
    first, second = (await reviewer.open(await claim_all(reviewer))).letters
    await reviewer.pass_([first], edits={first.item: Edit((Excision(14, 23, "MIL"),), note="We are well.")})
    await reviewer.pass_([second])

    reasons = [(await reviewer.session.get(f"/review/items/{one.item}/parts"))["reasons"] for one in (first, second)]
    assert reasons == [["MIL"], []]


async def test_what_was_blocked_out_goes_nowhere_whole_by_mistake(world):
    """A redirect seals the family's own letter: it wants the same words blocked out again, or to be told otherwise."""
    await (await world.family()).write(TEXT, about=world.number, lang="uk")
    reviewer = await world.reviewer()
    (letter,) = (await reviewer.open(await claim_all(reviewer))).letters
    edits = {letter.item: Edit((Excision(14, 23, "MIL"),))}
    await reviewer.pass_([letter], edits=edits)
    rows = await reviewer.passed()

    with pytest.raises(WasBlockedOut):
        await reviewer.redirect(rows, place=world.keyless.id)
    (redirected,) = await reviewer.redirect(rows, place=world.keyless.id, edits=edits)
    (at_keyless,) = await (await world.dispatcher()).to_pack(world.keyless.id)
    (whole,) = await reviewer.redirect([redirected], place=world.keyless.id, although_whole=True)

    assert await read_at_keyless(world, at_keyless) == "Мій любий, ми █████████."
    assert await read_at_keyless(world, whole) == TEXT


async def test_what_passed_whole_is_redirected_whole(world):
    """Nothing has to be said about a letter of which nothing was taken out."""
    await (await world.family()).write(TEXT, about=world.number, lang="uk")
    reviewer = await world.reviewer()
    await pass_all(reviewer)

    (redirected,) = await reviewer.redirect(await reviewer.passed(), place=world.keyless.id)
    assert redirected.event.event == "redirected"
