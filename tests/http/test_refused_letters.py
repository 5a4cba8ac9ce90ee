"""Letters that the relay refuses over HTTP: each with its status, its stable code, and what the family does next."""

import hashlib
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path

import altcha
import pytest
from aiohttp import ClientResponse

from keys.ids import new_id
from keys.sealed import EnclosureKey, EnclosureLine, part_digest, seal_enclosure
from relay.http.services import SEALED
from relay.ledger.letters import LetterIn
from tests.http.relay_world import ServedWorld, a_checked_world
from tests.ledger.cast import CAMP, REVIEW, secret
from tests.ledger.world import NOWHERE, letter_in


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ServedWorld]:
    """Serve a relay."""
    async with a_checked_world(tmp_path) as served:
        yield served


# ---------------------------------------------------------------- what is not a sealed letter


def _without_line(sealed: bytes) -> bytes:
    return sealed.partition(b"\n")[2]


def _rerouted(sealed: bytes) -> bytes:
    """Send it to another number: the digits are valid, the line is well formed, and the bind stanza does not fit."""
    return sealed.replace(b'"detainee":"123456789092"', f'"detainee":"{NOWHERE}"'.encode(), 1)


def _of_another_kind(sealed: bytes) -> bytes:
    return sealed.replace(b'"kind":"letter"', b'"kind":"secret"', 1)


def _for_more(sealed: bytes) -> bytes:
    """Give it a second recipient that its first line does not name."""
    first, rest = sealed.split(b"-> mlkem768x25519", 1)
    stanza, after = rest.split(b"-> letter-relay/bind", 1)
    return first + 2 * (b"-> mlkem768x25519" + stanza) + b"-> letter-relay/bind" + after


@pytest.mark.parametrize(
    ("spoil", "status", "code"),
    [
        (lambda _: b"Dear Olena,\n", 400, "sealed_kind"),
        (lambda _: b"", 400, "sealed_line"),
        (_without_line, 400, "sealed_kind"),
        (_of_another_kind, 400, "sealed_line"),
        (lambda sealed: sealed[: sealed.index(b"\n") + 40], 400, "age_header"),
        (lambda sealed: sealed[:-9], 400, "not_padded"),
        (_rerouted, 400, "wrong_bind"),
        (_for_more, 400, "recipients_differ"),
        (lambda sealed: sealed.replace(b"-> mlkem768x25519", b"-> X25519", 1), 400, "foreign_stanza"),
    ],
)
async def test_what_is_not_a_sealed_letter_is_refused(
    world: ServedWorld, spoil: Callable[[bytes], bytes], status: int, code: str
):
    """The relay has no key, and still knows a letter that was altered, cut off, or never sealed."""
    letter = world.letter()

    response = await world.put_letter(letter, sealed=spoil(letter.sealed))

    await world.refused(response, status, code)


# ---------------------------------------------------------------- sealed by wrong facts


async def test_a_letter_sealed_to_an_epoch_that_is_not_accepted(world: ServedWorld):
    """Seal it again to the key of today."""
    await world.refuses(world.letter(to=(f"{REVIEW}/7",)), 409, "epoch_over")


async def test_a_letter_by_a_directory_that_the_relay_does_not_have(world: ServedWorld):
    """Somebody gave the family another directory, or an old one."""
    await world.refuses(world.letter(dir=9), 409, "directory_unknown")


async def test_a_letter_when_the_directory_has_expired(world: ServedWorld):
    """The operators are late: the family keeps the letter and sends it later."""
    letter = world.letter()
    world.clock.advance(days=11 * 365)

    problem = await world.refuses(letter, 503, "directory_over")

    assert "again" in problem["cure"]


async def test_a_letter_to_another_relay(world: ServedWorld):
    """Whoever typed the wrong address is told so."""
    await world.refuses(world.letter(relay="0" * 32), 422, "wrong_relay")


async def test_a_letter_sealed_to_a_desk_that_does_not_read_first(world: ServedWorld):
    """No family can write past the mediator."""
    await world.refuses(world.letter(to=(f"{CAMP}/1",)), 409, "wrong_destination")


async def test_a_letter_at_the_address_of_another(world: ServedWorld):
    """The first line is what counts, and the address must agree with it."""
    letter, other = world.letter(), world.letter()

    response = await world.put_letter(letter, sealed=other.sealed)

    await world.refused(response, 409, "wrong_destination")


def _with_enclosure(world: ServedWorld, digest: str) -> LetterIn:
    """Seal a letter that names an enclosure, whether it has one or not."""
    line, key = world.line(enclosures=(digest,)), EnclosureKey("house.png", "image/png", 13, secret("picture").hex())
    return letter_in(world.seal(line, world.family(), "Ось наш дім.", [key]), world.family())


async def test_a_letter_whose_enclosure_was_not_uploaded(world: ServedWorld):
    """Upload first, then send."""
    await world.refuses(_with_enclosure(world, "ab" * 32), 422, "missing_part")


async def test_a_letter_with_the_enclosure_of_another(world: ServedWorld):
    """A picture belongs to one letter, at one place in it."""
    first = await world.letter_with_picture()
    await world.refuses(_with_enclosure(world, *first.line.enclosures), 409, "parts_differ")


# ---------------------------------------------------------------- twice


async def test_the_same_letter_twice_gets_the_same_receipt(world: ServedWorld):
    """Byte for byte, whatever has happened since."""
    letter = world.letter()
    first = await world.submit(letter)
    await world.send()

    assert await world.submit(letter) == first
    receipt = await world.ask("GET", f"/family/receipts/{letter.line.item}", by=world.family())
    assert await receipt.read() == first


async def test_other_bytes_under_the_same_id(world: ServedWorld):
    """The first letter stays as it was."""
    letter = world.letter()
    first = await world.submit(letter)

    await world.refuses(world.letter(item=letter.line.item, text="Інший лист."), 409, "idempotency_conflict")

    assert await world.submit(letter) == first


async def test_another_family_cannot_take_a_letters_id(world: ServedWorld):
    """Nor learn its receipt by sending the very same bytes."""
    letter = world.letter()
    await world.submit(letter)
    others = world.family("the Bondarenkos")

    response = await world.ask(
        "PUT",
        f"/family/letters/{letter.line.item}",
        letter.sealed,
        by=others,
        media_type=SEALED,
        headers={"Letter-Relay-Signer": letter.signer},
    )

    await world.refused(response, 409, "idempotency_conflict")


async def test_a_mailbox_has_one_key(world: ServedWorld):
    """Mailbox and key come from one code; a client that mixes two codes is told."""
    await world.send()
    letter = world.letter()

    response = await world.ask(
        "PUT",
        f"/family/letters/{letter.line.item}",
        letter.sealed,
        by=world.family(),
        media_type=SEALED,
        headers={"Letter-Relay-Signer": world.family("the Bondarenkos").vkey},
    )

    await world.refused(response, 403, "signer_differs")


# ---------------------------------------------------------------- bytes on the way


async def test_a_part_0_that_is_too_large(world: ServedWorld):
    """The limit is known before the body is read."""
    letter, limit = world.letter(), world.served.services.limits.part0_bytes

    response = await world.put_letter(letter, sealed=letter.sealed + b"\0" * limit)

    await world.refused(response, 413, "body_too_large")


async def test_an_enclosure_that_is_too_large(world: ServedWorld):
    """Room for four mebibytes, their padding and the format, and no more."""
    body = b"\0" * (world.served.services.limits.sealed_bytes + 1)

    response = await world.ask("PUT", f"/family/parts/{'ab' * 32}", body, by=world.family(), media_type=SEALED)

    await world.refused(response, 413, "body_too_large")


async def test_an_enclosure_of_the_largest_size_is_taken(world: ServedWorld):
    """What a client may seal, the relay takes."""
    line = EnclosureLine(world.relay, new_id(world.random), 1)
    sealed = seal_enclosure(line, b"\x89" * world.served.services.limits.enclosure_bytes, secret("picture"))

    (digest,) = await world.upload(sealed)

    assert digest == part_digest(sealed)


def _an_enclosure(relay: str) -> bytes:
    return seal_enclosure(EnclosureLine(relay, "ab" * 16, 1), b"a house", secret("picture"))


async def test_an_enclosure_that_was_damaged_on_the_way(world: ServedWorld):
    """Its digest is in its address."""
    sealed = _an_enclosure(world.relay)
    path = f"/family/parts/{part_digest(sealed)}"

    response = await world.ask("PUT", path, sealed + b"\0", by=world.family(), media_type=SEALED)

    await world.refused(response, 422, "digest_differs")


async def test_an_enclosure_for_another_relay(world: ServedWorld):
    """It could never belong to a letter here."""
    sealed = _an_enclosure("0" * 32)
    path = f"/family/parts/{part_digest(sealed)}"

    response = await world.ask("PUT", path, sealed, by=world.family(), media_type=SEALED)

    await world.refused(response, 422, "wrong_relay")


async def test_a_family_uploads_nothing_but_enclosures(world: ServedWorld):
    """A letter goes to its own address, where it gets a receipt."""
    letter = world.letter()
    path = f"/family/parts/{letter.digest}"

    response = await world.ask("PUT", path, letter.sealed, by=world.family(), media_type=SEALED)

    await world.refused(response, 400, "sealed_kind")


async def test_a_letter_of_another_media_type(world: ServedWorld):
    """A form, a text, or something compressed is not a sealed letter, whatever it holds."""
    letter = world.letter()
    path, headers = f"/family/letters/{letter.line.item}", {"Letter-Relay-Signer": letter.signer}

    text = await world.ask("PUT", path, letter.sealed, by=world.family(), media_type="text/plain", headers=headers)
    await world.refused(text, 415, "wrong_media_type")
    headers["Content-Encoding"] = "gzip"
    packed = await world.ask("PUT", path, letter.sealed, by=world.family(), media_type=SEALED, headers=headers)
    await world.refused(packed, 415, "wrong_media_type")


async def test_a_letter_without_its_signer(world: ServedWorld):
    """The key that may later withdraw it has to come with it."""
    letter = world.letter()
    path = f"/family/letters/{letter.line.item}"

    response = await world.ask("PUT", path, letter.sealed, by=world.family(), media_type=SEALED)

    problem = await world.refused(response, 422, "invalid_request")
    assert problem["faults"] == [{"where": "header.Letter-Relay-Signer", "rule": "missing"}]


async def test_a_letter_at_an_address_that_is_none(world: ServedWorld):
    """The id is checked before anything is read."""
    response = await world.ask("PUT", "/family/letters/my-letter", b"x", by=world.family(), media_type=SEALED)

    await world.refused(response, 422, "invalid_request")


# ---------------------------------------------------------------- proof of work


@pytest.fixture
async def worked(tmp_path: Path) -> AsyncIterator[ServedWorld]:
    """Serve a relay that asks for a proof of work, by the clock on the wall, which altcha reads itself."""
    async with a_checked_world(tmp_path, work={"required": True, "cost": 1, "counter_max": 3}) as served:
        served.clock.now = datetime.now(UTC)
        yield served


async def _solved(world: ServedWorld) -> str:
    challenge = altcha.Challenge.from_dict(await world.read("/work"))
    solution = altcha.solve_challenge(challenge)
    assert solution is not None
    return altcha.Payload(challenge, solution).to_base64()


async def test_a_letter_without_work_and_with_work_that_was_used(worked: ServedWorld):
    """One solution pays for one letter; a retry of that letter is still answered."""
    letter, other, work = worked.letter(), worked.letter(), await _solved(worked)

    async def put(sent: LetterIn, payload: str | None) -> ClientResponse:
        headers = {"Letter-Relay-Signer": sent.signer} | ({} if payload is None else {"Letter-Relay-Work": payload})
        path = f"/family/letters/{sent.line.item}"
        return await worked.ask("PUT", path, sent.sealed, by=worked.family(), media_type=SEALED, headers=headers)

    await worked.refused(await put(letter, None), 428, "work_missing")
    await worked.refused(await put(letter, "e30="), 428, "work_wrong")
    first = await put(letter, work)
    assert first.status == 200
    await worked.refused(await put(other, work), 409, "work_spent")
    again = await put(letter, work)
    assert await again.read() == await first.read()


async def test_where_no_work_is_asked_for_there_is_no_challenge(world: ServedWorld):
    """A client that gets 404 knows that it has nothing to solve."""
    await world.refused(await world.ask("GET", "/work"), 404, "not_found")


# ---------------------------------------------------------------- the mailbox


def _lasting(response: ClientResponse) -> dict[str, str]:
    """Give the headers that do not change with every answer."""
    changing = {"content-length", "x-request-id", "date"}
    return {name.lower(): value for name, value in response.headers.items() if name.lower() not in changing}


async def test_an_unknown_mailbox_looks_empty(world: ServedWorld):
    """Whether a locator was ever used is nobody's business, in body and in headers."""
    await world.send()
    stranger, used = world.family("nobody"), world.family("somebody")
    await world.send(used)

    empty = await world.ask("GET", "/family/mailbox", by=stranger)
    full = await world.ask("GET", "/family/mailbox", by=used)

    assert (empty.status, await empty.json()) == (200, {"items": []})
    assert _lasting(empty) == _lasting(full)


async def test_another_familys_item_cannot_be_seen_or_touched(world: ServedWorld):
    """Not its receipt, not its parts, not its place in the queue; and what is not there looks the same."""
    letter = await world.letter_with_picture()
    await world.submit(letter)
    others = world.family("the Bondarenkos")
    await world.send(others)

    for path, code in (
        (f"/family/receipts/{letter.line.item}", "not_your_item"),
        (f"/family/receipts/{'ab' * 16}", "not_your_item"),
        (f"/family/parts/{letter.digest}", "unknown_part"),
        (f"/family/parts/{letter.line.enclosures[0]}", "unknown_part"),
        (f"/family/parts/{hashlib.sha256(b'nothing').hexdigest()}", "unknown_part"),
    ):
        await world.refused(await world.ask("GET", path, by=others), 404, code)

    item = await world.item(letter.line.item)
    subject = world.subject(item.id, *item.parts, prev=item.shown)
    note = world.sign("withdraw", (subject,), others.signer(world.relay), directory=None)
    await world.refuses(world.of_family(note, others), 404, "not_your_item")


async def test_a_family_signs_with_its_own_key_or_not_at_all(world: ServedWorld):
    """Whoever has a locator but not the code behind it can read words, and move nothing."""
    letter = await world.send()
    item = await world.item(letter)
    subject = world.subject(item.id, *item.parts, prev=item.shown)
    forged = world.sign("withdraw", (subject,), world.family("the Bondarenkos").signer(world.relay), directory=None)

    await world.refuses(world.of_family(forged, world.family()), 422, "note_unsigned")
