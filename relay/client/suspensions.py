"""
Which keys have been suspended, as operators have signed it.

A suspension counts at the door from its log index on, and lasts in clients from when they hear of it: what is seen is
remembered, so that a relay cannot take it back. That a relay hides one from a client altogether is for the audit, and
for the next directory, which every client wants within its expiry.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from keys.codes import staff_name
from keys.errors import RelayError
from keys.statements import read_statement
from keys.vkeys import Vkey
from relay.client.answers import objects_of, text_of
from relay.client.authors import Signers, Suspension
from relay.client.faults import ProblemAnswered
from relay.client.transport import Connection

_OPERATORS: Final = frozenset({"operator"})
_NOT_FOUND: Final = 404


async def fetch_suspensions(connection: Connection) -> list[bytes]:
    """Fetch every suspension that the relay shows, in log order; a relay of an older version shows none."""
    try:
        answer = (await connection.get("/suspensions")).json()
    except ProblemAnswered as problem:
        if problem.status == _NOT_FOUND:
            return []
        raise
    return [text_of(one, "note").encode() for one in objects_of(answer, "suspensions")]


def verified_suspensions(notes: Iterable[bytes], signers: Signers, *, relay: str) -> dict[str, Suspension]:
    """
    Take those that an operator has signed whose own key had power, and leave out the rest.

    Believing others would let the relay take any key out of use by itself.

    Args:
        notes: In log order.
        signers: Whose signatures count, and what was suspended before.
        relay: The relay's id.

    Returns:
        All that are known, by staff id: those of `signers`, and these.
    """
    found = dict(signers.suspended)
    for note in notes:
        one = _verified(note, Signers(signers.directory, signers.former), found, relay=relay)
        if one is not None:
            found.setdefault(one.staff, one)
    return found


def _verified(note: bytes, signers: Signers, found: Mapping[str, Suspension], *, relay: str) -> Suspension | None:
    try:
        unverified = read_statement(note)
        statement, by = unverified.statement, unverified.staff
        if (statement.kind, statement.relay) != ("suspend", relay) or by is None or statement.directory is None:
            return None
        public = signers.vkey(by, _OPERATORS, version=statement.directory)
        staff = statement.fields["staff"]
        if public is None or (by in found and staff not in found):
            return None
        unverified.verified_by(Vkey.ed25519(staff_name(relay, by), public))
    except RelayError:
        return None
    return Suspension(staff, statement.directory, statement.signed_at)
