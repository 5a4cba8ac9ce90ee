"""Keyrings and desk keys: opened by whom they are for, and refused if the directory has others."""

from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keys.agefile import WrongKey, encrypt
from keys.canonical import NotCanonical, encode_json
from keys.codes import desk_code_identity, new_code, staff_code_identity
from keys.directory import Directory, Epoch
from keys.keyrings import (
    DeskKey,
    KeyNotInDirectory,
    KeyringMalformed,
    StaffRoot,
    desk_code_reader,
    desk_key_id,
    new_desk_key,
    new_staff_root,
    open_desk_key,
    open_keyring,
    seal_desk_key,
    seal_keyring,
    staff_reader,
)
from keys.sealed import DocumentLine, LineMalformed, StaffAuthor, check_document, open_document, seal_document
from tests.unit.keys.world import (
    ANN,
    CAMP,
    DIRECTORY,
    FARM,
    MEDIATOR,
    MEDIATOR_KEYS,
    OLEH,
    RELAY,
    RELAY_ID,
    STRANGER,
    a_member,
    an_id,
    recipient,
    secret,
)

CODE = new_code(lambda size: secret("staff code")[:size])
BY_CODE = staff_code_identity(CODE, RELAY_ID)
BY_PASSKEY = OLEH.keys.identity  # any other identity
KEY = MEDIATOR_KEYS[2]
MEMBER_KEY = Ed25519PrivateKey.from_private_bytes(ANN.keys.signer_seed)
ANNS = {staff_reader(ANN.staff): ANN.keys.identity.recipient()}


def sealed_as_keyring(plain: object) -> bytes:
    """Seal any JSON to the staff code."""
    return encrypt(encode_json(plain).encode(), [BY_CODE.recipient()])


def sealed_as_desk_key(content: bytes, **line: Any) -> bytes:
    """Seal any content as a desk key for Ann."""
    given = {"relay": RELAY, "kind": "desk-key", "id": desk_key_id(MEDIATOR, 3), "item": None, "dir": 1, "version": 1}
    return seal_document(
        DocumentLine(**{**given, "to": (staff_reader(ANN.staff),), **line}),
        content,
        author=StaffAuthor(ANN.staff),
        signer=MEMBER_KEY,
        recipients=[ANN.keys.identity.recipient()],
    )


def plain_of(key: DeskKey, **changed: Any) -> bytes:
    """Write a desk key as it is sealed, with changes."""
    plain = {"v": 1, "relay": key.relay, "desk": key.desk, "epoch": key.epoch, "seed": key.seed.hex(), **changed}
    return encode_json(plain).encode()


def test_a_keyring_opens_with_the_staff_code_and_with_a_passkey() -> None:
    """Either brings back the same root, and with it the same signer."""
    sealed = seal_keyring(ANN, [BY_CODE.recipient(), BY_PASSKEY.recipient()])
    for identity in (BY_CODE, BY_PASSKEY):
        assert open_keyring(sealed, [identity], directory=DIRECTORY) == ANN
    with pytest.raises(WrongKey):
        open_keyring(sealed, [STRANGER.keys.identity], directory=DIRECTORY)


def test_a_new_member_opens_a_keyring_that_no_directory_has_yet() -> None:
    """Until then there is nothing to compare it with; afterwards there is."""
    fresh = new_staff_root(RELAY, an_id("new"))
    sealed = seal_keyring(fresh, [BY_CODE.recipient()])
    assert len(fresh.root) == 32
    assert open_keyring(sealed, [BY_CODE], directory=None) == fresh
    with pytest.raises(KeyNotInDirectory):
        open_keyring(sealed, [BY_CODE], directory=DIRECTORY)


@pytest.mark.parametrize(
    "changed",
    [
        {"vkey": str(STRANGER.signer.vkey)},
        {"recipient_sha256": "00" * 32},
    ],
    ids=["signer", "identity"],
)
def test_a_keyring_whose_public_half_is_another_is_refused(changed: dict[str, Any]) -> None:
    """A relay that hands out a root of its own making is found out by either half."""
    directory = replace(DIRECTORY, staff=(replace(DIRECTORY.staff[0], **changed),))
    with pytest.raises(KeyNotInDirectory):
        open_keyring(seal_keyring(ANN, [BY_CODE.recipient()]), [BY_CODE], directory=directory)


@pytest.mark.parametrize(
    "plain",
    [
        {"v": 2, "relay": RELAY, "staff": ANN.staff, "root": ANN.root.hex()},
        {"v": True, "relay": RELAY, "staff": ANN.staff, "root": ANN.root.hex()},
        {"v": 1, "staff": ANN.staff, "relay": RELAY, "root": ANN.root.hex()},
        {"v": 1, "relay": RELAY, "staff": ANN.staff},
        {"v": 1, "relay": "relay", "staff": ANN.staff, "root": ANN.root.hex()},
        {"v": 1, "relay": RELAY, "staff": "ann", "root": ANN.root.hex()},
        {"v": 1, "relay": RELAY, "staff": ANN.staff, "root": "00"},
    ],
    ids=["version", "a boolean", "order", "missing", "relay", "staff", "root"],
)
def test_a_keyring_has_one_form(plain: dict[str, object]) -> None:
    """Anything else is malformed, and is not derived from."""
    with pytest.raises(KeyringMalformed):
        open_keyring(sealed_as_keyring(plain), [BY_CODE], directory=None)


def test_what_is_no_json_is_no_keyring() -> None:
    """Neither bytes nor another spelling of the JSON."""
    with pytest.raises(KeyringMalformed):
        open_keyring(encrypt(b"\xff", [BY_CODE.recipient()]), [BY_CODE], directory=None)
    with pytest.raises(NotCanonical):
        open_keyring(encrypt(b'{"v": 1}', [BY_CODE.recipient()]), [BY_CODE], directory=None)


def test_a_desk_key_opens_for_its_members_and_with_the_recovery_code() -> None:
    """One document may have several readers; each opens it, and no other does."""
    by_code = desk_code_identity(CODE, RELAY_ID)
    readers = {**ANNS, desk_code_reader(MEDIATOR): by_code.recipient()}
    sealed = seal_desk_key(KEY, readers, by=ANN, directory=DIRECTORY, version=2)
    line = check_document(sealed)
    assert (line.to, line.version, line.dir) == ((f"staff/{ANN.staff}", f"desk-code/{MEDIATOR}"), 2, 1)
    for identity in (ANN.keys.identity, by_code):
        assert open_desk_key(sealed, [identity], directory=DIRECTORY) == KEY
    with pytest.raises(WrongKey):
        open_desk_key(sealed, [OLEH.keys.identity], directory=DIRECTORY)


def test_a_desk_key_is_signed_by_the_member_who_sealed_it() -> None:
    """So that the log of admissions has an author."""
    opened = open_document(seal_desk_key(KEY, ANNS, by=OLEH, directory=DIRECTORY), [ANN.keys.identity])
    assert opened.author == StaffAuthor(OLEH.staff)
    assert opened.authentic(OLEH.signer.vkey.public)


def test_an_old_epoch_still_opens() -> None:
    """A member reads letters sealed before the last rotation (DESIGN.md §3)."""
    sealed = seal_desk_key(MEDIATOR_KEYS[0], ANNS, by=ANN, directory=DIRECTORY)
    assert open_desk_key(sealed, [ANN.keys.identity], directory=DIRECTORY) == MEDIATOR_KEYS[0]


def test_a_desk_key_is_sealed_only_to_recipients_of_the_directory() -> None:
    """A relay that names its own recipient as Ann's gets no desk key."""
    for reader, to in (
        (staff_reader(ANN.staff), STRANGER.keys.identity.recipient()),
        (staff_reader(STRANGER.staff), STRANGER.keys.identity.recipient()),
    ):
        with pytest.raises(KeyNotInDirectory):
            seal_desk_key(KEY, {reader: to}, by=ANN, directory=DIRECTORY)
    with pytest.raises(LineMalformed):
        seal_desk_key(KEY, {"family": STRANGER.keys.identity.recipient()}, by=ANN, directory=DIRECTORY)


def _without_camp() -> Directory:
    return replace(DIRECTORY, desks=tuple(desk for desk in DIRECTORY.desks if desk.id != CAMP))


def _with_another_key() -> Directory:
    camp = replace(DIRECTORY.desk(CAMP), epochs=(Epoch(1, recipient(STRANGER.keys.identity), "2026-01-01T00:00:00Z"),))
    return replace(DIRECTORY, desks=(DIRECTORY.desk(MEDIATOR), camp))


@pytest.mark.parametrize("directory", [_without_camp(), _with_another_key()], ids=["no such desk", "another key"])
def test_a_desk_key_whose_public_half_is_another_is_refused(directory: Directory) -> None:
    """Whoever sealed it, and however well it was signed."""
    key = DeskKey(RELAY, CAMP, 1, secret("camp, epoch 1"))
    sealed = seal_desk_key(key, ANNS, by=ANN, directory=DIRECTORY)
    assert open_desk_key(sealed, [ANN.keys.identity], directory=DIRECTORY) == key
    with pytest.raises(KeyNotInDirectory):
        open_desk_key(sealed, [ANN.keys.identity], directory=directory)


def test_an_epoch_that_the_directory_does_not_list_is_refused() -> None:
    """A key for tomorrow opens nothing today; nor does one for a desk without keys."""
    for desk, epoch in ((MEDIATOR, 4), (FARM, 1)):
        sealed = seal_desk_key(new_desk_key(RELAY, desk, epoch), ANNS, by=ANN, directory=DIRECTORY)
        with pytest.raises(KeyNotInDirectory):
            open_desk_key(sealed, [ANN.keys.identity], directory=DIRECTORY)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (plain_of(KEY), {"kind": "register", "to": (f"{MEDIATOR}/1",)}),
        (plain_of(KEY), {"id": desk_key_id(MEDIATOR, 2)}),
        (plain_of(KEY), {"relay": an_id("another relay")}),
        (plain_of(KEY, desk="mediator"), {}),
        (plain_of(KEY, epoch=0), {}),
        (plain_of(KEY, seed="00"), {}),
        (plain_of(KEY, more=1), {}),
        (b"\xff", {}),
    ],
    ids=["kind", "id", "relay", "desk", "epoch", "seed", "more", "no text"],
)
def test_a_desk_key_is_the_one_its_first_line_names(content: bytes, line: dict[str, Any]) -> None:
    """A register page, another epoch's key, or anything of another form is none."""
    with pytest.raises(KeyringMalformed):
        open_desk_key(sealed_as_desk_key(content, **line), [ANN.keys.identity], directory=DIRECTORY)


def test_secrets_are_not_shown() -> None:
    """Whatever prints a root or a desk key prints no secret."""
    for shown, hidden in ((repr(ANN), ANN.root), (repr(KEY), KEY.seed)):
        assert repr(hidden) not in shown
        assert hidden.hex() not in shown
    assert isinstance(ANN, StaffRoot)


def test_a_person_may_have_two_keys_at_one_relay() -> None:
    """Each is a member of its own; the person is what they share."""
    second = a_member(STRANGER, person="Ann", desks=(MEDIATOR,), roles=("reviewer",))
    directory = replace(DIRECTORY, staff=(*DIRECTORY.staff, second))
    sealed = seal_keyring(STRANGER, [BY_CODE.recipient()])
    assert open_keyring(sealed, [BY_CODE], directory=directory) == STRANGER
    assert directory.member(STRANGER.staff).person == directory.member(ANN.staff).person
