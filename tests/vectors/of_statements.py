"""Known answers for statements."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from keys.codes import (
    family_name,
    new_number,
    staff_name,
)
from keys.notes import Signer, sign_note
from keys.statements import EITHER, FIELDS, FieldType, Statement, Subject, encode_statement, sign_statement
from tests.unit.keys import world
from tests.unit.keys.world import a_digest, an_id, secret
from tests.vectors.inputs import Vector, json_list, secret_of

SUBJECTS = tuple(
    Subject(an_id(f"item {n}"), a_digest(f"head of {n}"), (a_digest(f"letter {n}"), a_digest(f"photo {n}")))
    for n in (1, 2)
)
SAMPLES: Mapping[FieldType, Callable[[str], Any]] = {
    FieldType.ID: an_id,
    FieldType.DIGEST: a_digest,
    FieldType.CODE: lambda word: "LEFT_THE_DESK",
    FieldType.CODES: lambda word: ("MILITARY", "THIRD_PARTY"),
    FieldType.LANGUAGE: lambda word: "uk",
    FieldType.RECIPIENTS: lambda word: (f"{world.CAMP}/1",),
    FieldType.REMARKS: lambda word: ({"item": SUBJECTS[1].item, "remark": "WET"},),
    FieldType.DIGEST_EACH: lambda word: (None, a_digest(word)),
    FieldType.NUMBER: lambda word: new_number(secret_of("number 1")),
    FieldType.COUNT: lambda word: 70000,
}


def a_statement(kind: str, *, full: bool = True, either: str = "number") -> Statement:
    """Make a statement of a kind, with or without the keys that may be absent; of keys that exclude each other, one."""
    subjects = () if kind in {"sign-in", "place", "register", "run", "suspend", "audited"} else SUBJECTS
    if kind == "reply-accept":
        subjects = tuple(subject._replace(prev=None) for subject in subjects)
    keys = [known for known in FIELDS[kind] if full or not known.optional]
    if kind in EITHER:
        keys = [known for known in FIELDS[kind] if known.key == either]
    fields = {known.key: SAMPLES[known.type](known.key) for known in keys}
    directory = None if kind in {"withdraw", "collected"} else 7
    return Statement(kind, world.RELAY, directory, "2026-04-01T08:30:00Z", subjects, fields)


def signer_of(kind: str) -> tuple[str, bytes]:
    """Say in which name, and from which seed, a kind is signed."""
    if kind in {"withdraw", "collected"}:
        return family_name(world.RELAY), secret("family")
    return staff_name(world.RELAY, world.ANN.staff), world.ANN.keys.signer_seed


def statement_vectors() -> Iterator[Vector]:
    """Every kind with all its keys and with as few as it may have; then what is refused."""
    for kind in FIELDS:
        for full in (True, False):
            if kind in EITHER:
                continue
            statement = a_statement(kind, full=full)
            if not full and statement == a_statement(kind):
                continue
            yield _signed(f"{kind}, {'all keys' if full else 'only what it must have'}", statement)
    yield _signed("pass to a family", _with(a_statement("pass", full=False), to=("family",)))
    yield _signed(
        "pass to two epochs", _with(a_statement("pass", full=False), to=(f"{world.CAMP}/1", f"{world.CAMP}/2"))
    )
    yield _signed("match to a number", a_statement("match"))
    yield _signed("match to a mailbox", a_statement("match", either="mailbox"))
    yield from _malformed_statements()
    yield from _misused_statements()


def _with(statement: Statement, **fields: Any) -> Statement:
    return replace(statement, fields={**statement.fields, **fields})


def _signed(name: str, statement: Statement) -> Vector:
    key_name, seed = signer_of(statement.kind)
    note = sign_statement(statement, Signer.ed25519(key_name, seed))
    return {
        "name": name,
        "seed": seed.hex(),
        "vkey": str(Signer.ed25519(key_name, seed).vkey),
        "text": encode_statement(statement),
        "note": note.decode(),
    }


def _refused(
    name: str, text: str, why: str, *, key: tuple[str, bytes] | None = None, also: Vector | None = None
) -> Vector:
    key_name, seed = key or signer_of(text.partition("\n")[0].rpartition(" ")[2])
    signer = Signer.ed25519(key_name, seed)
    vector = {"name": name, "vkey": str(signer.vkey), "note": sign_note(text, [signer]).decode()}
    return vector | {"error": "statement_malformed", "why": why} | (also or {})


def _malformed_statements() -> Iterator[Vector]:
    claim, bag = encode_statement(a_statement("claim")), encode_statement(a_statement("bag"))
    received, returned = encode_statement(a_statement("receive")), encode_statement(a_statement("return"))
    passed, signed_in = encode_statement(a_statement("pass")), encode_statement(a_statement("sign-in"))
    withdrawn = encode_statement(a_statement("withdraw"))
    item, head = SUBJECTS[0].item, SUBJECTS[0].prev or ""
    first_subject = claim[claim.index('{"item"') : claim.index("},{") + 1]
    yield _refused("an unknown kind", claim.replace(" claim\n", " claims\n"), "no such kind")
    yield _refused("another purpose", claim.replace("statement/v1", "manifest/v1"), "another first line")
    yield _refused("no JSON", "letter-relay/statement/v1 claim\nclaim\n", "the second line is JSON")
    yield _refused("a list", "letter-relay/statement/v1 claim\n[]\n", "the JSON is an object")
    yield _refused("a text", 'letter-relay/statement/v1 claim\n"claim"\n', "the JSON is an object")
    yield _refused("deep", f"letter-relay/statement/v1 claim\n{'[' * 5000}\n", "the JSON is an object")
    yield _refused("a third line", claim + "\n", "exactly two lines")
    yield _refused("a space", claim.replace(',"desk"', ', "desk"'), "one encoding")
    yield _refused("an unknown key", claim.replace("}\n", ',"note":1}\n'), "claim has no such key")
    yield _refused("a key twice", claim.replace("}\n", f',"desk":"{an_id("desk")}"}}\n'), "one encoding")
    swapped = re.sub(r'"relay":("\w+"),"directory":7', r'"directory":7,"relay":\1', claim)
    yield _refused("keys in another order", swapped, "one encoding")
    yield _refused("an escaped letter", claim.replace('"desk":', '"d\\u0065sk":'), "one encoding")
    yield _refused("a missing key", re.sub(r',"desk":"\w+"', "", claim), "claim has a desk")
    yield _refused("a desk in capitals", claim.replace(an_id("desk"), an_id("desk").upper()), "ids are lower-case")
    yield _refused("a desk that is a number", re.sub(r'"desk":"\w+"', '"desk":7', claim), "ids are texts")
    yield _refused(
        "another relay's form",
        claim.replace(world.RELAY, world.RELAY[:-1]),
        "ids are 32 digits",
        key=signer_of("claim"),
    )
    yield _refused("no relay", claim.replace(f'"relay":"{world.RELAY}",', ""), "the relay is missing")
    yield _refused("a float", claim.replace('"directory":7', '"directory":7.0'), "integers only")
    yield _refused("a boolean", claim.replace('"directory":7', '"directory":true'), "integers only")
    yield _refused("a negative version", claim.replace('"directory":7', '"directory":-7'), "versions start at 0")
    yield _refused("2^53", claim.replace('"directory":7', f'"directory":{2**53}'), "no language reads more alike")
    yield _refused("staff without directory", claim.replace('"directory":7', '"directory":null'), "staff go by one")
    yield _refused(
        "a family with directory", withdrawn.replace('"directory":null', '"directory":7'), "families have none"
    )
    yield _refused("no such day", claim.replace("2026-04-01T", "2026-02-30T"), "signed_at exists")
    yield _refused("another zone", claim.replace("08:30:00Z", "08:30:00+00:00"), "signed_at ends in Z")
    yield _refused("a leap second", claim.replace("08:30:00Z", "08:30:60Z"), "seconds end at 59")
    yield _refused("a time that is a number", re.sub(r'"signed_at":"[^"]+"', '"signed_at":1', claim), "a text")
    no_subjects = re.sub(r'"subjects":\[.*\](?=,"desk")', '"subjects":[]', claim)
    yield _refused("no subjects", no_subjects, "a claim is about items")
    yield _refused("subjects absent", no_subjects.replace('"subjects":[],', ""), "a claim is about items")
    yield _refused("subjects that are an object", no_subjects.replace("[]", "{}"), "a list")
    yield _refused(
        "subjects in a sign-in",
        signed_in.replace(',"challenge"', f',"subjects":[{first_subject}],"challenge"'),
        "a sign-in is about no item",
    )
    yield _refused("an item twice", claim.replace(SUBJECTS[1].item, item), "each item once")
    yield _refused("an item that is a list", claim.replace(f'"item":"{item}"', '"item":[]'), "ids are texts")
    yield _refused("a subject that is a text", claim.replace(first_subject, f'"{item}"'), "subjects are objects")
    yield _refused("a subject with another key", claim.replace('{"item"', '{"seq":1,"item"', 1), "one encoding")
    yield _refused("no prev", claim.replace(f'"{head}"', "null"), "only a reply-accept opens a chain")
    replied = encode_statement(a_statement("reply-accept"))
    yield _refused("a prev in a reply-accept", replied.replace("null", f'"{head}"'), "it opens the chain")
    yield _refused("a short prev", claim.replace(head, head[:-2]), "64 digits")
    yield _refused("no parts", claim.replace(json_list(SUBJECTS[0].parts), "[]"), "an item has a part 0")
    yield _refused("parts that are null", claim.replace(json_list(SUBJECTS[0].parts), "null"), "a list")
    yield _refused("65 parts", claim.replace(json_list(SUBJECTS[0].parts), json_list([head] * 65)), "at most 64")
    yield _refused("a part of another form", claim.replace(SUBJECTS[0].parts[1], "photo.jpg"), "parts are digests")
    yield _refused("an empty list", re.sub(r'"reasons":\[[^]]*\]', '"reasons":[]', returned), "absent if empty")
    yield _refused("a reason in words", returned.replace("MILITARY", "a bridge"), "reasons are codes")
    yield _refused("a reason twice", returned.replace("MILITARY", "THIRD_PARTY"), "each once")
    yield _refused(
        "reasons that are a text", re.sub(r'"reasons":\[[^]]*\]', '"reasons":"MILITARY"', returned), "a list"
    )
    yield _refused(
        "17 reasons",
        re.sub(r'"reasons":\[[^]]*\]', f'"reasons":{json_list([f"R{n}" for n in range(17)])}', returned),
        "at most 16",
    )
    yield _refused("all notes null", re.sub(r'"note":\[[^]]*\]', '"note":[null,null]', returned), "absent then")
    yield _refused("a note too few", re.sub(r'"note":\[null,', '"note":[', returned), "one for each subject")
    yield _refused(
        "one note for all", re.sub(r'"note":\[null,("\w+")\]', r'"note":\1', returned), "one for each subject"
    )
    yield _refused("a note in words", re.sub(r'"note":\[null,"\w+"\]', '"note":[null,"Sorry"]', returned), "a digest")
    yield _refused("to nobody", re.sub(r'"to":\[[^]]*\]', '"to":[]', passed), "it is sealed to somebody")
    yield _refused("to a desk without epoch", passed.replace(f"{world.CAMP}/1", world.CAMP), "desk/epoch")
    yield _refused("to epoch 0", passed.replace('/1"]', '/0"]'), "epochs start at 1")
    yield _refused("to epoch 01", passed.replace('/1"]', '/01"]'), "one encoding")
    yield _refused(
        "to a desk twice", passed.replace(f'["{world.CAMP}/1"]', json_list([f"{world.CAMP}/1"] * 2)), "each once"
    )
    yield _refused("to a family and a desk", passed.replace('"to":[', '"to":["family",'), "a family alone")
    yield _refused("to a number", passed.replace(f'["{world.CAMP}/1"]', "1"), "desk/epoch")
    remark = re.compile(r'"remarks":\[[^]]*\]')
    yield _refused(
        "a remark about another item",
        remark.sub(f'"remarks":[{{"item":"{an_id("x")}","remark":"WET"}}]', received),
        "about subjects only",
    )
    yield _refused("a remark in words", received.replace("WET", "it is wet"), "remarks are codes")
    one_remark = f'{{"item":"{SUBJECTS[1].item}","remark":"WET"}}'
    yield _refused("a remark twice", remark.sub(f'"remarks":[{one_remark},{one_remark}]', received), "each once")
    yield _refused("remarks that are empty", remark.sub('"remarks":[]', received), "absent then")
    yield _refused("remarks that are texts", remark.sub('"remarks":["WET"]', received), "objects")
    yield _refused("remarks that are null", remark.sub('"remarks":null', received), "a list")
    yield _refused("a remark without item", remark.sub('"remarks":[{"remark":"WET"}]', received), "about an item")
    yield _refused(
        "a remark about a list", remark.sub('"remarks":[{"item":[],"remark":"WET"}]', received), "about an item"
    )
    yield _refused("a remark with more", received.replace('"remark":"WET"', '"remark":"WET","by":1'), "one encoding")
    matched, to_mailbox = encode_statement(a_statement("match")), a_statement("match", either="mailbox")
    mailbox = str(to_mailbox.fields["mailbox"])
    yield _refused("a match to nobody", re.sub(r',"number":"\d+"', "", matched), "a number or a mailbox")
    yield _refused("a match to both", matched.replace("}\n", f',"mailbox":"{mailbox}"}}\n'), "a number or a mailbox")
    yield _refused(
        "a mailbox in capitals",
        encode_statement(to_mailbox).replace(mailbox, mailbox.upper()),
        "a mailbox is 64 lower-case digits",
    )
    number = str(a_statement("match").fields["number"])
    yield _refused("a mistyped number", matched.replace(number, number[1] + number[0] + number[2:]), "check digits")
    yield _refused("a number with spaces", matched.replace(number, f"{number[:4]} {number[4:]}"), "one encoding")
    yield _refused("a number that is one", matched.replace(f'"{number}"', number.lstrip("0")), "a text")
    released = encode_statement(a_statement("release"))
    yield _refused("a hint in words", released.replace('"uk"', '"Ukrainian, I think"'), "a language tag")
    yield _refused("a hint that is null", released.replace('"uk"', "null"), "absent then")
    audited = encode_statement(a_statement("audited"))
    yield _refused("a size in quotes", audited.replace("70000", '"70000"'), "an integer")
    suspended = encode_statement(a_statement("suspend"))
    yield _refused("a reason that is a list", suspended.replace('"LEFT_THE_DESK"', '["LEFT_THE_DESK"]'), "one code")


def _misused_statements() -> Iterator[Vector]:
    claim, withdrawn = encode_statement(a_statement("claim")), encode_statement(a_statement("withdraw"))
    staff, family = signer_of("claim"), signer_of("withdraw")
    yield _refused("a claim signed as a family", claim, "families claim nothing", key=family)
    yield _refused("a withdrawal signed as staff", withdrawn, "only the family withdraws", key=staff)
    root = (f"{world.RELAY}/root", secret("root"))
    yield _refused("a claim signed as the root", claim, "one key, one purpose", key=root)
    elsewhere = (staff_name(an_id("another relay"), world.ANN.staff), staff[1])
    yield _refused("a claim signed for another relay", claim, "names hold the relay", key=elsewhere)
    at_another = (family_name(an_id("another relay")), family[1])
    yield _refused("a withdrawal signed for another relay", withdrawn, "names hold the relay", key=at_another)
    no_id = (staff_name(world.RELAY, "ann"), staff[1])
    yield _refused("a claim signed without an id", claim, "members are named by id", key=no_id)
    signers = [Signer.ed25519(*staff), Signer.ed25519("relay.example/b", secret("b"))]
    twice = {"note": sign_note(claim, signers).decode()}
    yield _refused("two signatures", claim, "one statement, one signature, one hash", also=twice)
    other = {"vkey": str(Signer.ed25519(staff[0], secret("another key")).vkey), "error": "note_unsigned"}
    yield _refused("another key of the member", claim, "this key has not signed it", also=other)
    named = {"vkey": str(world.OLEH.signer.vkey), "error": "note_unsigned"}
    yield _refused("another member", claim, "this key has not signed it", also=named)
    note = sign_note(claim, [Signer.ed25519(*staff)]).decode()
    changed = {"note": note.replace("08:30", "08:31"), "error": "signature_invalid"}
    yield _refused("changed after signing", claim, "the signature is over another text", also=changed)
