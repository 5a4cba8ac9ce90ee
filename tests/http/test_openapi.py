"""The description: the same each time, whole, and true of what is served."""

import asyncio
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from aiohttp import web
from aiohttp.test_utils import TestServer
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import positive_data_acceptance

from keys.errors import RelayError
from relay.http import binding, faults, health, limits, sessions
from relay.http.binding import Frame, bind
from relay.http.endpoints import MethodNotAllowed, status_of
from relay.http.health import Health
from relay.http.openapi import problems_table, spec
from relay.http.pages import Pages
from relay.http.startpage import RelayFacts
from tests.http.test_endpoints import _descendants
from tests.http.toy import LOCATOR, MACHINE, REVIEWER, TOY, ToyAuthenticator

FACTS = RelayFacts("relay.example", "ab" * 16, "0f" * 32, "/log/1", is_open=True)


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    """Describe the toy table."""
    return spec(TOY, title="toy", version="1")


def test_the_same_table_gives_the_same_bytes(described: dict[str, Any]):
    """A change of the file is a change of the interface, and nothing else."""
    assert json.dumps(described) == json.dumps(spec(TOY, title="toy", version="1"))


def test_every_endpoint_is_there_with_every_problem(described: dict[str, Any]):
    """By status, each code with an example that says what to do next."""
    for endpoint in TOY:
        operation = described["paths"][endpoint.template][endpoint.method.lower()]
        assert operation["operationId"] == endpoint.name
        for kind in endpoint.problems:
            content = operation["responses"][str(status_of(kind))]["content"]["application/problem+json"]
            assert content["examples"][kind.code] == {"$ref": f"#/components/examples/{kind.code}"}
            assert described["components"]["examples"][kind.code]["value"]["cure"] == kind.cure


def test_who_may_call_is_written_down(described: dict[str, Any]):
    """Security for all but the public, roles for staff."""
    paths = described["paths"]

    assert paths["/items"]["get"]["security"] == []
    assert paths["/items/{item}"]["put"]["security"] == [{"family": []}]
    assert paths["/items/{item}"]["delete"]["x-roles"] == ["reviewer", "senior"]
    assert set(described["components"]["securitySchemes"]) == {"family", "invited", "machine", "staff"}


def test_parameters_and_bodies_are_described(described: dict[str, Any]):
    """Parameters stand with their endpoint; bodies are shapes of their own, or bytes with a limit."""
    write = described["paths"]["/items/{item}"]["put"]
    by_name = {each["name"]: each for each in write["parameters"]}

    assert by_name["item"]["required"] is True
    assert by_name["Idempotency-Key"] == {
        "name": "Idempotency-Key",
        "in": "header",
        "required": False,
        "schema": {"type": "string", "pattern": "^[0-9a-f]{32}$"},
    }
    assert write["requestBody"]["x-limit-bytes"] == 8_192
    assert set(described["components"]["schemas"]) == {"Problem", "Claim", "Claimed", "Listed", "Subject"}


def test_every_problem_of_the_frame_has_its_row():
    """docs/spec/problems.md is written by hand; here it is compared with the classes."""
    written = Path("docs/spec/problems.md").read_text(encoding="utf-8")
    modules = {module.__name__ for module in (binding, faults, health, limits, sessions)}
    modules |= {"relay.http.endpoints", "relay.http.calls"}
    kinds = {kind for kind in _descendants(RelayError) if kind.__module__ in modules}
    kinds |= {kind for endpoint in TOY for kind in endpoint.problems}

    assert MethodNotAllowed in kinds
    rows = problems_table(kinds).splitlines()[2:]
    assert len(rows) > 25
    assert [row for row in rows if row not in written.splitlines()] == []


# ---------------------------------------------------------------- against the served table


@pytest.fixture(scope="module")
def served() -> Iterator[str]:
    """Serve the toy table on a loopback port, in a loop of its own: schemathesis is not asynchronous."""
    loop = asyncio.new_event_loop()
    app = web.Application()
    table = Pages(lambda: FACTS, version="1").with_pages((*Health({}).endpoints(), *TOY))
    bind(app, table, Frame(authenticator=ToyAuthenticator()))
    server = TestServer(app, loop=loop)
    loop.run_until_complete(server.start_server(lingering_time=0.05))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield str(server.make_url("/")).rstrip("/")
    asyncio.run_coroutine_threadsafe(server.close(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


TOKENS = {"family": LOCATOR, "staff": REVIEWER, "machine": MACHINE}
#: Who is calling is tested in test_binding.py; here every case is signed in.
CONFIG = SchemathesisConfig.from_dict({"generation": {"with-security-parameters": False}})
CASES = schemathesis.openapi.from_dict(spec(TOY, title="toy", version="1"), config=CONFIG)


@CASES.parametrize()
@settings(max_examples=15, deadline=None, database=None, suppress_health_check=list(HealthCheck))
def test_what_is_served_is_what_is_described(case: schemathesis.Case[Any], served: str):
    """
    Schemathesis sends what fits and what does not, and compares status, media type and shape.

    One check is left out: to JSON Schema 3.0 is an integer, to us (one encoding) it is not, and no schema can say so.
    """
    (audience,) = case.operation.tags
    headers = {"Authorization": f"Bearer {TOKENS[audience]}"} if audience in TOKENS else {}

    case.call_and_validate(base_url=served, headers=headers, excluded_checks=[positive_data_acceptance])


@schemathesis.serializer("application/vnd.letter-relay.sealed")
def sealed_as_it_is(_: schemathesis.SerializationContext, value: Any) -> bytes:
    """Send a sealed letter as the bytes that it is."""
    return value if isinstance(value, bytes) else str(value).encode()
