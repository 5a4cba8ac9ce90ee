"""Who has authority at a log index, and what is said to everybody else."""

from dataclasses import replace

import pytest

from keys.codes import directory_name, root_name
from keys.directory import DirectoryNote, Trust, UnknownStaff, describe_directory, encode_directory
from keys.notes import Signer
from relay.domain.in_force import DirectoryOver, DirectoryUnknown, InForce, NotOpen, WrongRelay
from relay.domain.refusals import SuspendedKey
from tests.unit.domain.world import (
    ANN,
    BEN,
    DIRECTORY,
    RELAY,
    START,
    a_secret,
    a_statement,
    an_id,
)

EXPIRES = "2026-05-01T00:00:00Z"
TRUST = Trust(
    version=1,
    root=str(Signer.ed25519(root_name(RELAY), a_secret("root")).vkey),
    relay=RELAY,
    origin="relay.example/log/1",
    log=(str(Signer.ed25519("relay.example/log/1", a_secret("log")).vkey),),
    directory=(str(Signer.ed25519(directory_name(RELAY, 1), a_secret("operator")).vkey),),
    k=1,
    policy="quorum none\n",
    previous=None,
)
SIGN_IN = a_statement("sign-in", challenge="0a" * 32)


def a_note(version: int = DIRECTORY.version, expires: str = EXPIRES) -> DirectoryNote:
    """Describe one version of the directory."""
    document = encode_directory(replace(DIRECTORY, version=version))
    return describe_directory(document, version=version, previous=b"the note before", expires=expires)


def an_open_relay() -> InForce:
    """Put the trust and the directory in force."""
    return InForce().with_trust(TRUST).with_directory(b"note", a_note(), DIRECTORY)


def test_a_relay_without_a_directory_is_not_open():
    """Neither before its trust nor after it."""
    for in_force in (InForce(), InForce().with_trust(TRUST)):
        with pytest.raises(NotOpen):
            in_force.opened(at=START)
        with pytest.raises(NotOpen):
            in_force.signer_of(SIGN_IN, ANN.id, at=START)


def test_the_directory_in_force_is_the_last_one():
    """With its note, whose hash the next one names."""
    newer = replace(DIRECTORY, version=8)
    in_force = an_open_relay().with_directory(b"newer note", a_note(8), newer)

    assert an_open_relay().opened(at=START) is DIRECTORY
    assert in_force.opened(at=START) is newer
    assert (in_force.note_bytes, in_force.note) == (b"newer note", a_note(8))


def test_an_expired_directory_opens_nothing():
    """From its very moment on."""
    assert an_open_relay().opened(at="2026-04-30T23:59:59Z") is DIRECTORY
    with pytest.raises(DirectoryOver):
        an_open_relay().opened(at=EXPIRES)


def test_a_version_is_known_until_it_expires():
    """Every version so far, by its own expiry; a letter sealed by the one before is accepted."""
    in_force = an_open_relay().with_directory(
        b"newer", a_note(8, "2026-08-01T00:00:00Z"), replace(DIRECTORY, version=8)
    )

    in_force.check_version(7, at="2026-04-30T23:59:59Z")
    in_force.check_version(8, at=EXPIRES)
    for version, at in ((7, EXPIRES), (9, START), (None, START)):
        with pytest.raises(DirectoryUnknown):
            in_force.check_version(version, at=at)


def test_a_member_signs():
    """The directory in force says who they are."""
    assert an_open_relay().signer_of(SIGN_IN, ANN.id, at=START) == ANN


def test_a_stranger_does_not_sign():
    """The directory does not have them."""
    with pytest.raises(UnknownStaff):
        an_open_relay().signer_of(SIGN_IN, an_id("stranger"), at=START)


def test_a_statement_for_another_relay_is_refused():
    """The same members may work for two relays."""
    with pytest.raises(WrongRelay):
        an_open_relay().signer_of(replace(SIGN_IN, relay=an_id("another relay")), ANN.id, at=START)


def test_a_directory_without_a_trust_names_no_relay():
    """There is nothing to compare a statement's relay with."""
    with pytest.raises(WrongRelay):
        InForce().with_directory(b"note", a_note(), DIRECTORY).signer_of(SIGN_IN, ANN.id, at=START)


def test_a_statement_under_an_unknown_directory_is_refused():
    """Its signer went by a version that this relay does not have."""
    with pytest.raises(DirectoryUnknown):
        an_open_relay().signer_of(replace(SIGN_IN, directory=8), ANN.id, at=START)


def test_a_suspended_key_signs_nothing_more():
    """Ann's has no power, Ben's has; a new directory does not give hers back."""
    suspended = an_open_relay().with_suspension(ANN.id)
    later = suspended.with_directory(b"newer", a_note(8), replace(DIRECTORY, version=8))

    for in_force in (suspended, later):
        with pytest.raises(SuspendedKey):
            in_force.signer_of(SIGN_IN, ANN.id, at=START)
        assert in_force.signer_of(SIGN_IN, BEN.id, at=START) == BEN


def test_a_new_trust_keeps_the_directory():
    """Changing the log's key closes nothing."""
    renewed = an_open_relay().with_trust(replace(TRUST, version=2))

    assert renewed.trust == replace(TRUST, version=2)
    assert renewed.opened(at=START) is DIRECTORY
