"""What the relay answers, read strictly: the bytes that will be signed over are hashed here, and must fit."""

from typing import Any

import pytest

from keys.statements import Subject
from relay.client.answers import (
    PartSize,
    Row,
    RowDiffers,
    read_family_moves,
    read_mailbox,
    read_moves,
    read_row,
    read_rows,
)
from relay.client.faults import AnswerMalformed, ProblemAnswered
from relay.client.framing import batch_parts, encode_parts, parse_parts
from relay.domain.events import encode_event, event_digest
from relay.domain.states import Kind, State
from tests.unit.client.people import AT, an_event

ITEM, OTHER = "0b" * 16, "0c" * 16
PARTS = ("a1" * 32, "a2" * 32)
FIRST = encode_event(an_event(ITEM, PARTS))


def second(*, prev: str | None = None, item: str = ITEM, parts: tuple[str, ...] = PARTS, seq: int = 1) -> str:
    """Write the event after the first."""
    return encode_event(an_event(item, parts, seq=seq, prev=prev or event_digest(FIRST), name="passed"))


def a_row(**changed: Any) -> dict[str, Any]:
    """Answer with one row."""
    return {
        "item": ITEM,
        "kind": "letter",
        "state": "queued",
        "event": FIRST,
        "detainee": "unknown",
        "parts": [{"digest": digest, "bytes": 7} for digest in PARTS],
        "accepted_at": AT,
        "desk": "0d" * 16,
        "turn": 3,
        "bag": None,
    } | changed


def an_item(**changed: Any) -> dict[str, Any]:
    """Answer with one mailbox item of two events."""
    after = second()
    opened = [{"index": 5, "nonce": "ee" * 32, "event": FIRST}, {"index": 9, "nonce": "ef" * 32, "event": after}]
    return {
        "item": ITEM,
        "kind": "letter",
        "word": "passed",
        "day": "2026-11-23",
        "event": after,
        "parts": [],
        "openings": opened,
    } | changed


def test_a_row_is_signed_over_by_the_hash_of_the_bytes_that_came():
    """The subject names the item, the head and every part."""
    (row,) = read_rows({"rows": [a_row()]})
    assert (row.kind, row.state, row.parts[0]) == (Kind.LETTER, State.QUEUED, PartSize(PARTS[0], 7))
    assert row.subject() == Subject(ITEM, event_digest(FIRST), PARTS)
    assert row.subject(part_zero="a9" * 32).parts == ("a9" * 32, PARTS[1])


@pytest.mark.parametrize(
    "changed",
    [
        {"item": OTHER},
        {"parts": [{"digest": PARTS[0], "bytes": 7}]},
        {"parts": [{"digest": digest, "bytes": 7} for digest in reversed(PARTS)]},
    ],
    ids=["another item", "fewer parts", "another order"],
)
def test_a_row_that_differs_from_its_event_is_refused(changed):
    """Otherwise a statement would be signed over something nobody was shown."""
    with pytest.raises(RowDiffers):
        read_row(a_row(**changed))


@pytest.mark.parametrize(
    "changed",
    [
        {"item": "x"},
        {"kind": "boat"},
        {"state": 7},
        {"event": None},
        {"detainee": None},
        {"detainee": "\x1b[2J"},
        {"parts": None},
        {"parts": ["x"]},
        {"parts": [{"digest": "x", "bytes": 7}]},
        {"parts": [{"digest": PARTS[0], "bytes": True}]},
        {"accepted_at": "yesterday"},
        {"desk": ""},
        {"contact": "x"},
        {"hint": ""},
        {"hint": "x" * 65},
    ],
)
def test_a_row_in_another_form_is_malformed(changed):
    """Each member has its form."""
    with pytest.raises(AnswerMalformed):
        read_row(a_row(**changed))


@pytest.mark.parametrize("changed", [{"word": "delivered"}, {"word": "\x1b[2J"}, {"day": "2026-11-24"}])
def test_a_family_is_told_of_no_more_than_the_events_say(changed):
    """Only the events can be looked up in the log, so a word of the relay's own would be believed for nothing."""
    assert read_mailbox({"items": [an_item()]})[0].word == "passed"
    with pytest.raises(RowDiffers):
        read_mailbox({"items": [an_item(**changed)]})


def test_a_row_goes_on_with_the_event_of_a_move():
    """The next statement names the new head and the new part 0, whose size is not known yet."""
    row = read_row(a_row())
    parts = ("a9" * 32, PARTS[1])
    after = second(parts=parts)
    (move,) = read_moves({"items": [{"item": ITEM, "index": 9, "event": after}]}, [row.subject(part_zero=parts[0])])
    moved = row.moved(move)
    assert moved.head == event_digest(after) == move.head
    assert moved.parts == (PartSize(parts[0]), PartSize(PARTS[1], 7))


@pytest.mark.parametrize(
    "items",
    [
        [],
        [{"item": OTHER, "index": 9, "event": second(item=OTHER)}],
        [{"item": ITEM, "index": 9, "event": second(item=OTHER)}],
        [{"item": ITEM, "index": 9, "event": second(prev="a3" * 32)}],
        [{"item": ITEM, "index": 9, "event": second(parts=PARTS[:1])}],
    ],
    ids=["nothing", "another item", "another's event", "another head", "other parts"],
)
def test_a_move_other_than_the_one_signed_is_refused(items):
    """The relay may do what was signed, and nothing else."""
    with pytest.raises(RowDiffers):
        read_moves({"items": items}, [read_row(a_row()).subject()])


def test_a_family_is_not_shown_every_event():
    """So the move that it caused may follow a later one; item and parts must fit all the same."""
    subject = Subject(ITEM, event_digest(FIRST), PARTS)
    moved = {"items": [{"item": ITEM, "index": 9, "event": second(prev="a3" * 32, seq=4)}]}
    (move,) = read_family_moves(moved, [subject])
    assert move.event.seq == 4
    with pytest.raises(RowDiffers):
        read_family_moves(moved, [subject._replace(parts=PARTS[:1])])


def test_a_mailbox_item_is_a_chain():
    """Events that follow directly name each other; those between are not shown."""
    (item,) = read_mailbox({"items": [an_item(note="a5" * 32, tag_key="a6" * 32, re="new")]})
    assert (item.note, item.tag_key, item.re) == ("a5" * 32, bytes.fromhex("a6" * 32), "new")
    assert item.subject == Subject(ITEM, event_digest(second()), PARTS)
    readable = an_item(parts=[{"digest": digest, "bytes": 7} for digest in PARTS])
    assert [part.digest for part in read_mailbox({"items": [readable]})[0].parts] == list(PARTS)
    skipping = second(prev="a3" * 32, seq=3)
    opened = [an_item()["openings"][0], {"index": 9, "nonce": "ef" * 32, "event": skipping}]
    assert read_mailbox({"items": [an_item(event=skipping, openings=opened)]})[0].event.seq == 3


def broken_chains() -> dict[str, dict[str, Any]]:
    """Give mailbox items whose events cannot be links of one chain."""
    first, after = an_item()["openings"]
    foreign = second(prev="a3" * 32)
    of_another = second(item=OTHER)
    return {
        "nothing opened": an_item(openings=[]),
        "another last event": an_item(event=FIRST),
        "no acceptance": an_item(openings=[after]),
        "another's event": an_item(event=of_another, openings=[first, after | {"event": of_another}]),
        "another head": an_item(event=foreign, openings=[first, after | {"event": foreign}]),
        "twice the same": an_item(event=FIRST, openings=[first, first | {"index": 9}]),
        "other parts than its event": an_item(parts=[{"digest": "a7" * 32, "bytes": 7}]),
        "fewer parts than its event": an_item(parts=[{"digest": PARTS[0], "bytes": 7}]),
        "log goes back": an_item(openings=[first, after | {"index": 5}]),
    }


@pytest.mark.parametrize("name", list(broken_chains()))
def test_a_mailbox_item_whose_events_do_not_follow_is_refused(name):
    """A family is shown one chain, or nothing."""
    with pytest.raises(RowDiffers):
        read_mailbox({"items": [broken_chains()[name]]})


@pytest.mark.parametrize("nonce", ["ee", 7, None, "EE" * 32])
def test_a_nonce_is_thirty_two_bytes(nonce):
    """In lower-case hex, like everything."""
    opened = [{"index": 5, "nonce": nonce, "event": FIRST}]
    with pytest.raises(AnswerMalformed):
        read_mailbox({"items": [an_item(event=FIRST, openings=opened)]})


def test_framed_parts_come_back_as_they_were():
    """In order, the empty one too."""
    parts = [b"one", b"", b"three" * 100]
    assert parse_parts(encode_parts(parts)) == parts
    assert parse_parts(b"") == []


@pytest.mark.parametrize("cut", [1, 3, 5])
def test_framed_parts_that_are_cut_short_are_refused(cut):
    """Half a file is no file."""
    with pytest.raises(AnswerMalformed):
        parse_parts(encode_parts([b"one"])[:cut])


def test_parts_are_sent_in_bodies_that_fit():
    """One that is too large by itself stands alone."""
    parts = [b"x" * 10, b"y" * 10, b"z" * 100, b"w"]
    batches = list(batch_parts(parts, limit_bytes=28))
    assert batches == [[parts[0], parts[1]], [parts[2]], [parts[3]]]
    assert list(batch_parts([])) == []


@pytest.mark.parametrize("members", [{}, {"code": "Not A Code", "detail": 7, "cure": None}])
def test_a_problem_without_words_has_a_code_and_a_cure_all_the_same(members):
    """Whatever a stranger's server answers, the user is told what to do."""
    fault = ProblemAnswered(418, members)
    assert (fault.code, fault.detail) == ("http_418", "The relay answered 418 and did not say why.")
    assert fault.cure == ProblemAnswered.cure


def test_rows_are_compared_by_what_they_hold():
    """Two answers of the same bytes are the same row."""
    assert isinstance(read_row(a_row()), Row)
    assert read_row(a_row()) == read_row(a_row())
