"""A relay to measure: founded, opened by the same ceremony as any other, with everybody who works there."""

import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.wire import Address
from keys.codes import new_number
from keys.directory import fingerprint, parse_directory, sign_trust
from keys.keyrings import StaffRoot
from keys.notes import Vkey
from relay.client import clock
from relay.client.ceremony import (
    Enrolled,
    OpenedDesk,
    draft_directory,
    draft_trust,
    enrol,
    new_directory_key,
    new_root_key,
    open_desk,
    seal_desk,
    sign_draft,
)
from relay.client.operators import Operator
from relay.client.persons import Person
from relay.client.register import Record, Registrar
from relay.client.staff import StaffSession
from relay.client.transport import Connection
from relay.client.trustbook import TrustBook
from relay.domain.register import Status
from relay.http.app import OPERATOR_TOKEN_FILE
from relay.ledger.founding import found
from relay.storage.engine import Storage

SIDES = ("north", "south")
REVIEWERS = ("ann", "ben", "cyd", "eva")
DISPATCHER, REGISTRAR = "dan", "reg"
_SINCE = "2026-01-01T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Founded:
    """A data folder with a relay in it that nobody has opened yet."""

    folder: Path
    relay: str
    log: tuple[str, ...]
    token: str


@dataclass(frozen=True, slots=True)
class World:
    """
    A relay that is open.

    Attributes:
        fingerprint: What would be printed on paper.
        review: The mediator's desk.
        places: The desks letters go to, one of each side; each has an officer named by its id.
        detainees: Their numbers, held at the places in turn.
        roots: Each member's secret, by name.
    """

    folder: Path
    address: Address
    relay: str
    fingerprint: str
    review: OpenedDesk
    places: tuple[str, ...]
    detainees: tuple[str, ...]
    roots: dict[str, StaffRoot]

    def connect(self) -> Connection:
        """Connect as every client does; to be closed, or used in ``async with``."""
        return Connection(f"http://{self.address.host}:{self.address.port}")

    async def sign_in(self, connection: Connection, name: str) -> StaffSession:
        """Sign a member in and open the keys of their desks."""
        book = TrustBook(self.fingerprint)
        await book.refresh(connection)
        session = StaffSession(connection, book, self.roots[name])
        await session.sign_in()
        await session.open_desks()
        return session


def database_of(folder: Path) -> str:
    """Name the SQLite database of a data folder, as the settings do."""
    return f"sqlite+aiosqlite:///{folder / 'relay.db'}"


async def found_at(folder: Path) -> Founded:
    """Do what `letter-relay init` does."""
    storage = Storage(database_of(folder))
    try:
        made = await found(storage, folder, name="bench.example", random=os.urandom)
    finally:
        await storage.close()
    token = f"lro_{secrets.token_hex(32)}"
    (folder / OPERATOR_TOKEN_FILE).write_text(token, encoding="ascii")
    return Founded(folder, made.head.relay, made.key.vkeys, token)


async def open_at(address: Address, founded: Founded, *, detainees: int) -> World:
    """Publish trust, directory, desk keys and register to a relay that runs."""
    relay = founded.relay
    review = open_desk(relay, "review", side=None, since=_SINCE)
    places = [open_desk(relay, "facility", side=side, since=_SINCE) for side in SIDES]
    crew = {name: enrol(relay, roles=["reviewer"], desks=[review.desk.id]) for name in REVIEWERS}
    crew[DISPATCHER] = enrol(relay, roles=["dispatcher"], desks=[review.desk.id])
    crew[REGISTRAR] = enrol(relay, roles=["registrar"], desks=[review.desk.id])
    crew |= {place.desk.id: enrol(relay, roles=["officer"], desks=[place.desk.id]) for place in places}
    world = World(
        folder=founded.folder,
        address=address,
        relay=relay,
        fingerprint=await _publish(address, founded, [review, *places], crew),
        review=review,
        places=tuple(place.desk.id for place in places),
        detainees=tuple(new_number() for _ in range(detainees)),
        roots={name: each.root for name, each in crew.items()},
    )
    async with world.connect() as connection:
        await Registrar(await world.sign_in(connection, REGISTRAR)).publish(_records(world))
    return world


async def _publish(address: Address, founded: Founded, desks: Sequence[OpenedDesk], crew: dict[str, Enrolled]) -> str:
    """Hold the ceremony, in one process; returns the fingerprint."""
    relay = founded.relay
    root, keys = new_root_key(relay), [new_directory_key(relay, n) for n in (1, 2)]
    trust = draft_trust(relay, root.vkey, list(map(Vkey.parse, founded.log)), [key.vkey for key in keys], k=2)
    draft = draft_directory(
        intake=desks[0].desk.id,
        sides=SIDES,
        desks=[desk.desk for desk in desks],
        staff=[each.member for each in crew.values()],
        at=clock.now(),
    )
    directory = parse_directory(draft.document)
    async with Connection(f"http://{address.host}:{address.port}") as connection:
        operator = Operator(connection, founded.token)
        await operator.publish_trust(sign_trust(trust, root.signer))
        await operator.publish_directory(sign_draft(draft, keys), draft.document)
        for desk in desks:
            members = [each for each in crew.values() if desk.desk.id in each.member.desks]
            readers = {each.member.id: each.recipient for each in members}
            for key in seal_desk(desk, readers, by=members[0].root, directory=directory):
                await operator.put_desk_key(key)
    return fingerprint(relay, root.vkey.public)


def _records(world: World) -> list[Record]:
    places = world.places
    return [
        Record(
            number,
            Status.CONFIRMED,
            places[n % len(places)],
            Person(surname_lat=f"Detainee {n}"),
            SIDES[n % len(places)],
        )
        for n, number in enumerate(world.detainees)
    ]
