"""
Make the custody vectors, and with them the example of docs/spec/custody.md: one small log with all that opens it.

Everything is made from fixed seeds, so the files under tests/vectors/custody can be made again byte for byte:
``python -m tests.custody_vectors``. A test compares.
"""

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from keys.agefile import HybridIdentity
from keys.canonical import encode_json
from keys.codes import directory_name, root_name, staff_name
from keys.cosignatures import Cosigner
from keys.directory_document import Desk, Directory, Epoch, StaffMember, encode_directory, recipient_digest
from keys.directory_notes import describe_directory, sign_directory
from keys.notes import Signer, note_digest
from keys.statements import Statement, Subject, sign_statement
from keys.trust import Trust, sign_trust
from relay.custody.checkpoint import Checkpoint, encode_checkpoint, sign_checkpoint
from relay.custody.edge import Edge, append, prove_batch
from relay.custody.entry import (
    ClearKind,
    CommittedKind,
    commitment,
    encode_clear,
    encode_committed,
    encode_custody,
    encode_erasure,
    encode_site,
    tag,
)
from relay.custody.merkle import leaf_hash
from relay.custody.proof import Proof, Receipt, encode_proof, encode_receipt
from relay.custody.tiles import TileId, encode_bundle, entry_bundles, tile_path
from relay.domain.events import Event, detail_mac, encode_detail, encode_event, event_digest
from tests.evidence_flips import flips

FOLDER: Final = Path(__file__).parent / "vectors" / "custody"
ORIGIN: Final = "relay.example/log/1"


def secret(label: str) -> bytes:
    """Make 32 bytes that nobody should ever use."""
    return hashlib.sha256(b"letter-relay/test/" + label.encode()).digest()


def name(label: str) -> str:
    """Make an id."""
    return secret(label)[:16].hex()


RELAY: Final = name("relay")
ITEM: Final = name("item")
DESK: Final = name("review desk")
STAFF: Final = name("reviewer")
TAG_KEY: Final = secret("tag key")
ROOT: Final = Signer.ed25519(root_name(RELAY), secret("root"))
LOG: Final = Signer.ed25519(ORIGIN, secret("log"))
LOG_PQ: Final = Cosigner.mldsa44(ORIGIN, secret("log, post-quantum"))
OPERATOR: Final = Signer.ed25519(directory_name(RELAY, 1), secret("directory key"))
REVIEWER: Final = Signer.ed25519(staff_name(RELAY, STAFF), secret("reviewer"))


def trust_note() -> bytes:
    """Sign the relay's first trust page."""
    trust = Trust(
        version=1,
        root=str(ROOT.vkey),
        relay=RELAY,
        origin=ORIGIN,
        log=(str(LOG.vkey), str(LOG_PQ.vkey)),
        directory=(str(OPERATOR.vkey),),
        k=1,
        policy="quorum none\n",
        previous=None,
    )
    return sign_trust(trust, ROOT)


def directory_document() -> bytes:
    """Write a directory with one review desk and one reviewer."""
    recipient = HybridIdentity.from_seed(secret("desk key")).recipient()
    own = HybridIdentity.from_seed(secret("reviewer's identity")).recipient()
    desk = Desk(DESK, "review", None, keyless=False, epochs=(Epoch(1, str(recipient), "2026-11-01T00:00:00Z"),))
    member = StaffMember(STAFF, name("person"), (DESK,), ("reviewer",), str(REVIEWER.vkey), recipient_digest(own))
    return encode_directory(Directory(1, DESK, ("north", "south"), (desk,), (member,)))


def directory_note() -> bytes:
    """Sign the directory's note."""
    note = describe_directory(directory_document(), version=1, previous=None, expires="2027-01-30T00:00:00Z")
    return sign_directory(note, [OPERATOR])


class Step:
    """One event of the letter, with its detail and all that opens its entry."""

    def __init__(self, number: int, event: Mapping[str, str], detail: Mapping[str, Any], prev: str | None) -> None:
        """Write event, detail and entry."""
        self.nonce = secret(f"nonce {number}")
        self.detail_nonce = secret(f"detail nonce {number}")
        self.detail = encode_detail({"kind": "letter", "desk": DESK, **detail})
        self.event = encode_event(
            Event(
                item=ITEM,
                seq=number,
                prev=prev,
                **event,
                parts=(secret("part 0").hex(),),
                detail=detail_mac(self.detail_nonce, self.detail),
            )
        )
        self.receipt = Receipt(tag(TAG_KEY, number), self.nonce, self.event)
        self.entry = encode_custody(self.receipt.tag, commitment(self.nonce, self.event.encode()))

    def opening(self, index: int) -> str:
        """Write its line of openings.jsonl."""
        return encode_json(
            {
                "v": 1,
                "index": index,
                "tag_key": TAG_KEY.hex(),
                "nonce": self.nonce.hex(),
                "event": self.event,
                "detail_nonce": self.detail_nonce.hex(),
                "detail": self.detail,
            }
        )


def accepted() -> Step:
    """Accept a letter."""
    detail = {
        "at": "2026-11-23T09:14:07Z",
        "state": "queued",
        "detainee": "410987654320",
        "route": (DESK,),
        "tag_key": hashlib.sha256(TAG_KEY).hexdigest(),
        "signer": secret("family's public key").hex(),
    }
    return Step(0, {"event": "accepted", "giver": "family", "taker": "relay", "day": "2026-11-23"}, detail, None)


def claim_statement(first: Step) -> bytes:
    """Sign the reviewer's claim of the letter."""
    subject = Subject(ITEM, event_digest(first.event), (secret("part 0").hex(),))
    statement = Statement("claim", RELAY, 1, "2026-11-23T09:20:58Z", (subject,), {"desk": DESK})
    return sign_statement(statement, REVIEWER)


def claimed(first: Step) -> Step:
    """Claim it."""
    detail = {
        "at": "2026-11-23T09:21:00Z",
        "state": "claimed",
        "staff": STAFF,
        "statement": note_digest(claim_statement(first)),
        "directory": 1,
        "until": "2026-11-23T09:51:00Z",
    }
    event = {"event": "claimed", "giver": "relay", "taker": "mediator", "day": "2026-11-23"}
    return Step(1, event, detail, event_digest(first.event))


def bundle(first: Step, second: Step) -> dict[str, bytes]:
    """Write the log of four entries as `log export --openings` does."""
    entries = [
        encode_clear(ClearKind.TRUST, trust_note()),
        encode_clear(ClearKind.DIRECTORY, directory_note()),
        first.entry,
        second.entry,
    ]
    edge = append(Edge.empty(), list(map(leaf_hash, entries))).edge
    checkpoint = Checkpoint(ORIGIN, edge.size, edge.root())
    documents = [claim_statement(first), directory_document()]
    files = {"bundle/checkpoint": sign_checkpoint(checkpoint, LOG)}
    files |= {f"bundle/{tile_path(tile.tile)}": tile.data for tile in edge.partials()}
    files |= {f"bundle/{tile_path(tile)}": encode_bundle(entries) for tile in entry_bundles(edge.size)}
    files["bundle/openings.jsonl"] = f"{first.opening(2)}\n{second.opening(3)}\n".encode()
    files |= {f"bundle/documents/{hashlib.sha256(document).hexdigest()}": document for document in documents}
    return files


def receipt_file(first: Step) -> bytes:
    """Write the receipt that the family was given: against the batch's checkpoint, of three entries."""
    before = [encode_clear(ClearKind.TRUST, trust_note()), encode_clear(ClearKind.DIRECTORY, directory_note())]
    edge = append(Edge.empty(), list(map(leaf_hash, before))).edge
    appended = append(edge, [leaf_hash(first.entry)])
    signed = sign_checkpoint(Checkpoint(ORIGIN, 3, appended.edge.root()), LOG)
    return encode_proof(Proof(2, prove_batch(appended)[0], signed, encode_receipt(first.receipt)))


def receipts(first: Step) -> list[dict[str, Any]]:
    """List the receipt, and the ways to spoil it."""
    good = receipt_file(first).decode()
    extra = encode_receipt(first.receipt).decode()

    def with_extra(changed: str) -> str:
        return good.replace(base64.b64encode(extra.encode()).decode(), base64.b64encode(changed.encode()).decode())

    spoilt = [
        ("the event says another day", with_extra(extra.replace("2026-11-23", "2026-11-24")), "inclusion_invalid"),
        ("another nonce", with_extra(extra.replace(first.nonce.hex(), secret("x").hex())), "inclusion_invalid"),
        ("a space in the opening", with_extra(extra.replace('"nonce":', '"nonce": ')), "not_canonical"),
        ("tag in capitals", with_extra(extra.replace(*both_cases(first.receipt.tag.hex()))), "receipt_malformed"),
        ("another version", with_extra(extra.replace('{"v":1', '{"v":2', 1)), "receipt_malformed"),
        ("nothing in extra", with_extra(""), "not_canonical"),
        ("index one lower", good.replace("index 2", "index 1"), "inclusion_invalid"),
        ("index past the end", good.replace("index 2", "index 3"), "inclusion_invalid"),
        ("index with a leading zero", good.replace("index 2", "index 02"), "proof_malformed"),
        ("no blank line before the checkpoint", good.replace("\n\n", "\n", 1), "proof_malformed"),
        ("the log's name differs", good.replace(f"— {ORIGIN}", "— relay.example/log/2"), "note_unsigned"),
        ("the size differs", good.replace(f"{ORIGIN}\n3\n", f"{ORIGIN}\n4\n"), "signature_invalid"),
        ("another first line", good.replace("tlog-proof@v1", "tlog-proof@v2"), "proof_malformed"),
        ("Windows line ends", good.replace("\n", "\r\n"), "proof_malformed"),
    ]
    cases: list[dict[str, Any]] = [{"why": "as the relay gave it", "file": good, "error": None}]
    return cases + [{"why": why, "file": file, "error": error} for why, file, error in spoilt]


def both_cases(text: str) -> tuple[str, str]:
    """Return hex as it is, and in capitals."""
    return text, text.upper()


def entries(first: Step) -> list[dict[str, Any]]:
    """List one entry of each shape, and the ways to spoil them. Base64, since entries are bytes."""
    custody = first.entry
    line = b"letter-relay/entry/v1 "
    erasure = encode_erasure(4, [2, 3])
    run = encode_committed(CommittedKind.RUN, commitment(secret("run"), b"a statement\n"))
    site = encode_site(hashlib.sha256(b"manifest").hexdigest())
    good = [
        ("custody", custody),
        ("trust, in the clear", encode_clear(ClearKind.TRUST, trust_note())),
        ("directory, in the clear", encode_clear(ClearKind.DIRECTORY, directory_note())),
        ("erasure", erasure),
        ("run", run),
        ("the manifest of the pages", site),
    ]
    spoilt = [
        ("no such kind", line + b"letter\n" + custody[30:], "entry_malformed"),
        ("another version", custody.replace(b"/v1", b"/v2"), "entry_malformed"),
        ("no commitment", custody[:75], "entry_malformed"),
        ("no newline at the end", custody[:-1], "entry_malformed"),
        ("a line too many", custody + b"\n", "entry_malformed"),
        ("a commitment of 31 bytes", run[:-45] + base64.b64encode(bytes(31)) + b"\n", "entry_malformed"),
        ("bits set that nobody reads", run[:-3] + bytes([run[-3] + 1]) + run[-2:], "entry_malformed"),
        ("no note", line + b"trust\n", "entry_malformed"),
        ("indexes that do not ascend", erasure.replace(b"2,3", b"3,2"), "entry_malformed"),
        ("an index past the size", erasure.replace(b"2,3", b"2,4"), "entry_malformed"),
        ("no index", erasure.replace(b"2,3", b""), "entry_malformed"),
        ("a space in the JSON", erasure.replace(b"2,3", b"2, 3"), "not_canonical"),
        ("a manifest that is no digest", line + b'site\n{"manifest":"manifest.json"}\n', "entry_malformed"),
        ("another key beside the manifest", site.replace(b'"}', b'","v":1}'), "entry_malformed"),
        ("a space before the manifest", site.replace(b':"', b': "'), "not_canonical"),
        ("keys in another order", line + b'erasure\n{"indexes":[2,3],"size":4}\n', "entry_malformed"),
    ]
    cases: list[dict[str, Any]] = [
        {"why": why, "entry": base64.b64encode(data).decode(), "error": None} for why, data in good
    ]
    return cases + [
        {"why": why, "entry": base64.b64encode(data).decode(), "error": error} for why, data, error in spoilt
    ]


def checkpoints() -> list[dict[str, Any]]:
    """List a checkpoint's text, and the ways to spoil it."""
    good = encode_checkpoint(Checkpoint(ORIGIN, 70_000, secret("root hash")))
    spoilt = [
        ("an extension line", good + "extension\n"),
        ("no origin", good.removeprefix(ORIGIN)),
        ("a space in the origin", good.replace("relay.", "relay ")),
        ("a leading zero", good.replace("70000", "070000")),
        ("a negative size", good.replace("70000", "-70000")),
        ("a size past 2^63 - 1", good.replace("70000", "9223372036854775808")),
        ("no newline at the end", good[:-1]),
        ("a root without padding", good.replace("=", "")),
        ("no root", good.rsplit("\n", 2)[0] + "\n"),
    ]
    cases: list[dict[str, Any]] = [{"why": "as it is signed", "text": good, "error": None}]
    return cases + [{"why": why, "text": text, "error": "checkpoint_malformed"} for why, text in spoilt]


def paths() -> list[dict[str, Any]]:
    """List paths of tiles, and what is none."""
    good = [TileId(0, 0), TileId(0, 1_234_067), TileId(1, 1, 17), TileId(63, 999, 255), TileId(-1, 273, 112)]
    cases: list[dict[str, Any]] = [
        {"path": tile_path(tile), "level": tile.level, "index": tile.index, "width": tile.width, "error": None}
        for tile in good
    ]
    spoilt = ["tile/00/000", "tile/64/000", "tile/0/0", "tile/0/x000/001", "tile/0/001/000", "tile/0/000.p/0"]
    spoilt += ["tile/0/000.p/256", "tile/0/000.p/01", "tile/0/000/", "/tile/0/000", "tile/0/../0/000", "tile/0/000.p"]
    return cases + [{"path": path, "error": "tile_path_malformed"} for path in spoilt]


def build() -> dict[str, bytes]:
    """Return every file of the folder by its path."""
    first = accepted()
    second = claimed(first)
    known: dict[str, Any] = {
        "relay": RELAY,
        "origin": ORIGIN,
        "fingerprint": hashlib.sha256(b"letter-relay/root/v1\0" + bytes.fromhex(RELAY) + ROOT.vkey.public).hexdigest(),
        "log": [str(LOG.vkey), str(LOG_PQ.vkey)],
        "tag_key": TAG_KEY.hex(),
        "tags": [tag(TAG_KEY, seq).hex() for seq in (0, 1, 255, 256, 2**63 - 1)],
        "leaf_of_entry_2": leaf_hash(first.entry).hex(),
    }
    files = bundle(first, second)
    files["trust.note"] = trust_note()
    files["receipt.tlog-proof"] = receipt_file(first)
    lists = {"known": known, "receipts": receipts(first), "entries": entries(first)}
    lists |= {"checkpoints": checkpoints(), "paths": paths()}
    evidence = {path.removeprefix("bundle/"): data for path, data in files.items() if path.startswith("bundle/")}
    found = flips(evidence, known["fingerprint"], every=9)
    files["flips.json"] = ("[\n" + ",\n".join(map(encode_json, found)) + "\n]\n").encode()
    for title, content in lists.items():
        files[f"{title}.json"] = (json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode()
    return files


def main() -> None:
    """Write the folder."""
    for path, data in build().items():
        target = FOLDER / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


if __name__ == "__main__":
    main()
