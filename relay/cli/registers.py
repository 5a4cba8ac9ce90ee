"""What a registrar types: import who is held, say that somebody was moved or released, print address cards."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relay.cli.frame import DONE, REFUSED, Asked, WrongUsage, command, new_group
from relay.cli.places import fingerprint_of
from relay.cli.terminal import counted
from relay.cli.working import desk_of, working
from relay.domain.register import Status

if TYPE_CHECKING:
    from relay.client.importing import Imported

register = new_group("register", "For registrars: who is held where.")

Desk = Annotated[str | None, typer.Option("--desk", metavar="ID", help="Your review desk, if you work at several.")]


@command(register, "import")
async def import_file(
    asked: Asked,
    file: Annotated[Path, typer.Argument(help="CSV with the columns of examples/register/detainees.csv.")],
    place: Annotated[
        list[str] | None,
        typer.Option("--place", metavar="NAME=DESK", help="What the file calls a facility, and its id; repeat it."),
    ] = None,
    desk: Desk = None,
) -> int:
    """
    Seal and publish a register: the relay learns number, status and place; only reviewers learn names.

    Read again, the same file changes nothing; whoever is known keeps the number. Refused rows are listed with the
    reason, and the command ends with 3 if there are any; all other rows are published.
    """
    from relay.client.importing import import_register

    places = dict(map(_place, place or ()))
    async with working(asked) as session:
        imported = await import_register(session, desk_of(session, desk, "review"), file.read_bytes(), places=places)
    _tell(asked, imported)
    return REFUSED if imported.refused else DONE


@command(register, "set")
async def set_one(
    asked: Asked,
    *,
    number: Annotated[str, typer.Argument(help="The detainee number.")],
    status: Annotated[Status, typer.Option("--status", help="What is known.")],
    place: Annotated[str | None, typer.Option("--place", metavar="DESK", help="The facility, by its id.")] = None,
    desk: Desk = None,
) -> None:
    """Say where somebody is now, or that they are free; dispatch to the old place stops at once."""
    from keys.codes import parse_number
    from relay.client.importing import set_status

    async with working(asked) as session:
        record = await set_status(session, desk_of(session, desk, "review"), parse_number(number), status, place=place)
    asked.facts.tell(
        f"{record.number} is {record.status.value}, {record.place or 'without a place'}.",
        number=record.number,
        status=record.status.value,
        place=record.place,
    )


@command(register, "cards")
async def print_cards(
    asked: Asked,
    *,
    numbers: Annotated[list[str] | None, typer.Argument(help="Whose; of all who are held if none is named.")] = None,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The page to print, HTML; it must not exist.")],
    language: Annotated[str, typer.Option("--language", help="uk, ru or en.")] = "uk",
    address: Annotated[
        str | None, typer.Option("--address", metavar="URL", help="What families open; https and the relay's name.")
    ] = None,
    desk: Desk = None,
) -> None:
    """Lay out address cards to be printed, four to a sheet; the names are on strips that are torn off."""
    from keys.codes import parse_number
    from relay.client.cards import Card, cards_html
    from relay.client.keyfiles import write_secret
    from relay.client.register import read_register

    async with working(asked) as session:
        listed = await read_register(session, desk_of(session, desk, "review"))
        name = session.trustbook.trust.origin.partition("/")[0]
    if numbers:
        records = [listed.find(parse_number(number)) for number in numbers]
    else:
        records = [one for one in listed.records.values() if one.status not in (Status.RELEASED, Status.CLOSED)]
    page = cards_html(
        [Card(record.number, record.names) for record in records],
        relay_name=name,
        relay_url=address or f"https://{name}/",
        fingerprint=fingerprint_of(asked),
        language=language,
    )
    write_secret(out, page.encode())
    are = "is" if len(records) == 1 else "are"
    asked.facts.tell(f"{counted(len(records), 'card')} {are} in {out}.", cards=len(records), out=str(out))


def _place(named: str) -> tuple[str, str]:
    name, _, desk = named.rpartition("=")
    if not name:
        raise WrongUsage("--place wants NAME=DESK: what the file calls a facility, and its id")
    return name, desk


def _tell(asked: Asked, imported: "Imported") -> None:
    for row in imported.refused:
        for fault, sentence in zip(row.faults, row.sentences(), strict=True):
            asked.facts.tell(sentence, row=row.row, column=fault.column, why=fault.why.value)
    asked.facts.tell(
        f"{len(imported.added)} people were added, {len(imported.updated)} updated, {imported.unchanged} are as they "
        f"were; {_count(imported.refused)} refused.",
        added=len(imported.added),
        updated=len(imported.updated),
        unchanged=imported.unchanged,
        refused=len(imported.refused),
        pages=len(imported.pages),
    )
    if imported.resealed:
        asked.facts.tell(
            f"{counted(len(imported.resealed), 'person')} sealed anew, for a review desk that could not read them.",
            resealed=len(imported.resealed),
        )
    for record in imported.added:
        asked.facts.tell(
            f"  {record.number}  {record.names}", number=record.number, names=record.names, status=record.status.value
        )


def _count(rows: Sequence[object]) -> str:
    return "1 row was" if len(rows) == 1 else f"{len(rows)} rows were"
