"""What an audit refuses of openings, chains, statements and documents (docs/spec/audit.md, steps 6 to 9)."""

from dataclasses import replace

import pytest

from keys.codes import family_name
from keys.notes import Signer
from keys.statements import Statement, Subject, sign_statement
from relay.custody.bundle import EventOpening, StatementOpening, encode_opening
from relay.domain.events import detail_mac
from relay.domain.states import Action, Custodian, State
from tests.custody_world import (
    ANN,
    BEA,
    BEN,
    CAMP,
    DAN,
    DIRECTORY,
    EXPIRES,
    FARM,
    MEDIATOR,
    OLE,
    OTHER_NUMBER,
    RELAY,
    MemoryBundle,
    World,
    a_busy_world,
    a_digest,
    an_id,
    an_open_world,
    family,
)
from tests.unit.custody.auditing import audit, broken_at, step_of

ONE, TWO = an_id("one"), an_id("two")


def a_world() -> World:
    """Open a relay and bring it two letters, which Ann has claimed."""
    world = an_open_world()
    world.accept("one")
    world.accept("two")
    world.claim(ANN, ONE, TWO)
    return world


def forged(**changes) -> World:
    """Let the relay change some keys of a detail when it logs that Ann has passed a letter, so that all hashes fit."""
    world = a_world()
    world.forging = lambda event, detail: detail.update(changes)
    world.pass_on(ANN, ONE)
    return world


# ---------------------------------------------------------------- 6: openings


@pytest.mark.parametrize(
    "change",
    [
        lambda line: line[:-1],
        lambda line: line.replace(b'"v":1', b'"v":2', 1),
        lambda line: line.replace(b'"v":1', b'"v": 1', 1),
        lambda line: line.replace(b'"index":3', b'"index":-3'),
        lambda line: line.replace(b'"nonce":"', b'"nonce":"A', 1),
        lambda line: line.replace(b'"detail":', b'"details":'),
        lambda line: b"\n",
    ],
)
def test_every_line_is_an_opening(change):
    """The last line is read as strictly as any, and the error names its item."""
    world = an_open_world()
    world.accept("one")
    world.accept("two")
    files = world.bundle().files
    first, second = files["openings.jsonl"].splitlines(keepends=True)
    assert change(second) != second

    step, item = broken_at(MemoryBundle({**files, "openings.jsonl": first + change(second)}))
    assert step == "6.1"
    assert item in (TWO, None)


def test_every_entry_is_opened_once_and_in_order():
    """Nothing missing, first or last; nothing twice; nothing swapped; nothing that opens a directory."""
    for change in (
        lambda lines: lines[1:],
        lambda lines: lines[:-1],
        lambda lines: [],
        lambda lines: [lines[0], *lines],
        lambda lines: [*lines, lines[-1]],
        lambda lines: [lines[1], lines[0], *lines[2:]],
        lambda lines: [replace(lines[0], index=1), *lines],
        lambda lines: [StatementOpening(2, b"n" * 32, a_digest("x")), *lines[1:]],
    ):
        world = a_world()
        world.openings = change(world.openings)

        assert step_of(world) == "6.2"


def test_an_erased_entry_is_not_opened():
    """What the relay says it has destroyed is not there."""
    world = a_world()
    opening = world.openings[0]
    world.erase(*(one.index for one in world.openings if one.index not in (3, 5)))
    world.openings.insert(0, opening)

    assert step_of(world) == "6.2"


def test_a_tag_is_its_items():
    """The tag of another item's key, or of another number."""
    world = a_world()
    world.rewrite(0, lambda one: replace(one, tag_key=world.tag_keys[TWO]))

    assert broken_at(world) == ("6.3", ONE)


def test_a_commitment_is_to_this_event():
    """Another nonce, and another event with all else right."""
    nonce, event = a_world(), a_world()
    nonce.rewrite(3, lambda one: replace(one, nonce=b"n" * 32))
    event.rewrite(3, lambda one: replace(one, event=one.event.replace("claimed", "passed!")))

    assert broken_at(nonce) == ("6.4", TWO)
    assert broken_at(event) == ("6.4", TWO)


def test_a_detail_is_the_one_that_its_event_names():
    """Another detail, or another nonce."""
    detail, nonce = a_world(), a_world()
    detail.rewrite(0, lambda one: replace(one, detail=one.detail.replace("08:00:00", "07:00:00")))
    nonce.rewrite(0, lambda one: replace(one, detail_nonce=b"n" * 32))

    assert broken_at(detail) == ("6.5", ONE)
    assert broken_at(nonce) == ("6.5", ONE)


def test_a_tag_key_is_the_one_promised():
    """The first detail names another key, or none; or a later event has another key."""
    for change in ({"tag_key": a_digest("another")}, {"tag_key": None}):
        world = an_open_world()
        world.forging = lambda event, detail, change=change: detail.update(change)
        world.accept("one")
        assert broken_at(world) == ("6.6", ONE)
    later = a_world()
    later.tag_keys[ONE] = b"k" * 32
    later.pass_on(ANN, ONE)

    assert broken_at(later) == ("6.6", ONE)


# ---------------------------------------------------------------- 7: chains


@pytest.mark.parametrize("change", [{"seq": 3}, {"seq": 1}, {"prev": a_digest("another")}, {"prev": None}])
def test_an_event_follows_the_last_one(change):
    """No gap, no second one of a number, no other history."""
    world = a_world()
    world.forging = lambda event, detail: event.update(change)
    world.pass_on(ANN, ONE)

    assert broken_at(world) == ("7.1", ONE)


def test_an_item_comes_in_once():
    """A second acceptance under the same id."""
    world = a_world()
    world.accept("one")

    assert broken_at(world) == ("7.1", ONE)


@pytest.mark.parametrize(
    "change",
    [
        {"desk": FARM},
        {"state": "delivered"},
        {"kind": "parcel"},
        {"staff": BEN.id},
        {"reasons": ["CODED"]},
        {"until": "2026-11-21T08:00:00Z"},
        {"signer": a_digest("a key")},
        {"directory": 7},
        {"paper": a_digest("sheet")},
        {"v": True},
        {"more": 1},
    ],
)
def test_a_detail_says_what_its_statement_says(change):
    """Nothing else, nothing more."""
    assert broken_at(forged(**change)) == ("7.2", ONE)


@pytest.mark.parametrize(
    "change",
    [
        {"event": "delivered"},
        {"from": "relay"},
        {"to": "detainee"},
        {"day": "2026-11-19"},
        {"parts": [a_digest("another part")]},
        {"more": 1},
    ],
)
def test_an_event_is_what_the_rules_make_of_it(change):
    """Whatever the relay writes instead."""
    world = a_world()
    world.forging = lambda event, detail: event.update(change)
    world.pass_on(ANN, ONE)

    assert broken_at(world) == ("7.2", ONE)


def test_a_move_is_one_that_the_rules_allow():
    """The relay takes a letter for received that nobody has bagged, and lets it be delivered."""
    world = a_world()
    world.pass_on(ANN, ONE)
    world.items[ONE] = world.items[ONE]._replace(state=State.RECEIVED, holder=Custodian.FACILITY)
    world.act("deliver", OLE, ONE)

    assert broken_at(world) == ("7.2", ONE)


def test_a_claim_that_still_runs_cannot_be_taken_over():
    """The relay favours Ben while Ann still reads."""
    world = a_world()
    world.items[ONE] = world.items[ONE]._replace(until="2026-11-20T08:00:00Z")
    world.claim(BEN, ONE)

    assert broken_at(world) == ("7.2", ONE)


def test_whoever_proposed_to_withhold_does_not_confirm():
    """The relay forgets who proposed it."""
    world = a_world()
    world.act("propose_withhold", ANN, ONE)
    world.items[ONE] = world.items[ONE]._replace(proposer=None)
    world.act("confirm", ANN, ONE)

    assert broken_at(world) == ("7.2", ONE)


def test_a_desk_that_turns_into_another_kind_breaks_no_audit():
    """A directory that makes a review desk of a camp leaves nobody to receive a bag: broken evidence, not a crash."""
    world = a_world()
    world.pass_on(ANN, ONE)
    bag = world.bag(ONE)
    before = world.in_force
    desks = tuple(replace(desk, kind="review", side=None) if desk.id == CAMP else desk for desk in DIRECTORY.desks)
    world.direct(replace(DIRECTORY, version=2, desks=desks))
    world.in_force = before
    world.act("receive", OLE, ONE, bag=bag)

    assert broken_at(world) == ("7.2", ONE)


@pytest.mark.parametrize(
    ("event", "detail"),
    [
        ("no json", "{}"),
        ("[]", "{}"),
        ("{}", "{}"),
        (f'{{"item":"{ONE}","seq":true,"event":"claimed"}}', "{}"),
        (f'{{"item":"{ONE}","seq":0,"event":7}}', "{}"),
        ("[" * 100_000, "{}"),
    ],
)
def test_an_event_is_in_its_form(event, detail):
    """A relay can commit to anything; an audit refuses it and does not fall over."""
    world = a_world()
    world.tag_keys["x"] = b"k" * 32
    world.log("x", 0, event, detail, nonces=(b"n" * 32, b"d" * 32))

    assert step_of(world) == "7.3"


@pytest.mark.parametrize(
    "change",
    [{"at": "today"}, {"at": 7}, {"at": "2026-11-31T00:00:00Z"}, {"statement": "none"}, {"statement": ["x"]}],
)
def test_a_detail_is_in_its_form(change):
    """When, and because of which statement."""
    assert broken_at(forged(**change)) == ("7.3", ONE)


@pytest.mark.parametrize("detail", ["no json", "7", "[" * 100_000])
def test_a_detail_is_json(detail):
    """Though its MAC fits."""
    world = a_world()
    first = world.openings[0]
    assert isinstance(first, EventOpening)
    item = an_id("three")
    mac, another = detail_mac(first.detail_nonce, first.detail), detail_mac(b"d" * 32, detail)
    world.tag_keys[item] = b"k" * 32
    event = first.event.replace(ONE, item).replace(mac, another)
    world.log(item, 0, event, detail, nonces=(b"n" * 32, b"d" * 32))

    assert broken_at(world) == ("7.3", item)


@pytest.mark.parametrize(
    "change",
    [
        {"route": None},
        {"route": []},
        {"route": [7]},
        {"route": [MEDIATOR, MEDIATOR]},
        {"route": [an_id("no desk")]},
        {"route": [CAMP]},
        {"detainee": "Ivan"},
        {"detainee": None},
        {"re": "something"},
        {"re": ["x"]},
        {"kind": "bomb"},
        {"kind": ["letter"]},
        {"state": "hidden"},
        {"signer": "a key"},
        {"signer": 7},
    ],
)
def test_an_acceptance_is_in_its_form(change):
    """What the relay fixes when a letter comes in is taken over, so it is read strictly."""
    world = an_open_world()
    world.forging = lambda event, detail: detail.update(change)
    world.accept("one")

    assert broken_at(world) == ("7.3", ONE)


@pytest.mark.parametrize("parts", [None, [], "x", ["x"], [a_digest("x")] * 65])
def test_an_acceptance_names_its_parts(parts):
    """One to 64 digests."""
    world = an_open_world()
    world.forging = lambda event, detail: event.update(parts=parts)
    world.accept("one")

    assert broken_at(world) == ("7.3", ONE)


def test_a_claim_says_when_it_lapses():
    """As a time."""
    world = an_open_world()
    world.accept("one")
    world.forging = lambda event, detail: detail.update(until="later")
    world.claim(ANN, ONE)

    assert broken_at(world) == ("7.3", ONE)


def test_a_letter_waits_where_its_acceptance_says():
    """Into no state but the two that an acceptance leads to."""
    world = an_open_world()
    world.forging = lambda event, detail: detail.update(state="delivered")
    world.accept("one")

    assert broken_at(world) == ("7.2", ONE)


def test_a_reply_answers_a_letter_of_its_detainee():
    """A letter that the log does not have, one to another detainee, and a reply that calls itself a letter."""
    unknown, other, letter = a_world(), a_world(), a_world()
    unknown.reply("reply", by=OLE, re=an_id("never seen"))
    other.forging = lambda event, detail: detail.update(detainee=OTHER_NUMBER)
    other.reply("reply", by=OLE, re=ONE)
    letter.forging = lambda event, detail: detail.update(kind="letter")
    letter.reply("reply", by=OLE, re=ONE)

    assert [broken_at(world) for world in (unknown, other, letter)] == [("7.4", an_id("reply"))] * 3


def test_a_reply_may_answer_a_letter_that_was_erased():
    """Retention takes letters before their replies; nobody can tell any more to whom it was."""
    world = an_open_world()
    world.accept("one")
    world.accept("two")
    reply, *_ = world.reply("reply", by=OLE, re=ONE)
    world.claim(ANN, reply)
    world.act("pass", ANN, reply, reseal=True, to=("family",), family_key=family("one").vkey.public.hex())
    world.erase_item(ONE)

    assert audit(world).report.states == {"queued": 1, "ready": 1}


def test_time_never_runs_back():
    """Neither within an item nor from one to another."""
    world = a_world()
    world.wait(seconds=-1)
    world.accept("three")

    assert broken_at(world) == ("7.5", an_id("three"))


def test_an_item_is_erased_whole_or_not():
    """Its last events, its first, or one between them; all of them is as it should be."""
    last, first, middle, whole = (a_world() for _ in range(4))
    for world in (last, first, middle, whole):
        world.pass_on(ANN, ONE)
        world.claim(BEN, world.accept("three"))
    last.erase(last.of_item(ONE)[-1].index)
    first.erase(first.of_item(ONE)[0].index)
    middle.erase(middle.of_item(ONE)[1].index)
    whole.erase_item(ONE)
    for world in (last, first, middle):
        world.drop_unnamed()

    assert broken_at(last) == ("7.6", ONE)
    assert broken_at(first) == ("7.1", ONE)
    assert broken_at(middle) == ("7.1", ONE)
    assert audit(whole).report.erased == 3


def test_nothing_happens_under_an_expired_directory():
    """Not even a family's letter, which needs no signature."""
    world = a_world()
    note = world.in_force.note
    assert note is not None
    later = "2030-01-01T00:00:00Z"
    world.in_force = replace(world.in_force, note=replace(note, expires=later), expires={1: later})
    world.at = EXPIRES
    world.accept("three")

    assert broken_at(world) == ("7.7", an_id("three"))


# ---------------------------------------------------------------- 8: statements


def test_a_statement_is_about_the_item():
    """A directory in its place, a statement about another item, and one of another kind for a new item."""
    directory = a_world().bundle()
    digest = next(
        name for name in directory.files if name.startswith("documents/") and len(directory.files[name]) > 5000
    )
    other = a_world()
    note = other.keep(sign_statement(other.statement("claim", TWO, desk=MEDIATOR), ANN.signer))
    new = an_open_world()
    subject = Subject(an_id("three"), a_digest("prev"), (a_digest("part"),))
    claim = Statement("claim", RELAY, 1, new.at, (subject,), {"desk": MEDIATOR})
    claimed = new.keep(sign_statement(claim, ANN.signer))
    new.forging = lambda event, detail: detail.update(statement=claimed)
    new.accept("three")

    assert broken_at(forged(statement=digest.removeprefix("documents/"))) == ("8.1", ONE)
    other.forging = lambda event, detail: detail.update(statement=note)
    other.pass_on(ANN, ONE)
    assert broken_at(other) == ("8.1", ONE)
    assert broken_at(new) == ("8.1", an_id("three"))


def test_a_signer_has_power_at_that_index():
    """Not after a suspension, not if the directory does not have them, and not under a directory that there is not."""
    suspended, unknown, version = a_world(), a_world(), a_world()
    suspended.suspend(ANN)
    suspended.pass_on(ANN, ONE)
    unknown.claim(replace(ANN, name="Zoe"), unknown.accept("three"))
    statement = replace(version.statement("release", ONE), directory=2)
    version.statement = lambda *_, **__: statement  # type: ignore[method-assign]  # only for this test
    version.act("release", ANN, ONE)

    assert broken_at(suspended) == ("8.2", ONE)
    assert broken_at(unknown) == ("8.2", an_id("three"))
    assert broken_at(version) == ("8.2", ONE)


def test_a_family_writes_to_this_relay():
    """Its statement to another relay is not carried out here."""
    world = an_open_world()
    world.accept("one")
    other = an_id("another relay")
    statement = Statement(
        "withdraw", other, None, world.at, (Subject(ONE, world.items[ONE].shown, world.items[ONE].parts),)
    )
    digest = world.keep(sign_statement(statement, Signer.ed25519(family_name(other), b"s" * 32)))
    world.forging = lambda event, detail: detail.update(statement=digest)
    world.by_family("withdraw", "one", ONE)
    world.drop_unnamed()

    assert broken_at(world) == ("8.2", ONE)


def test_a_signature_is_the_signers_own():
    """Not that of another key in the member's name; nor another family's, nor for items of two families."""
    staff, stranger, both = a_world(), an_open_world(), an_open_world()
    staff.act("release", ANN, ONE, signer=Signer.ed25519(ANN.signer.vkey.name, b"o" * 32))
    stranger.by_family("withdraw", "somebody else", stranger.accept("one"))
    both.by_family("withdraw", "one", both.accept("one"), both.accept("two"))

    assert broken_at(staff) == ("8.3", ONE)
    assert broken_at(stranger) == ("8.3", ONE)
    assert broken_at(both) == ("8.3", TWO)


def test_a_reply_without_a_family_is_collected_by_nobody():
    """There is no key by which such a statement could be verified."""
    world = an_open_world()
    reply, *_ = world.reply("reply", by=OLE)
    world.items[reply] = world.items[reply]._replace(state=State.READY)
    world.by_family("collected", "one", reply)

    assert broken_at(world) == ("8.3", reply)


def test_a_statement_is_carried_out_whole():
    """For the first of two items only, for the second only, with another event in between, or at two times."""
    first, second, between, times, last = (a_world() for _ in range(5))
    for world, keep in ((first, [ONE]), (second, [TWO]), (last, [ONE])):
        statement = world.statement("release", ONE, TWO)
        digest = world.keep(sign_statement(statement, ANN.signer))
        for item in keep:
            world.forging = lambda event, detail, digest=digest: detail.update(statement=digest)
            world.act("release", ANN, item)
        world.drop_unnamed()
    last.claim(BEN, last.accept("three"))
    original = between.record

    def record(item, command):
        decision = original(item, command)
        if decision.item.id == ONE and decision.action is Action.RELEASE:
            between.accept("three")
        return decision

    between.record = record  # type: ignore[method-assign]  # only for this test
    between.act("release", ANN, ONE, TWO)
    original_of_times = times.record

    def record_later(item, command):
        times.wait(seconds=1)
        return original_of_times(item, command)

    times.record = record_later  # type: ignore[method-assign]  # only for this test
    times.act("release", ANN, ONE, TWO)

    assert [step_of(world) for world in (first, second, between, times, last)] == ["8.4"] * 5


def test_a_statement_is_carried_out_once():
    """Its digest stands in a second event, next to the first one or later."""
    later, beside = a_world(), a_world()
    digest = later.act("release", ANN, ONE)
    later.accept("three")
    later.claim(ANN, ONE)
    later.forging = lambda event, detail: detail.update(statement=digest)
    later.act("release", ANN, ONE)
    later.drop_unnamed()
    again = beside.act("release", ANN, ONE)
    beside.forging = lambda event, detail: detail.update(statement=again)
    beside.claim(ANN, ONE)
    beside.drop_unnamed()

    assert broken_at(later) == ("8.4", ONE)
    assert broken_at(beside) == ("8.4", ONE)


def test_only_erased_entries_stand_for_other_subjects():
    """The first, the middle and the last of a statement's items are erased, and it is still whole."""
    for gone in ("first", "middle", "last"):
        world = an_open_world()
        items = [world.accept(name) for name in ("first", "middle", "last")]
        world.claim(ANN, *items)
        world.act("release", ANN, *items)
        world.erase_item(an_id(gone))

        assert audit(world).report.states == {"queued": 2}


def test_a_signer_has_the_role_and_the_desk():
    """The relay takes people for what they are not."""
    role, desk, paper = a_world(), a_world(), a_world()
    role.pass_on(ANN, ONE)
    role.act("bag", ANN, ONE, bag=an_id("bag"), to=CAMP, member=replace(ANN.listed(), roles=("dispatcher",)))
    desk.pass_on(ANN, ONE)
    bag = desk.bag(ONE)
    desk.act("receive", BEA, ONE, bag=bag, member=replace(BEA.listed(), desks=(CAMP,)))
    paper.pass_on(ANN, ONE, place=FARM)
    farm_bag = paper.bag(ONE, place=FARM)
    original = paper.in_force
    directory = original.directory
    assert directory is not None
    desks = tuple(replace(each, keyless=False) if each.id == FARM else each for each in directory.desks)
    paper.in_force = replace(original, directory=replace(directory, desks=desks))
    paper.act("receive", DAN, ONE, bag=farm_bag, member=replace(DAN.listed(), roles=("officer",), desks=(FARM,)))

    assert [broken_at(world) for world in (role, desk, paper)] == [("8.5", ONE)] * 3


def test_a_bags_manifest_is_that_of_its_items():
    """The cover of the bag shows another list."""
    world = a_world()
    world.pass_on(ANN, ONE)
    world.bag(ONE, manifest=a_digest("another list"))

    assert broken_at(world) == ("8.6", ONE)


def test_every_move_by_staff_has_a_statement():
    """A pass without one, a reply without one, a letter without its family's key."""
    reply, letter = a_world(), an_open_world()
    reply.forging = lambda event, detail: detail.pop("statement")
    reply.reply("reply", by=OLE)
    letter.accept("one", signer=None)

    assert broken_at(forged(statement=None)) == ("8.7", ONE)
    assert broken_at(reply) == ("8.7", an_id("reply"))
    assert broken_at(letter) == ("8.7", ONE)


def test_a_reply_is_ready_for_the_family_it_answers():
    """The relay has put a key of its own in the family's place, to collect the reply itself."""
    world = a_world()
    reply, *_ = world.reply("reply", by=OLE, re=ONE)
    world.claim(ANN, reply)
    own = family("the relay").vkey.public.hex()
    world.act("pass", ANN, reply, reseal=True, to=("family",), family_key=own)

    assert broken_at(world) == ("8.8", reply)


def test_a_reply_is_ready_for_the_family_it_was_matched_to():
    """To nobody who ever wrote, to another than was matched, or without any match: each time the relay reads it."""
    own = family("the relay").vkey.public.hex()
    to_nobody, to_another, unmatched = a_world(), a_world(), a_world()
    replies = [world.reply("reply", by=OLE)[0] for world in (to_nobody, to_another, unmatched)]
    for world, reply, key in zip((to_nobody, to_another), replies, (own, to_another.items[ONE].signer), strict=False):
        world.claim(ANN, reply)
        world.act("match", ANN, reply, mailbox=a_digest("mailbox"), family_key=key)
    for world, reply in zip((to_another, unmatched), replies[1:], strict=True):
        world.claim(ANN, reply)
        world.act("pass", ANN, reply, reseal=True, to=("family",), family_key=own)

    assert broken_at(to_nobody) == ("8.8", replies[0])
    assert broken_at(to_another) == ("8.8", replies[1])
    assert broken_at(unmatched) == ("8.8", replies[2])


def test_a_recalled_reply_is_ready_for_the_new_code_alone():
    """The first key, which somebody else has found, opens it no more; one that never wrote would be the relay's own."""
    lost, stolen = a_world(), a_world()
    first, own = family("one").vkey.public.hex(), family("the relay").vkey.public.hex()
    for world, key in ((lost, None), (stolen, own)):
        reply, *_ = world.reply("reply", by=OLE, re=ONE)
        new = key or world.items[world.accept("new code")].signer
        world.claim(ANN, reply)
        before = world.items[reply].parts[0]
        world.act("pass", ANN, reply, reseal=True, to=("family",), family_key=first)
        world.act("recall", ANN, reply, reseal=before, mailbox=a_digest("new mailbox"), family_key=new)
        world.claim(ANN, reply)
        world.act("pass", ANN, reply, reseal=True, to=("family",), family_key=first)

    assert broken_at(lost) == ("8.8", an_id("reply"))
    assert broken_at(stolen) == ("8.8", an_id("reply"))


def test_a_recalled_reply_is_the_one_that_was_read():
    """A reviewer takes it back and puts another in its place, sealed by an officer who never met the detainee."""
    world = a_world()
    reply, *_ = world.reply("reply", by=OLE, re=ONE)
    world.claim(ANN, reply)
    world.act("pass", ANN, reply, reseal=True, to=("family",), family_key=family("one").vkey.public.hex())
    world.act("recall", ANN, reply, reseal=a_digest("another reply"))

    assert broken_at(world) == ("7.8", reply)


# ---------------------------------------------------------------- 9: documents


def test_every_document_is_there_and_itself():
    """A statement or a directory that is missing or changed; the item is named where there is one."""
    bundle = a_world().bundle()
    statements = {name for name, data in bundle.files.items() if data.startswith(b"letter-relay/statement")}
    directories = {name for name in bundle.files if name.startswith("documents/")} - statements
    assert len(statements) == len(directories) == 1

    for name in statements | directories:
        item = ONE if name in statements else None
        without = {other: data for other, data in bundle.files.items() if other != name}
        changed = {**bundle.files, name: bundle.files[name] + b" "}
        assert broken_at(MemoryBundle(without)) == ("9.1", item)
        assert broken_at(MemoryBundle(changed)) == ("9.1", item)
        assert broken_at(MemoryBundle(without, listed=False)) == ("9.1", item)


@pytest.mark.parametrize("name", [f"documents/{a_digest('x')}", "documents/readme", "notes.txt", "openings.jsonl.bak"])
def test_there_is_no_other_file(name):
    """What nothing refers to was put there by somebody, for some reason."""
    bundle = a_world().bundle()

    assert broken_at(MemoryBundle({**bundle.files, name: b"x"})) == ("9.2", None)


def test_sealed_files_that_a_statement_names_may_be_there():
    """Scans, notes and contacts: not needed, but if there, then these."""
    bundle = a_busy_world(letters=0).bundle()
    for word in ("sheet 1", "note", "contact"):
        name = f"documents/{a_digest(word)}"

        assert audit(MemoryBundle({**bundle.files, name: word.encode()})).checkpoint.size > 0
        assert step_of(MemoryBundle({**bundle.files, name: b"another scan"})) == "9.1"


def test_an_opening_of_another_kind_is_not_an_events():
    """Both kinds are lines of one file, and neither passes for the other."""
    world = a_world()
    world.commit("register", BEN, opened=False, document=a_digest("page"), rows=a_digest("rows"))
    opening = world.openings[0]
    assert isinstance(opening, EventOpening)
    lines = [*world.openings, replace(opening, index=len(world.entries) - 1)]
    files = {**world.bundle().files, "openings.jsonl": b"".join(map(encode_opening, lines))}

    assert step_of(MemoryBundle(files)) == "6.2"
