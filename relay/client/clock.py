"""What the client takes from the machine it runs on: the moment, which informs statements and judges expiry."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

from keys.ids import format_time

#: Gives the moment as ``YYYY-MM-DDTHH:MM:SSZ``; tests and the demo bring their own.
Clock = Callable[[], str]


def now() -> str:
    """Read this machine's clock, UTC, to the second."""
    return format_time(datetime.fromtimestamp(time.time(), UTC))
