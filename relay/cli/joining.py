"""What operators and new members type so that somebody becomes staff: invites, and enrolment on one's own machine."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keys.errors import Refused
from relay.cli.ceremonies import OutFolder, checked_id, desk, grouped, staff
from relay.cli.frame import Asked, WrongUsage, command
from relay.cli.places import TRUST_FILE, fingerprint_of, operator_token, relay_url
from relay.cli.terminal import remark

if TYPE_CHECKING:
    from relay.client.enrolling import Enrolling, Invite
    from relay.client.transport import Connection

__all__ = ["desk", "staff"]

Desks = Annotated[list[str] | None, typer.Option("--desk", metavar="ID", help="A desk's id; repeat it.")]
Roles = Annotated[
    list[str] | None, typer.Option("--role", help="reviewer, senior, dispatcher, registrar, officer, …; repeat it.")
]
Person = Annotated[
    str | None, typer.Option("--person", metavar="ID", help="The person's id, if they have a key already.")
]

_REQUEST = "enrolment.json"


class OtherInvite(Refused):
    """This folder holds the keys of another enrolment."""

    code = "other_invite"
    cure = "Choose a new, empty folder with --out."


@command(staff, "invite")
async def invite_member(
    asked: Asked,
    *,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="A new file for the invite; hand it over safely.")],
    roles: Roles = None,
    desks: Desks = None,
    person: Person = None,
    days: Annotated[int, typer.Option("--days", min=1, max=60, help="For how many days it holds.")] = 7,
) -> None:
    """Invite somebody to become staff: a file for them alone, good for one enrolment."""
    from relay.client.enrolling import Invite, encode_invite
    from relay.client.keyfiles import write_secret
    from relay.client.operators import Operator
    from relay.client.transport import Connection

    chosen, fingerprint, url = _checked_roles(roles), fingerprint_of(asked), relay_url(asked)
    token = operator_token(asked)
    if out.exists():
        raise WrongUsage(f"there is a file {out} already; name a new one with --out")
    async with Connection(url) as connection:
        relay = await _relay_of(connection, fingerprint)
        made = await Operator(connection, token).invite(desks=desks or (), roles=chosen, person=person, days=days)
    invite = Invite(
        url=url,
        relay=relay,
        fingerprint=fingerprint,
        staff=made["staff"],
        person=made["person"],
        desks=tuple(dict.fromkeys(desks or ())),
        roles=tuple(chosen),
        expires=made["expires_at"],
        secret=made["secret"],
    )
    write_secret(out, encode_invite(invite))
    asked.facts.tell(
        f"Hand {out} to the person, and to nobody else; on their own machine they run `letter-relay staff enrol`.\n"
        f"It holds {days} days and is for staff {invite.staff}.",
        staff=invite.staff,
        person=invite.person,
        expires_at=invite.expires,
        file=str(out),
    )


@command(staff, "enrol")
async def enrol_member(
    asked: Asked,
    *,
    out: OutFolder,
    invite: Annotated[Path | None, typer.Option("--invite", metavar="FILE", help="What the operator gave you.")] = None,
    relay_id: Annotated[
        str | None, typer.Option("--relay-id", metavar="HEX", help="Without an invite: the relay's id.")
    ] = None,
    roles: Roles = None,
    desks: Desks = None,
    person: Person = None,
) -> None:
    """Make your own keys as a member of staff, and the code to be printed; only public halves leave the machine."""
    if invite is not None:
        if relay_id or roles or desks or person:
            raise WrongUsage("the invite says all of it: leave --relay-id, --role, --desk and --person away")
        await _enrol_by_invite(asked, invite, out)
    elif relay_id is None:
        raise WrongUsage("name the invite with --invite FILE, or, to enrol by hand, the relay with --relay-id")
    else:
        _enrol_by_hand(asked, checked_id(relay_id), out, roles=_checked_roles(roles), desks=desks or [], person=person)


@command(staff, "list")
async def list_enrolments(asked: Asked) -> None:
    """List who has enrolled, with the print of their keys, and which invites are open."""
    from relay.client.drafting import read_applicants, read_pending
    from relay.client.operators import Operator
    from relay.client.transport import Connection

    async with Connection(relay_url(asked)) as connection:
        answer = await Operator(connection, operator_token(asked)).enrolments()
    for one in read_applicants(answer):
        asked.facts.tell(
            f"  enrolled  {one.member.id}  {', '.join(one.member.roles)}\n            {grouped(one.fingerprint)}"
            + "".join(f"\n            {grouped(each.fingerprint)} for desk {each.desk}" for each in one.proposals),
            staff=one.member.id,
            person=one.member.person,
            roles=list(one.member.roles),
            desks=list(one.member.desks),
            state="enrolled",
            fingerprint=one.fingerprint,
            opened={each.desk: each.fingerprint for each in one.proposals},
        )
    for pending in read_pending(answer):
        asked.facts.tell(
            f"  invited   {pending.staff}  {', '.join(pending.roles)}",
            staff=pending.staff,
            person=pending.person,
            roles=list(pending.roles),
            desks=list(pending.desks),
            state="invited",
            expires_at=pending.expires,
        )


@command(staff, "dismiss")
async def dismiss_enrolment(
    asked: Asked, member: Annotated[str, typer.Argument(metavar="STAFF", help="The member's id.")]
) -> None:
    """Take an invite back, with all that came of it, as long as no directory has the member."""
    from relay.client.operators import Operator
    from relay.client.transport import Connection

    async with Connection(relay_url(asked)) as connection:
        await Operator(connection, operator_token(asked)).dismiss(checked_id(member))
    asked.facts.tell(f"Dismissed {member}: the invite is void, and the relay has forgotten the keys.", staff=member)


@command(desk, "new")
def new_desk(
    asked: Asked,
    *,
    kind: Annotated[str, typer.Option("--kind", help="review, facility or bureau.")],
    out: OutFolder,
    side: Annotated[str | None, typer.Option("--side", help="The party it belongs to; none for a review desk.")] = None,
    keyless: Annotated[bool, typer.Option("--keyless", help="A facility without computers.")] = False,
) -> None:
    """Write down a new desk; its first member makes its key when they enrol. A folder that is there is left alone."""
    from keys.directory import DESK_KINDS, Desk
    from relay.client.ceremony import new_desk_id
    from relay.client.ceremonyfiles import DESK, read_desk, write_desk_line

    if kind not in DESK_KINDS or (side is None) != (kind == "review") or (keyless and kind != "facility"):
        raise WrongUsage("a review desk has no side, a facility and a bureau have one; only a facility is keyless")
    if (out / DESK).exists():
        made = read_desk(out)
        if (made.kind, made.side, made.keyless) != (kind, side, keyless):
            raise WrongUsage(f"{out} holds another desk; name a new folder with --out")
    else:
        made = Desk(new_desk_id(), kind, side, keyless=keyless, epochs=())
        write_desk_line(out, made)
    asked.facts.tell(f"The desk is {made.id}.", desk=made.id, kind=kind, side=side, keyless=keyless, folder=str(out))


# ---------------------------------------------------------------- enrolment, step by step


async def _enrol_by_invite(asked: Asked, file: Path, out: Path) -> None:
    """Check the relay, make the keys, keep them, and only then send; what was cut off is sent again as it was."""
    from keys.canonical import parse_json
    from relay.client.ceremonyfiles import read_member
    from relay.client.enrolling import (
        check_relay,
        desks_to_open,
        make_member,
        member_print,
        parse_invite,
        send_enrolment,
    )
    from relay.client.keyfiles import read_secret, replace_private
    from relay.client.transport import Connection

    invite = parse_invite(read_secret(file))
    async with Connection(asked.relay or invite.url) as connection:
        note = await check_relay(connection, invite)
        if not (out / _REQUEST).exists():
            _keep(out, make_member(invite, await desks_to_open(connection, invite)))
        member = read_member(out).member
        if member.id != invite.staff:
            raise OtherInvite
        request = parse_json((out / _REQUEST).read_text(encoding="utf-8"), what="enrolment")
        await send_enrolment(connection, invite.secret, request)
    replace_private(out / TRUST_FILE, note)
    _tell_enrolled(asked, invite, out, fingerprint=member_print(member), desks=_desk_prints(request))


def _keep(out: Path, made: "Enrolling") -> None:
    """Write a new member's folder; the request last, since with it the folder is whole."""
    from keys.canonical import encode_json
    from relay.client.ceremonyfiles import KEYRING, MEMBER, STAFF_CODE, encode_member, write_code
    from relay.client.keyfiles import write_secret

    out.mkdir(mode=0o700, parents=True, exist_ok=True)
    write_secret(out / KEYRING, made.keyring)
    write_secret(out / MEMBER, encode_member(made.member, made.root.keys.identity.recipient()))
    write_code(out / STAFF_CODE, made.code)
    for opened in made.opened:
        write_code(out / desk_code_file(opened.desk), opened.code)
    write_secret(out / _REQUEST, encode_json(made.request()).encode())


def desk_code_file(desk_id: str) -> str:
    """Name the file with a desk's recovery code."""
    return f"desk-code-{desk_id}.txt"


def _desk_prints(request: dict[str, Any]) -> dict[str, str]:
    """Give the print of each desk key that was made here, by the desk's id."""
    from relay.client.enrolling import desk_print

    return {one["desk"]: desk_print(one["desk"], one["epoch"], one["recipient"]) for one in request["proposals"]}


def _tell_enrolled(asked: Asked, invite: "Invite", out: Path, *, fingerprint: str, desks: dict[str, str]) -> None:
    import sys

    from relay.client.ceremonyfiles import STAFF_CODE

    codes = [out / desk_code_file(one) for one in desks]
    opened = "".join(f"and that of the key you have made for desk {one}:\n  {grouped(desks[one])}\n" for one in desks)
    asked.facts.tell(
        f"You are staff {invite.staff}. Read this print of your keys to an operator, over the telephone or in person:\n"
        f"  {grouped(fingerprint)}\n{opened}"
        f"Print {out / STAFF_CODE}{''.join(f' and {code}' for code in codes)}, lock the paper away, and delete the file"
        f"{'s' if codes else ''} and the invite.",
        staff=invite.staff,
        person=invite.person,
        fingerprint=fingerprint,
        folder=str(out),
        opened=desks,
    )
    if sys.stderr.isatty() and not asked.json:
        remark(f"Your staff code: {(out / STAFF_CODE).read_text(encoding='ascii').strip()}")


def _enrol_by_hand(
    asked: Asked, relay: str, out: Path, *, roles: list[str], desks: list[str], person: str | None
) -> None:
    """Enrol without a relay to speak to: the folder is carried to the operators."""
    from relay.client.ceremony import enrol
    from relay.client.ceremonyfiles import STAFF_CODE, write_member

    enrolled = enrol(relay, roles=roles, desks=desks, person=person)
    write_member(out, enrolled)
    asked.facts.tell(
        f"You are staff {enrolled.member.id}. Print {out / STAFF_CODE}, lock the paper away, and delete the file.",
        staff=enrolled.member.id,
        person=enrolled.member.person,
        vkey=enrolled.member.vkey,
        folder=str(out),
    )


def _checked_roles(roles: list[str] | None) -> list[str]:
    from keys.directory import ROLES

    unknown = set(roles or ()) - ROLES
    if unknown or not roles:
        named = f"there is no such role: {', '.join(sorted(unknown))}" if unknown else "name a role with --role"
        raise WrongUsage(f"{named}; choose from {', '.join(sorted(ROLES))}")
    return list(dict.fromkeys(roles))


async def _relay_of(connection: "Connection", fingerprint: str) -> str:
    """Find the relay's id in its trust, once that is the one that is printed."""
    from keys.directory import verify_trust

    note = (await connection.get("/trust")).body
    return verify_trust(note, relay=None, fingerprint=fingerprint).relay
