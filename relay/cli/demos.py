"""The command `demo`: where its folder is, which letters, and when it ends."""

import asyncio
import os
import sys
import tempfile
from collections.abc import Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from relay.cli.frame import Asked

if TYPE_CHECKING:
    from config.settings import Settings
    from relay.demo.cast import Cast
    from relay.demo.stage import Stage

_CONFIG: Final = Path(__file__).resolve().parents[2] / "config" / "demo.toml"
_USUAL_FOLDER: Final = Path("data/demo")
#: Written last: a folder with it holds a whole demo world.
_CODES_FILE: Final = "demo-codes.txt"
_LAST_WORDS_SECONDS: Final = 1.0


async def demo(
    asked: Asked,
    once: Annotated[bool, typer.Option("--once", help="End after the story instead of serving on.")] = False,
    letters: Annotated[int, typer.Option("--letters", min=6, max=10_000, help="How many letters are written.")] = 25,
    seed: Annotated[int, typer.Option("--seed", help="Decides the order of the letters; never the keys.")] = 0,
) -> None:
    """Show a small invented world at work, in nine steps, on this machine."""
    from config.diagnostics import configure_logging
    from relay.cli.serving import stopped_by_signals
    from relay.demo.cast import read_cast
    from relay.demo.playbill import introduce
    from relay.demo.stage import Stage

    settings, stage = _settings(asked), Stage()
    configure_logging(settings.log.level, sys.stderr)
    stop = stopped_by_signals()
    with tempfile.TemporaryDirectory(prefix="letter-relay-demo-") as spare:
        folder = asked.data or (Path(spare) / "relay" if once else _USUAL_FOLDER)
        settings = settings.model_copy(update={"relay": settings.relay.model_copy(update={"data_dir": folder})})
        if (folder / _CODES_FILE).exists() and not once:
            await _until_stopped(_again(settings, stage, stop), stop)
            return
        cast = read_cast(letters, seed)
        introduce(stage, cast)  # before the heavy modules are loaded: nobody likes an empty screen
        await _until_stopped(_show(settings, cast, stage, once=once, stop=stop), stop)


async def _show(settings: "Settings", cast: "Cast", stage: "Stage", *, once: bool, stop: asyncio.Event) -> None:
    from relay.demo.show import run_demo

    await run_demo(settings, cast, stage, once=once, stop=stop)


async def _again(settings: "Settings", stage: "Stage", stop: asyncio.Event) -> None:
    from relay.demo.show import serve_again

    await serve_again(settings, stage, stop=stop)


async def _until_stopped(story: Coroutine[Any, Any, None], stop: asyncio.Event) -> None:
    """Run the demo, and leave it in good order as soon as Ctrl-C is pressed, wherever it is."""
    showing = asyncio.create_task(story)
    stopped = asyncio.create_task(stop.wait())
    await asyncio.wait({showing, stopped}, return_when=asyncio.FIRST_COMPLETED)
    if not showing.done():
        # Once it serves, it ends by itself when told to stop; in the middle of the story it is cancelled.
        await asyncio.wait({showing}, timeout=_LAST_WORDS_SECONDS)
        showing.cancel()
    stopped.cancel()
    await asyncio.gather(showing, stopped, return_exceptions=True)
    if not showing.cancelled() and (error := showing.exception()) is not None:
        raise error


def _settings(asked: Asked) -> "Settings":
    from config.settings import load_settings

    return load_settings(asked.config or _CONFIG, os.environ)
