"""What others do meanwhile, in stories that are about somebody else: the demo's people, at work without a browser."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from typing import TypeVar

from keys.codes import new_code
from relay.client.dispatchers import Dispatcher
from relay.client.facilities import Officer
from relay.client.families import Family
from relay.client.operators import fetch_keyring, unlock
from relay.client.reviewers import Reviewer
from relay.client.staff import StaffSession
from relay.client.transport import Connection
from relay.client.trustbook import TrustBook
from tests.browser.demo_world import DemoWorld

T = TypeVar("T")


class Behind:
    """The demo's people, each at their own client."""

    def __init__(self, world: DemoWorld, connection: Connection, book: TrustBook) -> None:
        """Take a relay that has been looked up."""
        self.world, self.connection, self.book = world, connection, book

    def family(self, code: str | None = None) -> Family:
        """Give a family its client, and a code if it has none."""
        return Family(self.connection, self.book, code or new_code())

    async def session(self, name: str) -> StaffSession:
        """Sign one of the staff in with the code from the demo's list."""
        member = self.world.staff[name]
        keyring = await fetch_keyring(self.connection, member.id)
        root = unlock(keyring, member.code, self.book.relay, directory=self.book.directory)
        session = StaffSession(self.connection, self.book, root)
        await session.sign_in()
        await session.open_desks()
        return session

    def desk(self, name: str) -> str:
        """Say at which desk one of the staff works."""
        return self.book.directory.member(self.world.staff[name].id).desks[0]

    async def reviewer(self, name: str = "ben") -> Reviewer:
        """Sign a reviewer in."""
        return Reviewer(await self.session(name), self.desk(name))

    async def dispatcher(self) -> Dispatcher:
        """Sign the dispatcher in."""
        return Dispatcher(await self.session("ben"), self.desk("ben"))

    async def officer(self, name: str) -> Officer:
        """Sign an officer in."""
        return Officer(await self.session(name), self.desk(name))


def meanwhile(world: DemoWorld, work: Callable[[Behind], Awaitable[T]]) -> T:
    """Let others work, and wait for them; in a thread of its own, since Playwright holds the event loop of this one."""

    async def do() -> T:
        async with _behind(world) as behind:
            return await work(behind)

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(do())).result()


@asynccontextmanager
async def _behind(world: DemoWorld) -> AsyncIterator[Behind]:
    async with Connection(world.url) as connection:
        book = TrustBook(world.fingerprint, None)
        await book.refresh(connection)
        yield Behind(world, connection, book)
