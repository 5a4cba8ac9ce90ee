"""Begin a relay in a data folder: what `init` does, and the demo before its story."""

import os
import secrets
from pathlib import Path
from typing import Final

from relay.ledger.founding import Founded, found
from relay.storage.engine import Storage

#: Whose bearer may publish trust, directory and sealed keys; it never leaves the relay's own machine.
TOKEN_FILE: Final = "operator.token"


async def begin(url: str, folder: Path, *, name: str) -> Founded:
    """
    Make a relay: the schema, its id, its log keys, an empty log, and the token of the operator's own commands.

    Args:
        url: The database.
        folder: The data folder, made for its owner alone if it is not there.
        name: The relay's host name.

    Raises:
        AlreadyFounded: There is one in this folder or database.
    """
    storage = Storage(url)
    try:
        founded = await found(storage, folder, name=name, random=os.urandom)
    finally:
        await storage.close()
    _write_token(folder / TOKEN_FILE)
    return founded


def _write_token(path: Path) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(f"lro_{secrets.token_hex(32)}\n")
