"""
What the relay says about itself: one JSON object a line, on stderr, without anything about anybody.

These lines help an operator to keep the relay running. They are no evidence; the custody log is. So a line that cannot
be written is lost, and whoever wanted to say it goes on: a relay must not stand still because nobody listens to it.
"""

import atexit
import contextlib
import io
import json
import logging
import os
import sys
import traceback
from datetime import UTC, datetime
from pathlib import PurePath
from time import time as now
from types import TracebackType
from typing import Final, TextIO

import structlog
from aiohttp.abc import AbstractAccessLogger
from aiohttp.web import BaseRequest, Request, StreamResponse
from structlog.contextvars import merge_contextvars
from structlog.typing import EventDict, WrappedLogger

from config.redaction import redact

_LEVELS: Final = {"debug": 10, "info": 20, "warning": 30, "error": 40}
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def configure_logging(level: str, stream: TextIO | None) -> None:
    """
    Send every log line of this process, ours and the libraries', to one stream as redacted JSON.

    May be called again: the last call holds, also for loggers that exist already.

    Args:
        level: ``debug``, ``info``, ``warning`` or ``error``, as the settings have it; lesser lines are dropped.
        stream: Where to write, usually ``sys.stderr``, which is None in a process that was started without one.
    """
    structlog.configure(
        processors=[
            merge_contextvars,
            structlog.processors.add_log_level,
            structlog.stdlib.add_logger_name,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            tell_exception_without_its_words,
            redact,
            structlog.processors.JSONRenderer(_to_json),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_LEVELS[level]),
        logger_factory=_LineFactory(stream),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [_FromLibraries()]
    root.setLevel(_LEVELS[level])
    atexit.unregister(_lose_the_rest)
    if stream is not None:
        atexit.register(_lose_the_rest, stream)


def _lose_the_rest(stream: TextIO) -> None:
    """
    Let go of lines that still cannot be written when the process ends.

    Python writes out what its buffers hold as the last thing it does, and ends with status 120 if that fails: whoever
    supervises the relay would take an orderly end for a fault. So the file behind the stream becomes one that takes
    everything.
    """
    try:
        stream.flush()
    except (OSError, ValueError):
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())


def tell_exception_without_its_words(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """
    Replace an exception by its class and the places it came through.

    Its message stays out: a parser's message may quote what it could not parse.
    """
    info = event.pop("exc_info", None)
    error = sys.exc_info()[1] if info is True else info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event["exception"] = type(error).__qualname__
        event["frames"] = _frames(error.__traceback__)
    return event


class AccessLog(AbstractAccessLogger):
    """
    One line for each request: which route answered what, and how long it took.

    Never the path or query, which hold ids, nor the address or the browser, which point at a person. Each value is of
    a closed set or of our own making, so the line goes past the processors, which would cost a busy relay a fifth of
    the time that it has for a letter.
    """

    __slots__ = ("_log",)

    def __init__(self, logger: logging.Logger, log_format: str) -> None:
        """Take what aiohttp gives to each access logger; its format is for another kind of log."""
        super().__init__(logger, log_format)
        self._log = structlog.get_logger("relay.access")

    def log(self, request: BaseRequest, response: StreamResponse, time: float) -> None:
        """
        Write the line of one request.

        Args:
            request: The request that was answered.
            response: Its answer, whose ``X-Request-Id`` ties the line to others.
            time: How long the answer took, in seconds.
        """
        writer = structlog.get_config()["logger_factory"]("relay.access")
        writer.info(
            _encode(
                {
                    "event": "request",
                    "method": request.method if request.method in _METHODS else "other",
                    "route": _route_template(request),
                    "status": response.status,
                    "duration_ms": round(time * 1000, 1),
                    "request_id": response.headers.get("X-Request-Id"),
                    "level": "info",
                    "logger": "relay.access",
                    "at": datetime.fromtimestamp(now(), UTC).isoformat().replace("+00:00", "Z"),
                }
            )
        )

    @property
    def enabled(self) -> bool:
        """Say whether lines of level ``info`` are written at all, so that a quiet relay does not make them."""
        return bool(self._log.is_enabled_for(logging.INFO))


class _Lines(structlog.WriteLogger):
    """
    Writes finished lines, and knows the name under which it was asked for.

    It never raises. The reader of a pipe goes, a disk is full, a stream is closed: whoever logs is the door in the
    middle of a batch, or a thread of the database's driver, and its callers would wait for ever.
    """

    def __init__(self, stream: TextIO, name: str) -> None:
        super().__init__(stream)
        self.name = name

    def msg(self, message: str) -> None:
        """Write a line, or lose it: OSError is of the system, ValueError of a stream that was closed."""
        with contextlib.suppress(OSError, ValueError):
            super().msg(message)

    log = debug = info = warn = warning = msg
    fatal = failure = err = error = critical = exception = msg


class _Nowhere(io.TextIOBase, TextIO):
    """Takes lines and keeps none."""

    def write(self, text: str) -> int:
        """Say that it was written."""
        return len(text)


class _LineFactory:
    """Makes the writer behind each ``structlog.get_logger("relay.http")``."""

    def __init__(self, stream: TextIO | None) -> None:
        # Without a stream, structlog would take standard output, where programs read facts.
        self._stream = _Nowhere() if stream is None else stream

    def __call__(self, *names: str) -> _Lines:
        return _Lines(self._stream, names[0] if names else "relay")


class _FromLibraries(logging.Handler):
    """
    Passes on what libraries say through ``logging``, with only the fixed part of their sentence.

    What they fill in is dropped: asyncio quotes exceptions with their messages, aiohttp the address of the peer.
    """

    def emit(self, record: logging.LogRecord) -> None:
        sentence = (str(record.msg).splitlines() or [""])[0]
        log = structlog.get_logger(record.name)
        log.log(_known_level(record.levelno), sentence, exc_info=record.exc_info)


def _known_level(level: int) -> int:
    """Round down to one of the five levels that structlog knows; a library may make up its own."""
    return min(max(level // 10 * 10, logging.DEBUG), logging.CRITICAL)


#: One encoder for all lines: making one costs more than using it.
_encode: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def _to_json(event: EventDict, **_options: object) -> str:
    return _encode(event)


def _frames(trace: TracebackType | None) -> list[str]:
    """Name the last places, the innermost last, as ``door.py:120 commit``; the source line itself may hold secrets."""
    frames = traceback.extract_tb(trace, limit=-12)
    return [f"{PurePath(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]


def _route_template(request: BaseRequest) -> str:
    """Return ``/items/{item}`` for ``/items/5f0c…``, and one word for whatever fits no route."""
    resource = request.match_info.route.resource if isinstance(request, Request) else None
    return resource.canonical if resource is not None else "unmatched"
