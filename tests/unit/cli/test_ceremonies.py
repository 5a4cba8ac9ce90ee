"""The ceremony typed by hand, each step on its own machine, up to the signed directory and the sealed desk keys."""

import json
import stat
from pathlib import Path

import pytest

from keys.directory import parse_directory, parse_trust, read_directory_note
from keys.notes import parse_note
from relay.client.ceremonyfiles import read_desk, read_member, read_sealed_keys


def mode(path: Path) -> int:
    """Read who may do what with a file."""
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def founded(shell, tmp_path):
    """Make a relay, a root and two directory keys; gives the relay's id and the vkeys."""
    (fact,) = shell("init", "--name", "relay.example", "--data", tmp_path / "data", "--json").facts
    relay = fact["relay"]
    (root,) = shell("root", "new", "--relay-id", relay, "--out", tmp_path / "root.key", "--json").facts
    directory = [
        shell(
            *("directory", "key", "new", "--relay-id", relay, "--number", n),
            *("--out", tmp_path / f"directory-{n}.key", "--json"),
        ).facts[0]["vkey"]
        for n in (0, 1)
    ]
    return relay, root, directory


def test_a_new_relay_keeps_its_keys_to_itself(shell, tmp_path, founded):
    """The log key and the operator's token are for the owner of the folder alone, and nothing is made twice."""
    for secret in ("data/log.key", "data/operator.token", "root.key", "directory-0.key"):
        assert mode(tmp_path / secret) == 0o600
    assert shell("init", "--name", "relay.example", "--data", tmp_path / "data").code == 3
    assert shell("root", "new", "--relay-id", founded[0], "--out", tmp_path / "root.key").code == 3


def test_the_fingerprint_stays_from_root_to_signed_trust(shell, tmp_path, founded):
    """What is printed on address cards when the root is made is what the trust page says."""
    relay, root, vkeys = founded
    draft, note, data = tmp_path / "trust.draft", tmp_path / "signed.note", tmp_path / "data"
    keys = [part for vkey in vkeys for part in ("--directory-key", vkey)]

    drafted = shell(
        *("trust", "draft", "--root", root["vkey"], *keys, "--k", "2", "--out", draft, "--data", data, "--json")
    )
    signed = shell("root", "sign", draft, "--root-key", tmp_path / "root.key", "--out", note, "--json")
    page = parse_trust(parse_note(note.read_bytes()).text)
    log = [fact["vkey"] for fact in shell("log", "vkey", "--data", data, "--json").facts]

    assert drafted.facts[0]["fingerprint"] == signed.facts[0]["fingerprint"] == root["fingerprint"] == page.fingerprint
    assert (page.relay, page.k, list(page.directory), list(page.log)) == (relay, 2, vkeys, log)


def test_a_directory_is_drafted_signed_and_its_desk_keys_sealed(shell, tmp_path, founded):
    """Two members enrol, a desk opens, two operators sign, and the desk's key is sealed to both members."""
    relay, _, _ = founded
    ann, ben, desk, house = (tmp_path / name for name in ("ann", "ben", "desk", "house"))
    opened = shell("desk", "open", "--relay-id", relay, "--kind", "review", "--out", desk, "--json").facts[0]["desk"]
    keyless = ("desk", "open", "--relay-id", relay, "--kind", "facility", "--side", "velmark", "--keyless")
    assert shell(*keyless, "--out", house).code == 0
    for folder, role in ((ann, "reviewer"), (ben, "dispatcher")):
        enrol = ("staff", "enrol", "--relay-id", relay, "--role", role, "--desk", opened, "--out", folder)
        assert shell(*enrol).code == 0
        assert mode(folder / "staff-code.txt") == 0o600

    out = tmp_path / "draft"
    sides = ("--side", "ardenia", "--side", "velmark")
    members = ("--member", ann, "--member", ben)
    drafting = ("directory", "draft", *sides, "--desk", desk, "--desk", house, *members, "--out", out)
    *changes, drafted = shell(*drafting, "--data", tmp_path / "data", "--json").facts
    for n in (0, 1):
        key, note = tmp_path / f"directory-{n}.key", tmp_path / f"{n}.note"
        assert shell("directory", "sign", out / "directory.draft", "--key", key, "--out", note).code == 0
    admit = ("desk", "admit", desk, "--document", out / "directory.json", *members)
    admitted = shell(*admit, "--keyring", ann / "keyring.age", "--code-file", ann / "staff-code.txt", "--json")

    document = (out / "directory.json").read_bytes()
    assert [(fact["change"], "fingerprint" in fact) for fact in changes] == [
        ("added", True),
        ("added", False),
        ("added", True),
        ("added", True),
    ]
    assert read_directory_note((tmp_path / "1.note").read_bytes()).sha256 == drafted["sha256"]
    assert {one.id for one in parse_directory(document).staff} == {read_member(one).member.id for one in (ann, ben)}
    assert read_desk(house).keyless
    assert admitted.facts[0]["members"] == 2
    holders = {sealed.holder.partition("/")[0] for sealed in read_sealed_keys(desk)}
    assert (len(read_sealed_keys(desk)), holders) == (3, {"staff", "desk-code"})


def test_another_members_code_does_not_open_a_keyring(shell, tmp_path, founded):
    """Which is exit code 7, so that a script can ask again."""
    relay, _, _ = founded
    desk, ann, ben = tmp_path / "desk", tmp_path / "ann", tmp_path / "ben"
    opened = shell("desk", "open", "--relay-id", relay, "--kind", "review", "--out", desk, "--json").facts[0]["desk"]
    for folder in (ann, ben):
        shell("staff", "enrol", "--relay-id", relay, "--role", "reviewer", "--desk", opened, "--out", folder)
    out, sides = tmp_path / "draft", ("--side", "ardenia", "--side", "velmark")
    shell("directory", "draft", *sides, "--desk", desk, "--member", ann, "--out", out, "--data", tmp_path / "data")
    admit = ("desk", "admit", desk, "--document", out / "directory.json", "--member", ann)

    ran = shell(*admit, "--keyring", ann / "keyring.age", "--code-file", ben / "staff-code.txt", "--json")

    assert ran.code == 7
    assert json.loads(ran.err)["error"] == "wrong_key"


def test_a_code_that_others_may_read_is_refused(shell, tmp_path, founded):
    """The paper is locked away; the file must not lie open meanwhile."""
    relay, _, _ = founded
    shell("staff", "enrol", "--relay-id", relay, "--role", "reviewer", "--out", tmp_path / "ann")
    (tmp_path / "ann" / "staff-code.txt").chmod(0o644)
    fingerprint = "0" * 64

    ran = shell(
        *("family", "status", "--trust", fingerprint, "--data", tmp_path),
        *("--code-file", tmp_path / "ann" / "staff-code.txt", "--json"),
    )

    assert ran.code == 3
    assert json.loads(ran.err)["error"] == "secret_exposed"


@pytest.mark.parametrize(
    "arguments",
    [
        ("staff", "enrol", "--relay-id", "ab" * 16, "--role", "king", "--out", "x"),
        ("root", "new", "--relay-id", "AB" * 16, "--out", "x"),
        ("desk", "open", "--relay-id", "ab" * 16, "--kind", "review", "--side", "velmark", "--out", "x"),
        ("desk", "open", "--relay-id", "ab" * 16, "--kind", "castle", "--out", "x"),
        ("desk", "admit", "x", "--document", "x", "--member", "x"),
    ],
)
def test_what_cannot_be_meant_is_wrong_usage(shell, tmp_path, monkeypatch, arguments):
    """A role, an id or a kind that there is not; a side where there is none; no keyring to sign with."""
    monkeypatch.chdir(tmp_path)

    assert shell(*arguments).code == 2
    assert not (tmp_path / "x").exists()


def test_a_file_of_another_step_is_malformed(shell, tmp_path, founded):
    """The root's key is no directory draft, and a member's line no key."""
    draft = tmp_path / "trust.draft"
    draft.write_text("not a trust page\n")
    code_file = tmp_path / "code.key"
    code_file.write_text('{"v":1,"name":"x"}\n')
    code_file.chmod(0o600)

    assert shell("root", "sign", draft, "--root-key", tmp_path / "root.key", "--out", tmp_path / "x").code == 4
    assert shell("directory", "sign", draft, "--key", code_file, "--out", tmp_path / "x").code == 4
