"""A small table with one endpoint of each kind, so that the frame is tested without the relay behind it."""

import asyncio
import errno
import sqlite3
from collections.abc import AsyncIterator
from typing import Annotated, Literal

from aiohttp import web
from pydantic import Field
from sqlalchemy.exc import OperationalError

from keys.errors import Refused
from relay.http.calls import (
    Answer,
    AnyQuery,
    Audience,
    Call,
    FamilyCaller,
    InvitedCaller,
    MachineCaller,
    NotSignedIn,
    StaffCaller,
    Stream,
    Strict,
    bearer,
)
from relay.http.endpoints import Endpoint, Json, Media, NotFound, Raw
from relay.http.sessions import ChallengeSpent

Hex32 = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]

LOCATOR = "a1" * 16
REVIEWER = "lrs_" + "1" * 64
OFFICER = "lrs_" + "2" * 64
MACHINE = "machine"


class Stale(Refused):
    """Someone has moved this item since you read it."""

    code = "toy_stale"
    cure = "Read the item again."


class ItemPath(Strict):
    """Where an item is."""

    item: Hex32


class Page(Strict):
    """Which part of a list."""

    start: Annotated[int, Field(ge=0, le=2**53)] = 0
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    newest_first: bool = False


class Subject(Strict):
    """One item of a claim."""

    item: Hex32
    seq: Annotated[int, Field(ge=0, le=1000)]


class Claim(Strict):
    """Which items are claimed."""

    desk: Annotated[str, Field(pattern=r"^[a-z]{1,20}$")]
    subjects: Annotated[list[Subject], Field(min_length=1, max_length=3)]
    hint: Literal["uk", "ru", "en"] | None = None


class WriteHeaders(Strict):
    """The headers of a write."""

    idempotency_key: Annotated[Hex32 | None, Field(alias="Idempotency-Key")] = None


class Claimed(Strict):
    """What was claimed."""

    by: str
    desk: str
    items: list[str]
    hint: str | None = None


class Listed(Strict):
    """A page of a list."""

    start: int
    limit: int
    newest_first: bool


class ToyAuthenticator:
    """Knows two members of staff and one machine."""

    async def family(self, request: web.Request, locator: bytes) -> FamilyCaller:
        """Take any locator, as the relay does."""
        return FamilyCaller(locator.hex())

    async def staff(self, request: web.Request) -> StaffCaller:
        """Know two tokens."""
        token = bearer(request)
        if token not in {REVIEWER, OFFICER}:
            raise NotSignedIn
        role, desk = ("reviewer", "mediator") if token == REVIEWER else ("officer", "camp")
        return StaffCaller("s1", "p1", frozenset({role}), frozenset({desk}), "session")

    async def scoped(self, request: web.Request, scope: str) -> StaffCaller:
        """Take no tokens of other programs."""
        return await self.staff(request)

    async def machine(self, request: web.Request) -> MachineCaller:
        """Know one token."""
        if bearer(request) != MACHINE:
            raise NotSignedIn
        return MachineCaller("witness")

    async def invited(self, request: web.Request) -> InvitedCaller:
        """Know no invite."""
        raise NotSignedIn


async def write(call: Call[FamilyCaller, bytes, None, ItemPath, WriteHeaders]) -> bytes:
    """Echo a sealed letter."""
    return call.body


async def claim(call: Call[StaffCaller, Claim]) -> Claimed:
    """Claim items."""
    call.caller.must_work_at(call.body.desk)
    return Claimed(
        by=call.caller.id, desk=call.body.desk, items=[each.item for each in call.body.subjects], hint=call.body.hint
    )


async def listed(call: Call[None, None, Page]) -> Listed:
    """Show a page."""
    return Listed(**call.query.model_dump())


async def forget(call: Call[StaffCaller, None, None, ItemPath]) -> None:
    """Forget an item."""
    if call.path.item == "0" * 32:
        raise NotFound


async def tile(call: Call) -> Answer:
    """Give a tile that never changes."""
    match call.request.headers.get("If-None-Match"):
        case '"unchanged"':
            return Answer(status=304)
        case '"odd"':
            return Answer(b"", status=206)
    return Answer(b"\x00" * 32, headers={"Cache-Control": "public, max-age=604800, immutable"})


async def export(call: Call[MachineCaller]) -> Stream:
    """Give a long answer."""

    async def chunks() -> AsyncIterator[bytes]:
        for number in range(3):
            yield f"{number}\n".encode()
        while call.request.headers.get("X-Toy-Endless"):
            await asyncio.sleep(0)
            yield b"x" * 65_536
        if call.request.headers.get("X-Toy-Break"):
            raise RuntimeError("canary: broken on the way")

    return Stream(chunks())


async def page(call: Call[None, None, AnyQuery]) -> bytes:
    """Give a page."""
    return b"<!doctype html><title>toy</title>"


FAULTS: dict[str, Exception] = {
    "bug": RuntimeError("canary: a row that was private"),
    "disk": OSError(errno.ENOSPC, "canary"),
    "gone": ConnectionResetError("canary"),
    "stale": Stale(),
    "undocumented": ChallengeSpent(),
}
_full = sqlite3.OperationalError("canary: database or disk is full")
_full.sqlite_errorcode = sqlite3.SQLITE_FULL
_locked = sqlite3.OperationalError("canary: database is locked")
_locked.sqlite_errorcode = sqlite3.SQLITE_BUSY
FAULTS["full"] = OperationalError("INSERT canary", {}, _full)
FAULTS["locked"] = OperationalError("INSERT canary", {}, _locked)


class FaultPath(Strict):
    """Which fault is wanted."""

    fault: str


async def fail(call: Call[None, None, None, FaultPath]) -> None:
    """Fail as asked."""
    raise FAULTS[call.path.fault]


async def lie(call: Call) -> bytes:
    """Answer something else than what is described."""
    return b"not a model"


async def lie_in_json(call: Call) -> Listed:
    """Answer a model where bytes are described."""
    return Listed(start=0, limit=0, newest_first=False)


TOY = (
    Endpoint(
        method="PUT",
        path="/items/{item}",
        name="write",
        summary="Write a sealed letter",
        audience=Audience.FAMILY,
        handler=write,
        body=Raw("application/vnd.letter-relay.sealed", 8_192),
        path_model=ItemPath,
        headers_model=WriteHeaders,
        answer=Media("application/vnd.letter-relay.sealed"),
        ok=201,
        rate="write",
    ),
    Endpoint(
        method="DELETE",
        path="/items/{item}",
        name="forget",
        summary="Forget an item",
        audience=Audience.STAFF,
        roles=frozenset({"reviewer", "senior"}),
        handler=forget,
        path_model=ItemPath,
        errors=(NotFound,),
        ok=204,
    ),
    Endpoint(
        method="POST",
        path="/claims",
        name="claim",
        summary="Claim items",
        audience=Audience.STAFF,
        roles=frozenset({"reviewer"}),
        handler=claim,
        body=Json(Claim, 4_096),
        answer=Claimed,
    ),
    Endpoint(
        method="GET",
        path="/items",
        name="listed",
        summary="List items",
        audience=Audience.PUBLIC,
        handler=listed,
        query_model=Page,
        answer=Listed,
    ),
    Endpoint(
        method="GET",
        path="/log/1/tile/{rest:.+}",
        name="tile",
        summary="Read a tile",
        audience=Audience.PUBLIC,
        handler=tile,
        path_model=type("TilePath", (Strict,), {"__annotations__": {"rest": str}}),
        answer=Media("application/octet-stream"),
        also=(304,),
        before_opening=True,
    ),
    Endpoint(
        method="GET",
        path="/export",
        name="export",
        summary="Export everything",
        audience=Audience.MACHINE,
        handler=export,
        answer=Media("application/jsonl"),
    ),
    Endpoint(
        method="GET",
        path="/page",
        name="page",
        summary="Read a page",
        audience=Audience.PUBLIC,
        handler=page,
        query_model=AnyQuery,
        answer=Media("text/html; charset=utf-8"),
    ),
)

#: Only for the tests of what goes wrong: nobody would document these.
BROKEN = (
    Endpoint(
        method="GET",
        path="/fail/{fault}",
        name="fail",
        summary="Fail",
        audience=Audience.PUBLIC,
        handler=fail,
        path_model=FaultPath,
        errors=(Stale,),
        ok=204,
    ),
    Endpoint(
        method="GET", path="/lie", name="lie", summary="Lie", audience=Audience.PUBLIC, handler=lie, answer=Listed
    ),
    Endpoint(
        method="GET",
        path="/lie/in/json",
        name="lie_in_json",
        summary="Lie",
        audience=Audience.PUBLIC,
        handler=lie_in_json,
        answer=Media("text/plain"),
    ),
)
