"""What the tests of the audit share: verify a world, or say which step it breaks."""

import pytest

from keys.errors import EvidenceBroken
from relay.custody.verify import Verified, verify
from tests.custody_world import FINGERPRINT, MemoryBundle, World


def audit(evidence: World | MemoryBundle, **more) -> Verified:
    """Verify a world's evidence, or a bundle that was tampered with."""
    bundle = evidence.bundle() if isinstance(evidence, World) else evidence
    return verify(bundle, **({"fingerprint": FINGERPRINT} | more))


def broken_at(evidence: World | MemoryBundle, **more) -> tuple[str, str | None]:
    """Return the step that evidence breaks, and the item that the error names."""
    with pytest.raises(EvidenceBroken) as caught:
        audit(evidence, **more)
    return caught.value.step, caught.value.item


def step_of(evidence: World | MemoryBundle, **more) -> str:
    """Return the step that evidence breaks."""
    return broken_at(evidence, **more)[0]
