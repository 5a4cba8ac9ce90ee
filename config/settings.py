"""
Read the settings: defaults, then one TOML file, then credential files, then the environment; the later wins.

Nothing here looks at the process: path and environment are arguments. Every fault is reported at once.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from config import sections
from config.explain import explain
from config.faults import ConfigFaulty, Fault
from config.sections import Section

#: A variable is ``LETTER_RELAY_<SECTION>__<KEY>``; a credential file is called ``<section>__<key>``.
ENVIRONMENT_PREFIX = "LETTER_RELAY_"
SEPARATOR = "__"
CREDENTIALS = "CREDENTIALS_DIRECTORY"  # systemd's LoadCredential sets it; containers mount theirs and set it too


class Settings(Section):
    """How one relay is set up. Made by `load_settings`, or with defaults by calling it."""

    relay: sections.Relay = sections.Relay()
    http: sections.Http = sections.Http()
    log: sections.Log = sections.Log()
    limits: sections.Limits = sections.Limits()
    database: sections.Database = sections.Database()
    batch: sections.Batch = sections.Batch()
    publish: sections.Publish = sections.Publish()
    review: sections.Review = sections.Review()
    agreement: sections.Agreement = sections.Agreement()
    sessions: sections.Sessions = sections.Sessions()
    work: sections.Work = sections.Work()
    directory: sections.Directory = sections.Directory()
    backup: sections.Backup = sections.Backup()

    def database_url(self) -> str:
        """Return where the database is: as configured, or SQLite in the data folder. It may hold a password."""
        return self.database.url.get_secret_value() or f"sqlite+aiosqlite:///{self.relay.data_dir / 'relay.db'}"


@dataclass(frozen=True, slots=True)
class Given:
    """One value as somebody wrote it, and where."""

    section: str
    key: str
    value: object
    origin: str


def load_settings(path: Path | None, environ: Mapping[str, str]) -> Settings:
    """
    Read the settings of one relay.

    A misspelt key is a fault and never a default, because a relay that silently ignores ``sealed_days`` keeps
    letters that it promised to destroy.

    Args:
        path: The TOML file, or None for the defaults.
        environ: The environment, with ``LETTER_RELAY_HTTP__PORT`` and the like; ``CREDENTIALS_DIRECTORY`` names a
            folder whose files, such as ``database__url``, each hold one value.

    Raises:
        ConfigFaulty: A file cannot be read, a key is unknown, or a value is not what its key wants; lists them all.
    """
    faults: list[Fault] = []
    given = [*_from_file(path, faults), *_from_credentials(environ, faults), *_from_environment(environ)]
    try:
        settings = Settings.model_validate(_nest(given))
    except ValidationError as error:
        origins = {(one.section, one.key): one.origin for one in given}
        faults += [explain(detail, Settings, origins) for detail in error.errors(include_url=False)]
        raise ConfigFaulty(tuple(faults)) from None  # the cause would show the values
    if faults:
        raise ConfigFaulty(tuple(faults))
    return settings


def _from_file(path: Path | None, faults: list[Fault]) -> Iterator[Given]:
    """Read the TOML file; a key outside any section counts as a section that is no table."""
    if path is None:
        return
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        problem = f"cannot be read ({type(error).__name__})"
        faults.append(Fault(str(path), "settings file", problem, "Name a file that exists and may be read."))
        return
    except UnicodeDecodeError:
        faults.append(Fault(str(path), "settings file", "is not UTF-8", "Save it as UTF-8 text."))
        return
    except tomllib.TOMLDecodeError as error:
        cure = "Mend that place; config/relay.toml shows how each key is written."
        faults.append(Fault(str(path), "settings file", f"is not TOML: {error}", cure))
        return
    for section, table in tables.items():
        if isinstance(table, dict):
            yield from (Given(section, key, value, path.name) for key, value in table.items())
        else:
            yield Given(section, "", table, path.name)


def _from_credentials(environ: Mapping[str, str], faults: list[Fault]) -> Iterator[Given]:
    """Read the credential files; a file whose name holds no separator belongs to somebody else."""
    folder = environ.get(CREDENTIALS)
    if not folder:
        return
    try:
        for file in sorted(Path(folder).iterdir()):
            section, separator, key = file.name.lower().partition(SEPARATOR)
            if separator and not section.startswith(".") and file.is_file():
                value = file.read_text(encoding="utf-8").strip()
                yield Given(section, key, value, f"credential file {file.name}")
    except (OSError, UnicodeDecodeError) as error:
        problem = f"cannot be read ({type(error).__name__})"
        faults.append(Fault(folder, CREDENTIALS, problem, "Name a folder of UTF-8 files that this user may read."))


def _from_environment(environ: Mapping[str, str]) -> Iterator[Given]:
    """Read the variables with our prefix that name a section and a key."""
    for name, value in sorted(environ.items()):
        section, separator, key = name.removeprefix(ENVIRONMENT_PREFIX).lower().partition(SEPARATOR)
        if name.startswith(ENVIRONMENT_PREFIX) and separator:
            yield Given(section, key, value, f"environment variable {name}")


def _nest(given: list[Given]) -> dict[str, object]:
    """Lay the values over each other, the later over the earlier."""
    nested: dict[str, object] = {}
    for one in given:
        table = nested.setdefault(one.section, {})
        if one.key and isinstance(table, dict):
            table[one.key] = one.value
        elif not one.key:
            nested[one.section] = one.value
    return nested
