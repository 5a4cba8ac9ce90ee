r"""
One first line and one age file whose header covers it: the outer shape of everything that is sealed.

    <first line>\n
    age-encryption.org/v1\n
    -> mlkem768x25519 …                                       one for each recipient
    -> letter-relay/bind/v1 <base64 SHA-256 of the first line>    the last stanza, with an empty body
    --- <mac>\n<payload>

Stock age ignores the bind stanza, as it must every stanza it does not know, and its MAC covers it nevertheless. Whoever
holds no key can compare the digest with the line; whoever opens the file knows that the sealer wrote both.
"""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass

from keys.agefile import Identity, decrypt, encrypt, parse_header, payload_bytes, plaintext_bytes
from keys.ageheader import MAX_HEADER_BYTES, Stanza, encode_base64
from keys.errors import Malformed
from keys.firstlines import split_first_line
from keys.hybrid import HYBRID_STANZA, HybridRecipient, hybrid_share
from keys.ids import Random

BIND_STANZA = "letter-relay/bind/v1"


class WrongBind(Malformed):
    """The first line is not the one that this file was sealed with."""

    code = "wrong_bind"
    cure = "Send the file unchanged; if it was not changed on the way, update the client that sealed it."


class ForeignStanza(Malformed):
    """The file is sealed in a way that this relay does not carry: post-quantum recipients and one binding only."""

    code = "foreign_stanza"
    cure = "Seal the letter with the relay's page or client, which use post-quantum keys only."


class RecipientsDiffer(Malformed):
    """The file is not sealed to as many recipients as its first line names."""

    code = "recipients_differ"


class NotPadded(Malformed):
    """The file's size is not one of the padded sizes, so it would tell how long the letter is."""

    code = "not_padded"
    cure = "Seal it again with the relay's page or client, which pad what they seal."


@dataclass(frozen=True, slots=True)
class Envelope:
    r"""
    What can be seen of a sealed file without a key.

    Attributes:
        first_line: Without its ``\n``.
        plaintext_bytes: The padded size of what is inside.
    """

    first_line: bytes
    plaintext_bytes: int


def bind(first_line: bytes) -> Stanza:
    """Make the stanza that ties a first line to its file."""
    return Stanza(BIND_STANZA, (encode_base64(hashlib.sha256(first_line).digest()),), b"")


def seal_envelope(
    first_line: bytes, plaintext: bytes, recipients: Sequence[HybridRecipient], *, random: Random = os.urandom
) -> bytes:
    """Seal padded content under its first line."""
    return first_line + b"\n" + encrypt(plaintext, recipients, extra=[bind(first_line)], random=random)


def check_envelope(data: bytes, *, recipients: int) -> Envelope:
    """
    Check all that can be checked without a key.

    Args:
        data: The whole file.
        recipients: How many the first line names.

    Raises:
        LineMalformed: There is no first line.
        HeaderMalformed: What follows it is no age file, or a recipient's stanza has a wrong shape.
        ForeignStanza: A stanza is neither a hybrid recipient's nor the bind; or the bind is missing, doubled or not the
            last.
        WrongBind: The bind is for another line.
        RecipientsDiffer: More or fewer recipients than that.
        NotPadded: The payload has a size that no plaintext has.
    """
    first_line = split_first_line(data)
    begin = len(first_line) + 1
    header = parse_header(data[begin : begin + MAX_HEADER_BYTES])
    *wrapped, last = header.stanzas
    if last.type != BIND_STANZA or any(stanza.type != HYBRID_STANZA for stanza in wrapped):
        raise ForeignStanza
    if last != bind(first_line):
        raise WrongBind
    if len(wrapped) != recipients:
        raise RecipientsDiffer
    for stanza in wrapped:
        hybrid_share(stanza)
    payload = len(data) - begin - header.length_bytes
    inside = plaintext_bytes(payload)
    if inside < 0 or payload_bytes(inside) != payload:
        raise NotPadded
    return Envelope(first_line, inside)


def open_envelope(data: bytes, identities: Sequence[Identity]) -> bytes:
    """
    Open a file that `check_envelope` has passed, and give its padded content.

    Raises:
        WrongKey, HeaderForged, PayloadBroken: See `keys.agefile.decrypt`.
    """
    return decrypt(data[len(split_first_line(data)) + 1 :], identities)
