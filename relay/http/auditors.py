"""What auditors call: the opening of every custody entry, and every signed document. They see no letter and no name."""

from collections.abc import AsyncIterator
from typing import Annotated

from pydantic import Field

from keys.canonical import encode_json
from keys.directory import UnknownStaff
from relay.domain import in_force
from relay.domain.states import Role
from relay.http.calls import Answer, Audience, Call, StaffCaller, Stream, Strict
from relay.http.endpoints import Endpoint, Media, NotFound
from relay.http.services import Services
from relay.http.shapes import DigestPath
from relay.http.tokens import Scope
from relay.storage.custody_log import Opening, load_openings, load_published
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
                summary="What custody entries open to, one a line, up to the published size",
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

    async def _lines(self, start: int, limit: int) -> AsyncIterator[bytes]:
        async with self._services.storage.read() as connection:
            published = await load_published(connection)
            stop = min(start + limit, published[1] if published else 0)
            while start < stop:
                upto = min(start + _AT_ONCE, stop)
                found = await load_openings(connection, start=start, stop=upto)
                yield b"".join(opening_line(opening, key) for opening, key in found if key is not None)
                start = upto

    async def document(self, call: Call[StaffCaller, None, None, DigestPath]) -> Answer:
        """Give a signed document."""
        async with self._services.storage.read() as connection:
            found = await load_document(connection, call.path.digest)
        if found is None:
            raise NotFound
        return Answer(found[1])


def opening_line(opening: Opening, tag_key: bytes) -> bytes:
    """Write one line of `openings.jsonl` (FORMATS.md, "Receipt and bundle")."""
    line = {
        "v": 1,
        "index": opening.log_index,
        "tag_key": tag_key.hex(),
        "nonce": opening.event_nonce.hex(),
        "event": opening.event,
        "detail_nonce": opening.detail_nonce.hex(),
        "detail": opening.detail,
    }
    return encode_json(line).encode() + b"\n"
