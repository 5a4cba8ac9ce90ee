"""What operators type: make a relay, serve it, sign trust and directory, enrol staff, look after its health."""

from pathlib import Path
from typing import Annotated

import typer

from relay.cli.backups import backup, restore
from relay.cli.demos import demo
from relay.cli.frame import DONE, FATAL, Asked, command
from relay.cli.places import settings_of


def add_to(app: typer.Typer) -> None:
    """Register the commands that belong to no group."""
    command(app, "init")(init)
    command(app, "serve")(serve)
    command(app, "demo")(demo)
    command(app, "doctor")(doctor)
    command(app, "backup")(backup)
    command(app, "restore")(restore)
    command(app, "bench")(bench)


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


async def doctor(asked: Asked) -> int:
    """Look a relay over, offline: settings, folder, database, log, directory; say what to do about each."""
    from relay.cli.doctor import examine
    from relay.cli.surroundings import Verdict

    checks = await examine(settings_of(asked))
    for check in checks:
        cure = f"\n               {check.cure}" if check.cure else ""
        asked.facts.tell(
            f"  {check.verdict:<5} {check.name:<12} {check.found}{cure}",
            check=check.name,
            verdict=check.verdict.value,
            found=check.found,
            cure=check.cure,
        )
    return FATAL if any(check.verdict is Verdict.FAIL for check in checks) else DONE


def bench(_: Asked, quick: Annotated[bool, typer.Option("--quick", help="Rough figures, in seconds.")] = False) -> int:
    """Measure how fast the relay is on this machine: one JSON line a figure."""
    import subprocess
    import sys

    # A process of its own: what it measures must not share an interpreter with what was imported here.
    run = [sys.executable, "-m", "bench", *(["--quick"] if quick else [])]
    return subprocess.run(run, cwd=Path(__file__).resolve().parents[2], check=False).returncode  # noqa: S603 - our own module
