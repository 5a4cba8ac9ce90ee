"""What the demo's auditors do: download, verify, sign; and what they find once somebody has touched one byte."""

import asyncio
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from keys.errors import EvidenceBroken
from relay.client.auditors import Auditor
from relay.client.bundles import DirectoryBundle
from relay.client.logreader import LogReader
from relay.client.staff import StaffSession
from relay.custody.bundle import OPENINGS
from relay.custody.verify import Verified, verify

_PATIENCE_SECONDS: Final = 15.0
_PAUSE_SECONDS: Final = 0.2


class FlipUnnoticed(EvidenceBroken):
    """The audit has overlooked a byte that was changed."""

    code = "flip_unnoticed"
    cure = "Do not trust this version of the audit; please report this at once."


@dataclass(frozen=True, slots=True)
class Flipped:
    """Which byte was changed, and what the audit said of it."""

    file: str
    position: int
    step: str
    item: str | None
    message: str


async def published(session: StaffSession, size: int) -> None:
    """Wait until the public checkpoint covers so many entries, as it does every second in the demo."""
    log = LogReader(session.connection, session.trustbook.trust)
    for _ in range(round(_PATIENCE_SECONDS / _PAUSE_SECONDS)):
        if (await log.checkpoint()).checkpoint.size >= size:
            return
        await asyncio.sleep(_PAUSE_SECONDS)


async def audit(session: StaffSession, folder: Path, *, fingerprint: str) -> Verified:
    """
    Download the evidence as an auditor does, verify all of it, and say so in the log, signed.

    Raises:
        EvidenceBroken: Something does not hold.
    """
    auditor = Auditor(session)
    bundle = await auditor.download(folder)
    verified = await asyncio.to_thread(verify, bundle, fingerprint=fingerprint)
    await auditor.sign_audited(verified.checkpoint)
    return verified


def flip_one_byte(bundle: Path, copy: Path, *, item: str, fingerprint: str) -> Flipped:
    """
    Change one letter of the last thing that is told of an item, in a copy of the evidence, and audit the copy.

    Args:
        bundle: The evidence as downloaded; it stays as it is.
        copy: Where the copy goes.
        item: Whose custody is touched.
        fingerprint: From paper.

    Raises:
        FlipUnnoticed: The audit does not see it.
    """
    shutil.copytree(bundle, copy)
    path = copy / OPENINGS
    data = bytearray(path.read_bytes())
    line = data.rindex(item.encode())
    position = data.index(b"day", line) + len(b'day\\":\\"')
    data[position] ^= 1
    path.write_bytes(data)
    try:
        verify(DirectoryBundle(copy), fingerprint=fingerprint)
    except EvidenceBroken as error:
        return Flipped(OPENINGS, position, error.step, error.item, str(error))
    raise FlipUnnoticed("9", "one byte of a copy was changed, and the audit passed it")
