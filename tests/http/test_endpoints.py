"""What an endpoint must say of itself, and which status each error has."""

from typing import Any

import pytest
from pydantic import BaseModel

from keys.errors import EvidenceBroken, Fatal, Malformed, Refused, RelayError
from relay.http.calls import Audience, Strict
from relay.http.endpoints import STATUS, Endpoint, Json, Media, NotFound, Raw, problem, status_of, title_of
from relay.http.faults import DatabaseBusy, DiskFull
from tests.http.toy import Claim, Listed, Stale, listed

WHOLE: dict[str, Any] = {
    "method": "GET",
    "path": "/items",
    "name": "listed",
    "summary": "List items",
    "audience": Audience.PUBLIC,
    "handler": listed,
    "answer": Listed,
}


class Open(BaseModel):
    """A model that would swallow a misspelt key."""

    desk: str


class Nested(Strict):
    """A closed model with an open one inside."""

    inside: Open


def test_an_endpoint_without_an_audience_cannot_be_built():
    """Default deny begins here: nobody is served by an endpoint that names nobody."""
    without = {key: value for key, value in WHOLE.items() if key != "audience"}

    with pytest.raises(TypeError, match="audience"):
        Endpoint(**without)
    with pytest.raises(ValueError, match="names no audience"):
        Endpoint(**WHOLE | {"audience": None})


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"audience": Audience.STAFF}, "roles"),
        ({"roles": frozenset({"reviewer"})}, "roles"),
        ({"path": "items"}, "path"),
        ({"name": "list items"}, "identifier"),
        ({"path": "/items/{item}"}, "path_model"),
        ({"path_model": Claim}, "path_model"),
        ({"body": Json(Claim)}, "POST or PUT"),
        ({"method": "POST", "body": Raw("text/plain", 0)}, "room"),
        ({"answer": None}, "204"),
        ({"ok": 204}, "204"),
        ({"method": "POST", "body": Json(Open)}, "Open"),
        ({"method": "POST", "body": Json(Nested)}, "Open"),
        ({"headers_model": Open}, "Open"),
    ],
)
def test_a_description_that_is_not_whole_is_refused(change: dict[str, Any], complaint: str):
    """Each contradiction ends the start of the relay, and says which it is."""
    Endpoint(**WHOLE)

    with pytest.raises(ValueError, match=complaint):
        Endpoint(**WHOLE | change)


def test_the_template_shows_parameters_without_their_patterns():
    """Metrics and logs group by it, so a pattern (even one with braces) must not stand in it."""
    path_model = type("P", (Strict,), {"__annotations__": {"item": str, "rest": str}})

    endpoint = Endpoint(**WHOLE | {"path": r"/a/{item:[0-9a-f]{32}}/{rest:.+}", "path_model": path_model})

    assert endpoint.template == "/a/{item}/{rest}"


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (RelayError, 500),
        (Refused, 409),
        (Malformed, 400),
        (EvidenceBroken, 422),
        (Fatal, 503),
        (Stale, 409),
        (NotFound, 404),
        (DatabaseBusy, 503),
        (DiskFull, 503),
    ],
)
def test_an_error_has_its_own_status_or_its_nearest_ancestors(kind: type[RelayError], status: int):
    """A class without a row is answered like its parent, in the end like its branch."""
    assert status_of(kind) == status


def test_the_table_of_statuses_is_closed():
    """Every row is a real error status: a typing mistake here would answer success."""
    assert all(400 <= status <= 599 for status in STATUS.values())


def test_every_error_of_the_frame_says_what_happened_and_what_to_do():
    """Code, sentence and cure are what a stranded user has."""
    kinds = [kind for kind in _descendants(RelayError) if kind.__module__.startswith("relay.http")]

    assert len(kinds) > 20
    assert len({kind.code for kind in kinds}) == len(kinds)
    for kind in kinds:
        assert "code" in kind.__dict__, kind
        assert title_of(kind).endswith("."), kind
        assert kind.cure.endswith("."), kind


def test_an_answer_that_is_too_large_to_read_ends_the_connection():
    """Otherwise the rest of a refused body would be read as the next request."""
    (too_large,) = [kind for kind in _descendants(Refused) if kind.code == "body_too_large"]

    assert problem(too_large(), {}).keep_alive is False
    assert problem(NotFound(), {}).keep_alive is None


def test_problems_are_listed_once_and_in_order():
    """An endpoint that names an error which its shape brings anyway does not list it twice."""
    endpoint = Endpoint(**WHOLE | {"errors": (Stale, DatabaseBusy), "answer": Media("text/plain")})

    listed = [(status_of(kind), kind.code) for kind in endpoint.problems]
    assert listed == sorted(set(listed))
    assert (409, "toy_stale") in listed


def _descendants(kind: type[RelayError]) -> list[type[RelayError]]:
    return [each for child in kind.__subclasses__() for each in (child, *_descendants(child))]
