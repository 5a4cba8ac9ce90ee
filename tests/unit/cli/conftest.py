"""A shell for each test."""

import pytest

from tests.unit.cli.running import Shell


@pytest.fixture
def shell(capsys: pytest.CaptureFixture[str]) -> Shell:
    """Type commands in this process."""
    return Shell(capsys)
