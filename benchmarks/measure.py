"""Timing: repeat, keep the minimum, the median and the maximum."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured quantity."""

    name: str
    unit: str
    values: tuple[float, ...]
    """One per repetition."""
    reference: str | None = None
    """The figure of the same run that it is to be compared with."""
    ratio: float | None = None
    """Median over the reference's median; for rates the other way round would mislead, so it is always this way."""
    target: str | None = None
    """What it should be, in words."""

    @property
    def median(self) -> float:
        """The middle value."""
        return statistics.median(self.values)


@dataclass(slots=True)
class Report:
    """All figures of one run."""

    figures: list[Figure] = field(default_factory=list)

    def add(
        self,
        name: str,
        unit: str,
        values: Sequence[float] | float,
        *,
        against: Figure | None = None,
        target: str | None = None,
    ) -> Figure:
        """Keep a figure and print it."""
        numbers = tuple(values) if isinstance(values, Sequence) else (values,)
        figure = Figure(name, unit, numbers, None, None, target)
        if against is not None:
            figure = Figure(name, unit, numbers, against.name, figure.median / against.median, target)
        self.figures.append(figure)
        print(format_row(figure), flush=True)
        return figure

    def save(self, folder: Path) -> Path:
        """Write the figures with machine and versions; the file's path."""
        folder.mkdir(parents=True, exist_ok=True)
        now = datetime.now(UTC)
        path = folder / f"{now:%Y%m%dT%H%M%S}.json"
        facts = {
            "at": now.isoformat(timespec="seconds"),
            "python": platform.python_version(),
            "platform": platform.platform(),
            "cpus": os.cpu_count(),
            "versions": {n: version(n) for n in ("lakeboard", "pyarrow", "polars", "fsspec", "s3fs", "streamlit")},
            "figures": [asdict(f) for f in self.figures],
        }
        path.write_text(json.dumps(facts, indent=1))
        return path


def format_row(figure: Figure) -> str:
    """One line of the table."""
    low, high = min(figure.values), max(figure.values)
    spread = f"{low:>12,.3f} {figure.median:>12,.3f} {high:>12,.3f} {figure.unit:<10}"
    ratio = f"{figure.ratio:8.2f} x {figure.reference}" if figure.ratio is not None else ""
    target = f"  [{figure.target}]" if figure.target else ""
    return f"{figure.name:<46} {spread} {ratio}{target}"


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


def interpreter(code: str, *, repeat: int = 7) -> list[float]:
    """Milliseconds that a fresh interpreter takes for `code`."""
    return [
        1000 * s
        for s in seconds(lambda: subprocess.run([sys.executable, "-c", code], check=True), repeat=repeat)  # noqa: S603
    ]
