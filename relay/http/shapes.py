"""Shapes of addresses and answers that several audiences share, and what a sealed file can be wrong in."""

from typing import Annotated

from pydantic import Field

from keys.ageheader import HeaderMalformed
from keys.errors import Malformed
from keys.firstlines import LineMalformed
from keys.sealed import ForeignStanza, NotPadded, RecipientsDiffer, WrongBind
from keys.sealed import UnknownPart as UnknownSealedFile
from relay.http.calls import Strict

#: What a sealed file can be wrong in.
SEALED_FAULTS = (
    LineMalformed,
    UnknownSealedFile,
    WrongBind,
    ForeignStanza,
    RecipientsDiffer,
    NotPadded,
    HeaderMalformed,
    Malformed,
)


class ItemPath(Strict):
    """Which item: 32 hexadecimal digits that the client chose at random."""

    item: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]


class DigestPath(Strict):
    """Which file: its SHA-256, 64 hexadecimal digits."""

    digest: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class DeskPath(Strict):
    """Which desk: 32 hexadecimal digits."""

    desk: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]


class StaffPath(Strict):
    """Which member of staff: 32 hexadecimal digits."""

    staff: Annotated[str, Field(pattern="^[0-9a-f]{32}$")]


class PartSize(Strict):
    """A sealed file by its digest, with its size in bytes."""

    digest: str
    bytes: int
