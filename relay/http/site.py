"""
The pages that people open, as they were built from `web/`: which files there are, and that they are those.

`manifest.json` names each file by its SHA-256 and says what a page may load. The relay serves exactly what it names,
logs the manifest's digest when it starts, and `letter-relay verify-site` compares: whoever serves another page to
somebody leaves either the proof in the log, or a page that is not the logged one.
"""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from keys.errors import Fatal
from relay.custody.site import ManifestMalformed, parse_manifest

#: Where `make` puts what it builds from web/; in a wheel it lies beside this module too.
BUILT: Final = Path(__file__).with_name("built")
MANIFEST: Final = "manifest.json"
FAMILIES, STAFF = "/index.html", "/staff.html"

_TYPES: Final[Mapping[str, str]] = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".json": "application/json",
    ".webmanifest": "application/manifest+json",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}


class SiteBroken(Fatal):
    """The pages on this machine are not those that their manifest names."""

    code = "site_broken"
    cure = "Build the pages again with `make`, or install the relay again; then start it."


@dataclass(frozen=True, slots=True)
class SiteFile:
    """One file: its bytes, the same compressed (old phones, bad networks), and its media type."""

    data: bytes = field(repr=False)
    packed: bytes = field(repr=False)
    media_type: str


@dataclass(frozen=True, slots=True)
class Site:
    """
    The built pages.

    Attributes:
        manifest: The bytes of `manifest.json`, as built.
        policy: The Content-Security-Policy of every page.
        files: By path, such as ``/index.html`` and ``/assets/families-1x2y.js``.
    """

    manifest: bytes = field(repr=False)
    policy: str
    files: Mapping[str, SiteFile]

    @property
    def digest(self) -> str:
        """SHA-256 of the manifest, hex: what the log commits to."""
        return hashlib.sha256(self.manifest).hexdigest()


def load_site(folder: Path = BUILT) -> Site | None:
    """
    Read the built pages, and hold each file against the manifest; None if none were built.

    Raises:
        SiteBroken: A file is missing, or is not the one that the manifest names.
    """
    try:
        manifest = (folder / MANIFEST).read_bytes()
    except FileNotFoundError:
        return None
    try:
        named = parse_manifest(manifest)
    except ManifestMalformed:
        raise SiteBroken("manifest.json is not a manifest of pages") from None
    return Site(manifest, named.policy, {path: _load(folder, path, digest) for path, digest in named.files.items()})


def _load(folder: Path, path: str, digest: str) -> SiteFile:
    try:
        data = (folder / path.removeprefix("/")).read_bytes()
    except OSError:
        raise SiteBroken(f"{path} is missing") from None
    if hashlib.sha256(data).hexdigest() != digest:
        raise SiteBroken(f"{path} is not the one that the manifest names")
    media_type = _TYPES.get(Path(path).suffix, "application/octet-stream")
    return SiteFile(data, gzip.compress(data, 9, mtime=0), media_type)
