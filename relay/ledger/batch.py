"""The working set of one batch: what was loaded under the lock, and what will be written if every line of it holds."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from keys.errors import Refused
from keys.ids import Random
from relay.custody.checkpoint import Checkpoint
from relay.custody.entry import commitment, encode_custody, tag
from relay.domain.commands import Command
from relay.domain.decide import Decision, Setting, decide
from relay.domain.in_force import InForce
from relay.domain.items import Item
from relay.domain.register import Row
from relay.domain.states import RULES, Action
from relay.storage.custody_log import Authority, Commitment, Opening
from relay.storage.parts import Part

if TYPE_CHECKING:
    from relay.ledger.erasure import Erasure

NONCE_BYTES = 32


class UnknownItem(Refused):
    """The relay has no such item."""

    code = "unknown_item"
    cure = "Check the item's id; if it came from a printed sheet, type it again."


class MissingPart(Refused):
    """A sealed file that this names has not been uploaded."""

    code = "missing_part"
    cure = "Upload the sealed files first, then send this again; uploads left unused are swept after 48 hours."


class DuplicateItem(Refused):
    """Another item has this id already, with other bytes."""

    code = "duplicate_item"
    cure = "Nothing was replaced. If you meant to send another letter, seal it anew: it gets an id of its own."


@dataclass(frozen=True, slots=True)
class Rules:
    """
    What the agreement fixes for the door.

    Attributes:
        route: Review desks of every item, in order; empty for the directory's intake desk alone.
        claim_seconds: How long a claim runs, 1,800 by default.
        claim_letters: How many letters of one detainee a reviewer may hold, 20.
        claim_detainees: Of how many detainees, 5.
    """

    route: tuple[str, ...] = ()
    claim_seconds: int = 1_800
    claim_letters: int = 20
    claim_detainees: int = 5


@dataclass(frozen=True, slots=True)
class Claiming:
    """What has to be loaded for a claim: the lines of its items' detainees at a desk, and what the claimant holds."""

    desk: str
    staff: str
    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Needs:
    """What a submission reads, so that a batch loads it all in a few queries."""

    items: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    mailboxes: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    claiming: Claiming | None = None
    work: str | None = None
    #: Whether the register's rows of the items' own detainees are needed too.
    whereabouts: bool = False
    #: Whether the part 0 that each item had before its last event is needed too.
    earlier: bool = False


@dataclass(frozen=True, slots=True)
class Settled:
    """
    The batch once its leaves have been appended.

    Attributes:
        proof_of: Gives the inclusion proof of a new entry by its log index.
        signed: The batch's checkpoint, as a note.
    """

    checkpoint: Checkpoint
    signed: bytes
    proof_of: Callable[[int], tuple[bytes, ...]]


#: Makes the answer once the batch has a root to prove against.
Answer = Callable[[Settled], bytes]


class Submission(Protocol):
    """Something brought to the door."""

    @property
    def key(self) -> str:
        """The idempotency key: the item's id for an accept, the statement's SHA-256 otherwise."""

    @property
    def request(self) -> str:
        """SHA-256 (hex) of all that was asked: the same key with another request is a conflict."""

    def needs(self) -> Needs:
        """Say what has to be loaded."""

    def apply(self, draft: "Draft") -> Answer:
        """
        Do it to a draft, which is thrown away if this raises.

        Raises:
            Refused: Any rule says no; its neighbours in the batch go on.
        """


@dataclass(slots=True)
class Changes:
    """What submissions have changed, in the order of the log."""

    entries: list[bytes] = field(default_factory=list)
    items: dict[str, Item] = field(default_factory=dict)
    tag_keys: dict[str, bytes] = field(default_factory=dict)
    openings: list[Opening] = field(default_factory=list)
    documents: list[tuple[str, str, bytes]] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    mailboxes: dict[str, str] = field(default_factory=dict)
    contacts: dict[str, str] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)
    authority: list[Authority] = field(default_factory=list)
    commitments: list[Commitment] = field(default_factory=list)
    work: list[tuple[str, int]] = field(default_factory=list)
    expired: list[str] = field(default_factory=list)
    erasures: list["Erasure"] = field(default_factory=list)
    in_force: InForce | None = None

    def absorb(self, other: "Changes") -> None:
        """Take over what a submission changed, now that it holds."""
        for name in (
            "entries",
            "openings",
            "documents",
            "parts",
            "authority",
            "commitments",
            "work",
            "expired",
            "erasures",
        ):
            if more := getattr(other, name):
                getattr(self, name).extend(more)
        for name in ("items", "tag_keys", "mailboxes", "contacts", "rows"):
            if more := getattr(other, name):
                getattr(self, name).update(more)
        self.in_force = other.in_force or self.in_force


def line_of(item: Item) -> tuple[str, str, str]:
    """Name the line that an item is in: its desk, its detainee, its mailbox; without a mailbox it is alone in one."""
    return (item.desk, item.detainee, item.mailbox or item.id)


@dataclass(slots=True)
class Places:
    """
    Where items are, so that a claim finds its lines without looking at every item of the batch.

    An item stays noted wherever it has been; whoever asks looks at the item as it stands.
    """

    lines: dict[tuple[str, str, str], set[str]] = field(default_factory=dict)
    hands: dict[str, set[str]] = field(default_factory=dict)

    def note(self, item: Item) -> None:
        """Note at which desk an item waits, in which line, and who has claimed it."""
        self.lines.setdefault(line_of(item), set()).add(item.id)
        if item.claimant is not None:
            self.hands.setdefault(item.claimant, set()).add(item.id)


@dataclass(slots=True)
class Loaded:
    """What was loaded for a batch, by key."""

    items: dict[str, Item] = field(default_factory=dict)
    tag_keys: dict[str, bytes | None] = field(default_factory=dict)
    part_lines: dict[str, str] = field(default_factory=dict)
    mailboxes: dict[str, str] = field(default_factory=dict)
    rows: dict[str, Row] = field(default_factory=dict)
    spent_work: set[str] = field(default_factory=set)
    earlier_parts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Batch:
    """
    One transaction's worth of submissions.

    Attributes:
        relay: The relay id (hex).
        origin: The log's origin.
        size: The log's size before.
        at: The relay's clock for the whole batch, UTC.
        changes: What has been taken so far.
    """

    relay: str
    origin: str
    size: int
    at: str
    rules: Rules
    random: Random
    loaded: Loaded
    in_force: InForce
    changes: Changes = field(default_factory=Changes)
    places: Places = field(default_factory=Places)

    def __post_init__(self) -> None:
        """Note where the loaded items are."""
        for item in self.loaded.items.values():
            self.places.note(item)

    def take(self, submission: Submission) -> Answer:
        """
        Apply one submission; if it is refused, the batch is as it was before.

        Raises:
            Refused: By the submission.
        """
        draft = Draft(self)
        answer = submission.apply(draft)
        self.changes.absorb(draft.changes)
        for item in draft.changes.items.values():
            self.places.note(item)
        return answer


class Draft:
    """What one submission would change, over what the batch has so far."""

    def __init__(self, batch: Batch) -> None:
        """Begin with no changes."""
        self._batch = batch
        self._random = batch.random
        self.changes = Changes()
        self.relay = batch.relay
        self.origin = batch.origin
        self.at = batch.at
        self.rules = batch.rules

    @property
    def index(self) -> int:
        """The log index of the next entry."""
        return self._batch.size + len(self._batch.changes.entries) + len(self.changes.entries)

    @property
    def in_force(self) -> InForce:
        """Who has authority at `index`."""
        return self.changes.in_force or self._batch.changes.in_force or self._batch.in_force

    def item(self, item_id: str) -> Item:
        """
        Return an item as it stands after what came before in the batch.

        Raises:
            UnknownItem: There is none.
        """
        item = self.find_item(item_id)
        if item is None:
            raise UnknownItem
        return item

    def find_item(self, item_id: str) -> Item | None:
        """Return an item, or None."""
        batch = self._batch
        return self.changes.items.get(item_id) or batch.changes.items.get(item_id) or batch.loaded.items.get(item_id)

    def in_line_with(self, items: Iterable[Item]) -> list[Item]:
        """List all that is in the lines of some items, as it stands after what came before in the batch."""
        lines = set(map(line_of, items))
        found = (self.item(item) for line in lines for item in self._batch.places.lines.get(line, ()))
        return [item for item in found if line_of(item) in lines]

    def claimed_by(self, staff: str) -> list[Item]:
        """List the items that a reviewer was the last to claim, as they stand after what came before in the batch."""
        items = map(self.item, self._batch.places.hands.get(staff, ()))
        return [item for item in items if item.claimant == staff]

    def part_line(self, digest: str) -> str:
        """
        Return the first line of a sealed file.

        Raises:
            MissingPart: It was not uploaded.
        """
        line = self._batch.loaded.part_lines.get(digest)
        if line is None:
            for part in (*self._batch.changes.parts, *self.changes.parts):
                if part.digest == digest:
                    return part.line
            raise MissingPart
        return line

    def earlier_part(self, item_id: str) -> str | None:
        """Return the part 0 that an item had before its last event, as it was loaded."""
        return self._batch.loaded.earlier_parts.get(item_id)

    def mailbox_signer(self, mailbox: str) -> str | None:
        """Return the signer of a mailbox, or None if it does not exist yet."""
        batch = self._batch
        return batch.changes.mailboxes.get(mailbox) or batch.loaded.mailboxes.get(mailbox)

    def row(self, number: str) -> Row | None:
        """Return what the register says of a number."""
        return self._batch.changes.rows.get(number) or self._batch.loaded.rows.get(number)

    def is_spent(self, work: str) -> bool:
        """Say whether a proof of work was used before."""
        return work in self._batch.loaded.spent_work or any(work == spent for spent, _ in self._batch.changes.work)

    def fresh(self) -> bytes:
        """Draw 32 random bytes."""
        return self._random(NONCE_BYTES)

    def record(self, item: Item | None, command: Command, *, tag_key: bytes | None = None) -> Decision:
        """
        Decide one command about one item, and keep the item together with the event that explains it.

        Args:
            tag_key: For an item that comes in, its new tag key.

        Raises:
            Refused: By `decide`.
        """
        setting = Setting(
            directory=self.in_force.opened(at=self.at),
            at=self.at,
            index=self.index,
            event_nonce=self.fresh(),
            detail_nonce=self.fresh(),
        )
        decision = decide(item, command, setting)
        key = tag_key or self._tag_key(decision.item.id)
        entry = encode_custody(
            tag(key, decision.event.seq), commitment(setting.event_nonce, decision.event_json.encode())
        )
        opening = Opening(
            log_index=setting.index,
            item=decision.item.id,
            seq=decision.event.seq,
            shown=RULES[decision.action].shown,
            event=decision.event_json,
            event_nonce=setting.event_nonce,
            detail=decision.detail_json,
            detail_nonce=setting.detail_nonce,
        )
        self.changes.entries.append(entry)
        self.changes.openings.append(opening)
        self.changes.items[decision.item.id] = decision.item
        if decision.action is Action.EXPIRE:
            self.changes.expired.append(decision.item.id)
        if tag_key is not None:
            self.changes.tag_keys[decision.item.id] = tag_key
        return decision

    def _tag_key(self, item_id: str) -> bytes:
        batch = self._batch
        key = self.changes.tag_keys.get(item_id) or batch.changes.tag_keys.get(item_id)
        key = key or batch.loaded.tag_keys.get(item_id)
        if key is None:
            raise UnknownItem("the item's evidence has been erased")
        return key
