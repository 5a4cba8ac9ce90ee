"""The one assertion for the shape of an error, used by every test that provokes one."""

from typing import Any

from aiohttp import ClientResponse

from keys.errors import RelayError
from relay.http.endpoints import PROBLEM_MEDIA_TYPE, PROBLEM_TYPE, status_of, title_of


async def assert_problem(response: ClientResponse, kind: type[RelayError]) -> dict[str, Any]:
    """
    Assert that an answer is the problem of one class of error, whole: status, media type, members, headers.

    Returns:
        The problem's members, for what is particular to it.
    """
    text = await response.text()
    assert response.content_type == PROBLEM_MEDIA_TYPE, text
    problem: dict[str, Any] = await response.json(content_type=None)
    assert problem["code"] == kind.code, problem
    assert problem["status"] == response.status == status_of(kind)
    assert problem["type"] == PROBLEM_TYPE + kind.code
    assert problem["title"] == title_of(kind)
    assert problem["detail"].strip()
    assert problem["cure"].endswith((".", ")")), problem["cure"]
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Server"] == "letter-relay"
    assert len(response.headers["X-Request-Id"]) == 16
    assert ("Retry-After" in response.headers) == (response.status in {429, 503})
    assert ("WWW-Authenticate" in response.headers) == (response.status == 401)
    return problem
