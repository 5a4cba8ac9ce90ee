"""The relay's diagnostics: JSON lines that hold nothing about anybody."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any
from unittest.mock import Mock

import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import make_mocked_request
from structlog.contextvars import bound_contextvars

from config.diagnostics import AccessLog, configure_logging

CANARY = "Марта-canary-7d1f"


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Give each test its own log, and put the process's logging back afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    text = io.StringIO()
    configure_logging("info", text)
    yield text
    structlog.reset_defaults()
    root.handlers = handlers
    root.setLevel(level)


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    """Read the log back."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


async def answer(_request: web.Request) -> web.Response:
    """Stand in for a route."""
    return web.Response()


async def asked(app: web.Application, method: str, path: str) -> web.Request:
    """Make a request as a browser would, found by the app's own routing."""
    request = make_mocked_request(method, path, headers={"User-Agent": CANARY})
    request._match_info = await app.router.resolve(request)
    return request


def access_log() -> AccessLog:
    """Make an access logger as aiohttp does."""
    return AccessLog(logging.getLogger("aiohttp.access"), "%a %t")


def test_a_line_is_one_json_object_with_level_logger_and_time(stream: io.StringIO):
    """What was bound to the request stands in the line, and Cyrillic stays readable."""
    with bound_contextvars(request_id="r1"):
        structlog.get_logger("relay.http").info("лист прийнято", item="5f0c")

    (line,) = lines(stream)
    assert line.pop("at").endswith("Z")
    assert line == {
        "event": "лист прийнято",
        "item": "5f0c",
        "request_id": "r1",
        "level": "info",
        "logger": "relay.http",
    }
    assert "лист" in stream.getvalue()


def test_lesser_lines_are_dropped(stream: io.StringIO):
    """At level warning, neither our own nor the libraries' chatter is written."""
    configure_logging("warning", stream)
    structlog.get_logger().info("quiet")
    logging.getLogger("library").info("quiet")
    structlog.get_logger().warning("loud")
    logging.getLogger("library").warning("loud")

    assert [(line["event"], line["logger"]) for line in lines(stream)] == [("loud", "relay"), ("loud", "library")]


def test_the_last_configuration_holds_for_loggers_that_exist(stream: io.StringIO):
    """A module's logger is made before the settings are read."""
    logger = structlog.get_logger("early")
    logger.info("first")
    later = io.StringIO()
    configure_logging("info", later)
    logger.info("second")

    assert [line["event"] for line in lines(stream)] == ["first"]
    assert [line["event"] for line in lines(later)] == ["second"]


def test_an_exception_is_told_without_its_words(stream: io.StringIO):
    """Class and places show; the message, which may quote a letter, does not."""
    try:
        raise ValueError(CANARY)
    except ValueError as error:
        structlog.get_logger().exception("failed")
        structlog.get_logger().error("failed", exc_info=error)
        logging.getLogger("library").exception("failed")

    for line in lines(stream):
        assert line["exception"] == "ValueError"
        assert line["frames"][-1].endswith("test_an_exception_is_told_without_its_words")
    assert len(lines(stream)) == 3
    assert CANARY not in stream.getvalue()


def test_an_absent_exception_leaves_no_trace(stream: io.StringIO):
    """Asking for the exception where there is none is no fault."""
    structlog.get_logger().info("fine", exc_info=True)
    structlog.get_logger().info("fine", exc_info=(None, None, None))

    assert all("exception" not in line and "exc_info" not in line for line in lines(stream))


def test_of_a_librarys_sentence_only_the_fixed_part_is_told(stream: io.StringIO):
    """Libraries fill in addresses and quote exceptions on the lines below."""
    logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: " + CANARY)  # noqa: G003  # as it does
    logging.getLogger("aiohttp.server").error("Error handling request from %s", CANARY)
    logging.getLogger("empty").log(25, "")

    assert [(line["event"], line["level"]) for line in lines(stream)] == [
        ("Task exception was never retrieved", "error"),
        ("Error handling request from %s", "error"),
        ("", "info"),
    ]
    assert CANARY not in stream.getvalue()


class GoneStream(io.StringIO):
    """A pipe whose reader has gone, or a disk that is full."""

    def write(self, _text: str) -> int:
        """Fail as the system does."""
        raise BrokenPipeError


@pytest.mark.parametrize("kind", ["closed", "gone", "none"])
async def test_a_line_that_cannot_be_written_is_lost_and_nobody_is_stopped(
    stream: io.StringIO, capsys: pytest.CaptureFixture[str], kind: str
):
    """Neither our own loggers nor a library's nor the access log raise, and standard output stays for facts."""
    taken: dict[str, io.StringIO | None] = {"closed": io.StringIO(), "gone": GoneStream(), "none": None}
    configure_logging("debug", taken[kind])
    if (closed := taken["closed"]) is not None:
        closed.close()

    structlog.get_logger().warning("lost")
    logging.getLogger("aiosqlite").debug("lost")
    access_log().log(await asked(web.Application(), "GET", "/"), web.Response(), 0.0)

    assert capsys.readouterr() == ("", "")
    assert stream.getvalue() == ""


async def test_the_access_log_tells_the_route_and_never_the_request(stream: io.StringIO):
    """A canary in path, query and browser appears nowhere."""
    app = web.Application()
    app.router.add_get("/items/{item}", answer)
    request = await asked(app, "GET", f"/items/{CANARY}?q={CANARY}")
    access_log().log(request, web.Response(status=204, headers={"X-Request-Id": "r1"}), 0.01234)

    (line,) = lines(stream)
    del line["at"]
    assert line == {
        "event": "request",
        "method": "GET",
        "route": "/items/{item}",
        "status": 204,
        "duration_ms": 12.3,
        "request_id": "r1",
        "level": "info",
        "logger": "relay.access",
    }
    assert CANARY not in stream.getvalue()


async def test_a_request_that_fits_no_route_shows_nothing_of_itself(stream: io.StringIO):
    """Scanners put anything into paths and methods, or send no HTTP at all; none of it reaches the log."""
    access_log().log(await asked(web.Application(), "CANARY", f"/{CANARY}"), web.Response(status=404), 0.0)
    access_log().log(Mock(spec=web.BaseRequest, method="CANARY"), web.Response(status=400), 0.0)

    assert [(line["method"], line["route"], line["status"]) for line in lines(stream)] == [
        ("other", "unmatched", 404),
        ("other", "unmatched", 400),
    ]
    assert "canary" not in stream.getvalue().lower()


def test_a_quiet_relay_makes_no_access_lines(stream: io.StringIO):
    """At level warning aiohttp is told not to ask."""
    assert access_log().enabled
    configure_logging("warning", stream)
    assert not access_log().enabled
