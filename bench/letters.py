"""Family letters, sealed before any clock starts: by as many processes as there are cores."""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from bench.wire import request
from bench.world import World
from keys.agefile import HybridIdentity, HybridRecipient
from keys.ids import new_id
from keys.sealed import FamilyAuthor, LetterLine, Manifest, seal_letter
from relay.client.transport import SEALED

#: With the manifest's other keys, and the 1,959 characters of `reply_to`, the inside is one of 4 KiB.
_TEXT = (
    "Любий мій, у нас усе добре. Яблуня під вікном зацвіла, кіт спить на твоєму стільці й нікого туди не пускає. "
    "Мама передає, що посадила картоплю й чекає дощу; Оленка вже читає сама, щовечора по сторінці, і просить, "
    "щоб ти теж читав уголос, де б ти не був. Напиши, чи тепло тобі, чи дійшли шкарпетки. Ми тебе чекаємо."
)
_AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Letter:
    """A sealed letter, as the request that brings it."""

    item: str
    detainee: str
    request: bytes


@dataclass(frozen=True, slots=True)
class _Order:
    """What one process is to seal: so many letters of one family to one detainee."""

    relay: str
    desk: str
    recipient: bytes
    detainee: str
    letters: int


def seal_for_each(world: World, *, families: int, letters: int) -> Iterator[list[Letter]]:
    """
    Seal letters to every detainee.

    A family's keys are drawn, not derived from a code: Argon2id would take 30 ms each, outside of any clock.

    Args:
        families: How many write to each detainee.
        letters: How many each family writes.

    Yields:
        The letters to one detainee, family by family.
    """
    desk = world.review.desk
    recipient = world.review.key.identity.recipient().public
    orders = [
        _Order(world.relay, desk.id, recipient, detainee, letters)
        for detainee in world.detainees
        for _ in range(families)
    ]
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as pool:
        sealed = pool.map(_seal, orders, chunksize=max(1, _AT_ONCE // letters))
        for _ in world.detainees:
            yield [letter for _ in range(families) for letter in next(sealed)]


def _seal(order: _Order) -> Sequence[Letter]:
    recipient = HybridRecipient.from_public(order.recipient)
    signer = Ed25519PrivateKey.generate()
    vkey = signer.public_key().public_bytes_raw().hex()
    reply_to = str(HybridIdentity.from_seed(os.urandom(32)).recipient())
    manifest = Manifest(by=FamilyAuthor(vkey), lang="uk", text=_TEXT, reply_to=reply_to)
    locator = os.urandom(16).hex()
    made = []
    for _ in range(order.letters):
        line = LetterLine(
            relay=order.relay,
            item=new_id(os.urandom),
            kind="letter",
            hop="family>review",
            detainee=order.detainee,
            to=(f"{order.desk}/1",),
            dir=1,
            re=None,
            enclosures=(),
        )
        sealed = seal_letter(line, manifest, signer=signer, recipients=[recipient])
        data = request(
            "PUT",
            f"/family/letters/{line.item}",
            sealed,
            content_type=SEALED,
            authorization=f"Bearer {locator}",
            letter_relay_signer=vkey,
        )
        made.append(Letter(line.item, order.detainee, data))
    return made
