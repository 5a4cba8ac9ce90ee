"""
Letters that are sealed and not yet acknowledged, so that the same command, typed again, sends the same bytes.

Without it a family whose network broke would send its letter twice. What lies here is sealed to the review desk: not
even this machine can read it any more.
"""

import hashlib
from collections.abc import Callable
from pathlib import Path

from relay.client.keyfiles import replace_private
from relay.client.sealing import Draft, encode_draft, parse_draft


class Outbox:
    """One folder of drafts, each named by what it was made from."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; it is made when something is kept in it."""
        self._folder = folder

    def draft(self, made_from: tuple[bytes, ...], seal: Callable[[], Draft]) -> tuple[Path, Draft]:
        """
        Give the draft that was made from the same things before, or make one and keep it.

        Args:
            made_from: The code, the number, the text, the pictures: whatever makes it another letter.
            seal: Makes it.
        """
        digests = b"".join(hashlib.sha256(part).digest() for part in made_from)
        path = self._folder / f"{hashlib.sha256(b'letter-relay/outbox/v1' + digests).hexdigest()}.draft"
        if path.exists():
            return path, parse_draft(path.read_bytes())
        draft = seal()
        replace_private(path, encode_draft(draft))
        return path, draft
