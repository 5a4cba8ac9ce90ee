"""What the relay knows of the held, and where a letter waits for it."""

import pytest

from keys.canonical import NotCanonical
from relay.domain.register import Row, RowsMalformed, Status, encode_rows, enters_as, parse_rows
from relay.domain.states import State
from tests.unit.domain.world import CAMP, NUMBER, OTHER_NUMBER


@pytest.mark.parametrize(
    ("status", "place", "into"),
    [
        (Status.CONFIRMED, CAMP, State.QUEUED),
        (Status.TRANSFERRED, CAMP, State.QUEUED),
        (Status.CONFIRMED, None, State.HELD),
        (Status.TRANSFERRED, None, State.HELD),
        (Status.UNCONFIRMED, CAMP, State.HELD),
        (Status.RELEASED, CAMP, State.HELD),
        (Status.CLOSED, CAMP, State.HELD),
    ],
)
def test_a_letter_waits_where_the_register_says(status, place, into):
    """Queued for somebody who is known to be in a place, held for everybody else."""
    assert enters_as(Row(NUMBER, status, place)) is into


def test_a_letter_to_an_unknown_number_is_held():
    """The register has no such row."""
    assert enters_as(None) is State.HELD


def test_rows_are_written_one_way():
    """Number, status, place; nothing else is in them."""
    rows = (Row(NUMBER, Status.CONFIRMED, CAMP), Row(OTHER_NUMBER, Status.UNCONFIRMED, None))
    text = f'{{"v":1,"rows":[["{NUMBER}","confirmed","{CAMP}"],["{OTHER_NUMBER}","unconfirmed",null]]}}'

    assert encode_rows(rows) == text
    assert parse_rows(text) == rows
    assert parse_rows('{"v":1,"rows":[]}') == ()


ROW = f'["{NUMBER}","confirmed","{CAMP}"]'


@pytest.mark.parametrize(
    "text",
    [
        '{"v":1}',
        '{"v":1,"rows":7}',
        '{"v":1,"rows":[7]}',
        '{"v":1,"rows":["abc"]}',
        f'{{"v":1,"rows":[{ROW[:-1]},1]]}}',
        f'{{"v":1,"rows":[["{NUMBER}","confirmed"]]}}',
        f'{{"v":1,"rows":[["{NUMBER}","deceased",null]]}}',
        f'{{"v":1,"rows":[["{NUMBER}",[],null]]}}',
        f'{{"v":1,"rows":[["{NUMBER}","confirmed","the camp"]]}}',
        f'{{"v":1,"rows":[["{NUMBER}","confirmed",7]]}}',
        f'{{"v":1,"rows":[[{NUMBER},"confirmed",null]]}}',
        '{"v":1,"rows":[["123456789012","confirmed",null]]}',
        f'{{"v":1,"rows":[["{NUMBER[:4]} {NUMBER[4:]}","confirmed",null]]}}',
        f'{{"v":1,"rows":[{ROW},["{NUMBER}","closed",null]]}}',
        '{"v":2,"rows":[]}',
        '{"v":true,"rows":[]}',
        '{"rows":[],"v":1}',
        '{"v":1,"rows":[],"names":[]}',
        '{"v":1,"rows":{}}',
    ],
)
def test_other_rows_are_refused(text):
    """Missing, misspelt, mistyped, doubled, or with more than the relay may know."""
    with pytest.raises(RowsMalformed):
        parse_rows(text)


def test_rows_that_are_not_canonical_are_refused():
    """A space would give the same rows another digest."""
    with pytest.raises(NotCanonical):
        parse_rows('{"v": 1,"rows":[]}')
