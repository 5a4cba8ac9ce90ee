"""Who is in the ledger's test world: an invented relay with its desks, its staff and its families, by real keys."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keys.agefile import HybridIdentity, HybridRecipient
from keys.codes import directory_name, family_name, mailbox_id, root_name
from keys.directory import (
    Desk,
    Directory,
    Epoch,
    StaffMember,
    Trust,
    describe_directory,
    encode_directory,
    recipient_digest,
    sign_directory,
    sign_trust,
)
from keys.keyrings import DeskKey, StaffRoot
from keys.notes import Signer

SINCE = "2026-01-01T00:00:00Z"
EXPIRES = "2036-01-01T00:00:00Z"


def secret(word: str) -> bytes:
    """Make 32 bytes that are the same in every run."""
    return hashlib.sha256(word.encode()).digest()


def an_id(word: str) -> str:
    """Make an id from a word."""
    return secret(word)[:16].hex()


REVIEW, CAMP, FARM, BUREAU = (an_id(word) for word in ("mediator", "camp", "farm", "bureau"))
#: Roles and desks; Ann and Ann's second key are one person.
ROLES: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "ann": ((REVIEW,), ("reviewer",)),
    "ben": ((REVIEW,), ("reviewer",)),
    "cyd": ((REVIEW,), ("reviewer", "senior")),
    "dan": ((REVIEW,), ("dispatcher",)),
    "reg": ((REVIEW,), ("registrar",)),
    "ole": ((CAMP,), ("officer",)),
    "bea": ((BUREAU,), ("officer",)),
    "aud": ((), ("auditor",)),
    "opal": ((), ("operator",)),
}


@dataclass(frozen=True, slots=True)
class Member:
    """A member of staff with the secret behind their key."""

    name: str
    root: StaffRoot
    signer: Signer
    author: Ed25519PrivateKey

    @property
    def id(self) -> str:
        """The staff id."""
        return self.root.staff


@dataclass(frozen=True, slots=True)
class FamilyOf:
    """A family, as its receipt code would make it; without the 30 ms that deriving takes."""

    mailbox: str
    key: Ed25519PrivateKey
    identity: HybridIdentity

    @property
    def vkey(self) -> str:
        """The raw public key, hex."""
        return self.key.public_key().public_bytes_raw().hex()

    def signer(self, relay: str) -> Signer:
        """Make the signer of the family's statements."""
        return Signer.named(family_name(relay), self.key)


def a_family(word: str) -> FamilyOf:
    """Invent a family."""
    return FamilyOf(
        mailbox_id(secret(f"{word}, locator")[:16]),
        Ed25519PrivateKey.from_private_bytes(secret(f"{word}, signer")),
        HybridIdentity.from_seed(secret(f"{word}, identity")),
    )


@dataclass(frozen=True, slots=True)
class Cast:
    """Everybody at one relay, with the notes that give them their power."""

    relay: str
    origin: str
    root: Signer
    operators: tuple[Signer, ...]
    staff: dict[str, Member]
    desk_keys: dict[str, DeskKey]

    def recipient(self, desk: str) -> HybridRecipient:
        """Give the recipient of a desk's first epoch."""
        return self.desk_keys[desk].identity.recipient()

    def trust(self, log: Sequence[str], *, version: int = 1) -> bytes:
        """Sign a trust page."""
        page = Trust(
            version=version,
            root=str(self.root.vkey),
            relay=self.relay,
            origin=self.origin,
            log=tuple(log),
            directory=tuple(str(operator.vkey) for operator in self.operators),
            k=2,
            policy="quorum none\n",
            previous=None,
        )
        return sign_trust(page, self.root)

    def directory(
        self, *, version: int = 1, previous: bytes | None = None, without: Sequence[str] = (), expires: str = EXPIRES
    ) -> tuple[bytes, bytes]:
        """Sign a directory; returns its note and its document."""
        staff = tuple(_listed(member) for name, member in self.staff.items() if name not in without)
        document = encode_directory(Directory(version, REVIEW, ("north", "south"), self._desks(), staff))
        lines = describe_directory(document, version=version, previous=previous, expires=expires)
        return sign_directory(lines, self.operators[:2]), document

    def _desks(self) -> tuple[Desk, ...]:
        def epochs(desk: str) -> tuple[Epoch, ...]:
            return (Epoch(1, str(self.recipient(desk)), SINCE),)

        return (
            Desk(REVIEW, "review", None, keyless=False, epochs=epochs(REVIEW)),
            Desk(CAMP, "facility", "north", keyless=False, epochs=epochs(CAMP)),
            Desk(FARM, "facility", "south", keyless=True, epochs=()),
            Desk(BUREAU, "bureau", "south", keyless=False, epochs=epochs(BUREAU)),
        )


def _listed(member: Member) -> StaffMember:
    desks, roles = ROLES[member.name]
    return StaffMember(
        id=member.id,
        person=an_id(f"{member.name}, in person"),
        desks=desks,
        roles=roles,
        vkey=str(member.signer.vkey),
        recipient_sha256=recipient_digest(member.root.keys.identity.recipient()),
    )


def a_cast(relay: str, origin: str) -> Cast:
    """Invent everybody at a relay."""
    staff = {}
    for name in ROLES:
        root = StaffRoot(relay, an_id(name), secret(f"{name}'s root"))
        author = Ed25519PrivateKey.from_private_bytes(root.keys.signer_seed)
        staff[name] = Member(name, root, root.signer, author)
    return Cast(
        relay=relay,
        origin=origin,
        root=Signer.ed25519(root_name(relay), secret("root")),
        operators=tuple(Signer.ed25519(directory_name(relay, n), secret(f"operator {n}")) for n in (1, 2, 3)),
        staff=staff,
        desk_keys={desk: DeskKey(relay, desk, 1, secret(f"{desk}, epoch 1")) for desk in (REVIEW, CAMP, BUREAU)},
    )
