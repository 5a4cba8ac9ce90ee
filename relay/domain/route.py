"""Where an item may go next: the review desks of its route, then a facility, a bureau or the family."""

from keys.directory import Desk, Directory
from keys.sealed import LetterLine
from keys.statements import Statement
from relay.domain.items import Item
from relay.domain.refusals import EpochOver, IllegalMove, PartsDiffer, WrongBag, WrongDestination
from relay.domain.states import BY_FAMILY, BY_RELAY, Action, Kind, State

#: What a reply says that answers no letter.
NEW = "new"
#: Moves after which part 0 is another file, sealed to another desk or to the family.
RESEALS = frozenset({Action.FORWARD, Action.PASS, Action.READY, Action.REDIRECT, Action.RECALL})
#: Statement kinds that mean one action each; `pass` and `release` are told apart by the item.
_PLAIN = {
    action.value: action
    for action in Action
    if action not in BY_FAMILY | BY_RELAY
    and action not in (Action.ACCEPT, Action.HOLD, Action.PASS, Action.FORWARD, Action.READY)
    and action not in (Action.RELEASE, Action.REHOLD)
}


def action_of(item: Item, statement: Statement) -> Action:
    """
    Say which action a statement means for this item.

    A `pass` goes to the family if sealed to it, to a destination if it names a place, and otherwise to the next desk
    of the route. A `release` puts a letter back where it was claimed from.

    Raises:
        IllegalMove: No statement of this kind, by staff, moves an item.
    """
    if statement.kind == "pass":
        if statement.fields["to"] == ("family",):
            return Action.READY
        return Action.PASS if "place" in statement.fields else Action.FORWARD
    if statement.kind == "release":
        return Action.REHOLD if item.waits_in is State.HELD else Action.RELEASE
    try:
        return _PLAIN[statement.kind]
    except KeyError:
        raise IllegalMove(f"a statement of kind {statement.kind} moves no item") from None


def check_matched(item: Item, action: Action, statement: Statement) -> None:
    """
    Require that a held letter goes no further before its addressee was found, and that nothing else is matched.

    A letter is matched to a number, and what a detainee wrote first to a mailbox.

    Raises:
        IllegalMove: It is passed on unmatched, or matched though it was neither held nor a detainee's own letter.
    """
    if action is Action.MATCH and "mailbox" in statement.fields:
        if item.re != NEW:
            raise IllegalMove("only what a detainee wrote first is matched to a mailbox")
        return
    if item.waits_in is State.HELD and action in _ONWARD:
        raise IllegalMove("its addressee has not been found yet: match it, release it or return it")
    if item.waits_in is not State.HELD and action is Action.MATCH:
        raise IllegalMove("its addressee is known; only a held letter can be matched")


_ONWARD = frozenset({Action.FORWARD, Action.PASS, Action.READY})


def next_desk(item: Item, action: Action, statement: Statement, directory: Directory, *, at: str) -> str | None:
    """
    Say which desk the detail names after this action, and check that the item may go there.

    Args:
        at: Now, UTC; a desk's previous epoch is accepted for 14 days.

    Raises:
        WrongDestination: The kind of item does not go to that desk, or the seal and the place disagree.
        EpochOver: It is sealed to a key no longer accepted.
    """
    if action is Action.READY:
        if item.kind is not Kind.REPLY:
            raise WrongDestination("only a reply becomes ready for a family")
        _require_all_read(item)
        return None
    if action is Action.FORWARD:
        position = item.route.index(item.desk) + 1
        expected = item.route[position] if position < len(item.route) else None
        sealed_to = _sealed_to(statement, directory, at=at)
        if expected is None or sealed_to.id != expected:
            raise WrongDestination("it is not sealed to the next review desk of its route")
        return expected
    if action in (Action.PASS, Action.REDIRECT):
        return _destination(item, statement, directory, at=at).id
    if action in _AT_DESTINATION:
        return item.destination
    return item.desk


def _require_all_read(item: Item) -> None:
    if item.desk != item.route[-1]:
        raise WrongDestination("a further review desk has to read it first")


_AT_DESTINATION = frozenset(
    {
        Action.BAG,
        Action.RECEIVE,
        Action.MISS,
        Action.FIND,
        Action.DECLARE_LOST,
        Action.DELIVER,
        Action.REFUSE,
        Action.FAIL,
    }
)


def _destination(item: Item, statement: Statement, directory: Directory, *, at: str) -> Desk:
    _require_all_read(item)
    place = directory.desk(str(statement.fields.get("place", "")))
    if place.kind != ("bureau" if item.kind is Kind.REPLY else "facility"):
        raise WrongDestination
    if _sealed_to(statement, directory, at=at).id != _keyholder(item, place):
        raise WrongDestination("it is sealed to another desk than the place it is passed to")
    return place


def _keyholder(item: Item, place: Desk) -> str:
    """Name the desk whose key opens what goes to a place: the mediator's own, if the place has no computers."""
    return item.desk if place.keyless else place.id


def check_bag(item: Item, action: Action, statement: Statement) -> None:
    """
    Require that a bag goes where its items go, and that whoever opens it names the bag that the item is in.

    Epochs are not judged again: what is in the bag was sealed when it was passed.

    Raises:
        WrongDestination: It is packed for another desk than the item was passed to.
        WrongBag: The item is not in that bag.
    """
    if action is Action.BAG:
        if statement.fields["to"] != item.destination:
            raise WrongDestination("the bag goes to another desk than the item")
    elif statement.fields.get("bag", item.bag) != item.bag:
        raise WrongBag


def _sealed_to(statement: Statement, directory: Directory, *, at: str) -> Desk:
    to = statement.fields["to"]
    desk_ids = {entry.partition("/")[0] for entry in to}
    if len(desk_ids) != 1:
        raise WrongDestination("it is sealed to more than one desk")
    for entry in to:
        desk_id, _, epoch = entry.partition("/")
        if not epoch.isdecimal() or not directory.accepts(desk_id, int(epoch), at):
            raise EpochOver
    return directory.desk(desk_ids.pop())


def check_parts(item: Item, action: Action, parts: tuple[str, ...]) -> None:
    """
    Require that a statement's parts are the item's, but for part 0 where, and only where, the action reseals it.

    Raises:
        PartsDiffer: They are not.
    """
    resealed = parts[:1] != item.parts[:1]
    if parts[1:] != item.parts[1:] or resealed is not (action in RESEALS):
        raise PartsDiffer


_HOPS = {
    Action.FORWARD: "review>review",
    Action.PASS: "review>facility",
    Action.REDIRECT: "review>facility",
    Action.READY: "review>family",
}


def check_leg(item: Item, action: Action, statement: Statement, line: LetterLine) -> None:
    """
    Require that the resealed part 0 says what the statement says: same item, same enclosures, sealed to the same desk.

    The relay can neither reroute nor relabel a letter, and it does not let a mistake do it either.

    Raises:
        WrongDestination: The line names another relay, hop, desk, detainee or item.
        PartsDiffer: The line names other enclosures.
    """
    hop = _HOPS[action]
    if item.kind is Kind.REPLY and action in (Action.PASS, Action.REDIRECT):
        hop = "review>bureau"
    named = (line.relay, line.item, line.kind, line.hop, line.detainee)
    if named != (statement.relay, item.id, item.kind, hop, item.detainee):
        raise WrongDestination("the first line of the resealed letter is another's")
    if line.to != statement.fields["to"] or line.re != item.re:
        raise WrongDestination("the resealed letter is sealed to another desk than the statement says")
    if line.enclosures != item.parts[1:]:
        raise PartsDiffer
