"""What stands before the story, told at once, while the heavier parts of the program are still being loaded."""

from typing import Final

from relay.demo.cast import Cast
from relay.demo.stage import Stage

BANNER: Final = "DEMO: NEVER WRITE REAL NAMES"


def introduce(stage: Stage, cast: Cast) -> None:
    """Say where we are and who is in it."""
    stage.title("LETTER RELAY · the demo world", BANNER)
    stage.gap()
    stage.plain(
        "Ardenia and Velmark hold each other's people. A neutral mediator carries letters between them and their "
        "families, and reads them, because both sides insist. This relay is the post office: it takes, keeps and hands "
        "on what it cannot open, and logs every hand."
    )
    stage.gap()
    stage.plain(
        f"{len(cast.held)} people are held in three houses, one of which has no computer. Today {len(cast.letters)} "
        "letters are written. Everybody here is invented."
    )
