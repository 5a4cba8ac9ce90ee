"""What is wrong with the settings: all of it at once, each fault with its key, where it came from, and its cure."""

from dataclasses import dataclass

from keys.errors import Fatal


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """
    One thing that is wrong with the settings.

    It never holds the value: a value may be a password.

    Attributes:
        key: The setting, such as ``http.port``, or the file that cannot be read.
        origin: Where the value came from, such as ``environment variable LETTER_RELAY_HTTP__PORT``.
        problem: What is wrong, as the end of a sentence that begins with the key.
        cure: One sentence that says what to do.
    """

    key: str
    origin: str
    problem: str
    cure: str

    def __str__(self) -> str:
        return f"{self.key} ({self.origin}) {self.problem}. {self.cure}"


class ConfigFaulty(Fatal):
    """The settings are faulty, so the relay did not start."""

    code = "config_faulty"
    cure = "Mend every line of the list, then start again; config/relay.toml explains each key."

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        """
        List every fault, so that an operator mends them in one go.

        Args:
            faults: All that were found, at least one; the same one twice counts once.
        """
        self.faults = tuple(sorted(set(faults)))
        super().__init__("\n".join(["The settings are faulty:", *(f"  {fault}" for fault in self.faults)]))
