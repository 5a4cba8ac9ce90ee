"""Our own vectors of sealed files, for this implementation and for every other one."""

import base64
import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from keys.agefile import HybridIdentity
from keys.errors import RelayError
from keys.sealed import (
    DocumentLine,
    EnclosureLine,
    check_part,
    encode_line,
    open_document,
    open_enclosure,
    open_letter,
    part_digest,
)
from tests.vectors.make_sealed import HERE, build

KEYS: dict[str, Any] = json.loads((HERE / "keys.json").read_text())
GOOD: list[dict[str, Any]] = json.loads((HERE / "good.json").read_text())
BAD: list[dict[str, Any]] = json.loads((HERE / "bad.json").read_text())
FOREIGN: list[dict[str, Any]] = json.loads((HERE / "typescript.json").read_text())


def _identity(name: str) -> HybridIdentity:
    return HybridIdentity.from_seed(bytes.fromhex(KEYS["identities"][name]["seed"]))


def _name(vector: dict[str, Any]) -> str:
    return str(vector["name"])


def test_the_vectors_are_all_here() -> None:
    """A vector that got lost must not pass unnoticed, nor two with one name."""
    assert (len(GOOD), len(BAD), len(FOREIGN)) == (15, 57, 2)
    assert len({_name(vector) for vector in GOOD + BAD + FOREIGN}) == 74


def test_committed_is_generated() -> None:
    """The script that explains the vectors still makes them, byte for byte."""
    generated = build()
    assert sorted(generated) == ["bad.json", "good.json", "keys.json", "wrapped.json"]
    for name, content in generated.items():
        assert (HERE / name).read_text(encoding="utf-8") == content


def test_the_named_keys() -> None:
    """Each seed has the identity and the recipient that stand beside it."""
    for name, key in KEYS["identities"].items():
        assert key["identity"] == str(_identity(name))
        assert key["recipient"] == str(_identity(name).recipient())


@pytest.mark.parametrize("vector", GOOD + FOREIGN, ids=_name)
def test_good_vector(vector: dict[str, Any]) -> None:
    """It is checked without a key, opened by each identity, and judged by its signature."""
    file = base64.b64decode(vector["file"])

    line = check_part(file)
    assert encode_line(line).decode() == vector["first_line"]
    assert part_digest(file) == vector["digest"]
    for name in vector["identities"]:
        if isinstance(line, EnclosureLine):
            seed = bytes.fromhex(KEYS["identities"][name]["seed"])
            assert open_enclosure(file, seed=seed, size_bytes=vector["bytes"]) == base64.b64decode(vector["content"])
            continue
        opening = open_document if isinstance(line, DocumentLine) else open_letter
        opened = opening(file, [_identity(name)])
        assert opened.manifest_json.decode() == vector["manifest"]
        claimed = bytes.fromhex(KEYS["signers"][vector["claims"]]["public"])
        assert opened.authentic(claimed) is vector["authentic"]


def _open(vector: dict[str, Any], file: bytes) -> None:
    identities = [_identity(name) for name in vector["identities"]]
    line = check_part(file)
    if isinstance(line, EnclosureLine):
        open_enclosure(file, seed=identities[0].seed, size_bytes=vector["bytes"])
    elif isinstance(line, DocumentLine):
        open_document(file, identities)
    else:
        open_letter(file, identities)


@pytest.mark.parametrize("vector", BAD, ids=_name)
def test_bad_vector(vector: dict[str, Any]) -> None:
    """It fails at its step, by its code: what the relay cannot see passes its check and fails at the reader."""
    file = base64.b64decode(vector["file"])

    if vector["step"] == "open":
        check_part(file)
    with pytest.raises(RelayError) as failed:
        check_part(file) if vector["step"] == "check" else _open(vector, file)
    assert failed.value.code == vector["error"]


SPECIFICATION = (Path(__file__).parents[3] / "docs" / "spec" / "sealed.md").read_text(encoding="utf-8")


def test_every_refusal_of_the_specification_has_vectors() -> None:
    """The table of codes in docs/spec/sealed.md counts the vectors that provoke each."""
    listed = dict(re.findall(r"^\| `([a-z_]+)` \| .* \| (\d+) vectors? \|$", SPECIFICATION, re.MULTILINE))
    counted = Counter(vector["error"] for vector in BAD)
    assert {code: int(count) for code, count in listed.items()} == counted


def test_the_specifications_example_is_the_first_vector() -> None:
    """What the page shows is what the code makes."""
    (letter,) = (vector for vector in GOOD if vector["name"] == "letter")
    assert letter["first_line"] in SPECIFICATION
    assert letter["digest"] in SPECIFICATION
    file = base64.b64decode(letter["file"])
    for line in re.findall(r"^-> letter-relay/bind/v1 .*$|^--- .*$", SPECIFICATION, re.MULTILINE)[:2]:
        assert f"\n{line}\n".encode() in file


def test_no_vector_holds_a_message_that_tells_content() -> None:
    """What an error says names places, never texts or names."""
    for vector in BAD:
        with pytest.raises(RelayError) as failed:
            _open(vector, base64.b64decode(vector["file"]))
        assert "Любий" not in str(failed.value)
        assert "123456789012" not in str(failed.value)
