"""The register through the registrar's own client: a file is read twice, people move, and dispatch stops at once."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from keys.codes import new_number
from relay.client.dispatchers import Dispatcher
from relay.client.faults import ProblemAnswered
from relay.client.importing import PlaceUnknown, PlaceWanted, import_register, set_status
from relay.client.register import NoPlace, NumberUnknown, read_register
from relay.client.registerfile import COLUMNS, RegisterSheetMalformed, Why
from relay.client.trustbook import RegisterCut
from relay.domain.register import Status
from relay.domain.states import State
from relay.storage.parts import register_pages
from tests.http.client_world import ClientWorld, a_client_world
from tests.http.test_life import claim_all, pass_all

OSTAP = "Барвінчук,Остап,Миколайович,Barvinchuk,Ostap,Микола,,1997-03-14,Klenovody,Private,ARD-204117,north"
DANYLO = "Лелеченко,Данило,Петрович,,,Петро,,1989-11-02,Tykholissia,Sergeant,ARD-187730,south"


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[ClientWorld]:
    """Serve a relay whose ceremony was run through the client."""
    async with a_client_world(tmp_path / "relay") as served:
        yield served


def a_file(*rows: str) -> bytes:
    """Write a register file."""
    return "\n".join((",".join(COLUMNS), *rows, "")).encode()


async def importing(world: ClientWorld, *rows: str):
    """Import a file as the registrar, who calls the facility Larch House."""
    places = {"Larch House": world.facility.desk.id}
    session = await world.session("reg")
    return await import_register(session, world.review.desk.id, a_file(*rows), places=places)


async def moving(world: ClientWorld, status: Status, place: str | None = None):
    """Say what has become of the one whom the world knows."""
    return await set_status(await world.session("reg"), world.review.desk.id, world.number, status, place=place)


async def test_a_file_that_is_read_again_lists_nobody_twice(world):
    """Numbers are kept, only what differs is published, and names reach the reviewers' desk alone."""
    first = await importing(world, f"{OSTAP},Larch House,confirmed", f"{DANYLO},,unconfirmed")
    again = await importing(world, f"{OSTAP},Larch House,confirmed", f"{DANYLO},,unconfirmed")
    later = await importing(world, f"{OSTAP},Larch House,confirmed", f"{DANYLO},Larch House,confirmed")
    register = await read_register(await world.session("ann"), world.review.desk.id)

    assert (len(first.added), len(first.updated), first.unchanged, len(first.pages)) == (2, 0, 0, 1)
    assert (again.added, again.updated, again.unchanged, again.pages) == ((), (), 2, ())
    assert (len(later.added), len(later.updated), later.unchanged, len(later.pages)) == (0, 1, 1, 1)
    assert later.updated[0].number == first.added[1].number
    assert register.find(first.added[0].number).names == "Барвінчук Остап Миколайович / Ostap Barvinchuk"
    assert register.place_of(later.updated[0].number) == world.facility.desk.id
    assert len(register.records) == 4


async def test_each_row_that_is_refused_is_reported_and_the_others_are_taken(world):
    """By its number in the file and the reason, in the order of the file."""
    imported = await importing(
        world,
        f"{OSTAP},Larch House,fled",
        f"{DANYLO},,unconfirmed",
        f"{DANYLO},,unconfirmed",
        f"{OSTAP.replace('north', 'west')},Elm House,confirmed",
    )

    assert [(one.row, [fault.why for fault in one.faults]) for one in imported.refused] == [
        (2, [Why.UNKNOWN]),
        (4, [Why.TWICE]),
        (5, [Why.UNKNOWN, Why.UNKNOWN]),
    ]
    assert len(imported.added) == 1


async def test_what_is_no_register_changes_nothing(world):
    """Another file, a name for a desk that holds nobody, somebody nobody knows, a place that is none."""
    session, desk = await world.session("reg"), world.review.desk.id
    with pytest.raises(RegisterSheetMalformed):
        await import_register(session, desk, b"who,where\nx,y\n", places={})
    with pytest.raises(PlaceUnknown):
        await import_register(session, desk, a_file(), places={"Elm House": desk})
    with pytest.raises(NumberUnknown):
        await set_status(session, desk, new_number(), Status.RELEASED)
    with pytest.raises(PlaceUnknown):
        await moving(world, Status.TRANSFERRED, desk)
    await moving(world, Status.RELEASED)
    with pytest.raises(PlaceWanted):
        await moving(world, Status.CONFIRMED)

    assert (await moving(world, Status.CONFIRMED, world.facility.desk.id)).place == world.facility.desk.id
    assert (await moving(world, Status.UNCONFIRMED)).place == world.facility.desk.id


async def test_release_stops_dispatch_at_once(world):
    """A letter that was passed is packed no more, is named to the dispatcher, and goes back to its family."""
    family = await world.family()
    await family.write("Мій любий!", about=world.number, lang="uk")
    (passed,) = await pass_all(await world.reviewer())
    record = await moving(world, Status.RELEASED)
    dispatcher = await world.dispatcher()
    with pytest.raises(ProblemAnswered) as refusal:
        await dispatcher.pack_all()
    (stopped,) = await dispatcher.stopped(await dispatcher.to_pack())
    reviewer = await world.reviewer()
    read = await reviewer.as_read(await reviewer.passed())
    await reviewer.return_(read, reasons=["RELEASED"], note="He is free.")

    assert refusal.value.code == "dispatch_stopped"
    assert (record.place, stopped.item) == (None, passed.item)
    (item,) = await family.status()
    assert (item.word, await family.read_note(item)) == ("returned", "He is free.")
    assert await dispatcher.to_pack() == []


async def test_a_transfer_sends_what_was_passed_to_the_new_place(world):
    """What was passed is resealed to the new place; what is passed later goes there by itself; nothing is lost."""
    family = await world.family()
    await family.write("Перший лист.", about=world.number, lang="uk")
    reviewer = await world.reviewer()
    await pass_all(reviewer)
    await moving(world, Status.TRANSFERRED, world.keyless.id)
    await family.write("Другий лист.", about=world.number, lang="uk")
    dispatcher: Dispatcher = await world.dispatcher()
    stopped = await dispatcher.stopped(await dispatcher.to_pack())
    reviewer = await world.reviewer()
    await reviewer.redirect([row for row in await reviewer.passed() if row.item in {one.item for one in stopped}])
    await pass_all(reviewer)
    bags = await dispatcher.pack_all()

    assert [bag.place for bag in bags] == [world.keyless.id]
    assert len(bags[0].rows) == 2


async def test_a_letter_in_the_queue_goes_nowhere_once_its_addressee_is_free(world):
    """The reviewer who claims it is told so; a letter that comes later waits like one to an unknown number."""
    family = await world.family()
    await family.write("Чекаю.", about=world.number, lang="uk")
    await moving(world, Status.RELEASED)
    await family.write("Чекаю ще.", about=world.number, lang="uk")
    reviewer = await world.reviewer()
    opened = await reviewer.open(await claim_all(reviewer))

    assert [item.row.state for item in opened.letters] == [State.QUEUED, State.HELD]
    with pytest.raises(NoPlace):
        await reviewer.pass_(opened.letters[:1])
    await reviewer.return_(opened.letters, reasons=["RELEASED"])
    assert [item.word for item in await family.status()] == ["returned", "returned"]


async def test_a_desk_that_comes_later_reads_the_register_once_a_list_is_imported(world):
    """Until then nobody is sealed to it, and nothing is listed to it; then both desks read the same."""
    second = await world.open_review_desk()
    eve = await world.session("eve")
    before, pages = await read_register(eve, second), await eve.get("/review/register")
    imported = await importing(world, f"{OSTAP},Larch House,confirmed")
    again = await importing(world, f"{OSTAP},Larch House,confirmed")

    assert (before.records, pages["pages"]) == ({}, [])
    assert ({one.number for one in imported.resealed}, len(imported.pages)) == (
        {world.number, world.keyless_number},
        1,
    )
    assert (again.resealed, again.pages) == ((), ())
    there, here = (
        await read_register(eve, second),
        await read_register(await world.session("ann"), world.review.desk.id),
    )
    assert there == here
    assert there.find(world.number).names == "Ivan Example"


async def test_a_relay_cannot_hide_that_somebody_was_moved(world, tmp_path, monkeypatch):
    """It leaves out the page of the transfer and keeps a later one; the letter would be sealed to the old place."""
    await moving(world, Status.TRANSFERRED, world.keyless.id)
    await importing(world, f"{OSTAP},Larch House,confirmed")
    session = await world.session("ann", book=await world.book(tmp_path / "seen.json"))
    seen = await read_register(session, world.review.desk.id)
    assert seen.place_of(world.number) == world.keyless.id

    async def first_and_last(connection, *, desks):
        pages = await register_pages(connection, desks=desks)
        return [pages[0], pages[-1]]

    monkeypatch.setattr("relay.http.reviewers.register_pages", first_and_last)
    later = await world.session("ann", book=await world.book(tmp_path / "seen.json"))
    with pytest.raises(RegisterCut):
        await read_register(later, world.review.desk.id)
