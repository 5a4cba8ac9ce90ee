"""The committed known answers for codes, notes, statements, trust and directory, each by its expected outcome."""

import json
from pathlib import Path
from typing import Any

import pytest

from keys.codes import (
    desk_code_identity,
    family_keys,
    mailbox_id,
    new_code,
    new_number,
    parse_code,
    parse_number,
    show_code,
    staff_code_identity,
    staff_keys,
)
from keys.directory import (
    encode_directory,
    encode_trust,
    fingerprint,
    parse_directory,
    parse_trust,
    read_directory_note,
    verify_directory,
    verify_trust,
)
from keys.errors import RelayError
from keys.notes import Signer, Vkey, encode_note, parse_note, sign_note, verify_note
from keys.statements import FIELDS, encode_statement, parse_statement, sign_statement, verify_statement
from tests.vectors import make_keys

VECTORS = Path(__file__).parents[2] / "vectors"
Vector = dict[str, Any]


def load(name: str) -> dict[str, Any]:
    """Read a file of vectors."""
    loaded: dict[str, Any] = json.loads((VECTORS / name).read_text(encoding="utf-8"))
    return loaded


def vectors(name: str, *, least: int) -> list[Any]:
    """List a file's vectors by name, having asserted that there are some."""
    listed = load(name)["vectors"]
    assert len(listed) >= least
    return [pytest.param(vector, id=vector["name"]) for vector in listed]


def refused(vector: Vector) -> Any:
    """Expect the error that the vector names, and a reason beside it."""
    assert vector["why"]
    return pytest.raises(RelayError, check=lambda error: error.code == vector["error"])


@pytest.mark.parametrize("name", make_keys.FILES)
def test_the_committed_vectors_are_those_that_the_code_makes(name: str) -> None:
    """A changed format shows in the diff of a committed file."""
    assert (VECTORS / name).read_text(encoding="utf-8") == make_keys.encoded(name)


@pytest.mark.parametrize("vector", vectors("codes/codes.json", least=15))
def test_codes(vector: Vector) -> None:
    """Codes are made of random bytes, shown in groups, and read as people type them."""
    if "error" in vector:
        with refused(vector):
            parse_code(vector["text"])
    elif "random" in vector:
        assert new_code(lambda size: bytes.fromhex(vector["random"])[:size]) == vector["code"]
        assert show_code(vector["code"]) == vector["shown"]
        assert parse_code(vector["shown"]) == vector["code"]
    else:
        assert parse_code(vector["text"]) == vector["code"]


@pytest.mark.parametrize("vector", vectors("codes/numbers.json", least=12))
def test_numbers(vector: Vector) -> None:
    """Detainee numbers are made of random bytes, and read as people type them."""
    if "error" in vector:
        with refused(vector):
            parse_number(vector["text"])
    elif "random" in vector:
        assert new_number(lambda size: bytes.fromhex(vector["random"])[:size]) == vector["number"]
    else:
        assert parse_number(vector["text"]) == vector["number"]


@pytest.mark.parametrize("vector", vectors("codes/keys.json", least=9))
def test_derived_keys(vector: Vector) -> None:
    """Each code and root derives what it derived ten years ago."""
    relay = bytes.fromhex(vector.get("relay", ""))
    if "locator" in vector:
        keys = family_keys(vector["code"], relay)
        assert (keys.locator.hex(), mailbox_id(keys.locator)) == (vector["locator"], vector["mailbox"])
        assert (str(keys.identity), str(keys.identity.recipient())) == (vector["identity"], vector["recipient"])
        assert keys.vkey.hex() == vector["vkey"]
        assert keys.signer.public_key().public_bytes_raw() == keys.vkey
    elif "staff_code" in vector:
        assert str(staff_code_identity(vector["staff_code"], relay)) == vector["identity"]
    elif "desk_code" in vector:
        assert str(desk_code_identity(vector["desk_code"], relay)) == vector["identity"]
    else:
        staff = staff_keys(bytes.fromhex(vector["root"]))
        assert staff.signer_seed.hex() == vector["signer_seed"]
        assert str(staff.identity) == vector["identity"]
        assert str(Signer.ed25519(Vkey.parse(vector["vkey"]).name, staff.signer_seed).vkey) == vector["vkey"]


@pytest.mark.parametrize("vector", [*vectors("notes/public.json", least=4), *vectors("notes/notes.json", least=39)])
def test_notes(vector: Vector) -> None:
    """A note verifies with the keys it should, or is refused for the reason it should."""
    data = vector["note"].encode() if "note" in vector else bytes.fromhex(vector["note_hex"])
    vkeys = [Vkey.parse(vkey) for vkey in vector["vkeys"]]
    if "error" in vector:
        with refused(vector):
            verify_note(data, vkeys)
        return
    verified = verify_note(data, vkeys)
    assert (verified.text, [str(vkey) for vkey in verified.by]) == (vector["text"], vector["by"])
    assert encode_note(parse_note(data)) == data


@pytest.mark.parametrize("vector", vectors("notes/signing.json", least=4))
def test_signing(vector: Vector) -> None:
    """Ed25519 is deterministic, so a seed signs a text the same way everywhere."""
    signers = [Signer.ed25519(signer["name"], bytes.fromhex(signer["seed"])) for signer in vector["signers"]]
    assert sign_note(vector["text"], signers).decode() == vector["note"]


@pytest.mark.parametrize("vector", vectors("notes/vkeys.json", least=15))
def test_vkeys(vector: Vector) -> None:
    """A verifier key is read and written back byte for byte, or refused."""
    if "error" in vector:
        with refused(vector):
            Vkey.parse(vector["vkey"])
        return
    vkey = Vkey.parse(vector["vkey"])
    assert (vkey.name, vkey.key_id.hex()) == (vector["key_name"], vector["key_id"])
    assert (vkey.algorithm, vkey.public.hex()) == (vector["algorithm"], vector["public"])
    assert str(vkey) == vector["vkey"]


@pytest.mark.parametrize("vector", vectors("statements/statements.json", least=100))
def test_statements(vector: Vector) -> None:
    """A statement verifies and signs again to the same bytes, or is refused for the reason it should."""
    vkey = Vkey.parse(vector["vkey"])
    if "error" in vector:
        with refused(vector):
            verify_statement(vector["note"].encode(), vkey)
        return
    statement = verify_statement(vector["note"].encode(), vkey)
    assert statement == parse_statement(vector["text"])
    assert encode_statement(statement) == vector["text"]
    signer = Signer.ed25519(vkey.name, bytes.fromhex(vector["seed"]))
    assert sign_statement(statement, signer).decode() == vector["note"]


def test_every_kind_of_statement_has_a_vector() -> None:
    """A kind that nobody else can check against us is not done."""
    kinds = {
        vector["text"].partition("\n")[0].rpartition(" ")[2]
        for vector in load("statements/statements.json")["vectors"]
        if "text" in vector
    }
    assert kinds == set(FIELDS)


@pytest.mark.parametrize("vector", vectors("directory/trust.json", least=30))
def test_trust(vector: Vector) -> None:
    """A trust page verifies under the fingerprint on paper, or is refused for the reason it should."""
    given = {key: vector[key] for key in ("relay", "fingerprint", "seen_version")}
    if "error" in vector:
        with refused(vector):
            verify_trust(vector["note"].encode(), **given)
        return
    trust = verify_trust(vector["note"].encode(), **given)
    assert encode_trust(trust) == parse_note(vector["note"].encode()).text
    assert fingerprint(vector["relay"], bytes.fromhex(vector["root_public"])) == vector["fingerprint"]


@pytest.mark.parametrize("vector", vectors("directory/directory.json", least=60))
def test_directories(vector: Vector) -> None:
    """A directory verifies under its trust page, or is refused for the reason it should."""
    shared = load("directory/directory.json")
    document = shared["documents"][vector["document"]].replace(*vector.get("replace", ("", "")), 1).encode()
    previous = vector["previous"].encode() if "previous" in vector else None
    before = None if previous is None else (previous, read_directory_note(previous))
    trust = parse_trust(shared["trust"])
    if "error" in vector:
        with refused(vector):
            verify_directory(vector["note"].encode(), document, trust, previous=before, at=vector["at"])
        return
    directory = verify_directory(vector["note"].encode(), document, trust, previous=before, at=vector["at"])
    assert directory == parse_directory(document)
    assert encode_directory(directory) == document
