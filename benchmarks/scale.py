"""What a viewer waits for: a project of 100,000 runs, its refresh, its filters; 50 long curves."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import polars as pl

from lakeboard.query.curves import curves
from lakeboard.query.lake import open_lake
from lakeboard.store.opening import open_store

from .lakes import PROJECT, flush, long_curves, many_runs
from .measure import Report, seconds

_FIRST = """
import resource, sys, time
import polars, lakeboard.query.lake
start = time.perf_counter()
frame = lakeboard.open(sys.argv[1]).runs("bench")
print(time.perf_counter() - start, len(frame), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)
"""


def _read_bytes(folder: Path) -> float:
    start = time.perf_counter()
    for path in folder.rglob("z-*.parquet"):
        path.read_bytes()
    return time.perf_counter() - start


def many(report: Report) -> None:
    """First `runs()` of a new process, refresh, filter: at 10,000 and at 100,000 runs."""
    for count in (10_000, 100_000):
        with tempfile.TemporaryDirectory() as folder:
            where = Path(folder) / "lake"
            store = open_store(where)
            many_runs(store, count)
            reference = report.add(f"{count:,} runs: read() of the packs", "s", [_read_bytes(where) for _ in range(3)])
            told = [
                subprocess.run(  # noqa: S603
                    [sys.executable, "-c", "import lakeboard" + _FIRST, str(where)],
                    check=True,
                    capture_output=True,
                    text=True,
                ).stdout.split()
                for _ in range(3)
            ]
            report.add(
                f"{count:,} runs: first runs()", "s", [float(t[0]) for t in told], against=reference, target="1.5 s"
            )
            report.add(f"{count:,} runs: peak memory", "MB", [float(t[2]) for t in told], target="600 MB")
            lake = open_lake(str(where))
            frame = lake.runs(PROJECT)
            assert len(frame) == count + 10

            def top(frame: pl.DataFrame = frame) -> pl.DataFrame:
                found = frame.filter((pl.col("params.lr") < 0.01) & (pl.col("params.model") == "a"))
                return found.sort("val/acc.max", descending=True, nulls_last=True).head(100)

            report.add(f"{count:,} runs: filter, sort, top 100", "s", seconds(top, repeat=9), target="0.06 s")
            spans = []
            for k in range(2, 8):
                for n in range(10):
                    flush(store, n, k)
                start = time.process_time()
                lake.snapshot(PROJECT)
                spans.append(time.process_time() - start)
            report.add(f"{count:,} runs: refresh, 10 live runs changed, CPU", "s", spans, target="0.06 s")
            report.add(f"{count:,} runs: runs() again", "s", seconds(partial(lake.runs, PROJECT)))


def long(report: Report) -> None:
    """50 runs of 100,000 points, smoothed and thinned to 1,000."""
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder) / "lake"
        long_curves(open_store(where), 50, 100_000)
        spans, warm, zoom = [], [], []
        for _ in range(3):
            lake = open_lake(str(where))
            start = time.perf_counter()
            points = lake.metrics(PROJECT, metrics=["metric/0"]).collect()
            drawn = curves(points, x="step", smoothing="ema", amount=0.6, width=1000)
            spans.append(time.perf_counter() - start)
            assert len(drawn) == 50
            start = time.perf_counter()
            curves(points, x="step", smoothing="ema", amount=0.6, width=1000)
            warm.append(time.perf_counter() - start)
            start = time.perf_counter()
            curves(points, x="step", smoothing="ema", amount=0.6, width=1000, x_range=(20_000, 21_000))
            zoom.append(time.perf_counter() - start)
        sort = report.add("one sort of the same points", "s", seconds(lambda: points.sort("run_id", "step", "seq")))
        report.add("50 curves of 100,000 points, cold", "s", spans, against=sort, target="0.8 s")
        report.add("the same, points at hand", "s", warm, against=sort)
        report.add("zoomed in", "s", zoom, against=sort, target="0.2 s")
