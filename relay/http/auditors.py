"""What auditors call: the opening of every custody entry, and every signed document. They see no letter and no name."""

from collections.abc import AsyncGenerator, Sequence
from typing import Annotated

from pydantic import Field

from keys.directory import UnknownStaff
from relay.custody import bundle
from relay.custody.bundle import EventOpening, StatementOpening, encode_opening
from relay.domain import in_force
from relay.domain.states import Role
from relay.http.calls import Answer, Audience, Call, StaffCaller, Stream, Strict
from relay.http.endpoints import Endpoint, Media, NotFound
from relay.http.services import Services
from relay.http.shapes import DigestPath
from relay.http.tokens import Scope
from relay.storage import custody_log
from relay.storage.custody_log import Commitment, load_commitments, load_openings, load_published
from relay.storage.parts import load_document

_AUDITORS = frozenset({Role.AUDITOR})
_MOST_OPENINGS = 10_000
_AT_ONCE = 1_000


class Range(Strict):
    """Which part of the log: from `start`, at most `limit` entries."""

    start: Annotated[int, Field(ge=0)] = 0
    limit: Annotated[int, Field(ge=1, le=_MOST_OPENINGS)] = 1_000


class Auditors:
    """The auditors' endpoints."""

    def __init__(self, services: Services) -> None:
        """Take what they work with."""
        self._services = services

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Describe them."""
        return (
            Endpoint(
                method="GET",
                path="/audit/openings",
                name="audit_openings",
                summary="What entries open to, one a line, up to the published size",
                audience=Audience.STAFF,
                roles=_AUDITORS,
                scope=Scope.AUDIT,
                handler=self.openings,
                query_model=Range,
                answer=Media("application/jsonl"),
                errors=(in_force.DirectoryOver, UnknownStaff),
            ),
            Endpoint(
                method="GET",
                path="/documents/{digest}",
                name="document",
                summary="A statement, a trust, a directory or register rows, by its SHA-256",
                audience=Audience.STAFF,
                roles=_AUDITORS,
                scope=Scope.AUDIT,
                handler=self.document,
                path_model=DigestPath,
                answer=Media("application/octet-stream"),
                errors=(NotFound, in_force.DirectoryOver, UnknownStaff),
            ),
        )

    async def openings(self, call: Call[StaffCaller, None, Range]) -> Stream:
        """Give openings, without holding them all in memory."""
        return Stream(self._lines(call.query.start, call.query.limit))

    async def _lines(self, start: int, limit: int) -> AsyncGenerator[bytes, None]:
        storage = self._services.storage
        async with storage.read() as connection:
            published = await load_published(connection)
        stop = min(start + limit, published[1] if published else 0)
        while start < stop:
            upto = min(start + _AT_ONCE, stop)
            # A new read for each chunk: a caller who takes minutes would hold a connection, and SQLite's journal, as
            # long. What is opened below the published size does not change.
            async with storage.read() as connection:
                found = await load_openings(connection, start=start, stop=upto)
                others = await load_commitments(connection, start=start, stop=upto)
            yield b"".join(map(encode_opening, _in_order(found, others)))
            start = upto

    async def document(self, call: Call[StaffCaller, None, None, DigestPath]) -> Answer:
        """Give a signed document."""
        async with self._services.storage.read() as connection:
            found = await load_document(connection, call.path.digest)
        if found is None:
            raise NotFound
        return Answer(found[1])


def _in_order(
    found: Sequence[tuple[custody_log.Opening, bytes | None]], others: Sequence[Commitment]
) -> list[bundle.Opening]:
    """Put what opens events, and statements about no item, into the order of the log."""
    openings: list[bundle.Opening] = [StatementOpening(one.log_index, one.nonce, one.note) for one in others]
    openings += (
        EventOpening(row.log_index, key, row.event_nonce, row.event, row.detail_nonce, row.detail)
        for row, key in found
        if key is not None
    )
    return sorted(openings, key=lambda opening: opening.index)
