"""Errors: each has its own code, says what happened, and what to do next."""

import importlib
import pkgutil
import re

import keys
from keys.errors import EvidenceBroken, Fatal, Malformed, Refused, RelayError

BRANCHES: set[type[RelayError]] = {RelayError, Refused, Malformed, EvidenceBroken, Fatal}


def _all_errors() -> list[type[RelayError]]:
    for module in pkgutil.iter_modules(keys.__path__, "keys."):
        importlib.import_module(module.name)
    found: set[type[RelayError]] = set(BRANCHES)
    left = list(BRANCHES)
    while left:
        below = {error for error in left.pop().__subclasses__() if error.__module__.startswith("keys.")}
        left.extend(below - found)
        found |= below
    return sorted(found, key=lambda error: error.__qualname__)


def test_every_error_has_a_code_of_its_own() -> None:
    """Clients and docs rely on it."""
    errors = _all_errors()
    assert len(errors) > 25
    codes = [error.code for error in errors]
    assert sorted(codes) == sorted(set(codes))
    assert all("code" in vars(error) for error in errors)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", code) for code in codes)


def test_every_error_says_what_happened_and_what_to_do() -> None:
    """In sentences that start with a capital and end with a stop."""
    for error in _all_errors():
        said = (error.__doc__ or "").strip().splitlines()[0]
        assert said, error
        assert said.endswith("."), error
        assert error.cure, error
        assert error.cure[0].isupper(), error
        assert error.cure.endswith("."), error


def test_the_docstring_is_the_message_unless_there_is_a_more_precise_one() -> None:
    """So that nobody writes one message twice."""
    assert str(Refused()) == "The request is well formed but not allowed; the caller can mend it."
    assert str(Refused("not today")) == "not today"


def test_broken_evidence_names_its_step_and_item() -> None:
    """An auditor looks both up."""
    broken = EvidenceBroken("7.3", "the tag differs", item="ab" * 16)
    assert str(broken) == f"step 7.3: the tag differs (item {'ab' * 16})"
    assert (broken.step, broken.item) == ("7.3", "ab" * 16)
    assert str(EvidenceBroken("1", "no trust")) == "step 1: no trust"
