"""An audit's report in words, for people who read it aloud to each other."""

from collections.abc import Iterator, Mapping

from relay.custody.report import Report

_DAY: int = 86_400
_HOUR: int = 3_600
_MINUTE: int = 60
_AT_MOST: int = 10


def tell_report(report: Report, *, sides: Mapping[str, str] | None = None) -> Iterator[str]:
    """
    Write a report as lines of at most 80 columns.

    Args:
        report: What `verify` found.
        sides: Names for sides; None to call them as the directory does.
    """
    yield f"  Entries     {_counts(report.entries)}"
    yield f"  Items       {', '.join(_kinds(report.kinds)) or 'none'}"
    for line in _in_columns(report.states):
        yield f"              {line}"
    if report.erased:
        yield f"  Erased      {_some(report.erased, 'entry')}, on purpose: they can no longer be opened"
        if report.erased_after_seconds is not None:
            yield f"              the youngest was kept for {span(report.erased_after_seconds)} at the most"
    if report.unopened:
        yield f"  Unopened    {_some(report.unopened, 'entry')} about no item, which this bundle does not open"
    if report.unlike_register is None:
        yield "  Register    not every page is opened, so nothing was held against it"
    yield from _unlike(report)
    yield from _deliveries(report)
    yield from _parity(report, sides or {})
    yield from _dwell(report)
    yield from _unaccepted(report)
    for gap in report.gaps:
        yield f"  Silence     {span(gap.seconds)} from {gap.after}"
    if report.differing_audits:
        yield f"  Ask         {_some(report.differing_audits, 'auditor')} signed a root that this log never had"


def _unlike(report: Report) -> Iterator[str]:
    found = report.unlike_register or ()
    for one in found[:_AT_MOST]:
        yield f"  Ask         {one.item} was {one.event} against the register"
    if len(found) > _AT_MOST:
        yield f"  Ask         and {len(found) - _AT_MOST:,} more against the register"


def span(seconds: int) -> str:
    """Say how long something took, in the two largest units that matter."""
    if seconds >= _DAY:
        return f"{seconds // _DAY} d {seconds % _DAY // _HOUR} h"
    if seconds >= _HOUR:
        return f"{seconds // _HOUR} h {seconds % _HOUR // _MINUTE} min"
    if seconds >= _MINUTE:
        return f"{seconds // _MINUTE} min {seconds % _MINUTE} s"
    return f"{seconds} s"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)


def _kinds(counts: Mapping[str, int]) -> Iterator[str]:
    yield from (_some(count, kind) for kind, count in counts.items() if count)


def _in_columns(counts: Mapping[str, int]) -> Iterator[str]:
    words = [f"{count:,} {name}" for name, count in counts.items()]
    for start in range(0, len(words), 4):
        yield ", ".join(words[start : start + 4])


def _deliveries(report: Report) -> Iterator[str]:
    done = report.deliveries
    if done.signed or done.signed_with_paper or done.keyless:
        yield (
            f"  Deliveries  {done.signed:,} signed by an officer, {done.signed_with_paper:,} with the addressee's ink,"
        )
        yield f"              {done.keyless:,} at desks without computers, on signed paper"


def _parity(report: Report, names: Mapping[str, str]) -> Iterator[str]:
    for side, kinds in report.parity.items():
        for kind, parity in kinds.items():
            counted = (
                f"{parity.submitted:,} sent, {parity.passed:,} passed, "
                f"{parity.delivered:,} delivered, {parity.withheld:,} withheld"
            )
            yield f"  {names.get(side, side).capitalize():<10}  {_plural(kind)}: {counted}"


def _some(count: int, thing: str) -> str:
    return f"{count:,} {thing if count == 1 else _plural(thing)}"


def _plural(kind: str) -> str:
    return f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"


def _dwell(report: Report) -> Iterator[str]:
    for state, dwell in report.dwell.items():
        yield (
            f"  Waiting     {state:<13} half within {span(dwell.p50_seconds)}, "
            f"95 of 100 within {span(dwell.p95_seconds)}"
        )


def _unaccepted(report: Report) -> Iterator[str]:
    for one in report.unaccepted[:_AT_MOST]:
        yield f"  Not accepted  {one.item} for {span(one.age_seconds)}"
    if len(report.unaccepted) > _AT_MOST:
        yield f"  Not accepted  and {len(report.unaccepted) - _AT_MOST:,} more"
