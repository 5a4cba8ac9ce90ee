"""
Files that hold secrets: written for their owner alone, never over another, and read only while nobody else can.

A code or a key stands in a file or comes on standard input, never in a command's arguments, where the whole machine
could read it.
"""

import contextlib
import os
import re
import stat
import sys
import tempfile
from pathlib import Path
from typing import Final

from keys.codes import parse_code
from keys.errors import Refused
from keys.notes import parse_note, verify_note
from keys.trust import parse_trust

_FINGERPRINT: Final = re.compile(r"[0-9a-fA-F]{64}")
_OWNER_ONLY: Final = 0o600


class FileExists(Refused):
    """There is a file of this name already, and a secret is never written over another."""

    code = "file_exists"
    cure = "Move the older file away, or choose another name."


class FileMissing(Refused):
    """There is no such file, or it cannot be read."""

    code = "file_missing"
    cure = "Check the name of the file, and that this user may read it."


class SecretExposed(Refused):
    """Others on this machine may read this secret file."""

    code = "secret_exposed"
    cure = "Run `chmod 600` on the file; if somebody else may have read it, replace the key or code that it holds."


def write_secret(path: Path, content: bytes) -> None:
    """
    Write a new file that only its owner may read, and wait until the disk has it.

    Raises:
        FileExists: There is one already.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), _OWNER_ONLY)
    except FileExistsError:
        raise FileExists from None
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    _sync_directory(path.parent)


def replace_private(path: Path, content: bytes) -> None:
    """
    Replace a file of this client's own in one step, readable by its owner alone.

    For what the client keeps for itself, such as what it has seen; secrets are never replaced.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(temporary).unlink()
        raise
    _sync_directory(path.parent)


def read_secret(path: Path) -> bytes:
    """
    Read a file that holds a secret.

    Raises:
        FileMissing: There is none, or it cannot be read.
        SecretExposed: Its group or others may read or write it.
    """
    try:
        with path.open("rb") as file:
            if os.name == "posix" and stat.S_IMODE(os.fstat(file.fileno()).st_mode) & 0o077:
                raise SecretExposed
            return file.read()
    except OSError:
        raise FileMissing from None


def read_code(source: str) -> str:
    """
    Read a receipt, staff or desk code: from a file, or from standard input if the name is ``-``.

    Returns:
        The 32 digits.

    Raises:
        FileMissing, SecretExposed: As `read_secret`.
        CodeMistyped: What stands there is no code.
    """
    text = sys.stdin.readline() if source == "-" else read_secret(Path(source)).decode(errors="replace")
    return parse_code(text.strip())


def read_fingerprint(argument: str) -> str:
    """
    Read whom to trust: a fingerprint as printed, with spaces anywhere, or the name of a file with a trust note.

    Returns:
        The fingerprint, 64 lower-case hex digits.

    Raises:
        FileMissing: It is no fingerprint, and there is no such file.
        NoteMalformed, TrustMalformed, NoteUnsigned, SignatureInvalid: The file is no trust note under its own root.
    """
    joined = "".join(argument.split())
    if _FINGERPRINT.fullmatch(joined):
        return joined.lower()
    try:
        data = Path(argument).read_bytes()
    except OSError:
        raise FileMissing from None
    trust = parse_trust(parse_note(data).text)
    verify_note(data, [trust.root_vkey])
    return trust.fingerprint


def _sync_directory(path: Path) -> None:
    """Make a new name as durable as the file it names, where the system can."""
    if os.name != "posix":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
