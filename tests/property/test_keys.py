"""Codes, notes and statements: what is written is read back, and nothing else is read as the same."""

import json
import string
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from keys.codes import CodeMistyped, new_code, new_number, parse_code, parse_number
from keys.directory import verify_directory
from keys.errors import RelayError
from keys.notes import Signer, Vkey, VkeyMalformed, encode_note, parse_note, sign_note, verify_note
from keys.statements import FIELDS, Statement, encode_statement, parse_statement, sign_statement, verify_statement
from tests.unit.keys.world import ANN, DIRECTORY_NOTE, DOCUMENT, TRUST
from tests.vectors.of_statements import a_statement

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"], include_characters="\n"), max_size=200).map(
    lambda text: text + "\n"
)
names = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"], exclude_characters="+"), min_size=1)
seeds = st.binary(min_size=32, max_size=32)
SIGNED = sign_note("A line.\n\nAnother.\n", [ANN.signer])
STATEMENT = sign_statement(a_statement("deliver"), ANN.signer)


@given(seeds)
def test_whatever_the_random_source_gives_the_code_reads_back(seed: bytes) -> None:
    """Codes and numbers are always of their length, and always check."""
    code, number = new_code(lambda size: seed[:size]), new_number(lambda size: seed[:size])
    assert parse_code(code) == code
    assert parse_number(number) == number
    assert (len(code), len(number)) == (32, 12)


@given(st.text(string.digits + " -", max_size=60))
def test_what_is_read_as_a_code_is_one(text: str) -> None:
    """Reading is a projection: what comes out reads back as itself, and has all the digits that went in."""
    try:
        code = parse_code(text)
    except CodeMistyped:
        return
    assert parse_code(code) == code == "".join(character for character in text if character.isdigit())


@given(texts, st.lists(st.tuples(names, seeds), min_size=1, max_size=4))
def test_every_note_that_is_signed_verifies(text: str, keys: list[tuple[str, bytes]]) -> None:
    """Blank lines, letters of any script and names of any kind included."""
    signers = [Signer.ed25519(name, seed) for name, seed in keys]
    data = sign_note(text, signers)
    assert encode_note(parse_note(data)) == data
    verified = verify_note(data, [signer.vkey for signer in signers])
    assert verified.text == text
    assert set(verified.by) == {signer.vkey for signer in signers}


@given(names, seeds)
def test_every_vkey_is_read_back(name: str, seed: bytes) -> None:
    """And one with a character changed is refused, for its id does not fit."""
    vkey = Signer.ed25519(name, seed).vkey
    assert Vkey.parse(str(vkey)) == vkey
    with pytest.raises(VkeyMalformed):
        Vkey.parse("x" + str(vkey))


@given(st.binary(max_size=300))
def test_bytes_of_any_kind_are_no_reason_to_crash(data: bytes) -> None:
    """What is no note is refused with an error of ours."""
    for whole in (data, SIGNED + data, data + SIGNED):
        try:
            assert encode_note(parse_note(whole)) == whole
        except RelayError:
            continue


@given(st.integers(0, len(SIGNED) - 1), st.integers(1, 255))
def test_a_note_with_any_byte_changed_does_not_verify(at: int, mask: int) -> None:
    """There is no second spelling of a signed note with one signature."""
    changed = SIGNED[:at] + bytes([SIGNED[at] ^ mask]) + SIGNED[at + 1 :]
    with pytest.raises(RelayError):
        verify_note(changed, [ANN.signer.vkey])


@given(st.integers(0, len(STATEMENT) - 1), st.integers(1, 255))
def test_a_statement_with_any_byte_changed_does_not_verify(at: int, mask: int) -> None:
    """Nor is there a second spelling of a signed statement."""
    changed = STATEMENT[:at] + bytes([STATEMENT[at] ^ mask]) + STATEMENT[at + 1 :]
    with pytest.raises(RelayError):
        verify_statement(changed, ANN.signer.vkey)


@given(
    st.sampled_from(sorted(FIELDS)), st.booleans(), st.sampled_from(["number", "mailbox"]), st.integers(0, 2**53 - 1)
)
def test_every_statement_is_read_back(kind: str, full: bool, either: str, directory: int) -> None:
    """With all its keys or only those it must have."""
    statement = a_statement(kind, full=full, either=either)
    if statement.directory is not None:
        statement = replace(statement, directory=directory)
    assert parse_statement(encode_statement(statement)) == statement


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.just("00" * 16) | st.just("00" * 32),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)


@given(st.sampled_from(sorted(FIELDS)), st.data())
def test_json_of_any_shape_in_any_field_is_no_reason_to_crash(kind: str, data: st.DataObject) -> None:
    """A statement is refused with an error of ours, or means exactly its bytes."""
    statement = a_statement(kind)
    key = data.draw(st.sampled_from(["relay", "directory", "signed_at", "subjects", *statement.fields]))
    text = _with_value(statement, key, data.draw(json_values))
    try:
        assert encode_statement(parse_statement(text)) == text
    except RelayError:
        return


def _with_value(statement: Statement, key: str, value: Any) -> str:
    first, _, rest = encode_statement(statement).partition("\n")
    plain = json.loads(rest) | {key: value}
    return f"{first}\n{json.dumps(plain, ensure_ascii=False, separators=(',', ':'))}\n"


@given(st.integers(0, len(DOCUMENT) - 1), st.integers(1, 255))
def test_a_directory_with_any_byte_changed_does_not_verify(at: int, mask: int) -> None:
    """The note names its digest."""
    changed = DOCUMENT[:at] + bytes([DOCUMENT[at] ^ mask]) + DOCUMENT[at + 1 :]
    with pytest.raises(RelayError):
        verify_directory(DIRECTORY_NOTE, changed, TRUST, previous=None, at=None)


@given(seeds, names, names)
def test_one_seed_under_two_names_is_two_keys(seed: bytes, name: str, other: str) -> None:
    """What was signed in one name is not signed in the other."""
    assume(name != other)
    with pytest.raises(RelayError):
        verify_note(sign_note("text\n", [Signer.ed25519(name, seed)]), [Signer.ed25519(other, seed).vkey])
