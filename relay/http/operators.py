"""What operators and registrars call: publish trust and directory, keep sealed keyrings, suspend, set the register."""

from base64 import b64decode
from typing import Annotated

from pydantic import Field

from keys.directory import (
    Directory,
    DirectoryAltered,
    DirectoryExpired,
    DirectoryForked,
    DirectoryGap,
    DirectoryMalformed,
    DirectoryRolledBack,
    DirectoryUnsigned,
    FingerprintDiffers,
    TrustMalformed,
    TrustRolledBack,
    UnknownDesk,
    UnknownStaff,
)
from keys.errors import Malformed
from keys.firstlines import LineMalformed
from keys.notes import NoteMalformed, NoteUnsigned
from keys.sealed import check_document
from keys.statements import StatementMalformed
from keys.vkeys import SignatureInvalid
from relay.custody.policy import PolicyMalformed
from relay.domain import in_force, refusals
from relay.domain.register import RowsMalformed
from relay.domain.states import Role
from relay.http.calls import Audience, Call, MachineCaller, StaffCaller, Strict
from relay.http.endpoints import Endpoint, Json, Media, Raw
from relay.http.services import NOTE, NotTheSigner, Services, WrongKind, signed_by
from relay.http.shapes import SEALED_FAULTS, StaffPath
from relay.ledger.authority import AlreadySuspended, DirectoryIn, OfficeIn, OtherLog, TrustIn, TrustRequired
from relay.ledger.batch import MissingPart
from relay.ledger.door import Conflict, Overloaded
from relay.storage.desk_keys import forget_members, keep_recipients, staff_with_recipients
from relay.storage.engine import StorageUnavailable
from relay.storage.enrolments import settle_enrolments
from relay.storage.staff import save_desk_key, save_keyring

_KINDS = frozenset({"suspend", "register", "audited"})
_OFFICES = frozenset({Role.OPERATOR, Role.REGISTRAR, Role.AUDITOR})
_DOOR_FAULTS = (Conflict, Overloaded, StorageUnavailable, NoteMalformed, SignatureInvalid, NoteUnsigned, Malformed)


class DirectoryBody(Strict):
    """A directory: its note, signed by k directory keys, and its document, both verbatim."""

    note: Annotated[str, Field(max_length=60_000)]
    document: Annotated[str, Field(max_length=8_000_000)]


class DeskKeyBody(Strict):
    """A desk's key of one epoch, sealed to a member or to the recovery code."""

    desk: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
    epoch: Annotated[int, Field(ge=1)]
    holder: Annotated[str, Field(pattern="^(staff|desk-code)/[0-9a-f]{32}$")]
    sealed: Annotated[str, Field(max_length=200_000)]


class OfficeBody(Strict):
    """A signed statement, and for a register page the rows of number, status and place that it names."""

    note: Annotated[str, Field(max_length=100_000)]
    rows: Annotated[str | None, Field(max_length=200_000)] = None


class Operators:
    """The operators' and registrars' endpoints."""

    def __init__(self, services: Services) -> None:
        """Take what they work with."""
        self._services = services

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Describe them."""
        return (*self._publishing(), *self._keys(), self._office())

    def _publishing(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                method="POST",
                path="/operator/trust",
                name="publish_trust",
                summary="Publish a trust that the root has signed",
                audience=Audience.MACHINE,
                handler=self.trust,
                body=Raw(NOTE, 65_536),
                answer=Media("application/json"),
                errors=(
                    *_DOOR_FAULTS,
                    PolicyMalformed,
                    TrustMalformed,
                    TrustRequired,
                    TrustRolledBack,
                    FingerprintDiffers,
                    OtherLog,
                ),
                before_opening=True,
            ),
            Endpoint(
                method="POST",
                path="/operator/directory",
                name="publish_directory",
                summary="Publish a directory that k directory keys have signed",
                audience=Audience.MACHINE,
                handler=self.directory,
                body=Json(DirectoryBody, 9_000_000),
                answer=Media("application/json"),
                errors=(
                    *_DOOR_FAULTS,
                    TrustRequired,
                    DirectoryAltered,
                    DirectoryExpired,
                    DirectoryForked,
                    DirectoryGap,
                    DirectoryMalformed,
                    DirectoryRolledBack,
                    DirectoryUnsigned,
                ),
                before_opening=True,
            ),
        )

    def _keys(self) -> tuple[Endpoint, ...]:
        return (
            Endpoint(
                method="PUT",
                path="/operator/keyrings/{staff}",
                name="put_keyring",
                summary="Keep a member's keyring, sealed to their staff code",
                audience=Audience.MACHINE,
                handler=self.keyring,
                path_model=StaffPath,
                body=Raw("application/octet-stream", 65_536),
                ok=204,
                errors=(StorageUnavailable,),
                before_opening=True,
            ),
            Endpoint(
                method="PUT",
                path="/operator/desk-keys",
                name="put_desk_key",
                summary="Keep a desk's key, sealed to a member or to the recovery code",
                audience=Audience.MACHINE,
                handler=self.desk_key,
                body=Json(DeskKeyBody, 262_144),
                ok=204,
                errors=(StorageUnavailable, *SEALED_FAULTS),
                before_opening=True,
            ),
        )

    def _office(self) -> Endpoint:
        return Endpoint(
            method="POST",
            path="/office/statements",
            name="office_statement",
            summary="Suspend a key, set a page of the register, record an audit: a signed statement about no item",
            audience=Audience.STAFF,
            roles=_OFFICES,
            handler=self.office,
            body=Json(OfficeBody, 524_288),
            answer=Media("application/json"),
            errors=(
                *_DOOR_FAULTS,
                AlreadySuspended,
                LineMalformed,
                MissingPart,
                NotTheSigner,
                RowsMalformed,
                StatementMalformed,
                UnknownDesk,
                UnknownStaff,
                WrongKind,
                in_force.DirectoryOver,
                in_force.DirectoryUnknown,
                in_force.WrongRelay,
                refusals.OtherKey,
                refusals.PartsDiffer,
                refusals.SuspendedKey,
                refusals.WrongRole,
            ),
        )

    async def trust(self, call: Call[MachineCaller, bytes]) -> bytes:
        """Take a trust to the door."""
        return await self._services.ledger.submit(TrustIn(call.body))

    async def directory(self, call: Call[MachineCaller, DirectoryBody]) -> bytes:
        """Take a directory to the door; what is kept for those whom it no longer lists is forgotten."""
        services = self._services
        before = _listed(services.in_force.directory)
        submission = DirectoryIn(call.body.note.encode(), call.body.document.encode())
        answer = await services.ledger.submit(submission)
        after = _listed(services.in_force.directory)
        async with services.storage.read() as connection:
            # Those too whom an earlier request left behind, if it was cut off between the door and here.
            gone = (before | await staff_with_recipients(connection)) - after
        for staff in gone:
            await services.end_all_of(staff)
        async with services.storage.write() as connection:
            await keep_recipients(connection, after)
            await settle_enrolments(connection, after, at=services.now)
            await forget_members(connection, gone)
        return answer

    async def keyring(self, call: Call[MachineCaller, bytes, None, StaffPath]) -> None:
        """Keep a sealed keyring."""
        async with self._services.storage.write() as connection:
            await save_keyring(connection, call.path.staff, call.body)

    async def desk_key(self, call: Call[MachineCaller, DeskKeyBody]) -> None:
        """Keep a sealed desk key."""
        body = call.body
        try:
            sealed = b64decode(body.sealed, validate=True)
        except ValueError:
            raise Malformed("the sealed key is not base64") from None
        check_document(sealed)
        async with self._services.storage.write() as connection:
            await save_desk_key(connection, desk=body.desk, epoch=body.epoch, holder=body.holder, sealed=sealed)

    async def office(self, call: Call[StaffCaller, OfficeBody]) -> bytes:
        """Take a statement about no item to the door."""
        services, caller = self._services, call.caller
        note = call.body.note.encode()
        signed = signed_by(caller, note, _KINDS, services.in_force, at=services.at)
        rows = None if call.body.rows is None else call.body.rows.encode()
        answer = await services.ledger.submit(
            OfficeIn(note, signed.digest, signed.statement, caller.id, signed.vkey, rows)
        )
        if signed.statement.kind == "suspend":
            await services.end_all_of(signed.statement.fields["staff"])
        return answer


def _listed(directory: Directory | None) -> frozenset[str]:
    return frozenset() if directory is None else frozenset(member.id for member in directory.staff)
