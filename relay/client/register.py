"""
The register: who is held where, sealed so that the relay learns of each no more than number, status and place.

A registrar signs pages of up to 500 records and seals each to every review desk, since a letter may have to be read at
several on its way; reviewers open them and take a facility's recipient from register and directory, never from the
relay's answer. DESIGN.md §3.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

from keys.canonical import encode_json, parse_json
from keys.codes import NumberMistyped, parse_number
from keys.directory import Directory
from keys.errors import Malformed, Refused
from keys.ids import is_digest, is_id, parse_time
from keys.sealed import check_document, part_digest
from relay.client.answers import PartSize
from relay.client.authors import require_document
from relay.client.faults import AnswerMalformed
from relay.client.persons import Listed, Person, parse_person, person_fields
from relay.client.staff import StaffSession
from relay.domain.register import Row, Status, encode_rows

MAX_PAGE_RECORDS: Final = 500
_VERSION: Final = 1
_KEYS: Final = ("number", "status", "place", "side", "person")
_REGISTRARS: Final = frozenset({"registrar"})
#: Of whom the register says nothing but number, status and place.
NOBODY: Final = Person()


class RegisterMalformed(Malformed):
    """This is no page of the register."""

    code = "register_malformed"


class NumberUnknown(Refused):
    """The register has nobody of this number."""

    code = "number_unknown"
    cure = "Compare the number with the register by the names in the letter, and match the letter to the right one."


class NoPlace(Refused):
    """The register has no place for this number at present."""

    code = "no_place"
    cure = "Release the letter, or return it with the reason that the register gives."


@dataclass(frozen=True, slots=True)
class Record:
    """
    One of the held.

    Attributes:
        number: 12 digits.
        status: What is known of them.
        place: The id of the facility; None if there is none.
        person: Who they are; empty where the register does not say.
        side: The side they belong to, as the directory calls it.
    """

    number: str
    status: Status
    place: str | None = None
    person: Person = field(default=NOBODY, repr=False)
    side: str | None = None

    @property
    def names(self) -> str:
        """The name for reading, in both alphabets if the register has both; empty if it has neither."""
        latin = f"{self.person.given_lat} {self.person.surname_lat}".strip()
        return " / ".join(dict.fromkeys(name for name in (self.person.name, latin) if name))

    @property
    def row(self) -> Row:
        """What the relay is told."""
        return Row(self.number, self.status, self.place)


@dataclass(frozen=True, slots=True)
class Register:
    """
    Everybody whom the pages name; a later page says it anew for those that it names.

    Attributes:
        records: They, by number.
        out_of_sight: The numbers of those whose newest page was sealed before some review desk was there.
    """

    records: Mapping[str, Record] = field(repr=False)
    out_of_sight: frozenset[str] = frozenset()

    def find(self, number: str) -> Record:
        """
        Find one of the held.

        Raises:
            NumberUnknown: There is none of this number.
        """
        try:
            return self.records[number]
        except KeyError:
            raise NumberUnknown from None

    def place_of(self, number: str) -> str:
        """
        Say where a letter to this number goes: the facility's id.

        Raises:
            NumberUnknown, NoPlace: It can go nowhere at present.
        """
        record = self.find(number)
        if record.place is None or record.status not in (Status.CONFIRMED, Status.TRANSFERRED):
            raise NoPlace
        return record.place

    def search(self, words: str) -> list[Record]:
        """List those whose names contain all of these words, for a letter whose writer knows no number."""
        wanted = words.casefold().split()
        return [one for one in self.records.values() if all(word in one.names.casefold() for word in wanted)]

    @property
    def listed(self) -> tuple[Listed, ...]:
        """Everybody, as matching and importing need them."""
        return tuple(Listed(record.number, record.person) for record in self.records.values())


def encode_page(records: Sequence[Record]) -> bytes:
    """Write a page as the content of its sealed document."""
    plain = [{key: value for key in _KEYS if (value := _plain(getattr(record, key)))} for record in records]
    return encode_json({"v": _VERSION, "records": plain}).encode()


def parse_page(content: bytes) -> list[Record]:
    """
    Read a page.

    Raises:
        RegisterMalformed, NotCanonical: It is none, or not in its one encoding.
    """
    try:
        fields = parse_json(content.decode(), what="register page")
        records = [_record(plain) for plain in fields["records"]]
    except (UnicodeDecodeError, KeyError, TypeError, ValueError, NumberMistyped):
        raise RegisterMalformed from None
    if encode_page(records) != content:
        raise RegisterMalformed
    return records


def split_pages(records: Iterable[Record]) -> list[list[Record]]:
    """Split records into pages of at most 500, in order."""
    every = list(records)
    return [every[start : start + MAX_PAGE_RECORDS] for start in range(0, len(every), MAX_PAGE_RECORDS)]


class Registrar:
    """A registrar at work: publishes pages of the register."""

    def __init__(self, session: StaffSession) -> None:
        """Take a registrar's session, signed in."""
        self._session = session

    async def publish(self, records: Iterable[Record]) -> list[int]:
        """
        Seal, sign and publish pages; what a later page says of a number holds from then on.

        Returns:
            The log index of each page's entry.
        """
        version = await self._next_version()
        return [await self._publish_page(page, version) for page in split_pages(records)]

    async def _next_version(self) -> int:
        """
        Count on from the newest page there is, by the clock.

        The later version wins wherever two pages name one number, so a registrar whose clock is behind must not lose.
        """
        session = self._session
        pages = _page_digests(await session.get("/review/register"))
        newest = 0
        if pages:
            files = await session.fetch([PartSize(pages[-1])])
            newest = check_document(files[pages[-1]]).version
        return max(int(parse_time(session.trustbook.clock()).timestamp()), newest + 1)

    async def _publish_page(self, page: Sequence[Record], version: int) -> int:
        session = self._session
        desks = review_desks(session.directory)
        sealed = session.seal_document("register", encode_page(page), desk=desks, version=version)
        (document,) = await session.upload([sealed])
        rows = encode_rows(tuple(record.row for record in page))
        fields = {"document": document, "rows": part_digest(rows.encode())}
        return await session.office("register", fields, rows=rows)


def review_desks(directory: Directory) -> list[str]:
    """List the ids of the desks to which a page of the register is sealed: whoever reviews has to know who is held."""
    return [desk.id for desk in directory.desks if desk.kind == "review" and desk.epochs]


async def read_register(session: StaffSession, desk: str) -> Register:
    """
    Fetch and open every page of the register that is sealed to a desk, the oldest first.

    Args:
        session: Signed in, with its desk keys opened.
        desk: The review desk that reads. A member of several is listed the pages of all of them.

    Raises:
        DocumentNotAuthentic: A page is not signed by a registrar.
        RegisterCut: A page that was seen before is left out.
        DocumentRolledBack: The newest page is older than one seen before.
        RegisterMalformed, Malformed, WrongKey: A page cannot be read.
    """
    listed = _page_digests(await session.get("/review/register"))
    files = await session.fetch(PartSize(page) for page in listed)
    pages = [page for page in listed if desk in check_document(files[page]).desks]
    opened = [_open_page(session, files[page], desk) for page in pages]
    # By their own versions, not in the relay's order: or it could let an older page have the last word.
    opened.sort(key=lambda page: page.version)
    session.trustbook.check_register(desk, pages)
    if opened:
        session.trustbook.check_document(desk, opened[-1].version)
    session.trustbook.save()
    newest = {record.number: (record, page) for page in opened for record in page.records}
    wanted = frozenset(review_desks(session.directory))
    return Register(
        MappingProxyType({number: record for number, (record, _) in newest.items()}),
        frozenset(number for number, (_, page) in newest.items() if not wanted <= page.desks),
    )


@dataclass(frozen=True, slots=True)
class _Page:
    version: int
    desks: frozenset[str]
    records: Sequence[Record]


def _page_digests(members: Mapping[str, Any]) -> list[str]:
    pages = members.get("pages")
    if not isinstance(pages, list) or not all(is_digest(page) for page in pages):
        raise AnswerMalformed
    return pages


def _open_page(session: StaffSession, data: bytes, desk: str) -> _Page:
    document = session.open_document(data, desk=desk)
    require_document(document, session.trustbook.signers, _REGISTRARS)
    if document.line.kind != "register":
        raise RegisterMalformed("a page of the register is a document of another kind")
    return _Page(document.line.version, document.line.desks, parse_page(document.content))


def _plain(value: object) -> object:
    if isinstance(value, Person):
        return person_fields(value)
    return value.value if isinstance(value, Status) else value


def _record(plain: object) -> Record:
    if not isinstance(plain, dict):
        raise RegisterMalformed
    place, side, person = plain.get("place"), plain.get("side"), plain.get("person", {})
    if not (side is None or isinstance(side, str)) or not (place is None or is_id(place)):
        raise RegisterMalformed
    if not isinstance(person, dict):
        raise RegisterMalformed
    return Record(parse_number(plain["number"]), Status(plain["status"]), place, parse_person(person), side)
