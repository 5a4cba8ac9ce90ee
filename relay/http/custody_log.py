"""The log in public: C2SP tlog-tiles, trust and directory. Nothing here asks who calls, and nothing links events."""

from relay.custody.tiles import ENTRIES, TilePathMalformed, parse_tile_path
from relay.http.calls import Answer, Audience, Call, Strict
from relay.http.endpoints import Endpoint, Media, NotFound
from relay.http.services import Services
from relay.ledger.publishing import read_bundle, read_tile
from relay.storage.custody_log import load_authority, load_published
from relay.storage.parts import load_document

_TEXT = Media("text/plain; charset=utf-8")
_BYTES = Media("application/octet-stream")
_IMMUTABLE = {"Cache-Control": "public, max-age=604800, immutable", "Access-Control-Allow-Origin": "*"}
_FRESH = {"Cache-Control": "no-store", "Access-Control-Allow-Origin": "*"}


class GenerationPath(Strict):
    """Which generation of the log."""

    generation: int


class TilePath(Strict):
    """Which generation of the log, and which tile of it."""

    generation: int
    tile: str


class DirectoryAnswer(Strict):
    """
    The directory in force, both halves verbatim.

    The note is signed by k directory keys and names the document by its SHA-256.
    """

    note: str
    document: str


class SuspensionAnswer(Strict):
    """An operator's signed statement that a key has no power any more, and where in the log it stands."""

    index: int
    note: str


class SuspensionsAnswer(Strict):
    """All suspensions, in log order."""

    suspensions: list[SuspensionAnswer]


class CustodyLog:
    """The public endpoints about evidence and trust."""

    def __init__(self, services: Services) -> None:
        """Take what they work with."""
        self._services = services

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Describe them."""
        return (
            Endpoint(
                method="GET",
                path="/trust",
                name="trust",
                summary="The trust note in force",
                description="Signed by the root whose fingerprint is printed on address cards; entry 0 of the log.",
                audience=Audience.PUBLIC,
                handler=self.trust,
                answer=_TEXT,
                errors=(NotFound,),
                before_opening=True,
            ),
            Endpoint(
                method="GET",
                path="/directory",
                name="directory",
                summary="The directory in force: its note and its document",
                audience=Audience.PUBLIC,
                handler=self.directory,
                answer=DirectoryAnswer,
                errors=(NotFound,),
                before_opening=True,
            ),
            Endpoint(
                method="GET",
                path="/suspensions",
                name="suspensions",
                summary="Every key that operators have suspended: their signed statements, in log order",
                description="Each is an entry of the log too, where an audit finds one that was left out here.",
                audience=Audience.PUBLIC,
                handler=self.suspensions,
                answer=SuspensionsAnswer,
                before_opening=True,
            ),
            Endpoint(
                method="GET",
                path="/log/{generation}/checkpoint",
                name="checkpoint",
                summary="The published checkpoint (C2SP tlog-checkpoint)",
                audience=Audience.PUBLIC,
                handler=self.checkpoint,
                path_model=GenerationPath,
                answer=_TEXT,
                errors=(NotFound,),
                before_opening=True,
            ),
            Endpoint(
                method="GET",
                path="/log/{generation}/{tile:tile/.+}",
                name="tile",
                summary="A tile of hashes, or a bundle of entries (C2SP tlog-tiles)",
                audience=Audience.PUBLIC,
                handler=self.tile,
                path_model=TilePath,
                answer=_BYTES,
                errors=(NotFound, TilePathMalformed),
                before_opening=True,
            ),
        )

    async def trust(self, _: Call) -> Answer:
        """Give the trust note."""
        async with self._services.storage.read() as connection:
            rows = [row for row in await load_authority(connection) if row.kind == "trust"]
            found = await load_document(connection, rows[-1].note) if rows else None
        if found is None:
            raise NotFound
        return Answer(found[1], headers=_FRESH)

    async def directory(self, _: Call) -> Answer:
        """Give the directory's note and document."""
        async with self._services.storage.read() as connection:
            rows = [row for row in await load_authority(connection) if row.kind == "directory"]
            if not rows:
                raise NotFound
            note = await load_document(connection, rows[-1].note)
            document = await load_document(connection, rows[-1].document or "")
        if note is None or document is None:
            raise NotFound
        return Answer(DirectoryAnswer(note=note[1].decode(), document=document[1].decode()), headers=_FRESH)

    async def suspensions(self, _: Call) -> SuspensionsAnswer:
        """Give every suspension."""
        async with self._services.storage.read() as connection:
            rows = [row for row in await load_authority(connection) if row.kind == "suspend"]
            found = [(row.log_index, await load_document(connection, row.note)) for row in rows]
        return SuspensionsAnswer(
            suspensions=[
                SuspensionAnswer(index=index, note=document[1].decode()) for index, document in found if document
            ]
        )

    async def checkpoint(self, call: Call[None, None, None, GenerationPath]) -> Answer:
        """Give the published checkpoint."""
        self._require_generation(call.path.generation)
        async with self._services.storage.read() as connection:
            published = await load_published(connection)
        if published is None:
            raise NotFound
        return Answer(published[0], headers=_FRESH)

    async def tile(self, call: Call[None, None, None, TilePath]) -> Answer:
        """Give a tile of the published tree; it never changes once it was served."""
        self._require_generation(call.path.generation)
        tile = parse_tile_path(call.path.tile)
        async with self._services.storage.read() as connection:
            read = read_bundle if tile.level == ENTRIES else read_tile
            data = await read(connection, call.path.generation, tile)
        if data is None:
            raise NotFound
        return Answer(data, headers=_IMMUTABLE)

    def _require_generation(self, generation: int) -> None:
        if generation != self._services.ledger.head.generation:
            raise NotFound
