"""
Read a register from CSV: what a side hands over as a spreadsheet becomes persons, or rows that are refused and why.

No row is mended by guessing, and a report of refused rows names row, column and reason, never what stood there: it is
passed around by mail. Read again, the same file finds everybody it named before, so that nobody is listed twice.
"""

import csv
import io
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Final

from keys.codes import NumberMistyped, parse_number
from keys.errors import Malformed
from relay.client.names import is_cyrillic, is_latin, words
from relay.client.persons import Person
from relay.domain.register import Status

#: As in examples/register/detainees.csv; `number` may be added for people who have one, and so may `MAY_BE_ADDED`.
COLUMNS: Final = (
    "surname_cyr",
    "given_cyr",
    "patronymic_cyr",
    "surname_lat",
    "given_lat",
    "father_name",
    "mother_maiden_name",
    "birth_date",
    "birth_place",
    "rank",
    "service_number",
    "side",
    "facility",
    "status",
)
NUMBER_COLUMN: Final = "number"
#: What GC III article 122 asks for beside that, in free words: a sheet without the column says nothing about it.
MAY_BE_ADDED: Final = ("next_of_kin", "correspondence_address")
#: What a registrar writes there of somebody who only looks like one who is listed.
NEW: Final = "new"
_CYRILLIC: Final = ("surname_cyr", "given_cyr", "patronymic_cyr")
_LATIN: Final = ("surname_lat", "given_lat")
_EITHER: Final = ("father_name", "mother_maiden_name")
#: GC III article 17; the name is asked for apart, since one alphabet is enough, and so is the service number.
_REQUIRED: Final = ("birth_date", "rank", "side", "status")
_PERSONAL: Final = COLUMNS[:11]
_MAX_CELL_CHARACTERS: Final = 120
_MAX_WORDS_CHARACTERS: Final = 300
_FIRST_YEAR: Final = 1900
_BETWEEN_LETTERS: Final = frozenset(" -.'’ʼ`")
_STATUSES: Final = frozenset(status.value for status in Status)
_EUROPEAN_DATE: Final = ("day", "month", "year")


class RegisterSheetMalformed(Malformed):
    """This is no register sheet: UTF-8, comma or semicolon, with the columns in the first row."""

    code = "register_sheet_malformed"
    cure = "Save the sheet as CSV in UTF-8, with the column names of examples/register/detainees.csv in its first row."


class Why(StrEnum):
    """Why a row is refused."""

    COLUMNS = "has more or fewer columns than the first row"
    MISSING = "is empty and must not be"
    NOT_CYRILLIC = "has other than Cyrillic letters"
    NOT_LATIN = "has other than Latin letters"
    MIXED = "mixes alphabets, or is no name"
    UNPRINTABLE = "is too long, or has characters that cannot be printed"
    NO_DATE = "is no date; write 1990-03-07 or 07.03.1990"
    NOT_PLAUSIBLE = "is not when somebody alive was born"
    UNKNOWN = "is none of those that are known"
    MISTYPED = "is mistyped: its check digits are wrong"
    TWICE = "names somebody whom an earlier row of this file names"
    CONFLICT = "belongs to somebody with another name or birth date"
    PERHAPS_KNOWN = "may be somebody listed; write that one's number into a column «number», or «new» if it is not"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one cell: the column, and why; never the content."""

    column: str
    why: Why


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """
    A row that was not taken.

    Attributes:
        row: As a spreadsheet counts, the first row with the column names being 1.
    """

    row: int
    faults: tuple[Fault, ...]

    def sentences(self) -> list[str]:
        """Say what is wrong, one sentence for each fault, fit for a report."""
        return [f"Row {self.row}, {fault.column}: {fault.why.value}." for fault in self.faults]


@dataclass(frozen=True, slots=True)
class Row:
    """
    A row that can be taken.

    Attributes:
        number: The detainee number, or `NEW`, if the file has either.
        side: The side that the person serves, in the words of the configuration.
        facility: Where the person is held, likewise; None where nobody says.
        unsaid: Of `MAY_BE_ADDED`, what the file has no column for: of somebody known, it stays as it was.
    """

    row: int
    number: str | None = field(repr=False)
    person: Person
    side: str
    facility: str | None
    status: Status
    unsaid: tuple[str, ...] = MAY_BE_ADDED


@dataclass(frozen=True, slots=True)
class RegisterFile:
    """A file as it was read: what can be taken, and what not."""

    rows: tuple[Row, ...]
    refused: tuple[RefusedRow, ...]


def read_register_file(
    data: bytes, *, facilities: Collection[str], sides: Collection[str], today: date
) -> RegisterFile:
    """
    Read a register file and check every row by itself.

    Args:
        data: CSV in UTF-8, with or without a byte order mark, separated by commas or semicolons.
        facilities: Names of the facilities that the directory has; capitals make no difference, here and for sides.
        sides: Names of the sides.
        today: Nobody was born later.

    Raises:
        RegisterSheetMalformed: It is not CSV in UTF-8, or a column is missing, unknown, or there twice.
    """
    heading, *lines = _cells(data)
    known = _Known(_by_capitals(facilities), _by_capitals(sides), today)
    rows: list[Row] = []
    refused: list[RefusedRow] = []
    for number, line in lines:
        if len(line) != len(heading[1]):
            refused.append(RefusedRow(number, (Fault("row", Why.COLUMNS),)))
            continue
        cells = {column: cell.strip() for column, cell in zip(heading[1], line, strict=True)}
        if faults := tuple(_faults(cells, known)):
            refused.append(RefusedRow(number, faults))
        else:
            rows.append(_row(number, cells, known))
    return RegisterFile(tuple(rows), tuple(refused))


@dataclass(frozen=True, slots=True)
class _Known:
    facilities: Mapping[str, str]
    sides: Mapping[str, str]
    today: date


def _cells(data: bytes) -> list[tuple[int, list[str]]]:
    """Split the file; empty lines are left out, and counted."""
    try:
        text = data.decode("utf-8-sig")
        first = text.splitlines()[0]
        delimiter = ";" if first.count(";") > first.count(",") else ","
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except (UnicodeDecodeError, IndexError, csv.Error):
        raise RegisterSheetMalformed from None
    numbered = [(at, row) for at, row in enumerate(rows, 1) if any(cell.strip() for cell in row)]
    heading = [cell.strip() for cell in rows[0]]
    strange = [column for column, times in Counter(heading).items() if times > 1 or column not in _all_columns()]
    missing = set(COLUMNS) - set(heading)
    if strange or missing or numbered[0][0] != 1:
        raise RegisterSheetMalformed(_which(len(strange), missing))
    return [(1, heading), *numbered[1:]]


def _all_columns() -> tuple[str, ...]:
    return (*COLUMNS, NUMBER_COLUMN, *MAY_BE_ADDED)


def _which(strange: int, missing: Collection[str]) -> str:
    """Say which columns are missing; of strange ones only how many, since their names are the file's content."""
    parts = [f"missing columns: {', '.join(sorted(missing))}"] * bool(missing)
    parts += [f"{strange} columns are unknown, or there twice"] * bool(strange)
    return "; ".join(parts)


def _faults(cells: Mapping[str, str], known: _Known) -> Iterator[Fault]:
    yield from _faults_of_letters(cells)
    yield from _faults_of_absence(cells)
    if text := cells["birth_date"]:
        born = _read_date(text)
        if born is None:
            yield Fault("birth_date", Why.NO_DATE)
        elif not date(_FIRST_YEAR, 1, 1) <= born <= known.today:
            yield Fault("birth_date", Why.NOT_PLAUSIBLE)
    yield from (Fault(column, Why.UNKNOWN) for column in _unknown(cells, known))
    try:
        _read_number(cells)
    except NumberMistyped:
        yield Fault(NUMBER_COLUMN, Why.MISTYPED)


def _faults_of_letters(cells: Mapping[str, str]) -> Iterator[Fault]:
    for column, text in cells.items():
        longest = _MAX_WORDS_CHARACTERS if column in MAY_BE_ADDED else _MAX_CELL_CHARACTERS
        if text and (len(text) > longest or not text.isprintable()):
            yield Fault(column, Why.UNPRINTABLE)
        elif text and column in _CYRILLIC and not (is_cyrillic(text) and _is_name(text)):
            yield Fault(column, Why.NOT_CYRILLIC)
        elif text and column in _LATIN and not (is_latin(text) and _is_name(text)):
            yield Fault(column, Why.NOT_LATIN)
        elif text and column in _EITHER and not (_is_name(text) and _one_alphabet(text)):
            yield Fault(column, Why.MIXED)


def _faults_of_absence(cells: Mapping[str, str]) -> Iterator[Fault]:
    yield from (Fault(column, Why.MISSING) for column in _REQUIRED if not cells[column])
    # One alphabet is enough, but in it both names: GC III article 17 asks for surname and first names.
    latin = bool(cells["surname_lat"] or cells["given_lat"]) and not (cells["surname_cyr"] or cells["given_cyr"])
    whole = [all(cells[f"{name}_{letters}"] for name in ("surname", "given")) for letters in ("cyr", "lat")]
    if not any(whole):
        asked = _LATIN if latin else _CYRILLIC[:2]
        yield from (Fault(column, Why.MISSING) for column in asked if not cells[column])
    # «Failing this, equivalent information», says the article of the serial number; here: a parent and the birth place.
    equivalent = (cells["father_name"] or cells["mother_maiden_name"]) and cells["birth_place"]
    if not cells["service_number"] and not equivalent:
        yield Fault("service_number", Why.MISSING)
    if cells["status"].casefold() == Status.CONFIRMED and not cells["facility"]:
        yield Fault("facility", Why.MISSING)


def _unknown(cells: Mapping[str, str], known: _Known) -> Iterator[str]:
    for column, those in (("side", known.sides), ("facility", known.facilities), ("status", _STATUSES)):
        if cells[column] and cells[column].casefold() not in those:
            yield column


def _row(number: int, cells: Mapping[str, str], known: _Known) -> Row:
    personal = {column: cells.get(column, "") for column in (*_PERSONAL, *MAY_BE_ADDED) if column != "birth_date"}
    return Row(
        row=number,
        number=_read_number(cells),
        person=Person(**personal, birth_date=_read_date(cells["birth_date"])),
        side=known.sides[cells["side"].casefold()],
        facility=known.facilities[cells["facility"].casefold()] if cells["facility"] else None,
        status=Status(cells["status"].casefold()),
        unsaid=tuple(column for column in MAY_BE_ADDED if column not in cells),
    )


def _read_number(cells: Mapping[str, str]) -> str | None:
    """Read the number, if there is one; raises NumberMistyped."""
    written = cells.get(NUMBER_COLUMN, "")
    if not written or written.casefold() == NEW:
        return written.casefold() or None
    return parse_number(written)


def _read_date(text: str) -> date | None:
    """Read 1990-03-07, or 07.03.1990 as spreadsheets here write it; nothing whose order could be doubted."""
    parts = text.split(".")
    if len(parts) == len(_EUROPEAN_DATE):
        text = "-".join((parts[2], parts[1].zfill(2), parts[0].zfill(2)))
    try:
        return date.fromisoformat(text) if len(text) == len("1990-03-07") else None
    except ValueError:
        return None


def _is_name(text: str) -> bool:
    return all(letter.isalpha() or letter in _BETWEEN_LETTERS for letter in text)


def _one_alphabet(text: str) -> bool:
    return all(is_cyrillic(word) or is_latin(word) for word in words(text)) and any(map(str.isalpha, text))


def _by_capitals(names: Collection[str]) -> dict[str, str]:
    return {name.casefold(): name for name in names}
