"""Codes, numbers, ids and times: what the known answers do not reach."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from keys.codes import (
    CodeMistyped,
    desk_code_identity,
    directory_name,
    family_keys,
    family_name,
    new_code,
    new_number,
    parse_code,
    parse_number,
    root_name,
    show_code,
    staff_code_identity,
    staff_keys,
    staff_name,
)
from keys.ids import format_time, is_digest, is_id, is_integer, is_time, new_id, parse_time
from tests.unit.keys.world import RELAY, RELAY_ID, secret

CODE = "83431976150994448739154798531896"


def _spoilt(digits: str) -> set[str]:
    """List every single wrong digit and every swap of two neighbours."""
    wrong = {digits[:at] + other + digits[at + 1 :] for at in range(len(digits)) for other in "0123456789"}
    swapped = {digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :] for at in range(len(digits) - 1)}
    return (wrong | swapped) - {digits}


def test_every_slip_of_one_digit_or_two_neighbours_is_caught() -> None:
    """ISO 7064 MOD 97-10 catches all of them, so nobody opens an empty mailbox by a slip."""
    slips = _spoilt(CODE)
    assert len(slips) > 300
    for slip in slips:
        with pytest.raises(CodeMistyped):
            parse_code(slip)


def test_the_system_makes_codes_and_numbers_that_it_reads() -> None:
    """The default is the system's random source, and two of them differ."""
    codes = {new_code() for _ in range(20)}
    assert len(codes) == 20
    assert {parse_code(show_code(code)) for code in codes} == codes
    numbers = {new_number() for _ in range(20)}
    assert {parse_number(number) for number in numbers} == numbers


def test_leading_zeros_are_kept() -> None:
    """A code of mostly zeros is still 32 digits."""
    assert new_code(bytes) == "0" * 30 + "98"
    assert new_number(bytes) == "0" * 10 + "98"
    assert parse_code("0" * 30 + "98") == "0" * 30 + "98"


def test_one_code_opens_different_things_for_each_purpose() -> None:
    """Receipt, staff and desk codes have labels of their own, and so has each relay."""
    identities = {
        str(family_keys(CODE, RELAY_ID).identity),
        str(staff_code_identity(CODE, RELAY_ID)),
        str(desk_code_identity(CODE, RELAY_ID)),
        str(desk_code_identity(CODE, bytes(16))),
    }
    assert len(identities) == 4


def test_a_mistyped_code_derives_nothing() -> None:
    """The check digits are looked at before 30 ms are spent."""
    for derive in (family_keys, staff_code_identity, desk_code_identity):
        with pytest.raises(CodeMistyped):
            derive(CODE[:-1] + "7", RELAY_ID)


def test_sizes_that_only_a_mistake_can_have_are_refused() -> None:
    """A relay id of another length, or a short root, would derive keys that nobody finds again."""
    with pytest.raises(ValueError, match="16 bytes"):
        family_keys(CODE, RELAY_ID + b"\0")
    with pytest.raises(ValueError, match="32 bytes"):
        staff_keys(bytes(31))


def test_derived_keys_do_not_show_their_secrets() -> None:
    """Whatever prints them prints no secret."""
    family = family_keys(CODE, RELAY_ID)
    assert family.locator.hex() not in repr(family)
    assert repr(family.locator) not in repr(family)
    assert repr(staff_keys(secret("root"))) == "StaffKeys()"


def test_key_names() -> None:
    """Each purpose has a name of its own (FORMATS.md, common rules)."""
    assert root_name(RELAY) == f"{RELAY}/root"
    assert directory_name(RELAY, 2) == f"{RELAY}/directory/2"
    assert staff_name(RELAY, "00" * 16) == f"{RELAY}/staff/{'00' * 16}"
    assert family_name(RELAY) == f"{RELAY}/family"


def test_ids_and_digests_are_lower_case_hex() -> None:
    """16 and 32 bytes, in one encoding."""
    assert is_id(new_id(lambda size: b"\xab" * size))
    assert not is_id("AB" * 16)
    assert not is_id("ab" * 15)
    assert not is_id(b"ab" * 16)
    assert not is_id("ab" * 16 + "\n")
    assert is_digest("ab" * 32)
    assert not is_digest("ab" * 16)
    assert not is_digest(None)


def test_integers_are_those_of_every_language() -> None:
    """JavaScript has no more than 2^53 - 1, and True is no number."""
    assert is_integer(0)
    assert is_integer(2**53 - 1)
    assert not is_integer(2**53)
    assert not is_integer(0, least=1)
    assert not is_integer(True)
    assert not is_integer(1.0)
    assert not is_integer("1")


@pytest.mark.parametrize(
    "text",
    [
        "2026-02-29T00:00:00Z",
        "2026-01-01T24:00:00Z",
        "2026-01-01T00:00:60Z",
        "2026-01-01T00:00:00",
        "2026-01-01 00:00:00Z",
        "2026-01-01T00:00:00.5Z",
        "2026-1-1T00:00:00Z",
        "\u0662\u0660\u0662\u0666-01-01T00:00:00Z",
        "0000-01-01T00:00:00Z",
        None,
    ],
)
def test_moments_that_do_not_exist_are_no_times(text: object) -> None:
    """Nor are those written in another way."""
    assert not is_time(text)


def test_a_moment_is_read_and_written_back() -> None:
    """In UTC, whatever zone it was given in, to the second."""
    assert is_time("2024-02-29T23:59:59Z")
    assert format_time(parse_time("2024-02-29T23:59:59Z")) == "2024-02-29T23:59:59Z"
    kyiv = timezone(timedelta(hours=2))
    assert format_time(datetime(2026, 1, 1, 1, 0, 0, 999_999, kyiv)) == "2025-12-31T23:00:00Z"
    assert parse_time("2026-01-01T00:00:00Z") == datetime(2026, 1, 1, tzinfo=UTC)
