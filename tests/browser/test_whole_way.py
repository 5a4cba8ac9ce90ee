"""One letter, the whole way, on real pages: written, read, printed, handed over, answered, read at home, audited."""

import pytest
from playwright.sync_api import Browser

from tests.browser.browsing import SCREENS
from tests.browser.demo_world import DemoWorld
from tests.browser.desks import DRAWINGS, Auditor, Dispatcher, Officer, Reviewer
from tests.browser.family import a_family
from tests.browser.staff import signed_in

MILITARY = {
    "uk": "Наш полк переїхав до Вересня",
    "ru": "Наш полк переехал в Вересень",
    "en": "Our regiment moved to Heather",
}
LETTER = {
    "uk": f"Любий, яблуня зацвіла.\n{MILITARY['uk']}.\nКіт спить на твоєму светрі.",
    "ru": f"Родной, яблоня зацвела.\n{MILITARY['ru']}.\nКот спит на твоём свитере.",
    "en": f"Dear, the apple tree is in flower.\n{MILITARY['en']}.\nThe cat is asleep.",
}
REPLY = "Дякую. Я здоровий. Поцілуй кота."
WHO = {"uk": "Peter Ellwood", "ru": "Roman Metelin", "en": "Thomas Harrow"}
OFFICER = {"Harbour House": "mia", "Larch House": "odo"}


@pytest.mark.parametrize(("lang", "viewport"), [("uk", "phone"), ("ru", "phone"), ("en", "desktop")])
def test_a_letter_goes_the_whole_way_and_its_answer_comes_home(
    own_world: DemoWorld, browser: Browser, lang: str, viewport: str
):
    """A picture goes along, a sentence does not, and everything that happened stands in a log that verifies."""
    held = own_world.person(WHO[lang])
    text, military = LETTER[lang], MILITARY[lang]
    with a_family(browser, own_world, lang=lang, viewport=viewport) as family:
        family.writes(text, to=held.number, about="Olena", pictures=[DRAWINGS[0]])
        code = family.sends()

    with signed_in(browser, own_world, "ann", lang=lang, looks=True) as staff:
        reviewer = Reviewer(staff)
        reviewer.takes(held.number)
        assert reviewer.text.split() == text.split()
        reviewer.blocks_out(military, "MIL")
        reviewer.passes()

    with signed_in(browser, own_world, "ben", lang=lang, looks=True) as staff:
        assert Dispatcher(staff).packs_all() >= 1

    printed = SCREENS.parent / "print" / f"letter-{lang}.pdf"
    with signed_in(browser, own_world, OFFICER[held.house], lang=lang, looks=True) as staff:
        officer = Officer(staff)
        officer.receives_bags()
        item = _item_of(own_world, code)
        given = officer.reads(held.number)
        assert military not in given
        assert given.split()[0] == text.split()[0]
        assert text.split()[-1] in given
        officer.prints(held.number, printed)
        officer.delivers(held.number)
        officer.brings_in(REPLY, answers=item, pages=[DRAWINGS[1]], lang="uk")

    with signed_in(browser, own_world, "ann", lang=lang) as staff:
        reviewer = Reviewer(staff)
        reviewer.takes(held.number)
        assert reviewer.text.strip() == REPLY
        reviewer.passes()

    with a_family(browser, own_world, lang=lang, viewport=viewport, looks=True) as family:
        family.opens_mailbox(code)
        family.sees("delivered")
        assert REPLY in family.reads_reply()
        family.presses("reading.collect")
        family.sees("collected")

    with signed_in(browser, own_world, "arn", lang=lang, looks=True) as staff:
        Auditor(staff).verifies()


def _item_of(world: DemoWorld, code: str) -> str:
    """Look up the letter's id by its family's code, as the reply sheet says it."""
    file = world.data.parent / "code.txt"
    file.write_text(code, encoding="ascii")
    file.chmod(0o600)
    ran = world.run("family", "status", "--json", "--code-file", file)
    return next(str(fact["item"]) for fact in ran.facts if fact.get("kind") == "letter")
