"""The client's way to the relay: what it repeats, how long it waits, and what it refuses to follow."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer, unused_port

from relay.client.faults import AnswerMalformed, InsecureAddress, ProblemAnswered, Unreachable
from relay.client.transport import Connection

Answering = Callable[[web.Request], web.StreamResponse]


@dataclass
class Scripted:
    """A server that answers as told, one answer after the other, and what it was asked."""

    connection: Connection
    answers: list[Answering]
    asked: list[web.BaseRequest] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)


def problem(status: int, **headers: str) -> Answering:
    """Answer with a problem."""
    body = {"code": "not_now", "detail": "Not\x1b[31m now.", "cure": "Wait a little."}
    return lambda _: web.json_response(
        body,
        status=status,
        content_type="application/problem+json",
        headers={k.replace("_", "-"): v for k, v in headers.items()},
    )


def fine(_: web.Request) -> web.Response:
    """Answer that all is well."""
    return web.json_response({"ok": 1})


def broken(request: web.Request) -> web.Response:
    """Hang up before anything is answered."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


@pytest.fixture
async def scripted() -> AsyncIterator[Callable[..., Awaitable[Scripted]]]:
    """Serve a script."""
    opened: list[tuple[TestServer, Connection]] = []

    async def start(*answers: Answering, attempts: int = 4) -> Scripted:
        script: Scripted

        async def handle(request: web.Request) -> web.StreamResponse:
            script.asked.append(request)
            return script.answers.pop(0)(request)

        async def sleep(seconds: float) -> None:
            script.waits.append(seconds)

        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handle)
        server = TestServer(app)
        await server.start_server()
        connection = Connection(str(server.make_url("")), attempts=attempts, sleep=sleep)
        script = Scripted(connection, list(answers))
        opened.append((server, connection))
        return script

    yield start
    for server, connection in opened:
        await connection.close()
        await server.close()


async def test_a_refusal_carries_the_relays_own_words(scripted):
    """Code, cure and status are the relay's; nothing in them can steer a terminal."""
    script = await scripted(problem(409))
    with pytest.raises(ProblemAnswered) as refusal:
        await script.connection.get("/anything")
    fault = refusal.value
    assert (fault.code, fault.cure, fault.status) == ("not_now", "Wait a little.", 409)
    assert fault.detail == str(fault) == "Not [31m now."
    assert ProblemAnswered.code == "problem"
    assert script.waits == []


async def test_a_refusal_without_words_is_named_by_its_status(scripted):
    """A proxy's page is no problem of ours, and is not shown."""
    script = await scripted(lambda _: web.Response(status=502, text="<h1>proxy</h1>"))
    with pytest.raises(ProblemAnswered) as refusal:
        await script.connection.get("/anything")
    assert refusal.value.code == "http_502"
    assert "proxy" not in str(refusal.value)


async def test_a_busy_relay_is_asked_again_after_the_time_it_names(scripted):
    """Retry-After is honoured, and the answer that comes then is the answer."""
    script = await scripted(problem(503, Retry_After="7"), problem(429), fine)
    assert (await script.connection.get("/anything")).json() == {"ok": 1}
    assert script.waits[0] == 7.0
    assert 0 < script.waits[1] < 1


async def test_a_relay_that_asks_for_an_hour_is_not_waited_for(scripted):
    """The refusal is given to the caller, with the time to wait."""
    script = await scripted(problem(503, Retry_After="3600"))
    with pytest.raises(ProblemAnswered) as refusal:
        await script.connection.get("/anything")
    assert refusal.value.retry_after_seconds == 3600
    assert script.waits == []


async def test_a_hang_up_is_tried_again_with_the_same_bytes(scripted):
    """What is sent twice is taken once, so a lost answer costs nothing."""
    bodies: list[bytes] = []

    async def handle(request: web.Request) -> web.StreamResponse:
        bodies.append(await request.read())
        return broken(request) if len(bodies) == 1 else fine(request)

    app = web.Application()
    app.router.add_put("/letter", handle)
    server = TestServer(app)
    await server.start_server()

    async def sleep(_: float) -> None:
        return

    async with Connection(str(server.make_url("")), sleep=sleep) as connection:
        await connection.send("PUT", "/letter", b"sealed", media_type="application/octet-stream")
    await server.close()
    assert bodies == [b"sealed", b"sealed"]


async def test_after_the_last_attempt_the_relay_is_unreachable():
    """Nobody listens there."""
    async with Connection(f"http://127.0.0.1:{unused_port()}", attempts=2, sleep=_at_once) as connection:
        with pytest.raises(Unreachable):
            await connection.get("/anything")


async def _at_once(_: float) -> None:
    return


async def test_a_sign_in_is_sent_once(scripted):
    """A challenge is spent by the first attempt, so there is no second."""
    script = await scripted(problem(503), fine)
    with pytest.raises(ProblemAnswered):
        await script.connection.send("POST", "/sign-in", b"note", media_type="text/plain", repeat=False)
    assert len(script.asked) == 1


async def test_no_redirection_is_followed(scripted):
    """A bearer goes to the relay that it is for, and nowhere else."""
    script = await scripted(lambda _: web.Response(status=302, headers={"Location": "http://127.0.0.1:9/"}))
    with pytest.raises(AnswerMalformed):
        await script.connection.get("/anything", bearer="secret")
    assert script.asked[0].headers["Authorization"] == "Bearer secret"


async def test_no_cookie_is_kept(scripted):
    """A family's client that kept cookies could be told from another."""

    def with_cookie(_: web.Request) -> web.Response:
        response = web.json_response({})
        response.set_cookie("who", "you")
        return response

    script = await scripted(with_cookie, fine)
    await script.connection.get("/one")
    await script.connection.get("/two")
    assert "Cookie" not in script.asked[1].headers


async def test_an_answer_that_grows_without_end_is_given_up(scripted, monkeypatch):
    """A relay cannot fill the client's memory."""
    monkeypatch.setattr("relay.client.transport.MAX_ANSWER_BYTES", 1_000)
    script = await scripted(lambda _: web.Response(body=b"x" * 1_001))
    with pytest.raises(AnswerMalformed):
        await script.connection.get("/anything")


@pytest.mark.parametrize("body", [b"[]", b"{", b"\xff", b"null"])
async def test_an_answer_that_is_no_object_is_refused(scripted, body):
    """What should be a JSON object is one, or is malformed."""
    script = await scripted(lambda _: web.Response(body=body))
    answer = await script.connection.get("/anything")
    with pytest.raises(AnswerMalformed):
        answer.json()


@pytest.mark.parametrize(
    "url", ["http://relay.example", "http://192.0.2.1", "ftp://127.0.0.1", "relay.example", "http://localhost.example"]
)
def test_codes_never_cross_a_network_in_the_clear(url):
    """Plain HTTP is for this machine and for onion services."""
    with pytest.raises(InsecureAddress):
        Connection(url)


@pytest.mark.parametrize(
    "url",
    ["https://relay.example/", "http://127.0.0.1:8080", "http://[::1]:8080", "http://localhost", "http://abc.onion"],
)
def test_addresses_that_keep_secrets_are_taken(url):
    """A slash at the end makes no difference."""
    assert Connection(url).url == url.rstrip("/")
