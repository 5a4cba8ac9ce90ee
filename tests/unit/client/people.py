"""The people and desks that the tests of the client speak of, made once by the real ceremony."""

import functools
from collections.abc import Sequence
from dataclasses import dataclass, replace

from keys.codes import FamilyKeys, family_keys
from keys.directory import Desk, Directory, Trust, parse_directory, sign_trust
from keys.hybrid import HybridIdentity
from keys.ids import Random
from keys.notes import Signer, note_digest
from keys.sealed import part_digest
from relay.client.answers import PartSize, Row
from relay.client.authors import Signers
from relay.client.ceremony import (
    Enrolled,
    OpenedDesk,
    SigningKey,
    draft_directory,
    draft_trust,
    enrol,
    keyless_desk,
    new_directory_key,
    new_root_key,
    open_desk,
    sign_draft,
)
from relay.client.opening import OpenedItem, open_item
from relay.client.sealing import Draft, Letter, Sealer, seal_family_letter, signing_key
from relay.client.staff import DeskKeys
from relay.domain.events import Event, encode_event, event_digest, parse_event
from relay.domain.states import Kind, State

RELAY = "0a" * 16
ORIGIN = "relay.example/log/1"
AT = "2026-11-23T12:00:00Z"
NUMBER = "123456789092"
MAILBOX = "c0" * 32
TEXT = "Любий, у нас усе добре.\nМама"


@dataclass(frozen=True)
class People:
    """A relay's keys and everybody who has one."""

    root: SigningKey
    directory_keys: tuple[SigningKey, ...]
    log: Signer
    trust: Trust
    review: OpenedDesk
    facility: OpenedDesk
    keyless: Desk
    ann: Enrolled
    otto: Enrolled
    reg: Enrolled
    directory: Directory
    document: bytes
    note: bytes

    @property
    def trust_note(self) -> bytes:
        """The trust as the root signed it."""
        return sign_trust(self.trust, self.root.signer)

    @property
    def signers(self) -> Signers:
        """Whose signatures count."""
        return Signers(self.directory)

    @property
    def sealer(self) -> Sealer:
        """Ann, who passes letters."""
        return Sealer(self.ann.member.id, signing_key(self.ann.root))

    def review_keys(self) -> DeskKeys:
        """Give what opens letters to the review desk."""
        return DeskKeys(self.review.desk.id, {1: self.review.key.identity})

    def facility_keys(self) -> DeskKeys:
        """Give what opens letters to the facility."""
        return DeskKeys(self.facility.desk.id, {1: self.facility.key.identity})

    def version(self, version: int, previous: bytes | None, *, keys: Sequence[int] = (0, 1)) -> tuple[bytes, bytes]:
        """Write a version of the directory: its note and its document."""
        draft = draft_directory(
            intake=self.directory.intake,
            sides=self.directory.sides,
            desks=self.directory.desks,
            staff=self.directory.staff,
            at=AT,
            version=version,
            previous=previous,
        )
        return sign_draft(draft, [self.directory_keys[key] for key in keys]), draft.document


@functools.cache
def people() -> People:
    """Run the ceremony, once for all tests."""
    root, directory_keys = new_root_key(RELAY), tuple(new_directory_key(RELAY, n) for n in (1, 2, 3))
    log = Signer.ed25519(ORIGIN, b"the log's key, thirty-two bytes.")
    trust = draft_trust(RELAY, root.vkey, [log.vkey], [key.vkey for key in directory_keys], k=2)
    review = open_desk(RELAY, "review", side=None, since=AT)
    facility = open_desk(RELAY, "facility", side="north", since=AT)
    keyless = keyless_desk("south")
    ann = enrol(RELAY, roles=["reviewer"], desks=[review.desk.id])
    otto = enrol(RELAY, roles=["officer"], desks=[facility.desk.id])
    reg = enrol(RELAY, roles=["registrar"], desks=[review.desk.id])
    draft = draft_directory(
        intake=review.desk.id,
        sides=["north", "south"],
        desks=[review.desk, facility.desk, keyless],
        staff=[ann.member, otto.member, reg.member],
        at=AT,
    )
    return People(
        root=root,
        directory_keys=directory_keys,
        log=log,
        trust=trust,
        review=review,
        facility=facility,
        keyless=keyless,
        ann=ann,
        otto=otto,
        reg=reg,
        directory=parse_directory(draft.document),
        document=draft.document,
        note=sign_draft(draft, directory_keys[:2]),
    )


@functools.cache
def family(code: str = "00000000000000000000000000000098") -> FamilyKeys:
    """Derive what a receipt code opens."""
    return family_keys(code, bytes.fromhex(RELAY))


def stranger() -> FamilyKeys:
    """Somebody with other keys, made without Argon2."""
    known = family()
    other = HybridIdentity.from_seed(b"somebody else's identity, 32 by.")
    signer = Signer.ed25519("x", b"somebody else's signer, 32 byte.")._key
    return replace(known, identity=other, signer=signer, vkey=signer.public_key().public_bytes_raw())


def a_draft(letter: Letter | None = None, keys: FamilyKeys | None = None, *, random: Random | None = None) -> Draft:
    """Seal a letter of the family's."""
    written = letter or Letter(TEXT, NUMBER, "uk")
    options = {} if random is None else {"random": random}
    return seal_family_letter(keys or family(), people().directory, RELAY, written, **options)


def a_row(draft: Draft, *, kind: Kind = Kind.LETTER, contact: bytes | None = None) -> Row:
    """Show a sealed item as the relay would in a queue."""
    event_json = encode_event(an_event(draft.item, draft.digests))
    return Row(
        item=draft.item,
        kind=kind,
        state=State.CLAIMED,
        event=parse_event(event_json),
        head=event_digest(event_json),
        detainee=draft.line.detainee,
        parts=tuple(PartSize(digest, len(part)) for digest, part in zip(draft.digests, draft.parts, strict=True)),
        accepted_at=AT,
        desk=people().review.desk.id,
        mailbox=MAILBOX,
        signer=family().vkey.hex() if kind is Kind.LETTER else None,
        contact=None if contact is None else part_digest(contact),
    )


def an_event(
    item: str, parts: tuple[str, ...], *, seq: int = 0, prev: str | None = None, name: str = "accepted"
) -> Event:
    """Make an event of an item's chain."""
    return Event(item, seq, prev, name, "family", "relay", AT[:10], parts, "d0" * 32)


def files_of(draft: Draft, *more: bytes) -> dict[str, bytes]:
    """File an item's parts, and other sealed files, by digest."""
    return {part_digest(data): data for data in (*draft.parts, *more)}


def opened(draft: Draft | None = None) -> OpenedItem:
    """Open a letter at the review desk."""
    draft = draft or a_draft()
    return open_item(a_row(draft), files_of(draft), people().review_keys(), people().signers)


__all__ = [
    "AT",
    "MAILBOX",
    "NUMBER",
    "ORIGIN",
    "RELAY",
    "TEXT",
    "a_draft",
    "a_row",
    "an_event",
    "family",
    "files_of",
    "note_digest",
    "opened",
    "people",
    "stranger",
]
