"""Serve a relay from the command line until somebody says stop."""

import asyncio
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from relay.cli.frame import Asked, WrongUsage
from relay.cli.places import settings_of

if TYPE_CHECKING:
    from config.settings import Settings


async def serve_until_told(asked: Asked, *, listen: str | None, tls_cert: Path | None, tls_key: Path | None) -> None:
    """
    Serve until SIGINT or SIGTERM; the batch at hand is finished first.

    Args:
        asked: The global options.
        listen: HOST:PORT, in place of what is configured; an IPv6 address stands in brackets.
        tls_cert: The certificate chain, PEM.
        tls_key: Its private key, PEM.

    Raises:
        WrongUsage: The address is none, or only one of certificate and key is given.
        NotInitialised, HighWaterAhead, LogForked, LogKeyMissing: The relay must not start as it is.
    """
    from config.diagnostics import configure_logging
    from relay.http.app import serve

    settings = _with_address(settings_of(asked), listen, tls_cert, tls_key)
    configure_logging(settings.log.level, sys.stderr)
    stop = stopped_by_signals()

    def ready(addresses: Sequence[str]) -> None:
        for address in addresses:
            asked.facts.tell(
                f"Serving {settings.relay.name} at {address}  (Ctrl-C stops)", event="serving", url=address
            )

    await serve(settings, stop=stop, ready=ready)


def stopped_by_signals() -> asyncio.Event:
    """Make an event that Ctrl-C and SIGTERM set."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    return stop


def _with_address(settings: "Settings", listen: str | None, tls_cert: Path | None, tls_key: Path | None) -> "Settings":
    changes: dict[str, Any] = {}
    if listen is not None:
        changes["host"], changes["port"] = _host_and_port(listen)
    if (tls_cert is None) != (tls_key is None):
        raise WrongUsage("--tls-cert and --tls-key go together")
    if tls_cert is not None:
        changes |= {"tls_cert_file": tls_cert, "tls_key_file": tls_key}
    return settings.model_copy(update={"http": settings.http.model_copy(update=changes)})


def _host_and_port(listen: str) -> tuple[str, int]:
    host, _, port = listen.rpartition(":")
    if not host or not (port.isascii() and port.isdecimal()) or int(port) > 65_535:
        raise WrongUsage("--listen wants HOST:PORT, such as 127.0.0.1:8080")
    return host.strip("[]"), int(port)
