"""
The demo's ceremony: a relay, its trust and directory, its desks, and everybody who works at them.

In life each of these keys is made by another person on another machine (DESIGN.md §3). Here one process does it all,
through the same functions that the commands of operators and members call, and leaves the same files behind.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Final

from config.settings import Settings
from keys.codes import new_number
from keys.directory import Desk, fingerprint, parse_directory, sign_trust
from keys.notes import Vkey
from relay.client import persons
from relay.client.ceremony import (
    Enrolled,
    OpenedDesk,
    SealedDeskKey,
    SigningKey,
    draft_directory,
    draft_trust,
    enrol,
    keyless_desk,
    new_desk_id,
    new_directory_key,
    new_root_key,
    open_desk,
    seal_desk,
    sign_draft,
)
from relay.client.ceremonyfiles import write_desk, write_desk_line, write_member, write_signing_key
from relay.client.clock import now
from relay.client.keyfiles import write_secret
from relay.client.operators import Operator
from relay.client.register import Record
from relay.client.staff import StaffSession
from relay.client.transport import Connection
from relay.client.trustbook import TrustBook
from relay.demo.cast import Cast, House
from relay.domain.register import Status
from relay.ledger.begin import TOKEN_FILE, begin

DIRECTORY_KEYS: Final = 3
SIGNATURES_WANTED: Final = 2
_REVIEW: Final = "review"


@dataclass(frozen=True, slots=True)
class Person:
    """One of the staff: what the story calls them, what they do, and at which desk."""

    name: str
    title: str
    roles: tuple[str, ...]
    desk: str | None


#: The mediator's three, an officer at each house that has a computer, an auditor of each side, an operator.
PEOPLE: Final = (
    Person("Ann", "reviewer", ("reviewer",), _REVIEW),
    Person("Ben", "reviewer, dispatcher and registrar", ("reviewer", "dispatcher", "registrar"), _REVIEW),
    Person("Cyd", "senior reviewer", ("reviewer", "senior"), _REVIEW),
    Person("Odo", "officer at Larch House, for Velmark", ("officer",), "Larch House"),
    Person("Mia", "officer at Harbour House, for Ardenia", ("officer",), "Harbour House"),
    Person("Arn", "auditor for Ardenia", ("auditor",), None),
    Person("Vel", "auditor for Velmark", ("auditor",), None),
    Person("Oda", "operator", ("operator",), None),
)


@dataclass(frozen=True, slots=True)
class World:
    """
    A relay that is about to be served, and all the secrets that in life nobody has together.

    Attributes:
        folder: The data folder.
        fingerprint: What is printed on address cards.
        trust_note: The first trust, signed by the root.
        directory: The first directory: its note, signed, and its document.
        staff: By name.
        desks: Ids by the name of the house; the mediator's under ``review``.
        sealed_keys: Each desk's key, sealed to each member.
        numbers: Each of the held has one, in the order of the register.
    """

    folder: Path
    fingerprint: str
    trust_note: bytes = field(repr=False)
    directory: tuple[bytes, bytes] = field(repr=False)
    staff: Mapping[str, Enrolled] = field(repr=False)
    desks: Mapping[str, str]
    sealed_keys: tuple[SealedDeskKey, ...] = field(repr=False)
    numbers: tuple[str, ...]

    @property
    def review(self) -> str:
        """The mediator's desk."""
        return self.desks[_REVIEW]


async def make_world(settings: Settings, cast: Cast) -> World:
    """
    Hold the whole ceremony for a new relay, and write the files that it leaves.

    Raises:
        AlreadyFounded: There is a relay in the data folder already.
    """
    folder = settings.relay.data_dir
    founded = await begin(settings.database_url(), folder, name=settings.relay.name)
    relay = founded.head.relay
    root = new_root_key(relay)
    signing = [new_directory_key(relay, number) for number in range(DIRECTORY_KEYS)]
    log = [Vkey.parse(vkey) for vkey in founded.key.vkeys]
    page = draft_trust(relay, root.vkey, log, [key.vkey for key in signing], k=SIGNATURES_WANTED)
    trust_note = sign_trust(page, root.signer)
    opened, keyless = _open_desks(relay, cast)
    desks = {name: one.desk.id for name, one in opened.items()} | {name: desk.id for name, desk in keyless.items()}
    staff = {
        person.name: enrol(relay, roles=person.roles, desks=[desks[person.desk]] if person.desk else ())
        for person in PEOPLE
    }
    draft = draft_directory(
        intake=desks[_REVIEW],
        sides=sorted({house.side.lower() for house in cast.houses}),
        desks=[*(one.desk for one in opened.values()), *keyless.values()],
        staff=[one.member for one in staff.values()],
        at=now(),
    )
    note = sign_draft(draft, signing[:SIGNATURES_WANTED])
    world = World(
        folder=folder,
        fingerprint=fingerprint(relay, root.vkey.public),
        trust_note=trust_note,
        directory=(note, draft.document),
        staff=staff,
        desks=desks,
        sealed_keys=tuple(_sealed(opened, staff, draft.document)),
        numbers=tuple(new_number() for _ in cast.held),
    )
    _write_offline(folder / "offline", root, signing)
    _write_folders(world, opened, keyless)
    return world


def _open_desks(relay: str, cast: Cast) -> tuple[dict[str, OpenedDesk], dict[str, Desk]]:
    """Give every desk its first key; a house without computers has none."""
    opened = {_REVIEW: open_desk(relay, "review", side=None, since=now(), desk=new_desk_id())}
    keyless: dict[str, Desk] = {}
    for house in cast.houses:
        if house.keyless:
            keyless[house.name] = keyless_desk(house.side.lower())
        else:
            opened[house.name] = open_desk(relay, "facility", side=house.side.lower(), since=now())
    return opened, keyless


def _sealed(
    opened: Mapping[str, OpenedDesk], staff: Mapping[str, Enrolled], document: bytes
) -> Iterator[SealedDeskKey]:
    directory = parse_directory(document)
    for one in opened.values():
        members = {each.member.id: each for each in staff.values() if one.desk.id in each.member.desks}
        readers = {identifier: each.recipient for identifier, each in members.items()}
        yield from seal_desk(one, readers, by=next(iter(members.values())).root, directory=directory)


def _write_offline(folder: Path, root: SigningKey, signing: list[SigningKey]) -> None:
    """Write what in life never comes near the relay."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_signing_key(folder / "root.key", root)
    for number, key in enumerate(signing):
        write_signing_key(folder / f"directory-{number}.key", key)


def _write_folders(world: World, opened: Mapping[str, OpenedDesk], keyless: Mapping[str, Desk]) -> None:
    write_secret(world.folder / "trust.note", world.trust_note)
    for name, enrolled in world.staff.items():
        write_member(world.folder / "staff" / name.lower(), enrolled)
    for name, one in opened.items():
        write_desk(world.folder / "desks" / _slug(name), one)
    for name, desk in keyless.items():
        write_desk_line(world.folder / "desks" / _slug(name), desk)


def _slug(name: str) -> str:
    return name.lower().replace(" ", "-")


async def publish_world(world: World, connection: Connection) -> None:
    """Publish trust and directory, and let the relay keep the sealed keys, as an operator does."""
    operator = Operator(connection, (world.folder / TOKEN_FILE).read_text(encoding="ascii"))
    await operator.publish_trust(world.trust_note)
    await operator.publish_directory(*world.directory)
    for enrolled in world.staff.values():
        await operator.put_keyring(enrolled)
    for key in world.sealed_keys:
        await operator.put_desk_key(key)


async def signed_in(world: World, connection: Connection, book: TrustBook, name: str) -> StaffSession:
    """Let one of the staff sign in, and open the keys of their desks."""
    session = StaffSession(connection, book, world.staff[name].root)
    await session.sign_in()
    await session.open_desks()
    return session


def register_of(world: World, cast: Cast) -> list[Record]:
    """Make the register: who is held where, under the number that is on their address card."""
    return [
        Record(number, Status(held.status), world.desks[held.facility], _person(held.row), held.row["side"].lower())
        for number, held in zip(world.numbers, cast.held, strict=True)
    ]


def _person(row: Mapping[str, str]) -> persons.Person:
    known = {one.name for one in fields(persons.Person)}
    return persons.parse_person({key: text for key, text in row.items() if key in known and text})


def house_of(cast: Cast, name: str) -> House:
    """Find a house by its name."""
    return next(house for house in cast.houses if house.name == name)
