"""
Whether a relay serves the pages that its log says it serves.

Whoever is given a page cannot tell whether it is the one that others are given. Whoever compares from elsewhere, again
and again and from several networks, can: each file against the manifest, the manifest against the log.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from keys.errors import EvidenceBroken
from relay.client.faults import ProblemAnswered
from relay.client.logreader import LogReader
from relay.client.transport import Connection
from relay.client.trustbook import TrustBook
from relay.custody.entry import SiteEntry
from relay.custody.site import Manifest, parse_manifest

#: Where the files are served that have an address of their own.
_ADDRESSES: Final = {"/index.html": "/", "/staff.html": "/staff/"}
_NOT_FOUND: Final = 404


class SiteDiffers(EvidenceBroken):
    """This relay serves a page that its manifest does not name."""

    code = "site_differs"
    cure = "Write no letter on it. Keep what you were given, compare from another network, and ask the operators."


class SiteNotLogged(EvidenceBroken):
    """The log does not say that these are the pages that this relay serves."""

    code = "site_not_logged"
    cure = "A relay that was updated logs its pages when it starts: look again in a minute, then ask the operators."


@dataclass(frozen=True, slots=True)
class CheckedSite:
    """
    Pages that are those of the log.

    Attributes:
        manifest: SHA-256 of the manifest, hex.
        index: Where the log names it.
        size: The log's size by which that was proved.
        files: How many files were fetched and compared.
    """

    manifest: str
    index: int
    size: int
    files: int


async def check_site(connection: Connection, book: TrustBook) -> CheckedSite:
    """
    Fetch every file of a relay's pages, hold it against the manifest, and the manifest against the log.

    Args:
        book: Refreshed, so that the log's keys are those of the trust that was pinned.

    Raises:
        SiteDiffers: 12.2 or 12.3, a file is another one, or comes with another policy.
        SiteNotLogged: 12.1, the last `site` entry names other pages, or there is none.
        ManifestMalformed, ProblemAnswered, Unreachable: There are no pages, or something else in their place.
    """
    manifest = parse_manifest((await connection.get("/manifest.json")).body)
    checkpoint = await book.verified_trust(connection)
    logged = await LogReader(connection, book.trust).newest(SiteEntry, checkpoint)
    if logged is None or not isinstance(logged[1], SiteEntry) or logged[1].manifest != manifest.digest:
        raise SiteNotLogged("12.1", "the last pages that the log has are others, or there are none")
    compared = [await _compare(connection, manifest, path) for path in sorted(manifest.files)]
    return CheckedSite(manifest.digest, logged[0], checkpoint.size, sum(compared))


async def _compare(connection: Connection, manifest: Manifest, path: str) -> bool:
    """Compare one file; the staff's page need not be served at all, and then nobody is given another one."""
    try:
        answer = await connection.get(_ADDRESSES.get(path, path))
    except ProblemAnswered as problem:
        if path == "/staff.html" and problem.status == _NOT_FOUND:
            return False
        raise
    if hashlib.sha256(answer.body).hexdigest() != manifest.files[path]:
        raise SiteDiffers("12.2", f"{path} is another file than the manifest names")
    if answer.policy != manifest.policy:
        raise SiteDiffers("12.3", f"{path} comes with another policy than the manifest names")
    return True
