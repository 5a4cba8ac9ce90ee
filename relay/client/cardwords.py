"""What an address card says, in the three languages that families write in."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True)
class CardWords:
    """
    The words of a card.

    Attributes:
        write: How to write, step by step.
        leave_out: What not to write; a reviewer has to excise it, or return the letter.
        stub: What stands on the strip that is torn off before the card is given away.
    """

    title: str
    number: str
    how: str
    write: tuple[str, ...]
    what_not: str
    leave_out: tuple[str, ...]
    fingerprint: str
    compare: str
    free: str
    stub: str


WORDS: Final[Mapping[str, CardWords]] = MappingProxyType(
    {
        "uk": CardWords(
            title="Адресна картка для листів",
            number="Номер того, кому ви пишете",
            how="Як написати",
            write=(
                "Наведіть телефон на код або відкрийте адресу вгорі і введіть номер.",
                (
                    "Напишіть листа. Він запечатується на вашому пристрої; "
                    "прочитати його можуть посередник, місце утримання й адресат."
                ),
                "Збережіть код квитанції — 32 цифри: лише з ним ви побачите, де лист, і прочитаєте відповідь.",
                "Немає інтернету? Напише і запечатає лист для вас бюро, з цією карткою.",
            ),
            what_not="Чого не писати",
            leave_out=(
                "про війська, місця служби, зброю, перевезення; про політику;",
                "прізвищ і новин інших людей, які в полоні чи служать;",
                "про гроші, картки й паролі; шифрів і умовних знаків.",
            ),
            fingerprint="Відбиток довіри пошти",
            compare="Перш ніж писати, порівняйте його з тим, що показує сторінка. Відрізняється — не пишіть.",
            free="Листи безкоштовні. Хто просить за них гроші — ошукує вас. Не публікуйте номера.",
            stub="Відірвати перед видачею",
        ),
        "ru": CardWords(
            title="Адресная карточка для писем",
            number="Номер того, кому вы пишете",
            how="Как написать",
            write=(
                "Наведите телефон на код или откройте адрес вверху и введите номер.",
                (
                    "Напишите письмо. Оно запечатается на вашем устройстве; "
                    "прочесть его могут посредник, место содержания и адресат."
                ),
                "Сохраните код квитанции — 32 цифры: только с ним вы увидите, где письмо, и прочтёте ответ.",
                "Нет интернета? Напишет и запечатает письмо за вас бюро, с этой карточкой.",
            ),
            what_not="Чего не писать",
            leave_out=(
                "о войсках, местах службы, оружии, перевозках; о политике;",
                "фамилий и новостей других пленных и военных;",
                "о деньгах, картах, паролях; шифров и тайных знаков.",
            ),
            fingerprint="Отпечаток доверия почты",
            compare="Прежде чем писать, сравните его с тем, что показывает страница. Отличается — не пишите.",
            free="Письма бесплатны. Кто просит за них деньги — обманывает вас. Не публикуйте номер.",
            stub="Оторвать перед выдачей",
        ),
        "en": CardWords(
            title="Address card for letters",
            number="The number of the person you write to",
            how="How to write",
            write=(
                "Point your phone at the code, or open the address above and type the number.",
                (
                    "Write your letter. It is sealed on your device; "
                    "mediator, place of detention and addressee can read it."
                ),
                "Keep the receipt code, 32 digits: only with it can you see where the letter is, and read a reply.",
                "No internet? A bureau will write and seal the letter for you; bring this card.",
            ),
            what_not="What not to write",
            leave_out=(
                "anything about troops, postings, weapons or transports; politics;",
                "names or news of others who are held or who serve;",
                "money, cards and passwords; ciphers and secret signs.",
            ),
            fingerprint="Trust fingerprint of this post",
            compare="Before you write, compare it with what the page shows. If it differs, do not write.",
            free="Letters are free. Whoever asks money for them is cheating you. Do not publish the number.",
            stub="Tear off before handing over",
        ),
    }
)
