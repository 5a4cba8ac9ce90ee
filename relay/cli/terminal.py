"""How commands speak: facts on standard output, for people or as JSON; all else on standard error."""

import contextlib
import re
import sys
from dataclasses import dataclass
from typing import Any, Final

from keys.canonical import encode_json
from keys.errors import EvidenceBroken, RelayError

#: The version of every JSON object on standard output.
FACTS_VERSION = 1

#: What a terminal obeys instead of showing it, or shows elsewhere than it stands: controls but for line feed and tab,
#: embeddings, overrides and isolates of writing direction, halves of surrogate pairs.
_OBEYED: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def shown(text: str) -> str:
    """
    Put U+FFFD in the place of each character that a terminal would obey.

    Words come from strangers, from colleagues, and from a relay that may lie; none of them may clear a screen, move
    what was said before, or write into the terminal's title.
    """
    return _OBEYED.sub("\ufffd", text)


def indented(text: str, spaces: int = 2) -> str:
    """Set every line of somebody's words off from the margin, where only our own words begin."""
    return "\n".join(" " * spaces + line for line in text.split("\n"))


def counted(number: int, thing: str) -> str:
    """Say how many there are of something: 1 item, 2 items."""
    return f"1 {thing}" if number == 1 else f"{number:,} {thing}s"


def _escaped(json_text: str) -> str:
    """Write such characters in JSON as escapes, which every reader of JSON reads as the same text."""
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", json_text)


@dataclass(frozen=True, slots=True)
class Facts:
    """Tells what a command found or did: a sentence for people, or one JSON object a line with stable keys."""

    as_json: bool

    def tell(self, sentence: str, **facts: Any) -> None:
        """
        Tell one fact.

        Args:
            sentence: For people.
            facts: For programs; an inapplicable one is None and left out.
        """
        if self.as_json:
            present = {key: value for key, value in facts.items() if value is not None}
            print(_escaped(encode_json({"v": FACTS_VERSION, **present})), flush=True)
        elif sentence:
            print(shown(sentence), flush=True)

    def say(self, sentence: str = "") -> None:
        """Say something that people like to read and programs do not need."""
        if not self.as_json:
            print(shown(sentence), flush=True)


def remark(sentence: str) -> None:
    """
    Say something about the work itself, on standard error, if there is anybody to hear it.

    A command started without one has None there, for which `print` would take standard output, where facts stand.
    """
    if sys.stderr is not None:
        with contextlib.suppress(OSError, ValueError):
            print(shown(sentence), file=sys.stderr, flush=True)


def complain(error: RelayError, *, as_json: bool) -> None:
    """Tell an error on standard error: its stable code, what happened, and what to do next."""
    if as_json:
        broken = isinstance(error, EvidenceBroken)
        fields = {
            "v": FACTS_VERSION,
            "error": error.code,
            "message": str(error),
            "cure": error.cure,
            "step": error.step if isinstance(error, EvidenceBroken) else None,
            "item": error.item if broken and isinstance(error, EvidenceBroken) else None,
        }
        remark(encode_json({key: value for key, value in fields.items() if value is not None}))
        return
    remark(f"letter-relay: {error} [{error.code}]")
    remark(f"  What to do: {error.cure}")
