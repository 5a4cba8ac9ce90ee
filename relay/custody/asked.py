"""What an opened event says was asked of the relay, read strictly enough to be decided again (audit.md, 7.3)."""

import functools
import json
import re
from collections.abc import Mapping
from typing import Any, Final

from keys.directory import Directory
from keys.ids import is_digest, is_id, is_time
from keys.statements import MAX_PARTS
from relay.custody.steps import broken, step
from relay.domain.commands import Acceptance
from relay.domain.register import UNKNOWN
from relay.domain.states import Kind, State

_NUMBER: Final = re.compile(r"[0-9]{12}")
_decode = json.JSONDecoder().decode


def read_event(text: str) -> dict[str, Any]:
    """
    Read an event as far as it is not made anew; byte equality with the one made anew settles all the rest.

    Raises:
        EvidenceBroken: 7.3.
    """
    event = _object(text)
    if not is_id(event.get("item")) or type(event.get("seq")) is not int or type(event.get("event")) is not str:
        raise broken("7.3")
    return event


def read_detail(text: str, *, item: str) -> dict[str, Any]:
    """
    Read a detail as far as it is not made anew: when the event happened, and the statement that caused it, if any.

    Raises:
        EvidenceBroken: 7.3.
    """
    detail = _object(text, item=item)
    at, statement = detail.get("at"), detail.get("statement")
    if type(at) is not str or not _is_time(at) or not (statement is None or is_digest(statement)):
        raise broken("7.3", item=item)
    return detail


def read_until(detail: Mapping[str, Any], *, item: str) -> str | None:
    """
    Read when a claim lapses, which the relay says.

    Raises:
        EvidenceBroken: 7.3.
    """
    until = detail.get("until")
    if until is not None and not is_time(until):
        raise broken("7.3", item=item)
    return until


def read_signer(detail: Mapping[str, Any], *, item: str) -> str | None:
    """
    Read the family's key, which its receipt code gives and the relay says.

    Raises:
        EvidenceBroken: 7.3.
    """
    signer = detail.get("signer")
    if signer is not None and not is_digest(signer):
        raise broken("7.3", item=item)
    return signer


def read_acceptance(event: Mapping[str, Any], detail: Mapping[str, Any], directory: Directory) -> Acceptance:
    """
    Rebuild what the relay fixed when an item came in.

    Args:
        event: From `read_event`.
        detail: From `read_detail`.
        directory: The one in force; the item waits first at a review desk of it.

    Raises:
        EvidenceBroken: 7.3.
    """
    item, parts = event["item"], event.get("parts")
    if type(parts) is not list or not 1 <= len(parts) <= MAX_PARTS or not all(map(is_digest, parts)):
        raise broken("7.3", item=item)
    route, answers, detainee = detail.get("route"), detail.get("re"), detail.get("detainee")
    if type(route) is not list or not route or not all(map(is_id, route)) or len(set(route)) != len(route):
        raise broken("7.3", item=item)
    with step("7.3", item=item):
        first = directory.desk(route[0])
    if first.kind != "review" or not _is_detainee(detainee) or not (answers in (None, "new") or is_id(answers)):
        raise broken("7.3", item=item)
    try:
        kind, into = Kind(str(detail.get("kind"))), State(str(detail.get("state")))
    except ValueError:
        raise broken("7.3", item=item) from None
    return Acceptance(
        item=item,
        kind=kind,
        detainee=str(detainee),
        route=tuple(route),
        parts=tuple(parts),
        re=answers,
        mailbox=None,
        signer=read_signer(detail, item=item),
        tag_key=detail["tag_key"],
        into=into,
    )


# A batch has one time, and a busy log many batches a second.
_is_time = functools.lru_cache(maxsize=1024)(is_time)


def _is_detainee(value: object) -> bool:
    """Say whether this is what a first line may name: a number as typed, which the register need not have."""
    return isinstance(value, str) and (value == UNKNOWN or _NUMBER.fullmatch(value) is not None)


def _object(text: str, *, item: str | None = None) -> dict[str, Any]:
    try:
        value = _decode(text)
    except (ValueError, RecursionError):
        raise broken("7.3", item=item) from None
    if type(value) is not dict:
        raise broken("7.3", item=item)
    return value
