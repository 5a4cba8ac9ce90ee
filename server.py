"""Load the settings, build the relay, run it: `python server.py` needs no argument."""

import asyncio
import os
import signal
import sys
from pathlib import Path

from config.diagnostics import configure_logging
from config.settings import load_settings
from keys.errors import RelayError
from relay.http.app import serve

_CONFIG_FILE = Path("config/relay.toml")


async def _serve(path: Path | None) -> None:
    settings = load_settings(path, os.environ)
    configure_logging(settings.log.level, sys.stderr)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    await serve(settings, stop=stop)


def main() -> int:
    """Run the relay until it is told to stop; return the exit code."""
    path = Path(os.environ.get("LETTER_RELAY_CONFIG", _CONFIG_FILE))
    try:
        asyncio.run(_serve(path if path.exists() else None))
    except RelayError as error:
        sys.stderr.write(f"letter-relay: {error} [{error.code}]\n  {error.cure}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
