"""
Bring a register file together with the register: who is new, who is known and changed, and who is better looked at.

Somebody is known by the detainee number; or by service number, birth date and name together, in whatever spelling. If
only some of these agree, nothing is done: two entries of one man lose letters, and one entry of two men gives a letter
to a stranger. The row is refused, and the registrar decides.
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from keys.codes import new_number
from keys.ids import Random
from relay.client import comparing
from relay.client.agreement import Agreement
from relay.client.persons import Person
from relay.client.registerfile import NEW, NUMBER_COLUMN, Fault, RefusedRow, Row, Why
from relay.domain.register import Status

_AGREED = frozenset({Agreement.SAME, Agreement.MISSING})


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One of the held, as the register has them or shall have them.

    Attributes:
        number: 12 digits.
        facility: The name of the facility, or None.
    """

    number: str = field(repr=False)
    person: Person
    side: str
    facility: str | None
    status: Status


@dataclass(frozen=True, slots=True)
class Import:
    """
    What a file changes.

    Attributes:
        added: New people, with new numbers.
        updated: Known people of whom something is to be written anew.
        unchanged: How many are known and as they were.
        refused: Rows of which nothing was taken, in order.
    """

    added: tuple[Entry, ...]
    updated: tuple[Entry, ...]
    unchanged: int
    refused: tuple[RefusedRow, ...]


def bring_in(rows: Iterable[Row], register: Iterable[Entry], *, random: Random = os.urandom) -> Import:
    """
    Find for each row whom it is about.

    A second run over the same file adds nobody and changes nothing.

    Args:
        rows: As `read_register_file` gives them.
        register: Everybody who is listed now.
        random: Gives 32 bytes, for the numbers of new people.
    """
    book = _Book(register)
    added: dict[str, Entry] = {}
    updated: list[Entry] = []
    refused: list[RefusedRow] = []
    unchanged = 0
    for row in rows:
        found = book.find(row)
        if isinstance(found, Fault):
            refused.append(RefusedRow(row.row, (found,)))
            continue
        number = found.number if found else _fresh_number(book, random)
        person = _with_unsaid(row, found.person) if found else row.person
        entry = Entry(number, person, row.side, row.facility, row.status)
        book.taken(entry)
        if found is None:
            added[number] = entry
        elif entry == found:
            unchanged += 1
        else:
            updated.append(entry)
    return Import(tuple(added.values()), tuple(updated), unchanged, tuple(refused))


class _Book:
    """Whom the register has, and whom the rows so far have named."""

    def __init__(self, register: Iterable[Entry]) -> None:
        self._by_number = {entry.number: entry for entry in register}
        self._by_service: defaultdict[str, list[Entry]] = defaultdict(list)
        self._by_birth: defaultdict[date | None, list[Entry]] = defaultdict(list)
        self._named: set[str] = set()
        for entry in self._by_number.values():
            self._enter(entry)

    def __contains__(self, number: str) -> bool:
        return number in self._by_number

    def find(self, row: Row) -> Entry | Fault | None:
        """Find whom a row is about; None for somebody new; or what speaks against deciding."""
        if row.number == NEW:
            found = self._by_every_word(row)
        else:
            found = self._by_its_number(row.number) if row.number else self._by_particulars(row.person)
        if isinstance(found, Entry) and found.number in self._named:
            return Fault("row", Why.TWICE)
        return found

    def taken(self, entry: Entry) -> None:
        """Remember that a row has named somebody; whoever comes again is named twice."""
        self._named.add(entry.number)
        if entry.number not in self._by_number:
            self._by_number[entry.number] = entry
            self._enter(entry)

    def _enter(self, entry: Entry) -> None:
        self._by_birth[entry.person.birth_date].append(entry)
        if service_number := comparing.read_service_number(entry.person.service_number):
            self._by_service[service_number].append(entry)

    def _by_its_number(self, number: str) -> Entry | Fault:
        return self._by_number.get(number) or Fault(NUMBER_COLUMN, Why.UNKNOWN)

    def _by_every_word(self, row: Row) -> Entry | Fault | None:
        """Find somebody whom the registrar called new: if the file is read again, by every word; otherwise nobody."""
        born = self._by_birth[row.person.birth_date]
        same = next((entry for entry in born if entry.person == _with_unsaid(row, entry.person)), None)
        found = same or self._by_particulars(row.person)
        return None if isinstance(found, Fault) and found.why is Why.PERHAPS_KNOWN else found

    def _by_particulars(self, person: Person) -> Entry | Fault | None:
        service_number = comparing.read_service_number(person.service_number)
        of_number = self._by_service[service_number] if service_number else []
        alike = [entry for entry in of_number if _same_person(entry.person, person)]
        if of_number:
            return alike[0] if len(of_number) == len(alike) == 1 else Fault("service_number", Why.CONFLICT)
        alike = [entry for entry in self._by_birth[person.birth_date] if _same_person(entry.person, person)]
        unnumbered = [entry for entry in alike if not service_number and not entry.person.service_number]
        if len(alike) == len(unnumbered) == 1 and _same_parents(alike[0].person, person):
            return alike[0]
        # Namesakes of one birth day are rarer than a service number that was found later, or typed otherwise.
        return Fault("service_number", Why.PERHAPS_KNOWN) if alike else None


def _with_unsaid(row: Row, known: Person) -> Person:
    """Give a row's person with what its file has no column for as the register has it."""
    return replace(row.person, **{column: getattr(known, column) for column in row.unsaid})


def _fresh_number(book: _Book, random: Random) -> str:
    while (number := new_number(random)) in book:
        pass
    return number


def _same_person(one: Person, other: Person) -> bool:
    if one.birth_date != other.birth_date:
        return False
    names, others = comparing.read_names(one), comparing.read_names(other)
    return (
        comparing.compare_surnames(names.surnames, others.surnames) is Agreement.SAME
        and comparing.compare_givens(names.givens, others.givens) is Agreement.SAME
        and comparing.compare_fathers(names.fathers, others.fathers) in _AGREED
    )


def _same_parents(one: Person, other: Person) -> bool:
    """Say whether father or mother confirm what no service number can, and neither contradicts."""
    known, said = comparing.read_person(one), comparing.read_person(other)
    agreements: Sequence[Agreement] = (
        comparing.compare_fathers(known.names.fathers, said.names.fathers),
        comparing.compare_surnames(known.mothers, said.mothers),
    )
    return Agreement.SAME in agreements and _AGREED.issuperset(agreements)
