"""Measure how well the ranking finds whom a relative means, over the labelled set."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from relay.client.matching import Index, Judgement, Match, judge
from relay.client.persons import Listed, Particulars, parse_particulars, parse_person

FOLDER: Final = Path(__file__).parent
HALVES: Final = ("tune", "check")


@dataclass(frozen=True, slots=True)
class Pair:
    """
    Particulars, and who is meant.

    Attributes:
        half: ``tune`` or ``check``.
        right: The numbers of whoever can be meant: mostly one, several where nobody could tell, none if not held.
        why: What is hard about it, where a person wrote it.
    """

    half: str
    right: tuple[str, ...]
    asked: Particulars
    why: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """
    What came out.

    Attributes:
        pairs: How many pairs.
        found_first: Of those who are held: how many stand first.
        found_third: How many stand among the first three.
        matched: How many the machine would match by itself, rightly.
        wrong: Whom it would match wrongly: this is never to happen.
        missed: Of those who are held: of how many it says that nobody can be meant.
        quiet: Of those who are not held: of how many it says so.
    """

    pairs: int
    held: int
    found_first: int
    found_third: int
    matched: int
    wrong: tuple[Pair, ...]
    missed: int
    quiet: int

    @property
    def recall_1(self) -> float:
        """The share of the held who stand first."""
        return self.found_first / self.held

    @property
    def recall_3(self) -> float:
        """The share of the held who stand among the first three."""
        return self.found_third / self.held


def load_register() -> list[Listed]:
    """Read the invented register."""
    return [Listed(row["number"], parse_person(row["person"])) for row in _rows("register.jsonl")]


def load_pairs() -> list[Pair]:
    """Read the labelled pairs."""
    return [
        Pair(row["half"], tuple(row["right"]), parse_particulars(row["asked"]), row.get("why", ""))
        for row in _rows("pairs.jsonl")
    ]


def measure(index: Index, pairs: Sequence[Pair]) -> Measured:
    """Rank every pair and count."""
    ranked = [(pair, index.rank(pair.asked, limit=5)) for pair in pairs]
    held = [(pair, matches) for pair, matches in ranked if pair.right]
    alone = [(pair, matches) for pair, matches in ranked if judge(matches) is Judgement.MATCHED]
    wrong = tuple(pair for pair, matches in alone if (matches[0].number,) != pair.right)
    return Measured(
        pairs=len(pairs),
        held=len(held),
        found_first=_found(held, 1),
        found_third=_found(held, 3),
        matched=len(alone) - len(wrong),
        wrong=wrong,
        missed=sum(judge(matches) is Judgement.NONE for _, matches in held),
        quiet=sum(judge(matches) is Judgement.NONE for pair, matches in ranked if not pair.right),
    )


def _found(held: Iterable[tuple[Pair, Sequence[Match]]], within: int) -> int:
    return sum(any(match.number in pair.right for match in matches[:within]) for pair, matches in held)


def _rows(name: str) -> list[Mapping[str, Any]]:
    return [json.loads(line) for line in (FOLDER / name).read_text(encoding="utf-8").splitlines()]
