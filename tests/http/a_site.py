"""A few files in the place of the built pages, so that tests of the relay need no browser's tools."""

import hashlib
import json
from pathlib import Path

from relay.http.site import MANIFEST, Site, load_site

FILES = {
    "/index.html": b'<!doctype html><script type="module" src="/assets/families-1.js"></script>',
    "/staff.html": b"<!doctype html><title>Staff</title>",
    "/sw.js": b"self.addEventListener('fetch', () => {});",
    "/assets/families-1.js": b"document.title = 'Letters';" * 20,
    "/assets/families-1.css": b"body { margin: 0 }",
    "/assets/uk-1.json": b"{}",
}
POLICY = "default-src 'none'; script-src 'self'"


def build(folder: Path, *, files: dict[str, bytes] = FILES) -> Path:
    """Write the files and their manifest, as the build does."""
    for path, data in files.items():
        target = folder / path.removeprefix("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)
    digests = {path: hashlib.sha256(data).hexdigest() for path, data in sorted(files.items())}
    manifest = json.dumps({"v": 1, "policy": POLICY, "files": digests}, separators=(",", ":")) + "\n"
    (folder / MANIFEST).write_text(manifest, encoding="utf-8")
    return folder


def a_site(folder: Path) -> Site:
    """Build and load."""
    site = load_site(build(folder))
    assert site is not None
    return site
