"""The ceremony: each key made where it belongs, and nothing but public halves and sealed files handed on."""

import pytest

from keys.agefile import WrongKey
from keys.codes import desk_code_identity, new_code, show_code
from keys.directory import merge_directory_notes, parse_directory, verify_directory, verify_trust
from keys.keyrings import KeyNotInDirectory, desk_code_reader, open_desk_key, staff_reader
from relay.client.ceremony import (
    EXPIRES_AFTER_DAYS,
    draft_directory,
    draft_trust,
    enrol,
    keyless_desk,
    new_directory_key,
    new_relay_id,
    new_root_key,
    open_desk,
    rotate,
    seal_desk,
    seal_for,
    sign_draft,
)
from relay.client.operators import KeyringUnknown, Operator, TokenMistyped, fetch_keyring, unlock
from tests.unit.client.people import AT, RELAY, people
from tests.unit.client.played import PlayedConnection

TOKEN = "lro_" + "5e" * 32


def test_trust_and_directory_verify_from_the_fingerprint_alone():
    """Two of three operators sign, each on an own machine; the order makes no difference."""
    world = people()
    trust = verify_trust(world.trust_note, relay=None, fingerprint=world.trust.fingerprint)
    draft = draft_directory(
        intake=world.review.desk.id,
        sides=["north", "south"],
        desks=world.directory.desks,
        staff=world.directory.staff,
        at=AT,
    )
    first, second = (sign_draft(draft, [key]) for key in world.directory_keys[1:])
    merged = merge_directory_notes([first, second])
    assert merged == merge_directory_notes([second, first])
    assert verify_directory(merged, draft.document, trust, previous=None, at=AT) == world.directory
    assert draft.note.expires == "2027-02-21T12:00:00Z"
    assert EXPIRES_AFTER_DAYS == 90


def test_nothing_secret_is_shown_by_accident():
    """Neither seeds nor codes stand in a repr, which a log or a traceback might hold."""
    root, member, desk = new_root_key(RELAY), enrol(RELAY, roles=["officer"]), people().facility
    for secret, shown in (
        (root.seed.hex(), repr(root)),
        (member.code, repr(member)),
        (member.root.root.hex(), repr(member)),
        (desk.code, repr(desk)),
        (desk.key.seed.hex(), repr(desk)),
    ):
        assert secret not in shown
    assert str(root.seed) not in repr(root)


def test_a_keyring_opens_with_the_printed_code_and_no_other():
    """A relay that swaps a keyring is found out by the directory."""
    ann, otto = people().ann, people().otto
    assert unlock(ann.keyring, show_code(ann.code), RELAY, directory=people().directory) == ann.root
    with pytest.raises(WrongKey):
        unlock(ann.keyring, otto.code, RELAY, directory=people().directory)
    stranger = enrol(RELAY, roles=["reviewer"])
    with pytest.raises(KeyNotInDirectory):
        unlock(stranger.keyring, stranger.code, RELAY, directory=people().directory)


def test_a_desk_key_is_sealed_to_each_member_and_to_the_code():
    """Each opens a file of an own."""
    world = people()
    members = {world.otto.member.id: world.otto.recipient}
    sealed = seal_desk(world.facility, members, by=world.otto.root, directory=world.directory)
    assert [one.holder for one in sealed] == [
        staff_reader(world.otto.member.id),
        desk_code_reader(world.facility.desk.id),
    ]
    code = desk_code_identity(world.facility.code, bytes.fromhex(RELAY))
    for one, identity in zip(sealed, (world.otto.root.keys.identity, code), strict=True):
        assert open_desk_key(one.sealed, [identity], directory=world.directory) == world.facility.key


def test_a_desk_key_is_sealed_to_nobody_whom_the_directory_does_not_have():
    """Whoever asks to be admitted has to be listed first."""
    stranger = enrol(RELAY, roles=["officer"])
    with pytest.raises(KeyNotInDirectory):
        seal_for(
            people().facility.key,
            staff_reader(stranger.member.id),
            stranger.recipient,
            by=people().otto.root,
            directory=people().directory,
        )


def test_a_new_epoch_leaves_the_older_one_listed():
    """Letters sealed before can still be opened by those who have the older key."""
    desk, key = rotate(people().facility.desk, relay=RELAY, since="2026-12-01T00:00:00Z")
    assert [epoch.epoch for epoch in desk.epochs] == [1, 2]
    assert desk.epochs[1].recipient == str(key.identity.recipient())
    assert desk.epochs[0] == people().facility.desk.epochs[0]


def test_ids_can_be_chosen_before_the_keys_are_made():
    """Members are enrolled at desks whose keys they have yet to make."""
    chosen = "0f" * 16
    assert open_desk(RELAY, "facility", side="north", since=AT, desk=chosen).desk.id == chosen
    assert keyless_desk("south", desk=chosen).id == chosen
    assert enrol(RELAY, roles=["senior"], person=chosen).member.person == chosen
    assert len(new_relay_id()) == 32


def test_trust_takes_its_origin_from_the_logs_key():
    """One name for both."""
    keys = [new_directory_key(RELAY, n).vkey for n in (1, 2)]
    trust = draft_trust(RELAY, new_root_key(RELAY).vkey, [people().log.vkey], keys, k=1)
    assert (trust.origin, trust.k, trust.version) == ("relay.example/log/1", 1, 1)


@pytest.mark.parametrize("token", ["", "lro_", "5e" * 32, TOKEN[:-1], TOKEN.upper(), TOKEN + "00"])
def test_an_operators_token_has_its_form(token):
    """A mistake is found before anything is sent."""
    with pytest.raises(TokenMistyped):
        Operator(PlayedConnection(), token)


async def test_an_operator_publishes_what_was_signed_elsewhere():
    """Verbatim, and with the machine's token."""
    answer = {"v": 1, "size": 2, "index": 1}
    relay = PlayedConnection({"/operator/trust": answer, "/operator/directory": answer})
    operator = Operator(relay, f"{TOKEN}\n")
    assert await operator.publish_trust(people().trust_note) == 1
    assert await operator.publish_directory(people().note, people().document) == 1
    assert relay.asked[0].body == people().trust_note
    assert {request.bearer for request in relay.asked} == {TOKEN}
    assert parse_directory(people().document) == people().directory


async def test_a_member_without_a_keyring_is_told_so():
    """It is not a mistyped code."""
    with pytest.raises(KeyringUnknown):
        await fetch_keyring(PlayedConnection(), people().ann.member.id)
    assert len(new_code()) == 32
