"""Files that hold secrets: for their owner alone, never over another, never read while others can."""

import io

import pytest

from keys.codes import CodeMistyped, show_code
from keys.errors import Malformed
from keys.vkeys import SignatureInvalid
from relay.client.keyfiles import (
    FileExists,
    FileMissing,
    SecretExposed,
    read_code,
    read_fingerprint,
    read_secret,
    replace_private,
    write_secret,
)
from tests.unit.client.people import people

CODE = "00000000000000000000000000000098"


def test_a_secret_is_written_for_its_owner_alone(tmp_path):
    """And comes back as it was."""
    path = tmp_path / "root.key"
    write_secret(path, b"secret")
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_secret(path) == b"secret"


def test_a_secret_is_never_written_over_another(tmp_path):
    """Not even through a link to somewhere else."""
    path, link = tmp_path / "root.key", tmp_path / "link.key"
    write_secret(path, b"first")
    link.symlink_to(tmp_path / "nowhere")
    for name in (path, link):
        with pytest.raises(FileExists):
            write_secret(name, b"second")
    assert read_secret(path) == b"first"
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_secret_that_others_can_reach_is_refused(tmp_path, mode):
    """It may have been read or replaced already."""
    path = tmp_path / "root.key"
    write_secret(path, b"secret")
    path.chmod(mode)
    with pytest.raises(SecretExposed):
        read_secret(path)


def test_a_secret_that_is_not_there_is_said_to_be_missing(tmp_path):
    """A folder is no file either."""
    for path in (tmp_path / "none", tmp_path):
        with pytest.raises((FileMissing, SecretExposed)):
            read_secret(path)


def test_what_the_client_keeps_for_itself_is_replaced_whole(tmp_path):
    """No other file is left beside it."""
    path = tmp_path / "made" / "seen.json"
    for content in (b"one", b"two"):
        replace_private(path, content)
    assert read_secret(path) == b"two"
    assert [one.name for one in path.parent.iterdir()] == ["seen.json"]


def test_a_replacement_that_fails_leaves_the_older_file(tmp_path):
    """And nothing half written."""
    path = tmp_path / "seen.json"
    path.mkdir()
    with pytest.raises(OSError, match=r"seen\.json"):
        replace_private(path, b"one")
    assert [one.name for one in tmp_path.iterdir()] == ["seen.json"]


def test_a_code_is_read_from_a_file_or_from_standard_input(tmp_path, monkeypatch):
    """Never from an argument."""
    path = tmp_path / "code"
    write_secret(path, f"{show_code(CODE)}\n".encode())
    assert read_code(str(path)) == CODE
    monkeypatch.setattr("sys.stdin", io.StringIO(f" {CODE}\nmore\n"))
    assert read_code("-") == CODE


def test_a_mistyped_code_in_a_file_is_refused(tmp_path):
    """Bytes that are no text too."""
    path = tmp_path / "code"
    write_secret(path, b"\xff 1234")
    with pytest.raises(CodeMistyped):
        read_code(str(path))


def test_a_fingerprint_is_read_as_printed_or_from_a_trust_note(tmp_path):
    """With spaces and capitals, as paper has them."""
    printed = people().trust.fingerprint
    groups = " ".join(printed[start : start + 4] for start in range(0, 64, 4)).upper()
    assert read_fingerprint(groups) == printed
    note = tmp_path / "trust.note"
    note.write_bytes(people().trust_note)
    assert read_fingerprint(str(note)) == printed


def test_a_trust_note_that_its_root_did_not_sign_names_no_fingerprint(tmp_path):
    """A damaged file is not trusted."""
    note = tmp_path / "trust.note"
    text, _, signature = people().trust_note.partition(b"\n\n")
    note.write_bytes(text.replace(b'"k":2', b'"k":1') + b"\n\n" + signature)
    with pytest.raises(SignatureInvalid):
        read_fingerprint(str(note))
    note.write_bytes(b"x")
    with pytest.raises(Malformed):
        read_fingerprint(str(note))
    with pytest.raises(FileMissing):
        read_fingerprint(str(tmp_path / "none"))
