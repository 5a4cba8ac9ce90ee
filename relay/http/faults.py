"""What goes wrong below HTTP, told so that a caller can act on it: a full disk, a locked database, a bug."""

import errno
import sqlite3
from collections.abc import Iterator
from typing import ClassVar

import structlog

from keys.errors import RelayError

_LOG = structlog.get_logger("relay.http")

_FULL_ERRNO = frozenset({errno.ENOSPC, errno.EDQUOT})
_SQLITE_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
#: PostgreSQL, appendix A: disk full and out of memory; then what passes if one waits.
_PG_FULL = frozenset({"53100", "53200"})
_PG_BUSY = frozenset({"40001", "40P01", "53300", "55P03", "57014", "57P01", "57P02", "57P03"})


class NotNow(RelayError):
    """The relay cannot answer this just now; nothing was changed."""

    code = "not_now"
    cure = "Wait for the seconds that Retry-After names, then send the same request again: it is safe to repeat."
    retry_after_seconds: ClassVar[int] = 5


class DatabaseBusy(NotNow):
    """The database is locked or out of reach; nothing that was acknowledged is lost."""

    code = "database_busy"
    retry_after_seconds = 2


class DiskFull(NotNow):
    """The relay has no room left to write; nothing that was acknowledged is lost."""

    code = "disk_full"
    cure = "Send the same request again later; the operator must make room on the relay's disk first."
    retry_after_seconds = 60


class Internal(RelayError):
    """Something went wrong inside the relay; what it was is in its log, under the id of this request."""

    code = "internal"
    cure = "Try again once; if it happens twice, tell the operator the X-Request-Id of the answer."


def explain(fault: BaseException) -> RelayError:
    """
    Say what a caller may know of any exception.

    Storage has its own refusals; this catches the driver's errors that nobody turned into one, because "try again
    later" is the truth about a full disk wherever it was met.

    Returns:
        The fault itself if it is a RelayError, otherwise `DiskFull`, `DatabaseBusy` or `Internal`.
    """
    if isinstance(fault, RelayError):
        return fault
    for cause in _causes(fault):
        if _says_full(cause):
            return DiskFull()
        if _says_busy(cause):
            return DatabaseBusy()
    return Internal()


def log_fault(fault: BaseException, code: str, endpoint: str) -> None:
    """
    Write down that something unforeseen happened: its class and its place in the code, never its message.

    A message may quote what it choked on (a row, a header, a name), and locals certainly do; a class and a line number
    are enough to find the bug.
    """
    _LOG.error("fault", code=code, endpoint=endpoint, error=type(fault).__qualname__, place=_place(fault))


def _causes(fault: BaseException) -> Iterator[BaseException]:
    """Follow an exception to what it was made from, including SQLAlchemy's `orig`; at most eight steps."""
    current: BaseException | None = fault
    for _ in range(8):
        if current is None:
            return
        yield current
        current = getattr(current, "orig", None) or current.__cause__ or current.__context__


def _says_full(cause: BaseException) -> bool:
    if isinstance(cause, OSError) and cause.errno in _FULL_ERRNO:
        return True
    if isinstance(cause, sqlite3.Error):
        return _sqlite_code(cause) == sqlite3.SQLITE_FULL
    return getattr(cause, "sqlstate", None) in _PG_FULL


def _says_busy(cause: BaseException) -> bool:
    if isinstance(cause, sqlite3.Error):
        return _sqlite_code(cause) in _SQLITE_BUSY
    sqlstate = getattr(cause, "sqlstate", None)
    return isinstance(sqlstate, str) and (sqlstate in _PG_BUSY or sqlstate.startswith("08"))


def _sqlite_code(cause: sqlite3.Error) -> int:
    """Give the primary result code; the upper bytes only refine it (sqlite.org/rescode.html)."""
    return getattr(cause, "sqlite_errorcode", 0) & 0xFF


def _place(fault: BaseException) -> str:
    """Name the innermost line of the traceback as ``module:line``."""
    trace = fault.__traceback__
    if trace is None:
        return "unknown"
    while trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_globals.get('__name__', 'unknown')}:{trace.tb_lineno}"
