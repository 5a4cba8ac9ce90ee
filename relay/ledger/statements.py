"""Statements by staff and families about items, as they are brought to the door."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from keys.canonical import encode_json
from keys.ids import format_time, parse_time
from keys.sealed import DocumentLine, parse_document_line, parse_line
from keys.statements import Statement
from relay.custody.bagfile import manifest_digest
from relay.domain.commands import ActByFamily, ActByStaff, Signed
from relay.domain.decide import Decision
from relay.domain.items import Item
from relay.domain.lines import check_load, check_turns
from relay.domain.refusals import ClaimLost, OtherKey, PartsDiffer, WrongDesk, WrongDestination
from relay.domain.register import enters_as
from relay.domain.route import RESEALS, check_leg
from relay.domain.states import Action, Kind, State
from relay.ledger.batch import Answer, Claiming, Draft, Needs, Settled
from relay.storage.items import waiting_of

#: Keys of a statement that name sealed documents.
_DOCUMENT_KINDS = {"contact": "contact", "note": "note", "paper": "scan"}


class NotYours(ClaimLost):
    """This item is not in the family's mailbox."""

    code = "not_your_item"
    cure = "Enter the receipt code again, and choose one of the items it shows."


class MailboxUnknown(WrongDestination):
    """No family has written from this mailbox."""

    code = "mailbox_unknown"
    cure = "Let the family send a letter with its new code first, pass it, and take the mailbox from its contact."


class DispatchStopped(WrongDestination):
    """The addressee of an item in this bag has been released or moved."""

    code = "dispatch_stopped"
    cure = "Take the item out of the bag; a reviewer redirects it to the new place or returns it to its family."


class NumberNotReachable(WrongDestination):
    """The register has no place for this number."""

    code = "number_not_reachable"
    cure = "Check the number in the register; a letter can go on only when it has a confirmed place."


@dataclass(frozen=True, slots=True)
class StatementIn:
    """
    A statement by staff that moves items, its signature already verified.

    Attributes:
        note: The signed statement, verbatim.
        digest: SHA-256 (hex) of it.
        staff: Who signed.
        vkey: The key it was verified with.
    """

    note: bytes
    digest: str
    statement: Statement
    staff: str
    vkey: str

    @property
    def key(self) -> str:
        """The statement's SHA-256."""
        return self.digest

    @property
    def request(self) -> str:
        """The statement's SHA-256: it names all that it does."""
        return self.digest

    def needs(self) -> Needs:
        """Name the items, the documents, resealed parts, and for a claim the lines."""
        statement = self.statement
        items = tuple(subject.item for subject in statement.subjects)
        claiming = None
        if statement.kind == "claim":
            claiming = Claiming(statement.fields["desk"], self.staff, items)
        reseals = statement.kind in ("pass", "redirect", "recall")
        parts = tuple(subject.parts[0] for subject in statement.subjects) if reseals else ()
        numbers = (statement.fields["number"],) if "number" in statement.fields else ()
        mailboxes = (statement.fields["mailbox"],) if "mailbox" in statement.fields else ()
        return Needs(
            items=items,
            parts=parts + tuple(_documents_of(statement)),
            numbers=numbers,
            mailboxes=mailboxes,
            claiming=claiming,
            whereabouts=statement.kind == "bag",
            earlier=statement.kind == "recall",
        )

    def apply(self, draft: Draft) -> Answer:
        """Do it to all subjects, or to none."""
        statement = self.statement
        member = draft.in_force.signer_of(statement, self.staff, at=draft.at)
        if member.vkey != self.vkey:
            raise OtherKey
        self._check_documents(draft)
        if statement.kind == "claim":
            self._check_claim(draft)
        elif statement.kind == "bag" and statement.fields["manifest"] != manifest_digest(statement):
            raise WrongDestination("the bag's manifest is not that of its items")
        note_document(draft, self.digest, self.note)
        until = _lease_end(draft) if statement.kind == "claim" else None
        moves = [
            (draft.index, self._move(draft, Signed(statement, self.digest, position, member), until))
            for position in range(len(statement.subjects))
        ]
        return lambda settled: encode_moves(settled, moves)

    def _move(self, draft: Draft, signed: Signed, until: str | None) -> Decision:
        before = draft.item(signed.subject.item)
        decision = draft.record(before, ActByStaff(signed, until=until, signer=self._signer(draft, before)))
        if decision.action is Action.MATCH and "number" in self.statement.fields:
            if enters_as(draft.row(decision.item.detainee)) is State.HELD:
                raise NumberNotReachable
        elif decision.action in RESEALS:
            self._check_part_zero(draft, before, decision)
        elif decision.action is Action.BAG:
            _check_whereabouts(draft, before)
        self._renew_contact(draft, before, signed.position)
        return decision

    def _signer(self, draft: Draft, before: Item) -> str | None:
        """Give the family's key where the detail has one: of the mailbox that is named, or that the reply is for."""
        named = self.statement.fields.get("mailbox")
        if named is not None:
            signer = draft.mailbox_signer(named)
            if signer is None:
                raise MailboxUnknown
            return signer
        return before_signer(before, draft) if self.statement.fields.get("to") == ("family",) else None

    def _check_part_zero(self, draft: Draft, before: Item, decision: Decision) -> None:
        line = parse_line(draft.part_line(decision.item.parts[0]).encode())
        if decision.action is Action.RECALL:
            # Its first line alone would not do: any officer can seal another reply under it.
            if line.item != before.id or decision.item.parts[0] != draft.earlier_part(before.id):
                raise WrongDestination("a recall takes back the part that was read before the reply became ready")
            return
        draft.in_force.check_version(line.dir, at=draft.at)
        check_leg(before, decision.action, self.statement, line)

    def _check_documents(self, draft: Draft) -> None:
        for key, kind in _DOCUMENT_KINDS.items():
            named = self.statement.fields.get(key)
            for position, digest in enumerate(named if isinstance(named, tuple) else (named,)):
                if digest is None:
                    continue
                line = parse_document_line(draft.part_line(digest).encode())
                if line.kind != kind:
                    raise PartsDiffer(f"the document named as {key} is of another kind")
                self._check_about(draft, line, self.statement.subjects[position].item)

    def _check_about(self, draft: Draft, line: DocumentLine, item: str) -> None:
        """
        Require that a contact is of the item's own mailbox, and a note about the item itself.

        With another one a mailbox would have no contact that reviewers believe, and a family no note that it can open.
        """
        if line.kind == "contact" and line.id != draft.item(item).mailbox:
            raise PartsDiffer("the contact is of another mailbox")
        if line.kind == "note" and line.item != item:
            raise PartsDiffer("the note is about another item")

    def _check_claim(self, draft: Draft) -> None:
        desk = self.statement.fields["desk"]
        chosen = {subject.item: draft.item(subject.item) for subject in self.statement.subjects}
        if any(item.desk != desk for item in chosen.values()):
            raise WrongDesk
        lines = draft.in_line_with(chosen.values())
        waiting = [waiting_of(item, at=draft.at) for item in lines if item.state in _WAITING]
        check_turns(chosen, waiting, staff=self.staff)
        held = {
            item.id: item.detainee
            for item in draft.claimed_by(self.staff)
            if item.state is State.CLAIMED and (item.until or "") > draft.at
        }
        held |= {item.id: item.detainee for item in chosen.values()}
        check_load(held.items(), letters=draft.rules.claim_letters, detainees=draft.rules.claim_detainees)

    def _renew_contact(self, draft: Draft, item: Item, position: int) -> None:
        contacts = self.statement.fields.get("contact")
        if contacts and contacts[position] and item.mailbox:
            draft.changes.contacts[item.mailbox] = contacts[position]


def _check_whereabouts(draft: Draft, item: Item) -> None:
    """Let nothing go to a place where its addressee no longer is: release and transfer stop dispatch at once."""
    if item.kind is Kind.REPLY:
        return
    row = draft.row(item.detainee)
    if row is None or enters_as(row) is State.HELD or row.place != item.destination:
        raise DispatchStopped


_WAITING = frozenset({State.QUEUED, State.CLAIMED, State.HELD, State.ESCALATED})


@dataclass(frozen=True, slots=True)
class FamilyStatementIn:
    """A family withdraws letters or collects replies, its signature already verified with its mailbox's key."""

    note: bytes
    digest: str
    statement: Statement
    mailbox: str

    @property
    def key(self) -> str:
        """The statement's SHA-256."""
        return self.digest

    @property
    def request(self) -> str:
        """The statement's SHA-256."""
        return self.digest

    def needs(self) -> Needs:
        """Name the items."""
        return Needs(items=tuple(subject.item for subject in self.statement.subjects))

    def apply(self, draft: Draft) -> Answer:
        """Do it to all subjects, or to none."""
        note_document(draft, self.digest, self.note)
        moves = []
        for position, subject in enumerate(self.statement.subjects):
            item = draft.find_item(subject.item)
            if item is None or item.mailbox != self.mailbox:
                raise NotYours
            index = draft.index
            moves.append((index, draft.record(item, ActByFamily(self.statement, self.digest, position))))
        return lambda settled: encode_moves(settled, moves)


def note_document(draft: Draft, digest: str, note: bytes) -> None:
    """Keep a statement as evidence, by its digest."""
    draft.changes.documents.append((digest, "statement", note))


def encode_moves(settled: Settled, moves: Iterable[tuple[int, Decision]]) -> bytes:
    """Answer a statement: where each of its events stands in the log, and the event itself."""
    items = [{"item": move.item.id, "index": index, "event": move.event_json} for index, move in moves]
    return encode_json({"v": 1, "size": settled.checkpoint.size, "items": items}).encode()


def before_signer(item: Item, draft: Draft) -> str | None:
    """Return the key of the family that a reply becomes ready for."""
    if item.mailbox is None:
        raise WrongDestination("the reply has not been matched to a mailbox yet")
    return draft.mailbox_signer(item.mailbox)


def _lease_end(draft: Draft) -> str:
    return format_time(parse_time(draft.at) + timedelta(seconds=draft.rules.claim_seconds))


def _documents_of(statement: Statement) -> Sequence[str]:
    named: list[str] = []
    for key in _DOCUMENT_KINDS:
        value = statement.fields.get(key)
        named.extend(digest for digest in (value if isinstance(value, tuple) else (value,)) if digest is not None)
    return named
