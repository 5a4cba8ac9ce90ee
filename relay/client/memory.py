"""What a client keeps between two runs of what it has seen of a relay, as the one JSON object of its file."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from keys.canonical import encode_json, parse_json
from keys.errors import Malformed, Refused
from keys.ids import is_digest, is_id, is_integer, is_time
from relay.client.authors import Former, Suspension

_VERSION: Final = 4
_KEYS: Final = ("v", "fingerprint", "trust", "directory", "checkpoint", "staff", "documents", "suspended", "register")
#: What older versions of this file did not have yet, by their number.
#: The third had one memory of the register, without saying whose; each desk begins its own.
_ADDED_SINCE: Final[Mapping[int, Mapping[str, Any]]] = {
    1: {"suspended": {}, "register": {}},
    2: {"register": {}},
    3: {"register": {}},
}


class OtherRelaySeen(Refused):
    """What this client remembers is of another relay than the fingerprint names."""

    code = "other_relay_seen"
    cure = "Compare the fingerprint with the paper; for another relay, let the client remember in another file."


class MemoryMalformed(Malformed):
    """The file in which this client remembers what it saw is damaged."""

    code = "memory_malformed"
    cure = "Move the file away and keep it; the client starts again from the fingerprint on paper."


@dataclass(frozen=True, slots=True)
class Memory:
    """
    What a client keeps between two runs.

    Attributes:
        trust: The newest trust note.
        directory: The newest directory note.
        checkpoint: The last checkpoint of the log, as a note.
        staff: Everybody whom a directory seen here has listed, as the last one had them.
        documents: The newest version seen of each sealed document, by its id; of the register, by the desk's id.
        suspended: Keys that operators have suspended, by staff id; none comes back.
        register: By review desk, how many pages of the register were seen there, and one digest over them in order.
    """

    trust: bytes | None = None
    directory: bytes | None = None
    checkpoint: bytes | None = None
    staff: dict[str, Former] = field(default_factory=dict)
    documents: dict[str, int] = field(default_factory=dict)
    suspended: dict[str, Suspension] = field(default_factory=dict)
    register: dict[str, tuple[int, str]] = field(default_factory=dict)


def load_memory(path: Path | None, fingerprint: str) -> Memory:
    """
    Read what a client remembers of the relay with this fingerprint; nothing yet, if there is no file.

    Raises:
        MemoryMalformed: The file is damaged.
        OtherRelaySeen: It is of another relay.
    """
    if path is None or not path.exists():
        return Memory()
    try:
        fields = parse_json(path.read_bytes().decode(), what="memory")
    except (UnicodeDecodeError, OSError):
        raise MemoryMalformed from None
    if type(fields.get("v")) is int and fields["v"] in _ADDED_SINCE:
        fields |= {**_ADDED_SINCE[fields["v"]], "v": _VERSION}
    if tuple(fields) != _KEYS or fields["v"] != _VERSION or not _are_versions(fields["documents"]):
        raise MemoryMalformed
    if not all(isinstance(fields[key], dict) for key in ("staff", "suspended", "register")):
        raise MemoryMalformed
    if fields["fingerprint"] != fingerprint:
        raise OtherRelaySeen
    return Memory(
        trust=_note(fields["trust"]),
        directory=_note(fields["directory"]),
        checkpoint=_note(fields["checkpoint"]),
        staff={staff: _former(plain) for staff, plain in fields["staff"].items()},
        documents=fields["documents"],
        suspended={staff: _suspension(staff, plain) for staff, plain in fields["suspended"].items()},
        register={desk: _pages(desk, plain) for desk, plain in fields["register"].items()},
    )


def encode_memory(memory: Memory, fingerprint: str) -> bytes:
    """Write it as its file."""
    fields: dict[str, Any] = {"v": _VERSION, "fingerprint": fingerprint}
    for key in ("trust", "directory", "checkpoint"):
        note = getattr(memory, key)
        fields[key] = None if note is None else note.decode()
    fields["staff"] = {staff: [one.vkey, one.roles, one.version] for staff, one in memory.staff.items()}
    suspended = {staff: [one.version, one.at] for staff, one in memory.suspended.items()}
    register = {desk: list(pages) for desk, pages in memory.register.items()}
    fields |= {"documents": memory.documents, "suspended": suspended, "register": register}
    return encode_json(fields).encode()


def _pages(desk: str, plain: object) -> tuple[int, str]:
    match plain:
        case [int(count), str(digest)] if is_id(desk) and is_integer(count) and is_digest(digest):
            return count, digest
    raise MemoryMalformed


def _former(plain: object) -> Former:
    match plain:
        case [str(vkey), [*roles], int(version)] if is_digest(vkey):
            return Former(vkey, tuple(map(str, roles)), version)
        case _:
            raise MemoryMalformed


def _suspension(staff: str, plain: object) -> Suspension:
    match plain:
        case [int(version), str(at)] if is_id(staff) and is_time(at):
            return Suspension(staff, version, at)
        case _:
            raise MemoryMalformed


def _note(value: object) -> bytes | None:
    if value is None:
        return None
    if not isinstance(value, str):
        raise MemoryMalformed
    return value.encode()


def _are_versions(value: object) -> bool:
    return isinstance(value, dict) and all(
        (is_digest(key) or len(key) == 32) and is_integer(version, least=1) for key, version in value.items()
    )
