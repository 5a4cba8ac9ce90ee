"""A relay from nothing by commands alone: ceremony, register, a letter there, a reply back, both audited."""

import stat
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from keys.codes import family_keys, mailbox_id
from keys.directory import parse_trust
from keys.notes import parse_note
from tests.stories.shell import COMMAND, ROOT, environment
from tests.unit.cli.running import Ran, Shell

pytestmark = pytest.mark.slow

PICTURES = ROOT / "examples" / "letters" / "pictures"


class Hand:
    """Whoever types: remembers folders and options, and expects each command to end well."""

    def __init__(self, shell: Shell, folder: Path) -> None:
        self.shell = shell
        self.folder = folder
        self.relay: tuple[object, ...] = ()

    def types(self, *arguments: object) -> list[dict[str, Any]]:
        """Type a command that must end with 0; gives its facts."""
        ran = self.tries(*arguments)
        assert ran.code == 0, ran.err
        return ran.facts

    def tries(self, *arguments: object) -> Ran:
        """Type a command."""
        return self.shell(*arguments, *self.relay, "--json")

    def staff(self, name: str) -> tuple[object, ...]:
        """Name the files of a member."""
        folder = self.folder / name
        return ("--keyring", folder / "keyring.age", "--code-file", folder / "staff-code.txt")


@contextmanager
def serving(data: Path) -> Iterator[str]:
    """Serve a relay in a process of its own; gives its address."""
    arguments = ("serve", "--data", str(data), "--listen", "127.0.0.1:0", "--json")
    fast = {"LETTER_RELAY_PUBLISH__CHECKPOINT_SECONDS": "1", "LETTER_RELAY_HTTP__METRICS_PORT": "0"}
    fast |= {"LETTER_RELAY_LOG__LEVEL": "error", "LETTER_RELAY_WORK__COST": "1"}
    fast |= {f"LETTER_RELAY_LIMITS__{rate}_PER_MINUTE": "0" for rate in ("REQUESTS", "ACCEPTS", "SIGN_INS")}
    with subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment() | fast
    ) as child:
        assert child.stdout is not None
        line = child.stdout.readline()
        try:
            yield line.split('"url":"')[1].split('"')[0]
        finally:
            child.terminate()
            assert child.wait(timeout=30) == 0


@pytest.fixture
def hand(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Hand:
    """Type with both hands."""
    return Hand(Shell(capsys), tmp_path)


def test_a_relay_is_made_and_used_by_commands_alone(hand, tmp_path):
    """Every step that operators, registrar, family, reviewers, dispatcher, officer and auditor type."""
    data = tmp_path / "data"
    desks = hold_ceremony(hand, tmp_path, data)
    with serving(data) as url:
        hand.relay = ("--relay", url, "--data", data)
        publish(hand, tmp_path)
        number = import_register(hand, tmp_path, desks["house"])
        item = carry_a_letter(hand, tmp_path, number, desks["house"])
        bring_a_reply_back(hand, tmp_path, number, item)
        write_at_a_bureau(hand, tmp_path, number)
        refuse_what_is_wrong(hand, tmp_path, item)
    audit(hand, tmp_path, data, item)


def hold_ceremony(hand: Hand, folder: Path, data: Path) -> dict[str, str]:
    """Make all keys, trust, and a directory signed by two operators; gives the ids of the desks."""
    relay = hand.types("init", "--name", "relay.example", "--data", data)[0]["relay"]
    root = hand.types("root", "new", "--relay-id", relay, "--out", folder / "root.key")[0]["vkey"]
    keys = []
    for n in (0, 1):
        key = ("directory", "key", "new", "--relay-id", relay, "--number", n, "--out", folder / f"{n}.key")
        keys += ["--directory-key", hand.types(*key)[0]["vkey"]]
    hand.types("trust", "draft", "--root", root, *keys, "--k", 2, "--data", data, "--out", folder / "trust.draft")
    hand.types("root", "sign", folder / "trust.draft", "--root-key", folder / "root.key", "--out", folder / "trust")
    desks = {}
    for name, kind in (("desk", ("review",)), ("house", ("facility", "--side", "velmark"))):
        made = hand.types("desk", "open", "--relay-id", relay, "--kind", *kind, "--out", folder / name)
        desks[name] = made[0]["desk"]
    people = (
        ("ann", "desk", ("reviewer",)),
        ("ben", "desk", ("reviewer", "dispatcher", "registrar")),
        ("odo", "house", ("officer",)),
    )
    for name, where, roles in people:
        named = [part for role in roles for part in ("--role", role)]
        hand.types("staff", "enrol", "--relay-id", relay, *named, "--desk", desks[where], "--out", folder / name)
    draft(hand, folder, data)
    for n in (0, 1):
        signing = ("directory", "sign", folder / "draft" / "directory.draft", "--key", folder / f"{n}.key")
        hand.types(*signing, "--out", folder / f"{n}.note")
    document = ("--document", folder / "draft" / "directory.json")
    for name, members in (("desk", ("ann", "ben")), ("house", ("odo",))):
        listed = [part for member in members for part in ("--member", folder / member)]
        hand.types("desk", "admit", folder / name, *document, *listed, *hand.staff(members[0]))
    return desks


def draft(hand: Hand, folder: Path, data: Path) -> None:
    """Draft the directory beside the data folder."""
    sides = ("--side", "ardenia", "--side", "velmark")
    desks = ("--desk", folder / "desk", "--desk", folder / "house")
    members = [part for name in ("ann", "ben", "odo") for part in ("--member", folder / name)]
    hand.types("directory", "draft", *sides, *desks, *members, "--data", data, "--out", folder / "draft")


def publish(hand: Hand, folder: Path) -> None:
    """Publish trust and directory, with everybody's sealed keys."""
    assert hand.types("trust", "publish", folder / "trust")[0]["index"] == 0
    along = [part for name in ("ann", "ben", "odo", "desk", "house") for part in ("--with", folder / name)]
    notes = (folder / "0.note", folder / "1.note")
    only_one = ("directory", "publish", notes[0], "--document", folder / "draft" / "directory.json")
    assert hand.tries(*only_one).code == 3
    both = ("directory", "publish", *notes, "--document", folder / "draft" / "directory.json", *along)
    assert hand.types(*both)[0]["index"] == 1
    assert len([fact for fact in hand.types("directory", "show") if "staff" in fact]) == 3


def import_register(hand: Hand, folder: Path, house: str) -> str:
    """Publish a register of three, twice; print a card; gives the number."""
    lines = (ROOT / "examples" / "register" / "detainees.csv").read_text(encoding="utf-8").splitlines()
    tom = next(line for line in lines if "Harrow" in line)
    (folder / "register.csv").write_text("\n".join((lines[0], tom, lines[1], lines[2], tom, "")), encoding="utf-8")
    importing = ("register", "import", folder / "register.csv", "--place", f"Larch House={house}", *hand.staff("ben"))
    first, again = hand.tries(*importing), hand.tries(*importing)
    refused, counted, *people = first.facts

    assert (first.code, refused["row"], refused["column"]) == (3, 5, "row")
    assert (counted["added"], counted["refused"]) == (3, 1)
    assert (again.facts[1]["added"], again.facts[1]["updated"], again.facts[1]["unchanged"]) == (0, 0, 3)
    number: str = next(fact["number"] for fact in people if "Harrow" in fact["names"])
    cards = ("register", "cards", number, "--out", folder / "cards.html", "--language", "en", *hand.staff("ben"))
    assert hand.types(*cards)[0]["cards"] == 1
    assert stat.S_IMODE((folder / "cards.html").stat().st_mode) == 0o600
    assert f"{number[:4]} {number[4:8]} {number[8:]}" in (folder / "cards.html").read_text(encoding="utf-8")
    confirmed = ("register", "set", number, "--status", "confirmed", *hand.staff("ben"))
    assert hand.types(*confirmed)[0]["place"] == house
    return number


_ABOUT = "Surname: Harrow\nGiven name: Tom\nborn: 30.08.1991\nHe is my brother. He has a scar on his chin.\n"


def carry_a_letter(hand: Hand, folder: Path, number: str, house: str) -> str:
    """Write, match, cut, pass, pack, receive, print and deliver a letter; gives its id."""
    (folder / "letter.txt").write_text("Dear Tom,\n\nThe bridge is closed. We keep your place.\n", encoding="utf-8")
    (folder / "cut.txt").write_text("The bridge is closed.", encoding="utf-8")
    (folder / "about.txt").write_text(_ABOUT, encoding="utf-8")
    code = ("--code-file", folder / "ruth.txt")
    (sent,) = hand.types(
        *("family", "write", "--unknown", "--about", folder / "about.txt", "--text", folder / "letter.txt"),
        *("--enclose", PICTURES / "dog_by_river.png", "--lang", "en", "--receipt", folder / "receipt", *code),
    )
    item: str = sent["item"]
    assert not list((folder / "data" / "outbox").iterdir())
    assert hand.types("family", "status", *code)[0]["word"] == "accepted"

    ann = hand.staff("ann")
    assert [row["item"] for row in hand.types("review", "claim", "unknown", *ann)] == [item]
    (letter,) = hand.types("review", "open", "--out", folder / "pictures", *ann)
    assert (letter["authenticity"], letter["address"][:13]) == ("first-contact", "surname: Harr")
    judged, first, *_ = hand.types("review", "match", item, *ann)
    assert (judged["judgement"], first["number"], first["surname"]) == ("ambiguous", number, "same")
    assert hand.types("review", "match", item, "--search", "герроу", *ann)[0]["number"] == number
    hand.types("review", "match", item, "--number", number, *ann)
    assert hand.types("review", "queue", *ann)[0]["waiting"] == number
    hand.types("review", "claim", number, *ann)
    hand.types("review", "pass", item, "--cut", f"MIL={folder / 'cut.txt'}", *ann)

    (bag,) = hand.types("bag", "pack", "--to", house, "--out", folder / "bag.json", *hand.staff("ben"))
    assert hand.types("bag", "show", folder / "bag.json")[0]["items"] == [item]
    odo = hand.staff("odo")
    assert hand.types("facility", "bags", *odo)[0]["bag"] == bag["bag"]
    hand.types("facility", "receive", bag["bag"], *odo)
    (printed,) = hand.types("facility", "open", "--out", folder / "print", *odo)
    assert "We keep your place." in printed["text"]
    assert "bridge" not in printed["text"]
    assert (folder / "print" / f"{item}-1.png").stat().st_size > 1_000
    hand.types("facility", "deliver", item, "--paper", PICTURES / "delivery_sheet.png", *odo)
    assert hand.types("family", "status", *code)[0]["word"] == "delivered"
    return item


def bring_a_reply_back(hand: Hand, folder: Path, number: str, item: str) -> None:
    """Bring a reply in, pass it, and let the family read it with its code."""
    (folder / "reply.txt").write_text("Dear Ruth, it was a redstart.", encoding="utf-8")
    reply = ("facility", "reply", "--from", number, "--re", item, "--text", folder / "reply.txt", "--lang", "en")
    (brought,) = hand.types(*reply, "--enclose", PICTURES / "reply_scan.png", *hand.staff("odo"))
    hand.types("review", "claim", number, *hand.staff("ben"))
    hand.types("review", "pass", brought["item"], *hand.staff("ben"))
    code = ("--code-file", folder / "ruth.txt")
    (read,) = hand.types("family", "read", "--out", folder / "read", *code)

    assert (read["text"], read["authenticity"]) == ("Dear Ruth, it was a redstart.", "known")
    assert (folder / "read" / f"{brought['item']}-1.png").exists()
    words = {fact["item"]: fact["word"] for fact in hand.types("family", "status", *code)}
    assert words[brought["item"]] == "collected"


def write_at_a_bureau(hand: Hand, folder: Path, number: str) -> None:
    """Write for a family without a device; what the detainee writes first is matched to it, lost, and recalled."""
    ann, sheets = hand.staff("ann"), (folder / "sheet.html", folder / "second.html")
    (folder / "card.txt").write_text(f"{number[:4]} {number[4:8]} {number[8:]}\n", encoding="utf-8")
    for sheet in sheets:
        writing = ("bureau", "open-mailbox", "--card", folder / "card.txt", "--text", folder / "letter.txt")
        (sent,) = hand.types(*writing, "--out", sheet, "--language", "en")
        assert stat.S_IMODE(sheet.stat().st_mode) == 0o600
        assert hand.tries(*writing, "--out", sheet).code == 3
        hand.types("review", "claim", number, *ann)
        hand.types("review", "pass", sent["item"], *ann)
    assert not list(folder.glob("*.html.code"))
    (brought,) = hand.types("facility", "reply", "--from", number, "--text", folder / "reply.txt", *hand.staff("odo"))
    reply, mailboxes = brought["item"], [fact["mailbox"] for fact in hand.types("review", "contacts", number, *ann)]
    codes = [code_on(sheet) for sheet in sheets]
    mine = [family_mailbox(hand, code) for code in codes]
    assert set(mine) < set(mailboxes)

    hand.types("review", "claim", number, *ann)
    hand.types("review", "match", reply, "--mailbox", mine[0], *ann)
    hand.types("review", "claim", number, *ann)
    hand.types("review", "pass", reply, *ann)
    assert [row["item"] for row in hand.types("review", "ready", number, *ann)] == [reply]
    hand.types("review", "recall", reply, "--from", number, "--mailbox", mine[1], "--reason", "CODE_LOST", *ann)
    hand.types("review", "claim", number, *ann)
    hand.types("review", "pass", reply, *ann)
    (folder / "second.txt").touch(mode=0o600)
    (folder / "second.txt").write_text(codes[1], encoding="ascii")
    (read,) = hand.types("family", "read", "--code-file", folder / "second.txt")
    assert (read["item"], read["text"]) == (reply, "Dear Ruth, it was a redstart.")


def code_on(sheet: Path) -> str:
    """Read the code off the paper."""
    return sheet.read_text(encoding="utf-8").partition('<p class="code">')[2].partition("<")[0]


def family_mailbox(hand: Hand, code: str) -> str:
    """Say which mailbox a code opens, which a reviewer learns from what was noted beside the contact."""
    relay = parse_trust(parse_note((hand.folder / "trust").read_bytes()).text).relay
    return mailbox_id(family_keys("".join(code.split()), bytes.fromhex(relay)).locator)


def refuse_what_is_wrong(hand: Hand, folder: Path, item: str) -> None:
    """Another's code, another's desk, an item that has gone, and a letter that can no longer be withdrawn."""
    ann, code = hand.staff("ann"), ("--code-file", folder / "ruth.txt")
    assert hand.tries("review", "queue", *ann[:2], *hand.staff("ben")[2:]).code == 7
    assert hand.tries("review", "queue", *hand.staff("odo")).code == 3
    assert hand.tries("facility", "deliver", item, *hand.staff("odo")).code == 3
    assert hand.tries("family", "withdraw", item, *code).code == 3
    assert hand.tries("family", "withdraw", "ab" * 16, *code).code == 3
    assert hand.tries("review", "pass", item, *ann).code == 3
    proved = within_seconds(10, lambda: hand.tries("family", "verify", folder / "receipt", "--trust", folder / "trust"))
    assert proved.facts[0]["item"] == item


def within_seconds(seconds: float, attempt: Any) -> Ran:
    """Try until it succeeds: the public checkpoint moves every second."""
    deadline = time.monotonic() + seconds
    while (ran := attempt()).code != 0 and time.monotonic() < deadline:
        time.sleep(0.3)
    assert ran.code == 0, ran.err
    return ran  # type: ignore[no-any-return] # `attempt` is whatever the test brings


def audit(hand: Hand, folder: Path, data: Path, item: str) -> None:
    """Export offline, verify all, one item, one receipt; the doctor finds the relay well."""
    hand.relay = ()
    bundle = ("--bundle", folder / "bundle", "--trust", folder / "trust")
    hand.types("log", "export", "--data", data, "--out", folder / "bundle", "--openings")
    (report,) = hand.types("audit", "verify", *bundle)
    chain = [fact["event"] for fact in hand.types("audit", "item", item, *bundle)]
    receipt = hand.types("audit", "receipt", folder / "receipt", *bundle)
    alone = hand.types("audit", "receipt", folder / "receipt", "--trust", folder / "trust")

    assert report["report"]["states"] == {"collected": 2, "delivered": 1, "passed": 2}
    assert chain == ["accepted", "claimed", "matched", "claimed", "passed", "bagged", "received", "delivered"]
    assert [fact["event"] for fact in receipt] == chain
    assert alone[0]["item"] == item
    verdicts = {fact["check"]: fact["verdict"] for fact in hand.types("doctor", "--data", data)}
    assert {check for check, verdict in verdicts.items() if verdict != "ok"} == {"name", "listening"}
