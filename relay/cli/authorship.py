"""Who wrote what a command shows, in a sentence for whoever reads it; programs get the word of `Authenticity`."""

from typing import TYPE_CHECKING, Final

from relay.client.authors import Authenticity

if TYPE_CHECKING:
    from relay.client.opening import OpenedItem

#: By the hop on which a letter was sealed: who has signed what is known to be theirs.
_KNOWN: Final = {
    "family>review": "Signed by the hand that has written from this mailbox before.",
    "review>review": "Signed by the reviewer who forwarded it.",
    "review>facility": "Signed by the reviewer who passed it.",
    "review>bureau": "Signed by the reviewer who passed it.",
    "review>family": "Signed by the reviewer who passed it.",
    "facility>review": "Signed by the member of staff who brought it in.",
    "bureau>review": "Signed by the member of staff who brought it in.",
}
_SENTENCES: Final = {
    Authenticity.FIRST_CONTACT: "The first letter from this mailbox. It is signed; nobody has proved whose hand it is.",
    Authenticity.UNSIGNED: "NOT SIGNED: nobody has proved who wrote it.",
    Authenticity.FORGED: "NOT PROVEN: signed by another hand than its author's, or changed since it was signed.",
    Authenticity.SUSPENDED: "NOT PROVEN: signed by a member of staff whose key had been suspended.",
    Authenticity.STRANGER: "NOT PROVEN: signed by somebody whom the directory does not list for that.",
}


def written_by(opened: "OpenedItem") -> str:
    """Say who has signed an opened letter or reply, as far as anybody has proved it."""
    if opened.authenticity is Authenticity.KNOWN:
        return _KNOWN[opened.letter.line.hop]
    return _SENTENCES[opened.authenticity]
