"""The files that commands read and keep: the outbox of sealed letters, bags, reports in words."""

import pytest

from keys.codes import new_code, new_number
from relay.cli.outbox import Outbox
from relay.cli.reports import span, tell_report
from relay.client.ceremony import draft_directory, enrol, open_desk
from relay.client.sealing import Letter, seal_family_letter
from relay.custody.registered import Unlike
from relay.custody.report import Deliveries, Dwell, Gap, Parity, Report, Unaccepted

RELAY = "ab" * 16


def seal_a_letter():
    """Seal a letter to a desk that nobody else knows."""
    from keys.codes import family_keys
    from keys.directory import parse_directory

    desk = open_desk(RELAY, "review", side=None, since="2026-01-01T00:00:00Z")
    staff = enrol(RELAY, roles=["reviewer"], desks=[desk.desk.id])
    draft = draft_directory(
        intake=desk.desk.id,
        sides=("ardenia", "velmark"),
        desks=[desk.desk],
        staff=[staff.member],
        at="2026-01-01T00:00:00Z",
    )
    keys = family_keys(new_code(), bytes.fromhex(RELAY))
    return seal_family_letter(keys, parse_directory(draft.document), RELAY, Letter("Dear Tom", new_number(), "en"))


def test_the_same_letter_is_sealed_once(tmp_path):
    """Typed again after the network broke, the command sends the same bytes; another letter is another draft."""
    outbox = Outbox(tmp_path)
    path, first = outbox.draft((b"code", b"text"), seal_a_letter)
    again, second = outbox.draft((b"code", b"text"), seal_a_letter)
    other, third = outbox.draft((b"code", b"text", b"picture"), seal_a_letter)

    assert (path, first) == (again, second)
    assert other != path
    assert third.item != first.item
    assert b"Dear Tom" not in path.read_bytes()


@pytest.mark.parametrize(
    ("seconds", "words"), [(0, "0 s"), (59, "59 s"), (61, "1 min 1 s"), (7_260, "2 h 1 min"), (90_000, "1 d 1 h")]
)
def test_spans_are_said_in_two_units(seconds, words):
    """A day and an hour, not ninety thousand seconds."""
    assert span(seconds) == words


def test_a_report_says_what_nobody_has_acknowledged_first_of_all_in_80_columns():
    """Everything odd has a line of its own, and no line is wider than a terminal."""
    waiting = [Unaccepted("ab" * 16, "cd" * 16, "ef" * 16, "2026-01-01T00:00:00Z", 90_000)] * 12
    report = Report(
        entries={"custody": 12_345, "trust": 1},
        events={"accepted": 12_345},
        erased=3,
        erased_after_seconds=90_000,
        unopened=2,
        differing_audits=1,
        unlike_register=[Unlike("ab" * 16, "accepted", "2026-01-01T00:00:00Z")] * 12,
        kinds={"letter": 7, "reply": 2},
        states={"bagged": 12, "delivered": 1, "lost": 1, "queued": 2, "returned": 4},
        dwell={"undeliverable": Dwell(2, 61, 31_532_400)},
        gaps=[Gap("2026-01-01T00:00:00Z", "2026-01-03T00:00:00Z", 172_800)],
        unaccepted=waiting,
        deliveries=Deliveries(1, 2, 3),
        parity={"velmark": {"reply": Parity(1, 2, 3, 4)}},
        waiting=0,
        at="2026-01-02T00:00:00Z",
    )
    lines = list(tell_report(report))
    told = "\n".join(lines)

    assert max(map(len, lines)) <= 80
    for words in (
        "3 entries, on purpose",
        "was accepted against the register",
        "and 2 more against the register",
        "the youngest was kept for 1 d 1 h at the most",
        "and 2 more",
        "2 d 0 h",
        "7 letters, 2 replies",
        "1 auditor signed",
        "Velmark",
        "replies: 1 sent, 2 passed",
        "2 entries about no item",
        "3 at desks without computers",
        "undeliverable half within 1 min 1 s",
    ):
        assert words in told
