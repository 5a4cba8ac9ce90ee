"""
What a family is told when it comes back and something is wrong: a lost network, a relay that lies, a strange hand.

Each trouble is brought about for real, in one of the three languages in turn, and looked at on phone and desktop.
"""

import os
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Browser, expect

from keys.hybrid import HybridIdentity
from tests.browser.demo_world import DemoWorld
from tests.browser.family import Family, a_family
from tests.browser.forgeries import TEXT, Forger, root_of, suspension, swapped
from tests.browser.obstacles import NO_STORE, altered, altered_json, between, lost, refused

MAILBOX, PARTS = "**/family/mailbox", "**/family/parts/*"


def _is_open(family: Family) -> None:
    family.page.locator(".entry").first.wait_for(timeout=30_000)


def test_a_mailbox_that_cannot_be_opened_or_does_not_add_up(world: DemoWorld, browser: Browser):
    """The network goes while it is fetched; the relay shows a station that no event proves, or is locked."""
    with a_family(browser, world, lang="uk", viewport="phone", **NO_STORE) as family:
        with between(family.page, MAILBOX, lost):
            family.types(world.answered)
            family.is_in_trouble("unreachable")
        with between(family.page, MAILBOX, refused(503, "storage_unavailable", wait=60)):
            family.presses("trouble.back.other")
            family.types(world.answered)
            family.is_in_trouble("busy")
        family.speaks("ru")
        family.presses("trouble.back.other")
        with between(family.page, MAILBOX, altered_json(_delivers_all)):
            family.types(world.answered)
            family.is_in_trouble("mailbox_differs")
        family.presses("trouble.again")
        _is_open(family)


def _reads(family: Family, file: bytes) -> None:
    """Let the family read this file as its reply."""
    with swapped(family.page, file, kind="reply"):
        family.presses("mailbox.again")
        _is_open(family)
        family.presses("mailbox.read")
        family.page.get_by_role("heading", name=family.say("reading.title")).or_(
            family.page.get_by_role("heading", name=family.say.all("trouble.other_code")[0])
        ).wait_for()


def _delivers_all(mailbox: dict[str, Any]) -> None:
    for row in mailbox["items"]:
        row["word"] = row["event"] = "delivered" if row["event"] != "delivered" else "lost"


def test_a_reply_that_cannot_be_read_or_is_from_a_strange_hand(world: DemoWorld, browser: Browser):
    """Damaged, for another code, or not signed by a present reviewer: nothing of it is shown, or it says so above."""
    code = world.answered
    forger = Forger.of(world, code)
    ann = root_of(world, forger.relay, "ann")
    stranger = Ed25519PrivateKey.generate()
    known = Ed25519PrivateKey.from_private_bytes(ann.keys.signer_seed)
    with a_family(browser, world, lang="en", viewport="phone", **NO_STORE) as family:
        page = family.page
        with page.expect_response(MAILBOX) as heard:
            family.types(code)
        row = next(row for row in heard.value.json()["items"] if row["kind"] == "reply")
        _is_open(family)
        with between(page, PARTS, lost):
            family.presses("mailbox.read")
            family.is_in_trouble("unreachable")
        with between(page, PARTS, altered(lambda text: text + "x")):
            family.presses("trouble.again")
            family.is_in_trouble("part_differs")
        family.presses("trouble.back.mailbox")

        another = HybridIdentity.from_seed(os.urandom(32)).recipient()
        _reads(family, forger.reply(row, by=ann.staff, signer=known, recipient=another))
        family.is_in_trouble("other_code")
        family.presses("trouble.back.mailbox")
        for state, lang, by, signer in (
            ("unsigned", "uk", ann.staff, None),
            ("forged", "ru", ann.staff, stranger),
            ("stranger", "en", os.urandom(16).hex(), stranger),
            ("known", "uk", ann.staff, known),
        ):
            family.speaks(lang)
            _reads(family, forger.reply(row, by=by, signer=signer))
            family.reads(f"reading.{state}")
            expect(page.locator(".paper")).to_have_text(TEXT)
            expect(page.locator(".notice.good")).to_have_count(1 if state == "known" else 0)
            family.looks_everywhere(f"reply-{state}")
            family.presses("reading.back")

        with swapped(page, forger.reply(row, by=ann.staff, signer=known), kind="reply", is_in_event=False):
            # A reviewer's key alone is not enough: the log names what was passed.
            family.presses("mailbox.again")
            family.is_in_trouble("mailbox_differs")
        family.presses("trouble.again")
        _is_open(family)

        family.speaks("ru")
        note = suspension(world, forger.relay, ann.staff)
        suspended = altered_json(lambda answer: answer["suspensions"].append({"note": note}))
        with between(page, "**/suspensions", suspended):
            family.comes_back("ru")
            family.types(code)
            _is_open(family)
            _reads(family, forger.reply(row, by=ann.staff, signer=known))
            family.reads("reading.suspended")
            family.looks_everywhere("reply-suspended")


def test_a_note_that_no_reviewer_has_signed_is_not_shown(world: DemoWorld, browser: Browser):
    """Whatever it says, it is not believed by this page, and not shown."""
    code = world.answered
    forger = Forger.of(world, code)
    with a_family(browser, world, lang="uk", viewport="phone", **NO_STORE) as family:
        with family.page.expect_response(MAILBOX) as heard:
            family.types(code)
        row = next(row for row in heard.value.json()["items"] if row["kind"] == "letter")
        _is_open(family)
        with swapped(family.page, forger.note(row), kind="note"):
            family.presses("mailbox.again")
            family.presses("mailbox.note")
            family.is_in_trouble("not_authentic")
        assert TEXT not in family.page.content()


def test_a_letter_is_taken_back_unless_it_has_moved_on(world: DemoWorld, browser: Browser):
    """It asks once more; if a reviewer was quicker, the page says so and shows where the letter is."""
    with a_family(browser, world, lang="ru", viewport="phone", **NO_STORE) as family:
        family.writes("Яблоня зацвела.", to=world.reachable[8].number, about="Ольга")
        family.sends()
        family.page.locator("#kept").check()
        family.presses("receipt.mailbox")
        _is_open(family)
        family.presses("mailbox.withdraw")
        family.looks_everywhere("withdraw-question")
        with between(family.page, "**/family/statements", refused(409, "moved_since")):
            family.presses("mailbox.withdraw.yes")
            family.is_in_trouble("moved_since")
        family.presses("trouble.again")
        _is_open(family)
        family.presses("mailbox.withdraw")
        family.presses("mailbox.withdraw.yes")
        family.sees("withdrawn")


def test_a_code_of_nobody_and_one_that_is_mistyped(world: DemoWorld, browser: Browser):
    """Check digits are looked at here; that nothing lies under a proper code is all that a relay can say."""
    with a_family(browser, world, lang="uk", viewport="phone") as family:
        family.types("1234" * 8)
        family.reads("digits.mistyped")
        family.looks_everywhere("code-mistyped")
        family.types("83431976150994448739154798531896")
        family.reads("mailbox.empty")
        family.looks_everywhere("mailbox-empty")
        family.presses("mailbox.other")
        expect(family.page.locator("#code")).to_have_value("")
