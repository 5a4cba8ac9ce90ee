"""Any single byte of the evidence, changed to any other value, breaks the audit and nothing else."""

import random
import re

import pytest

from keys.errors import EvidenceBroken
from relay.custody.steps import STEPS
from relay.custody.verify import verify
from tests.custody_world import FINGERPRINT, MemoryBundle, a_busy_world

pytestmark = pytest.mark.slow

BUNDLE = a_busy_world(letters=0).bundle()
FILES = sorted(set(BUNDLE.files) - {"checkpoint"})
ITEM = re.compile(rb'item\\":\\"([0-9a-f]{32})')
PLACES = 520


def flip(name: str, place: int, mask: int) -> EvidenceBroken:
    """Flip some bits of one byte, and return what the audit found."""
    data = bytearray(BUNDLE.files[name])
    data[place] ^= mask
    with pytest.raises(EvidenceBroken) as caught:
        verify(MemoryBundle({**BUNDLE.files, name: bytes(data)}), fingerprint=FINGERPRINT)
    return caught.value


def places(seed: int) -> list[tuple[str, int, int]]:
    """Choose places in files of every kind, whatever their size."""
    choice = random.Random(seed)
    chosen = []
    for _ in range(PLACES):
        name = choice.choice((choice.choice(FILES), "openings.jsonl", choice.choice(FILES[-6:])))
        chosen.append((name, choice.randrange(len(BUNDLE.files[name])), choice.randrange(1, 256)))
    return chosen


def test_every_flipped_byte_is_found():
    """Never a pass, never another error, always a step of the page."""
    found = {flip(*place).step for place in places(seed=1)}

    assert found <= set(STEPS)
    assert {"4.2", "6.1", "6.4", "6.5", "9.1"} <= found


def test_the_item_that_is_touched_is_named():
    """For every byte of a line of an item that has other lines, and of each tile entry that opens to an item."""
    lines = BUNDLE.files["openings.jsonl"].splitlines(keepends=True)
    items = [found[1].decode() if (found := ITEM.search(line)) else None for line in lines]
    start = 0
    choice = random.Random(2)
    for line, item in zip(lines, items, strict=True):
        if items.count(item) > 1 and item is not None:
            place = start + choice.randrange(len(line) - 1)
            assert flip("openings.jsonl", place, choice.randrange(1, 256)).item == item
        start += len(line)


def test_a_checkpoint_that_is_not_the_signed_one_is_found():
    """Every byte of its three lines, and of the log's signature."""
    for place in range(len(BUNDLE.files["checkpoint"])):
        assert flip("checkpoint", place, 1).step in STEPS
