"""How well a letter without a number finds whom it means, and how fast: the labelled set of tests/matching."""

import time
from collections.abc import Iterator, Sequence
from itertools import islice

from bench.figures import Figure, at_least, plain
from relay.client.matching import Index, rank
from relay.client.persons import Listed
from tests.matching.make import Made, listed, people
from tests.matching.measuring import HALVES, Pair, load_pairs, load_register, measure
from tests.matching.spelling import Draw

FULL = 10_000
QUICK = 1_000


def figures(register: int) -> Iterator[Figure]:
    """
    Take the recall on either half, the automatic matches, and the time of one letter against a whole register.

    Args:
        register: How many people to search in for the time.
    """
    index, pairs = Index(load_register()), load_pairs()
    for half in HALVES:
        yield from _recall(index, half, [pair for pair in pairs if pair.half == half])
    yield from _times(register, pairs)


def _recall(index: Index, half: str, pairs: Sequence[Pair]) -> Iterator[Figure]:
    measured = measure(index, pairs)
    yield at_least(f"matching_recall_1_{half}", measured.recall_1, "share", floor=0.97, height=0.99)
    yield at_least(f"matching_recall_3_{half}", measured.recall_3, "share", floor=0.99, height=1.0)
    yield plain(f"matching_automatic_{half}", measured.matched / measured.held, "share")
    wrong = len(measured.wrong)
    yield Figure(f"matching_wrong_automatic_{half}", wrong, "letters", None, None, 0, 0, ok=wrong == 0)


def _times(register: int, pairs: Sequence[Pair]) -> Iterator[Figure]:
    draw = Draw("letter-relay/matching/bench")
    invented: list[Made] = list(islice(people(draw), register))
    records = [Listed(f"{at:012}", listed(draw, made)) for at, made in enumerate(invented)]
    started = time.perf_counter()
    rank(pairs[0].asked, records)
    yield plain(f"matching_first_letter_of_{register}", time.perf_counter() - started, "s")
    index, started = Index(records), time.perf_counter()
    for pair in pairs:
        index.rank(pair.asked)
    yield plain(f"matching_next_letter_of_{register}", (time.perf_counter() - started) / len(pairs) * 1000, "ms")
