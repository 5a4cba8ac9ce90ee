"""
Make the audit's vectors: the table of moves, a busy log with its report, and lies with the step that finds each.

Everything is made from fixed seeds: ``python -m tests.audit_vectors`` writes the same bytes again. A test compares.
"""

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from keys.canonical import encode_json
from keys.errors import EvidenceBroken
from relay.custody.steps import STEPS
from relay.custody.verify import verify
from relay.domain import states
from tests.audit_lies import Lie, lies
from tests.custody_world import FINGERPRINT, a_busy_world, an_id
from tests.evidence_flips import FileBundle, flips

FOLDER: Final = Path(__file__).parent / "vectors" / "audit"
#: When the auditor of the busy log looks at it.
AT: Final = "2026-12-31T12:00:00Z"


def lifecycle() -> dict[str, Any]:
    """Write the tables of an item's life, and the auditor's steps."""
    return {
        "moves": [[before and before.value, action.value, after] for (before, action), after in states.MOVES.items()],
        "rules": {
            action.value: {
                "event": rule.event,
                "roles": sorted(rule.roles),
                "at": rule.at,
                "taker": rule.taker,
                "shown": rule.shown,
            }
            for action, rule in states.RULES.items()
        },
        "words": states.FAMILY_WORDS,
        "by_family": sorted(states.BY_FAMILY),
        "by_relay": sorted(states.BY_RELAY),
        "kinds": list(states.Kind),
        "custodians": list(states.Custodian),
        "steps": dict(STEPS),
    }


def busy() -> dict[str, Any]:
    """Write a log in which every move happens, what an audit reports of it, and flips of some of its bytes."""
    files, item = a_busy_world(letters=0).bundle().files, an_id("signed")
    verified = verify(FileBundle(files), fingerprint=FINGERPRINT, at=AT, item=item)
    return {
        "fingerprint": FINGERPRINT,
        "at": AT,
        "item": item,
        "report": verified.report.plain(),
        "chain": [{"index": link.index, "event": link.event, "detail": link.detail} for link in verified.chain],
        "files": {path: base64.b64encode(data).decode() for path, data in sorted(files.items())},
        "flips": [encode_json(flip) for flip in flips(files, FINGERPRINT, every=1301)],
    }


def told_lies() -> dict[str, Any]:
    """Write every lie, with the files that they share written once."""
    blobs: dict[str, str] = {}
    return {"fingerprint": FINGERPRINT, "lies": [_lie(lie, blobs) for lie in lies()], "lines": blobs}


def _lie(lie: Lie, blobs: dict[str, str]) -> dict[str, Any]:
    files = {path: _kept(data, blobs) for path, data in sorted(lie.files.items())}
    more = {key: _kept(data, blobs) for key, data in lie.more.items()}
    return {"why": lie.why, **_outcome(lie), **more, "files": files}


def _kept(data: bytes, blobs: dict[str, str]) -> str:
    """Keep each line once, under the beginning of its hash, and return the names in order."""
    names = []
    for line in re.findall(rb"[^\n]*\n|[^\n]+", data):
        name = hashlib.sha256(line).hexdigest()[:8]
        assert blobs.setdefault(name, base64.b64encode(line).decode()) == base64.b64encode(line).decode()
        names.append(name)
    return " ".join(names)


def _outcome(lie: Lie) -> Mapping[str, str | None]:
    step, item = None, None
    try:
        verify(
            FileBundle(lie.files), fingerprint=FINGERPRINT, seen=lie.more.get("seen"), receipt=lie.more.get("receipt")
        )
    except EvidenceBroken as broken:
        step, item = broken.step, broken.item
    assert step == lie.step, (lie.why, step)
    return {"step": step, "item": item}


def build() -> dict[str, bytes]:
    """Return every file of the folder by its name."""
    content = {"lifecycle.json": lifecycle(), "busy.json": busy(), "lies.json": told_lies()}
    return {name: (json.dumps(plain, ensure_ascii=False, indent=1) + "\n").encode() for name, plain in content.items()}


def main() -> None:
    """Write the folder."""
    FOLDER.mkdir(exist_ok=True)
    for name, data in build().items():
        (FOLDER / name).write_bytes(data)


if __name__ == "__main__":
    main()
