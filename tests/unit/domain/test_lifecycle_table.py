"""docs/lifecycle.md, written by hand, against the tables in the code: both ways, and once more by walking each row."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from relay.domain.commands import AcceptLetter, AcceptReply, ActByFamily, ActByRelay, ActByStaff
from relay.domain.states import (
    BY_FAMILY,
    BY_RELAY,
    FAMILY_WORDS,
    FINAL,
    MOVES,
    RULES,
    UNDECIDED,
    Action,
    Custodian,
    Kind,
    Place,
    Role,
    State,
    Taker,
)
from tests.unit.domain.world import (
    BEA,
    BEN,
    BUREAU,
    CYD,
    EVA,
    FURTHER,
    REVIEW,
    Story,
    a_held_letter,
    a_letter,
    a_reply,
    to_the_bureau,
)

PAGE = Path(__file__).parents[3] / "docs" / "lifecycle.md"


@dataclass(frozen=True)
class Line:
    """One row of the page's table, as words."""

    before: str
    action: str
    statement: str
    after: str
    event: str
    giver: str
    taker: str
    who: str
    word: str
    opening: str

    @property
    def move(self) -> tuple[State | None, Action]:
        """The key of the same row in MOVES."""
        return (None if self.before == "–" else State(self.before), Action(self.action))

    def __str__(self) -> str:
        """Name the row in the output of tests."""
        return f"{self.before} {self.action} {self.statement}"


def lines() -> list[Line]:
    """Read the table below the marker."""
    _, _, rest = PAGE.read_text(encoding="utf-8").partition("<!-- moves:")
    table = rest.partition("|")[2].partition("\n\n")[0]
    rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()]
    return [Line(*row) for row in rows[2:]]


LINES = lines()
#: One story for each row, or two where a letter and a reply differ: (the item before the move, the move).
Walk = tuple[Callable[[], Story], Callable[[Story], Story]]


def of_two_desks() -> Story:
    """Let a letter in whose route has two review desks."""
    return a_letter(route=(REVIEW, FURTHER))


def bagged() -> Story:
    """Bring a letter into its bag."""
    return a_letter().claimed().passed().bagged()


def at_the_bureau() -> Story:
    """Bring a reply to a bureau."""
    return to_the_bureau(a_reply().claimed()).bagged(to=BUREAU).received(BEA)


def nothing() -> Story:
    """Begin before anything has come in."""
    return Story()


WALKS: dict[str, list[Walk]] = {
    "– accept –": [(nothing, lambda _: a_letter())],
    "– accept reply-accept": [(nothing, lambda _: a_reply()), (nothing, lambda _: a_reply(by=BEA))],
    "– hold –": [(nothing, lambda _: a_held_letter())],
    "held claim claim": [(a_held_letter, Story.claimed)],
    "held lapse –": [(a_held_letter, Story.lapsed)],
    "held withdraw withdraw": [(a_held_letter, Story.withdrawn)],
    "queued claim claim": [(a_letter, Story.claimed), (a_reply, Story.claimed)],
    "queued withdraw withdraw": [(a_letter, Story.withdrawn)],
    "claimed claim claim": [(lambda: a_letter().claimed().later(minutes=30), lambda story: story.claimed(BEN))],
    "claimed release release": [(lambda: a_letter().claimed(), Story.released)],
    "claimed rehold release": [(lambda: a_held_letter().claimed(), Story.released)],
    "claimed match match": [(lambda: a_held_letter().claimed(), Story.matched)],
    "claimed withdraw withdraw": [(lambda: a_letter().claimed(), Story.withdrawn)],
    "claimed forward pass": [(lambda: of_two_desks().claimed(), Story.forwarded)],
    "claimed pass pass": [(lambda: a_letter().claimed(), Story.passed), (lambda: a_reply().claimed(), to_the_bureau)],
    "claimed ready pass": [(lambda: a_reply().claimed(), Story.readied)],
    "claimed return return": [
        (lambda: a_letter().claimed(), Story.returned),
        (lambda: a_reply().claimed(), Story.returned),
    ],
    "claimed propose_withhold propose_withhold": [(lambda: a_letter().claimed(), Story.proposed_to_withhold)],
    "claimed escalate escalate": [(lambda: a_letter().claimed(), Story.escalated)],
    "contested confirm confirm": [(lambda: a_letter().claimed().proposed_to_withhold(), Story.confirmed)],
    "contested overturn overturn": [(lambda: a_letter().claimed().proposed_to_withhold(), Story.overturned)],
    "contested withdraw withdraw": [(lambda: a_letter().claimed().proposed_to_withhold(), Story.withdrawn)],
    "escalated claim claim": [(lambda: a_letter().claimed().escalated(), lambda story: story.claimed(CYD))],
    "escalated withdraw withdraw": [(lambda: a_letter().claimed().escalated(), Story.withdrawn)],
    "passed bag bag": [
        (lambda: a_letter().claimed().passed(), Story.bagged),
        (lambda: to_the_bureau(a_reply().claimed()), lambda story: story.bagged(to=BUREAU)),
    ],
    "passed redirect redirect": [(lambda: a_letter().claimed().passed(), Story.redirected)],
    "passed return return": [
        (lambda: a_letter().claimed().passed(), Story.returned),
        (lambda: to_the_bureau(a_reply().claimed()), Story.returned),
    ],
    "bagged receive receive": [
        (bagged, Story.received),
        (lambda: to_the_bureau(a_reply().claimed()).bagged(to=BUREAU), lambda story: story.received(BEA)),
    ],
    "bagged missing missing": [(bagged, Story.missed)],
    "missing find find": [(lambda: bagged().missed(), Story.found)],
    "missing declare_lost declare_lost": [(lambda: bagged().missed(), Story.declared_lost)],
    "missing redirect redirect": [(lambda: bagged().missed(), Story.redirected)],
    "received deliver deliver": [
        (lambda: bagged().received(), Story.delivered),
        (at_the_bureau, lambda story: story.delivered(BEA)),
    ],
    "received refuse refuse": [
        (lambda: bagged().received(), Story.refused),
        (at_the_bureau, lambda story: story.refused(BEA)),
    ],
    "received fail fail": [
        (lambda: bagged().received(), Story.failed),
        (at_the_bureau, lambda story: story.failed(BEA)),
    ],
    "undeliverable redirect redirect": [(lambda: bagged().received().failed(), Story.redirected)],
    "undeliverable return return": [
        (lambda: bagged().received().failed(), Story.returned),
        (lambda: at_the_bureau().failed(BEA), Story.returned),
    ],
    "ready collected collected": [(lambda: a_reply().claimed().readied(), Story.collected)],
    "ready recall recall": [(lambda: a_reply().claimed().readied(), Story.recalled)],
    "returned expire –": [
        (lambda: a_letter().claimed().returned(), Story.expired),
        (lambda: a_reply().claimed().returned(), Story.expired),
        (lambda: a_held_letter().lapsed(), Story.expired),
    ],
    "withheld expire –": [(lambda: a_letter().claimed().proposed_to_withhold().confirmed(), Story.expired)],
    "withdrawn expire –": [(lambda: a_letter().withdrawn(), Story.expired)],
    "lost expire –": [(lambda: bagged().missed().declared_lost(), Story.expired)],
    "delivered expire –": [
        (lambda: bagged().received().delivered(), Story.expired),
        (lambda: at_the_bureau().delivered(BEA), Story.expired),
    ],
    "refused expire –": [(lambda: bagged().received().refused(), Story.expired)],
    "collected expire –": [(lambda: a_reply().claimed().readied().collected(), Story.expired)],
}

REVIEWERS = frozenset({Role.REVIEWER, Role.SENIOR})
#: Whose roles stand behind a word of the column *who*; a few words say more than roles do, and have tests of their own.
ROLES: dict[str, frozenset[Role]] = {
    "reviewer": REVIEWERS,
    "claimant": REVIEWERS,
    "another person": REVIEWERS,
    "senior": REVIEWERS,
    "dispatcher": frozenset({Role.DISPATCHER}),
    "officer": frozenset({Role.OFFICER}),
    "family": frozenset(),
    "relay": frozenset(),
}
TAKERS: dict[str, Custodian | Taker] = {
    "destination": Taker.DESTINATION,
    "addressee": Taker.ADDRESSEE,
    "sender": Taker.SENDER,
    "holder": Taker.HOLDER,
    "family": Custodian.FAMILY,
    "relay": Custodian.RELAY,
    "mediator": Custodian.MEDIATOR,
}


def classes(word: str, story: Story) -> set[str]:
    """Say which custodian classes a word of the page stands for, in this story."""
    is_reply = story.item.kind is Kind.REPLY
    meant = {
        "sender": "detainee" if is_reply else "family",
        "addressee": "family" if is_reply else "detainee",
        "holder": story.event.giver,
    }
    return {"facility", "bureau"} if word == "destination" else {meant.get(word, word)}


def signed_kind(story: Story) -> str:
    """Say which kind of statement the last move was made by."""
    match story.steps[-1].command:
        case AcceptLetter() | ActByRelay():
            return "–"
        case AcceptReply(_, signed) | ActByStaff(signed):
            return signed.statement.kind
        case ActByFamily(statement):
            return statement.kind


def test_the_table_is_there():
    """The page's table was found, and no row of it stands twice."""
    assert len(LINES) > 40
    assert len({str(line) for line in LINES}) == len(LINES)


def test_page_and_code_have_the_same_moves():
    """No row is missing from the code, and none from the page; they lead to the same states."""
    assert {line.move: line.after for line in LINES} == {move: after.value for move, after in MOVES.items()}


def test_every_action_has_a_rule_and_every_state_a_word():
    """The three tables of the code cover what the page names, and nothing else."""
    assert set(RULES) == {line.move[1] for line in LINES} == set(Action)
    assert set(FAMILY_WORDS) == {State(line.after) for line in LINES} == set(State)


@pytest.mark.parametrize("line", LINES, ids=str)
def test_each_row_says_what_the_rules_say(line):
    """Event, taker, opening, who, and the family's word are the same in the code."""
    rule = RULES[line.move[1]]

    assert line.event == rule.event
    assert TAKERS[line.taker] is rule.taker
    assert {"yes": True, "no": False}[line.opening] is rule.shown
    assert line.word == FAMILY_WORDS[State(line.after)]
    if line.move[0] is not None:
        assert ROLES[line.who] == rule.roles
        assert (line.who == "family") is (line.move[1] in BY_FAMILY)
        assert (line.who == "relay") is (line.move[1] in BY_RELAY)


def test_each_row_has_a_walk():
    """The stories below go through every row of the page."""
    assert set(WALKS) == {str(line) for line in LINES}


@pytest.mark.parametrize("line", LINES, ids=str)
def test_walking_each_row(line):
    """A real item that makes the move has the event, the custodians, the statement and the state that the page says."""
    for before, move in WALKS[str(line)]:
        story = before()
        after = move(story)

        assert (story.item.state if story.steps else None) is line.move[0]
        assert after.item.state.value == line.after
        assert after.steps[-1].decision.action.value == line.action
        assert after.event.event == line.event
        assert after.event.giver in classes(line.giver, after)
        assert after.event.taker in classes(line.taker, after)
        assert signed_kind(after) == line.statement
        assert (after.item.shown == after.item.head) is (line.opening == "yes")


def test_a_bag_is_held_by_whoever_packed_it_until_it_is_received():
    """The event names the facility that shall have it; the item stays in the mediator's hands."""
    packed = bagged()

    assert packed.event.taker == Custodian.FACILITY
    assert packed.item.holder is Custodian.MEDIATOR
    assert packed.received().item.holder is Custodian.FACILITY


def test_what_is_not_decided_looks_alike():
    """The page's states before a decision have one word in common, and no other state has it."""
    alike = {State(word) for word in ("held", "queued", "claimed", "contested", "escalated")}

    assert alike == UNDECIDED
    assert {state for state, word in FAMILY_WORDS.items() if word == "accepted"} == UNDECIDED
    assert {word for state, word in FAMILY_WORDS.items() if state in UNDECIDED} == {"accepted"}


def test_no_opening_tells_two_undecided_states_apart():
    """No row that ends undecided is shown, but the acceptance, whose event is the same for held and queued."""
    shown = {line.event for line in LINES if State(line.after) in UNDECIDED and line.opening == "yes"}

    assert shown == {"accepted"}


def test_final_states_lead_nowhere_but_to_expiry():
    """The page's final states have no row but `expire`, and `expired` has none."""
    leaving = {state: {line.action for line in LINES if line.before == state.value} for state in State}

    assert {state for state, actions in leaving.items() if actions == {"expire"}} == FINAL - {State.EXPIRED}
    assert leaving[State.EXPIRED] == set()


def test_death_is_no_status():
    """No state, event or word of the family's has anything to say of it."""
    words = {*State, *FAMILY_WORDS.values(), *(rule.event for rule in RULES.values())}

    assert not [
        word for word in words if "deceased" in word.lower() or "dead" in word.lower() or "death" in word.lower()
    ]


def test_rules_name_a_desk_exactly_where_staff_act_on_an_item():
    """Each action by staff belongs to a desk; acceptances, families and the relay have none."""
    without = {action for action, rule in RULES.items() if rule.at is Place.NONE}

    assert without == {Action.ACCEPT, Action.HOLD} | BY_FAMILY | BY_RELAY


def test_the_example_of_the_page_can_be_lived():
    """The letter told at the top of the page goes through exactly these events, seen and unseen."""
    story = a_letter().claimed().proposed_to_withhold().overturned().claimed(BEN)
    story = story.passed(BEN).bagged().received().delivered().expired()
    page = PAGE.read_text(encoding="utf-8").partition("## An example")[2].partition("## Custodians")[0]
    told = [[cell.strip() for cell in row.strip("|").split("|")] for row in page.splitlines() if row.startswith("|")][
        2:
    ]
    lived = [
        [
            step.decision.event.event,
            step.decision.item.state.value,
            f"{step.decision.event.giver} → {step.decision.event.taker}",
            FAMILY_WORDS[step.decision.item.state],
        ]
        for step in story.steps
    ]

    assert [[event, state, hands, word] for event, state, hands, _, word in told] == lived


def test_a_second_desk_reads_what_the_first_forwarded():
    """After the forward, the next desk's reviewer claims and passes it."""
    story = of_two_desks().claimed().forwarded().claimed(EVA).passed(EVA)

    assert story.item.state is State.PASSED
