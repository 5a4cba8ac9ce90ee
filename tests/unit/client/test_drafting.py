"""What the next directory says, and who is left out of it, by whoever has enrolled and was confirmed."""

from dataclasses import replace

import pytest

from keys.directory import Directory, StaffMember, parse_directory
from relay.client.ceremony import draft_directory, keyless_desk
from relay.client.drafting import (
    Applicant,
    Assembled,
    Happened,
    NobodyHasThisPrint,
    NoIntake,
    Proposed,
    Wanted,
    assemble,
    differences,
    read_applicants,
    read_pending,
)
from relay.client.enrolling import Enrolling, Invite, desk_print, make_member
from relay.client.faults import AnswerMalformed
from tests.unit.client.people import AT, RELAY, People
from tests.unit.client.people import people as the_people

REVIEW, CAMP = "d1" * 16, "d2" * 16
SIDES = ("north", "south")


def enrolled(staff: str, *desks: str, opens: tuple[str, ...] = ()) -> Enrolling:
    """Let somebody enrol at some desks, and open some of them."""
    invite = Invite("https://relay.example", RELAY, "f0" * 32, staff * 16, "99" * 16, desks, ("officer",), 1, "lri_")
    return make_member(invite, opens)


def applicant(made: Enrolling) -> Applicant:
    """Tell of an enrolment as the relay does."""
    return Applicant(made.member, tuple(Proposed(one.desk, 1, one.recipient) for one in made.opened))


def prints(*people: Enrolling) -> list[str]:
    """Let people read aloud all that their clients have shown them."""
    opened = [desk_print(one.desk, 1, one.recipient) for made in people for one in made.opened]
    return [*(made.fingerprint for made in people), *opened]


def changes(assembled: Assembled) -> set[tuple[Happened, str, str]]:
    """Name what has happened to whom."""
    return {(one.happened, one.kind, one.id) for one in assembled.changes}


@pytest.fixture(scope="module")
def people() -> People:
    """Make a relay with a directory in force."""
    return the_people()


@pytest.fixture(scope="module")
def ann() -> Enrolling:
    """Enrol the first member of the review desk."""
    return enrolled("a1", REVIEW, opens=(REVIEW,))


@pytest.fixture(scope="module")
def ben() -> Enrolling:
    """Enrol the second member of the review desk."""
    return enrolled("b1", REVIEW)


def a_desk(desk: str, kind: str = "review", side: str | None = None):
    """Write a desk's line as `desk new` does: without a key."""
    return replace(keyless_desk("north", desk=desk), kind=kind, side=side, keyless=False)


def test_the_first_directory_has_the_desks_that_confirmed_members_opened(ann, ben):
    """The desk's key is the one that its first member made, current from now on."""
    wanted = Wanted(SIDES, [a_desk(REVIEW)], confirmed=prints(ann, ben))

    ready = assemble(None, wanted, [applicant(ann), applicant(ben)], at=AT)

    (desk,) = ready.desks
    assert (ready.intake, ready.sides, ready.staff) == (REVIEW, SIDES, (ann.member, ben.member))
    assert [(one.epoch, one.recipient, one.since) for one in desk.epochs] == [(1, ann.opened[0].recipient, AT)]
    draft = draft_directory(intake=ready.intake, sides=ready.sides, desks=ready.desks, staff=ready.staff, at=AT)
    assert parse_directory(draft.document).staff == ready.staff


def test_whoever_was_not_confirmed_is_named_and_left_out(ann, ben):
    """With the print that the relay shows, so that it can be compared; nothing of theirs is in the directory."""
    wanted = Wanted(SIDES, [a_desk(REVIEW)], confirmed=prints(ann))

    ready = assemble(None, wanted, [applicant(ann), applicant(ben)], at=AT)

    (waiting,) = [one for one in ready.changes if one.happened is Happened.WAITS]
    assert ready.staff == (ann.member,)
    assert (waiting.kind, waiting.id, waiting.fingerprint) == ("staff", ben.member.id, ben.fingerprint)


def test_a_key_that_the_relay_has_swapped_is_confirmed_by_nobody(ann):
    """The member reads their print, the relay shows another: the draft is refused, and says what that means."""
    swapped = replace(applicant(ann), member=replace(ann.member, vkey=enrolled("a1", REVIEW).member.vkey))

    with pytest.raises(NobodyHasThisPrint):
        assemble(None, Wanted(SIDES, [a_desk(REVIEW)], confirmed=prints(ann)), [swapped], at=AT)


def test_a_desk_key_that_the_relay_has_swapped_is_confirmed_by_nobody(people, ann):
    """Families would seal to the relay: the member's own print alone does not let the desk's key in."""
    (proposal,) = applicant(ann).proposals
    swapped = Applicant(ann.member, (replace(proposal, recipient=str(people.ann.recipient)),))
    line = Wanted(SIDES, [a_desk(REVIEW)])

    with pytest.raises(NobodyHasThisPrint):
        assemble(None, replace(line, confirmed=prints(ann)), [swapped], at=AT)
    with pytest.raises(NoIntake):
        assemble(None, replace(line, confirmed=[ann.fingerprint]), [swapped], at=AT)


def test_a_desk_whose_key_is_not_confirmed_waits_with_the_print_that_the_relay_shows(people, ann):
    """Its member waits for it, confirmed as they are; neither is in the next directory."""
    wanted = Wanted(desks=[a_desk(REVIEW)], confirmed=[ann.fingerprint])

    ready = assemble(people.directory, wanted, [applicant(ann)], at=AT)

    assert changes(ready) == {(Happened.WAITS, "desk", REVIEW), (Happened.WAITS, "staff", ann.member.id)}
    assert {one.fingerprint for one in ready.changes} == set(prints(ann))
    assert ready.desks == people.directory.desks


def test_a_desk_whose_opener_is_not_confirmed_waits_with_its_members(ann, ben):
    """A key that somebody unknown has made is no key; without any review desk there is no directory."""
    wanted = Wanted(SIDES, [a_desk(REVIEW)], confirmed=prints(ben))

    with pytest.raises(NoIntake):
        assemble(None, wanted, [applicant(ann), applicant(ben)], at=AT)


def test_the_next_directory_keeps_what_is_not_changed(people, ann):
    """Sides, desks, intake and staff stand as before; a new desk waits until somebody has opened it."""
    before = people.directory

    ready = assemble(before, Wanted(desks=[a_desk(CAMP, "facility", before.sides[0])]), [applicant(ann)], at=AT)

    assert (ready.intake, ready.sides, ready.desks, ready.staff) == (
        before.intake,
        before.sides,
        before.desks,
        before.staff,
    )
    assert changes(ready) == {(Happened.WAITS, "desk", CAMP), (Happened.WAITS, "staff", ann.member.id)}


def test_a_member_of_a_desk_that_is_not_there_waits_for_it(people, ann):
    """Confirmed, but the operator has not named the desk's folder."""
    ready = assemble(people.directory, Wanted(confirmed=prints(ann)), [applicant(ann)], at=AT)

    (waiting,) = ready.changes
    assert (waiting.happened, waiting.id) == (Happened.WAITS, ann.member.id)
    assert REVIEW in (waiting.why or "")


def test_who_is_left_out_is_told_as_removed(people):
    """Whoever leaves, and whoever was suspended."""
    ann = people.ann.member

    ready = assemble(people.directory, Wanted(without=[ann.id]), [], at=AT)

    assert ann not in ready.staff
    assert changes(ready) == {(Happened.REMOVED, "staff", ann.id)}


def test_a_desk_that_is_rotated_is_told_with_the_print_of_its_new_key(people):
    """Its folder brings one epoch more; a folder with fewer takes none away."""
    desk = people.review.desk
    older = replace(desk, epochs=())
    rotated = replace(desk, epochs=(*desk.epochs, replace(desk.epochs[0], epoch=2, since="2030-01-01T00:00:00Z")))

    (change,) = assemble(people.directory, Wanted(desks=[rotated]), [], at=AT).changes
    assert (change.happened, change.id) == (Happened.CHANGED, desk.id)
    assert change.fingerprint
    assert assemble(people.directory, Wanted(desks=[older]), [], at=AT).changes == ()


def test_a_member_with_another_role_is_told_as_changed(people):
    """Power is what is signed; a signer has to see it."""
    ann: StaffMember = people.ann.member
    before = people.directory
    after = Directory(
        before.version + 1,
        before.intake,
        before.sides,
        before.desks[1:],
        tuple(replace(one, roles=("senior",)) if one == ann else one for one in before.staff),
    )

    assert {(one.happened, one.kind, one.words) for one in differences(before, after)} == {
        (Happened.CHANGED, "staff", "senior"),
        (Happened.REMOVED, "desk", "review"),
    }


def test_whoever_is_in_force_does_not_wait(people):
    """Their enrolment is kept, and is no news; their print may be confirmed once more."""
    seen = Applicant(people.ann.member, ())

    for applicants in ([seen], []):
        ready = assemble(people.directory, Wanted(confirmed=[seen.fingerprint]), applicants, at=AT)
        assert ready.changes == ()


def test_an_answer_of_another_shape_is_malformed():
    """A list of roles that is none, or an enrolment that is none."""
    pending = {"staff": "a", "person": "b", "desks": [], "roles": [5], "expires_at": 1}

    with pytest.raises(AnswerMalformed):
        read_pending({"invites": [pending]})
    with pytest.raises(AnswerMalformed):
        read_applicants({"enrolments": [5]})
