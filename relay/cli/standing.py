"""What a data folder says of its relay: id, keys, and the newest trust and directory, to draft the next ones on."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from relay.ledger.door import NotInitialised
from relay.ledger.logkey import FILE_NAME, load_log_key
from relay.ledger.opening import load_in_force
from relay.storage.custody_log import load_head
from relay.storage.engine import Storage, has_database

if TYPE_CHECKING:
    from config.settings import Settings
    from keys.directory import Directory


@dataclass(frozen=True, slots=True)
class Standing:
    """
    Where a relay stands.

    Attributes:
        relay: Its id.
        origin: Its log's origin.
        size: Its log's size.
        log_vkeys: Its log's keys.
        trust_version: Of the newest trust; 0 before the first.
        directory_version: Of the newest directory; 0 before the first.
        directory_note: The newest directory's whole note.
        directory_expires: When clients refuse it, ``YYYY-MM-DDTHH:MM:SSZ``.
        directory: What it says.
        suspended: Members whose keys were suspended.
    """

    relay: str
    origin: str
    size: int
    log_vkeys: tuple[str, ...]
    trust_version: int
    directory_version: int
    directory_note: bytes | None
    directory_expires: str | None
    directory: "Directory | None"
    suspended: frozenset[str]


def storage_of(settings: "Settings") -> Storage:
    """
    Open the database of a relay that is there.

    Raises:
        NotInitialised: There is none.
    """
    if not has_database(settings.database_url()):
        raise NotInitialised
    return Storage(settings.database_url())


async def standing_of(settings: "Settings") -> Standing:
    """
    Read where a relay stands, from its data folder.

    Raises:
        NotInitialised: There is no relay.
        LogKeyMissing: Its log's key is not there.
    """
    storage = storage_of(settings)
    try:
        async with storage.read() as connection:
            head = await load_head(connection)
            if head is None:
                raise NotInitialised
            in_force = await load_in_force(connection)
    finally:
        await storage.close()
    note = in_force.note
    return Standing(
        relay=head.relay,
        origin=head.origin,
        size=head.size,
        log_vkeys=load_log_key(settings.relay.data_dir / FILE_NAME, head.origin).vkeys,
        trust_version=in_force.trust.version if in_force.trust else 0,
        directory_version=note.version if note else 0,
        directory_note=in_force.note_bytes,
        directory_expires=note.expires if note else None,
        directory=in_force.directory,
        suspended=in_force.suspended,
    )
