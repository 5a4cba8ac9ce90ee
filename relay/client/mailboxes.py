"""
Whose a reply is: for a reviewer who has one that answers no letter, or one that nobody can collect any more.

Who writes to a detainee stands in the desk's own sealed contacts. The relay says which there are, and is believed in
none of them that no reviewer has signed.
"""

import contextlib
from collections.abc import Sequence
from typing import Any, Final

from keys.errors import Malformed, Refused
from relay.client.answers import PartSize, Row, objects_of, read_rows, text_of
from relay.client.contacts import Contact
from relay.client.opening import OpenedItem, open_contact
from relay.client.reviewers import STATEMENTS, Reviewer
from relay.client.staff import after

_MOST_LISTED: Final = 500


async def contacts(reviewer: Reviewer, detainee: str) -> list[Contact]:
    """
    List who has written to a detainee, as the desk has recorded it.

    One that cannot be opened, or that no reviewer signed, is left out: nothing is to be sent where it says.

    Raises:
        DocumentRolledBack: The relay gave one older than one seen before.
    """
    session = reviewer.session
    members = await _about(reviewer, "/review/contacts", detainee)
    named = {text_of(one, "contact"): text_of(one, "mailbox") for one in objects_of(members, "contacts")}
    files = await session.fetch(PartSize(digest) for digest in named)
    keys, found = session.desk_keys(reviewer.desk), []
    for digest, mailbox in named.items():
        with contextlib.suppress(Malformed, Refused):
            found.append(open_contact(files[digest], keys, session.trustbook.signers, mailbox=mailbox))
    for contact in found:
        session.trustbook.check_document(contact.mailbox, contact.version)
    session.trustbook.save()
    return found


async def ready(reviewer: Reviewer, detainee: str) -> list[Row]:
    """List a detainee's replies that are ready and that nobody has collected, for `Reviewer.recall`."""
    return read_rows(await _about(reviewer, "/review/ready", detainee))


async def match_family(reviewer: Reviewer, items: Sequence[OpenedItem | Row], mailbox: str) -> list[Row]:
    """
    Say which family is meant by what a detainee wrote first; it is claimed again to be passed.

    Args:
        items: Replies, claimed, that answer no letter.
        mailbox: From a contact.

    Raises:
        ProblemAnswered: The relay refused: such an item is another's, or nobody has written from there.
    """
    rows = [item if isinstance(item, Row) else item.row for item in items]
    subjects = [row.subject() for row in rows]
    return after(rows, await reviewer.session.submit(STATEMENTS, "match", subjects, mailbox=mailbox))


async def _about(reviewer: Reviewer, path: str, detainee: str) -> dict[str, Any]:
    session = reviewer.session
    members = {"desk": reviewer.desk, "detainee": detainee, "limit": _MOST_LISTED}
    return (await session.connection.post_json(path, members, bearer=session.bearer)).json()
