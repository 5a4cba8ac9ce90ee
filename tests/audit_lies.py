"""Lies: evidence that is broken at each step of docs/spec/audit.md, told by a relay whose hashes all fit."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from keys.codes import root_name
from keys.cosignatures import Cosigner, cosign
from keys.notes import Signer
from keys.statements import sign_statement
from relay.custody.bundle import EventOpening
from relay.custody.checkpoint import Checkpoint, add_signatures, sign_checkpoint
from relay.custody.edge import Edge, append, prove_batch
from relay.custody.entry import encode_erasure, encode_site, tag
from relay.custody.merkle import leaf_hash
from relay.custody.proof import Proof, Receipt, encode_proof, encode_receipt
from relay.domain.states import State
from tests.custody_world import (
    ANN,
    BEA,
    BEN,
    CAMP,
    DIRECTORY,
    EXPIRES,
    FARM,
    LOG,
    OLE,
    OPERATORS,
    OPI,
    ORIGIN,
    OTHER_NUMBER,
    REG,
    RELAY,
    TRUST,
    World,
    a_digest,
    an_id,
    an_open_world,
    family,
    secret,
)

Files = dict[str, bytes]

ONE, TWO, REPLY = an_id("one"), an_id("two"), an_id("reply")
ENTRIES, LEAVES = "tile/entries/000.p/6", "tile/0/000.p/6"
WITNESS: Final = Cosigner.ed25519("witness.example", secret("witness"))
SECOND_WITNESS: Final = Cosigner.ed25519("second.example", secret("second witness"))
POLICY: Final = f"witness w {WITNESS.vkey}\nwitness s {SECOND_WITNESS.vkey}\ngroup g all w s\nquorum g\n"
WITNESSED: Final = replace(TRUST, version=2, policy=POLICY)


@dataclass(frozen=True)
class Lie:
    """
    Evidence, and what an auditor brings besides the fingerprint.

    Attributes:
        step: Where it is found; None for evidence in which nothing is broken.
        more: `seen`, a checkpoint, or `receipt`, a whole file.
    """

    step: str | None
    why: str
    files: Files
    more: Mapping[str, bytes] = field(default_factory=dict)


def a_world() -> World:
    """Open a relay and bring it two letters, which Ann has claimed."""
    world = an_open_world()
    world.accept("one")
    world.accept("two")
    world.claim(ANN, ONE, TWO)
    return world


def told(*lies: Callable[[World], object]) -> Files:
    """Let the relay lie in that world, once or more."""
    world = a_world()
    for lie in lies:
        lie(world)
    return world.bundle().files


def with_file(name: str, data: bytes | None) -> Files:
    """Change one file of the evidence, or leave it out."""
    files = a_world().bundle().files
    assert files.get(name) != data
    return {other: kept for other, kept in {**files, name: data}.items() if kept is not None}


def forged(*, event: Mapping[str, Any] | None = None, **detail: Any) -> Files:
    """Let Ann pass a letter, and log something else than was decided, so that all hashes fit."""

    def forge(an_event: dict[str, Any], a_detail: dict[str, Any]) -> None:
        an_event.update(event or {})
        a_detail.update(detail)

    def lie(world: World) -> None:
        world.forging = forge
        world.pass_on(ANN, ONE)

    return told(lie)


def lies() -> Iterator[Lie]:
    """Tell one lie at least for each step, and what comes close to one and is none."""
    yield from _of_trust()
    yield from _of_the_checkpoint()
    yield from _of_the_tree()
    yield from _of_entries()
    yield from _of_openings()
    yield from _of_chains()
    yield from _of_replies()
    yield from _of_statements()
    yield from _of_signers()
    yield from _of_files()
    yield from _of_receipts()


def _of_trust() -> Iterator[Lie]:
    other = Signer.ed25519("relay.example/log/2", secret("other log"))
    stranger = Signer.ed25519(root_name(RELAY), secret("another root"))
    yield Lie("1.1", "entry 0 is a directory", told(lambda world: world.entries.insert(0, world.entries.pop(1))))
    of_stranger = replace(TRUST, version=2, root=str(stranger.vkey))
    yield Lie("1.2", "a trust under another root", told(lambda world: world.trust(of_stranger, root=stranger)))
    yield Lie("1.2", "a trust that is no newer", told(lambda world: world.trust(TRUST)))
    of_other = replace(TRUST, version=2, origin=other.vkey.name, log=(str(other.vkey),))
    yield Lie("1.3", "a trust of another log", told(lambda world: world.trust(of_other)))
    unreadable = replace(TRUST, version=2, policy="quorum somebody\n")
    yield Lie("1.4", "a policy of nobody", told(lambda world: world.trust(unreadable)))


def _of_the_checkpoint() -> Iterator[Lie]:
    world = a_world()
    another = Signer.ed25519(ORIGIN, secret("another log key"))
    yield Lie("2.1", "no checkpoint", with_file("checkpoint", None))
    yield Lie("2.1", "no note", with_file("checkpoint", b"no note\n"))
    yield Lie("2.2", "another key", with_file("checkpoint", world.checkpoint(signer=another)))
    elsewhere = sign_checkpoint(Checkpoint("relay.example/log/9", 6, bytes(32)), LOG)
    yield Lie("2.2", "another origin", with_file("checkpoint", elsewhere))
    yield from _of_witnesses()
    longer = a_world()
    longer.accept("three")
    files = world.bundle().files
    yield Lie(None, "what was seen is a beginning", files, {"seen": world.checkpoint(3)})
    yield Lie("3.1", "what was seen is another log's", files, {"seen": world.checkpoint(signer=another)})
    yield Lie("3.2", "the log has shrunk", files, {"seen": longer.checkpoint()})
    rewritten = an_open_world()
    rewritten.accept("two")
    yield Lie("3.3", "the log was rewritten", files, {"seen": rewritten.checkpoint()})


def _of_witnesses() -> Iterator[Lie]:
    world = a_world()
    world.trust(WITNESSED)
    note = world.checkpoint()
    text = note.decode().partition("\n\n")[0] + "\n"
    one, other = (cosign(text, witness, 1_700_000_000) for witness in (WITNESS, SECOND_WITNESS))
    false = replace(other, blob=other.blob[:-1] + bytes([other.blob[-1] ^ 1]))
    for step, why, cosignatures in (
        ("2.3", "no witness", []),
        ("2.3", "one witness of two", [one]),
        (None, "two witnesses", [one, other]),
        ("2.2", "a false cosignature", [one, false]),
    ):
        yield Lie(step, why, {**world.bundle().files, "checkpoint": add_signatures(note, cosignatures)})


def _of_the_tree() -> Iterator[Lie]:
    files = a_world().bundle().files
    entries, leaves = files[ENTRIES], files[LEAVES]
    yield Lie("4.1", "a bundle cut short", with_file(ENTRIES, entries[:-1]))
    yield Lie("4.2", "another leaf", with_file(LEAVES, leaves[:-1] + bytes([leaves[-1] ^ 1])))
    yield Lie("4.2", "a tile too long", with_file(LEAVES, leaves + bytes(32)))
    yield Lie("4.5", "an older tile", with_file("tile/0/000.p/5", leaves[:-32]))
    unknown = sign_checkpoint(Checkpoint(ORIGIN, 6, secret("another root")), LOG)
    yield Lie("4.4", "another root", with_file("checkpoint", unknown))
    world = an_open_world()
    world.entries += [encode_site(a_digest("pages"))] * 255
    large = world.bundle().files
    yield Lie(None, "more than one tile", large)
    yield Lie("4.3", "another upper tile", {**large, "tile/1/000.p/1": bytes(32)})


def _of_entries() -> Iterator[Lie]:
    yield Lie("5.1", "an unknown kind", told(lambda world: world.entries.append(b"letter-relay/entry/v1 x\nx\n")))
    second = replace(DIRECTORY, version=2)
    yield Lie("5.2", "one operator", told(lambda world: world.direct(second, signers=OPERATORS[:1])))
    yield Lie("5.2", "a gap", told(lambda world: world.direct(second, version=3)))
    yield Lie("5.3", "a reviewer suspends", told(lambda world: world.suspend(BEN, by=ANN)))
    false = Signer.ed25519(OPI.signer.vkey.name, b"o" * 32)
    yield Lie("5.3", "another's signature", told(lambda world: world.suspend(BEN, signer=false)))
    yield Lie("5.3", "twice", told(*[lambda world: world.suspend(BEN)] * 2))
    yield Lie("5.4", "a directory is erased", told(lambda world: world.entries.append(encode_erasure(4, [1]))))
    early = an_open_world()
    early.entries.insert(1, encode_site(a_digest("pages")))
    yield Lie("5.5", "pages before the first directory", early.bundle().files)
    fields: dict[str, Any] = {"document": a_digest("page"), "rows": a_digest("rows")}
    yield Lie("5.6", "a reviewer's register", told(lambda world: world.commit("register", BEN, **fields)))
    yield Lie(None, "a registrar's register", told(lambda world: world.commit("register", REG, **fields)))


def _of_openings() -> Iterator[Lie]:
    lines = a_world().bundle().files["openings.jsonl"]
    spaced = lines.replace(b'"v":1', b'"v": 1', 1)
    yield Lie("6.1", "a space", with_file("openings.jsonl", spaced))
    yield Lie("6.1", "no newline at the end", with_file("openings.jsonl", lines[:-1]))
    yield Lie("6.2", "the first is missing", with_file("openings.jsonl", lines.partition(b"\n")[2]))
    yield Lie("6.2", "the last stands twice", with_file("openings.jsonl", lines + lines.splitlines(keepends=True)[-1]))

    def rewritten(position: int, **changes: Any) -> Files:
        return told(lambda world: world.rewrite(position, lambda one: replace(one, **changes)))

    yield Lie("6.3", "another tag key", rewritten(0, tag_key=b"k" * 32))
    yield Lie("6.4", "another nonce", rewritten(3, nonce=b"n" * 32))
    yield Lie("6.5", "another detail nonce", rewritten(0, detail_nonce=b"n" * 32))
    world = an_open_world()
    world.forging = lambda event, detail: detail.update(tag_key=a_digest("another"))
    world.accept("one")
    yield Lie("6.6", "another tag key promised", world.bundle().files)


def _of_chains() -> Iterator[Lie]:
    yield Lie("7.1", "a gap", forged(event={"seq": 3}))
    yield Lie("7.1", "another history", forged(event={"prev": a_digest("another")}))
    yield Lie("7.1", "the same item again", told(lambda world: world.accept("one")))
    details: dict[str, Any] = {"state": "delivered", "staff": BEN.id, "desk": FARM, "reasons": ["X"], "more": 1}
    for key, value in details.items():
        yield Lie("7.2", f"a detail's {key}", forged(**{key: value}))
    events: dict[str, Any] = {"event": "delivered", "to": "detainee", "day": "2026-11-19", "parts": [ONE], "more": 1}
    for key, value in events.items():
        yield Lie("7.2", f"an event's {key}", forged(event={key: value}))

    def unbagged(world: World) -> None:
        world.pass_on(ANN, ONE)
        world.items[ONE] = world.items[ONE]._replace(state=State.RECEIVED)
        world.act("deliver", OLE, ONE)

    yield Lie("7.2", "delivered without a bag", told(unbagged))

    def favoured(world: World) -> None:
        world.items[ONE] = world.items[ONE]._replace(until="2026-11-20T08:00:00Z")
        world.claim(BEN, ONE)

    yield Lie("7.2", "a claim taken over", told(favoured))
    yield Lie("7.3", "no such moment", forged(at="2026-11-31T00:00:00Z"))
    yield Lie("7.3", "no digest", forged(statement="none"))
    world = an_open_world()
    world.forging = lambda event, detail: detail.update(route=[CAMP])
    world.accept("one")
    yield Lie("7.3", "it waits at a camp", world.bundle().files)
    yield Lie("7.5", "time runs back", told(lambda world: world.wait(seconds=-1), lambda world: world.accept("three")))

    def erased(world: World) -> None:
        world.pass_on(ANN, ONE)
        world.erase(world.of_item(ONE)[-1].index)
        world.drop_unnamed()

    yield Lie("7.6", "its last event is erased", told(erased))

    def whole(world: World) -> None:
        world.pass_on(ANN, ONE)
        world.erase_item(ONE)

    yield Lie(None, "all of it is erased", told(whole))

    def expired(world: World) -> None:
        note = world.in_force.note
        assert note is not None
        later = "2030-01-01T00:00:00Z"
        world.in_force = replace(world.in_force, note=replace(note, expires=later), expires={1: later})
        world.at = EXPIRES
        world.accept("three")

    yield Lie("7.7", "the directory has expired", told(expired))


def _of_replies() -> Iterator[Lie]:
    yield Lie("7.4", "to a letter never seen", told(lambda world: world.reply("reply", by=OLE, re=an_id("never"))))
    key, own = (family(name).vkey.public.hex() for name in ("one", "the relay"))

    def other(world: World) -> None:
        world.forging = lambda event, detail: detail.update(detainee=OTHER_NUMBER)
        world.reply("reply", by=OLE, re=ONE)

    yield Lie("7.4", "from another detainee", told(other))

    def ready(world: World, family_key: str) -> None:
        world.reply("reply", by=OLE, re=ONE)
        world.claim(ANN, REPLY)
        world.act("pass", ANN, REPLY, reseal=True, to=("family",), family_key=family_key)

    yield Lie(None, "for its family", told(lambda world: ready(world, key)))
    yield Lie("8.8", "for the relay itself", told(lambda world: ready(world, own)))

    def recalled(world: World) -> None:
        ready(world, key)
        world.act("recall", ANN, REPLY, reseal=a_digest("another reply"))

    yield Lie("7.8", "exchanged", told(recalled))

    def matched(world: World) -> None:
        world.reply("reply", by=OLE)
        world.claim(ANN, REPLY)
        world.act("match", ANN, REPLY, mailbox=a_digest("mailbox"), family_key=own)

    yield Lie("8.8", "matched to nobody who wrote", told(matched))


def _of_statements() -> Iterator[Lie]:
    directory = next(name for name, data in a_world().bundle().files.items() if data.startswith(b'{"version"'))
    yield Lie("8.1", "a directory in its place", forged(statement=directory.removeprefix("documents/")))

    def about_another(world: World) -> None:
        note = world.keep(sign_statement(world.statement("release", TWO), ANN.signer))
        world.forging = lambda event, detail: detail.update(statement=note)
        world.pass_on(ANN, ONE)

    yield Lie("8.1", "about another item", told(about_another))

    def half(world: World) -> None:
        digest = world.keep(sign_statement(world.statement("release", ONE, TWO), ANN.signer))
        world.forging = lambda event, detail: detail.update(statement=digest)
        world.act("release", ANN, ONE)
        world.drop_unnamed()

    yield Lie("8.4", "for one of two items", told(half))

    def twice(world: World) -> None:
        digest = world.act("release", ANN, ONE)
        world.claim(ANN, ONE)
        world.forging = lambda event, detail: detail.update(statement=digest)
        world.act("release", ANN, ONE)
        world.drop_unnamed()

    yield Lie("8.4", "twice", told(twice))

    def bagged(world: World) -> None:
        world.pass_on(ANN, ONE)
        world.bag(ONE, manifest=a_digest("another list"))

    yield Lie("8.6", "another list on the bag's cover", told(bagged))
    yield Lie("8.7", "none", forged(statement=None))
    yield Lie("8.7", "a letter without its family", told(lambda world: world.accept("three", signer=None)))


def _of_signers() -> Iterator[Lie]:
    yield Lie("8.2", "suspended", told(lambda world: world.suspend(ANN), lambda world: world.pass_on(ANN, ONE)))
    zoe = replace(ANN, name="Zoe")
    yield Lie("8.2", "unknown", told(lambda world: world.claim(zoe, world.accept("three"))))
    false = Signer.ed25519(ANN.signer.vkey.name, b"o" * 32)
    yield Lie("8.3", "another's key", told(lambda world: world.act("release", ANN, ONE, signer=false)))
    yield Lie("8.3", "another family", told(lambda world: world.by_family("withdraw", "two", ONE)))
    yield Lie(None, "the family", told(lambda world: world.by_family("withdraw", "one", ONE)))

    def role(world: World) -> None:
        world.pass_on(ANN, ONE)
        member = replace(ANN.listed(), roles=("dispatcher",))
        world.act("bag", ANN, ONE, bag=an_id("bag"), to=CAMP, member=member)

    yield Lie("8.5", "a reviewer packs", told(role))

    def desk(world: World) -> None:
        world.pass_on(ANN, ONE)
        bag = world.bag(ONE)
        world.act("receive", BEA, ONE, bag=bag, member=replace(BEA.listed(), desks=(CAMP,)))

    yield Lie("8.5", "a bureau receives for a camp", told(desk))


def _of_files() -> Iterator[Lie]:
    files = a_world().bundle().files
    statement = next(name for name, data in files.items() if data.startswith(b"letter-relay/statement"))
    yield Lie("9.1", "a statement is missing", with_file(statement, None))
    yield Lie("9.1", "a statement is another", with_file(statement, files[statement] + b" "))
    yield Lie("9.2", "a document too many", with_file(f"documents/{a_digest('x')}", b"x"))
    yield Lie("9.2", "a file too many", with_file("notes.txt", b"x"))


def _of_receipts() -> Iterator[Lie]:
    world = a_world()
    opening = world.openings[0]
    assert isinstance(opening, EventOpening)
    receipt, files = _receipt(world, opening), world.bundle().files
    yield Lie(None, "a receipt of this log", files, {"receipt": receipt})
    yield Lie("11.1", "a receipt with another index", files, {"receipt": receipt.replace(b"index 2", b"index 1")})
    other = an_open_world()
    other.commit("run", REG, opened=False, document=a_digest("run"))
    other.accept("one")
    foreign = other.openings[0]
    assert isinstance(foreign, EventOpening)
    yield Lie("11.2", "a receipt of another view", files, {"receipt": _receipt(other, foreign)})


def _receipt(world: World, opening: EventOpening) -> bytes:
    """Give the receipt for an item's acceptance, against the log as it was when that was logged."""
    leaves = list(map(leaf_hash, world.entries[: opening.index + 1]))
    appended = append(append(Edge.empty(), leaves[:-1]).edge, leaves[-1:])
    signed = sign_checkpoint(Checkpoint(ORIGIN, len(leaves), appended.edge.root()), LOG)
    extra = encode_receipt(Receipt(tag(opening.tag_key, 0), opening.nonce, opening.event))
    return encode_proof(Proof(opening.index, prove_batch(appended)[0], signed, extra))
