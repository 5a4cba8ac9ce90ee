"""
Look a relay over before it is started, or when something is odd: a few honest checks, each with what to do about it.

Nothing is changed and nothing is served; a relay may run beside it. What cannot be checked offline, it does not claim.
"""

import os
import shutil
import stat
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Final

from sqlalchemy.ext.asyncio import AsyncConnection

from config.settings import Settings
from keys.errors import RelayError
from keys.ids import format_time, parse_time
from keys.vkeys import Vkey
from relay.cli.surroundings import Check, Verdict, clock_check, look_around
from relay.client.clock import now
from relay.custody.checkpoint import verify_checkpoint
from relay.domain.in_force import InForce
from relay.ledger.begin import TOKEN_FILE
from relay.ledger.door import NotInitialised
from relay.ledger.highwater import FILE_NAME as HIGH_WATER_FILE
from relay.ledger.highwater import HighWater
from relay.ledger.logkey import FILE_NAME as LOG_KEY_FILE
from relay.ledger.logkey import LogKey, load_log_key
from relay.ledger.opening import load_edge, load_in_force
from relay.storage import custody_log
from relay.storage.custody_log import Head
from relay.storage.engine import Storage
from relay.storage.migrations import is_current

_GIGABYTE: Final = 1024**3
_ENOUGH_BYTES: Final = _GIGABYTE
_LEAST_BYTES: Final = 64 * 1024**2
_OTHERS: Final = 0o077
_EVERYBODY: Final = 0o007


async def examine(settings: Settings) -> list[Check]:
    """
    Look a relay over.

    Args:
        settings: As read; that they could be read is the first check.
    """
    folder = settings.relay.data_dir
    checks = [
        Check("settings", Verdict.OK, f"they can be read; data in {folder}"),
        *look_around(settings, at=parse_time(now())),
    ]
    if not folder.is_dir():
        cure = "Run `letter-relay init --name NAME --data DIR`, or name the right folder with --data."
        return [*checks, Check("folder", Verdict.FAIL, f"there is no folder {folder}", cure)]
    checks += [*_permissions(folder, settings.http.tls_key_file), _room(folder)]
    storage = Storage(settings.database_url())
    try:
        async with storage.read() as connection:
            checks += await _database(connection, settings)
    except RelayError as error:
        checks.append(_failed("database", error))
    finally:
        await storage.close()
    return checks


def _permissions(folder: Path, tls_key: Path | None) -> Iterator[Check]:
    exposed = [path.name or str(path) for path in (folder, *_secrets(folder)) if _is_open(path)]
    if tls_key is not None and tls_key.exists() and tls_key.stat().st_mode & _EVERYBODY:
        yield Check("tls-key", Verdict.WARN, "everybody on this machine may read it", f"Run `chmod o= {tls_key}`.")
    if exposed:
        cure = f"Run `chmod -R go= {folder}`."
        yield Check("permissions", Verdict.WARN, f"others on this machine may read {', '.join(exposed)}", cure)
    else:
        yield Check("permissions", Verdict.OK, "the folder and its keys are for their owner alone")


def _secrets(folder: Path) -> Iterator[Path]:
    return (path for name in (LOG_KEY_FILE, TOKEN_FILE) if (path := folder / name).exists())


def _is_open(path: Path) -> bool:
    return os.name == "posix" and bool(stat.S_IMODE(path.stat().st_mode) & _OTHERS)


def _room(folder: Path) -> Check:
    free = shutil.disk_usage(folder).free
    found = f"{free / _GIGABYTE:.1f} GB free"
    if free >= _ENOUGH_BYTES:
        return Check("disk", Verdict.OK, found)
    verdict = Verdict.WARN if free >= _LEAST_BYTES else Verdict.FAIL
    return Check(
        "disk", verdict, found, "Make room: with a full disk the relay takes nothing more in, and loses nothing."
    )


async def _database(connection: AsyncConnection, settings: Settings) -> list[Check]:
    if not await is_current(connection):
        cure = "Run `letter-relay init` for a new relay; for an older one, start this version, which migrates it."
        return [Check("schema", Verdict.FAIL, "the database does not have this version's schema", cure)]
    head = await custody_log.load_head(connection)
    if head is None:
        return [_failed("relay", NotInitialised())]
    return [
        Check("schema", Verdict.OK, "the database has this version's schema"),
        await _log(connection, head, settings),
        await _high_water(connection, head, settings),
        *await _authority(connection, settings),
        clock_check(head.at, now=now()),
    ]


async def _log(connection: AsyncConnection, head: Head, settings: Settings) -> Check:
    """Rebuild the tree's edge from what is stored, and compare it with what was signed."""
    try:
        key = load_log_key(settings.relay.data_dir / LOG_KEY_FILE, head.origin)
        signed = verify_checkpoint(head.checkpoint, _vkeys(key), origin=head.origin).checkpoint
        edge = await load_edge(connection, head)
    except RelayError as error:
        return _failed("log", error)
    if (signed.size, signed.root) != (head.size, edge.root()):
        cure = "Stop the relay, keep a copy of everything, and restore the last backup beside it to compare."
        return Check("log", Verdict.FAIL, "the stored tree is not the one that was signed", cure)
    return Check("log", Verdict.OK, f"{head.origin}, {head.size:,} entries: the edge has the root that was signed")


def _vkeys(key: LogKey) -> list[Vkey]:
    return [Vkey.parse(vkey) for vkey in key.vkeys]


async def _high_water(connection: AsyncConnection, head: Head, settings: Settings) -> Check:
    mark = HighWater(settings.relay.data_dir / HIGH_WATER_FILE)
    try:
        await mark.check_prefix(connection, head)
        seen = mark.read()
    except RelayError as error:
        return _failed("high-water", error)
    if seen is None and head.size:
        cure = "If you restored the folder without it, that is why; the next entry writes it anew."
        return Check("high-water", Verdict.WARN, "there is no mark of what was answered last", cure)
    return Check("high-water", Verdict.OK, f"all {seen.size if seen else 0:,} answered entries are in the log")


async def _authority(connection: AsyncConnection, settings: Settings) -> list[Check]:
    in_force = await load_in_force(connection)
    return [_trust(in_force), _directory(in_force, settings)]


def _trust(in_force: InForce) -> Check:
    if in_force.trust is None:
        cure = "Run `letter-relay trust draft`, sign it with the root, offline, and `letter-relay trust publish` it."
        return Check("trust", Verdict.WARN, "there is none yet: nobody can know whose keys count", cure)
    trust = in_force.trust
    return Check("trust", Verdict.OK, f"version {trust.version}: {trust.k} of {len(trust.directory)} sign directories")


def _directory(in_force: InForce, settings: Settings) -> Check:
    cure = "Run `letter-relay directory draft`, have k operators sign it, and publish it."
    note = in_force.note
    if note is None:
        return Check("directory", Verdict.WARN, "there is none yet, so the relay accepts nothing", cure)
    soon = format_time(parse_time(now()) + timedelta(days=settings.directory.warn_days))
    found = f"version {note.version} expires {note.expires}"
    if note.expires <= now():
        return Check("directory", Verdict.FAIL, f"version {note.version} expired {note.expires}", cure)
    return (
        Check("directory", Verdict.WARN, found, cure) if note.expires <= soon else Check("directory", Verdict.OK, found)
    )


def _failed(name: str, error: RelayError) -> Check:
    return Check(name, Verdict.FAIL, f"{error} [{error.code}]", error.cure)
