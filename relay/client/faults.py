"""What can go wrong between a client and its relay, each with what the user does next."""

import re
from typing import Any, Final

from keys.errors import Malformed, Refused

_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,63}")
#: Everything that could steer a terminal; the relay's words are shown to people.
_UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")
_MAX_SENTENCE_CHARACTERS: Final = 500


class Unreachable(Refused):
    """The relay could not be reached, or did not answer in time."""

    code = "unreachable"
    cure = "Check the network and send the same thing again: what is sent twice is taken once."


class CertificateUntrusted(Refused):
    """The relay's certificate is not vouched for by any authority that this machine trusts, or is for another name."""

    code = "certificate_untrusted"
    cure = (
        "Send nothing; check the address and this machine's clock. Of an authority of your own, name the file in the "
        "environment variable SSL_CERT_FILE."
    )


class AnswerMalformed(Malformed):
    """The relay's answer is not what its interface says."""

    code = "answer_malformed"
    cure = "Check the relay's address; if it is right, update this client, and tell the operator if that does not help."


class InsecureAddress(Refused):
    """This address would send codes and tokens over the network in the clear."""

    code = "insecure_address"
    cure = "Use the relay's https:// address; plain http:// is for this very machine and for onion services only."


class ProblemAnswered(Refused):
    """
    The relay refused a request, and said why.

    Attributes:
        code: The relay's own stable code, here an attribute of the instance.
        cure: What the relay says one should do next.
        status: The HTTP status.
        detail: The relay's sentence, without anything that could steer a terminal.
        retry_after_seconds: How long the relay asks one to wait; None if it does not say.
    """

    code = "problem"

    def __init__(self, status: int, members: dict[str, Any], retry_after_seconds: int | None = None) -> None:
        """
        Take an answer's problem.

        Args:
            status: The HTTP status.
            members: The RFC 9457 object; empty if the answer was none.
            retry_after_seconds: From the Retry-After header.
        """
        detail = _sentence(members.get("detail")) or f"The relay answered {status} and did not say why."
        super().__init__(detail)
        code = members.get("code")
        known = isinstance(code, str) and _CODE.fullmatch(code) is not None
        # The class's `code` and `cure` say that there is a problem; the instance's say which. Written past the
        # ClassVar, because to everybody who reads a RelayError they are one and the same thing.
        vars(self)["code"] = code if known else f"http_{status}"
        vars(self)["cure"] = _sentence(members.get("cure")) or type(self).cure
        self.status = status
        self.detail = detail
        self.retry_after_seconds = retry_after_seconds


def _sentence(value: object) -> str:
    """Make a stranger's sentence fit to be shown: one line, no controls, at most 500 characters."""
    if not isinstance(value, str):
        return ""
    return _UNPRINTABLE.sub(" ", value)[:_MAX_SENTENCE_CHARACTERS].strip()
