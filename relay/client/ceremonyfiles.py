"""
The files that a ceremony hands from machine to machine (DESIGN.md §3): signing keys, members, desks, sealed desk keys.

Secret ones are for their owner alone and never leave the machine that made them; the public ones travel on a stick.
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from keys.canonical import encode_json, parse_json
from keys.codes import show_code
from keys.directory import Desk, Epoch, StaffMember
from keys.errors import Malformed
from keys.hybrid import HybridRecipient
from keys.ids import is_digest
from keys.keyrings import DeskKey
from relay.client.ceremony import Enrolled, OpenedDesk, SealedDeskKey, SigningKey
from relay.client.keyfiles import FileMissing, read_secret, write_secret

KEYRING: Final = "keyring.age"
MEMBER: Final = "member.json"
STAFF_CODE: Final = "staff-code.txt"
DESK: Final = "desk.json"
DESK_SECRET: Final = "desk.key"
DESK_CODE: Final = "desk-code.txt"
SEALED_DESK_KEYS: Final = "desk-keys.jsonl"


class CeremonyFileMalformed(Malformed):
    """This is not the file that this step of the ceremony takes."""

    code = "ceremony_file_malformed"
    cure = "Compare the file's name with the step you are at; if it is the right one, copy it again from its maker."


@dataclass(frozen=True, slots=True)
class NamedMember:
    """What a member hands to the operators: their line of the directory, and the recipient for desk keys."""

    member: StaffMember
    recipient: HybridRecipient


def write_signing_key(path: Path, key: SigningKey) -> None:
    """Write a root's or a directory key's file, for the owner alone."""
    write_secret(path, _line({"v": 1, "name": key.name, "seed": key.seed.hex()}))


def read_signing_key(path: Path) -> SigningKey:
    """Read it; raises CeremonyFileMalformed, FileMissing, SecretExposed."""
    fields = _fields(read_secret(path), ("v", "name", "seed"))
    if not is_digest(fields["seed"]) or not isinstance(fields["name"], str):
        raise CeremonyFileMalformed
    return SigningKey(fields["name"], bytes.fromhex(fields["seed"]))


def write_member(folder: Path, enrolled: Enrolled) -> None:
    """Write a new member's folder: the sealed keyring, the line for the directory, and the code to be printed."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_secret(folder / KEYRING, enrolled.keyring)
    write_secret(folder / MEMBER, encode_member(enrolled.member, enrolled.recipient))
    write_code(folder / STAFF_CODE, enrolled.code)


def encode_member(member: StaffMember, recipient: HybridRecipient) -> bytes:
    """Write a member's line of the directory, with the recipient for desk keys, as `read_member` reads it."""
    fields = {
        "v": 1,
        "id": member.id,
        "person": member.person,
        "desks": list(member.desks),
        "roles": list(member.roles),
        "vkey": member.vkey,
        "recipient": str(recipient),
        "recipient_sha256": member.recipient_sha256,
    }
    return _line(fields)


def read_member(folder: Path) -> NamedMember:
    """Read a member's line of the directory from the folder that `write_member` wrote; raises as `read_signing_key`."""
    keys = ("v", "id", "person", "desks", "roles", "vkey", "recipient", "recipient_sha256")
    fields = _fields(_read(folder / MEMBER), keys)
    try:
        member = StaffMember(
            id=fields["id"],
            person=fields["person"],
            desks=tuple(fields["desks"]),
            roles=tuple(fields["roles"]),
            vkey=fields["vkey"],
            recipient_sha256=fields["recipient_sha256"],
        )
        return NamedMember(member, HybridRecipient.parse(fields["recipient"]))
    except TypeError:
        raise CeremonyFileMalformed from None


def write_desk(folder: Path, opened: OpenedDesk) -> None:
    """Write a new desk's folder: its line of the directory, its secret, and its recovery code to be printed."""
    write_desk_line(folder, opened.desk)
    key = opened.key
    secret = {"v": 1, "relay": key.relay, "desk": key.desk, "epoch": key.epoch, "seed": key.seed.hex()}
    write_secret(folder / DESK_SECRET, _line(secret))
    write_code(folder / DESK_CODE, opened.code)


def write_desk_line(folder: Path, desk: Desk) -> None:
    """Write a desk's line of the directory; for a keyless desk that is all there is."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    fields = {
        "v": 1,
        "id": desk.id,
        "kind": desk.kind,
        "side": desk.side,
        "keyless": desk.keyless,
        "epochs": [{"epoch": one.epoch, "recipient": one.recipient, "from": one.since} for one in desk.epochs],
    }
    write_secret(folder / DESK, _line(fields))


def read_desk(folder: Path) -> Desk:
    """Read a desk's line of the directory; raises as `read_signing_key`."""
    fields = _fields(_read(folder / DESK), ("v", "id", "kind", "side", "keyless", "epochs"))
    try:
        epochs = tuple(Epoch(one["epoch"], one["recipient"], one["from"]) for one in fields["epochs"])
    except (TypeError, KeyError):
        raise CeremonyFileMalformed from None
    return Desk(fields["id"], fields["kind"], fields["side"], fields["keyless"], epochs)


def read_desk_key(folder: Path) -> DeskKey:
    """Read a desk's secret; raises as `read_signing_key`."""
    fields = _fields(read_secret(folder / DESK_SECRET), ("v", "relay", "desk", "epoch", "seed"))
    if not is_digest(fields["seed"]):
        raise CeremonyFileMalformed
    return DeskKey(fields["relay"], fields["desk"], fields["epoch"], bytes.fromhex(fields["seed"]))


def write_sealed_keys(folder: Path, sealed: Iterable[SealedDeskKey]) -> None:
    """Write a desk's key as it is sealed to each of its members, for the relay to keep."""
    lines = [
        _line(
            {
                "v": 1,
                "desk": one.desk,
                "epoch": one.epoch,
                "holder": one.holder,
                "sealed": base64.b64encode(one.sealed).decode(),
            }
        )
        for one in sealed
    ]
    write_secret(folder / SEALED_DESK_KEYS, b"".join(lines))


def read_sealed_keys(folder: Path) -> list[SealedDeskKey]:
    """Read them; none if the folder has no such file."""
    path = folder / SEALED_DESK_KEYS
    if not path.exists():
        return []
    found = []
    for line in _read(path).splitlines(keepends=True):
        fields = _fields(line, ("v", "desk", "epoch", "holder", "sealed"))
        sealed = base64.b64decode(fields["sealed"])
        found.append(SealedDeskKey(fields["desk"], fields["epoch"], fields["holder"], sealed))
    return found


def write_code(path: Path, code: str) -> None:
    """Write a code as it is printed, eight groups of four, for the owner alone."""
    write_secret(path, f"{show_code(code)}\n".encode())


def _line(fields: dict[str, Any]) -> bytes:
    return encode_json(fields).encode() + b"\n"


def _fields(data: bytes, keys: tuple[str, ...]) -> dict[str, Any]:
    fields = parse_json(data.decode(errors="replace").removesuffix("\n"), what="file of the ceremony")
    if tuple(fields) != keys or fields["v"] != 1:
        raise CeremonyFileMalformed
    return fields


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise FileMissing(f"there is no {path.name} in {path.parent}, or it cannot be read") from None
