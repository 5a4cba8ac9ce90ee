"""A bag: items dispatched together to one desk. Its manifest is what the dispatcher signs and the cover shows."""

import hashlib

from keys.canonical import encode_json
from keys.statements import Statement


def encode_manifest(statement: Statement) -> str:
    """Write a bag's manifest: which items, with the heads of their chains and their parts, go to which desk."""
    items = [{"item": subject.item, "prev": subject.prev, "parts": subject.parts} for subject in statement.subjects]
    fields = {"v": 1, "relay": statement.relay, "bag": statement.fields["bag"], "to": statement.fields["to"]}
    return encode_json({**fields, "items": items})


def manifest_digest(statement: Statement) -> str:
    """Hash a bag's manifest: SHA-256 as hex, as its statement names it."""
    return hashlib.sha256(encode_manifest(statement).encode()).hexdigest()
