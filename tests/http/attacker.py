"""A real relay with somebody in its middle, who puts other answers in the place of its own, and an honest client."""

import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from keys.directory import Directory, describe_directory, encode_directory, sign_directory
from keys.ids import format_time, parse_time
from keys.keyrings import new_desk_key
from relay.client.ceremony import SigningKey
from relay.client.clock import now
from relay.client.register import read_register
from relay.client.staff import StaffSession
from relay.client.transport import Answer, Connection
from relay.client.trustbook import TrustBook
from tests.http.client_world import ClientWorld, a_client_world


class Attacker(Connection):
    """Asks the real relay, and tells what it likes: by path, an answer from before or one that was made."""

    def __init__(self, url: str) -> None:
        super().__init__(url, attempts=1)
        self.lies: dict[str, Callable[[bytes], bytes]] = {}

    async def send(self, method: str, path: str, body: bytes | None = None, **options: Any) -> Answer:
        """Ask, and put something else in the place of what was answered."""
        answer = await super().send(method, path, body, **options)
        lie = self.lies.get(path)
        return answer if lie is None else replace(answer, body=lie(answer.body))

    def says(self, path: str, body: bytes) -> None:
        """Answer with these bytes from now on."""
        self.lies[path] = lambda _: body

    def changes(self, path: str, change: Callable[[dict[str, Any]], None]) -> None:
        """Change the JSON that the relay answers from now on."""

        def lie(body: bytes) -> bytes:
            members = json.loads(body)
            change(members)
            return json.dumps(members, ensure_ascii=False).encode()

        self.lies[path] = lie


@dataclass
class Scene:
    """The world, the attacker in its middle, and where the honest client remembers what it saw."""

    world: ClientWorld
    attacker: Attacker
    seen: Path
    later: timedelta = field(default_factory=timedelta)

    async def looks(self) -> TrustBook:
        """Let the client bring its trust and directory up to date."""
        at = format_time(parse_time(now()) + self.later)
        book = TrustBook(self.world.fingerprint, self.seen, clock=lambda: at)
        await book.refresh(self.attacker)
        return book

    async def works(self, name: str = "ann") -> StaffSession:
        """Let a member sign in and open the desk's keys."""
        return await self.world.session(name, book=await self.looks())

    async def reads_register(self) -> None:
        """Let a reviewer read the register."""
        await read_register(await self.works(), self.world.review.desk.id)

    def shows(self, note: bytes, directory: Directory | bytes) -> None:
        """Answer with another directory."""
        document = directory if isinstance(directory, bytes) else encode_directory(directory)
        self.attacker.says("/directory", json.dumps({"note": note.decode(), "document": document.decode()}).encode())

    @property
    def with_own_key(self) -> Directory:
        """The directory, but for the review desk's key, which is the attacker's."""
        own = new_desk_key(self.world.relay, self.world.review.desk.id, 1).identity.recipient()
        desks = [
            replace(one, epochs=(replace(one.epochs[0], recipient=str(own)),))
            if one.id == self.world.review.desk.id
            else one
            for one in self.world.directory.desks
        ]
        return replace(self.world.directory, desks=tuple(desks))

    def signed(self, directory: Directory, keys: Sequence[SigningKey], *, previous: bytes | None = None) -> bytes:
        """Write the note of a directory."""
        note = describe_directory(
            encode_directory(directory), version=directory.version, previous=previous, expires="2036-01-01T00:00:00Z"
        )
        return sign_directory(note, [key.signer for key in keys])


@asynccontextmanager
async def a_scene(folder: Path) -> AsyncIterator[Scene]:
    """Serve a relay, put the attacker before it, and let Ann's client see it as it is, once."""
    async with a_client_world(folder / "relay") as world, Attacker(world.connection.url) as attacker:
        world.connection = attacker
        ready = Scene(world, attacker, folder / "seen.json")
        await ready.reads_register()
        yield ready
