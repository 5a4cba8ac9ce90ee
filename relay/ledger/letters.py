"""Letters from families and replies from places of detention, as they are brought to the door."""

import hashlib
from dataclasses import dataclass

from keys.directory import StaffMember
from keys.errors import Refused
from keys.sealed import LetterLine, parse_enclosure_line
from keys.statements import Statement
from relay.custody.entry import tag
from relay.custody.proof import Proof, Receipt, encode_proof, encode_receipt
from relay.domain.commands import Acceptance, AcceptLetter, AcceptReply, Signed
from relay.domain.decide import Decision
from relay.domain.in_force import WrongRelay
from relay.domain.items import Item
from relay.domain.refusals import EpochOver, OtherKey, PartsDiffer, WrongDesk, WrongDestination
from relay.domain.register import enters_as
from relay.domain.states import Kind, Role, State
from relay.ledger.batch import Answer, Draft, DuplicateItem, Needs, Settled
from relay.ledger.statements import encode_moves, note_document
from relay.storage.parts import Part


class WorkSpent(Refused):
    """This proof of work was used for another letter."""

    code = "work_spent"
    cure = "Ask for a new challenge and solve it; the letter itself can stay as it is."


class SignerDiffers(Refused):
    """This mailbox belongs to another key."""

    code = "signer_differs"
    cure = "Enter the receipt code again; both the mailbox and the key come from it."


@dataclass(frozen=True, slots=True)
class LetterIn:
    """
    A family's sealed letter, already checked without a key.

    Attributes:
        sealed: Part 0, the whole file.
        digest: Its SHA-256 (hex).
        line: Its first line.
        mailbox: SHA-256 (hex) of the family's locator.
        signer: The family's Ed25519 key (hex).
        work: The proof of work's nonce (SHA-256, hex) with its expiry (POSIX seconds), where one was asked for.
    """

    sealed: bytes
    digest: str
    line: LetterLine
    line_text: str
    mailbox: str
    signer: str
    work: tuple[str, int] | None = None

    @property
    def key(self) -> str:
        """The item's id: the client chose it, so a retry names it again."""
        return self.line.item

    @property
    def request(self) -> str:
        """Hash of the letter, the mailbox and the signer."""
        return hashlib.sha256(f"{self.digest}{self.mailbox}{self.signer}".encode()).hexdigest()

    def needs(self) -> Needs:
        """Name the enclosures, the mailbox, and what the register says of the number."""
        return Needs(
            items=(self.line.item,),
            parts=self.line.enclosures,
            mailboxes=(self.mailbox,),
            numbers=(self.line.detainee,),
            work=self.work[0] if self.work else None,
        )

    def apply(self, draft: Draft) -> Answer:
        """Take the letter in; the answer is a receipt that proves it."""
        self._check(draft)
        tag_key = draft.fresh()
        acceptance = Acceptance(
            item=self.line.item,
            kind=Kind.LETTER,
            detainee=self.line.detainee,
            route=route_of(draft),
            parts=(self.digest, *self.line.enclosures),
            re=self.line.re,
            mailbox=self.mailbox,
            signer=self.signer,
            tag_key=hashlib.sha256(tag_key).hexdigest(),
            into=enters_as(draft.row(self.line.detainee)),
        )
        index = draft.index
        decision = draft.record(None, AcceptLetter(acceptance), tag_key=tag_key)
        nonce = draft.changes.openings[-1].event_nonce
        draft.changes.parts.append(Part(self.digest, self.line.item, self.line_text, self.sealed))
        if draft.mailbox_signer(self.mailbox) is None:
            draft.changes.mailboxes[self.mailbox] = self.signer
        receipt = encode_receipt(Receipt(tag(tag_key, 0), nonce, decision.event_json))

        def answer(settled: Settled) -> bytes:
            return encode_proof(Proof(index, settled.proof_of(index), settled.signed, receipt))

        return answer

    def _check(self, draft: Draft) -> None:
        if self.work is not None:
            if draft.is_spent(self.work[0]):
                raise WorkSpent
            draft.changes.work.append(self.work)
        if draft.find_item(self.line.item) is not None:
            raise DuplicateItem
        if draft.mailbox_signer(self.mailbox) not in (None, self.signer):
            raise SignerDiffers
        if self.line.kind != Kind.LETTER or self.line.hop != "family>review":
            raise WrongDestination("a family sends letters to a review desk, and nothing else")
        check_sealed_to(self.line, draft, route_of(draft)[0])
        check_enclosures(self.line, draft)


@dataclass(frozen=True, slots=True)
class RepliesIn:
    """
    Replies that an officer, a bureau, or a dispatcher for a keyless desk, brings in under one statement.

    Attributes:
        note: The signed statement, verbatim.
        lines: The first line of each reply's part 0, by item.
    """

    note: bytes
    digest: str
    statement: Statement
    staff: str
    vkey: str
    lines: dict[str, LetterLine]

    @property
    def key(self) -> str:
        """The statement's SHA-256."""
        return self.digest

    @property
    def request(self) -> str:
        """The statement's SHA-256: it names every part."""
        return self.digest

    def needs(self) -> Needs:
        """Name the replies, the letters they answer, and all their parts."""
        lines = self.lines.values()
        answered = tuple(line.re for line in lines if line.re and line.re != "new")
        parts = tuple(part for subject in self.statement.subjects for part in subject.parts)
        paper = self.statement.fields.get("paper")
        return Needs(
            items=tuple(self.lines) + answered,
            parts=parts + ((paper,) if paper else ()),
            numbers=tuple(line.detainee for line in lines),
        )

    def apply(self, draft: Draft) -> Answer:
        """Take all of them in, or none."""
        member = draft.in_force.signer_of(self.statement, self.staff, at=draft.at)
        if member.vkey != self.vkey:
            raise OtherKey
        note_document(draft, self.digest, self.note)
        moves: list[tuple[int, Decision]] = []
        for position, subject in enumerate(self.statement.subjects):
            signed = Signed(self.statement, self.digest, position, member)
            line = self.lines[subject.item]
            if subject.parts[1:] != line.enclosures:
                raise PartsDiffer
            for part in subject.parts:
                draft.part_line(part)
            moves.append((draft.index, self._take(draft, signed, line)))
        return lambda settled: encode_moves(settled, moves)

    def _take(self, draft: Draft, signed: Signed, line: LetterLine) -> Decision:
        if draft.find_item(line.item) is not None:
            raise DuplicateItem
        if line.kind != Kind.REPLY or line.hop not in ("facility>review", "bureau>review") or line.re is None:
            raise WrongDestination(
                "a reply goes from a facility or a bureau to a review desk, and says what it answers"
            )
        check_sealed_to(line, draft, route_of(draft)[0])
        check_enclosures(line, draft)
        letter = None if line.re == "new" else draft.item(line.re)
        if letter is not None and letter.detainee != line.detainee:
            raise WrongDestination("the reply is by another detainee than the one its letter went to")
        tag_key = draft.fresh()
        acceptance = Acceptance(
            item=line.item,
            kind=Kind.REPLY,
            detainee=line.detainee,
            route=route_of(draft),
            parts=signed.subject.parts,
            re=line.re,
            mailbox=letter.mailbox if letter else None,
            signer=None,
            tag_key=hashlib.sha256(tag_key).hexdigest(),
            into=State.QUEUED,
        )
        decision = draft.record(None, AcceptReply(acceptance, signed), tag_key=tag_key)
        _check_place(draft, signed.member, line, letter)
        return decision


def _check_place(draft: Draft, member: StaffMember, line: LetterLine, letter: Item | None) -> None:
    """
    Require that a reply comes from where its writer is: the letter's destination, or the register's place.

    A bureau may bring in what any detainee has written, because families and delegates hand it over there. For a place
    without computers the mediator's dispatcher acts, on paper.

    Raises:
        WrongDesk: The signer belongs to another place.
    """
    directory = draft.in_force.opened(at=draft.at)
    kinds = {directory.desk(desk).kind for desk in member.desks}
    if line.hop == "bureau>review":
        allowed = "bureau" in kinds
    else:
        row = draft.row(line.detainee)
        places = {letter.destination if letter else None, row.place if row else None} - {None}
        keyless = any(directory.desk(place).keyless for place in places if place is not None)
        allowed = not places.isdisjoint(member.desks) or (keyless and Role.DISPATCHER in member.roles)
    if not allowed:
        raise WrongDesk


def route_of(draft: Draft) -> tuple[str, ...]:
    """Return the review desks that an item has to pass: the agreement's, or the directory's intake desk."""
    return draft.rules.route or (draft.in_force.opened(at=draft.at).intake,)


def check_sealed_to(line: LetterLine, draft: Draft, desk: str) -> None:
    """
    Require that a sealed letter is for this relay and for an accepted key of this desk.

    Raises:
        WrongRelay, DirectoryUnknown, WrongDestination, EpochOver: As they say.
    """
    in_force = draft.in_force
    directory = in_force.opened(at=draft.at)
    if in_force.trust is None or line.relay != in_force.trust.relay:
        raise WrongRelay
    in_force.check_version(line.dir, at=draft.at)
    for entry in line.to:
        desk_id, _, epoch = entry.partition("/")
        if desk_id != desk:
            raise WrongDestination("it is sealed to another desk than the one that reads first")
        if not directory.accepts(desk_id, int(epoch), draft.at):
            raise EpochOver


def check_enclosures(line: LetterLine, draft: Draft) -> None:
    """
    Require that every enclosure is there and was sealed for this place in this item.

    Raises:
        MissingPart: One was not uploaded.
        PartsDiffer: One belongs to another item, or to another place in it.
    """
    for part, digest in enumerate(line.enclosures, start=1):
        enclosure = parse_enclosure_line(draft.part_line(digest).encode())
        if (enclosure.relay, enclosure.item, enclosure.part) != (line.relay, line.item, part):
            raise PartsDiffer
