"""Known answers for directories."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from keys.codes import (
    staff_name,
)
from keys.directory import (
    DirectoryNote,
    describe_directory,
    encode_directory,
    encode_directory_note,
    encode_trust,
    merge_directory_notes,
    sign_directory,
)
from keys.notes import Cosigner, Signer, sign_note
from tests.unit.keys import world
from tests.unit.keys.world import a_digest, an_id, secret
from tests.vectors.inputs import Vector

SECOND = replace(world.DIRECTORY, version=2)
THIRD = replace(world.DIRECTORY, version=3)
DOCUMENTS = {"first": world.DOCUMENT, "second": encode_directory(SECOND), "third": encode_directory(THIRD)}


def directory_shared() -> Vector:
    """What all directory vectors refer to."""
    documents = {name: document.decode() for name, document in DOCUMENTS.items()}
    return {"trust": encode_trust(world.TRUST), "documents": documents}


def directory_vectors() -> Iterator[Vector]:
    """Directories with their notes."""
    note = world.DIRECTORY_NOTE
    note_2 = _note(DOCUMENTS["second"], version=2, previous=note)
    note_3 = _note(DOCUMENTS["third"], version=3, previous=note_2)

    def vector(name: str, note: bytes, document: str, **more: Any) -> Vector:
        return {"name": name, "at": world.NOW, "note": note.decode(), "document": document, **more}

    def bad(name: str, note: bytes, document: str, error: str, why: str, **more: Any) -> Vector:
        return vector(name, note, document, error=error, why=why, **more)

    yield vector("the first", note, "first")
    yield vector("the first, seen again", note, "first", previous=note.decode())
    yield vector("the second, after the first", note_2, "second", previous=note.decode())
    yield vector("the third, by somebody who has seen none", note_3, "third")
    by_all = merge_directory_notes([note, sign_directory(world.DIRECTORY_LINES, world.OPERATORS[2:])])
    yield vector("the same with one signature more", by_all, "first", previous=note.decode())
    yield vector("at the last second", note, "first", at="2026-06-30T23:59:59Z")
    yield vector("after it expired, where time is not judged", note, "first", at=None)

    one = sign_directory(world.DIRECTORY_LINES, world.OPERATORS[:1])
    yield bad("one signature of two", one, "first", "directory_unsigned", "k is 2")
    strangers = sign_directory(world.DIRECTORY_LINES, [world.ROOT, world.ANN.signer])
    yield bad("signed by others", strangers, "first", "directory_unsigned", "none of the directory keys")
    doubled = one + one.partition(b"\n\n")[2]
    yield bad("one signature twice", doubled, "first", "directory_unsigned", "a key counts once")
    forged = note.replace(b"2026-07-01", b"2027-07-01")
    yield bad("changed after signing", forged, "first", "signature_invalid", "the signatures are over another text")
    yield bad("expired", note, "first", "directory_expired", "at is expires", at=world.EXPIRES)
    yield bad("older than one seen", note, "first", "directory_rolled_back", "2 was seen", previous=note_2.decode())
    yield bad("two ahead", note_3, "third", "directory_gap", "2 is missing", previous=note.decode())
    elsewhere = _note(DOCUMENTS["second"], version=2, previous=by_all)
    yield bad(
        "after another first", elsewhere, "second", "directory_gap", "prev is another hash", previous=note.decode()
    )
    lines = replace(world.DIRECTORY_LINES, expires="2026-08-01T00:00:00Z")
    fork = sign_directory(lines, world.OPERATORS[:2])
    yield bad("another first", fork, "first", "directory_forked", "two of version 1", previous=note.decode())
    yield bad("another document", note, "first", "directory_altered", "another digest", replace=["north", "south"])
    end = world.DIRECTORY.staff[-1].recipient_sha256
    yield bad(
        "a longer document",
        note,
        "first",
        "directory_altered",
        "another size",
        replace=[f'{end}"}}]}}', f'{end}"}}]}}\n'],
    )
    mislabelled = _note(DOCUMENTS["second"], version=3, previous=note_2)
    yield bad("another version in the document", mislabelled, "second", "directory_altered", "the note says 3")
    yield from _malformed_notes(bad)
    for name, change, why in _malformed_documents():
        changed = DOCUMENTS["first"].decode().replace(*change, 1).encode()
        assert changed != DOCUMENTS["first"], name
        signed = _note(changed, version=1, previous=None)
        yield bad(name, signed, "first", "directory_malformed", why, replace=list(change))


def _note(document: bytes, *, version: int, previous: bytes | None) -> bytes:
    lines: DirectoryNote = describe_directory(document, version=version, previous=previous, expires=world.EXPIRES)
    return sign_directory(lines, world.OPERATORS[:2])


def _malformed_notes(bad: Callable[..., Vector]) -> Iterator[Vector]:
    text = encode_directory_note(world.DIRECTORY_LINES)
    for name, changed, why in (
        ("a note of another purpose", text.replace("directory/v1", "trust/v1"), "another purpose"),
        ("no JSON in the note", "letter-relay/directory/v1\n?\n", "the second line is JSON"),
        ("a list in the note", "letter-relay/directory/v1\n[]\n", "the JSON is an object"),
        ("a space in the note", text.replace(",", ", ", 1), "one encoding"),
        ("a note of version 0", text.replace('"version":1', '"version":0'), "versions start at 1"),
        ("a first with prev", text.replace("null", f'"{a_digest("x")}"'), "nothing comes before the first"),
        ("a second without prev", text.replace('"version":1', '"version":2'), "it follows the first"),
        ("a short prev", text.replace('1,"prev":null', '2,"prev":"00"'), "64 digits"),
        ("a short digest", re.sub(r'"sha256":"\w+"', '"sha256":"00"', text), "64 digits"),
        ("a size of 0", re.sub(r'"bytes":\d+', '"bytes":0', text), "documents have a size"),
        ("no such day", text.replace("2026-07-01", "2026-07-32"), "expires exists"),
    ):
        yield bad(name, sign_note(changed, world.OPERATORS[:2]), "first", "directory_malformed", why)


def _malformed_documents() -> Iterator[tuple[str, tuple[str, str], str]]:
    text = world.DOCUMENT.decode()
    ann, oleh = world.DIRECTORY.staff
    mediator, camp, farm, _ = world.DIRECTORY.desks
    recipient = mediator.epochs[0].recipient

    yield "no JSON", (text, "?"), "the document is JSON"
    yield "not an object", (text, "[]"), "the JSON is an object"
    yield "a space", (",", ", "), "one encoding"
    yield "a newline at the end", (f'{oleh.recipient_sha256}"}}]}}', f'{oleh.recipient_sha256}"}}]}}\n'), "one encoding"
    yield "an unknown key", ('"version":1,', '"version":1,"name":"x",'), "no such key"
    yield "version 0", ('"version":1', '"version":0'), "versions start at 1"
    yield "an intake that is no desk", (f'"intake":"{world.MEDIATOR}"', f'"intake":"{an_id("x")}"'), "a desk"
    yield "a facility as intake", (f'"intake":"{world.MEDIATOR}"', f'"intake":"{world.CAMP}"'), "a review desk"
    yield "an intake that is a list", (f'"intake":"{world.MEDIATOR}"', '"intake":[]'), "an id"
    yield "one side", ('["north","south"]', '["north"]'), "two or more"
    yield "a side twice", ('["north","south"]', '["north","north"]'), "each once"
    yield "a side in words", ('["north","south"]', '["north","the south"]'), "a lower-case word"
    yield "a side that is a number", ('["north","south"]', '["north",1]'), "a text"
    yield "a desk of a third side", ('"side":"north"', '"side":"east"'), "a side that there is"
    yield "a review desk of a side", ('"kind":"review",', '"kind":"review","side":"north",'), "the mediator's"
    yield "a facility of no side", ('"kind":"facility","side":"north"', '"kind":"facility"'), "it has one"
    yield "a side that is null", ('"kind":"review",', '"kind":"review","side":null,'), "absent then"
    yield "another kind", ('"kind":"review"', '"kind":"court"'), "a closed set"
    yield "a kind that is a list", ('"kind":"review"', '"kind":[]'), "a closed set"
    yield "a desk id in capitals", (f'"id":"{camp.id}"', f'"id":"{camp.id.upper()}"'), "ids are lower-case"
    yield "a desk twice", (f'"id":"{farm.id}"', f'"id":"{camp.id}"'), "each id once"
    yield "keyless as a number", ('"keyless":true', '"keyless":1'), "a boolean"
    yield "keyless with epochs", ('"north","keyless":false', '"north","keyless":true'), "no keys then"
    yield "a desk without epochs", ('"keyless":true', '"keyless":false'), "a key then"
    epochs = text[text.index('"keyless":false,"epochs":[') : text.index("]", text.index('"epochs":[')) + 1]
    yield "a keyless review desk", (epochs, '"keyless":true,"epochs":[]'), "reviewers have computers"
    yield "epoch 0", ('"epoch":1', '"epoch":0'), "epochs start at 1"
    yield "epochs out of order", ('"epoch":1', '"epoch":4'), "oldest first"
    yield "an epoch twice", ('"epoch":1', '"epoch":2'), "each once"
    yield "times out of order", (world.SINCE[0], "2026-12-01T00:00:00Z"), "oldest first"
    yield "no such time", (world.SINCE[0], "2026-01-01T24:00:00Z"), "hours end at 23"
    yield "a classic recipient", (recipient, "age1" + "q" * 58), "post-quantum only"
    yield "a mistyped recipient", (recipient, recipient[:-1] + ("q" if recipient[-1] != "q" else "p")), "a checksum"
    yield "a recipient that is a number", (f'"{recipient}"', "1"), "a text"
    yield "a recipient twice", (camp.epochs[0].recipient, recipient), "one key, one desk"
    yield "a member id in capitals", (f'"id":"{ann.id}"', f'"id":"{ann.id.upper()}"'), "ids are lower-case"
    yield "a person in words", (f'"person":"{ann.person}"', '"person":"Ann"'), "no names"
    yield "a member at no desk that there is", (f'"desks":["{world.CAMP}"]', f'"desks":["{an_id("x")}"]'), "a desk"
    yield "no roles", ('"roles":["officer"]', '"roles":[]'), "one or more"
    yield "another role", ('"roles":["officer"]', '"roles":["king"]'), "a closed set"
    yield "a role twice", ('"roles":["officer"]', '"roles":["officer","officer"]'), "each once"
    yield "a role that is a list", ('"roles":["officer"]', '"roles":[[]]'), "a text"
    yield "a key that is none", (ann.vkey, "key"), "a vkey"
    yield "a key that is a number", (f'"{ann.vkey}"', "1"), "a text"
    cosigner = Cosigner.ed25519(world.ANN.signer.vkey.name, world.ANN.keys.signer_seed).vkey
    yield "a cosigner's key", (ann.vkey, str(cosigner)), "members sign with type 0x01"
    yield (
        "another member's name",
        (ann.vkey, str(Signer.ed25519(world.OLEH.signer.vkey.name, secret("x")).vkey)),
        "its own",
    )
    same = Signer.ed25519(world.OLEH.signer.vkey.name, world.ANN.keys.signer_seed).vkey
    yield "one key for two", (oleh.vkey, str(same)), "each once"
    abroad = Signer.ed25519(staff_name(an_id("another relay"), ann.id), secret("x")).vkey
    yield "a key named for another relay", (ann.vkey, str(abroad)), "names hold the relay"
    yield "a short recipient digest", (ann.recipient_sha256, "00"), "64 digits"
    listed = text[text.index('{"id":"' + ann.id) : text.index('{"id":"' + oleh.id)]
    yield "a member twice", (listed, listed * 2), "each id once"
