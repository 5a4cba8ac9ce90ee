"""A storage whose writes go wrong on demand, in each of the ways that a database can."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from enum import Enum

from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection

from relay.storage.engine import Storage, unavailable


class Fault(Enum):
    """What happens to one write."""

    REFUSED = "the transaction does not begin"
    LOST = "everything is written, the commit fails, and nothing is there"
    PERSISTED = "the commit succeeds, and its confirmation is lost"


def _driver_error() -> OperationalError:
    return OperationalError("COMMIT", {}, Exception("the database went away"))


class FaultyStorage(Storage):
    """A real database behind a connection that breaks."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        #: What happens to the next writes, in order; None is a write that goes well.
        self.faults: list[Fault | None] = []

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """Open a transaction, or break it as the next fault says."""
        fault = self.faults.pop(0) if self.faults else None
        async with self._broken(fault), super().write() as connection:
            if fault is Fault.REFUSED:
                raise _driver_error()
            yield connection
            if fault is Fault.LOST:
                raise _driver_error()

    @asynccontextmanager
    async def _broken(self, fault: Fault | None) -> AsyncIterator[None]:
        yield
        if fault is Fault.PERSISTED:
            raise unavailable(_driver_error())
