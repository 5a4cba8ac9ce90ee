"""Statements: what the known answers do not reach, and what a caller can get wrong."""

from dataclasses import FrozenInstanceError, replace

import pytest

from keys.errors import Malformed
from keys.notes import SignatureInvalid, note_digest, sign_note
from keys.statements import (
    BY_FAMILY,
    FIELDS,
    MAX_SUBJECTS,
    OPENING,
    WITHOUT_SUBJECTS,
    FieldType,
    Statement,
    StatementMalformed,
    Subject,
    encode_statement,
    parse_statement,
    read_statement,
    sign_statement,
    verify_statement,
)
from tests.unit.keys.world import ANN, CAMP, NOW, OLEH, RELAY, a_digest, an_id

SUBJECT = Subject(an_id("item"), a_digest("head"), (a_digest("letter"),))
CLAIM = Statement("claim", RELAY, 7, NOW, (SUBJECT,), {"desk": an_id("desk")})
RECEIVE = Statement(
    "receive", RELAY, 7, NOW, (SUBJECT,), {"bag": an_id("bag"), "remarks": ({"item": SUBJECT.item, "remark": "WET"},)}
)


def some_subjects(count: int) -> tuple[Subject, ...]:
    """Name as many items as asked."""
    return tuple(SUBJECT._replace(item=an_id(f"item {n}")) for n in range(count))


def test_the_table_of_kinds_is_the_formats_page() -> None:
    """Written by hand, so that a slip in the table is seen."""
    keys = {kind: " ".join(known.key for known in fields) for kind, fields in FIELDS.items()}
    assert keys == {
        "sign-in": "challenge",
        "claim": "desk",
        "release": "hint",
        "pass": "to place reasons contact",
        "redirect": "to place reasons contact",
        "return": "reasons note",
        "propose_withhold": "reasons note",
        "confirm": "reasons note",
        "escalate": "reasons note",
        "recall": "reasons note mailbox",
        "overturn": "reasons",
        "reply-accept": "paper",
        "withdraw": "",
        "collected": "",
        "bag": "bag to manifest",
        "receive": "bag paper remarks",
        "missing": "bag reasons",
        "find": "bag reasons paper",
        "declare_lost": "bag reasons",
        "deliver": "reasons paper remarks",
        "refuse": "reasons paper remarks",
        "fail": "reasons paper remarks",
        "match": "number mailbox",
        "place": "number place",
        "register": "document rows",
        "run": "document",
        "suspend": "staff reason",
        "audited": "size root",
    }
    assert FIELDS.keys() >= WITHOUT_SUBJECTS | OPENING | BY_FAMILY


def test_a_statement_byte_for_byte() -> None:
    """Two lines: what it is for, and its JSON."""
    assert encode_statement(CLAIM) == (
        "letter-relay/statement/v1 claim\n"
        f'{{"relay":"{RELAY}","directory":7,"signed_at":"2026-04-01T08:30:00Z","subjects":[{{"item":"{SUBJECT.item}",'
        f'"prev":"{SUBJECT.prev}","parts":["{SUBJECT.parts[0]}"]}}],"desk":"{an_id("desk")}"}}\n'
    )


def test_a_family_signs_with_a_null_directory() -> None:
    """The key is there, since it applies; its value says that families stand in no directory."""
    assert '"directory":null,' in encode_statement(Statement("withdraw", RELAY, None, NOW, (SUBJECT,)))


def test_who_a_statement_claims_to_be_signed_by_is_known_before_it_is_verified() -> None:
    """The door looks the key up by it; a false signature is still refused then."""
    data = sign_statement(CLAIM, ANN.signer)
    unverified = read_statement(data)
    assert (unverified.staff, unverified.signer) == (ANN.staff, ANN.signer.vkey.name)
    assert unverified.statement == CLAIM
    assert unverified.verified_by(ANN.signer.vkey) == CLAIM
    with pytest.raises(SignatureInvalid):
        verify_statement(data.replace(b"08:30", b"08:31"), ANN.signer.vkey)


def test_a_digest_names_one_signed_statement() -> None:
    """Two members who sign the same make two statements."""
    assert note_digest(sign_statement(CLAIM, ANN.signer)) != note_digest(sign_statement(CLAIM, OLEH.signer))


def test_five_hundred_subjects_and_no_more() -> None:
    """DESIGN.md §6."""
    full = replace(CLAIM, subjects=some_subjects(MAX_SUBJECTS))
    assert verify_statement(sign_statement(full, ANN.signer), ANN.signer.vkey) == full
    with pytest.raises(StatementMalformed, match="more subjects"):
        encode_statement(replace(CLAIM, subjects=some_subjects(MAX_SUBJECTS + 1)))


@pytest.mark.parametrize(
    "wrong",
    [
        replace(CLAIM, kind="steal"),
        replace(CLAIM, relay="relay.example"),
        replace(CLAIM, directory=None),
        replace(CLAIM, signed_at="yesterday"),
        replace(CLAIM, subjects=()),
        replace(CLAIM, subjects=(SUBJECT, SUBJECT)),
        replace(CLAIM, fields={}),
        replace(CLAIM, fields={**CLAIM.fields, "note": (a_digest("note"),)}),
        replace(RECEIVE, fields={**RECEIVE.fields, "remarks": ({"item": an_id("other"), "remark": "WET"},)}),
        replace(CLAIM, kind="bag", fields={"bag": an_id("bag"), "manifest": a_digest("m"), "to": [f"{CAMP}/1"]}),
    ],
    ids=["kind", "relay", "directory", "time", "no subjects", "twice", "missing", "unknown", "remark", "a list"],
)
def test_a_statement_that_could_not_be_read_back_is_not_signed(wrong: Statement) -> None:
    """The rules are the same in both directions."""
    with pytest.raises(StatementMalformed):
        sign_statement(wrong, ANN.signer)


def test_an_error_never_repeats_what_was_in_the_statement() -> None:
    """Messages go to logs; what people typed does not."""
    with pytest.raises(StatementMalformed) as caught:
        encode_statement(replace(CLAIM, fields={"desk": "the camp by the river"}))
    assert str(caught.value) == "a statement's desk is not 32 hex digits"
    assert caught.value.cure


def test_a_statement_does_not_change_in_the_hand() -> None:
    """What was signed is what is decided upon."""
    fields = {"desk": an_id("desk")}
    claim = replace(CLAIM, fields=fields)
    fields["desk"] = an_id("another")
    assert claim.fields["desk"] == an_id("desk")
    with pytest.raises(TypeError):
        claim.fields["desk"] = an_id("another")  # type: ignore[index]  # that it is refused is the point
    with pytest.raises(FrozenInstanceError):
        claim.kind = "pass"  # type: ignore[misc]  # as above
    remarks = parse_statement(encode_statement(RECEIVE)).fields["remarks"]
    with pytest.raises(TypeError):
        remarks[0]["remark"] = "DRY"


def test_a_statement_of_another_purpose_is_malformed() -> None:
    """A directory's note with a valid signature is no statement."""
    with pytest.raises(Malformed):
        read_statement(sign_note("letter-relay/directory/v1\n{}\n", [ANN.signer]))


def test_every_type_of_field_is_used() -> None:
    """A type without a key would be a rule that nobody tests."""
    assert {known.type for fields in FIELDS.values() for known in fields} == set(FieldType)
