"""An item under custody, and how one action changes it. The relay stores it; an auditor rebuilds it from events."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from relay.domain.commands import Acceptance
from relay.domain.states import Action, Custodian, Kind, Role, State


class Item(NamedTuple):
    """
    One thing under custody.

    Attributes:
        id: 16 random bytes as hex, chosen by whoever sent it.
        detainee: The number as typed, or ``unknown`` until it is matched.
        mailbox: Id of the family's mailbox; None for a reply that is not matched yet. Auditors know only those that a
            statement names.
        route: The review desks it has to pass, in order.
        desk: The review desk where it waits, or the last one that passed it.
        destination: The desk it was passed to; None before.
        holder: Who holds it.
        seq: Number of its last event.
        head: SHA-256 (hex) of its last event.
        shown: SHA-256 (hex) of its last event that the family has been given the opening of.
        parts: SHA-256 (hex) of each part, part 0 first.
        turn: Its place in its line: the log index of its acceptance; 0 puts it to the front.
        waits_in: The state it goes back to when a claim is given up: QUEUED or HELD.
        needs: The role that a claim needs: REVIEWER, or SENIOR once it was escalated.
        claimant: Staff id of whoever claimed it last; None when nobody has.
        until: When that claim lapses (UTC).
        proposer: The person who proposed to withhold it.
        barred: Persons who may not decide it again.
        bag: The bag it was packed in; None before, and once it is redirected.
        re: For a reply the item it answers, or ``new``.
        signer: The family's Ed25519 key (hex); None for a reply that is not matched yet.
        hint: The language of the letter, as whoever released it last noted.
        accepted_at: When it came in (UTC).
        changed_at: When its last event happened (UTC).
    """

    id: str
    kind: Kind
    state: State
    detainee: str
    mailbox: str | None
    route: tuple[str, ...]
    desk: str
    destination: str | None
    holder: Custodian
    seq: int
    head: str
    shown: str
    parts: tuple[str, ...]
    turn: int
    waits_in: State
    needs: Role
    claimant: str | None
    until: str | None
    proposer: str | None
    barred: tuple[str, ...]
    bag: str | None
    re: str | None
    signer: str | None
    hint: str | None
    accepted_at: str
    changed_at: str


def accepted(acceptance: Acceptance, *, turn: int, head: str, at: str) -> Item:
    """Make the item that an acceptance brings into being."""
    return Item(
        id=acceptance.item,
        kind=acceptance.kind,
        state=acceptance.into,
        detainee=acceptance.detainee,
        mailbox=acceptance.mailbox,
        route=acceptance.route,
        desk=acceptance.route[0],
        destination=None,
        holder=Custodian.RELAY,
        seq=0,
        head=head,
        shown=head,
        parts=acceptance.parts,
        turn=turn,
        waits_in=acceptance.into,
        needs=Role.REVIEWER,
        claimant=None,
        until=None,
        proposer=None,
        barred=(),
        bag=None,
        re=acceptance.re,
        signer=acceptance.signer,
        hint=None,
        accepted_at=at,
        changed_at=at,
    )


def moved(before: Item, action: Action, detail: Mapping[str, Any], *, person: str | None, **event: Any) -> Item:
    """
    Apply one action to an item.

    All changes are made at once: an item is copied for every event there ever was, by the door and by each audit.

    Args:
        detail: The fields of the event's detail.
        person: The person who acted, if staff did.
        event: What the event and its statement say of the item: `state`, `parts`, `head`, `shown`, `holder`, `mailbox`.
    """
    changed = {"seq": before.seq + 1, "changed_at": detail["at"], "claimant": None, "until": None}
    changed |= event
    changed |= _changes(before, action, detail, person)
    return before._replace(**changed)


def _changes(  # noqa: C901 - one case for each action that changes more than the state; a table would hide them
    before: Item, action: Action, detail: Mapping[str, Any], person: str | None
) -> dict[str, Any]:
    """Say what an action changes beside the state; for most there is nothing more."""
    match action:
        case Action.CLAIM:
            return {"claimant": detail["staff"], "until": detail["until"]}
        case Action.RELEASE | Action.REHOLD:
            return {"hint": detail.get("hint", before.hint)}
        case Action.MATCH if "detainee" in detail:
            return {"detainee": detail["detainee"], "waits_in": State.QUEUED}
        case Action.MATCH | Action.RECALL if "signer" in detail:
            return {"signer": detail["signer"]}
        case Action.FORWARD:
            return {"desk": detail["desk"]}
        case Action.PASS | Action.REDIRECT:
            return {"destination": detail["desk"], "bag": None}
        case Action.READY:
            return {"signer": detail["signer"]}
        case Action.PROPOSE_WITHHOLD:
            return {"proposer": person}
        case Action.ESCALATE:
            return {"needs": Role.SENIOR}
        case Action.OVERTURN:
            return {"barred": (*before.barred, str(before.proposer)), "proposer": None, "turn": 0}
        case Action.BAG:
            return {"bag": detail["bag"]}
        case _:
            return {}
