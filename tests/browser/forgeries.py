"""What a relay that lies could show a family as a reply or a note: sealed properly, and signed by whom it likes."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Page, Route

from keys.canonical import encode_json
from keys.codes import FamilyKeys, family_keys
from keys.documents import seal_document
from keys.envelope import seal_envelope
from keys.firstlines import DocumentLine, LetterLine, encode_line
from keys.hybrid import HybridRecipient
from keys.keyrings import StaffRoot
from keys.manifests import Manifest, StaffAuthor, encode_manifest
from keys.sealed import part_digest, seal_letter
from keys.signedcontent import plaintext_of
from keys.statements import Statement, sign_statement
from relay.client.operators import unlock
from tests.browser.demo_world import DemoWorld
from tests.browser.obstacles import altered_json, between

TEXT = "This is not what was written."


@dataclass(frozen=True, slots=True)
class Forger:
    """
    Whoever has the relay, and nobody's key but those that are given away here.

    Attributes:
        relay: The relay's id.
        family: The keys of the family that is lied to.
    """

    relay: str
    family: FamilyKeys

    @classmethod
    def of(cls, world: DemoWorld, code: str) -> "Forger":
        """Lie to the family that has this code."""
        relay = next(iter((world.data / "trust.note").read_text("utf-8").split('"relay":"')[1:]))[:32]
        return cls(relay, family_keys(code, bytes.fromhex(relay)))

    def reply(
        self,
        row: dict[str, Any],
        *,
        by: str,
        signer: Ed25519PrivateKey | None,
        recipient: HybridRecipient | None = None,
    ) -> bytes:
        """
        Seal a reply in the place of one.

        Args:
            row: The real one's, in the mailbox.
            by: The id of the member who is said to have passed it.
            signer: Whose key signs it; None leaves it unsigned.
            recipient: To whom it is sealed, if not to the family.
        """
        line = LetterLine(
            relay=self.relay,
            item=row["item"],
            kind="reply",
            hop="review>family",
            detainee="unknown",
            to=("family",),
            dir=2,
            re=row["re"],
            enclosures=(),
        )
        manifest = Manifest(by=StaffAuthor(by), lang="en", text=TEXT)
        recipients = [recipient or self.family.identity.recipient()]
        if signer is None:
            return seal_envelope(encode_line(line), plaintext_of(encode_manifest(manifest), b""), recipients)
        return seal_letter(line, manifest, signer=signer, recipients=recipients)

    def note(self, row: dict[str, Any]) -> bytes:
        """Seal a note beside a letter, signed by nobody whom the directory has."""
        line = DocumentLine(
            relay=self.relay,
            kind="note",
            id=os.urandom(16).hex(),
            item=row["item"],
            to=("family",),
            dir=1,
            version=1,
        )
        return seal_document(
            line,
            TEXT.encode(),
            author=StaffAuthor(os.urandom(16).hex()),
            signer=Ed25519PrivateKey.generate(),
            recipients=[self.family.identity.recipient()],
        )


def root_of(world: DemoWorld, relay: str, name: str) -> StaffRoot:
    """Open the keyring of one of the demo's staff."""
    keyring = (world.data / "staff" / name / "keyring.age").read_bytes()
    return unlock(keyring, world.staff[name].code, relay, directory=None)


def suspension(world: DemoWorld, relay: str, staff: str) -> str:
    """Let the demo's operator sign that a member's key is out of use, and publish it nowhere."""
    operator = root_of(world, relay, "oda")
    statement = Statement("suspend", relay, 1, "2026-01-01T00:00:00Z", (), {"staff": staff, "reason": "KEY_LOST"})
    return sign_statement(statement, operator.signer).decode()


@contextmanager
def swapped(page: Page, file: bytes, *, kind: str, is_in_event: bool = True) -> Iterator[None]:
    """
    Let the mailbox name another file, and give that.

    Args:
        kind: ``reply`` for what is read first; ``note`` for a note beside the first letter.
        is_in_event: Whether a reply's last event names it too, as if the relay had written it into its log.
    """
    digest = part_digest(file)

    def rename(mailbox: dict[str, Any]) -> None:
        row = next(row for row in mailbox["items"] if row["kind"] == ("reply" if kind == "reply" else "letter"))
        if kind == "reply":
            row["parts"] = [{**row["parts"][0], "digest": digest}]
            if is_in_event:
                event = json.loads(row["event"]) | {"parts": [digest]}
                row["event"] = row["openings"][-1]["event"] = encode_json(event)
        else:
            row["note"] = digest

    def give(route: Route) -> None:
        route.fulfill(status=200, headers={"Content-Type": "application/vnd.letter-relay.sealed"}, body=file)

    with between(page, "**/family/mailbox", altered_json(rename)), between(page, f"**/family/parts/{digest}", give):
        yield
