"""
What every command shares: the options that may stand anywhere, the exit codes, and how a fault is told.

A command is a function that takes an `Asked` first and its own arguments after it. Registering it with `command` adds
the global options to it, so that ``letter-relay log vkey --data D`` is ``letter-relay --data D log vkey``.
"""

import asyncio
import functools
import inspect
import os
import sys
import traceback
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Any, Concatenate, Final, ParamSpec

import typer

from keys.errors import EvidenceBroken, Fatal, Malformed, RelayError
from relay.cli.terminal import Facts, complain

P = ParamSpec("P")

DONE: Final = 0
FATAL: Final = 1
USAGE: Final = 2
REFUSED: Final = 3
MALFORMED: Final = 4
BROKEN: Final = 5
UNREACHABLE: Final = 6
WRONG_KEY: Final = 7
INTERRUPTED: Final = 130

#: Codes whose exit says more than the branch they are of.
_BY_CODE: Final[Mapping[str, int]] = {
    "unreachable": UNREACHABLE,
    "storage_unavailable": UNREACHABLE,
    "overloaded": UNREACHABLE,
    "not_now": UNREACHABLE,
    "not_ready": UNREACHABLE,
    "too_many_requests": UNREACHABLE,
    "wrong_key": WRONG_KEY,
    "code_mistyped": WRONG_KEY,
    "key_not_in_directory": WRONG_KEY,
    "not_signed_in": WRONG_KEY,
    "session_over": WRONG_KEY,
    "token_mistyped": WRONG_KEY,
    "receipt_malformed": BROKEN,
    "proof_malformed": BROKEN,
}
#: What the relay's own problems say by their status, where the code does not.
_BY_STATUS: Final[Mapping[int, int]] = {
    400: MALFORMED,
    401: WRONG_KEY,
    413: MALFORMED,
    415: MALFORMED,
    503: UNREACHABLE,
}

_EVERYWHERE: Final = "Everywhere"

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", metavar="FILE", help="The settings of the relay (TOML).", rich_help_panel=_EVERYWHERE),
]
DataOption = Annotated[
    Path | None,
    typer.Option(
        "--data", metavar="DIR", help="The data folder, in place of the one configured.", rich_help_panel=_EVERYWHERE
    ),
]
RelayOption = Annotated[
    str | None, typer.Option("--relay", metavar="URL", help="The relay's address.", rich_help_panel=_EVERYWHERE)
]
TrustOption = Annotated[
    str | None,
    typer.Option(
        "--trust",
        metavar="FILE|PRINT",
        help="Whom to trust: the fingerprint on paper, or the file trust.note.",
        rich_help_panel=_EVERYWHERE,
    ),
]
KeyringOption = Annotated[
    Path | None,
    typer.Option("--keyring", metavar="FILE", help="A member's keyring.age.", rich_help_panel=_EVERYWHERE),
]
CodeOption = Annotated[
    str | None,
    typer.Option(
        "--code-file",
        metavar="FILE|-",
        help="Where the code stands; - reads it from standard input.",
        rich_help_panel=_EVERYWHERE,
    ),
]
JsonOption = Annotated[
    bool, typer.Option("--json", help="Facts as JSON, one object a line.", rich_help_panel=_EVERYWHERE)
]


@dataclass(frozen=True, slots=True)
class Asked:
    """
    The global options, as they were given before or after the command's name; None where they were not.

    Attributes:
        config: The settings file.
        data: The data folder.
        relay: The relay's URL.
        trust: A fingerprint or the name of a trust note.
        keyring: A member's keyring file.
        code_file: The file of a code, or ``-``.
        json: Whether facts are told as JSON.
    """

    config: Path | None = None
    data: Path | None = None
    relay: str | None = None
    trust: str | None = None
    keyring: Path | None = None
    code_file: str | None = None
    json: bool = False

    @property
    def facts(self) -> Facts:
        """Give what tells facts on standard output."""
        return Facts(as_json=self.json)

    def over(self, before: "Asked") -> "Asked":
        """Lay these options over those that stood before the command's name."""
        given = {one.name: getattr(self, one.name) for one in fields(self) if getattr(self, one.name)}
        return replace(before, **given)


_OPTIONS: Final[Mapping[str, Any]] = {
    "config": ConfigOption,
    "data": DataOption,
    "relay": RelayOption,
    "trust": TrustOption,
    "keyring": KeyringOption,
    "code_file": CodeOption,
    "json": JsonOption,
}
_CONTEXT: Final = "command_context"


class WrongUsage(RelayError):
    """These options do not go together."""

    code = "usage"
    cure = "Add --help to the command to see how it is used."


def new_group(name: str, story: str) -> typer.Typer:
    """Make a group of commands, such as ``family``, with one sentence of what it is for."""
    return typer.Typer(name=name, help=story, no_args_is_help=True, **_PLAIN)


#: Traces could show the values of variables, and some of those are secret; main() tells faults itself.
_PLAIN: Final[dict[str, Any]] = {
    "add_completion": False,
    "pretty_exceptions_enable": False,
    "rich_markup_mode": "rich",
}


def root_app(story: str) -> typer.Typer:
    """Make the whole command, with the global options before the names of its commands."""
    app = typer.Typer(name="letter-relay", help=story, no_args_is_help=True, **_PLAIN)

    def take_globals(context: typer.Context, **options: Any) -> None:
        context.obj = Asked(**options)

    take_globals.__doc__ = story
    _sign(take_globals, [_context_parameter("context"), *_option_parameters()])
    app.callback()(take_globals)
    return app


def command(
    group: typer.Typer, name: str | None = None, **settings: Any
) -> Callable[[Callable[Concatenate[Asked, P], Any]], Callable[Concatenate[Asked, P], Any]]:
    """
    Register a function as a command that takes the global options too.

    What it raises becomes an exit code, and a sentence on standard error with what to do next. A coroutine function is
    run in a loop of its own.
    """

    def register(function: Callable[Concatenate[Asked, P], Any]) -> Callable[Concatenate[Asked, P], Any]:
        @functools.wraps(function)
        def run(*args: Any, **options: Any) -> None:
            context = options.pop(_CONTEXT)
            given = Asked(**{option: options.pop(option) for option in _OPTIONS})
            asked = given.over(context.find_root().obj or Asked())
            raise typer.Exit(answer(lambda: function(asked, *args, **options), as_json=asked.json))

        own = list(inspect.signature(function, eval_str=True).parameters.values())[1:]
        keyword_only = [one.replace(kind=inspect.Parameter.KEYWORD_ONLY) for one in own]
        _sign(run, [*keyword_only, _context_parameter(_CONTEXT), *_option_parameters()])
        group.command(name, **settings)(run)
        return function

    return register


def answer(work: Callable[[], Any], *, as_json: bool) -> int:
    """
    Do a command's work and return its exit code, telling a fault on standard error.

    Args:
        work: The command with all its arguments; a coroutine is awaited, and an integer it returns is the exit code.
        as_json: Whether the fault is told as one JSON object.
    """
    try:
        done = work()
        if inspect.isawaitable(done):
            done = asyncio.run(_awaited(done))
        return done if type(done) is int else DONE
    except typer.Exit as left:
        return left.exit_code
    except RelayError as error:
        complain(error, as_json=as_json)
        return exit_code(error)
    except (KeyboardInterrupt, asyncio.CancelledError):
        return INTERRUPTED
    except BrokenPipeError:
        _close_quietly()
        return DONE
    except OSError as error:
        complain(CannotReadOrWrite(_of_file(error)), as_json=as_json)
        return FATAL
    except Exception as error:  # noqa: BLE001 - the last one: it names the place and no value, since values may be letters
        complain(Unexpected(_place(error)), as_json=as_json)
        return FATAL


class Unexpected(Fatal):
    """The command met an error it does not know."""

    code = "unexpected"
    cure = "This is a mistake in Letter Relay: please report the line above, which holds nothing of your letters."


class CannotReadOrWrite(Fatal):
    """A file or the network could not be read or written."""

    code = "system"
    cure = "Mend what the system says, then run the command again."


def exit_code(error: RelayError) -> int:
    """Say with which code a command ends that met this error (DESIGN.md §11)."""
    if isinstance(error, WrongUsage):
        return USAGE
    if isinstance(error, EvidenceBroken):
        return BROKEN
    if isinstance(error, Fatal):
        return FATAL
    if error.code in _BY_CODE:
        return _BY_CODE[error.code]
    status = getattr(error, "status", None)
    if isinstance(status, int) and status in _BY_STATUS:
        return _BY_STATUS[status]
    return MALFORMED if isinstance(error, Malformed) else REFUSED


async def _awaited(work: Awaitable[Any]) -> Any:
    return await work


def _sign(function: Callable[..., Any], parameters: list[inspect.Parameter]) -> None:
    """Give a function the signature that Typer shall read."""
    signature = inspect.Signature(parameters)
    vars(function)["__signature__"] = signature
    function.__annotations__ = {one.name: one.annotation for one in parameters}


def _context_parameter(name: str) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=typer.Context)


def _option_parameters() -> list[inspect.Parameter]:
    return [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            annotation=annotation,
            default=False if name == "json" else None,
        )
        for name, annotation in _OPTIONS.items()
    ]


def _of_file(error: OSError) -> str:
    named = f": {error.filename}" if isinstance(error.filename, str) else ""
    return f"{error.strerror or type(error).__name__}{named}"


def _place(error: Exception) -> str:
    """Name the kind of an error and the line it came from, without its message, which may hold content."""
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1] if frames else None
    where = f" at {Path(last.filename).name}:{last.lineno}" if last else ""
    return f"unexpected {type(error).__name__}{where}"


def _close_quietly() -> None:
    """Leave no second complaint when whoever reads our output has gone."""
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - it lives as long as the process
