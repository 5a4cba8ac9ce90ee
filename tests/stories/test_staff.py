"""The life of staff by commands alone: a newcomer, a leaver, a lost code, a lost desk key, a suspension, a token."""

from pathlib import Path

import pytest

from tests.stories.test_by_hand import Hand, import_register, serving
from tests.unit.cli.running import Shell

pytestmark = pytest.mark.slow


class House(Hand):
    """A review desk and a camp, with the operators' folders beside them."""

    desk = ""
    number = ""
    version = 0

    def first(self) -> None:
        """Make relay, keys, trust and desks; everybody enrols by hand, and the first directory is drafted."""
        folder, data = self.folder, self.folder / "data"
        self.id = self.types("init", "--name", "relay.example", "--data", data)[0]["relay"]
        root = self.types("root", "new", "--relay-id", self.id, "--out", folder / "root.key")[0]["vkey"]
        key = ("directory", "key", "new", "--relay-id", self.id, "--number", 0, "--out", folder / "0.key")
        trust = ("trust", "draft", "--root", root, "--directory-key", self.types(*key)[0]["vkey"], "--data", data)
        self.types(*trust, "--out", folder / "trust.draft")
        self.types("root", "sign", folder / "trust.draft", "--root-key", folder / "root.key", "--out", folder / "trust")
        opening = ("desk", "open", "--relay-id", self.id, "--kind")
        self.desk = self.types(*opening, "review", "--out", folder / "desk")[0]["desk"]
        self.camp = self.types(*opening, "facility", "--side", "velmark", "--out", folder / "camp")[0]["desk"]
        self.ids = {
            "ann": self.enrols("ann", "reviewer", desk=self.desk),
            "ben": self.enrols("ben", "reviewer", "registrar", desk=self.desk),
            "odo": self.enrols("odo", "officer", desk=self.camp),
            "opa": self.enrols("opa", "operator"),
            "aud": self.enrols("aud", "auditor"),
        }
        members = [part for name in self.ids for part in ("--member", folder / name)]
        desks = ("--desk", folder / "desk", "--desk", folder / "camp")
        self.drafts("--side", "ardenia", "--side", "velmark", *desks, *members)
        document = ("--document", folder / "draft-1" / "directory.json")
        both = ("--member", folder / "ann", "--member", folder / "ben")
        self.types("desk", "admit", folder / "desk", *document, *both, *self.staff("ann"))
        self.types("desk", "admit", folder / "camp", *document, "--member", folder / "odo", *self.staff("odo"))

    def enrols(self, name: str, *roles: str, desk: str = "", person: str = "") -> str:
        """Enrol somebody by hand; gives the staff id."""
        named = [part for role in roles for part in ("--role", role)]
        where = ("--desk", desk) if desk else ()
        who = ("--person", person) if person else ()
        enrol = ("staff", "enrol", "--relay-id", self.id, *named, *where, *who, "--out", self.folder / name)
        relay, self.relay = self.relay, ()
        staff: str = self.types(*enrol)[0]["staff"]
        self.relay = relay
        return staff

    def drafts(self, *changes: object) -> None:
        """Draft the next directory and sign it."""
        self.version += 1
        draft, note = self.folder / f"draft-{self.version}", self.folder / f"{self.version}.note"
        relay, self.relay = self.relay, ()
        self.types("directory", "draft", *changes, "--data", self.folder / "data", *relay[:2], "--out", draft)
        self.types("directory", "sign", draft / "directory.draft", "--key", self.folder / "0.key", "--out", note)
        self.relay = relay

    def publishes(self, *names: str) -> None:
        """Publish what was drafted last, with the sealed keys of whoever is new."""
        along = [part for name in names for part in ("--with", self.folder / name)]
        note, draft = self.folder / f"{self.version}.note", self.folder / f"draft-{self.version}"
        self.types("directory", "publish", note, "--document", draft / "directory.json", *along)

    def writes(self, word: str) -> str:
        """Let a family write; gives the item."""
        text = self.folder / f"{word}.txt"
        text.write_text(f"Dear Tom, {word}.\n", encoding="utf-8")
        code = ("--code-file", self.folder / f"{word}.code")
        (sent,) = self.types("family", "write", "--to", self.number, "--text", text, "--lang", "en", *code)
        item: str = sent["item"]
        return item

    def reads(self, name: str) -> set[str]:
        """Let a reviewer claim whatever waits, read it, and put it back; gives the first words."""
        (*rows,) = self.types("review", "claim", self.number, *self.staff(name))
        letters = self.types("review", "open", *self.staff(name))
        self.types("review", "release", *(row["item"] for row in rows), *self.staff(name))
        return {letter["text"].strip() for letter in letters if "text" in letter}


@pytest.fixture
def house(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> House:
    """Open a house."""
    return House(Shell(capsys), tmp_path)


def test_the_life_of_staff(house: House, tmp_path: Path):
    """From the first day to a desk that nobody could open any more, and could."""
    house.first()
    with serving(tmp_path / "data") as url:
        house.relay = ("--relay", url, "--data", tmp_path / "data")
        house.types("trust", "publish", tmp_path / "trust")
        house.publishes("ann", "ben", "odo", "opa", "aud", "desk", "camp")
        house.number = import_register(house, tmp_path, house.camp)
        house.writes("old")
        a_newcomer(house)
        a_leaver(house)
        a_lost_code(house)
        a_lost_desk_key(house)
        sessions_and_tokens(house)
    house.relay = ()
    house.types("log", "export", "--data", tmp_path / "data", "--out", tmp_path / "bundle", "--openings")
    (report,) = house.types("audit", "verify", "--bundle", tmp_path / "bundle", "--trust", tmp_path / "trust")
    assert report["verified"]


def a_newcomer(house: House) -> None:
    """Eve stands in the directory; Ann admits her, and she reads the letter that came before her."""
    house.ids["eve"] = house.enrols("eve", "reviewer", desk=house.desk)
    house.drafts("--member", house.folder / "eve")
    house.publishes("eve")
    assert house.tries("review", "open", *house.staff("eve")).code == 3
    lacking = {one["staff"]: one["lacking"] for one in house.types("desk", "show", *house.staff("ann"))}
    assert lacking == {house.ids["ann"]: [], house.ids["ben"]: [], house.ids["eve"]: [1]}
    (given,) = house.types("desk", "admit", house.ids["eve"], *house.staff("ann"))
    assert given["epochs"] == [1]
    assert house.reads("eve") == {"Dear Tom, old."}


def a_leaver(house: House) -> None:
    """Ben is suspended at once; Ann makes a new epoch without him, and the next directory makes it last."""
    (gone,) = house.types("staff", "suspend", house.ids["ben"], "--reason", "LEFT", *house.staff("opa"))
    assert gone["index"] > 1
    refused = house.tries("review", "queue", *house.staff("ben"))
    assert (refused.code, "key_suspended" in refused.err) == (3, True)
    assert house.tries("desk", "admit", house.ids["ben"], *house.staff("ann")).code == 3
    (made,) = house.types("desk", "rotate", "--out", house.folder / "epoch-2", *house.staff("ann"))
    assert (made["epoch"], set(made["members"])) == (2, {house.ids["ann"], house.ids["eve"]})
    assert house.tries("desk", "rotate", "--out", house.folder / "again", *house.staff("ann")).code == 3
    house.drafts("--desk", house.folder / "epoch-2")
    house.publishes()
    assert house.tries("review", "queue", *house.staff("ben")).code == 7
    house.writes("new")
    for name in ("ann", "eve"):
        assert house.reads(name) == {"Dear Tom, old.", "Dear Tom, new."}


def a_lost_code(house: House) -> None:
    """Ann's paper is gone: she enrols anew as the same person, and Eve admits her."""
    person = next(fact["person"] for fact in house.types("directory", "show") if fact.get("staff") == house.ids["ann"])
    lost = house.ids["ann"]
    house.ids["ann"] = house.enrols("ann-anew", "reviewer", desk=house.desk, person=person)
    house.drafts("--member", house.folder / "ann-anew", "--without", lost)
    house.publishes("ann-anew")
    folder = ("--member", house.folder / "ann-anew")
    house.types("desk", "admit", house.ids["ann"], *folder, *house.staff("eve"))
    assert house.reads("ann-anew") == {"Dear Tom, old.", "Dear Tom, new."}
    assert house.tries("review", "queue", *house.staff("ann")).code == 7


def a_lost_desk_key(house: House) -> None:
    """Both lose everything; a new member opens the desk with the paper from the safe, and not with the older one."""
    house.ids["ivo"] = house.enrols("ivo", "reviewer", desk=house.desk)
    house.drafts("--member", house.folder / "ivo", "--without", house.ids["ann"], "--without", house.ids["eve"])
    house.publishes("ivo")
    older = ("desk", "recover", "--recovery-code", house.folder / "desk" / "desk-code.txt")
    assert house.tries(*older, *house.staff("ivo")).code == 7
    code = ("--recovery-code", house.folder / "epoch-2" / "desk-code.txt")
    (back,) = house.types("desk", "recover", *code, *house.staff("ivo"))
    assert back["epochs"] == [1, 2]
    assert house.reads("ivo") == {"Dear Tom, old.", "Dear Tom, new."}
    house.types("desk", "code", "--out", house.folder / "newest.txt", *house.staff("ivo"))
    assert house.tries("desk", "recover", *code, *house.staff("ivo")).code == 7
    newest = ("--recovery-code", house.folder / "newest.txt")
    assert house.types("desk", "recover", *newest, *house.staff("ivo"))[0]["epochs"] == [1, 2]


def sessions_and_tokens(house: House) -> None:
    """Commands leave no session behind; a nightly audit needs no staff code, and no longer than it may."""
    assert house.types("staff", "sessions", "--end-all", *house.staff("aud")) == []
    out = house.folder / "nightly"
    new = ("staff", "token", "new", "--name", "nightly", "--scope", "audit", "--days", 30)
    (made,) = house.types(*new, "--out", out, *house.staff("aud"))
    assert out.read_text().strip() not in str(made)
    assert house.tries(*new, "--out", house.folder / "x", *house.staff("ivo")).code == 3
    nightly = ("audit", "verify", "--token-file", out, "--state", house.folder / "seen")
    assert house.types(*nightly)[0]["verified"]
    (listed,) = house.types("staff", "token", "list", *house.staff("aud"))
    assert (listed["id"], listed["scopes"]) == (made["id"], ["audit"])
    assert listed["used_at"] > 0
    house.types("staff", "token", "revoke", made["id"], *house.staff("aud"))
    assert house.tries(*nightly).code == 7
