"""What a handler is given and what it gives back: the caller, the checked parts of a request, the answer."""

from collections.abc import AsyncIterator, Awaitable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, ClassVar, Generic, Protocol

from aiohttp import web
from pydantic import BaseModel, ConfigDict
from typing_extensions import TypeVar

from keys.errors import Refused
from relay.domain.refusals import WrongDesk

LOCATOR_BYTES = 16


class Audience(Enum):
    """Who an endpoint is for. There is no default: an endpoint that names nobody cannot be built."""

    #: Anyone, unsigned: the log, trust, health, this relay's own pages.
    PUBLIC = "public"
    #: Whoever holds a receipt code: the locator derived from it, as a bearer.
    FAMILY = "family"
    #: A signed-in member of staff in one of the endpoint's roles.
    STAFF = "staff"
    #: Another program with a token of its own, such as a witness.
    MACHINE = "machine"
    #: Whoever holds an invite to become staff: its secret, as a bearer.
    INVITED = "invited"


class NotSignedIn(Refused):
    """This request needs a bearer token, and none that is valid came with it."""

    code = "not_signed_in"
    cure = "Sign in again, or send the locator of the receipt code, as `Authorization: Bearer <hex>`."


@dataclass(frozen=True, slots=True)
class FamilyCaller:
    """Whoever holds a receipt code; the relay knows of them no more than this."""

    #: SHA-256 of the locator, lower-case hex.
    mailbox: str


@dataclass(frozen=True, slots=True)
class StaffCaller:
    """A signed-in member of staff, with the power that the directory in force gives to them."""

    id: str
    #: Who they are as a human being: a person may be on the staff twice, but confirms nothing of their own.
    person: str
    roles: frozenset[str]
    desks: frozenset[str]
    #: The id (not the token) of the session, so that it can be ended; of a program's token, that token's id.
    session: str

    def must_work_at(self, desk: str) -> None:
        """
        Refuse unless this member works at the desk.

        Raises:
            WrongDesk: The directory in force does not place them there.
        """
        if desk not in self.desks:
            raise WrongDesk


@dataclass(frozen=True, slots=True)
class MachineCaller:
    """Another program, known by the name its token was given."""

    id: str


@dataclass(frozen=True, slots=True)
class InvitedCaller:
    """Whoever sends the secret of an invite; whether there is such an invite is for the handler to find."""

    #: SHA-256 of the secret, lower-case hex.
    digest: str


class Authenticator(Protocol):
    """Says who is calling; whatever it cannot recognise it refuses with `NotSignedIn`."""

    async def family(self, request: web.Request, locator: bytes) -> FamilyCaller:
        """Name the mailbox of a locator (16 bytes). Says nothing about whether the mailbox exists."""
        ...

    async def staff(self, request: web.Request) -> StaffCaller:
        """Name the member of staff whose session the request carries."""
        ...

    async def scoped(self, request: web.Request, scope: str) -> StaffCaller:
        """Name the member of staff whose session the request carries, or who made its token for this scope."""
        ...

    async def machine(self, request: web.Request) -> MachineCaller:
        """Name the program whose token the request carries."""
        ...

    async def invited(self, request: web.Request) -> InvitedCaller:
        """Name the invite whose secret the request carries. Says nothing about whether there is such an invite."""
        ...


class Strict(BaseModel):
    """
    The base of everything a request may contain, and of every answer.

    Strict, so that ``"5"`` is never 5; closed, so that a misspelt key is an error and not a silence; frozen.
    """

    model_config: ClassVar[ConfigDict] = ConfigDict(strict=True, extra="forbid", frozen=True)


class AnyQuery(BaseModel):
    """A query that nobody reads: messengers add tracking keys to a shared link, and the page must open all the same."""

    model_config: ClassVar[ConfigDict] = ConfigDict(extra="ignore")


CallerT = TypeVar("CallerT", default=None)
BodyT = TypeVar("BodyT", default=None)
QueryT = TypeVar("QueryT", default=None)
PathT = TypeVar("PathT", default=None)
HeadersT = TypeVar("HeadersT", default=None)


@dataclass(slots=True)
class Call(Generic[CallerT, BodyT, QueryT, PathT, HeadersT]):
    """
    One request after every check that its endpoint describes.

    ``Call[FamilyCaller, bytes]`` is a family's call with raw bytes; what is left out is None. Not frozen: making a
    frozen one costs twice as much, and one is made for every request.
    """

    caller: CallerT
    body: BodyT
    query: QueryT
    path: PathT
    headers: HeadersT
    #: For the rare handler that streams; everything else is in the other fields.
    request: web.Request


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that says more than its body: other headers, or another of the endpoint's statuses."""

    body: BaseModel | bytes | None = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stream:
    """An answer too long to be held in memory, written chunk by chunk; the first is made before the status is sent."""

    chunks: AsyncIterator[bytes]
    headers: Mapping[str, str] = field(default_factory=dict)


class Handler(Protocol):
    """
    What an endpoint calls.

    It returns its answer model, or the bytes of its media type, or None where nothing is to be said; an `Answer`
    where headers or status differ; a `Stream` where the answer is long.
    """

    # Each handler names its own Call[…]; one table holds them all, hence Any.
    def __call__(self, call: Any, /) -> Awaitable[Answer | Stream | BaseModel | bytes | None]:
        """Answer one call."""
        ...


def bearer(request: web.Request) -> str | None:
    """Read the token of ``Authorization: Bearer <token>``; None if there is none of that kind."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if token and scheme.lower() == "bearer" else None


def locator_of(request: web.Request) -> bytes:
    """
    Read a family's locator.

    Returns:
        16 bytes.

    Raises:
        NotSignedIn: There is no bearer, or it is not 32 lower-case hex digits.
    """
    token = bearer(request)
    if token is None or len(token) != 2 * LOCATOR_BYTES:
        raise NotSignedIn
    try:
        locator = bytes.fromhex(token)
    except ValueError:
        raise NotSignedIn from None
    if locator.hex() != token:
        raise NotSignedIn
    return locator
