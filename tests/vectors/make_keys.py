"""
Make the known answers for codes, notes, statements, trust and directory, or say which have changed.

    python -m tests.vectors.make_keys          writes them
    python -m tests.vectors.make_keys --check  ends 1 if a committed file differs

Nothing here is random, so whoever changes a format sees it in the diff of these files.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from tests.vectors.inputs import Vector
from tests.vectors.of_codes import code_vectors, key_vectors, number_vectors
from tests.vectors.of_directory import directory_shared, directory_vectors
from tests.vectors.of_notes import note_vectors, public_vectors, signing_vectors, vkey_vectors
from tests.vectors.of_statements import statement_vectors
from tests.vectors.of_trust import trust_vectors

HERE = Path(__file__).parent

SHARED: Mapping[str, Callable[[], Vector]] = {"directory/directory.json": directory_shared}
FILES: Mapping[str, tuple[str, Callable[[], Iterator[Vector]]]] = {
    "codes/codes.json": ("`random` is what a random source gives; `text` is what somebody types.", code_vectors),
    "codes/numbers.json": ("As codes.json, for detainee numbers.", number_vectors),
    "codes/keys.json": ("What receipt codes, staff codes, desk codes and staff roots derive.", key_vectors),
    "notes/public.json": ("Notes that other people signed; see README.md.", public_vectors),
    "notes/notes.json": (
        "Verify `note` (or the bytes `note_hex`) with `vkeys`: `by` have signed `text`.",
        note_vectors,
    ),
    "notes/signing.json": ("Sign `text` with the Ed25519 seeds, in this order.", signing_vectors),
    "notes/vkeys.json": ("Parse `vkey`, and write it back.", vkey_vectors),
    "statements/statements.json": (
        "Sign `text` with `seed`; verify `note` with `vkey`, and write it back.",
        statement_vectors,
    ),
    "directory/trust.json": ("Verify `note` with `relay`, `fingerprint` and `seen_version`.", trust_vectors),
    "directory/directory.json": (
        "Verify `note` and the document of this name, in which the first of `replace` stands once for the second, with "
        "the trust page `trust` (a note's text) at `at`, after the note `previous`.",
        directory_vectors,
    ),
}


def encoded(name: str) -> str:
    """Write one file of vectors."""
    about, vectors = FILES[name]
    listed = list(vectors())
    names = [vector["name"] for vector in listed]
    assert len(set(names)) == len(names), [one for one in names if names.count(one) > 1]
    shared = SHARED[name]() if name in SHARED else {}
    return json.dumps({"about": about, **shared, "vectors": listed}, ensure_ascii=False, indent=1) + "\n"


def main() -> int:
    """Write all files, or with --check name those that differ."""
    differ = []
    for name in FILES:
        path = HERE / name
        text = encoded(name)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            differ.append(name)
            if "--check" not in sys.argv:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
    print("\n".join(differ))
    return 1 if differ and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
