"""Type commands as people do: each in a process of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: The same command as in .venv/bin, whatever the tests were started with.
COMMAND = (sys.executable, "-c", "from relay.cli import main; main()")
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def facts(self) -> list[dict[str, Any]]:
        """Its standard output, one JSON object a line."""
        return [json.loads(line) for line in self.out.splitlines()]


def environment() -> dict[str, str]:
    """Give a child what this process has, and a plain screen of 80 columns."""
    return {**os.environ, "COLUMNS": "80", "NO_COLOR": "1", "PYTHONPATH": str(ROOT)}


def letter_relay(*arguments: object, standard_input: str = "") -> Ran:
    """Run one command to its end."""
    done = subprocess.run(
        [*COMMAND, *map(str, arguments)],
        input=standard_input,
        capture_output=True,
        text=True,
        timeout=240,
        cwd=ROOT,
        env=environment(),
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)
