"""
The typed route table: what an endpoint says of itself, and how whatever goes wrong is told to the caller.

`binding.bind` holds a request to what its endpoint says, `openapi.spec` writes it down for others. This is the only
module that knows which HTTP status belongs to which error.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Literal, TypeAlias

from aiohttp import hdrs, web
from pydantic import BaseModel

from keys.errors import EvidenceBroken, Fatal, Malformed, Refused, RelayError
from relay.domain.in_force import NotOpen
from relay.domain.refusals import WrongDesk, WrongRole
from relay.http.calls import Audience, Handler, NotSignedIn
from relay.http.faults import DatabaseBusy, DiskFull, Internal, NotNow
from relay.http.limits import TooManyRequests, WorkExpired, WorkMissing, WorkWrong
from relay.http.sessions import CrossSite, SessionOver
from relay.http.tokens import Scope, TokenOver, WrongScope

Method: TypeAlias = Literal["GET", "POST", "PUT", "DELETE"]

PROBLEM_MEDIA_TYPE: Final = "application/problem+json"
PROBLEM_TYPE: Final = "urn:letter-relay:problem:"


# ---------------------------------------------------------------- what the frame itself refuses


class NotFound(Refused):
    """There is nothing here, or it is not yours to see."""

    code = "not_found"
    cure = "Check the address and the id; /docs lists every address of this relay."


class MethodNotAllowed(Refused):
    """This address does not know that method."""

    code = "method_not_allowed"
    cure = "Use one of the methods that the Allow header of the answer names."


class BodyTooLarge(Refused):
    """The body is larger than this address accepts."""

    code = "body_too_large"
    cure = "Send fewer or smaller enclosures; /docs names the limit of each address."


class BodyTooSlow(Refused):
    """The body did not arrive in time."""

    code = "body_too_slow"
    cure = "Send the same request again on a steadier line; parts that have arrived need not be sent twice."


class BodyUnreadable(Malformed):
    """The body ended early or was framed wrongly."""

    code = "body_unreadable"


class BodyUnexpected(Malformed):
    """This address takes no body."""

    code = "body_unexpected"
    cure = "Send the request without a body."


class WrongMediaType(Refused):
    """The body is not of the media type that this address takes, or it is compressed."""

    code = "wrong_media_type"
    cure = "Send the body uncompressed, with the Content-Type that /docs names for this address."


class WrongExpectation(Refused):
    """The only expectation that this relay meets is 100-continue."""

    code = "wrong_expectation"
    cure = "Send the request without the Expect header."


class BadJson(Malformed):
    """The body is not JSON in UTF-8."""

    code = "bad_json"
    cure = "Send one JSON object in UTF-8, without a byte order mark."


class InvalidRequest(Malformed):
    """The request does not have the shape that this address takes; `faults` says where."""

    code = "invalid_request"
    cure = "Correct the places that `faults` names; /openapi.json describes the shape."

    def __init__(self, faults: Sequence[tuple[str, str]]) -> None:
        """
        Name the faults.

        Args:
            faults: Pairs of a place, such as ``body.subjects.0.item``, and a rule's name; never a value.
        """
        super().__init__()
        self.particulars = {"faults": [{"where": where, "rule": rule} for where, rule in faults]}


#: The closed table: error code → HTTP status. A class without a row takes its parent's, in the end its branch's.
STATUS: Final[dict[str, int]] = {
    # the four branches
    RelayError.code: 500,
    Refused.code: 409,
    Malformed.code: 400,
    EvidenceBroken.code: 422,
    Fatal.code: 503,
    # the frame
    NotFound.code: 404,
    MethodNotAllowed.code: 405,
    BodyTooLarge.code: 413,
    BodyTooSlow.code: 408,
    WrongMediaType.code: 415,
    WrongExpectation.code: 417,
    InvalidRequest.code: 422,
    NotSignedIn.code: 401,
    WrongRole.code: 403,
    WrongDesk.code: 403,
    # sessions and limits
    SessionOver.code: 401,
    CrossSite.code: 403,
    TokenOver.code: 401,
    WrongScope.code: 403,
    WorkMissing.code: 428,
    WorkExpired.code: 428,
    WorkWrong.code: 428,
    TooManyRequests.code: 429,
    # the domain and the door; every other refusal of theirs is a conflict
    NotOpen.code: 503,
    "directory_over": 503,
    "storage_unavailable": 503,
    "overloaded": 503,
    "stopping": 503,
    "key_suspended": 403,
    "other_key": 403,
    "not_the_signer": 403,
    "barred_from_item": 403,
    "second_person_required": 403,
    "senior_required": 403,
    "signer_differs": 403,
    "unknown_item": 404,
    "unknown_part": 404,
    "unknown_staff": 404,
    "not_your_item": 404,
    "digest_differs": 422,
    "missing_part": 422,
    "number_mistyped": 422,
    "invite_unknown": 403,
    "invite_used": 403,
    "invite_expired": 403,
    "wrong_kind": 422,
    "wrong_relay": 422,
    "signature_invalid": 422,
    "note_unsigned": 422,
    # below HTTP
    Internal.code: 500,
    NotNow.code: 503,
}


def status_of(kind: type[RelayError]) -> int:
    """Give the HTTP status of a class of error: its own row, else the nearest ancestor's."""
    return next(STATUS[code] for each in kind.__mro__ if (code := getattr(each, "code", "")) in STATUS)


# ---------------------------------------------------------------- an endpoint


@dataclass(frozen=True, slots=True)
class Json:
    """A JSON body of one model."""

    model: type[BaseModel]
    limit_bytes: int = 65_536


@dataclass(frozen=True, slots=True)
class Raw:
    """A body taken as bytes, exactly as sent: sealed letters and signed notes are not ours to parse here."""

    media_type: str
    limit_bytes: int


@dataclass(frozen=True, slots=True)
class Media:
    """An answer given as bytes of one media type."""

    media_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """
    One method at one address: who may call it, what it takes, what it gives, and how it refuses.

    Raises:
        ValueError: The description contradicts itself or leaves something open; see `_contradictions`.
    """

    method: Method
    #: In aiohttp's notation: ``/items/{item}``, ``/tile/{rest:.+}``.
    path: str
    #: Unique and stable: it is the OpenAPI operationId.
    name: str
    summary: str
    audience: Audience
    handler: Handler
    description: str = ""
    #: For staff only: any one of these is enough.
    roles: frozenset[str] = frozenset()
    #: For staff only: what a program's token must be for, to be taken in place of a session. None: no token is taken.
    scope: Scope | None = None
    body: Json | Raw | None = None
    query_model: type[BaseModel] | None = None
    path_model: type[BaseModel] | None = None
    #: Its aliases are the header names, in any case.
    headers_model: type[BaseModel] | None = None
    answer: type[BaseModel] | Media | None = None
    ok: int = 200
    #: Other successful statuses, such as 304.
    also: tuple[int, ...] = ()
    errors: tuple[type[RelayError], ...] = ()
    #: The name of the rate that limits it; None is for what is cheap and public.
    rate: str | None = None
    #: Whether it answers before trust and directory are published.
    before_opening: bool = False

    def __post_init__(self) -> None:
        """Refuse a description that is not whole, so that a mistake ends the start and not a request."""
        if faults := list(_contradictions(self)):
            raise ValueError(f"endpoint {self.name!r}: " + "; ".join(faults))

    @property
    def template(self) -> str:
        """The path without the patterns of its parameters: for metrics, logs and OpenAPI."""
        return _PARAMETER.sub(r"{\1}", self.path)

    @property
    def problems(self) -> tuple[type[RelayError], ...]:
        """Every class of error it may answer: its own, and those that its shape brings."""
        found = [*self.errors, *_implied(self), Internal]
        return tuple(sorted(set(found), key=_status_and_code))


def _status_and_code(kind: type[RelayError]) -> tuple[int, str]:
    return status_of(kind), kind.code


_PARAMETER = re.compile(r"\{(\w+)(?::(?:[^{}]|\{[^{}]*\})*)?\}")


def _contradictions(endpoint: Endpoint) -> Iterator[str]:
    """List what is wrong with a description."""
    if endpoint.audience not in tuple(Audience):
        yield "names no audience"
    if (endpoint.audience is Audience.STAFF) != bool(endpoint.roles):
        yield "roles are needed for staff, and for nobody else"
    if endpoint.scope is not None and endpoint.audience is not Audience.STAFF:
        yield "only staff have programs with tokens"
    if not endpoint.path.startswith("/") or not endpoint.name.isidentifier():
        yield "path must begin with / and the name be an identifier"
    fields = set(endpoint.path_model.model_fields) if endpoint.path_model else set()
    if fields != set(_PARAMETER.findall(endpoint.path)):
        yield "path_model must have exactly the parameters of the path"
    if endpoint.body is not None and (endpoint.method in {"GET", "DELETE"} or endpoint.body.limit_bytes < 1):
        yield "a body needs POST or PUT, and room"
    if (endpoint.answer is None) != (endpoint.ok == HTTPStatus.NO_CONTENT):
        yield "an answer without content is 204, and only that"
    models = (
        endpoint.body.model if isinstance(endpoint.body, Json) else None,
        endpoint.path_model,
        endpoint.headers_model,
    )
    for model in models:
        if model is not None and (open_parts := list(_open_objects(model))):
            yield f"must forbid extra keys: {', '.join(open_parts)}"


def _open_objects(model: type[BaseModel]) -> Iterator[str]:
    """Name each object within a model's schema that would let unknown keys through."""
    schema = model.model_json_schema()
    for name, part in {model.__name__: schema, **schema.get("$defs", {})}.items():
        if "properties" in part and part.get("additionalProperties") is not False:
            yield name


def _implied(endpoint: Endpoint) -> Iterator[type[RelayError]]:
    """List the frame's own refusals that an endpoint of this shape can meet."""
    if not endpoint.before_opening:
        yield NotOpen
    if endpoint.rate is not None:
        yield TooManyRequests
    if endpoint.audience is not Audience.PUBLIC:
        yield NotSignedIn
    if endpoint.audience is Audience.STAFF:
        yield from (SessionOver, CrossSite, WrongRole, WrongDesk)
    if endpoint.scope is not None:
        yield from (TokenOver, WrongScope)
    yield DatabaseBusy
    if endpoint.method != "GET":
        yield DiskFull
    if endpoint.path_model is not None:
        yield NotFound  # where the router finds that no parameter can look like that
    if endpoint.body is None:
        yield BodyUnexpected
    else:
        yield from (BodyTooLarge, BodyTooSlow, BodyUnreadable, WrongMediaType)
    if isinstance(endpoint.body, Json):
        yield BadJson
    yield InvalidRequest  # even where nothing is taken: a query that nobody asked for


# ---------------------------------------------------------------- problems


#: Statuses that say "later", and how long that is where an error does not say.
_PASSING: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
RETRY_AFTER_SECONDS: Final = 10


def problem(error: RelayError, headers: Mapping[str, str]) -> web.Response:
    """
    Write an error as an RFC 9457 problem.

    An error may carry `retry_after_seconds` (the Retry-After of 429 and 503) and `particulars` (more members, such
    as the faults of an invalid request).
    """
    kind = type(error)
    status = status_of(kind)
    members = {
        "type": PROBLEM_TYPE + error.code,
        "title": title_of(kind),
        "status": status,
        "detail": str(error),
        "code": error.code,
        "cure": error.cure,
    }
    response = web.Response(
        body=json.dumps(
            members | getattr(error, "particulars", {}), ensure_ascii=False, separators=(",", ":")
        ).encode(),
        status=status,
        headers=dict(headers) | {hdrs.CONTENT_TYPE: PROBLEM_MEDIA_TYPE},
    )
    if status in _PASSING:
        response.headers[hdrs.RETRY_AFTER] = str(getattr(error, "retry_after_seconds", RETRY_AFTER_SECONDS))
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers[hdrs.WWW_AUTHENTICATE] = "Bearer"
    if status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        response.force_close()
    return response


def title_of(kind: type[RelayError]) -> str:
    """Give the sentence that is the same for every error of a class: the first line of its docstring."""
    return (kind.__doc__ or kind.code).strip().splitlines()[0]
