"""
A whole life with marked secrets, and then a search for the marks wherever a relay leaves traces.

The text, the names, the receipt code, what is derived from it, the tokens and the keys: none of them may be in a log
line at level debug, in an address, in the metrics, in a problem, or in any byte of the data folder.
"""

import io
import logging
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import structlog
from prometheus_client import generate_latest

from config.diagnostics import configure_logging
from keys.codes import family_keys, new_code, show_code
from keys.sealed import DocumentLine, StaffAuthor, seal_document
from relay.http.services import NOTE, SEALED
from tests.http.relay_world import MACHINE, ServedWorld, a_served_world
from tests.ledger.cast import REVIEW, FamilyOf
from tests.ledger.checks import check_log
from tests.ledger.world import AT_CAMP

TEXT, NAME = "Сторожовий лист: яблуня canary-text зацвіла", "Маріанна Канаренко-Canary"
REPLY = "Дякую, canary-reply, цілую всіх"
ADDRESS = "203.0.113.77"


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """Catch everything that this process logs, ours and the libraries', at level debug and as it would be written."""
    stream, root = io.StringIO(), logging.getLogger()
    before = (list(root.handlers), root.level)
    configure_logging("debug", stream)
    yield stream
    structlog.reset_defaults()
    root.handlers, root.level = before


@pytest.fixture
async def world(tmp_path: Path, logged: io.StringIO) -> AsyncIterator[ServedWorld]:
    """Serve a relay that limits rates by the address its proxy names."""
    often = {"requests_per_minute": 100_000, "accepts_per_minute": 100_000, "sign_ins_per_minute": 100_000}
    async with a_served_world(tmp_path, http={"trusted_proxies": ["127.0.0.0/8"]}, limits=often) as served:
        yield served


@dataclass(frozen=True)
class Lived:
    """What a life left behind: who lived it, and the marks of its secrets, each as the texts it might appear as."""

    family: FamilyOf
    letter: str
    marks: Mapping[str, tuple[bytes, ...]]


async def _live(world: ServedWorld) -> Lived:
    """Send a letter by a real receipt code, review it, deliver it, answer it, collect the reply."""
    code = new_code(world.random)
    family = world.family_by_code(code)
    letter = world.letter(family, text=f"{TEXT} {NAME} {show_code(code)}")
    await world.submit(letter)
    item = letter.line.item
    await world.claim("ann", item)
    contact = await _contact(world, code)
    await world.submit(await world.passing("ann", item, contact=(contact,)))
    bag = await world.bag(item)
    await world.by_staff("ole", "receive", item, bag=bag)
    await world.by_staff("ole", "deliver", item)
    line = world.line(kind="reply", hop="facility>review", re=item, detainee=AT_CAMP)
    (digest,) = await world.upload(world.seal(line, "ole", f"{REPLY} {NAME}"))
    await world.submit(world.replies_in("ole", [world.subject(line.item, digest)], [line]))
    await world.claim("ben", line.item)
    await world.submit(await world.passing_home("ben", line.item))
    await world.by_family("collected", line.item, family=family)
    await world.served.publisher.publish()
    return Lived(family, item, _marks(world, code))


async def _contact(world: ServedWorld, code: str) -> str:
    line = DocumentLine(
        relay=world.relay,
        kind="contact",
        id=world.family_by_code(code).mailbox,
        item=None,
        to=(f"{REVIEW}/1",),
        dir=1,
        version=1,
    )
    member = world.cast.staff["ann"]
    sealed = seal_document(
        line,
        f"{NAME} {code}".encode(),
        author=StaffAuthor(member.id),
        signer=member.author,
        recipients=[world.cast.recipient(REVIEW)],
    )
    return (await world.upload(sealed))[0]


def _marks(world: ServedWorld, code: str) -> dict[str, tuple[bytes, ...]]:
    keys = family_keys(code, bytes.fromhex(world.relay))
    seed = keys.signer.private_bytes_raw()
    return {
        "the letter's text": _as_text(TEXT, "canary-text"),
        "the reply's text": _as_text(REPLY, "canary-reply"),
        "a name": _as_text(NAME, "Canary"),
        "the receipt code": _as_text(code, show_code(code)),
        "the locator": _as_bytes(keys.locator),
        "the family's signing key": _as_bytes(seed),
        "the address of a caller": _as_text(ADDRESS),
        "the operator's token": _as_text(MACHINE, MACHINE[4:]),
        **{f"{name}'s token": _as_text(token, token[4:]) for name, token in world.tokens.items()},
        **{f"{name}'s root": _as_bytes(member.root.root) for name, member in world.cast.staff.items()},
    }


def _as_text(*texts: str) -> tuple[bytes, ...]:
    """Give a text as UTF-8, as ASCII JSON writes it, and as base64 does wherever it happens to begin."""
    plain = [text.encode() for text in texts]
    escaped = [text.encode("ascii", "backslashreplace") for text in texts]
    return (*plain, *escaped, *(form for text in plain for form in _as_base64(text)))


def _as_bytes(secret: bytes) -> tuple[bytes, ...]:
    return (secret, secret.hex().encode(), *_as_base64(secret))


def _as_base64(secret: bytes) -> list[bytes]:
    """Give what base64 makes of it, however it is aligned; forms so short that chance would find them are left out."""
    forms = (b64encode(b"\0" * shift + secret)[4:-4] for shift in range(3))
    return [form for form in forms if len(form) >= 8]


def _found(marks: Mapping[str, tuple[bytes, ...]], trace: bytes) -> list[str]:
    return [secret for secret, forms in marks.items() if any(form in trace for form in forms)]


async def _provoke(world: ServedWorld, lived: Lived) -> None:
    """Make the relay refuse in every way that might quote what it was given."""
    headers = {"Letter-Relay-Signer": "ab" * 32, "X-Forwarded-For": ADDRESS}
    own = lived.family
    await world.ask("PUT", f"/family/letters/{lived.letter}", TEXT.encode(), by=own, media_type=SEALED, headers=headers)
    await world.ask("POST", "/family/statements", f"{NAME} {TEXT}\n".encode(), by=own, media_type=NOTE)
    await world.ask("POST", "/review/offers", {"desk": NAME, TEXT: REPLY}, by="ann")
    await world.ask("POST", "/review/offers", f'{{"desk":"{NAME}'.encode(), by="ann")
    await world.ask("POST", "/office/statements", {"note": TEXT, "rows": NAME}, by="opal")
    await world.ask("POST", "/operator/directory", {"note": TEXT, "document": NAME}, by="the machine")
    await world.ask(
        "GET", "/family/mailbox", headers={"Authorization": f"Bearer {NAME.encode('unicode_escape').decode()}"}
    )
    await world.ask("GET", "/staff/session", headers={"Authorization": f"Bearer {world.tokens['ann'][:-1]}"})
    await world.ask("GET", "/family/mailbox", headers={"X-Forwarded-For": ADDRESS}, by=own)


def _files(folder: Path) -> dict[str, bytes]:
    """Read every file of the data folder but the two that are there to hold keys and the operator's token."""
    kept_apart = {"log.key", "operator.token"}
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file() and path.name not in kept_apart}


async def test_no_secret_leaves_a_trace(world: ServedWorld, logged: io.StringIO):
    """Search logs, addresses, metrics, problems, and the database with its journal, while the relay still runs."""
    lived = await _live(world)
    await _provoke(world, lived)
    await check_log(world.storage, world.founded.key)

    traces = {
        "the log": logged.getvalue().encode(),
        "the addresses": "\n".join(world.addresses).encode(),
        "the metrics": generate_latest(world.served.metrics.registry),
        "the problems": "\n".join(world.problems).encode(),
        **_files(world.folder),
    }

    assert len(world.problems) >= 8
    assert {"relay.db", "relay.db-wal"} <= set(traces)
    assert {name: _found(lived.marks, trace) for name, trace in traces.items()} == {name: [] for name in traces}
    elsewhere = [name for name in traces if not name.startswith("relay.db")]
    assert [name for name in elsewhere if AT_CAMP.encode() in traces[name]] == [], "the number is in the database alone"


async def test_the_search_would_find_what_is_there(world: ServedWorld, logged: io.StringIO):
    """The item's id is in the database, the route in the log and in the metrics; so the search looks where it says."""
    lived = await _live(world)
    database = b"".join(trace for name, trace in _files(world.folder).items() if name.startswith("relay.db"))

    assert lived.letter.encode() in database
    assert b'"route":"/family/letters/{item}"' in logged.getvalue().encode()
    assert b'route="/family/letters/{item}"' in generate_latest(world.served.metrics.registry)
    for secret, forms in lived.marks.items():
        for form in forms:
            assert secret in _found(lived.marks, b"..." + form + b"...")
