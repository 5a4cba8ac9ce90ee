"""No oracle: a stranger who writes to a number learns nothing of whether anybody has it, in no byte of any answer."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse

from bench import oracle
from bench.oracle import Known
from keys.notes import parse_note
from relay.custody.checkpoint import parse_checkpoint
from relay.custody.merkle import inclusion_spans
from relay.custody.proof import parse_proof, parse_receipt
from relay.domain.register import Row, Status
from relay.domain.states import State
from tests.http.relay_world import ServedWorld, a_checked_world
from tests.ledger.world import AT_CAMP, AT_FARM, CAMP, NOWHERE

UNCONFIRMED, RELEASED, PLACELESS = "456789012373", "567890123436", "678901234504"
#: Whom a letter can be for: confirmed, at a place without computers, and all whose letters wait.
NUMBERS = (AT_CAMP, AT_FARM, NOWHERE, UNCONFIRMED, RELEASED, PLACELESS, "unknown")
#: What differs from answer to answer, whomever a letter is for.
_OWN = {"item", "parts", "detail"}
#: Base64 of 32 bytes, and the end of the line.
_HASH_LINE_BYTES = 45
_OWN_HEADERS = {"Date", "X-Request-ID", "Content-Length"}


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ServedWorld]:
    """Serve a relay whose register has numbers of every kind."""
    async with a_checked_world(tmp_path) as served:
        await served.register(
            Row(UNCONFIRMED, Status.UNCONFIRMED, CAMP),
            Row(RELEASED, Status.RELEASED, None),
            Row(PLACELESS, Status.CONFIRMED, None),
        )
        yield served


def masked(event: str) -> dict[str, Any]:
    """Take out of an event what is each letter's own, keeping how long it is."""
    fields = json.loads(event)
    return {key: len(str(value)) if key in _OWN else value for key, value in fields.items()}


async def shape(response: ClientResponse) -> tuple[object, ...]:
    """Take out of an accept's answer what depends on where in the log it stands; nothing else may differ."""
    body = await response.read()
    proof = parse_proof(body)
    receipt = parse_receipt(proof.extra)
    size = parse_checkpoint(parse_note(proof.checkpoint).text).size
    length = len(body) - len(str(proof.index)) - len(str(size)) - _HASH_LINE_BYTES * len(proof.hashes)
    headers = {name: value for name, value in response.headers.items() if name not in _OWN_HEADERS}
    spans = sum(1 for _ in inclusion_spans(proof.index, size))
    assert len(proof.hashes) == spans, "how many hashes prove it depends on index and size alone"
    return response.status, headers, masked(receipt.event), len(receipt.tag), len(receipt.nonce), length


@pytest.mark.parametrize("number", NUMBERS[1:])
async def test_an_accept_says_nothing_of_the_number(world: ServedWorld, number: str):
    """Status, headers, event, and the length of all of it, for the first answer and for a retry."""
    known, other = world.letter(detainee=AT_CAMP), world.letter(detainee=number)
    answers = [await world.put_letter(letter) for letter in (known, other, known, other)]
    shapes = [await shape(answer) for answer in answers]

    assert shapes[0][0] == 200
    assert shapes[0] == shapes[1] == shapes[2] == shapes[3]
    assert [item.state for item in await world.items([known.line.item])] == [State.QUEUED]


async def test_letters_to_all_kinds_of_numbers_wait_in_different_states(world: ServedWorld):
    """Or the test above would compare one thing with itself."""
    sent = [await world.send(detainee=number) for number in NUMBERS]
    states = [item.state for item in await world.items(sent)]

    assert states == [State.QUEUED, State.QUEUED, *[State.HELD] * 5]


async def test_a_mailbox_says_nothing_of_the_number(world: ServedWorld):
    """Each family has written to another number, and sees the same; a claim changes nothing, and neither does time."""
    families = {number: world.family(f"the family of {number}") for number in NUMBERS}
    sent = {number: await world.send(family, detainee=number) for number, family in families.items()}
    before = [await seen(world, family) for family in families.values()]
    for number in (AT_CAMP, NOWHERE, RELEASED):
        await world.claim("ann" if number == AT_CAMP else "ben", sent[number])
    world.clock.advance(days=3)
    after = [await seen(world, family) for family in families.values()]

    assert len({json.dumps(one, sort_keys=True) for one in (*before, *after)}) == 1


async def seen(world: ServedWorld, family) -> object:
    """Read a mailbox without what is each letter's own."""
    (item,) = (await world.read("/family/mailbox", by=family))["items"]
    item["event"] = masked(item["event"])
    item["openings"] = [{"event": masked(one["event"]), "nonce": len(one["nonce"])} for one in item["openings"]]
    return item | {"item": len(item["item"])}


async def test_the_same_mistakes_are_refused_alike(world: ServedWorld):
    """Another's key, and an id that is taken by other bytes, whomever the letter is for."""
    taken = await world.send()
    answers = set()
    for number in NUMBERS:
        wrong_key = replace(world.letter(detainee=number), signer="ab" * 32)
        again = world.letter(item=taken, detainee=number)
        for letter in (wrong_key, again):
            response = await world.put_letter(letter)
            problem = await response.json(content_type=None)
            answers.add((response.status, problem["code"], problem["detail"], problem["cure"], tuple(problem)))

    assert sorted(code for _, code, *_ in answers) == ["idempotency_conflict", "signer_differs"]


# ---------------------------------------------------------------- the benchmark of the clock


def test_a_slow_class_is_found():
    """A tenth of a millisecond more for those that are known is far beyond what shuffled labels come to."""
    seconds = [0.001 + (n % 7) * 1e-5 for n in range(400)]
    labels = [list(Known)[n % 4] for n in range(400)]
    told = [(k, s + (1e-4 if k is Known.CONFIRMED else 0)) for k, s in zip(labels, seconds, strict=True)]

    assert not oracle.figure(told, shuffles=100).ok


def test_equal_classes_pass():
    """Where no class differs, neither does the figure from chance."""
    equal = [(list(Known)[n % 4], 0.001 + (n // 4 % 7) * 1e-5) for n in range(400)]

    assert oracle.figure(equal, shuffles=100).ok
    assert oracle.largest_difference([known for known, _ in equal], [seconds for _, seconds in equal]) == 0
