"""Entries of the log: the four shapes, their one encoding, and what they hide."""

import hashlib
import hmac

import pytest

from keys.errors import Malformed
from relay.custody.entry import (
    ClearEntry,
    ClearKind,
    CommittedEntry,
    CommittedKind,
    CustodyEntry,
    EntryMalformed,
    EntryTooLarge,
    ErasureEntry,
    SiteEntry,
    commitment,
    encode_clear,
    encode_committed,
    encode_custody,
    encode_entry,
    encode_erasure,
    parse_entry,
    tag,
)
from relay.custody.tiles import MAX_ENTRY_BYTES

ONES, TWOS = b"1" * 32, b"2" * 32
ONES_LINE = b"MTExMTExMTExMTExMTExMTExMTExMTExMTExMTExMTE=\n"
TWOS_LINE = b"MjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjI=\n"
FIRST = b"letter-relay/entry/v1 "


@pytest.mark.parametrize(
    ("entry", "data"),
    [
        (CustodyEntry(ONES, TWOS), FIRST + b"custody\n" + ONES_LINE + TWOS_LINE),
        (ClearEntry(ClearKind.TRUST, b"a\n\nb\n"), FIRST + b"trust\na\n\nb\n"),
        (ClearEntry(ClearKind.DIRECTORY, b"\n"), FIRST + b"directory\n\n"),
        (ClearEntry(ClearKind.SUSPEND, b"x"), FIRST + b"suspend\nx"),
        (ErasureEntry(9, (0, 3, 8)), FIRST + b'erasure\n{"size":9,"indexes":[0,3,8]}\n'),
        (SiteEntry("0f" * 32), FIRST + b'site\n{"manifest":"' + b"0f" * 32 + b'"}\n'),
        (CommittedEntry(CommittedKind.REGISTER, ONES), FIRST + b"register\n" + ONES_LINE),
        (CommittedEntry(CommittedKind.RUN, ONES), FIRST + b"run\n" + ONES_LINE),
        (CommittedEntry(CommittedKind.AUDITED, TWOS), FIRST + b"audited\n" + TWOS_LINE),
    ],
)
def test_each_entry_has_one_encoding(entry, data):
    """Byte for byte as FORMATS.md has it, and back."""
    assert encode_entry(entry) == data
    assert parse_entry(data) == entry


@pytest.mark.parametrize(
    "data",
    [
        b"",
        FIRST,
        FIRST + b"custody",
        FIRST + b"custody\n",
        FIRST + b"custody\n" + ONES_LINE,
        FIRST + b"custody\n" + ONES_LINE + TWOS_LINE[:-1],
        FIRST + b"custody\n" + ONES_LINE + TWOS_LINE + b"\n",
        FIRST + b"custody\n" + ONES_LINE + TWOS_LINE + ONES_LINE,
        FIRST + b"custody\n\n" + ONES_LINE + TWOS_LINE,
        FIRST + b"custody\n" + ONES_LINE.replace(b"TE=", b"TF=") + TWOS_LINE,
        FIRST + b"custody\n" + ONES_LINE.replace(b"=", b"==") + TWOS_LINE,
        FIRST + b"custody\n" + ONES_LINE[4:] + TWOS_LINE,
        FIRST + b"custody\n" + ONES_LINE.replace(b"TE=", b"T=") + TWOS_LINE,
        FIRST + b"custody\n" + b"\xff" * 44 + b"\n" + TWOS_LINE,
        FIRST + b"Custody\n" + ONES_LINE + TWOS_LINE,
        b"letter-relay/entry/v2 custody\n" + ONES_LINE + TWOS_LINE,
        FIRST + b"trust\n",
        FIRST + b"trust",
        FIRST + b"letter\nabc",
        FIRST + b"tr\xffust\nabc",
        FIRST + b"trust \nabc",
        FIRST + b"run\n" + ONES_LINE + TWOS_LINE,
        FIRST + b"run\n" + ONES_LINE[:-1],
        FIRST + b"trust\n" + bytes(MAX_ENTRY_BYTES),
        FIRST + b'erasure\n{"size":9,"indexes":[0]}',
        FIRST + b'erasure\n{"size":9,"indexes":[]}\n',
        FIRST + b'erasure\n{"size":9,"indexes":[9]}\n',
        FIRST + b'erasure\n{"size":9,"indexes":[-1]}\n',
        FIRST + b'erasure\n{"size":9,"indexes":[3,3]}\n',
        FIRST + b'erasure\n{"size":9,"indexes":[4,3]}\n',
        FIRST + b'erasure\n{"size":9,"indexes":[true]}\n',
        FIRST + b'erasure\n{"size":9,"indexes":[1.5]}\n',
        FIRST + b'erasure\n{"size":9.5,"indexes":[1]}\n',
        FIRST + b'erasure\n{"size":9,"indexes":{"1":1}}\n',
        FIRST + b'erasure\n{"size":9}\n',
        FIRST + b'erasure\n{"indexes":[1],"size":9}\n',
        FIRST + b'erasure\n{"size":9,"indexes":[1],"why":1}\n',
        FIRST + b'erasure\n{"size":9, "indexes":[1]}\n',
        FIRST + b'erasure\n{"size":9,"indexes":[01]}\n',
        FIRST + b'erasure\n{"size":9223372036854775808,"indexes":[1]}\n',
        FIRST + b'erasure\n{"size":9,"indexes":[1]}\n\n',
        FIRST + b"erasure\n\xff\n",
        FIRST + b"erasure\n[]\n",
        FIRST + b"site\n{}\n",
        FIRST + b"site\n[]\n",
        FIRST + b'site\n{"manifest":1}\n',
        FIRST + b'site\n{"manifest":"' + b"0F" * 32 + b'"}\n',
        FIRST + b'site\n{"manifest":"' + b"0f" * 32 + b'","v":1}\n',
        FIRST + b'site\n{"manifest":"' + b"0f" * 32 + b'"}',
    ],
)
def test_whatever_encodes_back_differently_is_refused(data):
    """A log with two spellings of one entry would have two hashes for one fact."""
    with pytest.raises(Malformed):
        parse_entry(data)


def test_a_manifest_is_named_by_its_digest():
    """Anything else is not written, since nobody could read it."""
    with pytest.raises(EntryMalformed):
        encode_entry(SiteEntry("manifest.json"))


def test_a_tag_is_the_mac_of_the_events_number():
    """FORMATS.md: HMAC(tag key, "tag" ‖ u64be(seq))."""
    expected = hmac.new(ONES, b"tag\x00\x00\x00\x00\x00\x00\x01\x02", hashlib.sha256).digest()

    assert tag(ONES, 258) == expected
    assert tag(ONES, 0) != tag(TWOS, 0)


def test_a_commitment_is_the_mac_of_what_it_opens_to():
    """FORMATS.md: HMAC(nonce, event)."""
    assert commitment(ONES, b"{}") == hmac.new(ONES, b"{}", hashlib.sha256).digest()


def test_an_entry_that_would_not_fit_is_not_written():
    """The length before an entry in its bundle has two bytes."""
    largest = encode_clear(ClearKind.TRUST, bytes(MAX_ENTRY_BYTES - len(FIRST) - len("trust\n")))
    assert len(largest) == MAX_ENTRY_BYTES
    assert encode_entry(parse_entry(largest)) == largest

    with pytest.raises(EntryTooLarge):
        encode_clear(ClearKind.TRUST, bytes(MAX_ENTRY_BYTES))
    with pytest.raises(EntryTooLarge):
        encode_erasure(10**8, range(10_000_000, 10_010_000))


@pytest.mark.parametrize(("size", "indexes"), [(5, []), (5, [5]), (5, [2, 1]), (2**63, [1])])
def test_an_erasure_that_could_not_be_read_is_not_written(size, indexes):
    """None, out of the log, out of order, past 63 bits."""
    with pytest.raises(EntryMalformed):
        encode_erasure(size, indexes)


def test_shortcuts_write_what_the_whole_entry_writes():
    """The ledger writes thousands of custody entries and makes no object for each."""
    assert encode_custody(ONES, TWOS) == encode_entry(CustodyEntry(ONES, TWOS))
    assert encode_committed(CommittedKind.RUN, ONES) == encode_entry(CommittedEntry(CommittedKind.RUN, ONES))
