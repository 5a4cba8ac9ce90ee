"""An operator at the board: a key that is suspended, a directory that ends, a relay that is not well."""

from playwright.sync_api import Browser, expect

from tests.browser.demo_world import DemoWorld
from tests.browser.staff import SEEN_MS, at_the_door, signed_in

DAY_MS = 86_400_000


def test_a_suspended_key_is_out_of_force_at_once(own_world: DemoWorld, browser: Browser):
    """Named twice before it is signed; whoever is suspended is locked out, and does not come in again."""
    vel = own_world.staff["vel"]
    with (
        signed_in(browser, own_world, "vel", lang="ru", viewport="phone") as other,
        signed_in(browser, own_world, "oda", lang="uk", viewport="phone", looks=True) as staff,
    ):
        staff.presses("operate.suspend")
        dialog = staff.page.get_by_role("dialog", name=staff.say("operate.suspend"))
        dialog.get_by_label(staff.say("operate.member")).select_option(vel.id)
        dialog.get_by_label(staff.say("operate.reason"), exact=True).select_option("DEVICE_LOST")
        sign = dialog.get_by_role("button", name=staff.say("operate.suspend"), exact=True)
        dialog.get_by_label(staff.say("operate.suspend.type", digits=vel.id[:8])).fill(vel.id[:7])
        expect(sign).to_be_disabled()
        dialog.get_by_label(staff.say("operate.suspend.type", digits=vel.id[:8])).fill(vel.id[:8])
        staff.looks("suspend")
        sign.click()
        expect(dialog).to_have_count(0, timeout=SEEN_MS)
        expect(staff.page.get_by_role("table", name=staff.say("operate.suspensions"))).to_contain_text(vel.id[:8])
        staff.looks("suspended")
        other.presses("audit.verify.go")
        other.page.get_by_role("dialog", name=other.say("lock.title")).wait_for(timeout=SEEN_MS)
        other.screen.check("ru-locked")
    with at_the_door(browser, own_world, lang="uk", viewport="phone") as door:
        door.knocks(vel.id, vel.code)
        door.is_turned_away("key_suspended")
    with signed_in(browser, own_world, "oda", looks=True) as staff:
        refusals = staff.page.get_by_role("table", name=staff.say("operate.refusals.codes"))
        expect(refusals).to_contain_text("session_over")
        staff.looks("refusals")


def test_a_board_says_what_is_not_well(world: DemoWorld, browser: Browser):
    """A full disk, figures that do not come, and a directory of which a few days are left, and then none."""
    with signed_in(browser, world, "oda", lang="ru", looks=True) as staff:
        page = staff.page
        sick = {"code": "not_ready", "status": 503, "checks": {"database": "ok", "door": "ok", "disk": "failed"}}
        page.route("**/readyz", lambda route: route.fulfill(status=503, json=sick))
        page.route("**/operator/metrics", lambda route: route.abort())
        page.clock.install()
        page.clock.fast_forward(80 * DAY_MS)
        staff.presses("board.refresh")
        staff.is_told("operate.notready")
        staff.is_told("operate.cure.disk")
        staff.is_told("operate.soon")
        staff.is_told("problem.unreachable")
        staff.is_looked_at_on_both("not-well")
        page.clock.fast_forward(10 * DAY_MS)
        staff.presses("board.refresh")
        staff.is_told("problem.directory_expired")
        staff.looks("ended")
