"""Bringing a register file together with the register."""

from dataclasses import replace
from datetime import date
from itertools import count

from relay.client.persons import Person
from relay.client.registerfile import NEW, Fault, Row, Why
from relay.client.registering import Entry, Import, bring_in
from relay.domain.register import Status

OSTAP = Person(
    surname_cyr="Барвінчук",
    given_cyr="Остап",
    patronymic_cyr="Миколайович",
    birth_date=date(1997, 3, 14),
    rank="Private",
    service_number="ARD-204117",
)
UNNUMBERED = replace(OSTAP, service_number="", mother_maiden_name="Криничанська")


def a_row(
    person: Person = OSTAP, number: str | None = None, *, row: int = 2, facility: str | None = "Larch House"
) -> Row:
    """Make a row that was read."""
    return Row(row, number, person, "Ardenia", facility, Status.CONFIRMED)


def brought(*rows: Row, into: tuple[Entry, ...] = ()) -> Import:
    """Bring rows in, with numbers that count up."""
    counter = count(7)
    return bring_in(rows, into, random=lambda size: next(counter).to_bytes(size))


def listed(person: Person = OSTAP) -> Entry:
    """Enter a person as somebody new."""
    (entry,) = brought(a_row(person)).added
    return entry


def refusal(done: Import) -> Fault:
    """Take the one fault of the one row that was refused; nothing else has happened."""
    ((fault,),) = (row.faults for row in done.refused)
    assert not done.added
    assert not done.updated
    return fault


def test_somebody_new_is_given_a_number():
    """Twelve digits, and what the row says."""
    entry = listed()

    assert len(entry.number) == 12
    assert (entry.person, entry.side, entry.facility, entry.status) == (
        OSTAP,
        "Ardenia",
        "Larch House",
        Status.CONFIRMED,
    )


def test_the_same_file_again_changes_nothing():
    """Whether people have service numbers or not."""
    rows = (a_row(), a_row(replace(UNNUMBERED, given_cyr="Назар"), row=3))
    first = brought(*rows)

    again = brought(*rows, into=first.added)

    assert len(first.added) == 2
    assert again == Import((), (), 2, ())


def test_a_move_is_an_update_under_the_same_number():
    """Known by service number, birth date and name; nobody is listed twice."""
    known = listed()

    done = brought(a_row(facility="Orchard House"), into=(known,))

    assert done.updated == (replace(known, facility="Orchard House"),)
    assert not done.added


def test_another_spelling_is_still_the_same_person():
    """The next list comes in Russian, or in Latin letters, with the service number in Cyrillic capitals."""
    known = listed()
    russian = replace(OSTAP, surname_cyr="Барвинчук", patronymic_cyr="Николаевич", service_number="АRD 204117")
    latin = Person(
        surname_lat="Barvinchuk", given_lat="Ostap", birth_date=OSTAP.birth_date, service_number="ARD-204117"
    )

    for person in (russian, latin):
        (updated,) = brought(a_row(person), into=(known,)).updated
        assert (updated.number, updated.person) == (known.number, person)


def test_a_number_decides_whatever_else_has_changed():
    """A birth date and a name that were taken down wrongly are corrected under the number."""
    known = listed()
    corrected = replace(OSTAP, surname_cyr="Барвінок", birth_date=date(1979, 3, 14))

    (updated,) = brought(a_row(corrected, known.number), into=(known,)).updated

    assert updated == replace(known, person=corrected)


def test_a_number_of_nobody_is_refused():
    """It is from another register, or mistyped so that the check digits agree."""
    assert refusal(brought(a_row(number="481523984512"))) == Fault("number", Why.UNKNOWN)


def test_a_service_number_of_somebody_else_is_refused():
    """Another name, or another birth date: one of the two lists is wrong, and nobody here knows which."""
    known = listed()
    conflict = Fault("service_number", Why.CONFLICT)

    for other in ({"given_cyr": "Назар"}, {"birth_date": date(1997, 3, 15)}, {"patronymic_cyr": "Петрович"}):
        assert refusal(brought(a_row(replace(OSTAP, **other)), into=(known,))) == conflict
        assert refusal(brought(a_row(replace(OSTAP, **other), NEW), into=(known,))) == conflict


def test_a_service_number_that_was_found_later_is_asked_about():
    """Same name and birth date, but only one of the two has a number, or another one."""
    perhaps = Fault("service_number", Why.PERHAPS_KNOWN)

    assert refusal(brought(a_row(), into=(listed(UNNUMBERED),))) == perhaps
    assert refusal(brought(a_row(UNNUMBERED), into=(listed(),))) == perhaps
    assert refusal(brought(a_row(replace(OSTAP, service_number="ARD-1")), into=(listed(),))) == perhaps


def test_without_service_numbers_a_parent_has_to_confirm():
    """Father or mother agree and neither contradicts; otherwise it is asked about."""
    known = listed(UNNUMBERED)
    other_mother = replace(UNNUMBERED, mother_maiden_name="Ожинська")
    no_parent = replace(UNNUMBERED, mother_maiden_name="", patronymic_cyr="")

    assert brought(a_row(replace(UNNUMBERED, mother_maiden_name="")), into=(known,)).updated
    for person in (other_mother, no_parent):
        assert refusal(brought(a_row(person), into=(known,))) == Fault("service_number", Why.PERHAPS_KNOWN)


def test_a_registrar_can_say_that_somebody_is_new():
    """A true namesake of one birthday gets a number, once, however often the file is read."""
    known = listed()
    namesake = replace(OSTAP, service_number="VLM-1", mother_maiden_name="Ожинська")
    unnumbered = replace(UNNUMBERED, mother_maiden_name="Тернова")
    rows = (a_row(namesake, NEW), a_row(unnumbered, NEW, row=3))

    done = bring_in(rows, (known,))
    again = bring_in(rows, (known, *done.added))

    assert len(done.added) == 2
    assert not done.refused
    assert again == Import((), (), 2, ())


def test_a_person_twice_in_one_file_is_refused_the_second_time():
    """Whether the first time was new or known."""
    for register in ((), (listed(),)):
        done = brought(a_row(), a_row(row=3), into=register)

        assert [(row.row, row.faults) for row in done.refused] == [(3, (Fault("row", Why.TWICE),))]


def test_two_listed_under_one_service_number_are_asked_about():
    """A register that has somebody twice is not made worse."""
    twice = (Entry("1", OSTAP, "Ardenia", None, Status.CONFIRMED), Entry("2", OSTAP, "Ardenia", None, Status.CONFIRMED))

    assert refusal(brought(a_row(), into=twice)) == Fault("service_number", Why.CONFLICT)


def test_a_number_that_is_taken_is_drawn_again():
    """Two people never share a number, even if chance would have it so."""
    known = listed()
    draws = iter((7, 7, 8))

    done = bring_in(
        [a_row(replace(OSTAP, given_cyr="Назар", service_number="X-2"))],
        (known,),
        random=lambda size: next(draws).to_bytes(size),
    )

    assert done.added[0].number != known.number
    assert next(draws, None) is None


def test_what_a_sheet_has_no_column_for_stays_as_it_was():
    """An older sheet erases nobody's next of kin and lists nobody twice; an empty cell in the column does erase."""
    kin = replace(OSTAP, next_of_kin="Mother, Klenovody")
    known = listed(kin)
    other = replace(known, number="000000000098", person=replace(kin, service_number="ARD-9"))

    assert brought(a_row(), into=(known,)) == Import((), (), 1, ())
    assert brought(a_row(number=NEW), into=(known,)) == Import((), (), 1, ())
    assert brought(a_row(replace(OSTAP, rank="Sergeant")), into=(known, other)).updated == (
        replace(known, person=replace(kin, rank="Sergeant")),
    )
    (erased,) = brought(replace(a_row(), unsaid=()), into=(known,)).updated
    assert erased.person == OSTAP
