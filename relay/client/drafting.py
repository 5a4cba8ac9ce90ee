"""
The next directory, put together from what is in force, the operators' desks, and whoever has enrolled since.

The relay tells who has enrolled; it could tell of keys of its own making. So members, and the desk keys they made, come
in only by their prints, read aloud to an operator; what was not confirmed is named and left out. DESIGN.md §3.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from keys.directory import Desk, Directory, Epoch, StaffMember, recipient_digest
from keys.errors import Refused
from keys.hybrid import HybridRecipient
from relay.client.answers import integer_of, objects_of, text_of
from relay.client.enrolling import desk_print, member_print
from relay.client.faults import AnswerMalformed

_FIRST_EPOCH: Final = 1
_UNCONFIRMED_DESK: Final = "nobody has confirmed its key, or whoever made it: let them read both prints aloud"


class NobodyHasThisPrint(Refused):
    """Nobody who has enrolled has keys of the print that was confirmed."""

    code = "print_of_nobody"
    cure = "Compare it with the member again, digit by digit; if it stays so, the relay shows other keys: sign nothing."


class NoIntake(Refused):
    """A directory needs a review desk with a key, to which families seal."""

    code = "no_intake"
    cure = "Name the desk's folder with --desk, and confirm the member who opened it with --confirm."


class Happened(StrEnum):
    """What the next directory does to a member, a desk or a key."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"
    WAITS = "waits"


@dataclass(frozen=True, slots=True)
class Change:
    """
    One difference to the directory in force.

    Attributes:
        happened: What.
        kind: ``staff`` or ``desk``.
        id: Whose or which.
        words: Roles, or the kind of desk.
        fingerprint: The print of the keys that are new.
        why: What something that waits is waiting for.
    """

    happened: Happened
    kind: str
    id: str
    words: str
    fingerprint: str | None = None
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Assembled:
    """What the next directory shall say, and how that differs from the one in force."""

    intake: str
    sides: tuple[str, ...]
    desks: tuple[Desk, ...]
    staff: tuple[StaffMember, ...]
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """
    What an operator wants of the next directory, beside what is in force.

    Attributes:
        sides: The parties; none for those in force.
        desks: Desks that are new or changed; one without a key waits for its first member.
        members: Members whose lines were brought by hand.
        confirmed: The prints that were read aloud, 32 hex digits each.
        without: Ids of members and desks that shall go.
        intake: The desk that families seal to; None for the one in force, or the first review desk.
    """

    sides: Sequence[str] = ()
    desks: Sequence[Desk] = ()
    members: Sequence[StaffMember] = ()
    confirmed: Collection[str] = ()
    without: Collection[str] = ()
    intake: str | None = None


def assemble(current: Directory | None, wanted: Wanted, applicants: Sequence["Applicant"], *, at: str) -> Assembled:
    """
    Put the next directory together.

    Args:
        current: The one in force; None before the first.
        wanted: What the operator wants.
        applicants: Whoever has enrolled, the oldest first, as the relay tells.
        at: Now, ``YYYY-MM-DDTHH:MM:SSZ``: when new desk keys become current.

    Raises:
        NobodyHasThisPrint: A confirmed print belongs to no applicant and to nobody in force.
        NoIntake: There is no review desk with a key.
    """
    listed = {one.id for one in current.staff} if current else set()
    new = [one for one in applicants if one.member.id not in listed and one.member.id not in wanted.without]
    _require_prints(wanted.confirmed, current, applicants)
    confirmed = [one for one in new if one.fingerprint in wanted.confirmed]
    desks = _desks(current, wanted, confirmed, at)
    ready = {desk.id: desk for desk in desks if desk.keyless or desk.epochs}
    there = [one for one in (*(current.staff if current else ()), *wanted.members) if one.id not in wanted.without]
    joining = [one.member for one in confirmed if set(one.member.desks) <= ready.keys()]
    staff = (*there, *joining)
    intake = wanted.intake or (current.intake if current else None) or _first_review(ready.values())
    if intake not in ready:
        raise NoIntake
    sides = tuple(wanted.sides) or (current.sides if current else ())
    after = Directory(current.version + 1 if current else 1, intake, sides, tuple(ready.values()), staff)
    changes = (*differences(current, after), *_waiting(desks, new, ready, wanted.confirmed))
    return Assembled(intake, sides, after.desks, staff, changes)


def differences(before: Directory | None, after: Directory) -> Iterator[Change]:
    """List how a directory differs from the one before it: for operators to read before they sign."""
    old_desks = {one.id: one for one in before.desks} if before else {}
    old_staff = {one.id: one for one in before.staff} if before else {}
    for desk in after.desks:
        yield from _desk_change(old_desks.pop(desk.id, None), desk)
    for member in after.staff:
        yield from _member_change(old_staff.pop(member.id, None), member)
    for gone in old_desks.values():
        yield Change(Happened.REMOVED, "desk", gone.id, _words_of(gone))
    for left in old_staff.values():
        yield Change(Happened.REMOVED, "staff", left.id, ", ".join(left.roles))


def _desk_change(old: Desk | None, new: Desk) -> Iterator[Change]:
    if old == new:
        return
    fresh = new.epochs[-1:] if old is None or new.epochs != old.epochs else ()
    printed = desk_print(new.id, fresh[0].epoch, fresh[0].recipient) if fresh else None
    yield Change(Happened.ADDED if old is None else Happened.CHANGED, "desk", new.id, _words_of(new), printed)


def _member_change(old: StaffMember | None, new: StaffMember) -> Iterator[Change]:
    if old == new:
        return
    happened = Happened.ADDED if old is None else Happened.CHANGED
    yield Change(happened, "staff", new.id, ", ".join(new.roles), member_print(new))


def _require_prints(confirmed: Collection[str], current: Directory | None, applicants: Iterable["Applicant"]) -> None:
    known = {member_print(one) for one in (current.staff if current else ())}
    for one in applicants:
        known |= {one.fingerprint, *(each.fingerprint for each in one.proposals)}
    if not set(confirmed) <= known:
        raise NobodyHasThisPrint


def _desks(current: Directory | None, wanted: Wanted, confirmed: Sequence["Applicant"], at: str) -> Sequence[Desk]:
    """Lay the operator's desks over those in force, and give each that has no key the one its first member made."""
    desks = {one.id: one for one in (current.desks if current else ())}
    for one in wanted.desks:
        before = desks.get(one.id)
        desks[one.id] = replace(one, epochs=before.epochs) if before and len(before.epochs) > len(one.epochs) else one
    for applicant in confirmed:
        for proposed in applicant.proposals:
            desk = desks.get(proposed.desk)
            if desk is None or desk.keyless or desk.epochs or proposed.epoch != _FIRST_EPOCH:
                continue
            if proposed.fingerprint in wanted.confirmed:
                desks[desk.id] = replace(desk, epochs=(Epoch(_FIRST_EPOCH, proposed.recipient, at),))
    return [one for one in desks.values() if one.id not in wanted.without]


def _waiting(
    desks: Sequence[Desk], new: Sequence["Applicant"], ready: Mapping[str, Desk], confirmed: Collection[str]
) -> Iterator[Change]:
    for desk in desks:
        if desk.id not in ready:
            made = next((each for one in new for each in one.proposals if each.desk == desk.id), None)
            why = _UNCONFIRMED_DESK if made else "no member has opened it: invite one"
            yield Change(Happened.WAITS, "desk", desk.id, _words_of(desk), made.fingerprint if made else None, why)
    for one in new:
        roles = ", ".join(one.member.roles)
        missing = [desk for desk in one.member.desks if desk not in ready]
        if one.fingerprint not in confirmed:
            why = "nobody has confirmed these keys: let the member read the print aloud, then --confirm it"
            yield Change(Happened.WAITS, "staff", one.member.id, roles, one.fingerprint, why)
        elif missing:
            why = f"desk {missing[0]} is not in the directory yet: name its folder with --desk, and confirm its key"
            yield Change(Happened.WAITS, "staff", one.member.id, roles, one.fingerprint, why)


def _first_review(desks: Iterable[Desk]) -> str | None:
    return next((one.id for one in desks if one.kind == "review"), None)


def _words_of(desk: Desk) -> str:
    side = f" of {desk.side}" if desk.side else ""
    return f"{desk.kind}{side}{', keyless' if desk.keyless else ''}"


# ---------------------------------------------------------------- who has enrolled, as the relay tells


@dataclass(frozen=True, slots=True)
class Proposed:
    """A desk's key that a new member made, as the relay tells it."""

    desk: str
    epoch: int
    recipient: str

    @property
    def fingerprint(self) -> str:
        """Give what the member was shown, if the relay tells the truth."""
        return desk_print(self.desk, self.epoch, self.recipient)


@dataclass(frozen=True, slots=True)
class Applicant:
    """Somebody who has enrolled, as the relay tells it: not to be believed before they were asked."""

    member: StaffMember
    proposals: tuple[Proposed, ...]

    @property
    def fingerprint(self) -> str:
        """Give what the member was shown, if the relay tells the truth."""
        return member_print(self.member)


@dataclass(frozen=True, slots=True)
class Pending:
    """An invite that nobody has taken up; `expires` in POSIX seconds."""

    staff: str
    person: str
    roles: tuple[str, ...]
    desks: tuple[str, ...]
    expires: int


def read_applicants(answer: Mapping[str, Any]) -> list[Applicant]:
    """
    Read the enrolments that a relay lists.

    Raises:
        AnswerMalformed: It is no such list.
        KeyMalformed: A recipient is none.
    """
    return [_applicant(one) for one in objects_of(answer, "enrolments")]


def read_pending(answer: Mapping[str, Any]) -> list[Pending]:
    """Read the open invites that a relay lists; raises AnswerMalformed."""
    return [
        Pending(
            staff=text_of(one, "staff"),
            person=text_of(one, "person"),
            roles=_texts(one, "roles"),
            desks=_texts(one, "desks"),
            expires=integer_of(one, "expires_at"),
        )
        for one in objects_of(answer, "invites")
    ]


def _applicant(one: Mapping[str, Any]) -> Applicant:
    recipient = HybridRecipient.parse(text_of(one, "recipient"))
    member = StaffMember(
        id=text_of(one, "staff"),
        person=text_of(one, "person"),
        desks=_texts(one, "desks"),
        roles=_texts(one, "roles"),
        vkey=text_of(one, "vkey"),
        recipient_sha256=recipient_digest(recipient),
    )
    proposals = tuple(
        Proposed(text_of(each, "desk"), integer_of(each, "epoch"), text_of(each, "recipient"))
        for each in objects_of(one, "proposals")
    )
    return Applicant(member, proposals)


def _texts(members: Mapping[str, Any], name: str) -> tuple[str, ...]:
    values = members.get(name)
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise AnswerMalformed
    return tuple(values)
