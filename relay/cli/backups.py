"""What an operator types to keep a relay in one file, and to put it back."""

from pathlib import Path
from typing import Annotated

import typer

from relay.cli.frame import Asked
from relay.cli.places import settings_of


async def backup(
    asked: Asked,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The new file; it must not exist.")],
) -> None:
    """
    Copy database, log key, high-water mark and operator's token into one file, while the relay runs.

    Whoever has the file can go on with the log in this relay's name: keep it encrypted, on another machine.
    """
    from relay.ledger.backup import back_up

    settings = settings_of(asked)
    head = await back_up(settings.database_url(), settings.relay.data_dir, out)
    asked.facts.tell(
        f"{head.origin} with {head.size:,} entries is in {out}. Whoever has this file can be the relay: encrypt it.",
        origin=head.origin,
        size=head.size,
        out=str(out),
    )


async def restore(
    asked: Asked,
    file: Annotated[Path, typer.Argument(help="A backup, as `backup` has written it.")],
    last_checkpoint: Annotated[
        Path | None,
        typer.Option("--last-checkpoint", metavar="FILE", help="The newest high-water, or checkpoint, that there is."),
    ] = None,
) -> None:
    """
    Put a relay back into a data folder that has none, if nothing that was answered since is missing.

    The newest high-water mark says so: in the data folder, or by --last-checkpoint. This version has no command that
    declares a loss.
    """
    from relay.ledger.restoring import restore as put_back

    settings = settings_of(asked)
    last = None if last_checkpoint is None else last_checkpoint.read_bytes()
    head = await put_back(file, settings.database_url(), settings.relay.data_dir, last=last)
    asked.facts.tell(
        f"{head.origin} with {head.size:,} entries is back in {settings.relay.data_dir}. Next: `letter-relay doctor`.",
        origin=head.origin,
        size=head.size,
        folder=str(settings.relay.data_dir),
    )
