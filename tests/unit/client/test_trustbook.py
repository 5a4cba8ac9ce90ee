"""What a client has seen is not taken back: no older trust, no older directory, no shorter log."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from keys.directory import (
    DirectoryAltered,
    DirectoryExpired,
    DirectoryForked,
    DirectoryGap,
    DirectoryRolledBack,
    DirectoryUnsigned,
    FingerprintDiffers,
    PreviousLog,
    TrustRolledBack,
    sign_trust,
)
from relay.client.authors import Former
from relay.client.faults import AnswerMalformed, ProblemAnswered
from relay.client.memory import MemoryMalformed, OtherRelaySeen
from relay.client.trustbook import (
    DocumentRolledBack,
    LogShrunk,
    NothingSeen,
    RegisterCut,
    TrustBook,
    TrustNotLogged,
)
from relay.custody.entry import EntryMalformed, encode_custody
from relay.custody.merkle import ConsistencyInvalid, InclusionInvalid
from tests.unit.client.people import AT, people
from tests.unit.client.played import PlayedConnection, PlayedLog, a_relay, directory_entry, trust_entry


def a_book(path: Path | None = None, *, at: str = AT) -> TrustBook:
    """Open a trust book with the fingerprint from paper."""
    return TrustBook(people().trust.fingerprint, path, clock=lambda: at)


def relay_with(version: int, previous: bytes, **options) -> tuple[PlayedConnection, bytes]:
    """Play a relay that shows one version of the directory."""
    note, document = people().version(version, previous, **options)
    return a_relay(note, document), note


async def test_the_first_look_pins_trust_and_directory(tmp_path):
    """The fingerprint vouches for the trust, the trust for the directory; only the owner may read the file."""
    book = a_book(tmp_path / "seen" / "relay.json")
    await book.refresh(a_relay())
    assert book.trust == people().trust
    assert book.directory == people().directory
    assert (tmp_path / "seen" / "relay.json").stat().st_mode & 0o777 == 0o600


async def test_before_the_first_look_there_is_nothing():
    """Nothing is believed by default."""
    book = a_book()
    for name in ("trust", "directory", "relay", "signers"):
        with pytest.raises(NothingSeen):
            getattr(book, name)


async def test_another_fingerprint_is_another_relay():
    """The paper decides."""
    with pytest.raises(FingerprintDiffers):
        await TrustBook("ab" * 32, clock=lambda: AT).refresh(a_relay())


async def test_an_older_trust_is_refused(tmp_path):
    """Even by another process, later."""
    path, relay = tmp_path / "seen.json", a_relay()
    relay.answers["/trust"] = sign_trust(replace(people().trust, version=2), people().root.signer)
    await a_book(path).refresh(relay)
    with pytest.raises(TrustRolledBack):
        await a_book(path).refresh(a_relay())


async def test_an_older_directory_is_refused(tmp_path):
    """A relay cannot go back to a key it has broken since."""
    path = tmp_path / "seen.json"
    second, _ = relay_with(2, people().note)
    await a_book(path).refresh(a_relay())
    await a_book(path).refresh(second)
    with pytest.raises(DirectoryRolledBack):
        await a_book(path).refresh(a_relay())


async def test_another_directory_of_the_same_version_is_refused(tmp_path):
    """Operators who sign two have something to explain."""
    path = tmp_path / "seen.json"
    await a_book(path).refresh(a_relay())
    other = replace(people(), directory=replace(people().directory, staff=people().directory.staff[:1]))
    forked = a_relay(*other.version(1, None))
    with pytest.raises(DirectoryForked):
        await a_book(path).refresh(forked)


async def test_an_expired_directory_is_refused():
    """Ninety days without a new one, and the client stops."""
    with pytest.raises(DirectoryExpired):
        await a_book(at="2027-03-01T00:00:00Z").refresh(a_relay())


async def test_a_directory_with_too_few_signatures_is_refused():
    """Two of three operators have to sign."""
    relay, _ = relay_with(2, people().note, keys=(0,))
    with pytest.raises(DirectoryUnsigned):
        await a_book().refresh(relay)


async def test_another_document_than_the_note_names_is_refused():
    """The relay serves both, and can swap neither."""
    with pytest.raises(DirectoryAltered):
        await a_book().refresh(a_relay(document=people().document + b" "))


async def test_a_refused_refresh_changes_nothing():
    """What was in force before stays so."""
    book = a_book()
    await book.refresh(a_relay())
    with pytest.raises(DirectoryAltered):
        await book.refresh(a_relay(document=people().document + b" "))
    assert book.directory == people().directory


async def test_versions_between_are_followed_in_the_log(tmp_path):
    """Each note names the one before; the log has them all in the clear."""
    path = tmp_path / "seen.json"
    await a_book(path).refresh(a_relay())
    second, _ = people().version(2, people().note)
    third, _ = people().version(3, second)
    newest, note = relay_with(4, third)
    newest.log = PlayedLog([trust_entry(), *map(directory_entry, (people().note, second, third, note))])
    book = a_book(path)
    await book.refresh(newest)
    assert book.directory.version == 4


@pytest.mark.parametrize("left_out", [0, 1, 2])
async def test_a_version_that_the_log_does_not_have_is_a_gap(tmp_path, left_out):
    """Without the whole chain, nothing says that the newest follows the one seen."""
    path = tmp_path / "seen.json"
    await a_book(path).refresh(a_relay())
    second, _ = people().version(2, people().note)
    third, _ = people().version(3, second)
    newest, _ = relay_with(4, third)
    entries = [directory_entry(note) for place, note in enumerate((people().note, second, third)) if place != left_out]
    newest.log = PlayedLog([trust_entry(), *entries])
    with pytest.raises(DirectoryGap):
        await a_book(path).refresh(newest)


async def test_a_newest_directory_on_top_of_another_past_is_a_fork(tmp_path):
    """The operators have built on another first version than the one seen."""
    path = tmp_path / "seen.json"
    await a_book(path).refresh(a_relay())
    other = replace(people(), directory=replace(people().directory, staff=people().directory.staff[:1]))
    first, _ = other.version(1, None)
    second, _ = people().version(2, first)
    third, document = people().version(3, second)
    newest = a_relay(third, document)
    newest.log = PlayedLog([trust_entry(), *map(directory_entry, (first, second, third))])
    with pytest.raises(DirectoryForked):
        await a_book(path).refresh(newest)


@pytest.mark.parametrize("answer", [{"note": "x"}, {"note": 1, "document": "x"}, {}])
async def test_a_directory_that_is_no_note_and_document_is_refused(answer):
    """The answer has two texts."""
    relay = a_relay()
    relay.answers["/directory"] = answer
    with pytest.raises(AnswerMalformed):
        await a_book().refresh(relay)


async def test_members_who_left_are_remembered(tmp_path):
    """What they sealed before can still be told from a stranger's."""
    path = tmp_path / "seen.json"
    await a_book(path).refresh(a_relay())
    fewer = replace(people(), directory=replace(people().directory, staff=people().directory.staff[1:]))
    book = a_book(path)
    await book.refresh(a_relay(*fewer.version(2, people().note)))
    ann = people().ann.member
    assert book.signers.former[ann.id] == Former(ann.verifier.public.hex(), ("reviewer",), 1)
    assert book.signers.former[people().otto.member.id].version == 2


# ---------------------------------------------------------------- the log


def served(log: PlayedLog, path: str) -> bytes:
    """Give a file of a log that is there."""
    data = log.served(path)
    assert data is not None
    return data


async def test_the_log_begins_with_the_trust_and_only_grows(tmp_path):
    """Over several tiles, and in the memory of another process."""
    path, relay = tmp_path / "seen.json", a_relay()
    assert relay.log is not None
    for grown in (2, 3, 300, 700):
        relay.log.entries += [b"entry %d" % n for n in range(len(relay.log.entries), grown)]
        book = a_book(path)
        await book.refresh(relay)
        assert (await book.verified_trust(relay)).size == grown


async def test_a_full_tile_stands_in_for_a_partial_one():
    """The log may have grown while it was read."""
    relay = a_relay()
    relay.log = PlayedLog([trust_entry(), *(b"entry %d" % n for n in range(299))], full_tiles_only=True)
    book = a_book()
    await book.refresh(relay)
    assert (await book.verified_trust(relay)).size == 300


async def test_a_log_that_was_rewritten_is_refused(tmp_path):
    """What was seen before must be its beginning."""
    path, relay = tmp_path / "seen.json", a_relay()
    book = a_book(path)
    await book.refresh(relay)
    await book.verified_trust(relay)
    relay.log = PlayedLog([trust_entry(), b"something else", b"more"])
    book = a_book(path)
    await book.refresh(relay)
    with pytest.raises(ConsistencyInvalid):
        await book.verified_trust(relay)


async def test_a_checkpoint_from_a_lagging_cache_must_be_a_beginning():
    """An older checkpoint is no rollback while the newer one can be shown to begin with it."""
    relay = a_relay()
    book = a_book()
    await book.refresh(relay)
    assert relay.log is not None
    older = {path: served(relay.log, path) for path in ("checkpoint", "tile/entries/000.p/2")}
    relay.log.entries.append(b"third")
    await book.verified_trust(relay)
    relay.answers |= {f"/log/1/{path}": data for path, data in older.items()}
    assert (await book.verified_trust(relay)).size == 2

    other = PlayedLog([trust_entry(), b"something else"])
    for path in ("checkpoint", "tile/entries/000.p/2", "tile/0/000.p/2"):
        relay.answers[f"/log/1/{path}"] = served(other, path)
    with pytest.raises(ConsistencyInvalid):
        await book.verified_trust(relay)


async def a_relay_that_lost_an_entry() -> tuple[PlayedConnection, TrustBook]:
    """Play a relay whose log is shorter by an entry than what this client has seen of it."""
    relay = a_relay()
    book = a_book()
    await book.refresh(relay)
    assert relay.log is not None
    relay.log.entries.append(b"third")
    await book.verified_trust(relay)
    relay.log.entries.pop()
    return relay, book


async def test_a_log_that_has_lost_what_was_seen_is_refused():
    """A backup was put back without saying so."""
    relay, book = await a_relay_that_lost_an_entry()
    with pytest.raises(LogShrunk):
        await book.verified_trust(relay)


async def test_a_busy_relay_is_not_taken_for_a_shorter_log():
    """A false alarm would teach people to ignore the true one."""

    def busy(_: bytes) -> bytes:
        raise ProblemAnswered(503, {"code": "overloaded"})

    relay, book = await a_relay_that_lost_an_entry()
    relay.answers["/log/1/tile/0/000.p/3"] = busy
    with pytest.raises(ProblemAnswered) as refusal:
        await book.verified_trust(relay)
    assert refusal.value.code == "overloaded"


async def test_a_declared_loss_begins_a_new_log(tmp_path):
    """The root says so, and the client stops comparing with the older log."""
    path, relay = tmp_path / "seen.json", a_relay()
    memory = a_book(path)
    await memory.refresh(relay)
    await memory.verified_trust(relay)
    kept = json.loads(path.read_text())
    kept["checkpoint"] = "relay.example/log/0\n7\nAAAA\n\n— x AAAAAAAA\n"
    path.write_text(json.dumps(kept, ensure_ascii=False, separators=(",", ":")))
    previous = PreviousLog("relay.example/log/0", 7, "ab" * 32)
    trust = replace(people().trust, version=2, previous=previous)
    relay.answers["/trust"] = sign_trust(trust, people().root.signer)
    book = a_book(path)
    await book.refresh(relay)
    assert (await book.verified_trust(relay)).size == 2


@pytest.mark.parametrize(
    ("entries", "refusal"),
    [
        ([], TrustNotLogged),
        ([directory_entry(b"x\n\n")], TrustNotLogged),
        ([encode_custody(bytes(32), bytes(32))], TrustNotLogged),
        ([b"letter-relay/entry/v1 custody\n"], EntryMalformed),
    ],
    ids=["nothing", "a directory", "an event", "no entry"],
)
async def test_a_log_that_begins_otherwise_is_refused(entries, refusal):
    """Entry 0 is the trust."""
    relay = a_relay()
    book = a_book()
    await book.refresh(relay)
    relay.log = PlayedLog(entries)
    with pytest.raises(refusal):
        await book.verified_trust(relay)


async def test_an_entry_that_is_not_in_the_tree_is_refused():
    """The relay shows another entry than the one it signed."""
    relay = a_relay()
    book = a_book()
    await book.refresh(relay)
    assert relay.log is not None
    other = PlayedLog([b"letter-relay/entry/v1 trust\nanother", *relay.log.entries[1:]])
    bundle = other.served("tile/entries/000.p/2")
    assert bundle is not None
    relay.answers["/log/1/tile/entries/000.p/2"] = bundle
    with pytest.raises(InclusionInvalid):
        await book.verified_trust(relay)


# ---------------------------------------------------------------- what is remembered


async def test_an_older_document_is_refused_even_later(tmp_path):
    """A contact or a page of the register goes forward only."""
    path = tmp_path / "seen.json"
    book = a_book(path)
    await book.refresh(a_relay())
    book.check_document("c0" * 32, 3)
    book.check_document("c0" * 32, 3)
    book.save()
    with pytest.raises(DocumentRolledBack):
        a_book(path).check_document("c0" * 32, 2)


DESK = "d0" * 16


async def test_a_page_of_the_register_that_was_seen_cannot_be_left_out(tmp_path):
    """Not one in the middle either, which no version would betray; pages are only added, in one order, by desk."""
    path, pages = tmp_path / "seen.json", ["a1" * 32, "b2" * 32, "c3" * 32]
    book = a_book(path)
    await book.refresh(a_relay())
    book.check_register(DESK, [])
    book.check_register(DESK, pages)
    book.save()
    for cut in (pages[:2], pages[1:], [pages[0], pages[2]], [pages[1], pages[0], pages[2]], []):
        with pytest.raises(RegisterCut):
            a_book(path).check_register(DESK, [*cut, "d4" * 32] if len(cut) < 3 else cut)
    a_book(path).check_register(DESK, [*pages, "d4" * 32])
    a_book(path).check_register("e5" * 16, pages[1:])


@pytest.mark.parametrize(
    ("version", "lacking", "then"),
    [(1, ("suspended", "register"), {}), (2, ("register",), {}), (3, ("register",), {"register": [2, "a1" * 32]})],
)
async def test_a_memory_of_an_older_version_is_read(tmp_path, version, lacking, then):
    """An upgrade must not cost a client what it has seen."""
    path = tmp_path / "seen.json"
    second, _ = relay_with(2, people().note)
    await a_book(path).refresh(second)
    kept = {key: value for key, value in json.loads(path.read_text()).items() if key not in lacking}
    path.write_text(json.dumps(kept | then | {"v": version}, ensure_ascii=False, separators=(",", ":")))
    with pytest.raises(DirectoryRolledBack):
        await a_book(path).refresh(a_relay())


async def test_a_file_of_another_relay_is_refused(tmp_path):
    """One file remembers one relay."""
    path = tmp_path / "seen.json"
    await a_book(path).refresh(a_relay())
    with pytest.raises(OtherRelaySeen):
        TrustBook("ab" * 32, path)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("v", 5),
        ("v", True),
        ("register", [1, "ab" * 32]),
        ("register", {"d0" * 16: [1]}),
        ("register", {"d0" * 16: [-1, "ab" * 32]}),
        ("register", {"d0" * 16: [1, "ab"]}),
        ("register", {"nowhere": [1, "ab" * 32]}),
        ("suspended", []),
        ("suspended", {"0a" * 16: [1]}),
        ("trust", 7),
        ("staff", []),
        ("staff", {"0a" * 16: ["x", [], 1]}),
        ("documents", {"x": 1}),
        ("documents", {"0a" * 16: 0}),
        ("documents", []),
    ],
)
async def test_a_damaged_memory_is_refused(tmp_path, key, value):
    """Rather than begun again silently, which is what an attacker would wish."""
    path = tmp_path / "seen.json"
    await a_book(path).refresh(a_relay())
    kept = json.loads(path.read_text()) | {key: value}
    path.write_text(json.dumps(kept, ensure_ascii=False, separators=(",", ":")))
    with pytest.raises(MemoryMalformed):
        a_book(path)


def test_a_memory_that_is_no_text_is_refused(tmp_path):
    """A disk error is not a fresh start."""
    path = tmp_path / "seen.json"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(MemoryMalformed):
        a_book(path)
