"""The manifest of the pages, as the log commits to it."""

import hashlib
import json
from typing import Any

import pytest

from relay.custody.site import MAX_MANIFEST_BYTES, ManifestMalformed, parse_manifest

PLAIN: dict[str, Any] = {"v": 1, "policy": "default-src 'none'", "files": {"/index.html": "0f" * 32}}


def test_a_manifest_names_its_files():
    """By path and digest, under one policy; it is itself known by the digest of its bytes."""
    data = json.dumps(PLAIN).encode()
    manifest = parse_manifest(data)
    assert manifest.digest == hashlib.sha256(data).hexdigest()
    assert (manifest.policy, dict(manifest.files)) == (PLAIN["policy"], PLAIN["files"])


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"[]",
        b"{}",
        b"[" * 100_000,
        b" " * (MAX_MANIFEST_BYTES + 1),
        json.dumps(PLAIN | {"v": 2}).encode(),
        json.dumps(PLAIN | {"more": 1}).encode(),
        json.dumps(PLAIN | {"policy": 1}).encode(),
        json.dumps(PLAIN | {"files": ["/index.html"]}).encode(),
        json.dumps(PLAIN | {"files": {"/index.html": "0F" * 32}}).encode(),
        json.dumps(PLAIN | {"files": {"index.html": "0f" * 32}}).encode(),
        json.dumps(PLAIN | {"files": {"/a/../b": "0f" * 32}}).encode(),
    ],
)
def test_what_is_no_manifest_is_refused(data: bytes):
    """A page that somebody serves in its place, for instance."""
    with pytest.raises(ManifestMalformed):
        parse_manifest(data)
