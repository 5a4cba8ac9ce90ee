"""Letters, enclosures and documents: sealed, checked without a key, opened."""

from dataclasses import replace

import pytest

from keys.agefile import (
    HeaderForged,
    HeaderMalformed,
    HybridIdentity,
    KeyMalformed,
    PayloadBroken,
    Stanza,
    WrongKey,
    decrypt,
    parse_header,
)
from keys.documents import MAX_DOCUMENT_BYTES
from keys.envelope import BIND_STANZA, bind
from keys.errors import Malformed, RelayError
from keys.manifests import DocumentManifest, encode_document, encode_manifest
from keys.padding import padme
from keys.sealed import (
    EnclosureExcised,
    EnclosureKey,
    EnclosureLine,
    EnclosureMalformed,
    ForeignStanza,
    LineMalformed,
    ManifestMalformed,
    NotPadded,
    RecipientsDiffer,
    StaffAuthor,
    TooLarge,
    UnknownPart,
    WrongBind,
    check_document,
    check_enclosure,
    check_letter,
    check_part,
    encode_line,
    open_document,
    open_enclosure,
    open_letter,
    part_digest,
    seal_document,
    seal_enclosure,
    seal_letter,
)
from keys.signedcontent import plaintext_of, sign
from tests.unit.keys.sealing import (
    DOCUMENT_LINE,
    FACILITY,
    FACILITY_KEY,
    FAMILY,
    FAMILY_KEY,
    FAMILY_VKEY,
    ITEM,
    LINE,
    LINE_WITH_PICTURE,
    MANIFEST,
    MANIFEST_WITH_PICTURE,
    PICTURE,
    PICTURE_LINE,
    PICTURE_SEED,
    RELAY,
    REVIEW,
    REVIEW_KEY,
    REVIEWER,
    REVIEWER_VKEY,
    SEALED_PICTURE,
    STAFF,
    letter_with,
    sealed_by_hand,
)

LETTER = seal_letter(LINE, MANIFEST, signer=FAMILY, recipients=[REVIEW_KEY.recipient()])
FIRST_LINE = encode_line(LINE)
REVIEWER_AUTHOR = StaffAuthor(STAFF)


# ---------------------------------------------------------------- a letter's way


def test_a_family_writes_and_the_desk_reads() -> None:
    """What was sealed is what is read, and the family's signature holds."""
    opened = open_letter(LETTER, [REVIEW_KEY])

    assert opened.line == LINE
    assert opened.manifest == MANIFEST
    assert opened.author == MANIFEST.by
    assert opened.authentic(FAMILY_VKEY)
    assert not opened.authentic(REVIEWER_VKEY)


def test_the_relay_checks_a_letter_without_a_key() -> None:
    """It learns the first line and nothing else."""
    assert check_letter(LETTER) == LINE
    assert check_part(LETTER) == LINE
    assert "добре".encode() not in LETTER


def test_a_letter_passed_on_keeps_its_enclosures_digest() -> None:
    """The reviewer reseals part 0 for two readers; the picture stays the same file and opens for both."""
    at_review = open_letter(
        seal_letter(LINE_WITH_PICTURE, MANIFEST_WITH_PICTURE, signer=FAMILY, recipients=[REVIEW_KEY.recipient()]),
        [REVIEW_KEY],
    )
    onward = replace(at_review.line, hop="review>facility", to=(FACILITY, REVIEW))
    passed = replace(at_review.manifest, by=REVIEWER_AUTHOR, reply_to=None)
    resealed = seal_letter(
        onward, passed, signer=REVIEWER, recipients=[FACILITY_KEY.recipient(), REVIEW_KEY.recipient()]
    )

    for key in (FACILITY_KEY, REVIEW_KEY):
        opened = open_letter(resealed, [key])
        assert opened.authentic(REVIEWER_VKEY)
        assert opened.open_enclosure(1, SEALED_PICTURE) == PICTURE


def test_an_enclosure_left_out_has_no_key() -> None:
    """Whoever holds the letter and the sealed picture still cannot open it."""
    (key,) = MANIFEST_WITH_PICTURE.enclosures
    manifest = replace(MANIFEST_WITH_PICTURE, enclosures=(replace(key, seed=None),))
    letter = seal_letter(LINE_WITH_PICTURE, manifest, signer=REVIEWER, recipients=[FACILITY_KEY.recipient()])

    with pytest.raises(EnclosureExcised):
        open_letter(letter, [FACILITY_KEY]).open_enclosure(1, SEALED_PICTURE)


def test_a_letter_opens_only_its_own_enclosures() -> None:
    """Another file, another part number, or a part that does not exist is refused."""
    letter = open_letter(
        seal_letter(LINE_WITH_PICTURE, MANIFEST_WITH_PICTURE, signer=FAMILY, recipients=[REVIEW_KEY.recipient()]),
        [REVIEW_KEY],
    )
    with pytest.raises(EnclosureMalformed):
        letter.open_enclosure(1, SEALED_PICTURE + b"\0")
    with pytest.raises(EnclosureMalformed):
        letter.open_enclosure(2, SEALED_PICTURE)
    with pytest.raises(LineMalformed):
        letter.open_enclosure(0, SEALED_PICTURE)


def test_an_enclosure_of_another_item_is_refused_even_if_the_letter_names_it() -> None:
    """A forged letter cannot borrow somebody else's picture unnoticed."""
    borrowed = seal_enclosure(replace(PICTURE_LINE, item="99" * 16), PICTURE, PICTURE_SEED)
    line = replace(LINE, enclosures=(part_digest(borrowed),))
    letter = seal_letter(line, MANIFEST_WITH_PICTURE, signer=FAMILY, recipients=[REVIEW_KEY.recipient()])

    with pytest.raises(EnclosureMalformed):
        open_letter(letter, [REVIEW_KEY]).open_enclosure(1, borrowed)


@pytest.mark.parametrize(("characters", "size"), [(0, 4096), (1800, 4096), (2100, 16384), (8000, 16384)], ids=str)
def test_letters_have_three_sizes(characters: int, size: int) -> None:
    """An observer learns only whether a letter is short, longer or longest."""
    letter = seal_letter(
        LINE, replace(MANIFEST, text="a" * characters), signer=FAMILY, recipients=[REVIEW_KEY.recipient()]
    )
    begin = len(FIRST_LINE) + 1
    header = parse_header(letter[begin:])
    assert len(letter) - begin - header.length_bytes == 16 + size + 16


def test_the_longest_letter_fits() -> None:
    """Eight thousand sunflowers, an address, a note and three pictures are at most 64 KiB."""
    manifest = replace(
        MANIFEST,
        text="🌻" * 8000,
        address="🌻" * 2000,
        note="🌻" * 2000,
        enclosures=tuple(EnclosureKey("🌻" * 100, "image/jpeg", 4194304, "ab" * 32) for _ in range(3)),
    )
    line = replace(LINE, enclosures=("a1" * 32, "a2" * 32, "a3" * 32))
    letter = seal_letter(line, manifest, signer=FAMILY, recipients=[REVIEW_KEY.recipient()])
    assert open_letter(letter, [REVIEW_KEY]).manifest == manifest


def test_an_age_file_begins_after_the_first_line() -> None:
    """What `tail -n +2` leaves is a whole age file, which stock age opens."""
    age_file = LETTER.split(b"\n", 1)[1]

    assert age_file.startswith(b"age-encryption.org/v1\n")
    assert decrypt(age_file, [REVIEW_KEY]).startswith(encode_manifest(MANIFEST) + b"\n")


# ---------------------------------------------------------------- forged and unsigned


def test_an_unsigned_letter_is_shown_as_unsigned() -> None:
    """It opens, so that its reader sees it; it is authentic for nobody."""
    opened = open_letter(letter_with(encode_manifest(MANIFEST)), [REVIEW_KEY])

    assert opened.signature == b""
    assert opened.manifest == MANIFEST
    assert not opened.authentic(FAMILY_VKEY)


def test_a_forged_letter_is_shown_as_forged() -> None:
    """Somebody who signs with another key, but claims the family's, is found out."""
    opened = open_letter(
        seal_letter(LINE, MANIFEST, signer=REVIEWER, recipients=[REVIEW_KEY.recipient()]), [REVIEW_KEY]
    )

    assert opened.author == MANIFEST.by
    assert not opened.authentic(FAMILY_VKEY)


def test_a_signature_does_not_move_to_another_line() -> None:
    """A desk that reseals the family's signed words under another number is found out."""
    moved = replace(LINE, detainee="999999999999")
    opened = open_letter(LETTER, [REVIEW_KEY])
    plaintext = plaintext_of(opened.manifest_json, opened.signature)

    again = open_letter(sealed_by_hand(encode_line(moved), plaintext), [REVIEW_KEY])

    assert again.manifest == MANIFEST
    assert not again.authentic(FAMILY_VKEY)


# ---------------------------------------------------------------- what the relay refuses without a key


def test_a_letter_cannot_be_rerouted() -> None:
    """Another number in the first line no longer fits the bind, for the relay and for the reader."""
    rerouted = LETTER.replace(b"123456789012", b"123456789013")
    for look in (check_letter, lambda data: open_letter(data, [REVIEW_KEY])):
        with pytest.raises(WrongBind):
            look(rerouted)


def test_a_bind_that_was_made_to_fit_breaks_the_header() -> None:
    """Whoever changes line and bind alike has no file key to sign the header with."""
    line = FIRST_LINE.replace(b"123456789012", b"123456789013")
    old, new = (bind(text).args[0].encode() for text in (FIRST_LINE, line))
    rerouted = LETTER.replace(FIRST_LINE, line).replace(old, new)

    check_letter(rerouted)
    with pytest.raises(HeaderForged):
        open_letter(rerouted, [REVIEW_KEY])


GREASE = Stanza("anything-else", ("at", "all"), b"")
SHORT_HYBRID = Stanza("mlkem768x25519", ("AAAA",), bytes(32))
BIND = bind(FIRST_LINE)


@pytest.mark.parametrize(
    ("extra", "error"),
    [
        ([], ForeignStanza),
        ([BIND, BIND], ForeignStanza),
        ([GREASE, BIND], ForeignStanza),
        ([BIND, GREASE], ForeignStanza),
        ([Stanza("X25519", ("A" * 43,), bytes(32)), BIND], ForeignStanza),
        ([bind(b"another line")], WrongBind),
        ([Stanza(BIND_STANZA, (*BIND.args, "more"), b"")], WrongBind),
        ([Stanza(BIND_STANZA, BIND.args, b"body")], WrongBind),
        ([Stanza(BIND_STANZA, (), b"")], WrongBind),
        ([SHORT_HYBRID, BIND], RecipientsDiffer),
    ],
)
def test_stanzas_that_are_refused(extra: list[Stanza], error: type[RelayError]) -> None:
    """Only hybrid recipients, then exactly one bind for this very line."""
    plaintext = sign(FIRST_LINE, encode_manifest(MANIFEST), FAMILY)
    with pytest.raises(error):
        check_letter(sealed_by_hand(FIRST_LINE, plaintext, extra=extra))


def test_a_recipients_stanza_of_a_wrong_shape() -> None:
    """The relay sees that nobody will be able to open it."""
    line = replace(LINE, to=(REVIEW, FACILITY))
    first_line = encode_line(line)
    for stanza in (SHORT_HYBRID, Stanza("mlkem768x25519", (), bytes(32)), Stanza("mlkem768x25519", ("A" * 4,), b"")):
        with pytest.raises(HeaderMalformed):
            check_letter(sealed_by_hand(first_line, bytes(4096), extra=[stanza, bind(first_line)]))


@pytest.mark.parametrize("size", [0, 1, 4095, 4097, 65537, 131072])
def test_a_letter_of_another_size_is_refused(size: int) -> None:
    """A size of its own would tell the relay how much was written."""
    with pytest.raises(NotPadded):
        check_letter(sealed_by_hand(FIRST_LINE, bytes(size)))


@pytest.mark.parametrize("keep", [16, 31, 20])
def test_a_letter_without_its_payload_is_refused(keep: int) -> None:
    """A payload so short that no content has it is no letter."""
    begin = len(FIRST_LINE) + 1
    end = begin + parse_header(LETTER[begin:]).length_bytes
    for cut in (LETTER[:end], LETTER[: end + keep]):
        with pytest.raises(NotPadded):
            check_letter(cut)


def test_what_is_no_letter() -> None:
    """An age file without a first line, nothing, and a first line without an age file each have their own error."""
    with pytest.raises(UnknownPart):
        check_part(LETTER.split(b"\n", 1)[1])
    with pytest.raises(LineMalformed):
        check_part(b"")
    with pytest.raises(HeaderMalformed):
        check_part(FIRST_LINE + b"\n")


def test_sealing_needs_one_recipient_for_each_name() -> None:
    """A desk that is named must be able to read."""
    with pytest.raises(RecipientsDiffer):
        seal_letter(replace(LINE, to=(REVIEW, FACILITY)), MANIFEST, signer=FAMILY, recipients=[REVIEW_KEY.recipient()])
    with pytest.raises(RecipientsDiffer):
        seal_document(DOCUMENT_LINE, b"", author=REVIEWER_AUTHOR, signer=REVIEWER, recipients=[])


# ---------------------------------------------------------------- what a reader refuses


def test_the_wrong_desk_cannot_open() -> None:
    """The wrong key is told apart from damage."""
    with pytest.raises(WrongKey):
        open_letter(LETTER, [FACILITY_KEY])


def test_a_damaged_letter_does_not_open() -> None:
    """One changed byte of the content is enough."""
    with pytest.raises(PayloadBroken):
        open_letter(LETTER[:-1] + bytes([LETTER[-1] ^ 1]), [REVIEW_KEY])


@pytest.mark.parametrize(
    ("letter", "error"),
    [
        (letter_with(b"not JSON"), Malformed),
        (letter_with(encode_manifest(MANIFEST), b"c2hvcnQ="), ManifestMalformed),
        (letter_with(encode_manifest(MANIFEST), b"!" * 88), ManifestMalformed),
        (letter_with(encode_manifest(MANIFEST), b"\xff" * 88), ManifestMalformed),
        (letter_with(encode_manifest(MANIFEST), size=16384), NotPadded),
        (letter_with(encode_manifest(MANIFEST), b"\n"), NotPadded),
        (letter_with(encode_manifest(MANIFEST_WITH_PICTURE)), ManifestMalformed),
        (sealed_by_hand(FIRST_LINE, b"{}".ljust(4096)), NotPadded),
    ],
)
def test_an_inside_that_is_refused(letter: bytes, error: type[RelayError]) -> None:
    """The relay cannot see these; whoever opens them is told which rule they break."""
    check_letter(letter)
    with pytest.raises(error):
        open_letter(letter, [REVIEW_KEY])


def test_sealing_as_many_enclosures_as_the_line_names() -> None:
    """A picture that is described but not named, or the reverse, is a mistake of the client."""
    for line, manifest in ((LINE, MANIFEST_WITH_PICTURE), (LINE_WITH_PICTURE, MANIFEST)):
        with pytest.raises(ManifestMalformed):
            seal_letter(line, manifest, signer=FAMILY, recipients=[REVIEW_KEY.recipient()])


# ---------------------------------------------------------------- enclosures


@pytest.mark.parametrize("size", [1, 2, 100, 65536, 65537, 200_001])
def test_an_enclosure_comes_back(size: int) -> None:
    """Every size is padded to Padmé's and comes back without its padding, trailing zeros of its own included."""
    content = b"\x01" + bytes(size - 1)
    sealed = seal_enclosure(PICTURE_LINE, content, PICTURE_SEED)

    assert check_part(sealed) == check_enclosure(sealed) == PICTURE_LINE
    assert open_enclosure(sealed, seed=PICTURE_SEED, size_bytes=size) == content


def test_an_enclosure_is_at_most_4_mib() -> None:
    """The limit itself is allowed; nothing, and one byte more, are not."""
    sealed = seal_enclosure(PICTURE_LINE, bytes(4 * 1024 * 1024), PICTURE_SEED)
    assert check_enclosure(sealed) == PICTURE_LINE
    for content in (b"", bytes(4 * 1024 * 1024 + 1)):
        with pytest.raises(TooLarge):
            seal_enclosure(PICTURE_LINE, content, PICTURE_SEED)


def _enclosure(plaintext: bytes) -> bytes:
    key = HybridIdentity.from_seed(PICTURE_SEED)
    return sealed_by_hand(encode_line(PICTURE_LINE), plaintext, keys=[key])


@pytest.mark.parametrize("size", [0, 1001, 5 * 1024 * 1024])
def test_an_enclosure_of_another_size_is_refused(size: int) -> None:
    """Empty, no Padmé size, or beyond the limit."""
    with pytest.raises(NotPadded):
        check_enclosure(_enclosure(bytes(size)))


def test_an_enclosure_that_is_not_as_described() -> None:
    """A wrong size, something hidden in the padding, and a wrong seed each fail."""
    for size_bytes in (1, 5000):
        with pytest.raises(EnclosureMalformed):
            open_enclosure(SEALED_PICTURE, seed=PICTURE_SEED, size_bytes=size_bytes)
    with pytest.raises(EnclosureMalformed):
        open_enclosure(_enclosure(b"a" * 1024), seed=PICTURE_SEED, size_bytes=1023)
    with pytest.raises(WrongKey):
        open_enclosure(SEALED_PICTURE, seed=bytes(32), size_bytes=len(PICTURE))
    with pytest.raises(KeyMalformed):
        open_enclosure(SEALED_PICTURE, seed=b"short", size_bytes=len(PICTURE))


def test_an_enclosure_has_one_recipient() -> None:
    """A second one would be somebody whom no letter names."""
    keys = [HybridIdentity.from_seed(PICTURE_SEED), FACILITY_KEY]
    with pytest.raises(RecipientsDiffer):
        check_enclosure(sealed_by_hand(encode_line(PICTURE_LINE), bytes(1024), keys=keys))


@pytest.mark.parametrize(
    ("size", "padded"),
    [(0, 0), (1, 1), (2, 2), (8, 8), (9, 10), (100, 104), (1000, 1024), (100_000, 100_352), (4_194_304, 4_194_304)],
)
def test_padme(size: int, padded: int) -> None:
    """Known sizes, reckoned by hand from the paper's rule."""
    assert padme(size) == padded


# ---------------------------------------------------------------- documents


@pytest.mark.parametrize("content", [b'{"v":1}', b"", b"\xff\xd8" * 60_000, b"x" * 70_000])
def test_a_document_comes_back(content: bytes) -> None:
    """Text, nothing, an image and a long page."""
    sealed = seal_document(
        DOCUMENT_LINE, content, author=REVIEWER_AUTHOR, signer=REVIEWER, recipients=[REVIEW_KEY.recipient()]
    )

    assert check_part(sealed) == check_document(sealed) == DOCUMENT_LINE
    opened = open_document(sealed, [REVIEW_KEY])
    assert (opened.line, opened.content, opened.author) == (DOCUMENT_LINE, content, REVIEWER_AUTHOR)
    assert opened.authentic(REVIEWER_VKEY)
    assert not opened.authentic(FAMILY_VKEY)


def test_a_note_reaches_the_family() -> None:
    """The family opens it with the identity that its code makes."""
    line = replace(DOCUMENT_LINE, kind="note", item=ITEM, to=("family",))
    sealed = seal_document(
        line, b"too long", author=REVIEWER_AUTHOR, signer=REVIEWER, recipients=[FAMILY_KEY.recipient()]
    )
    assert open_document(sealed, [FAMILY_KEY]).content == b"too long"


def test_a_desk_key_opens_for_a_member_and_for_the_code() -> None:
    """Raw key bytes are content like any other."""
    line = replace(DOCUMENT_LINE, kind="desk-key", to=("staff/" + STAFF, "desk-code/" + "0c" * 16))
    sealed = seal_document(
        line,
        REVIEW_KEY.seed,
        author=REVIEWER_AUTHOR,
        signer=REVIEWER,
        recipients=[FAMILY_KEY.recipient(), FACILITY_KEY.recipient()],
    )
    for key in (FAMILY_KEY, FACILITY_KEY):
        assert open_document(sealed, [key]).content == REVIEW_KEY.seed


def test_a_document_is_at_most_4_mib() -> None:
    """Too much content is refused before sealing and, if somebody seals it nevertheless, when opening."""
    content = b"x" * (MAX_DOCUMENT_BYTES + 1)
    with pytest.raises(TooLarge):
        seal_document(
            DOCUMENT_LINE, content, author=REVIEWER_AUTHOR, signer=REVIEWER, recipients=[REVIEW_KEY.recipient()]
        )
    first_line = encode_line(DOCUMENT_LINE)
    plaintext = sign(first_line, encode_document(DocumentManifest(REVIEWER_AUTHOR, content)), REVIEWER)
    with pytest.raises(TooLarge):
        open_document(sealed_by_hand(first_line, plaintext), [REVIEW_KEY])


def test_a_document_that_json_would_blow_up_is_refused() -> None:
    """Two megabytes of control characters would be twelve when escaped."""
    with pytest.raises(TooLarge):
        seal_document(
            DOCUMENT_LINE,
            bytes(2_000_000),
            author=REVIEWER_AUTHOR,
            signer=REVIEWER,
            recipients=[REVIEW_KEY.recipient()],
        )


@pytest.mark.parametrize("size", [0, 5000, 70_000, 9 * 1024 * 1024])
def test_a_document_of_another_size_is_refused(size: int) -> None:
    """Neither one of the three sizes, nor a Padmé size above them and below the limit."""
    with pytest.raises(NotPadded):
        check_document(sealed_by_hand(encode_line(DOCUMENT_LINE), bytes(size)))


def test_a_letter_is_no_document() -> None:
    """What was sealed as one cannot be opened as the other."""
    with pytest.raises(UnknownPart):
        open_document(LETTER, [REVIEW_KEY])
    with pytest.raises(UnknownPart):
        check_enclosure(LETTER)
    assert isinstance(check_part(SEALED_PICTURE), EnclosureLine)
    assert RELAY in SEALED_PICTURE.decode("ascii", errors="ignore")
