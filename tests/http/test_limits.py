"""Rates without addresses, proxies that cannot be lied through, and proof of work."""

import base64
import json
import time
from typing import Any

import altcha
import pytest
from aiohttp.test_utils import make_mocked_request
from hypothesis import given
from hypothesis import strategies as st

from relay.http.limits import (
    Blur,
    Gcra,
    ProofOfWork,
    Rate,
    Throttle,
    TooManyRequests,
    WorkExpired,
    WorkMissing,
    WorkWrong,
    client_address,
    network_of,
    proxies,
)

NOW = 1_900_000_000


# ---------------------------------------------------------------- rates


def test_a_burst_passes_and_then_one_at_a_time():
    """Three in thirty seconds: three at once, and from then on one every ten seconds."""
    rate = Gcra(Rate(3, 30))

    assert [rate.take(b"a", 100.0) for _ in range(4)] == [0.0, 0.0, 0.0, 10.0]
    assert rate.take(b"a", 109.0) == pytest.approx(1.0)
    assert rate.take(b"a", 110.0) == 0.0
    assert rate.take(b"a", 110.0) == pytest.approx(10.0)


def test_one_caller_does_not_pay_for_another():
    """Each network has its own account."""
    rate = Gcra(Rate(1, 60))

    assert rate.take(b"a", 0.0) == 0.0
    assert rate.take(b"b", 0.0) == 0.0
    assert rate.take(b"a", 0.0) > 0


@given(st.integers(1, 20), st.integers(1, 100), st.lists(st.floats(0, 30), max_size=80))
def test_no_window_ever_holds_more_than_twice_the_rate(requests: int, per_seconds: int, gaps: list[float]):
    """Whatever the rhythm, within any span of the rate's length at most a burst and its refill pass."""
    rate, now, passed = Gcra(Rate(requests, per_seconds)), 0.0, []
    for gap in gaps:
        now += gap
        if rate.take(b"a", now) == 0.0:
            passed.append(now)

    for start in passed:
        assert sum(start <= each < start + per_seconds for each in passed) <= 2 * requests
    assert len(passed) <= requests + (passed[-1] - passed[0]) * requests / per_seconds + 1 if passed else True


def test_a_clock_that_is_set_back_locks_nobody_out():
    """An hour back must not mean an hour's wait: at most as long as after a burst."""
    rate = Gcra(Rate(2, 60))
    for _ in range(2):
        rate.take(b"a", 10_000.0)

    assert rate.take(b"a", 10_000.0 - 3_600) == pytest.approx(30.0)
    assert rate.take(b"a", 10_000.0 - 3_600 + 30.0) == 0.0


def test_memory_does_not_grow_with_the_number_of_callers():
    """Who owes nothing is forgotten first; if all owe, everybody is."""
    rate = Gcra(Rate(1, 10), max_callers=3)
    for caller in (b"a", b"b", b"c"):
        rate.take(caller, 0.0)

    assert rate.take(b"d", 5.0) == 0.0
    assert rate.take(b"a", 5.0) == 0.0, "all owed, so all were forgotten"
    rate.take(b"e", 12.0)
    assert rate.take(b"f", 15.5) == 0.0
    assert rate.take(b"e", 15.5) > 0, "those who still owed were remembered"


@pytest.mark.parametrize(("requests", "per_seconds"), [(0, 1), (1, 0)])
def test_a_rate_lets_something_through(requests: int, per_seconds: int):
    """A rate of nothing would close the relay by a typing mistake."""
    with pytest.raises(ValueError, match="at least one"):
        Rate(requests, per_seconds)


# ---------------------------------------------------------------- addresses


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("203.0.113.7", "203.0.113.250", True),
        ("203.0.113.7", "203.0.114.7", False),
        ("203.0.113.7", "::ffff:203.0.113.9", True),
        ("2001:db8:1:2::1", "2001:db8:1:ffff::9", True),
        ("2001:db8:1::1", "2001:db8:2::1", False),
        ("fe80::1%eth0", "fe80::2", True),
        ("", "no address", True),
        ("1.2.3", "0x7f.1", True),
    ],
)
def test_a_network_counts_as_one_caller(one: str, other: str, same: bool):
    """A /24 or a /48; what is no address at all is one caller too."""
    assert (network_of(one) == network_of(other)) is same


def test_a_blurred_address_means_nothing_tomorrow_nor_elsewhere():
    """The same today in the same process; different after midnight, and in another process."""
    blur = Blur()
    today = blur("203.0.113.7", NOW)

    assert blur("203.0.113.9", NOW + 60) == today
    assert Blur()("203.0.113.7", NOW) != today
    assert blur("203.0.113.7", NOW + 86_400) != today
    assert b"203" not in today
    assert len(today) == 16


OURS = proxies(["10.0.0.0/8", "fd00::/8"])


@pytest.mark.parametrize(
    ("remote", "forwarded", "found"),
    [
        ("203.0.113.7", [], "203.0.113.7"),
        ("203.0.113.7", ["198.51.100.1"], "203.0.113.7"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["192.0.2.66, 198.51.100.1"], "198.51.100.1"),
        ("10.0.0.1", ["192.0.2.66", "198.51.100.1, 10.9.9.9"], "198.51.100.1"),
        ("10.0.0.1", ["10.1.1.1, 10.2.2.2"], "10.1.1.1"),
        ("10.0.0.1", ["198.51.100.1, canary, 10.2.2.2"], "10.2.2.2"),
        ("10.0.0.1", [""], "10.0.0.1"),
        ("fd00::1", ["2001:db8::7"], "2001:db8::7"),
        ("::ffff:10.0.0.1", ["198.51.100.1"], "198.51.100.1"),
        (None, ["198.51.100.1"], "198.51.100.1"),
        (None, [], ""),
    ],
)
def test_the_caller_is_the_last_address_that_a_proxy_of_ours_saw(remote: str | None, forwarded: list[str], found: str):
    """Whatever a caller writes into X-Forwarded-For stands left of what our proxy added, and is not believed."""
    assert client_address(remote, forwarded, OURS) == found


def test_a_proxy_must_be_a_network():
    """A typing mistake in the settings ends the start."""
    with pytest.raises(ValueError, match="host bits"):
        proxies(["10.0.0.1/8"])


def test_the_throttle_counts_each_rate_by_itself():
    """Reading often does not forbid writing."""
    throttle = Throttle({"read": Rate(1, 60), "write": Rate(1, 60)}, trusted_proxies=["0.0.0.0/0"], clock=lambda: NOW)
    request = make_mocked_request("GET", "/", headers={"X-Forwarded-For": "198.51.100.1"})

    throttle(request, "read")
    throttle(request, "write")
    with pytest.raises(TooManyRequests) as refusal:
        throttle(request, "read")
    assert refusal.value.retry_after_seconds == 60


# ---------------------------------------------------------------- proof of work


@pytest.fixture
def work() -> ProofOfWork:
    """Make work that is done in a moment."""
    return ProofOfWork(b"s" * 32, cost=1, max_counter=20)


def _solved(challenge: dict[str, Any], **forged: Any) -> str:
    """Solve a challenge as a client does; forge some of its parameters first."""
    parsed = altcha.Challenge.from_dict(challenge | {"parameters": challenge["parameters"] | forged})
    solution = altcha.solve_challenge(parsed)
    assert solution is not None
    return altcha.Payload(parsed, solution).to_base64()


def _soon() -> int:
    return int(time.time())


def test_work_that_is_done_gives_its_nonce(work: ProofOfWork):
    """The door stores the nonce with the letter, and refuses it the second time."""
    challenge = work.issue(now=_soon())

    proof = work.verify(_solved(challenge), now=_soon())

    assert proof.nonce == challenge["parameters"]["nonce"]
    assert proof.expires_at == challenge["parameters"]["expiresAt"]


def test_work_is_missing_expired_or_wrong(work: ProofOfWork):
    """Three refusals, because three different things are to be done next."""
    old = work.issue(now=_soon() - 2_000)
    fresh = _solved(work.issue(now=_soon()))

    for nothing in (None, ""):
        with pytest.raises(WorkMissing):
            work.verify(nothing, now=_soon())
    with pytest.raises(WorkExpired):
        work.verify(_solved(old), now=_soon())
    with pytest.raises(WorkExpired):
        work.verify(fresh, now=_soon() + 1_201)
    with pytest.raises(WorkWrong):
        ProofOfWork(b"t" * 32).verify(fresh, now=_soon())


@pytest.mark.parametrize(
    "payload",
    ["canary", "é", base64.b64encode(b"[]").decode(), base64.b64encode(b'{"challenge":1}').decode(), "A" * 4_096],
)
def test_work_that_is_not_even_work_is_wrong(work: ProofOfWork, payload: str):
    """Whatever stands in the header, the answer is a refusal and no fault."""
    with pytest.raises(WorkWrong):
        work.verify(payload, now=_soon())


@pytest.mark.parametrize(
    "forged", [{"cost": 2, "keyPrefix": ""}, {"keyPrefix": "0"}, {"expiresAt": 9_999_999_999}, {"expiresAt": None}]
)
def test_a_challenge_cannot_be_made_easier_or_longer(work: ProofOfWork, forged: dict[str, Any]):
    """Its parameters are signed."""
    with pytest.raises(WorkWrong):
        work.verify(_solved(work.issue(now=_soon()), **forged), now=_soon())


def test_an_answer_cannot_be_guessed(work: ProofOfWork):
    """A key that was not derived from the challenge is refused."""
    payload = json.loads(base64.b64decode(_solved(work.issue(now=_soon()))))
    payload["solution"]["derivedKey"] = "00" * 32

    with pytest.raises(WorkWrong):
        work.verify(base64.b64encode(json.dumps(payload).encode()).decode(), now=_soon())
