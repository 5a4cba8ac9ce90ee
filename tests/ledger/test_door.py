"""The door: what is submitted is decided, committed, logged and only then answered."""

import asyncio

import pytest

from keys.errors import Fatal
from keys.notes import Vkey
from relay.custody.proof import verify_receipt
from relay.domain.events import parse_event
from relay.domain.states import State
from relay.ledger.door import Conflict
from tests.ledger.world import World


async def test_an_accepted_letter_is_answered_with_a_receipt_that_proves_it(world: World):
    """The receipt is a tlog-proof under the log's key, and its event is the letter's acceptance."""
    letter = world.letter()

    receipt = await world.submit(letter)

    vkeys = [Vkey.parse(vkey) for vkey in world.founded.key.vkeys]
    verified = verify_receipt(receipt, vkeys, origin=world.cast.origin)
    event = parse_event(verified.receipt.event)
    assert (event.item, event.event, event.parts) == (letter.line.item, "accepted", (letter.digest,))
    assert (await world.item(letter.line.item)).state is State.QUEUED


async def test_a_retry_gets_the_same_bytes(world: World):
    """A family whose network broke sends the same letter again, and gets the very receipt it missed."""
    letter = world.letter()

    first = await world.submit(letter)
    await world.send()

    assert await world.submit(letter) == first


async def test_other_bytes_under_the_same_id_are_a_conflict(world: World):
    """An item's id is taken once; another letter under it is refused, and the first one stays."""
    letter = world.letter()
    await world.submit(letter)

    with pytest.raises(Conflict):
        await world.submit(world.letter(item=letter.line.item))


async def test_the_same_letter_twice_in_one_batch_is_taken_once(world: World):
    """Both senders get the same receipt, and the log has one entry more."""
    letter, before = world.letter(), world.ledger.head.size

    answers = await asyncio.gather(world.submit(letter), world.submit(letter))

    assert answers[0] == answers[1]
    assert world.ledger.head.size == before + 1


@pytest.mark.parametrize("how", [ZeroDivisionError("a bug"), asyncio.CancelledError()], ids=["a bug", "cancelled"])
async def test_whatever_ends_the_writer_nobody_waits_for_ever(
    world: World, monkeypatch: pytest.MonkeyPatch, how: BaseException
):
    """The batch at hand, what waited behind it and what comes later are refused; the door stops as any other."""

    async def end(_batch: object) -> None:
        await asyncio.sleep(0)
        raise how

    monkeypatch.setattr(world.ledger, "_commit_or_refuse", end)
    async with asyncio.timeout(10):
        answers = await asyncio.gather(*(world.submit(world.letter()) for _ in range(3)), return_exceptions=True)
        with pytest.raises(Fatal):
            await world.submit(world.letter())
        await world.ledger.stop()

    assert [type(answer) for answer in answers] == [Fatal] * 3
    assert type(world.ledger.broken) is Fatal
