"""Everything that the door refuses: the caller learns why, and whoever stood beside it in the batch loses nothing."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from keys.directory import DirectoryGap, DirectoryUnsigned, FingerprintDiffers, TrustRolledBack, UnknownDesk
from keys.errors import RelayError
from keys.notes import Signer
from keys.sealed import EnclosureLine, part_digest, seal_enclosure
from relay.custody.proof import parse_proof
from relay.domain import refusals
from relay.domain.in_force import DirectoryUnknown, WrongRelay
from relay.domain.register import Row, Status, encode_rows
from relay.ledger.authority import AlreadySuspended, DirectoryIn, OtherLog, TrustIn
from relay.ledger.batch import DuplicateItem, MissingPart, Submission, UnknownItem
from relay.ledger.door import Conflict
from relay.ledger.letters import SignerDiffers, WorkSpent
from relay.ledger.statements import NotYours, NumberNotReachable
from tests.ledger.cast import a_cast, an_id, secret
from tests.ledger.world import AT_FARM, BUREAU, CAMP, FARM, NOWHERE, REASON, REVIEW, World, as_it_is

Refusal = tuple[Submission, type[RelayError]]
Making = Callable[[World], Awaitable[Refusal]]
CASES: dict[str, Making] = {}


def case(making: Making) -> Making:
    """Take a case up into the table; its name says it all, and so it has no docstring."""
    CASES[making.__name__.removeprefix("_")] = making
    return making


async def claimed(world: World, **line: Any) -> str:
    """Send a letter and let Ann claim it."""
    letter = await world.send(**line)
    await world.claim("ann", letter)
    return letter


# ---------------------------------------------------------------- letters


@case
async def _a_letter_for_another_relay(world: World) -> Refusal:
    return world.letter(relay=an_id("another relay")), WrongRelay


@case
async def _a_letter_by_a_directory_that_there_is_not(world: World) -> Refusal:
    return world.letter(dir=2), DirectoryUnknown


@case
async def _a_letter_sealed_to_another_desk(world: World) -> Refusal:
    return world.hollow_letter(to=(f"{CAMP}/1",)), refusals.WrongDestination


@case
async def _a_letter_sealed_to_an_epoch_that_there_is_not(world: World) -> Refusal:
    return world.hollow_letter(to=(f"{REVIEW}/2",)), refusals.EpochOver


@case
async def _a_letter_that_claims_another_hop(world: World) -> Refusal:
    return world.hollow_letter(hop="review>review"), refusals.WrongDestination


@case
async def _a_family_that_sends_a_reply(world: World) -> Refusal:
    return world.hollow_letter(kind="reply", re="new"), refusals.WrongDestination


@case
async def _a_letter_whose_picture_was_not_uploaded(world: World) -> Refusal:
    return world.hollow_letter(enclosures=("a" * 64,)), MissingPart


@case
async def _a_letter_with_another_letters_picture(world: World) -> Refusal:
    theirs = await world.letter_with_picture()
    return world.hollow_letter(enclosures=theirs.line.enclosures), refusals.PartsDiffer


@case
async def _a_letter_with_its_pictures_in_another_order(world: World) -> Refusal:
    item = an_id("two pictures")
    first, second = (
        seal_enclosure(EnclosureLine(world.relay, item, part), b"\x89PNG", secret(f"picture {part}")) for part in (1, 2)
    )
    digests = await world.upload(second, first)
    return world.hollow_letter(item=item, enclosures=tuple(digests)), refusals.PartsDiffer


@case
async def _another_letter_under_a_known_id(world: World) -> Refusal:
    return world.hollow_letter(item=await world.send()), Conflict


@case
async def _a_letter_under_the_id_of_a_reply(world: World) -> Refusal:
    letter = await world.send()
    await world.received(letter)
    reply = await world.reply(letter)
    await world.submit(reply)
    return world.hollow_letter(item=next(iter(reply.lines))), DuplicateItem


@case
async def _a_letter_into_a_mailbox_of_another_key(world: World) -> Refusal:
    await world.send()
    intruder = replace(world.family("the Kovals"), mailbox=world.family().mailbox)
    return world.hollow_letter(intruder), SignerDiffers


@case
async def _a_proof_of_work_that_was_used(world: World) -> Refusal:
    work = ("b" * 64, 2_000_000_000)
    await world.submit(replace(world.hollow_letter(), work=work))
    return replace(world.hollow_letter(), work=work), WorkSpent


# ---------------------------------------------------------------- statements by staff


@case
async def _a_statement_about_an_unknown_item(world: World) -> Refusal:
    subject = world.subject(an_id("nothing"), "a" * 64, prev="b" * 64)
    return world.statement("ann", "claim", [subject], desk=REVIEW), UnknownItem


@case
async def _a_decision_over_an_older_event(world: World) -> Refusal:
    letter = await world.send()
    stale = as_it_is(await world.item(letter))
    await world.claim("ann", letter)
    return world.statement("ann", "escalate", [stale]), refusals.StaleStatement


@case
async def _a_reviewer_who_packs_a_bag(world: World) -> Refusal:
    letter = await claimed(world)
    await world.submit(await world.passing("ann", letter))
    return await world.bagging("ann", letter), refusals.WrongRole


@case
async def _an_officer_who_is_given_what_another_place_gets(world: World) -> Refusal:
    letter = await claimed(world)
    await world.submit(await world.passing("ann", letter))
    bag = await world.bag(letter)
    item = as_it_is(await world.item(letter))
    return world.statement("bea", "receive", [item], bag=bag), refusals.WrongDesk


@case
async def _a_suspended_reviewer(world: World) -> Refusal:
    letter = await world.send()
    staff = world.cast.staff["ben"].id
    await world.submit(world.office("opal", "suspend", staff=staff, reason="LEFT"))
    item = as_it_is(await world.item(letter))
    return world.statement("ben", "claim", [item], desk=REVIEW), refusals.SuspendedKey


@case
async def _a_key_that_is_not_the_members(world: World) -> Refusal:
    letter = as_it_is(await world.item(await world.send()))
    signed = world.statement("ann", "claim", [letter], desk=REVIEW)
    return replace(signed, vkey=str(world.cast.staff["ben"].signer.vkey)), refusals.OtherKey


@case
async def _a_decision_by_somebody_who_has_no_claim(world: World) -> Refusal:
    letter = await claimed(world)
    return await world.passing("ben", letter), refusals.ClaimLost


@case
async def _a_decision_after_the_claim_lapsed_and_another_claimed(world: World) -> Refusal:
    letter = await claimed(world)
    item = await world.item(letter)
    world.clock.advance(minutes=31)
    await world.claim("ben", letter)
    late = as_it_is(item)._replace(prev=(await world.item(letter)).head)
    return world.statement("ann", "escalate", [late]), refusals.ClaimLost


@case
async def _a_claim_of_what_another_holds(world: World) -> Refusal:
    letter = as_it_is(await world.item(await claimed(world)))
    return world.statement("ben", "claim", [letter], desk=REVIEW), refusals.AlreadyClaimed


@case
async def _a_claim_past_an_earlier_letter_of_the_same_line(world: World) -> Refusal:
    await world.send()
    later = as_it_is(await world.item(await world.send()))
    return world.statement("ann", "claim", [later], desk=REVIEW), refusals.OutOfTurn


@case
async def _a_claim_of_more_letters_than_one_may_hold(world: World) -> Refusal:
    letters = [await world.send(world.family(f"family {n}")) for n in range(21)]
    await world.claim("ann", *letters[:20])
    last = as_it_is(await world.item(letters[20]))
    return world.statement("ann", "claim", [last], desk=REVIEW), refusals.TooManyClaims


@case
async def _a_claim_of_more_detainees_than_one_may_hold(world: World) -> Refusal:
    letters = [await world.send(detainee=f"{n:012}") for n in range(6)]
    items = [as_it_is(item) for item in await world.items(letters)]
    return world.statement("ann", "claim", items, desk=REVIEW), refusals.TooManyClaims


@case
async def _a_claim_at_another_desk(world: World) -> Refusal:
    letter = as_it_is(await world.item(await world.send()))
    return world.statement("ann", "claim", [letter], desk=BUREAU), refusals.WrongDesk


@case
async def _an_escalated_letter_without_a_senior(world: World) -> Refusal:
    letter = await claimed(world)
    await world.by_staff("ann", "escalate", letter)
    item = as_it_is(await world.item(letter))
    return world.statement("ben", "claim", [item], desk=REVIEW), refusals.SeniorRequired


@case
async def _a_barred_reviewer(world: World) -> Refusal:
    letter = await claimed(world)
    await world.by_staff("ann", "propose_withhold", letter, reasons=REASON)
    await world.by_staff("ben", "overturn", letter)
    item = as_it_is(await world.item(letter))
    return world.statement("ann", "claim", [item], desk=REVIEW), refusals.Barred


@case
async def _a_second_signature_by_the_same_person(world: World) -> Refusal:
    letter = await claimed(world)
    await world.by_staff("ann", "propose_withhold", letter, reasons=REASON)
    item = as_it_is(await world.item(letter))
    return world.statement("ann", "confirm", [item], reasons=REASON), refusals.SecondPersonRequired


@case
async def _a_pass_with_a_part_that_was_not_uploaded(world: World) -> Refusal:
    item = await world.item(await claimed(world))
    subject = world.subject(item.id, "c" * 64, prev=item.head)
    return world.statement("ann", "pass", [subject], to=(f"{CAMP}/1",), place=CAMP), MissingPart


@case
async def _a_pass_to_one_place_sealed_to_another(world: World) -> Refusal:
    signed = await world.passing("ann", await claimed(world), place=BUREAU)
    subjects = signed.statement.subjects
    return world.statement("ann", "pass", subjects, to=(f"{CAMP}/1",), place=CAMP), refusals.WrongDestination


@case
async def _a_pass_of_another_letters_bytes(world: World) -> Refusal:
    mine, theirs = await claimed(world), await world.send(world.family("the Kovals"))
    await world.claim("ann", theirs)
    signed = await world.passing("ann", theirs)
    item = await world.item(mine)
    subject = world.subject(mine, signed.statement.subjects[0].parts[0], prev=item.head)
    return world.statement("ann", "pass", [subject], to=(f"{CAMP}/1",), place=CAMP), refusals.WrongDestination


@case
async def _a_pass_without_the_pictures(world: World) -> Refusal:
    letter = await world.letter_with_picture()
    await world.submit(letter)
    await world.claim("ann", letter.line.item)
    signed = await world.passing("ann", letter.line.item)
    (subject,) = signed.statement.subjects
    short = [subject._replace(parts=subject.parts[:1])]
    return world.statement("ann", "pass", short, to=(f"{CAMP}/1",), place=CAMP), refusals.PartsDiffer


@case
async def _a_note_that_is_another_kind_of_document(world: World) -> Refusal:
    item = as_it_is(await world.item(await claimed(world)))
    scan = await world.document("scan", "ann")
    return world.statement("ann", "return", [item], note=(scan,)), refusals.PartsDiffer


@case
async def _a_note_about_another_item(world: World) -> Refusal:
    letter, other = await claimed(world), await world.send()
    note = await world.document("note", "ann", item=other, to=("family",))
    return world.statement("ann", "return", [as_it_is(await world.item(letter))], note=(note,)), refusals.PartsDiffer


@case
async def _a_contact_of_another_mailbox(world: World) -> Refusal:
    letter = await claimed(world)
    contact = await world.document("contact", "ann", id=world.family("the Kovals").mailbox)
    return await world.passing("ann", letter, contact=(contact,)), refusals.PartsDiffer


@case
async def _a_bag_whose_manifest_is_not_that_of_its_items(world: World) -> Refusal:
    letter = await claimed(world)
    await world.submit(await world.passing("ann", letter))
    return await world.bagging("dan", letter, manifest="d" * 64), refusals.WrongDestination


@case
async def _a_letter_that_is_not_in_the_bag(world: World) -> Refusal:
    letter = await claimed(world)
    await world.submit(await world.passing("ann", letter))
    await world.bag(letter)
    item = as_it_is(await world.item(letter))
    return world.statement("ole", "receive", [item], bag=an_id("another bag")), refusals.WrongBag


@case
async def _a_keyless_place_without_paper(world: World) -> Refusal:
    letter = await claimed(world, detainee=AT_FARM)
    await world.submit(await world.passing("ann", letter, place=FARM))
    bag = await world.bag(letter, place=FARM)
    item = as_it_is(await world.item(letter))
    return world.statement("dan", "receive", [item], bag=bag), refusals.PaperRequired


@case
async def _a_scan_that_was_not_uploaded(world: World) -> Refusal:
    letter = await world.send()
    await world.received(letter)
    item = as_it_is(await world.item(letter))
    return world.statement("ole", "deliver", [item], paper="e" * 64), MissingPart


@case
async def _a_match_with_a_number_that_has_no_place(world: World) -> Refusal:
    item = as_it_is(await world.item(await claimed(world, detainee="unknown")))
    return world.statement("ann", "match", [item], number=NOWHERE), NumberNotReachable


@case
async def _a_move_that_there_is_not(world: World) -> Refusal:
    item = as_it_is(await world.item(await world.send()))
    return world.statement("ole", "deliver", [item]), refusals.IllegalMove


@case
async def _one_bad_subject_among_good_ones(world: World) -> Refusal:
    good = as_it_is(await world.item(await world.send(world.family("the Kovals"))))
    held = as_it_is(await world.item(await claimed(world)))
    return world.statement("ben", "claim", [good, held], desk=REVIEW), refusals.AlreadyClaimed


# ---------------------------------------------------------------- replies


@case
async def _a_reply_by_a_reviewer(world: World) -> Refusal:
    letter = await world.send()
    await world.received(letter)
    return await world.reply(letter, by="ann"), refusals.WrongRole


@case
async def _a_reply_from_another_place(world: World) -> Refusal:
    letter = await world.send()
    await world.received(letter)
    return await world.reply(letter, by="bea"), refusals.WrongDesk


@case
async def _a_reply_by_another_detainee_than_the_letters(world: World) -> Refusal:
    line = world.line(kind="reply", hop="facility>review", re=await world.send(), detainee=NOWHERE)
    (digest,) = await world.upload(world.seal(line, "ole", "Дякую."))
    return world.replies_in("ole", [world.subject(line.item, digest)], [line]), refusals.WrongDestination


@case
async def _a_reply_to_an_unknown_letter(world: World) -> Refusal:
    line = world.line(kind="reply", hop="facility>review", re=an_id("nothing"))
    (digest,) = await world.upload(world.seal(line, "ole", "Дякую."))
    return world.replies_in("ole", [world.subject(line.item, digest)], [line]), UnknownItem


@case
async def _a_reply_that_was_not_uploaded(world: World) -> Refusal:
    line = world.line(kind="reply", hop="facility>review", re="new")
    return world.replies_in("ole", [world.subject(line.item, "f" * 64)], [line]), MissingPart


# ---------------------------------------------------------------- families


@case
async def _a_withdrawal_of_somebody_elses_letter(world: World) -> Refusal:
    item = as_it_is(await world.item(await world.send(world.family("the Kovals"))))
    note = world.sign("withdraw", (item,), world.family().signer(world.relay), directory=None)
    return world.of_family(note, world.family()), NotYours


@case
async def _a_withdrawal_of_what_has_been_passed(world: World) -> Refusal:
    letter = await claimed(world)
    item = as_it_is(await world.item(letter))
    shown = item._replace(prev=(await world.item(letter)).shown)
    await world.submit(await world.passing("ann", letter))
    note = world.sign("withdraw", (shown,), world.family().signer(world.relay), directory=None)
    return world.of_family(note, world.family()), refusals.MovedSince


# ---------------------------------------------------------------- offices


@case
async def _a_register_page_by_a_reviewer(world: World) -> Refusal:
    document = await world.document("register", "ann")
    return world.office("ann", "register", document=document, rows="a" * 64, page=b"{}"), refusals.WrongRole


@case
async def _a_register_page_with_other_rows(world: World) -> Refusal:
    page = encode_rows((Row(NOWHERE, Status.CONFIRMED, CAMP),)).encode()
    document = await world.document("register", "reg")
    return world.office("reg", "register", document=document, rows="a" * 64, page=page), refusals.PartsDiffer


@case
async def _a_register_page_that_is_a_scan(world: World) -> Refusal:
    scan = await world.document("scan", "reg")
    return world.office("reg", "register", document=scan, rows="a" * 64, page=b"{}"), refusals.PartsDiffer


@case
async def _a_place_that_there_is_not(world: World) -> Refusal:
    return await world.register_page(Row(NOWHERE, Status.CONFIRMED, an_id("nowhere"))), UnknownDesk


@case
async def _a_second_suspension(world: World) -> Refusal:
    staff = world.cast.staff["ben"].id
    await world.submit(world.office("opal", "suspend", staff=staff, reason="LEFT"))
    return world.office("opal", "suspend", staff=staff, reason="LOST_KEY"), AlreadySuspended


@case
async def _an_audit_by_an_operator(world: World) -> Refusal:
    return world.office("opal", "audited", size=1, root="a" * 64), refusals.WrongRole


@case
async def _a_trust_of_the_same_version(world: World) -> Refusal:
    other_policy = world.cast.trust([world.founded.key.vkeys[0]])
    return TrustIn(other_policy), TrustRolledBack


@case
async def _a_trust_by_another_root(world: World) -> Refusal:
    forged = replace(world.cast, root=Signer.ed25519(world.cast.root.vkey.name, secret("forger")))
    return TrustIn(forged.trust(world.founded.key.vkeys, version=2)), FingerprintDiffers


@case
async def _a_trust_for_another_log(world: World) -> Refusal:
    origin = "relay.example/log/2"
    other = replace(a_cast(world.relay, origin), root=world.cast.root)
    log = Signer.ed25519(origin, secret("another log"))
    return TrustIn(other.trust([str(log.vkey)], version=2)), OtherLog


@case
async def _a_directory_that_leaves_one_out(world: World) -> Refusal:
    note, document = world.cast.directory(version=3, previous=b"another")
    return DirectoryIn(note, document), DirectoryGap


@case
async def _a_directory_with_too_few_signatures(world: World) -> Refusal:
    one = replace(world.cast, operators=world.cast.operators[:1])
    note, document = one.directory(version=2, previous=world.cast.directory()[0])
    return DirectoryIn(note, document), DirectoryUnsigned


@pytest.mark.parametrize("making", CASES.values(), ids=CASES.keys())
async def test_a_refusal_costs_its_neighbours_nothing(world: World, making: Making):
    """It stands between two letters in one batch: both are accepted in it, and the log grows by two."""
    refused, why = await making(world)
    before, after = world.hollow_letter(world.family("before")), world.hollow_letter(world.family("after"))
    size = world.ledger.head.size

    answers = await asyncio.gather(*map(world.submit, (before, refused, after)), return_exceptions=True)

    assert type(answers[1]) is why
    assert world.ledger.head.size == size + 2
    checkpoints = {parse_proof(answer).checkpoint for answer in (answers[0], answers[2]) if isinstance(answer, bytes)}
    assert len(checkpoints) == 1, "all three were in one batch"


async def test_a_refused_submission_may_be_mended_and_sent_again(world: World):
    """A refusal is not remembered: once the picture is there, the very same letter is accepted."""
    item, picture = an_id("late picture"), b"\x89PNG a house"
    sealed = seal_enclosure(EnclosureLine(world.relay, item, 1), picture, secret("late picture"))
    letter = world.hollow_letter(item=item, enclosures=(part_digest(sealed),))
    with pytest.raises(MissingPart):
        await world.submit(letter)

    await world.upload(sealed)
    await world.submit(letter)

    assert (await world.item(item)).parts == (letter.digest, part_digest(sealed))
