"""
Birth dates as relatives write them: «03.07.91», «7 березня 1991 р.», "March 7, 1991", or a year alone.

What a text does not say stays unknown, and nothing is guessed from it: a day and a month of which either could be the
other are read day first, as all three languages mostly do, and the other order counts as turned.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from relay.client.agreement import Agreement

#: How the names of months begin in Ukrainian, Russian and English; longer beginnings first where one contains another.
_MONTHS: Final = (
    ("січ", "янв", "jan"),
    ("лют", "фев", "feb"),
    ("берез", "мар", "mar"),
    ("квіт", "апр", "apr"),
    ("трав", "мая", "май", "мае", "may"),
    ("черве", "червн", "июн", "jun"),
    ("лип", "июл", "jul"),
    ("серп", "авг", "aug"),
    ("верес", "сен", "sep"),
    ("жовт", "окт", "oct"),
    ("листоп", "ноя", "nov"),
    ("груд", "дек", "dec"),
)
_ROMAN: Final = {
    "i": 1,
    "ii": 2,
    "iii": 3,
    "iv": 4,
    "v": 5,
    "vi": 6,
    "vii": 7,
    "viii": 8,
    "ix": 9,
    "x": 10,
    "xi": 11,
    "xii": 12,
}
_TOKEN: Final = re.compile(r"\d+|[^\W\d_]+")
_MONTHS_A_YEAR: Final = 12
_DAYS_A_MONTH: Final = 31
_CENTURY: Final = 100
#: Nobody alive was born earlier.
_FIRST_YEAR: Final = 1900
_LAST_YEAR: Final = 2100


@dataclass(frozen=True, slots=True)
class Birth:
    """
    A birth date as far as a text says it.

    Attributes:
        year: With four digits, or below 100 if the text has only the last two.
    """

    year: int | None = None
    month: int | None = None
    day: int | None = None

    def years(self) -> tuple[int, ...]:
        """List the years that can be meant."""
        if self.year is None:
            return ()
        return (self.year,) if self.year >= _CENTURY else (1900 + self.year, 2000 + self.year)


def read_birth(text: str) -> Birth | None:
    """Read a birth date as somebody wrote it; None if no date can be found in it."""
    tokens = _TOKEN.findall(text.casefold())
    numbers = [token for token in tokens if token.isdecimal()]
    months = [month for token in tokens if (month := _month_named(token))]
    if len(months) == 1:
        return _with_month(numbers, months[0])
    if len(numbers) == 1 and len(numbers[0]) == len("19910307"):
        return _run_together(numbers[0])
    if len(numbers) >= len(("day", "month", "year")):
        return _in_order(numbers)
    if len(numbers) == len(("month", "year")) and _is_year(numbers[1]):
        return _checked(int(numbers[1]), int(numbers[0]), None)
    return next((Birth(int(number)) for number in numbers if _is_year(number)), None)


def compare_birth(said: Birth | None, listed: date | None) -> Agreement:
    """Say how far a birth date agrees with the register's."""
    if said is None or listed is None:
        return Agreement.MISSING
    if said.day is None or said.month is None or said.year is None:
        return _compare_part(said, listed)
    year_agrees = listed.year in said.years()
    agreeing = (year_agrees, said.month == listed.month, said.day == listed.day)
    if all(agreeing):
        return Agreement.SAME
    if year_agrees and (said.day, said.month) == (listed.month, listed.day):
        return Agreement.TURNED
    if sum(agreeing) == len(("month", "day")):
        return Agreement.NEAR if _one_slip(said, listed, agreeing) else Agreement.PART
    return Agreement.AROUND if year_agrees else Agreement.DIFFERENT


def _compare_part(said: Birth, listed: date) -> Agreement:
    known = [
        agrees
        for part, agrees in (
            (said.year, listed.year in said.years()),
            (said.month, said.month == listed.month),
            (said.day, said.day == listed.day),
        )
        if part is not None
    ]
    if all(known):
        return Agreement.PART if len(known) > 1 else Agreement.YEAR
    near = said.month is None and any(abs(listed.year - year) == 1 for year in said.years())
    return Agreement.AROUND if near or (listed.year in said.years()) else Agreement.DIFFERENT


def _one_slip(said: Birth, listed: date, agreeing: Sequence[bool]) -> bool:
    """Say whether the one part that does not agree is off by one, by one digit, or by two digits that change places."""
    pairs = (
        [(f"{year % _CENTURY:02}", f"{listed.year % _CENTURY:02}", year - listed.year) for year in said.years()],
        [(f"{said.month:02}", f"{listed.month:02}", (said.month or 0) - listed.month)],
        [(f"{said.day:02}", f"{listed.day:02}", (said.day or 0) - listed.day)],
    )
    wrong = pairs[agreeing.index(False)]
    return any(abs(off) == 1 or one[::-1] == other or _one_digit(one, other) for one, other, off in wrong)


def _one_digit(one: str, other: str) -> bool:
    return sum(its != others for its, others in zip(one, other, strict=True)) == 1


def _month_named(token: str) -> int | None:
    if token.isdecimal():
        return None
    roman = _ROMAN.get(token.translate(str.maketrans("іхх", "ixx")))
    named = next((month for month, starts in enumerate(_MONTHS, 1) if token.startswith(starts)), None)
    return roman or named


def _with_month(numbers: list[str], month: int) -> Birth | None:
    years = [number for number in numbers if _is_year(number)]
    short = [number for number in numbers if not _is_year(number)]
    if years:
        return _checked(int(years[0]), month, int(short[0]) if short else None)
    if len(short) > 1:
        return _checked(int(short[1]), month, int(short[0]))
    return _checked(None, month, int(short[0])) if short else None


def _run_together(digits: str) -> Birth | None:
    if _is_year(digits[4:]):
        return _checked(int(digits[4:]), int(digits[2:4]), int(digits[:2]))
    return _checked(int(digits[:4]), int(digits[4:6]), int(digits[6:]))


def _in_order(numbers: list[str]) -> Birth | None:
    first, second, third = (int(number) for number in numbers[:3])
    if _is_year(numbers[0]):
        return _checked(first, second, third) or _checked(first, third, second)
    return _checked(third, second, first) or _checked(third, first, second)


def _checked(year: int | None, month: int, day: int | None) -> Birth | None:
    possible = 1 <= month <= _MONTHS_A_YEAR and (day is None or 1 <= day <= _DAYS_A_MONTH)
    is_year = year is None or year < _CENTURY or _FIRST_YEAR <= year < _LAST_YEAR
    return Birth(year, month, day) if possible and is_year else None


def _is_year(number: str) -> bool:
    return len(number) == len("1991") and _FIRST_YEAR <= int(number) < _LAST_YEAR
