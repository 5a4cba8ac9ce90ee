"""An invented relay with its root, operators, desks and staff; every secret is the hash of a word."""

import hashlib

from keys.agefile import HybridIdentity
from keys.codes import directory_name, root_name
from keys.directory import (
    Desk,
    Directory,
    Epoch,
    StaffMember,
    Trust,
    describe_directory,
    encode_directory,
    merge_directory_notes,
    recipient_digest,
    sign_directory,
    sign_trust,
)
from keys.keyrings import DeskKey, StaffRoot
from keys.notes import Cosigner, Signer


def secret(word: str) -> bytes:
    """Make 32 bytes that are the same in every run and every language: SHA-256 of the word."""
    return hashlib.sha256(word.encode()).digest()


def an_id(word: str) -> str:
    """Make an id from a word: the first 16 bytes of its hash."""
    return secret(word)[:16].hex()


def a_digest(word: str) -> str:
    """Make a digest from a word."""
    return secret(word).hex()


RELAY = an_id("relay")
RELAY_ID = bytes.fromhex(RELAY)
ORIGIN = "relay.example/log/1"
ROOT = Signer.ed25519(root_name(RELAY), secret("root"))
OPERATORS = [Signer.ed25519(directory_name(RELAY, n), secret(f"operator {n}")) for n in (1, 2, 3)]
LOG = Signer.ed25519(ORIGIN, secret("log"))
LOG_PQ = Cosigner.mldsa44(ORIGIN, secret("log, post-quantum"))
WITNESS = Cosigner.ed25519("witness.example/w1", secret("witness"))

MEDIATOR, CAMP, FARM, BUREAU = (an_id(word) for word in ("mediator", "camp", "farm", "bureau"))
ANN = StaffRoot(RELAY, an_id("ann"), secret("ann's root"))
OLEH = StaffRoot(RELAY, an_id("oleh"), secret("oleh's root"))
STRANGER = StaffRoot(RELAY, an_id("stranger"), secret("a stranger's root"))
MEDIATOR_KEYS = [DeskKey(RELAY, MEDIATOR, n, secret(f"mediator, epoch {n}")) for n in (1, 2, 3)]
CAMP_KEY = DeskKey(RELAY, CAMP, 1, secret("camp, epoch 1"))
BUREAU_KEY = DeskKey(RELAY, BUREAU, 1, secret("bureau, epoch 1"))
SINCE = ("2026-01-01T00:00:00Z", "2026-03-01T00:00:00Z", "2026-03-20T12:00:00Z")
EXPIRES = "2026-07-01T00:00:00Z"
NOW = "2026-04-01T08:30:00Z"


def recipient(identity: HybridIdentity) -> str:
    """Write an identity's recipient."""
    return str(identity.recipient())


def a_member(root: StaffRoot, *, person: str, desks: tuple[str, ...], roles: tuple[str, ...]) -> StaffMember:
    """List somebody in the directory."""
    return StaffMember(
        id=root.staff,
        person=an_id(person),
        desks=desks,
        roles=roles,
        vkey=str(root.signer.vkey),
        recipient_sha256=recipient_digest(root.keys.identity.recipient()),
    )


TRUST = Trust(
    version=1,
    root=str(ROOT.vkey),
    relay=RELAY,
    origin=ORIGIN,
    log=(str(LOG.vkey), str(LOG_PQ.vkey)),
    directory=tuple(str(operator.vkey) for operator in OPERATORS),
    k=2,
    policy=f"witness w1 {WITNESS.vkey}\nquorum w1\n",
    previous=None,
)
TRUST_NOTE = sign_trust(TRUST, ROOT)

DIRECTORY = Directory(
    version=1,
    intake=MEDIATOR,
    sides=("north", "south"),
    desks=(
        Desk(
            MEDIATOR,
            "review",
            None,
            keyless=False,
            epochs=tuple(
                Epoch(key.epoch, recipient(key.identity), since)
                for key, since in zip(MEDIATOR_KEYS, SINCE, strict=True)
            ),
        ),
        Desk(CAMP, "facility", "north", keyless=False, epochs=(Epoch(1, recipient(CAMP_KEY.identity), SINCE[0]),)),
        Desk(FARM, "facility", "south", keyless=True, epochs=()),
        Desk(BUREAU, "bureau", "south", keyless=False, epochs=(Epoch(1, recipient(BUREAU_KEY.identity), SINCE[0]),)),
    ),
    staff=(
        a_member(ANN, person="Ann", desks=(MEDIATOR,), roles=("reviewer", "senior")),
        a_member(OLEH, person="Oleh", desks=(CAMP,), roles=("officer",)),
    ),
)
DOCUMENT = encode_directory(DIRECTORY)
DIRECTORY_LINES = describe_directory(DOCUMENT, version=1, previous=None, expires=EXPIRES)
DIRECTORY_NOTE = merge_directory_notes([sign_directory(DIRECTORY_LINES, [operator]) for operator in OPERATORS[:2]])
