"""What it costs to compare objects with their checksums before reading them."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Mapping
from functools import partial

import polars as pl

from benchmarks.measure import Report, seconds
from benchmarks.reading import PROJECT, pack_of_runs, put_points
from lakeboard import Lake
from lakeboard.query.objects.decode import points_types, scan
from lakeboard.schema.checksum import verify
from lakeboard.store.intact import IntactFiles
from lakeboard.store.local import LocalStore

_MANY, _SMALL = 1_000, 1_000
_FEW, _LARGE = 20, 1_000_000


def checks(report: Report) -> None:
    """A pack of 100,000 runs; 1,000 small files and 20 large ones on a local disk, all points and one metric."""
    pack = pack_of_runs()
    plain = report.add("decode a pack of 100,000 runs", "s", seconds(lambda: pl.read_parquet(io.BytesIO(pack))))
    report.add("compare it with its checksum", "s", seconds(lambda: verify(pack, key="pack")), against=plain)
    for files, rows in ((_MANY, _SMALL), (_FEW, _LARGE)):
        with tempfile.TemporaryDirectory() as folder:
            store = LocalStore(folder)
            keys = put_points(store, runs=files, rows=rows)
            paths, _ = store.scan_paths(keys)
            by_key = dict(zip(keys, paths, strict=True))
            known = IntactFiles()
            name = f"{files:,} files of {rows:,} points"
            lazy = scan(paths, points_types(), hive_partitioning=False)
            plain = report.add(f"scan {name}", "s", seconds(lazy.collect))
            report.add("check them", "s", seconds(partial(_afresh, by_key)), against=plain)
            known.damaged(by_key)
            report.add("check them again", "s", seconds(partial(known.damaged, by_key)), against=plain)
            one = lazy.filter(pl.col("metric") == "m1")
            report.add("scan one metric of four", "s", seconds(one.collect), against=plain)
            snapshot = Lake(store).snapshot(PROJECT)

            def first(store: LocalStore = store, snapshot: object = snapshot) -> object:
                every = Lake(store).metrics(PROJECT, snapshot=snapshot)  # type: ignore[arg-type]
                return every.filter(pl.col("metric") == "m1").collect()

            report.add("one metric, at a process's first look", "s", seconds(first), against=plain)
            lake = Lake(store)
            again = lake.metrics(PROJECT, snapshot=snapshot).filter(pl.col("metric") == "m1")
            again.collect()
            report.add("one metric, later", "s", seconds(again.collect), against=plain)


def _afresh(paths: Mapping[str, str]) -> object:
    """Compare files as a process does that has seen none of them."""
    return IntactFiles().damaged(paths)
