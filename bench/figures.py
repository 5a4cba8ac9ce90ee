"""A figure as it is printed: what was measured, beside what it is measured against and what it has to reach."""

import json
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """
    One line of the benchmark.

    Attributes:
        value: What was measured.
        unit: What the value counts.
        baseline: The same unit, for what the figure is compared with; None where it stands alone.
        ratio: The value over the baseline; this is what the bounds are about, if there is a baseline.
        floor: What it has to reach; None where nothing is asked.
        height: What would be excellent.
        ok: Whether the floor is reached.
    """

    name: str
    value: float
    unit: str
    baseline: float | None
    ratio: float | None
    floor: float | None
    height: float | None
    ok: bool

    def line(self) -> str:
        """Write the figure as its line of JSON."""
        fields = {
            "name": self.name,
            "value": _rounded(self.value),
            "unit": self.unit,
            "baseline": _rounded(self.baseline),
            "ratio": _rounded(self.ratio),
            "floor": self.floor,
            "height": self.height,
            "ok": self.ok,
        }
        return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def at_least(
    name: str, value: float, unit: str, *, floor: float, height: float, baseline: float | None = None
) -> Figure:
    """Make a figure of which more is better; with a baseline, the bounds are about the ratio."""
    ratio = None if baseline is None else value / baseline
    return Figure(name, value, unit, baseline, ratio, floor, height, (value if ratio is None else ratio) >= floor)


def at_most(name: str, value: float, unit: str, *, floor: float, height: float, baseline: float) -> Figure:
    """Make a figure whose ratio shall be small."""
    ratio = value / baseline
    return Figure(name, value, unit, baseline, ratio, floor, height, ratio <= floor)


def plain(name: str, value: float, unit: str) -> Figure:
    """Make a figure of which nothing is asked yet."""
    return Figure(name, value, unit, None, None, None, None, ok=True)


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the value below which so many percent lie."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def alternate(rounds: int, *measures: Callable[[], float]) -> list[float]:
    """Take turns, so that whatever else the machine does falls on all alike; returns each one's median."""
    taken = [[measure() for measure in measures] for _ in range(rounds)]
    return [statistics.median(each) for each in zip(*taken, strict=True)]


def _rounded(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")
