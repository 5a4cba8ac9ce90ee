"""At a place of detention: what is missing, damaged, refused or cannot be handed over; codes off paper; no computer."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.colleagues import pack_bags, pass_letters
from tests.browser.demo_world import DemoWorld, a_demo_world
from tests.browser.desks import DRAWINGS, Dispatcher, Officer
from tests.browser.staff import grouped, signed_in
from tests.browser.writing import write_letters

TEXT = "Dear, the apple tree is in flower. The cat sleeps on your pullover."


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoWorld]:
    """Serve a world with a bag on its way to each of two houses, one of which has no computer."""
    with a_demo_world(tmp_path_factory.mktemp("places") / "data") as served:
        for house, count in (("Larch House", 5), ("Orchard House", 2), ("Harbour House", 1)):
            for number in _numbers(served, house)[:count]:
                write_letters(served, number, [TEXT])
                pass_letters(served, number)
        pack_bags(served)
        yield served


def test_a_bag_is_counted_and_its_letters_go_their_ways(world: DemoWorld, browser: Browser):
    """One is missing and turns up, one is lost, one is damaged; one is refused, and one has nobody to take it."""
    lost, found, damaged, refused, gone = _numbers(world, "Larch House")[:5]
    with signed_in(browser, world, "odo", lang="uk", viewport="phone", looks=True) as staff:
        officer = Officer(staff)
        _counts(officer, {lost: "missing", found: "missing", damaged: "DAMAGED"}, reason="SHORT")
        officer.part("facility.bags")
        staff.page.locator("ul.tiles button").first.click()
        staff.page.get_by_role("heading", name=staff.say("facility.gone")).wait_for()
        staff.page.get_by_role("checkbox").filter(visible=True).and_(staff.page.get_by_label(grouped(found))).check()
        staff.looks("gone")
        staff.presses("facility.found", count=1)
        staff.is_told("facility.found.done")
        for kind, number in (("refuse", refused), ("fail", gone)):
            officer.ticks(number)
            staff.presses(f"facility.{kind}")
            staff.page.get_by_role("heading", name=staff.say(f"facility.{kind}.title", count=1)).wait_for()
            if kind == "fail":
                staff.page.get_by_label(staff.say("facility.fail.why")).select_option("HOSPITAL")
            staff.looks(kind)
            staff.presses(f"facility.{kind}.sign", count=1)
            staff.is_told(f"facility.{kind}.done", count=1)
        expect(officer.letter_of(damaged)).to_be_visible()
        staff.looks("here-after")
    with signed_in(browser, world, "ben", lang="ru", viewport="phone", looks=True) as staff:
        Dispatcher(staff)
        staff.presses("dispatch.missing")
        staff.page.get_by_role("checkbox").check()
        staff.looks("missing")
        staff.presses("dispatch.lost", count=1)
        staff.is_told("dispatch.lost.done", count=1)
        staff.presses("dispatch.pack")
        staff.is_told("dispatch.none")
        staff.is_looked_at_on_both("nothing-to-pack")


def test_a_reply_finds_its_letter_by_the_code_on_its_sheet(world: DemoWorld, browser: Browser, tmp_path: Path):
    """Photographed as it was printed; and what is no picture, no code, or no number says so."""
    (number,) = _numbers(world, "Harbour House")[:1]
    with signed_in(browser, world, "mia", lang="ru", looks=True) as staff:
        officer = Officer(staff)
        page = staff.page
        officer.part("facility.bags")
        officer.finds("facility.bag.scan", "0" * 32)
        staff.is_told("facility.bag.unknown")
        staff.looks("no-such-bag")
        officer.receives_bags()
        officer.ticks(number)
        staff.presses("facility.print")
        sheet = page.locator("article.a4-reply").first
        sheet.wait_for()
        item = page.locator("article.a4-cover dd.mono").first.inner_text().replace(" ", "")
        scan = tmp_path / "scan.png"
        sheet.screenshot(path=scan)
        staff.presses("facility.back")
        officer.delivers(number)
        officer.part("facility.replies")
        officer.finds("facility.re.scan", "the sheet of Peter")
        staff.is_told("facility.re.unreadable")
        no_picture = tmp_path / "notes.png"
        no_picture.write_text("This is no picture.", encoding="utf-8")
        page.locator("input[type=file]").first.set_input_files(no_picture)
        staff.is_turned_away("no_picture")
        page.locator("input[type=file]").first.set_input_files(DRAWINGS[0])
        page.get_by_alt_text(staff.say("facility.page", part=1)).wait_for()
        expect(page.get_by_label(staff.say("facility.re"), exact=True)).to_have_value("")
        staff.presses("facility.reply.send")
        staff.is_told("facility.lacks.reply_answers")
        staff.looks("reply-lacks")
        page.locator("input[type=file]").first.set_input_files(scan)
        page.get_by_alt_text(staff.say("facility.page", part=2)).wait_for()
        expect(page.get_by_label(staff.say("facility.re"), exact=True)).to_have_value(item)
        expect(page.get_by_label(staff.say("facility.about"))).to_have_value(grouped(number))
        staff.looks("reply-found")
        page.context.set_offline(True)
        staff.presses("facility.reply.send")
        staff.is_told("facility.going.unsent")
        staff.looks("reply-unsent")
        page.context.set_offline(False)
        staff.presses("facility.again")
        staff.is_told("facility.going.in")
        staff.looks("reply-in")


def test_a_place_without_computers_vouches_on_paper(world: DemoWorld, browser: Browser):
    """Whoever dispatches signs for it, and never without the scan of what was signed there."""
    number = _numbers(world, "Orchard House")[0]
    with signed_in(browser, world, "ben", lang="uk", viewport="phone", looks=True) as staff:
        Dispatcher(staff)
        page = staff.page
        page.locator("nav.parts button").nth(2).click()
        page.locator("ul.tiles button").first.click()
        staff.presses("facility.count.all")
        sign = staff.button("facility.receive")
        expect(sign).to_be_disabled()
        staff.looks("paper-wanted")
        page.locator("fieldset.signed-paper input[type=file]").set_input_files([*DRAWINGS[:2]])
        page.get_by_alt_text(staff.say("facility.paper.seen")).wait_for()
        staff.looks("paper-given")
        sign.click()
        staff.is_told("facility.received")
        officer = Officer(staff)
        officer.ticks(number)
        staff.presses("facility.deliver")
        page.locator("fieldset.signed-paper input[type=file]").set_input_files(DRAWINGS[0])
        page.get_by_alt_text(staff.say("facility.paper.seen")).wait_for()
        staff.looks("paper-delivered")
        staff.presses("facility.deliver.sign", count=1)
        staff.is_told("facility.deliver.done", count=1)


def _numbers(world: DemoWorld, house: str) -> list[str]:
    return [one.number for one in world.reachable if one.house == house]


def _counts(officer: Officer, found: dict[str, str], *, reason: str) -> None:
    """Mark what is not simply there, then the rest, say why, and sign."""
    staff = officer.staff
    officer.part("facility.bags")
    staff.page.locator("ul.tiles button").first.click()
    for number, mark in found.items():
        staff.page.locator("ul.counted li").filter(has_text=grouped(number)).get_by_role("combobox").select_option(mark)
    staff.looks("not-all-counted")
    staff.presses("facility.count.all")
    staff.page.get_by_label(staff.say("facility.missing.why")).select_option(reason)
    staff.looks("counted")
    staff.presses("facility.receive")
    staff.is_told("facility.received")
