"""`python -m benchmarks [WORD ...]`: the usual workloads, or those whose name contains a word.

`--list` names them. `--out FILE` keeps the figures there (default: benchmarks/results/<time>.json). `--compare A B`
tells what changed between two such files. `--document FILE` writes docs/performance.md from one.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from benchmarks.document import document
from benchmarks.measure import Report, compare, load

WORKLOADS = {
    "log": "writing.log_call",
    "log-scalars": "pauses.scalars",
    "pauses": "pauses.pauses",
    "flat-out": "pauses.flat_out",
    "open-runs": "sharing.open_runs",
    "starved": "sharing.starved",
    "print": "printing.printing",
    "import": "writing.imports",
    "importing": "importing.importing",
    "end-to-end": "writing.end_to_end",
    "short-runs": "writing.short_runs",
    "many-runs": "scale.many",
    "many-runs-s3": "scale.many_on_s3",
    "curves": "scale.long",
    "points": "reading.points",
    "page": "page.page",
    "cost": "cost.cost",
    "memory": "memory.ten_minutes",
    "memory-short": "memory.three_minutes",
    "checks": "checking.checks",
    "outage": "outage.outage",
    "outage-hours": "outage.hours",
}
"""Where each is; imported when it is its turn, so that one needs no other's libraries."""
ALONE = ("memory-short", "checks", "flat-out", "importing", "open-runs", "outage", "outage-hours", "starved")
"""Those that run only when they are named: they take minutes, or tell of trouble rather than of speed."""
HERE = Path(__file__).parent


def main(arguments: list[str] | None = None) -> None:
    """Do what was asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("words", nargs="*", metavar="WORD")
    parser.add_argument("--list", action="store_true", help="name the workloads")
    parser.add_argument("--out", type=Path, help="file for the figures; those of other workloads stay in it")
    parser.add_argument("--compare", nargs=2, type=Path, metavar=("BEFORE", "AFTER"))
    parser.add_argument("--document", type=Path, metavar="FILE", help="write docs/performance.md from these figures")
    given = parser.parse_args(arguments)
    if given.list:
        for name in WORKLOADS:
            print(f"{name:<14} {(_workload(name).__doc__ or '').splitlines()[0]}")
    elif given.compare:
        before, after = (load(path)[1] for path in given.compare)
        print("\n".join(compare(before, after)) or "nothing changed by 15 % or more")
    elif given.document:
        page = HERE.parent / "docs" / "performance.md"
        page.write_text(document(*load(given.document)))
        print(f"written to {page}")
    else:
        _run(given.words, given.out or HERE / "results" / f"{datetime.now(UTC):%Y%m%dT%H%M%S}.json")


def _run(words: list[str], out: Path) -> None:
    report = Report()
    print(f"{'':<52} {'minimum':>12} {'median':>12} {'maximum':>12}")
    for name in WORKLOADS:
        named = name in words or any(word in name for word in words if word not in WORKLOADS)
        if named or (not words and name not in ALONE):
            report.workload = name
            _workload(name)(report)
    if out.exists():
        # What ran now replaces what was kept of it; the rest stays.
        ran = {f.workload for f in report.figures}
        merged = {w: [f for f in load(out)[1] if f.workload == w] for w in WORKLOADS if w not in ran}
        merged |= {w: [f for f in report.figures if f.workload == w] for w in ran}
        report.figures = [f for w in WORKLOADS for f in merged[w]]
    report.save(out)
    print(f"kept in {out}")


def _workload(name: str) -> Callable[[Report], None]:
    module, _, function = WORKLOADS[name].partition(".")
    found: Callable[[Report], None] = getattr(import_module(f".{module}", __package__), function)
    return found


if __name__ == "__main__":
    main()
