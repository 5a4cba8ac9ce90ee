"""
What members of a desk call to look after its key: admit a colleague, make a new epoch, use the recovery code.

Members only, and no operator's token: a desk's key is the members' own affair. The relay cannot open what it keeps
here; it sees to it that each sealed key is for somebody who belongs to the desk, and that nothing older takes the place
of something newer. Whoever opens a key compares it with the directory.
"""

from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from keys.bech32 import KeyMalformed
from keys.directory import UnknownDesk, UnknownStaff, recipient_digest
from keys.errors import Malformed, Refused
from keys.hybrid import HybridRecipient
from keys.keyrings import desk_code_reader, desk_key_id, staff_reader
from keys.sealed import DocumentLine, check_document
from relay.domain import in_force
from relay.domain.in_force import WrongRelay
from relay.http.calls import Audience, Call, StaffCaller, Strict
from relay.http.endpoints import Endpoint, Json
from relay.http.services import Services
from relay.http.shapes import SEALED_FAULTS, DeskPath
from relay.http.staff import EVERYBODY, DeskKeyAnswer, DeskKeysAnswer
from relay.storage.desk_keys import KeptKey, keys_of_desk, recipients_of, save_recipient
from relay.storage.engine import StorageUnavailable
from relay.storage.staff import save_desk_key

_MOST_KEYS = 1_000
_FAULTS = (in_force.DirectoryOver, UnknownStaff)


class NotAReader(Refused):
    """This desk key is for somebody who does not belong to the desk, or for another document than it says."""

    code = "not_a_reader"
    cure = "Seal desk keys to members whom the directory lists at the desk, and to its recovery code, and nobody else."


class DeskKeyOlder(Refused):
    """There is a sealing of this desk key to the same holder that is as new, or newer."""

    code = "desk_key_older"
    cure = "Look at the desk again with `letter-relay desk show`: a colleague may have done the same at the same time."


class EpochSkipped(Refused):
    """A desk's new epoch is one more than its last."""

    code = "epoch_skipped"
    cure = "Fetch the newest directory, and make the new epoch again with `letter-relay desk rotate`."


class RecipientDiffers(Refused):
    """The directory vouches for another recipient of yours."""

    code = "recipient_differs"
    cure = "Use the keyring that you enrolled with; if this is it, tell the operators."


class RecipientBody(Strict):
    """What desk keys are to be sealed to for whoever sends it."""

    recipient: Annotated[str, Field(max_length=4_096)]


class SealedKeyBody(Strict):
    """A desk's key of one epoch, sealed to one holder."""

    desk: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]
    epoch: Annotated[int, Field(ge=1, le=999_999_999)]
    holder: Annotated[str, Field(pattern="^(staff|desk-code)/[0-9a-f]{32}$")]
    sealed: Annotated[str, Field(max_length=200_000)]


class SealedKeysBody(Strict):
    """Desk keys to be kept: all of them or none."""

    keys: Annotated[list[SealedKeyBody], Field(min_length=1, max_length=_MOST_KEYS)]


class ColleagueAnswer(Strict):
    """A member of the desk; `recipient` is there once their client has shown it."""

    staff: str
    recipient: str | None = None


class HolderAnswer(Strict):
    """Who has the desk's key of an epoch; a higher version replaces a lower one."""

    epoch: int
    holder: str
    version: int


class DeskAnswer(Strict):
    """Who belongs to a desk, and to whom its keys are sealed."""

    members: list[ColleagueAnswer]
    holders: list[HolderAnswer]


class Desks:
    """The endpoints of a desk's own members."""

    def __init__(self, services: Services) -> None:
        """Take what they work with."""
        self._services = services

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Describe them."""
        return (
            Endpoint(
                method="PUT",
                path="/staff/recipient",
                name="put_recipient",
                summary="Show my colleagues what to seal desk keys to",
                audience=Audience.STAFF,
                roles=EVERYBODY,
                handler=self.recipient,
                body=Json(RecipientBody),
                ok=204,
                errors=(*_FAULTS, KeyMalformed, RecipientDiffers),
            ),
            Endpoint(
                method="PUT",
                path="/staff/desk-keys",
                name="staff_put_desk_keys",
                summary="Keep keys of my desk, each sealed to a member or to its recovery code",
                audience=Audience.STAFF,
                roles=EVERYBODY,
                handler=self.put_keys,
                body=Json(SealedKeysBody, 8_388_608),
                ok=204,
                errors=(
                    *_FAULTS,
                    *SEALED_FAULTS,
                    DeskKeyOlder,
                    EpochSkipped,
                    NotAReader,
                    UnknownDesk,
                    WrongRelay,
                    StorageUnavailable,
                ),
            ),
            Endpoint(
                method="GET",
                path="/staff/desks/{desk}",
                name="staff_desk",
                summary="Who belongs to my desk, and who has which of its keys?",
                audience=Audience.STAFF,
                roles=EVERYBODY,
                handler=self.desk,
                path_model=DeskPath,
                answer=DeskAnswer,
                errors=_FAULTS,
            ),
            Endpoint(
                method="GET",
                path="/staff/desks/{desk}/recovery",
                name="staff_desk_recovery",
                summary="The keys of my desk, sealed to its recovery code",
                audience=Audience.STAFF,
                roles=EVERYBODY,
                handler=self.recovery,
                path_model=DeskPath,
                answer=DeskKeysAnswer,
                errors=_FAULTS,
            ),
        )

    async def recipient(self, call: Call[StaffCaller, RecipientBody]) -> None:
        """Keep the caller's recipient, if it is the one that the directory vouches for."""
        services, staff = self._services, call.caller.id
        recipient = HybridRecipient.parse(call.body.recipient)
        if recipient_digest(recipient) != services.in_force.opened(at=services.at).member(staff).recipient_sha256:
            raise RecipientDiffers
        async with services.storage.read() as connection:
            if (await recipients_of(connection, [staff])).get(staff) == call.body.recipient:
                return
        async with services.storage.write() as connection:
            await save_recipient(connection, staff, str(recipient))

    async def put_keys(self, call: Call[StaffCaller, SealedKeysBody]) -> None:
        """Keep sealed keys, all or none."""
        keys = [self._checked(call.caller, body) for body in call.body.keys]
        async with self._services.storage.write() as connection:
            kept = {
                (one.desk, one.epoch, one.holder): one
                for desk in {key.desk for key, _ in keys}
                for one in await keys_of_desk(connection, desk)
            }
            for key, line in keys:
                before = kept.get((key.desk, key.epoch, key.holder))
                if before == key:
                    continue  # sent twice
                newest = 0 if before is None else _version(before)
                if line.version <= newest:
                    raise DeskKeyOlder
                if line.version > newest + 1:
                    # With the highest version of all, one member could seal rubbish that no colleague could mend.
                    raise DeskKeyOlder("a sealing of a desk key counts on by one from the sealing before it")
                kept[key.desk, key.epoch, key.holder] = key
                await save_desk_key(connection, desk=key.desk, epoch=key.epoch, holder=key.holder, sealed=key.sealed)

    async def desk(self, call: Call[StaffCaller, None, None, DeskPath]) -> DeskAnswer:
        """Say who belongs to a desk, and who has its keys."""
        desk = call.path.desk
        call.caller.must_work_at(desk)
        members = self._members(desk)
        async with self._services.storage.read() as connection:
            recipients = await recipients_of(connection, members)
            kept = await keys_of_desk(connection, desk)
        return DeskAnswer(
            members=[ColleagueAnswer(staff=one, recipient=recipients.get(one)) for one in members],
            holders=[HolderAnswer(epoch=one.epoch, holder=one.holder, version=_version(one)) for one in kept],
        )

    async def recovery(self, call: Call[StaffCaller, None, None, DeskPath]) -> DeskKeysAnswer:
        """Give what the desk's recovery code opens; without the code it opens to nobody."""
        desk = call.path.desk
        call.caller.must_work_at(desk)
        async with self._services.storage.read() as connection:
            kept = await keys_of_desk(connection, desk)
        return DeskKeysAnswer(
            keys=[
                DeskKeyAnswer(desk=desk, epoch=one.epoch, sealed=b64encode(one.sealed).decode())
                for one in kept
                if one.holder == desk_code_reader(desk)
            ]
        )

    def _members(self, desk: str) -> Sequence[str]:
        services = self._services
        directory, suspended = services.in_force.opened(at=services.at), services.in_force.suspended
        return [one.id for one in directory.staff if desk in one.desks and one.id not in suspended]

    def _checked(self, caller: StaffCaller, body: SealedKeyBody) -> tuple[KeptKey, DocumentLine]:
        """Check all that can be checked of a sealed key without opening it."""
        caller.must_work_at(body.desk)
        services = self._services
        epochs = services.in_force.opened(at=services.at).desk(body.desk).epochs
        if body.epoch > (epochs[-1].epoch if epochs else 0) + 1:
            raise EpochSkipped
        sealed = _bytes(body.sealed)
        line = check_document(sealed)
        if line.relay != services.relay:
            raise WrongRelay
        if (line.kind, line.id, line.to) != ("desk-key", desk_key_id(body.desk, body.epoch), (body.holder,)):
            raise NotAReader
        readers = {desk_code_reader(body.desk), *map(staff_reader, self._members(body.desk))}
        if body.holder not in readers:
            raise NotAReader
        return KeptKey(body.desk, body.epoch, body.holder, sealed), line


def _version(key: KeptKey) -> int:
    return check_document(key.sealed).version


def _bytes(text: str) -> bytes:
    try:
        return b64decode(text, validate=True)
    except ValueError:
        raise Malformed("a sealed key is not base64") from None
