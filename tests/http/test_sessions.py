"""Sessions: found by their token only, ended by time or by hand, and never opened from another site."""

from collections.abc import Sequence

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from relay.http.calls import NotSignedIn
from relay.http.sessions import (
    COOKIE,
    Challenge,
    ChallengeSpent,
    CrossSite,
    Session,
    SessionOver,
    Sessions,
    clear_cookie,
    issue_challenge,
    session_id,
    set_cookie,
    spend_challenge,
    token_of,
)

NOW = 1_900_000_000
IDLE, ABSOLUTE = 1_800, 36_000


class InMemory:
    """Stores sessions in a dictionary."""

    def __init__(self) -> None:
        self.rows: dict[str, Session] = {}
        self.writes = 0

    async def get(self, session_id: str) -> Session | None:
        """Read one."""
        return self.rows.get(session_id)

    async def put(self, session: Session) -> None:
        """Write one."""
        self.rows[session.id] = session
        self.writes += 1

    async def delete(self, session_id: str) -> None:
        """Forget one."""
        self.rows.pop(session_id, None)

    async def list(self, staff: str) -> Sequence[Session]:
        """Read those of one member."""
        return [row for row in self.rows.values() if row.staff == staff]


class Challenges:
    """Stores challenges in a dictionary."""

    def __init__(self) -> None:
        self.rows: dict[str, Challenge] = {}

    async def put(self, challenge: Challenge) -> None:
        """Write one."""
        self.rows[challenge.value] = challenge

    async def take(self, value: str) -> Challenge | None:
        """Read and delete one."""
        return self.rows.pop(value, None)


@pytest.fixture
def store() -> InMemory:
    """Make an empty store."""
    return InMemory()


@pytest.fixture
def sessions(store: InMemory) -> Sessions:
    """Make sessions over it: half an hour idle, ten hours in all."""
    return Sessions(store, idle_seconds=IDLE, absolute_seconds=ABSOLUTE)


async def test_a_session_is_found_by_its_token_and_the_token_is_not_kept(sessions: Sessions, store: InMemory):
    """Whoever reads the database cannot sign in with what is there."""
    token = await sessions.open("ann", now=NOW)

    assert (await sessions.find(token, now=NOW + 1)).staff == "ann"
    assert token.startswith("lrs_")
    assert len(token) == 68
    assert token not in repr(store.rows)
    assert token[4:] not in repr(store.rows)


async def test_two_sessions_have_nothing_in_common(sessions: Sessions):
    """256 random bits each."""
    assert await sessions.open("ann", now=NOW) != await sessions.open("ann", now=NOW)


@pytest.mark.parametrize(
    "token", ["", "lrs_", "lrs_" + "g" * 64, "lrs_" + "A" * 64, "lrs_" + "a" * 63, "a" * 68, "lrs_" + "a" * 64 + "\n"]
)
async def test_what_is_no_token_is_not_looked_up(sessions: Sessions, token: str):
    """A locator sent by mistake to a staff address is not hashed, stored or logged."""
    with pytest.raises(NotSignedIn):
        await sessions.find(token, now=NOW)


async def test_an_idle_session_ends(sessions: Sessions, store: InMemory):
    """To the second; and its row is gone."""
    token = await sessions.open("ann", now=NOW)

    await sessions.find(token, now=NOW + IDLE - 1)
    with pytest.raises(SessionOver):
        await sessions.find(token, now=NOW + 2 * IDLE - 1)
    assert store.rows == {}


async def test_a_session_in_use_ends_too(sessions: Sessions):
    """Nobody stays signed in for ever by being busy."""
    token = await sessions.open("ann", now=NOW)
    for minutes in range(0, ABSOLUTE // 60, 20):
        await sessions.find(token, now=NOW + 60 * minutes)

    with pytest.raises(SessionOver):
        await sessions.find(token, now=NOW + ABSOLUTE)


async def test_using_a_session_writes_once_a_minute_at_most(sessions: Sessions, store: InMemory):
    """Reading a queue is not a write each time."""
    token = await sessions.open("ann", now=NOW)
    for second in range(61):
        await sessions.find(token, now=NOW + second)

    assert store.writes == 2


async def test_a_session_can_be_ended_by_its_owner_only(sessions: Sessions, store: InMemory):
    """Another member's session is left alone, and so is one that never was."""
    token = await sessions.open("ann", now=NOW)

    await sessions.end(session_id(token), staff="ben")
    await sessions.end("0" * 64, staff="ann")
    assert len(store.rows) == 1
    await sessions.end(session_id(token), staff="ann")
    with pytest.raises(SessionOver):
        await sessions.find(token, now=NOW)


async def test_all_sessions_of_a_member_can_be_ended(sessions: Sessions):
    """Ann has lost her laptop; Ben goes on working."""
    anns = [await sessions.open("ann", now=NOW) for _ in range(2)]
    bens = await sessions.open("ben", now=NOW)

    assert await sessions.end_all("ann") == 2
    for token in anns:
        with pytest.raises(SessionOver):
            await sessions.find(token, now=NOW)
    assert (await sessions.find(bens, now=NOW)).staff == "ben"


# ---------------------------------------------------------------- challenges


async def test_a_challenge_is_answered_once():
    """A recorded sign-in statement opens nothing the second time."""
    store = Challenges()
    challenge = await issue_challenge(store, "ann", now=NOW)

    assert len(bytes.fromhex(challenge.value)) == 32
    await spend_challenge(store, challenge.value, "ann", now=NOW + 299)
    with pytest.raises(ChallengeSpent):
        await spend_challenge(store, challenge.value, "ann", now=NOW + 299)


@pytest.mark.parametrize(("staff", "later"), [("ben", 0), ("ann", 300)])
async def test_a_challenge_is_for_one_member_and_five_minutes(staff: str, later: int):
    """And whoever tries with another's has used it up."""
    store = Challenges()
    challenge = await issue_challenge(store, "ann", now=NOW)

    with pytest.raises(ChallengeSpent):
        await spend_challenge(store, challenge.value, staff, now=NOW + later)
    assert store.rows == {}


# ---------------------------------------------------------------- browsers


def _request(method: str, **headers: str) -> web.Request:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return make_mocked_request(method, "/", headers={"Host": "relay.example"} | named)


def test_a_client_sends_its_token_and_is_not_asked_where_it_comes_from():
    """A bearer does not travel by itself."""
    request = _request("POST", Authorization="Bearer lrs_x", Sec_Fetch_Site="cross-site", Cookie=f"{COOKIE}=other")

    assert token_of(request) == "lrs_x"


def test_without_token_or_cookie_nobody_is_signed_in():
    """Not even from the relay's own page."""
    with pytest.raises(NotSignedIn):
        token_of(_request("POST", Sec_Fetch_Site="same-origin"))


@pytest.mark.parametrize(
    ("method", "headers", "allowed"),
    [
        ("POST", {"Sec_Fetch_Site": "same-origin"}, True),
        ("POST", {"Sec_Fetch_Site": "same-site"}, False),
        ("POST", {"Sec_Fetch_Site": "cross-site"}, False),
        ("POST", {"Sec_Fetch_Site": "none"}, False),
        ("POST", {"Sec_Fetch_Site": "cross-site", "Origin": "https://relay.example"}, False),
        ("POST", {"Origin": "https://relay.example"}, True),
        ("DELETE", {"Origin": "https://evil.example"}, False),
        ("PUT", {"Origin": "https://relay.example.evil.example"}, False),
        ("POST", {"Origin": "null"}, False),
        ("POST", {}, False),
        ("GET", {}, True),
        ("HEAD", {"Sec_Fetch_Site": "cross-site"}, True),
    ],
)
def test_a_cookie_counts_only_from_our_own_page(method: str, headers: dict[str, str], allowed: bool):
    """Another site can make a browser send the cookie, but not lie about where the request comes from."""
    request = _request(method, Cookie=f"{COOKIE}=lrs_x", **headers)

    if allowed:
        assert token_of(request) == "lrs_x"
    else:
        with pytest.raises(CrossSite):
            token_of(request)


def test_the_cookie_is_out_of_reach_of_scripts_and_sites():
    """``__Host-`` demands Secure, the path / and no Domain; browsers refuse it otherwise."""
    response = web.Response()
    set_cookie(response, "lrs_x", lasts_seconds=600)
    given = response.cookies[COOKIE].OutputString()
    clear_cookie(response)
    taken = response.cookies[COOKIE].OutputString()

    assert given.startswith("__Host-lrs=lrs_x;")
    for attribute in ("HttpOnly", "Path=/", "SameSite=Strict", "Secure"):
        assert attribute in given
        assert attribute in taken
    assert "Max-Age=600" in given
    assert "Max-Age=0" in taken
    assert "Domain" not in given
