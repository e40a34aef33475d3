"""Timing: repeat, keep the minimum, the median and the maximum; figures of a run as JSON, and two runs compared."""

from __future__ import annotations

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

PACKAGES = ("lakeboard", "pyarrow", "polars", "numpy", "fsspec", "s3fs", "streamlit")
_NOTEWORTHY = 1.15


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured quantity."""

    workload: str
    name: str
    unit: str
    values: tuple[float, ...]
    """One per repetition."""
    reference: str | None = None
    """The figure of the same run that it is to be compared with."""
    ratio: float | None = None
    """Median over the reference's median."""
    target: str | None = None
    """What it should be, in words."""
    met: bool | None = None
    """Whether the median is that; None where there is no target."""

    @property
    def median(self) -> float:
        """The middle value."""
        return statistics.median(self.values)


@dataclass(slots=True)
class Report:
    """All figures of one run."""

    figures: list[Figure] = field(default_factory=list)
    workload: str = ""
    """Whose figures are added now."""

    def add(
        self,
        name: str,
        unit: str,
        values: Sequence[float] | float,
        *,
        against: Figure | None = None,
        target: str | None = None,
        at_most: float | None = None,
        at_least: float | None = None,
        met: bool | None = None,
    ) -> Figure:
        """Keep a figure and print it.

        Args:
            name: what was measured.
            unit: of the values.
            values: one per repetition.
            against: its reference, taken in the same run.
            target: what it should be, in words; default: the limit and the unit.
            at_most: the median reaches its target up to here.
            at_least: or from here on.
            met: or this says whether it does.
        """
        numbers = tuple(values) if isinstance(values, Sequence) else (values,)
        middle = statistics.median(numbers)
        ratio = middle / against.median if against is not None else None
        if at_most is not None:
            met, target = middle <= at_most, target or f"at most {at_most:,g} {unit}"
        elif at_least is not None:
            met, target = middle >= at_least, target or f"at least {at_least:,g} {unit}"
        figure = Figure(self.workload, name, unit, numbers, against.name if against else None, ratio, target, met)
        self.figures.append(figure)
        print(format_row(figure), flush=True)
        return figure

    def save(self, path: Path) -> None:
        """Write the figures with machine and versions; nothing tells whose machine it was."""
        facts = {
            "at": datetime.now(UTC).isoformat(timespec="seconds"),
            "python": platform.python_version(),
            "system": f"{platform.system()} {platform.machine()}",
            "cpus": os.cpu_count(),
            "load": round(os.getloadavg()[0], 1),
            "versions": {name: found for name in PACKAGES if (found := _version(name)) is not None},
            "figures": [
                {k: [round(v, 6) for v in value] if k == "values" else value for k, value in asdict(f).items()}
                for f in self.figures
            ],
        }
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(facts, indent=1) + "\n")


def load(path: Path) -> tuple[dict[str, Any], list[Figure]]:
    """The facts about a run, and its figures."""
    facts = json.loads(path.read_text())
    return facts, [Figure(**{**f, "values": tuple(f["values"])}) for f in facts.pop("figures")]


def compare(before: Sequence[Figure], after: Sequence[Figure]) -> list[str]:
    """A line for each figure whose ratio to its reference (or whose median, without one) changed by 15 % or more."""
    old = {(f.workload, f.name): f for f in before}
    out = []
    for new in after:
        known = old.get((new.workload, new.name))
        if known is None:
            continue
        with_ratio = known.ratio is not None and new.ratio is not None
        a, b = (known.ratio, new.ratio) if with_ratio else (known.median, new.median)
        if a and b and not 1 / _NOTEWORTHY < b / a < _NOTEWORTHY:
            unit = f"x {new.reference}" if with_ratio else new.unit
            out.append(f"{new.workload}: {new.name}: {a:,.3g} -> {b:,.3g} {unit} ({b / a:.2f} x)")
    return out


def format_row(figure: Figure) -> str:
    """One line of the table."""
    low, high = min(figure.values), max(figure.values)
    spread = f"{low:>12,.3f} {figure.median:>12,.3f} {high:>12,.3f} {figure.unit:<10}"
    ratio = f"{figure.ratio:8.2f} x {figure.reference}" if figure.ratio is not None else ""
    verdict = "" if figure.met is None else ": reached" if figure.met else ": NOT REACHED"
    target = f"  [{figure.target}{verdict}]" if figure.target else ""
    return f"{figure.name:<52} {spread} {ratio}{target}"


def per_call(act: Callable[[], None], *, number: int, repeat: int = 15) -> list[float]:
    """Microseconds per call, one value per repetition of `number` calls."""
    out = []
    for _ in range(repeat):
        start = time.perf_counter()
        for _ in range(number):
            act()
        out.append((time.perf_counter() - start) / number * 1e6)
    return out


def seconds(act: Callable[[], object], *, repeat: int = 3) -> list[float]:
    """Seconds of each repetition."""
    out = []
    for _ in range(repeat):
        start = time.perf_counter()
        act()
        out.append(time.perf_counter() - start)
    return out


def interpreter(code: str, *, repeat: int = 9) -> list[float]:
    """Milliseconds of CPU that a fresh interpreter takes for `code`."""
    out = []
    for _ in range(repeat):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", code], check=True)  # noqa: S603
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        out.append(1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime))
    return out


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
