"""The one function that moves an item: it gives the new item and the event that explains it, or a refusal."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple, assert_never

from keys.directory import Directory
from relay.domain.authority import check_at, check_hand, check_member
from relay.domain.commands import Acceptance, AcceptLetter, AcceptReply, ActByFamily, ActByRelay, ActByStaff, Command
from relay.domain.events import Event, detail_mac, encode_detail, encode_event, event_digest
from relay.domain.items import Item, accepted, moved
from relay.domain.refusals import (
    IllegalMove,
    MovedSince,
    PaperRequired,
    PartsDiffer,
    StaleStatement,
    WrongDesk,
    WrongDestination,
)
from relay.domain.route import action_of, check_bag, check_matched, check_parts, next_desk
from relay.domain.states import BY_FAMILY, BY_RELAY, MOVES, RULES, Action, Custodian, Kind, Role, State, Taker


@dataclass(frozen=True, slots=True)
class Setting:
    """
    What a decision is made under.

    Attributes:
        directory: The one in force at the event's log index.
        at: The relay's clock, UTC, ``YYYY-MM-DDTHH:MM:SSZ``; never decreases.
        index: The log index of the event's entry.
        event_nonce: 32 fresh random bytes, for the commitment.
        detail_nonce: 32 fresh random bytes, for the detail's MAC.
    """

    directory: Directory
    at: str
    index: int
    event_nonce: bytes
    detail_nonce: bytes


class Decision(NamedTuple):
    """A moved item, and what the custody log must record of it."""

    item: Item
    action: Action
    event: Event
    event_json: str
    detail_json: str


def decide(item: Item | None, command: Command, setting: Setting) -> Decision:
    """
    Apply one command to one item and state what the custody log must record.

    The event is returned beside the item, so no caller can hold the new state without the line that explains it. The
    relay calls this before it writes; an auditor calls it again with what the log opens, and must get the same bytes.

    Args:
        item: The item as it stands, or None for one that comes in.

    Raises:
        IllegalMove: The closed table of moves has no such move, or not by these hands.
        Refused: Any of relay/domain/refusals.py.
    """
    match command:
        case AcceptLetter() | AcceptReply() if item is not None:
            raise IllegalMove("there is such an item already")
        case AcceptLetter(acceptance):
            return _accept_letter(acceptance, setting)
        case AcceptReply():
            return _accept_reply(command, setting)
        case _ if item is None:
            raise IllegalMove("there is no such item")
        case ActByStaff():
            return _by_staff(item, command, setting)
        case ActByFamily():
            return _by_family(item, command, setting)
        case ActByRelay(action):
            if action not in BY_RELAY:
                raise IllegalMove("the relay itself does nothing but let items lapse or expire")
            return _move(item, action, {}, setting, parts=item.parts)
        case _:
            assert_never(command)


def _accept_letter(acceptance: Acceptance, setting: Setting) -> Decision:
    if acceptance.kind is Kind.REPLY:
        raise IllegalMove("a reply comes in under a statement of whoever brings it")
    return _accept(acceptance, Custodian.FAMILY, {}, setting)


def _accept_reply(command: AcceptReply, setting: Setting) -> Decision:
    acceptance, subject = command.acceptance, command.signed.subject
    if acceptance.kind is not Kind.REPLY or command.signed.statement.kind != "reply-accept":
        raise IllegalMove("only a reply comes in under a statement, and only under one of its own kind")
    if (subject.item, subject.parts) != (acceptance.item, acceptance.parts):
        raise PartsDiffer
    giver = _bringer(command, setting.directory)
    return _accept(acceptance, giver, _signed_fields(command), setting)


def _accept(acceptance: Acceptance, giver: Custodian, more: Mapping[str, Any], setting: Setting) -> Decision:
    action = Action.HOLD if acceptance.into is State.HELD else Action.ACCEPT
    if MOVES[None, action] is not acceptance.into:
        raise IllegalMove
    fields = {
        "at": setting.at,
        "kind": acceptance.kind.value,
        "state": acceptance.into.value,
        "detainee": acceptance.detainee,
        "desk": acceptance.route[0],
        "route": acceptance.route,
        "re": acceptance.re,
        "tag_key": acceptance.tag_key,
        "signer": acceptance.signer,
        **more,
    }
    detail_json = encode_detail(fields)
    event = Event(
        item=acceptance.item,
        seq=0,
        prev=None,
        event=RULES[action].event,
        giver=giver,
        taker=Custodian.RELAY,
        day=setting.at[:10],
        parts=acceptance.parts,
        detail=detail_mac(setting.detail_nonce, detail_json),
    )
    event_json = encode_event(event)
    item = accepted(acceptance, turn=setting.index, head=event_digest(event_json), at=setting.at)
    return Decision(item, action, event, event_json, detail_json)


def _bringer(command: AcceptReply, directory: Directory) -> Custodian:
    """Say which class of custodian a reply comes from, and check that the signer may bring it."""
    member, statement = command.signed.member, command.signed.statement
    if Role.OFFICER in member.roles:
        kinds = {directory.desk(desk).kind for desk in member.desks}
        for kind in ("facility", "bureau"):
            if kind in kinds:
                return Custodian(kind)
    check_at(member, frozenset({Role.DISPATCHER}), command.acceptance.route[0])
    if "paper" not in statement.fields:
        raise PaperRequired
    return Custodian.FACILITY


def _signed_fields(command: AcceptReply | ActByStaff) -> dict[str, Any]:
    """Take over from the statement what the detail repeats; the audit compares both."""
    signed = command.signed
    fields, position = signed.statement.fields, signed.position
    detail: dict[str, Any] = {
        "staff": signed.member.id,
        "statement": signed.digest,
        "directory": signed.statement.directory,
    }
    for key in ("reasons", "bag", "paper", "hint"):
        if key in fields:
            detail[key] = fields[key]
    for key in ("note", "contact"):
        if key in fields:
            detail[key] = fields[key][position]
    if "remarks" in fields:
        detail["remarks"] = tuple(each["remark"] for each in fields["remarks"] if each["item"] == signed.subject.item)
    return detail


def _by_staff(item: Item, command: ActByStaff, setting: Setting) -> Decision:
    signed = command.signed
    statement, subject = signed.statement, signed.subject
    if subject.prev != item.head:
        raise StaleStatement
    action = action_of(item, statement)
    if (item.state, action) not in MOVES:
        raise IllegalMove(f"an item that is {item.state.value} cannot be moved by {action.value}")
    check_member(item, action, statement, signed.member, setting.directory)
    check_hand(item, action, signed.member, at=setting.at)
    check_matched(item, action, statement)
    check_parts(item, action, subject.parts)
    check_bag(item, action, statement)
    if statement.fields.get("desk", item.desk) != item.desk:
        raise WrongDesk
    fields = _signed_fields(command)
    fields["desk"] = next_desk(item, action, statement, setting.directory, at=setting.at)
    fields |= _particulars(action, command)
    mailbox = statement.fields.get("mailbox", item.mailbox)
    return _move(item, action, fields, setting, parts=subject.parts, person=signed.member.person, mailbox=mailbox)


def _particulars(action: Action, command: ActByStaff) -> dict[str, str]:
    """Give what only this action's detail has; `until` and `signer` are the relay's to say, not the statement's."""
    fields = command.signed.statement.fields
    if "mailbox" in fields:
        if command.signer is None:
            raise WrongDestination("there is no such mailbox")
        return {"signer": command.signer}
    match action:
        case Action.CLAIM:
            if command.until is None:
                raise IllegalMove("a claim says when it lapses")
            return {"until": command.until}
        case Action.READY:
            if command.signer is None:
                raise WrongDestination("the reply has not been matched to a family yet")
            return {"signer": command.signer}
        case Action.MATCH:
            return {"detainee": fields["number"]}
        case _:
            return {}


def _by_family(item: Item, command: ActByFamily, setting: Setting) -> Decision:
    """
    Withdraw or collect.

    A family has not been shown the events of a claim, so its statement names the last event it was given; every later
    one leaves the word it sees unchanged, or the move is refused. Neither has it been shown that a second desk has to
    read its letter, sealed anew: the part 0 it names is the one in the event it was given.
    """
    subject, kind = command.subject, command.statement.kind
    if kind not in BY_FAMILY or (kind == Action.WITHDRAW and item.kind is Kind.REPLY):
        raise IllegalMove("a family withdraws what it wrote and collects what came for it, and nothing else")
    if subject.prev != item.shown:
        raise MovedSince
    if subject.parts[1:] != item.parts[1:] or (kind == Action.COLLECT and subject.parts != item.parts):
        raise PartsDiffer
    return _move(item, Action(kind), {"statement": command.digest}, setting, parts=item.parts)


def _move(
    item: Item,
    action: Action,
    fields: dict[str, Any],
    setting: Setting,
    *,
    parts: tuple[str, ...],
    person: str | None = None,
    mailbox: str | None = None,
) -> Decision:
    after = MOVES.get((item.state, action))
    if after is None:
        raise IllegalMove(f"an item that is {item.state.value} cannot be moved by {action.value}")
    fields |= {"at": setting.at, "kind": item.kind.value, "state": after.value}
    detail_json = encode_detail(fields)
    event = Event(
        item=item.id,
        seq=item.seq + 1,
        prev=item.head,
        event=RULES[action].event,
        giver=item.holder,
        taker=_taker(item, action, setting.directory),
        day=setting.at[:10],
        parts=parts,
        detail=detail_mac(setting.detail_nonce, detail_json),
    )
    event_json = encode_event(event)
    head = event_digest(event_json)
    item = moved(
        item,
        action,
        fields,
        person=person,
        state=after,
        parts=parts,
        head=head,
        shown=head if RULES[action].shown else item.shown,
        holder=Custodian(event.taker) if action is not Action.BAG else item.holder,
        mailbox=mailbox or item.mailbox,
    )
    return Decision(item, action, event, event_json, detail_json)


def _taker(item: Item, action: Action, directory: Directory) -> Custodian:
    """Say who takes the item. A bag names who shall; whoever packed it holds it until it is received."""
    taker = RULES[action].taker
    match taker:
        case Taker.HOLDER:
            return item.holder
        case Taker.DESTINATION:
            return Custodian(directory.desk(item.destination or "").kind)
        case Taker.ADDRESSEE:
            return Custodian.FAMILY if item.kind is Kind.REPLY else Custodian.DETAINEE
        case Taker.SENDER:
            return Custodian.DETAINEE if item.kind is Kind.REPLY else Custodian.FAMILY
        case _:
            return taker
