"""The operators' page, typed block by block: each person in a shell and a folder of their own, over HTTP with TLS."""

import configparser
import os
import re
import shlex
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import pytest

from keys.codes import parse_code
from tests.certificates import Certificates, make_certificates
from tests.stories.shell import ROOT, environment

pytestmark = pytest.mark.slow

PAGE = ROOT / "docs" / "operators.md"
UNIT = ROOT / "deploy" / "letter-relay.service"
#: Every fenced block: its language, whose machine it is typed on, and what stands in it.
BLOCKS = re.findall(r"^```(\w+)(?: (\w+))?\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
#: Everybody with a machine of their own, in the order in which they come.
PEOPLE = ("relay", "root", "oda", "per", "ida", "ann", "ben", "odo", "vel", "ruth")
START = "systemctl enable --now letter-relay"
PRINTS = "ann='…'"
PATIENCE_SECONDS = 120
_PRINT = re.compile(r"^  ((?:[0-9a-f]{4} ){7}[0-9a-f]{4})$", re.MULTILINE)


@dataclass
class Person:
    """Somebody at a shell that stays open all afternoon."""

    name: str
    folder: Path
    shell: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)

    def types(self, block: str) -> str:
        """Type a block; it must end well, and what it said is given."""
        number = len(self.said)
        script = self.folder / f".typed-{number}"
        script.write_text(block, encoding="utf-8")
        stdin, stdout = self.shell.stdin, self.shell.stdout
        assert stdin is not None
        assert stdout is not None
        stdin.write(f"set -eu; . ./{script.name}; echo done-{number}\n")
        stdin.flush()
        said = _until(stdout, f"done-{number}\n")
        script.unlink()
        self.said.append(said)
        return said

    @property
    def everything(self) -> str:
        """All that was said to this person."""
        return "".join(self.said)


def _until(stdout: IO[str], end: str) -> str:
    lines: list[str] = []
    for line in stdout:
        if line == end:
            return "".join(lines)
        lines.append(line)
    raise AssertionError("".join(lines))


@dataclass
class Afternoon:
    """The machines, the stick, and the relay once it is started."""

    folder: Path
    url: str
    certificates: Certificates
    people: dict[str, Person]
    serving: subprocess.Popen[str] | None = None

    def happens(self) -> None:
        """Go through the page from its first block to its last."""
        for language, who, block in BLOCKS:
            if who == "sudo":
                self._check_and_start(block)
            elif language == "sh":
                if "audit verify" in block:
                    time.sleep(2.5)  # two public checkpoints on
                self.people[who].types(block)
            elif block.startswith(PRINTS):
                self._read_prints_aloud()

    def _check_and_start(self, block: str) -> None:
        """Leave what needs a real machine's root to real machines; start the relay as its unit would."""
        subprocess.run(["sh", "-n", "-c", block], check=True, capture_output=True)
        if START in block:
            self.serving = self._start()

    def _start(self) -> subprocess.Popen[str]:
        command, *arguments = shlex.split(_unit()["Service"]["ExecStart"])
        assert command == "/opt/letter-relay/.venv/bin/letter-relay"
        theirs = self.people["relay"]
        given = [
            str(theirs.folder / "relay.toml") if one == "/etc/letter-relay/relay.toml" else one for one in arguments
        ]
        child = subprocess.Popen(
            ["letter-relay", *given],
            stdout=subprocess.PIPE,
            text=True,
            cwd=theirs.folder,
            env=_environment(self.folder, self.url, self.certificates, "relay"),
        )
        assert child.stdout is not None
        assert "Serving post.mediator.example at https://" in child.stdout.readline()
        return child

    def _read_prints_aloud(self) -> None:
        """Let each member read what their own screen shows, and the operator type it under the page's names."""
        read = {
            "ann": ("ann", "review"),
            "ben": ("ben",),
            "odo": ("odo", "larch_house"),
            "vel": ("vel",),
            "oda": ("oda",),
        }
        for reader, names in read.items():
            for name, heard in zip(names, _PRINT.findall(self.people[reader].everything), strict=True):
                self.people["relay"].types(f"{name}='{heard.upper()}'\n")


def _unit() -> configparser.ConfigParser:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    unit.optionxform = str  # type: ignore[method-assign,assignment] # the documented way to keep the case of keys
    unit.read(UNIT, encoding="utf-8")
    return unit


def _environment(folder: Path, url: str, certificates: Certificates, name: str) -> dict[str, str]:
    """Give a person what they have exported, and to the relay's machine what differs from the page: paths and port."""
    # The relay's user has its data folder as its home.
    own = folder / name / "data" if name == "relay" else folder / name
    variables = environment() | {
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "HOME": str(own),
        "URL": url,
        "CONFIG": str(folder / "relay" / "relay.toml"),
        "STICK": str(folder / "stick"),
        "SSL_CERT_FILE": str(certificates.authority),
    }
    if name != "relay":
        return variables
    settings = {
        "RELAY__DATA_DIR": str(folder / "relay" / "data"),
        "HTTP__HOST": "127.0.0.1",
        "HTTP__PORT": url.rpartition(":")[2],
        "HTTP__TLS_CERT_FILE": str(certificates.chain),
        "HTTP__TLS_KEY_FILE": str(certificates.key),
        "HTTP__METRICS_PORT": "0",
        "BACKUP__FOLDER": str(folder / "relay"),
        "PUBLISH__CHECKPOINT_SECONDS": "1",
        "WORK__COST": "1",
        "LOG__LEVEL": "error",
        "LIMITS__SIGN_INS_PER_MINUTE": "0",  # in this afternoon everybody sits behind one address, and hurries
    }
    return variables | {f"LETTER_RELAY_{key}": value for key, value in settings.items()}


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@pytest.fixture(scope="module")
def afternoon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Afternoon]:
    """Give everybody a machine, and let the whole page happen."""
    folder = tmp_path_factory.mktemp("afternoon")
    certificates = make_certificates(folder / "tls")
    url = f"https://localhost:{_free_port()}"
    for name in ("bin", "stick", *PEOPLE):
        (folder / name).mkdir(mode=0o700)
    assert any("chmod 700 /var/lib/letter-relay\n" in block for _, who, block in BLOCKS if who == "sudo")
    (folder / "relay" / "data").mkdir(mode=0o700)
    command = folder / "bin" / "letter-relay"
    command.write_text(f"#!/bin/sh\nexec {sys.executable} -c 'from relay.cli import main; main()' \"$@\"\n")
    command.chmod(0o755)
    settings = next(block for language, _, block in BLOCKS if language == "toml")
    (folder / "relay" / "relay.toml").write_text(settings, encoding="utf-8")
    people = {name: Person(name, folder / name, _shell(folder, url, certificates, name)) for name in PEOPLE}
    made = Afternoon(folder, url, certificates, people)
    try:
        made.happens()
        yield made
    finally:
        for person in people.values():
            person.shell.kill()
            person.shell.communicate()
        if made.serving is not None:
            made.serving.terminate()
            made.serving.communicate(timeout=PATIENCE_SECONDS)


def _shell(folder: Path, url: str, certificates: Certificates, name: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        ["sh"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=folder / name,
        env=_environment(folder, url, certificates, name),
    )


def test_the_page_is_typed_by_everybody_it_names():
    """No block is typed by nobody, and nobody sits there for nothing."""
    typed = {who for language, who, _ in BLOCKS if language == "sh"}

    assert typed == {*PEOPLE, "sudo"}
    assert sum(language == "sh" for language, _, _ in BLOCKS) > 30
    assert len([block for _, _, block in BLOCKS if START in block]) == 1
    assert len([block for _, _, block in BLOCKS if block.startswith(PRINTS)]) == 1


def test_the_afternoon_ends_with_a_letter_delivered_and_audited(afternoon: Afternoon):
    """A letter was written with the card, reviewed, packed, delivered, and its custody is unbroken."""
    people = afternoon.people

    assert "2 of 3 sign directories" in people["relay"].everything
    assert re.search(r"letter +delivered", people["ruth"].everything)
    assert "Dear Tom, the bridge is open again." in people["odo"].everything
    assert "Unbroken." in people["vel"].everything


def test_the_doctor_finds_the_new_relay_well(afternoon: Afternoon):
    """Everything that can be looked at is ok: certificate, trust, directory, log, backups."""
    doctor = afternoon.people["relay"].said[-1]
    verdicts = dict(re.findall(r"^  (?:ok|warn|fail) +(\S+)()", doctor, re.MULTILINE))

    assert {"certificate", "listening", "trust", "directory", "log", "backups", "clock"} <= set(verdicts)
    assert not re.search(r"^  (warn|fail) ", doctor, re.MULTILINE), doctor


def test_nothing_secret_has_left_its_machine(afternoon: Afternoon):
    """No code and no signing key is anywhere but with its owner; the stick ends without an invite."""
    secrets = {
        path: _secret_of(path)
        for path in afternoon.folder.rglob("*")
        if path.name.endswith(".key") or "-code" in path.name or path.name == "operator.token"
    }
    assert {re.sub(r"-code-.*", "-code", path.name) for path in secrets} >= {
        *("root.key", "directory.key", "log.key", "operator.token", "staff-code.txt", "my-code.txt", "desk-code")
    }
    for owner, secret in secrets.items():
        for path in afternoon.folder.rglob("*"):
            if path.is_file() and path != owner:
                assert secret not in path.read_bytes(), (owner.name, path)
    assert not list((afternoon.folder / "stick").glob("*.invite"))
    assert not list((afternoon.folder / "relay" / "data").glob("*directory*.key"))


def _secret_of(path: Path) -> bytes:
    """Read what nobody else may have: the digits of a code, or the seed in a key's file."""
    text = path.read_text(encoding="ascii")
    if "-code" in path.name:
        assert parse_code(text.strip())
        return text.strip().encode()
    if '"seed":"' in text:
        return text.split('"seed":"')[1].split('"')[0].encode()
    return path.read_bytes()


def test_a_certificate_that_nobody_vouches_for_is_refused(afternoon: Afternoon):
    """Without the authority's file a client sends nothing, and says what the file is called."""
    variables = _environment(afternoon.folder, afternoon.url, afternoon.certificates, "vel")
    del variables["SSL_CERT_FILE"]
    asked = ("directory", "show", "--relay", afternoon.url, "--data", ".", "--json")
    done = subprocess.run(
        [afternoon.folder / "bin" / "letter-relay", *asked],
        cwd=afternoon.folder / "vel",
        env=variables,
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )

    assert done.returncode == 3
    assert '"error":"certificate_untrusted"' in done.stderr
    assert "SSL_CERT_FILE" in done.stderr


def test_the_unit_gives_the_relay_its_data_folder_and_nothing_else():
    """The same paths as the page's, no power of root's but the port, and nothing to write to but the state folder."""
    unit, page = _unit()["Service"], PAGE.read_text(encoding="utf-8")
    command = shlex.split(unit["ExecStart"])

    assert command[1:3] == ["serve", "--config"]
    for path in (command[3], unit["LoadCredential"].partition(":")[2], f"/var/lib/{unit['StateDirectory']}"):
        assert path in page
    assert (unit["User"], unit["ProtectSystem"], unit["NoNewPrivileges"]) == ("letter-relay", "strict", "yes")
    assert unit["CapabilityBoundingSet"] == unit["AmbientCapabilities"] == "CAP_NET_BIND_SERVICE"


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\(([^)#:]+)\)", PAGE.read_text(encoding="utf-8")))))
def test_the_page_leads_somewhere(path: str):
    """A link of the page is a file of the checkout."""
    assert (PAGE.parent / path).exists()
