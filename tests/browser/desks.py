"""What each of the staff does at their face of the pages."""

import json
from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.browser.staff import Staff, grouped

#: Drawings that go along with letters and stand in for scans.
DRAWINGS = sorted((Path(__file__).parents[2] / "examples" / "letters" / "pictures").glob("*.png"))
#: The pages wait five seconds with a decision, in which it can be taken back.
_SENT_MS = 40_000


class Reviewer:
    """At the reviewer's console, by keyboard alone wherever that is meant."""

    def __init__(self, staff: Staff) -> None:
        """Take a member who is signed in."""
        self.staff, self.page, self.say = staff, staff.page, staff.say
        #: Keys pressed since the letter was opened.
        self.keystrokes = 0

    def arrives(self) -> None:
        """Wait until the lines and the register have been read; keys count from then on."""
        self.page.locator(".rail").wait_for(timeout=_SENT_MS)
        expect(self.page.get_by_text(self.say("review.loading"))).to_have_count(0, timeout=_SENT_MS)

    def takes(self, number: str) -> None:
        """Claim the letters of one detainee, and open the first; pictures come after the words."""
        self.page.get_by_role("button", name=grouped(number)).first.click()
        expect(self.page.locator(".sheet .to")).to_contain_text(grouped(number), timeout=30_000)
        self.page.locator(".letter-text").wait_for()
        self.staff.looks("letter")

    def presses_key(self, key: str) -> None:
        """Press a key, and count it."""
        self.keystrokes += 1
        self.page.keyboard.press(key)

    @property
    def text(self) -> str:
        """What is to be read."""
        return self.page.locator(".letter-text").inner_text()

    def blocks_out(self, words: str, reason: str) -> None:
        """Select some words as with a mouse, and say why they cannot pass."""
        self.page.evaluate(_SELECT % json.dumps(words))
        self.presses_key("x")
        self.page.get_by_role("button", name=self.say(f"reason.{reason}")).or_(
            self.page.get_by_role("radio", name=self.say(f"reason.{reason}"))
        ).or_(self.page.get_by_label(self.say(f"reason.{reason}"))).first.click()
        expect(self.page.get_by_text(self.say("preview.detainee")).first).to_be_visible()
        expect(self.page.locator(".letter-text del")).to_contain_text(words)
        self.staff.looks("blocked-out")

    def passes(self) -> None:
        """Let it through, and wait until that is signed and sent."""
        self.presses_key("p")
        self.waits_until_sent()

    def waits_until_sent(self) -> None:
        """Wait until nothing is on its way any more."""
        expect(self.page.get_by_role("heading", name=self.say("rail.going"))).to_have_count(0, timeout=_SENT_MS)

    def decides(self, key: str, *, reason: str | None = None, note: str | None = None) -> None:
        """
        Decide by a dialog.

        Args:
            key: Such as ``r`` for a return, ``w`` to propose a withholding.
            reason: The code of a reason to tick.
            note: To the family, if the dialog has room for one.
        """
        self.presses_key(key)
        dialog = self.page.locator("dialog[open]")
        dialog.wait_for()
        if reason is not None:
            dialog.get_by_label(self.say(f"reason.{reason}")).first.click()
        if note is not None:
            dialog.get_by_label(self.say("note.label")).fill(note)
        self.staff.looks(f"dialog-{key}")
        self.page.keyboard.press("Control+Enter")
        expect(dialog).to_have_count(0)
        self.waits_until_sent()


class Dispatcher:
    """At the dispatcher's face."""

    def __init__(self, staff: Staff) -> None:
        """Take a member who is signed in, and turn to that face."""
        self.staff, self.page, self.say = staff, staff.page, staff.say
        staff.turns_to("dispatch")

    def packs_all(self) -> int:
        """Pack every bag that can be packed; returns how many."""
        sign = self.page.locator("section button.main")
        sign.first.wait_for()
        self.staff.looks("pack")
        count = 0
        while sign.count():
            sign.first.click()
            self.page.get_by_role("heading", name=self.say("dispatch.cover.title")).first.wait_for(timeout=_SENT_MS)
            self.staff.looks(f"cover-{count}")
            self.page.get_by_role("button", name=self.say("facility.back")).first.click()
            count += 1
            self.page.wait_for_timeout(1_000)
        self.staff.looks("packed")
        return count


class Officer:
    """At the facility's page."""

    def __init__(self, staff: Staff) -> None:
        """Take a member who is signed in."""
        self.staff, self.page, self.say = staff, staff.page, staff.say

    def part(self, key: str) -> None:
        """Turn to a part of the work: bags, here, replies."""
        self.page.get_by_role("navigation").get_by_role("button", name=self.say(key)).click()

    def receives_bags(self) -> None:
        """Open each bag on its way, find everything there, and sign for it."""
        self.part("facility.bags")
        bags = self.page.locator("ul.tiles button")
        bags.first.wait_for()
        for left in range(bags.count(), 0, -1):
            expect(bags).to_have_count(left)
            bags.first.click()
            self.staff.looks("count")
            self.page.get_by_role("button", name=self.say("facility.count.all")).click()
            self.page.get_by_role("button", name=self.say("facility.receive")).click()
            expect(self.page.get_by_text(self.say("facility.received")).first).to_be_visible(timeout=_SENT_MS)
            self.part("facility.bags")

    def finds(self, label: str, code: str) -> None:
        """Type a code, as a hand scanner does, into the field of this label."""
        self.page.get_by_label(self.say(label)).fill(code)
        self.page.keyboard.press("Enter")

    def letter_of(self, number: str) -> Locator:
        """Find what is here for a number."""
        self.part("facility.here")
        line = self.page.locator("ul.here-list > li").filter(has_text=grouped(number)).first
        line.wait_for()
        return line

    def ticks(self, number: str) -> None:
        """Tick the letter for a number."""
        self.letter_of(number).get_by_role("checkbox").check()

    def prints(self, number: str, to: Path) -> None:
        """Print a letter with its cover, reply and delivery sheets, into a PDF."""
        self.ticks(number)
        self.page.get_by_role("button", name=self.say("facility.print")).click()
        self.page.get_by_role("heading", name=self.say("facility.print.title", count=1)).wait_for()
        self.page.wait_for_timeout(1_500)
        self.staff.looks("print")
        to.parent.mkdir(parents=True, exist_ok=True)
        self.page.pdf(path=to, prefer_css_page_size=True, print_background=True)
        self.page.get_by_role("button", name=self.say("facility.back")).first.click()

    def reads(self, number: str) -> str:
        """Open a letter here, and return what it says."""
        line = self.letter_of(number)
        line.get_by_role("button", name=self.say("facility.read")).click()
        line.locator(".given-words").wait_for()
        words = line.locator(".given-words").inner_text()
        line.get_by_role("button", name=self.say("facility.close")).click()
        return words

    def delivers(self, number: str) -> None:
        """Say that a letter was handed over."""
        self.ticks(number)
        self.page.get_by_role("button", name=self.say("facility.deliver")).click()
        self.staff.looks("deliver")
        self.page.get_by_role("button", name=self.say("facility.deliver.sign", count=1)).click()
        expect(self.page.get_by_text(self.say("facility.deliver.done", count=1)).first).to_be_visible(timeout=_SENT_MS)

    def brings_in(self, text: str, *, answers: str, pages: list[Path], lang: str) -> None:
        """
        Bring a reply in.

        Args:
            answers: The id of the letter that it answers, as its sheet says.
            pages: Scans.
        """
        self.part("facility.replies")
        self.page.get_by_label(self.say("facility.re.scan")).fill(answers)
        self.page.get_by_role("button", name=self.say("facility.find")).first.click()
        self.page.locator("input[type=file]").first.set_input_files(pages)
        self.page.get_by_alt_text(self.say("facility.page", part=1)).first.wait_for()
        self.page.get_by_label(self.say("facility.text")).fill(text)
        self.staff.looks("reply")
        self.page.get_by_role("button", name=self.say("facility.reply.send")).click()
        expect(self.page.get_by_text(self.say("facility.going.in")).first).to_be_visible(timeout=_SENT_MS)


class Auditor:
    """At the auditor's page."""

    def __init__(self, staff: Staff) -> None:
        """Take a member who is signed in."""
        self.staff, self.page, self.say = staff, staff.page, staff.say

    def verifies(self) -> None:
        """Recompute everything in this browser, and find it unbroken."""
        self.page.get_by_role("button", name=self.say("audit.verify.go")).click()
        expect(self.page.get_by_text(self.say("audit.unbroken"), exact=True).first).to_be_visible(timeout=60_000)
        self.staff.looks("unbroken")


#: Select the first place in the letter that has these words.
_SELECT = """
((words) => {
  const letter = document.querySelector(".letter-text");
  const walker = document.createTreeWalker(letter, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const at = walker.currentNode.data.indexOf(words);
    if (at < 0) continue;
    const range = document.createRange();
    range.setStart(walker.currentNode, at);
    range.setEnd(walker.currentNode, at + words.length);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    document.dispatchEvent(new Event("selectionchange"));
    return;
  }
})(%s)
"""
