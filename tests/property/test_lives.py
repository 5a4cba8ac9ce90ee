"""
Whole lives of several items, by scripts of mostly legal and some illegal commands.

What holds after every step: the events alone, with the statements behind them, lead an auditor to what the relay
stores; chains have no gap; a refusal changes nothing; and a family sees nothing of what is not decided.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from keys.directory import StaffMember
from keys.errors import Refused
from keys.ids import is_digest
from keys.statements import Statement
from relay.domain.commands import (
    Acceptance,
    AcceptLetter,
    AcceptReply,
    ActByFamily,
    ActByRelay,
    ActByStaff,
    Command,
    Signed,
)
from relay.domain.decide import Setting, decide
from relay.domain.events import encode_event, event_digest, parse_detail, parse_event
from relay.domain.items import Item
from relay.domain.states import FAMILY_WORDS, RULES, Action, Kind, State
from tests.unit.domain.world import (
    ANN,
    ANN_AGAIN,
    BEA,
    BEN,
    BUREAU,
    CAMP,
    CYD,
    DAN,
    DIRECTORY,
    EVA,
    FARM,
    FAY,
    FURTHER,
    IDA,
    OLE,
    PAPER,
    QUARRY,
    REVIEW,
    STAFF,
    START,
    TO_BUREAU,
    TO_CAMP,
    TO_FARM,
    TO_FURTHER,
    TO_REVIEW,
    Step,
    Story,
    a_held_letter,
    a_letter,
    a_reply,
)

#: (which item, which move, by whom, minutes until then); whatever numbers they are, they mean something.
Script = Sequence[tuple[int, int, int, int]]
Move = Callable[[Story, StaffMember], Story]

TWO_DESKS = (REVIEW, FURTHER)


def on_paper(story: Story) -> dict[str, Any]:
    """Add the sheet where it has to be."""
    return {"paper": PAPER} if story.item.destination == QUARRY else {}


def pass_on(story: Story, by: StaffMember) -> Story:
    """Pass it to where such items go."""
    return to_the_bureau_by(story, by) if story.item.kind is Kind.REPLY else story.passed(by)


def to_the_bureau_by(story: Story, by: StaffMember) -> Story:
    """Pass it to a bureau."""
    return story.passed(by, place=BUREAU, to=TO_BUREAU)


def to_the_quarry_by(story: Story, by: StaffMember) -> Story:
    """Pass it to the place without computers."""
    return story.passed(by, place=QUARRY, to=TO_REVIEW if story.item.desk == REVIEW else TO_FURTHER)


def redirect(story: Story, by: StaffMember) -> Story:
    """Send it to another place of the same kind."""
    if story.item.kind is Kind.REPLY:
        return story.redirected(by, place=BUREAU, to=TO_BUREAU)
    place = FARM if story.item.destination == CAMP else CAMP
    return story.redirected(by, place=place, to=TO_FARM if place == FARM else TO_CAMP)


def once_more(story: Story, _: StaffMember) -> Story:
    """Bring the last command a second time, word for word."""
    return story.then(story.steps[-1].command)


MOVES: dict[str, Move] = {
    "claim": lambda story, by: story.claimed(by),
    "release": lambda story, by: story.released(by, hint="uk"),
    "match": lambda story, by: story.matched(by),
    "forward": lambda story, by: story.forwarded(by),
    "pass": pass_on,
    "to the quarry": to_the_quarry_by,
    "to the bureau": to_the_bureau_by,
    "ready": lambda story, by: story.readied(by),
    "return": lambda story, by: story.returned(by, reasons=("MIL",)),
    "propose": lambda story, by: story.proposed_to_withhold(by),
    "escalate": lambda story, by: story.escalated(by),
    "confirm": lambda story, by: story.confirmed(by),
    "overturn": lambda story, by: story.overturned(by),
    "bag": lambda story, by: story.bagged(by, to=story.item.destination or CAMP),
    "receive": lambda story, by: story.received(by, **on_paper(story)),
    "missing": lambda story, by: story.missed(by),
    "find": lambda story, by: story.found(by, **on_paper(story)),
    "lost": lambda story, by: story.declared_lost(by),
    "deliver": lambda story, by: story.delivered(by, **on_paper(story)),
    "refuse": lambda story, by: story.refused(by, **on_paper(story)),
    "fail": lambda story, by: story.failed(by, **on_paper(story)),
    "redirect": redirect,
    "recall": lambda story, by: story.recalled(by),
    "withdraw": lambda story, _: story.withdrawn(),
    "collect": lambda story, _: story.collected(),
    "lapse": lambda story, _: story.lapsed(),
    "expire": lambda story, _: story.expired(),
    "once more": once_more,
}
#: What is likely to be legal in a state, by hand; the other moves are tried too, but not as often.
LIKELY: dict[State, tuple[str, ...]] = {
    State.HELD: ("claim", "claim", "claim", "lapse", "withdraw"),
    State.QUEUED: ("claim", "claim", "claim", "claim", "withdraw"),
    State.CLAIMED: (
        *("pass", "pass", "pass", "to the quarry", "ready", "ready", "forward", "match", "match", "release"),
        *("return", "propose", "propose", "escalate", "claim", "withdraw"),
    ),
    State.CONTESTED: ("confirm", "overturn", "overturn", "withdraw"),
    State.ESCALATED: ("claim", "claim", "claim", "withdraw"),
    State.PASSED: ("bag", "bag", "bag", "bag", "redirect", "return"),
    State.BAGGED: ("receive", "receive", "receive", "missing"),
    State.MISSING: ("find", "lost", "redirect"),
    State.RECEIVED: ("deliver", "refuse", "fail"),
    State.UNDELIVERABLE: ("redirect", "return"),
    State.READY: ("collect", "recall"),
}
BEGINNINGS: tuple[Callable[[str], Story], ...] = (
    a_letter,
    a_held_letter,
    lambda name: a_letter(name, route=TWO_DESKS),
    lambda name: a_held_letter(name, route=TWO_DESKS),
    a_reply,
    lambda name: a_reply(name, re="new", mailbox=None),
    lambda name: a_reply(name, DAN, paper=PAPER, route=TWO_DESKS),
)
FINAL = {"returned", "withheld", "withdrawn", "lost", "delivered", "refused", "collected"}
ACCEPTED = {State.HELD, State.QUEUED, State.CLAIMED, State.CONTESTED, State.ESCALATED}


@dataclass
class Log:
    """
    Several items in one log.

    Attributes:
        stories: Each item's life.
        steps: Every decision, in the order of the log.
        refused: How often a command was refused.
    """

    stories: list[Story] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    refused: int = 0
    at: str = START
    index: int = 2

    def begin(self, beginning: Callable[[str], Story]) -> None:
        """Let one more item come in."""
        command = beginning(f"item {len(self.stories)}").steps[0].command
        self._keep(len(self.stories), Story(at=self.at, index=self.index).then(command))

    def attempt(self, position: int, move: str, by: StaffMember, minutes: int) -> bool:
        """Try to move one item, and say whether it moved."""
        before = self.stories[position]
        now = replace(before, at=self.at, index=self.index)
        try:
            after = MOVES[move](now.later(minutes=minutes), by)
        except Refused:
            self.refused += 1
            return False
        self._keep(position, after)
        return True

    def _keep(self, position: int, story: Story) -> None:
        self.stories[position : position + 1] = [story]
        self.steps.append(story.steps[-1])
        self.at, self.index = story.at, story.index


def whoever(item: Item, move: str) -> tuple[StaffMember, ...]:
    """Name those who are likely to be allowed to make a move."""
    if item.state is State.CLAIMED and move != "claim":
        return (DIRECTORY.member(item.claimant or ""),)
    if move in ("bag", "lost") or item.destination == QUARRY:
        return (DAN,) if item.desk == REVIEW else (FAY,)
    if item.state in (State.BAGGED, State.MISSING, State.RECEIVED) and move != "redirect":
        return {CAMP: (OLE,), FARM: (IDA,), BUREAU: (BEA,)}[item.destination or ""]
    return (ANN, BEN, CYD, ANN_AGAIN) if item.desk == REVIEW else (EVA,)


#: Looks on after each step: the stories before it, the log after it, which item it was about, and whether it moved.
Onlooker = Callable[[tuple[Story, ...], Log, int, bool], None]


def run(beginnings: Iterable[int], script: Script, onlooker: Onlooker | None = None) -> Log:
    """Let items come in and play a script; every fourth move is anything by anybody."""
    log = Log()
    for beginning in beginnings:
        log.begin(BEGINNINGS[beginning % len(BEGINNINGS)])
    for which, pick, actor, minutes in script:
        position = which % len(log.stories)
        item = log.stories[position].item
        names, wild = LIKELY.get(item.state, ("expire",)), pick % 4 == 0
        if wild:
            names = tuple(MOVES)
        move = names[pick // 4 % len(names)]
        people = STAFF if wild else whoever(item, move)
        before = tuple(log.stories)
        moved = log.attempt(position, move, people[actor % len(people)], minutes)
        if onlooker is not None:
            onlooker(before, log, position, moved)
    return log


numbers = st.integers(0, 2**16)
beginnings = st.lists(st.integers(0, len(BEGINNINGS) - 1), min_size=1, max_size=4)
scripts = st.lists(
    st.tuples(numbers, numbers, numbers, st.sampled_from([0, 1, 29, 30, 31, 1500])), min_size=5, max_size=60
)


# ---------------------------------------------------------------- what an auditor has


@dataclass(frozen=True)
class Opened:
    """What the log opens of one event: two texts and two nonces at an index. There is nothing of the item in it."""

    index: int
    event_json: str
    detail_json: str
    event_nonce: bytes
    detail_nonce: bytes


def opened(step: Step) -> Opened:
    """Open one event, as for an auditor."""
    setting, decision = step.setting, step.decision
    nonces = (setting.event_nonce, setting.detail_nonce)
    return Opened(setting.index, decision.event_json, decision.detail_json, *nonces)


def statements_of(steps: Iterable[Step]) -> dict[str, Statement]:
    """Collect the statements that an auditor fetches by digest."""
    kept: dict[str, Statement] = {}
    for step in steps:
        match step.command:
            case AcceptReply(_, signed) | ActByStaff(signed):
                kept[signed.digest] = signed.statement
            case ActByFamily(statement, digest):
                kept[digest] = statement
            case _:
                pass
    return kept


def asked(one: Opened, statements: dict[str, Statement]) -> Command:
    """Say what was asked, from what the log opens and the statement it names."""
    event, detail = parse_event(one.event_json), parse_detail(one.detail_json)
    acceptance = Acceptance(
        item=event.item,
        kind=Kind(detail["kind"]),
        detainee=detail.get("detainee", ""),
        route=tuple(detail.get("route", ())),
        parts=event.parts,
        re=detail.get("re"),
        mailbox=None,
        signer=detail.get("signer"),
        tag_key=detail.get("tag_key", ""),
        into=State(detail["state"]),
    )
    if "statement" not in detail:
        if event.seq == 0:
            return AcceptLetter(acceptance)
        return ActByRelay({"lapsed": Action.LAPSE, "expired": Action.EXPIRE}[event.event])
    digest, statement = detail["statement"], statements[detail["statement"]]
    position = [subject.item for subject in statement.subjects].index(event.item)
    if "staff" not in detail:
        return ActByFamily(statement, digest, position)
    signed = Signed(statement, digest, position, DIRECTORY.member(detail["staff"]))
    if event.seq == 0:
        return AcceptReply(acceptance, signed)
    return ActByStaff(signed, until=detail.get("until"), signer=detail.get("signer"))


def audit(steps: Sequence[Step]) -> list[Item]:
    """Decide everything again, from the log alone, and require the same bytes; gives the item after each event."""
    statements = statements_of(steps)
    items: dict[str, Item] = {}
    history = []
    for one in map(opened, steps):
        item, at = parse_event(one.event_json).item, parse_detail(one.detail_json)["at"]
        setting = Setting(DIRECTORY, at, one.index, one.event_nonce, one.detail_nonce)
        again = decide(items.get(item), asked(one, statements), setting)
        assert (again.event_json, again.detail_json) == (one.event_json, one.detail_json)
        items[item] = again.item
        history.append(again.item)
    return history


def seen(story: Story) -> tuple[str, list[tuple[str, str, str]]]:
    """Say what a family sees of an item: its word, and the events it was given the openings of."""
    shown = [step.decision for step in story.steps if RULES[step.decision.action].shown]
    return FAMILY_WORDS[story.item.state], [(one.event.event, one.event.giver, one.event.taker) for one in shown]


# ---------------------------------------------------------------- properties


@given(beginnings, scripts)
def test_events_alone_replay_to_what_is_stored(begun, script):
    """An auditor who has only what the log opens ends, after each of its events, where the database did."""
    log = run(begun, script)

    assert audit(log.steps) == [step.decision.item._replace(mailbox=None) for step in log.steps]


@given(beginnings, scripts)
def test_every_chain_is_whole(begun, script):
    """Events count from 0, each names the one before it, and the item is what its last event says."""
    for story in run(begun, script).stories:
        before = None
        for seq, step in enumerate(story.steps):
            decision = step.decision
            event = parse_event(decision.event_json)
            detail = parse_detail(decision.detail_json)

            assert encode_event(event) == decision.event_json
            assert (event.seq, event.prev) == (seq, before)
            assert (decision.item.seq, decision.item.parts) == (seq, event.parts)
            assert (detail["state"], detail["at"]) == (decision.item.state.value, decision.item.changed_at)
            assert event.day == detail["at"][:10]
            before = event_digest(decision.event_json)
            assert decision.item.head == before
            assert is_digest(event.detail)


@given(beginnings, scripts)
def test_a_refusal_leaves_everything_as_it_was(begun, script):
    """A move adds one event to one item; a refusal changes neither that item nor its neighbours nor the log."""
    lengths = [len(begun)]

    def compare(before: tuple[Story, ...], log: Log, position: int, moved: bool) -> None:
        after = list(log.stories)
        if moved:
            assert after[position].steps[:-1] == before[position].steps
            assert log.steps[-1] is after[position].steps[-1]
            assert after[position].steps[-1].before == before[position].item
            after[position] = before[position]
        assert all(one is other for one, other in zip(before, after, strict=True))
        assert len(log.steps) == lengths[-1] + moved
        lengths.append(len(log.steps))

    run(begun, script, compare)
    assert len(lengths) == 1 + len(script)


@given(beginnings, scripts)
def test_nothing_leaves_a_final_state_but_by_expiry(begun, script):
    """And nothing at all happens to what has expired."""
    for story in run(begun, script).stories:
        for step in story.steps[1:]:
            assert step.before is not None
            assert step.before.state is not State.EXPIRED
            if step.before.state.value in FINAL:
                assert (step.decision.action, step.decision.item.state) == (Action.EXPIRE, State.EXPIRED)


@given(beginnings, scripts)
def test_a_family_sees_nothing_of_what_is_not_decided(begun, script):
    """After a move that ends undecided the word is `accepted`, and no opening was added to those it has."""
    for story in run(begun, script).stories:
        for length in range(2, len(story.steps) + 1):
            before, after = (replace(story, steps=story.steps[:end]) for end in (length - 1, length))
            if after.item.state in ACCEPTED:
                assert seen(after)[0] == "accepted"
                assert seen(after)[1] == seen(before)[1]
                assert after.item.shown == before.item.shown


@given(beginnings, scripts)
def test_two_persons_stand_behind_each_withholding(begun, script):
    """Whoever confirmed is another person than whoever proposed, and was not overturned before."""
    for story in run(begun, script).stories:
        for proposal, decision in zip(story.steps, story.steps[1:], strict=False):
            if decision.decision.action in (Action.CONFIRM, Action.OVERTURN):
                assert isinstance(proposal.command, ActByStaff)
                assert isinstance(decision.command, ActByStaff)
                assert proposal.command.signed.member.person != decision.command.signed.member.person
                assert decision.before is not None
                assert decision.command.signed.member.person not in decision.before.barred


@given(beginnings, scripts)
def test_every_desk_of_the_route_has_read_what_left_review(begun, script):
    """Whatever reached a place or a family was claimed and passed on at each review desk, in order."""
    for story in run(begun, script).stories:
        if any(step.decision.action in (Action.PASS, Action.READY) for step in story.steps):
            readers = [
                step.before.desk
                for step in story.steps
                if step.before is not None and step.decision.action in (Action.FORWARD, Action.PASS, Action.READY)
            ]
            assert tuple(dict.fromkeys(readers)) == story.item.route


def test_the_scripts_reach_every_state():
    """Random lives go through every state and every action, and are refused often; else they would prove little."""
    source = random.Random(20260301)
    steps: list[Step] = []
    refused = 0
    for number in range(80):
        script = [(source.randrange(99), source.randrange(9999), source.randrange(99), 1) for _ in range(40)]
        log = run((number, number + 1, number + 2), script)
        steps += log.steps
        refused += log.refused

    assert {step.decision.item.state for step in steps} == set(State)
    assert {step.decision.action for step in steps} == set(Action)
    assert len(steps) > 1000
    assert refused > 300
