"""What operators publish with their machine's token: trust, directories, keyrings, desk keys; all made elsewhere."""

import base64
from collections.abc import Sequence
from typing import Any, Final

from keys.codes import staff_code_identity
from keys.directory import Directory
from keys.errors import Refused
from keys.keyrings import StaffRoot, open_keyring
from relay.client.ceremony import Enrolled, SealedDeskKey
from relay.client.faults import AnswerMalformed, ProblemAnswered
from relay.client.staff import StaffSession
from relay.client.transport import NOTE, OCTETS, Connection

_TOKEN_PREFIX: Final = "lro_"
_TOKEN_CHARACTERS: Final = 68


class TokenMistyped(Refused):
    """This is not an operator's token."""

    code = "token_mistyped"
    cure = "Take the whole content of `operator.token` in the relay's data directory: lro_ and 64 hex digits."


class KeyringUnknown(Refused):
    """The relay keeps no keyring for this member."""

    code = "keyring_unknown"
    cure = "Check the member's id; if it is right, ask an operator to publish the keyring again."


class Operator:
    """An operator's machine, with the token that the relay wrote when it was made."""

    def __init__(self, connection: Connection, token: str) -> None:
        """
        Take the token.

        Raises:
            TokenMistyped: It is none.
        """
        self._connection = connection
        self._token = token.strip()
        if not self._token.startswith(_TOKEN_PREFIX) or len(self._token) != _TOKEN_CHARACTERS:
            raise TokenMistyped

    async def publish_trust(self, note: bytes) -> int:
        """Publish a trust note that the root has signed, and return its log index."""
        answer = await self._connection.send("POST", "/operator/trust", note, media_type=NOTE, bearer=self._token)
        return _index(answer.json())

    async def publish_directory(self, note: bytes, document: bytes) -> int:
        """Publish a directory that k operators have signed, and return its log index."""
        members = {"note": note.decode(), "document": document.decode()}
        answer = await self._connection.post_json("/operator/directory", members, bearer=self._token)
        return _index(answer.json())

    async def put_keyring(self, enrolled: Enrolled) -> None:
        """Let the relay keep a member's sealed keyring."""
        path = f"/operator/keyrings/{enrolled.member.id}"
        await self._connection.send("PUT", path, enrolled.keyring, media_type=OCTETS, bearer=self._token)

    async def invite(
        self, *, desks: Sequence[str], roles: Sequence[str], person: str | None = None, days: int = 7
    ) -> dict[str, Any]:
        """
        Let the relay make an invite.

        Args:
            desks: Where the member shall work, by id.
            roles: What they may do there.
            person: The id of somebody who has a key already; None for somebody new.
            days: How long the invite holds.

        Returns:
            ``secret``, ``staff``, ``person`` and ``expires_at`` (POSIX seconds).
        """
        members: dict[str, Any] = {"desks": list(desks), "roles": list(roles), "days": days}
        if person is not None:
            members["person"] = person
        return (await self._connection.post_json("/operator/invites", members, bearer=self._token)).json()

    async def enrolments(self) -> dict[str, Any]:
        """Ask who has enrolled, and which invites are open; `relay.client.drafting` reads the answer."""
        return (await self._connection.get("/operator/enrolments", bearer=self._token)).json()

    async def dismiss(self, staff: str) -> None:
        """
        Take an invite back, with all that came of it.

        Raises:
            ProblemAnswered: The member stands in the directory in force.
        """
        await self._connection.send("DELETE", f"/operator/enrolments/{staff}", bearer=self._token)

    async def put_desk_key(self, key: SealedDeskKey) -> None:
        """Let the relay keep a desk's key, sealed to one holder."""
        members = {
            "desk": key.desk,
            "epoch": key.epoch,
            "holder": key.holder,
            "sealed": base64.b64encode(key.sealed).decode(),
        }
        await self._connection.put_json("/operator/desk-keys", members, bearer=self._token)


async def suspend(session: StaffSession, staff: str, reason: str) -> int:
    """
    Take a member's key out of force at once, as an operator, and return the entry's log index.

    Args:
        session: An operator's, signed in.
        staff: Whose key.
        reason: A code, such as ``KEY_LOST``.
    """
    return await session.office("suspend", {"staff": staff, "reason": reason})


async def fetch_keyring(connection: Connection, staff: str) -> bytes:
    """
    Fetch a member's sealed keyring, which anybody may have.

    Raises:
        KeyringUnknown: The relay has none.
    """
    try:
        return (await connection.get(f"/keyrings/{staff}")).body
    except ProblemAnswered as problem:
        if problem.status == 404:
            raise KeyringUnknown from None
        raise


def unlock(keyring: bytes, code: str, relay: str, *, directory: Directory | None) -> StaffRoot:
    """
    Open a keyring with the printed staff code; takes 30 ms, on purpose.

    Args:
        keyring: The age file.
        code: As typed.
        relay: The relay's id.
        directory: The one in force; None only for a member whom no directory has yet.

    Raises:
        CodeMistyped: The check digits say that this is no code.
        WrongKey: It is another member's code.
        KeyNotInDirectory: The member's keys in the directory are others.
    """
    return open_keyring(keyring, [staff_code_identity(code, bytes.fromhex(relay))], directory=directory)


def _index(members: dict[str, Any]) -> int:
    index = members.get("index")
    if type(index) is not int:
        raise AnswerMalformed
    return index
