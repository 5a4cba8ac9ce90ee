"""
What a family does with its receipt code: write, see where its letters are, read a reply, withdraw a letter.

Everything is sealed and signed on this machine. The relay is believed in nothing: a letter counts as accepted only when
the receipt for exactly these bytes has been verified under the log keys of the pinned trust.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import altcha

from keys.codes import FamilyKeys, family_keys, family_name
from keys.errors import EvidenceBroken, Refused
from keys.notes import Signer
from keys.sealed import OpenedDocument, OpenedLetter, open_document, open_letter, part_digest
from keys.statements import Statement, Subject, sign_statement
from relay.client.answers import MailboxItem, Move, read_family_moves, read_mailbox
from relay.client.authors import READERS, Authenticity, judge_staff_letter, require_document
from relay.client.faults import AnswerMalformed, ProblemAnswered
from relay.client.logreader import LogReader
from relay.client.sealing import Draft, Enclosure, Letter, seal_family_letter
from relay.client.transport import NOTE, SEALED, Connection
from relay.client.trustbook import TrustBook
from relay.custody.entry import CustodyEntry, commitment, parse_entry, tag
from relay.custody.proof import VerifiedReceipt, verify_receipt
from relay.domain.events import parse_event

SIGNER_HEADER: Final = "Letter-Relay-Signer"
WORK_HEADER: Final = "Letter-Relay-Work"
#: What the relay answers if a letter needs a fresh proof of work.
_WORK_WANTED: Final = frozenset({"work_missing", "work_expired", "work_wrong", "work_spent"})
_SOLVE_SECONDS: Final = 120.0


class ReceiptDiffers(EvidenceBroken):
    """This receipt is not for the letter that was sent."""

    code = "receipt_differs"
    cure = "Keep the receipt and the letter, send the letter again, and show both to an auditor if it happens twice."


class StatusNotLogged(EvidenceBroken):
    """The log does not have the event that the relay has shown."""

    code = "status_not_logged"


class PartDiffers(Refused):
    """The relay gave another file than the one that was asked for."""

    code = "part_differs"
    cure = "Fetch it again; if it differs again, tell the operators."


class NothingToRead(Refused):
    """There is nothing to read here yet."""

    code = "nothing_to_read"
    cure = (
        "Look at the status again later; only replies that are ready, and notes that came with a letter, can be read."
    )


@dataclass(frozen=True, slots=True)
class Accepted:
    """
    A letter that the relay has verifiably taken in.

    Attributes:
        item: The letter's id.
        receipt: The receipt file, to be kept: a C2SP tlog-proof.
        verified: What it says.
    """

    item: str
    receipt: bytes
    verified: VerifiedReceipt


@dataclass(frozen=True, slots=True)
class ReadReply:
    """
    A reply as its family reads it.

    Attributes:
        letter: What was sealed to the family, translations and excisions included.
        authenticity: Whether a present reviewer signed it.
        enclosures: Those that were not left out.
    """

    item: MailboxItem
    letter: OpenedLetter
    authenticity: Authenticity
    enclosures: tuple[Enclosure, ...]


class Family:
    """One receipt code at one relay."""

    def __init__(self, connection: Connection, trustbook: TrustBook, code: str | FamilyKeys) -> None:
        """
        Take the code.

        Args:
            connection: To the relay.
            trustbook: Refreshed once at least, before anything is asked.
            code: The receipt code as typed; or what was derived from it, which takes 30 ms.
        """
        self._connection = connection
        self._trustbook = trustbook
        self._code = code

    @property
    def keys(self) -> FamilyKeys:
        """
        What the code opens; derived at first use, since it needs the relay's id from the trust.

        Raises:
            CodeMistyped: The check digits say that this is no code.
        """
        if isinstance(self._code, str):
            self._code = family_keys(self._code, bytes.fromhex(self._trustbook.relay))
        return self._code

    async def write(
        self,
        text: str,
        *,
        about: str,
        lang: str,
        enclosures: Sequence[Enclosure] = (),
        reply: bool = True,
        address: str | None = None,
    ) -> Accepted:
        """Seal a letter and send it; see `prepare` and `send`."""
        draft = self.prepare(text, about=about, lang=lang, enclosures=enclosures, reply=reply, address=address)
        return await self.send(draft)

    def prepare(
        self,
        text: str,
        *,
        about: str,
        lang: str,
        enclosures: Sequence[Enclosure] = (),
        reply: bool = True,
        address: str | None = None,
    ) -> Draft:
        """
        Seal a letter without sending it; keep the draft, and a lost network costs nothing.

        Args:
            text, about, lang, enclosures, reply, address: See `relay.client.sealing.Letter`.

        Raises:
            Refused, Malformed: As `relay.client.sealing.seal_family_letter`.
        """
        letter = Letter(text, about, lang, tuple(enclosures), reply, address)
        return seal_family_letter(self.keys, self._trustbook.directory, self._trustbook.relay, letter)

    async def send(self, draft: Draft) -> Accepted:
        """
        Send a sealed letter and verify the receipt for it; sending it again gives the same receipt.

        Raises:
            ReceiptDiffers: The receipt is for something else than these bytes.
            EvidenceBroken, Malformed, Refused: The receipt proves nothing (see `verify_receipt`), or the relay refused.
            Unreachable: Send the same draft again.
        """
        for digest, part in zip(draft.line.enclosures, draft.parts[1:], strict=True):
            await self._put(f"/family/parts/{digest}", part)
        receipt = await self._put_letter(draft)
        return Accepted(draft.item, receipt, self._verified_for(draft, receipt))

    async def status(self) -> list[MailboxItem]:
        """
        Show everything in the mailbox: where each letter is, and which replies are ready.

        The events are required to be links of one chain; `prove` looks them up in the log.

        Raises:
            RowDiffers: They are not.
        """
        answer = await self._connection.get("/family/mailbox", bearer=self._bearer)
        return read_mailbox(answer.json())

    async def receipt(self, item: str) -> bytes:
        """Fetch the receipt of a letter again, as it was given when the letter was accepted."""
        return (await self._connection.get(f"/family/receipts/{item}", bearer=self._bearer)).body

    def verify(self, receipt: bytes) -> VerifiedReceipt:
        """
        Verify a receipt file against the pinned trust, without asking anybody.

        Raises:
            ProofMalformed, ReceiptMalformed, NotCanonical: It is not a receipt.
            NoteUnsigned, SignatureInvalid, OriginDiffers, InclusionInvalid: It proves nothing.
        """
        trust = self._trustbook.trust
        return verify_receipt(receipt, trust.log_vkeys, origin=trust.origin)

    async def prove(self, items: Iterable[MailboxItem]) -> int:
        """
        Look every event that was shown up in the public log.

        Returns:
            How many events were found there; those above the published size wait for the next checkpoint.

        Raises:
            StatusNotLogged: The log has another entry where the relay says the event stands.
            InclusionInvalid, ConsistencyInvalid, TrustNotLogged: The log itself does not hold.
        """
        checkpoint = await self._trustbook.verified_trust(self._connection)
        log = LogReader(self._connection, self._trustbook.trust)
        proved = 0
        for item in items:
            for opening in item.openings:
                if opening.index >= checkpoint.size:
                    continue
                entry = await log.entry(opening.index, checkpoint)
                _check_logged(entry, item, opening.nonce, opening.event_json)
                proved += 1
        return proved

    async def read(self, item: MailboxItem) -> ReadReply:
        """
        Fetch and open a reply; `collect` then says so, in a call of its own.

        Raises:
            NothingToRead: It is no reply, or not ready.
            PartDiffers, Malformed: The relay gave another file, or a damaged one.
            WrongKey: It is sealed to another code.
        """
        if not item.parts or item.kind != "reply":
            raise NothingToRead
        parts = [await self._fetch(part.digest) for part in item.parts]
        letter = open_letter(parts[0], [self.keys.identity])
        line = letter.line
        if (line.item, line.kind, line.hop, line.re) != (item.item, "reply", "review>family", item.re):
            raise PartDiffers("the reply's first line names another item, or it was not sealed to a family")
        if line.enclosures != tuple(part.digest for part in item.parts[1:]):
            raise PartDiffers("the reply's first line names other enclosures")
        authenticity = judge_staff_letter(letter, self._trustbook.signers, READERS)
        return ReadReply(item, letter, authenticity, open_enclosures(letter, parts[1:]))

    async def read_note(self, item: MailboxItem) -> str:
        """
        Fetch and open the note that came with a letter that was returned or withheld.

        Raises:
            NothingToRead: There is none.
            DocumentNotAuthentic: No present reviewer signed it.
            PartDiffers, Malformed, WrongKey: As `read`.
        """
        if item.note is None:
            raise NothingToRead
        document = open_document(await self._fetch(item.note), [self.keys.identity])
        if (document.line.kind, document.line.item) != ("note", item.item):
            raise PartDiffers("the note is about another item")
        require_document(document, self._trustbook.signers, READERS)
        return _text_of(document)

    async def collect(self, items: Sequence[MailboxItem]) -> list[Move]:
        """Say, signed, that these replies have been read; the relay may then delete them in time."""
        return await self._submit("collected", items)

    async def withdraw(self, items: Sequence[MailboxItem]) -> list[Move]:
        """Take letters back, signed; possible for as long as they are shown as accepted."""
        return await self._submit("withdraw", items)

    async def _submit(self, kind: str, items: Sequence[MailboxItem]) -> list[Move]:
        subjects = tuple(item.subject for item in items)
        note = self.sign(kind, subjects)
        answer = await self._connection.send("POST", "/family/statements", note, media_type=NOTE, bearer=self._bearer)
        return read_family_moves(answer.json(), subjects)

    def sign(self, kind: str, subjects: tuple[Subject, ...]) -> bytes:
        """Sign a family's statement over items as it was shown them."""
        relay = self._trustbook.relay
        statement = Statement(kind, relay, None, self._trustbook.clock(), subjects)
        return sign_statement(statement, Signer.named(family_name(relay), self.keys.signer))

    @property
    def _bearer(self) -> str:
        return self.keys.locator.hex()

    async def _fetch(self, digest: str) -> bytes:
        data = (await self._connection.get(f"/family/parts/{digest}", bearer=self._bearer)).body
        if part_digest(data) != digest:
            raise PartDiffers
        return data

    async def _put(self, path: str, body: bytes, headers: dict[str, str] | None = None) -> bytes:
        answer = await self._connection.send("PUT", path, body, media_type=SEALED, bearer=self._bearer, headers=headers)
        return answer.body

    async def _put_letter(self, draft: Draft) -> bytes:
        """Send part 0; a relay that wants a proof of work is given one, once."""
        path, headers = f"/family/letters/{draft.item}", {SIGNER_HEADER: self.keys.vkey.hex()}
        try:
            return await self._put(path, draft.parts[0], headers)
        except ProblemAnswered as problem:
            if problem.code not in _WORK_WANTED:
                raise
        headers[WORK_HEADER] = await solve_work(self._connection)
        return await self._put(path, draft.parts[0], headers)

    def _verified_for(self, draft: Draft, receipt: bytes) -> VerifiedReceipt:
        verified = self.verify(receipt)
        event = parse_event(verified.receipt.event)
        if (event.item, event.seq, event.event, event.parts) != (draft.item, 0, "accepted", draft.digests):
            raise ReceiptDiffers("11.3", "the receipt tells of another item, of other parts, or of another event")
        return verified


def open_enclosures(letter: OpenedLetter, sealed: Sequence[bytes]) -> tuple[Enclosure, ...]:
    """
    Open the enclosures of a letter, but for those that were left out.

    Args:
        letter: As opened.
        sealed: All its enclosures, in order.

    Raises:
        EnclosureMalformed: One is another than the letter names, or is not as described.
    """
    return tuple(
        Enclosure(key.name, key.type, letter.open_enclosure(part, data))
        for part, (key, data) in enumerate(zip(letter.manifest.enclosures, sealed, strict=True), start=1)
        if key.seed is not None
    )


async def solve_work(connection: Connection) -> str:
    """
    Fetch a challenge and solve it, which takes a fraction of a second.

    Returns:
        What goes into the header of a letter.

    Raises:
        AnswerMalformed: The challenge is none, or cannot be solved in two minutes.
    """
    members = (await connection.get("/work")).json()
    return await asyncio.to_thread(_solved, lambda: altcha.Challenge.from_dict(members))


def _solved(read: Callable[[], altcha.Challenge]) -> str:
    try:
        challenge = read()
        solution = altcha.solve_challenge(challenge, timeout=_SOLVE_SECONDS)
    except (KeyError, TypeError, ValueError):
        raise AnswerMalformed("the challenge for a proof of work is none that this client knows") from None
    if solution is None:
        raise AnswerMalformed("the challenge for a proof of work takes more than two minutes")
    return altcha.Payload(challenge, solution).to_base64()


def _check_logged(entry: bytes, item: MailboxItem, nonce: bytes, event_json: str) -> None:
    """Require that an entry commits to the event, and, once the tag key is known, that it is tagged for this item."""
    seen = parse_entry(entry)
    event = parse_event(event_json)
    holds = isinstance(seen, CustodyEntry) and seen.commitment == commitment(nonce, event_json.encode())
    tagged = item.tag_key is None or (isinstance(seen, CustodyEntry) and seen.tag == tag(item.tag_key, event.seq))
    if not holds or not tagged:
        raise StatusNotLogged("6.4", "the log has another entry where the event should stand", item=item.item)


def _text_of(document: OpenedDocument) -> str:
    try:
        return document.content.decode()
    except UnicodeDecodeError:
        raise PartDiffers("the note is no text") from None
