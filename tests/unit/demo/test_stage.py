"""The demo's words fit a terminal, and are plain where there is none."""

import io

from rich.console import Console

from relay.demo.cast import read_cast
from relay.demo.playbill import BANNER, introduce
from relay.demo.stage import WIDTH, Stage

LONG = "a letter that nobody can read " * 12


def told(**options):
    """Tell one of everything, and give what was written."""
    out = io.StringIO()
    stage = Stage(Console(file=out, width=80, soft_wrap=True, highlight=False, **options))
    introduce(stage, read_cast(6, 0))
    for number in range(12):
        stage.step(f"Step number {number + 1}")
    for tell in (stage.say, stage.plain, stage.quote, stage.done, stage.refused):
        tell(LONG)
    stage.fact("Name", "a fact")
    stage.raw("a [bold]line[/bold] as it is")
    return out.getvalue()


def test_no_line_is_wider_than_the_stage():
    """Whatever is told."""
    assert max(map(len, told().splitlines())) <= WIDTH


def test_a_file_gets_no_colours_and_a_terminal_does():
    """Signs are words and marks, not colours alone."""
    assert "\x1b" not in told()
    assert "\x1b[" in told(force_terminal=True)


def test_steps_are_numbered_and_brackets_are_not_markup():
    """What people write must not be able to paint our screen."""
    lines = told().splitlines()

    assert " 12  Step number 12" in lines
    assert any(line.endswith("a [bold]line[/bold] as it is") for line in lines)
    assert lines[3].strip() == BANNER
