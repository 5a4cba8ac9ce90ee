"""
A Debian machine in a folder, on which the blocks of docs/operators.md that need root are typed as they stand.

Three kinds of words are replaced before a block is typed, and nothing else of it:

- A path under /etc, /opt, /usr or /var leads into the folder, or the test would write into the system it runs on.
- `-o letter-relay` and `-g letter-relay` name whoever runs the tests: the user is not there, and only root gives away.
- Commands that would change the system itself, or fetch from the network, are stand-ins first on the PATH. Each writes
  down what it was given. `sudo` executes the rest of its line; `adduser` makes the home, `certbot` leaves certificates,
  and `make` a command, where the real ones would. `git` is the real one, and finds the page's address beside it.
"""

import grp
import os
import pwd
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from tests.certificates import Certificates
from tests.stories.shell import ROOT, environment

HOST = "post.mediator.example"
SOURCE = "https://git.mediator.example/letter-relay"
_PATH = re.compile(r"(?<![\w.])/(?=(?:etc|opt|usr|var)/)")
_OWNER = re.compile(r"-([og]) letter-relay\b")
#: What Debian has before anybody types anything.
_FOLDERS = ("etc/systemd/system", "opt", "usr/local/bin", "var/lib", "var/backups")
_STAND_INS = {
    "adduser": 'while [ "$1" != --home ]; do shift; done; mkdir -p "$2"',
    "apt-get": "",
    "certbot": 'live="$MACHINE/etc/letsencrypt/live/HOST"; mkdir -p "$live"; cp "$CERTIFICATES"/* "$live"',
    "make": 'mkdir -p "$2/.venv/bin"; cp "$COMMAND" "$2/.venv/bin/letter-relay"',
    "sudo": 'shift 2; exec "$@"',
    "systemctl": "",
    "ufw": "",
}
#: The same command as in .venv/bin, whatever the tests were started with.
COMMAND = f"exec {sys.executable} -c 'from relay.cli import main; main()' \"$@\""


@dataclass(frozen=True)
class Machine:
    """The folder, what stands in for commands, and what those were given."""

    root: Path
    stand_ins: Path
    ran: Path

    def mapped(self, text: str) -> str:
        """Give what is typed, or stands in a file, as it is typed here; the replaced words are named above."""
        names = {"o": pwd.getpwuid(os.getuid()).pw_name, "g": grp.getgrgid(os.getgid()).gr_name}
        return _OWNER.sub(lambda one: f"-{one[1]} {names[one[1]]}", _PATH.sub(f"{self.root}/", text))

    def types(self, block: str, variables: dict[str, str]) -> str:
        """Type a block as root would; it must end well, and what it said is given."""
        done = subprocess.run(
            ["sh", "-eu", "-c", self.mapped(block)],
            env=variables | self._variables(variables["PATH"]),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout

    def given(self, command: str) -> list[str]:
        """List what a command was given, a line for each time."""
        lines = (line.partition(" ") for line in self.ran.read_text(encoding="utf-8").splitlines())
        return [arguments.replace(str(self.root), "") for name, _, arguments in lines if name == command]

    def _variables(self, path: str) -> dict[str, str]:
        return {
            "PATH": f"{self.stand_ins}:{self.root}/usr/local/bin:{path}",
            "MACHINE": str(self.root),
            "RAN": str(self.ran),
            "CERTIFICATES": str(self.stand_ins / "certificates"),
            "COMMAND": str(self.stand_ins / "letter-relay"),
            "GIT_CONFIG_COUNT": "1",
            "GIT_CONFIG_KEY_0": f"url.{self.stand_ins / 'source'}.insteadOf",
            "GIT_CONFIG_VALUE_0": SOURCE,
        }


def make_machine(folder: Path, certificates: Certificates) -> Machine:
    """Make a machine on which nobody has typed anything yet."""
    machine = Machine(folder / "machine", folder / "stand-ins", folder / "stand-ins" / "ran")
    for name in _FOLDERS:
        (machine.root / name).mkdir(parents=True)
    machine.stand_ins.mkdir()
    machine.ran.touch()
    for name, does in _STAND_INS.items():
        write_command(machine.stand_ins / name, f'echo "{name} $*" >> "$RAN"\n{does.replace("HOST", HOST)}')
    write_command(machine.stand_ins / "letter-relay", COMMAND)
    shutil.copytree(certificates.chain.parent, machine.stand_ins / "certificates")
    for file, name in ((certificates.chain, "fullchain.pem"), (certificates.key, "privkey.pem")):
        shutil.copy(file, machine.stand_ins / "certificates" / name)
    _make_source(machine.stand_ins / "source")
    return machine


def write_command(path: Path, script: str) -> None:
    """Write a command of a shell script."""
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


def _make_source(folder: Path) -> None:
    """Make what the page clones: the files of this checkout that its blocks use, on the branch that it names."""
    shutil.copytree(ROOT / "deploy", folder / "deploy")
    shutil.copy(ROOT / "Makefile", folder)
    author = ("-c", "user.name=a test", "-c", "user.email=test@relay.example", "-c", "commit.gpgsign=false")
    for words in (("init", "--quiet", "--initial-branch=main"), ("add", "."), ("commit", "--quiet", "-m", "All")):
        subprocess.run(["git", *author, *words], cwd=folder, env=environment(), check=True, capture_output=True)
