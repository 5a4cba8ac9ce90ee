"""
How somebody becomes staff: an operator's invite, taken up once on the member's own machine.

The relay keeps what comes of it, public halves and sealed secrets, and gives them no power: that comes with the next
directory, which operators sign after they have compared each key with its owner. DESIGN.md §3.
"""

import secrets
from base64 import b64decode
from typing import Annotated, Final

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncConnection

from keys.bech32 import KeyMalformed
from keys.codes import staff_name
from keys.errors import Malformed, Refused
from keys.hybrid import HybridRecipient
from keys.ids import new_id
from keys.keyrings import desk_code_reader, desk_key_id, staff_reader
from keys.notes import Algorithm
from keys.sealed import check_document
from keys.vkeys import Vkey, VkeyMalformed
from relay.domain.in_force import WrongRelay
from relay.domain.states import Role
from relay.http.calls import Audience, Call, InvitedCaller, MachineCaller, Strict
from relay.http.endpoints import Endpoint, Json
from relay.http.services import Services
from relay.http.sessions import session_id
from relay.http.shapes import SEALED_FAULTS, StaffPath
from relay.storage import enrolments as rows
from relay.storage.engine import StorageUnavailable
from relay.storage.enrolments import Enrolment, Invite, Proposal
from relay.storage.staff import save_keyring

INVITE_PREFIX: Final = "lri_"
_DAY_SECONDS: Final = 86_400
_MOST_DESKS: Final = 64
_FIRST_EPOCH: Final = 1


class InviteUnknown(Refused):
    """The relay has given out no such invite, or has taken it back."""

    code = "invite_unknown"
    cure = "Compare it with the file or paper that the operator gave you; if it is the same, ask for a new one."


class InviteUsed(Refused):
    """This invite has been used."""

    code = "invite_used"
    cure = "If it was not you, tell the operator at once, who dismisses that enrolment; ask for a new invite."


class InviteExpired(Refused):
    """This invite has expired."""

    code = "invite_expired"
    cure = "Ask the operator for a new one."


class EnrolmentMalformed(Malformed):
    """A key of this enrolment is not named for the member or the desk that the invite names."""

    code = "enrolment_malformed"
    cure = "Enrol again with `letter-relay staff enrol`, from the invite as it was given."


class DeskOpened(Refused):
    """Another member of this desk has opened it before."""

    code = "desk_opened"
    cure = "Enrol again without a key for that desk; a member of the desk then admits you."


class AlreadyInForce(Refused):
    """This member stands in the directory that is in force."""

    code = "already_in_force"
    cure = "Suspend the key, and publish a directory without the member; an enrolment is dismissed only before that."


Id = Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
Base64 = Annotated[str, Field(max_length=200_000)]


class InviteBody(Strict):
    """Who shall be invited: to which desks, in which roles, and for how many days the invite holds."""

    desks: Annotated[list[Id], Field(max_length=_MOST_DESKS)]
    roles: Annotated[list[Annotated[str, Field(pattern="^[a-z]{1,16}$")]], Field(min_length=1, max_length=len(Role))]
    person: Id | None = None
    days: Annotated[int, Field(ge=1, le=60)]


class InviteAnswer(Strict):
    """A new invite. Its secret is shown only now; `expires_at` is in POSIX seconds."""

    secret: str
    staff: str
    person: str
    expires_at: int


class ProposalAnswer(Strict):
    """The public half of a desk's new key."""

    desk: str
    epoch: int
    recipient: str


class EnrolmentAnswer(Strict):
    """What a new member's machine sent, for the next directory; `enrolled_at` is in POSIX seconds."""

    staff: str
    person: str
    desks: list[str]
    roles: list[str]
    vkey: str
    recipient: str
    proposals: list[ProposalAnswer]
    enrolled_at: int


class PendingAnswer(Strict):
    """An invite that nobody has taken up; `expires_at` is in POSIX seconds."""

    staff: str
    person: str
    desks: list[str]
    roles: list[str]
    expires_at: int


class EnrolmentsAnswer(Strict):
    """All enrolments, the oldest first, and the invites that are open."""

    enrolments: list[EnrolmentAnswer]
    invites: list[PendingAnswer]


class Invited(Strict):
    """What an invite is for; `opens` are the desks that have no key, so that this member makes the first."""

    relay: str
    staff: str
    person: str
    desks: list[str]
    roles: list[str]
    opens: list[str]
    expires_at: int


class SealedBody(Strict):
    """A desk's key, sealed to one holder."""

    holder: Annotated[str, Field(pattern="^(staff|desk-code)/[0-9a-f]{32}$")]
    base64: Base64


class ProposalBody(Strict):
    """The first key of a desk: its public half, and the secret sealed to its maker and to the recovery code."""

    desk: Id
    epoch: Annotated[int, Field(ge=_FIRST_EPOCH, le=_FIRST_EPOCH)]
    recipient: Annotated[str, Field(max_length=4_096)]
    sealed: Annotated[list[SealedBody], Field(min_length=2, max_length=2)]


class EnrolmentBody(Strict):
    """A new member's public halves, their keyring sealed to their staff code, and the desks that they open."""

    vkey: Annotated[str, Field(max_length=512)]
    recipient: Annotated[str, Field(max_length=4_096)]
    keyring: Base64
    proposals: Annotated[list[ProposalBody], Field(max_length=_MOST_DESKS)]


class Enrolled(Strict):
    """What the relay has kept."""

    staff: str


_INVITE_FAULTS = (InviteUnknown, InviteUsed, InviteExpired, StorageUnavailable)


class Enrolments:
    """The endpoints of operators who invite, and of whoever was invited."""

    def __init__(self, services: Services) -> None:
        """Take what they work with."""
        self._services = services

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Describe them."""
        return (*self._for_operators(), *self._for_the_invited())

    def _for_operators(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                method="POST",
                path="/operator/invites",
                name="invite",
                summary="Invite somebody to become staff",
                audience=Audience.MACHINE,
                handler=self.invite,
                body=Json(InviteBody),
                answer=InviteAnswer,
                errors=(StorageUnavailable, EnrolmentMalformed),
                before_opening=True,
            ),
            Endpoint(
                method="GET",
                path="/operator/enrolments",
                name="enrolments",
                summary="List who has enrolled, for the next directory, and which invites are open",
                audience=Audience.MACHINE,
                handler=self.list_enrolments,
                answer=EnrolmentsAnswer,
                errors=(StorageUnavailable,),
                before_opening=True,
            ),
            Endpoint(
                method="DELETE",
                path="/operator/enrolments/{staff}",
                name="dismiss_enrolment",
                summary="Take an invite back, with all that came of it, before a directory has the member",
                audience=Audience.MACHINE,
                handler=self.dismiss,
                path_model=StaffPath,
                ok=204,
                errors=(StorageUnavailable, AlreadyInForce),
                before_opening=True,
            ),
        )

    def _for_the_invited(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                method="GET",
                path="/enrolments",
                name="invited",
                summary="Read what an invite is for, and which desks wait for their first key",
                audience=Audience.INVITED,
                handler=self.invited,
                answer=Invited,
                errors=_INVITE_FAULTS,
                rate="sign_ins",
                before_opening=True,
            ),
            Endpoint(
                method="POST",
                path="/enrolments",
                name="enrol",
                summary="Become staff: public halves for the next directory, and sealed secrets for the relay to keep",
                description="Once for each invite; the same keys sent again are the same enrolment.",
                audience=Audience.INVITED,
                handler=self.enrol,
                body=Json(EnrolmentBody, 4_194_304),
                answer=Enrolled,
                errors=(
                    *_INVITE_FAULTS,
                    *SEALED_FAULTS,
                    DeskOpened,
                    EnrolmentMalformed,
                    KeyMalformed,
                    VkeyMalformed,
                    WrongRelay,
                ),
                rate="sign_ins",
                before_opening=True,
            ),
        )

    async def invite(self, call: Call[MachineCaller, InviteBody]) -> InviteAnswer:
        """Make an invite; only the SHA-256 of its secret is kept."""
        body, now = call.body, self._services.now
        if not set(body.roles) <= set(Role) or len(set(body.roles)) != len(body.roles):
            raise EnrolmentMalformed("the roles are not some of those there are, each once")
        secret = INVITE_PREFIX + secrets.token_hex(32)
        invite = Invite(
            digest=session_id(secret),
            staff=new_id(secrets.token_bytes),
            person=body.person or new_id(secrets.token_bytes),
            desks=tuple(dict.fromkeys(body.desks)),
            roles=tuple(body.roles),
            created_at=now,
            expires_at=now + body.days * _DAY_SECONDS,
        )
        async with self._services.storage.write() as connection:
            await rows.save_invite(connection, invite)
        return InviteAnswer(secret=secret, staff=invite.staff, person=invite.person, expires_at=invite.expires_at)

    async def list_enrolments(self, _: Call[MachineCaller]) -> EnrolmentsAnswer:
        """List them."""
        now = self._services.now
        async with self._services.storage.read() as connection:
            enrolled = await rows.load_enrolments(connection)
            invites = await rows.load_invites(connection)
        open_ones = [one for one in invites if one.used_at is None and one.expires_at > now]
        return EnrolmentsAnswer(
            enrolments=[_enrolment_answer(one) for one in enrolled],
            invites=[_pending_answer(one) for one in open_ones],
        )

    async def dismiss(self, call: Call[MachineCaller, None, None, StaffPath]) -> None:
        """Forget an invite and its enrolment; of a member who is not there, nothing is to be forgotten."""
        directory = self._services.in_force.directory
        if directory is not None and any(member.id == call.path.staff for member in directory.staff):
            raise AlreadyInForce
        async with self._services.storage.write() as connection:
            await rows.forget_enrolment(connection, call.path.staff)

    async def invited(self, call: Call[InvitedCaller]) -> Invited:
        """Tell whoever holds an invite what it is for."""
        async with self._services.storage.read() as connection:
            invite = await self._open_invite(connection, call.caller.digest)
            if invite.used_at is not None:
                raise InviteUsed
            opens = [desk for desk in invite.desks if not await self._has_key(connection, desk)]
        return Invited(
            relay=self._services.relay,
            staff=invite.staff,
            person=invite.person,
            desks=list(invite.desks),
            roles=list(invite.roles),
            opens=opens,
            expires_at=invite.expires_at,
        )

    async def enrol(self, call: Call[InvitedCaller, EnrolmentBody]) -> Enrolled:
        """Use an invite up, and keep what came with it, in one transaction."""
        body, now = call.body, self._services.now
        async with self._services.storage.write() as connection:
            invite = await self._open_invite(connection, call.caller.digest)
            sealed = self._check(invite, body)
            if not await rows.spend_invite(connection, invite.digest, at=now):
                return await _enrolled_before(connection, invite, body)
            for proposal in body.proposals:
                if await self._has_key(connection, proposal.desk):
                    raise DeskOpened
            for desk, holder, key in sealed:
                if not await rows.open_desk(connection, desk=desk, epoch=_FIRST_EPOCH, holder=holder, sealed=key):
                    raise DeskOpened
            await save_keyring(connection, invite.staff, _bytes(body.keyring))
            await rows.save_enrolment(connection, _enrolment(invite, body, at=now))
        return Enrolled(staff=invite.staff)

    async def _open_invite(self, connection: AsyncConnection, digest: str) -> Invite:
        """Find an invite; one that was used is still found, since its answer may have been lost."""
        invite = await rows.load_invite(connection, digest)
        if invite is None:
            raise InviteUnknown
        if invite.used_at is None and self._services.now >= invite.expires_at:
            raise InviteExpired
        return invite

    async def _has_key(self, connection: AsyncConnection, desk: str) -> bool:
        directory = self._services.in_force.directory
        listed = () if directory is None else directory.desks
        return any(one.id == desk and (one.epochs or one.keyless) for one in listed) or await rows.has_key(
            connection, desk
        )

    def _check(self, invite: Invite, body: EnrolmentBody) -> list[tuple[str, str, bytes]]:
        """Check all that can be checked without a key; give the sealed desk keys as (desk, holder, document)."""
        vkey = Vkey.parse(body.vkey)
        if vkey.name != staff_name(self._services.relay, invite.staff) or vkey.algorithm != Algorithm.ED25519:
            raise EnrolmentMalformed
        HybridRecipient.parse(body.recipient)
        desks = [proposal.desk for proposal in body.proposals]
        if not set(desks) <= set(invite.desks) or len(set(desks)) != len(desks):
            raise EnrolmentMalformed
        return [
            (proposal.desk, one.holder, self._checked_key(proposal, one))
            for proposal in body.proposals
            for one in _both(proposal, invite.staff)
        ]

    def _checked_key(self, proposal: ProposalBody, one: SealedBody) -> bytes:
        HybridRecipient.parse(proposal.recipient)
        sealed = _bytes(one.base64)
        line = check_document(sealed)
        if line.relay != self._services.relay:
            raise WrongRelay
        if (line.kind, line.id, line.to) != ("desk-key", desk_key_id(proposal.desk, _FIRST_EPOCH), (one.holder,)):
            raise EnrolmentMalformed
        return sealed


def _both(proposal: ProposalBody, staff: str) -> list[SealedBody]:
    """Require that a desk's first key is sealed to its maker and to the recovery code, and to nobody else."""
    if {one.holder for one in proposal.sealed} != {staff_reader(staff), desk_code_reader(proposal.desk)}:
        raise EnrolmentMalformed
    return proposal.sealed


async def _enrolled_before(connection: AsyncConnection, invite: Invite, body: EnrolmentBody) -> Enrolled:
    """Answer again whoever sends the same keys again; anybody else comes too late."""
    before = await rows.load_enrolment(connection, invite.staff)
    if before is None or (before.vkey, before.recipient) != (body.vkey, body.recipient):
        raise InviteUsed
    return Enrolled(staff=invite.staff)


def _enrolment(invite: Invite, body: EnrolmentBody, *, at: int) -> Enrolment:
    return Enrolment(
        staff=invite.staff,
        person=invite.person,
        desks=invite.desks,
        roles=invite.roles,
        vkey=body.vkey,
        recipient=body.recipient,
        proposals=tuple(Proposal(one.desk, one.epoch, one.recipient) for one in body.proposals),
        enrolled_at=at,
    )


def _enrolment_answer(one: Enrolment) -> EnrolmentAnswer:
    return EnrolmentAnswer(
        staff=one.staff,
        person=one.person,
        desks=list(one.desks),
        roles=list(one.roles),
        vkey=one.vkey,
        recipient=one.recipient,
        proposals=[ProposalAnswer(desk=p.desk, epoch=p.epoch, recipient=p.recipient) for p in one.proposals],
        enrolled_at=one.enrolled_at,
    )


def _pending_answer(one: Invite) -> PendingAnswer:
    return PendingAnswer(
        staff=one.staff, person=one.person, desks=list(one.desks), roles=list(one.roles), expires_at=one.expires_at
    )


def _bytes(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError:
        raise EnrolmentMalformed("a sealed key is not base64") from None
