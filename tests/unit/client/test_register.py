"""The register's pages and the contacts: what reviewers alone read, in one encoding."""

import pytest

from keys.errors import Malformed
from relay.client.contacts import Contact, ContactMalformed, encode_contact, parse_contact
from relay.client.persons import Person
from relay.client.register import (
    NoPlace,
    NumberUnknown,
    Record,
    Register,
    RegisterMalformed,
    encode_page,
    parse_page,
    split_pages,
)
from relay.domain.register import Row, Status
from tests.unit.client.people import MAILBOX, NUMBER

PLACE = "0d" * 16
IVAN = Record(NUMBER, Status.CONFIRMED, PLACE, Person(surname_cyr="Приклад", given_cyr="Іван"), "north")
NOBODY = Record("000000000098", Status.UNCONFIRMED)


def test_a_page_comes_back_as_it_was():
    """What is not known is absent."""
    assert parse_page(encode_page([IVAN, NOBODY])) == [IVAN, NOBODY]
    assert encode_page([NOBODY]) == b'{"v":1,"records":[{"number":"000000000098","status":"unconfirmed"}]}'


def test_the_relay_is_told_no_names():
    """Number, status and place."""
    assert IVAN.row == Row(NUMBER, Status.CONFIRMED, PLACE)


@pytest.mark.parametrize(
    "content",
    [
        b"\xff",
        b"[]",
        b'{"v":1}',
        b'{"v":1,"records":[7]}',
        b'{"v":1,"records":[{"number":"123","status":"confirmed"}]}',
        b'{"v":1,"records":[{"number":"000000000098","status":"free"}]}',
        b'{"v":1,"records":[{"number":"000000000098","status":"confirmed","place":"x"}]}',
        b'{"v":1,"records":[{"number":"000000000098","status":"confirmed","side":7}]}',
        b'{"v":1,"records":[{"number":"000000000098","status":"confirmed","person":7}]}',
        b'{"v":1,"records":[{"number":"000000000098","status":"confirmed","person":{}}]}',
        b'{"v":1,"records":[{"number":"000000000098","status":"confirmed","person":{"born":"x"}}]}',
        b'{"v":1,"records":[{"number":"000000000098","status":"confirmed","more":"x"}]}',
        b'{"v":2,"records":[]}',
    ],
)
def test_a_page_in_another_form_is_refused(content):
    """One encoding, so that one page has one digest."""
    with pytest.raises(Malformed):
        parse_page(content)
    assert issubclass(RegisterMalformed, Malformed)


def test_records_are_split_into_pages_of_five_hundred():
    """In order."""
    pages = split_pages([NOBODY] * 1_001)
    assert [len(page) for page in pages] == [500, 500, 1]
    assert split_pages([]) == []


def test_a_letter_goes_where_the_register_says():
    """Or nowhere, with the reason."""
    gone = Record("123456789092", Status.RELEASED, PLACE)
    register = Register({NUMBER: IVAN, "000000000098": NOBODY})
    assert register.place_of(NUMBER) == PLACE
    with pytest.raises(NumberUnknown):
        register.place_of("999999999999")
    for record in (NOBODY, gone):
        with pytest.raises(NoPlace):
            Register({record.number: record}).place_of(record.number)


def test_people_are_found_by_words_of_their_names():
    """In any order and case."""
    register = Register({NUMBER: IVAN, "000000000098": NOBODY})
    assert register.search("приклад ІВАН") == [IVAN]
    assert register.search("петро") == []


@pytest.mark.parametrize(
    "contact",
    [
        Contact(MAILBOX, NUMBER, "ab" * 32, "age1pq1x", "Ivan and his mother", version=3),
        Contact(MAILBOX, NUMBER, "ab" * 32),
        Contact(MAILBOX, NUMBER, "ab" * 32, letters=("0a" * 16, "0b" * 16)),
    ],
)
def test_a_contact_comes_back_as_it_was(contact):
    """Its version stands outside, in the document's first line."""
    assert parse_contact(encode_contact(contact), version=contact.version) == contact
    assert "Ivan" not in repr(contact)


@pytest.mark.parametrize(
    "content",
    [
        b"\xff",
        b"{}",
        b'{"v":1,"mailbox":"x","detainee":"unknown","vkey":"x"}',
        b'{"v":1,"mailbox":"%s","detainee":"unknown","vkey":"%s","letters":[]}' % (b"ab" * 32, b"ab" * 32),
        b'{"v":1,"mailbox":"%s","detainee":"unknown","vkey":"%s","letters":"x"}' % (b"ab" * 32, b"ab" * 32),
        b'{"v":1,"mailbox":"%s","detainee":"unknown","vkey":"%s","letters":["x"]}' % (b"ab" * 32, b"ab" * 32),
        b'{"v":1,"detainee":"unknown"}',
        b'{"v":2,"mailbox":"%s","detainee":"unknown","vkey":"%s"}' % (b"ab" * 32, b"ab" * 32),
        b'{"v":true,"mailbox":"%s","detainee":"unknown","vkey":"%s"}' % (b"ab" * 32, b"ab" * 32),
        b'{"v":1,"mailbox":"%s","vkey":"%s"}' % (b"ab" * 32, b"ab" * 32),
        b'{"v":1,"mailbox":"%s","detainee":7,"vkey":"%s"}' % (b"ab" * 32, b"ab" * 32),
        b'{"v":1,"detainee":"unknown","mailbox":"%s","vkey":"%s"}' % (b"ab" * 32, b"ab" * 32),
        b'{"v":1,"mailbox":"%s","detainee":"unknown","vkey":"%s","more":"x"}' % (b"ab" * 32, b"ab" * 32),
    ],
)
def test_a_contact_in_another_form_is_refused(content):
    """It decides where replies go."""
    with pytest.raises(Malformed):
        parse_contact(content, version=1)
    assert issubclass(ContactMalformed, Malformed)
