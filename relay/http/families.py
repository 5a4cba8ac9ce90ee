"""What families call: send a sealed letter, see where it is, fetch a reply, withdraw. Nothing here takes plaintext."""

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from keys.canonical import encode_json
from keys.codes import family_name
from keys.errors import Malformed
from keys.ids import is_digest
from keys.notes import NoteMalformed, NoteUnsigned
from keys.sealed import UnknownPart as UnknownSealedFile
from keys.sealed import (
    check_letter,
    parse_document_line,
    part_digest,
)
from keys.statements import StatementMalformed, read_statement
from keys.vkeys import SignatureInvalid, Vkey
from relay.domain import in_force, refusals
from relay.domain.events import parse_detail, parse_event
from relay.domain.items import Item
from relay.domain.states import FAMILY_WORDS, FINAL, Kind, State
from relay.http.calls import Audience, Call, FamilyCaller, Strict
from relay.http.endpoints import Endpoint, Media, NotFound, Raw
from relay.http.faults import DiskFull
from relay.http.limits import WORK_HEADER, WorkExpired, WorkMissing, WorkWrong
from relay.http.services import NOTE, SEALED, DigestDiffers, Services, UnknownPart, WrongKind, checked_part
from relay.http.shapes import SEALED_FAULTS, DigestPath, ItemPath, PartSize
from relay.ledger.batch import DuplicateItem, MissingPart, UnknownItem
from relay.ledger.door import Conflict, Overloaded
from relay.ledger.letters import LetterIn, SignerDiffers, WorkSpent
from relay.ledger.statements import FamilyStatementIn, NotYours
from relay.storage.custody_log import Opening, load_answers, load_shown
from relay.storage.engine import StorageUnavailable
from relay.storage.items import load_items, mailbox_items
from relay.storage.parts import Part, load_mailbox, load_parts, sizes_of_parts, store_parts

_KINDS = frozenset({"withdraw", "collected"})
_OPEN_TO_FAMILY = frozenset({State.READY, State.COLLECTED})
_DOOR_FAULTS = (Conflict, Overloaded, StorageUnavailable, in_force.DirectoryOver)


class LetterHeaders(Strict):
    """What comes beside a sealed letter."""

    signer: Annotated[str, Field(alias="Letter-Relay-Signer", pattern="^[0-9a-f]{64}$")]
    work: Annotated[str | None, Field(alias=WORK_HEADER)] = None


class Opened(Strict):
    """The opening of one event: the log's entry at `index` commits to it under `nonce`."""

    index: int
    nonce: str
    event: str


class MailboxItem(Strict):
    """
    One of the family's items.

    `word` is what has happened to it; `event` is the last event the family is shown, verbatim, and a statement about
    the item names its SHA-256. `tag_key` is given once nothing more can happen.
    """

    item: str
    kind: Kind
    word: str
    day: str
    re: str | None = None
    event: str
    parts: list[PartSize]
    note: str | None = None
    openings: list[Opened]
    tag_key: str | None = None


class Mailbox(Strict):
    """Everything that a receipt code opens."""

    items: list[MailboxItem]


class Families:
    """The families' endpoints."""

    def __init__(self, services: Services) -> None:
        """Take what they work with."""
        self._services = services

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Describe them."""
        limits = self._services.limits
        return (
            Endpoint(
                method="GET",
                path="/work",
                name="work",
                summary="A challenge to solve before a letter is sent (ALTCHA v2)",
                audience=Audience.PUBLIC,
                handler=self.challenge,
                answer=Media("application/json"),
                errors=(NotFound,),
                rate="requests",
            ),
            Endpoint(
                method="PUT",
                path="/family/parts/{digest}",
                name="family_put_part",
                summary="Upload a sealed enclosure, before its letter",
                description="Sending the same file again is no error. Files left unused are swept after 48 hours.",
                audience=Audience.FAMILY,
                handler=self.put_part,
                path_model=DigestPath,
                body=Raw(SEALED, limits.sealed_bytes),
                ok=204,
                errors=(DigestDiffers, DiskFull, StorageUnavailable, in_force.WrongRelay, *SEALED_FAULTS),
                rate="accepts",
            ),
            Endpoint(
                method="PUT",
                path="/family/letters/{item}",
                name="family_put_letter",
                summary="Send a sealed letter and get its receipt",
                description=(
                    "The body is part 0; its first line names the enclosures. The receipt is a C2SP tlog-proof that "
                    "the letter stands in the log. The same bytes again get the same receipt."
                ),
                audience=Audience.FAMILY,
                handler=self.put_letter,
                path_model=ItemPath,
                headers_model=LetterHeaders,
                body=Raw(SEALED, limits.part0_bytes),
                answer=Media("text/plain; charset=utf-8"),
                errors=(
                    *SEALED_FAULTS,
                    *_DOOR_FAULTS,
                    UnknownItem,
                    DuplicateItem,
                    MissingPart,
                    SignerDiffers,
                    WorkMissing,
                    WorkExpired,
                    WorkWrong,
                    WorkSpent,
                    in_force.DirectoryUnknown,
                    in_force.WrongRelay,
                    refusals.EpochOver,
                    refusals.PartsDiffer,
                    refusals.WrongDestination,
                ),
                rate="accepts",
            ),
            Endpoint(
                method="GET",
                path="/family/receipts/{item}",
                name="family_receipt",
                summary="The receipt of a letter, as it was given",
                audience=Audience.FAMILY,
                handler=self.receipt,
                path_model=ItemPath,
                answer=Media("text/plain; charset=utf-8"),
                errors=(NotYours,),
                rate="requests",
            ),
            Endpoint(
                method="GET",
                path="/family/mailbox",
                name="family_mailbox",
                summary="Where each letter is, and the replies",
                description="A locator that has never sent anything gets an empty mailbox, like any other.",
                audience=Audience.FAMILY,
                handler=self.mailbox,
                answer=Mailbox,
                rate="requests",
            ),
            Endpoint(
                method="GET",
                path="/family/parts/{digest}",
                name="family_get_part",
                summary="A sealed file of a reply that is ready, or a note sealed to the family",
                audience=Audience.FAMILY,
                handler=self.get_part,
                path_model=DigestPath,
                answer=Media(SEALED),
                errors=(UnknownPart,),
                rate="requests",
            ),
            Endpoint(
                method="POST",
                path="/family/statements",
                name="family_statement",
                summary="Withdraw letters, or say that replies were collected",
                description="A statement signed with the family's key; `prev` is the SHA-256 of the last event shown.",
                audience=Audience.FAMILY,
                handler=self.statement,
                body=Raw(NOTE, 262_144),
                answer=Media("application/json"),
                errors=(
                    *_DOOR_FAULTS,
                    NoteMalformed,
                    NoteUnsigned,
                    StatementMalformed,
                    SignatureInvalid,
                    WrongKind,
                    NotYours,
                    refusals.IllegalMove,
                    refusals.MovedSince,
                    refusals.PartsDiffer,
                    in_force.WrongRelay,
                    Malformed,
                ),
                rate="requests",
            ),
        )

    async def challenge(self, _: Call) -> bytes:
        """Make a challenge, if letters have to carry work."""
        if self._services.work is None:
            raise NotFound
        return encode_json(self._services.work.issue(now=self._services.now)).encode()

    async def put_part(self, call: Call[FamilyCaller, bytes, None, DigestPath]) -> None:
        """Keep a sealed enclosure for a letter to come."""
        if not self._services.has_room():
            raise DiskFull
        part = checked_part(call.body, call.path.digest, relay=self._services.relay)
        if not part.line.startswith(_ENCLOSURE):
            raise UnknownSealedFile
        async with self._services.storage.write() as connection:
            await store_parts(connection, [part], at=self._services.at)

    async def put_letter(self, call: Call[FamilyCaller, bytes, None, ItemPath, LetterHeaders]) -> bytes:
        """Take a sealed letter to the door; the answer is its receipt."""
        services = self._services
        line = check_letter(call.body)
        if line.item != call.path.item:
            raise refusals.WrongDestination("the letter's first line names another item than the address")
        letter = LetterIn(
            sealed=call.body,
            digest=part_digest(call.body),
            line=line,
            line_text=call.body[: call.body.index(b"\n")].decode("ascii"),
            mailbox=call.caller.mailbox,
            signer=call.headers.signer,
            work=self._work_of(call.headers.work),
        )
        return await services.ledger.submit(letter)

    def _work_of(self, payload: str | None) -> tuple[str, int] | None:
        if self._services.work is None:
            return None
        work = self._services.work.verify(payload, now=self._services.now)
        return (work.nonce, work.expires_at)

    async def receipt(self, call: Call[FamilyCaller, None, None, ItemPath]) -> bytes:
        """Give a receipt again."""
        item = call.path.item
        async with self._services.storage.read() as connection:
            found = (await load_items(connection, [item])).get(item)
            answers = await load_answers(connection, [item])
        if found is None or found[0].mailbox != call.caller.mailbox or item not in answers:
            raise NotYours
        return answers[item][1]

    async def mailbox(self, call: Call[FamilyCaller]) -> Mailbox:
        """Show all that this family has sent, and all that has come for it."""
        async with self._services.storage.read() as connection:
            items = [item for item in await mailbox_items(connection, call.caller.mailbox) if _is_shown(item)]
            openings = await load_shown(connection, [item.id for item in items])
            keys = await load_items(connection, [item.id for item in items if item.state in FINAL])
            digests = {digest for item in items for digest in _fetchable(item)}
            sizes = await sizes_of_parts(connection, digests)
        tag_keys = {item: key for item, (_, key) in keys.items() if key is not None}
        by_item: dict[str, list[Opening]] = {}
        for opening in openings:
            by_item.setdefault(opening.item, []).append(opening)
        return Mailbox(
            items=[
                _mailbox_item(item, by_item[item.id], sizes, tag_keys.get(item.id))
                for item in items
                if item.id in by_item  # of an erased item nothing is left to show
            ]
        )

    async def get_part(self, call: Call[FamilyCaller, None, None, DigestPath]) -> bytes:
        """Give a sealed file that belongs to the family."""
        digest = call.path.digest
        async with self._services.storage.read() as connection:
            part = (await load_parts(connection, [digest])).get(digest)
            if part is None or part.item is None:
                raise UnknownPart
            found = (await load_items(connection, [part.item])).get(part.item)
            if found is None or found[0].mailbox != call.caller.mailbox or not _may_fetch(found[0], part):
                raise UnknownPart
        return part.sealed

    async def statement(self, call: Call[FamilyCaller, bytes]) -> bytes:
        """Take a family's statement to the door."""
        services = self._services
        unverified = read_statement(call.body)
        relay = services.relay
        if unverified.statement.kind not in _KINDS:
            raise WrongKind
        if unverified.statement.relay != relay:
            raise in_force.WrongRelay
        async with services.storage.read() as connection:
            signer = await load_mailbox(connection, call.caller.mailbox)
        if signer is None:
            raise NotYours
        vkey = Vkey.ed25519(family_name(relay), bytes.fromhex(signer))
        statement = unverified.verified_by(vkey)
        submission = FamilyStatementIn(call.body, part_digest(call.body), statement, call.caller.mailbox)
        return await services.ledger.submit(submission)


_ENCLOSURE = "letter-relay/enclosure/v1 "


def _is_shown(item: Item) -> bool:
    """Say whether a family is shown an item at all: a reply only once it has been read and passed."""
    return item.kind is not Kind.REPLY or item.state in (State.READY, State.COLLECTED, State.EXPIRED)


def _fetchable(item: Item) -> tuple[str, ...]:
    return item.parts if item.kind is Kind.REPLY and item.state in _OPEN_TO_FAMILY else ()


def _may_fetch(item: Item, part: Part) -> bool:
    """Say whether a family may have a file: a reply's that is ready, or a note that was sealed to it."""
    if part.digest in _fetchable(item):
        return True
    if not part.line.startswith("letter-relay/document/v1 "):
        return False
    line = parse_document_line(part.line.encode())
    return line.kind == "note" and line.to == ("family",) and item.state in (State.RETURNED, State.WITHHELD)


def _mailbox_item(item: Item, own: Sequence[Opening], sizes: dict[str, int], tag_key: bytes | None) -> MailboxItem:
    last = own[-1]
    return MailboxItem(
        item=item.id,
        kind=item.kind,
        word=FAMILY_WORDS[item.state],
        day=parse_event(last.event).day,
        re=item.re,
        event=last.event,
        parts=[PartSize(digest=digest, bytes=sizes[digest]) for digest in _fetchable(item) if digest in sizes],
        note=_note_of(last),
        openings=[Opened(index=one.log_index, nonce=one.event_nonce.hex(), event=one.event) for one in own],
        tag_key=None if tag_key is None else tag_key.hex(),
    )


def _note_of(last: Opening) -> str | None:
    """Return the digest of the note that came with a letter returned or withheld."""
    note = parse_detail(last.detail).get("note")
    return note if is_digest(note) else None
