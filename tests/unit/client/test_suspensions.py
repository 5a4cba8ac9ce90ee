"""Suspensions as a client hears of them: an operator's signature counts, and nobody else's word."""

from dataclasses import replace

import pytest

from keys.directory import parse_directory
from keys.keyrings import StaffRoot
from keys.sealed import open_letter
from keys.statements import Statement, sign_statement
from relay.client.authors import Authenticity, Signers, Suspension, judge_staff_letter
from relay.client.ceremony import draft_directory, enrol
from relay.client.faults import ProblemAnswered
from relay.client.resealing import leg_to_place, reseal_letter
from relay.client.suspensions import fetch_suspensions, verified_suspensions
from tests.unit.client.people import AT, RELAY, opened, people
from tests.unit.client.played import PlayedConnection

OLA, OPI = (enrol(RELAY, roles=["operator"]) for _ in range(2))
LATER = "2026-11-23T12:00:01Z"


def signers(**suspended: Suspension) -> Signers:
    """List the usual staff and two operators."""
    before = people().directory
    draft = draft_directory(
        intake=before.intake,
        sides=before.sides,
        desks=before.desks,
        staff=[*before.staff, OLA.member, OPI.member],
        at=AT,
    )
    return Signers(parse_directory(draft.document), {}, suspended)


def note(staff: str, by: StaffRoot = OLA.root, *, relay: str = RELAY, kind: str = "suspend") -> bytes:
    """Sign a suspension, or something like it."""
    fields = {"staff": staff, "reason": "KEY_LOST"} if kind == "suspend" else {"challenge": "ab" * 32}
    return sign_statement(Statement(kind, relay, 1, AT, (), fields), by.signer)


def heard(*notes: bytes, known: Signers | None = None) -> set[str]:
    """Verify some notes; gives whose keys are suspended."""
    return set(verified_suspensions(notes, known or signers(), relay=RELAY))


ANN = people().ann.member.id


def test_an_operators_suspension_counts():
    """With the directory that the operator had, and the hour."""
    found = verified_suspensions([note(ANN)], signers(), relay=RELAY)

    assert found == {ANN: Suspension(ANN, 1, AT)}


def test_nobody_elses_does():
    """Not a reviewer's, not a stranger's, not another relay's, not another statement, not a damaged one."""
    stranger = enrol(RELAY, roles=["operator"])
    forged = replace(OLA.root, root=b"x" * 32)
    damaged = note(ANN).replace(b"KEY_LOST", b"KEY_LEFT")
    others = (
        note(ANN, people().otto.root),
        note(ANN, stranger.root),
        note(ANN, forged),
        note(ANN, replace(OLA.root, relay="0b" * 16), relay="0b" * 16),
        note(ANN, kind="sign-in"),
        damaged,
        b"no note at all",
    )
    assert [heard(one) for one in others] == [set()] * len(others)


def test_an_operator_who_was_suspended_suspends_nobody_any_more():
    """What they signed before still counts, since the log has it before."""
    ola, otto = OLA.member.id, people().otto.member.id

    assert heard(note(otto), note(ola, OPI.root), note(ANN)) == {otto, ola}


def test_what_was_known_stays_known():
    """The relay shows nothing any more; the client does not forget."""
    known = signers(**{ANN: Suspension(ANN, 1, AT)})

    assert heard(known=known) == {ANN}


@pytest.mark.parametrize(
    ("suspension", "accepted_at", "expected"),
    [
        (None, LATER, Authenticity.KNOWN),
        (Suspension(ANN, 1, AT), AT, Authenticity.KNOWN),
        (Suspension(ANN, 1, AT), None, Authenticity.KNOWN),
        (Suspension(ANN, 1, AT), LATER, Authenticity.SUSPENDED),
        (Suspension(ANN, 0, AT), AT, Authenticity.SUSPENDED),
    ],
)
def test_what_was_surely_sealed_later_is_shown_as_suspended(suspension, accepted_at, expected):
    """By the directory that it names, or because the item did not exist before; what was sealed before stands."""
    leg = leg_to_place(people().directory, people().facility.desk.id, review_desk=people().review.desk.id)
    sealed = reseal_letter(opened(), leg, people().sealer)
    letter = open_letter(sealed, people().facility_keys().identities)
    known = Signers(people().directory, {}, {ANN: suspension} if suspension else {})

    judged = judge_staff_letter(letter, known, frozenset({"reviewer"}), accepted_at=accepted_at)

    assert judged is expected
    assert judged.trustworthy is (expected is Authenticity.KNOWN)


async def test_a_relay_without_suspensions_has_none():
    """One of an older version does not know the address; any other refusal is one."""
    assert await fetch_suspensions(PlayedConnection()) == []

    def refuse(_: bytes) -> bytes:
        raise ProblemAnswered(503, {"code": "not_now"})

    with pytest.raises(ProblemAnswered):
        await fetch_suspensions(PlayedConnection({"/suspensions": refuse}))
