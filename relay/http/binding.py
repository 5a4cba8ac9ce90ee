"""
Bind the route table to aiohttp: one handler an endpoint, one middleware, and all that can be is worked out beforehand.

A request is checked in one order, everywhere: is the relay open, is the caller too fast, who is it, may that role do
this, path, query, headers, media type, size, JSON, shape. Only then does the handler see it, as a typed `Call`.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from os import urandom
from time import perf_counter
from typing import Any, Final, TypeAlias

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler as AiohttpHandler
from aiohttp.typedefs import Middleware
from multidict import CIMultiDict
from pydantic import BaseModel, TypeAdapter
from structlog.contextvars import bind_contextvars, get_contextvars

from keys.errors import Fatal
from relay.domain.in_force import NotOpen
from relay.domain.refusals import WrongRole
from relay.http.calls import Answer, AnyQuery, Audience, Authenticator, Call, Stream, locator_of
from relay.http.endpoints import (
    BodyTooLarge,
    Endpoint,
    InvalidRequest,
    Media,
    MethodNotAllowed,
    NotFound,
    WrongExpectation,
    problem,
)
from relay.http.faults import explain, log_fault
from relay.http.reading import Part, body_reader

_LOG = structlog.get_logger("relay.http")

#: Names one request in the answer and in every line logged about it; random, so that it links nothing.
REQUEST_ID: Final = "X-Request-Id"


# ---------------------------------------------------------------- what all endpoints share

Meter: TypeAlias = Callable[[int, float], None]


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What every endpoint shares; all of it is given by `http/app.py`."""

    authenticator: Authenticator
    #: Whether trust and the first directory are published.
    is_open: Callable[[], bool] = _always
    #: Raises `limits.TooManyRequests` if the caller exceeds the named rate.
    throttle: Callable[[web.Request, str], None] | None = None
    #: Gives, for a method and a template, what counts a status and its seconds.
    metered: Callable[[str, str], Meter] | None = None
    #: Counts a refusal by its code: one that the endpoint describes, or `UNDESCRIBED`.
    refused: Callable[[str], None] | None = None
    #: Whether families reach this relay over TLS (here or at the proxy): then say so for a year.
    tls: bool = False


def base_headers(frame: Frame) -> dict[str, str]:
    """Give the headers of every answer; pages and the log replace a few of them."""
    headers = {
        "Server": "letter-relay",
        "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return headers | ({"Strict-Transport-Security": "max-age=31536000"} if frame.tls else {})


def bind(app: web.Application, endpoints: Sequence[Endpoint], frame: Frame) -> None:
    """
    Put the endpoints on an application, with HEAD and OPTIONS for each address, and problems for everything else.

    Raises:
        ValueError: Two endpoints have the same name, or the same method and path.
    """
    for key in (lambda each: each.name, lambda each: (each.method, each.template)):
        if len({key(each) for each in endpoints}) != len(endpoints):
            raise ValueError("two endpoints share a name, or a method and a path")
    by_path: dict[str, list[Endpoint]] = {}
    for endpoint in endpoints:
        by_path.setdefault(endpoint.path, []).append(endpoint)
    for path, group in by_path.items():
        _bind_path(app.router.add_resource(path), group, frame)
    app.middlewares.append(_unrouted(frame))


def _bind_path(resource: web.Resource, group: list[Endpoint], frame: Frame) -> None:
    """Bind all methods of one address."""
    methods = {endpoint.method for endpoint in group}
    allow = ", ".join(sorted({*methods, "OPTIONS", *({"HEAD"} if "GET" in methods else ())}))
    for endpoint in group:
        bound = _Bound(endpoint, frame)
        for method in (endpoint.method, "HEAD") if endpoint.method == "GET" else (endpoint.method,):
            resource.add_route(method, bound.handle, expect_handler=bound.expect)
    headers = base_headers(frame) | {hdrs.ALLOW: allow}

    async def options(_: web.Request) -> web.Response:
        return web.Response(status=204, headers=headers)

    resource.add_route("OPTIONS", options)


def _unrouted(frame: Frame) -> Middleware:
    """Make the one middleware: it turns aiohttp's own refusals (no such address, no such method) into problems."""
    headers = base_headers(frame)
    meter = frame.metered("other", "unrouted") if frame.metered else None

    @web.middleware
    async def unrouted(request: web.Request, handler: AiohttpHandler) -> web.StreamResponse:
        try:
            return await handler(request)
        except web.HTTPException as refusal:
            error = MethodNotAllowed() if refusal.status == HTTPStatus.METHOD_NOT_ALLOWED else NotFound()
            response = problem(error, headers)
            if allow := refusal.headers.get(hdrs.ALLOW):
                response.headers[hdrs.ALLOW] = allow
        response.headers[REQUEST_ID] = urandom(8).hex()
        if frame.refused is not None:
            frame.refused(error.code)
        if meter is not None:
            meter(response.status, 0.0)
        return response

    return unrouted


# ---------------------------------------------------------------- one bound endpoint


#: Counted in the place of a code that an endpoint should have described, and did not.
UNDESCRIBED: Final = "undescribed"
_ANY_QUERY: Final = AnyQuery()


class _Bound:
    """An endpoint with everything that does not depend on the request worked out beforehand."""

    __slots__ = (
        "_body",
        "_caller",
        "_encode",
        "_endpoint",
        "_frame",
        "_headers",
        "_meter",
        "_named_headers",
        "_ok_headers",
        "_path",
        "_query",
    )

    def __init__(self, endpoint: Endpoint, frame: Frame) -> None:
        self._endpoint = endpoint
        self._frame = frame
        self._headers = base_headers(frame)
        self._ok_headers = CIMultiDict(self._headers | _content_type(endpoint))
        self._meter = frame.metered(endpoint.method, endpoint.template) if frame.metered else None
        self._caller = _caller_of(endpoint, frame.authenticator)
        self._path = Part("path", endpoint.path_model) if endpoint.path_model else None
        self._query = Part("query", endpoint.query_model) if endpoint.query_model else None
        self._named_headers = Part("header", endpoint.headers_model) if endpoint.headers_model else None
        self._body = body_reader(endpoint.body)
        self._encode = _encoder_of(endpoint)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        """Answer one request, whatever happens; only a caller who has gone is not answered."""
        started = perf_counter()
        request_id = urandom(8).hex()
        bind_contextvars(request_id=request_id)
        try:
            response = await self._answer(request)
        except Exception as fault:  # noqa: BLE001 - the last place where a fault can become an answer
            response = self._refuse(fault, request)
        response.headers[REQUEST_ID] = request_id
        if self._meter is not None:
            self._meter(response.status, perf_counter() - started)
        return response

    async def expect(self, request: web.Request) -> web.StreamResponse | None:
        """Meet ``Expect: 100-continue``, unless the body is already known to be refused."""
        if request.headers.get(hdrs.EXPECT, "").lower() != "100-continue":
            return problem(WrongExpectation(), self._headers)
        body = self._endpoint.body
        if (request.content_length or 0) > (body.limit_bytes if body else 0):
            return problem(BodyTooLarge(), self._headers)
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0  # as aiohttp does: what was sent is not yet an answer
        return None

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        endpoint, frame = self._endpoint, self._frame
        if not (endpoint.before_opening or frame.is_open()):
            raise NotOpen
        if endpoint.rate is not None and frame.throttle is not None:
            frame.throttle(request, endpoint.rate)
        caller = None if self._caller is None else await self._caller(request)
        path = None if self._path is None else self._path.read(request.match_info)
        query = self._read_query(request)
        headers = None if self._named_headers is None else self._named_headers.read_headers(request)
        body = await self._body(request)
        result = await endpoint.handler(Call(caller, body, query, path, headers, request))
        if isinstance(result, Stream):
            return await self._stream(request, result)
        return self._encoded(result)

    def _read_query(self, request: web.Request) -> BaseModel | None:
        if self._endpoint.query_model is AnyQuery:
            return _ANY_QUERY
        if self._query is not None:
            return self._query.read_once(request.query)
        if request.rel_url.raw_query_string:
            raise InvalidRequest([("query", "extra_forbidden")])
        return None

    def _encoded(self, result: Answer | BaseModel | bytes | None) -> web.Response:
        endpoint = self._endpoint
        if not isinstance(result, Answer):
            return web.Response(body=self._encode(result), status=endpoint.ok, headers=self._ok_headers)
        status = result.status or endpoint.ok
        if status != endpoint.ok and status not in endpoint.also:
            raise ValueError("an endpoint answered a status that it does not describe")
        body = None if result.body is None else self._encode(result.body)
        headers = self._ok_headers.copy()
        headers.update(result.headers)
        return web.Response(body=body, status=status, headers=headers)

    async def _stream(self, request: web.Request, result: Stream) -> web.StreamResponse:
        """Write an answer that is too long to be held; once it has begun, a fault can only cut it off."""
        headers = self._ok_headers.copy()
        headers.update(result.headers)
        response = web.StreamResponse(status=self._endpoint.ok, headers=headers)
        response.headers[REQUEST_ID] = get_contextvars()["request_id"]
        first = await anext(result.chunks, b"")
        await response.prepare(request)
        if request.method == hdrs.METH_HEAD:
            return response  # a body would be read as the answer to the next request
        await response.write(first)
        async for chunk in result.chunks:
            await response.write(chunk)
        return response

    def _refuse(self, fault: Exception, request: web.Request) -> web.Response:
        """Turn a fault into a problem; where an answer has begun or the caller has left, aiohttp drops it unsent."""
        error = explain(fault)
        has_left = request.transport is None
        if has_left and isinstance(fault, ConnectionError):
            pass  # the caller hung up while we were reading or writing: no fault of ours
        elif error is not fault or isinstance(error, Fatal):
            log_fault(fault, error.code, self._endpoint.name)
        elif not isinstance(error, self._endpoint.problems):
            _LOG.warning("undocumented_problem", endpoint=self._endpoint.name, code=error.code)
        if self._frame.refused is not None and not has_left:
            # A label has few values, whatever a fault says of itself.
            self._frame.refused(error.code if isinstance(error, self._endpoint.problems) else UNDESCRIBED)
        if request.transport is not None and request.writer.output_size > 0:
            request.transport.abort()
        return problem(error, self._headers)


def _content_type(endpoint: Endpoint) -> dict[str, str]:
    if endpoint.answer is None:
        return {}
    return {hdrs.CONTENT_TYPE: endpoint.answer.media_type if isinstance(endpoint.answer, Media) else "application/json"}


# ---------------------------------------------------------------- who is calling


def _caller_of(endpoint: Endpoint, authenticator: Authenticator) -> Callable[[web.Request], Awaitable[Any]] | None:
    """Choose, once, how this endpoint's callers are known; None where anybody may call."""
    match endpoint.audience:
        case Audience.PUBLIC:
            return None
        case Audience.MACHINE:
            return authenticator.machine
        case Audience.INVITED:
            return authenticator.invited
        case Audience.FAMILY:

            async def family(request: web.Request) -> object:
                return await authenticator.family(request, locator_of(request))

            return family
        case _:
            roles, scope = endpoint.roles, endpoint.scope

            async def staff(request: web.Request) -> object:
                caller = await (authenticator.scoped(request, scope) if scope else authenticator.staff(request))
                if roles.isdisjoint(caller.roles):
                    raise WrongRole
                return caller

            return staff


# ---------------------------------------------------------------- answers


def _encoder_of(endpoint: Endpoint) -> Callable[[Any], bytes | None]:
    """Choose, once, how this endpoint's results become bytes; a result of another kind is a bug and is said so."""
    expected = endpoint.answer
    if expected is None or isinstance(expected, Media):
        kind = type(None) if expected is None else bytes

        def as_is(result: object) -> Any:
            if not isinstance(result, kind):
                raise TypeError("an endpoint answered something else than it describes")
            return result

        return as_is
    model, dump = expected, TypeAdapter(expected).dump_json

    def as_json(result: object) -> bytes:
        if not isinstance(result, model):
            raise TypeError("an endpoint answered something else than it describes")
        return dump(result, exclude_none=True, by_alias=True)

    return as_json
