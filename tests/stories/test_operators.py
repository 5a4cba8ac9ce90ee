"""The operators' page, typed block by block: each person in a shell and a folder of their own, over HTTP with TLS."""

import configparser
import os
import re
import shlex
import shutil
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import pytest

from keys.codes import parse_code
from tests.certificates import Certificates, make_certificates
from tests.stories.machine import COMMAND, Machine, make_machine, write_command
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
    machine: Machine
    people: dict[str, Person]
    serving: subprocess.Popen[str] | None = None

    def happens(self) -> None:
        """Go through the page from its first block to its last."""
        for language, who, block in BLOCKS:
            if who == "sudo":
                self._is_root(block)
            elif language == "sh":
                if "audit verify" in block:
                    time.sleep(2.5)  # two public checkpoints on
                self.people[who].types(block)
            elif language == "toml" and not self.config.exists():
                self.config.write_text(self.machine.mapped(block), encoding="utf-8")
            elif block.startswith(PRINTS):
                self._read_prints_aloud()

    def _is_root(self, block: str) -> None:
        """Type a block as root on the relay's machine, and start what the unit names when it is enabled."""
        self.machine.types(block, _environment(self.folder, self.url, self.certificates, "relay"))
        if START in block:
            self.serving = self._start()

    @property
    def config(self) -> Path:
        """The settings on the relay's machine."""
        return self.machine.root / "etc" / "letter-relay" / "relay.toml"

    def _start(self) -> subprocess.Popen[str]:
        child = subprocess.Popen(
            shlex.split(self.machine.mapped(_unit()["Service"]["ExecStart"])),
            stdout=subprocess.PIPE,
            text=True,
            cwd=self.folder,
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
    """Give a person what they have exported, and to the relay's machine what differs from the page: port and haste."""
    # The relay's user has its data folder as its home.
    machine = folder / "machine"
    own = machine / "var" / "lib" / "letter-relay" if name == "relay" else folder / name
    variables = environment() | {
        "PATH": f"{folder / 'bin'}:{os.environ['PATH']}",
        "HOME": str(own),
        "URL": url,
        "CONFIG": str(machine / "etc" / "letter-relay" / "relay.toml"),
        "STICK": str(folder / "stick"),
        "SSL_CERT_FILE": str(certificates.authority),
    }
    if name != "relay":
        return variables
    settings = {
        "HTTP__HOST": "127.0.0.1",
        "HTTP__PORT": url.rpartition(":")[2],
        "HTTP__METRICS_PORT": "0",
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
    write_command(folder / "bin" / "letter-relay", COMMAND)
    machine = make_machine(folder, certificates)
    people = {name: Person(name, folder / name, _shell(folder, url, certificates, name)) for name in PEOPLE}
    made = Afternoon(folder, url, certificates, machine, people)
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


def test_root_installs_starts_and_protects_what_the_page_says(afternoon: Afternoon):
    """The stand-ins were given the page's words, and what was executed has left files where the unit looks for them."""
    machine, root = afternoon.machine, afternoon.machine.root

    assert machine.given("adduser") == ["--system --group --home /var/lib/letter-relay letter-relay"]
    assert machine.given("make") == ["-C /opt/letter-relay install"] * 2
    assert machine.given("certbot") == ["certonly --standalone --domain post.mediator.example"]
    assert machine.given("systemctl") == ["daemon-reload", "enable --now letter-relay", "restart letter-relay"]
    assert machine.given("ufw")[0] == "default deny incoming"
    assert machine.given("ufw")[-2:] == ["allow 443/tcp", "--force enable"]
    assert (root / "etc/systemd/system/letter-relay.service").read_bytes() == UNIT.read_bytes()
    assert (root / "opt/letter-relay/.git").is_dir()
    modes = {
        "var/lib/letter-relay": 0o700,
        "var/backups/letter-relay": 0o700,
        "etc/letter-relay": 0o750,
        "etc/letter-relay/tls/key.pem": 0o640,
        "etc/letter-relay/credentials/database__url": 0o640,
    }
    assert {path: stat.S_IMODE((root / path).stat().st_mode) for path in modes} == modes


def test_a_relay_put_back_from_the_nightly_backup_is_well(afternoon: Afternoon, tmp_path: Path):
    """The backup was taken from a relay at work; beside the mark that the page keeps with it, it is put back whole."""
    folder, data = afternoon.machine.root / "var/backups/letter-relay", tmp_path / "data"
    (kept,) = folder.glob("relay-*.backup")
    data.mkdir(mode=0o700)
    shutil.copy(folder / "high-water", data)
    restored = _as_operator(afternoon, "restore", kept, "--data", data)
    doctor = _as_operator(afternoon, "doctor", "--data", data)

    assert (restored.returncode, restored.stderr) == (0, "")
    assert (doctor.returncode, doctor.stderr) == (0, "")
    assert {"log", "trust", "directory", "backups"} <= set(re.findall(r"^  ok +(\S+)", doctor.stdout, re.MULTILINE))
    assert not re.search(r"^  (warn|fail) ", doctor.stdout, re.MULTILINE), doctor.stdout


def _as_operator(afternoon: Afternoon, command: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            str(afternoon.machine.root / "usr/local/bin/letter-relay"),
            *(command, "--config", str(afternoon.config)),
            *map(str, arguments),
        ],
        env=_environment(afternoon.folder, afternoon.url, afternoon.certificates, "relay"),
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE_SECONDS,
    )


def test_a_backup_is_not_kept_longer_than_the_page_says(afternoon: Afternoon):
    """One of three weeks ago goes with the next, and today's stays; a second one of the same day is refused."""
    folder = afternoon.machine.root / "var/backups/letter-relay"
    variables = _environment(afternoon.folder, afternoon.url, afternoon.certificates, "relay")
    (block,) = (block for _, who, block in BLOCKS if who == "sudo" and "letter-relay backup" in block)
    (today,) = folder.glob("relay-*.backup")
    with pytest.raises(AssertionError, match="backup_exists"):
        afternoon.machine.types(block, variables)
    today.rename(folder / "relay-2026-01-01.backup")
    os.utime(folder / "relay-2026-01-01.backup", (time.time() - 21 * 86_400,) * 2)

    afternoon.machine.types(block, variables)
    assert [kept.name for kept in folder.glob("relay-*.backup")] == [today.name]


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
            # A backup is the relay itself, as the page says, and as secret as its data folder.
            if path.is_file() and path != owner and path.suffix != ".backup":
                assert secret not in path.read_bytes(), (owner.name, path)
    assert not list((afternoon.folder / "stick").glob("*.invite"))
    assert not list(afternoon.machine.root.rglob("*directory*.key"))


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
