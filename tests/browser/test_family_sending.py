"""
What a family is told when a letter cannot be written, sealed or sent as it should be, and that it is not lost.

Each trouble is brought about for real, in one of the three languages in turn, and looked at on phone and desktop.
"""

from pathlib import Path

from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.browser.demo_world import DemoWorld
from tests.browser.family import a_family
from tests.browser.obstacles import (
    NO_STORE,
    WORKER,
    altered,
    altered_json,
    between,
    full,
    held_up,
    in_worker,
    lost,
    lost_after,
    refused,
    waits_until_kept,
)

PICTURES = sorted((Path(__file__).parents[2] / "examples" / "letters" / "pictures").glob("*.png"))
TEXT = {
    "uk": "Любий, яблуня зацвіла.",
    "ru": "Родной, яблоня зацвела.",
    "en": "Dear, the apple tree is in flower.",
}
LETTERS, PARTS, MAILBOX = "**/family/letters/*", "**/family/parts/*", "**/family/mailbox"


def test_what_cannot_go_into_a_letter_is_told_and_nothing_is_lost(world: DemoWorld, browser: Browser):
    """Too many characters, a full device, files that are no pictures, too large ones, too many."""
    tiny = altered_json(lambda site: site["limits"].update(enclosure_bytes=500))
    with a_family(browser, world, lang="uk", viewport="phone", **NO_STORE) as family:
        page = family.page
        family.presses("home.write")
        family.is_to(world.reachable[1].number)
        page.locator("#letter").fill("я" * 8003)
        expect(page.locator("#letter-error")).to_have_text(family.say.plural("letter.long", 3))
        family.presses("next")
        expect(page.locator("#letter")).to_be_focused()
        family.looks_everywhere("letter-too-long")
        page.locator("#letter").fill(TEXT["uk"])

        with full(page):
            page.locator("#keep").check()
            family.reads("letter.keep.full")
            family.looks_everywhere("draft-not-kept")
        page.locator("#letter").press("End")
        page.locator("#letter").press_sequentially("!")
        expect(page.get_by_text(family.say("letter.keep.full"))).to_have_count(0)
        waits_until_kept(page, "draft")

        family.presses("next")
        file = page.locator("#file")
        file.set_input_files(FilePayload(name="cat.jpg", mimeType="image/jpeg", buffer=b"not a picture"))
        family.reads("pictures.none")
        family.looks_everywhere("no-picture")
        file.set_input_files([*PICTURES[:3], PICTURES[0]])
        family.reads("pictures.full", n=3)
        expect(page.locator(".pictures img")).to_have_count(3)
        family.looks_everywhere("pictures-too-many")
        family.presses("back")
        assert page.locator("#letter").input_value() == TEXT["uk"] + "!"
        waits_until_kept(page, "draft", pictures=3)

        with between(page, "**/site.json", tiny):
            family.comes_back("uk")
            family.reads("home.draft.resume")
            family.looks_everywhere("draft-kept")
            family.presses("home.draft.resume")
        assert page.locator("#letter").input_value() == TEXT["uk"] + "!"
        family.presses("next")
        page.get_by_role("button", name=family.say("pictures.remove")).first.click()
        page.locator("#file").set_input_files(PICTURES[0])
        family.reads("pictures.failed")
        family.looks_everywhere("picture-too-large")
        family.presses("pictures.draw")
        page.locator("canvas").click(position={"x": 40, "y": 40})
        family.presses("drawing.done")
        family.reads("pictures.failed")
        family.presses("back")
        expect(page.locator(".pictures img")).to_have_count(2)


def test_the_page_says_what_it_is_doing(world: DemoWorld, browser: Browser):
    """On a line so slow that each of these is seen: sealing, sending part by part, opening, reading."""
    with a_family(browser, world, lang="en", viewport="phone", before=_without_its_worker, **NO_STORE) as family:
        page = family.page
        family.writes(TEXT["en"], to=world.reachable[1].number, about="Mum", pictures=PICTURES[:1])
        page.unroute(WORKER)
        with held_up(page, PARTS):
            with held_up(page, "**/trust"):
                family.presses("check.seal")
                family.reads("sending.sealing.text")
                family.looks_everywhere("sealing")
            family.reads("sending.part", done=1, of=2)
            family.looks_everywhere("sending")
        family.has_receipt()
        page.locator("#kept").check()
        family.presses("receipt.done")
        with held_up(page, MAILBOX):
            family.types(world.answered)
            family.reads("opening.text")
            family.looks_everywhere("opening")
        with held_up(page, PARTS):
            family.presses("mailbox.read")
            family.reads("reading.opening")
            family.looks_everywhere("reading")
        page.locator(".paper").wait_for(timeout=30_000)


def test_a_network_lost_at_each_step_loses_nothing(world: DemoWorld, browser: Browser):
    """Before sealing, between two parts, and after the letter arrived but before its receipt did: it is sent once."""
    with a_family(browser, world, lang="ru", viewport="phone", before=_without_its_worker, **NO_STORE) as family:
        page = family.page
        # Without its Worker the page can do nothing yet, but one may write.
        family.writes(TEXT["ru"], to=world.reachable[2].number, about="Ольга", pictures=PICTURES[:1])
        family.presses("check.seal")
        family.is_in_trouble("unreachable")
        family.reads("trouble.letter")
        page.unroute(WORKER)
        with between(page, "**/trust", lost):
            family.presses("trouble.again")
            family.is_in_trouble("unreachable")
        family.presses("trouble.back.check")
        family.reads("check.title")
        expect(page.get_by_text(TEXT["ru"])).to_be_visible()
        with between(page, PARTS, lost):
            family.presses("check.seal")
            family.reads("waiting.kept")
        with between(page, PARTS, refused(408, "body_too_slow")):
            with page.expect_response(PARTS):
                family.presses("waiting.again")
            family.reads("waiting.kept")
        # So long ago that the relay has swept away what arrived: it is sent again.
        with between(page, LETTERS, refused(422, "missing_part")):
            family.presses("waiting.again")
            family.is_in_trouble("refused")
        with between(page, LETTERS, lost_after):
            with page.expect_request(PARTS):
                family.presses("trouble.again")
            family.reads("waiting.kept")
            family.looks_everywhere("waiting")
        family.presses("waiting.again")
        code = family.has_receipt()
        page.locator("#kept").check()
        family.presses("receipt.done")
        family.opens_mailbox(code)
        expect(page.locator(".entry")).to_have_count(1)


def _without_its_worker(page: Page) -> None:
    page.route(WORKER, lost)


def test_a_page_that_breaks_down_in_the_middle_still_sends_the_letter(world: DemoWorld, browser: Browser):
    """As an old phone short of memory may do to it: what was written is there, and the next attempt goes through."""

    def breaks(page: Page) -> None:
        page.route(WORKER, in_worker(_BREAKS_WHEN_SENDING))

    with a_family(browser, world, lang="en", viewport="phone", before=breaks, **NO_STORE) as family:
        family.writes(TEXT["en"], to=world.reachable[9].number, about="Mum")
        family.presses("check.seal")
        family.is_in_trouble("unexpected")
        family.reads("trouble.letter")
        family.page.unroute(WORKER)
        family.presses("trouble.back.check")
        expect(family.page.get_by_text(TEXT["en"])).to_be_visible()
        family.presses("check.seal")
        family.has_receipt()
        family.screen.faults.clear()


_BREAKS_WHEN_SENDING = """addEventListener("message", (message) => {
  if (message.data.question !== "send") return;
  message.stopImmediatePropagation();
  throw new Error("out of memory");
});"""


def test_each_refusal_of_the_relay_has_its_words(world: DemoWorld, browser: Browser):
    """Too many requests, a full disk, a puzzle, a key that has changed, a receipt that proves nothing; then it goes."""
    with a_family(browser, world, lang="uk", **NO_STORE) as family:
        page = family.page
        family.writes(TEXT["uk"], to=world.reachable[3].number, about="Ольга")
        with between(page, LETTERS, refused(429, "too_many_requests", wait=90)):
            family.presses("check.seal")
            family.is_in_trouble("too_many")
            assert page.locator("main button.main").is_disabled()
            family.reads("trouble.letter")
        family.presses("trouble.back.check")
        expect(page.get_by_text(TEXT["uk"])).to_be_visible()
        family.speaks("ru")
        with between(page, LETTERS, refused(503, "disk_full", wait=60)):
            family.presses("check.seal")
            family.is_in_trouble("busy")
        family.presses("trouble.back.check")
        family.speaks("en")
        with between(page, LETTERS, refused(428, "work_spent")):
            family.presses("check.seal")
            family.is_in_trouble("work")
        with between(page, LETTERS, refused(422, "signature_invalid")):
            family.presses("trouble.again")
            family.is_in_trouble("refused")
        family.speaks("uk")
        with between(page, LETTERS, refused(409, "epoch_over")):
            family.presses("trouble.again")
            family.is_in_trouble("no_recipient")
        family.speaks("ru")
        with between(page, LETTERS, altered(_with_another_tag)):
            family.presses("trouble.again")
            family.is_in_trouble("evidence")
        family.presses("trouble.again")
        family.has_receipt()


def _with_another_tag(receipt: str) -> str:
    """Change one character of the proof's hashes."""
    lines = receipt.splitlines(keepends=True)
    at = next(place for place, line in enumerate(lines) if line.startswith("extra "))
    middle = len(lines[at]) // 2
    changed = "A" if lines[at][middle] != "A" else "B"
    lines[at] = lines[at][:middle] + changed + lines[at][middle + 1 :]
    return "".join(lines)


def test_a_sealed_letter_that_waits(world: DemoWorld, browser: Browser):
    """On a full device it cannot be kept, and the page says to stay; kept, it is found again, or comes too late."""
    with a_family(browser, world, lang="en", viewport="phone", **NO_STORE) as family:
        page = family.page
        family.writes(TEXT["en"], to=world.reachable[4].number, about="Mum")
        with between(page, LETTERS, lost):
            with full(page):
                family.presses("check.seal")
                family.reads("waiting.not_kept")
                family.looks_everywhere("waiting-not-kept")
                assert page.get_by_role("button", name=family.say("waiting.later")).count() == 0
            family.presses("waiting.again")
            family.reads("waiting.kept")
            family.presses("waiting.later")
            family.reads("home.waiting.send")
        family.comes_back("uk")
        family.reads("home.waiting.send")
        family.looks_everywhere("home-waiting")
        with between(page, LETTERS, refused(409, "epoch_over")):
            family.presses("home.waiting.send")
            family.is_in_trouble("overdue")
        assert page.get_by_role("button", name=family.say("trouble.again")).count() == 0
        family.presses("trouble.back.other")
        family.presses("home.waiting.forget")
        expect(page.get_by_role("button", name=family.say("home.waiting.send"))).to_have_count(0)
        family.comes_back("uk")
        expect(page.get_by_role("button", name=family.say("home.waiting.send"))).to_have_count(0)


def test_a_letter_goes_by_itself_while_the_page_stays_open(world: DemoWorld, browser: Browser):
    """Also where the device has thought all along that there was a network."""
    with a_family(browser, world, before=lambda page: page.clock.install(), **NO_STORE) as family:
        family.writes(TEXT["en"], to=world.reachable[5].number, about="Mum")
        with between(family.page, LETTERS, lost):
            family.presses("check.seal")
            family.reads("waiting.kept")
        family.page.clock.fast_forward(61_000)
        family.has_receipt()


def test_who_goes_back_and_begins_again_finds_what_they_wrote(world: DemoWorld, browser: Browser):
    """The words are there as long as the page is; at a bureau's desk they are gone before the next person sits down."""
    with a_family(browser, world, lang="ru", viewport="phone") as family:
        page = family.page
        for start, expected in (("home.write", TEXT["ru"]), ("home.bureau", "")):
            family.presses(start)
            family.is_to(world.reachable[6].number)
            page.locator("#letter").fill(TEXT["ru"])
            family.presses("back")
            family.presses("back")
            family.is_home()
            family.presses("home.write")
            assert page.locator("#number").input_value() != "" if expected else True
            family.is_to(world.reachable[6].number)
            assert page.locator("#letter").input_value() == expected
            family.presses("back")
            family.presses("back")


def test_leaving_in_the_middle_leaves_nothing(world: DemoWorld, browser: Browser):
    """What the page was waiting for is over: no trouble is shown to whoever looks next."""
    with a_family(browser, world, lang="uk", **NO_STORE) as family:
        page = family.page
        family.writes(TEXT["uk"], to=world.reachable[7].number, about="Ольга")
        page.route(LETTERS, lambda route: None)
        family.presses("check.seal")
        family.reads("sending.title")
        seen: list[str] = []

        def saw(words: str) -> None:
            seen.append(words)

        page.expose_function("saw", saw)
        page.evaluate(_WATCH)
        family.presses("bar.leave")
        page.wait_for_url("about:blank")
        assert page.title() == ""
        assert "".join(seen).strip() == ""


#: Tell of every word that appears from now on.
_WATCH = """() => new MutationObserver((changes) => {
  for (const { addedNodes } of changes) for (const node of addedNodes) window.saw(node.textContent);
}).observe(document.documentElement, { childList: true, subtree: true })"""
