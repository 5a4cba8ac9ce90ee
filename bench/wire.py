"""
A lean HTTP/1.1 client: keep-alive connections, requests as bytes made beforehand, answers cut by their Content-Length.

On two cores the generator must cost far less than the server, or it would measure itself: aiohttp's own client needs
longer for a request than its server does. It speaks only what our server and the baseline answer.
"""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

_HEAD_END: Final = b"\r\n\r\n"
_LENGTH: Final = b"\r\ncontent-length:"

Answered = Callable[[int, bytes], None]


class ServerRefused(Exception):
    """The server answered something else than success; the benchmark would measure refusals."""


class ConnectionLost(Exception):
    """The server closed a connection in the middle."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a server listens."""

    host: str
    port: int


def request(method: str, path: str, body: bytes = b"", **headers: str) -> bytes:
    """
    Write a request.

    Args:
        headers: With underscores for hyphens: ``content_type="text/plain"``.
    """
    lines = [f"{method} {path} HTTP/1.1", "host: bench"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body or method in {"POST", "PUT"}:
        lines.append(f"content-length: {len(body)}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


class Wire(asyncio.Protocol):
    """One connection with one request under way at a time."""

    __slots__ = ("_answered", "_buffer", "_needed", "_transport")

    def __init__(self) -> None:
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._needed = 0
        self._answered: Answered | None = None

    @classmethod
    async def open(cls, address: Address) -> "Wire":
        """Connect."""
        loop = asyncio.get_running_loop()
        _, wire = await loop.create_connection(cls, address.host, address.port)
        return wire

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - a TCP connection has no other
        self._transport = transport

    def connection_lost(self, _exc: Exception | None) -> None:
        """Say so to whoever still waits."""
        answered, self._answered = self._answered, None
        if answered is not None:
            answered(0, b"")

    def ask(self, data: bytes, answered: Answered) -> None:
        """Send a request; `answered` is called with status and body, with status 0 if the connection breaks."""
        if self._transport is None or self._transport.is_closing():
            answered(0, b"")
            return
        self._answered = answered
        self._transport.write(data)

    async def send(self, data: bytes) -> bytes:
        """
        Send a request and wait for the body of its answer.

        Raises:
            ServerRefused, ConnectionLost: As they say.
        """
        future: asyncio.Future[tuple[int, bytes]] = asyncio.get_running_loop().create_future()
        self.ask(data, lambda status, body: future.set_result((status, body)))
        status, body = await future
        if status == 0:
            raise ConnectionLost
        if not 200 <= status < 300:
            raise ServerRefused(f"{status}: {body.decode(errors='replace')[:400]}")
        return body

    def data_received(self, data: bytes) -> None:
        """Collect an answer and hand it over once it is whole."""
        buffer = self._buffer + data if self._buffer else data
        if not self._needed:
            head = buffer.find(_HEAD_END)
            if head < 0:
                self._buffer = buffer
                return
            self._needed = head + len(_HEAD_END) + _body_bytes(buffer[:head])
        if len(buffer) < self._needed:
            self._buffer = buffer
            return
        self._buffer, self._needed = b"", 0
        answered, self._answered = self._answered, None
        if answered is not None:
            answered(int(buffer[9:12]), buffer[buffer.find(_HEAD_END) + len(_HEAD_END) :])

    def close(self) -> None:
        """Hang up."""
        if self._transport is not None:
            self._transport.close()


def _body_bytes(head: bytes) -> int:
    lowered = head.lower()
    at = lowered.find(_LENGTH)
    return int(lowered[at + len(_LENGTH) :].split(b"\r\n", 1)[0]) if at >= 0 else 0


class Wires:
    """Connections that many tasks share; each takes one for a request."""

    def __init__(self, wires: Iterable[Wire]) -> None:
        self._free: asyncio.Queue[Wire] = asyncio.Queue()
        for wire in wires:
            self._free.put_nowait(wire)

    @classmethod
    async def open(cls, address: Address, count: int) -> "Wires":
        """Connect so many times."""
        return cls([await Wire.open(address) for _ in range(count)])

    async def send(self, data: bytes) -> bytes:
        """Send a request over a free connection; raises as `Wire.send`."""
        wire = await self._free.get()
        try:
            return await wire.send(data)
        finally:
            self._free.put_nowait(wire)

    def close(self) -> None:
        """Hang up everywhere."""
        while not self._free.empty():
            self._free.get_nowait().close()
