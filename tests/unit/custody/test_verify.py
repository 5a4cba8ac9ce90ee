"""An audit of a log in which nothing is broken, its report, and a receipt held against it."""

import hashlib
import re
from dataclasses import replace
from pathlib import Path

import pytest

from keys.errors import EvidenceBroken
from keys.trust import sign_trust
from relay.custody.bundle import EventOpening
from relay.custody.edge import Edge, append, prove_batch
from relay.custody.entry import CommittedKind, commitment, encode_committed, encode_custody, tag
from relay.custody.merkle import leaf_hash
from relay.custody.proof import Proof, Receipt, encode_proof, encode_receipt
from relay.custody.report import NO_SIDE, Deliveries, Dwell, Gap, Parity, Unaccepted
from relay.custody.steps import STEPS
from relay.custody.verify import verify_receipt_alone
from relay.domain.register import Row, Status, encode_rows
from relay.domain.states import RULES, Action, State
from tests.custody_world import (
    ANN,
    AUD,
    BEN,
    CAMP,
    DIRECTORY,
    FINGERPRINT,
    NUMBER,
    OLE,
    OTHER_NUMBER,
    REG,
    ROOT,
    START,
    TRUST,
    MemoryBundle,
    World,
    a_busy_world,
    a_digest,
    an_id,
    an_open_world,
)
from tests.unit.custody.auditing import audit, broken_at, step_of

TESTS = Path(__file__).parent
SPEC = Path(__file__).parents[3] / "docs" / "spec" / "audit.md"
BUSY = a_busy_world()


def a_receipt(world: World, position: int = 0) -> bytes:
    """Write the receipt that a family got for the custody entry at a position, against the log as it was then."""
    opening = [one for one in world.openings if isinstance(one, EventOpening)][position]
    appended = append(Edge.empty(), list(map(leaf_hash, world.entries[: opening.index + 1])))
    receipt = Receipt(tag(opening.tag_key, 0), opening.nonce, opening.event)
    proof = Proof(
        opening.index, prove_batch(appended)[-1], world.checkpoint(opening.index + 1), encode_receipt(receipt)
    )
    return encode_proof(proof)


def test_the_page_lists_the_steps_of_the_code():
    """Whoever reads an error finds its number on the page, and the other way round."""
    on_the_page = re.findall(r"^- (\d+\.\d+) ", SPEC.read_text(), re.MULTILINE)

    assert on_the_page == list(STEPS)


def test_every_step_has_a_test():
    """A check that no test can break might as well not be there."""
    tests = "".join(path.read_text() for path in TESTS.glob("test_verify*.py"))

    assert [step for step in STEPS if f'"{step}"' not in tests] == []


def test_a_log_with_every_kind_of_move_passes():
    """Nothing is broken where nothing was tampered with, whatever happened to the letters."""
    verified = audit(BUSY)

    assert verified.checkpoint.size == len(BUSY.entries)
    assert verified.note == BUSY.checkpoint()
    assert verified.trust.version == 2
    assert set(verified.report.events) == {rule.event for rule in RULES.values()}


def test_a_source_that_cannot_list_its_files_passes():
    """Over HTTP there is no list of files, and all else is checked alike."""
    assert audit(MemoryBundle(BUSY.bundle().files, listed=False)).report == audit(BUSY).report


@pytest.mark.parametrize("size", [255, 256, 257])
def test_logs_around_a_full_tile_pass(size):
    """The last tile may be partial, full, or just begun."""
    world = an_open_world()
    for number in range(size - 2):
        world.accept(f"letter {number}")

    assert audit(world).checkpoint.size == size


def test_a_log_of_three_levels_of_tiles_passes():
    """Above 65,536 entries the tiles of level 1 fill up, and level 2 begins."""
    world = an_open_world()
    world.entries += [encode_committed(CommittedKind.REGISTER, bytes(32))] * 65_536
    bundle = world.bundle()

    assert audit(bundle).report.unopened == 65_536
    tile = bytearray(bundle.files["tile/1/000"])
    tile[77] ^= 1
    assert step_of(MemoryBundle({**bundle.files, "tile/1/000": bytes(tile)})) == "4.3"


def test_the_chain_of_an_item_is_returned():
    """An auditor who asks for one letter sees every event of it, in order."""
    item = an_id("signed")
    chain = audit(BUSY, item=item).chain

    assert [link.index for link in chain] == [opening.index for opening in BUSY.of_item(item)]
    assert all(item in link.event and '"at"' in link.detail for link in chain)
    assert audit(BUSY).chain == ()


# ---------------------------------------------------------------- the report


def test_the_report_counts_entries_items_and_what_is_closed():
    """What nobody opens is counted, so that nobody forgets that it is there."""
    report = audit(BUSY).report

    assert report.entries == {
        "audited": 1,
        "custody": 368,
        "directory": 2,
        "erasure": 1,
        "register": 2,
        "suspend": 1,
        "trust": 2,
    }
    assert (report.erased, report.unopened, report.waiting) == (2, 1, 0)
    assert report.kinds == {"letter": 276, "reply": 5}
    assert sum(report.states.values()) == 281
    assert report.states["withheld"] == 1
    assert report.differing_audits == 0


def test_the_report_says_how_long_items_waited():
    """Median and 95th percentile, nearest rank, by the state that was left."""
    world = an_open_world()
    for number, hours in enumerate((1, 2, 3, 4)):
        item = world.accept(f"letter {number}")
        world.wait(hours=hours)
        world.claim(ANN, item)

    assert audit(world).report.dwell == {"queued": Dwell(4, 2 * 3600, 4 * 3600)}


def test_the_report_names_days_of_silence():
    """A day without an event is worth a question; an hour is not."""
    world = an_open_world()
    world.accept("one")
    world.wait(hours=23)
    world.accept("two")
    world.wait(hours=24)
    world.accept("three")

    assert audit(world).report.gaps == (Gap("2026-11-21T07:00:00Z", "2026-11-22T07:00:00Z", 86_400),)


def test_the_report_names_what_nobody_has_accepted():
    """A bag that was released and not received is named with its age, by the auditor's clock if there is one."""
    world = an_open_world()
    item = world.accept("lying")
    world.claim(ANN, item)
    world.pass_on(ANN, item)
    bag = world.bag(item)
    lying = Unaccepted(item, bag, CAMP, "2026-11-20T08:00:00Z", 0)

    assert audit(world).report.unaccepted == (lying,)
    (later,) = audit(world, at="2026-11-20T09:00:00Z").report.unaccepted
    assert later.age_seconds == 3600
    (earlier,) = audit(world, at="2026-11-19T09:00:00Z").report.unaccepted
    assert earlier.age_seconds == 0


def test_the_report_counts_paper_apart():
    """A dispatcher's word for a desk without computers is not an officer's."""
    assert audit(BUSY).report.deliveries == Deliveries(signed=2, signed_with_paper=1, keyless=1)


def test_the_report_compares_the_sides():
    """By the side of the desk that an item was passed to; an expired letter still counts as delivered."""
    world = an_open_world()
    passed, withheld, nowhere = world.accept("passed"), world.accept("withheld"), world.accept("x", detainee="unknown")
    world.claim(ANN, passed, withheld)
    world.pass_on(ANN, passed)
    world.act("propose_withhold", ANN, withheld)
    world.act("confirm", BEN, withheld)
    world.act("receive", OLE, passed, bag=world.bag(passed))
    world.act("deliver", OLE, passed)

    assert nowhere in world.items
    assert audit(world).report.parity == {
        "north": {"letter": Parity(submitted=2, passed=1, delivered=1, withheld=1)},
        NO_SIDE: {"letter": Parity(submitted=1)},
    }
    busy = audit(BUSY).report.parity
    assert busy["north"]["letter"].delivered == 2


def test_the_report_says_how_young_the_youngest_erased_entry_was():
    """A relay that erases a letter under way breaks no step; the report shows that it was kept for an hour only."""
    world = an_open_world()
    old, young = world.accept("old"), world.accept("young")
    world.wait(days=1_100)
    world.direct(replace(DIRECTORY, version=2), expires="2031-01-01T00:00:00Z")
    world.accept("between")
    world.erase_item(old)
    assert audit(world).report.erased_after_seconds is None

    seen = world.accept("seen"), world.accept("hidden")
    world.wait(hours=1)
    world.erase_item(seen[1])
    assert audit(world).report.erased_after_seconds is None
    assert audit(world, at=START).report.erased_after_seconds is None
    assert audit(world, at=world.at).report.erased_after_seconds == 3600
    world.wait(hours=1)
    world.accept("after")
    assert young in world.items
    assert audit(world).report.erased_after_seconds == 2 * 3600
    assert audit(an_open_world()).report.erased_after_seconds is None


def a_page(world: World, *rows: Row) -> None:
    """Let the registrar set some rows."""
    data = encode_rows(rows).encode()
    digest = hashlib.sha256(data).hexdigest()
    world.commit("register", REG, document=a_digest("page"), rows=digest)
    world.documents[digest] = data


def test_the_report_names_what_the_register_does_not_bear_out():
    """A letter for somebody well known was held, so that it would lapse; another was sent where he is no more."""
    world = an_open_world()
    first = world.accept("too early")
    a_page(world, Row(NUMBER, Status.CONFIRMED, CAMP))
    held, honest = world.accept("suppressed", into=State.HELD), world.accept("honest")
    unknown = world.accept("nobody", into=State.HELD, detainee="unknown")
    world.by_relay(Action.LAPSE, held)
    world.claim(ANN, honest, unknown)
    world.act("match", ANN, unknown, number=OTHER_NUMBER)
    world.pass_on(ANN, honest)
    bag = world.bag(honest)
    world.act("receive", OLE, honest, bag=bag)
    assert [(one.item, one.event) for one in audit(world).report.unlike_register or ()] == [
        (first, "accepted"),
        (held, "accepted"),
        (unknown, "matched"),
    ]

    moved = world.accept("moved")
    world.claim(BEN, moved)
    world.pass_on(BEN, moved)
    a_page(world, Row(NUMBER, Status.RELEASED, None))
    world.bag(moved, number="too late")
    late = world.accept("came after", into=State.HELD)
    world.reply("reply", by=OLE)
    unlike = audit(world).report.unlike_register or ()
    assert [(one.item, one.event) for one in unlike[3:]] == [(moved, "bagged")]
    assert late in world.items


@pytest.mark.parametrize("rows", [None, b"\xff", b"{}"], ids=["closed", "no text", "no rows"])
def test_nothing_is_held_against_a_register_that_is_not_whole(rows):
    """A page that is closed, or whose rows cannot be read, may have said otherwise."""
    world = an_open_world()
    digest = hashlib.sha256(rows or b"").hexdigest()
    world.commit("register", REG, document=a_digest("page"), rows=digest)
    if rows is not None:
        world.documents[digest] = rows
    world.accept("one")
    assert audit(world).report.unlike_register is None
    closed = an_open_world()
    closed.commit("register", REG, opened=False, document=a_digest("page"), rows=digest)
    assert audit(closed).report.unlike_register is None


def test_a_closed_entry_of_another_kind_says_nothing_of_the_register():
    """What an auditor has signed sets nobody's place."""
    world = an_open_world()
    world.commit("audited", AUD, opened=False, size=1, root=a_digest("root"))
    report = audit(world).report
    assert (report.unopened, report.unlike_register) == (1, ())


def test_the_report_becomes_plain_values():
    """For JSON, with stable keys."""
    plain = audit(BUSY).report.plain()

    assert list(plain)[:3] == ["entries", "events", "erased"]
    assert plain["deliveries"] == {"signed": 2, "signed_with_paper": 1, "keyless": 1}


@pytest.mark.parametrize(("size", "differing"), [(2, 1), (99_999, 1)])
def test_the_report_counts_auditors_who_saw_another_log(size, differing):
    """It may be a second view of the log or a mistake; an audit does not judge, and does not keep quiet."""
    world = an_open_world()
    world.commit("audited", AUD, size=size, root=a_digest("another root"))

    assert audit(world).report.differing_audits == differing


def test_an_empty_log_of_items_has_a_report():
    """A relay that has just opened can be audited."""
    report = audit(an_open_world()).report

    assert (report.at, report.kinds, report.parity, report.gaps) == ("", {}, {}, ())


# ---------------------------------------------------------------- receipts


def test_a_receipt_is_found_in_the_log():
    """A family's receipt against the whole log: what it says happened, and what has become of the letter since."""
    verified = audit(BUSY, receipt=a_receipt(BUSY))

    assert verified.receipt is not None
    assert verified.receipt.receipt.event == verified.chain[0].event
    assert len(verified.chain) == len(BUSY.of_item(an_id("signed")))


def test_a_receipt_alone_needs_only_the_trust_page():
    """A family without a bundle checks that the log signed for its letter."""
    trust = sign_trust(TRUST, ROOT)

    assert verify_receipt_alone(a_receipt(BUSY), trust, fingerprint=FINGERPRINT).index == 3
    with pytest.raises(EvidenceBroken, match=r"^step 1\.1"):
        verify_receipt_alone(a_receipt(BUSY), trust, fingerprint=a_digest("other"))
    with pytest.raises(EvidenceBroken, match=r"^step 11\.1"):
        verify_receipt_alone(a_receipt(BUSY)[:-9], trust, fingerprint=FINGERPRINT)


def test_a_receipt_that_opens_no_event_is_refused():
    """A relay might commit to anything; only an event is a receipt."""
    world = an_open_world()
    opening = EventOpening(2, b"k" * 32, b"n" * 32, '{"no":"event"}', b"d" * 32, "{}")
    world.openings.append(opening)
    world.entries.append(encode_custody(tag(opening.tag_key, 0), commitment(opening.nonce, opening.event.encode())))

    with pytest.raises(EvidenceBroken, match=r"^step 11\.1"):
        verify_receipt_alone(a_receipt(world), sign_trust(TRUST, ROOT), fingerprint=FINGERPRINT)


def test_a_receipt_of_another_log_is_not_found():
    """The log key has signed two logs: the receipt proves it."""
    other = an_open_world()
    other.accept("another letter")

    assert broken_at(BUSY, receipt=a_receipt(other)) == ("11.2", None)


def test_a_receipt_from_beyond_the_log_is_not_found():
    """The relay shows a log that ends before the letter came in."""
    longer, shorter = an_open_world(), an_open_world()
    longer.accept("a letter")

    assert step_of(shorter, receipt=a_receipt(longer)) == "11.2"


def test_a_damaged_receipt_is_refused():
    """Against a log as alone."""
    assert step_of(BUSY, receipt=a_receipt(BUSY).replace(b"index 3", b"index 4")) == "11.1"
    assert step_of(BUSY, receipt=b"no receipt") == "11.1"
