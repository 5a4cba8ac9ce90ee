"""Every command of the README is typed as it stands there, by somebody who has nothing but a checkout."""

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stories.shell import ROOT, environment

pytestmark = pytest.mark.slow

README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
#: Blocks that other tests or the build itself run: `make test` cannot run itself.
ELSEWHERE = frozenset({"make test", "make check", "make bench", "make help", "make stories"})
PATIENCE_SECONDS = 120


def free_port() -> str:
    """Find a port, so that a demo somebody has open is left alone."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return str(found.getsockname()[1])


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="git is asked what it ignores, and this is no checkout")
def test_git_takes_nothing_that_the_walk_writes():
    """Or `git add .` would take a receipt code; data/ is left out as a whole."""
    written = set(re.findall(r"(?:> |--(?:code-file|receipt|out) )([\w.-]+)(?=[ \n])", "".join(BLOCKS)))
    asked = subprocess.run(
        ["git", "check-ignore", *(f"{name}/x" if name == "my-bundle" else name for name in sorted(written))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert written == {"letter.txt", "my-bundle", "my-code.txt", "my.tlog-proof"}
    assert len(asked.stdout.splitlines()) == len(written)


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a folder that looks like the checkout and has no data of its own."""
    folder = tmp_path_factory.mktemp("checkout")
    for path in ROOT.iterdir():
        if path.name not in {"data", ".git", "build"}:
            (folder / path.name).symlink_to(path)
    return folder


@pytest.fixture(scope="module")
def typing(checkout: Path) -> Iterator[dict[str, str]]:
    """Keep `make run` open in the first terminal, and give the environment of the second."""
    variables = environment() | {"LETTER_RELAY_HTTP__PORT": free_port()}
    command = BLOCKS[0].split()
    assert command == ["make", "run"]
    # What is installed already is not installed again from within a test.
    running = subprocess.Popen(
        ["make", "-o", ".venv/.installed", *command[1:]],
        cwd=checkout,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        _wait_for(running, "Try, in another terminal")
        yield variables
    finally:
        os.killpg(running.pid, signal.SIGINT)
        running.communicate(timeout=PATIENCE_SECONDS)


def _wait_for(running: subprocess.Popen[str], words: str) -> None:
    assert running.stdout is not None
    deadline = time.monotonic() + PATIENCE_SECONDS
    said = []
    for line in running.stdout:
        said.append(line)
        if words in line:
            return
        assert time.monotonic() < deadline, "".join(said)
    raise AssertionError("".join(said))


def test_the_readme_has_the_blocks_that_this_test_types():
    """One to run, three to type, one for developers, each of whose commands something else runs."""
    assert len(BLOCKS) == 5
    targets = {line.split("#")[0].strip() for line in BLOCKS[4].splitlines()}
    assert targets == ELSEWHERE


def test_a_reader_sends_a_letter_and_audits_it(checkout, typing):
    """Typed in order in one shell that stops at the first failure, they end with a delivered and audited letter."""
    script = "set -eu\n" + "\n".join(BLOCKS[1:4])
    done = subprocess.run(
        ["sh", "-c", script],
        cwd=checkout,
        env=typing,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert "the pear tree is in flower" in done.stdout
    assert re.search(r"letter +delivered", done.stdout)
    assert "Proved: item" in done.stdout
    assert "Unbroken." in done.stdout
    assert [line.split()[2] for line in done.stdout.splitlines()[-6:]] == [
        *("accepted", "claimed", "passed", "bagged", "received", "delivered")
    ]


@pytest.mark.parametrize("path", sorted(set(re.findall(r"\]\(([^)#:]+)\)", README))))
def test_the_readme_leads_somewhere(path):
    """A link of the README is a file of the checkout."""
    assert (ROOT / path).exists()
