"""What a bureau types that writes for families without a device: one letter, one mailbox, one sheet of paper."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from relay.cli.frame import Asked, WrongUsage, command, new_group
from relay.cli.places import code_of, connected, data_of, fingerprint_of

if TYPE_CHECKING:
    from relay.client.families import Accepted
    from relay.client.sealing import Letter

bureau = new_group("bureau", "For bureaux: write for families that have no device.")

#: What the sheet's name is followed by while the letter is on its way and the sheet is not written yet.
_UNTIL_SENT: Final = ".code"


@command(bureau, "open-mailbox")
async def open_mailbox(
    asked: Asked,
    *,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The sheet to print, HTML; it must not exist.")],
    text: Annotated[Path, typer.Option("--text", metavar="FILE", help="The letter, in the family's words.")],
    card: Annotated[
        Path | None, typer.Option("--card", metavar="FILE", help="The address card: its number, or what its code says.")
    ] = None,
    about: Annotated[
        Path | None, typer.Option("--about", metavar="FILE", help="Without a card: lines such as surname: Barvinchuk.")
    ] = None,
    enclose: Annotated[
        list[Path] | None, typer.Option("--enclose", metavar="FILE", help="A picture; up to three.")
    ] = None,
    lang: Annotated[str, typer.Option("--lang", help="The letter's language.")] = "und",
    language: Annotated[str, typer.Option("--language", help="The sheet's: uk, ru or en.")] = "uk",
) -> None:
    """
    Write a family's letter under a new code, and lay out the sheet with the code that the family takes home.

    If the network fails, the same command again sends the same letter under the same code.
    """
    from relay.cli.pictures import read_picture
    from relay.client.bureaus import read_card
    from relay.client.sealing import Letter

    if (card is None) == (about is None):
        raise WrongUsage("say --card FILE; or --about FILE, with whom the family is looking for")
    number = None if card is None else read_card(_words(card), fingerprint=fingerprint_of(asked))
    described = None if about is None else _address(about)
    pictures = tuple(read_picture(path, n) for n, path in enumerate(enclose or [], start=1))
    letter = Letter(_words(text), number or "unknown", lang, pictures, address=described)
    code = _code(asked, out)
    accepted, name = await _send(asked, code, letter)
    _write_sheet(asked, out, code, number, language=language, item=accepted.item, name=name)
    asked.facts.tell(
        f"Accepted. The letter is item {accepted.item}. Print {out}, hand it over, and delete it.",
        item=accepted.item,
        index=accepted.verified.index,
        sheet=str(out),
    )


async def _send(asked: Asked, code: str, letter: "Letter") -> tuple["Accepted", str]:
    """Send the letter, or what the same command has sealed before; gives the relay's name too."""
    from relay.cli.outbox import Outbox
    from relay.client.families import Family

    said = (code, letter.about, letter.lang, letter.text, letter.address or "")
    made_from = (*(part.encode() for part in said), *(one.content for one in letter.enclosures))
    async with connected(asked) as (connection, book):
        writer = Family(connection, book, code)
        path, draft = Outbox(data_of(asked) / "outbox").draft(
            made_from,
            lambda: writer.prepare(
                letter.text,
                about=letter.about,
                lang=letter.lang,
                enclosures=letter.enclosures,
                address=letter.address,
            ),
        )
        accepted = await writer.send(draft)
        path.unlink(missing_ok=True)
        return accepted, book.trust.origin.partition("/")[0]


def _code(asked: Asked, out: Path) -> str:
    """Give the code that was asked for, or the one that this command has made before, or a new one, kept until sent."""
    from keys.codes import new_code
    from relay.client.ceremonyfiles import write_code
    from relay.client.keyfiles import FileExists, read_code

    if out.exists():
        raise FileExists
    if asked.code_file is not None:
        return code_of(asked)
    kept = _kept(out)
    if kept.exists():
        return read_code(str(kept))
    code = new_code()
    write_code(kept, code)
    return code


def _write_sheet(
    asked: Asked, out: Path, code: str, number: str | None, *, language: str, item: str, name: str
) -> None:
    from relay.client.bureaus import Sheet, sheet_html
    from relay.client.keyfiles import write_secret

    sheet = Sheet(code, number, item, name, fingerprint_of(asked))
    write_secret(out, sheet_html(sheet, language=language).encode())
    if asked.code_file is None:
        _kept(out).unlink()


def _kept(out: Path) -> Path:
    return out.with_name(out.name + _UNTIL_SENT)


def _address(about: Path) -> str:
    from relay.client.particulars import encode_address, parse_form

    return encode_address(parse_form(_words(about)))


def _words(file: Path) -> str:
    return file.read_text(encoding="utf-8").strip()
