"""What an officer of a place of detention types: bags, letters to print, deliveries, replies."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keys.errors import Refused
from relay.cli.authorship import written_by
from relay.cli.frame import Asked, command, new_group
from relay.cli.pictures import read_picture
from relay.cli.terminal import counted, indented
from relay.cli.working import chosen, desk_of, tell_rows, working

if TYPE_CHECKING:
    from relay.client.facilities import Officer

facility = new_group("facility", "For places of detention: receive bags, hand letters over, bring replies in.")

Desk = Annotated[
    str | None,
    typer.Option("--desk", metavar="ID", help="The place, if you act for several."),
]
Items = Annotated[list[str], typer.Argument(help="Which items, by their ids.")]
Paper = Annotated[
    Path | None, typer.Option("--paper", metavar="FILE", help="The scan of the signed sheet; it is sealed here.")
]
Reasons = Annotated[list[str] | None, typer.Option("--reason", metavar="CODE", help="Such as TRANSFERRED; repeat it.")]


class BagUnknown(Refused):
    """No such bag is on its way here."""

    code = "bag_unknown"
    cure = "Run `letter-relay facility bags` and compare the number on the cover."


@asynccontextmanager
async def acting(asked: Asked, desk: str | None) -> AsyncIterator["Officer"]:
    """Sign an officer in at their place; or a dispatcher, for a place without computers."""
    from relay.client.facilities import Officer

    async with working(asked) as session:
        yield Officer(session, desk_of(session, desk, "facility", "bureau"))


@command(facility, "bags")
async def bags(asked: Asked, desk: Desk = None) -> None:
    """List the bags on their way here, and what has been received and not handed over."""
    async with acting(asked, desk) as officer:
        coming, here = await officer.bags(), await officer.items()
    for one in coming:
        items = [row.item for row in one.rows]
        asked.facts.tell(f"Bag {one.bag}, {counted(len(items), 'item')}, on its way", bag=one.bag, items=items)
    asked.facts.say(f"Here, to be handed over: {len(here)}")
    if here:
        tell_rows(asked, here, "")


@command(facility, "open")
async def open_letters(
    asked: Asked,
    items: Annotated[list[str] | None, typer.Argument(help="Which; all that are here if none is named.")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="A folder to print from.")] = None,
    desk: Desk = None,
) -> None:
    """Open letters to print them; each says whether a present reviewer signed it."""
    async with acting(asked, desk) as officer:
        here = await officer.items()
        batch = await officer.open(chosen(here, items) if items else here)
    for one in batch.letters:
        if out is not None:
            _keep(out, one.item, one.text, [(each.type, each.content) for each in one.enclosures])
        asked.facts.tell(
            f"--- {one.item}, for {one.row.detainee}\n    {written_by(one)}\n\n{indented(one.text)}\n",
            item=one.item,
            detainee=one.row.detainee,
            authenticity=one.authenticity.value,
            text=one.text,
            enclosures=[each.name for each in one.enclosures],
        )
    for damaged in batch.unreadable:
        asked.facts.tell(
            f"--- {damaged.row.item} cannot be read: {damaged.code}", item=damaged.row.item, error=damaged.code
        )


@command(facility, "receive")
async def receive(
    asked: Asked,
    *,
    bag: Annotated[str, typer.Argument(help="The bag's number, from its cover.")],
    missing: Annotated[
        list[str] | None, typer.Option("--missing", metavar="ITEM", help="Listed, and not in the bag; repeat it.")
    ] = None,
    reason: Reasons = None,
    paper: Paper = None,
    desk: Desk = None,
) -> None:
    """Accept a bag, item by item; what is not in it is said to be missing."""
    async with acting(asked, desk) as officer:
        coming = next((one for one in await officer.bags() if one.bag == bag), None)
        if coming is None:
            raise BagUnknown
        scan = await _scan(officer, paper)
        rows = await officer.receive(coming, missing=missing or (), reasons=reason or (), paper=scan)
    tell_rows(asked, rows, "received")


@command(facility, "deliver")
async def deliver(asked: Asked, items: Items, paper: Paper = None, desk: Desk = None) -> None:
    """Say that letters were handed over, with the scan of the sheet that the addressees signed."""
    async with acting(asked, desk) as officer:
        rows = chosen(await officer.items(), items)
        tell_rows(asked, await officer.deliver(rows, paper=await _scan(officer, paper)), "delivered")


@command(facility, "refuse")
async def refuse(asked: Asked, items: Items, reason: Reasons = None, paper: Paper = None, desk: Desk = None) -> None:
    """Say that the addressees refused letters."""
    async with acting(asked, desk) as officer:
        rows = chosen(await officer.items(), items)
        scan = await _scan(officer, paper)
        tell_rows(asked, await officer.refuse(rows, reasons=reason or (), paper=scan), "refused")


@command(facility, "fail")
async def fail(asked: Asked, items: Items, reason: Reasons = None, paper: Paper = None, desk: Desk = None) -> None:
    """Say that letters could not be handed over, and why."""
    async with acting(asked, desk) as officer:
        rows = chosen(await officer.items(), items)
        scan = await _scan(officer, paper)
        tell_rows(asked, await officer.fail(rows, reasons=reason or ("NOT_HERE",), paper=scan), "undeliverable")


@command(facility, "reply")
async def reply(
    asked: Asked,
    *,
    about: Annotated[str, typer.Option("--from", metavar="NUMBER", help="Whose words these are.")],
    text: Annotated[Path | None, typer.Option("--text", metavar="FILE", help="The words, typed off the sheet.")] = None,
    answers: Annotated[str, typer.Option("--re", metavar="ITEM", help="Which letter it answers, or `new`.")] = "new",
    enclose: Annotated[
        list[Path] | None, typer.Option("--enclose", metavar="FILE", help="A scan or drawing; up to three.")
    ] = None,
    lang: Annotated[str, typer.Option("--lang", help="The text's language.")] = "und",
    paper: Paper = None,
    desk: Desk = None,
) -> None:
    """Bring in what a detainee has written."""
    words = "" if text is None else text.read_text(encoding="utf-8").strip()
    pictures = [read_picture(path, number) for number, path in enumerate(enclose or [], start=1)]
    async with acting(asked, desk) as officer:
        draft = officer.prepare_reply(words, about=about, re=answers, lang=lang, enclosures=pictures)
        (move,) = await officer.send_replies([draft], paper=await _scan(officer, paper))
    asked.facts.tell(f"Brought in: reply {move.item}", item=move.item, event=move.event.event, index=move.index)


async def _scan(officer: "Officer", paper: Path | None) -> str | None:
    return None if paper is None else await officer.upload_scan(_read(paper))


def _read(path: Path) -> bytes:
    return path.read_bytes()


def _keep(folder: Path, item: str, text: str, pictures: list[tuple[str, bytes]]) -> None:
    from relay.client.keyfiles import replace_private

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace_private(folder / f"{item}.txt", text.encode())
    for number, (kind, content) in enumerate(pictures, start=1):
        replace_private(folder / f"{item}-{number}.{kind.removeprefix('image/')}", content)
