"""A dispatcher at work: packs what was passed into bags, each to one place, and says what was lost on the way."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from keys.sealed import part_digest
from relay.client.answers import Row
from relay.client.register import NoPlace, NumberUnknown, Register, read_register
from relay.client.staff import StaffSession, after
from relay.custody.bagfile import encode_manifest, manifest_digest
from relay.domain.states import Kind, State

STATEMENTS: Final = "/review/statements"
#: Stands in for the digest until the manifest, which it is the digest of, is known.
_NO_DIGEST: Final = "0" * 64


@dataclass(frozen=True, slots=True)
class Bag:
    """
    A bag that was packed and released.

    Attributes:
        bag: Its id, which goes onto the cover.
        place: The desk it goes to.
        manifest: What it holds, as JSON; the cover shows its SHA-256.
        note: The dispatcher's signed statement: the release, which the receiver's acceptance answers.
        rows: Its items, as they stand then.
    """

    bag: str
    place: str
    manifest: str = field(repr=False)
    note: bytes = field(repr=False)
    rows: tuple[Row, ...]

    @property
    def statement(self) -> str:
        """The release's SHA-256, as it stands in each item's custody record."""
        return part_digest(self.note)


class Dispatcher:
    """A dispatcher at one review desk."""

    def __init__(self, session: StaffSession, desk: str) -> None:
        """Take the session, signed in."""
        self.session: Final = session
        self.desk: Final = desk

    async def to_pack(self, place: str | None = None) -> list[Row]:
        """List what was passed and waits to be packed; for one place, or for all."""
        rows = await self.session.rows("/review/passed", desk=self.desk, limit="500")
        return [row for row in rows if row.state is State.PASSED and place in (None, row.destination)]

    async def missing(self) -> list[Row]:
        """List what did not arrive with its bag."""
        rows = await self.session.rows("/review/passed", desk=self.desk, limit="500")
        return [row for row in rows if row.state is State.MISSING]

    async def pack(self, rows: Sequence[Row], place: str) -> Bag:
        """
        Pack up to 500 items into one bag and sign its release.

        Args:
            rows: As listed by `to_pack`, all of them for this place.
            place: The desk it goes to; one without computers gets it on paper.

        Raises:
            ProblemAnswered: The relay refused; then nothing was packed.
        """
        session, bag = self.session, self.session.new_id()
        subjects = [row.subject() for row in rows]
        fields: dict[str, Any] = {"bag": bag, "to": place}
        draft = session.statement("bag", subjects, **fields, manifest=_NO_DIGEST)
        signed = replace(draft, fields={**draft.fields, "manifest": manifest_digest(draft)})
        note = session.sign_prepared(signed)
        moves = await session.send_statement(STATEMENTS, note, subjects)
        return Bag(bag, place, encode_manifest(signed), note, tuple(after(rows, moves)))

    async def pack_all(self, rows: Sequence[Row] | None = None) -> list[Bag]:
        """Pack some items, or everything that waits, one bag for each place."""
        by_place: dict[str, list[Row]] = {}
        for row in await self.to_pack() if rows is None else rows:
            by_place.setdefault(row.destination or "", []).append(row)
        return [await self.pack(rows, place) for place, rows in by_place.items()]

    async def stopped(self, rows: Sequence[Row]) -> list[Row]:
        """
        List those of some letters whose addressee is no longer where they were passed to; the relay packs none of them.

        Without this one letter would keep a whole bag back, and nobody could say which.
        """
        register = await read_register(self.session, self.desk)
        return [row for row in rows if row.kind is not Kind.REPLY and not _is_there(register, row)]

    async def declare_lost(self, bag: str, rows: Sequence[Row], *, reasons: Sequence[str] = ()) -> list[Row]:
        """Say that items of one bag are lost for good."""
        subjects = [row.subject() for row in rows]
        moves = await self.session.submit(STATEMENTS, "declare_lost", subjects, bag=bag, reasons=tuple(reasons) or None)
        return after(rows, moves)


def _is_there(register: Register, row: Row) -> bool:
    try:
        return register.place_of(row.detainee) == row.destination
    except (NumberUnknown, NoPlace):
        return False
