"""
Bring a register file into the sealed register: on the registrar's machine, since the relay must not read a name.

Only what is new or has changed is published; whoever is known keeps the number, and with it every letter on its way.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from keys.directory import Directory
from keys.errors import Refused
from keys.ids import Random, parse_time
from relay.client.register import Record, Register, Registrar, read_register
from relay.client.registerfile import RefusedRow, read_register_file
from relay.client.registering import Entry, Import, bring_in
from relay.client.staff import StaffSession
from relay.domain.register import Status

#: Of these nobody is where they were; the old place is dropped, so that no letter is sealed to it.
_GONE: Final = frozenset({Status.TRANSFERRED, Status.RELEASED, Status.CLOSED})


class PlaceWanted(Refused):
    """Nobody is confirmed without a place."""

    code = "place_wanted"
    cure = "Name the facility with --place; `letter-relay directory show` lists desks."


class PlaceUnknown(Refused):
    """A name of a place is given to no facility of the directory."""

    code = "place_unknown"
    cure = "Write --place 'NAME=DESK' with the id of a facility; `letter-relay directory show` lists desks."


@dataclass(frozen=True, slots=True)
class Imported:
    """
    What became of a register file.

    Attributes:
        added: New people, with new numbers.
        updated: Known people of whom something was written anew.
        unchanged: How many were as they are.
        refused: Rows of which nothing was taken, in order.
        resealed: People of whom nothing has changed, sealed anew since a review desk has come that could not read them.
        pages: The log index of each page that was published.
    """

    added: tuple[Record, ...] = field(repr=False)
    updated: tuple[Record, ...] = field(repr=False)
    unchanged: int
    refused: tuple[RefusedRow, ...]
    resealed: tuple[Record, ...] = field(repr=False)
    pages: tuple[int, ...]


async def import_register(
    session: StaffSession, desk: str, data: bytes, *, places: Mapping[str, str], random: Random = os.urandom
) -> Imported:
    """
    Read a register file, bring it together with the register, and publish what differs, and what a desk cannot read.

    Args:
        session: A registrar's, signed in, with its desk keys opened.
        desk: The review desk by whose key the register is read.
        data: CSV, as `read_register_file` takes it.
        places: The facilities' ids, by the names that the file gives them; ids themselves need no name.
        random: Gives 32 bytes, for the numbers of new people.

    Raises:
        RegisterSheetMalformed: It is no such file.
        PlaceUnknown: A name is given to no facility.
        Refused, Malformed: As `read_register` and `Registrar.publish`.
    """
    known = await read_register(session, desk)
    found = bring_in_file(session, data, known, places=places, random=random)
    added, updated = _records(found.added), _records(found.updated)
    wanting = known.out_of_sight - {record.number for record in updated}
    resealed = tuple(record for number, record in known.records.items() if number in wanting)
    changed = (*added, *updated, *resealed)
    pages = await Registrar(session).publish(changed) if changed else []
    return Imported(added, updated, found.unchanged, found.refused, resealed, tuple(pages))


def bring_in_file(
    session: StaffSession, data: bytes, known: Register, *, places: Mapping[str, str], random: Random = os.urandom
) -> Import:
    """
    Say what a register file would change, without changing it; arguments and errors as `import_register` has them.

    Args:
        known: The register as it stands.
    """
    ids, today = _facilities(session.directory, places), parse_time(session.trustbook.clock()).date()
    file = read_register_file(data, facilities=ids, sides=session.directory.sides, today=today)
    rows = [replace(row, facility=ids[row.facility] if row.facility else None) for row in file.rows]
    listed = [Entry(one.number, one.person, one.side or "", one.place, one.status) for one in known.records.values()]
    found = bring_in(rows, listed, random=random)
    return replace(found, refused=tuple(sorted((*file.refused, *found.refused), key=lambda one: one.row)))


async def set_status(
    session: StaffSession, desk: str, number: str, status: Status, *, place: str | None = None
) -> Record:
    """
    Publish where somebody is, or that they are no longer held.

    What has been passed to a place where they no longer are cannot be packed from then on.

    Args:
        session: A registrar's, signed in, with its desk keys opened.
        desk: The review desk by whose key the register is read.
        number: 12 digits.
        status: What is known.
        place: The facility's id. None keeps the place that the register has, unless the status says that it is over.

    Raises:
        NumberUnknown: The register has nobody of this number.
        PlaceWanted, PlaceUnknown: Nobody is confirmed nowhere, or there is no such facility.
    """
    before = (await read_register(session, desk)).find(number)
    if place is not None and place not in _facilities(session.directory, {}):
        raise PlaceUnknown
    known = None if status in _GONE else before.place
    record = replace(before, status=status, place=place or known)
    if status is Status.CONFIRMED and record.place is None:
        raise PlaceWanted
    await Registrar(session).publish([record])
    return record


def _facilities(directory: Directory, places: Mapping[str, str]) -> dict[str, str]:
    """Give the id of each facility by whatever the file may call it."""
    ids = [desk.id for desk in directory.desks if desk.kind == "facility"]
    if not set(places.values()) <= set(ids):
        raise PlaceUnknown
    return {**{one: one for one in ids}, **places}


def _records(entries: Sequence[Entry]) -> tuple[Record, ...]:
    return tuple(Record(one.number, one.status, one.facility, one.person, one.side) for one in entries)
