"""Letters of a family that needs no browser, for stories that are about what comes after the writing."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from keys.codes import new_code
from relay.client.families import Family
from relay.client.transport import Connection
from relay.client.trustbook import TrustBook
from tests.browser.demo_world import DemoWorld


def write_letters(world: DemoWorld, number: str, texts: Sequence[str]) -> None:
    """Seal and send letters to one number, each under a code of its own."""
    # In a thread of its own: Playwright holds the event loop of this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(_write(world, number, texts))).result()


async def _write(world: DemoWorld, number: str, texts: Sequence[str]) -> None:
    async with Connection(world.url) as connection:
        book = TrustBook(world.fingerprint, None)
        await book.refresh(connection)
        for text in texts:
            await Family(connection, book, new_code()).write(text, about=number, lang="en")
