"""
The one way to the relay: HTTP with bearers and problems, tried again where that is safe.

Nearly everything that a client sends may be sent twice: parts are named by their digest, letters by their item, and
statements by their hash, so the relay takes the second one for the first. Bodies and bearers are never logged.
"""

import asyncio
import ipaddress
import json
import random
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Final, Self

import aiohttp
from aiohttp import hdrs
from yarl import URL

from keys.canonical import encode_json
from relay.client.faults import AnswerMalformed, CertificateUntrusted, InsecureAddress, ProblemAnswered, Unreachable

SEALED: Final = "application/vnd.letter-relay.sealed"
NOTE: Final = "application/vnd.letter-relay.note"
JSON: Final = "application/json"
OCTETS: Final = "application/octet-stream"
PROBLEM: Final = "application/problem+json"

#: Answers are read whole; 500 letters of 64 KiB with some photos fit.
MAX_ANSWER_BYTES: Final = 256 * 1024 * 1024
_ATTEMPTS: Final = 4
_FIRST_WAIT_SECONDS: Final = 0.25
_LONGEST_WAIT_SECONDS: Final = 20.0
_TRY_AGAIN: Final = frozenset({429, 503})


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer, whole."""

    status: int
    media_type: str
    body: bytes
    #: The Content-Security-Policy that came with it, for whoever checks pages.
    policy: str = ""

    def text(self) -> str:
        """
        Read the body as UTF-8.

        Raises:
            AnswerMalformed: It is not.
        """
        try:
            return self.body.decode()
        except UnicodeDecodeError:
            raise AnswerMalformed from None

    def json(self) -> dict[str, Any]:
        """
        Read the body as one JSON object.

        Raises:
            AnswerMalformed: It is none.
        """
        try:
            value = json.loads(self.body)
        except (ValueError, RecursionError):
            raise AnswerMalformed from None
        if not isinstance(value, dict):
            raise AnswerMalformed
        return value


class Connection:
    """A relay's address and the HTTP session with which it is asked; close it, or use it in ``async with``."""

    def __init__(
        self,
        url: str,
        *,
        session: aiohttp.ClientSession | None = None,
        tls: ssl.SSLContext | None = None,
        timeout_seconds: float = 30.0,
        attempts: int = _ATTEMPTS,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """
        Name a relay.

        Args:
            url: ``https://…``; ``http://`` for this very machine and for onion services only.
            session: One to share; without it the connection makes its own and closes it.
            tls: Whom to trust, where the system's authorities are not the right ones.
            timeout_seconds: For one attempt, whole.
            attempts: How often a request that may be repeated is sent at most.
            sleep: Waits; tests bring their own.

        Raises:
            InsecureAddress: Codes and tokens would cross a network in the clear.
        """
        self.url: Final = _checked(url)
        self._session = session
        self._owned = session is None
        self._tls = tls
        self._timeout = aiohttp.ClientTimeout(total=timeout_seconds)
        self._attempts = attempts
        self._sleep = sleep

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the session, if it is this connection's own."""
        if self._owned and self._session is not None:
            await self._session.close()
            self._session = None

    async def get(self, path: str, *, bearer: str | None = None, query: Mapping[str, str] | None = None) -> Answer:
        """Ask for something; raises as `send`."""
        return await self.send("GET", path, bearer=bearer, query=query)

    async def post_json(self, path: str, members: Mapping[str, Any], *, bearer: str | None = None) -> Answer:
        """Send a JSON object; raises as `send`."""
        return await self.send("POST", path, encode_json(members).encode(), media_type=JSON, bearer=bearer)

    async def put_json(self, path: str, members: Mapping[str, Any], *, bearer: str | None = None) -> Answer:
        """Store a JSON object; raises as `send`."""
        return await self.send("PUT", path, encode_json(members).encode(), media_type=JSON, bearer=bearer)

    async def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        *,
        media_type: str | None = None,
        bearer: str | None = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        repeat: bool = True,
    ) -> Answer:
        """
        Send a request, again if need be, and return the answer.

        Args:
            path: From the relay's root, with its slash.
            body: Sent as it is.
            media_type: The body's.
            bearer: The token after ``Bearer``.
            query: Further parameters.
            headers: Further headers.
            repeat: Whether the request may be sent again; everything but a sign-in may.

        Raises:
            Unreachable: No answer, after all attempts.
            ProblemAnswered: The relay refused it, or asks to wait longer than this client does by itself.
            AnswerMalformed: The answer is too large, or a redirection, which could take the bearer elsewhere.
        """
        sent = {hdrs.ACCEPT_ENCODING: "identity", **(headers or {})}
        if media_type is not None:
            sent[hdrs.CONTENT_TYPE] = media_type
        if bearer is not None:
            sent[hdrs.AUTHORIZATION] = f"Bearer {bearer}"
        last = self._attempts if repeat else 1
        for attempt in range(1, last + 1):
            try:
                return await self._once(method, path, body, query, sent)
            except (Unreachable, ProblemAnswered) as fault:
                wait_seconds = _wait_seconds(fault, attempt)
                if attempt == last or wait_seconds is None:
                    raise
            await self._sleep(wait_seconds)
        raise Unreachable

    async def _once(
        self, method: str, path: str, body: bytes | None, query: Mapping[str, str] | None, headers: Mapping[str, str]
    ) -> Answer:
        session = self._opened()
        options: dict[str, Any] = {} if self._tls is None else {"ssl": self._tls}
        try:
            async with session.request(
                method,
                self.url + path,
                data=body,
                params=query,
                headers=headers,
                timeout=self._timeout,
                allow_redirects=False,
                **options,
            ) as response:
                content = await _read(response)
                return _judged(response, content)
        except aiohttp.ClientConnectorCertificateError:
            raise CertificateUntrusted from None
        except (aiohttp.ClientError, TimeoutError, OSError):
            raise Unreachable from None

    def _opened(self) -> aiohttp.ClientSession:
        # Made at the first request, because a session belongs to the loop that runs then. It keeps no cookies: a
        # family's client that kept any could be told from another.
        if self._session is None:
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        return self._session


async def _read(response: aiohttp.ClientResponse) -> bytes:
    """
    Read an answer, but no more of it than an answer can have.

    Raises:
        AnswerMalformed: It is larger.
    """
    if response.content_length is not None and response.content_length <= MAX_ANSWER_BYTES:
        return await response.read()
    chunks, size = [], 0
    async for chunk in response.content.iter_any():
        size += len(chunk)
        if size > MAX_ANSWER_BYTES:
            raise AnswerMalformed("the relay's answer is larger than 256 MiB")
        chunks.append(chunk)
    return b"".join(chunks)


def _judged(response: aiohttp.ClientResponse, content: bytes) -> Answer:
    if 200 <= response.status < 300:
        policy = response.headers.get("Content-Security-Policy", "")
        return Answer(response.status, response.content_type, content, policy)
    if response.status < 400:
        raise AnswerMalformed("the relay answered with a redirection, which this client does not follow")
    members: dict[str, Any] = {}
    if response.content_type == PROBLEM:
        try:
            members = Answer(response.status, PROBLEM, content).json()
        except AnswerMalformed:
            members = {}
    raise ProblemAnswered(response.status, members, _retry_after(response.headers.get(hdrs.RETRY_AFTER)))


def _retry_after(value: str | None) -> int | None:
    """Read Retry-After as seconds; a date is for proxies, and our relay sends none."""
    return int(value) if value is not None and value.isascii() and value.isdecimal() and len(value) < 7 else None


def _wait_seconds(fault: Unreachable | ProblemAnswered, attempt: int) -> float | None:
    """Say how long to wait before the next attempt, or None if another one is of no use or too far off."""
    backoff = _FIRST_WAIT_SECONDS * 2.0 ** (attempt - 1)
    # Full jitter: clients that were cut off together must not come back together. Nothing secret hangs on it.
    jittered = random.uniform(0.5, 1.5) * backoff  # noqa: S311 - spreads load, guards nothing
    if isinstance(fault, Unreachable):
        return jittered
    if fault.status not in _TRY_AGAIN:
        return None
    asked = fault.retry_after_seconds or 0
    return None if asked > _LONGEST_WAIT_SECONDS else max(jittered, float(asked))


def _checked(url: str) -> str:
    parsed = URL(url)
    host = parsed.host or ""
    if parsed.scheme != "https" and not (parsed.scheme == "http" and _is_private(host)):
        raise InsecureAddress
    return url.rstrip("/")


def _is_private(host: str) -> bool:
    """Say whether plain HTTP to this host leaves nothing readable on a network."""
    if host == "localhost" or host.endswith(".onion"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
