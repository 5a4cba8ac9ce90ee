"""What the relay cannot do just now: it says so with Retry-After, and nothing that it acknowledged is lost."""

import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from keys.errors import Fatal
from relay.http.app import open_relay
from relay.http.services import SEALED
from relay.ledger.door import Capacity, Closed, NotInitialised
from relay.ledger.letters import LetterIn
from relay.storage import engine
from tests.http.relay_world import ServedWorld, a_checked_world, a_founded_world, a_served_world, the_settings
from tests.ledger.checks import check_log


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a writer wait for a locked database for a moment only; five seconds are for the real relay."""
    usual = tuple(pragma for pragma in engine._PRAGMAS if "busy_timeout" not in pragma)
    monkeypatch.setattr(engine, "_PRAGMAS", (*usual, "PRAGMA busy_timeout=20"))


@pytest.fixture
async def world(tmp_path: Path, impatient: None) -> AsyncIterator[ServedWorld]:
    """Serve a relay."""
    async with a_checked_world(tmp_path) as served:
        yield served


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Hold the database's write lock, as a backup tool that went astray would."""
    with closing(sqlite3.connect(folder / "relay.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


async def _refused_for_now(world: ServedWorld, letter: LetterIn, code: str) -> None:
    problem = await world.refuses(letter, 503, code)
    assert "again" in problem["cure"]


async def _still_answers(world: ServedWorld, letter: LetterIn, receipt: bytes) -> None:
    """Require that what was acknowledged stands, and that its retry gets the same bytes."""
    assert await world.submit(letter) == receipt
    items = (await world.read("/family/mailbox", by=world.family()))["items"]
    assert letter.line.item in [item["item"] for item in items]


async def test_a_locked_database(world: ServedWorld):
    """Reading goes on, writing is to be tried again, by families and by staff; later it all goes through."""
    before = world.letter()
    receipt = await world.submit(before)
    letter, enclosure = world.letter(), world.letter()
    await world.bearer("ann")

    with _locked(world.folder):
        await _refused_for_now(world, letter, "storage_unavailable")
        path = f"/staff/parts/{enclosure.digest}"
        upload = await world.ask("PUT", path, enclosure.sealed, by="ann", media_type=SEALED)
        await world.refused(upload, 503, "storage_unavailable")
        challenge = await world.ask("POST", "/sign-in/challenges", {"staff": world.cast.staff["ben"].id})
        await world.refused(challenge, 503, "storage_unavailable")
        assert len((await world.read("/family/mailbox", by=world.family()))["items"]) == 1

    await _still_answers(world, before, receipt)
    assert await world.submit(letter)


async def test_a_full_disk(world: ServedWorld):
    """The letters that found room stay; the one that did not is taken once there is room again."""
    before = world.letter()
    receipt = await world.submit(before)
    async with world.storage.write() as connection:
        used = (await connection.exec_driver_sql("PRAGMA page_count")).scalar_one()
        await connection.exec_driver_sql(f"PRAGMA max_page_count={used + 3}")

    letters = [world.letter() for _ in range(4)]
    answers = [await world.bring(letter) for letter in letters]

    full = [letter for letter, answer in zip(letters, answers, strict=True) if answer.status != 200]
    assert full
    await _refused_for_now(world, full[-1], "storage_unavailable")
    async with world.storage.write() as connection:
        await connection.exec_driver_sql("PRAGMA max_page_count=1073741823")
    for letter in full:
        assert await world.submit(letter)
    await _still_answers(world, before, receipt)


async def test_too_much_at_the_door(world: ServedWorld):
    """Whoever comes while the queue is full is asked to come again; nothing is begun for them."""
    before, letter = world.letter(), world.letter()
    receipt = await world.submit(before)
    usual = world.ledger._capacity
    world.ledger._capacity = Capacity(waiting=0)

    await _refused_for_now(world, letter, "overloaded")

    world.ledger._capacity = usual
    assert await world.submit(letter)
    await _still_answers(world, before, receipt)


async def test_a_relay_that_is_stopping(world: ServedWorld):
    """What waits is finished; what comes later is for the relay that starts next."""
    before = world.letter()
    receipt = await world.submit(before)
    world.ledger._broken = Closed()

    await _refused_for_now(world, world.letter(), "stopping")

    world.ledger._broken = None
    await _still_answers(world, before, receipt)


async def test_a_door_that_has_shut_itself(tmp_path: Path):
    """A relay that must not go on says so to its operator, by its health and by every answer."""
    with capture_logs() as logs:
        async with a_served_world(tmp_path) as world:
            await world.send()
            world.ledger._broken = Fatal()

            await world.refuses(world.letter(), 503, "fatal")
            health = await world.refused(await world.ask("GET", "/readyz"), 503, "not_ready")

            assert health["checks"]["door"] == "failed"
            assert (await world.ask("GET", "/livez")).status == 200
            await check_log(world.storage, world.founded.key)
    assert [line["code"] for line in logs if line["event"] == "fault"] == ["fatal"]


async def test_a_folder_without_a_relay(tmp_path: Path):
    """Whoever serves the wrong folder is told so, not to wait; and finds no empty database there afterwards."""
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(NotInitialised):
            async with open_relay(the_settings(folder)):
                pass

    assert not (tmp_path / "relay.db").exists()


async def test_a_relay_without_a_directory(tmp_path: Path):
    """Until the operators have published it, all but the log, health and publishing wait."""
    with capture_logs():
        async with a_founded_world(tmp_path) as world:
            letter = world.letter()

            await world.refused(await world.put_letter(letter), 503, "not_open")
            await world.refused(await world.ask("GET", "/family/mailbox", by=world.family()), 503, "not_open")
            await world.refused(await world.ask("GET", "/trust"), 404, "not_found")
            assert (await world.ask("GET", "/log/1/checkpoint")).status == 200
            assert (await world.ask("GET", "/readyz")).status == 200
