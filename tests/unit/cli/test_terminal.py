"""How commands speak of what strangers wrote: nothing that a terminal obeys comes through."""

import json

import pytest

from keys.errors import Refused
from relay.cli.terminal import Facts, complain, indented, shown

#: Clears the screen, sets the title, goes back over the line, begins a control without escape, turns the direction.
EVIL = "a\x1b[2Jb\x1b]0;x\x07c\rd\x08e\x9b2Jf\u202eg\u2066h\ud800"


def test_what_a_terminal_obeys_is_shown_as_what_it_is_not():
    """Line feed and tab stay, and so does every letter of every alphabet."""
    assert shown(EVIL) == "a\ufffd[2Jb\ufffd]0;x\ufffdc\ufffdd\ufffde\ufffd2Jf\ufffdg\ufffdh\ufffd"
    assert shown("Яблуня\tзацвіла.\n—\u200fשלום") == "Яблуня\tзацвіла.\n—\u200fשלום"


def test_no_sentence_and_no_complaint_carries_it(capsys):
    """Whoever wrote it: a family, a colleague, or a relay."""
    facts = Facts(as_json=False)
    facts.tell(EVIL)
    facts.say(EVIL)
    complain(Refused(EVIL), as_json=False)
    told = capsys.readouterr()
    assert (told.out + told.err).count("a\ufffd[2J") == 3
    assert not set(told.out + told.err) & set("\x1b\x07\x08\r\x9b\u202e\u2066")


def test_json_says_the_same_text_without_it(capsys):
    """Programs read the same text; a terminal on which it is shown has nothing to obey."""
    Facts(as_json=True).tell("", text=EVIL, names=["b\x9bc"])
    line = capsys.readouterr().out
    assert not set(line) & set("\x1b\x07\x08\r\x9b\u202e\u2066")
    assert json.loads(line) == {"v": 1, "text": EVIL, "names": ["b\x9bc"]}


@pytest.mark.parametrize("text", ["one", "one\n--- another letter: known\n\nthree"])
def test_no_line_of_a_letter_begins_where_our_own_words_do(text):
    """Otherwise a letter could tell of a second one that nobody wrote, and call it proven."""
    assert all(line.startswith("  ") for line in indented(text).splitlines())
