"""What an audit refuses of trust, checkpoint, tree and entries (docs/spec/audit.md, steps 1 to 5)."""

from dataclasses import replace

import pytest

from keys.codes import root_name
from keys.notes import Cosigner, Signer, cosign
from keys.statements import Statement, sign_statement
from relay.custody.bundle import StatementOpening
from relay.custody.checkpoint import Checkpoint, add_signatures, sign_checkpoint
from relay.custody.entry import (
    ClearKind,
    CommittedKind,
    commitment,
    encode_clear,
    encode_committed,
    encode_erasure,
    encode_site,
)
from relay.custody.merkle import EMPTY_ROOT
from tests.custody_world import (
    ANN,
    AUD,
    BEN,
    DIRECTORY,
    LOG,
    OPERATORS,
    OPI,
    ORIGIN,
    REG,
    RELAY,
    TRUST,
    MemoryBundle,
    World,
    a_busy_world,
    a_digest,
    an_open_world,
    secret,
)
from tests.unit.custody.auditing import audit, broken_at, step_of

WITNESS = Cosigner.ed25519("witness.example", secret("witness"))
WITNESSED = replace(TRUST, version=2, policy=f"witness w {WITNESS.vkey}\nquorum w\n")


def a_world() -> World:
    """Open a relay and bring it two letters."""
    world = an_open_world()
    world.accept("one")
    world.accept("two")
    return world


def with_file(world: World, name: str, data: bytes | None) -> MemoryBundle:
    """Export a world, and replace one file or leave it out."""
    files = world.bundle().files
    assert data is None or files.get(name) != data
    files.pop(name, None)
    return MemoryBundle(files if data is None else {**files, name: data})


# ---------------------------------------------------------------- 1: trust


def test_paper_names_the_root():
    """Another fingerprint is another relay, however sound its log."""
    assert step_of(a_world(), fingerprint=a_digest("other paper")) == "1.1"


@pytest.mark.parametrize("moved", [1, 2])
def test_entry_0_is_a_trust(moved):
    """A log that begins with anything else, a directory or a letter, can be anybody's."""
    world = a_world()
    world.entries.insert(0, world.entries.pop(moved))

    assert step_of(world) == "1.1"


def test_an_empty_log_has_no_trust():
    """Nothing can be verified in it, not even that it is empty."""
    empty = sign_checkpoint(Checkpoint(ORIGIN, 0, EMPTY_ROOT), LOG)

    assert step_of(MemoryBundle({"checkpoint": empty})) == "1.1"


def test_a_later_trust_is_under_the_same_root():
    """A root's successor needs new paper."""
    world = a_world()
    other = Signer.ed25519(root_name(RELAY), secret("another root"))
    world.trust(replace(TRUST, version=2, root=str(other.vkey)), root=other)

    assert step_of(world) == "1.2"


def test_a_later_trust_is_newer():
    """An older trust brings back keys that were given up."""
    world = a_world()
    world.trust(TRUST)

    assert step_of(world) == "1.2"


def test_every_trust_names_this_log():
    """A trust of another log says nothing about this one."""
    world = a_world()
    other = Signer.ed25519("relay.example/log/2", secret("other log"))
    world.trust(replace(TRUST, version=2, origin=other.vkey.name, log=(str(other.vkey),)))

    assert step_of(world) == "1.3"


def test_the_witness_policy_can_be_read():
    """A policy that nobody can read cannot be met."""
    world = a_world()
    world.trust(replace(TRUST, version=2, policy="quorum somebody\n"))

    assert step_of(world) == "1.4"


# ---------------------------------------------------------------- 2: checkpoint


@pytest.mark.parametrize("checkpoint", [None, b"", b"no note\n", LOG.sign("x\n").blob])
def test_there_is_a_checkpoint(checkpoint):
    """Without one there is no size to verify."""
    assert step_of(with_file(a_world(), "checkpoint", checkpoint)) == "2.1"


@pytest.mark.parametrize(
    "signer", [Signer.ed25519(ORIGIN, secret("another log key")), Signer.ed25519("other/log/1", secret("log"))]
)
def test_the_log_has_signed_the_checkpoint(signer):
    """Another key, or another log's name."""
    world = a_world()

    assert step_of(with_file(world, "checkpoint", world.checkpoint(signer=signer))) == "2.2"


def test_a_checkpoint_of_another_origin_is_refused():
    """The log's key signs for its own log alone."""
    world = a_world()
    checkpoint = Checkpoint("relay.example/log/9", len(world.entries), a_digest("root").encode()[:32])

    assert step_of(with_file(world, "checkpoint", sign_checkpoint(checkpoint, LOG))) == "2.2"


def test_the_last_trust_decides_which_log_key_counts():
    """After a change of keys the old one signs no more."""
    world = a_world()
    newer = Signer.ed25519(ORIGIN, secret("a newer log key"))
    world.trust(replace(TRUST, version=2, log=(str(newer.vkey),)))

    assert step_of(world) == "2.2"
    assert audit(with_file(world, "checkpoint", world.checkpoint(signer=newer))).trust.version == 2


def test_witnesses_have_cosigned_as_the_policy_asks():
    """With the witness's cosignature it passes, without it does not, and a false one spoils the note."""
    world = a_world()
    world.trust(WITNESSED)
    note = world.checkpoint()
    text = note.decode().partition("\n\n")[0] + "\n"

    assert step_of(world) == "2.3"
    good = cosign(text, WITNESS, 1_700_000_000)
    assert audit(with_file(world, "checkpoint", add_signatures(note, [good]))).checkpoint.size == 5
    false = replace(good, blob=good.blob[:-1] + bytes([good.blob[-1] ^ 1]))
    assert step_of(with_file(world, "checkpoint", add_signatures(note, [false]))) == "2.2"


# ---------------------------------------------------------------- 3: consistency


def test_the_log_begins_with_what_was_seen():
    """At every size that it ever had."""
    world = a_busy_world(letters=0)

    for size in (0, 1, 2, 3, 64, len(world.entries) - 1, len(world.entries)):
        assert audit(world, seen=world.checkpoint(size)).checkpoint.size == len(world.entries)


@pytest.mark.parametrize(
    "seen", [b"", b"no checkpoint\n", a_world().checkpoint(signer=Signer.ed25519(ORIGIN, b"o" * 32))]
)
def test_what_was_seen_is_a_checkpoint_of_this_log(seen):
    """Whatever else was kept says nothing about it."""
    assert step_of(a_world(), seen=seen) == "3.1"


def test_a_log_never_shrinks():
    """Entries that were seen are gone."""
    longer = a_world()
    longer.accept("three")

    assert step_of(a_world(), seen=longer.checkpoint()) == "3.2"


def test_a_log_is_never_rewritten():
    """The same number of entries, and another one among them."""
    other = an_open_world()
    other.accept("two")
    other.accept("one")

    assert step_of(a_world(), seen=other.checkpoint()) == "3.3"


# ---------------------------------------------------------------- 4: tree


def test_every_bundle_of_entries_is_there():
    """Missing, cut short, or with something behind it."""
    world = a_world()
    data = world.bundle().files["tile/entries/000.p/4"]

    for other in (None, data[:-1], data + b"\0\0", b""):
        assert step_of(with_file(world, "tile/entries/000.p/4", other)) == "4.1"


def test_every_leaf_is_compared():
    """The item is named if somebody changed its entry or its leaf; a missing or longer tile names none."""
    world = a_world()
    tile = world.bundle().files["tile/0/000.p/4"]
    changed = tile[:-1] + bytes([tile[-1] ^ 1])

    assert broken_at(with_file(world, "tile/0/000.p/4", changed)) == ("4.2", list(world.items)[1])
    assert broken_at(with_file(world, "tile/0/000.p/4", bytes([tile[0] ^ 1]) + tile[1:])) == ("4.2", None)
    assert broken_at(with_file(world, "tile/0/000.p/4", None)) == ("4.2", None)
    assert broken_at(with_file(world, "tile/0/000.p/4", tile + bytes(32))) == ("4.2", None)


def test_every_upper_tile_is_compared():
    """Even though the root could be computed without it."""
    world = a_busy_world()
    tile = world.bundle().files["tile/1/000.p/1"]

    assert step_of(with_file(world, "tile/1/000.p/1", bytes(32))) == "4.3"
    assert step_of(with_file(world, "tile/1/000.p/1", tile * 2)) == "4.3"
    assert step_of(with_file(world, "tile/1/000.p/1", None)) == "4.3"


def test_the_root_is_the_checkpoints():
    """The log has signed a tree that nobody can show."""
    world = a_world()
    checkpoint = Checkpoint(ORIGIN, len(world.entries), secret("another root"))

    assert step_of(with_file(world, "checkpoint", sign_checkpoint(checkpoint, LOG))) == "4.4"


@pytest.mark.parametrize(
    "name", ["tile/0/000.p/3", "tile/0/000", "tile/1/000.p/1", "tile/entries/001.p/1", "tile/note"]
)
def test_there_are_no_other_tiles(name):
    """Not an older partial one, nor one that is still to come."""
    assert step_of(with_file(a_world(), name, b"more")) == "4.5"


# ---------------------------------------------------------------- 5: entries


def test_every_entry_is_of_a_known_kind():
    """A kind that nobody knows could mean anything."""
    world = a_world()
    world.entries.append(b"letter-relay/entry/v1 secret\nx\n")

    assert step_of(world) == "5.1"


def test_an_erased_entry_is_in_its_form():
    """Nothing can be hidden in an entry because nobody opens it any more."""
    world = a_world()
    world.erase_item(next(iter(world.items)))
    world.entries[2] = world.entries[2].replace(b"=\n", b"\n")

    assert step_of(world) == "5.1"


def test_a_directory_needs_its_operators():
    """One of two signatures is none."""
    world = a_world()
    world.direct(replace(DIRECTORY, version=2), signers=OPERATORS[:1])

    assert step_of(world) == "5.2"


def test_a_directory_follows_the_one_before():
    """By version and by the hash of the note."""
    for forged in ({"prev": a_digest("another note")}, {"version": 3}):
        world = a_world()
        world.direct(replace(DIRECTORY, version=2), **forged)

        assert step_of(world) == "5.2"


def test_a_directory_has_its_document():
    """A document of another size or version than the note says."""
    size, version = a_world(), a_world()
    size.direct(replace(DIRECTORY, version=2), bytes=7)
    version.direct(replace(DIRECTORY, version=3), version=2)

    assert [step_of(size), step_of(version)] == ["5.2", "5.2"]


def test_an_operator_suspends():
    """Not a reviewer, not another's signature, not a member suspended before, and nobody twice."""
    reviewer, other_key, suspended, twice = a_world(), a_world(), a_world(), a_world()
    reviewer.suspend(BEN, by=ANN)
    other_key.suspend(ANN, signer=Signer.ed25519(OPI.signer.vkey.name, b"o" * 32))
    suspended.suspend(OPI)
    suspended.suspend(ANN)
    twice.suspend(ANN)
    twice.suspend(ANN)

    assert [step_of(world) for world in (reviewer, other_key, suspended, twice)] == ["5.3"] * 4


def test_a_suspension_is_one():
    """Another statement in its place suspends nobody."""
    world = a_world()
    statement = Statement("audited", RELAY, 1, world.at, fields={"size": 1, "root": a_digest("root")})
    world.entries.append(encode_clear(ClearKind.SUSPEND, sign_statement(statement, AUD.signer)))

    assert step_of(world) == "5.3"


def test_an_erasure_lists_what_it_can_have_erased():
    """Not trusts and directories, not itself, not what came later, and nothing twice."""
    clear, later, again = a_world(), a_world(), a_world()
    clear.entries.append(encode_erasure(4, [1]))
    later.entries.append(encode_erasure(6, [5]))
    later.accept("three")
    again.erase_item(next(iter(again.items)))
    again.entries.append(encode_erasure(4, [2]))
    of_itself, pages = a_world(), a_world()
    of_itself.erase_item(next(iter(of_itself.items)))
    of_itself.entries.append(encode_erasure(5, [4]))
    pages.entries += [encode_site(a_digest("manifest")), encode_erasure(5, [4])]

    assert [step_of(world) for world in (clear, later, again, of_itself, pages)] == ["5.4"] * 5


def test_the_pages_are_logged_and_counted():
    """Any number of times, by the relay alone; but not before it is open."""
    world, early = a_world(), World()
    world.entries += [encode_site(a_digest(name)) for name in ("one", "two", "one")]
    early.trust()
    early.entries.append(encode_site(a_digest("one")))

    assert audit(world).report.entries["site"] == 3
    assert step_of(early) == "5.5"


def test_nothing_happens_before_the_first_directory():
    """Neither a letter nor a statement: nobody had any power yet."""
    letter = World()
    letter.trust()
    letter.in_force = an_open_world().in_force
    letter.accept("too early")
    page = World()
    page.trust()
    page.commit("register", REG, opened=False, document=a_digest("page"), rows=a_digest("rows"))

    assert [step_of(letter), step_of(page)] == ["5.5", "5.5"]


def test_a_statement_about_no_item_is_what_its_entry_committed_to():
    """Another note, or another nonce, does not open it."""
    world = a_world()
    world.commit("register", REG, document=a_digest("page"), rows=a_digest("rows"))
    index = len(world.entries) - 1
    world.entries[index] = encode_committed(CommittedKind.REGISTER, commitment(b"n" * 32, b"another note"))

    assert step_of(world) == "5.6"


@pytest.mark.parametrize(
    ("kind", "by", "fields"),
    [
        ("register", AUD, {"document": a_digest("page"), "rows": a_digest("rows")}),
        ("audited", REG, {"size": 1, "root": a_digest("root")}),
        ("run", REG, {"document": a_digest("page")}),
    ],
)
def test_a_statement_about_no_item_needs_its_role(kind, by, fields):
    """A registrar keeps the register, an auditor audits, and nobody may run yet."""
    world = a_world()
    world.commit(kind, by, **fields)

    assert step_of(world) == "5.6"


def test_an_entry_is_opened_by_a_statement_of_its_own_kind():
    """A registrar's page behind an entry that says audited."""
    world = a_world()
    world.commit("register", REG, document=a_digest("page"), rows=a_digest("rows"))
    world.entries[-1] = world.entries[-1].replace(b"register", b"audited")

    assert step_of(world) == "5.6"


def test_files_that_a_register_page_names_may_be_there():
    """The rows are for auditors who want to see them; if they are there, they are these."""
    world = a_world()
    world.commit("register", REG, document=a_digest("page"), rows=a_digest("rows"))
    rows = f"documents/{a_digest('rows')}"

    assert audit(with_file(world, rows, b"rows")).report.unopened == 0
    assert step_of(with_file(world, rows, b"other rows")) == "9.1"


def test_an_erased_statement_is_not_opened():
    """Its entry is erased like any other, and an opening for it is one too many."""
    world = a_world()
    world.commit("register", REG, document=a_digest("page"), rows=a_digest("rows"))
    opening = world.openings[-1]
    assert isinstance(opening, StatementOpening)
    world.erase(opening.index)
    world.drop_unnamed()

    assert audit(world).report.unopened == 1
    world.openings.append(opening)
    assert step_of(world) == "6.2"
