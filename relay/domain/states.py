"""The closed tables of an item's life: states, actions, moves, custodians. docs/lifecycle.md has them by hand."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What is under custody."""

    LETTER = "letter"
    REPLY = "reply"
    PARCEL = "parcel"


class State(StrEnum):
    """Where an item is in its life."""

    HELD = "held"
    QUEUED = "queued"
    CLAIMED = "claimed"
    CONTESTED = "contested"
    ESCALATED = "escalated"
    PASSED = "passed"
    BAGGED = "bagged"
    RECEIVED = "received"
    MISSING = "missing"
    READY = "ready"
    RETURNED = "returned"
    WITHHELD = "withheld"
    WITHDRAWN = "withdrawn"
    LOST = "lost"
    DELIVERED = "delivered"
    REFUSED = "refused"
    UNDELIVERABLE = "undeliverable"
    COLLECTED = "collected"
    EXPIRED = "expired"


class Action(StrEnum):
    """What can happen to an item."""

    ACCEPT = "accept"
    HOLD = "hold"
    CLAIM = "claim"
    RELEASE = "release"
    REHOLD = "rehold"
    MATCH = "match"
    LAPSE = "lapse"
    WITHDRAW = "withdraw"
    FORWARD = "forward"
    PASS = "pass"
    READY = "ready"
    RETURN = "return"
    PROPOSE_WITHHOLD = "propose_withhold"
    ESCALATE = "escalate"
    CONFIRM = "confirm"
    OVERTURN = "overturn"
    BAG = "bag"
    RECEIVE = "receive"
    MISS = "missing"
    FIND = "find"
    DECLARE_LOST = "declare_lost"
    DELIVER = "deliver"
    REFUSE = "refuse"
    FAIL = "fail"
    REDIRECT = "redirect"
    COLLECT = "collected"
    RECALL = "recall"
    EXPIRE = "expire"


class Custodian(StrEnum):
    """Who holds an item, as a class: never which desk, which would tell the family the camp."""

    FAMILY = "family"
    RELAY = "relay"
    MEDIATOR = "mediator"
    FACILITY = "facility"
    BUREAU = "bureau"
    DETAINEE = "detainee"


class Role(StrEnum):
    """What a member of staff may do at the desks they belong to."""

    REVIEWER = "reviewer"
    SENIOR = "senior"
    DISPATCHER = "dispatcher"
    REGISTRAR = "registrar"
    OFFICER = "officer"
    AUDITOR = "auditor"
    OPERATOR = "operator"


#: Before a claim is decided, the family sees one word for all of these, in body and in timing.
UNDECIDED = frozenset({State.HELD, State.QUEUED, State.CLAIMED, State.CONTESTED, State.ESCALATED})
#: Nothing but expiry follows.
FINAL = frozenset(
    {
        State.RETURNED,
        State.WITHHELD,
        State.WITHDRAWN,
        State.LOST,
        State.DELIVERED,
        State.REFUSED,
        State.COLLECTED,
        State.EXPIRED,
    }
)

#: What only a family's own statement does, and what only the relay's own policy does. No member of staff can, and
#: neither can do anything else.
BY_FAMILY = frozenset({Action.WITHDRAW, Action.COLLECT})
BY_RELAY = frozenset({Action.LAPSE, Action.EXPIRE})

#: The whole life of an item; a pair that is absent is refused. Written by hand in docs/lifecycle.md.
MOVES: dict[tuple[State | None, Action], State] = {
    (None, Action.ACCEPT): State.QUEUED,
    (None, Action.HOLD): State.HELD,
    (State.HELD, Action.CLAIM): State.CLAIMED,
    (State.HELD, Action.LAPSE): State.RETURNED,
    (State.HELD, Action.WITHDRAW): State.WITHDRAWN,
    (State.QUEUED, Action.CLAIM): State.CLAIMED,
    (State.QUEUED, Action.WITHDRAW): State.WITHDRAWN,
    (State.CLAIMED, Action.CLAIM): State.CLAIMED,
    (State.CLAIMED, Action.RELEASE): State.QUEUED,
    (State.CLAIMED, Action.REHOLD): State.HELD,
    (State.CLAIMED, Action.MATCH): State.QUEUED,
    (State.CLAIMED, Action.WITHDRAW): State.WITHDRAWN,
    (State.CLAIMED, Action.FORWARD): State.QUEUED,
    (State.CLAIMED, Action.PASS): State.PASSED,
    (State.CLAIMED, Action.READY): State.READY,
    (State.CLAIMED, Action.RETURN): State.RETURNED,
    (State.CLAIMED, Action.PROPOSE_WITHHOLD): State.CONTESTED,
    (State.CLAIMED, Action.ESCALATE): State.ESCALATED,
    (State.CONTESTED, Action.CONFIRM): State.WITHHELD,
    (State.CONTESTED, Action.OVERTURN): State.QUEUED,
    (State.CONTESTED, Action.WITHDRAW): State.WITHDRAWN,
    (State.ESCALATED, Action.CLAIM): State.CLAIMED,
    (State.ESCALATED, Action.WITHDRAW): State.WITHDRAWN,
    (State.PASSED, Action.BAG): State.BAGGED,
    (State.PASSED, Action.REDIRECT): State.PASSED,
    (State.PASSED, Action.RETURN): State.RETURNED,
    (State.BAGGED, Action.RECEIVE): State.RECEIVED,
    (State.BAGGED, Action.MISS): State.MISSING,
    (State.MISSING, Action.FIND): State.RECEIVED,
    (State.MISSING, Action.DECLARE_LOST): State.LOST,
    (State.MISSING, Action.REDIRECT): State.PASSED,
    (State.RECEIVED, Action.DELIVER): State.DELIVERED,
    (State.RECEIVED, Action.REFUSE): State.REFUSED,
    (State.RECEIVED, Action.FAIL): State.UNDELIVERABLE,
    (State.UNDELIVERABLE, Action.REDIRECT): State.PASSED,
    (State.UNDELIVERABLE, Action.RETURN): State.RETURNED,
    (State.READY, Action.COLLECT): State.COLLECTED,
    (State.READY, Action.RECALL): State.QUEUED,
    (State.RETURNED, Action.EXPIRE): State.EXPIRED,
    (State.WITHHELD, Action.EXPIRE): State.EXPIRED,
    (State.WITHDRAWN, Action.EXPIRE): State.EXPIRED,
    (State.LOST, Action.EXPIRE): State.EXPIRED,
    (State.DELIVERED, Action.EXPIRE): State.EXPIRED,
    (State.REFUSED, Action.EXPIRE): State.EXPIRED,
    (State.COLLECTED, Action.EXPIRE): State.EXPIRED,
}


class Place(StrEnum):
    """Which of an item's desks an action belongs to."""

    REVIEW = "review"
    DESTINATION = "destination"
    NONE = "none"


class Taker(StrEnum):
    """Who holds, or shall hold, the item after an action, where that is not one fixed class."""

    HOLDER = "holder"
    DESTINATION = "destination"
    ADDRESSEE = "addressee"
    SENDER = "sender"


@dataclass(frozen=True, slots=True)
class Rule:
    """
    What an action is called, who may do it, and what the family learns of it.

    Attributes:
        event: The event's name, safe to show to the family.
        roles: Any one of these is needed; empty for the family's and the relay's own actions.
        at: The desk whose member must act.
        taker: The custodian class that the event names as `to`.
        shown: Whether the family is given the opening of the event.
    """

    event: str
    roles: frozenset[Role]
    at: Place
    taker: Custodian | Taker
    shown: bool


_NOBODY: frozenset[Role] = frozenset()
_REVIEWERS = frozenset({Role.REVIEWER, Role.SENIOR})
_DISPATCHERS = frozenset({Role.DISPATCHER})
_OFFICERS = frozenset({Role.OFFICER})

RULES: dict[Action, Rule] = {
    Action.ACCEPT: Rule("accepted", _OFFICERS, Place.NONE, Custodian.RELAY, shown=True),
    Action.HOLD: Rule("accepted", _OFFICERS, Place.NONE, Custodian.RELAY, shown=True),
    Action.CLAIM: Rule("claimed", _REVIEWERS, Place.REVIEW, Custodian.MEDIATOR, shown=False),
    Action.RELEASE: Rule("released", _REVIEWERS, Place.REVIEW, Custodian.RELAY, shown=False),
    Action.REHOLD: Rule("reheld", _REVIEWERS, Place.REVIEW, Custodian.RELAY, shown=False),
    Action.MATCH: Rule("matched", _REVIEWERS, Place.REVIEW, Custodian.RELAY, shown=False),
    Action.LAPSE: Rule("lapsed", _NOBODY, Place.NONE, Taker.SENDER, shown=True),
    Action.WITHDRAW: Rule("withdrawn", _NOBODY, Place.NONE, Custodian.FAMILY, shown=True),
    Action.FORWARD: Rule("forwarded", _REVIEWERS, Place.REVIEW, Custodian.RELAY, shown=False),
    Action.PASS: Rule("passed", _REVIEWERS, Place.REVIEW, Custodian.MEDIATOR, shown=True),
    Action.READY: Rule("ready", _REVIEWERS, Place.REVIEW, Custodian.RELAY, shown=True),
    Action.RETURN: Rule("returned", _REVIEWERS, Place.REVIEW, Taker.SENDER, shown=True),
    Action.PROPOSE_WITHHOLD: Rule("contested", _REVIEWERS, Place.REVIEW, Custodian.MEDIATOR, shown=False),
    Action.ESCALATE: Rule("escalated", _REVIEWERS, Place.REVIEW, Custodian.MEDIATOR, shown=False),
    Action.CONFIRM: Rule("withheld", _REVIEWERS, Place.REVIEW, Custodian.MEDIATOR, shown=True),
    Action.OVERTURN: Rule("overturned", _REVIEWERS, Place.REVIEW, Custodian.RELAY, shown=False),
    Action.BAG: Rule("bagged", _DISPATCHERS, Place.REVIEW, Taker.DESTINATION, shown=True),
    Action.RECEIVE: Rule("received", _OFFICERS, Place.DESTINATION, Taker.DESTINATION, shown=True),
    Action.MISS: Rule("missing", _OFFICERS, Place.DESTINATION, Taker.HOLDER, shown=True),
    Action.FIND: Rule("found", _OFFICERS, Place.DESTINATION, Taker.DESTINATION, shown=True),
    Action.DECLARE_LOST: Rule("lost", _DISPATCHERS, Place.REVIEW, Taker.HOLDER, shown=True),
    Action.DELIVER: Rule("delivered", _OFFICERS, Place.DESTINATION, Taker.ADDRESSEE, shown=True),
    Action.REFUSE: Rule("refused", _OFFICERS, Place.DESTINATION, Taker.HOLDER, shown=True),
    Action.FAIL: Rule("undeliverable", _OFFICERS, Place.DESTINATION, Taker.HOLDER, shown=True),
    Action.REDIRECT: Rule("redirected", _REVIEWERS, Place.REVIEW, Custodian.MEDIATOR, shown=True),
    Action.COLLECT: Rule("collected", _NOBODY, Place.NONE, Custodian.FAMILY, shown=True),
    Action.RECALL: Rule("recalled", _REVIEWERS, Place.REVIEW, Custodian.RELAY, shown=False),
    Action.EXPIRE: Rule("expired", _NOBODY, Place.NONE, Taker.HOLDER, shown=True),
}

#: The word a family sees for each state. DECEASED and its like are not among them, and never will be.
FAMILY_WORDS: dict[State, str] = {
    State.HELD: "accepted",
    State.QUEUED: "accepted",
    State.CLAIMED: "accepted",
    State.CONTESTED: "accepted",
    State.ESCALATED: "accepted",
    State.PASSED: "passed",
    State.BAGGED: "sent",
    State.RECEIVED: "arrived",
    State.MISSING: "not found on arrival",
    State.READY: "ready",
    State.RETURNED: "returned",
    State.WITHHELD: "withheld",
    State.WITHDRAWN: "withdrawn",
    State.LOST: "lost",
    State.DELIVERED: "delivered",
    State.REFUSED: "refused by the addressee",
    State.UNDELIVERABLE: "could not be delivered",
    State.COLLECTED: "collected",
    State.EXPIRED: "closed",
}
