"""
Flip single bytes of a bundle of evidence, and say at which step an audit finds each: vectors for other auditors.

Whatever audits in another language has to find the same byte at the same step, and name the same item.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from keys.errors import EvidenceBroken
from relay.custody.verify import verify
from tests.custody_world import MemoryBundle


@dataclass
class FileBundle(MemoryBundle):
    """A bundle whose lines end as those of a file on a disk do: at a newline, and at nothing else."""

    def openings(self) -> Iterator[bytes]:
        """Yield lines."""
        for line in self.files.get("openings.jsonl", b"").split(b"\n")[:-1]:
            yield line + b"\n"
        rest = self.files.get("openings.jsonl", b"").rpartition(b"\n")[2]
        if rest:
            yield rest


def flips(files: Mapping[str, bytes], fingerprint: str, *, every: int) -> list[dict[str, Any]]:
    """
    Flip one byte in so many of every file, in turn.

    Args:
        files: The bundle's files by path.
        fingerprint: Of the relay's root.
        every: How far the bytes are apart.
    """
    found = []
    for path in sorted(files):
        for at in range(_chosen(path) % every, len(files[path]), every):
            mask = _chosen(f"{path} {at}") % 255 + 1
            found.append({"file": path, "at": at, "mask": mask, **_outcome(files, fingerprint, path, at, mask)})
    return found


def _outcome(files: Mapping[str, bytes], fingerprint: str, path: str, at: int, mask: int) -> dict[str, Any]:
    data = bytearray(files[path])
    data[at] ^= mask
    try:
        verify(FileBundle({**files, path: bytes(data)}), fingerprint=fingerprint)
    except EvidenceBroken as broken:
        return {"step": broken.step, "item": broken.item}
    raise AssertionError(f"nobody finds byte {at} of {path}")


def _chosen(word: str) -> int:
    """Make a number of a word, the same each time."""
    return int.from_bytes(hashlib.sha256(word.encode()).digest()[:4])
