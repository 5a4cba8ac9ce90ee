"""A relay on a loopback port, founded and opened by the same ceremony that operators run, and its people's clients."""

import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aiohttp.test_utils import TestServer

from keys.codes import new_code, new_number
from keys.directory import Desk, Directory, parse_directory, sign_trust
from keys.notes import Vkey
from relay.client.auditors import Auditor
from relay.client.ceremony import (
    Enrolled,
    OpenedDesk,
    SigningKey,
    draft_directory,
    draft_trust,
    enrol,
    keyless_desk,
    new_directory_key,
    new_root_key,
    open_desk,
    seal_desk,
    sign_draft,
)
from relay.client.clock import now
from relay.client.dispatchers import Dispatcher
from relay.client.facilities import Officer
from relay.client.families import Family
from relay.client.operators import Operator
from relay.client.persons import Person
from relay.client.register import Record, Registrar
from relay.client.reviewers import Reviewer
from relay.client.staff import StaffSession
from relay.client.transport import Connection
from relay.client.trustbook import TrustBook
from relay.domain.register import Status
from relay.http.app import OPERATOR_TOKEN_FILE, Relay, open_relay
from relay.http.site import Site
from relay.ledger.founding import found
from relay.ledger.site import Announcer
from relay.storage.engine import Storage
from tests.http.relay_world import the_settings

TOKEN = "lro_" + "5e" * 32
SINCE = "2026-01-01T00:00:00Z"


@dataclass
class ClientWorld:
    """One relay and everybody who calls it through the client."""

    served: Relay
    connection: Connection
    fingerprint: str
    relay: str
    directory: Directory
    review: OpenedDesk
    facility: OpenedDesk
    bureau: OpenedDesk
    keyless: Desk
    root: SigningKey
    directory_keys: Sequence[SigningKey]
    note: bytes
    staff: Mapping[str, Enrolled]
    number: str
    keyless_number: str

    async def book(self, path: Path | None = None) -> TrustBook:
        """Open a trust book and bring it up to date."""
        book = TrustBook(self.fingerprint, path)
        await book.refresh(self.connection)
        return book

    async def family(self, code: str | None = None) -> Family:
        """Give a family its code and its client."""
        return Family(self.connection, await self.book(), code or new_code())

    async def session(self, name: str, *, book: TrustBook | None = None) -> StaffSession:
        """Sign a member of staff in, with the desk keys opened; `book` is what their client remembers."""
        session = StaffSession(self.connection, book or await self.book(), self.staff[name].root)
        await session.sign_in()
        await session.open_desks()
        return session

    async def reviewer(self, name: str = "ann") -> Reviewer:
        """Sign a reviewer in."""
        return Reviewer(await self.session(name), self.review.desk.id)

    async def dispatcher(self) -> Dispatcher:
        """Sign the dispatcher in."""
        return Dispatcher(await self.session("dora"), self.review.desk.id)

    async def officer(self) -> Officer:
        """Sign the facility's officer in."""
        return Officer(await self.session("otto"), self.facility.desk.id)

    async def bureau_officer(self) -> Officer:
        """Sign the bureau's officer in."""
        return Officer(await self.session("bea"), self.bureau.desk.id)

    async def keyless_officer(self) -> Officer:
        """Let the dispatcher act for the place without computers."""
        return Officer(await self.session("dora"), self.keyless.id)

    async def auditor(self) -> Auditor:
        """Sign the auditor in."""
        return Auditor(await self.session("aud"))

    async def publish_directory(self, *, without: str | None = None) -> None:
        """Publish one more version of the directory, perhaps without one member."""
        before = self.directory
        draft = draft_directory(
            intake=before.intake,
            sides=before.sides,
            desks=before.desks,
            staff=[one for one in before.staff if without is None or one.id != self.staff[without].member.id],
            at=now(),
            version=before.version + 1,
            previous=self.note,
        )
        self.note = sign_draft(draft, self.directory_keys[1:])
        self.directory = parse_directory(draft.document)
        await Operator(self.connection, TOKEN).publish_directory(self.note, draft.document)

    async def open_review_desk(self) -> str:
        """Publish a directory with one more review desk, and Eve at it with its key; gives the desk's id."""
        opened, before = open_desk(self.relay, "review", side=None, since=SINCE), self.directory
        eve = enrol(self.relay, roles=["reviewer", "senior"], desks=[opened.desk.id])
        draft = draft_directory(
            intake=before.intake,
            sides=before.sides,
            desks=[*before.desks, opened.desk],
            staff=[*before.staff, eve.member],
            at=now(),
            version=before.version + 1,
            previous=self.note,
        )
        self.note, self.directory = sign_draft(draft, self.directory_keys[1:]), parse_directory(draft.document)
        self.staff = {**self.staff, "eve": eve}
        operator = Operator(self.connection, TOKEN)
        await operator.publish_directory(self.note, draft.document)
        await operator.put_keyring(eve)
        for key in seal_desk(opened, {eve.member.id: eve.recipient}, by=eve.root, directory=self.directory):
            await operator.put_desk_key(key)
        return opened.desk.id

    async def announce(self, manifest: str) -> None:
        """Log the pages that the relay serves, or pretends to."""
        services = self.served.services
        await Announcer(services.storage, services.ledger, manifest).announce()

    async def publish(self) -> None:
        """Publish a checkpoint now, which a relay does by itself from time to time."""
        await self.served.publisher.publish()


@asynccontextmanager
async def a_client_world(
    folder: Path,
    clock: Callable[[], datetime] | None = None,
    *,
    site: Site | None = None,
    **sections: Mapping[str, object],
) -> AsyncIterator[ClientWorld]:
    """Found a relay, serve it by its own clock, run the whole ceremony over HTTP, and publish the register."""
    settings = the_settings(folder, **sections)
    storage = Storage(settings.database_url())
    founded = await found(storage, folder, name="relay.example", random=os.urandom)
    await storage.close()
    (folder / OPERATOR_TOKEN_FILE).write_text(TOKEN, encoding="ascii")
    async with open_relay(settings, site=site, clock=clock or (lambda: datetime.now(UTC))) as served:
        server = TestServer(served.app)
        await server.start_server()
        try:
            async with Connection(str(server.make_url("")), attempts=1) as connection:
                world = await _ceremony(served, connection, founded.head.relay, founded.key.vkeys)
                yield world
        finally:
            await server.close()


async def _ceremony(served: Relay, connection: Connection, relay: str, log: tuple[str, ...]) -> ClientWorld:
    operator = Operator(connection, TOKEN)
    root, directory_keys = new_root_key(relay), [new_directory_key(relay, n) for n in (1, 2, 3)]
    trust = draft_trust(relay, root.vkey, [Vkey.parse(key) for key in log], [key.vkey for key in directory_keys], k=2)
    await operator.publish_trust(sign_trust(trust, root.signer))

    review = open_desk(relay, "review", side=None, since=SINCE)
    facility = open_desk(relay, "facility", side="north", since=SINCE)
    bureau = open_desk(relay, "bureau", side="north", since=SINCE)
    keyless = keyless_desk("south")
    here = [review.desk.id]
    staff = {
        "ann": enrol(relay, roles=["reviewer"], desks=here),
        "ben": enrol(relay, roles=["reviewer"], desks=here),
        "sue": enrol(relay, roles=["senior"], desks=here),
        "dora": enrol(relay, roles=["dispatcher"], desks=here),
        "reg": enrol(relay, roles=["registrar"], desks=here),
        "otto": enrol(relay, roles=["officer"], desks=[facility.desk.id]),
        "bea": enrol(relay, roles=["officer"], desks=[bureau.desk.id]),
        "aud": enrol(relay, roles=["auditor"]),
        "ola": enrol(relay, roles=["operator"]),
    }
    draft = draft_directory(
        intake=review.desk.id,
        sides=["north", "south"],
        desks=[review.desk, facility.desk, bureau.desk, keyless],
        staff=[each.member for each in staff.values()],
        at=now(),
    )
    directory = parse_directory(draft.document)
    note = sign_draft(draft, directory_keys[:2])
    await operator.publish_directory(note, draft.document)
    for each in staff.values():
        await operator.put_keyring(each)
    for desk, maker in ((review, "ann"), (facility, "otto"), (bureau, "bea")):
        members = {one.member.id: one.recipient for one in staff.values() if desk.desk.id in one.member.desks}
        for key in seal_desk(desk, members, by=staff[maker].root, directory=directory):
            await operator.put_desk_key(key)
    world = ClientWorld(
        served=served,
        connection=connection,
        fingerprint=trust.fingerprint,
        relay=relay,
        directory=directory,
        review=review,
        facility=facility,
        bureau=bureau,
        keyless=keyless,
        root=root,
        directory_keys=directory_keys,
        note=note,
        staff=staff,
        number=new_number(),
        keyless_number=new_number(),
    )
    records = [
        Record(world.number, Status.CONFIRMED, facility.desk.id, Person(given_lat="Ivan", surname_lat="Example")),
        Record(world.keyless_number, Status.CONFIRMED, keyless.id, Person(given_lat="Petro", surname_lat="Example")),
    ]
    await Registrar(await world.session("reg")).publish(records)
    return world
