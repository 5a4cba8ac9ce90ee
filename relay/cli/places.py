"""Where a command finds what it needs: the settings, the data folder, the relay's address, whom to trust, the keys."""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from keys.errors import Refused
from relay.cli.frame import Asked, WrongUsage

if TYPE_CHECKING:
    from config.settings import Settings
    from relay.client.transport import Connection
    from relay.client.trustbook import TrustBook

TRUST_FILE: Final = "trust.note"

_SEEN_DIGITS: Final = 16


class NobodyToTrust(Refused):
    """This command has to know whom to trust."""

    code = "trust_wanted"
    cure = "Add --trust with the fingerprint from the address card, or with the relay's trust.note."


class TokenMissing(Refused):
    """There is no operator's token in this data folder."""

    code = "operator_token_missing"
    cure = "Run this on the relay's own machine with --data, as a user who may read `operator.token` there."


def settings_of(asked: Asked) -> "Settings":
    """
    Read the settings, with the data folder that was asked for.

    Raises:
        ConfigFaulty: They cannot be read; lists each fault with its cure.
    """
    from config.settings import load_settings

    settings = load_settings(asked.config, os.environ)
    if asked.data is None:
        return settings
    return settings.model_copy(update={"relay": settings.relay.model_copy(update={"data_dir": asked.data})})


def data_of(asked: Asked) -> Path:
    """Find the data folder."""
    return asked.data if asked.data is not None else settings_of(asked).relay.data_dir


def relay_url(asked: Asked) -> str:
    """Find the relay's address: as asked, or on this machine as configured."""
    if asked.relay is not None:
        return asked.relay
    http = settings_of(asked).http
    return f"{'https' if http.tls_cert_file else 'http'}://{http.host}:{http.port}"


def fingerprint_of(asked: Asked) -> str:
    """
    Find whom to trust: as asked, or the trust note in the data folder.

    Raises:
        NobodyToTrust: Neither is there.
        FileMissing, TrustMalformed, SignatureInvalid: What was asked for is no trust note, or a damaged one.
    """
    from relay.client.keyfiles import read_fingerprint

    if asked.trust is not None:
        return read_fingerprint(asked.trust)
    note = data_of(asked) / TRUST_FILE
    if not note.exists():
        raise NobodyToTrust
    return read_fingerprint(str(note))


def code_of(asked: Asked) -> str:
    """
    Read the code that this command needs; from a keyboard, ask for it and do not show it.

    Raises:
        WrongUsage: No --code-file was given.
        CodeMistyped, FileMissing, SecretExposed: What stands there cannot be taken.
    """
    from getpass import getpass

    from keys.codes import parse_code
    from relay.client.keyfiles import read_code

    if asked.code_file is None:
        raise WrongUsage("this command needs --code-file FILE, or --code-file - to read the code from standard input")
    if asked.code_file == "-" and sys.stdin.isatty():
        return parse_code(getpass("Code, 32 digits, which are not shown: ").strip())
    return read_code(asked.code_file)


@asynccontextmanager
async def connected(asked: Asked) -> AsyncIterator[tuple["Connection", "TrustBook"]]:
    """
    Connect to the relay, and verify whom it is by what was trusted and seen before.

    What was seen is remembered in the data folder, so that no relay can show this machine an older directory again.
    """
    from relay.client.transport import Connection
    from relay.client.trustbook import TrustBook

    fingerprint = fingerprint_of(asked)
    seen = data_of(asked) / f"seen-{fingerprint[:_SEEN_DIGITS]}.json"
    async with Connection(relay_url(asked)) as connection:
        book = TrustBook(fingerprint, seen)
        await book.refresh(connection)
        yield connection, book


def operator_token(asked: Asked) -> str:
    """
    Read the operator's token from the data folder.

    Raises:
        TokenMissing: It is not there.
        SecretExposed: Others may read it.
    """
    from relay.client.keyfiles import FileMissing, read_secret
    from relay.ledger.begin import TOKEN_FILE

    try:
        return read_secret(data_of(asked) / TOKEN_FILE).decode("ascii", errors="replace").strip()
    except FileMissing:
        raise TokenMissing from None
