"""age files sealed to post-quantum recipients: round trips, streams, and what is refused."""

import io
from collections.abc import Iterator, Sequence

import pytest

from keys import bech32
from keys.agefile import (
    CHUNK_BYTES,
    HeaderForged,
    HeaderMalformed,
    HybridIdentity,
    HybridRecipient,
    KeyMalformed,
    PayloadBroken,
    Stanza,
    WrongKey,
    decrypt,
    decrypt_stream,
    encrypt,
    encrypt_stream,
    parse_header,
    payload_bytes,
)

ANN = HybridIdentity.from_seed(bytes(range(32)))
BEN = HybridIdentity.from_seed(bytes(32))
#: The example of C2SP age, "The MLKEM768-X25519 hybrid post-quantum recipient type".
SPEC_IDENTITY = "AGE-SECRET-KEY-PQ-1XX76JRALNLXDMEW0CRK45QMCCH4X06SE84UN3VPM33W6HWDX0H3SK3ZQFR"
SPEC_RECIPIENT_HEAD = "age1pq1x34nzsvr0rxjsgdn8zgyhfe8j7ceq5r9rdelkjuh3y235jzxshfg87pzf5zrqtzdxz95paef6caq5aapdmwjj"
SPEC_RECIPIENT_TAIL = "efhxpfqdkmhh6gjtqmwze9pyyzk3tlhl53k2ykx3qheyty7saeq0d3fzv49zc0k"


class Trickle(io.BytesIO):
    """A pipe that gives at most a thousand bytes at a time."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Give less than was asked for."""
        return super().read(min(1000, size if size is not None and size >= 0 else 1000))


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES])
def test_what_is_sealed_opens_for_each_recipient(size: int) -> None:
    """Every size around a chunk's edge comes back, for both recipients, and is as long as promised."""
    plaintext = bytes(range(256)) * (size // 256) + b"x" * (size % 256)

    file = encrypt(plaintext, [ANN.recipient(), BEN.recipient()])

    assert decrypt(file, [ANN]) == decrypt(file, [BEN]) == plaintext
    assert len(file) == parse_header(file).length_bytes + payload_bytes(size)


def test_streams_over_a_slow_pipe() -> None:
    """A source that gives a little at a time makes the same file content as a whole one."""
    plaintext = b"letter " * 30_000
    sealed, opened = io.BytesIO(), io.BytesIO()

    encrypt_stream(Trickle(plaintext), sealed, [ANN.recipient()])
    decrypt_stream(Trickle(sealed.getvalue()), opened, [ANN])

    assert opened.getvalue() == plaintext


def test_extra_stanzas_follow_the_recipients_and_are_covered_by_the_mac() -> None:
    """A stanza that wraps nothing rides along; whoever changes it breaks the file."""
    note = Stanza("example.org/note", ("seven", "eight"), b"")

    file = encrypt(b"text", [ANN.recipient()], extra=[note])

    assert parse_header(file).stanzas[-1] == note
    assert decrypt(file, [ANN]) == b"text"
    with pytest.raises(HeaderForged):
        decrypt(file.replace(b"seven", b"sevem"), [ANN])


def test_randomness_is_the_file_key_then_the_nonce() -> None:
    """Whoever replays a vector knows in which order random bytes are asked for."""
    asked: list[int] = []

    def random(size: int) -> bytes:
        asked.append(size)
        return bytes([len(asked)]) * size

    file = encrypt(b"text", [ANN.recipient()], random=random)

    header = parse_header(file)
    assert asked == [16, 16]
    assert ANN.unwrap(header.stanzas) == b"\x01" * 16
    assert file[header.length_bytes :][:16] == b"\x02" * 16


def test_a_file_needs_a_recipient() -> None:
    """A file that nobody can open is a mistake of the program."""
    with pytest.raises(ValueError, match="at least one"):
        encrypt(b"text", [])


def test_somebody_elses_file_does_not_open() -> None:
    """The wrong key is told apart from damage."""
    with pytest.raises(WrongKey):
        decrypt(encrypt(b"text", [ANN.recipient()]), [BEN])
    with pytest.raises(WrongKey):
        decrypt(encrypt(b"text", [ANN.recipient()]), [])


def test_a_payload_that_is_cut_continued_or_changed_does_not_open() -> None:
    """Each kind of damage to the payload is refused, also when the cut falls between two chunks."""
    file = encrypt(bytes(2 * CHUNK_BYTES), [ANN.recipient()])
    begins = parse_header(file).length_bytes
    first_chunk_ends = begins + 16 + CHUNK_BYTES + 16

    for broken in (file[:-1], file + b"\0", file[:first_chunk_ends], file[:-1] + bytes([file[-1] ^ 1])):
        with pytest.raises(PayloadBroken):
            decrypt(broken, [ANN])


def test_the_specifications_key_pair() -> None:
    """The identity that C2SP age prints has the recipient that it prints."""
    identity = HybridIdentity.parse(SPEC_IDENTITY)

    assert str(identity) == SPEC_IDENTITY
    assert str(identity.recipient()).startswith(SPEC_RECIPIENT_HEAD)
    assert str(identity.recipient()).endswith(SPEC_RECIPIENT_TAIL)
    assert HybridRecipient.parse(str(identity.recipient())) == identity.recipient()
    assert len(str(identity.recipient())) == 1959


def test_a_secret_key_hides_from_logs() -> None:
    """What a log line or a traceback prints of an identity says nothing about it."""
    assert repr(ANN) == "HybridIdentity(…)"
    assert ANN.seed.hex() not in repr([ANN])


def test_equal_bytes_are_equal_keys() -> None:
    """Two readings of one key are one recipient, also in a set."""
    assert len({ANN.recipient(), HybridRecipient.parse(str(ANN.recipient())), BEN.recipient()}) == 2
    assert HybridIdentity.from_seed(ANN.seed) == ANN != BEN


def _wrong_recipients() -> Iterator[str]:
    good = str(ANN.recipient())
    yield good.upper()
    yield good[:-1] + ("q" if good[-1] != "q" else "p")
    yield good[:100] + ("q" if good[100] != "q" else "p") + good[101:]
    yield good.replace("age1pq1", "age1pk1")
    yield "age1pq1"
    yield good[:100] + "б" + good[101:]
    yield bech32.encode("age1pq", ANN.recipient().public[:-1])
    yield bech32.encode("age1pq", b"\xff" * 1216)


@pytest.mark.parametrize("text", list(_wrong_recipients()))
def test_what_is_no_recipient(text: str) -> None:
    """Another case, one wrong character, another prefix, another length, or numbers that ML-KEM does not allow."""
    with pytest.raises(KeyMalformed):
        HybridRecipient.parse(text)


@pytest.mark.parametrize("text", [SPEC_IDENTITY.lower(), SPEC_IDENTITY[:-1] + "Q", "AGE-SECRET-KEY-PQ-1", ""])
def test_what_is_no_identity(text: str) -> None:
    """Small letters, one wrong character, nothing at all."""
    with pytest.raises(KeyMalformed):
        HybridIdentity.parse(text)


def test_a_seed_has_32_bytes() -> None:
    """A shorter seed is a mistake, never padded silently."""
    with pytest.raises(KeyMalformed):
        HybridIdentity.from_seed(b"short")


def test_bech32_leaves_no_bits_to_spare() -> None:
    """Base32 characters that carry unused bits, or an impossible number of them, are refused."""
    assert bech32.decode("x", bech32.encode("x", b"\xff")) == b"\xff"
    for body in ("ll", "l", "lb"):
        with pytest.raises(KeyMalformed):
            bech32.decode("x", f"x1{body}qqqqqq")


def header_of(stanza_lines: Sequence[bytes]) -> bytes:
    """Build a header by hand, with a MAC that is not even looked at."""
    return b"\n".join((b"age-encryption.org/v1", *stanza_lines, b"--- " + b"A" * 43, b""))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        header_of([]),
        header_of([b"-> a", b""])[:-1],
        header_of([b"-> a", b""]).replace(b"--- ", b"---"),
        header_of([b"-> a", b""]).replace(b"v1", b"v2"),
        header_of([b"-> a  b", b""]),
        header_of([b"-> a \xc3\xa4", b""]),
        header_of([b"-> a"]),
        header_of([b"-> a", b"A" * 64]),
        header_of([b"-> a", b"A" * 65, b""]),
        header_of([b"-> a", b"AAA="]),
        header_of([b"-> a", b"AB"]),
        header_of([b"-> a", b"A"]),
        header_of([b"-> a", b"!!!!"]),
        header_of([b"-> " + b"a" * 8190, b""]),
        header_of([b"-> a", b""] * 65),
        header_of([b"-> " + b"a" * 8000, b""] * 40),
        header_of([b"-> a", b""]).replace(b"A" * 43, b"A" * 42 + b"B"),
    ],
)
def test_what_is_no_header(data: bytes) -> None:
    """Each is refused whole and as a stream: no stanza, no end, no MAC, another version, another spelling, too much."""
    with pytest.raises(HeaderMalformed):
        parse_header(data)
    with pytest.raises(HeaderMalformed):
        decrypt_stream(io.BytesIO(data), io.BytesIO(), [ANN])


def test_sixty_four_stanzas_are_not_too_many() -> None:
    """The limit itself is allowed."""
    assert len(parse_header(header_of([b"-> a", b""] * 64)).stanzas) == 64


def test_a_file_that_ends_after_its_header() -> None:
    """Without the payload's nonce there is no payload to speak of."""
    file = encrypt(b"", [ANN.recipient()])
    with pytest.raises(HeaderMalformed):
        decrypt(file[: parse_header(file).length_bytes + 15], [ANN])
