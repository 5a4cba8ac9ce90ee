"""The pages tell the truth about what can be typed and where links lead, as far as the commands themselves can say."""

import re
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.main import get_command

from relay.cli import app, frame
from tests.unit.cli.running import Shell

#: Every command of every page is parsed by the real program: a dozen seconds in all.
pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
PAGES = sorted(page.relative_to(ROOT).as_posix() for page in (*ROOT.glob("docs/**/*.md"), *ROOT.glob("*.md")))
AUDIENCES = ("auditors", "facilities", "families", "operators", "reviewers", "staff")
GROUPS = sorted(name for name, one in vars(get_command(app))["commands"].items() if "commands" in vars(one))

_FENCED = re.compile(r"^ *```[^\n]*\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
#: Short names that pages give to the command with a member's options: `work() { letter-relay …; }`, typed `work …`.
_NAMED = re.compile(r"^(\w+)\(\) \{ (?:who=\S+ shift; )?\S*letter-relay ", re.MULTILINE)
#: The command where a shell looks for one: not as the name of a user, a folder or a host.
_TYPED = re.compile(r"(?:^ *|\$\(|[|;&$] |sudo -u \S+ )(?:\S*/)?letter-relay (?=[a-z-])(.*)")
_ENDS = frozenset("|&;>})")


@pytest.fixture
def parse(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[[str], str]:
    """Parse a command as the program does, and do nothing; gives what is wrong with it."""
    monkeypatch.setattr(frame, "answer", lambda work, *, as_json: frame.DONE)
    monkeypatch.setenv("COLUMNS", "200")
    shell = Shell(capsys)

    def parse(line: str) -> str:
        ran = shell(*words(line))
        return "" if ran.code == frame.DONE else ran.err

    return parse


def words(line: str) -> list[str]:
    """Split a line as a shell does, as far as this command's part of it goes."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars="".join(_ENDS))
    lexer.whitespace_split = True
    lexer.commenters = ""
    found = []
    for word in lexer:
        if set(word) <= _ENDS:
            break
        found.append(word)
    return found


def read(page: str) -> str:
    """Read a page."""
    return (ROOT / page).read_text(encoding="utf-8")


def typed(page: str) -> Iterator[str]:
    """Find what a page has its readers type in its blocks: whole commands, with everything that they need."""
    text = read(page)
    names = _NAMED.findall(text)
    for block in _FENCED.findall(text):
        joined = re.sub(r"\\\n\s*", "", block)
        joined = re.sub(r"\$\((?![^()]*(?:letter-relay|work|as) )[^()]*\)", "SOMETHING", joined)
        for name in names:
            who = r" \w+" if name == "as" else ""
            joined = re.sub(rf"(?:^|(?<=\())[ ]*{name}{who} (?=[a-z])", "letter-relay ", joined, flags=re.MULTILINE)
        yield from (found[1] for line in joined.splitlines() if '"$@"' not in line for found in _TYPED.finditer(line))


def named(page: str) -> Iterator[str]:
    """Find what a page names between backquotes, as `letter-relay desk admit` or `desk admit`: often a part of it."""
    prose = re.sub(r"\n\s*", " ", _FENCED.sub("", read(page)))
    for code in re.findall(r"`([^`]+)`", prose):
        first, _, rest = code.removeprefix("letter-relay ").partition(" ")
        if code.startswith("letter-relay ") or (first in GROUPS and re.match(r"[a-z]+", rest)):
            yield code.removeprefix("letter-relay ")


def links(page: str) -> list[str]:
    """Find where a page leads to within the project."""
    found = re.findall(r"\]\(([^)\s]+)\)", _FENCED.sub("", read(page)))
    return [link for link in found if "://" not in link and not link.startswith("mailto:")]


def anchors(text: str) -> set[str]:
    """Name a page's headings as links name them."""
    headings = re.findall(r"^#+ (.+)$", _FENCED.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_has_typed_is_a_command(page, parse):
    """Group, command, options and everything that it cannot do without."""
    assert [(line, wrong) for line in typed(page) if (wrong := parse(line))] == []


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_names_is_a_command(page, parse):
    """A command that is only named need not be whole, but it exists, and so does each option beside it."""
    partly = re.compile(r"Missing |requires an argument")
    assert [(line, wrong) for line in named(page) if (wrong := parse(line)) and not partly.search(wrong)] == []


@pytest.mark.parametrize("page", PAGES)
def test_a_page_leads_somewhere(page):
    """A link is a file beside the page, and its fragment a heading there."""
    dead = []
    for link in links(page):
        path, _, fragment = link.partition("#")
        target = (ROOT / page).parent / path if path else ROOT / page
        if not target.exists() or (fragment and fragment not in anchors(target.read_text(encoding="utf-8"))):
            dead.append(link)

    assert dead == []


@pytest.mark.parametrize("audience", AUDIENCES)
def test_each_audience_has_something_to_type(audience):
    """The search for commands is not blind."""
    assert len(list(typed(f"docs/{audience}.md"))) > 3


@pytest.mark.parametrize(
    "line",
    [
        "family wright --text F",
        "family write --text F --unheard-of",
        "family verify",
        "no-such-group status",
        "review pass ITEM --leave-out four",
    ],
)
def test_what_is_no_command_is_found(line, parse):
    """A misspelt group, command or option, a missing argument and a wrong kind of value are all found."""
    assert parse(line) != ""


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("log vkey --data D | tee F", ["log", "vkey", "--data", "D"]),
        ('family write --to "A B" --text F; echo', ["family", "write", "--to", "A B", "--text", "F"]),
        ("family status --json)", ["family", "status", "--json"]),
        ("--relay https://relay.example log vkey", ["--relay", "https://relay.example", "log", "vkey"]),
    ],
)
def test_a_line_is_split_as_a_shell_splits_it(line, found):
    """Only this command's own words are parsed."""
    assert words(line) == found
