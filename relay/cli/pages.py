"""The pages from the command line: serve the staff's own on this machine, and compare a relay's with its log."""

from dataclasses import replace
from typing import Annotated

import typer

from relay.cli.frame import Asked, command
from relay.cli.joining import staff
from relay.cli.places import connected, fingerprint_of, relay_url


def add_to(app: typer.Typer) -> None:
    """Put the commands that stand by themselves on the root."""
    command(app, "verify-site")(verify_site)


async def verify_site(
    asked: Asked, url: Annotated[str, typer.Argument(metavar="URL", help="The relay whose pages to compare.")]
) -> None:
    """Fetch every file of a relay's pages, and compare it with the manifest that the log has."""
    from relay.client.sites import check_site

    async with connected(replace(asked, relay=url)) as (connection, book):
        checked = await check_site(connection, book)
    asked.facts.tell(
        f"These are the pages of the log: {checked.files} files, as entry {checked.index:,} of {checked.size:,} says.\n"
        "  That holds for what this machine was given now. Compare again, at other times and from other networks.",
        manifest=checked.manifest,
        index=checked.index,
        size=checked.size,
        files=checked.files,
    )


@command(staff, "pages")
async def serve_pages(
    asked: Asked,
    port: Annotated[int, typer.Option("--port", min=1, max=65_535, help="The port on this machine.")] = 8_088,
) -> None:
    """Serve the staff's pages on this machine, from what is installed here, for your own browser alone."""
    from relay.cli.serving import stopped_by_signals
    from relay.cli.window import open_window

    fingerprint = fingerprint_of(asked)
    async with open_window(relay_url(asked), fingerprint=fingerprint, port=port) as url:
        asked.facts.tell(f"Open {url} in your browser.  (Ctrl-C stops)", event="serving", url=url)
        await stopped_by_signals().wait()
