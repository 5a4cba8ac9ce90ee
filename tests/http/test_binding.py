"""A request from the outside: every check, in order, and every fault as a problem."""

import asyncio
import json
from typing import Any
from unittest import mock

import pytest
import structlog
from aiohttp import ClientPayloadError, StreamReader, web
from aiohttp.http_exceptions import TransferEncodingError
from aiohttp.test_utils import make_mocked_request
from structlog.testing import capture_logs

from keys.errors import RelayError
from relay.domain.in_force import NotOpen
from relay.domain.refusals import WrongDesk, WrongRole
from relay.http import binding, reading
from relay.http.binding import Frame, bind
from relay.http.calls import NotSignedIn
from relay.http.endpoints import (
    BadJson,
    BodyTooLarge,
    BodyTooSlow,
    BodyUnexpected,
    BodyUnreadable,
    InvalidRequest,
    MethodNotAllowed,
    NotFound,
    Raw,
    WrongExpectation,
    WrongMediaType,
)
from relay.http.faults import DatabaseBusy, DiskFull, Internal
from relay.http.limits import Rate, Throttle, TooManyRequests
from relay.http.sessions import ChallengeSpent
from tests.http.conftest import Serve, ToyClient
from tests.http.problem_shape import assert_problem
from tests.http.toy import BROKEN, LOCATOR, MACHINE, OFFICER, REVIEWER, TOY, Stale, ToyAuthenticator

ITEM = "ab" * 16
SEALED = "application/vnd.letter-relay.sealed"
FAMILY = {"Authorization": f"Bearer {LOCATOR}", "Content-Type": SEALED}
STAFF = {"Authorization": f"Bearer {REVIEWER}"}
CLAIM: dict[str, Any] = {"desk": "mediator", "subjects": [{"item": ITEM, "seq": 3}]}


async def test_a_family_writes_and_gets_its_bytes_back(client: ToyClient):
    """The bytes arrive as they were sent, and the answer carries every header of the house."""
    body = bytes(range(256)) * 24

    response = await client.put(f"/items/{ITEM}", headers=FAMILY, data=body)

    assert response.status == 201
    assert await response.read() == body
    assert response.headers["Content-Type"] == SEALED
    assert response.headers["Server"] == "letter-relay"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "Strict-Transport-Security" not in response.headers


async def test_over_tls_every_answer_says_so(serve: Serve):
    """Where families come over TLS, a browser is told never to come without it."""
    client = await serve(tls=True)

    for path in ("/items", "/nothing"):
        assert (await client.get(path)).headers["Strict-Transport-Security"] == "max-age=31536000"


async def test_each_request_has_an_id_of_its_own(client: ToyClient):
    """Two requests cannot be taken for one another in the log."""
    first, second = await client.get("/items"), await client.get("/items")

    assert first.headers["X-Request-Id"] != second.headers["X-Request-Id"]


# ---------------------------------------------------------------- who is calling


@pytest.mark.parametrize("path", ["/export", "/claims", f"/items/{ITEM}"])
@pytest.mark.parametrize(
    "authorization",
    [None, "Bearer", "Bearer ", "Basic YTpi", "Bearer zz", f"Bearer {LOCATOR.upper()}", f"Bearer {'zz' * 16}", LOCATOR],
)
async def test_whoever_is_not_known_is_refused(client: ToyClient, path: str, authorization: str | None):
    """Every audience but the public one needs a bearer, whole and canonical."""
    method = {"/export": "GET", "/claims": "POST"}.get(path, "PUT")
    headers = {} if authorization is None else {"Authorization": authorization}

    await assert_problem(await client.request(method, path, headers=headers), NotSignedIn)


MATRIX = {
    ("PUT", f"/items/{ITEM}"): {LOCATOR},
    ("DELETE", f"/items/{ITEM}"): {REVIEWER},
    ("POST", "/claims"): {REVIEWER},
    ("GET", "/export"): {MACHINE},
    ("GET", "/items"): {LOCATOR, REVIEWER, OFFICER, MACHINE},
}


@pytest.mark.parametrize("bearer", [LOCATOR, REVIEWER, OFFICER, MACHINE])
@pytest.mark.parametrize("route", MATRIX, ids=str)
async def test_each_address_is_for_its_audience_alone(client: ToyClient, route: tuple[str, str], bearer: str):
    """A token of another audience or role opens nothing."""
    method, path = route
    headers = {"Authorization": f"Bearer {bearer}"}
    body = {"data": b"x", "headers": headers | {"Content-Type": SEALED}} if method == "PUT" else {"headers": headers}
    if path == "/claims":
        body = {"json": CLAIM, "headers": headers}

    response = await client.request(method, path, **body)

    if bearer in MATRIX[route]:
        assert response.status < 300
    else:
        is_officer = bearer == OFFICER and method in {"DELETE", "POST"}
        await assert_problem(response, WrongRole if is_officer else NotSignedIn)


async def test_a_reviewer_claims_for_her_own_desk_only(client: ToyClient):
    """The handler asks the caller, and the caller refuses."""
    ours = await client.post("/claims", headers=STAFF, json=CLAIM)
    theirs = await client.post("/claims", headers=STAFF, json=CLAIM | {"desk": "camp"})

    assert await ours.json() == {"by": "s1", "desk": "mediator", "items": [ITEM]}
    await assert_problem(theirs, WrongDesk)


async def test_before_opening_only_what_must_answer_answers(serve: Serve):
    """Without trust and directory no letter can be sealed, so none is taken; the log can be read."""
    client = await serve(is_open=lambda: False)

    problem = await assert_problem(await client.put(f"/items/{ITEM}", headers=FAMILY, data=b"x"), NotOpen)
    assert problem["status"] == 503
    assert (await client.get("/log/1/tile/x001/067")).status == 200


async def test_who_asks_too_fast_is_told_how_long_to_wait(serve: Serve):
    """The rate is checked before anything else is worked out."""
    client = await serve(throttle=Throttle({"write": Rate(2, 60)}, trusted_proxies=(), clock=lambda: 1_000.0))

    answers = [await client.put(f"/items/{ITEM}", headers=FAMILY, data=b"x") for _ in range(3)]

    assert [answer.status for answer in answers] == [201, 201, 429]
    await assert_problem(answers[2], TooManyRequests)
    assert answers[2].headers["Retry-After"] == "30"


# ---------------------------------------------------------------- path, query, headers


@pytest.mark.parametrize(
    ("query", "where", "rule"),
    [
        ("start=+3", "query.start", "not_canonical"),
        ("start=%2B3", "query.start", "not_canonical"),
        ("start=03", "query.start", "not_canonical"),
        ("start=3.0", "query.start", "not_canonical"),
        ("start=x", "query.start", "int_parsing"),
        ("start=-1", "query.start", "greater_than_equal"),
        ("limit=101", "query.limit", "less_than_equal"),
        ("newest_first=1", "query.newest_first", "not_canonical"),
        ("start=1&start=1", "query", "repeated_key"),
        ("canary=1", "query.*", "extra_forbidden"),
    ],
)
async def test_a_query_is_written_in_one_way_only(client: ToyClient, query: str, where: str, rule: str):
    """What could be read in two ways is refused, and the place named without the content."""
    problem = await assert_problem(await client.get(f"/items?{query}"), InvalidRequest)

    assert problem["faults"] == [{"where": where, "rule": rule}]


async def test_a_query_in_order_reaches_the_handler(client: ToyClient):
    """Numbers and booleans arrive as such; what is absent has its default."""
    response = await client.get("/items?start=9007199254740992&newest_first=true")

    assert await response.json() == {"start": 9_007_199_254_740_992, "limit": 20, "newest_first": True}


async def test_an_address_without_a_query_takes_none(client: ToyClient):
    """A parameter that nobody reads may be one that somebody relies on."""
    problem = await assert_problem(await client.get("/log/1/tile/x?y=1"), InvalidRequest)

    assert problem["faults"] == [{"where": "query", "rule": "extra_forbidden"}]


async def test_a_page_opens_whatever_a_messenger_adds_to_its_link(client: ToyClient):
    """Only pages ignore a query."""
    assert (await client.get("/page?fbclid=1&fbclid=2")).status == 200


async def test_a_path_that_names_nothing_says_where(client: ToyClient):
    """An item's id is 32 hex digits."""
    problem = await assert_problem(await client.put("/items/ABC", headers=FAMILY, data=b"x"), InvalidRequest)

    assert problem["faults"] == [{"where": "path.item", "rule": "string_pattern_mismatch"}]


async def test_a_named_header_is_checked_and_may_stand_once(client: ToyClient):
    """Of two idempotency keys, which would count?"""
    path, key = f"/items/{ITEM}", "Idempotency-Key"

    good = await client.put(path, headers=FAMILY | {key: ITEM}, data=b"x")
    bad = await client.put(path, headers=FAMILY | {key: "canary"}, data=b"x")
    twice = await client.put(path, headers=[*FAMILY.items(), (key, ITEM), (key, ITEM)], data=b"x")

    assert good.status == 201
    assert (await assert_problem(bad, InvalidRequest))["faults"][0]["where"] == "header.Idempotency-Key"
    assert (await assert_problem(twice, InvalidRequest))["faults"][0]["rule"] == "repeated_key"


# ---------------------------------------------------------------- bodies


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({"Content-Type": "text/plain"}, WrongMediaType),
        ({"Content-Type": f"{SEALED}; charset=latin-1"}, WrongMediaType),
        ({"Content-Encoding": "gzip"}, WrongMediaType),
    ],
)
async def test_a_body_of_another_kind_is_refused(client: ToyClient, headers: dict[str, str], kind: type[RelayError]):
    """Another media type, another charset, or compressed."""
    response = await client.put(f"/items/{ITEM}", headers=FAMILY | headers, data=b"x", skip_auto_headers=())

    await assert_problem(response, kind)


async def test_a_charset_of_utf_8_may_be_said(client: ToyClient):
    """It changes nothing, and many clients add it."""
    headers = FAMILY | {"Content-Type": f'{SEALED.upper()}; charset="UTF-8"'}

    assert (await client.put(f"/items/{ITEM}", headers=headers, data=b"x")).status == 201


async def test_a_body_is_never_larger_than_its_limit(client: ToyClient):
    """To the byte, whether its length is announced or not."""

    async def chunks(size: int):
        for start in range(0, size, 1_000):
            yield b"x" * min(1_000, size - start)

    path = f"/items/{ITEM}"
    assert (await client.put(path, headers=FAMILY, data=b"x" * 8_192)).status == 201
    assert (await client.put(path, headers=FAMILY, data=chunks(8_192))).status == 201
    await assert_problem(await client.put(path, headers=FAMILY, data=b"x" * 8_193), BodyTooLarge)
    await assert_problem(await client.put(path, headers=FAMILY, data=chunks(8_193)), BodyTooLarge)


async def test_a_body_where_none_is_taken_is_refused(client: ToyClient):
    """Nobody would read it."""
    await assert_problem(await client.request("DELETE", f"/items/{ITEM}", headers=STAFF, data=b"x"), BodyUnexpected)


async def test_an_answer_may_have_no_content(client: ToyClient):
    """204, and a refusal of the handler's own as a problem."""
    gone = await client.delete(f"/items/{ITEM}", headers=STAFF)

    assert (gone.status, await gone.read()) == (204, b"")
    assert "Content-Type" not in gone.headers
    await assert_problem(await client.delete(f"/items/{'0' * 32}", headers=STAFF), NotFound)


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"\xef\xbb\xbf{}", b'{"desk": NaN', b"[" * 5_00])
async def test_what_is_not_json_is_told_apart_from_what_has_another_shape(client: ToyClient, body: bytes):
    """400 for what cannot be parsed at all."""
    response = await client.post("/claims", headers=STAFF | {"Content-Type": "application/json"}, data=body)

    await assert_problem(response, BadJson)


@pytest.mark.parametrize(
    ("change", "where", "rule"),
    [
        ({"desk": 5}, "body.desk", "string_type"),
        ({"subjects": []}, "body.subjects", "too_short"),
        ({"subjects": [{"item": ITEM, "seq": "3"}]}, "body.subjects.0.seq", "int_type"),
        ({"subjects": [{"item": ITEM, "seq": 3.0}]}, "body.subjects.0.seq", "int_type"),
        ({"subjects": [{"item": ITEM, "seq": True}]}, "body.subjects.0.seq", "int_type"),
        ({"subjects": [{"item": "canary", "seq": 3}]}, "body.subjects.0.item", "string_pattern_mismatch"),
        ({"hint": "canary"}, "body.hint", "literal_error"),
        ({"canary": 1}, "body.*", "extra_forbidden"),
        ({"subjects": [{"item": ITEM, "seq": 3, "canary": 1}]}, "body.subjects.0.*", "extra_forbidden"),
    ],
)
async def test_a_body_of_another_shape_says_where_and_never_what(
    client: ToyClient, change: dict[str, Any], where: str, rule: str
):
    """The place and the rule; not a value, and not a key that the caller invented."""
    response = await client.post("/claims", headers=STAFF, json=CLAIM | change)

    problem = await assert_problem(response, InvalidRequest)
    assert problem["faults"] == [{"where": where, "rule": rule}]
    assert "canary" not in json.dumps(problem)


async def test_many_faults_are_not_all_listed(client: ToyClient):
    """An answer is not made larger than the question."""
    response = await client.post("/claims", headers=STAFF, json=CLAIM | {f"k{number}": 1 for number in range(200)})

    assert len((await assert_problem(response, InvalidRequest))["faults"]) == 20


async def test_who_trickles_is_given_up_on(client: ToyClient, monkeypatch: pytest.MonkeyPatch):
    """A connection is not held for ever by a byte now and then."""
    monkeypatch.setattr(reading, "BODY_PATIENCE_SECONDS", 0.05)
    monkeypatch.setattr(reading, "SLOWEST_BYTES_PER_SECOND", 10**9)

    answer = await _speak(client, _put(b"Content-Length: 100\r\n") + b"x")

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert BodyTooSlow.code.encode() in answer


@pytest.mark.parametrize("fault", [TransferEncodingError("canary"), web.RequestPayloadError("canary")], ids=repr)
async def test_a_body_framed_wrongly_is_unreadable(fault: Exception):
    """Such as chunked, but not in chunks. (From the C parser the reader hears nothing, and gives up as too slow)."""
    content = StreamReader(mock.Mock(), limit=2**16)
    content.set_exception(fault)
    request = make_mocked_request("PUT", "/", headers={"Content-Type": SEALED}, payload=content)

    with pytest.raises(BodyUnreadable) as refusal:
        await reading.body_reader(Raw(SEALED, 100))(request)
    assert "canary" not in str(refusal.value)


async def test_a_client_that_asks_before_sending_is_told_at_once(client: ToyClient):
    """100-continue is met; a body known to be too large is refused unsent; nothing else can be expected."""
    good = await _speak(client, _put(b"Content-Length: 3\r\nExpect: 100-continue\r\n"), b"abc")
    large = await _speak(client, _put(b"Content-Length: 9999\r\nExpect: 100-continue\r\n"))
    other = await _speak(client, _put(b"Content-Length: 3\r\nExpect: tea\r\n"))

    assert good.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 ")
    assert large.startswith(b"HTTP/1.1 413 ")
    assert other.startswith(b"HTTP/1.1 417 ")
    assert WrongExpectation.code.encode() in other


# ---------------------------------------------------------------- what the router refuses


async def test_no_such_address_is_a_problem_too(client: ToyClient):
    """Also for whoever asks with another method."""
    await assert_problem(await client.get("/nothing/here"), NotFound)
    await assert_problem(await client.post("/nothing/here"), NotFound)


async def test_no_such_method_names_those_there_are(client: ToyClient):
    """405 with Allow, as RFC 9110 §15.5.6 asks."""
    response = await client.patch("/claims")

    await assert_problem(response, MethodNotAllowed)
    assert set(response.headers["Allow"].split(",")) == {"POST", "OPTIONS"}


async def test_head_and_options_are_answered_everywhere(client: ToyClient):
    """HEAD is GET without its body; OPTIONS says what there is."""
    head = await client.head("/items?start=3")
    options = await client.options(f"/items/{ITEM}")

    assert (head.status, await head.read()) == (200, b"")
    assert head.headers["Content-Length"] == str(len(await (await client.get("/items?start=3")).read()))
    assert (options.status, options.headers["Allow"]) == (204, "DELETE, OPTIONS, PUT")


# ---------------------------------------------------------------- faults


@pytest.mark.parametrize(
    ("fault", "kind"),
    [("bug", Internal), ("disk", DiskFull), ("full", DiskFull), ("locked", DatabaseBusy), ("stale", Stale)],
)
async def test_every_fault_is_a_problem_that_gives_nothing_away(client: ToyClient, fault: str, kind: type[RelayError]):
    """Neither the answer nor the log repeats the message of an exception that is not ours."""
    with capture_logs() as logs:
        response = await client.get(f"/fail/{fault}")

    problem = await assert_problem(response, kind)
    assert "canary" not in json.dumps(problem)
    assert "canary" not in json.dumps(logs)
    assert len(logs) == (0 if kind is Stale else 1)


async def test_a_bug_is_found_by_class_place_and_request(client: ToyClient):
    """All that the log needs: which endpoint, which exception, which line; the id is bound for every line."""
    seen: list[str] = []

    def remember(_: object, __: str, event: Any) -> Any:
        seen.append(event["request_id"])
        raise structlog.DropEvent

    with capture_logs() as logs:
        await client.get("/fail/bug")
    with capture_logs(processors=[structlog.contextvars.merge_contextvars, remember]):
        response = await client.get("/fail/bug")

    assert logs[0]["error"] == "RuntimeError"
    assert logs[0]["endpoint"] == "fail"
    assert logs[0]["place"].startswith("tests.http.toy:")
    assert seen == [response.headers["X-Request-Id"]]


async def test_a_problem_that_is_not_in_the_table_is_noticed(client: ToyClient):
    """It is answered all the same, and the log says that the description is not whole."""
    with capture_logs() as logs:
        await assert_problem(await client.get("/fail/undocumented"), ChallengeSpent)

    assert [log["event"] for log in logs] == ["undocumented_problem"]


async def test_an_answer_of_another_kind_than_described_is_a_bug(client: ToyClient):
    """The table is what clients are made from."""
    with capture_logs() as logs:
        for path in ("/lie", "/lie/in/json"):
            await assert_problem(await client.get(path), Internal)
    assert [log["error"] for log in logs] == ["TypeError", "TypeError"]


async def test_a_status_that_is_not_described_is_a_bug_and_one_that_is_is_not(client: ToyClient):
    """An endpoint may answer 304 if it says so, and nothing that it does not say."""
    unchanged = await client.get("/log/1/tile/x001/067", headers={"If-None-Match": '"unchanged"'})
    with capture_logs() as logs:
        odd = await client.get("/log/1/tile/x001/067", headers={"If-None-Match": '"odd"'})

    assert (unchanged.status, await unchanged.read()) == (304, b"")
    await assert_problem(odd, Internal)
    assert [log["error"] for log in logs] == ["ValueError"]


@pytest.mark.parametrize("speaks", [True, False], ids=["while speaking", "while listening"])
async def test_a_caller_who_hangs_up_is_no_fault_of_ours(client: ToyClient, speaks: bool):
    """It happens all day on mobile lines, and would bury what is worth reading."""
    endless = f"GET /export HTTP/1.1\r\nHost: relay\r\nAuthorization: Bearer {MACHINE}\r\nX-Toy-Endless: 1\r\n\r\n"
    with capture_logs() as logs:
        _, writer = await asyncio.open_connection(client.host, client.port)
        writer.write(_put(b"Content-Length: 100\r\n") + b"x" if speaks else endless.encode())
        await writer.drain()
        await asyncio.sleep(0.05)
        writer.transport.abort()
        await asyncio.sleep(0.05)

    assert logs == []


@pytest.mark.parametrize(("has_left", "lines"), [(True, 0), (False, 1)], ids=["the caller's", "the database's"])
async def test_only_the_callers_own_lost_connection_is_silent(has_left: bool, lines: int):
    """A connection that is lost to the database looks the same, and is a fault."""
    bound = binding._Bound(BROKEN[0], Frame(authenticator=ToyAuthenticator()))
    request = make_mocked_request("GET", "/fail/gone", match_info={"fault": "gone"})
    request.protocol.transport = None if has_left else mock.Mock()
    request.writer.output_size = 0

    with capture_logs() as logs:
        await bound.handle(request)

    assert len(logs) == lines


async def test_a_body_on_its_way_is_not_read_beyond_its_limit(client: ToyClient):
    """Without an announced length, the relay stops reading at the limit."""
    chunk = b"1000\r\n" + b"x" * 0x1000 + b"\r\n"

    answer = await _speak(client, _put(b"Transfer-Encoding: chunked\r\n"), chunk, chunk, b"1\r\nx\r\n")

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert BodyTooLarge.code.encode() in answer


async def test_a_long_answer_is_streamed_and_a_broken_one_is_not_taken_for_whole(client: ToyClient):
    """A fault in the middle can only cut the answer off; the client must notice."""
    headers = {"Authorization": f"Bearer {MACHINE}"}

    whole = await client.get("/export", headers=headers)
    assert await whole.text() == "0\n1\n2\n"
    assert len(whole.headers["X-Request-Id"]) == 16
    with capture_logs() as logs:
        broken = await client.get("/export", headers=headers | {"X-Toy-Break": "1"})
        with pytest.raises(ClientPayloadError):
            await broken.read()
    assert [log["error"] for log in logs] == ["RuntimeError"]


async def test_an_answer_may_bring_its_own_headers(client: ToyClient):
    """A tile never changes, and may be kept."""
    response = await client.get("/log/1/tile/x001/067")

    assert response.headers.getall("Cache-Control") == ["public, max-age=604800, immutable"]


async def test_each_request_is_counted_once_with_its_status(serve: Serve):
    """By method, template and status; refusals too, and what no route matches."""
    counted: list[tuple[str, str, int]] = []

    def metered(method: str, template: str):
        return lambda status, seconds: counted.append((method, template, status))

    client = await serve(metered=metered)
    await client.get("/items")
    await client.put(f"/items/{ITEM}")
    await client.get("/nothing")

    assert counted == [("GET", "/items", 200), ("PUT", "/items/{item}", 401), ("other", "unrouted", 404)]


@pytest.mark.parametrize("twice", [(TOY[0], TOY[0]), TOY[3:4] * 2], ids=["name and path", "the same again"])
def test_two_endpoints_cannot_share_a_name_or_an_address(twice: Any):
    """Which of them would answer?"""
    with pytest.raises(ValueError, match="share"):
        bind(web.Application(), twice, Frame(authenticator=ToyAuthenticator()))


def _put(headers: bytes) -> bytes:
    """Write the head of a request by hand."""
    head = f"PUT /items/{ITEM} HTTP/1.1\r\nHost: relay\r\nAuthorization: Bearer {LOCATOR}\r\nContent-Type: {SEALED}\r\n"
    return head.encode() + b"Connection: close\r\n" + headers + b"\r\n"


async def _speak(client: ToyClient, *messages: bytes) -> bytes:
    """Send bytes as they are, and read until the relay hangs up (at the end of input it would do so at once)."""
    reader, writer = await asyncio.open_connection(client.host, client.port)
    for message in messages:
        writer.write(message)
        await writer.drain()
        await asyncio.sleep(0.05)
    try:
        return await asyncio.wait_for(reader.read(), 5)
    finally:
        writer.close()
