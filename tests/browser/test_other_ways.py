"""The ways that are not straight: withheld by two, withdrawn while it is read; and how fast the straight one is."""

from playwright.sync_api import Browser, expect

from tests.browser.demo_world import DemoWorld
from tests.browser.desks import Reviewer
from tests.browser.family import a_family
from tests.browser.staff import signed_in
from tests.browser.writing import write_letters


def test_withholding_needs_a_second_person(own_world: DemoWorld, browser: Browser):
    """Who proposed it cannot confirm it; another person does, and the family is told by a sealed note."""
    number = own_world.reachable[11].number
    with a_family(browser, own_world) as family:
        family.writes("Four thousand in cash, and he is at home in ten days.", to=number, about="a friend")
        code = family.sends()
    with signed_in(browser, own_world, "ann", lang="uk", viewport="phone", looks=True) as staff:
        reviewer = Reviewer(staff)
        reviewer.takes(number)
        reviewer.decides("w", reason="MONEY")
        reviewer.presses_key("g")
        staff.page.get_by_role("button").filter(has_text=number[:4]).first.click()
        expect(staff.page.get_by_text(staff.say("second.own"))).to_be_visible(timeout=30_000)
        expect(staff.button("decide.confirm").or_(staff.button("decide.overturn"))).to_have_count(0)
        staff.looks("contested-own")
    with signed_in(browser, own_world, "cyd", lang="ru", looks=True) as staff:
        second = Reviewer(staff)
        second.page.get_by_role("button").filter(has_text=number[:4]).first.click()
        second.page.locator(".letter-text").wait_for()
        staff.looks("contested")
        second.decides("c", reason="MONEY", note="This letter was not let through.")
    with a_family(browser, own_world, lang="ru", viewport="phone") as family:
        family.opens_mailbox(code)
        family.sees("withheld")
        family.screen.check("ru-mailbox-withheld")


def test_a_letter_withdrawn_while_it_is_read_keeps_what_was_written(own_world: DemoWorld, browser: Browser):
    """The family withdraws while the letter is read: the page says so, and what was typed is still there."""
    number = own_world.reachable[12].number
    with a_family(browser, own_world) as family:
        family.writes("The cat sleeps.", to=number, about="Mum")
        code = family.sends()
        with signed_in(browser, own_world, "ann", looks=True) as staff:
            reviewer = Reviewer(staff)
            reviewer.takes(number)
            staff.page.get_by_label(staff.say("side.translation")).fill("Кіт спить.")
            family.page.locator("#kept").check()
            family.presses("receipt.done")
            family.opens_mailbox(code)
            family.presses("mailbox.withdraw")
            family.presses("mailbox.withdraw.yes")
            family.sees("withdrawn")
            staff.page.keyboard.press("Escape")
            reviewer.presses_key("p")
            expect(staff.page.get_by_text(staff.say("problem.stale_statement")).first).to_be_visible(timeout=40_000)
            staff.looks("lost")
            assert staff.page.get_by_label(staff.say("side.translation")).input_value() == "Кіт спить."


def test_a_letter_that_simply_passes_takes_two_keys_at_the_most(own_world: DemoWorld, browser: Browser):
    """P passes it and shows the next; each of the six is read before it is decided."""
    number = own_world.reachable[13].number
    write_letters(own_world, number, [f"Letter {count}. The apple tree is in flower." for count in range(6)])
    with signed_in(browser, own_world, "ann") as staff:
        reviewer = Reviewer(staff)
        reviewer.takes(number)
        for count in range(6):
            expect(staff.page.locator(".letter-text")).to_contain_text(f"Letter {count}.", timeout=10_000)
            reviewer.presses_key("p")
        reviewer.waits_until_sent()
        assert reviewer.keystrokes <= 2 * 6


def test_a_key_counts_from_the_moment_its_letter_is_seen(own_world: DemoWorld, browser: Browser):
    """However fast somebody is: P pressed in the very moment in which the next letter is drawn decides that letter."""
    number = own_world.reachable[14].number
    write_letters(own_world, number, [f"Letter {count}. The cat is well." for count in range(12)])
    with signed_in(browser, own_world, "ann") as staff:
        reviewer = Reviewer(staff)
        reviewer.takes(number)
        expect(staff.page.get_by_text(staff.say("rail.opening"))).to_have_count(0)
        staff.page.evaluate(_PRESSES_AT_ONCE)
        reviewer.presses_key("p")
        reviewer.waits_until_sent()
        assert staff.page.evaluate("window.pressed") == [f"Letter {count}. The cat is well." for count in range(1, 12)]
        expect(staff.page.locator(".letter-text")).to_have_count(0)


#: A reader with no reaction time at all: presses P before the browser has even painted.
_PRESSES_AT_ONCE = """() => {
  window.pressed = [];
  let seen = document.querySelector(".letter-text").innerText;
  new MutationObserver(() => {
    const text = document.querySelector(".letter-text")?.innerText ?? "";
    if (text === "" || text === seen) return;
    seen = text;
    window.pressed.push(text.trim());
    const press = { key: "p", code: "KeyP", bubbles: true, cancelable: true };
    document.body.dispatchEvent(new KeyboardEvent("keydown", press));
  }).observe(document.body, { childList: true, subtree: true, characterData: true });
}"""
