"""Read the register as a registrar keeps it: one line of a CSV file for each of the held."""

import csv
from pathlib import Path
from typing import Final

from keys.codes import NumberMistyped, parse_number
from keys.errors import Malformed
from keys.ids import is_id
from relay.client.keyfiles import FileMissing
from relay.client.register import Record
from relay.domain.register import Status

COLUMNS: Final = ("number", "status", "place", "names", "side")


class RegisterFileMalformed(Malformed):
    """This is not a register as `register import` takes it."""

    code = "register_file_malformed"
    cure = f"Give the file a first line with {', '.join(COLUMNS)}, and one line for each of the held."


def read_records(path: Path) -> list[Record]:
    """
    Read a register.

    Args:
        path: CSV, UTF-8; `place` is a facility's id or empty, as are `names` and `side`.

    Raises:
        FileMissing: It cannot be read.
        RegisterFileMalformed: A column is missing, or a line is not as it should be; says which line, and no more.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if set(COLUMNS) - set(reader.fieldnames or ()):
                raise RegisterFileMalformed
            return [_record(row, number) for number, row in enumerate(reader, start=2)]
    except OSError:
        raise FileMissing(f"there is no file {path}, or it cannot be read") from None
    except UnicodeDecodeError:
        raise RegisterFileMalformed("the register is not UTF-8") from None


def _record(row: dict[str, str], line: int) -> Record:
    place = row["place"] or None
    try:
        if place is not None and not is_id(place):
            raise ValueError
        return Record(
            parse_number(row["number"]), Status(row["status"]), place, row["names"] or None, row["side"] or None
        )
    except (NumberMistyped, ValueError, TypeError):
        raise RegisterFileMalformed(f"line {line} of the register has no valid number, status or place") from None
