"""
An officer at work in a place of detention or a bureau: receives bags, prints letters, hands them over, sends replies.

For a place without computers the mediator's dispatcher does the same with the review desk's key, and every step carries
the scan of a signed sheet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from keys.statements import Remark, Subject
from relay.client.answers import Move, Row, objects_of, read_rows, text_of
from relay.client.opening import TO_PLACES, OpenedBatch, open_items
from relay.client.sealing import Draft, Enclosure, Reply, seal_reply
from relay.client.staff import StaffSession, after
from relay.domain.states import State

STATEMENTS: Final = "/facility/statements"
REPLIES: Final = "/facility/replies"
#: What a detainee's own letter answers.
NEW: Final = "new"


@dataclass(frozen=True, slots=True)
class ArrivingBag:
    """A bag on its way, with what it should hold; what went missing before is listed still."""

    bag: str
    rows: tuple[Row, ...]


class Officer:
    """Whoever acts for one place of detention or bureau."""

    def __init__(self, session: StaffSession, desk: str) -> None:
        """
        Take the session, signed in and with its desk keys opened.

        Args:
            session: An officer's; for a keyless desk, a dispatcher's.
            desk: The place's id.

        Raises:
            NoDeskKey: The key that opens what goes there is not sealed to this member.
            UnknownDesk: The directory has no such place.
        """
        self.session: Final = session
        self.desk: Final = desk
        self.place: Final = session.directory.desk(desk)
        self._keys = session.desk_keys(session.directory.intake if self.place.keyless else desk)

    async def bags(self) -> list[ArrivingBag]:
        """List the bags on their way here."""
        members = await self.session.get("/facility/bags", desk=self.desk)
        return [ArrivingBag(text_of(one, "bag"), tuple(read_rows(one))) for one in objects_of(members, "bags")]

    async def items(self) -> list[Row]:
        """List what has been received and not handed over."""
        return await self.session.rows("/facility/items", desk=self.desk)

    async def receive(
        self,
        bag: ArrivingBag,
        *,
        remarks: Mapping[str, str] | None = None,
        missing: Sequence[str] = (),
        reasons: Sequence[str] = (),
        paper: str | None = None,
    ) -> list[Row]:
        """
        Accept a bag, item by item, and say what is not in it.

        Args:
            bag: As listed.
            remarks: What an item arrived with, as a code, such as ``DAMAGED``, by item.
            missing: The ids of items that are not in the bag.
            reasons: Codes about what is missing.
            paper: The digest of a scan of the signed sheet; keyless places need it.

        Returns:
            The items received, as they stand then.
        """
        expected = [row for row in bag.rows if row.state is State.BAGGED]
        absent = [row for row in expected if row.item in set(missing)]
        present = [row for row in expected if row.item not in set(missing)]
        if absent:
            fields = {"bag": bag.bag, "reasons": tuple(reasons) or None}
            await self.session.submit(STATEMENTS, "missing", _subjects(absent), **fields)
        if not present:
            return []
        return await self._move("receive", present, bag=bag.bag, paper=paper, remarks=_remarks(remarks))

    async def find(
        self, bag: str, rows: Sequence[Row], *, reasons: Sequence[str] = (), paper: str | None = None
    ) -> list[Row]:
        """Say that items of a bag which were missing have been found."""
        return await self._move("find", rows, bag=bag, reasons=tuple(reasons) or None, paper=paper)

    async def open(self, rows: Sequence[Row]) -> OpenedBatch:
        """
        Fetch and open letters with their enclosures, to be printed.

        Each says whether a present reviewer signed it; print nothing that nobody has proved.

        Raises:
            PartsDiffer, ProblemAnswered: The relay gave something else, or refused.
        """
        files = await self.session.fetch(part for row in rows for part in row.parts)
        return open_items(rows, files, self._keys, self.session.trustbook.signers, legs=TO_PLACES)

    async def deliver(
        self, rows: Sequence[Row], *, paper: str | None = None, remarks: Mapping[str, str] | None = None
    ) -> list[Row]:
        """Say that letters were handed over, with the scan of the sheet that the addressees signed."""
        return await self._move("deliver", rows, paper=paper, remarks=_remarks(remarks))

    async def refuse(self, rows: Sequence[Row], *, reasons: Sequence[str] = (), paper: str | None = None) -> list[Row]:
        """Say that the addressees refused letters."""
        return await self._move("refuse", rows, reasons=tuple(reasons) or None, paper=paper)

    async def fail(self, rows: Sequence[Row], *, reasons: Sequence[str], paper: str | None = None) -> list[Row]:
        """Say that letters could not be handed over, and why, such as ``TRANSFERRED``."""
        return await self._move("fail", rows, reasons=tuple(reasons) or None, paper=paper)

    async def upload_scan(self, image: bytes) -> str:
        """
        Seal the scan of a signed sheet to the review desk, upload it, and return its digest: a statement's `paper`.

        Args:
            image: At most 4 MiB.
        """
        session = self.session
        sealed = session.seal_document("scan", image, desk=session.directory.intake)
        (digest,) = await session.upload([sealed])
        return digest

    def prepare_reply(
        self,
        text: str,
        *,
        about: str,
        re: str = NEW,
        lang: str,
        enclosures: Sequence[Enclosure] = (),
        address: str | None = None,
        note: str | None = None,
    ) -> Draft:
        """
        Seal what a detainee has written, without sending it; the draft may wait until there is a network.

        Args:
            text, about, re, lang, enclosures, address, note: See `relay.client.sealing.Reply`.

        Raises:
            Refused, Malformed: As `relay.client.sealing.seal_reply`.
        """
        reply = Reply(text, about, re, lang, tuple(enclosures), address, note)
        return seal_reply(self.session.root, self.session.directory, reply, bureau=self.place.kind == "bureau")

    async def send_replies(self, drafts: Sequence[Draft], *, paper: str | None = None) -> list[Move]:
        """
        Bring replies in, all under one signed statement.

        Args:
            drafts: As prepared.
            paper: The digest of a scan of the signed sheet; keyless places need it.

        Raises:
            ProblemAnswered: The relay refused; then none was taken in.
        """
        await self.session.upload(part for draft in drafts for part in draft.parts)
        subjects = [Subject(draft.item, None, draft.digests) for draft in drafts]
        return await self.session.submit(REPLIES, "reply-accept", subjects, paper=paper)

    async def reply(
        self,
        text: str,
        *,
        about: str,
        re: str = NEW,
        lang: str,
        enclosures: Sequence[Enclosure] = (),
        paper: str | None = None,
    ) -> Move:
        """Seal one reply and bring it in; see `prepare_reply` and `send_replies`."""
        draft = self.prepare_reply(text, about=about, re=re, lang=lang, enclosures=enclosures)
        (move,) = await self.send_replies([draft], paper=paper)
        return move

    async def _move(self, kind: str, rows: Sequence[Row], **fields: object) -> list[Row]:
        return after(rows, await self.session.submit(STATEMENTS, kind, _subjects(rows), **fields))


def _subjects(rows: Sequence[Row]) -> list[Subject]:
    return [row.subject() for row in rows]


def _remarks(remarks: Mapping[str, str] | None) -> tuple[Remark, ...] | None:
    return tuple(Remark(item=item, remark=remark) for item, remark in (remarks or {}).items()) or None
