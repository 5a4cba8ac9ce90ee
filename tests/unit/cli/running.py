"""Run a command in this process, as a shell would see it: exit code, standard output, standard error."""

import json
from dataclasses import dataclass
from typing import Any

import pytest

from relay.cli import main


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


class Shell:
    """Types commands, and keeps what they said."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *arguments: object) -> Ran:
        """Type one command."""
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        said = self._capsys.readouterr()
        code = left.value.code
        return Ran(code if isinstance(code, int) else 1 if code else 0, said.out, said.err)
