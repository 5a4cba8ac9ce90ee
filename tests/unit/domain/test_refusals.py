"""Each refusal tells its reader what happened and what to do, and has a code of its own."""

import inspect
import re

import pytest

from keys.directory import ROLES
from keys.errors import Refused, RelayError
from relay.domain import events, in_force, refusals, register
from relay.domain.states import Custodian, Kind, Role

ERRORS: set[type[RelayError]] = {
    error
    for module in (refusals, events, in_force, register)
    for _, error in inspect.getmembers(module, inspect.isclass)
    if issubclass(error, RelayError) and error.__module__ == module.__name__
}


def test_the_refusals_are_found():
    """All of the module were collected, and every one of it is a refusal."""
    assert len(ERRORS) > 20
    assert all(issubclass(error, Refused) for error in ERRORS if error.__module__ == refusals.__name__)


@pytest.mark.parametrize("error", sorted(ERRORS, key=str), ids=lambda error: error.code)
def test_each_error_can_be_acted_on(error):
    """A code in lower snake case, a sentence that says what happened, and one or two that say what to do."""
    assert re.fullmatch("[a-z]+(_[a-z]+)*", error.code)
    assert str(error()).endswith(".")
    assert error.cure.endswith(".")


def test_no_two_errors_have_the_same_code():
    """Clients tell them apart by it."""
    assert len({error.code for error in ERRORS}) == len(ERRORS)


def test_roles_are_those_of_the_directory():
    """The two closed lists are one."""
    assert set(Role) == ROLES


def test_custodians_and_kinds_are_the_designs():
    """Six classes and three kinds; no desk is among them."""
    assert set(Custodian) == {"family", "relay", "mediator", "facility", "bureau", "detainee"}
    assert set(Kind) == {"letter", "reply", "parcel"}
