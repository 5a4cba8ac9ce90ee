"""A relay whose standard error nobody reads, or which was started without one, serves as any other."""

import asyncio
import os
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from relay.ledger.letters import LetterIn
from tests.ledger.world import a_world
from tests.stories.shell import COMMAND, ROOT, environment

pytestmark = pytest.mark.slow

_PATIENCE_SECONDS = 30
_PLAIN = {"WORK__REQUIRED": "false", "HTTP__METRICS_PORT": "0", "HTTP__SERVE_FAMILY_PAGE": "false"}


def nobody_reads() -> int:
    """Give the writing end of a pipe whose reader has gone, as under a supervisor whose logger died."""
    reading, writing = os.pipe()
    os.close(reading)
    return writing


@contextmanager
def serving(data: Path, *, level: str, redirected: str) -> Iterator[str]:
    """Serve with a standard error that takes nothing; the relay must end well when it is told to."""
    stderr = nobody_reads()
    settings = {f"LETTER_RELAY_{key}": value for key, value in _PLAIN.items()} | {"LETTER_RELAY_LOG__LEVEL": level}
    # As most people run it: with buffers, in which lines that nobody takes stay until the end.
    buffered = {key: value for key, value in environment().items() if key != "PYTHONUNBUFFERED"}
    with subprocess.Popen(
        ["sh", "-c", f'exec "$@" {redirected}', "sh", *COMMAND, "serve", "--data", data, "--listen", "127.0.0.1:0"],
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        cwd=ROOT,
        env=buffered | settings,
    ) as child:
        os.close(stderr)
        # A relay that hangs answers nothing and obeys nothing: it is ended, so that the test says so.
        patience = threading.Timer(_PATIENCE_SECONDS, child.kill)
        patience.start()
        try:
            assert child.stdout is not None
            said = child.stdout.readline()
            assert " at http://" in said, said
            yield said.split(" at ")[1].split()[0]
            child.terminate()
            assert child.wait() == 0
        finally:
            patience.cancel()
            child.kill()


def put(url: str, letter: LetterIn, *, item: str | None = None) -> int:
    """Send a letter as a family's page does; gives the status."""
    request = urllib.request.Request(  # noqa: S310 - a loopback address
        f"{url}/family/letters/{item or letter.line.item}",
        data=letter.sealed,
        method="PUT",
        headers={
            "Authorization": f"Bearer {'5e' * 16}",
            "Content-Type": "application/vnd.letter-relay.sealed",
            "Letter-Relay-Signer": letter.signer,
        },
    )
    try:
        with urllib.request.urlopen(request, timeout=_PATIENCE_SECONDS) as response:  # noqa: S310
            return int(response.status)
    except urllib.error.HTTPError as error:
        return error.code


async def _a_relay(folder: Path) -> list[LetterIn]:
    async with a_world(folder) as world:
        return [world.letter() for _ in range(3)]


@pytest.mark.parametrize("redirected", ["", "2>&-"], ids=["a-pipe-nobody-reads", "closed"])
@pytest.mark.parametrize("level", ["debug", "warning"])
def test_a_relay_that_cannot_complain_takes_letters_all_the_same(tmp_path: Path, level: str, redirected: str):
    """
    Letters are answered, a wrong one is refused, and the relay stops when told to.

    At level debug the driver of the database logs from a thread of its own, which a line that raised had killed: every
    caller then waited for ever.
    """
    letters = asyncio.run(_a_relay(tmp_path))

    with serving(tmp_path, level=level, redirected=redirected) as url:
        assert [put(url, letter) for letter in letters] == [200, 200, 200]
        assert put(url, letters[0], item=letters[1].line.item) >= 400
