"""Reading a register from CSV, row by row."""

from datetime import date
from pathlib import Path

import pytest

from keys.codes import new_number
from relay.client.registerfile import (
    COLUMNS,
    NEW,
    Fault,
    RegisterFile,
    RegisterSheetMalformed,
    Why,
    read_register_file,
)
from relay.domain.register import Status

EXAMPLE = Path(__file__).parents[3] / "examples" / "register" / "detainees.csv"
FACILITIES = ("Larch House", "Orchard House", "Harbour House")
SIDES = ("Ardenia", "Velmark")
TODAY = date(2026, 11, 23)
GOOD = {
    "surname_cyr": "Барвінчук",
    "given_cyr": "Остап",
    "patronymic_cyr": "Миколайович",
    "surname_lat": "Barvinchuk",
    "given_lat": "Ostap",
    "father_name": "Микола",
    "mother_maiden_name": "Криничанська",
    "birth_date": "1997-03-14",
    "birth_place": "Klenovody",
    "rank": "Private",
    "service_number": "ARD-204117",
    "side": "Ardenia",
    "facility": "Larch House",
    "status": "confirmed",
}


def written(*rows: dict[str, str], delimiter: str = ",") -> bytes:
    """Write rows as CSV, with the columns of the first one."""
    lines = [delimiter.join(rows[0]), *(delimiter.join(row.values()) for row in rows)]
    return "\n".join(lines).encode()


def read(data: bytes) -> RegisterFile:
    """Read with the example's facilities and sides."""
    return read_register_file(data, facilities=FACILITIES, sides=SIDES, today=TODAY)


def faults(**changes: str) -> list[Fault]:
    """Change some cells of a good row, and say what is wrong then."""
    file = read(written(GOOD | changes))
    return [fault for row in file.refused for fault in row.faults]


def test_the_example_is_read_whole():
    """Forty people, nobody refused."""
    file = read(EXAMPLE.read_bytes())

    assert (len(file.rows), file.refused) == (40, ())
    assert file.rows[0].row == 2
    assert file.rows[0].person.surname_cyr == "Барвінчук"
    assert file.rows[0].person.birth_date == date(1997, 3, 14)
    assert (file.rows[7].side, file.rows[7].facility, file.rows[7].status) == (
        "Ardenia",
        "Larch House",
        Status.TRANSFERRED,
    )


def test_a_spreadsheet_of_these_countries_is_read_too():
    """A byte order mark, semicolons, dates with dots, spaces around, other capitals, an empty line."""
    changes = {"birth_date": "14.3.1997", "facility": " LARCH house ", "side": "ardenia", "status": "Confirmed"}
    data = b"\xef\xbb\xbf" + written(GOOD | changes, delimiter=";").replace(b"\n", b"\r\n;;;\r\n\r\n", 1)

    file = read(data)

    assert file.refused == ()
    assert [row.row for row in file.rows] == [4]
    assert [row.person.birth_date for row in file.rows] == [date(1997, 3, 14)]
    assert (file.rows[0].facility, file.rows[0].side, file.rows[0].status) == (
        "Larch House",
        "Ardenia",
        Status.CONFIRMED,
    )


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"birth_date": "1997-02-30"}, [("birth_date", Why.NO_DATE)]),
        ({"birth_date": "03/14/1997"}, [("birth_date", Why.NO_DATE)]),
        ({"birth_date": "14.03.97"}, [("birth_date", Why.NO_DATE)]),
        ({"birth_date": "1897-03-14"}, [("birth_date", Why.NOT_PLAUSIBLE)]),
        ({"birth_date": "2026-11-24"}, [("birth_date", Why.NOT_PLAUSIBLE)]),
        ({"birth_date": ""}, [("birth_date", Why.MISSING)]),
        ({"rank": ""}, [("rank", Why.MISSING)]),
        ({"side": ""}, [("side", Why.MISSING)]),
        ({"status": ""}, [("status", Why.MISSING)]),
        ({"side": "Nowhere"}, [("side", Why.UNKNOWN)]),
        ({"facility": "Birch House"}, [("facility", Why.UNKNOWN)]),
        ({"status": "escaped"}, [("status", Why.UNKNOWN)]),
        ({"facility": ""}, [("facility", Why.MISSING)]),
        ({"surname_cyr": "Бapвінчук"}, [("surname_cyr", Why.NOT_CYRILLIC)]),
        ({"given_cyr": "Остап1"}, [("given_cyr", Why.NOT_CYRILLIC)]),
        ({"surname_lat": "Барвінчук"}, [("surname_lat", Why.NOT_LATIN)]),
        ({"given_lat": "=Ostap"}, [("given_lat", Why.NOT_LATIN)]),
        ({"father_name": "Mикола"}, [("father_name", Why.MIXED)]),
        ({"mother_maiden_name": "?"}, [("mother_maiden_name", Why.MIXED)]),
        ({"mother_maiden_name": "-"}, [("mother_maiden_name", Why.MIXED)]),
        ({"rank": "x" * 121}, [("rank", Why.UNPRINTABLE)]),
        ({"rank": "Private\x07"}, [("rank", Why.UNPRINTABLE)]),
        ({"number": "481523984513"}, [("number", Why.MISTYPED)]),
        (
            {"rank": "", "status": "escaped", "birth_date": "no"},
            [("rank", Why.MISSING), ("birth_date", Why.NO_DATE), ("status", Why.UNKNOWN)],
        ),
    ],
)
def test_what_is_wrong_is_said_by_column_and_reason(changes, expected):
    """Every fault of a row at once, so that it is sent back once."""
    assert faults(**changes) == [Fault(column, why) for column, why in expected]


def test_one_alphabet_is_enough_but_a_whole_name_is_asked_for():
    """GC III article 17: surname and first names."""
    latin = {"surname_cyr": "", "given_cyr": "", "patronymic_cyr": ""}

    assert faults(**latin) == []
    assert faults(surname_lat="", given_lat="") == []
    assert faults(**latin, given_lat="") == [Fault("given_lat", Why.MISSING)]
    assert faults(given_cyr="", surname_lat="") == [Fault("given_cyr", Why.MISSING)]


def test_without_a_service_number_equivalent_information_is_asked_for():
    """GC III article 17, «failing this, equivalent information»: a parent's name and the birth place."""
    missing = [Fault("service_number", Why.MISSING)]

    assert faults(service_number="") == []
    assert faults(service_number="", father_name="") == []
    assert faults(service_number="", birth_place="") == missing
    assert faults(service_number="", father_name="", mother_maiden_name="") == missing


def test_only_somebody_confirmed_needs_a_place():
    """Of the unconfirmed nobody knows it, and the released have none."""
    assert faults(facility="", status="released") == []


def test_numbers_are_read_where_there_are_some():
    """A number with spaces, «new», or nothing."""
    number = new_number(bytes)
    rows = [GOOD | {"number": cell} for cell in (f"{number[:4]} {number[4:]}", "NEW", "")]

    file = read(written(*rows))

    assert [row.number for row in file.rows] == [number, NEW, None]


def test_a_row_of_other_length_is_refused_and_the_next_one_read():
    """A comma too many shifts everything, so nothing of the row is believed."""
    data = written(GOOD, GOOD).replace(b"Klenovody", b"Klenovody, north", 1)

    file = read(data)

    assert [(row.row, row.faults) for row in file.refused] == [(2, (Fault("row", Why.COLUMNS),))]
    assert [row.row for row in file.rows] == [3]


def test_a_report_has_rows_and_reasons_and_no_content():
    """What stood in the cell is not repeated: reports travel by mail."""
    file = read(written(GOOD | {"surname_cyr": "Baрвінчук", "birth_date": "secret"}))

    (refused,) = file.refused
    assert refused.sentences() == [
        "Row 2, surname_cyr: has other than Cyrillic letters.",
        "Row 2, birth_date: is no date; write 1990-03-07 or 07.03.1990.",
    ]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"surname_cyr,given_cyr\n",
        "Барвінчук".encode("cp1251"),
        ",".join((*COLUMNS, "shoe")).encode(),
        ",".join((*COLUMNS, "rank")).encode(),
        (",".join(COLUMNS) + '\n"unclosed').encode(),
        ("\n" + ",".join(COLUMNS)).encode(),
    ],
)
def test_what_is_no_register_file_is_malformed(data):
    """Nothing in it, another encoding, columns missing, unknown or there twice, broken quotes."""
    with pytest.raises(RegisterSheetMalformed):
        read(data)


def test_a_missing_column_is_named_and_a_strange_one_only_counted():
    """Ours are no secret; what others call theirs is content."""
    with pytest.raises(RegisterSheetMalformed, match="missing columns: status; 1 columns are unknown"):
        read(",".join((*COLUMNS[:-1], "secret")).encode())


def test_next_of_kin_and_their_address_may_be_added():
    """In free words, in any alphabet, at most 300 characters; a sheet without the columns says nothing about them."""
    told = {"next_of_kin": "Мати (Klenovody; evenings)", "correspondence_address": "ю" * 300}

    (row,) = read(written(GOOD | told)).rows
    assert (row.person.next_of_kin, len(row.person.correspondence_address)) == (told["next_of_kin"], 300)
    assert row.unsaid == ()
    assert read(written(GOOD)).rows[0].unsaid == tuple(told)
    assert read(written(GOOD | {"next_of_kin": ""})).rows[0].unsaid == ("correspondence_address",)
    for column in told:
        assert faults(**told | {column: "x" * 301}) == [Fault(column, Why.UNPRINTABLE)]
