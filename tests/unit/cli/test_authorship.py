"""Who wrote a letter, in a sentence."""

from types import SimpleNamespace
from typing import Any, cast

import pytest

from keys.firstlines import HOPS
from relay.cli.authorship import written_by
from relay.client.authors import Authenticity
from relay.client.opening import OpenedItem


def opened(authenticity: Authenticity, hop: str) -> OpenedItem:
    """Judge a letter; nothing else of it counts here."""
    letter: Any = SimpleNamespace(line=SimpleNamespace(hop=hop))
    return cast("OpenedItem", SimpleNamespace(authenticity=authenticity, letter=letter))


@pytest.mark.parametrize("hop", sorted(HOPS))
@pytest.mark.parametrize("authenticity", Authenticity)
def test_every_judgement_is_told_in_a_sentence(authenticity: Authenticity, hop: str):
    """Whatever must not be taken for its author's words says NOT."""
    sentence = written_by(opened(authenticity, hop))

    assert sentence.endswith(".")
    assert sentence.startswith("NOT ") is not authenticity.trustworthy


def test_who_is_known_depends_on_the_way():
    """A family by its mailbox, staff by what they did."""
    assert "this mailbox before" in written_by(opened(Authenticity.KNOWN, "family>review"))
    assert "reviewer who passed it" in written_by(opened(Authenticity.KNOWN, "review>facility"))
    assert "brought it in" in written_by(opened(Authenticity.KNOWN, "facility>review"))
