"""What the mediator's people type: the queue, claims, letters to read, decisions, bags."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relay.cli.authorship import written_by
from relay.cli.frame import Asked, WrongUsage, command, new_group
from relay.cli.terminal import counted, indented
from relay.cli.working import chosen, desk_of, tell_rows, working

if TYPE_CHECKING:
    from relay.client.opening import OpenedBatch, OpenedItem
    from relay.client.resealing import Edit
    from relay.client.reviewers import Answerable, Reviewer

review = new_group("review", "For reviewers: claim letters, read them, pass, return or withhold them.")
bag = new_group("bag", "For dispatchers: pack what was passed.")

Desk = Annotated[str | None, typer.Option("--desk", metavar="ID", help="Your desk, if you work at several.")]
Items = Annotated[list[str], typer.Argument(help="Which items, by their ids.")]
Reasons = Annotated[list[str] | None, typer.Option("--reason", metavar="CODE", help="Such as MIL; repeat it.")]
Cuts = Annotated[
    list[str] | None, typer.Option("--cut", metavar="CODE=FILE", help="Block out the words in this file; repeat it.")
]
LeftOut = Annotated[
    list[int] | None, typer.Option("--leave-out", min=1, max=3, help="Leave this enclosure out; repeat it.")
]
NoteFile = Annotated[
    Path | None, typer.Option("--note", metavar="FILE", help="A few words that only the family can open.")
]


@asynccontextmanager
async def reviewing(asked: Asked, desk: str | None) -> AsyncIterator["Reviewer"]:
    """Sign a reviewer in at their desk."""
    from relay.client.reviewers import Reviewer

    async with working(asked) as session:
        yield Reviewer(session, desk_of(session, desk, "review"))


@command(review, "queue")
async def queue(asked: Asked, desk: Desk = None) -> None:
    """List whose letters wait, the oldest first, what you hold, and what waits for a second person."""
    async with reviewing(asked, desk) as reviewer:
        lines, mine, contested = await reviewer.lines(), await reviewer.claimed(), await reviewer.contested()
    facts = asked.facts
    facts.say(f"{counted(sum(line.items for line in lines), 'item')} in line, for {_people(len(lines))}:")
    for line in lines:
        facts.tell(
            f"  {line.detainee:<12}  {line.items:>4}  since {line.since}",
            waiting=line.detainee,
            items=line.items,
            since=line.since,
        )
    for heading, rows in (("You hold:", mine), ("For a second person:", contested)):
        if rows:
            facts.say(heading)
            tell_rows(asked, rows, "")


@command(review, "claim")
async def claim(
    asked: Asked,
    detainee: Annotated[str, typer.Argument(help="A number from the queue, or `unknown`.")],
    limit: Annotated[int, typer.Option("--limit", min=1, max=20, help="How many at most.")] = 20,
    desk: Desk = None,
) -> None:
    """Claim one detainee's letters for half an hour, in the order of their lines."""
    async with reviewing(asked, desk) as reviewer:
        offered = await reviewer.offers(detainee, limit=limit)
        tell_rows(asked, await reviewer.claim(offered) if offered else [], "claimed")


@command(review, "open")
async def open_letters(
    asked: Asked,
    items: Annotated[list[str] | None, typer.Argument(help="Which; all that you hold if none is named.")] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="DIR", help="A folder for the pictures.")] = None,
    desk: Desk = None,
) -> None:
    """Read the letters that you hold; each says whether its signature proves who wrote it."""
    async with reviewing(asked, desk) as reviewer:
        _tell_letters(asked, await _opened(reviewer, items), out)


@command(review, "pass")
async def pass_letters(
    asked: Asked,
    *,
    items: Items,
    cut: Cuts = None,
    leave_out: LeftOut = None,
    unproven: Annotated[bool, typer.Option("--unproven", help="Although nobody has proved who wrote it.")] = False,
    place: Annotated[
        str | None, typer.Option("--place", metavar="DESK", help="For a reply to nobody known: the bureau.")
    ] = None,
    reason: Reasons = None,
    desk: Desk = None,
) -> None:
    """Pass letters to where the register has their addressees, and replies to their families."""
    if (cut or leave_out) and len(items) != 1:
        raise WrongUsage("--cut and --leave-out are for one letter at a time")
    async with reviewing(asked, desk) as reviewer:
        batch = await _opened(reviewer, items)
        edits = {one.item: edit_of(one, cut or (), leave_out or ()) for one in batch.letters}
        passed = await reviewer.pass_(
            batch.letters, edits=edits, place=place, reasons=reason or (), although_unproven=unproven
        )
    tell_rows(asked, passed, "passed")


@command(review, "forward")
async def forward(
    asked: Asked,
    *,
    items: Items,
    to: Annotated[str, typer.Option("--to", metavar="DESK", help="The next review desk of the agreement's route.")],
    unproven: Annotated[bool, typer.Option("--unproven", help="Although nobody has proved who wrote it.")] = False,
    desk: Desk = None,
) -> None:
    """Send letters on to the next review desk, where the agreement has a second one read them too."""
    async with reviewing(asked, desk) as reviewer:
        batch = await _opened(reviewer, items)
        forwarded = await reviewer.forward(batch.letters, to, although_unproven=unproven)
    tell_rows(asked, forwarded, "forwarded")


@command(review, "return")
async def return_letters(
    asked: Asked, items: Items, reason: Reasons = None, note: NoteFile = None, desk: Desk = None
) -> None:
    """Return letters that you hold, or that were passed and cannot arrive, to their families; they may write again."""
    async with reviewing(asked, desk) as reviewer:
        claimed, passed = await reviewer.claimed(), await reviewer.passed()
        wanted = chosen([*claimed, *passed], items)
        batch = await reviewer.open([row for row in wanted if row in claimed])
        every: list[Answerable] = [*batch.letters, *batch.unreadable]
        every += await reviewer.as_read([row for row in wanted if row in passed])
        tell_rows(asked, await reviewer.return_(every, reasons=reason or (), note=_words(note)), "returned")


@command(review, "withhold")
async def withhold(asked: Asked, items: Items, reason: Reasons = None, desk: Desk = None) -> None:
    """Propose to withhold letters; another person decides."""
    async with reviewing(asked, desk) as reviewer:
        rows = chosen(await reviewer.claimed(), items)
        tell_rows(asked, await reviewer.propose_withhold(rows, reasons=reason or ()), "contested")


@command(review, "confirm")
async def confirm(asked: Asked, items: Items, reason: Reasons = None, note: NoteFile = None, desk: Desk = None) -> None:
    """Confirm, as a second person, that letters are withheld."""
    async with reviewing(asked, desk) as reviewer:
        batch = await reviewer.open(chosen(await reviewer.contested(), items))
        every: list[Answerable] = [*batch.letters, *batch.unreadable]
        tell_rows(asked, await reviewer.confirm(every, reasons=reason or (), note=_words(note)), "withheld")


@command(review, "overturn")
async def overturn(asked: Asked, items: Items, reason: Reasons = None, desk: Desk = None) -> None:
    """Overturn, as a second person, a proposal to withhold: the letters go to the front of their lines."""
    async with reviewing(asked, desk) as reviewer:
        rows = chosen(await reviewer.contested(), items)
        tell_rows(asked, await reviewer.overturn(rows, reasons=reason or ()), "overturned")


@command(review, "escalate")
async def escalate(asked: Asked, items: Items, reason: Reasons = None, desk: Desk = None) -> None:
    """Leave letters to a senior reviewer."""
    async with reviewing(asked, desk) as reviewer:
        rows = chosen(await reviewer.claimed(), items)
        tell_rows(asked, await reviewer.escalate(rows, reasons=reason or ()), "escalated")


@command(review, "release")
async def release(
    asked: Asked,
    items: Items,
    hint: Annotated[str | None, typer.Option("--hint", metavar="LANG", help="Which language is needed.")] = None,
    desk: Desk = None,
) -> None:
    """Put letters back into their lines for somebody else."""
    async with reviewing(asked, desk) as reviewer:
        rows = chosen(await reviewer.claimed(), items)
        tell_rows(asked, await reviewer.release(rows, hint=hint), "released")


@command(bag, "pack")
async def pack(
    asked: Asked,
    to: Annotated[
        str | None, typer.Option("--to", metavar="DESK", help="The desk it goes to; without it, a bag for each.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Where to keep the bag's list; goes with --to.")
    ] = None,
    desk: Desk = None,
) -> None:
    """Pack what was passed into bags, one for each desk, and sign their release."""
    from relay.client.dispatchers import Dispatcher
    from relay.client.keyfiles import write_secret

    if out is not None and to is None:
        raise WrongUsage("--out keeps one bag's list, so it needs --to")
    async with working(asked) as session:
        dispatcher = Dispatcher(session, desk_of(session, desk, "review"))
        rows = await dispatcher.to_pack(to)
        stopped = await dispatcher.stopped(rows)
        bags = await dispatcher.pack_all([row for row in rows if row not in stopped])
    if stopped:
        asked.facts.say("Left out, since they are no longer there: a reviewer redirects or returns these.")
        tell_rows(asked, stopped, "stopped")
    if not bags:
        asked.facts.say("Nothing waits to be packed.")
    for packed in bags:
        if out is not None:
            write_secret(out, packed.manifest.encode())
        asked.facts.tell(
            f"Bag {packed.bag} for desk {packed.place}: {counted(len(packed.rows), 'item')}, released.",
            bag=packed.bag,
            items=len(packed.rows),
            to=packed.place,
            statement=packed.statement,
            out=str(out) if out else None,
        )


@command(bag, "show")
def show(asked: Asked, file: Annotated[Path, typer.Argument(help="A bag's list, as `bag pack` kept it.")]) -> None:
    """Show a bag's list, and the digest that its cover shows."""
    import json
    from hashlib import sha256

    from relay.client.faults import AnswerMalformed

    data = file.read_bytes()
    try:
        listed = json.loads(data)
        items = [one["item"] for one in listed["items"]]
    except (ValueError, LookupError, TypeError):
        raise AnswerMalformed("this file is no bag's list") from None
    asked.facts.tell(
        f"Bag {listed['bag']}, {counted(len(items), 'item')}, cover {sha256(data).hexdigest()}",
        bag=listed["bag"],
        items=items,
        sha256=sha256(data).hexdigest(),
    )
    for item in items:
        asked.facts.say(f"  {item}")


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number:,} people"


async def _opened(reviewer: "Reviewer", items: Sequence[str] | None) -> "OpenedBatch":
    held = await reviewer.claimed()
    return await reviewer.open(chosen(held, items) if items else held)


def _tell_letters(asked: Asked, batch: "OpenedBatch", out: Path | None) -> None:
    from relay.client.particulars import read_address, show_address

    for one in batch.letters:
        manifest = one.letter.manifest
        way = "from" if one.row.kind.value == "reply" else "for"
        lang = "" if manifest.lang == "und" else f", {manifest.lang}"
        header = f"--- {one.item}  {one.row.kind.value} {way} {one.row.detainee}{lang}\n    {written_by(one)}"
        if one.contact_refused is not None:
            header += f"\n    The contact beside it is not believed [{one.contact_refused}]."
        about = f"\n    The family wrote the number {one.readdressed}." if one.readdressed else ""
        said = show_address(read_address(manifest.address))
        about += "".join(f"\n    {line}" for line in said.splitlines())
        names = [each.name for each in one.enclosures]
        pictures = f"\n    With: {', '.join(names)}" if names else ""
        asked.facts.tell(
            f"{header}{about}{pictures}\n\n{indented(one.text)}\n",
            item=one.item,
            kind=one.row.kind.value,
            detainee=one.row.detainee,
            typed=one.readdressed,
            authenticity=one.authenticity.value,
            lang=manifest.lang,
            text=one.text,
            address=said or None,
            enclosures=names,
            contact_refused=one.contact_refused,
        )
        if out is not None:
            _keep_pictures(one, out)
    for damaged in batch.unreadable:
        asked.facts.tell(
            f"--- {damaged.row.item} cannot be read: {damaged.code}", item=damaged.row.item, error=damaged.code
        )


def _keep_pictures(one: "OpenedItem", folder: Path) -> None:
    from relay.client.keyfiles import replace_private

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for number, each in enumerate(one.enclosures, start=1):
        # The name inside a letter is a stranger's; the file gets one of ours.
        replace_private(folder / f"{one.item}-{number}.{each.type.removeprefix('image/')}", each.content)


def edit_of(one: "OpenedItem", cuts: Sequence[str], leave_out: Sequence[int]) -> "Edit":
    """Read from files which words go; raises WrongUsage if they do not stand in the letter as they stand there."""
    from keys.sealed import Excision
    from relay.client.resealing import Edit

    excisions = []
    for cut in cuts:
        reason, _, name = cut.partition("=")
        words = Path(name).read_text(encoding="utf-8").strip("\n") if name else ""
        start = one.text.find(words)
        if not words or start < 0:
            raise WrongUsage("--cut wants CODE=FILE, and the words in the file exactly as they stand in the letter")
        excisions.append(Excision(start, start + len(words), reason))
    return Edit(tuple(sorted(excisions, key=lambda one: one.start)), frozenset(leave_out))


def _words(note: Path | None) -> str | None:
    return None if note is None else note.read_text(encoding="utf-8").strip()
