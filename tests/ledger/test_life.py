"""Whole lives through the door: a letter to its addressee, the reply back home, and the ways that end elsewhere."""

import json

import pytest

from relay.domain.refusals import AlreadyClaimed, MovedSince, SecondPersonRequired, WrongDestination
from relay.domain.states import Action, State
from relay.ledger.policy import PolicyIn
from relay.ledger.statements import MailboxUnknown
from tests.ledger.world import AT_CAMP, AT_FARM, BUREAU, FARM, NOWHERE, REASON, World, as_it_is


async def test_a_letter_is_delivered_and_its_reply_collected(world: World):
    """Accept, claim, pass, bag, receive, deliver; and for the reply accept, claim, pass, collect."""
    letter = await world.send()
    await world.received(letter)
    await world.by_staff("ole", "deliver", letter)
    assert (await world.item(letter)).state is State.DELIVERED

    answer = await world.reply(letter)
    await world.submit(answer)
    (reply,) = answer.lines
    await world.claim("ben", reply)
    await world.submit(await world.passing_home("ben", reply))
    assert (await world.item(reply)).state is State.READY
    await world.by_family("collected", reply)

    assert (await world.item(reply)).state is State.COLLECTED


async def test_a_letter_with_a_picture_keeps_the_pictures_digest_all_the_way(world: World):
    """Passing reseals part 0 only: what the family enclosed is what the camp gets."""
    letter = await world.letter_with_picture()
    await world.submit(letter)

    await world.received(letter.line.item)

    item = await world.item(letter.line.item)
    assert item.parts[0] != letter.digest
    assert item.parts[1:] == letter.line.enclosures


async def test_a_letter_to_a_place_without_computers_goes_on_paper(world: World):
    """The dispatcher signs both halves for a keyless desk, with the scan of the signed sheet."""
    letter = await world.send(detainee=AT_FARM)
    await world.claim("ann", letter)
    await world.submit(await world.passing("ann", letter, place=FARM))
    bag = await world.bag(letter, place=FARM)
    scan = await world.document("scan", "dan")

    await world.by_staff("dan", "receive", letter, bag=bag, paper=scan)
    await world.by_staff("dan", "deliver", letter, paper=scan)

    assert (await world.item(letter)).state is State.DELIVERED


async def test_fifty_letters_travel_in_one_bag(world: World):
    """One statement moves many items, all in one batch and one transaction."""
    letters = [await world.send(world.family(f"family {n}")) for n in range(50)]
    for start in range(0, 50, 20):
        chosen = letters[start : start + 20]
        await world.claim("ann", *chosen)
        await world.submit(await world.passing("ann", *chosen))
    bag = await world.bag(*letters)
    before = world.ledger.head.size

    answer = await world.by_staff("ole", "receive", *letters, bag=bag)

    moved = json.loads(answer)["items"]
    assert [one["item"] for one in moved] == letters
    assert [one["index"] for one in moved] == list(range(before, before + 50))


async def test_a_withheld_letter_needs_two_persons(world: World):
    """Ann proposes; Ann cannot confirm; Ben does, with a note that only the family can open."""
    letter = await world.send()
    await world.claim("ann", letter)
    await world.by_staff("ann", "propose_withhold", letter, reasons=REASON)
    note = await world.document("note", "ben", item=letter, to=("family",))

    with pytest.raises(SecondPersonRequired):
        await world.by_staff("ann", "confirm", letter, reasons=REASON)
    await world.by_staff("ben", "confirm", letter, reasons=REASON, note=(note,))

    assert (await world.item(letter)).state is State.WITHHELD


async def test_an_overturned_letter_is_first_in_its_line(world: World):
    """It goes to the front, and whoever proposed to withhold it does not decide it again."""
    letter, later = await world.send(), await world.send()
    await world.claim("ann", letter)
    await world.by_staff("ann", "propose_withhold", letter, reasons=REASON)

    await world.by_staff("ben", "overturn", letter)

    item = await world.item(letter)
    assert (item.state, item.turn) == (State.QUEUED, 0)
    assert (await world.item(later)).turn > 0
    await world.claim("ben", letter, later)


async def test_a_letter_to_an_unknown_number_waits_until_it_is_matched(world: World):
    """The family sees a receipt like any other; a reviewer finds out whom it is for."""
    letter = await world.send(detainee=NOWHERE)
    assert (await world.item(letter)).state is State.HELD

    await world.claim("ann", letter)
    await world.by_staff("ann", "match", letter, number=AT_CAMP)

    item = await world.item(letter)
    assert (item.state, item.detainee) == (State.QUEUED, AT_CAMP)


async def test_a_held_letter_lapses_by_the_relays_own_policy(world: World):
    """Nobody signs it: being in the relay's log is the relay's signature."""
    letter = await world.send(detainee=NOWHERE)

    await world.submit(PolicyIn(Action.LAPSE, letter))

    assert (await world.item(letter)).state is State.RETURNED


async def test_a_withdrawn_letter_is_gone_from_the_line(world: World):
    """A family may withdraw while it sees *accepted*; the reviewer's later decision is stale."""
    letter = await world.send()
    await world.claim("ann", letter)
    late = await world.passing("ann", letter)

    await world.by_family("withdraw", letter)

    assert (await world.item(letter)).state is State.WITHDRAWN
    with pytest.raises(Exception, match="older event"):
        await world.submit(late)


async def test_a_family_cannot_withdraw_what_has_been_passed(world: World):
    """Its statement names the acceptance, and something it has been shown has happened since."""
    letter = await world.send()
    item = await world.item(letter)
    await world.claim("ann", letter)
    await world.submit(await world.passing("ann", letter))

    note = world.sign("withdraw", (as_it_is(item),), world.family().signer(world.relay), directory=None)
    with pytest.raises(MovedSince):
        await world.submit(world.of_family(note, world.family()))


async def test_a_claim_lapses_and_another_may_take_it(world: World):
    """Ben cannot claim what Ann holds, but half an hour later he can; then Ann's decision is lost."""
    letter = await world.send()
    await world.claim("ann", letter)
    with pytest.raises(AlreadyClaimed):
        await world.claim("ben", letter)

    world.clock.advance(minutes=31)
    await world.claim("ben", letter)

    assert (await world.item(letter)).claimant == world.cast.staff["ben"].id


async def test_an_undeliverable_letter_is_redirected_to_another_place(world: World):
    """The reviewer reopens what was sealed to the review desk and reseals it to the new place."""
    letter = await world.send()
    await world.received(letter)
    await world.by_staff("ole", "fail", letter, reasons=("TRANSFERRED",))

    await world.submit(await world.passing("ann", letter, place=FARM, kind="redirect"))

    item = await world.item(letter)
    assert (item.state, item.destination) == (State.PASSED, FARM)


async def test_a_missing_letter_is_found_and_another_is_lost(world: World):
    """What did not arrive with its bag is missing, until it is found or declared lost."""
    first, second = await world.send(), await world.send()
    await world.claim("ann", first, second)
    await world.submit(await world.passing("ann", first, second))
    bag = await world.bag(first, second)

    await world.by_staff("ole", "missing", first, second, bag=bag)
    await world.by_staff("ole", "find", first, bag=bag)
    await world.by_staff("dan", "declare_lost", second, bag=bag)

    states = [item.state for item in await world.items([first, second])]
    assert states == [State.RECEIVED, State.LOST]


async def test_a_reply_is_recalled_for_a_family_that_lost_its_code(world: World):
    """A ready reply goes back into the line, as the part 0 that was sealed to the review desk."""
    letter = await world.send()
    await world.received(letter)
    answer = await world.reply(letter)
    await world.submit(answer)
    (reply,) = answer.lines
    (original,) = (await world.item(reply)).parts
    await world.claim("ben", reply)
    await world.submit(await world.passing_home("ben", reply))

    subject = as_it_is(await world.item(reply))
    forged = world.line(item=reply, kind="reply", hop="facility>review", re=letter)
    (other,) = await world.upload(world.seal(forged, "ole", "Мамо, не пиши."))
    swapped = world.statement("ben", "recall", [type(subject)(subject.item, subject.prev, (other,))])
    with pytest.raises(WrongDestination):
        await world.submit(swapped)
    again = world.statement("ben", "recall", [type(subject)(subject.item, subject.prev, (original,))])
    await world.submit(again)

    assert (await world.item(reply)).state is State.QUEUED


async def test_a_first_reply_goes_to_a_bureau_that_hands_it_over(world: World):
    """A detainee who writes first has no family here yet: the bureau delivers the letter on paper."""
    line = world.line(kind="reply", hop="facility>review", re="new")
    (digest,) = await world.upload(world.seal(line, "ole", "Мамо, я живий."))
    brought = world.replies_in("ole", [world.subject(line.item, digest)], [line])
    await world.submit(brought)
    await world.claim("ann", line.item)
    await world.submit(await world.passing("ann", line.item, place=BUREAU))
    bag = await world.bag(line.item, place=BUREAU)

    await world.by_staff("bea", "receive", line.item, bag=bag)
    await world.by_staff("bea", "deliver", line.item)

    assert (await world.item(line.item)).state is State.DELIVERED


async def test_a_first_reply_is_matched_to_a_family_and_recalled_to_its_new_code(world: World):
    """The relay gives the key that it has of the mailbox; of one that never wrote it has none."""
    ours, renewed = world.family(), world.family("the Marchenkos, with a new code")
    await world.received(await world.send(family=ours))
    await world.send(family=renewed)
    line = world.line(kind="reply", hop="facility>review", re="new")
    (digest,) = await world.upload(world.seal(line, "ole", "Мамо, я живий."))
    await world.submit(world.replies_in("ole", [world.subject(line.item, digest)], [line]))
    await world.claim("ann", line.item)
    with pytest.raises(MailboxUnknown):
        await world.by_staff("ann", "match", line.item, mailbox="ab" * 32)
    await world.by_staff("ann", "match", line.item, mailbox=ours.mailbox)
    await world.claim("ann", line.item)
    await world.submit(await world.passing_home("ann", line.item))
    ready = await world.item(line.item)
    subject = as_it_is(ready)
    taken = type(subject)(subject.item, subject.prev, (digest,))
    await world.submit(world.statement("ben", "recall", [taken], mailbox=renewed.mailbox))
    moved = await world.item(line.item)

    assert (ready.mailbox, ready.signer) == (ours.mailbox, ours.vkey)
    assert (moved.mailbox, moved.signer, moved.state) == (renewed.mailbox, renewed.vkey, State.QUEUED)
