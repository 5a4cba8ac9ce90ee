"""The camera reads the code of an address card or a receipt where the browser can, and is not offered elsewhere."""

from playwright.sync_api import Browser, Page, expect

from tests.browser.demo_world import DemoWorld
from tests.browser.family import Family, a_family

#: A browser that reads QR codes by itself, as Chrome does on Android. What it sees is `window.seen`; the camera is the
#: browser's own, which shows a test picture, and `window.tracks` tells whether it is still on.
DETECTOR = """window.BarcodeDetector = class {
  static async getSupportedFormats() { return ["qr_code"]; }
  async detect(video) {
    if (!(video instanceof HTMLVideoElement) || video.videoWidth === 0) throw new Error("no picture to look at");
    return window.seen ? [{ rawValue: window.seen }] : [];
  }
};
window.tracks = [];
const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (wanted) => {
  const camera = await ask(wanted);
  window.tracks.push(...camera.getTracks());
  return camera;
};"""


def _with_a_detector(page: Page) -> None:
    page.add_init_script(DETECTOR)


def _with_a_camera(page: Page) -> None:
    page.context.grant_permissions(["camera"])
    _with_a_detector(page)


def _sees(family: Family, text: str) -> None:
    """Hold something before the camera, and press the button; the camera is closed after each code."""
    family.page.evaluate("(text) => { window.seen = text; }", text)
    family.presses("scan")
    expect(family.page.locator("video")).to_have_count(0, timeout=30_000)


def test_the_number_of_an_address_card_is_read_by_the_camera(world: DemoWorld, browser: Browser):
    """The link on the card; not a receipt's code, nor a number whose check digits are wrong: those are told."""
    number = world.reachable[0].number
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    with a_family(browser, world, lang="uk", viewport="phone", before=_with_a_camera) as family:
        page = family.page
        family.presses("home.write")
        family.presses("scan")
        expect(page.locator("video")).to_have_js_property("paused", False, timeout=30_000)
        family.looks_everywhere("scan")
        family.presses("scan.stop")
        expect(page.locator("video")).to_have_count(0)
        for code in ("83431976150994448739154798531896", f"https://relay.example/#to={wrong}", "https://example.com/"):
            _sees(family, code)
            family.reads("addressee.scan.other")
            expect(page.locator("#number")).to_have_value("")
        family.looks_everywhere("scan-other")
        _sees(family, f"https://relay.example/#to={number}")
        family.reads("digits.right")
        assert page.locator("#number").input_value().replace(" ", "") == number
        expect(page.get_by_text(family.say("addressee.scan.other"))).to_have_count(0)
        assert page.evaluate("tracks.map(({ readyState }) => readyState)") == ["ended"] * 5


def test_the_code_of_a_receipt_is_read_by_the_camera(world: DemoWorld, browser: Browser):
    """It opens the mailbox at once, and an address card does not."""
    with a_family(browser, world, lang="ru", viewport="phone", before=_with_a_camera) as family:
        family.presses("home.look")
        _sees(family, f"https://relay.example/#to={world.reachable[0].number}")
        family.reads("code.scan.other")
        _sees(family, world.answered)
        family.page.locator(".entry").first.wait_for(timeout=30_000)


def test_a_camera_that_may_not_be_used_leaves_the_digits(world: DemoWorld, browser: Browser):
    """Somebody said no to it: the page says to type."""
    with a_family(browser, world, lang="en", viewport="phone", before=_with_a_detector) as family:
        family.presses("home.write")
        family.presses("scan")
        family.reads("scan.failed")
        family.looks_everywhere("scan-failed")


def test_a_browser_that_reads_no_codes_offers_no_camera(world: DemoWorld, browser: Browser):
    """As this one: a button that does nothing would only cost courage."""
    with a_family(browser, world, lang="en") as family:
        assert family.page.evaluate("typeof BarcodeDetector") == "undefined"
        family.presses("home.write")
        family.page.locator("#number").wait_for()
        expect(family.page.get_by_role("button", name=family.say("scan"))).to_have_count(0)
