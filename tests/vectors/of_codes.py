"""Known answers for codes, numbers and what they derive."""

from collections.abc import Iterator

from keys.codes import (
    desk_code_identity,
    family_keys,
    mailbox_id,
    new_code,
    new_number,
    show_code,
    staff_code_identity,
    staff_keys,
)
from tests.unit.keys import world
from tests.unit.keys.world import an_id, secret
from tests.vectors.inputs import Vector, secret_of


def code_vectors() -> Iterator[Vector]:
    """Codes as they are made and typed."""
    for word in ("code 1", "code 2", "code 3"):
        code = new_code(secret_of(word))
        yield {"name": f"made of {word}", "random": secret(word).hex(), "code": code, "shown": show_code(code)}
    published = "83431976150994448739154798531896"
    yield {"name": "as printed", "text": show_code(published), "code": published}
    yield {"name": "with hyphens", "text": show_code(published).replace(" ", "-"), "code": published}
    yield {"name": "without spaces", "text": published, "code": published}
    yield {"name": "from a file", "text": f"\t{show_code(published)}\r\n", "code": published}
    yield from _mistyped(published, "code_mistyped")


def number_vectors() -> Iterator[Vector]:
    """Detainee numbers as they are made and typed."""
    for word in ("number 1", "number 2", "number 3"):
        number = new_number(secret_of(word))
        yield {"name": f"made of {word}", "random": secret(word).hex(), "number": number}
    number = new_number(secret_of("number 1"))
    yield {"name": "with spaces", "text": f" {number[:4]} {number[4:8]} {number[8:]} ", "number": number}
    yield from _mistyped(number, "number_mistyped")


def _mistyped(digits: str, error: str) -> Iterator[Vector]:
    swapped = digits[:2] + digits[3] + digits[2] + digits[4:]
    assert swapped != digits
    yield {"name": "two digits swapped", "text": swapped, "error": error, "why": "the check digits do not fit"}
    other = str((int(digits[5]) + 1) % 10)
    yield {
        "name": "one digit wrong",
        "text": digits[:5] + other + digits[6:],
        "error": error,
        "why": "the check digits do not fit",
    }
    yield {"name": "too short", "text": digits[:-1], "error": error, "why": "a digit is missing"}
    yield {"name": "too long", "text": digits + "0", "error": error, "why": "a digit too many"}
    yield {"name": "nothing", "text": "", "error": error, "why": "no digits at all"}
    yield {"name": "a letter", "text": "O" + digits[1:], "error": error, "why": "a letter among the digits"}
    yield {
        "name": "other digits",
        "text": digits.translate({ord(str(n)): 0x0660 + n for n in range(10)}),
        "error": error,
        "why": "digits are those of ASCII",
    }
    yield {"name": "a dash", "text": digits[:4] + "\u2013" + digits[4:], "error": error, "why": "U+2013 is no hyphen"}
    for check in ("00", "01"):
        payload = _payload_with_check(len(digits) - 2, int(check) + 97)
        yield {
            "name": f"check digits {check}",
            "text": payload + check,
            "error": error,
            "why": f"congruent to 1 modulo 97, but the check digits are {int(check) + 97}: only 02 to 98 are made",
        }
    payload = _payload_with_check(len(digits) - 2, 2)
    yield {
        "name": "check digits 99",
        "text": payload + "99",
        "error": error,
        "why": "congruent to 1 modulo 97, but the check digits are 02: only 02 to 98 are made",
    }


def _payload_with_check(digits: int, check: int) -> str:
    for n in range(1, 1000):
        payload = f"{n * 7919:0{digits}}"
        if 98 - int(payload + "00") % 97 == check:
            return payload
    raise AssertionError


def key_vectors() -> Iterator[Vector]:
    """All that codes and roots derive."""
    for word in ("code 1", "code 2"):
        code = new_code(secret_of(word))
        for relay in (world.RELAY, an_id("another relay")):
            keys = family_keys(code, bytes.fromhex(relay))
            yield {
                "name": f"family, {word}, relay {relay[:4]}",
                "code": code,
                "relay": relay,
                "locator": keys.locator.hex(),
                "mailbox": mailbox_id(keys.locator),
                "identity": str(keys.identity),
                "recipient": str(keys.identity.recipient()),
                "vkey": keys.vkey.hex(),
            }
        relay_id = world.RELAY_ID
        yield {
            "name": f"staff code, {word}",
            "staff_code": code,
            "relay": world.RELAY,
            "identity": str(staff_code_identity(code, relay_id)),
        }
        yield {
            "name": f"desk code, {word}",
            "desk_code": code,
            "relay": world.RELAY,
            "identity": str(desk_code_identity(code, relay_id)),
        }
    staff = staff_keys(world.ANN.root)
    yield {
        "name": "staff root",
        "root": world.ANN.root.hex(),
        "signer_seed": staff.signer_seed.hex(),
        "vkey": str(world.ANN.signer.vkey),
        "identity": str(staff.identity),
    }
