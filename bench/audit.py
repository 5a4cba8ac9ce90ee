"""The auditor's full verification of a log, against the bare primitives it cannot do without over the same bytes."""

import hmac
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from time import perf_counter

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from bench.figures import Figure, alternate, at_most
from bench.whole_life import Run
from keys.canonical import encode_json
from keys.directory import parse_directory
from keys.ids import is_digest
from keys.notes import Vkey, parse_note
from relay.client.auditors import MemoryBundle
from relay.custody.bundle import CHECKPOINT, OPENINGS
from relay.custody.merkle import EMPTY_ROOT
from relay.custody.tiles import entry_bundles, parse_bundle
from relay.custody.verify import verify

#: DESIGN.md §10; here less is better.
FLOOR, HEIGHT = 2.5, 1.2


@dataclass(frozen=True, slots=True)
class Primitives:
    """
    The bytes of a log, laid out so that the primitives can be run over them and nothing else.

    Attributes:
        hashed: What is hashed: entries as leaves, events, tag keys of first events, documents.
        nodes: How many nodes the tree has above its leaves.
        macs: Keys and messages of tags, commitments and details.
        texts: Every JSON: lines, events, details, statements; each is read, and written again to be compared.
        signatures: Keys, signatures and texts of statements.
    """

    hashed: tuple[bytes, ...]
    nodes: int
    macs: tuple[tuple[bytes, bytes], ...]
    texts: tuple[str, ...]
    signatures: tuple[tuple[Ed25519PublicKey, bytes, bytes], ...]

    def run(self) -> float:
        """Do all of it once; returns seconds."""
        started = perf_counter()
        for data in self.hashed:
            sha256(data).digest()
        node = b"\x01" + EMPTY_ROOT + EMPTY_ROOT
        for _ in range(self.nodes):
            sha256(node).digest()
        for key, message in self.macs:
            hmac.digest(key, message, "sha256")
        for text in self.texts:
            encode_json(json.loads(text))
        for public, signature, message in self.signatures:
            public.verify(signature, message)
        return perf_counter() - started


def measure(run: Run, *, rounds: int) -> Iterator[Figure]:
    """Verify the log of a run, all in memory, turn by turn with its primitives."""
    bundle = _in_memory(run.bundle)
    primitives = _primitives_of(bundle)

    def audit() -> float:
        started = perf_counter()
        verify(bundle, fingerprint=run.fingerprint)
        seconds = perf_counter() - started
        print(f"audit: {seconds:.2f} s", file=sys.stderr)
        return seconds

    seconds, baseline = alternate(rounds, audit, primitives.run)
    yield at_most("audit", seconds, "s", baseline=baseline, floor=FLOOR, height=HEIGHT)


def _in_memory(folder: Path) -> MemoryBundle:
    """Read a bundle, so that no disk is measured."""
    bundle = MemoryBundle()
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if name == OPENINGS:
            bundle.append(name, path.read_bytes())
        elif path.is_file():
            bundle.write(name, path.read_bytes())
    return bundle


def _primitives_of(bundle: MemoryBundle) -> Primitives:
    size = int(parse_note(bundle.checkpoint() or b"").text.split("\n")[1])
    hashed = [b"\x00" + entry for entry in _entries(bundle, size)]
    macs: list[tuple[bytes, bytes]] = []
    texts: list[str] = []
    for line in bundle.openings():
        texts.append(line[:-1].decode())
        fields = json.loads(line)
        if "event" not in fields:
            continue
        event, detail, tag_key = fields["event"], fields["detail"], bytes.fromhex(fields["tag_key"])
        seq = json.loads(event)["seq"]
        hashed.append(event.encode())
        if seq == 0:
            hashed.append(tag_key)
        macs.append((tag_key, b"tag" + seq.to_bytes(8)))
        macs.append((bytes.fromhex(fields["nonce"]), event.encode()))
        macs.append((bytes.fromhex(fields["detail_nonce"]), detail.encode()))
        texts += (event, detail)
    documents = [bundle.document(name.rpartition("/")[2]) or b"" for name in bundle.names() if _is_document(name)]
    keys = _staff_keys(documents)
    signatures = []
    for document in documents:
        hashed.append(document)
        if document.startswith(b"letter-relay/statement/v1 "):
            note = parse_note(document)
            texts.append(note.text.split("\n")[1])
            signature = note.signatures[0]
            signatures.append((keys[signature.name], signature.blob, note.text.encode()))
    return Primitives(tuple(hashed), size - 1, tuple(macs), tuple(texts), tuple(signatures))


def _is_document(name: str) -> bool:
    """Say whether a file of a bundle is a document."""
    return name != CHECKPOINT and is_digest(name.rpartition("/")[2])


def _entries(bundle: MemoryBundle, size: int) -> Iterator[bytes]:
    for name in entry_bundles(size):
        yield from parse_bundle(bundle.tile(name) or b"", name.width)


def _staff_keys(documents: list[bytes]) -> dict[str, Ed25519PublicKey]:
    """Load the keys of all staff beforehand, from the one directory there is."""
    directory = next(document for document in documents if document.startswith(b'{"version"'))
    vkeys = [Vkey.parse(member.vkey) for member in parse_directory(directory).staff]
    return {vkey.name: Ed25519PublicKey.from_public_bytes(vkey.public) for vkey in vkeys}
