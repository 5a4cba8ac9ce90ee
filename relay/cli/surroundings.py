"""
What the doctor looks at around a relay: where it listens, its certificate, its metrics, its clock, its backups.

Nothing here opens the database; each check is one sentence, and what to do if it is not well.
"""

import ipaddress
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from cryptography import x509

from config.settings import Settings

_SOON: Final = timedelta(days=14)
#: This version was not there before; a clock that says otherwise was never set.
_WRITTEN: Final = "2026-01-01T00:00:00Z"


class Verdict(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARN = "warn"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at: its name, how it is, in a sentence, and what to do if it is not well."""

    name: str
    verdict: Verdict
    found: str
    cure: str | None = None


def look_around(settings: Settings, *, at: datetime) -> Iterator[Check]:
    """
    Look at what surrounds a relay.

    Args:
        settings: As read.
        at: Now, UTC.
    """
    yield _name(settings)
    yield _listening(settings)
    yield from _certificate(settings, at)
    yield _metrics(settings)
    if settings.backup.folder is not None:
        yield _backups(settings.backup.folder, timedelta(hours=settings.backup.warn_hours), at)


def clock_check(last: str, *, now: str) -> Check:
    """
    Compare this machine's clock with the log's last entry, and with the age of this program.

    Args:
        last: When the last entry was made, ``YYYY-MM-DDTHH:MM:SSZ``.
        now: What the clock says, likewise.
    """
    cure = "Set this machine's clock right, and keep it so with NTP (`timedatectl`)."
    if now < _WRITTEN:
        return Check("clock", Verdict.FAIL, f"it is {now} here, which is before this program was written", cure)
    if last > now:
        cure = f"{cure} Until then every event gets the time of the last one."
        return Check("clock", Verdict.WARN, f"the log's last entry is from {last}, later than now", cure)
    return Check("clock", Verdict.OK, f"the log's last entry is from {last}")


def _name(settings: Settings) -> Check:
    name = settings.relay.name
    if name.startswith("demo.") and not _is_loopback(settings.http.host):
        cure = "Never write real names into a demo; make a relay of your own with `letter-relay init --name NAME`."
        return Check("name", Verdict.FAIL, f"{name} is a demo, and listens beyond this machine", cure)
    if name.startswith("demo.") or name == "relay.example":
        cure = "Set relay.name to the host name under which families know this relay."
        return Check("name", Verdict.WARN, f"{name} is the name of an example", cure)
    return Check("name", Verdict.OK, name)


def _listening(settings: Settings) -> Check:
    http = settings.http
    where = f"{http.host}, port {http.port}"
    if http.tls_cert_file is not None:
        return Check("listening", Verdict.OK, f"{where}, with TLS")
    if _is_loopback(http.host):
        if http.trusted_proxies:
            return Check("listening", Verdict.OK, f"{where}, behind a proxy of yours")
        cure = "Behind a proxy, set http.trusted_proxies; else set http.tls_cert_file and http.tls_key_file."
        return Check("listening", Verdict.WARN, f"{where}, without TLS: for this machine alone", cure)
    cure = "Set http.tls_cert_file and http.tls_key_file, or listen on 127.0.0.1 behind a proxy that has TLS."
    return Check(
        "listening", Verdict.FAIL, f"{where}, without TLS: codes and tokens cross a network in the clear", cure
    )


def _certificate(settings: Settings, at: datetime) -> Iterator[Check]:
    chain, key = settings.http.tls_cert_file, settings.http.tls_key_file
    if chain is None or key is None:
        return
    cure = "Renew the certificate, then restart the relay: it reads certificate and key when it starts."
    try:
        certificate = x509.load_pem_x509_certificate(chain.read_bytes())
        ssl.create_default_context(ssl.Purpose.CLIENT_AUTH).load_cert_chain(chain, key)
    except (OSError, ValueError):
        mend = "Name a PEM chain and its own key, which the relay's user may read."
        yield Check("certificate", Verdict.FAIL, "certificate and key cannot be read, or do not belong together", mend)
        return
    ends = certificate.not_valid_after_utc
    found = f"valid until {ends:%Y-%m-%d}"
    if ends <= at:
        yield Check("certificate", Verdict.FAIL, f"it expired on {ends:%Y-%m-%d}", cure)
    elif ends <= at + _SOON:
        yield Check("certificate", Verdict.WARN, found, cure)
    else:
        yield Check("certificate", Verdict.OK, found)


def _metrics(settings: Settings) -> Check:
    http = settings.http
    if not http.metrics_port:
        return Check("metrics", Verdict.OK, "not served")
    where = f"{http.metrics_host}, port {http.metrics_port}"
    if _is_loopback(http.metrics_host):
        return Check("metrics", Verdict.OK, f"{where}: for this machine alone")
    cure = "Set http.metrics_host to 127.0.0.1, or see to it that a firewall lets only Prometheus in."
    return Check("metrics", Verdict.WARN, f"{where}: readable from beyond this machine", cure)


def _backups(folder: Path, most: timedelta, at: datetime) -> Check:
    try:
        newest = max((file.stat().st_mtime for file in folder.iterdir() if file.is_file()), default=None)
    except OSError:
        return Check("backups", Verdict.WARN, f"{folder} cannot be read", "Name the right folder in backup.folder.")
    cure = "Make a backup now, and look why none was made: docs/operators.md says how."
    if newest is None:
        return Check("backups", Verdict.WARN, f"there is none in {folder}", cure)
    age = at - datetime.fromtimestamp(newest, tz=at.tzinfo)
    found = f"the newest is {age.total_seconds() / 3_600:.0f} hours old"
    return Check("backups", Verdict.WARN, found, cure) if age > most else Check("backups", Verdict.OK, found)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
