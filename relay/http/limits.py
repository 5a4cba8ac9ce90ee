"""
Limits on how fast one network may ask, and proof of work: against floods, without keeping anybody's address.

A rate is counted under HMAC(a key that lives one day, the address's network). The address itself is neither kept nor
logged, and after midnight not even the relay could tell whether today's caller is yesterday's.
"""

import hmac
import ipaddress
import secrets
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any, Final, TypeAlias

import altcha
from aiohttp import hdrs, web

from keys.errors import Refused

#: Networks as (bytes of an address, mask, first address): a look at them costs no parsing.
Proxies: TypeAlias = tuple[tuple[int, int, int], ...]

#: One subscriber has a whole /48 of IPv6 at most; behind one IPv4 there are many, but attackers hold whole /24s.
_PREFIX_BYTES: Final = {0: 0, 4: 3, 16: 6}
_IPV4_MAPPED: Final = bytes(10) + b"\xff\xff"
_DAY_SECONDS: Final = 86_400
#: Above this many callers, those who are not being delayed are forgotten.
MAX_CALLERS: Final = 100_000

WORK_HEADER: Final = "Letter-Relay-Work"
_WORK_ALGORITHM: Final = "PBKDF2/SHA-256"
_WORK_MAX_CHARACTERS: Final = 2_048


class TooManyRequests(Refused):
    """Too many requests have come from your network."""

    code = "too_many_requests"
    cure = "Wait for the seconds that Retry-After names, then send the same request again."

    def __init__(self, retry_after_seconds: int) -> None:
        """Say how long to wait, in whole seconds."""
        super().__init__()
        self.retry_after_seconds = retry_after_seconds


class WorkMissing(Refused):
    """This needs a proof of work, so that nobody can flood the mediator with letters."""

    code = "work_missing"
    cure = (
        f"Get a challenge from /work, solve it, and send the solution as {WORK_HEADER}; clients do this by themselves."
    )


class WorkExpired(Refused):
    """The challenge that this proof of work answers has expired."""

    code = "work_expired"
    cure = "Get a new challenge from /work and solve that one."


class WorkWrong(Refused):
    """This proof of work does not solve a challenge of this relay."""

    code = "work_wrong"
    cure = "Get a new challenge from /work and solve it with a current client."


# ---------------------------------------------------------------- rates


@dataclass(frozen=True, slots=True)
class Rate:
    """So many requests in so many seconds; all of them may come at once, after a rest."""

    requests: int
    per_seconds: int

    def __post_init__(self) -> None:
        """Refuse a rate that would let nothing through."""
        if self.requests < 1 or self.per_seconds < 1:
            raise ValueError("a rate needs at least one request in at least one second")


class Gcra:
    """
    The generic cell rate algorithm (ITU-T I.371): one number a caller, no windows whose edges can be gamed.

    The number is the *theoretical arrival time*: when the caller will have paid off what was let through.
    """

    __slots__ = ("_arrivals", "_burst_seconds", "_max_callers", "_step_seconds")

    def __init__(self, rate: Rate, *, max_callers: int = MAX_CALLERS) -> None:
        """
        Count one rate.

        Args:
            rate: What is allowed.
            max_callers: How many callers are remembered before those who owe nothing are forgotten.
        """
        self._step_seconds = rate.per_seconds / rate.requests
        self._burst_seconds = rate.per_seconds - self._step_seconds
        self._max_callers = max_callers
        self._arrivals: dict[bytes, float] = {}

    def take(self, caller: bytes, now: float) -> float:
        """
        Let one request through, or say how long to wait.

        Args:
            caller: The blurred address.
            now: Seconds since 1970.

        Returns:
            0.0 if it is let through, otherwise the seconds until it would be; a refused request costs nothing.
        """
        due = max(self._arrivals.get(caller, now), now)
        if due > now + self._burst_seconds + self._step_seconds:
            # Nobody can owe that much: the clock was set back, which must not lock anybody out for as long.
            due = self._arrivals[caller] = now + self._burst_seconds + self._step_seconds
        wait_seconds = due - now - self._burst_seconds
        if wait_seconds > 1e-9:
            return wait_seconds
        if len(self._arrivals) >= self._max_callers and caller not in self._arrivals:
            self._forget(now)
        self._arrivals[caller] = due + self._step_seconds
        return 0.0

    def _forget(self, now: float) -> None:
        """Make room: first those who owe nothing; if all owe, everybody, for memory must not grow under attack."""
        self._arrivals = {caller: due for caller, due in self._arrivals.items() if due > now}
        if len(self._arrivals) >= self._max_callers:
            self._arrivals.clear()


class Blur:
    """Turns an address into a name for its network that means nothing tomorrow."""

    __slots__ = ("_day", "_key")

    def __init__(self) -> None:
        self._day = -1
        self._key = b""

    def __call__(self, address: str, now: float) -> bytes:
        """
        Name the network of an address.

        Args:
            address: What `client_address` gave; all that are no address are one caller.
            now: Seconds since 1970: the key is thrown away at midnight UTC.

        Returns:
            16 bytes.
        """
        day = int(now // _DAY_SECONDS)
        if day != self._day:
            self._day, self._key = day, secrets.token_bytes(32)
        return hmac.digest(self._key, network_of(address), "sha256")[:16]


def network_of(address: str) -> bytes:
    """Give the 3 bytes of the /24, or the 6 of the /48, that an address is in; none for what is no address."""
    packed = _packed(address)
    return packed[: _PREFIX_BYTES[len(packed)]]


def _packed(address: str) -> bytes:
    """Give the 4 or 16 bytes of an address, or none. An IPv4 address written as IPv6 is IPv4; a zone is left away."""
    try:
        if ":" not in address:
            return socket.inet_pton(socket.AF_INET, address)
        packed = socket.inet_pton(socket.AF_INET6, address.partition("%")[0])
    except (OSError, UnicodeEncodeError, ValueError):
        return b""
    return packed.removeprefix(_IPV4_MAPPED)


def client_address(remote: str | None, forwarded_for: Sequence[str], trusted: Proxies) -> str:
    """
    Find the address that asked, behind the proxies we run.

    From the right, because each proxy appends what it saw: the first address that is not one of ours is the last one
    that somebody trustworthy saw. What stands further left is whatever the caller liked to write.

    Args:
        remote: The socket's peer; None for a Unix socket, which only our own proxy can reach.
        forwarded_for: Every ``X-Forwarded-For`` header, in order.
        trusted: What `proxies` made of our own.

    Returns:
        An address, or an empty string if there is none.
    """
    found = remote or ""
    if remote is not None and not _is_within(remote, trusted):
        return found
    hops = [hop.strip() for header in forwarded_for for hop in header.split(",")]
    for hop in reversed(hops):
        if not _packed(hop):
            return found
        found = hop
        if not _is_within(hop, trusted):
            return found
    return found


def proxies(networks: Sequence[str]) -> Proxies:
    """
    Read the networks of our own proxies.

    Raises:
        ValueError: One is not a network such as ``10.0.0.0/8``, or has host bits.
    """
    parsed = [ipaddress.ip_network(network) for network in networks]
    return tuple((net.max_prefixlen // 8, int(net.netmask), int(net.network_address)) for net in parsed)


def _is_within(address: str, networks: Proxies) -> bool:
    packed = _packed(address)
    number = int.from_bytes(packed, "big")
    return any(len(packed) == size and number & mask == base for size, mask, base in networks)


class Throttle:
    """Holds each caller to the rate that an endpoint names; `binding.Frame.throttle`."""

    __slots__ = ("_blur", "_clock", "_rates", "_trusted")

    def __init__(
        self, rates: Mapping[str, Rate], *, trusted_proxies: Sequence[str], clock: Callable[[], float]
    ) -> None:
        """
        Count each of the named rates by itself.

        Args:
            rates: By name; an endpoint that names another one is a mistake and fails at its first request.
            trusted_proxies: Networks such as ``10.0.0.0/8``.
            clock: Seconds since 1970.
        """
        self._rates = {name: Gcra(rate) for name, rate in rates.items()}
        self._trusted = proxies(trusted_proxies)
        self._blur = Blur()
        self._clock = clock

    def __call__(self, request: web.Request, rate: str) -> None:
        """
        Let a request through or refuse it.

        Raises:
            TooManyRequests: The caller's network has used up the rate.
        """
        now = self._clock()
        address = client_address(
            request.remote or None, request.headers.getall(hdrs.X_FORWARDED_FOR, ()), self._trusted
        )
        wait_seconds = self._rates[rate].take(self._blur(address, now), now)
        if wait_seconds > 0:
            raise TooManyRequests(ceil(wait_seconds))


# ---------------------------------------------------------------- proof of work


@dataclass(frozen=True, slots=True)
class Work:
    """A proof that was right. The door stores the nonce with the letter; a second letter with it is refused there."""

    nonce: str
    #: Until then the nonce must be remembered; later the challenge has expired anyway.
    expires_at: int


@dataclass(frozen=True, slots=True)
class ProofOfWork:
    """
    ALTCHA v2 challenges: a fraction of a second for one writer, an expensive night for one million letters.

    A challenge is signed, not stored; that it is spent only once is for the caller to see to, in the transaction that
    stores what the work paid for.
    """

    #: 32 random bytes or more, the same on every node.
    secret: bytes
    cost: int = 1_000
    max_counter: int = 600
    lasts_seconds: int = 1_200

    def issue(self, *, now: int) -> dict[str, Any]:
        """Make a challenge, as the JSON object that altcha-lib solves."""
        challenge = altcha.create_challenge(
            _WORK_ALGORITHM,
            self.cost,
            counter=secrets.randbelow(self.max_counter),
            expires_at=now + self.lasts_seconds,
            hmac_secret=self._key("challenge"),
            hmac_key_secret=self._key("answer"),
        )
        return challenge.to_dict()

    def verify(self, payload: str | None, *, now: int) -> Work:
        """
        Check the proof that a request carries in `WORK_HEADER`.

        Args:
            payload: Base64 of ``{"challenge", "solution"}``, as altcha-lib writes it.
            now: Seconds since 1970.

        Raises:
            WorkMissing: There is none.
            WorkExpired: The challenge is older than `lasts_seconds`.
            WorkWrong: It is malformed, was not issued here, or is not solved.
        """
        if not payload:
            raise WorkMissing
        if len(payload) > _WORK_MAX_CHARACTERS:
            raise WorkWrong
        try:
            parsed = altcha.Payload.from_base64(payload)
        except (ValueError, KeyError, TypeError, RecursionError):
            raise WorkWrong from None
        result = altcha.verify_solution(parsed, self._key("challenge"), hmac_key_secret=self._key("answer"))
        if result.expired:
            raise WorkExpired
        expires_at = parsed.challenge.parameters.expires_at
        if not result.verified or expires_at is None:
            raise WorkWrong
        if now >= expires_at:
            raise WorkExpired
        return Work(parsed.challenge.parameters.nonce, expires_at)

    def _key(self, purpose: str) -> bytes:
        return hmac.digest(self.secret, f"letter-relay/work/v1/{purpose}".encode(), "sha256")
