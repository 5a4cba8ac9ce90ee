"""Colleagues who need no browser: they bring letters to where a story begins, through the client that commands use."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from keys.codes import new_code
from relay.client.dispatchers import Dispatcher
from relay.client.facilities import Officer
from relay.client.families import Family
from relay.client.operators import unlock
from relay.client.reviewers import Reviewer
from relay.client.staff import StaffSession
from relay.client.transport import Connection
from relay.client.trustbook import TrustBook
from tests.browser.demo_world import DemoWorld

T = TypeVar("T")


def pass_letters(world: DemoWorld, number: str, *, by: str = "cyd") -> list[str]:
    """Claim and pass all letters to one number; returns their ids."""

    async def passing(session: StaffSession) -> list[str]:
        reviewer = Reviewer(session, session.member.desks[0])
        batch = await reviewer.open(await reviewer.claim(await reviewer.offers(number)))
        await reviewer.pass_(batch.letters)
        return [letter.item for letter in batch.letters]

    return _as_member(world, by, passing)


def claim_all(world: DemoWorld, *, by: str = "cyd") -> None:
    """Claim all that waits, and read on."""

    async def claiming(session: StaffSession) -> None:
        reviewer = Reviewer(session, session.member.desks[0])
        for line in await reviewer.lines():
            await reviewer.claim(await reviewer.offers(line.detainee))

    _as_member(world, by, claiming)


def take_over(world: DemoWorld, number: str, *, of: str, by: str) -> None:
    """Release what one reviewer holds, as from another computer of theirs, and let a colleague claim it."""

    async def releasing(session: StaffSession) -> None:
        reviewer = Reviewer(session, session.member.desks[0])
        await reviewer.release(await reviewer.claimed())

    async def claiming(session: StaffSession) -> None:
        reviewer = Reviewer(session, session.member.desks[0])
        await reviewer.claim(await reviewer.offers(number))

    _as_member(world, of, releasing)
    _as_member(world, by, claiming)


def pack_bags(world: DemoWorld, *, by: str = "ben") -> None:
    """Pack all that was passed, a bag for each place."""

    async def packing(session: StaffSession) -> None:
        await Dispatcher(session, session.member.desks[0]).pack_all()

    _as_member(world, by, packing)


def receive_bags(world: DemoWorld, *, by: str) -> None:
    """Receive all that is on its way to an officer's place."""

    async def receiving(session: StaffSession) -> None:
        officer = Officer(session, session.member.desks[0])
        for bag in await officer.bags():
            await officer.receive(bag)

    _as_member(world, by, receiving)


def end_sessions(world: DemoWorld, name: str) -> None:
    """End every session of a member, as `letter-relay staff sessions` does for whoever left a computer behind."""

    async def ending(session: StaffSession) -> None:
        for one in await session.sessions():
            if one.id != session.session_id:
                await session.end_session(one.id)
        await session.sign_out()

    _as_member(world, name, ending)


def write_damaged_letter(world: DemoWorld, number: str) -> None:
    """Send a letter whose last byte was damaged after it was sealed: the relay, which cannot open it, takes it."""

    async def writing() -> None:
        async with Connection(world.url) as connection:
            book = await _trusted(world, connection)
            family = Family(connection, book, new_code())
            draft = family.prepare("Nobody can read this.", about=number, lang="en")
            whole = draft.parts[0]
            await family.send(type(draft)(draft.line, (whole[:-1] + bytes([whole[-1] ^ 1]),)))

    _in_a_thread(writing)


def _as_member(world: DemoWorld, name: str, act: Callable[[StaffSession], Awaitable[T]]) -> T:
    async def acting() -> T:
        async with Connection(world.url) as connection:
            book = await _trusted(world, connection)
            member = world.staff[name]
            keyring = (await connection.get(f"/keyrings/{member.id}")).body
            session = StaffSession(connection, book, unlock(keyring, member.code, book.relay, directory=book.directory))
            await session.sign_in()
            await session.open_desks()
            return await act(session)

    return _in_a_thread(acting)


async def _trusted(world: DemoWorld, connection: Connection) -> TrustBook:
    book = TrustBook(world.fingerprint, None)
    await book.refresh(connection)
    return book


def _in_a_thread(act: Callable[[], Awaitable[T]]) -> T:
    """Run in a thread of its own: Playwright holds the event loop of this one."""

    async def running() -> T:
        return await act()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(running())).result()
