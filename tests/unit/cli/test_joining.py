"""Invites and enrolment as they are typed: what is kept when the network fails, and what nobody may sign."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from relay.client.ceremonyfiles import read_member
from relay.client.enrolling import Invite, InviteMalformed, desk_print, encode_invite, member_print, parse_invite
from relay.client.keyfiles import write_secret
from tests.unit.client.people import RELAY, people

DESK = "d1" * 16
INVITE = Invite(
    "http://127.0.0.1:1", RELAY, "f0" * 32, "5a" * 16, "6b" * 16, (DESK,), ("officer",), 9, "lri_" + "0" * 64
)


class PlayedRelay(ThreadingHTTPServer):
    """A relay that knows one invite, and can lose its answers."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.trust = people().trust_note
        self.fingerprint = people().trust.fingerprint
        self.refuses = False
        self.sent: list[bytes] = []

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}"


class _Answers(BaseHTTPRequestHandler):
    server: PlayedRelay

    def do_GET(self) -> None:
        if self.path == "/trust":
            self._answer(200, self.server.trust)
            return
        told = {"relay": RELAY, "staff": INVITE.staff, "person": INVITE.person, "desks": [DESK], "roles": ["officer"]}
        self._answer(200, json.dumps({**told, "opens": [DESK], "expires_at": 9}).encode())

    def do_POST(self) -> None:
        self.server.sent.append(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.refuses:
            self._answer(500, b"{}")
        else:
            self._answer(200, json.dumps({"staff": INVITE.staff}).encode())

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def relay() -> Iterator[PlayedRelay]:
    """Play a relay."""
    with PlayedRelay() as played:
        thread = threading.Thread(target=played.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield played
        played.shutdown()
        thread.join()


@pytest.fixture
def invite(relay: PlayedRelay, tmp_path: Path) -> Path:
    """Write an invite to it."""
    path = tmp_path / "invite"
    write_secret(path, encode_invite(replace(INVITE, url=relay.url, fingerprint=relay.fingerprint)))
    return path


def test_an_enrolment_that_was_cut_off_is_sent_again_as_it_was(shell, tmp_path, relay, invite):
    """The keys are on the disk before anything is sent; typed again, the command sends the very same bytes."""
    enrol, out = ("staff", "enrol", "--invite", invite, "--out", tmp_path / "odo", "--json"), tmp_path / "odo"
    relay.refuses = True
    assert shell(*enrol).code == 3
    member = read_member(out).member
    assert not (out / "trust.note").exists()

    relay.refuses = False
    (fact,) = shell(*enrol).facts

    assert len(relay.sent) == 2
    assert relay.sent[0] == relay.sent[1]
    assert fact["fingerprint"] == member_print(member)
    (proposal,) = json.loads(relay.sent[0])["proposals"]
    assert fact["opened"] == {DESK: desk_print(DESK, 1, proposal["recipient"])}
    assert (out / "trust.note").read_bytes() == relay.trust
    secret = (out / "staff-code.txt").read_text().strip(), (out / f"desk-code-{DESK}.txt").read_text().strip()
    assert not [code for code in secret if code.replace(" ", "").encode() in relay.sent[0].replace(b" ", b"")]


def test_a_folder_with_other_keys_is_left_alone(shell, tmp_path, relay, invite):
    """Two invites to one folder would leave keys that fit no keyring."""
    shell("staff", "enrol", "--invite", invite, "--out", tmp_path / "odo")
    other = tmp_path / "other"
    write_secret(other, encode_invite(replace(INVITE, url=relay.url, fingerprint=relay.fingerprint, staff="5b" * 16)))

    ran = shell("staff", "enrol", "--invite", other, "--out", tmp_path / "odo", "--json")

    assert (ran.code, json.loads(ran.err)["error"]) == (3, "other_invite")
    assert len(relay.sent) == 1


def test_nothing_is_made_for_a_relay_of_another_fingerprint(shell, tmp_path, relay):
    """Whoever answers at this address is not the relay of the invite."""
    write_secret(tmp_path / "invite", encode_invite(replace(INVITE, url=relay.url)))

    ran = shell("staff", "enrol", "--invite", tmp_path / "invite", "--out", tmp_path / "odo", "--json")

    assert json.loads(ran.err)["error"] == "fingerprint_differs"
    assert not (tmp_path / "odo").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("staff", "enrol", "--out", "x"),
        ("staff", "enrol", "--invite", "y", "--role", "officer", "--out", "x"),
        ("staff", "enrol", "--relay-id", RELAY, "--out", "x"),
        ("desk", "new", "--kind", "review", "--side", "velmark", "--out", "x"),
        ("desk", "new", "--kind", "review", "--keyless", "--out", "x"),
    ],
)
def test_what_cannot_be_meant_is_wrong_usage(shell, tmp_path, monkeypatch, arguments):
    """Neither invite nor relay; an invite and a role of one's own; no role; a side where there is none."""
    monkeypatch.chdir(tmp_path)

    assert shell(*arguments).code == 2
    assert not (tmp_path / "x").exists()


def test_a_desk_is_written_down_once(shell, tmp_path):
    """Typed again it is the same desk; another kind in the same folder is wrong usage."""
    new = ("desk", "new", "--kind", "facility", "--side", "velmark", "--out", tmp_path / "house", "--json")

    (first,), (again,) = shell(*new).facts, shell(*new).facts

    assert first == again
    assert shell(*new, "--keyless").code == 2


def test_an_operator_cannot_read_one_directory_and_sign_another(shell, tmp_path):
    """The document beside the draft has to be the one that the draft names."""
    relay = shell("init", "--name", "relay.example", "--data", tmp_path / "data", "--json").facts[0]["relay"]
    desk = shell("desk", "open", "--relay-id", relay, "--kind", "review", "--out", tmp_path / "desk", "--json").facts[0]
    by_hand = ("staff", "enrol", "--relay-id", relay, "--role", "reviewer", "--desk", desk["desk"])
    shell(*by_hand, "--out", tmp_path / "ann")
    shell("directory", "key", "new", "--relay-id", relay, "--number", "0", "--out", tmp_path / "key")
    draft = (
        "directory",
        "draft",
        "--side",
        "a",
        "--side",
        "b",
        "--desk",
        tmp_path / "desk",
        "--member",
        tmp_path / "ann",
    )
    assert shell(*draft, "--data", tmp_path / "data", "--out", tmp_path / "draft").code == 0
    sign = ("directory", "sign", tmp_path / "draft", "--key", tmp_path / "key", "--json")

    changes = shell(*sign, "--out", tmp_path / "note").facts
    document = tmp_path / "draft" / "directory.json"
    document.write_bytes(document.read_bytes().replace(b'"reviewer"', b'"operator"'))
    ran = shell(*sign, "--out", tmp_path / "other")

    assert [one["words"] for one in changes[:-1]] == ["review", "reviewer"]
    assert changes[1]["fingerprint"] == member_print(read_member(tmp_path / "ann").member)
    assert (ran.code, json.loads(ran.err)["error"]) == (3, "other_document")
    assert not (tmp_path / "other").exists()


def test_a_first_directory_names_its_parties(shell, tmp_path):
    """And a print has 32 digits, whether or not there are spaces in it."""
    shell("init", "--name", "relay.example", "--data", tmp_path / "data")
    draft = ("directory", "draft", "--data", tmp_path / "data", "--out", tmp_path / "draft")

    assert shell(*draft, "--side", "ardenia").code == 2
    assert shell(*draft, "--side", "a", "--side", "b", "--confirm", "12ab").code == 2


@pytest.mark.parametrize(
    ("found", "put"),
    [
        ('"v":1', '"v":2'),
        ('"officer"', '"king"'),
        (RELAY, RELAY[:-1]),
        ("lri_", "lrs_"),
        ('"expires":9', '"expires":"9"'),
        ('"expires":9,', ""),
        ('["d1', '["D1'),
        ("{", ""),
    ],
)
def test_what_is_no_invite_is_malformed(found, put):
    """Another version, role, id, secret; a key too few."""
    good = encode_invite(INVITE)
    assert parse_invite(good) == INVITE

    with pytest.raises(InviteMalformed):
        parse_invite(good.replace(found.encode(), put.encode(), 1))
