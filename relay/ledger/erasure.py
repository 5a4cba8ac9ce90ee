"""
Erasure: destroying what opens an item's entries, so that the log's proofs still verify and tell nothing.

A run is one entry of the log, in the clear, which lists the indexes it closed for good. An item is erased whole or not
at all: a chain with a hole would look like evidence that somebody had removed.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncConnection

from keys.canonical import encode_json
from keys.errors import Refused
from keys.statements import Statement, read_statement
from relay.custody.entry import encode_erasure
from relay.domain.events import parse_detail
from relay.domain.items import Item
from relay.domain.states import Action, State
from relay.ledger.batch import Answer, Draft, Needs, Settled
from relay.ledger.policy import policy_key
from relay.storage import erasing
from relay.storage.parts import load_document

#: About 7,000 indexes fit into an entry of the log.
MAX_INDEXES = 4_000


class NotErasable(Refused):
    """This item's openings are not to be destroyed yet, or not all of them are named."""

    code = "not_erasable"
    cure = "Let the item expire first, and name every entry of its chain."


@dataclass(frozen=True, slots=True)
class Chain:
    """
    The openings of one item, which go together.

    Attributes:
        item: The item's id.
        indexes: The log indexes of all its events.
        statements: Digests of the statements that moved it.
        contacts: Digests of the contacts that were renewed with it.
    """

    item: str
    indexes: tuple[int, ...]
    statements: tuple[str, ...]
    contacts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ErasureIn:
    """A run of erasure, by the relay's own policy."""

    chains: tuple[Chain, ...]

    @property
    def key(self) -> str:
        """SHA-256 (hex) of the items: they are erased once."""
        return hashlib.sha256("".join(("erase", *(chain.item for chain in self.chains))).encode()).hexdigest()

    @property
    def request(self) -> str:
        """The key itself: nobody else sends it."""
        return self.key

    def needs(self) -> Needs:
        """Name the items."""
        return Needs(items=tuple(chain.item for chain in self.chains))

    def apply(self, draft: Draft) -> Answer:
        """
        Log the run; what it names is destroyed in the transaction that writes its entry.

        Raises:
            NotErasable: An item has not expired, or its chain has more or fewer events than are named.
        """
        erased = [self._erasable(draft.item(chain.item), chain) for chain in self.chains]
        indexes = sorted(index for chain in self.chains for index in chain.indexes)
        index = draft.index
        draft.changes.entries.append(encode_erasure(index, indexes))
        statements = {digest for chain in self.chains for digest in chain.statements}
        contacts = {digest for chain in self.chains for digest in chain.contacts}
        draft.changes.erasures.append(Erasure(tuple(erased), tuple(sorted(statements)), tuple(sorted(contacts))))

        def answer(settled: Settled) -> bytes:
            return encode_json({"v": 1, "size": settled.checkpoint.size, "index": index}).encode()

        return answer

    def _erasable(self, item: Item, chain: Chain) -> Item:
        if item.state is not State.EXPIRED or len(chain.indexes) != item.seq + 1:
            raise NotErasable
        return item


@dataclass(frozen=True, slots=True)
class Erasure:
    """What a run destroys: items with all that opens them; statements and contacts, unless others need them still."""

    items: tuple[Item, ...]
    statements: tuple[str, ...]
    contacts: tuple[str, ...]


async def chains_of(connection: AsyncConnection, items: Iterable[str]) -> list[Chain]:
    """Read what a run has to name of some items."""
    indexes: dict[str, list[int]] = defaultdict(list)
    statements: dict[str, set[str]] = defaultdict(set)
    contacts: dict[str, set[str]] = defaultdict(set)
    for item, index, detail in await erasing.load_evidence(connection, list(items)):
        fields = parse_detail(detail)
        indexes[item].append(index)
        statements[item].update({fields["statement"]} if "statement" in fields else ())
        contacts[item].update({fields["contact"]} if "contact" in fields else ())
    return [
        Chain(item, tuple(found), tuple(sorted(statements[item])), tuple(sorted(contacts[item])))
        for item, found in indexes.items()
    ]


async def carry_out(connection: AsyncConnection, erasure: Erasure) -> None:
    """Destroy what a run names, in the transaction that logs it."""
    items = [item.id for item in erasure.items]
    await erasing.delete_items(connection, items)
    policies = [policy_key(action, item) for action in (Action.LAPSE, Action.EXPIRE) for item in items]
    await erasing.delete_answers(connection, [*items, *policies])
    await _forget_statements(connection, erasure.statements)
    mailboxes = {item.mailbox for item in erasure.items if item.mailbox is not None}
    emptied = await erasing.delete_empty_mailboxes(connection, mailboxes)
    await erasing.delete_unused_contacts(connection, [*erasure.contacts, *emptied])
    await erasing.delete_closed_numbers(connection, {item.detainee for item in erasure.items})


async def _forget_statements(connection: AsyncConnection, digests: Iterable[str]) -> None:
    """Delete the statements whose every item is erased; one that names an item which is left stays its evidence."""
    statements: dict[str, Statement] = {}
    for digest in digests:
        found = await load_document(connection, digest)
        if found is not None:
            statements[digest] = read_statement(found[1]).statement
    named = {subject.item for statement in statements.values() for subject in statement.subjects}
    left = await erasing.items_left(connection, named)
    over = {
        digest: statement
        for digest, statement in statements.items()
        if left.isdisjoint(subject.item for subject in statement.subjects)
    }
    scans = [statement.fields["paper"] for statement in over.values() if "paper" in statement.fields]
    await erasing.delete_documents(connection, list(over), sealed=scans)
    await erasing.delete_answers(connection, list(over))
