"""Auditors at their page: evidence that holds and evidence that does not, and what they take home."""

import csv
import re
import tarfile
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Route, expect

from tests.browser.demo_world import DemoWorld
from tests.browser.desks import Auditor
from tests.browser.staff import SEEN_MS, Staff, signed_in
from tests.stories.shell import Ran, letter_relay


def test_evidence_that_holds_is_read_drawn_signed_and_taken_home(world: DemoWorld, browser: Browser, tmp_path: Path):
    """Plots say what their tables say; the bundle verifies on another computer, and here once more, as a folder."""
    with signed_in(browser, world, "vel", lang="uk", looks=True) as staff:
        page = staff.page
        Auditor(staff).verifies()
        for title in ("audit.dwell", "audit.parity"):
            panel = page.locator("section.panel").filter(has=page.get_by_role("heading", name=staff.say(title)))
            _plots_what_its_tables_say(panel.locator(".plot").first)
        page.get_by_label(staff.say("audit.chain.find")).fill("zz")
        staff.is_told("audit.chain.found", count=0)
        delivered = staff.say("audit.event.delivered")
        page.get_by_label(staff.say("audit.chain.find")).fill(delivered)
        page.locator(".items button").filter(has_text=delivered).first.click()
        drawn = page.locator("svg.chain circle")
        expect(drawn.first).to_be_visible()
        assert drawn.count() >= page.locator(".chain-place tbody tr").count() > 1
        staff.looks("chain")
        sheet = _downloads(staff, "audit.keep.sheet", tmp_path)
        rows = list(csv.reader(sheet.read_text(encoding="utf-8-sig").splitlines()))
        assert any(row[:2] == ["states", "delivered"] and int(row[3]) > 0 for row in rows)
        bundle = _unpacked(_downloads(staff, "audit.keep.bundle", tmp_path))
        assert _verified(world, bundle).code == 0
        staff.presses("audit.sign")
        expect(page.get_by_role("status").filter(has_text=_start(staff.say("audit.signed")))).to_be_visible()
        staff.looks("signed")
        page.locator("input[type=file]").set_input_files(bundle)
        staff.is_told("audit.unbroken")
        staff.looks("bundle")


@pytest.mark.parametrize(
    ("lang", "viewport", "where", "step"),
    [("ru", "phone", "**/tile/0/**", "4.2"), ("en", "desktop", "**/audit/openings*", "6.")],
)
def test_evidence_that_was_changed_is_broken_at_a_step_that_has_a_name(
    world: DemoWorld, browser: Browser, tmp_path: Path, *, lang: str, viewport: str, where: str, step: str
):
    """One byte of a tile, or of an opening, is enough; what was seen is kept, and breaks at the same step elsewhere."""
    with signed_in(browser, world, "arn", lang=lang, viewport=viewport, looks=True) as staff:
        staff.page.context.route(where, _change_a_byte)
        staff.presses("audit.verify.go")
        verdict = staff.page.locator(".verdict.bad")
        expect(verdict).to_contain_text(staff.say("audit.broken", step=step), timeout=SEEN_MS)
        staff.looks(f"broken-{step[0]}")
        found = re.search(r"\d\.\d", verdict.inner_text())
        assert found is not None
        expect(verdict).to_contain_text(staff.say(f"audit.step.{found[0]}"))
        ran = _verified(world, _unpacked(_downloads(staff, "audit.keep.bundle", tmp_path)))
        assert ran.code != 0
        assert f"step {found[0]}: " in ran.err
        staff.page.context.unroute(where)
        staff.presses("audit.verify.again")
        expect(staff.page.locator(".verdict.good")).to_be_visible(timeout=SEEN_MS)


def _change_a_byte(route: Route) -> None:
    """Answer as the relay does, but for one bit."""
    answer = route.fetch()
    body = bytearray(answer.body())
    middle = len(body) // 2
    # In a line of openings a digit, so that it is a line still; in a tile whatever stands there.
    place = next((at for at in range(middle, len(body)) if chr(body[at]).isdigit()), middle)
    body[place] ^= 1
    headers = {
        name: text for name, text in answer.headers.items() if name not in ("content-encoding", "content-length")
    }
    route.fulfill(status=answer.status, headers=headers, body=bytes(body))


def _plots_what_its_tables_say(plot: Locator) -> None:
    """Every figure that is drawn stands in the table beside it."""
    drawn = plot.locator("svg text.says").all_text_contents()
    tabled = plot.locator("tbody td.number").all_inner_texts()
    assert drawn
    assert set(drawn) <= set(tabled)


def _downloads(staff: Staff, key: str, folder: Path) -> Path:
    with staff.page.expect_download() as download:
        staff.presses(key)
    saved = folder / download.value.suggested_filename
    download.value.save_as(saved)
    return saved


def _unpacked(bundle: Path) -> Path:
    with tarfile.open(bundle) as tar:
        tar.extractall(bundle.parent, filter="data")
    return bundle.with_suffix("")


def _verified(world: DemoWorld, bundle: Path) -> Ran:
    """Verify a bundle as an auditor does with the client on their own computer."""
    return letter_relay("audit", "verify", "--bundle", bundle, "--trust", world.data / "trust.note")


def _start(words: str) -> str:
    """Give what stands before the first figure of a sentence."""
    return words.partition("{")[0]
