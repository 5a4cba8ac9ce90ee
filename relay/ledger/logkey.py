"""
The log's two private keys, in a file of their own: Ed25519 for all checkpoints, ML-DSA-44 for the published ones too.

They are not in the database, so that a copy of it alone cannot sign in the log's name.
"""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from keys.canonical import encode_json
from keys.errors import Fatal, Refused
from keys.ids import Random
from keys.notes import Cosigner, Signer

FILE_NAME = "log.key"
SEED_BYTES = 32

_FILE = re.compile(r'\{"v":1,"ed25519":"([0-9a-f]{64})","mldsa44":"([0-9a-f]{64})"\}\n')


class LogKeyExists(Refused):
    """There is a log key in this folder already."""

    code = "log_key_exists"
    cure = "Choose an empty folder; a log key is never overwritten, since nobody else could go on with its log."


class LogKeyMissing(Fatal):
    """There is no log key in this folder, or it cannot be read."""

    code = "log_key_missing"
    cure = "Put back `log.key` from the backup of the data folder; without it the relay cannot sign for its log."


@dataclass(frozen=True, slots=True)
class LogKey:
    """
    The log's keys, named by its origin.

    Attributes:
        signer: Ed25519; signs every checkpoint.
        cosigner: ML-DSA-44; signs the published ones too.
    """

    signer: Signer
    cosigner: Cosigner

    @property
    def vkeys(self) -> tuple[str, str]:
        """The public halves, as trust lists them and `log vkey` prints them."""
        return (str(self.signer.vkey), str(self.cosigner.vkey))


def create_log_key(path: Path, origin: str, *, random: Random) -> LogKey:
    """
    Make the log's keys and write them to a new file that only its owner may read.

    Args:
        path: Where; usually `FILE_NAME` in the data folder.
        origin: The log's origin, which names the keys; it is not in the file, so that a new generation keeps them.

    Raises:
        LogKeyExists: There is such a file.
    """
    seeds = random(SEED_BYTES), random(SEED_BYTES)
    text = encode_json({"v": 1, "ed25519": seeds[0].hex(), "mldsa44": seeds[1].hex()}) + "\n"
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise LogKeyExists from None
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return _named(origin, *seeds)


def load_log_key(path: Path, origin: str) -> LogKey:
    """
    Read the log's keys.

    Raises:
        LogKeyMissing: The file is not there, may not be read, or is not as it was written.
    """
    try:
        match = _FILE.fullmatch(path.read_text(encoding="ascii"))
    except (OSError, UnicodeDecodeError):
        raise LogKeyMissing from None
    if match is None:
        raise LogKeyMissing("the log key file is damaged")
    return _named(origin, bytes.fromhex(match[1]), bytes.fromhex(match[2]))


def _named(origin: str, ed25519: bytes, mldsa44: bytes) -> LogKey:
    return LogKey(Signer.ed25519(origin, ed25519), Cosigner.mldsa44(origin, mldsa44))
