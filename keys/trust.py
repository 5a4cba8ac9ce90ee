"""
Trust: the one page, signed by the offline root, from which everything else about a relay can be verified.

It is entry 0 of the log, and a new one when it changes. Its fingerprint is printed on address cards and receipts and
outlives every change but the root's. FORMATS.md, "Trust and directory"; DESIGN.md §3.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from keys.canonical import encode_json
from keys.codes import directory_name, root_name
from keys.errors import Malformed, Refused
from keys.ids import is_digest, is_id, is_integer
from keys.notes import Algorithm, Signer, Vkey, VkeyMalformed, parse_note, sign_note, verify_note

FIRST_LINE: Final = "letter-relay/trust/v1"
#: C2SP tlog-policy asks for 32 logs and 32 witnesses; one with ML-DSA-44 keys for all stays below this.
MAX_TEXT_CHARACTERS: Final = 65_536
MAX_KEYS: Final = 32

_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,8}")
_NOT_POLICY: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class TrustMalformed(Malformed):
    """This is not a trust page."""

    code = "trust_malformed"
    cure = "Take the trust page again from the relay's log, entry 0, or from the operator."


class FingerprintDiffers(Refused):
    """This trust page is not the one whose fingerprint you have."""

    code = "fingerprint_differs"
    cure = "Compare the fingerprint with the address card or receipt; if it is the same, do not use this relay."


class TrustRolledBack(Refused):
    """This trust page is older than one seen before."""

    code = "trust_rolled_back"
    cure = "Keep both pages and ask the operator why the relay shows the older one."


@dataclass(frozen=True, slots=True)
class PreviousLog:
    """The head of an older log generation, which a new one continues: origin, size, and root hash in hex."""

    origin: str
    size: int
    root: str


@dataclass(frozen=True, slots=True)
class Trust:
    """
    What the root says of a relay.

    Attributes:
        version: From 1, rising.
        root: The root's vkey, named ``<relay>/root``.
        relay: The relay's id.
        origin: The log's origin.
        log: The log's vkeys, named by the origin; at least one is Ed25519 (C2SP tlog-tiles).
        directory: The vkeys that sign directories, named ``<relay>/directory/<n>``.
        k: How many of them must sign.
        policy: The witness policy, as C2SP tlog-policy text.
        previous: The older generation's head, after a declared loss.
    """

    version: int
    root: str
    relay: str
    origin: str
    log: tuple[str, ...]
    directory: tuple[str, ...]
    k: int
    policy: str
    previous: PreviousLog | None

    @property
    def root_vkey(self) -> Vkey:
        """The root's key, parsed."""
        return Vkey.parse(self.root)

    @property
    def fingerprint(self) -> str:
        """What is printed on paper: see the function of this name."""
        return fingerprint(self.relay, self.root_vkey.public)

    @property
    def log_vkeys(self) -> tuple[Vkey, ...]:
        """The log's keys, parsed."""
        return tuple(map(Vkey.parse, self.log))

    @property
    def directory_vkeys(self) -> tuple[Vkey, ...]:
        """The directory keys, parsed."""
        return tuple(map(Vkey.parse, self.directory))


def fingerprint(relay: str, root_public: bytes) -> str:
    """
    Make the fingerprint that goes onto paper: hex SHA-256 over a label, the relay's id and the root's public key.

    Args:
        relay: The relay's id in hex.
        root_public: The root's raw Ed25519 public key, 32 bytes.
    """
    return hashlib.sha256(b"letter-relay/root/v1\0" + bytes.fromhex(relay) + root_public).hexdigest()


def encode_trust(trust: Trust) -> str:
    """
    Write a trust page as the text of a note.

    Raises:
        TrustMalformed: A key has another name or type than its place asks for, stands twice, or k is out of range.
    """
    _check(trust)
    previous = trust.previous
    plain: dict[str, Any] = {
        "version": trust.version,
        "root": trust.root,
        "relay": trust.relay,
        "origin": trust.origin,
        "log": trust.log,
        "directory": trust.directory,
        "k": trust.k,
        "policy": trust.policy,
        "previous": previous and {"origin": previous.origin, "size": previous.size, "root": previous.root},
    }
    return f"{FIRST_LINE}\n{encode_json(plain)}\n"


def parse_trust(text: str) -> Trust:
    """
    Read a trust page from a note's text.

    Raises:
        TrustMalformed: It is none, breaks a rule, or is not in its one encoding.
    """
    first, _, rest = text.partition("\n")
    if first != FIRST_LINE:
        raise TrustMalformed("the first line is not that of a trust page")
    try:
        trust = _build(json.loads(rest))
    except (ValueError, RecursionError, LookupError, TypeError):
        raise TrustMalformed("the second line is not the JSON of a trust page") from None
    if encode_trust(trust) != text:
        raise TrustMalformed("the trust page re-encodes differently")
    return trust


def sign_trust(trust: Trust, root_signer: Signer) -> bytes:
    """
    Sign a trust page with the root, offline.

    Raises:
        TrustMalformed: The page breaks a rule, or names another root.
    """
    if str(root_signer.vkey) != trust.root:
        raise TrustMalformed("the page names another root than the one that signs it")
    return sign_note(encode_trust(trust), [root_signer])


def verify_trust(data: bytes, *, relay: str | None, fingerprint: str, seen_version: int = 0) -> Trust:
    """
    Return the trust page in these bytes if it is the one that paper vouches for.

    Args:
        data: The whole note.
        relay: The id of the relay expected; None where it is not known yet, since the fingerprint covers it.
        fingerprint: From an address card, a receipt or a leaflet, in hex.
        seen_version: The newest version this client has seen; an older one is refused.

    Raises:
        NoteMalformed, TrustMalformed: It is no trust page.
        FingerprintDiffers: It is another relay's, or another root's.
        NoteUnsigned, SignatureInvalid: That root has not signed it.
        TrustRolledBack: A newer one was seen.
    """
    trust = parse_trust(parse_note(data).text)
    if trust.fingerprint != fingerprint or relay not in (None, trust.relay):
        raise FingerprintDiffers
    verify_note(data, [trust.root_vkey])
    if trust.version < seen_version:
        raise TrustRolledBack
    return trust


def _build(plain: Any) -> Trust:
    previous = plain["previous"]
    return Trust(
        version=plain["version"],
        root=plain["root"],
        relay=plain["relay"],
        origin=plain["origin"],
        log=tuple(plain["log"]),
        directory=tuple(plain["directory"]),
        k=plain["k"],
        policy=plain["policy"],
        previous=None if previous is None else PreviousLog(previous["origin"], previous["size"], previous["root"]),
    )


def _check(trust: Trust) -> None:
    if not is_id(trust.relay) or not is_integer(trust.version, least=1):
        raise TrustMalformed("a trust page's relay or version is not in its form")
    if not _is_text(trust.policy) or _NOT_POLICY.search(trust.policy) is not None:
        raise TrustMalformed("a trust page's policy is no text, too long, or has a control character in it")
    _check_previous(trust.previous)
    _check_keys(trust)


def _check_previous(previous: PreviousLog | None) -> None:
    if previous is None:
        return
    if not _is_text(previous.origin) or not is_integer(previous.size) or not is_digest(previous.root):
        raise TrustMalformed("a trust page's previous log is not an origin, a size and a root")


def _is_text(value: object) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= MAX_TEXT_CHARACTERS


def _check_keys(trust: Trust) -> None:
    root, *log_and_directory = _parsed((trust.root, *trust.log, *trust.directory))
    log, directory = log_and_directory[: len(trust.log)], log_and_directory[len(trust.log) :]
    if root.name != root_name(trust.relay) or root.algorithm != Algorithm.ED25519:
        raise TrustMalformed("the root's key has another name or type")
    if any(vkey.name != trust.origin or vkey.algorithm == Algorithm.COSIGNATURE for vkey in log):
        raise TrustMalformed("a log key is not named by the origin, or has another type")
    if Algorithm.ED25519 not in {vkey.algorithm for vkey in log}:
        raise TrustMalformed("a log needs an Ed25519 key")
    numbers = {_directory_number(trust.relay, vkey) for vkey in directory}
    if None in numbers or len(numbers) != len(directory):
        raise TrustMalformed("a directory key has another name or type, or a number that another has")
    if not is_integer(trust.k, least=1) or trust.k > len(directory):
        raise TrustMalformed("k is not from 1 to the number of directory keys")


def _directory_number(relay: str, vkey: Vkey) -> int | None:
    number = vkey.name.rpartition("/")[2]
    if not _NUMBER.fullmatch(number) or vkey.name != directory_name(relay, int(number)):
        return None
    return int(number) if vkey.algorithm == Algorithm.ED25519 else None


def _parsed(texts: Sequence[object]) -> list[Vkey]:
    # One key under two names would count twice towards k, or sign for two purposes.
    known = [text for text in texts if isinstance(text, str)]
    if len(texts) > MAX_KEYS or len(known) != len(texts):
        raise TrustMalformed("a trust page's keys are not texts, or there are more than 32")
    try:
        vkeys = [Vkey.parse(text) for text in known]
    except VkeyMalformed:
        raise TrustMalformed("a trust page has a key that is no verifier key") from None
    if len({vkey.public for vkey in vkeys}) != len(vkeys):
        raise TrustMalformed("a trust page has one key twice")
    return vkeys
