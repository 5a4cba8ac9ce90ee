"""The ledger's test world behind the relay's real application: whatever is brought to the door comes over HTTP."""

import io
import os
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer
from structlog.testing import capture_logs

from config.diagnostics import AccessLog
from config.settings import Settings
from keys.canonical import encode_json
from keys.codes import family_keys, mailbox_id
from keys.errors import RelayError
from keys.ids import format_time
from keys.statements import Statement, sign_statement
from relay.http.app import OPERATOR_TOKEN_FILE, Relay, all_endpoints, open_relay
from relay.http.endpoints import Endpoint
from relay.http.frames import join_frames
from relay.http.pages import Pages
from relay.http.services import NOTE, PARTS, SEALED, Limits, Services
from relay.http.site import Site
from relay.http.startpage import RelayFacts
from relay.ledger.authority import DirectoryIn, OfficeIn, TrustIn
from relay.ledger.batch import Submission
from relay.ledger.founding import found
from relay.ledger.letters import LetterIn, RepliesIn
from relay.ledger.policy import PolicyIn
from relay.ledger.statements import FamilyStatementIn, StatementIn
from relay.storage.engine import Storage
from tests.http.problem_shape import assert_problem
from tests.ledger import world as ledger_world
from tests.ledger.cast import FamilyOf, a_cast, secret
from tests.ledger.checks import check_log
from tests.ledger.world import Clock, World, a_part

JSON = "application/json"
MACHINE = "lro_" + secret("the operator's commands").hex()

#: Who asks: nobody, a member of staff by name, a family, or the operator's own commands.
Who = str | FamilyOf | None
THE_MACHINE = "the machine"
#: Somebody with the secret of an invite that this relay has not given out.
THE_INVITED = "the invited"
INVITE = "lri_" + secret("an invite").hex()

#: aiohttp's client wants larger bodies as a file.
_LARGE_BYTES = 1_048_576
_AT_FACILITY = frozenset({"receive", "missing", "find", "deliver", "refuse", "fail"})
#: What must not be logged in a test of refusals: a bug, a door shut, a problem that no specification announced.
_BUGS = frozenset({"fault", "door_shut", "submission_failed", "undocumented_problem"})


@dataclass
class ServedWorld(World):
    """One relay on a loopback port, and everybody who calls it."""

    served: Relay = field(kw_only=True)
    client: TestClient[web.Request, web.Application] = field(kw_only=True)
    #: Locators (16 bytes) by mailbox: what a receipt code would give to its family alone.
    locators: dict[str, bytes] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    #: The body of every answer that refused something, and the address of every request.
    problems: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)

    # ------------------------------------------------------------ asking

    async def ask(
        self,
        method: str,
        path: str,
        body: bytes | Mapping[str, object] | None = None,
        *,
        by: Who = None,
        media_type: str = JSON,
        headers: Mapping[str, str] | None = None,
    ) -> ClientResponse:
        """Send one request; what is refused must be among the problems that the endpoint documents."""
        sent = dict(headers or {})
        if by is not None:
            sent["Authorization"] = f"Bearer {await self.bearer(by)}"
        data = body if body is None or isinstance(body, bytes) else encode_json(dict(body)).encode()
        if data is not None:
            sent["Content-Type"] = media_type
        self.addresses.append(path)
        content = io.BytesIO(data) if data is not None and len(data) > _LARGE_BYTES else data
        response = await self.client.request(method, path, data=content, headers=sent)
        await response.read()
        if response.status >= 400:
            self.problems.append(await response.text())
            self._require_documented(method, path, await response.json(content_type=None))
        return response

    async def read(self, path: str, *, by: Who = None) -> Any:
        """Get JSON that must be there."""
        response = await self.ask("GET", path, by=by)
        assert response.status == 200, await response.text()
        return await response.json()

    async def bearer(self, who: str | FamilyOf) -> str:
        """Give what somebody sends to be known; staff sign in with a signed challenge first."""
        if isinstance(who, FamilyOf):
            return self.locators[who.mailbox].hex()
        if who in {THE_MACHINE, THE_INVITED}:
            return MACHINE if who == THE_MACHINE else INVITE
        if who not in self.tokens:
            response = await self.sign_in(who)
            assert response.status == 200, await response.text()
            self.tokens[who] = (await response.json())["token"]
        return self.tokens[who]

    async def sign_in(self, name: str, **changed: Any) -> ClientResponse:
        """Ask for a challenge and answer with a sign-in statement."""
        return await self.ask("POST", "/sign-in", await self.sign_in_statement(name, **changed), media_type=NOTE)

    async def sign_in_statement(self, name: str, *, directory: int = 1) -> bytes:
        """Ask for a challenge and sign it."""
        member = self.cast.staff[name]
        answer = await self.ask("POST", "/sign-in/challenges", {"staff": member.id})
        fields = {"challenge": (await answer.json())["challenge"]}
        at = format_time(self.clock())
        return sign_statement(Statement("sign-in", self.relay, directory, at, (), fields), member.signer)

    def endpoint(self, method: str, path: str) -> Endpoint | None:
        """Find the endpoint that a request goes to."""
        return next((one for one in self.served.endpoints if one.method == method and _fits(one, path)), None)

    def _require_documented(self, method: str, path: str, problem: Mapping[str, object]) -> None:
        endpoint = self.endpoint(method, path)
        if endpoint is not None:
            assert problem["code"] in {kind.code for kind in endpoint.problems}, (endpoint.name, problem)

    # ------------------------------------------------------------ what the ledger's world does, over HTTP

    def family(self, word: str = "the Marchenkos") -> FamilyOf:
        """Name a family, and remember its locator."""
        family = super().family(word)
        self.locators.setdefault(family.mailbox, secret(f"{word}, locator")[:16])
        return family

    def family_by_code(self, code: str) -> FamilyOf:
        """Make a family from its receipt code, as its own client does."""
        keys = family_keys(code, bytes.fromhex(self.relay))
        family = FamilyOf(mailbox_id(keys.locator), keys.signer, keys.identity)
        self._families[code] = family
        self.locators[family.mailbox] = keys.locator
        return family

    async def bring(self, submission: Submission) -> ClientResponse:
        """Bring something to the door by the route that is for it, in the name of whoever signed it."""
        match submission:
            case TrustIn(note):
                return await self.ask("POST", "/operator/trust", note, by=THE_MACHINE, media_type=NOTE)
            case DirectoryIn(note, document):
                body = {"note": note.decode(), "document": document.decode()}
                return await self.ask("POST", "/operator/directory", body, by=THE_MACHINE)
            case OfficeIn():
                rows = {} if submission.rows is None else {"rows": submission.rows.decode()}
                body = {"note": submission.note.decode()} | rows
                return await self.ask("POST", "/office/statements", body, by=self.name_of(submission.staff))
            case LetterIn():
                return await self.put_letter(submission)
            case FamilyStatementIn():
                family = next(one for one in self._families.values() if one.mailbox == submission.mailbox)
                return await self.ask("POST", "/family/statements", submission.note, by=family, media_type=NOTE)
            case StatementIn() | RepliesIn():
                by = self.name_of(submission.staff)
                return await self.ask("POST", _path_of(submission), submission.note, by=by, media_type=NOTE)
            case _:
                raise AssertionError("only the relay itself does that")

    async def put_letter(self, letter: LetterIn, *, sealed: bytes | None = None) -> ClientResponse:
        """Send a letter as its family does, or other bytes in its place."""
        family = next(one for one in self._families.values() if one.mailbox == letter.mailbox)
        return await self.ask(
            "PUT",
            f"/family/letters/{letter.line.item}",
            letter.sealed if sealed is None else sealed,
            by=family,
            media_type=SEALED,
            headers={"Letter-Relay-Signer": letter.signer},
        )

    async def submit(self, submission: Submission) -> bytes:
        """
        Bring something to the door, which must take it; only what the relay does by itself goes there directly.

        Raises:
            RelayError: The class that the refusal's code belongs to, so that tests of the ledger hold over HTTP too.
        """
        if isinstance(submission, PolicyIn):
            return await self.ledger.submit(submission)
        response = await self.bring(submission)
        if response.status != 200:
            raise self._refusal(await response.json(content_type=None))
        return await response.read()

    async def refused(self, response: ClientResponse, status: int, code: str) -> dict[str, Any]:
        """Assert that an answer is this problem, whole, and says what to do next."""
        kinds = {kind.code: kind for endpoint in self.served.endpoints for kind in endpoint.problems}
        problem = await assert_problem(response, kinds[code])
        assert (response.status, problem["code"]) == (status, code)
        return problem

    async def refuses(self, submission: Submission, status: int, code: str) -> dict[str, Any]:
        """Bring something to the door that it must refuse; the log stays as it was, though it may be signed anew."""
        before = self.ledger.head.size
        problem = await self.refused(await self.bring(submission), status, code)
        assert self.ledger.head.size == before
        return problem

    def _refusal(self, problem: Mapping[str, str]) -> RelayError:
        kinds = {kind.code: kind for endpoint in self.served.endpoints for kind in endpoint.problems}
        return kinds[problem["code"]](problem["detail"])

    async def upload(self, *sealed: bytes) -> list[str]:
        """Upload sealed files: a picture as its family does, everything else as staff do."""
        parts = [a_part(data) for data in sealed]
        for part in parts:
            if part.line.startswith("letter-relay/enclosure/v1 "):
                path, by = f"/family/parts/{part.digest}", self.family()
                answer = await self.ask("PUT", path, part.sealed, by=by, media_type=SEALED)
                assert answer.status == 204, await answer.text()
            else:
                framed = join_frames([part.sealed])
                answer = await self.ask("POST", "/staff/parts", framed, by="reg", media_type=PARTS)
                assert await answer.json() == {"digests": [part.digest]}
        return [part.digest for part in parts]

    def name_of(self, staff: str) -> str:
        """Find whose staff id this is."""
        return next(name for name, member in self.cast.staff.items() if member.id == staff)


def _fits(endpoint: Endpoint, path: str) -> bool:
    pattern = re.escape(endpoint.template).replace(r"\{tile\}", ".+")
    return re.fullmatch(re.sub(r"\\{\w+\\}", "[^/]+", pattern), path.partition("?")[0]) is not None


def _path_of(submission: StatementIn | RepliesIn) -> str:
    if isinstance(submission, RepliesIn):
        return "/facility/replies"
    return f"/{'facility' if submission.statement.kind in _AT_FACILITY else 'review'}/statements"


def the_table() -> tuple[Endpoint, ...]:
    """Give the whole route table, pages included, without a relay behind it: for what it says of itself."""
    described = cast("Services", SimpleNamespace(limits=Limits()))
    facts = RelayFacts("relay.example", "ab" * 16, None, None, is_open=True)
    site = Site(b"{}", "default-src 'none'", {})
    return Pages(lambda: facts, version="1", site=site, serve_staff=True).with_pages(
        all_endpoints(described, checks={})
    )


def the_settings(folder: Path, **sections: Mapping[str, object]) -> Settings:
    """Set up a relay for tests: no proof of work, no rates, checkpoints only when a test publishes them."""
    usual: dict[str, dict[str, object]] = {
        "relay": {"name": "relay.example", "data_dir": str(folder)},
        "limits": {"requests_per_minute": 0, "accepts_per_minute": 0, "sign_ins_per_minute": 0},
        "publish": {"checkpoint_seconds": 3_600},
        "work": {"required": False},
        "sessions": {"idle_minutes": 1_440, "absolute_hours": 168},
    }
    return Settings.model_validate(
        {name: usual.get(name, {}) | dict(sections.get(name, {})) for name in usual | sections}
    )


@asynccontextmanager
async def a_founded_world(
    folder: Path, *, site: Site | None = None, **sections: Mapping[str, object]
) -> AsyncIterator[ServedWorld]:
    """
    Found a relay and serve it on a loopback port; nothing is published yet, so it is not open.

    Args:
        site: The pages that it serves.
        sections: Settings that differ, by section.
    """
    clock, settings = Clock(), the_settings(folder, **sections)
    storage = Storage(settings.database_url())
    founded = await found(storage, folder, name="relay.example", random=os.urandom, clock=clock)
    await storage.close()
    (folder / OPERATOR_TOKEN_FILE).write_text(f"{MACHINE}\n", encoding="ascii")
    async with open_relay(settings, site=site, clock=clock) as relay:
        server = TestServer(relay.app)
        await server.start_server(lingering_time=0.05, access_log_class=AccessLog)
        async with TestClient(server) as client:
            world = ServedWorld(
                folder=folder,
                storage=relay.services.storage,
                ledger=relay.services.ledger,
                founded=founded,
                cast=a_cast(founded.head.relay, founded.head.origin),
                clock=clock,
                served=relay,
                client=client,
            )
            yield world


@asynccontextmanager
async def a_served_world(
    folder: Path, *, site: Site | None = None, **sections: Mapping[str, object]
) -> AsyncIterator[ServedWorld]:
    """Serve a relay, and publish its trust, directory and register over HTTP."""
    async with a_founded_world(folder, site=site, **sections) as world:
        await ledger_world.open_relay(world)
        yield world


@asynccontextmanager
async def a_checked_world(
    folder: Path, *, site: Site | None = None, **sections: Mapping[str, object]
) -> AsyncIterator[ServedWorld]:
    """Serve a relay for one test; afterwards its log must verify, and nothing unforeseen may have been logged."""
    with no_bugs():
        async with a_served_world(folder, site=site, **sections) as world:
            yield world
            await check_log(world.storage, world.founded.key)


@contextmanager
def no_bugs() -> Iterator[None]:
    """Require that nothing is logged that is a bug or an undocumented problem."""
    with capture_logs() as logs:
        yield
    assert [line for line in logs if line["event"] in _BUGS] == []


__all__ = [
    "THE_INVITED",
    "THE_MACHINE",
    "ServedWorld",
    "a_checked_world",
    "a_founded_world",
    "a_served_world",
    "no_bugs",
]
