"""
Whom a letter without a number is for: a small form that a relative fills in, and the line of JSON that is sealed.

The form is a text of lines such as ``surname: Barvinchuk``, with labels in any of the three languages; every line
without a label is kept as the family's own words. Sealed, it stands in the manifest's `address`, as JSON with the keys
of `Particulars` and `words`. An address that is no such JSON is all words: a reviewer reads it and fills in the form.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Final

from keys.canonical import encode_json, parse_json
from keys.errors import Malformed
from relay.client.persons import Particulars, parse_particulars

_VERSION: Final = 1
_NAMES: Final = tuple(one.name for one in fields(Particulars))
#: What a line of the form may begin with, without capitals.
LABELS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "surname": "surname",
        "прізвище": "surname",
        "фамилия": "surname",
        "given name": "given",
        "name": "given",
        "ім'я": "given",
        "ім’я": "given",
        "имя": "given",
        "father": "patronymic",
        "patronymic": "patronymic",
        "по батькові": "patronymic",
        "отчество": "patronymic",
        "born": "birth_date",
        "народився": "birth_date",
        "народилася": "birth_date",
        "родился": "birth_date",
        "родилась": "birth_date",
        "birth place": "birth_place",
        "місце народження": "birth_place",
        "место рождения": "birth_place",
        "mother": "mother_maiden_name",
        "дівоче прізвище матері": "mother_maiden_name",
        "девичья фамилия матери": "mother_maiden_name",
        "service number": "service_number",
        "особистий номер": "service_number",
        "личный номер": "service_number",
    }
)


@dataclass(frozen=True, slots=True)
class Sought:
    """
    Whom a letter is for, as far as its writer could say.

    Attributes:
        particulars: What a label stood before.
        words: Whatever else was written.
    """

    particulars: Particulars = field(default_factory=Particulars, repr=False)
    words: str = field(default="", repr=False)

    @property
    def is_told(self) -> bool:
        """Whether there is anything to compare with the register."""
        return self.particulars != Particulars()


def parse_form(text: str) -> Sought:
    """
    Read the form that a relative, or a reviewer for them, has filled in.

    Nothing is refused: a line whose label is unknown, and the second of two with one label, are words.
    """
    said: dict[str, str] = {}
    words: list[str] = []
    for line in text.strip().splitlines():
        label, colon, value = line.partition(":")
        name = LABELS.get(" ".join(label.casefold().split()))
        if colon and name and name not in said:
            said[name] = value.strip()
        else:
            words.append(line)
    return Sought(Particulars(**said), "\n".join(words).strip())


def encode_address(sought: Sought) -> str:
    """Write the address of a manifest; without particulars it is the words alone."""
    if not sought.is_told:
        return sought.words
    said = {name: text for name in _NAMES if (text := getattr(sought.particulars, name))}
    return encode_json({"v": _VERSION, **said, **({"words": sought.words} if sought.words else {})})


def read_address(address: str | None) -> Sought:
    """Read the address of a manifest; what is not in the one encoding of the form is all words."""
    text = address or ""
    try:
        plain = parse_json(text, what="address")
        words = plain.pop("words", "")
        if plain.pop("v", None) != _VERSION or not isinstance(words, str):
            return Sought(words=text)
        sought = Sought(parse_particulars(plain), words)
    except Malformed:
        return Sought(words=text)
    return sought if encode_address(sought) == text else Sought(words=text)


def show_address(sought: Sought) -> str:
    """Write it for a reader, a line for each particular, and the words last."""
    said = [f"{name.replace('_', ' ')}: {text}" for name in _NAMES if (text := getattr(sought.particulars, name))]
    return "\n".join([*said, *([sought.words] if sought.words else [])])
