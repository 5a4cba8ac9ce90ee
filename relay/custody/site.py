"""The manifest of the pages: what a `site` entry of the log commits to (docs/spec/custody.md, "Pages")."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from keys.errors import Malformed
from keys.ids import is_digest

#: A manifest larger than this is none of ours.
MAX_MANIFEST_BYTES: Final = 262_144


class ManifestMalformed(Malformed):
    """This is not the manifest of a relay's pages."""

    code = "manifest_malformed"
    cure = "Build the pages again, or ask the relay's operators why it serves something else."


@dataclass(frozen=True, slots=True)
class Manifest:
    """
    Which files the pages are.

    Attributes:
        digest: SHA-256 of the manifest's bytes, hex.
        policy: The Content-Security-Policy of every page.
        files: SHA-256 (hex) by path, such as ``/index.html``.
    """

    digest: str
    policy: str
    files: Mapping[str, str]


def parse_manifest(data: bytes) -> Manifest:
    """
    Read a manifest: ``{"v":1,"policy","files":{path: SHA-256}}``, as the build writes it.

    Raises:
        ManifestMalformed: It is none.
    """
    try:
        plain = json.loads(data) if len(data) <= MAX_MANIFEST_BYTES else None
    except (ValueError, RecursionError):
        raise ManifestMalformed from None
    if not isinstance(plain, dict) or plain.keys() != {"v", "policy", "files"} or plain["v"] != 1:
        raise ManifestMalformed
    policy, files = plain["policy"], plain["files"]
    if not isinstance(policy, str) or not isinstance(files, dict) or not all(map(_is_file, files.items())):
        raise ManifestMalformed
    return Manifest(hashlib.sha256(data).hexdigest(), policy, files)


def _is_file(item: tuple[str, object]) -> bool:
    path, digest = item
    return path.startswith("/") and ".." not in path.split("/") and is_digest(digest)
