"""What a relay that lies, or one member of staff who cheats, could try against the clients of honest people."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from relay.client.reviewers import AddresseeDiffers
from tests.http.client_world import ClientWorld, a_client_world
from tests.http.test_life import claim_all

TEXT = "Любий, у нас усе добре.\nМама"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ClientWorld]:
    """Serve a relay whose ceremony was run through the client."""
    async with a_client_world(tmp_path / "relay") as served:
        yield served


async def test_a_letter_to_one_known_person_is_not_passed_to_another(world):
    """The relay says that it was matched since; the register has both people, so the reviewer is asked to look."""
    await (await world.family()).write(TEXT, about=world.number, lang="uk")
    reviewer = await world.reviewer()
    (row,) = await claim_all(reviewer)
    lied = replace(row, detainee=world.keyless_number)
    (letter,) = (await reviewer.open([lied])).letters
    with pytest.raises(AddresseeDiffers):
        await reviewer.pass_([letter])
