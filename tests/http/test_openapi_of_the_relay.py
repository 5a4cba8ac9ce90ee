"""The relay's own specification: valid, whole, and true of what is served."""

import asyncio
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import positive_data_acceptance, unsupported_method
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from relay.http.endpoints import status_of
from relay.http.openapi import spec
from relay.http.services import NOTE, PARTS, SEALED
from tests.http.a_site import a_site
from tests.http.relay_world import INVITE, MACHINE, ServedWorld, a_served_world, no_bugs, the_table

SPEC = spec(the_table(), title="relay.example", version="1")

#: Who asks at an address for staff: somebody with any one of its roles.
STAFF = {
    "reviewer": "ann",
    "senior": "cyd",
    "dispatcher": "dan",
    "registrar": "reg",
    "officer": "ole",
    "auditor": "aud",
    "operator": "opal",
}


def test_the_specification_is_openapi_3_1():
    """By the schema of the OpenAPI initiative."""
    assert [error.message for error in OPENAPI_31_VALIDATOR.iter_errors(SPEC)] == []
    assert SPEC["openapi"] == "3.1.0"


def test_every_endpoint_documents_every_problem():
    """By status, each code by its name; a client generator sees them all."""
    for endpoint in the_table():
        responses = SPEC["paths"][endpoint.template][endpoint.method.lower()]["responses"]
        for kind in endpoint.problems:
            response = responses[str(status_of(kind))]
            assert kind.code in response["content"]["application/problem+json"]["examples"]


def test_nothing_takes_plaintext():
    """Bodies are sealed files, signed notes, keys sealed to staff, or JSON that has no room for a text."""
    taken = {
        media_type
        for path in SPEC["paths"].values()
        for operation in path.values()
        for media_type in operation.get("requestBody", {}).get("content", {})
    }

    assert taken == {SEALED, NOTE, PARTS, "application/json", "application/octet-stream"}
    bodies = [
        operation["requestBody"]
        for path in SPEC["paths"].values()
        for operation in path.values()
        if "requestBody" in operation
    ]
    assert not {"text", "name", "names", "message"} & _property_names(bodies)
    assert {"note", "subjects"} & _property_names(bodies), "the search follows references"


def _property_names(part: Any) -> set[str]:
    if isinstance(part, list):
        return {name for each in part for name in _property_names(each)}
    if not isinstance(part, dict):
        return set()
    if "$ref" in part:
        return _property_names(SPEC["components"]["schemas"][part["$ref"].rpartition("/")[2]])
    properties = part.get("properties", {})
    return set(properties) | {name for each in part.values() for name in _property_names(each)}


# ---------------------------------------------------------------- what is served is what is described


@dataclass(frozen=True)
class Served:
    """A relay that is served from another thread, and a bearer for each audience and role."""

    base_url: str
    bearers: dict[str, str]


async def _bearers(world: ServedWorld) -> dict[str, str]:
    staff = {role: await world.bearer(name) for role, name in STAFF.items()}
    return staff | {"family": await world.bearer(world.family()), "machine": MACHINE, "invited": INVITE}


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Serve a relay in a loop of its own: schemathesis is not asynchronous."""
    loop = asyncio.new_event_loop()
    site = a_site(tmp_path_factory.mktemp("built"))
    opening = a_served_world(tmp_path_factory.mktemp("relay"), site=site, http={"serve_staff_pages": True})
    with no_bugs():
        world = loop.run_until_complete(opening.__aenter__())
        bearers = loop.run_until_complete(_bearers(world))
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        yield Served(str(world.client.make_url("/")).rstrip("/"), bearers)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(opening.__aexit__(None, None, None))
    loop.close()


def _as_it_is(_: schemathesis.SerializationContext, value: Any) -> bytes:
    """Send a body as the bytes that it is."""
    return value if isinstance(value, bytes) else str(value).encode()


for media_type in (SEALED, NOTE, PARTS):
    schemathesis.serializer(media_type)(_as_it_is)

#: Who is calling is tested in test_audiences.py; here every case is signed in.
CONFIG = SchemathesisConfig.from_dict(
    {
        "generation": {"with-security-parameters": False},
        # What does not fit may also be too large to be read at all.
        "checks": {"negative_data_rejection": {"expected-statuses": [400, 404, 409, 413, 415, 422]}},
    }
)
CASES = schemathesis.openapi.from_dict(json.loads(json.dumps(SPEC)), config=CONFIG)


@CASES.parametrize()
@settings(max_examples=4, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_what_is_served_is_what_is_described(case: schemathesis.Case[Any], served: Served):
    """
    Schemathesis sends what fits and what does not: no bug answers, and no status, media type or shape is a surprise.

    Two checks are left out. What fits the schema may still be refused, for instance because it was not signed. And PUT
    to /staff/parts/fetch is not an unknown method but an upload to /staff/parts/{digest}, whose digest is none.
    """
    (audience,) = case.operation.tags
    roles = case.operation.definition.raw.get("x-roles", [audience])
    bearer = served.bearers.get(roles[0])
    headers = {} if bearer is None else {"Authorization": f"Bearer {bearer}"}

    left_out = [positive_data_acceptance, unsupported_method]
    case.call_and_validate(base_url=served.base_url, headers=headers, excluded_checks=left_out)
