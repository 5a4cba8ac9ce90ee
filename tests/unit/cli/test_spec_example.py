"""The examples of docs/spec/audit.md print what the page says."""

import re
import shutil
from pathlib import Path

import pytest

from tests.unit.cli.running import Shell

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = re.findall(
    r"^```\n\$ letter-relay ([^\n]*); echo \$\?\n(.*?)^```$",
    (ROOT / "docs" / "spec" / "audit.md").read_text(encoding="utf-8"),
    re.DOTALL | re.MULTILINE,
)


@pytest.mark.parametrize(("typed", "printed"), EXAMPLES, ids=["as it is", "one byte changed"])
def test_an_audit_prints_what_its_specification_shows(
    shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, typed: str, printed: str
):
    """Word for word, the exit code on the last line; `copy` is the vectors' bundle with one byte changed."""
    (tmp_path / "tests").symlink_to(ROOT / "tests")
    shutil.copytree(ROOT / "tests" / "vectors" / "custody" / "bundle", tmp_path / "copy")
    openings = tmp_path / "copy" / "openings.jsonl"
    openings.write_bytes(openings.read_bytes().replace(b"claimed", b"claimEd", 1))
    monkeypatch.chdir(tmp_path)

    ran = shell(*typed.split())

    assert f"{ran.out}{ran.err}{ran.code}\n" == printed


def test_a_receipt_says_how_many_files_it_is_for(shell: Shell):
    """One is one."""
    vectors = ROOT / "tests" / "vectors" / "custody"

    ran = shell("audit", "receipt", vectors / "receipt.tlog-proof", "--trust", vectors / "trust.note")

    assert "with 1 sealed file.\n" in ran.out
