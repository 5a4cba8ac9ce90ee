"""A demo world whose agreement has a second review desk read every letter, as operators would set it up."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from keys.directory import parse_directory
from relay.client.ceremony import draft_directory, enrol, open_desk, seal_desk, sign_draft
from relay.client.ceremonyfiles import read_signing_key
from relay.client.clock import now
from relay.client.operators import Operator
from relay.client.register import Registrar, read_register
from relay.client.trustbook import TrustBook
from relay.ledger.begin import TOKEN_FILE
from tests.browser.behind import Behind, meanwhile
from tests.browser.demo_world import DemoWorld, Member, a_demo_world

EVE = "eve"


@contextmanager
def a_world_with_two_review_desks(data: Path) -> Iterator[tuple[DemoWorld, str]]:
    """Show the demo, open a second desk with Eve at it, and serve again by the new route; gives Eve's desk too."""
    with a_demo_world(data, letters=6) as before:
        first, second, eve = meanwhile(before, open_second_desk)
    with a_demo_world(data, LETTER_RELAY_AGREEMENT__ROUTE=f"{first},{second}") as served:
        yield replace(served, staff={**served.staff, EVE: eve}), second


async def open_second_desk(behind: Behind) -> tuple[str, str, Member]:
    """Publish a directory with one more review desk and its one member, and the register for both desks."""
    book, data = behind.book, behind.world.data
    directory, first = book.directory, behind.desk("ben")
    opened = open_desk(book.relay, "review", side=None, since=now())
    eve = enrol(book.relay, roles=["reviewer", "senior"], desks=[opened.desk.id])
    note = str((await behind.connection.get("/directory")).json()["note"]).encode()
    draft = draft_directory(
        intake=directory.intake,
        sides=directory.sides,
        desks=[*directory.desks, opened.desk],
        staff=[*directory.staff, eve.member],
        at=now(),
        version=directory.version + 1,
        previous=note,
    )
    keys = [read_signing_key(data / "offline" / f"directory-{number}.key") for number in range(2)]
    operator = Operator(behind.connection, (data / TOKEN_FILE).read_text(encoding="ascii"))
    await operator.publish_directory(sign_draft(draft, keys), draft.document)
    await operator.put_keyring(eve)
    members = {eve.member.id: eve.recipient}
    for key in seal_desk(opened, members, by=eve.root, directory=parse_directory(draft.document)):
        await operator.put_desk_key(key)
    behind.book = TrustBook(behind.world.fingerprint, None)
    await behind.book.refresh(behind.connection)
    registrar = await behind.session("ben")
    await Registrar(registrar).publish((await read_register(registrar, first)).records.values())
    return first, opened.desk.id, Member(eve.member.id, eve.code)
