"""What stands on the sheet that a bureau gives to a family without a device, in the families' languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class SheetWords:
    """
    The words of a sheet.

    Attributes:
        steps: What to do with it.
        keep: Why nobody else may see it.
        unknown: What stands in place of a number that nobody knows.
    """

    title: str
    code: str
    number: str
    unknown: str
    letter: str
    fingerprint: str
    how: str
    steps: tuple[str, ...]
    keep: str


SHEET_WORDS: Final[Mapping[str, SheetWords]] = MappingProxyType(
    {
        "uk": SheetWords(
            title="Ваша поштова скринька",
            code="Код квитанції",
            number="Номер того, кому ви написали",
            unknown="ще невідомий; його шукає посередник",
            letter="Лист",
            fingerprint="Відбиток довіри пошти",
            how="Як дізнатися про лист і прочитати відповідь",
            steps=(
                "Прийдіть до бюро з цим аркушем: вам покажуть, де лист, і надрукують відповідь.",
                "Або відкрийте адресу пошти на телефоні когось, кому довіряєте, і введіть код.",
                "Загубили аркуш? Скажіть у бюро: ви дістанете новий код, і відповіді надійдуть на нього.",
            ),
            keep="Хто має цей код, той читає ваші відповіді. Бюро копії не зберігає. Листи безкоштовні.",
        ),
        "ru": SheetWords(
            title="Ваш почтовый ящик",
            code="Код квитанции",
            number="Номер того, кому вы написали",
            unknown="ещё неизвестен; его ищет посредник",
            letter="Письмо",
            fingerprint="Отпечаток доверия почты",
            how="Как узнать о письме и прочесть ответ",
            steps=(
                "Придите в бюро с этим листом: вам покажут, где письмо, и напечатают ответ.",
                "Или откройте адрес почты на телефоне того, кому доверяете, и введите код.",
                "Потеряли лист? Скажите в бюро: вы получите новый код, и ответы придут на него.",
            ),
            keep="У кого этот код, тот читает ваши ответы. Бюро копии не хранит. Письма бесплатны.",
        ),
        "en": SheetWords(
            title="Your mailbox",
            code="Receipt code",
            number="The number of the person you wrote to",
            unknown="not known yet; the mediator is looking",
            letter="Letter",
            fingerprint="Trust fingerprint of this post",
            how="How to learn where the letter is, and to read the reply",
            steps=(
                "Come to the bureau with this sheet: you are shown where the letter is, and the reply is printed.",
                "Or open the address of this post on the phone of somebody you trust, and type the code.",
                "Is the sheet lost? Tell the bureau: you get a new code, and replies come to that one.",
            ),
            keep="Whoever has this code reads your replies. The bureau keeps no copy. Letters are free.",
        ),
    }
)
