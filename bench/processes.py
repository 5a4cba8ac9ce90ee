"""The servers under test, each in a process of its own: the relay as it is served, and a handler that does nothing."""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Callable, Coroutine, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import urlsplit

from aiohttp import web

from bench.wire import Address
from config.diagnostics import configure_logging
from config.settings import Settings
from relay.http.app import serve

_START_SECONDS = 30
#: A new interpreter, so that the server does not carry what the generator has in memory.
_SPAWN = multiprocessing.get_context("spawn")


class NotStarted(Exception):
    """A server process ended, or said nothing, before it listened."""


def settings_of(folder: Path) -> Settings:
    """
    Give the settings of a relay under test: the default ones, on a free port.

    Rates and proof of work are off: they are there to slow senders down, and all of ours come from one address.
    """
    return Settings.model_validate(
        {
            "relay": {"name": "bench.example", "data_dir": folder},
            "http": {"port": 0, "metrics_port": 0},
            "limits": {"requests_per_minute": 0, "accepts_per_minute": 0, "sign_ins_per_minute": 0},
            "work": {"required": False},
        }
    )


@contextmanager
def relay_at(folder: Path) -> Iterator[Address]:
    """Serve the relay of a data folder while the block runs; what it logs goes to a file beside the folder."""
    with _process(_serve_relay, folder) as address:
        yield address


@contextmanager
def bare_handler(folder: Path) -> Iterator[Address]:
    """Serve the baseline while the block runs: aiohttp that reads the body and answers nothing."""
    with _process(_serve_bare, folder) as address:
        yield address


@contextmanager
def _process(target: Callable[[Path, Connection], None], folder: Path) -> Iterator[Address]:
    ours, theirs = _SPAWN.Pipe()
    process = _SPAWN.Process(target=target, args=(folder, theirs), daemon=True)
    process.start()
    theirs.close()
    try:
        if not ours.poll(_START_SECONDS):
            raise NotStarted
        yield _received(ours)
    finally:
        if process.is_alive():
            os.kill(process.pid or 0, signal.SIGTERM)
        process.join(_START_SECONDS)


def _received(pipe: Connection) -> Address:
    try:
        address: Address = pipe.recv()
    except EOFError:
        raise NotStarted from None
    return address


def _serve_relay(folder: Path, pipe: Connection) -> None:
    with folder.with_suffix(".server.log").open("a") as log:
        configure_logging("info", log)
        asyncio.run(_until_told(lambda stop: _relay(folder, pipe, stop)))


async def _relay(folder: Path, pipe: Connection, stop: asyncio.Event) -> None:
    def ready(addresses: Sequence[str]) -> None:
        parts = urlsplit(addresses[0])
        pipe.send(Address(str(parts.hostname), int(parts.port or 0)))

    await serve(settings_of(folder), stop=stop, ready=ready)


def _serve_bare(_folder: Path, pipe: Connection) -> None:
    asyncio.run(_until_told(lambda stop: _bare(pipe, stop)))


async def _bare(pipe: Connection, stop: asyncio.Event) -> None:
    async def read_it(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(body=b"")

    app = web.Application()
    app.router.add_put("/{path:.*}", read_it)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    pipe.send(Address(host, port))
    await stop.wait()
    await runner.cleanup()


async def _until_told(run: Callable[[asyncio.Event], Coroutine[None, None, None]]) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    await run(stop)
