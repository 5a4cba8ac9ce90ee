"""What happens to a reviewer besides letters: an ended session, a lost network, a damaged letter, an empty desk."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.colleagues import claim_all, end_sessions, take_over, write_damaged_letter
from tests.browser.demo_world import DemoWorld, a_demo_world
from tests.browser.desks import Reviewer
from tests.browser.family import a_family
from tests.browser.staff import SEEN_MS, signed_in
from tests.browser.words import Words
from tests.browser.writing import write_letters

TRANSLATION = "Яблуня зацвіла, і кіт спить."


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoWorld]:
    """Serve a world in which one reply waits, and nothing else."""
    with a_demo_world(tmp_path_factory.mktemp("reviewing") / "data") as served:
        yield served


@pytest.fixture(scope="module")
def numbers(world: DemoWorld) -> Iterator[str]:
    """Give each story somebody of its own to write to."""
    return (one.number for one in world.reachable)


def test_a_desk_where_nobody_waits_fills_again(world: DemoWorld, browser: Browser, numbers: Iterator[str]):
    """A colleague has taken the last letter; later one comes that is damaged, and is returned unread."""
    claim_all(world)
    number = next(numbers)
    with signed_in(browser, world, "ann") as staff:
        staff.page.get_by_role("heading", name=staff.say("review.alldone")).wait_for()
        staff.is_looked_at_everywhere("nobody-waits")
        write_damaged_letter(world, number)
        staff.page.keyboard.press("g")
        staff.page.get_by_role("button").filter(has_text=number[:4]).first.click()
        staff.is_told("unreadable.title")
        staff.is_looked_at_everywhere("unreadable")
        reviewer = Reviewer(staff)
        reviewer.decides("r")
        expect(staff.page.get_by_text(staff.say("deed.returned")).first).to_be_visible()


def test_a_session_that_ends_while_a_decision_is_written_loses_nothing(
    world: DemoWorld, browser: Browser, numbers: Iterator[str]
):
    """The page locks itself; the code opens it again, the decision goes out, and what was typed is still there."""
    number = next(numbers)
    write_letters(world, number, ["The apple tree is in flower.", "The cat sleeps."])
    with signed_in(browser, world, "ann", lang="uk", viewport="phone", looks=True) as staff:
        page = staff.page
        reviewer = Reviewer(staff)
        reviewer.takes(number)
        page.get_by_label(staff.say("side.translation")).fill(TRANSLATION)
        page.keyboard.press("Escape")
        page.keyboard.press("j")
        expect(page.locator(".letter-text")).to_contain_text("The cat sleeps.")
        end_sessions(world, "ann")
        page.keyboard.press("r")
        dialog = page.get_by_role("dialog", name=staff.say("dialog.return"))
        dialog.get_by_label(staff.say("reason.MIL")).check()
        dialog.get_by_label(staff.say("note.label")).fill(TRANSLATION)
        page.keyboard.press("Control+Enter")
        lock = page.get_by_role("dialog", name=staff.say("lock.title"))
        lock.wait_for(timeout=SEEN_MS)
        staff.looks("locked")
        _unlocks(lock, staff.say, world.staff["ben"].code)
        staff.is_turned_away("wrong_key")
        _unlocks(lock, staff.say, world.staff["ann"].code)
        expect(lock).to_have_count(0, timeout=SEEN_MS)
        reviewer.waits_until_sent()
        expect(page.get_by_label(staff.say("side.translation"))).to_have_value(TRANSLATION)
        staff.looks("unlocked")


def test_a_claim_that_a_colleague_has_taken_keeps_what_was_written(
    world: DemoWorld, browser: Browser, numbers: Iterator[str]
):
    """The decision is refused, the letter is shown as a colleague's, and what was typed stays until it is put away."""
    number = next(numbers)
    write_letters(world, number, ["The cat sleeps."])
    with signed_in(browser, world, "ann", lang="ru", looks=True) as staff:
        page = staff.page
        reviewer = Reviewer(staff)
        reviewer.takes(number)
        page.get_by_label(staff.say("side.translation")).fill(TRANSLATION)
        page.keyboard.press("Escape")
        take_over(world, number, of="ann", by="cyd")
        reviewer.presses_key("p")
        staff.is_told("problem.stale_statement")
        expect(page.get_by_label(staff.say("side.translation"))).to_have_value(TRANSLATION)
        staff.is_looked_at_everywhere("refused-decision")
        page.get_by_role("button", name=staff.say("lost.look")).first.click()
        staff.is_told("lost.title")
        expect(page.get_by_label(staff.say("side.translation"))).to_have_value(TRANSLATION)
        staff.is_looked_at_everywhere("lost-claim")
        page.get_by_role("button", name=staff.say("lost.away")).first.click()
        expect(page.get_by_text(staff.say("lost.title"))).to_have_count(0)


def test_a_decision_waits_for_the_network(world: DemoWorld, browser: Browser, numbers: Iterator[str]):
    """It stays on the page, says so, and goes by itself; before it is signed it can be taken back."""
    number = next(numbers)
    write_letters(world, number, ["The apple tree is in flower."])
    with signed_in(browser, world, "ann", lang="ru", viewport="phone", looks=True) as staff:
        reviewer = Reviewer(staff)
        reviewer.takes(number)
        reviewer.presses_key("p")
        staff.is_told("going.waiting")
        staff.looks("going")
        reviewer.presses_key("z")
        staff.page.locator(".letter-text").wait_for()
        staff.page.context.set_offline(True)
        reviewer.presses_key("p")
        expect(staff.page.get_by_role("status").filter(has_text=staff.say("going.unsent.text"))).to_be_visible(
            timeout=SEEN_MS
        )
        staff.looks("unsent")
        staff.page.context.set_offline(False)
        reviewer.waits_until_sent()
        expect(staff.page.locator(".today dd")).to_have_text("1")


def test_a_second_computer_is_signed_out_from_here(world: DemoWorld, browser: Browser):
    """Whoever left a page open somewhere ends it from the account; the page left behind locks itself."""
    with signed_in(browser, world, "cyd", lang="uk") as left, signed_in(browser, world, "cyd", looks=True) as staff:
        staff.opens_account()
        end = staff.page.get_by_role("button", name=staff.say("devices.end"))
        expect(end.first).to_be_visible()
        while count := end.count():
            end.first.click()
            expect(end).to_have_count(count - 1)
        staff.looks("alone")
        left.page.keyboard.press("g")
        left.page.get_by_role("dialog", name=left.say("lock.title")).wait_for(timeout=SEEN_MS)
        left.presses("lock.leave")
        left.page.get_by_role("heading", name=left.say("signin.title")).wait_for()


def test_a_letter_is_matched_and_looked_through_on_a_phone(world: DemoWorld, browser: Browser):
    """By buttons alone: whom it is for, what he will get, and each dialog of a decision."""
    given, surname = world.person("Roman Metelin").name.split()
    with a_family(browser, world) as family:
        family.presses("home.write")
        family.is_to(None)
        family.page.locator("#surname").fill(surname)
        family.page.locator("#given").fill(given)
        family.presses("next")
        family.writes_from_here("The apple tree is in flower. Our regiment moved on.")
        family.sends()
    with signed_in(browser, world, "ann", lang="uk", viewport="phone", looks=True) as staff:
        page = staff.page
        page.get_by_role("button").filter(has_text=staff.say("detainee.unknown")).first.click()
        page.locator(".letter-text").wait_for()
        staff.looks("unknown")
        Reviewer(staff).blocks_out("Our regiment moved on", "MIL")
        for deed in ("withhold", "escalate", "release", "match"):
            staff.presses(f"decide.{deed}")
            page.locator("dialog[open]").wait_for()
            if deed == "match":
                page.locator("ul.candidates li").first.get_by_role("radio").check()
            staff.looks(f"dialog-{deed}")
            if deed != "match":
                page.keyboard.press("Escape")
        page.keyboard.press("Control+Enter")
        Reviewer(staff).waits_until_sent()


def _unlocks(lock: Locator, say: Words, code: str) -> None:
    lock.get_by_label(say("signin.code"), exact=True).fill(code)
    lock.get_by_role("button", name=say("lock.go"), exact=True).click()
