"""A demo relay that serves its pages, in a process of its own, for browsers to open."""

import atexit
import functools
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.stories.shell import COMMAND, ROOT, Ran, environment, letter_relay

_READY_SECONDS = 180
_CODE = re.compile(r"^  ((?:\d{4} ){7}\d{4})  (.+)$", re.MULTILINE)
_STAFF = re.compile(r"(\w+), .*\(([0-9a-f]{32})\)")
_NUMBER = re.compile(r"^  (\d{12})  (.+), (.+), (\w+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Member:
    """One of the demo's staff: their id, and the code that opens their keyring."""

    id: str
    code: str


@dataclass(frozen=True, slots=True)
class Held:
    """One of the held: the number on their address card, and who and where they are."""

    number: str
    name: str
    house: str
    status: str


@dataclass(frozen=True, slots=True)
class DemoWorld:
    """A relay at work, and what its `demo-codes.txt` gives away."""

    url: str
    data: Path
    fingerprint: str
    staff: dict[str, Member]
    families: dict[str, str]
    held: tuple[Held, ...]

    def person(self, name: str) -> Held:
        """Find one of the held by name."""
        return next(one for one in self.held if one.name == name)

    @property
    def reachable(self) -> list[Held]:
        """Those to whom a letter can go now."""
        return [one for one in self.held if one.status == "confirmed"]

    @property
    def answered(self) -> str:
        """The code of a family that has had a reply."""
        return (self.data / "families" / "ruth.txt").read_text(encoding="ascii").replace(" ", "").strip()

    def run(self, *arguments: object) -> Ran:
        """Type a command at this relay."""
        return letter_relay(*arguments, "--relay", self.url, "--data", self.data)


@contextmanager
def a_demo_world(data: Path, *, letters: int = 12, **settings: str) -> Iterator[DemoWorld]:
    """Serve a demo world, a new one if there is none in `data`, and end it as Ctrl-C does; `settings` by variable."""
    if not data.exists():
        shutil.copytree(_shown(letters), data)
    with _serving("demo", "--letters", letters, "--data", data, **settings) as (url, serving):
        _wait_until(lambda: (data / "demo-codes.txt").exists() and _answers(f"{url}/readyz"), serving)
        yield _world_of(url, data)


@functools.cache
def _shown(letters: int) -> Path:
    """Show the demo once for all stories of this process: each serves a copy of what it leaves."""
    folder = Path(tempfile.mkdtemp(prefix="letter-relay-demo-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    with _serving("demo", "--once", "--letters", letters, "--data", folder / "data") as (_, showing):
        assert showing.wait(timeout=_READY_SECONDS) == 0
    return folder / "data"


@contextmanager
def a_relay_not_open_yet(data: Path) -> Iterator[str]:
    """Serve a relay whose operators have published neither trust nor directory; gives its address."""
    made = letter_relay("init", "--name", "relay.example", "--data", data)
    assert made.code == 0, made.err
    with _serving("serve", "--data", data) as (url, serving):
        _wait_until(lambda: _answers(f"{url}/site.json"), serving)
        yield url


@contextmanager
def _serving(*arguments: object, **settings: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    port = _free_port()
    serving = subprocess.Popen(
        [*COMMAND, *map(str, arguments)],
        cwd=ROOT,
        env={**environment(), "LETTER_RELAY_HTTP__PORT": str(port), **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield f"http://localhost:{port}", serving
    finally:
        if serving.poll() is None:
            serving.send_signal(signal.SIGINT)
        serving.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _wait_until(is_ready: Callable[[], bool], serving: subprocess.Popen[bytes]) -> None:
    for _ in range(_READY_SECONDS * 5):
        if serving.poll() is not None:
            raise AssertionError(f"the relay ended with {serving.returncode}")
        if is_ready():
            return
        time.sleep(0.2)
    raise AssertionError("the relay was not ready in time")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - our own relay, on this machine
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _world_of(url: str, data: Path) -> DemoWorld:
    told = (data / "demo-codes.txt").read_text(encoding="utf-8")
    codes = {name: code for code, name in _CODE.findall(told)}
    staff = {
        found[1].lower(): Member(found[2], code) for name, code in codes.items() if (found := _STAFF.fullmatch(name))
    }
    families = {name: code for name, code in codes.items() if not _STAFF.fullmatch(name)}
    fingerprint = re.search(r"^Fingerprint\s+([0-9a-f]{64})$", told, flags=re.MULTILINE)
    assert fingerprint is not None
    held = tuple(Held(*found) for found in _NUMBER.findall(told))
    assert len(staff) > 5
    assert families
    assert held
    return DemoWorld(url, data, fingerprint[1], staff, families, held)
