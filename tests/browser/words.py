"""What the pages say, by key, in one language: stories look for the words that people see."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

LOCALES = Path(__file__).parents[2] / "web" / "locales"
LANGUAGES = {"uk": "Українська", "ru": "Русский", "en": "English"}


class Words:
    """The words of one page in one language."""

    def __init__(self, page: str, lang: str) -> None:
        """
        Read them.

        Args:
            page: ``families`` or ``staff``.
            lang: ``uk``, ``ru`` or ``en``.
        """
        self.lang = lang
        self._words: dict[str, Any] = {}
        for path in sorted(LOCALES.glob(f"{page}*.{lang}.json")):
            self._words |= json.loads(path.read_text(encoding="utf-8"))

    def __call__(self, key: str, **values: object) -> str:
        """
        Find what stands under a key, such as ``home.write``; a key may hold dots itself.

        Args:
            key: Of a text, or of plural forms, of which the one for the count is taken.
            values: What stands in its braces.
        """
        found = _find(self._words, key)
        if isinstance(found, list):
            found = found[0]  # the rest explains it
        if isinstance(found, Mapping):
            count = values.get("count", values.get("n", 0))
            found = found.get(_plural(self.lang, int(str(count))), found["other"])
        assert isinstance(found, str), f"{key} is no text in {self.lang}"
        for name, value in values.items():
            found = found.replace(f"{{{name}}}", str(value))
        return found

    def plural(self, key: str, n: int) -> str:
        """Say a sentence with a count in it, in the form that the language has for that."""
        forms = _find(self._words, key)
        form = (
            "one" if n % 10 == 1 and n % 100 != 11 else "few" if n % 10 in (2, 3, 4) and n // 10 % 10 != 1 else "many"
        )
        text = forms[form if form in forms else "other"]
        assert isinstance(text, str)
        return text.replace("{n}", str(n))

    def all(self, key: str) -> list[str]:
        """Give the sentences that belong together under a key, in their order."""
        found = _find(self._words, key)
        assert isinstance(found, list), f"{key} is no list in {self.lang}"
        return found


def _plural(lang: str, count: int) -> str:
    """Choose the form for a whole number, as Unicode's CLDR has it for these three languages."""
    if lang == "en":
        return "one" if count == 1 else "other"
    if count % 10 == 1 and count % 100 != 11:
        return "one"
    return "few" if 2 <= count % 10 <= 4 and not 12 <= count % 100 <= 14 else "many"


def _find(words: Mapping[str, Any], key: str) -> Any:
    if key in words:
        return words[key]
    for place, letter in enumerate(key):
        if letter == "." and isinstance(inner := words.get(key[:place]), Mapping):
            try:
                return _find(inner, key[place + 1 :])
            except KeyError:
                continue
    raise KeyError(key)
