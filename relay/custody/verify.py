"""
The auditor's whole algorithm, numbered as docs/spec/audit.md.

It needs the bundle, and one thing that does not come from the relay: the fingerprint on paper. It believes no file, no
database and no clock; it recomputes the tree, opens every entry, and decides every move again. All steps must hold, so
their order is free: a tree has to be read before the trust that stands in it can be verified.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from keys.directory import Trust, verify_trust
from keys.errors import EvidenceBroken
from keys.notes import parse_note
from relay.custody.bundle import (
    CHECKPOINT,
    DOCUMENTS,
    OPENINGS,
    Bundle,
    Documents,
    EventOpening,
    Opening,
    OpeningMalformed,
    StatementOpening,
    item_on,
    parse_opening,
)
from relay.custody.checkpoint import Checkpoint, parse_checkpoint
from relay.custody.entry import CommittedEntry, CommittedKind, Entry, ErasureEntry
from relay.custody.powers import Powers, Trusts, check_seen, erased_indexes, read_size, verify_head, verify_trusts
from relay.custody.proof import VerifiedReceipt, parse_proof, verify_receipt
from relay.custody.registered import Registered
from relay.custody.replay import Replay
from relay.custody.report import Erasures, Log, Report, Tally, kind_of
from relay.custody.signers import Statements
from relay.custody.steps import broken, step
from relay.custody.tree import Tree, check_no_more_tiles, custody_tag, is_custody, read_tree
from relay.domain.events import parse_event


@dataclass(frozen=True, slots=True)
class Link:
    """One event of an item's chain, with its place in the log."""

    index: int
    event: str
    detail: str


@dataclass(frozen=True, slots=True)
class Verified:
    """
    Evidence in which nothing is broken.

    Attributes:
        checkpoint: Of what log, how long, with which root.
        note: The checkpoint as signed: keep it, and give it as `seen` the next time.
        trust: The last trust.
        chain: The events of the item that was asked for; empty if none was, or all are erased.
        receipt: The receipt that was asked for.
    """

    checkpoint: Checkpoint
    note: bytes
    trust: Trust
    report: Report
    chain: tuple[Link, ...]
    receipt: VerifiedReceipt | None


def verify(
    bundle: Bundle,
    *,
    fingerprint: str,
    seen: bytes | None = None,
    at: str | None = None,
    item: str | None = None,
    receipt: bytes | None = None,
) -> Verified:
    """
    Verify everything that a bundle of evidence claims.

    Args:
        bundle: The evidence; nothing in it is believed.
        fingerprint: Of the relay's root, 64 hex digits, from paper.
        seen: The checkpoint that this auditor saw last, as it was kept; None the first time.
        at: Now, UTC, to reckon ages by; None for the time of the last event. Nothing is judged by it.
        item: The item whose chain to return.
        receipt: A family's receipt, the whole file, to verify against the same log; its item's chain is returned.

    Raises:
        EvidenceBroken: The step that failed first, by its number in docs/spec/audit.md, and the item that it touches.
    """
    note = bundle.checkpoint()
    tree = read_tree(bundle, read_size(note))  # 4.1 to 4.3, 5.1
    trusts = verify_trusts(tree, fingerprint)  # 1
    head = verify_head(note or b"", trusts)  # 1.4, 2
    if tree.root_at(tree.size) != head.root:
        raise broken("4.4")
    if seen is not None:
        check_seen(seen, tree, trusts)  # 3
    documents = _list_files(bundle, tree.size)  # 4.5, 9.2
    held = None if receipt is None else _verify_receipt(receipt, tree, trusts)  # 11
    walk = _Walk(bundle, tree, Powers(trusts, documents), parse_event(held.receipt.event).item if held else item)
    walk.run()  # 5, 6, 7, 8, 9.1
    documents.check_all_named()  # 9.2
    return Verified(head, note or b"", trusts.at(tree.size), walk.report(at=at), tuple(walk.chain), held)


def verify_receipt_alone(receipt: bytes, trust_note: bytes, *, fingerprint: str) -> VerifiedReceipt:
    """
    Verify a receipt with nothing but a trust note, as a family does that has no bundle.

    It shows that the log signed for the letter; that the log has not been rewritten since, only `verify` shows.

    Args:
        receipt: The whole ``.tlog-proof`` file.
        trust_note: The trust page, from wherever.
        fingerprint: From paper.

    Raises:
        EvidenceBroken: 1.1 or 11.1.
    """
    with step("1.1"):
        trust = verify_trust(trust_note, relay=None, fingerprint=fingerprint)
    with step("11.1"):
        return _checked(verify_receipt(receipt, trust.log_vkeys, origin=trust.origin))


def _verify_receipt(receipt: bytes, tree: Tree, trusts: Trusts) -> VerifiedReceipt:
    with step("11.1"):
        size = parse_checkpoint(parse_note(parse_proof(receipt).checkpoint).text).size
        trust = trusts.at(size)
        verified = _checked(verify_receipt(receipt, trust.log_vkeys, origin=trust.origin))
    if size > tree.size or tree.root_at(size) != verified.checkpoint.root:
        raise broken("11.2")
    return verified


def _checked(verified: VerifiedReceipt) -> VerifiedReceipt:
    """Let only an event through, whatever else a relay may have committed to."""
    parse_event(verified.receipt.event)
    return verified


def _list_files(bundle: Bundle, size: int) -> Documents:
    """Take the list of files, and refuse those that cannot belong to any bundle of this size."""
    names = bundle.names()
    if names is None:
        return Documents(bundle, None)
    every = set(names) - {CHECKPOINT, OPENINGS}
    tiles = {name for name in every if name.startswith("tile/")}
    check_no_more_tiles(tiles, size)
    documents = {name for name in every if name.startswith(DOCUMENTS)}
    if more := every - tiles - documents:
        raise broken("9.2", because=min(more))
    return Documents(bundle, (name.removeprefix(DOCUMENTS) for name in documents))


class _Openings:
    """The openings in their order, one line ahead."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._lines: Iterator[bytes] = bundle.openings()
        self.line = b""
        self.next: Opening | None = None
        self.advance()

    def advance(self) -> None:
        """Read on; after the last line there is none."""
        self.line = next(self._lines, b"")
        try:
            self.next = parse_opening(self.line) if self.line else None
        except OpeningMalformed as error:
            raise self.about_this(broken("6.1")) from error

    def about_this(self, error: EvidenceBroken) -> EvidenceBroken:
        """Name the item that the line ahead is about, as far as can be told, in an error that names none."""
        return error if error.item else broken(error.step, item=item_on(self._bundle, self.line))


class _Walk:
    """One walk through the log, from entry 0 to the last, with the openings beside it."""

    def __init__(self, bundle: Bundle, tree: Tree, powers: Powers, item: str | None) -> None:
        self._tree = tree
        self._powers = powers
        self._item = item
        self._erased = erased_indexes(tree)
        self._erased_tags: set[bytes] = set()
        self._statements = Statements(powers.documents, self._erased)
        self._replay = Replay(self._statements, with_erasures=bool(self._erased))
        self._openings = _Openings(bundle)
        self._tally = Tally()
        self._erasures = Erasures()
        self._registered = Registered()
        self._unopened = 0
        self.chain: list[Link] = []

    def run(self) -> None:
        for index, entry in self._tree.entries():
            if not is_custody(entry):
                self._pass_over(index, self._tree.others[index])
            elif self._powers.in_force.directory is None:
                raise broken("5.5")
            elif index in self._erased:
                self._erased_tags.add(custody_tag(entry))
                self._erasures.meet(index, after=self._replay.at)
            else:
                self._open(index, entry)
        if self._openings.next is not None:
            raise self._openings.about_this(broken("6.2"))
        self._statements.finish()
        self._replay.check_ends(frozenset(self._erased_tags))

    def report(self, *, at: str | None) -> Report:
        if at is not None and at >= self._replay.at:
            self._erasures.reach(at)
        kinds = Counter(map(kind_of, self._tree.others.values()))
        kinds["custody"] = self._tree.size - len(self._tree.others)
        log = Log(
            entries=dict(sorted(kinds.items())),
            erased=len(self._erased),
            erased_after_seconds=self._erasures.shortest_seconds,
            unopened=self._unopened,
            differing_audits=self._powers.differing_audits,
            unlike_register=tuple(self._registered.unlike) if self._registered.is_whole else None,
            directory=self._powers.in_force.directory,
        )
        return self._tally.report((chain.item for chain in self._replay.chains.values()), log, at=at)

    def _open(self, index: int, entry: bytes) -> None:
        opening = self._openings.next
        try:
            if not isinstance(opening, EventOpening) or opening.index != index:
                raise broken("6.2", because=f"entry {index}")
            replayed = self._replay.take(opening, entry, self._powers.in_force)
        except EvidenceBroken as error:
            raise self._openings.about_this(error) from error
        self._tally.count(replayed)
        self._registered.compare(replayed)
        self._erasures.reach(self._replay.at)
        if replayed.decision.item.id == self._item:
            self.chain.append(Link(index, opening.event, opening.detail))
        self._openings.advance()

    def _pass_over(self, index: int, entry: Entry) -> None:
        self._powers.pass_over(index, entry, at=self._replay.at)
        if index in self._erased:
            self._erasures.meet(index, after=self._replay.at)
        if isinstance(entry, ErasureEntry):
            self._erasures.erase(entry)
        if not isinstance(entry, CommittedEntry):
            return
        opening = self._openings.next
        if isinstance(opening, StatementOpening) and opening.index == index and index not in self._erased:
            statement = self._powers.open_statement(opening, entry, self._tree, at=self._replay.at)
            if entry.kind is CommittedKind.REGISTER:
                self._registered.turn(self._powers.documents.find(statement.fields["rows"]))
            self._openings.advance()
        else:
            self._unopened += 1
            if entry.kind is CommittedKind.REGISTER:
                self._registered.turn(None)
