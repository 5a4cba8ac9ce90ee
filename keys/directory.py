"""
The directory: which desks, keys and members of staff there are, signed by k operators, without anybody's name.

Clients seal only to recipients that stand here, and refuse an expired one; every version is in the log in the clear,
so a relay that swaps a key leaves the proof in public. Trust (`keys/trust.py`), the signed note of a version
(`keys/directory_notes.py`) and its document (`keys/directory_document.py`) are to be had from here too. FORMATS.md,
"Trust and directory"; DESIGN.md §3.
"""

import hashlib

from keys.codes import staff_name
from keys.directory_document import (
    DESK_KINDS,
    EPOCH_GRACE,
    ROLES,
    Desk,
    Directory,
    Epoch,
    StaffMember,
    UnknownDesk,
    UnknownEpoch,
    UnknownStaff,
    encode_directory,
    parse_directory,
    recipient_digest,
)
from keys.directory_notes import (
    DirectoryExpired,
    DirectoryForked,
    DirectoryGap,
    DirectoryMalformed,
    DirectoryNote,
    DirectoryRolledBack,
    DirectoryUnsigned,
    describe_directory,
    encode_directory_note,
    merge_directory_notes,
    parse_directory_note,
    read_directory_note,
    sign_directory,
    verify_directory_note,
)
from keys.errors import Refused
from keys.trust import (
    FingerprintDiffers,
    PreviousLog,
    Trust,
    TrustMalformed,
    TrustRolledBack,
    encode_trust,
    fingerprint,
    parse_trust,
    sign_trust,
    verify_trust,
)

__all__ = [
    "DESK_KINDS",
    "EPOCH_GRACE",
    "ROLES",
    "Desk",
    "Directory",
    "DirectoryAltered",
    "DirectoryExpired",
    "DirectoryForked",
    "DirectoryGap",
    "DirectoryMalformed",
    "DirectoryNote",
    "DirectoryRolledBack",
    "DirectoryUnsigned",
    "Epoch",
    "FingerprintDiffers",
    "PreviousLog",
    "StaffMember",
    "Trust",
    "TrustMalformed",
    "TrustRolledBack",
    "UnknownDesk",
    "UnknownEpoch",
    "UnknownStaff",
    "describe_directory",
    "encode_directory",
    "encode_directory_note",
    "encode_trust",
    "fingerprint",
    "merge_directory_notes",
    "parse_directory",
    "parse_directory_note",
    "parse_trust",
    "read_directory_note",
    "recipient_digest",
    "sign_directory",
    "sign_trust",
    "verify_directory",
    "verify_directory_note",
    "verify_trust",
]


class DirectoryAltered(Refused):
    """This document is not the one that the directory's note names."""

    code = "directory_altered"
    cure = "Fetch the document again by the digest in the note; if it differs again, tell the operators."


def verify_directory(
    note: bytes, document: bytes, trust: Trust, *, previous: tuple[bytes, DirectoryNote] | None, at: str | None
) -> Directory:
    """
    Return the directory in a document if k operators signed its note, and it follows the one seen before.

    Args:
        note: The whole note.
        document: What the relay serves under the digest in the note.
        trust: The trust page in force.
        previous: The note seen last, whole and parsed; None for somebody who has seen none.
        at: The moment to judge `expires` by, ``YYYY-MM-DDTHH:MM:SSZ``; None where time is not judged.

    Raises:
        DirectoryAltered: The document has another size, digest or version than the note says.
        DirectoryMalformed: It is no directory, or its staff's keys are named for another relay.
        NoteMalformed, SignatureInvalid, DirectoryUnsigned, DirectoryRolledBack, DirectoryForked, DirectoryGap,
            DirectoryExpired: As `verify_directory_note`.
    """
    signed = verify_directory_note(note, trust, previous=previous, at=at)
    if (len(document), hashlib.sha256(document).hexdigest()) != (signed.bytes, signed.sha256):
        raise DirectoryAltered
    directory = parse_directory(document)
    if directory.version != signed.version:
        raise DirectoryAltered("the document has another version than the directory's note")
    if any(member.verifier.name != staff_name(trust.relay, member.id) for member in directory.staff):
        raise DirectoryMalformed("a member's key is named for another relay")
    return directory
