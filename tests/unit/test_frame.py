"""The frame holds: locks that name no machine, one pin of each tool, and help for each target."""

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LOCKS = ["uv.txt", "node.txt", "runtime.txt", "dev.txt"]


def lock(name: str) -> str:
    """Read one of the locks."""
    return (ROOT / "requirements" / name).read_text(encoding="utf-8")


def pins(name: str) -> dict[str, str]:
    """Return what a lock pins: name and version, with the marker if there is one."""
    return dict(re.findall(r"^([a-z0-9._-]+)==([^\\\n]+?) \\$", lock(name), flags=re.MULTILINE))


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_registry_and_no_path(name: str):
    """Whoever installs chooses where from; the hashes say what."""
    assert re.findall(r"://|--\w*(?:index|find-links|trusted)[^\n]*|file:|(?<=\s)/\w+", lock(name)) == []


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_hashes(name: str):
    """Each requirement is followed by at least one SHA-256, and nothing else is in the file."""
    statements = re.sub(r"\\\n", "", re.sub(r"^\s*#.*\n", "", lock(name), flags=re.MULTILINE)).strip().splitlines()

    assert len(statements) == len(pins(name)) > 0
    assert [line for line in statements if not re.search(r"( --hash=sha256:[0-9a-f]{64}\s*)+$", line)] == []


def test_what_runs_is_what_was_tested():
    """The development lock holds the runtime lock, version by version, and the same uv as the one that installs it."""
    assert pins("runtime.txt").items() <= pins("dev.txt").items()
    assert pins("uv.txt").items() <= pins("dev.txt").items()


def test_every_dependency_is_locked():
    """A dependency added without `make lock` would be missing after `make install`."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    names = {re.split(r"[\[<>=~]", line)[0] for line in project["project"]["dependencies"]}

    assert names <= pins("runtime.txt").keys()


def test_every_target_says_what_it_does():
    """`make help` shows each target, because each has a sentence beside it."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.+)$", makefile, flags=re.MULTILINE)

    assert phony is not None
    assert set(phony[1].split()) == set(re.findall(r"^([a-z]+):.*## [A-Z].*\.$", makefile, flags=re.MULTILINE))


def test_the_lock_of_the_pages_names_no_registry():
    """Each package has its hash, and none says where it came from."""
    packages = json.loads((ROOT / "web" / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    fetched = {name: package for name, package in packages.items() if name}

    assert len(fetched) > 20
    assert [name for name, package in fetched.items() if "resolved" in package] == []
    assert [name for name, package in fetched.items() if not package["integrity"].startswith("sha512-")] == []
