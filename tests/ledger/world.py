"""A relay in a folder of its own, founded and opened by the real functions, and everybody who uses it."""

import hashlib
import os
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from keys.agefile import HybridRecipient
from keys.ids import format_time, new_id
from keys.notes import Signer, note_digest
from keys.sealed import (
    DocumentLine,
    EnclosureKey,
    EnclosureLine,
    FamilyAuthor,
    LetterLine,
    Manifest,
    StaffAuthor,
    check_part,
    encode_line,
    part_digest,
    seal_document,
    seal_enclosure,
    seal_letter,
)
from keys.statements import Statement, Subject, read_statement, sign_statement
from relay.custody.bagfile import manifest_digest
from relay.domain.items import Item
from relay.domain.register import Row, Status, encode_rows
from relay.ledger import highwater, logkey
from relay.ledger.authority import DirectoryIn, OfficeIn, TrustIn
from relay.ledger.batch import Rules, Submission
from relay.ledger.door import Capacity, Ledger
from relay.ledger.founding import Founded, found
from relay.ledger.highwater import HighWater
from relay.ledger.letters import LetterIn, RepliesIn
from relay.ledger.statements import FamilyStatementIn, StatementIn
from relay.storage.engine import Storage
from relay.storage.items import load_items
from relay.storage.parts import Part, store_parts
from tests.ledger.cast import BUREAU, CAMP, FARM, REVIEW, Cast, FamilyOf, a_cast, a_family, secret

#: Two of the held, at the camp and at the farm, and one whom the register does not know.
AT_CAMP, AT_FARM, NOWHERE = "123456789092", "234567890185", "345678901262"
REASON = ("SECURITY",)


class Clock:
    """A clock that stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = datetime(2026, 4, 1, 8, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Tell the time."""
        return self.now

    def advance(self, **of_timedelta: float) -> None:
        """Let time pass, as `timedelta` counts it."""
        self.now += timedelta(**of_timedelta)


@dataclass(slots=True)
class World:
    """One relay at work."""

    folder: Path
    storage: Storage
    ledger: Ledger
    founded: Founded
    cast: Cast
    clock: Clock
    random: Callable[[int], bytes] = os.urandom
    _families: dict[str, FamilyOf] = field(default_factory=dict)

    @property
    def relay(self) -> str:
        """The relay id."""
        return self.cast.relay

    async def submit(self, submission: Submission) -> bytes:
        """Bring something to the door."""
        return await self.ledger.submit(submission)

    async def item(self, item_id: str) -> Item:
        """Read an item as it stands."""
        async with self.storage.read() as connection:
            return (await load_items(connection, [item_id]))[item_id][0]

    async def items(self, ids: Iterable[str]) -> list[Item]:
        """Read several items, in the order asked for."""
        wanted = list(ids)
        async with self.storage.read() as connection:
            found_items = await load_items(connection, wanted)
        return [found_items[item_id][0] for item_id in wanted]

    async def upload(self, *sealed: bytes) -> list[str]:
        """Upload sealed files as the routes do; returns their digests."""
        parts = [a_part(data) for data in sealed]
        async with self.storage.write() as connection:
            await store_parts(connection, parts, at=format_time(self.clock()))
        return [part.digest for part in parts]

    # ------------------------------------------------------------ families

    def family(self, word: str = "the Marchenkos") -> FamilyOf:
        """Name a family; the same word is the same family."""
        return self._families.setdefault(word, a_family(word))

    def seal(self, line: LetterLine, by: FamilyOf | str, text: str, keys: Sequence[EnclosureKey] = ()) -> bytes:
        """Seal part 0 for a leg, by a family or by a member of staff."""
        if isinstance(by, FamilyOf):
            author: FamilyAuthor | StaffAuthor = FamilyAuthor(by.vkey)
            signer = by.key
        else:
            author, signer = StaffAuthor(self.cast.staff[by].id), self.cast.staff[by].author
        manifest = Manifest(by=author, lang="uk", text=text, enclosures=tuple(keys))
        return seal_letter(line, manifest, signer=signer, recipients=self._recipients(line))

    def _recipients(self, line: LetterLine) -> list[HybridRecipient]:
        if line.to == ("family",):
            return [self.family().identity.recipient()]
        return [self.cast.recipient(to.partition("/")[0]) for to in line.to]

    def line(self, **changed: Any) -> LetterLine:
        """Write a first line as a family does, with some of it changed."""
        usual = LetterLine(
            relay=self.relay,
            item=new_id(self.random),
            kind="letter",
            hop="family>review",
            detainee=AT_CAMP,
            to=(f"{REVIEW}/1",),
            dir=1,
            re=None,
            enclosures=(),
        )
        return replace(usual, **changed)

    def letter(self, family: FamilyOf | None = None, text: str = "Яблуня зацвіла.", **line: Any) -> LetterIn:
        """Seal a letter, as the routes bring it to the door."""
        family = family or self.family()
        return letter_in(self.seal(self.line(**line), family, text), family)

    def hollow_letter(self, family: FamilyOf | None = None, **line: Any) -> LetterIn:
        """Make a letter with noise behind its first line, where the door never looks; sealing takes far longer."""
        family, first = family or self.family(), self.line(**line)
        text = encode_line(first)
        sealed = text + b"\n" + self.random(32)
        return LetterIn(sealed, part_digest(sealed), first, text.decode(), family.mailbox, family.vkey)

    async def letter_with_picture(self, family: FamilyOf | None = None) -> LetterIn:
        """Seal a letter with a picture, and upload the picture."""
        family, picture, item = family or self.family(), b"\x89PNG a house", new_id(self.random)
        enclosure = seal_enclosure(EnclosureLine(self.relay, item, 1), picture, secret("picture"))
        digests = await self.upload(enclosure)
        key = EnclosureKey("house.png", "image/png", len(picture), secret("picture").hex())
        line = self.line(item=item, enclosures=tuple(digests))
        return letter_in(self.seal(line, family, "Ось наш дім.", [key]), family)

    async def send(self, family: FamilyOf | None = None, **line: Any) -> str:
        """Let a family send a letter; returns the item's id."""
        letter = self.letter(family, **line)
        await self.submit(letter)
        return letter.line.item

    async def by_family(self, kind: str, *ids: str, family: FamilyOf | None = None) -> bytes:
        """Let a family withdraw letters or collect replies."""
        family = family or self.family()
        subjects = tuple(Subject(item.id, item.shown, item.parts) for item in await self.items(ids))
        note = self.sign(kind, subjects, family.signer(self.relay), directory=None)
        return await self.submit(self.of_family(note, family))

    def of_family(self, note: bytes, family: FamilyOf) -> FamilyStatementIn:
        """Bring a family's statement to the door as the routes do."""
        return FamilyStatementIn(note, note_digest(note), read_statement(note).statement, family.mailbox)

    # ------------------------------------------------------------ staff

    def sign(
        self, kind: str, subjects: tuple[Subject, ...], signer: Signer, *, directory: int | None = 1, **fields: Any
    ) -> bytes:
        """Sign a statement."""
        at = format_time(self.clock())
        return sign_statement(Statement(kind, self.relay, directory, at, subjects, fields), signer)

    def statement(self, name: str, kind: str, subjects: Iterable[Subject], **fields: Any) -> StatementIn:
        """Let a member of staff sign a statement about items."""
        member = self.cast.staff[name]
        note = self.sign(kind, tuple(subjects), member.signer, **fields)
        statement = read_statement(note).statement
        return StatementIn(note, note_digest(note), statement, member.id, str(member.signer.vkey))

    async def by_staff(self, name: str, kind: str, *ids: str, **fields: Any) -> bytes:
        """Let a member of staff move items as they stand."""
        return await self.submit(
            self.statement(name, kind, [as_it_is(item) for item in await self.items(ids)], **fields)
        )

    async def claim(self, name: str, *ids: str) -> bytes:
        """Let a reviewer claim letters."""
        return await self.by_staff(name, "claim", *ids, desk=REVIEW)

    async def passing(self, name: str, *ids: str, place: str = CAMP, **fields: Any) -> StatementIn:
        """Reseal claimed letters to a place, upload that, and sign the statement that passes them."""
        to = f"{REVIEW if place == FARM else place}/1"
        subjects = []
        for item in await self.items(ids):
            hop = "review>bureau" if item.kind.value == "reply" else "review>facility"
            line = self.line(
                item=item.id, kind=item.kind.value, hop=hop, to=(to,), re=item.re, enclosures=item.parts[1:]
            )
            subjects.append(await self._resealed(item, replace(line, detainee=item.detainee), name))
        return self.statement(name, fields.pop("kind", "pass"), subjects, to=(to,), place=place, **fields)

    async def passing_home(self, name: str, *ids: str) -> StatementIn:
        """Reseal claimed replies to their family, upload that, and sign the statement that passes them."""
        subjects = []
        for item in await self.items(ids):
            line = self.line(item=item.id, kind="reply", hop="review>family", to=("family",), re=item.re)
            line = replace(line, detainee=item.detainee, enclosures=item.parts[1:])
            subjects.append(await self._resealed(item, line, name))
        return self.statement(name, "pass", subjects, to=("family",))

    async def _resealed(self, item: Item, line: LetterLine, name: str) -> Subject:
        keys = [EnclosureKey(f"{part}.png", "image/png", 13, None) for part in range(1, len(item.parts))]
        (digest,) = await self.upload(self.seal(line, name, "Яблуня зацвіла.", keys))
        return Subject(item.id, item.head, (digest, *item.parts[1:]))

    async def bagging(self, name: str, *ids: str, place: str = CAMP, manifest: str | None = None) -> StatementIn:
        """Sign the statement that packs a bag."""
        bag = new_id(self.random)
        subjects = tuple(as_it_is(item) for item in await self.items(ids))
        draft = Statement("bag", self.relay, 1, format_time(self.clock()), subjects, {"bag": bag, "to": place})
        return self.statement(name, "bag", subjects, bag=bag, to=place, manifest=manifest or manifest_digest(draft))

    async def bag(self, *ids: str, place: str = CAMP) -> str:
        """Let the dispatcher pack a bag; returns its id."""
        packed = await self.bagging("dan", *ids, place=place)
        await self.submit(packed)
        bag: str = packed.statement.fields["bag"]
        return bag

    async def document(self, kind: str, name: str, **line: Any) -> str:
        """Seal and upload a document; returns its digest."""
        usual: dict[str, Any] = {"id": new_id(self.random), "item": None, "to": (f"{REVIEW}/1",)}
        described = DocumentLine(relay=self.relay, kind=kind, dir=1, version=1, **(usual | line))
        member = self.cast.staff[name]
        to = self.family().identity.recipient() if described.to == ("family",) else self.cast.recipient(REVIEW)
        sealed = seal_document(
            described, b"a page", author=StaffAuthor(member.id), signer=member.author, recipients=[to]
        )
        return (await self.upload(sealed))[0]

    def office(self, name: str, kind: str, *, page: bytes | None = None, **fields: Any) -> OfficeIn:
        """Let a member of staff sign something about no item; `page` is the rows of a register page."""
        member = self.cast.staff[name]
        note = self.sign(kind, (), member.signer, **fields)
        statement = read_statement(note).statement
        return OfficeIn(note, note_digest(note), statement, member.id, str(member.signer.vkey), page)

    async def register_page(self, *rows: Row) -> OfficeIn:
        """Seal and upload a page of the register, and sign the statement that publishes it."""
        encoded = encode_rows(rows).encode()
        document, digest = await self.document("register", "reg"), hashlib.sha256(encoded).hexdigest()
        return self.office("reg", "register", page=encoded, document=document, rows=digest)

    async def register(self, *rows: Row) -> bytes:
        """Let the registrar publish a page of the register."""
        return await self.submit(await self.register_page(*rows))

    # ------------------------------------------------------------ whole ways

    async def received(self, *ids: str) -> str:
        """Bring queued letters the whole way to the camp; returns the bag."""
        await self.claim("ann", *ids)
        await self.submit(await self.passing("ann", *ids))
        bag = await self.bag(*ids)
        await self.by_staff("ole", "receive", *ids, bag=bag)
        return bag

    async def reply(self, letter: str, *, by: str = "ole", **fields: Any) -> RepliesIn:
        """Seal and upload a reply to a letter, and sign the statement that brings it in."""
        answered = await self.item(letter)
        line = self.line(kind="reply", hop="facility>review", re=letter, detainee=answered.detainee)
        (digest,) = await self.upload(self.seal(line, by, "Дякую. Цілую всіх."))
        return self.replies_in(by, [Subject(line.item, None, (digest,))], [line], **fields)

    def subject(self, item: str, *parts: str, prev: str | None = None) -> Subject:
        """Name an item in a statement; without `prev`, one that comes in."""
        return Subject(item, prev, parts)

    def replies_in(self, by: str, subjects: Sequence[Subject], lines: Sequence[LetterLine], **fields: Any) -> RepliesIn:
        """Sign the statement that brings replies in."""
        member = self.cast.staff[by]
        note = self.sign("reply-accept", tuple(subjects), member.signer, **fields)
        statement = read_statement(note).statement
        by_item = {line.item: line for line in lines}
        return RepliesIn(note, note_digest(note), statement, member.id, str(member.signer.vkey), by_item)


def as_it_is(item: Item) -> Subject:
    """Name an item as it stands."""
    return Subject(item.id, item.head, item.parts)


def a_part(sealed: bytes) -> Part:
    """Check a sealed file as the routes do."""
    line = check_part(sealed)
    return Part(part_digest(sealed), getattr(line, "item", None), encode_line(line).decode(), sealed)


def letter_in(sealed: bytes, family: FamilyOf) -> LetterIn:
    """Bring a sealed letter to the door as the routes do."""
    part = a_part(sealed)
    line = check_part(sealed)
    assert isinstance(line, LetterLine)
    return LetterIn(sealed, part.digest, line, part.line, family.mailbox, family.vkey)


def a_door(
    storage: Storage,
    folder: Path,
    origin: str,
    *,
    clock: Callable[[], datetime],
    rules: Rules | None = None,
    capacity: Capacity | None = None,
) -> Ledger:
    """Set up a door as the server does."""
    key = logkey.load_log_key(folder / logkey.FILE_NAME, origin)
    return Ledger(
        storage,
        key.signer,
        HighWater(folder / highwater.FILE_NAME),
        random=os.urandom,
        clock=clock,
        rules=rules or Rules(),
        capacity=capacity or Capacity(),
    )


def url_of(folder: Path) -> str:
    """Name the SQLite database in a folder."""
    return f"sqlite+aiosqlite:///{folder / 'relay.db'}"


@asynccontextmanager
async def a_world(
    folder: Path,
    *,
    url: str | None = None,
    storage: Callable[[str], Storage] = Storage,
    rules: Rules | None = None,
    capacity: Capacity | None = None,
    is_open: bool = True,
) -> AsyncIterator[World]:
    """Found a relay and open it, unless that is left to the test: trust, directory, and a register of two numbers."""
    clock, opened = Clock(), storage(url or url_of(folder))
    try:
        founded = await found(opened, folder, name="relay.example", random=os.urandom, clock=clock)
        origin = founded.head.origin
        ledger = a_door(opened, folder, origin, clock=clock, rules=rules, capacity=capacity)
        await ledger.start()
        world = World(folder, opened, ledger, founded, a_cast(founded.head.relay, origin), clock)
        if is_open:
            await open_relay(world)
        yield world
        await world.ledger.stop()
    finally:
        await opened.close()


async def open_relay(world: World) -> None:
    """Publish the trust, the directory and the register."""
    await world.submit(TrustIn(world.cast.trust(world.founded.key.vkeys)))
    await world.submit(DirectoryIn(*world.cast.directory()))
    await world.register(
        Row(AT_CAMP, Status.CONFIRMED, CAMP),
        Row(AT_FARM, Status.CONFIRMED, FARM),
    )


__all__ = ["AT_CAMP", "AT_FARM", "BUREAU", "CAMP", "FARM", "NOWHERE", "REVIEW", "World", "a_door", "a_world"]
