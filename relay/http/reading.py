"""Read a request: path, query, headers and body, each checked against its model before any handler sees it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from typing import Any, Final

from aiohttp import hdrs, web
from aiohttp.http_exceptions import HttpProcessingError
from pydantic import BaseModel, ValidationError

from relay.http.endpoints import (
    BadJson,
    BodyTooLarge,
    BodyTooSlow,
    BodyUnexpected,
    BodyUnreadable,
    InvalidRequest,
    Json,
    Raw,
    WrongMediaType,
)

#: A body may take this long, and then one second for each 4 KiB of it: the pace of a bad mobile line.
BODY_PATIENCE_SECONDS: Final = 20.0
SLOWEST_BYTES_PER_SECOND: Final = 4096


# ---------------------------------------------------------------- path, query, headers


class Part:
    """A part of the request that is made of strings: each must be the one way to write its value."""

    __slots__ = ("_known", "_model", "_names", "_where")

    def __init__(self, where: str, model: type[BaseModel]) -> None:
        """
        Prepare to read one part of many requests.

        Args:
            where: What a fault's place begins with: ``path``, ``query`` or ``header``.
            model: What the part must be.
        """
        self._where = where
        self._model = model
        self._names = {field.alias or name: name for name, field in model.model_fields.items()}
        self._known = frozenset(self._names) | frozenset(self._names.values())

    def read(self, values: Mapping[str, str]) -> BaseModel:
        """Check strings against the model; ``+5`` and ``05`` are not 5, nor is ``yes`` true."""
        try:
            model = self._model.model_validate_strings(values, strict=True)
        except ValidationError as fault:
            raise InvalidRequest(_faults(fault, self._where, self._known)) from None
        for alias, name in self._names.items():
            value = getattr(model, name)
            if isinstance(value, int) and alias in values and str(value).lower() != values[alias]:
                raise InvalidRequest([(f"{self._where}.{alias}", "not_canonical")])
        return model

    def read_once(self, values: Mapping[str, str]) -> BaseModel:
        """Do the same for the query, where a key may stand only once: whose second value would count?"""
        single = dict(values.items())
        if len(single) != len(values):
            raise InvalidRequest([(self._where, "repeated_key")])
        return self.read(single)

    def read_headers(self, request: web.Request) -> BaseModel:
        """Do the same for the headers that the model names; all others are not our concern."""
        found: dict[str, str] = {}
        for alias in self._names:
            values = request.headers.getall(alias, ())
            if len(values) > 1:
                raise InvalidRequest([(f"{self._where}.{alias}", "repeated_key")])
            if values:
                found[alias] = values[0]
        return self.read(found)


def _faults(fault: ValidationError, where: str, known: frozenset[str]) -> list[tuple[str, str]]:
    """
    Say where a model was not met, and which rule, without repeating anything the caller sent.

    A key that the model does not know is the caller's own text, so it is shown as ``*``.
    """
    listed = fault.errors(include_url=False, include_context=False, include_input=False)[:20]
    return [
        (
            ".".join([where, *(str(key) if isinstance(key, int) or key in known else "*" for key in each["loc"])]),
            each["type"],
        )
        for each in listed
    ]


# ---------------------------------------------------------------- bodies


def body_reader(body: Json | Raw | None) -> Callable[[web.Request], Awaitable[Any]]:
    """Choose, once for an endpoint, how its body is read and checked."""
    if body is None:
        return _no_body
    return _raw_reader(body) if isinstance(body, Raw) else _json_reader(body)


def _raw_reader(body: Raw) -> Callable[[web.Request], Awaitable[bytes]]:
    async def raw(request: web.Request) -> bytes:
        _check_media_type(request, body.media_type)
        return await _read(request, body.limit_bytes)

    return raw


def _json_reader(body: Json) -> Callable[[web.Request], Awaitable[BaseModel]]:
    model, known = body.model, frozenset(_property_names(body.model))

    async def parsed(request: web.Request) -> BaseModel:
        _check_media_type(request, "application/json")
        content = await _read(request, body.limit_bytes)
        try:
            return model.model_validate_json(content, strict=True)
        except ValidationError as fault:
            if fault.errors(include_url=False, include_context=False, include_input=False)[0]["type"] == "json_invalid":
                raise BadJson from None
            raise InvalidRequest(_faults(fault, "body", known)) from None

    return parsed


def _property_names(model: type[BaseModel]) -> Iterator[str]:
    """List every key that a model or a part of it knows."""
    schema = model.model_json_schema()
    for part in (schema, *schema.get("$defs", {}).values()):
        yield from part.get("properties", ())


async def _no_body(request: web.Request) -> None:
    if request.body_exists:
        raise BodyUnexpected


def _check_media_type(request: web.Request, expected: str) -> None:
    """
    Refuse another media type, and any content coding.

    A sealed letter does not shrink, and a body that may unfold to a thousand times its size is not worth the risk.
    """
    given = request.headers.get(hdrs.CONTENT_TYPE, "")
    if given != expected:
        essence, _, parameters = given.partition(";")
        charset = parameters.strip().lower().replace('"', "")
        if essence.strip().lower() != expected or charset not in {"", "charset=utf-8"}:
            raise WrongMediaType
    if hdrs.CONTENT_ENCODING in request.headers:
        raise WrongMediaType


async def _read(request: web.Request, limit_bytes: int) -> bytes:
    """Read a body of at most so many bytes; a small one has usually arrived with its headers."""
    if (request.content_length or 0) > limit_bytes:
        raise BodyTooLarge
    try:
        content = request.content
        if not content.is_eof():
            return await _read_slowly(request, limit_bytes)
        body = content.read_nowait()
    except (web.RequestPayloadError, HttpProcessingError):
        raise BodyUnreadable from None
    if len(body) > limit_bytes:
        raise BodyTooLarge
    return body


async def _read_slowly(request: web.Request, limit_bytes: int) -> bytes:
    """Read what is still on its way, and give up on one who trickles."""
    expected_bytes = limit_bytes if request.content_length is None else request.content_length
    received = bytearray()
    try:
        async with asyncio.timeout(BODY_PATIENCE_SECONDS + expected_bytes / SLOWEST_BYTES_PER_SECOND):
            while chunk := await request.content.readany():
                received += chunk
                if len(received) > limit_bytes:
                    raise BodyTooLarge
    except TimeoutError:
        raise BodyTooSlow from None
    return bytes(received)
