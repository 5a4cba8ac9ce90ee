"""Every problem of the relay in tables, by what it is about: the second half of docs/spec/problems.md."""

from collections.abc import Iterable
from typing import Final

from keys.errors import RelayError
from relay.http.openapi import problems_table

#: The page's sections, in order, and the modules whose errors stand in each; the longest prefix decides.
SECTIONS: Final = {
    "Requests, sessions, and the relay itself": (
        "relay.http",
        "relay.custody.tiles",
        "relay.storage",
        "relay.ledger.door",
        "keys.errors",
    ),
    "Sealed files and signed notes, as they are sent": (
        "keys",
        "relay.http.services",
        "relay.http.staff",
        "relay.http.frames",
    ),
    "Letters, replies and what may happen to them": ("relay.domain", "relay.ledger"),
    "Trust, directory, register and suspensions": (
        "keys.directory",
        "keys.directory_document",
        "keys.directory_notes",
        "keys.trust",
        "relay.custody.policy",
        "relay.domain.in_force",
        "relay.domain.register",
        "relay.http.enrolments",
        "relay.ledger.authority",
    ),
}


def problem_sections(kinds: Iterable[type[RelayError]]) -> str:
    """
    Write one table for each section, in Markdown.

    Raises:
        LookupError: A class comes from a module that no section names.
    """
    by_section: dict[str, list[type[RelayError]]] = {section: [] for section in SECTIONS}
    for kind in kinds:
        by_section[_section_of(kind)].append(kind)
    return "\n".join(f"## {section}\n\n{problems_table(found)}" for section, found in by_section.items())


def _section_of(kind: type[RelayError]) -> str:
    module = f"{kind.__module__}."
    fitting = [
        (len(prefix), section)
        for section, prefixes in SECTIONS.items()
        for prefix in prefixes
        if module.startswith(f"{prefix}.")
    ]
    if not fitting:
        raise LookupError(f"{kind.__qualname__} of {kind.__module__} has no section in docs/spec/problems.md")
    return max(fitting)[1]
