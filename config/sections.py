"""The sections of the settings: every key, its default and its bounds. config/relay.toml tells what each is for."""

import re
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator
from pydantic_core import PydanticCustomError

_LABEL = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
_RELAY_NAME = re.compile(rf"{_LABEL}(\.{_LABEL})*")
_DATABASES = ("sqlite+aiosqlite:///", "postgresql+asyncpg://")


def _split_at_commas(value: object) -> object:
    """Read ``a, b`` as a list: the environment and credential files have no other way to write one."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def _empty_as_none(value: object) -> object:
    """Read an empty text as absent: TOML has no null."""
    return None if value == "" else value


def _relay_name(value: str) -> str:
    if len(value) > 64 or not _RELAY_NAME.fullmatch(value):
        raise PydanticCustomError("relay_name", "is not a host name")
    return value


def _database_url(value: SecretStr) -> SecretStr:
    url = value.get_secret_value()
    if url and not url.startswith(_DATABASES):
        raise PydanticCustomError("database_url", "names no database that the relay can use")
    return value


Port = Annotated[int, Field(ge=0, le=65_535)]
Host = Annotated[str, Field(min_length=1, max_length=255, description="a host name or an address such as 127.0.0.1")]
Folder = Annotated[Path, Field(description="the path of a folder")]
OptionalFile = Annotated[
    Path | None, BeforeValidator(_empty_as_none), Field(description="the path of a file, or leave it empty")
]
OptionalFolder = Annotated[
    Path | None, BeforeValidator(_empty_as_none), Field(description="the path of a folder, or leave it empty")
]
Networks = Annotated[
    tuple[IPv4Network | IPv6Network, ...],
    BeforeValidator(_split_at_commas),
    Field(description='a list of networks such as ["10.0.0.0/8"]'),
]
DeskIds = Annotated[
    tuple[Annotated[str, Field(pattern="^[0-9a-f]{32}$")], ...],
    BeforeValidator(_split_at_commas),
    Field(max_length=8, description="a list of up to 8 desk ids, each of 32 hexadecimal digits"),
]


class Section(BaseModel):
    """One table of the settings: it never changes after it was read, and knows its own keys alone."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Relay(Section):
    """Who this relay is, and where it keeps what it keeps."""

    name: Annotated[str, AfterValidator(_relay_name), Field(description="a host name such as relay.example")] = (
        "relay.example"
    )
    data_dir: Folder = Path("data")


class Http(Section):
    """Where the relay listens."""

    host: Host = "127.0.0.1"
    port: Port = 8080
    metrics_host: Host = "127.0.0.1"
    metrics_port: Port = 9464
    tls_cert_file: OptionalFile = None
    tls_key_file: OptionalFile = None
    trusted_proxies: Networks = ()
    serve_docs: bool = True
    serve_family_page: bool = True
    serve_staff_pages: bool = False

    @model_validator(mode="after")
    def _certificate_and_key_go_together(self) -> Self:
        if (self.tls_cert_file is None) != (self.tls_key_file is None):
            missing = "tls_cert_file" if self.tls_cert_file is None else "tls_key_file"
            raise PydanticCustomError("half_a_pair", "is missing beside its other half", {"key": missing})
        return self

    @model_validator(mode="after")
    def _metrics_have_a_port_of_their_own(self) -> Self:
        if self.port and self.port == self.metrics_port:
            raise PydanticCustomError("same_port", "is the same as http.port", {"key": "metrics_port"})
        return self


class Log(Section):
    """What the diagnostics say; the custody log is another thing."""

    level: Literal["debug", "info", "warning", "error"] = "info"


class Limits(Section):
    """How much, and how often, one may send. A rate of 0 means no limit."""

    text_characters: Annotated[int, Field(ge=1, le=15_000)] = 8_000
    enclosures: Annotated[int, Field(ge=0, le=16)] = 3
    enclosure_bytes: Annotated[int, Field(ge=4_096, le=67_108_864)] = 4_194_304
    part0_bytes: Annotated[int, Field(ge=16_384, le=1_048_576)] = 131_072
    requests_per_minute: Annotated[int, Field(ge=0, le=1_000_000)] = 600
    accepts_per_minute: Annotated[int, Field(ge=0, le=1_000_000)] = 30
    sign_ins_per_minute: Annotated[int, Field(ge=0, le=1_000_000)] = 60


class Database(Section):
    """Where items and evidence are kept."""

    url: Annotated[
        SecretStr,
        AfterValidator(_database_url),
        Field(description=f"a URL that begins with {' or '.join(_DATABASES)}, or leave it empty"),
    ] = SecretStr("")


class Batch(Section):
    """How many commands share one durable transaction."""

    max_commands: Annotated[int, Field(ge=1, le=4_096)] = 256
    max_items: Annotated[int, Field(ge=500, le=65_536)] = 2_048  # a statement names up to 500
    max_wait_ms: Annotated[int, Field(ge=0, le=1_000)] = 0


class Publish(Section):
    """How often the log's public checkpoint moves on."""

    checkpoint_seconds: Annotated[int, Field(ge=1, le=3_600)] = 60


class Review(Section):
    """How much a reviewer may hold, and for how long."""

    claim_minutes: Annotated[int, Field(ge=1, le=1_440)] = 30
    claim_letters: Annotated[int, Field(ge=1, le=500)] = 20
    claim_detainees: Annotated[int, Field(ge=1, le=500)] = 5


class Agreement(Section):
    """What the sides agreed on: who reads, and how long things are kept. 0 days mean for ever."""

    route: DeskIds = ()
    held_days: Annotated[int, Field(ge=0, le=36_500)] = 60
    sealed_days: Annotated[int, Field(ge=0, le=36_500)] = 90
    openings_days: Annotated[int, Field(ge=0, le=36_500)] = 1_095
    parts_unused_hours: Annotated[int, Field(ge=1, le=8_760)] = 48

    @model_validator(mode="after")
    def _openings_outlive_sealed_bytes(self) -> Self:
        if self.openings_days and (not self.sealed_days or self.openings_days < self.sealed_days):
            raise PydanticCustomError("too_short", "is shorter than agreement.sealed_days", {"key": "openings_days"})
        return self


class Sessions(Section):
    """How long a member of staff stays signed in."""

    idle_minutes: Annotated[int, Field(ge=1, le=1_440)] = 30
    absolute_hours: Annotated[int, Field(ge=1, le=168)] = 12


class Work(Section):
    """The proof of work that a family's device does before its letter is taken."""

    required: bool = True
    cost: Annotated[int, Field(ge=1, le=1_000_000)] = 1_000
    counter_max: Annotated[int, Field(ge=1, le=1_000_000)] = 600


class Backup(Section):
    """Where backups are put, for the doctor to look at."""

    folder: OptionalFolder = None
    warn_hours: Annotated[int, Field(ge=1, le=8_760)] = 26  # a nightly one may be a little late


class Directory(Section):
    """The directory of desks and staff, which expires."""

    warn_days: Annotated[int, Field(ge=1, le=365)] = 14
