"""The doctor says of each thing whether it is well, and what to do if not."""

import pytest

from tests.certificates import make_certificates


@pytest.fixture
def relay(shell, tmp_path):
    """Make a relay that nobody has opened yet."""
    assert shell("init", "--name", "relay.example", "--data", tmp_path / "data").code == 0
    return tmp_path / "data"


def verdicts(ran):
    """Read the verdict of each check."""
    return {fact["check"]: fact["verdict"] for fact in ran.facts}


def test_a_new_relay_is_well_but_for_the_directory_that_is_to_come(shell, relay):
    """It accepts nothing before, and says so."""
    ran = shell("doctor", "--data", relay, "--json")

    assert ran.code == 0
    assert verdicts(ran) == {
        "settings": "ok",
        "name": "warn",
        "listening": "warn",
        "metrics": "ok",
        "permissions": "ok",
        "disk": "ok",
        "schema": "ok",
        "log": "ok",
        "high-water": "ok",
        "trust": "warn",
        "directory": "warn",
        "clock": "ok",
    }
    assert all("cure" in fact for fact in ran.facts if fact["verdict"] != "ok")


def test_a_folder_that_others_may_read_is_a_warning(shell, relay):
    """It names what is open and the command that closes it."""
    (relay / "log.key").chmod(0o640)
    ran = shell("doctor", "--data", relay)

    assert ran.code == 0
    assert "others on this machine may read log.key" in ran.out
    assert "chmod" in ran.out


def test_a_tls_key_that_everybody_may_read_is_a_warning(shell, relay, tmp_path, monkeypatch):
    """Its group may be the one that renews certificates."""
    made = make_certificates(tmp_path)
    monkeypatch.setenv("LETTER_RELAY_HTTP__TLS_CERT_FILE", str(made.chain))
    monkeypatch.setenv("LETTER_RELAY_HTTP__TLS_KEY_FILE", str(made.key))
    made.key.chmod(0o640)
    assert "tls-key" not in verdicts(shell("doctor", "--data", relay, "--json"))

    made.key.chmod(0o644)
    ran = shell("doctor", "--data", relay, "--json")

    assert (verdicts(ran)["tls-key"], verdicts(ran)["certificate"], ran.code) == ("warn", "ok", 0)


def test_an_open_address_without_tls_is_a_failure(shell, relay, monkeypatch):
    """The doctor ends with 1, so that a unit can refuse to start."""
    monkeypatch.setenv("LETTER_RELAY_HTTP__HOST", "::")
    ran = shell("doctor", "--data", relay, "--json")

    assert (ran.code, verdicts(ran)["listening"]) == (1, "fail")


def test_another_log_key_is_a_failure(shell, relay, tmp_path):
    """A log must not be signed with two keys that do not know each other."""
    shell("init", "--name", "relay.example", "--data", tmp_path / "other")
    (relay / "log.key").write_bytes((tmp_path / "other" / "log.key").read_bytes())
    ran = shell("doctor", "--data", relay, "--json")

    assert ran.code == 1
    assert verdicts(ran)["log"] == "fail"


def test_a_high_water_mark_ahead_of_the_database_is_a_failure(shell, relay, tmp_path):
    """A backup was put back; the doctor says what that means before the relay refuses to start."""
    (relay / "high-water").write_bytes(_mark_of_a_longer_log(relay))
    ran = shell("doctor", "--data", relay, "--json")

    assert ran.code == 1
    assert verdicts(ran)["high-water"] == "fail"


def _mark_of_a_longer_log(relay):
    from relay.custody.checkpoint import Checkpoint, sign_checkpoint
    from relay.ledger.logkey import load_log_key

    origin = "relay.example/log/1"
    return sign_checkpoint(Checkpoint(origin, 5, b"r" * 32), load_log_key(relay / "log.key", origin).signer)


def test_a_folder_without_a_relay_is_a_failure_with_a_cure(shell, tmp_path):
    """No folder at all; and a folder with an empty database."""
    nothing = shell("doctor", "--data", tmp_path / "none")
    (tmp_path / "empty").mkdir(mode=0o700)
    empty = shell("doctor", "--data", tmp_path / "empty", "--json")

    assert nothing.code == 1
    assert "letter-relay init" in nothing.out
    assert empty.code == 1
    assert verdicts(empty)["schema"] == "fail"


def test_faulty_settings_are_told_all_at_once(shell, tmp_path):
    """Each with its key."""
    config = tmp_path / "relay.toml"
    config.write_text('[http]\nport = 99999\n[review]\nclaim_minutes = "x"\n')
    ran = shell("doctor", "--config", config, "--data", tmp_path)

    assert ran.code == 1
    assert "http.port" in ran.err
    assert "review.claim_minutes" in ran.err
