"""The command `demo`: where its folder is, which letters, and when it ends."""

import asyncio
import os
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from relay.cli.frame import Asked

if TYPE_CHECKING:
    from config.settings import Settings
    from relay.demo.show import Wanted

_CONFIG: Final = Path(__file__).resolve().parents[2] / "config" / "demo.toml"
_USUAL_FOLDER: Final = Path("data/demo")


async def demo(
    asked: Asked,
    once: Annotated[bool, typer.Option("--once", help="End after the story instead of serving on.")] = False,
    letters: Annotated[int, typer.Option("--letters", min=6, max=10_000, help="How many letters are written.")] = 25,
    seed: Annotated[int, typer.Option("--seed", help="Decides the order of the letters; never the keys.")] = 0,
) -> None:
    """Show a small invented world at work, in nine steps, on this machine."""
    from config.diagnostics import configure_logging
    from relay.cli.serving import stopped_by_signals
    from relay.demo.show import Wanted

    settings = _settings(asked)
    configure_logging(settings.log.level, sys.stderr)
    stop = stopped_by_signals()
    wanted = Wanted(letters, seed, once)
    if asked.data is None and once:
        with tempfile.TemporaryDirectory(prefix="letter-relay-demo-") as folder:
            await _until_stopped(_in_folder(settings, Path(folder) / "relay"), wanted, stop)
    else:
        await _until_stopped(_in_folder(settings, asked.data or _USUAL_FOLDER), wanted, stop)


async def _until_stopped(settings: "Settings", wanted: "Wanted", stop: asyncio.Event) -> None:
    """Run the demo, and leave it in good order as soon as Ctrl-C is pressed, wherever it is."""
    from relay.demo.show import CODES_FILE, run_demo, serve_again
    from relay.demo.stage import Stage

    stage = Stage()
    if (settings.relay.data_dir / CODES_FILE).exists() and not wanted.once:
        showing = asyncio.create_task(serve_again(settings, stage, stop=stop))
    else:
        showing = asyncio.create_task(run_demo(settings, wanted, stage, stop=stop))
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({showing, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if not showing.done():
        await asyncio.wait({showing}, timeout=1)  # once serving, it ends by itself when told to stop
        showing.cancel()
    stopped.cancel()
    await asyncio.gather(showing, stopped, return_exceptions=True)
    if not showing.cancelled() and (error := showing.exception()) is not None:
        raise error


def _settings(asked: Asked) -> "Settings":
    from config.settings import load_settings

    return load_settings(asked.config or _CONFIG, os.environ)


def _in_folder(settings: "Settings", folder: Path) -> "Settings":
    return settings.model_copy(update={"relay": settings.relay.model_copy(update={"data_dir": folder})})
