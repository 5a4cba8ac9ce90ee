"""What operators type to put the next directory together, to read what it changes, and to sign it."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keys.errors import Refused
from relay.cli.ceremonies import OutFile, OutFolder, directory, grouped
from relay.cli.frame import Asked, WrongUsage, command
from relay.cli.places import operator_token, relay_url, settings_of

if TYPE_CHECKING:
    from keys.directory import Directory, DirectoryNote
    from relay.cli.standing import Standing
    from relay.client.drafting import Applicant, Assembled, Change, Wanted

__all__ = ["directory"]

_DOCUMENT = "directory.json"
_DRAFT = "directory.draft"

Several = list[str] | None
Folders = list[Path] | None


class OtherDocument(Refused):
    """The document beside this draft is not the one that the draft names."""

    code = "other_document"
    cure = "Sign nothing; take the whole folder again from whoever drafted it."


@command(directory, "draft")
async def draft_directory_page(  # noqa: PLR0913 - each is an option of the command
    asked: Asked,
    *,
    out: OutFolder,
    sides: Annotated[Several, typer.Option("--side", help="A party, as a lower-case word; repeat it.")] = None,
    desks: Annotated[Folders, typer.Option("--desk", metavar="DIR", help="A desk's folder; repeat it.")] = None,
    members: Annotated[
        Folders, typer.Option("--member", metavar="DIR", help="The folder of a member enrolled by hand; repeat it.")
    ] = None,
    confirm: Annotated[
        Several,
        typer.Option("--confirm", metavar="PRINT", help="The print that a new member read aloud to you; repeat it."),
    ] = None,
    without: Annotated[
        Several, typer.Option("--without", metavar="ID", help="A member or desk that shall go; repeat it.")
    ] = None,
    intake: Annotated[
        str | None,
        typer.Option("--intake", metavar="ID", help="The desk that families seal to; else as before, or the first."),
    ] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=366, help="After how many days it expires.")] = 90,
) -> None:
    """Put the next directory together, for k operators to sign; whoever was suspended is left out for good."""
    from relay.cli.standing import standing_of
    from relay.client.ceremonyfiles import read_desk, read_member
    from relay.client.clock import now
    from relay.client.drafting import Wanted, assemble

    standing = await standing_of(settings_of(asked))
    wanted = Wanted(
        sides=sides or (),
        desks=[read_desk(folder) for folder in desks or ()],
        members=[read_member(folder).member for folder in members or ()],
        confirmed=[_print_of(one) for one in confirm or ()],
        without=[*(without or ()), *sorted(standing.suspended)],
        intake=intake,
    )
    _require_parties(wanted, standing)
    # Who was enrolled by hand stands in folders; for a first directory made so, no relay need run yet.
    applicants = [] if members and not confirm else await _applicants(asked)
    at = now()
    _write(asked, assemble(standing.directory, wanted, applicants, at=at), standing, out, at=at, days=days)


@command(directory, "sign")
def sign_directory_draft(
    asked: Asked,
    draft: Annotated[Path, typer.Argument(help="What `directory draft` wrote: its folder, or the draft in it.")],
    key: Annotated[Path, typer.Option("--key", metavar="FILE", help="Your directory key's file.")],
    out: OutFile,
) -> None:
    """Read a directory's members and desks, with the prints of their keys, and sign it on your own machine."""
    from keys.directory import parse_directory_note, sign_directory
    from relay.client.ceremonyfiles import read_signing_key
    from relay.client.drafting import differences
    from relay.client.keyfiles import write_secret

    file = draft / _DRAFT if draft.is_dir() else draft
    note = parse_directory_note(file.read_text(encoding="utf-8"))
    document = file.with_name(_DOCUMENT)
    if document.exists():
        asked.facts.say(f"Version {note.version}, which expires {note.expires}, says:")
        _tell(asked, differences(None, _named_by(note, document.read_bytes())))
    write_secret(out, sign_directory(note, [read_signing_key(key).signer]))
    asked.facts.tell(f"Signed version {note.version} into {out}.", version=note.version, sha256=note.sha256)


def _named_by(note: "DirectoryNote", document: bytes) -> "Directory":
    """Read the document that a note names; an operator must not read one and sign another."""
    import hashlib

    from keys.directory import parse_directory

    if (note.bytes, note.sha256) != (len(document), hashlib.sha256(document).hexdigest()):
        raise OtherDocument
    return parse_directory(document)


def _write(asked: Asked, ready: "Assembled", standing: "Standing", out: Path, *, at: str, days: int) -> None:
    from keys.directory import encode_directory_note
    from relay.client.ceremony import draft_directory
    from relay.client.keyfiles import write_secret

    draft = draft_directory(
        intake=ready.intake,
        sides=ready.sides,
        desks=ready.desks,
        staff=ready.staff,
        at=at,
        version=standing.directory_version + 1,
        previous=standing.directory_note,
        days=days,
    )
    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_secret(out / _DOCUMENT, draft.document)
    write_secret(out / _DRAFT, encode_directory_note(draft.note).encode())
    _tell(asked, ready.changes)
    asked.facts.tell(
        f"Drafted version {draft.note.version}, which expires {draft.note.expires}; "
        f"each operator now reads and signs it: `letter-relay directory sign {out}`.",
        version=draft.note.version,
        expires=draft.note.expires,
        sha256=draft.note.sha256,
    )


def _tell(asked: Asked, changes: Iterable["Change"]) -> None:
    for one in changes:
        lines = [f"  {one.happened:<8} {one.kind:<5} {one.id}  {one.words}"]
        lines += [f"{'':17}keys {grouped(one.fingerprint)}"] if one.fingerprint else []
        lines += [f"{'':17}{one.why}"] if one.why else []
        asked.facts.tell(
            "\n".join(lines),
            change=one.happened.value,
            **{one.kind: one.id},
            words=one.words,
            fingerprint=one.fingerprint,
            why=one.why,
        )


async def _applicants(asked: Asked) -> "list[Applicant]":
    from relay.client.drafting import read_applicants
    from relay.client.operators import Operator
    from relay.client.transport import Connection

    async with Connection(relay_url(asked)) as connection:
        return read_applicants(await Operator(connection, operator_token(asked)).enrolments())


def _require_parties(wanted: "Wanted", standing: "Standing") -> None:
    if standing.directory is None and len(wanted.sides) < 2:
        raise WrongUsage("the first directory names its parties, two or more, with --side")


def _print_of(text: str) -> str:
    """Read a print as it is typed after the telephone: with spaces, in any case."""
    from keys.ids import is_id

    joined = "".join(text.split()).lower()
    if not is_id(joined):
        raise WrongUsage("--confirm wants the 32 hex digits that the member read aloud")
    return joined
