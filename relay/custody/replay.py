"""
Each item's life, decided again (docs/spec/audit.md, steps 6 and 7).

An event is checked by making it anew: from what its detail and its statement say was asked, the same function that
moves items at the relay's door must give the same bytes. So the audit knows no rule of its own that could differ.
"""

import hashlib
from binascii import b2a_base64
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from keys.directory import Directory
from keys.errors import EvidenceBroken, Malformed, Refused
from keys.ids import is_id
from keys.statements import OPENING
from relay.custody.asked import read_acceptance, read_detail, read_event, read_signer, read_until
from relay.custody.bundle import EventOpening
from relay.custody.entry import commitment, encode_custody, tag
from relay.custody.signers import Statements
from relay.custody.steps import broken
from relay.custody.tree import MAC_LINE_BYTES
from relay.domain.commands import AcceptLetter, AcceptReply, ActByFamily, ActByRelay, ActByStaff, Command, Signed
from relay.domain.decide import Decision, Setting, decide
from relay.domain.events import detail_mac
from relay.domain.in_force import DirectoryOver, InForce
from relay.domain.items import Item
from relay.domain.refusals import PaperRequired, WrongDesk, WrongRole
from relay.domain.route import NEW
from relay.domain.states import RULES, Action, Kind

#: Where every event has its item's id, and how it begins.
_ITEM_ID: Final = slice(len('{"v":1,"item":"'), len('{"v":1,"item":"') + 32)
#: What the relay does of its own accord, by the event's name.
_BY_RELAY: Final[Mapping[str, Action]] = {RULES[action].event: action for action in (Action.LAPSE, Action.EXPIRE)}
#: Refusals that concern the signer, not the move.
_POWER: Final = (WrongRole, WrongDesk, PaperRequired)


class Chain(NamedTuple):
    """An item as its events have made it, and the tag key that names them."""

    item: Item
    tag_key: bytes


class Replayed(NamedTuple):
    """One event that was decided again: the item before it, what came of it, its detail, and who had authority."""

    before: Item | None
    decision: Decision
    detail: Mapping[str, Any]
    directory: Directory


class _Case(NamedTuple):
    """One event and all that it is judged by."""

    item: str
    opening: EventOpening
    detail: Mapping[str, Any]
    before: Item | None
    in_force: InForce
    directory: Directory

    @property
    def event(self) -> Mapping[str, Any]:
        """The event's fields, for the few events of which more is taken over than that they happened."""
        return read_event(self.opening.event)


class Replay:
    """
    All items of a log while it is walked.

    Attributes:
        chains: Every item that has been opened, by id.
        at: The time of the last event; empty before the first, which is before all times.
    """

    def __init__(self, statements: Statements, *, with_erasures: bool) -> None:
        """
        Begin with no items.

        Args:
            with_erasures: Whether the log has any; then a letter that a reply answers may be gone.
        """
        self.chains: dict[str, Chain] = {}
        self.at = ""
        self._statements = statements
        self._with_erasures = with_erasures
        #: The keys of all families whose letters the log has: what a mailbox that a statement names can have.
        self._writers: set[str] = set()
        #: The part 0 of each reply as it was read before it became ready.
        self._read: dict[str, str] = {}

    def take(self, opening: EventOpening, entry: bytes, in_force: InForce) -> Replayed:
        """
        Check one opened event against its entry, its item's chain, its statement, and the rules.

        Raises:
            EvidenceBroken: 6.3 to 8.8, or 9.1.
        """
        item, chain = self._follow(opening, entry)
        try:
            case = self._case(item, chain, opening, in_force)
            decision = _decide(case, self._command(case))
        except EvidenceBroken:
            # Deciding again makes the detail's MAC anew and compares it. Only a failure needs to ask whose fault it is.
            if detail_mac(opening.detail_nonce, opening.detail) != read_event(opening.event).get("detail"):
                raise broken("6.5", item=item) from None
            raise
        self.at = case.detail["at"]
        self.chains[item] = Chain(decision.item, opening.tag_key)
        if decision.action is Action.READY and case.before is not None:
            self._read[item] = case.before.parts[0]
        elif decision.action is Action.RECALL:
            if decision.item.parts[0] != self._read[item]:
                raise broken("7.8", item=item)
        elif case.before is None and decision.item.signer is not None:
            self._writers.add(decision.item.signer)
        return Replayed(case.before, decision, case.detail, case.directory)

    def check_ends(self, erased_tags: frozenset[bytes]) -> None:
        """
        Require that no item lost its last events while its first ones can still be opened.

        Args:
            erased_tags: The tags of all custody entries that were erased.

        Raises:
            EvidenceBroken: 7.6.
        """
        for chain in self.chains.values() if erased_tags else ():
            if tag(chain.tag_key, chain.item.seq + 1) in erased_tags:
                raise broken("7.6", item=chain.item.id)

    def _follow(self, opening: EventOpening, entry: bytes) -> tuple[str, Chain | None]:
        """Check that these are the bytes that the entry was made of, and that they follow the item's last event."""
        committed = commitment(opening.nonce, opening.event.encode())
        if entry[-MAC_LINE_BYTES:] != b2a_base64(committed):
            raise broken("6.4")
        item = opening.event[_ITEM_ID]
        chain = self.chains.get(item)
        if chain is None or not opening.event.startswith(_beginning(chain.item)):
            # Most events follow as they should, and are not read at all: what they say is made anew and compared.
            event = read_event(opening.event)
            item = event["item"]
            chain = self.chains.get(item)
            follows = (chain.item.seq + 1, chain.item.head) if chain else (0, None)
            if (event["seq"], event.get("prev")) != follows:
                raise broken("7.1", item=item)
        if entry != encode_custody(tag(opening.tag_key, chain.item.seq + 1 if chain else 0), committed):
            raise broken("6.3", item=item)
        return item, chain

    def _case(self, item: str, chain: Chain | None, opening: EventOpening, in_force: InForce) -> _Case:
        """Read the detail, and check its tag key, its time, and that a directory was in force then."""
        detail = read_detail(opening.detail, item=item)
        if chain is None:
            same_key = detail.get("tag_key") == hashlib.sha256(opening.tag_key).hexdigest()
        else:
            same_key = opening.tag_key == chain.tag_key
        if not same_key:
            raise broken("6.6", item=item)
        if detail["at"] < self.at:
            raise broken("7.5", item=item)
        try:
            directory = in_force.opened(at=detail["at"])
        except DirectoryOver as error:
            raise broken("7.7", item=item) from error
        return _Case(item, opening, detail, chain.item if chain else None, in_force, directory)

    def _command(self, case: _Case) -> Command:
        """Rebuild what was asked of the item."""
        digest = case.detail.get("statement")
        if digest is None:
            return _unsigned(case)
        before = case.before
        signer = before.signer if before else None
        walked = self._statements.take(
            digest, case.item, index=case.opening.index, at=case.detail["at"], in_force=case.in_force, signer=signer
        )
        statement, member = walked.statement, walked.member
        if (statement.kind in OPENING) != (before is None):
            raise broken("8.1", item=case.item)
        if member is None:
            return ActByFamily(statement, digest, walked.position)
        signed = Signed(statement, digest, walked.position, member)
        if before is None:
            return self._reply(case, signed)
        if statement.fields.get("to") == ("family",) or "mailbox" in statement.fields:
            signer = read_signer(case.detail, item=case.item)
            self._check_family(case, before, signer, is_moved="mailbox" in statement.fields)
            return ActByStaff(signed, signer=signer)
        until = read_until(case.detail, item=case.item) if statement.kind == "claim" else None
        return ActByStaff(signed, until=until)

    def _reply(self, case: _Case, signed: Signed) -> AcceptReply:
        acceptance = read_acceptance(case.event, case.detail, case.directory)
        answered = self.chains.get(acceptance.re or "")
        known = answered is not None and answered.item.detainee == acceptance.detainee
        gone = answered is None and self._with_erasures and is_id(acceptance.re)
        if acceptance.kind is not Kind.REPLY or not (known or gone or acceptance.re == "new"):
            raise broken("7.4", item=case.item)
        return AcceptReply(acceptance, signed)

    def _check_family(self, case: _Case, reply: Item, signer: str | None, *, is_moved: bool) -> None:
        """
        Require that a reply is moved to a family that has written, and is ready for the one it was moved to or answers.

        An erasure may have taken the letters that would say so.
        """
        answered = self.chains.get(reply.re or "")
        expected = reply.signer or (answered.item.signer if answered else None)
        if is_moved:
            is_right = signer in self._writers or self._with_erasures
        else:
            is_right = expected == signer or (expected is None and reply.re != NEW)
        if not is_right:
            raise broken("8.8", item=case.item)


def _beginning(item: Item) -> str:
    """Write how the item's next event begins."""
    return f'{{"v":1,"item":"{item.id}","seq":{item.seq + 1},"prev":"{item.head}",'


def _unsigned(case: _Case) -> Command:
    """Rebuild what needs no statement: a family's acceptance, and the relay's own policy."""
    if case.before is None:
        acceptance = read_acceptance(case.event, case.detail, case.directory)
        if acceptance.kind is Kind.REPLY or acceptance.signer is None:
            raise broken("8.7", item=case.item)
        return AcceptLetter(acceptance)
    action = _BY_RELAY.get(case.event["event"])
    if action is None:
        raise broken("8.7", item=case.item)
    return ActByRelay(action)


def _decide(case: _Case, command: Command) -> Decision:
    opening = case.opening
    setting = Setting(case.directory, case.detail["at"], opening.index, opening.nonce, opening.detail_nonce)
    try:
        decision = decide(case.before, command, setting)
    except _POWER as error:
        raise broken("8.5", item=case.item, because=error) from error
    except (Refused, Malformed) as error:
        raise broken("7.2", item=case.item, because=error) from error
    except (ValueError, LookupError):
        # A directory that makes another kind of a desk where items lie leaves no custodian to name.
        raise broken("7.2", item=case.item) from None
    if (decision.event_json, decision.detail_json) != (opening.event, opening.detail):
        raise broken("7.2", item=case.item)
    return decision
