"""Which witnesses must have cosigned a checkpoint: a C2SP tlog-policy, as it stands in a trust page."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from keys.errors import Malformed
from keys.vkeys import Algorithm, Vkey

_NONE: Final = "none"
_COUNT: Final = re.compile(r"[1-9][0-9]{0,3}")
_COSIGNERS: Final = frozenset({Algorithm.COSIGNATURE, Algorithm.MLDSA44})


class PolicyMalformed(Malformed):
    """This is not a C2SP tlog-policy."""

    code = "policy_malformed"
    cure = "Write the witness policy as c2sp.org/tlog-policy has it, with exactly one quorum line."


@dataclass(frozen=True, slots=True)
class Group:
    """Witnesses and groups of which `threshold` must have witnessed."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """
    A witness policy.

    Attributes:
        logs: The logs it names; the trust page says which one counts.
        witnesses: Their keys, by name.
        groups: By name; each names only what is defined before it.
        quorum: A witness, a group, or ``none``.
    """

    logs: tuple[Vkey, ...]
    witnesses: dict[str, Vkey]
    groups: dict[str, Group]
    quorum: str

    def is_met(self, cosigners: Iterable[Vkey]) -> bool:
        """Say whether the cosignatures of these keys, already verified, are enough."""
        by = set(cosigners)
        witnessed = {_NONE: True} | {name: vkey in by for name, vkey in self.witnesses.items()}
        for name, group in self.groups.items():
            witnessed[name] = sum(witnessed[member] for member in group.members) >= group.threshold
        return witnessed[self.quorum]


@dataclass(slots=True)
class _Reading:
    """What the lines so far have defined."""

    logs: list[Vkey] = field(default_factory=list)
    witnesses: dict[str, Vkey] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    members: set[str] = field(default_factory=set)
    quorum: str | None = None

    def line(self, items: list[str]) -> None:
        match items:
            case ["log", vkey] | ["log", vkey, _]:
                self._log(Vkey.parse(vkey))
            case ["witness", name, vkey] | ["witness", name, vkey, _]:
                self._witness(name, Vkey.parse(vkey))
            case ["group", name, threshold, _, *_]:
                self._group(name, threshold, items[3:])
            case ["quorum", name]:
                self._quorum(name)
            case _:
                raise PolicyMalformed("a policy has a line of no known kind")

    def _log(self, vkey: Vkey) -> None:
        if vkey.algorithm == Algorithm.COSIGNATURE or vkey.public in {known.public for known in self.logs}:
            raise PolicyMalformed("a policy names a log twice, or with a key that signs no checkpoints")
        self.logs.append(vkey)

    def _witness(self, name: str, vkey: Vkey) -> None:
        self._define(name)
        known = {other.public for other in self.witnesses.values()}
        if vkey.algorithm not in _COSIGNERS or vkey.public in known:
            raise PolicyMalformed("a policy names a witness's key twice, or one that does not cosign")
        self.witnesses[name] = vkey

    def _group(self, name: str, threshold: str, members: list[str]) -> None:
        self._define(name)
        count = {"all": len(members), "any": 1}.get(threshold)
        if count is None:
            count = int(threshold) if _COUNT.fullmatch(threshold) else 0
        if not 1 <= count <= len(members):
            raise PolicyMalformed("a group's threshold is not from 1 to the number of its members")
        for member in members:
            if not self._is_defined(member) or member in self.members:
                raise PolicyMalformed("a group has a member that is not defined above it, or that is counted before")
            self.members.add(member)
        self.groups[name] = Group(count, tuple(members))

    def _quorum(self, name: str) -> None:
        if self.quorum is not None or not (name == _NONE or self._is_defined(name)):
            raise PolicyMalformed("a policy has two quorums, or one that is not defined above it")
        self.quorum = name

    def _define(self, name: str) -> None:
        if name == _NONE or self._is_defined(name):
            raise PolicyMalformed("a policy defines a name twice, or the name none")

    def _is_defined(self, name: str) -> bool:
        return name in self.witnesses or name in self.groups


def parse_policy(text: str) -> Policy:
    """
    Read a witness policy (C2SP tlog-policy).

    Args:
        text: Lines of words between spaces or tabs; a trust page has refused other control characters.

    Raises:
        PolicyMalformed: A line is of no known kind, a name or key stands twice or is not defined above its use, or
            there is not exactly one quorum.
        VkeyMalformed: A key is none.
    """
    reading = _Reading()
    for line in text.split("\n"):
        items = [item for item in re.split(r"[ \t]+", line) if item]
        if items and not items[0].startswith("#"):
            reading.line(items)
    if reading.quorum is None:
        raise PolicyMalformed("a policy has no quorum")
    return Policy(tuple(reading.logs), reading.witnesses, reading.groups, reading.quorum)
