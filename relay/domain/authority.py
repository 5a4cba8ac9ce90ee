"""Who may do what: roles, desks, claims and second persons, judged by the directory in force."""

from keys.directory import Directory, StaffMember
from keys.statements import Statement
from relay.domain.items import Item
from relay.domain.refusals import (
    AlreadyClaimed,
    Barred,
    ClaimLost,
    PaperRequired,
    SecondPersonRequired,
    SeniorRequired,
    WrongDesk,
    WrongRole,
)
from relay.domain.states import RULES, Action, Place, Role, State

#: Moves that settle what becomes of an item, which whoever was overturned on it makes no more.
_SETTLING = frozenset({Action.CLAIM, Action.CONFIRM, Action.OVERTURN, Action.RETURN})
#: Moves at a desk without computers that only signed paper proves.
ON_PAPER = frozenset({Action.RECEIVE, Action.FIND, Action.DELIVER, Action.REFUSE, Action.FAIL})


def check_member(item: Item, action: Action, statement: Statement, member: StaffMember, directory: Directory) -> None:
    """
    Require the role and the desk that an action needs.

    Raises:
        WrongRole: The member has none of the roles.
        WrongDesk: The member has a role, but not at the desk where the item is.
        PaperRequired: A dispatcher acts for a keyless desk without a scan of the signed sheet.
    """
    rule = RULES[action]
    roles, desk = rule.roles, item.desk
    if rule.at is Place.DESTINATION:
        destination = directory.desk(item.destination or "")
        if destination.keyless:
            roles = frozenset({Role.DISPATCHER})
            if action in ON_PAPER and "paper" not in statement.fields:
                raise PaperRequired
        else:
            desk = destination.id
    check_at(member, roles, desk)


def check_at(member: StaffMember, roles: frozenset[Role], desk: str) -> None:
    """
    Require one of the roles, and the desk.

    Raises:
        WrongRole, WrongDesk: As they say.
    """
    if roles.isdisjoint(member.roles):
        raise WrongRole
    if desk not in member.desks:
        raise WrongDesk


def check_hand(item: Item, action: Action, member: StaffMember, *, at: str) -> None:
    """
    Require that this person's hand is the one the item's history allows.

    Args:
        at: Now, UTC, as in details; such times compare as text.

    Raises:
        AlreadyClaimed: A claim still runs.
        SeniorRequired: It was escalated.
        ClaimLost: A decision by anyone but the last claimant; after `until` it stands, unless someone has claimed.
        Barred: They proposed to withhold it, and were overturned.
        SecondPersonRequired: Whoever proposed to withhold tries to confirm or overturn it.
    """
    if action is Action.CLAIM:
        _check_claim(item, member, at=at)
    elif item.state is State.CLAIMED and item.claimant != member.id:
        raise ClaimLost
    elif action in (Action.CONFIRM, Action.OVERTURN) and item.proposer == member.person:
        raise SecondPersonRequired
    if action in _SETTLING and member.person in item.barred:
        raise Barred


def _check_claim(item: Item, member: StaffMember, *, at: str) -> None:
    if item.state is State.CLAIMED and item.until is not None and at < item.until:
        raise AlreadyClaimed
    if item.needs is Role.SENIOR and Role.SENIOR not in member.roles:
        raise SeniorRequired
