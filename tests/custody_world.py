"""
A small relay in memory that writes its log as the door does: what audits are tested on.

It decides by the same function and knows the same formats, but has no database, so that a test can also make it lie:
log what was never decided, sign with another's key, leave a file out.
"""

import hashlib
import itertools
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from keys.agefile import HybridIdentity
from keys.canonical import encode_json
from keys.codes import directory_name, family_name, root_name, staff_name
from keys.directory import (
    Desk,
    Directory,
    Epoch,
    StaffMember,
    Trust,
    describe_directory,
    encode_directory,
    recipient_digest,
    sign_directory,
    sign_trust,
)
from keys.ids import format_time, parse_time
from keys.notes import Signer, note_digest
from keys.statements import Statement, Subject, sign_statement
from relay.custody.bagfile import manifest_digest
from relay.custody.bundle import EventOpening, Opening, StatementOpening, encode_opening
from relay.custody.checkpoint import Checkpoint, sign_checkpoint
from relay.custody.edge import Edge, append
from relay.custody.entry import (
    ClearKind,
    CommittedKind,
    commitment,
    encode_clear,
    encode_committed,
    encode_custody,
    encode_erasure,
    tag,
)
from relay.custody.merkle import leaf_hash
from relay.custody.tiles import TileId, encode_bundle, entry_bundles, tile_path
from relay.domain.commands import (
    Acceptance,
    AcceptLetter,
    AcceptReply,
    ActByFamily,
    ActByRelay,
    ActByStaff,
    Command,
    Signed,
)
from relay.domain.decide import Decision, Setting, decide
from relay.domain.events import detail_mac
from relay.domain.in_force import InForce
from relay.domain.items import Item
from relay.domain.states import Action, Kind, State


def secret(word: str) -> bytes:
    """Make 32 bytes of a word."""
    return hashlib.sha256(word.encode()).digest()


def an_id(word: str) -> str:
    """Make an id of a word."""
    return secret(word)[:16].hex()


def a_digest(word: str) -> str:
    """Make a digest of a word."""
    return secret(word).hex()


RELAY = an_id("relay")
ORIGIN = "relay.example/log/1"
ROOT = Signer.ed25519(root_name(RELAY), secret("root"))
LOG = Signer.ed25519(ORIGIN, secret("log"))
OPERATORS = tuple(Signer.ed25519(directory_name(RELAY, n), secret(f"operator {n}")) for n in (1, 2, 3))
TRUST = Trust(
    version=1,
    root=str(ROOT.vkey),
    relay=RELAY,
    origin=ORIGIN,
    log=(str(LOG.vkey),),
    directory=tuple(str(operator.vkey) for operator in OPERATORS),
    k=2,
    policy="quorum none\n",
    previous=None,
)
FINGERPRINT = TRUST.fingerprint

START = "2026-11-20T08:00:00Z"
EXPIRES = "2027-02-01T00:00:00Z"
NUMBER, OTHER_NUMBER = "410987654320", "955649349939"

MEDIATOR, SECOND, CAMP, FARM, BUREAU = map(an_id, ("mediator", "second desk", "camp", "farm", "bureau"))


def recipient(word: str) -> str:
    """Make a desk's recipient of a word."""
    return str(HybridIdentity.from_seed(secret(word)).recipient())


@dataclass(frozen=True)
class Person:
    """A member of staff with their key."""

    name: str
    desks: tuple[str, ...]
    roles: tuple[str, ...]

    @property
    def id(self) -> str:
        """The staff id."""
        return an_id(self.name)

    @property
    def signer(self) -> Signer:
        """The signing key."""
        return Signer.ed25519(staff_name(RELAY, self.id), secret(self.name))

    def listed(self) -> StaffMember:
        """Stand in the directory."""
        identity = HybridIdentity.from_seed(secret(f"{self.name}, age"))
        return StaffMember(
            id=self.id,
            person=an_id(f"{self.name}, person"),
            desks=self.desks,
            roles=self.roles,
            vkey=str(self.signer.vkey),
            recipient_sha256=recipient_digest(identity.recipient()),
        )


ANN = Person("Ann", (MEDIATOR,), ("reviewer",))
BEN = Person("Ben", (MEDIATOR, SECOND), ("reviewer",))
CYD = Person("Cyd", (MEDIATOR,), ("senior",))
DAN = Person("Dan", (MEDIATOR,), ("dispatcher",))
OLE = Person("Ole", (CAMP,), ("officer",))
BEA = Person("Bea", (BUREAU,), ("officer",))
REG = Person("Reg", (MEDIATOR,), ("registrar",))
AUD = Person("Aud", (), ("auditor",))
OPI = Person("Opi", (), ("operator",))
STAFF = (ANN, BEN, CYD, DAN, OLE, BEA, REG, AUD, OPI)


def epochs(word: str) -> tuple[Epoch, ...]:
    """Give a desk one key."""
    return (Epoch(1, recipient(word), "2026-11-01T00:00:00Z"),)


DIRECTORY = Directory(
    version=1,
    intake=MEDIATOR,
    sides=("north", "south"),
    desks=(
        Desk(MEDIATOR, "review", None, keyless=False, epochs=epochs("mediator")),
        Desk(SECOND, "review", None, keyless=False, epochs=epochs("second desk")),
        Desk(CAMP, "facility", "north", keyless=False, epochs=epochs("camp")),
        Desk(FARM, "facility", "south", keyless=True, epochs=()),
        Desk(BUREAU, "bureau", "south", keyless=False, epochs=epochs("bureau")),
    ),
    staff=tuple(person.listed() for person in STAFF),
)


@dataclass
class MemoryBundle:
    """A bundle as a table of files."""

    files: dict[str, bytes]
    listed: bool = True

    def checkpoint(self) -> bytes | None:
        """Return the checkpoint."""
        return self.files.get("checkpoint")

    def tile(self, tile: TileId) -> bytes | None:
        """Return a tile."""
        return self.files.get(tile_path(tile))

    def openings(self):
        """Yield lines."""
        yield from self.files.get("openings.jsonl", b"").splitlines(keepends=True)

    def document(self, digest: str) -> bytes | None:
        """Return a document."""
        return self.files.get(f"documents/{digest}")

    def names(self):
        """List the files, or say that they cannot be listed."""
        return list(self.files) if self.listed else None


#: Changes the next event and its detail after they were decided, and before they are logged.
Forgery = Callable[[dict[str, Any], dict[str, Any]], None]


@dataclass
class World:
    """
    The relay, with all that it knows.

    Attributes:
        forging: What the relay will change in the next event behind everybody's back.
    """

    entries: list[bytes] = field(default_factory=list)
    openings: list[Opening] = field(default_factory=list)
    documents: dict[str, bytes] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    tag_keys: dict[str, bytes] = field(default_factory=dict)
    in_force: InForce = field(default_factory=InForce)
    at: str = START
    forging: Forgery | None = None
    _numbers: Any = field(default_factory=itertools.count)

    # ------------------------------------------------------------ clear entries

    def trust(self, trust: Trust = TRUST, *, root: Signer = ROOT) -> None:
        """Publish a trust."""
        self.entries.append(encode_clear(ClearKind.TRUST, sign_trust(trust, root)))
        self.in_force = self.in_force.with_trust(trust)

    def direct(
        self, directory: Directory = DIRECTORY, *, signers: Sequence[Signer] = OPERATORS[:2], **more: Any
    ) -> None:
        """Publish a directory."""
        document = encode_directory(directory)
        lines = describe_directory(
            document, version=directory.version, previous=self.in_force.note_bytes, expires=EXPIRES
        )
        lines = replace(lines, **more)
        note = sign_directory(lines, signers)
        self.entries.append(encode_clear(ClearKind.DIRECTORY, note))
        self.documents[hashlib.sha256(document).hexdigest()] = document
        self.in_force = self.in_force.with_directory(note, lines, directory)

    def suspend(self, person: Person, *, by: Person = OPI, signer: Signer | None = None) -> None:
        """Suspend a key."""
        statement = Statement(
            "suspend", RELAY, self.version, self.at, fields={"staff": person.id, "reason": "LOST_DEVICE"}
        )
        self.entries.append(encode_clear(ClearKind.SUSPEND, sign_statement(statement, signer or by.signer)))
        self.in_force = self.in_force.with_suspension(person.id)

    def commit(self, kind: str, by: Person, *, opened: bool = True, **fields: Any) -> None:
        """Commit to a statement about no item."""
        note = sign_statement(Statement(kind, RELAY, self.version, self.at, fields=fields), by.signer)
        nonce = self.fresh()
        if opened:
            self.openings.append(StatementOpening(len(self.entries), nonce, note_digest(note)))
            self.documents[note_digest(note)] = note
        self.entries.append(encode_committed(CommittedKind(kind), commitment(nonce, note)))

    def erase(self, *indexes: int, size: int | None = None) -> None:
        """Destroy openings, and log that."""
        self.openings = [opening for opening in self.openings if opening.index not in indexes]
        self.entries.append(encode_erasure(size or len(self.entries), indexes))

    def erase_item(self, item: str) -> None:
        """Destroy all that opens an item, and the statements that nothing else names."""
        self.erase(*(one.index for one in self.of_item(item)))
        self.drop_unnamed()

    # ------------------------------------------------------------ items

    @property
    def version(self) -> int:
        """The version of the directory in force."""
        return self.in_force.directory.version if self.in_force.directory else 0

    def wait(self, **time: float) -> None:
        """Let time pass."""
        self.at = format_time(parse_time(self.at) + timedelta(**time))

    def fresh(self) -> bytes:
        """Make 32 bytes that were not used before."""
        return secret(f"random {next(self._numbers)}")

    def accept(
        self, name: str, *, route: tuple[str, ...] = (MEDIATOR,), into: State = State.QUEUED, **more: Any
    ) -> str:
        """Take a family's letter in."""
        acceptance = self.acceptance(name, Kind.LETTER, route=route, into=into, **more)
        self.record(None, AcceptLetter(acceptance))
        return acceptance.item

    def reply(
        self, *names: str, by: Person, re: str = "new", route: tuple[str, ...] = (MEDIATOR,), **fields: Any
    ) -> list[str]:
        """Take replies in."""
        detainee = self.items[re].detainee if re in self.items else NUMBER
        all_of = [
            self.acceptance(name, Kind.REPLY, route=route, re=re, signer=None, detainee=detainee) for name in names
        ]
        subjects = tuple(Subject(one.item, None, one.parts) for one in all_of)
        statement = Statement("reply-accept", RELAY, self.version, self.at, subjects, fields)
        digest = self.keep(sign_statement(statement, by.signer))
        for position, one in enumerate(all_of):
            self.record(None, AcceptReply(one, Signed(statement, digest, position, by.listed())))
        return [one.item for one in all_of]

    def acceptance(self, name: str, kind: Kind, **more: Any) -> Acceptance:
        """Fix what the relay fixes."""
        tag_key = self.fresh()
        item = an_id(name)
        self.tag_keys[item] = tag_key
        fields: dict[str, Any] = {
            "item": item,
            "kind": kind,
            "detainee": NUMBER,
            "route": (MEDIATOR,),
            "parts": (a_digest(f"{name}, part 0"), a_digest(f"{name}, photo")),
            "re": None,
            "mailbox": None,
            "signer": family(name).vkey.public.hex(),
            "tag_key": hashlib.sha256(tag_key).hexdigest(),
            "into": State.QUEUED,
        }
        return Acceptance(**fields | more)

    def act(
        self,
        kind: str,
        by: Person,
        *items: str,
        reseal: bool | str = False,
        signer: Signer | None = None,
        member: StaffMember | None = None,
        until: str | None = None,
        family_key: str | None = None,
        **fields: Any,
    ) -> str:
        """Carry out a statement by staff, whom the relay may take for somebody else; returns its digest."""
        statement = self.statement(kind, *items, reseal=reseal, **fields)
        digest = self.keep(sign_statement(statement, signer or by.signer))
        for position, item in enumerate(items):
            signed = Signed(statement, digest, position, member or by.listed())
            self.record(self.items[item], ActByStaff(signed, until=until, signer=family_key))
        return digest

    def statement(self, kind: str, *items: str, reseal: bool | str = False, **fields: Any) -> Statement:
        """Make a statement about some items as they stand."""
        subjects = tuple(self.subject(item, reseal=reseal) for item in items)
        version = None if kind in ("withdraw", "collected") else self.version
        statement = Statement(kind, RELAY, version, self.at, subjects, fields)
        if kind == "bag" and "manifest" not in fields:
            statement = replace(statement, fields={**fields, "manifest": a_digest("none")})
            statement = replace(statement, fields={**fields, "manifest": manifest_digest(statement)})
        return statement

    def subject(self, item_id: str, *, reseal: bool | str) -> Subject:
        """Name an item by its head, with a part 0 that was sealed anew, or with one that it had before."""
        item = self.items[item_id]
        first = (
            reseal if isinstance(reseal, str) else a_digest(f"{item.parts[0]} resealed") if reseal else item.parts[0]
        )
        return Subject(item.id, item.head, (first, *item.parts[1:]))

    def by_family(self, kind: str, name: str, *items: str, signer: Signer | None = None) -> None:
        """Carry out a family's statement: it has seen only what it was shown."""
        shown = tuple(Subject(item, self.items[item].shown, self.items[item].parts) for item in items)
        statement = Statement(kind, RELAY, None, self.at, shown)
        digest = self.keep(sign_statement(statement, signer or family(name)))
        for position, item in enumerate(items):
            self.record(self.items[item], ActByFamily(statement, digest, position))

    def by_relay(self, action: Action, item: str) -> None:
        """Carry out the relay's own policy."""
        self.record(self.items[item], ActByRelay(action))

    def claim(self, by: Person, *items: str, desk: str = MEDIATOR) -> None:
        """Claim items for half an hour."""
        until = format_time(parse_time(self.at) + timedelta(minutes=30))
        self.act("claim", by, *items, desk=desk, until=until)

    def pass_on(self, by: Person, *items: str, place: str = CAMP, **fields: Any) -> None:
        """Pass items to a place."""
        sealed_to = MEDIATOR if place == FARM else place
        self.act("pass", by, *items, reseal=True, to=(f"{sealed_to}/1",), place=place, **fields)

    def bag(self, *items: str, place: str = CAMP, number: str = "bag", **fields: Any) -> str:
        """Pack a bag."""
        self.act("bag", DAN, *items, bag=an_id(number), to=place, **fields)
        return an_id(number)

    def record(self, item: Item | None, command: Command) -> Decision:
        """Decide, and log it, as the door does."""
        nonce, detail_nonce = self.fresh(), self.fresh()
        directory = self.in_force.opened(at=self.at)
        decision = decide(item, command, Setting(directory, self.at, len(self.entries), nonce, detail_nonce))
        self.items[decision.item.id] = decision.item
        event, detail = self.forged(decision.event_json, decision.detail_json, detail_nonce)
        self.log(decision.item.id, decision.item.seq, event, detail, nonces=(nonce, detail_nonce))
        return decision

    def forged(self, event_json: str, detail_json: str, detail_nonce: bytes) -> tuple[str, str]:
        """Forge an event and its detail, if that was asked for, so that all hashes fit."""
        if self.forging is None:
            return event_json, detail_json
        event, detail = json.loads(event_json), json.loads(detail_json)
        self.forging(event, detail)
        self.forging = None
        detail_json = encode_json(detail)
        if "detail" in event:
            event["detail"] = detail_mac(detail_nonce, detail_json)
        return encode_json(event), detail_json

    def log(self, item: str, seq: int, event: str, detail: str, *, nonces: tuple[bytes, bytes]) -> None:
        """Log an event, whether anybody decided it or not."""
        tag_key = self.tag_keys[item]
        self.openings.append(EventOpening(len(self.entries), tag_key, nonces[0], event, nonces[1], detail))
        self.entries.append(encode_custody(tag(tag_key, seq), commitment(nonces[0], event.encode())))

    def keep(self, note: bytes) -> str:
        """File a document."""
        self.documents[note_digest(note)] = note
        return note_digest(note)

    # ------------------------------------------------------------ evidence

    def of_item(self, item: str) -> list[EventOpening]:
        """Find an item's openings."""
        events = (one for one in self.openings if isinstance(one, EventOpening))
        return [one for one in events if f'"item":"{item}"' in one.event]

    def rewrite(self, position: int, change: Callable[[Any], Opening]) -> None:
        """Give another opening for an entry, and leave the entry as it is."""
        self.openings[position] = change(self.openings[position])

    def drop_unnamed(self) -> None:
        """Drop the statements that no opening names any more."""
        details = "".join(one.detail if isinstance(one, EventOpening) else one.statement for one in self.openings)
        for digest, document in list(self.documents.items()):
            if document.startswith(b"letter-relay/statement") and digest not in details:
                del self.documents[digest]

    def checkpoint(self, size: int | None = None, *, signer: Signer = LOG) -> bytes:
        """Sign the log as it is, or as it was."""
        leaves = list(map(leaf_hash, self.entries[:size]))
        root = append(Edge.empty(), leaves).edge.root()
        return sign_checkpoint(Checkpoint(signer.vkey.name, len(leaves), root), signer)

    def bundle(self) -> MemoryBundle:
        """Export the evidence."""
        files = {"checkpoint": self.checkpoint()}
        appended = append(Edge.empty(), list(map(leaf_hash, self.entries)))
        for tile in (*appended.tiles, *appended.edge.partials()):
            files[tile_path(tile.tile)] = tile.data
        for one in entry_bundles(len(self.entries)):
            files[tile_path(one)] = encode_bundle(self.entries[one.index * 256 : one.index * 256 + one.width])
        files["openings.jsonl"] = b"".join(map(encode_opening, self.openings))
        for digest, document in self.documents.items():
            files[f"documents/{digest}"] = document
        return MemoryBundle(files)


def family(name: str) -> Signer:
    """Give a family its key."""
    return Signer.ed25519(family_name(RELAY), secret(f"family of {name}"))


def an_open_world() -> World:
    """Open a relay: a trust, and a directory."""
    world = World()
    world.trust()
    world.direct()
    return world


def a_busy_world(*, letters: int = 260) -> World:
    """
    Let every kind of move happen at least once, under two trusts and two directories.

    Args:
        letters: How many more letters just wait, so that the tree has more than one tile.
    """
    world = an_open_world()
    world.commit("register", REG, document=a_digest("page"), rows=a_digest("rows"))
    _deliveries(world)
    _strays(world)
    _decisions(world)
    world.commit(
        "audited", AUD, size=3, root=append(Edge.empty(), list(map(leaf_hash, world.entries[:3]))).edge.root().hex()
    )
    world.suspend(ANN)
    world.trust(replace(TRUST, version=2))
    world.direct(replace(DIRECTORY, version=2))
    _replies(world)
    world.erase_item(an_id("lapsed"))
    world.commit("register", REG, opened=False, document=a_digest("page 2"), rows=a_digest("rows 2"))
    for number in range(letters):
        world.wait(seconds=number)
        world.accept(f"waiting {number}", detainee=(NUMBER, OTHER_NUMBER)[number % 2])
    return world


def _deliveries(world: World) -> None:
    """Three letters to a camp, and one to a farm without computers."""
    a, b, c = (world.accept(name) for name in ("signed", "on paper", "refused"))
    farm = world.accept("farm", detainee=OTHER_NUMBER)
    world.wait(minutes=5)
    world.claim(ANN, a, b, c)
    world.claim(BEN, farm)
    world.wait(minutes=5)
    world.pass_on(ANN, a, b, c, reasons=("LOCATION",), contact=(a_digest("contact"), None, None))
    world.pass_on(BEN, farm, place=FARM)
    bag, farm_bag = world.bag(a, b, c), world.bag(farm, place=FARM, number="farm bag")
    world.wait(hours=30)
    world.act("receive", OLE, a, b, c, bag=bag, remarks=({"item": b, "remark": "TORN"},))
    world.act("receive", DAN, farm, bag=farm_bag, paper=a_digest("sheet 1"))
    world.wait(hours=1)
    world.act("deliver", OLE, a)
    world.act("deliver", OLE, b, paper=a_digest("sheet 2"))
    world.act("refuse", OLE, c)
    world.act("deliver", DAN, farm, paper=a_digest("sheet 3"))
    world.wait(days=10)
    world.by_relay(Action.EXPIRE, a)


def _strays(world: World) -> None:
    """Bring in letters that get lost, found, redirected or come back, and one that is still in its bag."""
    lost, found, moved, back, lying = (world.accept(name) for name in ("lost", "found", "moved", "back", "lying"))
    far = world.accept("far", route=(MEDIATOR, SECOND))
    world.claim(BEN, lost, found, moved, back, lying, far)
    world.pass_on(BEN, lost, found, moved, back, lying)
    world.act("pass", BEN, far, reseal=True, to=(f"{SECOND}/1",))
    world.claim(BEN, far, desk=SECOND)
    world.pass_on(BEN, far)
    bag = world.bag(lost, found, moved, back, lying)
    world.act("missing", OLE, lost, found, moved, bag=bag)
    world.act("receive", OLE, back, bag=bag)
    world.act("find", OLE, found, bag=bag)
    world.act("declare_lost", DAN, lost, bag=bag)
    world.act("redirect", ANN, moved, reseal=True, to=(f"{MEDIATOR}/1",), place=FARM)
    world.act("fail", OLE, back, reasons=("TRANSFERRED",))
    world.act("return", ANN, back, reasons=("NOT_FOUND",))


def _decisions(world: World) -> None:
    """Bring in letters that are held, withheld, overturned, escalated, returned, withdrawn, or lapse."""
    held, lapsed, over = (
        world.accept(name, into=State.HELD, detainee="unknown") for name in ("held", "lapsed", "over")
    )
    withheld, overturned, unread = (world.accept(name) for name in ("withheld", "overturned", "unread"))
    world.claim(ANN, held)
    world.act("release", ANN, held, hint="uk")
    world.claim(ANN, held)
    world.act("match", ANN, held, number=NUMBER)
    world.by_relay(Action.LAPSE, lapsed)
    world.by_relay(Action.LAPSE, over)
    world.claim(ANN, withheld, overturned)
    world.act("propose_withhold", ANN, withheld, overturned, reasons=("CODED",))
    world.act("confirm", BEN, withheld, reasons=("CODED",), note=(a_digest("note"),))
    world.act("overturn", BEN, overturned)
    world.claim(BEN, overturned)
    world.act("escalate", BEN, overturned, reasons=("UNSURE",))
    world.claim(CYD, overturned)
    world.act("return", CYD, overturned, reasons=("TOO_LONG",))
    world.claim(BEN, unread)
    world.act("release", BEN, unread)
    world.by_family("withdraw", "unread", unread)


def _replies(world: World) -> None:
    """Bring replies to families, one twice after a lost code, one to a bureau, one from a farm."""
    first, again = world.reply("first reply", "second reply", by=OLE, re=an_id("signed"))
    new = world.reply("new reply", by=OLE)[0]
    world.reply("farm reply", by=DAN, paper=a_digest("sheet 4"))
    key = family("signed").vkey.public.hex()
    world.claim(BEN, first, again, new)
    world.act("pass", BEN, first, again, reseal=True, to=("family",), family_key=key)
    world.by_family("collected", "signed", first)
    new_key = world.items[world.accept("new code")].signer
    mailbox = a_digest("the new mailbox")
    world.act("recall", BEN, again, reseal=a_digest("second reply, part 0"), mailbox=mailbox, family_key=new_key)
    world.claim(BEN, again)
    world.act("pass", BEN, again, reseal=True, to=("family",), family_key=new_key)
    world.by_family("collected", "new code", again)
    meant, *_ = world.reply("reply for the family that wrote before", by=OLE)
    world.claim(BEN, meant)
    world.act("match", BEN, meant, mailbox=mailbox, family_key=new_key)
    world.claim(BEN, meant)
    world.act("pass", BEN, meant, reseal=True, to=("family",), family_key=new_key)
    world.pass_on(BEN, new, place=BUREAU)
    bag = world.bag(new, place=BUREAU, number="bureau bag")
    world.act("receive", BEA, new, bag=bag)
    world.act("deliver", BEA, new)
