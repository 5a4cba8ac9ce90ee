"""The vectors of the audit are those that the code makes; the pages' audit is tested on them."""

import pytest

from relay.custody.steps import STEPS
from tests.audit_lies import lies
from tests.audit_vectors import FOLDER, build

#: Every flip and every lie is an audit of its own.
pytestmark = pytest.mark.slow


def test_the_files_are_those_that_the_code_makes() -> None:
    """Nobody edits a vector by hand, and no rule changes by accident."""
    made = build()
    there = {path.name: path for path in FOLDER.iterdir()}

    assert set(there) == {*made, "README.md"}
    assert [name for name, data in made.items() if there[name].read_bytes() != data] == []


def test_there_is_a_lie_for_each_step() -> None:
    """And nothing else: a step that no lie breaks is one that another auditor may leave out unnoticed."""
    assert {lie.step for lie in lies() if lie.step} == set(STEPS)


@pytest.mark.parametrize("name", ["lies.json", "busy.json"])
def test_vectors_stay_small(name: str) -> None:
    """Half a megabyte at the most, since everybody who clones gets them."""
    assert (FOLDER / name).stat().st_size < 500_000
