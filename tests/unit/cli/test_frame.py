"""The frame of all commands: where global options may stand, and with which code each kind of fault ends."""

import asyncio
import json
import subprocess
import sys

import pytest
import typer

from keys.codes import CodeMistyped
from keys.errors import EvidenceBroken, Fatal, Malformed, Refused
from relay.cli import app
from relay.cli.frame import Asked, WrongUsage, answer, command, exit_code, new_group, root_app
from relay.client.faults import ProblemAnswered, Unreachable


def problem(status, code="some_code"):
    """Make a problem as a relay answers it."""
    return ProblemAnswered(status, {"code": code, "detail": "No.", "cure": "Do otherwise."})


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (Fatal("x"), 1),
        (WrongUsage("x"), 2),
        (Refused("x"), 3),
        (problem(409), 3),
        (Malformed("x"), 4),
        (problem(400), 4),
        (problem(415), 4),
        (EvidenceBroken("7.1", "x"), 5),
        (Unreachable(), 6),
        (problem(503, "storage_unavailable"), 6),
        (problem(429, "too_many_requests"), 6),
        (CodeMistyped(), 7),
        (problem(401, "not_signed_in"), 7),
    ],
)
def test_each_kind_of_fault_has_its_exit_code(error, code):
    """0 done, 1 fatal, 2 usage, 3 refused, 4 malformed, 5 evidence broken, 6 unreachable, 7 wrong key or code."""
    assert exit_code(error) == code


def failing(error):
    """Make work that fails."""

    def work():
        raise error

    return work


def test_a_fault_is_told_with_its_code_and_what_to_do(capsys):
    """A sentence, the stable code, the cure; and nothing on standard output."""
    assert answer(failing(CodeMistyped()), as_json=False) == 7
    said = capsys.readouterr()
    assert said.out == ""
    assert "[code_mistyped]" in said.err
    assert CodeMistyped.cure in said.err


def test_a_fault_as_json_names_step_and_item(capsys):
    """A program that audits can tell its user what broke."""
    assert answer(failing(EvidenceBroken("6.4", "x", item="ab" * 16)), as_json=True) == 5
    told = json.loads(capsys.readouterr().err)
    assert list(told) == ["v", "error", "message", "cure", "step", "item"]
    assert (told["error"], told["step"], told["item"]) == ("evidence_broken", "6.4", "ab" * 16)


def test_an_unknown_error_shows_its_place_and_never_its_message(capsys):
    """The message of a ValueError may be a letter."""
    assert answer(failing(ValueError("Dear Tom")), as_json=False) == 1
    said = capsys.readouterr().err
    assert "Dear Tom" not in said
    assert "ValueError at test_frame.py:" in said


def test_what_the_system_refuses_is_fatal_and_names_the_file(capsys, tmp_path):
    """A disk that is full is no mistake of the user's."""
    assert answer((tmp_path / "none").read_bytes, as_json=False) == 1
    assert "No such file or directory" in capsys.readouterr().err


@pytest.mark.parametrize("error", [KeyboardInterrupt(), asyncio.CancelledError()])
def test_an_interrupted_command_ends_with_130(error):
    """As shells expect of what Ctrl-C has ended."""
    assert answer(failing(error), as_json=False) == 130


def test_a_reader_who_has_gone_is_no_fault(capsys, monkeypatch):
    """`letter-relay log vkey | head -1` is not the log's mistake."""
    monkeypatch.setattr(sys, "stdout", sys.stdout)
    assert answer(failing(BrokenPipeError()), as_json=False) == 0
    assert capsys.readouterr().err == ""
    sys.stdout.close()


def test_work_may_say_its_own_exit_code():
    """The doctor ends with 1 if something is ill, though nothing was raised; a coroutine is awaited."""

    async def later():
        return 1

    assert answer(later, as_json=False) == 1
    assert answer(lambda: None, as_json=False) == 0
    assert answer(failing(typer.Exit(2)), as_json=False) == 2


@pytest.fixture
def heard():
    """Make a small app with one command that remembers what it was asked."""
    said = []
    small = root_app("A test.")
    group = new_group("some", "Some.")
    small.add_typer(group)

    @command(group, "thing")
    def thing(asked: Asked, *, times: int = 1) -> None:
        """Do a thing."""
        said.append((asked, times))

    def type_in(*arguments):
        with pytest.raises(SystemExit) as left:
            small(args=list(arguments), prog_name="letter-relay")
        assert left.value.code == 0
        return said[-1]

    return type_in


def test_global_options_may_stand_before_or_after_the_command(heard):
    """People type `log vkey --data D`, and scripts `--data D log vkey`."""
    before, _ = heard("--data", "D", "--json", "some", "thing")
    after, times = heard("some", "thing", "--data", "D", "--json", "--times", "3")

    assert before == after
    assert str(after.data) == "D"
    assert after.json
    assert times == 3


def test_the_later_of_two_global_options_wins(heard):
    """What stands nearer to the command is meant."""
    asked, _ = heard("--data", "first", "--relay", "http://localhost:1", "some", "thing", "--data", "second")

    assert (str(asked.data), asked.relay) == ("second", "http://localhost:1")


def every_command(group, path=()):
    """Find every command there is, as Typer makes it, by its whole name."""
    for name, one in group.commands.items():
        if hasattr(one, "commands"):
            yield from every_command(one, (*path, name))
        else:
            yield " ".join((*path, name)), one


def test_every_command_explains_itself():
    """Each has help, takes the global options, and none that would put a secret into the list of processes."""
    found = dict(every_command(typer.main.get_command(app)))

    assert len(found) > 40
    for name, one in found.items():
        options = {option for parameter in one.params for option in parameter.opts}
        assert one.help, name
        assert {"--config", "--data", "--relay", "--trust", "--keyring", "--code-file", "--json"} <= options, name
        assert options.isdisjoint({"--code", "--password", "--token", "--seed-hex"}), name


def test_help_shows_the_commands_own_options_and_the_global_ones(shell):
    """The first by themselves, the others under a heading of their own."""
    ran = shell("log", "export", "--help")

    assert ran.code == 0
    assert ran.out.index("--openings") < ran.out.index("Everywhere") < ran.out.index("--code-file")


def test_wrong_usage_ends_with_2(shell):
    """An option that does not exist, an argument that is missing, and options that do not go together."""
    assert shell("init", "--nmae", "x").code == 2
    assert shell("init").code == 2
    assert shell("nonsense").code == 2
    assert shell("audit", "verify").code == 2
    assert shell("family", "write", "--text", "-").code == 2


def test_help_comes_at_once():
    """Heavy modules are loaded by the commands that need them, not by those that only print help."""
    code = "import sys; from relay.cli import main; print([m for m in sys.modules if m.split('.')[0] in HEAVY])"
    heavy = ("aiohttp", "sqlalchemy", "alembic", "pydantic", "structlog", "altcha", "prometheus_client")
    done = subprocess.run(
        [sys.executable, "-c", f"HEAVY = {heavy!r}; {code}"], capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
