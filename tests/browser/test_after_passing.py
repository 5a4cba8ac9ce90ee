"""What becomes of letters that were passed and cannot arrive, and of replies that nobody can collect: by keyboard."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from keys.codes import new_code
from keys.sealed import Excision
from relay.client.importing import set_status
from relay.client.register import Record
from relay.client.resealing import Edit
from relay.domain.register import Status
from relay.domain.states import State
from tests.browser.behind import Behind, meanwhile
from tests.browser.demo_world import DemoWorld, Held, a_demo_world
from tests.browser.desks import Reviewer
from tests.browser.second_desk import a_world_with_two_review_desks
from tests.browser.staff import Staff, grouped, signed_in
from tests.browser.writing import write_letters

BRIDGE = "We live by the bridge now, and the cat is well."
LATE = "Did you get the socks?"
LOST = "The apple tree is in flower."
NOTE = "He has been moved. Please write again."
REPLY = "I am well. Thank you for the socks."


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoWorld]:
    """Serve one demo world to the stories of this file, each of which is about another person."""
    with a_demo_world(tmp_path_factory.mktemp("after") / "data") as world:
        yield world


def held_at(world: DemoWorld, house: str, place: int) -> Held:
    """Choose somebody at a house, from the end of the list: nobody of the demo has written to them."""
    return [one for one in world.reachable if one.house == house][-1 - place]


def test_what_cannot_arrive_is_sent_to_where_the_person_is_now_or_back(served: DemoWorld, browser: Browser):
    """One was moved before the bag, one could not be handed over, one never arrived: each is found and goes its way."""
    person = held_at(served, "Larch House", 0)
    code = new_code()
    meanwhile(served, lambda behind: three_letters_strand(behind, person.number, code))
    with signed_in(browser, served, "ann", looks=True) as staff:
        reviewer = Reviewer(staff)
        finds(staff, BRIDGE, "moved")
        expect(staff.page.get_by_text(staff.say("astray.takenout", reasons=staff.say("reason.MIL")))).to_be_visible()
        staff.looks("astray")
        reviewer.presses_key("d")
        dialog = staff.page.locator("dialog[open]")
        expect(dialog.get_by_text(staff.say("redirect.whole"))).to_be_visible()
        expect(dialog.get_by_role("button", name=staff.say("decide.redirect"))).to_be_disabled()
        staff.looks("redirect-whole")
        staff.page.keyboard.press("Escape")
        reviewer.blocks_out("by the bridge", "MIL")
        reviewer.decides("d", reason="TRANSFERRED")
        finds(staff, LATE, "undeliverable")
        reviewer.decides("r", reason="TRANSFERRED", note=NOTE)
        finds(staff, LOST, "missing")
        expect(staff.button("decide.return")).to_have_count(0)
        staff.looks("missing")
        reviewer.decides("d")
        expect(staff.page.get_by_text(staff.say("rail.astray", count=1))).to_have_count(0)
        reviewer.presses_key("s")
        expect(staff.page.get_by_text(staff.say("astray.none"))).to_be_visible()
    texts, returned = meanwhile(served, lambda behind: read_at_the_other_house(behind, code))
    assert texts == [BRIDGE.replace("by the bridge", "█" * 13), LOST]
    assert returned == ("returned", NOTE)


def test_a_reply_that_waits_for_a_lost_code_goes_to_the_new_one(served: DemoWorld, browser: Browser):
    """The family wrote again under a new code; the reply is recalled, read once more, and passed to the new mailbox."""
    person = held_at(served, "Larch House", 1)
    lost, new = new_code(), new_code()
    meanwhile(served, lambda behind: a_reply_waits_for_a_lost_code(behind, person.number, lost, new))
    with signed_in(browser, served, "ann", lang="ru", dark=True, looks=True) as staff:
        reviewer, page = Reviewer(staff), staff.page
        reviewer.arrives()
        reviewer.presses_key("a")
        page.keyboard.type(person.number[:-1] + str((int(person.number[-1]) + 1) % 10))
        page.keyboard.press("Control+Enter")
        expect(page.get_by_text(staff.say("problem.number_mistyped"))).to_be_visible()
        page.get_by_label(staff.say("recall.number")).fill(person.number)
        page.keyboard.press("Enter")
        page.get_by_role("radio").first.wait_for(timeout=30_000)
        assert page.get_by_role("radio").count() == 1
        go = page.get_by_role("button", name=staff.say("decide.recall"))
        page.get_by_role("radio").first.press(" ")
        expect(go).to_be_disabled()
        page.get_by_label(staff.say("recall.sure")).press(" ")
        staff.looks("recall")
        page.keyboard.press("Control+Enter")
        expect(page.get_by_text(staff.say("recall.done", count=1))).to_be_visible(timeout=30_000)
        reviewer.takes(person.number)
        assert REPLY in reviewer.text
        reviewer.presses_key("p")
        page.locator("dialog[open]").wait_for()
        expect(page.locator("dialog[open]").get_by_text(staff.say("hurdle.not_their_letter"))).to_be_visible()
        staff.looks("recalled-knowingly")
        page.keyboard.press("Control+Enter")
        reviewer.waits_until_sent()
    assert meanwhile(served, lambda behind: what_waits(behind, new)) == [REPLY]
    assert meanwhile(served, lambda behind: what_waits(behind, lost)) == []


def test_a_registrar_says_where_somebody_is_now(served: DemoWorld, browser: Browser):
    """Found by a word of the name and set to another house: the register that reviewers read has it at once."""
    person = held_at(served, "Larch House", 2)
    harbour = meanwhile(served, desk_of_mia)
    with signed_in(browser, served, "ben", lang="uk", viewport="phone", looks=True) as staff:
        staff.turns_to("register")
        page = staff.page
        people = page.locator("ul.people button")
        people.first.wait_for(timeout=30_000)
        staff.looks("register")
        page.keyboard.press("/")
        page.keyboard.type(person.name.split()[-1])
        expect(people.filter(has_text=grouped(person.number))).to_be_visible()
        people.filter(has_text=grouped(person.number)).press("Enter")
        dialog = page.locator("dialog[open]")
        sign = dialog.get_by_role("button", name=staff.say("held.sign"))
        expect(sign).to_be_disabled()
        dialog.get_by_label(staff.say("held.status")).select_option("released")
        expect(dialog.get_by_text(staff.say("held.noplace"))).to_be_visible()
        dialog.get_by_label(staff.say("held.status")).select_option("transferred")
        elsewhere = dialog.get_by_label(staff.say("held.place"))
        elsewhere.select_option(harbour)
        staff.looks("register-set")
        page.keyboard.press("Control+Enter")
        expect(dialog).to_have_count(0, timeout=30_000)
        expect(people.filter(has_text=grouped(person.number))).to_contain_text(staff.say("status.transferred"))
        staff.looks("register-found")
    record = meanwhile(served, lambda behind: as_reviewers_read(behind, person.number))
    assert (record.status, record.place) == (Status.TRANSFERRED, harbour)
    assert person.name.split()[-1] in record.names


def test_a_letter_is_sent_on_to_the_second_review_desk(browser: Browser, tmp_path: Path):
    """Where the agreement has two desks read, the first sends on and does not pass; the second passes."""
    with a_world_with_two_review_desks(tmp_path / "data") as (world, second):
        person = held_at(world, "Larch House", 0)
        write_letters(world, person.number, [BRIDGE])
        with signed_in(browser, world, "ann", looks=True) as staff:
            reviewer = Reviewer(staff)
            reviewer.takes(person.number)
            expect(staff.page.locator(".second")).to_contain_text(second[:8])
            expect(staff.button("decide.pass")).to_have_count(0)
            staff.looks("forward")
            reviewer.presses_key("f")
            reviewer.waits_until_sent()
        with signed_in(browser, world, "eve", looks=True) as staff:
            reviewer = Reviewer(staff)
            reviewer.takes(person.number)
            expect(staff.page.get_by_text(staff.say("author.known"), exact=True)).to_be_visible()
            expect(staff.button("decide.forward")).to_have_count(0)
            reviewer.passes()


# ---------------------------------------------------------------- what others did before, and see afterwards


def finds(staff: Staff, text: str, why: str) -> None:
    """Look for what cannot arrive, and come to the letter that says this."""
    Reviewer(staff).arrives()
    for _ in range(3):
        staff.page.keyboard.press("s")
        staff.page.locator(".letter-text").wait_for(timeout=30_000)
        if text in staff.page.locator(".letter-text").inner_text():
            break
    expect(staff.page.locator(".letter-text")).to_contain_text(text)
    expect(staff.page.get_by_role("heading", name=staff.say(f"astray.{why}"))).to_be_visible()


async def three_letters_strand(behind: Behind, number: str, code: str) -> None:
    """Pass three letters to Larch House; then two of them meet with something, and their addressee is moved."""
    family = behind.family(code)
    items = [(await family.write(text, about=number, lang="en")).item for text in (BRIDGE, LATE, LOST)]
    reviewer = await behind.reviewer()
    letters = (await reviewer.open(await reviewer.claim(await reviewer.offers(number)))).letters
    place = BRIDGE.index("by the bridge")
    edits = {items[0]: Edit((Excision(place, place + 13, "MIL"),))}
    await reviewer.pass_(letters[:1], edits=edits)
    await reviewer.pass_(letters[1:])
    dispatcher, odo = await behind.dispatcher(), await behind.officer("odo")
    await dispatcher.pack_all([row for row in await dispatcher.to_pack() if row.item in items[1:]])
    (bag,) = [one for one in await odo.bags() if any(row.item in items for row in one.rows)]
    received = await odo.receive(bag, missing=[items[2]], reasons=["SHORT"])
    await odo.fail(received, reasons=["TRANSFERRED"])
    registrar = await behind.session("ben")
    await set_status(registrar, behind.desk("ben"), number, Status.TRANSFERRED, place=behind.desk("mia"))


async def read_at_the_other_house(behind: Behind, code: str) -> tuple[list[str], tuple[str, str]]:
    """Carry to Harbour House what goes there now, and read it; and what the family was told of the other."""
    dispatcher, mia = await behind.dispatcher(), await behind.officer("mia")
    family = behind.family(code)
    own = {item.item: item for item in await family.status()}
    await dispatcher.pack_all([row for row in await dispatcher.to_pack() if row.item in own])
    texts: list[str] = []
    for bag in await mia.bags():
        rows = [row for row in bag.rows if row.item in own and row.state is State.BAGGED]
        if rows:
            received = [row for row in await mia.receive(bag) if row.item in own]
            texts += [letter.text for letter in (await mia.open(received)).letters]
    (back,) = [item for item in own.values() if item.word == "returned"]
    return texts, (back.word, await family.read_note(back))


async def a_reply_waits_for_a_lost_code(behind: Behind, number: str, lost: str, new: str) -> None:
    """Let a reply become ready for one code, and a letter pass that was written under another."""
    letter = await behind.family(lost).write("Here are socks.", about=number, lang="en")
    await pass_all_of(behind, number)
    odo = await behind.officer("odo")
    await odo.reply(REPLY, about=number, re=letter.item, lang="en")
    await pass_all_of(behind, number)
    await behind.family(new).write("We have lost our code.", about=number, lang="en")
    await pass_all_of(behind, number)


async def desk_of_mia(behind: Behind) -> str:
    """Say which desk Harbour House is."""
    return behind.desk("mia")


async def as_reviewers_read(behind: Behind, number: str) -> Record:
    """Read what the register says of somebody."""
    return (await (await behind.reviewer("ann")).register()).find(number)


async def pass_all_of(behind: Behind, number: str) -> None:
    """Claim, read and pass what waits for a number, or of it."""
    reviewer = await behind.reviewer()
    await reviewer.pass_((await reviewer.open(await reviewer.claim(await reviewer.offers(number)))).letters)


async def what_waits(behind: Behind, code: str) -> list[str]:
    """Read the replies that wait for a code."""
    family = behind.family(code)
    ready = [item for item in await family.status() if item.word == "ready"]
    return [(await family.read(item)).letter.manifest.text for item in ready]
