"""
A reviewer at work: takes a detainee's letters, reads them, and passes, returns or withholds them under a signature.

What is signed is what was read: statements name events whose bytes this client has hashed, and places come from the
sealed register, not from the relay. The heavy parts are in `opening.py` and `resealing.py`, without a network.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from keys.errors import Refused
from keys.sealed import parse_line
from relay.client.answers import Move, PartSize, Row, integer_of, objects_of, read_rows, text_of, texts_of
from relay.client.contacts import Contact
from relay.client.opening import OpenedBatch, OpenedItem, Unreadable, open_item, open_items
from relay.client.passing import NO_EDITS, Edits, Prepared, prepare_pass, prepare_replies
from relay.client.register import Register, read_register
from relay.client.resealing import leg_to_place, leg_to_review, seal_note
from relay.client.staff import StaffSession, after
from relay.client.trustbook import DocumentRolledBack
from relay.domain.states import Kind

STATEMENTS: Final = "/review/statements"
#: By the agreement; the relay may allow fewer.
CLAIM_LIMIT: Final = 20

#: What can be answered by: something read, something that could not be read, or a bare row.
Answerable = OpenedItem | Unreadable | Row


class AuthorUnproven(Refused):
    """A letter among these is forged or unsigned, or its contact is not believed."""

    code = "author_unproven"
    cure = "Return it, or pass it knowingly: say that it shall go on although nobody has proved who wrote it."


class AddresseeDiffers(Refused):
    """The relay says that this letter is for another person than the number on it, whom the register has too."""

    code = "addressee_differs"
    cure = "Read whom the letter is for; if it was matched to that person by mistake or by fraud, return it."


class NoEarlierLetter(Refused):
    """The relay has kept no part of this item that this desk could open."""

    code = "no_earlier_letter"
    cure = "Return the item to its family, which may write again."


class WasBlockedOut(Refused):
    """This letter was passed with words blocked out or pictures left out, and would be sent on whole now."""

    code = "was_blocked_out"
    cure = "Block out the same again with --cut and --leave-out, or say that it shall go whole."


@dataclass(frozen=True, slots=True)
class Line:
    """
    One detainee with letters to claim: how many, and since when the oldest has waited.

    Attributes:
        hints: Languages that colleagues asked for when they released some of them.
    """

    detainee: str
    items: int
    since: str
    hints: tuple[str, ...] = ()


class Reviewer:
    """A reviewer, or a senior one, at one review desk."""

    def __init__(self, session: StaffSession, desk: str) -> None:
        """
        Take the session, signed in and with its desk keys opened.

        Raises:
            NoDeskKey: The desk's key is not sealed to this member.
        """
        self.session: Final = session
        self.desk: Final = desk
        self._keys = session.desk_keys(desk)
        self._register: Register | None = None
        #: What was renewed here, by mailbox: an item opened before that still has the contact of then.
        self._renewed: dict[str, Contact] = {}

    # ---------------------------------------------------------------- finding work

    async def lines(self, *, limit: int = 100) -> list[Line]:
        """List whose letters wait, the oldest first."""
        members = await self.session.get("/review/lines", desk=self.desk, limit=str(limit))
        return [
            Line(text_of(one, "detainee"), integer_of(one, "items"), text_of(one, "since"), texts_of(one, "hints"))
            for one in objects_of(members, "lines")
        ]

    async def offers(self, detainee: str, *, limit: int = CLAIM_LIMIT) -> list[Row]:
        """List what can be claimed now of one detainee, in the order of its lines."""
        members = {"desk": self.desk, "detainee": detainee, "limit": limit}
        answer = await self.session.connection.post_json("/review/offers", members, bearer=self.session.bearer)
        return read_rows(answer.json())

    async def claim(self, rows: Sequence[Row]) -> list[Row]:
        """Claim items for half an hour; the rows come back as they stand then."""
        subjects = [row.subject() for row in rows]
        return after(rows, await self.session.submit(STATEMENTS, "claim", subjects, desk=self.desk))

    async def claimed(self) -> list[Row]:
        """List what this reviewer has claimed."""
        return await self.session.rows("/review/claimed", desk=self.desk)

    async def contested(self) -> list[Row]:
        """List what waits for a second person."""
        return await self.session.rows("/review/contested", desk=self.desk)

    async def passed(self) -> list[Row]:
        """List what was passed and can still be redirected: unpacked, missing or undeliverable."""
        return await self.session.rows("/review/passed", desk=self.desk, limit="500")

    async def register(self, *, fresh: bool = False) -> Register:
        """Read the register, once; `fresh` reads it again."""
        if self._register is None or fresh:
            self._register = await read_register(self.session, self.desk)
        return self._register

    # ---------------------------------------------------------------- reading

    async def open(self, rows: Sequence[Row]) -> OpenedBatch:
        """
        Fetch and open items with their enclosures and contacts, and judge who wrote them.

        Raises:
            PartsDiffer, ProblemAnswered: The relay gave something else, or refused.
            DocumentRolledBack: The relay gave a contact older than one seen before.
        """
        files = await self.session.fetch(_files_of(rows))
        batch = open_items(rows, files, self._keys, self.session.trustbook.signers)
        book = self.session.trustbook
        for opened in batch.letters:
            if opened.contact is not None:
                book.check_document(opened.contact.mailbox, opened.contact.version)
        book.save()
        return replace(batch, letters=tuple(map(self._with_contact_missed, batch.letters)))

    async def as_read(self, rows: Sequence[Row]) -> list[Answerable]:
        """Open items that were passed, as this desk read them; of one whose part is not kept any more the bare row."""
        found: list[Answerable] = []
        for row in rows:
            try:
                found.append((await self._earlier(row))[0])
            except NoEarlierLetter:
                found.append(row)
        return found

    # ---------------------------------------------------------------- deciding

    async def pass_(
        self,
        items: Sequence[OpenedItem],
        *,
        place: str | None = None,
        edits: Edits = NO_EDITS,
        reasons: Sequence[str] = (),
        although_unproven: bool = False,
    ) -> list[Row]:
        """
        Pass items on: letters to where the register has their addressees, replies to their families.

        One statement for each place, and one for all families.

        Args:
            items: As opened.
            place: For all of them: a facility, or for replies a bureau; None asks register and contact.
            edits: What was blocked out or left out, by item.
            reasons: Codes for the custody record; those of the excisions are added.
            although_unproven: Pass what nobody has proved to be its author's, too.

        Returns:
            The rows as they stand then, in the order of `items`.

        Raises:
            AuthorUnproven: One is, and `although_unproven` is not set.
            AddresseeDiffers: One names another person of the register than the relay does, and it is not set.
            NumberUnknown, NoPlace, NoAddress: There is nowhere to pass one to.
            ProblemAnswered: The relay refused a statement; those sent before it stand.
        """
        if not although_unproven:
            await self._require_proven(items)
        groups: dict[str | None, list[OpenedItem]] = {}
        for item in items:
            groups.setdefault(place or await self._place_for(item), []).append(item)
        moved: dict[str, Row] = {}
        for where, group in groups.items():
            if where is None:
                prepared = self.prepare_replies(group, edits=edits, reasons=reasons)
            else:
                prepared = self.prepare_pass(group, where, edits=edits, reasons=reasons)
            rows = after([item.row for item in group], await self.send(prepared))
            moved |= {row.item: row for row in rows}
        return [moved[item.item] for item in items]

    async def forward(
        self, items: Sequence[OpenedItem], desk: str, *, edits: Edits = NO_EDITS, although_unproven: bool = False
    ) -> list[Row]:
        """
        Pass items to the next review desk of their route.

        That desk sees who forwarded them, and not the family's signature; so what is unproven here is not forwarded
        unawares either. Raises as `pass_`.
        """
        if not although_unproven:
            await self._require_proven(items)
        leg = leg_to_review(self.session.directory, desk)
        prepared = prepare_pass(self.session, self.desk, self._as_renewed(items), leg, edits=edits)
        return after([item.row for item in items], await self.send(prepared))

    def prepare_pass(
        self,
        items: Sequence[OpenedItem],
        place: str,
        *,
        edits: Edits = NO_EDITS,
        reasons: Sequence[str] = (),
        kind: str = "pass",
    ) -> Prepared:
        """Seal items on to one place, without sending them; see `relay.client.passing.prepare_pass`."""
        leg = leg_to_place(self.session.directory, place, review_desk=self.desk)
        prepared = prepare_pass(self.session, self.desk, self._as_renewed(items), leg, edits=edits, reasons=reasons)
        return replace(prepared, kind=kind)

    def prepare_replies(
        self, items: Sequence[OpenedItem], *, edits: Edits = NO_EDITS, reasons: Sequence[str] = ()
    ) -> Prepared:
        """Seal replies on to their families, without sending them; see `relay.client.passing.prepare_replies`."""
        return prepare_replies(self.session, self._as_renewed(items), edits=edits, reasons=reasons)

    async def send(self, prepared: Prepared) -> list[Move]:
        """Upload what was sealed, sign the statement and send it; raises as `StaffSession.submit`."""
        await self.session.upload(prepared.files)
        moves = await self.session.submit(STATEMENTS, prepared.kind, prepared.subjects, **prepared.fields)
        self._renewed |= {contact.mailbox: contact for contact in prepared.contacts}
        return moves

    async def return_(
        self, items: Sequence[Answerable], *, reasons: Sequence[str], note: str | None = None
    ) -> list[Row]:
        """Return items to their families, with a note that only the family can open; raises as `_answer`."""
        return await self._answer("return", items, reasons, note)

    async def propose_withhold(self, items: Sequence[Answerable], *, reasons: Sequence[str]) -> list[Row]:
        """Propose to withhold items; another person decides."""
        return await self._answer("propose_withhold", items, reasons, None)

    async def confirm(
        self, items: Sequence[Answerable], *, reasons: Sequence[str] = (), note: str | None = None
    ) -> list[Row]:
        """Confirm that items are withheld, as a second person, with a note that only the family can open."""
        return await self._answer("confirm", items, reasons, note)

    async def overturn(self, items: Sequence[Answerable], *, reasons: Sequence[str] = ()) -> list[Row]:
        """Overturn a proposal to withhold, as a second person: the items go back to the front of their lines."""
        return await self._answer("overturn", items, reasons, None)

    async def escalate(self, items: Sequence[Answerable], *, reasons: Sequence[str] = ()) -> list[Row]:
        """Leave items to a senior reviewer."""
        return await self._answer("escalate", items, reasons, None)

    async def release(self, items: Sequence[Answerable], *, hint: str | None = None) -> list[Row]:
        """Put items back into their lines, with the language that the next reviewer should read."""
        return await self._move("release", [_row_of(item) for item in items], hint=hint)

    async def match(self, items: Sequence[Answerable], number: str) -> list[Row]:
        """Say who is meant by letters whose number was unknown."""
        return await self._move("match", [_row_of(item) for item in items], number=number)

    async def redirect(
        self,
        rows: Sequence[Row],
        *,
        place: str | None = None,
        edits: Edits = NO_EDITS,
        reasons: Sequence[str] = (),
        although_unproven: bool = False,
        although_whole: bool = False,
    ) -> list[Row]:
        """
        Send items elsewhere that were passed, went missing or could not be delivered.

        What is sealed on is the letter as this desk read it, with everything in it that was taken out when it passed.

        Args:
            rows: As listed by `passed`.
            place: Where to; None asks the register.
            edits: What is blocked out or left out, by item: all of it, and not only what is new.
            reasons: Codes for the custody record; those of the excisions are added.
            although_unproven: Send on what nobody has proved to be its author's, too.
            although_whole: Send on whole what was not passed whole.

        Raises:
            NoEarlierLetter: No part that this desk could open is kept any more.
            AuthorUnproven, AddresseeDiffers: What the relay gave as the earlier part is not to be sealed on.
            WasBlockedOut: One was passed under some reason, nothing is taken out of it now, and `although_whole` is not
                set.
        """
        moved: list[Row] = []
        for row in rows:
            earlier, passed_under = await self._earlier(row)
            if not although_unproven:
                await self._require_proven([earlier])
            if passed_under and row.item not in edits and not although_whole:
                raise WasBlockedOut
            where = place or (await self.register()).place_of(row.detainee)
            prepared = self.prepare_pass([earlier], where, edits=edits, reasons=reasons, kind="redirect")
            moved += after([row], await self.send(prepared))
        return moved

    async def recall(
        self, rows: Sequence[Row], *, mailbox: str | None = None, reasons: Sequence[str] = ()
    ) -> list[Row]:
        """
        Take replies back that nobody can collect, to be read and sealed anew.

        Args:
            rows: As listed by `relay.client.mailboxes.ready`.
            mailbox: That of the family's new code, from a contact; None leaves them where they were.
            reasons: Codes for the custody record.

        Raises:
            NoEarlierLetter: The part that was read is not kept any more.
        """
        earlier = [(await self._earlier_part(row))[0] for row in rows]
        subjects = [row.subject(part_zero=part) for row, part in zip(rows, earlier, strict=True)]
        fields = {"reasons": tuple(reasons) or None, "mailbox": mailbox}
        return after(rows, await self.session.submit(STATEMENTS, "recall", subjects, **fields))

    # ---------------------------------------------------------------- within

    def _with_contact_missed(self, opened: OpenedItem) -> OpenedItem:
        """Say so if the relay hides a contact: without it, anybody's letter would look like the mailbox's first."""
        hidden = opened.contact is None and self.session.trustbook.has_seen(opened.row.mailbox or "")
        if not hidden or opened.contact_refused is not None:
            return opened
        return replace(opened, contact_refused=DocumentRolledBack.code)

    def _as_renewed(self, items: Sequence[OpenedItem]) -> list[OpenedItem]:
        """Give items the contacts that were renewed since they were opened, so that no renewal undoes another."""
        return [self._with_newest(item) for item in items]

    def _with_newest(self, item: OpenedItem) -> OpenedItem:
        known = self._renewed.get(item.row.mailbox or "")
        if known is None or (item.contact is not None and item.contact.version >= known.version):
            return item
        return replace(item, contact=known)

    async def _require_proven(self, items: Sequence[OpenedItem]) -> None:
        """Require that every item is its author's, and for whom its author wrote it."""
        if not all(item.proven for item in items):
            raise AuthorUnproven
        typed = {item.readdressed for item in items} - {None}
        if typed and not typed.isdisjoint((await self.register()).records):
            raise AddresseeDiffers

    async def _place_for(self, item: OpenedItem) -> str | None:
        """Say where the register sends a letter; a reply goes to its family."""
        if item.row.kind is Kind.REPLY:
            return None
        return (await self.register()).place_of(item.row.detainee)

    async def _answer(
        self, kind: str, items: Sequence[Answerable], reasons: Sequence[str], note: str | None
    ) -> list[Row]:
        """
        Move items under a statement that may carry a sealed note for each family.

        Raises:
            NoAddress: A note was given, and one of the items says nobody to seal it to.
        """
        rows = [_row_of(item) for item in items]
        notes = [self._note(note, item) for item in items] if note is not None else []
        digests = await self.session.upload(notes)
        fields: dict[str, Any] = {"reasons": tuple(reasons) or None}
        if digests:
            fields["note"] = tuple(digests)
        return await self._move(kind, rows, **fields)

    def _note(self, text: str, item: Answerable) -> bytes:
        reply_to = item.reply_to if isinstance(item, OpenedItem) else None
        session = self.session
        return seal_note(
            text,
            _row_of(item).item,
            reply_to,
            relay=session.root.relay,
            directory=session.directory,
            by=session.sealer,
        )

    async def _move(self, kind: str, rows: Sequence[Row], **fields: Any) -> list[Row]:
        subjects = [row.subject() for row in rows]
        return after(rows, await self.session.submit(STATEMENTS, kind, subjects, **fields))

    async def _earlier(self, row: Row) -> tuple[OpenedItem, tuple[str, ...]]:
        """Open an item as this desk read it before it was passed; with the reasons under which it was passed."""
        digest, passed_under = await self._earlier_part(row)
        part = PartSize(digest)
        wanted = [part, *row.parts[1:], *([PartSize(row.contact)] if row.contact else [])]
        files = await self.session.fetch(wanted)
        # The row's own part 0 is sealed to where the item was passed; the earlier one stands in for it.
        files[row.digests[0]] = files[part.digest]
        return open_item(row, files, self._keys, self.session.trustbook.signers), passed_under

    async def _earlier_part(self, row: Row) -> tuple[str, tuple[str, ...]]:
        """Name the part 0 of an item that was last sealed to this desk for reading; with its reasons."""
        members = await self.session.get(f"/review/items/{row.item}/parts")
        found = [
            text_of(one, "digest")
            for one in objects_of(members, "parts")
            if _is_for(text_of(one, "line"), row.item, self.desk)
        ]
        if not found:
            raise NoEarlierLetter
        return found[-1], texts_of(members, "reasons")


def _is_for(first_line: str, item: str, desk: str) -> bool:
    line = parse_line(first_line.encode())
    to_desk = any(name.partition("/")[0] == desk for name in line.to)
    return line.item == item and line.hop.endswith(">review") and to_desk


def _row_of(item: Answerable) -> Row:
    return item if isinstance(item, Row) else item.row


def _files_of(rows: Iterable[Row]) -> Iterable[PartSize]:
    for row in rows:
        yield from row.parts
        if row.contact is not None:
            yield PartSize(row.contact)
