"""Let a member of staff sign in from the command line: keyring, code, session, desk."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from keys.errors import Refused, RelayError
from relay.cli.frame import Asked, WrongUsage
from relay.cli.places import code_of, connected

if TYPE_CHECKING:
    from relay.client.answers import Row
    from relay.client.staff import StaffSession


class NotYourDesk(Refused):
    """You work at no such desk, or at several."""

    code = "desk_wanted"
    cure = "Name the desk with --desk; `letter-relay directory show` lists desks and who works at them."


class NotListed(Refused):
    """The relay does not list this item there."""

    code = "not_listed"
    cure = "List what there is and take the id from there; somebody else may have moved it since."


@asynccontextmanager
async def working(asked: Asked, *, opens_desks: bool = True) -> AsyncIterator["StaffSession"]:
    """
    Sign a member in with their keyring and the code on standard input or in a file, and sign them out at the end.

    Args:
        opens_desks: Whether the command needs the keys of the member's desks; whoever recovers them has none that open.

    Raises:
        WrongUsage: No --keyring was given.
        WrongKey: The code does not open the keyring.
        KeyNotInDirectory: The directory in force has other keys for this member.
    """
    from relay.client.keyfiles import read_secret
    from relay.client.operators import unlock
    from relay.client.staff import StaffSession

    if asked.keyring is None:
        raise WrongUsage("this command needs --keyring FILE, your own, and --code-file for its code")
    keyring, code = read_secret(asked.keyring), code_of(asked)
    async with connected(asked) as (connection, book):
        root = unlock(keyring, code, book.relay, directory=book.directory)
        session = StaffSession(connection, book, root)
        await session.sign_in()
        try:
            await session.show_recipient()
            if opens_desks:
                await session.open_desks()
            yield session
        finally:
            book.save()
            with suppress(RelayError):  # it ends by itself, and what the command did is done
                await session.sign_out()


def desk_of(session: "StaffSession", desk: str | None, *kinds: str) -> str:
    """
    Find the desk that a command is about: the one named, or the only one of some kinds where this member works.

    Raises:
        NotYourDesk: There is none, or more than one.
    """
    if desk is not None:
        return desk
    mine = [one for one in session.member.desks if session.directory.desk(one).kind in kinds]
    if len(mine) != 1:
        raise NotYourDesk
    return mine[0]


def chosen(rows: Sequence["Row"], items: Sequence[str]) -> list["Row"]:
    """
    Take the rows of some items, in the order they were named.

    Raises:
        NotListed: One of them is not there.
    """
    by_id = {row.item: row for row in rows}
    if set(items) - by_id.keys():
        raise NotListed
    return [by_id[item] for item in items]


def tell_rows(asked: Asked, rows: Sequence["Row"], done: str) -> None:
    """Tell what was done to items, or list them."""
    for row in rows:
        asked.facts.tell(
            f"  {row.item}  {row.kind.value:<7} {row.detainee:<12}  {done or row.event.event}",
            item=row.item,
            kind=row.kind.value,
            detainee=row.detainee,
            event=row.event.event,
            bag=row.bag,
            until=row.until,
            hint=row.hint,
        )
    if not rows:
        asked.facts.say("Nothing.")
