"""Trust and directory: lookups, epochs, merging; what the known answers do not reach."""

from dataclasses import replace
from types import MappingProxyType

import pytest

from keys.directory import (
    DESK_KINDS,
    ROLES,
    Desk,
    DirectoryForked,
    DirectoryMalformed,
    TrustMalformed,
    UnknownDesk,
    UnknownEpoch,
    UnknownStaff,
    describe_directory,
    encode_directory,
    encode_trust,
    fingerprint,
    merge_directory_notes,
    parse_directory,
    read_directory_note,
    sign_directory,
    sign_trust,
    verify_trust,
)
from keys.directory_document import MAX_DOCUMENT_BYTES
from keys.notes import NoteMalformed, note_digest, verify_note
from tests.unit.keys.world import (
    ANN,
    CAMP,
    DIRECTORY,
    DIRECTORY_LINES,
    DIRECTORY_NOTE,
    DOCUMENT,
    EXPIRES,
    FARM,
    LOG,
    LOG_PQ,
    MEDIATOR,
    MEDIATOR_KEYS,
    OPERATORS,
    RELAY,
    ROOT,
    SINCE,
    STRANGER,
    TRUST,
    TRUST_NOTE,
    an_id,
)


def test_a_fingerprint_outlives_every_change_but_the_roots() -> None:
    """It is on paper, so a new log key must not change it."""
    changed = replace(TRUST, version=2, k=3, policy="quorum none\n")
    assert changed.fingerprint == TRUST.fingerprint == fingerprint(RELAY, ROOT.vkey.public)
    assert fingerprint(RELAY, LOG.vkey.public) != TRUST.fingerprint
    assert fingerprint(an_id("another relay"), ROOT.vkey.public) != TRUST.fingerprint


def test_trust_hands_out_its_keys_parsed() -> None:
    """Whoever verifies a checkpoint or a directory takes them from here."""
    assert TRUST.root_vkey == ROOT.vkey
    assert TRUST.log_vkeys == (LOG.vkey, LOG_PQ.vkey)
    assert TRUST.directory_vkeys == tuple(operator.vkey for operator in OPERATORS)


def test_a_relay_not_known_yet_is_taken_from_the_fingerprint() -> None:
    """Somebody with a leaflet in hand knows nothing else."""
    assert verify_trust(TRUST_NOTE, relay=None, fingerprint=TRUST.fingerprint) == TRUST


def test_only_the_root_it_names_signs_a_trust_page() -> None:
    """Otherwise an operator publishes a page that nobody accepts."""
    with pytest.raises(TrustMalformed, match="another root"):
        sign_trust(TRUST, OPERATORS[0])
    with pytest.raises(TrustMalformed):
        encode_trust(replace(TRUST, k=4))


def test_desks_and_staff_are_found_by_id() -> None:
    """And what is not there is refused by name."""
    assert DIRECTORY.desk(FARM).keyless
    assert DIRECTORY.member(ANN.staff).verifier == ANN.signer.vkey
    with pytest.raises(UnknownDesk):
        DIRECTORY.desk(an_id("nowhere"))
    with pytest.raises(UnknownStaff):
        DIRECTORY.member(STRANGER.staff)


def test_letters_are_sealed_to_the_last_epoch() -> None:
    """A keyless desk has none."""
    assert DIRECTORY.current_epoch(MEDIATOR).epoch == 3
    with pytest.raises(UnknownEpoch, match="keyless"):
        DIRECTORY.current_epoch(FARM)
    with pytest.raises(UnknownDesk):
        DIRECTORY.current_epoch(an_id("nowhere"))


@pytest.mark.parametrize(
    ("desk", "epoch", "at", "accepted"),
    [
        (MEDIATOR, 3, "2026-03-20T12:00:00Z", True),
        (MEDIATOR, 3, "2030-01-01T00:00:00Z", True),
        (MEDIATOR, 2, "2026-04-03T11:59:59Z", True),
        (MEDIATOR, 2, "2026-04-03T12:00:00Z", False),
        (MEDIATOR, 1, "2026-03-20T12:00:00Z", False),
        (MEDIATOR, 4, "2026-03-20T12:00:00Z", False),
        (CAMP, 1, "2026-03-20T12:00:00Z", True),
        (CAMP, 0, "2026-03-20T12:00:00Z", False),
        (FARM, 1, "2026-03-20T12:00:00Z", False),
    ],
)
def test_the_epoch_before_is_accepted_for_14_days(desk: str, epoch: int, at: str, accepted: bool) -> None:
    """DESIGN.md §3; older ones open old letters, but take no new ones."""
    assert SINCE[2] == "2026-03-20T12:00:00Z"
    assert DIRECTORY.accepts(desk, epoch, at) is accepted


def test_an_unknown_desk_accepts_nothing() -> None:
    """It is refused, not answered."""
    with pytest.raises(UnknownDesk):
        DIRECTORY.accepts(an_id("nowhere"), 1, SINCE[0])


def test_a_recipient_is_found_by_desk_and_epoch() -> None:
    """In its one spelling, old epochs included."""
    for key in MEDIATOR_KEYS:
        assert DIRECTORY.recipient(f"{MEDIATOR}/{key.epoch}") == key.identity.recipient()
    for wrong in (f"{MEDIATOR}/4", f"{MEDIATOR}/01", f"{FARM}/1", MEDIATOR):
        with pytest.raises(UnknownEpoch):
            DIRECTORY.recipient(wrong)
    with pytest.raises(UnknownDesk):
        DIRECTORY.recipient("family")


def test_operators_sign_apart_and_get_the_same_note() -> None:
    """Whoever merges, in whatever order, even with what was merged before."""
    apart = [sign_directory(DIRECTORY_LINES, [operator]) for operator in OPERATORS]
    merged = merge_directory_notes(apart)
    assert merge_directory_notes(apart[::-1]) == merged
    assert merge_directory_notes([merged, apart[1]]) == merged
    assert len(verify_note(merged, TRUST.directory_vkeys).by) == 3


def test_operators_who_signed_different_notes_are_told() -> None:
    """Two texts cannot be merged, and none are no note."""
    other = sign_directory(replace(DIRECTORY_LINES, expires="2026-12-01T00:00:00Z"), OPERATORS[:1])
    with pytest.raises(DirectoryForked):
        merge_directory_notes([DIRECTORY_NOTE, other])
    with pytest.raises(NoteMalformed):
        merge_directory_notes([])


def test_a_note_describes_its_document_and_the_note_before() -> None:
    """The chain is made of whole notes, signatures included."""
    assert read_directory_note(DIRECTORY_NOTE) == DIRECTORY_LINES
    second = encode_directory(replace(DIRECTORY, version=2))
    lines = describe_directory(second, version=2, previous=DIRECTORY_NOTE, expires=EXPIRES)
    assert (lines.prev, lines.bytes) == (note_digest(DIRECTORY_NOTE), len(second))


def test_a_document_larger_than_8_mib_is_not_read() -> None:
    """The size is judged before anything is parsed."""
    with pytest.raises(DirectoryMalformed, match="8 MiB"):
        parse_directory(b" " * (MAX_DOCUMENT_BYTES + 1))


def test_a_directory_that_could_not_be_read_back_is_not_written() -> None:
    """The rules are the same in both directions."""
    assert parse_directory(DOCUMENT) == DIRECTORY
    with pytest.raises(DirectoryMalformed):
        encode_directory(replace(DIRECTORY, intake=CAMP))
    with pytest.raises(DirectoryMalformed):
        encode_directory(replace(DIRECTORY, desks=(*DIRECTORY.desks, Desk("x", "review", None, True, ()))))


def test_the_closed_sets() -> None:
    """By hand, from DESIGN.md §1."""
    assert frozenset({"reviewer", "senior", "dispatcher", "registrar", "officer", "auditor", "operator"}) == ROLES
    assert DESK_KINDS == ("review", "facility", "bureau")


def test_the_indexes_of_a_directory_do_not_change_in_the_hand() -> None:
    """They are read-only, and a changed copy has its own."""
    assert isinstance(DIRECTORY._desks, MappingProxyType)
    fewer = replace(DIRECTORY, desks=DIRECTORY.desks[:2])
    with pytest.raises(UnknownDesk):
        fewer.desk(FARM)
