"""What the doctor says of address, certificate, metrics, clock and backups: ok, warn or fail, and the cure."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.settings import Settings
from relay.cli.surroundings import Verdict, clock_check, look_around
from tests.certificates import make_certificates

OK, WARN, FAIL = Verdict.OK, Verdict.WARN, Verdict.FAIL


def settings(**sections: dict[str, Any]) -> Settings:
    """Set up a relay that is well, but for what a test changes."""
    usual: dict[str, dict[str, Any]] = {"relay": {"name": "post.mediator.org"}}
    return Settings.model_validate(usual | sections)


def verdict(check: str, **sections: dict[str, Any]) -> Verdict | None:
    """Look around, and give the verdict of one check; whatever is not well has a cure."""
    checks = list(look_around(settings(**sections), at=datetime.now(UTC)))
    assert all((one.cure is None) == (one.verdict is OK) for one in checks)
    return next((one.verdict for one in checks if one.name == check), None)


@pytest.mark.parametrize(
    ("http", "expected"),
    [
        ({}, WARN),
        ({"host": "localhost"}, WARN),
        ({"trusted_proxies": ["127.0.0.1/32"]}, OK),
        ({"host": "::"}, FAIL),
        ({"host": "relay.example"}, FAIL),
        ({"host": "192.0.2.7", "trusted_proxies": ["192.0.2.0/24"]}, FAIL),
        ({"host": "::", "tls_cert_file": "chain.pem", "tls_key_file": "key.pem"}, OK),
    ],
)
def test_a_relay_must_not_speak_in_the_clear_beyond_this_machine(http, expected):
    """A proxy of one's own on the same machine has TLS; another machine's does not protect the way to it."""
    assert verdict("listening", http=http) is expected


@pytest.mark.parametrize(
    ("name", "host", "expected"),
    [
        ("post.mediator.org", "::", OK),
        ("relay.example", "127.0.0.1", WARN),
        ("demo.relay.example", "127.0.0.1", WARN),
        ("demo.relay.example", "::", FAIL),
    ],
)
def test_a_demo_must_not_be_taken_for_a_relay(name, host, expected):
    """Somebody would write real names into it."""
    assert verdict("name", relay={"name": name}, http={"host": host}) is expected


@pytest.mark.parametrize(("days", "expected"), [(90, OK), (13, WARN), (-1, FAIL)])
def test_a_certificate_is_renewed_in_time(tmp_path: Path, days, expected):
    """Two weeks before it ends, an operator hears of it."""
    made = make_certificates(tmp_path, days=days)

    assert verdict("certificate", http={"tls_cert_file": made.chain, "tls_key_file": made.key}) is expected


def test_a_key_of_another_certificate_is_a_failure(tmp_path: Path):
    """As a file that is missing is; without TLS there is nothing to look at."""
    made, other = make_certificates(tmp_path / "one"), make_certificates(tmp_path / "other")

    assert verdict("certificate", http={"tls_cert_file": made.chain, "tls_key_file": other.key}) is FAIL
    assert verdict("certificate", http={"tls_cert_file": tmp_path / "x", "tls_key_file": made.key}) is FAIL
    assert verdict("certificate") is None


@pytest.mark.parametrize(("host", "port", "expected"), [("127.0.0.1", 9464, OK), ("::", 9464, WARN), ("::", 0, OK)])
def test_metrics_are_not_for_the_public(host, port, expected):
    """They say how many letters there are, and when."""
    assert verdict("metrics", http={"metrics_host": host, "metrics_port": port}) is expected


def test_backups_are_looked_at_where_there_are_to_be_some(tmp_path: Path):
    """The newest file counts; nothing configured, nothing claimed."""
    assert verdict("backups") is None
    assert verdict("backups", backup={"folder": tmp_path / "none"}) is WARN
    assert verdict("backups", backup={"folder": tmp_path}) is WARN
    for name, hours in (("old", 200), ("new", 20)):
        (tmp_path / name).touch()
        when = (datetime.now(UTC) - timedelta(hours=hours)).timestamp()
        os.utime(tmp_path / name, (when, when))
    assert verdict("backups", backup={"folder": tmp_path}) is OK
    assert verdict("backups", backup={"folder": tmp_path, "warn_hours": 19}) is WARN


@pytest.mark.parametrize(
    ("last", "now", "expected"),
    [
        ("2026-11-23T10:00:00Z", "2026-11-23T10:00:01Z", OK),
        ("2026-11-23T10:00:02Z", "2026-11-23T10:00:01Z", WARN),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:05:00Z", FAIL),
    ],
)
def test_a_clock_that_was_never_set_is_noticed(last, now, expected):
    """Events carry its time, and directories expire by it."""
    check = clock_check(last, now=now)

    assert check.verdict is expected
    assert (check.cure is None) == (expected is OK)
