"""A bundle of evidence as it lies on a disk, as `log export` writes it and `audit verify` reads it."""

import os
from collections.abc import Iterator
from pathlib import Path

from relay.custody.bundle import CHECKPOINT, DOCUMENTS, MAX_OPENING_BYTES, OPENINGS
from relay.custody.tiles import MAX_ENTRY_BYTES, TILE_WIDTH, TileId, tile_path

#: Larger than any file of a bundle but the openings, which are read line by line: a full bundle of the largest entries.
MAX_FILE_BYTES = TILE_WIDTH * (MAX_ENTRY_BYTES + 2)


class DirectoryBundle:
    """
    Reads a bundle from a directory (`relay.custody.bundle.Bundle`).

    Links are not followed out of curiosity: whoever made the bundle might have pointed one anywhere. A file that is no
    plain file is as good as missing, and one that is too large is cut, so that it fails its check.
    """

    def __init__(self, root: Path) -> None:
        """Take the directory that holds `checkpoint`, `tile`, `openings.jsonl` and `documents`."""
        self._root = root

    def checkpoint(self) -> bytes | None:
        """Return the signed checkpoint."""
        return self._read(CHECKPOINT)

    def tile(self, tile: TileId) -> bytes | None:
        """Return a tile or a bundle of entries."""
        return self._read(tile_path(tile))

    def openings(self) -> Iterator[bytes]:
        """Yield the lines of the openings; none if the file is missing."""
        path = self._root / OPENINGS
        if path.is_symlink() or not path.is_file():
            return
        with path.open("rb") as file:
            while line := file.readline(MAX_OPENING_BYTES + 1):
                yield line

    def document(self, digest: str) -> bytes | None:
        """Return the document filed under a digest."""
        return self._read(f"{DOCUMENTS}{digest}")

    def names(self) -> Iterator[str]:
        """Yield the path of everything that is not a directory."""
        for folder, folders, files in os.walk(self._root):
            links = [name for name in folders if (Path(folder) / name).is_symlink()]
            for name in (*files, *links):
                yield (Path(folder) / name).relative_to(self._root).as_posix()

    def _read(self, name: str) -> bytes | None:
        path = self._root / name
        if path.is_symlink() or not path.is_file():
            return None
        with path.open("rb") as file:
            return file.read(MAX_FILE_BYTES + 1)
