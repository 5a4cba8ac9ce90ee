"""Work that an answer does not wait for longer than two seconds, and that may fail without taking the answer along."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

import structlog

_LOG = structlog.get_logger("relay.http")

PATIENCE_SECONDS: Final = 2.0


async def succeeds(work: Callable[[], Awaitable[None]], *, or_else: str, **fields: str) -> bool:
    """
    Do some work, and say whether it was done in time.

    Args:
        work: What to do.
        or_else: The event to log otherwise: with the class of what went wrong and no more, since messages may hold
            anything.
        fields: What else to log.
    """
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await work()
    except Exception as fault:  # noqa: BLE001 - whatever it is, this part does not work, and all others still answer
        _LOG.warning(or_else, error=type(fault).__qualname__, **fields)
        return False
    return True
