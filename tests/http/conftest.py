"""A toy application behind a test client."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from relay.http.binding import Frame, bind
from tests.http.toy import BROKEN, TOY, ToyAuthenticator

ToyClient = TestClient[web.Request, web.Application]
Serve = Callable[..., Awaitable[ToyClient]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """Serve the toy table with any frame."""
    clients: list[ToyClient] = []

    async def start(**frame: Any) -> ToyClient:
        app = web.Application()
        bind(app, (*TOY, *BROKEN), Frame(**({"authenticator": ToyAuthenticator()} | frame)))
        server = TestServer(app)
        await server.start_server(lingering_time=0.05)  # refused bodies are not waited for
        client = TestClient(server)
        clients.append(client)
        return client

    yield start
    for client in clients:
        await client.close()


@pytest.fixture
async def client(serve: Serve) -> ToyClient:
    """Serve the toy table with an ordinary frame."""
    return await serve()
