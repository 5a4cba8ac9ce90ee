"""
Invented people and desks, and stories: items that real moves have brought to where a test needs them.

A story holds what the relay decided and what it decided it from. Each verb signs a statement as a client would (it is
written and read again, so that no test uses one that could not exist), puts it to `decide`, and gives the next story.
"""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from keys.agefile import HybridIdentity
from keys.codes import staff_name
from keys.directory import (
    Desk,
    Directory,
    Epoch,
    StaffMember,
    encode_directory,
    parse_directory,
    recipient_digest,
)
from keys.ids import format_time, parse_time
from keys.notes import Signer
from keys.statements import BY_FAMILY, Statement, Subject, encode_statement, parse_statement
from relay.domain.commands import (
    Acceptance,
    AcceptLetter,
    AcceptReply,
    ActByFamily,
    ActByRelay,
    ActByStaff,
    Command,
    Signed,
)
from relay.domain.decide import Decision, Setting, decide
from relay.domain.items import Item
from relay.domain.states import Action, Kind, State


def a_secret(word: str) -> bytes:
    """Make 32 bytes that are the same in every run: SHA-256 of the word."""
    return hashlib.sha256(word.encode()).digest()


def an_id(word: str) -> str:
    """Make an id from a word."""
    return a_secret(word)[:16].hex()


def a_digest(word: str) -> str:
    """Make a digest from a word."""
    return a_secret(word).hex()


RELAY = an_id("relay")
#: The mediator's review desk, to which families write, and a second one that a route may name.
REVIEW, FURTHER = an_id("review desk"), an_id("further review desk")
#: A facility on each side, one without computers, and a bureau.
CAMP, FARM, QUARRY, BUREAU = (an_id(word) for word in ("camp", "farm", "quarry", "bureau"))
NUMBER, OTHER_NUMBER = "123456789092", "000000000195"
MAILBOX = a_digest("mailbox")
FAMILY = a_digest("the family's public key")

START = "2026-03-01T08:00:00Z"
#: The review desk changed its key at this moment: the old one is accepted for 14 days more.
ROTATED = "2026-03-01T00:00:00Z"
LEASE = timedelta(minutes=30)


def _epoch(desk: str, number: int, since: str) -> Epoch:
    recipient = HybridIdentity.from_seed(a_secret(f"{desk}/{number}")).recipient()
    return Epoch(number, str(recipient), since)


def _desk(desk: str, kind: str, side: str | None, *epochs: tuple[int, str]) -> Desk:
    return Desk(desk, kind, side, not epochs, tuple(_epoch(desk, number, since) for number, since in epochs))


def _member(name: str, desks: tuple[str, ...], *roles: str, person: str | None = None) -> StaffMember:
    signer = Signer.ed25519(staff_name(RELAY, an_id(name)), a_secret(name))
    recipient = HybridIdentity.from_seed(a_secret(f"{name}'s identity")).recipient()
    return StaffMember(
        id=an_id(name),
        person=an_id(f"{person or name}, a person"),
        desks=desks,
        roles=roles,
        vkey=str(signer.vkey),
        recipient_sha256=recipient_digest(recipient),
    )


OLD = "2026-01-01T00:00:00Z"
#: Two reviewers and a senior of one desk, and ANN once more, under a second key.
ANN, BEN = _member("ann", (REVIEW,), "reviewer"), _member("ben", (REVIEW,), "reviewer")
ANN_AGAIN = _member("ann, second key", (REVIEW,), "reviewer", person="ann")
CYD = _member("cyd", (REVIEW,), "reviewer", "senior")
#: A reviewer of the further desk.
EVA = _member("eva", (FURTHER,), "reviewer")
#: The mediator's dispatcher, who acts for desks without computers too; and the further desk's.
DAN = _member("dan", (REVIEW,), "dispatcher")
FAY = _member("fay", (FURTHER,), "dispatcher")
#: Officers of the camp, of the farm on the other side, and of a bureau; one of no place at all.
OLE, IDA = _member("ole", (CAMP,), "officer"), _member("ida", (FARM,), "officer")
BEA = _member("bea", (BUREAU,), "officer")
LOU = _member("lou", (REVIEW,), "officer")
#: Somebody who works at all desks, but only watches.
ZOE = _member("zoe", (REVIEW, CAMP, BUREAU), "auditor", "registrar")

STAFF = (ANN, ANN_AGAIN, BEN, CYD, EVA, DAN, FAY, OLE, IDA, BEA, LOU, ZOE)
DIRECTORY = parse_directory(
    encode_directory(
        Directory(
            version=7,
            intake=REVIEW,
            sides=("ardenia", "velmark"),
            desks=(
                _desk(REVIEW, "review", None, (1, "2025-06-01T00:00:00Z"), (2, OLD), (3, ROTATED)),
                _desk(FURTHER, "review", None, (1, OLD)),
                _desk(CAMP, "facility", "ardenia", (1, "2025-06-01T00:00:00Z"), (2, OLD)),
                _desk(FARM, "facility", "velmark", (1, OLD)),
                _desk(QUARRY, "facility", "velmark"),
                _desk(BUREAU, "bureau", "ardenia", (1, OLD)),
            ),
            staff=STAFF,
        )
    )
)

TO_REVIEW, TO_FURTHER, TO_CAMP, TO_FARM, TO_BUREAU = (
    (f"{desk}/{DIRECTORY.current_epoch(desk).epoch}",) for desk in (REVIEW, FURTHER, CAMP, FARM, BUREAU)
)
TO_FAMILY = ("family",)
#: What a keyless desk needs: the digest of the sealed scan of the sheet that was signed there.
PAPER = a_digest("sealed scan of a signed sheet")
BAG = an_id("bag")


@dataclass(frozen=True)
class Step:
    """One decision and all that went into it."""

    before: Item | None
    command: Command
    setting: Setting
    decision: Decision


@dataclass(frozen=True)
class Story:
    """
    One item's life so far; empty before it was accepted.

    Attributes:
        steps: Every decision, oldest first.
        at: The relay's clock.
        index: The log index of the next event.
        pause: How long it takes until the next move; the clock has moved on before it is decided.
    """

    steps: tuple[Step, ...] = ()
    at: str = START
    index: int = 2
    directory: Directory = field(default=DIRECTORY, repr=False)
    pause: timedelta = timedelta(minutes=1)

    @property
    def item(self) -> Item:
        """The item as it stands."""
        return self.steps[-1].decision.item

    @property
    def event(self) -> Any:
        """Its last event."""
        return self.steps[-1].decision.event

    @property
    def detail_json(self) -> str:
        """The detail of its last event."""
        return self.steps[-1].decision.detail_json

    @property
    def statement(self) -> Signed:
        """What a member of staff signed for its last move."""
        command = self.steps[-1].command
        assert isinstance(command, AcceptReply | ActByStaff)
        return command.signed

    # ------------------------------------------------------------ time, and the commands as they come to the door

    def later(self, **units: float) -> "Story":
        """Let time pass: the next move is decided so much later, and not a minute more."""
        return replace(self, at=format_time(parse_time(self.at) + timedelta(**units)), pause=timedelta())

    def then(self, command: Command) -> "Story":
        """Put a command to the relay."""
        at = format_time(parse_time(self.at) + self.pause)
        before = self.item if self.steps else None
        nonces = a_secret(f"event {self.index}"), a_secret(f"detail {self.index}")
        setting = Setting(self.directory, at, self.index, *nonces)
        step = Step(before, command, setting, decide(before, command, setting))
        return replace(self, steps=(*self.steps, step), at=at, index=self.index + 1, pause=Story.pause)

    def subject(self, *, resealed: bool = False) -> Subject:
        """Name the item as its signer sees it; a resealing move gives it another part 0."""
        parts = self.item.parts
        if resealed:
            parts = (a_digest(f"{self.item.id} resealed after event {self.item.seq}"), *parts[1:])
        return Subject(self.item.id, self.item.head, parts)

    def signed(
        self, kind: str, by: StaffMember, *, resealed: bool = False, subject: Subject | None = None, **fields: Any
    ) -> ActByStaff:
        """Sign a statement about the item, and add what the relay gives to a claim or to a reply for a family."""
        statement = a_statement(kind, subject or self.subject(resealed=resealed), **fields)
        until = format_time(parse_time(self.at) + self.pause + LEASE) if kind == "claim" else None
        signer = FAMILY if fields.get("to") == TO_FAMILY or "mailbox" in fields else None
        return ActByStaff(signed(statement, by), until=until, signer=signer)

    def by_staff(self, kind: str, by: StaffMember, *, resealed: bool = False, **fields: Any) -> "Story":
        """Let a member of staff sign a statement about it."""
        return self.then(self.signed(kind, by, resealed=resealed, **fields))

    def by_family(self, kind: str, *, subject: Subject | None = None) -> "Story":
        """Let the family sign a statement, over the last event that it was shown."""
        shown = subject or Subject(self.item.id, self.item.shown, self.item.parts)
        statement = a_statement(kind, shown)
        return self.then(ActByFamily(statement, a_digest(encode_statement(statement)), 0))

    # ------------------------------------------------------------ reviewers

    def claimed(self, by: StaffMember = ANN, *, desk: str | None = None) -> "Story":
        """Let a reviewer take it to read."""
        return self.by_staff("claim", by, desk=desk or self.item.desk)

    def released(self, by: StaffMember = ANN, **fields: Any) -> "Story":
        """Let the reviewer put it back."""
        return self.by_staff("release", by, **fields)

    def matched(self, by: StaffMember = ANN, *, number: str = NUMBER) -> "Story":
        """Let the reviewer find whom it is for."""
        return self.by_staff("match", by, number=number)

    def matched_to(self, mailbox: str = MAILBOX, by: StaffMember = ANN) -> "Story":
        """Let the reviewer find the family that a detainee means who has written first."""
        return self.by_staff("match", by, mailbox=mailbox)

    def forwarded(self, by: StaffMember = ANN, *, to: tuple[str, ...] = TO_FURTHER, **fields: Any) -> "Story":
        """Let the reviewer reseal it to the next review desk."""
        return self.by_staff("pass", by, resealed=True, to=to, **fields)

    def passed(
        self, by: StaffMember = ANN, *, place: str = CAMP, to: tuple[str, ...] = TO_CAMP, **fields: Any
    ) -> "Story":
        """Let the reviewer reseal it to the place where it shall go."""
        return self.by_staff("pass", by, resealed=True, to=to, place=place, **fields)

    def readied(self, by: StaffMember = ANN, **fields: Any) -> "Story":
        """Let the reviewer reseal a reply to the family."""
        return self.by_staff("pass", by, resealed=True, to=TO_FAMILY, **fields)

    def returned(self, by: StaffMember = ANN, **fields: Any) -> "Story":
        """Let a reviewer send it back to whoever wrote it."""
        return self.by_staff("return", by, **fields)

    def proposed_to_withhold(self, by: StaffMember = ANN, **fields: Any) -> "Story":
        """Let the reviewer propose that it shall not pass."""
        return self.by_staff("propose_withhold", by, **fields)

    def confirmed(self, by: StaffMember = BEN, **fields: Any) -> "Story":
        """Let another person agree."""
        return self.by_staff("confirm", by, **fields)

    def overturned(self, by: StaffMember = BEN, **fields: Any) -> "Story":
        """Let another person disagree."""
        return self.by_staff("overturn", by, **fields)

    def escalated(self, by: StaffMember = ANN, **fields: Any) -> "Story":
        """Let the reviewer leave it to a senior."""
        return self.by_staff("escalate", by, **fields)

    def redirected(
        self, by: StaffMember = ANN, *, place: str = FARM, to: tuple[str, ...] = TO_FARM, **fields: Any
    ) -> "Story":
        """Let a reviewer reseal it to another place."""
        return self.by_staff("redirect", by, resealed=True, to=to, place=place, **fields)

    def recalled(self, by: StaffMember = ANN, **fields: Any) -> "Story":
        """Let a reviewer take a reply back, because the family has lost its code."""
        return self.by_staff("recall", by, resealed=True, **fields)

    # ------------------------------------------------------------ dispatchers and officers

    def bagged(self, by: StaffMember = DAN, *, to: str = CAMP, bag: str = BAG) -> "Story":
        """Let the dispatcher pack it."""
        return self.by_staff("bag", by, bag=bag, to=to, manifest=a_digest("manifest"))

    def received(self, by: StaffMember = OLE, *, bag: str = BAG, **fields: Any) -> "Story":
        """Let the officer sign for it."""
        return self.by_staff("receive", by, bag=bag, **fields)

    def missed(self, by: StaffMember = OLE, *, bag: str = BAG) -> "Story":
        """Let the officer not find it in the bag."""
        return self.by_staff("missing", by, bag=bag)

    def found(self, by: StaffMember = OLE, *, bag: str = BAG, **fields: Any) -> "Story":
        """Let the officer find it after all."""
        return self.by_staff("find", by, bag=bag, **fields)

    def declared_lost(self, by: StaffMember = DAN, *, bag: str = BAG) -> "Story":
        """Let the dispatcher give it up."""
        return self.by_staff("declare_lost", by, bag=bag)

    def delivered(self, by: StaffMember = OLE, **fields: Any) -> "Story":
        """Let the officer hand it over."""
        return self.by_staff("deliver", by, **fields)

    def refused(self, by: StaffMember = OLE, **fields: Any) -> "Story":
        """Let the addressee not want it."""
        return self.by_staff("refuse", by, **fields)

    def failed(self, by: StaffMember = OLE, **fields: Any) -> "Story":
        """Let it be impossible to hand over."""
        return self.by_staff("fail", by, **fields)

    # ------------------------------------------------------------ the family, and the relay itself

    def withdrawn(self) -> "Story":
        """Let the family take its letter back."""
        return self.by_family("withdraw")

    def collected(self) -> "Story":
        """Let the family open its reply."""
        return self.by_family("collected")

    def lapsed(self) -> "Story":
        """Let the relay give up on a held letter."""
        return self.then(ActByRelay(Action.LAPSE))

    def expired(self) -> "Story":
        """Let the relay destroy what was sealed."""
        return self.then(ActByRelay(Action.EXPIRE))


def a_statement(kind: str, *subjects: Subject, **fields: Any) -> Statement:
    """Write a statement and read it back, so that it is one that somebody could have signed."""
    directory = None if kind in BY_FAMILY else DIRECTORY.version
    statement = Statement(kind, RELAY, directory, START, subjects, fields)
    return parse_statement(encode_statement(statement))


def signed(statement: Statement, by: StaffMember, position: int = 0) -> Signed:
    """Say that a member of staff signed a statement."""
    return Signed(statement, a_digest(by.id + encode_statement(statement)), position, by)


def an_acceptance(name: str = "a letter", **changed: Any) -> Acceptance:
    """Describe a letter that comes in, with one photo."""
    plain = Acceptance(
        item=an_id(name),
        kind=Kind.LETTER,
        detainee=NUMBER,
        route=(REVIEW,),
        parts=(a_digest(f"{name}, part 0"), a_digest(f"{name}, a photo")),
        re=None,
        mailbox=MAILBOX,
        signer=FAMILY,
        tag_key=a_digest(f"{name}, tag key"),
        into=State.QUEUED,
    )
    return plain._replace(**changed)


def a_letter(name: str = "a letter", **changed: Any) -> Story:
    """Let a family's letter come in, for a detainee whom the register knows."""
    return Story().then(AcceptLetter(an_acceptance(name, **changed)))


def a_held_letter(name: str = "a held letter", **changed: Any) -> Story:
    """Let a family's letter come in, for somebody whose number it does not know."""
    return a_letter(name, **({"detainee": "unknown", "into": State.HELD} | changed))


def a_replying(
    name: str = "a reply", by: StaffMember = OLE, *, paper: str | None = None, **changed: Any
) -> AcceptReply:
    """Describe a reply that somebody brings in."""
    plain = {"kind": Kind.REPLY, "re": an_id("a letter"), "signer": None, "parts": (a_digest(f"{name}, part 0"),)}
    acceptance = an_acceptance(name, **(plain | changed))
    fields = {} if paper is None else {"paper": paper}
    statement = a_statement("reply-accept", Subject(acceptance.item, None, acceptance.parts), **fields)
    return AcceptReply(acceptance, signed(statement, by))


def a_reply(name: str = "a reply", by: StaffMember = OLE, *, paper: str | None = None, **changed: Any) -> Story:
    """Let an officer bring a reply in."""
    return Story().then(a_replying(name, by, paper=paper, **changed))


def to_the_bureau(reply: Story) -> Story:
    """Pass a claimed reply to a bureau, which hands it over on paper."""
    return reply.passed(place=BUREAU, to=TO_BUREAU)


def to_the_quarry(letter: Story) -> Story:
    """Pass a claimed letter to the place without computers: sealed to the mediator's own key."""
    return letter.passed(place=QUARRY, to=TO_REVIEW)
