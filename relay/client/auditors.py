"""
An auditor at work: downloads everything that can be verified, and signs what was found whole.

Downloading verifies nothing but what is needed to know which files there are; `relay.custody.verify` then judges the
files, the same for a relay that is asked over HTTP as for a bundle that came on a disk.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from typing import Final, Protocol, TypeVar

from keys.canonical import parse_json
from keys.directory import read_directory_note
from keys.errors import Malformed, Refused
from keys.ids import is_digest
from keys.statements import FIRST_LINE, read_statement
from relay.client.bundles import DirectoryBundle
from relay.client.logreader import LogReader
from relay.client.staff import StaffSession
from relay.client.transport import Connection
from relay.client.trustbook import TrustBook
from relay.custody.bundle import CHECKPOINT, DOCUMENTS, OPENINGS, EventOpening, parse_opening
from relay.custody.checkpoint import Checkpoint
from relay.custody.entry import ClearEntry, ClearKind, ErasureEntry, parse_entry
from relay.custody.tiles import TileId, entry_bundles, hash_tiles, parse_bundle, tile_path

T = TypeVar("T")

#: How many files are asked for at the same time.
_AT_ONCE: Final = 8
_OPENINGS_AT_ONCE: Final = 5_000
_REGISTER_STATEMENT: Final = f"{FIRST_LINE} register\n".encode()
#: How often the evidence is fetched at the most, if the relay erases something each time.
_ATTEMPTS: Final = 3


class FolderInUse(Refused):
    """This folder holds something already, and evidence is never mixed with anything else."""

    code = "folder_in_use"
    cure = "Name a folder that does not exist yet, or an empty one."


class Store(Protocol):
    """Where the files of a bundle go."""

    def write(self, name: str, data: bytes) -> None:
        """Keep a file of this path, with slashes."""
        ...

    def append(self, name: str, data: bytes) -> None:
        """Add to a file of this path."""
        ...


class MemoryBundle:
    """A bundle that was never written down (`relay.custody.bundle.Bundle`), for logs that fit into memory."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._files: dict[str, bytes] = {}
        self._openings: list[bytes] = []

    def write(self, name: str, data: bytes) -> None:
        """Keep a file."""
        self._files[name] = data

    def append(self, name: str, data: bytes) -> None:
        """Add lines to the openings, which is the one file that grows."""
        self._files.setdefault(name, b"")
        self._openings += data.splitlines(keepends=True)

    def checkpoint(self) -> bytes | None:
        """Return the signed checkpoint."""
        return self._files.get(CHECKPOINT)

    def tile(self, tile: TileId) -> bytes | None:
        """Return a tile or a bundle of entries."""
        return self._files.get(tile_path(tile))

    def openings(self) -> Iterator[bytes]:
        """Yield the lines of the openings."""
        return iter(self._openings)

    def document(self, digest: str) -> bytes | None:
        """Return the document filed under a digest."""
        return self._files.get(DOCUMENTS + digest)

    def names(self) -> Iterable[str]:
        """Name every file."""
        return tuple(self._files)


class FolderStore:
    """Writes the files of a bundle below a folder of their own."""

    def __init__(self, root: Path) -> None:
        """
        Take a folder.

        Raises:
            FolderInUse: There is something in it.
        """
        # What it will hold opens the custody of every letter.
        root.mkdir(mode=0o700, parents=True, exist_ok=True)
        if any(root.iterdir()):
            raise FolderInUse
        self._root = root

    def write(self, name: str, data: bytes) -> None:
        """Keep a file."""
        path = self._root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def append(self, name: str, data: bytes) -> None:
        """Add to a file."""
        with (self._root / name).open("ab") as file:
            file.write(data)


class EvidenceReader:
    """Whoever may read the openings: an auditor in person, or an auditor's program with a token for it."""

    def __init__(self, connection: Connection, trustbook: TrustBook, bearer: str) -> None:
        """
        Take the relay and the right to read.

        Args:
            connection: To the relay.
            trustbook: Refreshed.
            bearer: A session's token, or a program's with the scope ``audit``.
        """
        self._connection = connection
        self._trustbook = trustbook
        self._bearer = bearer

    async def download(self, folder: Path) -> DirectoryBundle:
        """
        Download the whole evidence into a folder, up to the published checkpoint.

        What the relay erases meanwhile is missing from it (`fetch` would begin again): then download it once more.

        Raises:
            FolderInUse: The folder holds something.
            Malformed, ProblemAnswered: The relay serves something else, or refuses.
        """
        await self._download(FolderStore(folder))
        return DirectoryBundle(folder)

    async def fetch(self) -> MemoryBundle:
        """
        Download the whole evidence into memory; raises as `download`.

        An erasure run that comes meanwhile takes openings away below the checkpoint in hand, and the entry that
        accounts for them stands above it. Then all is fetched again, so that nobody takes an erasure for a gap.
        """
        bundle = MemoryBundle()
        checkpoint = await self._download(bundle)
        for _ in range(_ATTEMPTS - 1):
            if not await self._erased_since(checkpoint):
                break
            bundle = MemoryBundle()
            checkpoint = await self._download(bundle)
        return bundle

    async def _erased_since(self, checkpoint: Checkpoint) -> bool:
        """Look through what has been published since for an erasure run; who lies here breaks the evidence in hand."""
        size = (await self._log.checkpoint()).checkpoint.size
        entries = self._log.entries(checkpoint.size, size)
        return any([isinstance(entry, ErasureEntry) async for _, entry in entries])

    async def _download(self, store: Store) -> Checkpoint:
        checkpoint, documents = await export_log(self._log, store)
        store.append(OPENINGS, b"")
        for start in range(0, checkpoint.size, _OPENINGS_AT_ONCE):
            # Not beyond the checkpoint in hand: a relay at work publishes the next one meanwhile, and an opening of an
            # entry that this bundle does not have would be evidence broken (step 6.2).
            lines = await self._openings(start, min(_OPENINGS_AT_ONCE, checkpoint.size - start))
            store.append(OPENINGS, lines)
            documents |= _documents_of(lines)
        await _each(sorted(documents), lambda digest: self._keep_document(store, digest))
        return checkpoint

    @property
    def _log(self) -> LogReader:
        return LogReader(self._connection, self._trustbook.trust)

    async def _openings(self, start: int, limit: int) -> bytes:
        query = {"start": str(start), "limit": str(limit)}
        answer = await self._connection.get("/audit/openings", bearer=self._bearer, query=query)
        return answer.body

    async def _keep_document(self, store: Store, digest: str) -> None:
        data = (await self._connection.get(f"/documents/{digest}", bearer=self._bearer)).body
        store.write(DOCUMENTS + digest, data)
        if (rows := _rows_of(data)) is not None:
            await self._keep_document(store, rows)


class Auditor(EvidenceReader):
    """An auditor in person, who also signs what was found whole."""

    def __init__(self, session: StaffSession) -> None:
        """Take the session, signed in as an auditor."""
        super().__init__(session.connection, session.trustbook, session.bearer)
        self.session: Final = session

    async def sign_audited(self, checkpoint: Checkpoint) -> int:
        """Say, signed and in the log, up to where it was found whole, and return the entry's log index."""
        fields = {"size": checkpoint.size, "root": checkpoint.root.hex()}
        return await self.session.office("audited", fields)


async def export_log(log: LogReader, store: Store) -> tuple[Checkpoint, set[str]]:
    """
    Download the public log: checkpoint and tiles, which anybody may have and others' tools can verify.

    Returns:
        The checkpoint, and the digests of the directories that the log names.

    Raises:
        Malformed, ProblemAnswered: The relay serves something else, or refuses.
    """
    signed = await log.checkpoint()
    size = signed.checkpoint.size
    store.write(CHECKPOINT, signed.note)
    documents: set[str] = set()

    async def keep(tile: TileId) -> None:
        store.write(tile_path(tile), await log.exact_tile(tile))

    async def keep_entries(tile: TileId) -> None:
        data = await log.exact_tile(tile)
        store.write(tile_path(tile), data)
        documents.update(_directories_in(parse_bundle(data, tile.width)))

    await _each(hash_tiles(size), keep)
    await _each(entry_bundles(size), keep_entries)
    return signed.checkpoint, documents


def _directories_in(entries: Iterable[bytes]) -> Iterator[str]:
    """Name the directory documents that some entries refer to; what is no entry of ours the audit will find."""
    for data in entries:
        if not data.startswith(b"letter-relay/entry/v1 directory\n"):
            continue
        try:
            entry = parse_entry(data)
            if isinstance(entry, ClearEntry) and entry.kind is ClearKind.DIRECTORY:
                yield read_directory_note(entry.note).sha256
        except Malformed:
            continue


def _documents_of(lines: bytes) -> set[str]:
    """Name the statements that some openings refer to; what is no opening the audit will find."""
    found: set[str] = set()
    for line in lines.splitlines(keepends=True):
        try:
            opening = parse_opening(line)
            if isinstance(opening, EventOpening):
                digest = parse_json(opening.detail, what="detail").get("statement")
            else:
                digest = opening.statement
        except Malformed:
            continue
        if isinstance(digest, str) and is_digest(digest):
            found.add(digest)
    return found


def _rows_of(document: bytes) -> str | None:
    """Name the rows that a registrar's statement has set; None for any other document."""
    if not document.startswith(_REGISTER_STATEMENT):
        return None
    try:
        rows = read_statement(document).statement.fields["rows"]
    except Malformed:
        return None
    return rows if isinstance(rows, str) else None


async def _each(things: Iterable[T], fetch: Callable[[T], Awaitable[None]]) -> None:
    """Fetch many things, a few at the same time; the first that fails stops all."""
    waiting = iter(things)

    async def work() -> None:
        for thing in waiting:
            await fetch(thing)

    workers = [asyncio.ensure_future(work()) for _ in range(_AT_ONCE)]
    try:
        # Not a TaskGroup: the caller shall get the relay's own refusal, not a group of one.
        await asyncio.gather(*workers)
    finally:
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
