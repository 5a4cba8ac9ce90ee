"""Measure and print: `python -m bench [--quick]`; figures go to stdout, one JSON object a line, all else to stderr."""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench import accept, audit, console, matching, oracle, pages, whole_life
from bench.figures import Figure


def figures(folder: Path, *, quick: bool) -> Iterator[Figure]:
    """Take every figure, one after the other."""
    yield from accept.measure(folder, accept.QUICK if quick else accept.FULL)
    yield from oracle.measure(folder, oracle.QUICK if quick else oracle.FULL)
    run = whole_life.measure(folder, whole_life.QUICK if quick else whole_life.FULL)
    yield run.figure
    yield from audit.measure(run, rounds=1 if quick else 3)
    yield from matching.figures(matching.QUICK if quick else matching.FULL)
    yield from pages.measure(pages.QUICK if quick else pages.FULL)
    yield from console.measure(console.QUICK if quick else console.FULL)


def main(arguments: list[str] | None = None) -> int:
    """Run the benchmark. A floor that is missed stands in its line; it is no failure of the run."""
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure how fast the relay is.")
    parser.add_argument("--quick", action="store_true", help="only see that everything runs: seconds, rough figures")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="letter-relay-bench-") as folder:
        for figure in figures(Path(folder), quick=chosen.quick):
            print(figure.line(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
