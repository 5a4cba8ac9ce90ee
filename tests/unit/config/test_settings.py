"""The settings: where values come from, which of them wins, and how faults are told."""

import re
import tomllib
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from config.faults import ConfigFaulty, Fault
from config.settings import Settings, load_settings
from keys.errors import Fatal

ROOT = Path(__file__).parents[3]
DESK = "0123456789abcdef0123456789abcdef"


def written(folder: Path, text: str) -> Path:
    """Write a settings file."""
    path = folder / "relay.toml"
    path.write_text(text, encoding="utf-8")
    return path


def faults(path: Path | None, environ: dict[str, str] | None = None) -> dict[str, Fault]:
    """Load settings that must be faulty, and return their faults by key."""
    with pytest.raises(ConfigFaulty) as caught:
        load_settings(path, environ or {})
    assert len({fault.key for fault in caught.value.faults}) == len(caught.value.faults)
    return {fault.key: fault for fault in caught.value.faults}


def sections() -> dict[str, dict[str, Any]]:
    """Return every section of the model with its keys."""
    return {name: dict(type(getattr(Settings(), name)).model_fields) for name in Settings.model_fields}


# ---------------------------------------------------------------- where values come from


def test_without_file_and_environment_the_defaults_hold():
    """A relay can be started with nothing written."""
    settings = load_settings(None, {})

    assert settings == Settings()
    assert (settings.http.port, settings.limits.text_characters, settings.review.claim_letters) == (8080, 8000, 20)


def test_the_environment_wins_over_credentials_and_those_over_the_file(tmp_path: Path):
    """Three keys stand in the file, two of them in credentials, one of those in the environment."""
    path = written(tmp_path, '[relay]\nname = "file.example"\n[http]\nport = 1\n[review]\nclaim_letters = 1\n')
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "http__port").write_text("2\n", encoding="utf-8")
    (credentials / "REVIEW__CLAIM_LETTERS").write_text("2", encoding="utf-8")
    environ = {"CREDENTIALS_DIRECTORY": str(credentials), "LETTER_RELAY_REVIEW__CLAIM_LETTERS": "3"}

    settings = load_settings(path, environ)

    assert (settings.relay.name, settings.http.port, settings.review.claim_letters) == ("file.example", 2, 3)


def test_other_variables_and_credentials_are_nobodys_business(tmp_path: Path):
    """The environment and the credentials folder are shared with others, who name things differently."""
    for name in ("tls.pem", ".hidden__file"):
        (tmp_path / name).write_text("whatever", encoding="utf-8")
    (tmp_path / "http__folder").mkdir()
    environ = {"HTTP__PORT": "1", "LETTER_RELAY_HOME": "x", "PATH": "/bin", "CREDENTIALS_DIRECTORY": str(tmp_path)}

    assert load_settings(None, environ) == Settings()


def test_lists_in_variables_are_split_at_commas():
    """A variable can carry a list, with spaces or without; an empty one is an empty list."""
    environ = {
        "LETTER_RELAY_HTTP__TRUSTED_PROXIES": "10.0.0.0/8, fd00::/8",
        "LETTER_RELAY_AGREEMENT__ROUTE": f"{DESK},{DESK[::-1]}",
    }

    settings = load_settings(None, environ)

    assert [str(network) for network in settings.http.trusted_proxies] == ["10.0.0.0/8", "fd00::/8"]
    assert settings.agreement.route == (DESK, DESK[::-1])
    assert load_settings(None, {"LETTER_RELAY_AGREEMENT__ROUTE": ""}).agreement.route == ()


def test_the_database_is_sqlite_in_the_data_folder_unless_one_is_named():
    """The URL may hold a password, so it never shows when settings are printed."""
    url = "postgresql+asyncpg://relay:hunter2@db.internal/relay"

    named = load_settings(None, {"LETTER_RELAY_DATABASE__URL": url})

    assert Settings().database_url() == "sqlite+aiosqlite:///data/relay.db"
    assert named.database_url() == url
    assert "hunter2" not in repr(named)


def test_settings_cannot_be_changed_after_they_were_read():
    """Whoever holds settings can rely on them."""
    with pytest.raises(ValueError, match="frozen"):
        Settings().http.port = 1  # type: ignore[misc]  # that it is refused is the point


# ---------------------------------------------------------------- faults


def test_every_fault_is_reported_at_once_with_origin_and_cure(tmp_path: Path):
    """One start tells an operator everything that is wrong, in all sources."""
    path = written(tmp_path, '[htpp]\nport = 1\n[batch]\nmax_item = 3\nmax_items = "x"\n[log]\nlevel = "loud"\n')

    found = faults(path, {"LETTER_RELAY_HTTP__PORT": "70000", "LETTER_RELAY_WORK__REQUIRED": "maybe"})

    assert list(found) == ["batch.max_item", "batch.max_items", "htpp", "http.port", "log.level", "work.required"]
    assert found["htpp"].cure == "Did you mean http?"
    assert found["batch.max_item"].cure == "Did you mean batch.max_items?"
    assert found["batch.max_items"].cure == "Write a whole number from 500 to 65536."
    assert found["http.port"].problem == "is too large"
    assert found["http.port"].origin == "environment variable LETTER_RELAY_HTTP__PORT"
    assert found["log.level"].cure == "Write one of: debug, info, warning, error."
    assert found["log.level"].origin == "relay.toml"
    assert found["work.required"].cure == "Write true or false."


@pytest.mark.parametrize(
    ("environ", "key", "cure"),
    [
        ({"LETTER_RELAY_RELAY__NAME": "Not a host"}, "relay.name", "Write a host name such as relay.example."),
        ({"LETTER_RELAY_RELAY__NAME": "a." * 32 + "example"}, "relay.name", "Write a host name such as relay.example."),
        ({"LETTER_RELAY_HTTP__HOST": ""}, "http.host", "Write a host name or an address such as 127.0.0.1."),
        (
            {"LETTER_RELAY_HTTP__TRUSTED_PROXIES": "10.0.0.0/8, nonsense"},
            "http.trusted_proxies",
            'Write a list of networks such as ["10.0.0.0/8"].',
        ),
        (
            {"LETTER_RELAY_AGREEMENT__ROUTE": "mediator"},
            "agreement.route",
            "Write a list of up to 8 desk ids, each of 32 hexadecimal digits.",
        ),
        (
            {"LETTER_RELAY_DATABASE__URL": "mysql://root@x/y"},
            "database.url",
            "Write a URL that begins with sqlite+aiosqlite:/// or postgresql+asyncpg://, or leave it empty.",
        ),
        (
            {"LETTER_RELAY_HTTP__TLS_CERT_FILE": "cert.pem"},
            "http.tls_key_file",
            "Set http.tls_cert_file and http.tls_key_file both, or neither.",
        ),
        (
            {"LETTER_RELAY_HTTP__TLS_KEY_FILE": "key.pem"},
            "http.tls_cert_file",
            "Set http.tls_cert_file and http.tls_key_file both, or neither.",
        ),
        (
            {"LETTER_RELAY_HTTP__PORT": "9464"},
            "http.metrics_port",
            "Give http.metrics_port a port of its own, or 0 for none.",
        ),
        (
            {"LETTER_RELAY_AGREEMENT__OPENINGS_DAYS": "30"},
            "agreement.openings_days",
            "Make it as long, or 0 for ever: custody must stay provable while the letter is kept.",
        ),
        (
            {"LETTER_RELAY_AGREEMENT__SEALED_DAYS": "0"},
            "agreement.openings_days",
            "Make it as long, or 0 for ever: custody must stay provable while the letter is kept.",
        ),
        (
            {"LETTER_RELAY_LOG__LEVEL_OF_DETAIL_ALTOGETHER": "1"},
            "log.level_of_detail_altogether",
            "Remove it; known here: level.",
        ),
        ({"LETTER_RELAY_REVIEW__CLAIM_MINUTES": "0"}, "review.claim_minutes", "Write a whole number from 1 to 1440."),
    ],
)
def test_a_fault_says_what_to_write(environ: dict[str, str], key: str, cure: str):
    """Each kind of mistake has its own cure, under the key that has to change."""
    found = faults(None, environ)

    assert {name: fault.cure for name, fault in found.items()} == {key: cure}


def test_ports_may_both_be_left_to_the_system_and_metrics_be_off():
    """Zero is no port, so two zeros do not collide."""
    settings = load_settings(None, {"LETTER_RELAY_HTTP__PORT": "0", "LETTER_RELAY_HTTP__METRICS_PORT": "0"})

    assert (settings.http.port, settings.http.metrics_port) == (0, 0)


def test_keys_outside_a_section_are_told_apart(tmp_path: Path):
    """Somebody forgot the line [http], or made a section's name a key."""
    found = faults(written(tmp_path, "port = 1\nhttp = 3\n"), {"LETTER_RELAY_HTTP__PORT": "1"})

    assert found["port"].problem == "is not a setting of this relay"
    assert found["http"].cure == "Write [http] on a line of its own and the keys below it."


def test_a_fault_in_the_file_and_one_in_the_environment_come_together(tmp_path: Path):
    """A file that is no TOML does not hide what is wrong elsewhere."""
    found = faults(written(tmp_path, "[http\n"), {"LETTER_RELAY_HTTP__PORT": "x"})

    assert [fault.origin for fault in found.values()] == [
        "settings file",
        "environment variable LETTER_RELAY_HTTP__PORT",
    ]


def test_an_unreadable_file_is_a_fault(tmp_path: Path):
    """A path that was given must lead to UTF-8 text; silence would mean defaults."""
    missing = tmp_path / "missing.toml"
    latin = tmp_path / "latin.toml"
    latin.write_bytes('[relay]\nname = "é"'.encode("latin-1"))

    assert faults(missing)[str(missing)].problem == "cannot be read (FileNotFoundError)"
    assert faults(latin)[str(latin)].cure == "Save it as UTF-8 text."


def test_an_unreadable_credentials_folder_is_a_fault(tmp_path: Path):
    """A password that was promised and is not there must not become a default."""
    gone = str(tmp_path / "gone")
    (tmp_path / "database__url").write_bytes(b"\xff")

    assert faults(None, {"CREDENTIALS_DIRECTORY": gone})[gone].origin == "CREDENTIALS_DIRECTORY"
    assert faults(None, {"CREDENTIALS_DIRECTORY": str(tmp_path)})[str(tmp_path)].problem.endswith(
        "(UnicodeDecodeError)"
    )


def test_faults_never_show_values(tmp_path: Path):
    """A value that is not accepted may be a password in the wrong place."""
    path = written(tmp_path, '[http]\nport = "hunter2"\n[database]\nurl = "hunter2"\n[relay]\nname = "hunter2 "\n')

    with pytest.raises(ConfigFaulty) as caught:
        load_settings(path, {"LETTER_RELAY_LOG__LEVEL": "hunter2"})

    assert len(caught.value.faults) == 4
    assert "hunter2" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_faulty_settings_are_fatal_and_list_one_fault_a_line():
    """The command line shows the message as it is."""
    error = ConfigFaulty((Fault("b.c", "default", "is too small", "Write 2."), Fault("a", "x", "is wrong", "Mend it.")))

    assert isinstance(error, Fatal)
    assert error.code == "config_faulty"
    assert str(error).splitlines() == [
        "The settings are faulty:",
        "  a (x) is wrong. Mend it.",
        "  b.c (default) is too small. Write 2.",
    ]


# ---------------------------------------------------------------- the files that ship


def test_relay_toml_states_every_key_with_its_default():
    """Whoever reads the file knows every setting, and what holds without it."""
    tables = tomllib.loads((ROOT / "config/relay.toml").read_text(encoding="utf-8"))

    assert {section: list(table) for section, table in tables.items()} == {
        section: list(fields) for section, fields in sections().items()
    }
    assert load_settings(ROOT / "config/relay.toml", {}) == Settings()


def test_relay_toml_explains_every_key():
    """Above each key stands a sentence."""
    lines = (ROOT / "config/relay.toml").read_text(encoding="utf-8").splitlines()
    keys = [(above, line) for above, line in pairwise(lines) if re.match(r"[a-z0-9_]+ = ", line)]

    assert len(keys) == sum(len(fields) for fields in sections().values())
    assert [line for above, line in keys if not above.startswith("# ")] == []


def test_the_demo_is_quick_and_asks_no_work():
    """The demo's settings load, and nobody could take its name for a real relay's."""
    settings = load_settings(ROOT / "config/demo.toml", {})

    assert settings.publish.checkpoint_seconds == 1
    assert not settings.work.required
    assert settings.relay.name.startswith("demo.")
