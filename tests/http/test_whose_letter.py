"""Whom a letter is for and whose a reply is, over HTTP: unknown addresses, bureaux, lost codes, contacts that last."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from keys.codes import new_code
from relay.client.answers import PartSize
from relay.client.ceremonyfiles import write_code
from relay.client.faults import ProblemAnswered
from relay.client.mailboxes import contacts, match_family, ready
from relay.client.matching import Judgement, judge, rank
from relay.client.particulars import Sought, encode_address, read_address
from relay.client.persons import Particulars, Person
from relay.client.register import Record, Registrar
from relay.client.resealing import Edit
from relay.client.reviewers import Reviewer
from relay.custody.verify import verify
from relay.domain.register import Status
from relay.domain.states import State
from relay.ledger.retention import Retention, Terms
from tests.http.client_world import ClientWorld, a_client_world
from tests.http.test_life import claim_all, pass_all
from tests.stories.shell import letter_relay

OSTAP = Person("Барвінчук", "Остап", "Миколайович", birth_date=date(1997, 3, 14))
HIS_COUSIN = Person("Барвінчук", "Остап", "Петрович", birth_date=date(1971, 5, 2))
SAID = Particulars(surname="Barvinchuk", given="Ostap", patronymic="Mykolaiovych", birth_date="14.03.1997")
HIS, HIS_COUSINS = "000000000195", "123456789092"


class Clock:
    """The time of this machine, and as much later as a test asks for."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        """Tell the time."""
        return datetime.now(UTC) + self.ahead


@pytest.fixture
def clock() -> Clock:
    """Give the relay's clock."""
    return Clock()


@pytest.fixture
async def world(tmp_path: Path, clock: Clock) -> AsyncIterator[ClientWorld]:
    """Serve a relay whose register has two people of one name beside the usual ones."""
    async with a_client_world(tmp_path / "relay", clock) as served:
        records = [
            Record(number, Status.CONFIRMED, served.facility.desk.id, person, "north")
            for number, person in ((HIS, OSTAP), (HIS_COUSINS, HIS_COUSIN))
        ]
        await Registrar(await served.session("reg")).publish(records)
        yield served


async def keep(world: ClientWorld, clock: Clock, terms: Terms) -> None:
    """Let retention run once."""
    services, publish = world.served.services, world.served.publisher.publish
    await Retention(services.storage, services.ledger, terms, clock=clock, publish=publish).run()


async def ranked(reviewer: Reviewer, item) -> list[tuple[str, Judgement]]:
    """Rank the register for one opened letter, as `review match` does."""
    sought = read_address(item.letter.manifest.address)
    matches = rank(sought.particulars, (await reviewer.register()).listed)
    return [(match.number, judge(matches)) for match in matches]


# ---------------------------------------------------------------- address unknown


async def test_a_letter_without_a_number_is_matched_and_goes_its_way(world):
    """In Latin letters, for somebody listed in Cyrillic; a reviewer sees why, decides, and passes it in its turn."""
    family = await world.family()
    address = encode_address(Sought(SAID, "Мій брат."))
    await family.write("Остапе, де ти?", about="unknown", lang="uk", address=address)
    reviewer = await world.reviewer()
    (line,) = await reviewer.lines()
    (item,) = (await reviewer.open(await claim_all(reviewer))).letters
    found = await ranked(reviewer, item)
    await reviewer.match([item], found[0][0])
    (passed,) = await pass_all(reviewer)

    assert (line.detainee, item.row.state) == ("unknown", State.HELD)
    assert found[0] == (HIS, Judgement.MATCHED)
    assert (passed.event.event, [one.word for one in await family.status()]) == ("passed", ["passed"])
    (bag,) = await (await world.dispatcher()).pack_all()
    assert (bag.place, bag.rows[0].item) == (world.facility.desk.id, item.item)


async def test_who_is_not_certain_is_not_matched_by_the_machine(world):
    """Two of one name are ambiguous; nobody of the name is nobody; the letter waits until it goes back."""
    family = await world.family()
    for said in (Particulars(surname="Барвінчук", given="Остап"), Particulars(surname="Щебетун", given="Олег")):
        await family.write("Де ти?", about="unknown", lang="uk", address=encode_address(Sought(said)))
    reviewer = await world.reviewer()
    first, second = (await reviewer.open(await claim_all(reviewer))).letters
    found, nobody = await ranked(reviewer, first), await ranked(reviewer, second)
    await reviewer.release([first, second])

    assert {judgement for _, judgement in found} == {Judgement.AMBIGUOUS}
    assert {number for number, _ in found} == {HIS, HIS_COUSINS}
    assert nobody == []
    assert [one.word for one in await family.status()] == ["accepted", "accepted"]


async def test_what_nobody_can_match_goes_back_to_its_family(world, clock, tmp_path):
    """After sixty days, with a note that does not say whether anybody of that name is held, and what to do next."""
    code = new_code()
    family = await world.family(code)
    accepted = await family.write("Де ти?", about="unknown", lang="uk", address="Щебетун Олег")
    await keep(world, clock, Terms())
    before = [one.word for one in await family.status()]
    clock.ahead = timedelta(days=61)
    await keep(world, clock, Terms())
    (item,) = await family.status()

    assert before == ["accepted"]
    assert (item.item, item.word, item.note, item.lapsed) == (accepted.item, "returned", None, True)
    write_code(tmp_path / "code", code)
    told = ("--relay", world.connection.url, "--trust", world.fingerprint, "--data", tmp_path / "family")
    asked = ("family", "status", "--code-file", tmp_path / "code", *told)
    shown, plain = [await asyncio.to_thread(letter_relay, *asked, *more) for more in ((), ("--json",))]
    assert "returned: nobody was found for sure" in shown.out
    assert "does not mean that the" in shown.out
    assert (plain.facts[0]["word"], plain.facts[0]["lapsed"]) == ("returned", True)


# ---------------------------------------------------------------- replies that answer nobody yet


async def a_first_letter(world: ClientWorld, text: str = "Мамо, я живий.") -> str:
    """Let the detainee write first; gives the reply's id."""
    officer = await world.officer()
    return (await officer.reply(text, about=world.number, lang="uk")).item


async def test_what_a_detainee_wrote_first_is_matched_to_who_has_written_to_him(world):
    """By the desk's own contact; it is read again, sealed to the family, and proved in the audit."""
    family = await world.family()
    await family.write("Де ти?", about=world.number, lang="uk")
    reviewer = await world.reviewer()
    (letter,) = (await reviewer.open(await claim_all(reviewer))).letters
    await reviewer.pass_([letter], edits={letter.item: Edit(names="his mother, in Klenovody")})
    reply = await a_first_letter(world)
    (row,) = await claim_all(reviewer)
    (contact,) = await contacts(reviewer, world.number)
    await match_family(reviewer, [row], contact.mailbox)
    await pass_all(reviewer)
    (came,) = [item for item in await family.status() if item.item == reply]

    assert contact.names == "his mother, in Klenovody"
    assert (await family.read(came)).letter.manifest.text == "Мамо, я живий."
    await family.collect([came])
    await world.publish()
    audited = verify(await (await world.auditor()).fetch(), fingerprint=world.fingerprint)
    assert audited.report.states == {"collected": 1, "passed": 1}


async def test_what_answers_nobody_known_is_handed_over_by_a_bureau_with_a_fresh_code(world):
    """Passed to the bureau, received, printed, delivered; the mother it finds writes from there, under her own code."""
    reply = await a_first_letter(world)
    reviewer = await world.reviewer()
    (item,) = (await reviewer.open(await claim_all(reviewer))).letters
    assert await contacts(reviewer, world.number) == []
    await reviewer.pass_([item], place=world.bureau.desk.id)
    await (await world.dispatcher()).pack_all()
    officer = await world.bureau_officer()
    (bag,) = await officer.bags()
    (printed,) = (await officer.open(await officer.receive(bag))).letters
    await officer.deliver([printed.row])
    mother = await world.family()
    await mother.write("Синку, ми тут.", about=world.number, lang="uk")
    await pass_all(reviewer)

    assert (printed.item, printed.text) == (reply, "Мамо, я живий.")
    assert [contact.vkey for contact in await contacts(reviewer, world.number)] == [mother.keys.vkey.hex()]


async def test_a_lost_code_loses_no_reply(world):
    """The family writes once more under a new code; what waits for the old one is recalled and sealed to the new."""
    lost = await world.family()
    accepted = await lost.write("Де ти?", about=world.number, lang="uk")
    reviewer = await world.reviewer()
    await pass_all(reviewer)
    await (await world.officer()).reply("Тут.", about=world.number, re=accepted.item, lang="uk")
    await pass_all(reviewer)
    again = await world.family()
    await again.write("Я загубила аркуш.", about=world.number, lang="uk")
    await pass_all(reviewer)
    new = next(one for one in await contacts(reviewer, world.number) if one.vkey == again.keys.vkey.hex())
    await reviewer.recall(await ready(reviewer, world.number), mailbox=new.mailbox, reasons=["CODE_LOST"])
    batch = await reviewer.open(await claim_all(reviewer))
    # That the new mailbox is the same family's is for the reviewer to know: no letter of it was answered.
    await reviewer.pass_(batch.letters, although_unproven=True)
    (came,) = [item for item in await again.status() if item.word == "ready"]

    assert (await again.read(came)).letter.manifest.text == "Тут."
    assert [item.word for item in await lost.status()] == ["passed"]
    await again.collect([came])
    await world.publish()
    audited = verify(await (await world.auditor()).fetch(), fingerprint=world.fingerprint)
    assert audited.report.states["collected"] == 1


async def test_only_a_mailbox_that_has_written_gets_a_reply(world):
    """A reviewer who mistypes a mailbox is told so, and nothing moves."""
    await a_first_letter(world)
    reviewer = await world.reviewer()
    rows = await claim_all(reviewer)
    with pytest.raises(ProblemAnswered) as refusal:
        await match_family(reviewer, rows, "ab" * 32)

    assert refusal.value.code == "mailbox_unknown"
    assert [row.item for row in await reviewer.claimed()] == [rows[0].item]


# ---------------------------------------------------------------- contacts


async def test_a_reply_finds_its_way_after_the_letters_bytes_are_gone(world, clock):
    """Retention has deleted every part of the letter; the contact is kept as long as the letter's record."""
    family = await world.family()
    accepted = await family.write("Пиши нам.", about=world.number, lang="uk")
    reviewer = await world.reviewer()
    await pass_all(reviewer)
    await (await world.dispatcher()).pack_all()
    officer = await world.officer()
    (bag,) = await officer.bags()
    await officer.deliver(await officer.receive(bag))
    terms = Terms(sealed_days=2, openings_days=1_095)
    clock.ahead = timedelta(days=3)
    await keep(world, clock, terms)
    (gone,) = await family.status()
    await keep(world, clock, terms)
    officer, reviewer = await world.officer(), await world.reviewer()
    await officer.reply("Пишу вам.", about=world.number, re=accepted.item, lang="uk")
    await pass_all(reviewer)
    (came,) = [item for item in await family.status() if item.word == "ready"]

    assert gone.word == "closed"
    assert await ready(reviewer, world.number) != []
    with pytest.raises(ProblemAnswered):
        await reviewer.session.fetch(_parts(gone))
    assert (await family.read(came)).letter.manifest.text == "Пишу вам."


async def test_an_erasure_while_the_evidence_is_fetched_is_no_gap(world, clock, monkeypatch):
    """Openings go that the checkpoint in hand still counts; the auditor's client begins again and finds why."""
    family = await world.family()
    await family.write("Забудьте це.", about=world.number, lang="uk")
    await family.withdraw(await family.status())
    terms = Terms(sealed_days=1, openings_days=1)
    clock.ahead = timedelta(days=2)
    await keep(world, clock, replace(terms, openings_days=1_095))
    await world.publish()
    clock.ahead += timedelta(seconds=5)
    auditor, get, asked = await world.auditor(), world.connection.get, []

    async def get_while_it_is_erased(path: str, **options: object) -> object:
        if path == "/audit/openings":
            asked.append(path)
            if len(asked) == 1:
                await keep(world, clock, terms)
        return await get(path, **options)

    monkeypatch.setattr(world.connection, "get", get_while_it_is_erased)
    report = verify(await auditor.fetch(), fingerprint=world.fingerprint).report

    assert len(asked) == 2
    assert report.erased == 3


def _parts(item):
    return [PartSize(digest) for digest in item.event.parts]
