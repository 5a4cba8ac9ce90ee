"""A passkey in place of the code: its PRF opens the keyring, and the relay is never told what it gave."""

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.demo_world import DemoWorld
from tests.browser.staff import SEEN_MS, signed_in

#: A phone's own authenticator, with a PRF.
AUTHENTICATOR = {
    "protocol": "ctap2",
    "ctap2Version": "ctap2_1",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "hasPrf": True,
}


@pytest.mark.parametrize(
    ("lang", "viewport", "name"), [("uk", "phone", "mia"), ("ru", "phone", "odo"), ("en", "desktop", "oda")]
)
def test_a_passkey_signs_in_where_the_code_did(
    world: DemoWorld, browser: Browser, *, lang: str, viewport: str, name: str
):
    """It is added once, at the account; what came of it is told in the dialog, not behind it."""
    with signed_in(browser, world, name, lang=lang, viewport=viewport, looks=True) as staff:
        page = staff.page
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.post_data or ""))
        _has_authenticator(page)
        page.evaluate(_OVERHEARS)
        staff.opens_account()
        staff.looks("account")
        staff.presses("passkey.add")
        account = page.get_by_role("dialog", name=staff.say("account.title"))
        expect(account.get_by_role("status")).to_contain_text(staff.say("passkey.added"), timeout=SEEN_MS)
        staff.looks("passkey-added")
        staff.presses("account.leave")
        page.get_by_role("heading", name=staff.say("signin.title")).wait_for()
        staff.presses("signin.passkey")
        staff.comes_in()
        secrets = page.evaluate("window.overheard")
        assert secrets
        assert not any(secret in body for body in sent for secret in secrets)


@pytest.mark.parametrize(("lang", "viewport"), [("uk", "phone"), ("ru", "desktop")])
def test_whoever_has_no_passkey_is_told_to_take_the_code(world: DemoWorld, browser: Browser, lang: str, viewport: str):
    """A computer that knows none, or a person who turns it down, loses nothing."""
    with signed_in(browser, world, "oda", lang=lang, viewport=viewport, looks=True) as staff:
        _has_authenticator(staff.page, hasPrf=False)
        staff.opens_account()
        staff.presses("passkey.add")
        staff.is_turned_away("passkey_without_prf")


#: Keep what the authenticator gives away, as hex and as base64: that is what must never leave the page.
_OVERHEARS = """() => {
  window.overheard = [];
  const container = CredentialsContainer.prototype;
  const get = container.get;
  container.get = async function (options) {
    const found = await get.call(this, options);
    const given = new Uint8Array(found.getClientExtensionResults().prf.results.first);
    const hex = [...given].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    window.overheard.push(hex, btoa(String.fromCharCode(...given)).replaceAll("=", ""));
    return found;
  };
}"""


def _has_authenticator(page: Page, **other: Any) -> None:
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR | other})
