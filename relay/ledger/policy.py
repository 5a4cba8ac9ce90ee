"""What the relay does to items by its own policy: they lapse, or expire. Nobody signs it; its log says that it did."""

import hashlib
from dataclasses import dataclass

from keys.canonical import encode_json
from relay.domain.commands import ActByRelay
from relay.domain.states import Action
from relay.ledger.batch import Answer, Draft, Needs, Settled


def policy_key(action: Action, item: str) -> str:
    """Make the idempotency key of one policy about one item: each happens to an item once."""
    return hashlib.sha256(f"{action.value} {item}".encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class PolicyIn:
    """One item lapses or expires."""

    action: Action
    item: str

    @property
    def key(self) -> str:
        """See `policy_key`."""
        return policy_key(self.action, self.item)

    @property
    def request(self) -> str:
        """The key itself: nobody else sends it."""
        return self.key

    def needs(self) -> Needs:
        """Name the item."""
        return Needs(items=(self.item,))

    def apply(self, draft: Draft) -> Answer:
        """Move it. The answer tells nothing of the item, for it is kept until the item is erased."""
        draft.record(draft.item(self.item), ActByRelay(self.action))

        def answer(settled: Settled) -> bytes:
            return encode_json({"v": 1, "size": settled.checkpoint.size}).encode()

        return answer
