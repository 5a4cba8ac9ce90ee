"""The one root error, its four branches, and nothing else: every refusal in Letter Relay is one of these."""

from typing import ClassVar


class RelayError(Exception):
    """Something went wrong that a user or an operator can act on."""

    #: Stable, lower_snake_case; clients and docs/spec/problems.md rely on it. Never changes once released.
    code: ClassVar[str] = "relay_error"
    #: One sentence that tells the reader what to do next.
    cure: ClassVar[str] = "Try again; if it happens twice, tell the operator the code."

    def __init__(self, message: str | None = None) -> None:
        """Take the class docstring's first line as the message, unless a more precise one is given."""
        super().__init__(message or (type(self).__doc__ or "").strip().splitlines()[0])


class Refused(RelayError):
    """The request is well formed but not allowed; the caller can mend it."""

    code = "refused"


class Malformed(RelayError):
    """The bytes are not what the format says; the message says where, never the content."""

    code = "malformed"
    cure = "Send the bytes again as they were made; if that fails too, update the client that made them."


class EvidenceBroken(RelayError):
    """A verification step failed: the evidence does not prove what it claims."""

    code = "evidence_broken"
    cure = "Keep a copy of everything, and ask the relay's operator and a second auditor to verify it too."

    def __init__(self, step: str, message: str, *, item: str | None = None) -> None:
        """
        Name the numbered step that failed.

        Args:
            step: The number of the step in docs/spec/audit.md, such as ``"7.3"``.
            message: What was found, without any content of a letter.
            item: The item's id, where one item is touched.
        """
        super().__init__(f"step {step}: {message}" + (f" (item {item})" if item else ""))
        self.step = step
        self.item = item


class Fatal(RelayError):
    """The relay must stop, and be restarted or recovered, before it may go on."""

    code = "fatal"
    cure = "Run `letter-relay doctor` and follow what it says before starting the relay again."
