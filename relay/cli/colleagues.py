"""What members type about themselves and their desk: sessions, programs' tokens, suspensions, and the desk's key."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from relay.cli.ceremonies import OutFolder, admit_at_opening, checked_id
from relay.cli.frame import Asked, WrongUsage, command, new_group
from relay.cli.joining import desk, staff
from relay.cli.working import NotYourDesk, working

if TYPE_CHECKING:
    from keys.hybrid import HybridRecipient
    from relay.client.desks import DeskMember, Rotated
    from relay.client.staff import StaffSession

__all__ = ["desk", "staff"]

token = new_group("token", "Tokens for programs of your own: less than your power, for a time.")
staff.add_typer(token)

DeskOption = Annotated[
    str | None, typer.Option("--desk", metavar="ID", help="Which desk; the only one where you work, if not named.")
]
MemberFolders = Annotated[
    list[Path] | None,
    typer.Option("--member", metavar="DIR", help="A member's folder, where the relay does not know them yet; repeat."),
]


# ---------------------------------------------------------------- sessions and suspensions


@command(staff, "sessions")
async def list_sessions(
    asked: Asked,
    end: Annotated[
        list[str] | None, typer.Option("--end", metavar="ID", help="End this session, on whatever device; repeat it.")
    ] = None,
    end_all: Annotated[bool, typer.Option("--end-all", help="End every session but this command's own.")] = False,
) -> None:
    """List where you are signed in, and sign out there."""
    async with working(asked) as session:
        found = [one for one in await session.sessions() if one.id != session.session_id]
        ended = [one.id for one in found if end_all or one.id in (end or ())]
        for ending in ended:
            await session.end_session(ending)
    for one in found:
        state = "ended" if one.id in ended else "open"
        asked.facts.tell(
            f"  {one.id[:16]}…  since {_time(one.created_at)}, last used {_time(one.seen_at)}  {state}",
            session=one.id,
            created_at=one.created_at,
            seen_at=one.seen_at,
            state=state,
        )
    if not found:
        asked.facts.say("You are signed in nowhere but here.")
    if unknown := set(end or ()) - set(ended):
        raise WrongUsage(f"you have no such session: {', '.join(sorted(unknown))}")


@command(staff, "suspend")
async def suspend_key(
    asked: Asked,
    member: Annotated[str, typer.Argument(metavar="STAFF", help="The member's id.")],
    reason: Annotated[str, typer.Option("--reason", metavar="CODE", help="KEY_LOST, DEVICE_LOST, LEFT, …")],
) -> None:
    """Take a member's key out of force at once, as an operator; it does not come back."""
    from relay.client.operators import suspend

    async with working(asked) as session:
        index = await suspend(session, checked_id(member), reason)
    asked.facts.tell(
        f"Suspended: entry {index} of the log. Sessions and tokens have ended. Next: a colleague makes a new epoch "
        "(`letter-relay desk rotate`), and the operators publish a directory without this member.",
        staff=member,
        index=index,
        reason=reason,
    )


# ---------------------------------------------------------------- tokens


@command(token, "new")
async def make_token(
    asked: Asked,
    *,
    name: Annotated[str, typer.Option("--name", help="What you call it, such as nightly-audit.")],
    scopes: Annotated[list[str], typer.Option("--scope", help="audit or metrics; repeat it.")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="A new file for the token; it is shown nowhere.")],
    days: Annotated[int, typer.Option("--days", min=1, max=366, help="For how many days it is good.")] = 90,
) -> None:
    """Make a token for a program: `audit verify --token-file`, or a metrics reader."""
    from relay.client import tokens as programs
    from relay.client.keyfiles import write_secret

    if out.exists():
        raise WrongUsage(f"there is a file {out} already; name a new one with --out")
    async with working(asked) as session:
        made = await programs.make_token(session, name, scopes, days=days)
    write_secret(out, f"{made.token}\n".encode())
    asked.facts.tell(
        f"The token is in {out}, and good until {_time(made.expires_at)}. Whoever has the file has its power.",
        id=made.id,
        name=name,
        scopes=scopes,
        expires_at=made.expires_at,
        file=str(out),
    )


@command(token, "list")
async def list_tokens(asked: Asked) -> None:
    """List the tokens you have made, and when each was used last."""
    from relay.client import tokens as programs

    async with working(asked) as session:
        found = await programs.list_tokens(session)
    for one in found:
        used = f"used {_time(one.used_at)}" if one.used_at else "never used"
        state = "revoked" if one.revoked_at else f"until {_time(one.expires_at)}"
        asked.facts.tell(
            f"  {one.id[:16]}…  {one.name}  {', '.join(one.scopes)}  {state}, {used}",
            id=one.id,
            name=one.name,
            scopes=list(one.scopes),
            expires_at=one.expires_at,
            used_at=one.used_at,
            revoked_at=one.revoked_at,
        )
    if not found:
        asked.facts.say("None.")


@command(token, "revoke")
async def revoke_token(
    asked: Asked,
    tokens: Annotated[list[str], typer.Argument(metavar="ID", help="As `token list` shows it with --json.")],
) -> None:
    """Take tokens out of use, at once."""
    from relay.client import tokens as programs

    async with working(asked) as session:
        mine = {one.id for one in await programs.list_tokens(session)}
        if unknown := set(tokens) - mine:
            raise WrongUsage(f"you have no such token: {', '.join(sorted(unknown))}")
        for one in tokens:
            await programs.revoke_token(session, one)
    asked.facts.tell(f"Revoked {len(tokens)}.", revoked=tokens)


# ---------------------------------------------------------------- the desk's key


@command(desk, "show")
async def show_desk(asked: Asked, desk_id: DeskOption = None) -> None:
    """Show who belongs to your desk, and who lacks which of its keys."""
    async with working(asked) as session:
        standing = await _at_desk(session, desk_id).standing()
    newest = standing.desk.epochs[-1].epoch if standing.desk.epochs else 0
    pending = "; a newer one waits for the next directory" if standing.is_pending else ""
    asked.facts.say(f"Desk {standing.desk.id}, epoch {newest}{pending}.")
    for one in standing.members:
        lacking = standing.lacking(one)
        known = "" if one in standing.recipients else ", has shown no recipient yet"
        state = f"lacks epoch {', '.join(map(str, lacking))}" if lacking else "has every key"
        asked.facts.tell(
            f"  {one}  {state}{known}",
            staff=one,
            lacking=list(lacking),
            recipient=one in standing.recipients,
            pending=standing.is_pending,
        )


@command(desk, "admit")
async def admit(
    asked: Asked,
    whom: Annotated[list[str] | None, typer.Argument(metavar="STAFF…", help="Members' ids.")] = None,
    *,
    everybody: Annotated[bool, typer.Option("--all", help="Everybody whom the directory lists at the desk.")] = False,
    again: Annotated[
        bool, typer.Option("--again", help="Also what they have already, because they cannot open it.")
    ] = False,
    members: MemberFolders = None,
    desk_id: DeskOption = None,
    document: Annotated[
        Path | None,
        typer.Option("--document", metavar="FILE", help="By hand, before the relay runs: STAFF is the desk's folder."),
    ] = None,
) -> None:
    """Seal your desk's key, and the older ones you hold, to colleagues whom the directory lists at the desk."""
    if document is not None:
        if whom is None or len(whom) != 1 or not members:
            raise WrongUsage("by hand, name the desk's one folder, --document and at least one --member")
        admit_at_opening(asked, Path(whom[0]), document, members)
        return
    if not whom and not everybody:
        raise WrongUsage("name members by their ids, or --all; `letter-relay desk show` lists them")
    async with working(asked) as session:
        member = _at_desk(session, desk_id)
        chosen = list(map(checked_id, whom or ()))
        if everybody:
            chosen = [one for one in (await member.standing()).members if one != session.root.staff]
        given = await member.admit(chosen, recipients=_recipients(members), again=again)
    for one, epochs in given.items():
        got = f"now has epoch {', '.join(map(str, epochs))}" if epochs else "had every key that you hold"
        asked.facts.tell(f"  {one}  {got}", staff=one, epochs=list(epochs))


@command(desk, "rotate")
async def rotate_key(
    asked: Asked,
    out: OutFolder,
    *,
    desk_id: DeskOption = None,
    without: Annotated[
        list[str] | None, typer.Option("--without", metavar="STAFF", help="A member who leaves; repeat it.")
    ] = None,
    members: MemberFolders = None,
    again: Annotated[bool, typer.Option("--again", help="Replace an epoch that was never published.")] = False,
) -> None:
    """Make a new epoch, as when a member leaves: a new key for all who stay, and a new recovery code."""
    from relay.client.ceremonyfiles import DESK, DESK_CODE, write_code, write_desk_line
    from relay.client.clock import now

    if (out / DESK).exists() or (out / DESK_CODE).exists():
        raise WrongUsage(f"{out} holds a desk already; name a new folder with --out")

    def keep(made: "Rotated") -> None:
        write_desk_line(out, made.desk)
        write_code(out / DESK_CODE, made.code)

    leaving = list(map(checked_id, without or ()))
    async with working(asked) as session:
        made = await _at_desk(session, desk_id).rotate(
            since=now(), without=leaving, recipients=_recipients(members), again=again, keep=keep
        )
    epoch, count = made.desk.epochs[-1].epoch, len(made.members)
    asked.facts.tell(
        f"Epoch {epoch} is sealed to {count} members, and counts from the next directory on:\n"
        f"  hand {out / DESK} to the operators, for `letter-relay directory draft --desk {out}`.\n"
        f"Print {out / DESK_CODE}, lock the paper away, delete the file, and burn the old paper.",
        desk=made.desk.id,
        epoch=epoch,
        members=list(made.members),
        folder=str(out),
    )


RecoveryCode = Annotated[
    str, typer.Option("--recovery-code", metavar="FILE|-", help="Where the desk's printed recovery code stands.")
]


@command(desk, "recover")
async def recover_key(asked: Asked, recovery_code: RecoveryCode, desk_id: DeskOption = None) -> None:
    """Bring a lost desk key back with the printed recovery code, sealed to yourself; then admit your colleagues."""
    from relay.client.keyfiles import read_code

    code = read_code(recovery_code)
    async with working(asked, opens_desks=False) as session:
        member = _at_desk(session, desk_id)
        epochs = await member.recover(code)
    asked.facts.tell(
        f"You have epoch {', '.join(map(str, epochs))} of desk {member.desk} again. "
        "Next: `letter-relay desk admit --all`.",
        desk=member.desk,
        epochs=list(epochs),
    )


@command(desk, "code")
async def renew_recovery_code(
    asked: Asked,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="A new file for the code.")],
    desk_id: DeskOption = None,
) -> None:
    """Make a new recovery code for your desk, as when the old paper may have been seen; the old one opens nothing."""
    from relay.client.ceremonyfiles import write_code

    async with working(asked) as session:
        member = _at_desk(session, desk_id)
        await member.renew_code(keep=lambda code: write_code(out, code))
    asked.facts.tell(
        f"Print {out}, lock the paper away, delete the file, and burn the old paper.", desk=member.desk, file=str(out)
    )


def _at_desk(session: "StaffSession", desk_id: str | None) -> "DeskMember":
    """Take the desk that was named, or the only one where this member works."""
    from relay.client.desks import DeskMember

    mine = session.member.desks
    if desk_id is None and len(mine) != 1:
        raise NotYourDesk
    return DeskMember(session, desk_id or mine[0])


def _recipients(folders: Sequence[Path] | None) -> dict[str, "HybridRecipient"]:
    from relay.client.ceremonyfiles import read_member

    named = [read_member(folder) for folder in folders or ()]
    return {one.member.id: one.recipient for one in named}


def _time(seconds: int) -> str:
    from datetime import UTC, datetime

    from keys.ids import format_time

    return format_time(datetime.fromtimestamp(seconds, UTC))
