"""A relay to measure: founded, opened by the same ceremony as any other, with staff who are signed in."""

import hashlib
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.wire import Address, Wires, request
from keys.canonical import encode_json, parse_json
from keys.codes import new_number
from keys.directory import fingerprint, sign_trust
from keys.ids import format_time, new_id
from keys.notes import Signer, Vkey
from keys.sealed import DocumentLine, StaffAuthor, part_digest, seal_document
from keys.statements import Statement, Subject, sign_statement
from relay.client.ceremony import (
    Enrolled,
    OpenedDesk,
    draft_directory,
    draft_trust,
    enrol,
    new_directory_key,
    new_root_key,
    open_desk,
    sign_draft,
)
from relay.client.operators import Operator
from relay.client.transport import JSON, NOTE, SEALED, Connection
from relay.domain.register import Row, Status, encode_rows
from relay.http.app import OPERATOR_TOKEN_FILE
from relay.ledger.founding import found
from relay.storage.engine import Storage

SIDES = ("north", "south")
REVIEWERS = 4
_SINCE = "2026-01-01T00:00:00Z"
_PAGE_ROWS = 500


def now() -> str:
    """Tell the time as the formats write it."""
    return format_time(datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class Member:
    """A member of staff with the keys at hand; deriving them is no part of what is measured."""

    id: str
    signer: Signer
    author: Ed25519PrivateKey
    bearer: str

    def sign(self, relay: str, kind: str, subjects: Sequence[Subject] = (), **fields: object) -> bytes:
        """Sign a statement."""
        return sign_statement(Statement(kind, relay, 1, now(), tuple(subjects), fields), self.signer)

    def post(self, path: str, body: bytes, media_type: str) -> bytes:
        """Write a request of this member's."""
        return request("POST", path, body, content_type=media_type, authorization=self.bearer)

    def get(self, path: str) -> bytes:
        """Write a request of this member's."""
        return request("GET", path, authorization=self.bearer)


@dataclass(frozen=True, slots=True)
class World:
    """
    A relay that is open.

    Attributes:
        fingerprint: What would be printed on paper.
        review: The mediator's desk.
        places: Where letters go, one of each side.
        places_of: The place of each detainee number.
    """

    folder: Path
    relay: str
    fingerprint: str
    review: OpenedDesk
    places: tuple[OpenedDesk, ...]
    places_of: dict[str, OpenedDesk]
    reviewers: tuple[Member, ...]
    dispatcher: Member
    officers: tuple[Member, ...]

    @property
    def database(self) -> str:
        """Name the database."""
        return database_of(self.folder)


@dataclass(frozen=True, slots=True)
class Founded:
    """A data folder with a relay in it that nobody has opened yet."""

    folder: Path
    relay: str
    log: tuple[str, ...]
    token: str


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
    """Publish trust, directory and register to a relay that runs, and sign its staff in."""
    relay = founded.relay
    review = open_desk(relay, "review", side=None, since=_SINCE)
    places = tuple(open_desk(relay, "facility", side=side, since=_SINCE) for side in SIDES)
    crew = {f"reviewer {n}": enrol(relay, roles=["reviewer"], desks=[review.desk.id]) for n in range(REVIEWERS)}
    crew |= {role: enrol(relay, roles=[role], desks=[review.desk.id]) for role in ("dispatcher", "registrar")}
    crew |= {place.desk.id: enrol(relay, roles=["officer"], desks=[place.desk.id]) for place in places}
    printed = await _publish(address, founded, [review, *places], crew)
    wires = await Wires.open(address, 1)
    members = {name: await _sign_in(wires, relay, each) for name, each in crew.items()}
    world = World(
        folder=founded.folder,
        relay=relay,
        fingerprint=printed,
        review=review,
        places=places,
        places_of={new_number(): places[n % len(places)] for n in range(detainees)},
        reviewers=tuple(members[f"reviewer {n}"] for n in range(REVIEWERS)),
        dispatcher=members["dispatcher"],
        officers=tuple(members[place.desk.id] for place in places),
    )
    await _register(wires, world, members["registrar"])
    wires.close()
    return world


async def _publish(address: Address, founded: Founded, desks: Sequence[OpenedDesk], crew: dict[str, Enrolled]) -> str:
    relay = founded.relay
    root, keys = new_root_key(relay), [new_directory_key(relay, n) for n in (1, 2)]
    trust = draft_trust(relay, root.vkey, _vkeys(founded.log), [key.vkey for key in keys], k=2)
    draft = draft_directory(
        intake=desks[0].desk.id,
        sides=SIDES,
        desks=[desk.desk for desk in desks],
        staff=[each.member for each in crew.values()],
        at=now(),
    )
    async with Connection(f"http://{address.host}:{address.port}") as connection:
        operator = Operator(connection, founded.token)
        await operator.publish_trust(sign_trust(trust, root.signer))
        await operator.publish_directory(sign_draft(draft, keys), draft.document)
    return fingerprint(relay, root.vkey.public)


def _vkeys(texts: Sequence[str]) -> list[Vkey]:
    return [Vkey.parse(text) for text in texts]


async def _sign_in(wires: Wires, relay: str, each: Enrolled) -> Member:
    id_ = each.member.id
    body = encode_json({"staff": id_}).encode()
    asked = await wires.send(request("POST", "/sign-in/challenges", body, content_type=JSON))
    challenge = parse_json(asked.decode(), what="challenge")["challenge"]
    statement = Statement("sign-in", relay, 1, now(), (), {"challenge": challenge})
    note = sign_statement(statement, each.root.signer)
    answer = await wires.send(request("POST", "/sign-in", note, content_type=NOTE))
    token = parse_json(answer.decode(), what="session")["token"]
    author = Ed25519PrivateKey.from_private_bytes(each.root.keys.signer_seed)
    return Member(id_, each.root.signer, author, f"Bearer {token}")


async def _register(wires: Wires, world: World, registrar: Member) -> None:
    rows = [Row(number, Status.CONFIRMED, place.desk.id) for number, place in world.places_of.items()]
    for start in range(0, len(rows), _PAGE_ROWS):
        page = encode_rows(tuple(rows[start : start + _PAGE_ROWS]))
        line = DocumentLine(world.relay, "register", new_id(os.urandom), None, (f"{world.review.desk.id}/1",), 1, 1)
        reader = world.review.key.identity.recipient()
        author = StaffAuthor(registrar.id)
        sealed = seal_document(line, page.encode(), author=author, signer=registrar.author, recipients=[reader])
        digest = part_digest(sealed)
        path = f"/staff/parts/{digest}"
        await wires.send(request("PUT", path, sealed, content_type=SEALED, authorization=registrar.bearer))
        note = registrar.sign(world.relay, "register", document=digest, rows=hashlib.sha256(page.encode()).hexdigest())
        body = encode_json({"note": note.decode(), "rows": page}).encode()
        await wires.send(registrar.post("/office/statements", body, JSON))
