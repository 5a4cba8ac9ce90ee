"""
A desk's key in its members' hands: colleagues are admitted, a new epoch is made, a lost key comes back from paper.

Every key is opened and sealed here; the relay keeps documents that it cannot open. To whom a key may be sealed says the
directory that this client has verified, never the relay's answer: a relay that adds a reader, or swaps the recipient of
one, finds that nothing is sealed to it. DESIGN.md §3.
"""

import base64
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from keys.agefile import WrongKey
from keys.bech32 import KeyMalformed
from keys.codes import desk_code_identity, new_code
from keys.directory import Desk, recipient_digest
from keys.errors import Refused
from keys.hybrid import HybridRecipient
from keys.ids import Random
from keys.keyrings import DeskKey, desk_code_reader, open_desk_key, staff_reader
from relay.client.answers import integer_of, objects_of, text_of
from relay.client.ceremony import SealedDeskKey, rotate, seal_for
from relay.client.staff import NoDeskKey, StaffSession, sealed_of

#: Recipients of members by staff id, from their own files, where the relay does not have them.
Recipients = Mapping[str, HybridRecipient]


class NotAtDesk(Refused):
    """The directory does not list this member at the desk, or their key was suspended."""

    code = "not_at_desk"
    cure = "Ask the operators to publish a directory that lists the member at the desk; admit them after that."


class RecipientUnknown(Refused):
    """Nobody has shown yet what desk keys are to be sealed to for a member of this desk."""

    code = "recipient_unknown"
    cure = (
        "Let the member run any command once, or name their folder with --member; or leave them out with --without, "
        "and admit them later."
    )


class EpochPending(Refused):
    """A new epoch of this desk has been made and waits for the operators' next directory."""

    code = "epoch_pending"
    cure = "Let the operators publish it; to make another in its place, whose predecessor is then lost, add --again."


class OldDeskKey(Refused):
    """You do not hold this desk's current key."""

    code = "old_desk_key"
    cure = "Ask a colleague who does to admit you; if nobody does, use `letter-relay desk recover`."


@dataclass(frozen=True, slots=True)
class DeskStanding:
    """
    Who belongs to a desk by the directory, and who has which of its keys by the relay.

    Attributes:
        desk: As the directory has it.
        members: Staff ids, without those whose keys were suspended.
        recipients: Those that were shown, each checked against the directory.
        versions: The version of each sealing, by epoch and holder.
    """

    desk: Desk
    members: tuple[str, ...]
    recipients: Recipients = field(repr=False)
    versions: Mapping[tuple[int, str], int]

    def lacking(self, staff: str) -> tuple[int, ...]:
        """Name the epochs of the directory that are not sealed to a member."""
        listed = (one.epoch for one in self.desk.epochs)
        return tuple(epoch for epoch in listed if (epoch, staff_reader(staff)) not in self.versions)

    @property
    def is_pending(self) -> bool:
        """Whether a newer epoch has been made than the directory has."""
        newest = self.desk.epochs[-1].epoch if self.desk.epochs else 0
        return any(epoch > newest for epoch, _ in self.versions)

    def next_version(self, epoch: int, holder: str) -> int:
        """Count on from the last sealing to a holder."""
        return self.versions.get((epoch, holder), 0) + 1


@dataclass(frozen=True, slots=True)
class Rotated:
    """
    A desk with a new epoch, which counts from the next directory on.

    Attributes:
        desk: Its line for that directory.
        code: The new recovery code, to be printed: 32 digits. The old one opens nothing new.
        members: To whom the new key was sealed.
    """

    desk: Desk
    code: str = field(repr=False)
    members: tuple[str, ...]


class DeskMember:
    """A member of a desk, who looks after its key."""

    def __init__(self, session: StaffSession, desk: str, *, random: Random = os.urandom) -> None:
        """
        Take the session, signed in.

        Raises:
            NotAtDesk: The directory does not list this member there.
        """
        if desk not in session.member.desks:
            raise NotAtDesk
        self.session: Final = session
        self.desk: Final = desk
        self._random = random

    async def standing(self) -> DeskStanding:
        """
        Ask who has what, and hold it against the directory.

        A recipient that the directory does not vouch for is as good as none: nothing will be sealed to it.
        """
        answer = await self.session.get(f"/staff/desks/{self.desk}")
        shown = {text_of(one, "staff"): one.get("recipient") for one in objects_of(answer, "members")}
        members = self._members()
        return DeskStanding(
            desk=self.session.directory.desk(self.desk),
            members=members,
            recipients={staff: found for staff in members if (found := self._vouched(staff, shown.get(staff)))},
            versions={
                (integer_of(one, "epoch"), text_of(one, "holder")): integer_of(one, "version")
                for one in objects_of(answer, "holders")
            },
        )

    async def admit(
        self, staff: Iterable[str], *, recipients: Recipients | None = None, again: bool = False
    ) -> dict[str, tuple[int, ...]]:
        """
        Seal every key that this member holds to colleagues who lack it: the current one, and those of older letters.

        Args:
            staff: Whom; the directory has to list them at the desk.
            recipients: From their own files, where the relay does not have them.
            again: Seal what they have already too, in place of what they cannot open.

        Returns:
            The epochs that each of them got.

        Raises:
            NotAtDesk, RecipientUnknown: As they say; then nobody was admitted.
            KeyNotInDirectory: A recipient is not the one that the directory vouches for.
            NoDeskKey: This member holds no key of the desk.
        """
        standing, keys = await self.standing(), await self._keys()
        to = self._readers(standing, tuple(staff), recipients or {})
        sealed: list[SealedDeskKey] = []
        given: dict[str, tuple[int, ...]] = {}
        for one, recipient in to.items():
            lacking = [key for key in keys if again or key.epoch in standing.lacking(one)]
            sealed += [self._seal(key, staff_reader(one), recipient, standing) for key in lacking]
            given[one] = tuple(key.epoch for key in lacking)
        await self._keep(sealed)
        return given

    async def rotate(
        self,
        *,
        since: str,
        without: Collection[str] = (),
        recipients: Recipients | None = None,
        again: bool = False,
        keep: Callable[[Rotated], None] = lambda _: None,
    ) -> Rotated:
        """
        Make a new epoch, as when a member leaves: a fresh key, sealed to all who stay and to a fresh recovery code.

        Older keys that this member holds are sealed to the new code too, since whoever left may have seen the old one.

        Args:
            since: When it becomes the current one, ``YYYY-MM-DDTHH:MM:SSZ``; the one before is accepted for 14 days.
            without: Members who leave, though the directory still lists them.
            recipients: As in `admit`.
            again: Replace an epoch that was made and never published.
            keep: Called before anything is sent, to write code and line down: what is cut off then loses neither.

        Raises:
            EpochPending: There is such a one.
            OldDeskKey: This member does not hold the current key, and is not to lock out those who do.
            NotAtDesk: This member would be left out, or the desk is keyless.
            RecipientUnknown, KeyNotInDirectory: As in `admit`.
        """
        standing, keys = await self.standing(), await self._keys()
        me = self.session.root.staff
        if not standing.desk.epochs or me in without or me not in standing.members:
            raise NotAtDesk
        if standing.is_pending and not again:
            raise EpochPending
        if keys[-1].epoch != standing.desk.epochs[-1].epoch:
            raise OldDeskKey
        staying = tuple(one for one in standing.members if one not in without)
        readers = self._readers(standing, staying, recipients or {})
        desk, new = rotate(standing.desk, relay=self.session.root.relay, since=since, random=self._random)
        code = new_code(self._random)
        to_members = [self._seal(new, staff_reader(one), found, standing) for one, found in readers.items()]
        made = Rotated(desk, code, staying)
        keep(made)
        await self._keep([*to_members, *self._seal_to_code((*keys, new), code, standing)])
        return made

    async def renew_code(self, *, keep: Callable[[str], None] = lambda _: None) -> str:
        """
        Seal every key that this member holds to a fresh recovery code, to be printed; the old one opens nothing more.

        Args:
            keep: Called before anything is sent, to write the code down.
        """
        standing, keys = await self.standing(), await self._keys()
        code = new_code(self._random)
        keep(code)
        await self._keep(self._seal_to_code(keys, code, standing))
        return code

    async def recover(self, code: str) -> tuple[int, ...]:
        """
        Open the desk's keys with the printed recovery code, and seal them to this member.

        Returns:
            The epochs that came back.

        Raises:
            WrongKey: The code opens none of them: it is another desk's, or an older one.
            NoDeskKey: The relay keeps nothing for the code.
            KeyNotInDirectory: What was opened is not this desk's key.
            CodeMistyped: The check digits say that this is no code.
        """
        identity = desk_code_identity(code, bytes.fromhex(self.session.root.relay))
        answer = await self.session.get(f"/staff/desks/{self.desk}/recovery")
        standing = await self.standing()
        listed = {one.epoch for one in standing.desk.epochs}
        found: list[DeskKey] = []
        wrong: Exception = NoDeskKey()
        for one in objects_of(answer, "keys"):
            if integer_of(one, "epoch") not in listed:
                continue
            try:
                found.append(open_desk_key(sealed_of(one), [identity], directory=self.session.directory))
            except WrongKey as fault:
                wrong = fault
        if not found:
            raise wrong
        me = staff_reader(self.session.root.staff)
        mine = self.session.root.keys.identity.recipient()
        await self._keep([self._seal(key, me, mine, standing) for key in found])
        await self.session.open_desks()
        return tuple(key.epoch for key in found)

    # ---------------------------------------------------------------- sealing

    async def _keys(self) -> list[DeskKey]:
        """Open this member's own keys of the desk, oldest first."""
        keys = [key for key in await self.session.fetch_desk_keys() if key.desk == self.desk]
        if not keys:
            raise NoDeskKey
        return sorted(keys, key=lambda key: key.epoch)

    def _members(self) -> tuple[str, ...]:
        suspended = self.session.trustbook.suspended
        listed = self.session.directory.staff
        return tuple(one.id for one in listed if self.desk in one.desks and one.id not in suspended)

    def _vouched(self, staff: str, shown: object) -> HybridRecipient | None:
        """Read a recipient as the relay gave it; None if it is not the one that the directory vouches for."""
        try:
            recipient = HybridRecipient.parse(shown) if isinstance(shown, str) else None
        except KeyMalformed:
            return None
        if recipient is None or recipient_digest(recipient) != self.session.directory.member(staff).recipient_sha256:
            return None
        return recipient

    def _readers(self, standing: DeskStanding, staff: Sequence[str], recipients: Recipients) -> Recipients:
        readers: dict[str, HybridRecipient] = {}
        for one in staff:
            if one not in standing.members:
                raise NotAtDesk
            found = recipients.get(one) or standing.recipients.get(one)
            if one == self.session.root.staff:
                found = self.session.root.keys.identity.recipient()
            if found is None:
                raise RecipientUnknown(f"nobody has shown what desk keys are to be sealed to for staff {one}")
            readers[one] = found
        return readers

    def _seal(self, key: DeskKey, holder: str, recipient: HybridRecipient, standing: DeskStanding) -> SealedDeskKey:
        return seal_for(
            key,
            holder,
            recipient,
            by=self.session.root,
            directory=self.session.directory,
            version=standing.next_version(key.epoch, holder),
            random=self._random,
        )

    def _seal_to_code(self, keys: Iterable[DeskKey], code: str, standing: DeskStanding) -> list[SealedDeskKey]:
        recipient = desk_code_identity(code, bytes.fromhex(self.session.root.relay)).recipient()
        return [self._seal(key, desk_code_reader(self.desk), recipient, standing) for key in keys]

    async def _keep(self, sealed: Sequence[SealedDeskKey]) -> None:
        """Let the relay keep sealed keys, all of them or none."""
        if not sealed:
            return
        keys: list[dict[str, Any]] = [
            {
                "desk": one.desk,
                "epoch": one.epoch,
                "holder": one.holder,
                "sealed": base64.b64encode(one.sealed).decode(),
            }
            for one in sealed
        ]
        session = self.session
        await session.connection.put_json("/staff/desk-keys", {"keys": keys}, bearer=session.bearer)
