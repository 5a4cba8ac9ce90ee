"""What a relative writes of somebody: in an own language, from memory, in haste, and sometimes in the wrong field."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from tests.matching.spelling import (
    PAPERS_RU,
    PAPERS_UK,
    Draw,
    in_dative,
    in_latin,
    in_russian,
    in_ukrainian,
    mixed_letters,
    slip,
)

if TYPE_CHECKING:
    from tests.matching.make import Made

_MONTHS: Final = {
    "uk": [
        "січня",
        "лютого",
        "березня",
        "квітня",
        "травня",
        "червня",
        "липня",
        "серпня",
        "вересня",
        "жовтня",
        "листопада",
        "грудня",
    ],
    "ru": [
        "января",
        "февраля",
        "марта",
        "апреля",
        "мая",
        "июня",
        "июля",
        "августа",
        "сентября",
        "октября",
        "ноября",
        "декабря",
    ],
    "en": [
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ],
}


def ask(draw: Draw, made: Made) -> dict[str, str]:
    """Write the particulars of somebody; what the relative does not know is absent."""
    tongue = made.tongue if draw.chance(0.6) else draw.one(("uk", "ru", "en"))
    names = _names(draw, made, tongue)
    knows_date = not draw.chance(0.12)
    if not knows_date and "patronymic" not in names:
        names |= _patronymic(draw, made, tongue)
    asked = {**names, "birth_date": _date(draw, made.born, tongue) if knows_date else ""}
    if draw.chance(0.4):
        asked["birth_place"] = made.place[("uk", "ru", "en").index(tongue)]
    if draw.chance(0.25):
        asked["mother_maiden_name"] = _surname(draw, made.mother, made.tongue, tongue)
    if draw.chance(0.15) or (not knows_date and not asked.get("patronymic")):
        number = made.service_number
        asked["service_number"] = number[4:] if draw.chance(0.3) else slip(draw, number) if draw.chance(0.1) else number
    return {key: text for key, text in asked.items() if text}


def _names(draw: Draw, made: Made, tongue: str) -> dict[str, str]:
    surname = _surname(draw, made.latin[0] if made.latin and tongue == "en" else made.surname, made.tongue, tongue)
    given = {"uk": made.given.uk, "ru": made.given.ru, "en": made.given.en}[tongue]
    if tongue == "en" and made.tongue != "en" and draw.chance(0.6):
        given = in_latin(draw, made.given.uk if made.tongue == "uk" else made.given.ru, _papers(made))
    if tongue != "en" and draw.chance(0.08):
        given = made.given.short
    elif tongue != "en" and not made.woman and draw.chance(0.08):
        surname, given = in_dative(surname, given=False), in_dative(given, given=True)
    names = {"surname": _hand(draw, surname), "given": _hand(draw, given, slips=0.06)}
    if not draw.chance(0.5 if tongue == "en" else 0.18):
        names |= _patronymic(draw, made, tongue)
    if draw.chance(0.05):
        names["surname"], names["given"] = names["given"], names["surname"]
    elif draw.chance(0.05):
        return {"surname": " ".join(text for text in names.values() if text)}
    return names


def _patronymic(draw: Draw, made: Made, tongue: str) -> dict[str, str]:
    if made.tongue == "en" or draw.chance(0.12):
        return {"patronymic": {"uk": made.father.uk, "ru": made.father.ru, "en": made.father.en}[tongue]}
    if tongue == "en":
        written = made.patronymic
        return {"patronymic": in_latin(draw, written, _papers(made))}
    return {"patronymic": _hand(draw, made.father.patronymics[(tongue == "ru") * 2 + made.woman], slips=0.08)}


def _surname(draw: Draw, surname: str, own: str, tongue: str) -> str:
    if own in (tongue, "en"):
        return surname
    if tongue == "en":
        return in_latin(draw, surname, PAPERS_UK if own == "uk" else PAPERS_RU)
    return in_russian(surname) if tongue == "ru" else in_ukrainian(surname)


def _papers(made: Made) -> tuple[str, ...]:
    return PAPERS_UK if made.tongue == "uk" else PAPERS_RU


def _hand(draw: Draw, word: str, slips: float = 0.16) -> str:
    if draw.chance(slips):
        word = slip(draw, word)
    if draw.chance(0.05):
        word = mixed_letters(draw, word)
    return word.upper() if draw.chance(0.05) else word.lower() if draw.chance(0.05) else word


def _date(draw: Draw, born: date, tongue: str) -> str:
    said = _misremembered(draw, born)
    if draw.chance(0.07):
        return str(said.year)
    if draw.chance(0.03):
        return f"{said.month:02}.{said.year}"
    year = f"{said.year % 100:02}" if draw.chance(0.2) else str(said.year)
    style = draw.below(4)
    if style == 0:
        return f"{said.day} {_MONTHS[tongue][said.month - 1]} {said.year}"
    if style == 1 and tongue == "en":
        return f"{_MONTHS[tongue][said.month - 1][:3]} {said.day}, {said.year}"
    if style == 1:
        return f"{said.day}.{said.month}.{year} р.н." if tongue == "uk" else f"{said.day}/{said.month}/{year} г.р."
    return said.isoformat() if style == 2 else f"{said.day:02}.{said.month:02}.{year}"


def _misremembered(draw: Draw, born: date) -> date:
    if draw.chance(0.05) and born.day <= 12:
        return date(born.year, born.day, born.month)
    if draw.chance(0.05):
        return (born + timedelta(days=366 if draw.chance(0.5) else -365)).replace(day=min(born.day, 28))
    if draw.chance(0.04):
        return born.replace(day=1 + draw.below(28))
    return born
