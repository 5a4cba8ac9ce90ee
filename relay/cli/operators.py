"""What operators type: make a relay, serve it, sign trust and directory, enrol staff, look after its health."""

from pathlib import Path
from typing import Annotated

import typer

from relay.cli.demos import demo
from relay.cli.frame import Asked, command
from relay.cli.places import settings_of


def add_to(app: typer.Typer) -> None:
    """Register the commands that belong to no group."""
    command(app, "init")(init)
    command(app, "serve")(serve)
    command(app, "demo")(demo)


async def init(
    asked: Asked,
    name: Annotated[str, typer.Option("--name", help="The relay's host name, such as relay.example.")],
) -> None:
    """Make a new relay in an empty data folder: its id, its log's keys, an empty log."""
    from relay.ledger.begin import TOKEN_FILE, begin

    settings = settings_of(asked)
    founded = await begin(settings.database_url(), settings.relay.data_dir, name=name)
    facts = asked.facts
    facts.say(f"A new relay is in {settings.relay.data_dir}.")
    facts.tell(
        f"  relay id    {founded.head.relay}\n  log origin  {founded.head.origin}",
        relay=founded.head.relay,
        origin=founded.head.origin,
        log=list(founded.key.vkeys),
        token_file=str(settings.relay.data_dir / TOKEN_FILE),
    )
    facts.say("Next: `letter-relay root new` on a machine that is offline, then `letter-relay trust draft`.")


async def serve(
    asked: Asked,
    listen: Annotated[str | None, typer.Option("--listen", metavar="HOST:PORT", help="Where to listen.")] = None,
    tls_cert: Annotated[Path | None, typer.Option("--tls-cert", metavar="FILE", help="The certificate chain.")] = None,
    tls_key: Annotated[Path | None, typer.Option("--tls-key", metavar="FILE", help="Its private key.")] = None,
) -> None:
    """Serve the relay until Ctrl-C."""
    from relay.cli.serving import serve_until_told

    await serve_until_told(asked, listen=listen, tls_cert=tls_cert, tls_key=tls_key)
