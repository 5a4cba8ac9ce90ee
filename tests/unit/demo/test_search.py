"""The demo's search through the relay's disk is not blind: it finds words however they were written."""

import base64
import json
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest

from relay.demo.search import search_files

WORDS = ["Biscuit has discovered the river", "Герроу Томас"]


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize(
    "written",
    [
        lambda word: word.encode(),
        lambda word: word.encode("utf-16-le"),
        lambda word: json.dumps({"text": word}, ensure_ascii=False).encode(),
        lambda word: json.dumps({"text": word}).encode(),
        lambda word: word.encode().hex().encode(),
        lambda word: base64.b64encode(f"{word} and more".encode()),
        lambda word: base64.b64encode(f"a{word} and more".encode()),
        lambda word: base64.b64encode(f"ab{word} and more".encode()),
    ],
)
def test_a_word_is_found_in_every_spelling(tmp_path, word, written):
    """UTF-8, UTF-16, JSON with and without escapes, hex, base64 at each offset."""
    path = tmp_path / "relay.db"
    path.write_bytes(b"\0before " + written(word) + b" after")
    searched = search_files([path], {"it": [word], "other": ["Somebody else entirely"]})

    assert searched.found["it"] == 1
    assert searched.found["other"] == 0
    assert (searched.size_bytes, searched.files) == (path.stat().st_size, ("relay.db",))


_LOOK = """
import sqlite3, sys
one = sqlite3.connect(sys.argv[1])
print(one.execute("SELECT count(*) FROM t").fetchone()[0])
one.close()
"""


def _count_elsewhere(path):
    done = subprocess.run([sys.executable, "-c", _LOOK, str(path)], check=True, capture_output=True, text=True)
    return int(done.stdout)


def test_the_search_leaves_the_relay_its_locks(tmp_path):
    """Another program that looks at the database afterwards must not take the journal away from under the relay."""
    path = tmp_path / "relay.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as relay:
        relay.execute("PRAGMA journal_mode=WAL")
        relay.execute("CREATE TABLE t (x)")
        search_files(sorted(tmp_path.glob("relay.db*")), {})
        assert _count_elsewhere(path) == 0
        relay.execute("INSERT INTO t VALUES (1)")

        assert _count_elsewhere(path) == 1
        assert (tmp_path / "relay.db-wal").exists()
