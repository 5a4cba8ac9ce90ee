"""
Statements: what a member of staff, or a family, signs to say "I do this to these items, whose heads are these".

A statement names each item with the hash of its head event, so it can be neither replayed nor moved to another item,
and covers up to 500 items at once. It is a signed note with exactly one signature; `FIELDS` is the whole list of
kinds. Who may sign which kind, and what follows, is decided in `relay/domain`. FORMATS.md, "Statements".
"""

import enum
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final, NamedTuple, TypedDict

from keys.canonical import encode_json
from keys.codes import NumberMistyped, family_name, parse_number, staff_name
from keys.errors import Malformed
from keys.ids import is_digest, is_id, is_integer, is_time
from keys.notes import NoteUnsigned, Signature, Signer, Vkey, parse_note, sign_note, verify_signature

FIRST_LINE: Final = "letter-relay/statement/v1"
MAX_SUBJECTS: Final = 500
MAX_PARTS: Final = 64
MAX_RECIPIENTS: Final = 16
MAX_REASONS: Final = 16

_CODE: Final = re.compile(r"[A-Z][A-Z0-9_]{0,63}")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")
_RECIPIENT: Final = re.compile(r"[0-9a-f]{32}/[1-9][0-9]{0,8}")


class StatementMalformed(Malformed):
    """This is not a statement in the one form its kind has."""

    code = "statement_malformed"
    cure = "Make the statement anew with a current client, and sign it once, with the key of whoever makes it."


class FieldType(enum.Enum):
    """What a further key of a statement may hold."""

    ID = "32 hex digits"
    DIGEST = "64 hex digits"
    CODE = "an upper-case code, such as DECEASED"
    CODES = "a list of codes"
    LANGUAGE = "a language tag"
    RECIPIENTS = 'a list of "desk/epoch", or ["family"]'
    REMARKS = "a list of {item, remark}, about subjects only"
    DIGEST_EACH = "for each subject a digest or null, not all of them null"
    NUMBER = "a detainee number"
    COUNT = "an integer from 0"


@dataclass(frozen=True, slots=True)
class Field:
    """One further key: its name, what it holds, and whether it may be absent."""

    key: str
    type: FieldType
    optional: bool = False


_REASONS: Final = Field("reasons", FieldType.CODES, optional=True)
_NOTE: Final = Field("note", FieldType.DIGEST_EACH, optional=True)
_BAG: Final = Field("bag", FieldType.ID)
_TO: Final = Field("to", FieldType.RECIPIENTS)
_PAPER: Final = Field("paper", FieldType.DIGEST, optional=True)
_REMARKS: Final = Field("remarks", FieldType.REMARKS, optional=True)
_NUMBER: Final = Field("number", FieldType.NUMBER)
_DOCUMENT: Final = Field("document", FieldType.DIGEST)
_PASSING: Final = (
    _TO,
    Field("place", FieldType.ID, optional=True),  # absent for families
    _REASONS,
    Field("contact", FieldType.DIGEST_EACH, optional=True),
)
_ANSWERING: Final = (_REASONS, _NOTE)
_MAILBOX: Final = Field("mailbox", FieldType.DIGEST, optional=True)
_HANDING: Final = (_REASONS, _PAPER, _REMARKS)

#: Every kind with its further keys, in their order. A kind that is absent is refused.
FIELDS: Final[Mapping[str, tuple[Field, ...]]] = MappingProxyType(
    {
        "sign-in": (Field("challenge", FieldType.DIGEST),),
        "claim": (Field("desk", FieldType.ID),),
        "release": (Field("hint", FieldType.LANGUAGE, optional=True),),
        "pass": _PASSING,
        "redirect": _PASSING,
        "return": _ANSWERING,
        "propose_withhold": _ANSWERING,
        "confirm": _ANSWERING,
        "escalate": _ANSWERING,
        "recall": (*_ANSWERING, _MAILBOX),
        "overturn": (_REASONS,),
        "reply-accept": (_PAPER,),
        "withdraw": (),
        "collected": (),
        "bag": (_BAG, Field("to", FieldType.ID), Field("manifest", FieldType.DIGEST)),
        "receive": (_BAG, _PAPER, _REMARKS),  # paper: for keyless desks, as under find
        "missing": (_BAG, _REASONS),
        "find": (_BAG, _REASONS, _PAPER),
        "declare_lost": (_BAG, _REASONS),
        "deliver": _HANDING,
        "refuse": _HANDING,
        "fail": _HANDING,
        "match": (Field("number", FieldType.NUMBER, optional=True), _MAILBOX),
        "place": (_NUMBER, Field("place", FieldType.ID)),
        "register": (_DOCUMENT, Field("rows", FieldType.DIGEST)),
        "run": (_DOCUMENT,),
        "suspend": (Field("staff", FieldType.ID), Field("reason", FieldType.CODE)),
        "audited": (Field("size", FieldType.COUNT), Field("root", FieldType.DIGEST)),
    }
)

#: Of these keys of a kind there is exactly one: a letter is matched to a number, a detainee's own letter to a mailbox.
EITHER: Final[Mapping[str, frozenset[str]]] = MappingProxyType({"match": frozenset({"number", "mailbox"})})
#: Kinds about no item: the key `subjects` is absent.
WITHOUT_SUBJECTS: Final = frozenset({"sign-in", "place", "register", "run", "suspend", "audited"})
#: Kinds that open an item's chain: each `prev` is null, as in no other kind.
OPENING: Final = frozenset({"reply-accept"})
#: Kinds signed by a family's key: `directory` is null, since families stand in none.
BY_FAMILY: Final = frozenset({"withdraw", "collected"})


class Subject(NamedTuple):
    """
    One item, as the signer saw it.

    Attributes:
        item: The item's id.
        prev: The hash of its head event; None for an accept.
        parts: The digests of all its parts after the event, part 0 first.
    """

    item: str
    prev: str | None
    parts: tuple[str, ...]


class Remark(TypedDict):
    """What an officer noted about one item, as a code; words would be content."""

    item: str
    remark: str


@dataclass(frozen=True, slots=True)
class Statement:
    """
    A statement, signed or about to be.

    Attributes:
        kind: A key of `FIELDS`.
        relay: The relay's id.
        directory: The directory version the signer went by; None for families.
        signed_at: The signer's clock, ``YYYY-MM-DDTHH:MM:SSZ``; informs, never decides.
        subjects: 1 to 500, each item once; empty for the kinds in `WITHOUT_SUBJECTS`.
        fields: The further keys of the kind; lists as tuples, each remark a `Remark`.
    """

    kind: str
    relay: str
    directory: int | None
    signed_at: str
    subjects: tuple[Subject, ...] = ()
    fields: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        """Freeze the further keys, so that what was signed cannot change in the hand."""
        object.__setattr__(self, "fields", MappingProxyType(dict(self.fields)))


@dataclass(frozen=True, slots=True)
class UnverifiedStatement:
    """
    A statement whose signature has not been judged yet; `verified_by` does.

    Attributes:
        statement: What it says.
        signer: The key name it claims.
        staff: The member's id in that name; None for a family.
    """

    statement: Statement
    signer: str
    staff: str | None
    _text: str = field(repr=False)
    _signature: Signature = field(repr=False)

    def verified_by(self, vkey: Vkey) -> Statement:
        """
        Return the statement if this key signed it.

        Raises:
            NoteUnsigned: It claims another key.
            SignatureInvalid: It claims this key, and the signature is false.
        """
        if (vkey.name, vkey.key_id) != (self._signature.name, self._signature.key_id):
            raise NoteUnsigned
        verify_signature(self._text, self._signature, vkey)
        return self.statement


def encode_statement(statement: Statement) -> str:
    """
    Write a statement as the text of a note.

    Raises:
        StatementMalformed: It breaks a rule of its kind (`FIELDS` and the sets beside it).
    """
    _check(statement)
    plain: dict[str, Any] = {
        "relay": statement.relay,
        "directory": statement.directory,
        "signed_at": statement.signed_at,
    }
    if statement.kind not in WITHOUT_SUBJECTS:
        plain["subjects"] = [{"item": s.item, "prev": s.prev, "parts": s.parts} for s in statement.subjects]
    for known in FIELDS[statement.kind]:
        if known.key in statement.fields:
            plain[known.key] = _plain(known.type, statement.fields[known.key])
    return f"{FIRST_LINE} {statement.kind}\n{encode_json(plain)}\n"


def parse_statement(text: str) -> Statement:
    """
    Read a statement from a note's text.

    Raises:
        StatementMalformed: It is no statement, breaks a rule of its kind, or is not in its one encoding.
    """
    first, _, rest = text.partition("\n")
    label, _, kind = first.partition(" ")
    if label != FIRST_LINE or kind not in FIELDS:
        raise StatementMalformed("the first line is not that of a statement of a known kind")
    try:
        statement = _build(kind, json.loads(rest))
    except (ValueError, RecursionError, LookupError, TypeError):
        raise StatementMalformed("the second line is not the JSON of a statement") from None
    if encode_statement(statement) != text:
        raise StatementMalformed("the statement re-encodes differently")
    return statement


def sign_statement(statement: Statement, signer: Signer) -> bytes:
    """
    Sign a statement and return the note's bytes, which are stored and sent as they are.

    Raises:
        StatementMalformed: It breaks a rule of its kind, or its kind is not for a key of this name.
    """
    _signing_staff(statement, signer.vkey.name)
    return sign_note(encode_statement(statement), [signer])


def read_statement(data: bytes) -> UnverifiedStatement:
    """
    Read a signed statement far enough to know whose key to verify it with.

    Raises:
        NoteMalformed: These bytes are not a note.
        StatementMalformed: It has more than one signature, is no statement, or is signed in a name that its kind
            does not allow. A second line would give one statement many hashes.
    """
    note = parse_note(data)
    if len(note.signatures) != 1:
        raise StatementMalformed("a statement has more than one signature")
    statement = parse_statement(note.text)
    signature = note.signatures[0]
    staff = _signing_staff(statement, signature.name)
    return UnverifiedStatement(statement, signature.name, staff, note.text, signature)


def verify_statement(data: bytes, vkey: Vkey) -> Statement:
    """
    Return the statement in these bytes if this key signed it.

    Raises:
        NoteMalformed, StatementMalformed: As `read_statement`.
        NoteUnsigned, SignatureInvalid: As `UnverifiedStatement.verified_by`.
    """
    return read_statement(data).verified_by(vkey)


def _build(kind: str, plain: Mapping[str, Any]) -> Statement:
    subjects = () if kind in WITHOUT_SUBJECTS else plain["subjects"]
    return Statement(
        kind=kind,
        relay=plain["relay"],
        directory=plain["directory"],
        signed_at=plain["signed_at"],
        subjects=tuple(Subject(s["item"], s["prev"], tuple(s["parts"])) for s in subjects),
        fields={known.key: _frozen(known.type, plain[known.key]) for known in FIELDS[kind] if known.key in plain},
    )


def _frozen(of: FieldType, value: Any) -> Any:
    if of is FieldType.REMARKS:
        return tuple(MappingProxyType(dict(remark)) for remark in value)
    return tuple(value) if isinstance(value, list) else value


def _plain(of: FieldType, value: Any) -> Any:
    if of is FieldType.REMARKS:
        return [{"item": remark["item"], "remark": remark["remark"]} for remark in value]
    return value


def _signing_staff(statement: Statement, name: str) -> str | None:
    if statement.kind in BY_FAMILY:
        if name != family_name(statement.relay):
            raise StatementMalformed("a family's statement is signed in another name")
        return None
    staff = name.rpartition("/")[2]
    if not is_id(staff) or name != staff_name(statement.relay, staff):
        raise StatementMalformed("a statement by staff is signed in another name")
    return staff


def _check(statement: Statement) -> None:
    if statement.kind not in FIELDS:
        raise StatementMalformed("a statement has no such kind")
    if not is_id(statement.relay) or not is_time(statement.signed_at):
        raise StatementMalformed("a statement's relay or signed_at is not in its form")
    of_family = statement.kind in BY_FAMILY
    if statement.directory is not None if of_family else not is_integer(statement.directory):
        raise StatementMalformed("a statement's directory is null for families, and a version for all others")
    _check_subjects(statement.kind, statement.subjects)
    _check_fields(statement)


def _check_subjects(kind: str, subjects: Sequence[Subject]) -> None:
    if (kind in WITHOUT_SUBJECTS) != (not subjects) or len(subjects) > MAX_SUBJECTS:
        raise StatementMalformed("a statement has more subjects, or fewer, than its kind allows")
    for subject in subjects:
        opens = subject.prev is None
        if not is_id(subject.item) or opens != (kind in OPENING) or not (opens or is_digest(subject.prev)):
            raise StatementMalformed("a subject's item or prev is not in its form")
        if not 1 <= len(subject.parts) <= MAX_PARTS or not all(map(is_digest, subject.parts)):
            raise StatementMalformed("a subject's parts are not 1 to 64 digests")
    if len({subject.item for subject in subjects}) != len(subjects):
        raise StatementMalformed("a statement names one item twice")


def _check_fields(statement: Statement) -> None:
    known = FIELDS[statement.kind]
    if statement.fields.keys() - {further.key for further in known}:
        raise StatementMalformed("a statement has a key that its kind does not have")
    for further in known:
        if further.key not in statement.fields:
            if not further.optional:
                raise StatementMalformed(f"a statement lacks its {further.key}")
        elif not _IS_OF[further.type](statement.fields[further.key], statement.subjects):
            raise StatementMalformed(f"a statement's {further.key} is not {further.type.value}")
    either = EITHER.get(statement.kind)
    if either is not None and len(either & statement.fields.keys()) != 1:
        raise StatementMalformed("a statement has none of the keys of which its kind has one, or more than one")


def _is_code(value: object) -> bool:
    return isinstance(value, str) and _CODE.fullmatch(value) is not None


def _is_number(value: object) -> bool:
    try:
        return isinstance(value, str) and parse_number(value) == value
    except NumberMistyped:
        return False


def _is_list(value: object, most: int, is_one: Callable[[Any], bool]) -> bool:
    """Say whether this is a tuple of 1 to `most` values of a form, each once."""
    if not isinstance(value, tuple) or not 1 <= len(value) <= most:
        return False
    return all(map(is_one, value)) and len(set(value)) == len(value)


def _is_recipients(value: object) -> bool:
    if value == ("family",):
        return True
    return _is_list(value, MAX_RECIPIENTS, lambda one: isinstance(one, str) and _RECIPIENT.fullmatch(one) is not None)


def _is_remarks(value: object, subjects: Sequence[Subject]) -> bool:
    if not isinstance(value, tuple) or not 1 <= len(value) <= MAX_SUBJECTS:
        return False
    pairs = [(one.get("item"), one.get("remark")) for one in value]
    items = {subject.item for subject in subjects}
    return all(is_id(i) and i in items and _is_code(remark) for i, remark in pairs) and len(set(pairs)) == len(pairs)


def _is_digest_each(value: object, subjects: Sequence[Subject]) -> bool:
    if not isinstance(value, tuple) or len(value) != len(subjects):
        return False
    given = [one for one in value if one is not None]
    return bool(given) and all(map(is_digest, given))


_IS_OF: Final[Mapping[FieldType, Callable[[Any, Sequence[Subject]], bool]]] = {
    FieldType.ID: lambda value, _: is_id(value),
    FieldType.DIGEST: lambda value, _: is_digest(value),
    FieldType.CODE: lambda value, _: _is_code(value),
    FieldType.CODES: lambda value, _: _is_list(value, MAX_REASONS, _is_code),
    FieldType.LANGUAGE: lambda value, _: isinstance(value, str) and _LANGUAGE.fullmatch(value) is not None,
    FieldType.RECIPIENTS: lambda value, _: _is_recipients(value),
    FieldType.REMARKS: _is_remarks,
    FieldType.DIGEST_EACH: _is_digest_each,
    FieldType.NUMBER: lambda value, _: _is_number(value),
    FieldType.COUNT: lambda value, _: is_integer(value),
}
