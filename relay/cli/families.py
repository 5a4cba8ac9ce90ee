"""What a family types: write a letter, see where it is, read the reply, verify a receipt, take a letter back."""

import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from keys.errors import Refused
from relay.cli.frame import Asked, WrongUsage, command, new_group
from relay.cli.places import code_of, connected, data_of
from relay.cli.terminal import counted, indented

if TYPE_CHECKING:
    from relay.client.answers import MailboxItem
    from relay.client.families import Accepted, Family
    from relay.client.sealing import Enclosure

family = new_group("family", "For families: one receipt code shows where your letters are, and opens the replies.")

Items = Annotated[list[str], typer.Argument(help="Which letters, by their ids.")]


class NotInMailbox(Refused):
    """Your mailbox has no such item."""

    code = "not_in_mailbox"
    cure = "Run `letter-relay family status` and take the id from there."


class LetterEmpty(Refused):
    """There are no words in this letter, and no pictures."""

    code = "letter_empty"
    cure = "Look whether --text names the right file, and whether the letter was saved in it."


#: What a family is told of a letter that waited in vain; the relay sends it back by itself, and cannot seal a note.
_LAPSED: Final = (
    "A letter of yours came back: nobody was found for sure to whom it could go.\n"
    "That does not mean that the person is not held: names are written in many\n"
    "ways, and lists come late. Write again, with all that you know in the file\n"
    "for --about, or with the number if a card has reached you; or ask a bureau."
)


@asynccontextmanager
async def opened(asked: Asked, code: str | None = None) -> AsyncIterator["Family"]:
    """Open the mailbox of the code that was asked for."""
    from relay.client.families import Family

    code = code or code_of(asked)
    async with connected(asked) as (connection, book):
        yield Family(connection, book, code)


@command(family, "write")
async def write(
    asked: Asked,
    *,
    text: Annotated[str, typer.Option("--text", metavar="FILE|-", help="The letter; - reads standard input.")],
    to: Annotated[str | None, typer.Option("--to", metavar="NUMBER", help="The detainee number on the card.")] = None,
    unknown: Annotated[bool, typer.Option("--unknown", help="You do not know the number.")] = False,
    about: Annotated[
        Path | None,
        typer.Option("--about", metavar="FILE", help="Lines such as surname: Barvinchuk. Needed with --unknown."),
    ] = None,
    enclose: Annotated[
        list[Path] | None, typer.Option("--enclose", metavar="FILE", help="A picture; up to three.")
    ] = None,
    lang: Annotated[str, typer.Option("--lang", help="The letter's language, such as uk, ru or en.")] = "und",
    receipt: Annotated[
        Path | None, typer.Option("--receipt", metavar="FILE", help="Where to keep the receipt.")
    ] = None,
) -> None:
    """Seal a letter on this machine, send it, and verify the receipt before calling it accepted."""
    from relay.client.particulars import encode_address, parse_form

    if (to is None) == (not unknown) or (unknown and about is None):
        raise WrongUsage("say --to NUMBER; or --unknown, with --about FILE to say whom you are looking for")
    if asked.json and asked.code_file is None:
        raise WrongUsage("with --json, say in which file the receipt code is, or shall be: --code-file FILE")
    if text == asked.code_file == "-":
        raise WrongUsage("the letter and the code cannot both come on standard input")
    words = _read_text(text)
    described = None if about is None else encode_address(parse_form(about.read_text(encoding="utf-8")))
    enclosures = _pictures(enclose or [])
    if not words and not enclosures:
        raise LetterEmpty
    code, is_new = _code_or_new(asked)
    if is_new:
        _tell_code(asked, code)  # before the letter is sent: a code that is lost with the network opens no reply
    async with opened(asked, code) as writer:
        accepted = await _send(asked, writer, (code, to or "unknown", lang, words, described), enclosures)
    if receipt is not None:
        receipt.write_bytes(accepted.receipt)
    asked.facts.tell(
        f"Accepted. The letter is item {accepted.item}; its receipt is verified.",
        item=accepted.item,
        state="accepted",
        index=accepted.verified.index,
        receipt=str(receipt) if receipt else None,
    )


@command(family, "status")
async def status(
    asked: Asked,
    prove: Annotated[bool, typer.Option("--prove", help="Look every event up in the public log too.")] = False,
) -> None:
    """Show where each letter is, and which replies are ready."""
    async with opened(asked) as reader:
        items = await reader.status()
        proved = await reader.prove(items) if prove else None
    for item in items:
        asked.facts.tell(
            f"  {item.item}  {item.day}  {item.kind.value:<7} {item.word}{_beside(item)}",
            item=item.item,
            kind=item.kind.value,
            word=item.word,
            day=item.day,
            re=item.re,
            note=item.note is not None,
            lapsed=item.lapsed or None,
        )
    if any(item.lapsed for item in items):
        asked.facts.say(f"\n{indented(_LAPSED)}\n")
    if not items:
        asked.facts.say("There is nothing in this mailbox.")
    if proved is not None:
        were = "was" if proved == 1 else "were"
        asked.facts.say(f"{counted(proved, 'event')} {were} found in the public log.")


@command(family, "read")
async def read(
    asked: Asked,
    items: Annotated[list[str] | None, typer.Argument(help="Which; all that can be read if none is named.")] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="DIR", help="A folder for texts and pictures; else texts are shown.")
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Do not say that the replies were collected.")] = False,
) -> None:
    """Read replies and notes; then say, signed, that the replies were collected."""
    async with opened(asked) as reader:
        found = await reader.status()
        chosen = _chosen(found, items) if items else [item for item in found if item.parts or item.note]
        for item in chosen:
            if item.note is not None:
                asked.facts.tell(
                    f"--- A note about {item.item}\n{indented(note := await reader.read_note(item))}\n",
                    item=item.item,
                    note=note,
                )
            if item.parts:
                await _show_reply(asked, reader, item, out)
        ready = [item for item in chosen if item.word == "ready"]
        if ready and not keep:
            await reader.collect(ready)
    if not chosen:
        asked.facts.say("There is nothing to read yet.")


@command(family, "verify")
async def verify(asked: Asked, receipt: Annotated[Path, typer.Argument(help="The receipt file.")]) -> None:
    """Verify a receipt against the pinned trust, and that the public log still begins as it said."""
    from relay.client.families import Family
    from relay.client.logreader import LogReader
    from relay.domain.events import parse_event

    async with connected(asked) as (connection, book):
        verified = Family(connection, book, "").verify(receipt.read_bytes())
        newest = await book.verified_trust(connection)
        older, newer = sorted((verified.checkpoint, newest), key=lambda one: one.size)
        await LogReader(connection, book.trust).prove_grown(older, newer)
    event = parse_event(verified.receipt.event)
    asked.facts.tell(
        f"Proved: item {event.item} was {event.event} on {event.day}, and the log has only grown since.",
        item=event.item,
        event=event.event,
        day=event.day,
        index=verified.index,
        size=newest.size,
    )


@command(family, "withdraw")
async def withdraw(asked: Asked, items: Items) -> None:
    """Take letters back, for as long as they are shown as accepted."""
    async with opened(asked) as writer:
        moves = await writer.withdraw(_chosen(await writer.status(), items))
    for move in moves:
        asked.facts.tell(f"Withdrawn: {move.item}", item=move.item, event=move.event.event, index=move.index)


async def _send(
    asked: Asked,
    writer: "Family",
    letter: tuple[str, str, str, str, str | None],
    enclosures: Sequence["Enclosure"],
) -> "Accepted":
    """Seal the letter, or take what the same command has sealed before, and send it until it is acknowledged."""
    from relay.cli.outbox import Outbox

    _, about, lang, words, described = letter
    made_from = (*((part or "").encode() for part in letter), *(one.content for one in enclosures))
    path, draft = Outbox(data_of(asked) / "outbox").draft(
        made_from, lambda: writer.prepare(words, about=about, lang=lang, enclosures=enclosures, address=described)
    )
    accepted = await writer.send(draft)
    path.unlink(missing_ok=True)
    return accepted


async def _show_reply(asked: Asked, reader: "Family", item: "MailboxItem", out: Path | None) -> None:
    reply = await reader.read(item)
    text, names = reply.letter.manifest.text, [each.name for each in reply.enclosures]
    if out is not None:
        _keep(out, item.item, text, reply.enclosures)
    warning = "" if reply.authenticity.trustworthy else f" ({reply.authenticity}: do not take it for his words)"
    asked.facts.tell(
        f"--- A reply, {item.item}{warning}\n{indented(text)}\n",
        item=item.item,
        text=text,
        enclosures=names,
        authenticity=reply.authenticity.value,
        out=str(out) if out else None,
    )


def _keep(folder: Path, item: str, text: str, enclosures: Sequence["Enclosure"]) -> None:
    from relay.client.keyfiles import replace_private

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    replace_private(folder / f"{item}.txt", text.encode())
    for number, each in enumerate(enclosures, start=1):
        # The name inside a letter is a stranger's; the file gets one of ours.
        replace_private(folder / f"{item}-{number}.{each.type.removeprefix('image/')}", each.content)


def _code_or_new(asked: Asked) -> tuple[str, bool]:
    """Read the code, or make one: into the file that was named and is not there yet, or to be shown."""
    from keys.codes import new_code
    from relay.client.ceremonyfiles import write_code

    if asked.code_file is None:
        return new_code(), True
    if asked.code_file == "-" or Path(asked.code_file).exists():
        return code_of(asked), False
    code = new_code()
    write_code(Path(asked.code_file), code)
    return code, True


def _tell_code(asked: Asked, code: str) -> None:
    from keys.codes import show_code

    if asked.code_file is not None:
        asked.facts.say(
            f"Your receipt code is in {asked.code_file}. Write it down; whoever has it can read the replies."
        )
        return
    asked.facts.say(f"\n  Your receipt code:  {show_code(code)}\n")
    asked.facts.say("Write it down on paper now. It is shown once; whoever has it can read the replies.")


def _pictures(paths: Sequence[Path]) -> tuple["Enclosure", ...]:
    from relay.cli.pictures import read_picture

    return tuple(read_picture(path, number) for number, path in enumerate(paths, start=1))


def _read_text(source: str) -> str:
    return (sys.stdin.read() if source == "-" else Path(source).read_text(encoding="utf-8")).strip()


def _chosen(items: Sequence["MailboxItem"], wanted: Sequence[str]) -> list["MailboxItem"]:
    by_id = {item.item: item for item in items}
    if set(wanted) - by_id.keys():
        raise NotInMailbox
    return [by_id[one] for one in wanted]


def _beside(item: "MailboxItem") -> str:
    if item.lapsed:
        return ": nobody was found for sure"
    return ", with a note" if item.note is not None else ""
