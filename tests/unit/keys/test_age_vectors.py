"""The official age vectors (C2SP CCTV), each by its expected outcome."""

import hashlib
import io
import zlib
from dataclasses import dataclass
from pathlib import Path

import pytest

from keys.agefile import (
    HeaderForged,
    HeaderMalformed,
    HybridIdentity,
    Identity,
    PayloadBroken,
    WrongKey,
    decrypt,
    decrypt_stream,
    parse_header,
)
from keys.ageheader import encode_base64, encode_stanzas
from keys.errors import RelayError
from tests.age_plugins import ArmorMalformed, PassphraseIdentity, X25519Identity, dearmor

TESTDATA = Path(__file__).parents[2] / "vectors" / "age" / "testdata"
#: Counted by hand when the collection was copied; a file that got lost must not pass unnoticed.
EXPECTED_VECTORS = 143
OUTCOMES: dict[str, type[RelayError] | None] = {
    "success": None,
    "header failure": HeaderMalformed,
    "HMAC failure": HeaderForged,
    "no match": WrongKey,
    "payload failure": PayloadBroken,
    "armor failure": ArmorMalformed,
}


@dataclass(frozen=True)
class Vector:
    """One file of the collection."""

    file: bytes
    expect: str
    payload_sha256: str | None
    identities: tuple[Identity, ...]
    armored: bool

    def age_file(self) -> bytes:
        """Give the binary age file."""
        return dearmor(self.file) if self.armored else self.file


def _identity(text: str) -> Identity:
    return HybridIdentity.parse(text) if text.startswith("AGE-SECRET-KEY-PQ-") else X25519Identity(text)


def load(path: Path) -> Vector:
    """Read one vector: its lines of key and value, an empty line, the file."""
    head, file = path.read_bytes().split(b"\n\n", 1)
    pairs = [line.split(": ", 1) for line in head.decode().split("\n")]
    values = {key: value for key, value in pairs if key in {"expect", "payload", "compressed", "armored"}}
    unknown = {key for key, _ in pairs} - {*values, "identity", "passphrase", "file key", "comment"}
    assert not unknown, f"{path.name}: the collection asks that files with unknown keys are not guessed at"
    identities = [_identity(value) for key, value in pairs if key == "identity"]
    passphrases = [PassphraseIdentity(value) for key, value in pairs if key == "passphrase"]
    return Vector(
        file=zlib.decompress(file) if values.get("compressed") == "zlib" else file,
        expect=values["expect"],
        payload_sha256=values.get("payload"),
        identities=(*identities, *passphrases),
        armored=values.get("armored") == "yes",
    )


PATHS = sorted(TESTDATA.iterdir())


def test_the_collection_is_complete() -> None:
    """Every official vector is here, and none is excluded."""
    assert len(PATHS) == EXPECTED_VECTORS


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.name)
def test_official_vector(path: Path) -> None:
    """Stream and whole file end as the vector says, and what the stream released has the vector's hash."""
    vector = load(path)
    error = OUTCOMES[vector.expect]
    released = io.BytesIO()

    if error is None:
        decrypt_stream(io.BytesIO(vector.age_file()), released, vector.identities)
        assert decrypt(vector.age_file(), vector.identities) == released.getvalue()
    else:
        with pytest.raises(error) as streamed:
            decrypt_stream(io.BytesIO(vector.age_file()), released, vector.identities)
        with pytest.raises(error) as whole:
            decrypt(vector.age_file(), vector.identities)
        assert type(streamed.value) is type(whole.value) is error

    if vector.payload_sha256 is not None:
        assert hashlib.sha256(released.getvalue()).hexdigest() == vector.payload_sha256
    else:
        assert released.getvalue() == b""


def test_every_header_that_parses_encodes_to_the_same_bytes() -> None:
    """One encoding: for all vectors whose header is good, writing what was read gives the same header."""
    again = 0
    for vector in map(load, PATHS):
        if vector.expect in {"header failure", "armor failure"}:
            continue
        file = vector.age_file()
        header = parse_header(file)
        assert encode_stanzas(header.stanzas) == header.mac_input
        assert header.mac_input + f" {encode_base64(header.mac)}\n".encode() == file[: header.length_bytes]
        again += 1
    assert again == 59
