"""How commands speak: facts on standard output, for people or as JSON; all else on standard error."""

import sys
from dataclasses import dataclass
from typing import Any

from keys.canonical import encode_json
from keys.errors import EvidenceBroken, RelayError

#: The version of every JSON object on standard output.
FACTS_VERSION = 1


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
            print(encode_json({"v": FACTS_VERSION, **present}), flush=True)
        elif sentence:
            print(sentence, flush=True)

    def say(self, sentence: str = "") -> None:
        """Say something that people like to read and programs do not need."""
        if not self.as_json:
            print(sentence, flush=True)


def remark(sentence: str) -> None:
    """Say something about the work itself, on standard error."""
    print(sentence, file=sys.stderr, flush=True)


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
