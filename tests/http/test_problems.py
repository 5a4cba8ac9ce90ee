"""
Every error that can reach somebody over HTTP, as docs/spec/problems.md has it.

``python -m tests.http.test_problems`` writes the tables of that page anew.
"""

import importlib
import pkgutil
from pathlib import Path
from types import ModuleType

import pytest

import config
import keys
import relay
from keys.errors import RelayError
from relay.http.endpoints import MethodNotAllowed, NotFound, WrongExpectation, title_of
from relay.http.faults import NotNow
from relay.http.openapi import problems_table
from relay.http.problem_tables import SECTIONS, problem_sections
from tests.http.relay_world import the_table
from tests.http.toy import Stale

PAGE = Path(__file__).parents[2] / "docs" / "spec" / "problems.md"
_TABLES = f"## {next(iter(SECTIONS))}\n"
#: What is answered where there is no endpoint, or before one is reached; and the branch of what passes.
_UNROUTED = frozenset({NotFound, MethodNotAllowed, WrongExpectation, NotNow})


def reachable() -> set[type[RelayError]]:
    """List every class that an endpoint documents, and those that stand before all endpoints."""
    return {kind for endpoint in the_table() for kind in endpoint.problems} | _UNROUTED


def _all_errors() -> set[type[RelayError]]:
    """Import the whole project and list every class of error in it."""
    for package in (keys, relay, config):
        _import_all(package)
    return {kind for kind in _below(RelayError) if kind.__module__.partition(".")[0] in {"keys", "relay", "config"}}


def _import_all(package: ModuleType) -> None:
    for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if ".migrations." not in module.name:  # Alembic's scripts run when they are imported
            importlib.import_module(module.name)


def _below(kind: type[RelayError]) -> set[type[RelayError]]:
    return {each for child in kind.__subclasses__() for each in (child, *_below(child))}


def test_the_page_has_every_problem_and_no_other():
    """What the code says, in the same words; the tables are made, the sentences above them are not."""
    _, heading, tables = PAGE.read_text(encoding="utf-8").partition(_TABLES)

    assert len(reachable()) > 90
    assert heading + tables == problem_sections(reachable())


def test_each_problem_is_named_once():
    """Under one heading, so that a code leads to one row."""
    rows = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| 4") or "| 5" in line]
    codes = [row.split("`")[1] for row in rows]

    assert sorted(codes) == sorted(kind.code for kind in reachable())


def test_a_problem_of_nowhere_has_no_section():
    """A new module is put under a heading by somebody who thought about it."""
    with pytest.raises(LookupError, match="Stale"):
        problem_sections([Stale])


def test_no_two_errors_share_a_code():
    """Clients decide by the code, so one code means one thing in the whole project."""
    by_code: dict[str, set[str]] = {}
    for kind in _all_errors():
        by_code.setdefault(kind.code, set()).add(f"{kind.__module__}.{kind.__qualname__}")

    assert len(by_code) > 150
    assert {code: kinds for code, kinds in by_code.items() if len(kinds) > 1} == {}


def test_every_error_says_what_happened_and_what_to_do():
    """A sentence each, and a code of its own."""
    for kind in _all_errors():
        assert "code" in kind.__dict__, kind
        assert title_of(kind).endswith("."), kind
        assert kind.cure.endswith((".", ")")), kind
        assert "|" not in title_of(kind) + kind.cure, kind


def test_the_table_is_in_order():
    """By status, then by code."""
    rows = problems_table(reachable()).splitlines()[2:]

    assert rows == sorted(rows)


if __name__ == "__main__":
    above, _, _ = PAGE.read_text(encoding="utf-8").partition(_TABLES)
    PAGE.write_text(above + problem_sections(reachable()), encoding="utf-8")
