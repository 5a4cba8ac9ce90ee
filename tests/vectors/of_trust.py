"""Known answers for trust pages."""

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from keys.codes import (
    directory_name,
    staff_name,
)
from keys.directory import (
    PreviousLog,
    encode_trust,
    sign_trust,
)
from keys.notes import Cosigner, Signer, sign_note
from tests.unit.keys import world
from tests.unit.keys.world import a_digest, an_id, secret
from tests.vectors.inputs import Vector, json_list


def trust_vectors() -> Iterator[Vector]:
    """Trust pages."""
    trust, root = world.TRUST, world.ROOT
    after = replace(trust, version=2, previous=world_previous(), origin="relay.example/log/2", log=(_log_vkey(2),))

    def vector(name: str, note: bytes, **more: Any) -> Vector:
        given = {"relay": world.RELAY, "fingerprint": trust.fingerprint, "seen_version": 1}
        return {"name": name, **given, "note": note.decode(), **more}

    def bad(name: str, text: str, why: str, error: str = "trust_malformed") -> Vector:
        return vector(name, sign_note(text, [root]), error=error, why=why)

    yield vector("the first", world.TRUST_NOTE, root_public=root.vkey.public.hex())
    yield vector("after a declared loss", sign_trust(after, root), root_public=root.vkey.public.hex())
    yield vector(
        "older than one seen", world.TRUST_NOTE, seen_version=2, error="trust_rolled_back", why="version 2 was seen"
    )
    yield vector(
        "another fingerprint",
        world.TRUST_NOTE,
        fingerprint=a_digest("x"),
        error="fingerprint_differs",
        why="another root or relay",
    )
    yield vector(
        "another relay", world.TRUST_NOTE, relay=an_id("x"), error="fingerprint_differs", why="not the one expected"
    )
    text = encode_trust(trust)
    impostor = sign_note(text, [Signer.ed25519(root.vkey.name, secret("impostor"))])
    yield vector("signed by an impostor", impostor, error="note_unsigned", why="the root has not signed")
    changed = world.TRUST_NOTE.replace(b'"k":2', b'"k":1')
    yield vector("changed after signing", changed, error="signature_invalid", why="the signature is over another text")
    yield bad("another first line", text.replace("trust/v1", "directory/v1"), "another purpose")
    yield bad("no JSON", "letter-relay/trust/v1\ntrust\n", "the second line is JSON")
    yield bad("a list", "letter-relay/trust/v1\n[]\n", "the JSON is an object")
    yield bad("a third line", text + "\n", "exactly two lines")
    yield bad("version 0", text.replace('"version":1', '"version":0'), "versions start at 1")
    yield bad("a short relay", text.replace(f'"relay":"{world.RELAY}"', '"relay":"00"'), "ids are 32 digits")
    yield bad("k of 0", text.replace('"k":2', '"k":0'), "somebody has to sign")
    yield bad("k of 4", text.replace('"k":2', '"k":4'), "there are three keys")
    yield bad(
        "no directory keys", re.sub(r'"directory":\[[^]]*\]', '"directory":[]', text), "k is at most their number"
    )
    yield bad("no log keys", re.sub(r'"log":\[[^]]*\]', '"log":[]', text), "a log has an Ed25519 key")
    yield bad("only a post-quantum log key", text.replace(f'"{world.LOG.vkey}",', ""), "a log has an Ed25519 key")
    yield bad(
        "a log key named otherwise", text.replace(f'"origin":"{world.ORIGIN}"', '"origin":"x"'), "named by the origin"
    )
    cosigner = Cosigner.ed25519(world.ORIGIN, secret("log")).vkey
    yield bad("a cosigner as log key", text.replace(str(world.LOG.vkey), str(cosigner)), "logs sign with type 0x01")
    staff = Signer.ed25519(staff_name(world.RELAY, an_id("ann")), secret("operator 1")).vkey
    yield bad("staff as directory key", text.replace(str(world.OPERATORS[0].vkey), str(staff)), "named /directory/n")
    one = Signer.ed25519(directory_name(world.RELAY, 1), secret("operator 2")).vkey
    yield bad("a number twice", text.replace(str(world.OPERATORS[1].vkey), str(one)), "each number once")
    again = Signer.ed25519(directory_name(world.RELAY, 4), secret("operator 1")).vkey
    yield bad("a key under two names", text.replace(str(world.OPERATORS[1].vkey), str(again)), "it would count twice")
    purpose = Signer.ed25519(directory_name(world.RELAY, 1), secret("root")).vkey
    yield bad(
        "the root as directory key", text.replace(str(world.OPERATORS[0].vkey), str(purpose)), "one key, one purpose"
    )
    as_cosigner = Cosigner.ed25519(directory_name(world.RELAY, 1), secret("operator 1")).vkey
    yield bad("a cosigner as directory key", text.replace(str(world.OPERATORS[0].vkey), str(as_cosigner)), "type 0x01")
    yield bad("a key that is none", text.replace(str(world.OPERATORS[0].vkey), "key"), "a vkey")
    yield bad("a key that is a number", text.replace(f'"{world.OPERATORS[0].vkey}"', "1"), "a text")
    other = Signer.ed25519(f"{world.RELAY}/boot", secret("root")).vkey
    yield bad("a root named otherwise", text.replace(str(root.vkey), str(other)), "named <relay>/root")
    yield bad(
        "33 keys", re.sub(r'"directory":\[[^]]*\]', f'"directory":{json_list(_operators(30))}', text), "at most 32"
    )
    yield bad(
        "a policy with a carriage return", text.replace("quorum w1\\n", "quorum w1\\r\\n"), "no control characters"
    )
    yield bad("no policy", re.sub(r'"policy":"[^"]*"', '"policy":""', text), "at least a quorum")
    yield bad("a policy that is a number", re.sub(r'"policy":"[^"]*"', '"policy":1', text), "a text")
    yield bad("a previous log without size", text.replace('"previous":null', '"previous":{"origin":"x"}'), "all three")
    short = '"previous":{"origin":"x","size":1,"root":"00"}'
    yield bad("a previous log with a short root", text.replace('"previous":null', short), "64 digits")


def world_previous() -> PreviousLog:
    """The head of the generation that was lost."""
    return PreviousLog(world.ORIGIN, 70000, a_digest("old root"))


def _log_vkey(generation: int) -> str:
    return str(Signer.ed25519(f"relay.example/log/{generation}", secret(f"log {generation}")).vkey)


def _operators(count: int) -> list[str]:
    return [str(Signer.ed25519(directory_name(world.RELAY, n), secret(f"o{n}")).vkey) for n in range(count)]
