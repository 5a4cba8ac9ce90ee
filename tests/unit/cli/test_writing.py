"""What is typed before anything is sent or read: the letter, the code from the keyboard, the right folder."""

import getpass
import sys

import pytest

from keys.codes import CodeMistyped, new_code, new_number, show_code
from relay.cli.frame import FATAL, MALFORMED, REFUSED, Asked
from relay.cli.places import code_of
from relay.cli.terminal import counted


def write(shell, folder, *more):
    """Type `family write` with the letter, a code file that is not there yet, and more."""
    number, code_file = new_number(), folder / "code.txt"
    return shell(
        *("family", "write", "--to", number, "--text", folder / "letter.txt", "--code-file", code_file),
        *("--data", folder, "--trust", "ab" * 32, *more),
    )


def test_a_letter_without_a_word_is_not_sent(shell, tmp_path):
    """Whoever named the wrong file learns it now, and not from a reviewer; no code is made for it."""
    (tmp_path / "letter.txt").write_text(" \n")
    ran = write(shell, tmp_path)

    assert ran.code == REFUSED
    assert "[letter_empty]" in ran.err
    assert not (tmp_path / "code.txt").exists()


def test_no_code_is_given_out_for_a_letter_that_cannot_be_read(shell, tmp_path):
    """A code that belongs to no mailbox must not stand on somebody's paper."""
    (tmp_path / "letter.txt").write_text("Dear Peter")
    (tmp_path / "picture.png").write_text("no picture")
    ran = write(shell, tmp_path, "--enclose", tmp_path / "picture.png")

    assert ran.code == MALFORMED
    assert ran.out == ""
    assert not (tmp_path / "code.txt").exists()


def test_a_keyboard_is_asked_for_the_code(monkeypatch):
    """With `--code-file -` at a terminal there is a question, and the answer is not shown."""
    code, asked = new_code(), []

    def typing(prompt: str) -> str:
        asked.append(prompt)
        return f"{show_code(code)} "

    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(getpass, "getpass", typing)

    assert code_of(Asked(code_file="-")) == code
    assert len(asked) == 1


def test_a_code_mistyped_at_the_keyboard_is_refused(monkeypatch):
    """Two of its digits check the others there too."""
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(getpass, "getpass", lambda prompt: "1" * 32)

    with pytest.raises(CodeMistyped):
        code_of(Asked(code_file="-"))


@pytest.mark.parametrize(("number", "said"), [(0, "0 items"), (1, "1 item"), (2, "2 items"), (1_200, "1,200 items")])
def test_one_is_counted_as_one(number, said):
    """Nobody is told of 1 items."""
    assert counted(number, "item") == said


def test_a_folder_without_a_relay_is_left_as_it_is(shell, tmp_path):
    """Whoever stands in the wrong folder is told so, and finds no empty database there afterwards."""
    for command in (("log", "vkey"), ("log", "export", "--out", tmp_path / "out")):
        ran = shell(*command, "--data", tmp_path / "data")

        assert ran.code == FATAL
        assert "[not_initialised]" in ran.err
    assert list(tmp_path.iterdir()) == []
