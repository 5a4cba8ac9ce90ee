"""A relay that is only played: answers by path, in memory, for tests of what the client makes of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from keys.canonical import encode_json
from relay.client.faults import ProblemAnswered
from relay.client.transport import Answer, Connection
from relay.custody.checkpoint import Checkpoint, sign_checkpoint
from relay.custody.edge import Edge, append
from relay.custody.entry import ClearKind, encode_clear
from relay.custody.merkle import leaf_hash, tree_root
from relay.custody.tiles import ENTRIES, TILE_WIDTH, TileId, encode_bundle, parse_tile_path
from tests.unit.client.people import ORIGIN, people

#: What a path answers: bytes, a JSON object, or whatever a function makes of the body.
Played = bytes | Mapping[str, Any] | Callable[[bytes], bytes]


@dataclass(frozen=True)
class Request:
    """One request as the client sent it."""

    method: str
    path: str
    body: bytes | None
    bearer: str | None
    headers: Mapping[str, str] | None


class PlayedConnection(Connection):
    """Answers from a table; what is not in it is not found."""

    def __init__(self, answers: Mapping[str, Played] | None = None) -> None:
        super().__init__("http://127.0.0.1")
        self.answers: dict[str, Played] = dict(answers or {})
        self.log: PlayedLog | None = None
        self.asked: list[Request] = []

    async def send(self, method: str, path: str, body: bytes | None = None, **options: Any) -> Answer:
        """Answer from the table, or from the log."""
        self.asked.append(Request(method, path, body, options.get("bearer"), options.get("headers")))
        answer = self.answers.get(path)
        if answer is None and self.log is not None and path.startswith("/log/1/"):
            answer = self.log.served(path.removeprefix("/log/1/"))
        if answer is None:
            raise ProblemAnswered(404, {"code": "not_found"})
        if isinstance(answer, Mapping):
            answer = encode_json(answer).encode()
        return Answer(200, "x/x", answer(body or b"") if callable(answer) else answer)


@dataclass
class PlayedLog:
    """A log of any entries, as tiles."""

    entries: list[bytes] = field(default_factory=list)
    #: Partial tiles are gone as soon as the log grows; readers must take the full ones.
    full_tiles_only: bool = False

    @property
    def root(self) -> bytes:
        """The root over all entries."""
        return tree_root([leaf_hash(entry) for entry in self.entries])

    def served(self, path: str) -> bytes | None:
        """Serve what lies below the log's prefix."""
        if path == "checkpoint":
            return sign_checkpoint(Checkpoint(ORIGIN, len(self.entries), self.root), people().log)
        tile = parse_tile_path(path)
        if self.full_tiles_only and tile.width < TILE_WIDTH and len(self.entries) >= (tile.index + 1) * TILE_WIDTH:
            return None
        return self.tile(tile)

    def tile(self, tile: TileId) -> bytes | None:
        """Serve one tile."""
        first = tile.index * TILE_WIDTH
        if tile.level == ENTRIES:
            held = self.entries[first : first + tile.width]
            return encode_bundle(held) if len(held) == tile.width else None
        leaves = (first + tile.width) * TILE_WIDTH**tile.level
        appended = append(Edge.empty(), [leaf_hash(entry) for entry in self.entries[:leaves]])
        return {one.tile: one.data for one in (*appended.tiles, *appended.edge.partials())}.get(tile)


def trust_entry() -> bytes:
    """Write entry 0."""
    return encode_clear(ClearKind.TRUST, people().trust_note)


def directory_entry(note: bytes) -> bytes:
    """Write a directory's entry."""
    return encode_clear(ClearKind.DIRECTORY, note)


def a_relay(note: bytes | None = None, document: bytes | None = None) -> PlayedConnection:
    """Play a relay with its trust and a directory, and a log of both."""
    note, document = note or people().note, document or people().document
    connection = PlayedConnection(
        {"/trust": people().trust_note, "/directory": {"note": note.decode(), "document": document.decode()}}
    )
    connection.log = PlayedLog([trust_entry(), directory_entry(note)])
    return connection
