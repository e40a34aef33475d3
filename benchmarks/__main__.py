"""`python -m benchmarks [NAME ...]`: all workloads, or those whose name contains a word."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from . import checking, outage, pauses, reading, scale, writing
from .measure import Report

WORKLOADS: dict[str, Callable[[Report], None]] = {
    "log": writing.log_call,
    "log-scalars": pauses.scalars,
    "pauses": pauses.pauses,
    "import": writing.imports,
    "requests": writing.requests,
    "end-to-end": writing.end_to_end,
    "short-runs": writing.short_runs,
    "many-runs": scale.many,
    "curves": scale.long,
    "leaderboard": reading.leaderboard,
    "points": reading.points,
    "reading-requests": reading.requests,
    "checks": checking.checks,
    "outage": outage.outage,
    "outage-hours": outage.hours,
}


def main(words: list[str]) -> None:
    """Run the workloads and keep the figures."""
    report = Report()
    print(f"{'':<46} {'minimum':>12} {'median':>12} {'maximum':>12}")
    for name, workload in WORKLOADS.items():
        if not words or any(word in name for word in words):
            workload(report)
    print(f"kept in {report.save(Path(__file__).parent / 'results')}")


main(sys.argv[1:])
