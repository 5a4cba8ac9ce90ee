"""Statements about items: what they can be refused for, and their way from a signed-in member to the door."""

from keys.directory import UnknownDesk, UnknownEpoch, UnknownStaff
from keys.errors import Malformed
from keys.firstlines import LineMalformed
from keys.notes import NoteMalformed, NoteUnsigned
from keys.statements import StatementMalformed
from keys.vkeys import SignatureInvalid
from relay.domain import in_force, refusals
from relay.http.calls import StaffCaller
from relay.http.services import NotTheSigner, Services, WrongKind, signed_by
from relay.ledger.batch import MissingPart, UnknownItem
from relay.ledger.door import Conflict, Overloaded
from relay.ledger.statements import DispatchStopped, MailboxUnknown, NumberNotReachable, StatementIn
from relay.storage.engine import StorageUnavailable

#: 500 subjects, each with its parts, and their contacts or notes.
STATEMENT_BYTES = 1_048_576
STATEMENT_FAULTS = (
    Conflict,
    Malformed,
    MissingPart,
    NoteMalformed,
    NoteUnsigned,
    NotTheSigner,
    DispatchStopped,
    MailboxUnknown,
    NumberNotReachable,
    Overloaded,
    SignatureInvalid,
    StatementMalformed,
    StorageUnavailable,
    UnknownDesk,
    UnknownEpoch,
    UnknownItem,
    UnknownStaff,
    WrongKind,
    LineMalformed,
    in_force.DirectoryOver,
    in_force.DirectoryUnknown,
    in_force.WrongRelay,
    refusals.AlreadyClaimed,
    refusals.Barred,
    refusals.ClaimLost,
    refusals.EpochOver,
    refusals.IllegalMove,
    refusals.OtherKey,
    refusals.OutOfTurn,
    refusals.PaperRequired,
    refusals.PartsDiffer,
    refusals.SecondPersonRequired,
    refusals.SeniorRequired,
    refusals.StaleStatement,
    refusals.SuspendedKey,
    refusals.TooManyClaims,
    refusals.WrongBag,
    refusals.WrongDesk,
    refusals.WrongDestination,
    refusals.WrongRole,
)


async def submit_statement(services: Services, caller: StaffCaller, note: bytes, kinds: frozenset[str]) -> bytes:
    """Verify that the caller signed a statement of one of these kinds, and take it to the door."""
    signed = signed_by(caller, note, kinds, services.in_force, at=services.at)
    return await services.ledger.submit(StatementIn(note, signed.digest, signed.statement, caller.id, signed.vkey))
