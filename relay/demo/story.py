"""
The demo's story, in nine steps: a letter there, a reply back, and the proof of both.

Everybody acts through the same client that the commands use, over HTTP, against the relay that runs beside them. The
story knows by heart what a reader of each letter would decide; it knows nothing else that its people do not.
"""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from keys.codes import new_code
from keys.sealed import Excision
from relay.client.dispatchers import Dispatcher
from relay.client.facilities import Officer
from relay.client.families import Accepted, Family
from relay.client.opening import OpenedItem
from relay.client.register import Registrar
from relay.client.resealing import Edit
from relay.client.reviewers import Reviewer
from relay.client.sealing import Enclosure
from relay.client.staff import StaffSession
from relay.client.transport import Connection
from relay.client.trustbook import TrustBook
from relay.demo.cast import HERO, Cast, Letter, Picture, Reply
from relay.demo.world import World, publish_world, register_of, signed_in
from relay.domain.register import UNKNOWN
from relay.domain.states import Kind

#: How many families write at the same time.
_WRITING_AT_ONCE: Final = 16
#: How many items a dispatcher puts into one bag.
_BAG_ITEMS: Final = 50
_DETAINEES_AT_A_TIME: Final = 5


@dataclass(slots=True)
class Play:
    """
    The story as it goes on.

    Attributes:
        families: Each writer's mailbox, by the letter they wrote first.
        codes: Their receipt codes, likewise.
        sent: What the relay has accepted, by the letter's key.
        letters: Which letter an item is, by the item's id.
    """

    world: World
    cast: Cast
    connection: Connection
    book: TrustBook
    families: dict[str, Family] = field(default_factory=dict)
    codes: dict[str, str] = field(default_factory=dict)
    sent: dict[str, Accepted] = field(default_factory=dict)
    letters: dict[str, Letter] = field(default_factory=dict)
    sessions: dict[str, StaffSession] = field(default_factory=dict)

    def reviewer(self, name: str) -> Reviewer:
        """Give one of the three at the mediator's desk."""
        return Reviewer(self.sessions[name], self.world.review)

    def officer(self, name: str, house: str) -> Officer:
        """Give whoever acts for a house."""
        return Officer(self.sessions[name], self.world.desks[house])

    def house_of(self, letter: Letter) -> str:
        """Name the house to which a letter goes."""
        return self.cast.held[letter.about].facility

    @property
    def hero(self) -> Letter:
        """The letter that the story follows."""
        return next(letter for letter in self.cast.letters if letter.key == HERO)


@dataclass(slots=True)
class Reviewed:
    """
    How many letters were decided in which way.

    Attributes:
        passed: All that go on, the next two included.
        excised: Without a sentence or two.
        matched: With a number that a reviewer has found.
        found: Whom the register has behind the last such number.
    """

    passed: int = 0
    excised: int = 0
    matched: int = 0
    returned: int = 0
    withheld: int = 0
    found: str = ""


async def open_doors(play: Play) -> None:
    """Publish trust and directory, let the staff sign in, and publish the register."""
    await publish_world(play.world, play.connection)
    await play.book.refresh(play.connection)
    for name in play.world.staff:
        play.sessions[name] = await signed_in(play.world, play.connection, play.book, name)
    await Registrar(play.sessions["Ben"]).publish(register_of(play.world, play.cast))


# ---------------------------------------------------------------- families


async def write_letters(play: Play, letters: Sequence[Letter]) -> None:
    """Let families seal and send letters; those of one writer in their order, different writers at the same time."""
    by_writer: dict[str, list[Letter]] = {}
    for letter in letters:
        by_writer.setdefault(letter.writer, []).append(letter)
    limit = asyncio.Semaphore(_WRITING_AT_ONCE)

    async def write_all(mine: Sequence[Letter]) -> None:
        async with limit:
            for letter in mine:
                await _write(play, letter)

    await asyncio.gather(*(write_all(mine) for mine in by_writer.values()))


async def _write(play: Play, letter: Letter) -> None:
    family = family_of(play, letter.writer)
    unknown = letter.note == "unknown"
    accepted = await family.write(
        letter.text,
        about=UNKNOWN if unknown else play.world.numbers[letter.about],
        lang=letter.lang,
        enclosures=_enclosures(letter.pictures),
        address=_described(play, letter) if unknown else None,
    )
    play.sent[letter.key] = accepted
    play.letters[accepted.item] = letter


def family_of(play: Play, writer: str) -> Family:
    """Give a writer's mailbox; the code is made when somebody writes for the first time."""
    if writer not in play.families:
        play.codes[writer] = new_code()
        play.families[writer] = Family(play.connection, play.book, play.codes[writer])
    return play.families[writer]


def _described(play: Play, letter: Letter) -> str:
    """Say whom a family looks for that has no number, as its letter does."""
    row = play.cast.held[letter.about].row
    name = " ".join((row["surname_cyr"], row["given_cyr"], row["patronymic_cyr"]))
    return f"{name}, {row['birth_date']}, {row['birth_place']}"


def _enclosures(pictures: Iterable[Picture]) -> list[Enclosure]:
    return [Enclosure(picture.name, "image/png", picture.content) for picture in pictures]


# ---------------------------------------------------------------- the mediator


async def review_letters(play: Play) -> Reviewed:
    """Let two reviewers claim, read and decide until nothing waits; a third person confirms what is withheld."""
    reviewed = Reviewed()
    reviewers = [play.reviewer("Ann"), play.reviewer("Cyd")]
    while True:
        batches = await asyncio.gather(*(_claim(reviewer, part) for reviewer, part in await _shared(reviewers)))
        if not any(items for _, items in batches):
            break
        for reviewer, items in batches:
            await _decide(play, reviewer, items, reviewed)
    await _second_person(play)
    return reviewed


async def _shared(reviewers: Sequence[Reviewer]) -> list[tuple[Reviewer, list[str]]]:
    """Share the waiting lines out among reviewers, five detainees to each, the oldest first."""
    lines = [line.detainee for line in await reviewers[0].lines(limit=_DETAINEES_AT_A_TIME * len(reviewers))]
    return [(reviewer, lines[place :: len(reviewers)]) for place, reviewer in enumerate(reviewers)]


async def _claim(reviewer: Reviewer, detainees: Sequence[str]) -> tuple[Reviewer, tuple[OpenedItem, ...]]:
    offered = await asyncio.gather(*(reviewer.offers(detainee) for detainee in detainees))
    rows = list(chain.from_iterable(offered))
    if not rows:
        return reviewer, ()
    batch = await reviewer.open(await reviewer.claim(rows))
    return reviewer, batch.letters


async def _decide(play: Play, reviewer: Reviewer, items: Sequence[OpenedItem], reviewed: Reviewed) -> None:
    """Decide what one reviewer has read."""
    passing: list[OpenedItem] = []
    edits: dict[str, Edit] = {}
    for item in items:
        letter = play.letters[item.item]
        if letter.note == "return":
            await reviewer.return_([item], reasons=letter.reasons, note=_NOTE)
            reviewed.returned += 1
        elif letter.note == "withhold":
            await reviewer.propose_withhold([item], reasons=letter.reasons)
            reviewed.withheld += 1
        elif item.row.detainee == UNKNOWN:
            reviewed.found = await _match(play, reviewer, item)
            reviewed.matched += 1
        else:
            passing.append(item)
            if letter.excisions:
                edits[item.item] = Edit(excisions=tuple(_excisions(letter, item.text)))
    if passing:
        await reviewer.pass_(passing, edits=edits)
    reviewed.passed += len(passing)
    reviewed.excised += len(edits)


_NOTE: Final = (
    "Your letter came. The forty-eight rows of the pattern look like a cipher to those who do not knit, and we may not "
    "pass them. Please write again without them; everything else was a joy to read."
)


async def _match(play: Play, reviewer: Reviewer, item: OpenedItem) -> str:
    """Look in the register for the name that the family gave, and put its number on the letter."""
    surname = (item.letter.manifest.address or "").partition(" ")[0]
    (record,) = (await reviewer.register()).search(surname)
    await reviewer.match([item], record.number)
    return play.cast.held[play.world.numbers.index(record.number)].name


def _excisions(letter: Letter, text: str) -> Iterator[Excision]:
    for words, reason in letter.excisions:
        start = text.index(words)
        yield Excision(start, start + len(words), reason)


async def _second_person(play: Play) -> None:
    """Let another person than the one who proposed it confirm what is withheld."""
    ben = play.reviewer("Ben")
    rows = await ben.contested()
    if rows:
        batch = await ben.open(rows)
        await ben.confirm(batch.letters, note="This letter asked for money for something that nobody can sell.")


async def pack_bags(play: Play) -> dict[str, list[int]]:
    """Pack everything that was passed, fifty to a bag; returns the sizes of the bags by house."""
    dispatcher = Dispatcher(play.sessions["Ben"], play.world.review)
    names = {desk: name for name, desk in play.world.desks.items()}
    sizes: dict[str, list[int]] = {}
    for desk, name in sorted(names.items(), key=lambda entry: entry[1]):
        rows = await dispatcher.to_pack(desk)
        for start in range(0, len(rows), _BAG_ITEMS):
            bag = await dispatcher.pack(rows[start : start + _BAG_ITEMS], desk)
            sizes.setdefault(name, []).append(len(bag.rows))
    return sizes


# ---------------------------------------------------------------- the houses


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What a house has handed over, and what it read of one of the letters."""

    letters: int
    by: str
    keyless: bool
    read: Mapping[str, OpenedItem] = field(repr=False)


async def hand_over(play: Play) -> dict[str, HandedOver]:
    """Let each house receive its bags, open the letters to print them, and hand them over for a signature."""
    done: dict[str, HandedOver] = {}
    for house in play.cast.houses:
        by = "Ben" if house.keyless else ("Odo" if house.side == "Velmark" else "Mia")
        officer = play.officer(by, house.name)
        paper = await officer.upload_scan(play.cast.sheet)
        read: dict[str, OpenedItem] = {}
        letters = 0
        for bag in await officer.bags():
            rows = await officer.receive(bag, paper=paper if house.keyless else None)
            opened = await officer.open(rows)
            read |= {item.item: item for item in opened.letters}
            letters += len(await officer.deliver(rows, paper=paper))
        done[house.name] = HandedOver(letters, by, house.keyless, read)
    return done


async def write_replies(play: Play) -> list[Reply]:
    """Let the houses bring in what their people have written; one has nobody to answer, and waits for a reader."""
    written: list[Reply] = []
    for house, by in (("Larch House", "Odo"), ("Harbour House", "Mia")):
        replies = [
            reply
            for reply in play.cast.replies
            if play.cast.held[reply.about].facility == house and (reply.answers is None or reply.answers in play.sent)
        ]
        officer = play.officer(by, house)
        drafts = [
            officer.prepare_reply(
                reply.text,
                about=play.world.numbers[reply.about],
                re=play.sent[reply.answers].item if reply.answers else "new",
                lang=reply.lang,
                enclosures=_enclosures(reply.pictures),
                address=None if reply.answers else "To my wife Lyuda; she does not have my number yet.",
            )
            for reply in replies
        ]
        if drafts:
            await officer.send_replies(drafts)
        written += replies
    return written


async def review_replies(play: Play) -> int:
    """Let a reviewer read the replies and seal each to its family; the one without a family stays in its line."""
    reviewer = play.reviewer("Ann")
    passed = 0
    answering = {
        play.world.numbers[reply.about] for reply in play.cast.replies if reply.answers and reply.answers in play.sent
    }
    for start in range(0, len(answering), _DETAINEES_AT_A_TIME):
        detainees = sorted(answering)[start : start + _DETAINEES_AT_A_TIME]
        _, items = await _claim(reviewer, detainees)
        replies = [item for item in items if item.row.kind is Kind.REPLY]
        if replies:
            passed += len(await reviewer.pass_(replies))
    return passed
