"""
Becoming staff: an invite on paper or on a stick, the member's own machine, and what it sends to the relay.

Roots, codes and desk keys are made here and stay here; what is sent is public, or sealed. Before anything is sent, the
relay shows the trust whose fingerprint stands in the invite. DESIGN.md §3.
"""

import base64
import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from keys.canonical import encode_json, parse_json
from keys.codes import desk_code_identity, new_code, staff_code_identity
from keys.directory import ROLES, Directory, StaffMember, recipient_digest, verify_trust
from keys.errors import Malformed, Refused
from keys.ids import Random, is_digest, is_id, is_integer
from keys.keyrings import (
    StaffRoot,
    desk_code_reader,
    new_desk_key,
    new_staff_root,
    seal_keyring,
    staff_reader,
)
from relay.client.answers import text_of
from relay.client.ceremony import SealedDeskKey, seal_for
from relay.client.faults import AnswerMalformed
from relay.client.transport import Connection

_VERSION: Final = 1
_INVITE_KEYS: Final = ("v", "url", "relay", "fingerprint", "staff", "person", "desks", "roles", "expires", "secret")
_SECRET_CHARACTERS: Final = 68
_PRINT_DIGITS: Final = 32
_FIRST_EPOCH: Final = 1


class InviteMalformed(Malformed):
    """This is no invite."""

    code = "invite_malformed"
    cure = "Take the file that the operator's `letter-relay staff invite` wrote, whole and unchanged."


class InviteDiffers(Refused):
    """The relay says that this invite is for something else than it says itself."""

    code = "invite_differs"
    cure = "Send nothing; ask the operator, by telephone or in person, which of the two is meant."


@dataclass(frozen=True, slots=True)
class Invite:
    """
    What an operator hands to somebody who shall become staff.

    Attributes:
        url: The relay's address.
        relay: Its id.
        fingerprint: Whom to trust, as it is printed on address cards.
        staff: The id that the member will have.
        person: The id of the human being.
        desks: Where they will work.
        roles: What they may do there.
        expires: POSIX seconds.
        secret: ``lri_`` and 64 hex digits; good for one enrolment.
    """

    url: str
    relay: str
    fingerprint: str
    staff: str
    person: str
    desks: tuple[str, ...]
    roles: tuple[str, ...]
    expires: int
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class OpenedHere:
    """A desk's first key, made by its first member: its public half, sealed twice, and the code that recovers it."""

    desk: str
    recipient: str
    sealed: tuple[SealedDeskKey, ...]
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Enrolling:
    """
    A new member, as their own machine made them.

    Attributes:
        root: The member's secret.
        code: The staff code, to be printed: 32 digits.
        keyring: The secret, sealed to the code.
        member: What the directory shall say.
        opened: The desks to which this member gives their first key.
    """

    root: StaffRoot = field(repr=False)
    code: str = field(repr=False)
    keyring: bytes
    member: StaffMember
    opened: tuple[OpenedHere, ...]

    @property
    def fingerprint(self) -> str:
        """Give what is read aloud to an operator."""
        return member_print(self.member)

    def request(self) -> dict[str, Any]:
        """Write down what the relay is sent: nothing of it is secret to the relay that is not sealed."""
        return {
            "vkey": self.member.vkey,
            "recipient": str(self.root.keys.identity.recipient()),
            "keyring": base64.b64encode(self.keyring).decode(),
            "proposals": [_proposal(one) for one in self.opened],
        }


def member_print(member: StaffMember) -> str:
    """
    Name a member's line of the directory by 32 hex digits, short enough to be read aloud over the telephone.

    Keys, roles, desks and person alike: a relay that adds a role to what an operator has decided shows another print.
    128 bits: whoever wants another key of the same name has to try that often, knowing whose it has to be.
    """
    desks, roles = ",".join(member.desks), ",".join(member.roles)
    line = (member.id, member.person, desks, roles, member.vkey, member.recipient_sha256)
    return hashlib.sha256(("letter-relay/member/v1\0" + "\n".join(line)).encode()).hexdigest()[:_PRINT_DIGITS]


def desk_print(desk: str, epoch: int, recipient: str) -> str:
    """
    Name a desk's key by 32 hex digits, as `member_print` does a member's.

    Without it a relay could show the operators a key of its own making as the one that a member made, and read every
    letter that families seal to the desk until a member notices.
    """
    named = f"letter-relay/desk/v1\0{desk}/{epoch}\n{recipient}"
    return hashlib.sha256(named.encode()).hexdigest()[:_PRINT_DIGITS]


def encode_invite(invite: Invite) -> bytes:
    """Write an invite as one line of JSON."""
    fields = {
        "v": _VERSION,
        "url": invite.url,
        "relay": invite.relay,
        "fingerprint": invite.fingerprint,
        "staff": invite.staff,
        "person": invite.person,
        "desks": list(invite.desks),
        "roles": list(invite.roles),
        "expires": invite.expires,
        "secret": invite.secret,
    }
    return encode_json(fields).encode() + b"\n"


def parse_invite(data: bytes) -> Invite:
    """
    Read an invite.

    Raises:
        InviteMalformed: It is none.
    """
    try:
        plain = parse_json(data.decode().removesuffix("\n"), what="invite")
    except (Malformed, UnicodeDecodeError):
        raise InviteMalformed from None
    if tuple(plain) != _INVITE_KEYS or plain["v"] != _VERSION or not _is_invite(plain):
        raise InviteMalformed
    return Invite(
        url=plain["url"],
        relay=plain["relay"],
        fingerprint=plain["fingerprint"],
        staff=plain["staff"],
        person=plain["person"],
        desks=tuple(plain["desks"]),
        roles=tuple(plain["roles"]),
        expires=plain["expires"],
        secret=plain["secret"],
    )


async def check_relay(connection: Connection, invite: Invite) -> bytes:
    """
    Require that the relay at this address is the one that the invite names, before it is sent anything.

    Returns:
        The trust note, for the member's client to begin with.

    Raises:
        FingerprintDiffers, NoteUnsigned, SignatureInvalid: It is another relay, or one that pretends.
    """
    note = (await connection.get("/trust")).body
    verify_trust(note, relay=invite.relay, fingerprint=invite.fingerprint)
    return note


async def desks_to_open(connection: Connection, invite: Invite) -> tuple[str, ...]:
    """
    Ask which of the member's desks wait for their first key.

    Raises:
        InviteDiffers: The relay has other desks, roles or ids for this invite.
        ProblemAnswered: It was used, has expired, or is unknown.
    """
    answer = (await connection.get("/enrolments", bearer=invite.secret)).json()
    said = [answer.get(name) for name in ("relay", "staff", "person", "desks", "roles")]
    if said != [invite.relay, invite.staff, invite.person, list(invite.desks), list(invite.roles)]:
        raise InviteDiffers
    opens = answer.get("opens")
    if not isinstance(opens, list) or not set(opens) <= set(invite.desks):
        raise AnswerMalformed
    return tuple(opens)


def make_member(invite: Invite, opens: Sequence[str] = (), *, random: Random = os.urandom) -> Enrolling:
    """
    Make a member's keys on the member's own machine, and the first key of each desk that has none.

    Args:
        invite: Who the member will be.
        opens: The desks that wait for their first key.
        random: Where random bytes come from.
    """
    root = new_staff_root(invite.relay, invite.staff, random=random)
    code = new_code(random)
    reader = staff_code_identity(code, bytes.fromhex(invite.relay)).recipient()
    member = StaffMember(
        id=invite.staff,
        person=invite.person,
        desks=invite.desks,
        roles=invite.roles,
        vkey=str(root.signer.vkey),
        recipient_sha256=recipient_digest(root.keys.identity.recipient()),
    )
    keyring = seal_keyring(root, [reader], random=random)
    opened = tuple(_open_desk(root, member, desk, random) for desk in opens)
    return Enrolling(root, code, keyring, member, opened)


async def send_enrolment(connection: Connection, secret: str, request: Mapping[str, Any]) -> str:
    """
    Send what `Enrolling.request` wrote, and return the member's id; sent twice it is taken once.

    Raises:
        ProblemAnswered: The invite was used by other keys, has expired, or another member has opened a desk meanwhile.
    """
    return text_of((await connection.post_json("/enrolments", request, bearer=secret)).json(), "staff")


def _open_desk(root: StaffRoot, member: StaffMember, desk: str, random: Random) -> OpenedHere:
    """Make a desk's first key, sealed to its maker, who can then admit others, and to the code on paper."""
    key = new_desk_key(root.relay, desk, _FIRST_EPOCH, random=random)
    code = new_code(random)
    readers = {
        staff_reader(root.staff): root.keys.identity.recipient(),
        desk_code_reader(desk): desk_code_identity(code, bytes.fromhex(root.relay)).recipient(),
    }
    # No directory has this member yet; the next one will, with the very keys that are checked against here.
    coming = Directory(version=1, intake=desk, sides=(), desks=(), staff=(member,))
    sealed = tuple(
        seal_for(key, holder, recipient, by=root, directory=coming, random=random)
        for holder, recipient in readers.items()
    )
    return OpenedHere(desk, str(key.identity.recipient()), sealed, code)


def _proposal(opened: OpenedHere) -> dict[str, Any]:
    return {
        "desk": opened.desk,
        "epoch": _FIRST_EPOCH,
        "recipient": opened.recipient,
        "sealed": [{"holder": one.holder, "base64": base64.b64encode(one.sealed).decode()} for one in opened.sealed],
    }


def _is_invite(plain: Mapping[str, Any]) -> bool:
    desks, roles, secret = plain["desks"], plain["roles"], plain["secret"]
    return (
        isinstance(plain["url"], str)
        and all(is_id(plain[name]) for name in ("relay", "staff", "person"))
        and is_digest(plain["fingerprint"])
        and isinstance(desks, list)
        and all(map(is_id, desks))
        and isinstance(roles, list)
        and all(isinstance(role, str) and role in ROLES for role in roles)
        and is_integer(plain["expires"], least=0)
        and isinstance(secret, str)
        and secret.startswith("lri_")
        and len(secret) == _SECRET_CHARACTERS
    )
