"""What may be known of an exception that nobody foresaw."""

import errno
import sqlite3

import pytest
from structlog.testing import capture_logs

from keys.errors import RelayError
from relay.http.faults import DatabaseBusy, DiskFull, Internal, explain, log_fault
from tests.http.toy import Stale


class FromPostgres(Exception):
    """Looks like asyncpg's errors, which carry a SQLSTATE."""

    def __init__(self, sqlstate: str) -> None:
        self.sqlstate = sqlstate


def _sqlite(code: int) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("canary")
    error.sqlite_errorcode = code
    return error


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (OSError(errno.ENOSPC, "canary"), DiskFull),
        (OSError(errno.EDQUOT, "canary"), DiskFull),
        (OSError(errno.ENOENT, "canary"), Internal),
        (_sqlite(sqlite3.SQLITE_FULL), DiskFull),
        (_sqlite(sqlite3.SQLITE_BUSY), DatabaseBusy),
        (_sqlite(sqlite3.SQLITE_BUSY_SNAPSHOT), DatabaseBusy),
        (_sqlite(sqlite3.SQLITE_LOCKED), DatabaseBusy),
        (_sqlite(sqlite3.SQLITE_CONSTRAINT), Internal),
        (sqlite3.OperationalError("canary"), Internal),
        (FromPostgres("53100"), DiskFull),
        (FromPostgres("08006"), DatabaseBusy),
        (FromPostgres("57P03"), DatabaseBusy),
        (FromPostgres("40001"), DatabaseBusy),
        (FromPostgres("23505"), Internal),
        (KeyError("canary"), Internal),
        (Stale(), Stale),
    ],
    ids=repr,
)
def test_a_fault_is_told_by_what_can_be_done_about_it(fault: Exception, kind: type[RelayError]):
    """Wait for room, wait for the database, or tell the operator; never the message."""
    told = explain(fault)

    assert type(told) is kind
    assert "canary" not in str(told)


def test_the_cause_is_found_below_what_wraps_it():
    """SQLAlchemy and our own code raise from the driver's error."""
    wrapper = KeyError("canary")
    wrapper.__cause__ = _sqlite(sqlite3.SQLITE_FULL)

    assert isinstance(explain(wrapper), DiskFull)


def test_a_circle_of_causes_ends():
    """Exceptions can name one another as their context; looking must end."""
    one, other = KeyError(), ValueError()
    one.__context__, other.__context__ = other, one

    assert isinstance(explain(one), Internal)


def test_a_fault_that_was_never_raised_has_no_place():
    """Logging must not fail on an odd exception."""
    with capture_logs() as logs:
        log_fault(KeyError("canary"), "internal", "toy")

    assert (logs[0]["place"], logs[0]["error"]) == ("unknown", "KeyError")
    assert "canary" not in repr(logs)
