"""How the demo speaks: numbered steps, short lines that read aloud; calm colours on a terminal, none in a file."""

import textwrap
from typing import Final

from rich.console import Console
from rich.text import Text

WIDTH: Final = 78
_INDENT: Final = 5
_WORDS: Final = 11


class Stage:
    """Tells the story on one console, never wider than 78 columns."""

    def __init__(self, console: Console | None = None) -> None:
        """Take a console, or make the usual one on standard output."""
        self._console = console or Console(width=80, highlight=False, soft_wrap=True, emoji=False)
        self._step = 0

    def title(self, words: str, under: str) -> None:
        """Open the story."""
        self._print()
        self._print(f"  {words}", "bold")
        self._print(f"  {'─' * (WIDTH - 2)}", "dim")
        self._print(f"  {under}", "bold yellow")

    def banner(self, words: str) -> None:
        """Say what must not be missed."""
        self._print(f"  {words}", "bold yellow")

    def step(self, words: str) -> None:
        """Begin the next numbered step."""
        self._step += 1
        self._print()
        self._console.print(Text.assemble((f" {self._step:>2}  ", "bold cyan"), (words, "bold")))

    def say(self, words: str) -> None:
        """Tell a sentence or two, wrapped."""
        for line in textwrap.wrap(words, WIDTH - _INDENT, break_long_words=False, break_on_hyphens=False):
            self._print(f"{' ' * _INDENT}{line}")

    def plain(self, words: str) -> None:
        """Tell a sentence or two outside the steps, wrapped."""
        for line in textwrap.wrap(words, WIDTH - 2, break_long_words=False, break_on_hyphens=False):
            self._print(f"  {line}")

    def quote(self, words: str) -> None:
        """Show somebody's words, in quotation marks and at most three lines long."""
        lines = textwrap.wrap(f"“{words}”", WIDTH - _INDENT - 4, max_lines=3, placeholder=" …”")
        for line in lines:
            self._print(f"{' ' * (_INDENT + 2)}{line}", "italic")

    def done(self, words: str) -> None:
        """Tell that something has been done and checked."""
        self._marked("✓", "green", words)

    def fact(self, name: str, words: str) -> None:
        """Tell one small thing beside its name."""
        self._console.print(Text.assemble((f"{' ' * _INDENT}  {name:<{_WORDS}} ", "dim"), words))

    def refused(self, words: str) -> None:
        """Tell that something was found to be wrong, as it should be."""
        self._marked("✗", "red", words)

    def raw(self, words: str, style: str = "") -> None:
        """Show a line as it is: an address, a code, a command, the first line of a file."""
        self._print(f"{' ' * _INDENT}  {words}", style)

    def gap(self) -> None:
        """Leave a line empty."""
        self._print()

    def _marked(self, mark: str, style: str, words: str) -> None:
        first, *more = textwrap.wrap(words, WIDTH - _INDENT - 2, break_long_words=False, break_on_hyphens=False)
        self._console.print(Text.assemble((f"{' ' * _INDENT}{mark} ", style), first))
        for following in more:
            self._print(f"{' ' * (_INDENT + 2)}{following}")

    def _print(self, words: str = "", style: str = "") -> None:
        self._console.print(Text(words, style=style))
