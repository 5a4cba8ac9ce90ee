"""The demo world: it ends well, its log verifies with two verifiers, and no byte of its evidence can be changed."""

import hashlib
import random
import re
import shutil
import signal
import stat
import subprocess
import time
from pathlib import Path

import pytest
from tlog_scales.backend import LocalBackend
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey as TheirVkey
from tlog_scales.signing import VkeySet

from keys.errors import EvidenceBroken
from relay.client.bundles import DirectoryBundle
from relay.client.keyfiles import read_fingerprint
from relay.custody.steps import STEPS
from relay.custody.verify import verify
from tests.stories.shell import COMMAND, ROOT, Ran, environment, letter_relay

pytestmark = pytest.mark.slow

FLIPS = 540


class Demo:
    """One demo of thirty letters, and the evidence that was exported from it."""

    def __init__(self, folder: Path) -> None:
        self.data = folder / "data"
        self.bundle = folder / "bundle"
        self.told: Ran = letter_relay("demo", "--once", "--letters", 30, "--data", self.data)
        self.exported = letter_relay("log", "export", "--data", self.data, "--out", self.bundle, "--openings")
        self.trust = self.data / "trust.note"

    def audit(self, *more: object, bundle: Path | None = None) -> Ran:
        """Verify the evidence with the command that auditors type."""
        return letter_relay("audit", "verify", "--bundle", bundle or self.bundle, "--trust", self.trust, *more)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    """Show the demo once for all tests of this module."""
    return Demo(tmp_path_factory.mktemp("demo"))


def test_the_demo_ends_well_in_nine_steps(demo):
    """Exit code 0, nothing on standard error, nine numbered steps, the banner, no line that a terminal would break."""
    assert (demo.told.code, demo.told.err) == (0, "")
    lines = demo.told.out.splitlines()
    steps = [line[2] for line in lines if re.match(r"  [0-9]  \S", line)]

    assert steps == list("123456789")
    assert demo.told.out.count("DEMO: NEVER WRITE REAL NAMES") == 2
    assert max(map(len, lines)) <= 80
    assert "\x1b" not in demo.told.out


def test_the_story_tells_of_every_decision(demo):
    """Searched, verified, excised, returned, withheld, matched, on paper, answered, audited, and found out."""
    told = " ".join(demo.told.out.split())
    for words in (
        "30 letters with 4 drawings are in",
        "Biscuit has discovered the river”: not there",
        "The receipt holds",
        "2 of them without one sentence",
        "1 returned with a note",
        "1 withheld",
        "1 had no number",
        "on paper: Ben signs",
        "7 replies are ready",
        "every signature: unbroken",
        "The audit stops at step 6.4",
    ):
        assert words in told


def test_the_relay_has_nothing_that_it_must_not_know(demo):
    """No line of any letter stands in its database, and the codes stand only in the file made for playing."""
    database = (demo.data / "relay.db").read_bytes()
    lines = [
        line
        for letter in sorted((ROOT / "examples" / "letters").glob("*.txt"))
        for line in letter.read_text(encoding="utf-8").splitlines()
        if len(line) > 20
    ]
    codes = demo.data / "demo-codes.txt"

    assert len(lines) > 100
    assert not [line for line in lines if line.encode() in database]
    assert stat.S_IMODE(codes.stat().st_mode) == 0o600
    for line in codes.read_text(encoding="utf-8").splitlines():
        digits = line.strip()[:39].replace(" ", "")
        if len(digits) == 32 and digits.isdecimal():
            assert digits.encode() not in database


def test_the_audit_passes_on_the_exported_log(demo):
    """For people and for programs; and what was seen once is remembered."""
    state = demo.bundle.parent / "seen"
    people, programs = demo.audit(), demo.audit("--json", "--state", state)

    assert demo.exported.code == 0
    assert people.code == 0
    assert people.out.startswith("Unbroken.")
    assert programs.code == 0
    (fact,) = programs.facts
    assert (fact["v"], fact["verified"]) == (1, True)
    assert fact["report"]["kinds"] == {"letter": 30, "reply": 8}
    assert fact["report"]["deliveries"]["keyless"] > 0
    assert state.read_bytes() == (demo.bundle / "checkpoint").read_bytes()
    assert demo.audit("--state", state).code == 0


def test_somebody_elses_verifier_reads_the_same_tree(demo):
    """tlog-scales verifies signatures, root and the inclusion of each entry, with the vkeys that `log vkey` prints."""
    vkeys = [fact["vkey"] for fact in letter_relay("log", "vkey", "--data", demo.data, "--json").facts]
    reader = TilesReader(LocalBackend(demo.bundle))
    checkpoint = reader.get_checkpoint()

    assert len(vkeys) == 2
    assert VkeySet(*map(TheirVkey.from_string, vkeys)).verify(checkpoint.signatures, checkpoint)
    assert reader.calculate_root_hash() == checkpoint.root_hash
    for index in range(checkpoint.size):
        leaf = hashlib.sha256(b"\0" + reader.get_entry(index)).digest()
        reader.get_inclusion_proof(index, checkpoint.size).check(leaf, checkpoint.root_hash)


def test_what_is_public_holds_no_opening(demo, tmp_path):
    """Without --openings there is the tree, and the directories that everybody may see."""
    ran = letter_relay("log", "export", "--data", demo.data, "--out", tmp_path / "public", "--json")
    names = {path.relative_to(tmp_path / "public").parts[0] for path in (tmp_path / "public").rglob("*")}

    assert ran.facts[0]["openings"] == 0
    assert names == {"checkpoint", "documents", "tile"}
    assert TilesReader(LocalBackend(tmp_path / "public")).get_checkpoint().size == ran.facts[0]["size"]
    assert letter_relay("log", "export", "--data", demo.data, "--out", tmp_path / "public").code == 3


def flippable(bundle: Path) -> list[list[Path]]:
    """List the files of each kind: tiles and bundles of entries, openings, documents."""
    tiles, documents = (
        [path for path in (bundle / kind).rglob("*") if path.is_file()] for kind in ("tile", "documents")
    )
    return [tiles, [bundle / "openings.jsonl"], documents]


def flip(path: Path, position: int, bit: int) -> None:
    """Change one bit of one byte; done twice, it is undone."""
    data = bytearray(path.read_bytes())
    data[position] ^= 1 << bit
    path.write_bytes(data)


def test_no_byte_of_the_evidence_can_be_changed(demo, tmp_path):
    """Each of 540 single flips, over tiles, openings and documents alike, is refused with the number of a step."""
    copy = tmp_path / "copy"
    shutil.copytree(demo.bundle, copy)
    fingerprint = read_fingerprint(str(demo.trust))
    chance = random.Random(2)
    kinds = flippable(copy)
    named_items = 0
    for number in range(FLIPS):
        path = chance.choice(kinds[number % len(kinds)])
        place, bit = chance.randrange(path.stat().st_size), chance.randrange(8)
        flip(path, place, bit)
        with pytest.raises(EvidenceBroken) as caught:
            verify(DirectoryBundle(copy), fingerprint=fingerprint)
        assert caught.value.step in STEPS, f"{path.name} at {place}"
        named_items += caught.value.item is not None
        flip(path, place, bit)

    assert all(len(kind) for kind in kinds)
    assert named_items > FLIPS // 3
    assert verify(DirectoryBundle(copy), fingerprint=fingerprint).checkpoint.size > 200


@pytest.mark.parametrize("kind", [0, 1, 2])
def test_the_command_leaves_with_5_and_names_the_step(demo, tmp_path, kind):
    """And the item, where one is touched."""
    copy = tmp_path / "copy"
    shutil.copytree(demo.bundle, copy)
    path = flippable(copy)[kind][-1]
    flip(path, path.stat().st_size // 2, 0)
    ran = demo.audit("--json", bundle=copy)

    assert ran.code == 5
    assert ran.out == ""
    assert '"step":"' in ran.err
    if kind == 1:
        assert '"item":"' in ran.err


def test_another_fingerprint_trusts_nothing_of_it(demo):
    """Evidence proves something only to whoever has the right paper."""
    ran = letter_relay("audit", "verify", "--bundle", demo.bundle, "--trust", "0" * 64)

    assert ran.code == 5
    assert "step 1.1" in ran.err


def test_a_second_demo_does_not_write_over_the_first(demo):
    """A folder with a relay in it is refused, and stays as it is."""
    before = (demo.data / "relay.db").read_bytes()

    assert letter_relay("demo", "--once", "--data", demo.data).code == 3
    assert (demo.data / "relay.db").read_bytes() == before


def test_the_same_seed_tells_the_same_story(demo, tmp_path):
    """In its choices, not in its keys."""
    again = letter_relay("demo", "--once", "--letters", 30, "--data", tmp_path / "again")
    told = [line for line in demo.told.out.splitlines() if line.strip().startswith("✓")]

    assert again.code == 0
    assert [line for line in again.out.splitlines() if line.strip().startswith("✓")] == told
    assert (tmp_path / "again" / "log.key").read_bytes() != (demo.data / "log.key").read_bytes()


def test_a_demo_that_was_shown_is_served_again_until_ctrl_c(demo, tmp_path):
    """With the same codes; an auditor fetches the evidence from it; Ctrl-C ends it with 0."""
    data = tmp_path / "data"
    shutil.copytree(demo.data, data)
    with subprocess.Popen(
        [*COMMAND, "demo", "--data", str(data)], stdout=subprocess.PIPE, text=True, cwd=ROOT, env=environment()
    ) as serving:
        url = address_of(serving)
        ran = letter_relay(
            *("family", "status", "--relay", url, "--trust", demo.trust, "--data", tmp_path / "ruth", "--json"),
            *("--code-file", data / "families" / "ruth.txt"),
        )
        vel = data / "staff" / "vel"
        audited = letter_relay(
            *("audit", "verify", "--relay", url, "--trust", demo.trust, "--data", tmp_path / "vel", "--json"),
            *("--keyring", vel / "keyring.age", "--code-file", vel / "staff-code.txt"),
        )
        serving.send_signal(signal.SIGINT)
        assert serving.wait(timeout=30) == 0

    assert ran.code == 0
    assert audited.code == 0
    assert audited.facts[0]["report"]["kinds"] == {"letter": 30, "reply": 8}
    assert {(fact["kind"], fact["word"]) for fact in ran.facts} == {("letter", "delivered"), ("reply", "collected")}


def address_of(serving: subprocess.Popen[str]) -> str:
    """Wait until a demo that serves has told its address."""
    assert serving.stdout is not None
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        words = serving.stdout.readline().split()
        if words[:1] == ["Address"]:
            return words[1]
    raise AssertionError("the demo did not tell its address")
