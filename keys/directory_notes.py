"""
The directory's note: a few signed lines that name one version of the directory and the note before it.

The note is small so that it can be an entry of the log in the clear; the document itself is served by its digest.
FORMATS.md, "Trust and directory".
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from keys.canonical import encode_json
from keys.errors import Malformed, Refused
from keys.ids import is_digest, is_integer, is_time
from keys.notes import Note, NoteUnsigned, Signer, encode_note, note_digest, parse_note, sign_note, verify_note
from keys.trust import Trust

FIRST_LINE: Final = "letter-relay/directory/v1"


class DirectoryMalformed(Malformed):
    """This is not a directory, or not its note."""

    code = "directory_malformed"
    cure = "Draft the directory anew with a current client; if you fetched it, fetch it again."


class DirectoryUnsigned(Refused):
    """Fewer operators have signed this directory than trust asks for."""

    code = "directory_unsigned"
    cure = "Collect the signatures that are missing, then publish it."


class DirectoryGap(Refused):
    """This directory does not follow the one before it."""

    code = "directory_gap"
    cure = "Fetch the versions between from the relay's log, or draft this one anew on top of the newest."


class DirectoryRolledBack(Refused):
    """This directory is older than one seen before."""

    code = "directory_rolled_back"
    cure = "Keep both notes and ask the operators why the relay shows the older one."


class DirectoryForked(Refused):
    """There is another directory of this version."""

    code = "directory_forked"
    cure = "Keep both notes and ask the operators why they signed two; seal nothing until they have answered."


class DirectoryExpired(Refused):
    """This directory has expired."""

    code = "directory_expired"
    cure = "Fetch the newest directory; if there is none, ask the operators to publish one."


@dataclass(frozen=True, slots=True)
class DirectoryNote:
    """
    What the operators sign.

    Attributes:
        version: From 1, rising by 1.
        prev: The hash of the note before, signatures included; None for version 1.
        sha256: The document's digest.
        bytes: The document's size.
        expires: The moment from which clients refuse it, ``YYYY-MM-DDTHH:MM:SSZ``.
    """

    version: int
    prev: str | None
    sha256: str
    bytes: int
    expires: str


def describe_directory(document: bytes, *, version: int, previous: bytes | None, expires: str) -> DirectoryNote:
    """
    Make the note for a document, to be signed.

    Args:
        document: As `keys.directory.encode_directory` wrote it.
        version: The document's version.
        previous: The whole note before it; None for version 1.
        expires: ``YYYY-MM-DDTHH:MM:SSZ``.
    """
    prev = None if previous is None else note_digest(previous)
    return DirectoryNote(version, prev, hashlib.sha256(document).hexdigest(), len(document), expires)


def encode_directory_note(note: DirectoryNote) -> str:
    """
    Write a directory's note as the text of a note.

    Raises:
        DirectoryMalformed: A value is out of its form, or only one of version 1 and no `prev` holds.
    """
    _check(note)
    plain = {
        "version": note.version,
        "prev": note.prev,
        "sha256": note.sha256,
        "bytes": note.bytes,
        "expires": note.expires,
    }
    return f"{FIRST_LINE}\n{encode_json(plain)}\n"


def parse_directory_note(text: str) -> DirectoryNote:
    """
    Read a directory's note from a note's text.

    Raises:
        DirectoryMalformed: It is none, breaks a rule, or is not in its one encoding.
    """
    first, _, rest = text.partition("\n")
    if first != FIRST_LINE:
        raise DirectoryMalformed("the first line is not that of a directory's note")
    try:
        note = _build(json.loads(rest))
    except (ValueError, RecursionError, LookupError, TypeError):
        raise DirectoryMalformed("the second line is not the JSON of a directory's note") from None
    if encode_directory_note(note) != text:
        raise DirectoryMalformed("the directory's note re-encodes differently")
    return note


def read_directory_note(data: bytes) -> DirectoryNote:
    """
    Read a signed note without judging its signatures, as for one that was verified when it was stored.

    Raises:
        NoteMalformed, DirectoryMalformed: It is no directory's note.
    """
    return parse_directory_note(parse_note(data).text)


def sign_directory(note: DirectoryNote, signers: Sequence[Signer]) -> bytes:
    """
    Sign a directory's note with the keys at hand; others may sign the same note elsewhere.

    Raises:
        DirectoryMalformed: The note breaks a rule.
    """
    return sign_note(encode_directory_note(note), signers)


def merge_directory_notes(notes: Sequence[bytes]) -> bytes:
    """
    Join the signatures that operators made, each on an own machine, over one and the same note.

    Each signature stays once, in the order of the key names: whoever merges gets the same bytes and the same hash.

    Raises:
        NoteMalformed: There is no note, or one of them is none.
        DirectoryForked: They are not all about the same document.
    """
    parsed = [parse_note(data) for data in notes]
    if len({note.text for note in parsed}) > 1:
        raise DirectoryForked("the operators have signed different notes")
    signatures = {signature for note in parsed for signature in note.signatures}
    ordered = sorted(signatures, key=lambda signature: (signature.name, signature.key_id, signature.blob))
    return encode_note(Note(parsed[0].text if parsed else "", tuple(ordered)))


def verify_directory_note(
    data: bytes, trust: Trust, *, previous: tuple[bytes, DirectoryNote] | None, at: str | None
) -> DirectoryNote:
    """
    Verify a directory's note by itself, without its document.

    Args:
        data: The whole note.
        trust: The trust page in force.
        previous: The note seen last, whole and parsed; None for somebody who has seen none.
        at: The moment to judge `expires` by, ``YYYY-MM-DDTHH:MM:SSZ``; None where time is not judged.

    Raises:
        NoteMalformed, DirectoryMalformed: It is no directory's note.
        SignatureInvalid: A signature by a directory key is false.
        DirectoryUnsigned: Fewer than k directory keys have signed it.
        DirectoryRolledBack, DirectoryForked, DirectoryGap: It does not follow `previous`, and is not the same.
        DirectoryExpired: `at` is `expires` or later.
    """
    try:
        verified = verify_note(data, trust.directory_vkeys)
    except NoteUnsigned:
        raise DirectoryUnsigned from None
    if len(verified.by) < trust.k:
        raise DirectoryUnsigned
    note = parse_directory_note(verified.text)
    if previous is not None:
        _check_follows(note, *previous)
    if at is not None and at >= note.expires:
        raise DirectoryExpired
    return note


def _check_follows(note: DirectoryNote, before_data: bytes, before: DirectoryNote) -> None:
    if note.version < before.version:
        raise DirectoryRolledBack
    if note.version == before.version:
        # The same lines with one signature more are no other directory, though they hash differently.
        if note != before:
            raise DirectoryForked
        return
    if note.version > before.version + 1:
        raise DirectoryGap("there are versions of the directory between this one and the one seen last")
    if note.prev != note_digest(before_data):
        raise DirectoryGap


def _build(plain: Any) -> DirectoryNote:
    return DirectoryNote(plain["version"], plain["prev"], plain["sha256"], plain["bytes"], plain["expires"])


def _check(note: DirectoryNote) -> None:
    if not is_integer(note.version, least=1) or not is_integer(note.bytes, least=1):
        raise DirectoryMalformed("a directory's version or size is not a positive integer")
    if not is_digest(note.sha256) or not is_time(note.expires):
        raise DirectoryMalformed("a directory's digest or expiry is not in its form")
    if (note.prev is None) != (note.version == 1) or not (note.prev is None or is_digest(note.prev)):
        raise DirectoryMalformed("a directory's prev is null for version 1, and a digest for all others")
