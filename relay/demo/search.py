"""Look through all that a relay has on its disk for words that it must not have."""

import base64
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_READER: Final = "import shutil, sys; shutil.copyfileobj(open(sys.argv[1], 'rb'), sys.stdout.buffer)"


@dataclass(frozen=True, slots=True)
class Searched:
    """What was looked through, in bytes and file names, and how often each thing was found."""

    size_bytes: int
    files: tuple[str, ...]
    found: Mapping[str, int]


def search_files(files: Sequence[Path], needles: Mapping[str, Sequence[str]]) -> Searched:
    """
    Count how often words stand in files, in whichever way a careless program would have written them.

    Args:
        files: Whole files: the database, its journal, the log's key, everything there is.
        needles: By a name for each thing, the spellings to look for.
    """
    contents = [_read_elsewhere(path) for path in files]
    found = {
        name: sum(content.count(spelling) for content in contents for word in words for spelling in _spellings(word))
        for name, words in needles.items()
    }
    return Searched(sum(map(len, contents)), tuple(path.name for path in files), found)


def _read_elsewhere(path: Path) -> bytes:
    """
    Read a file in another process, because this one may serve the relay whose database it is.

    Whoever closes a database's file drops every lock that SQLite has on it in the same process; the next program that
    looks at the database then takes the journal away, and what is written after that is lost
    (sqlite.org/howtocorrupt.html, 2.2).
    """
    reading = [sys.executable, "-I", "-c", _READER, str(path)]
    return subprocess.run(reading, check=True, stdout=subprocess.PIPE).stdout  # noqa: S603 - our own words and a path


def _spellings(word: str) -> Iterator[bytes]:
    """Spell a word in UTF-8, in UTF-16, with the escapes of JSON, in hex, and in base64 at each offset."""
    utf8 = word.encode()
    yield utf8
    yield word.encode("utf-16-le")
    if not word.isascii():
        yield "".join(f"\\u{ord(character):04x}" if ord(character) > 127 else character for character in word).encode()
    yield utf8.hex().encode()
    for offset in range(3):
        # The first and last characters depend on what stands around the word; those between do not.
        encoded = base64.b64encode(b"\0" * offset + utf8)
        yield encoded[4:-4]
