"""What reading costs: frames of 100,000 runs, the points of 1,000 runs, requests."""

from __future__ import annotations

import io
import random
import tempfile
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl
import pyarrow as pa

from lakeboard.query.lake import Lake
from lakeboard.query.tables import points_types, scan
from lakeboard.schema.keys import PackKey, PointsKey, TailKey, writer_id
from lakeboard.schema.parquet import encode_points, encode_table
from lakeboard.schema.rows import RunRow, SealedFile
from lakeboard.schema.rowtable import rows_to_table
from lakeboard.schema.summary import Summary
from lakeboard.schema.tables import points_schema, rows_schema
from lakeboard.schema.values import encode_param
from lakeboard.store.base import Store
from lakeboard.store.counting import CountingStore
from lakeboard.store.local import LocalStore
from lakeboard.store.memory import MemoryStore

from .measure import Report, seconds

PROJECT = "bench"
RUNS, PARAMS, OF_PARAMS, METRICS = 100_000, 20, 200, 10


def leaderboard(report: Report) -> None:
    """100,000 ended runs, 20 of 200 params and 10 metrics each, in one pack in memory."""
    pack = pack_of_runs()
    store = MemoryStore()
    store.put(PackKey("runs", PROJECT, 1, "00000001").path, pack)
    report.add("pack of 100,000 runs", "MB", len(pack) / 1e6)
    plain = report.add("decode the pack alone", "s", seconds(lambda: pl.read_parquet(io.BytesIO(pack))))
    report.add("first frame, 265 columns", "s", seconds(lambda: Lake(store).runs(PROJECT)), against=plain)
    lake = Lake(store)
    snapshot = lake.snapshot(PROJECT)
    lake.runs(PROJECT, snapshot=snapshot)
    few = [f"params.p{i:03d}" for i in range(10)] + [f"val/m{i}" for i in range(10)]
    where = "p001 > 0.5 and val/m0 < 0.1"
    acts: dict[str, Callable[[], object]] = {
        "frame again, 265 columns": lambda: lake.runs(PROJECT, snapshot=snapshot),
        "frame again, 20 columns": lambda: lake.runs(PROJECT, snapshot=snapshot, columns=few),
        "frame again, 20 columns, filtered": lambda: lake.runs(PROJECT, snapshot=snapshot, columns=few, where=where),
        "refresh with nothing new": lambda: lake.snapshot(PROJECT),
    }
    for name, act in acts.items():
        report.add(name, "s", seconds(act), against=plain)


def points(report: Report) -> None:
    """1,000 ended runs of 1,000 points in 4 metrics on a local disk."""
    with tempfile.TemporaryDirectory() as folder:
        store = LocalStore(folder)
        paths, _ = store.scan_paths(put_points(store, runs=1_000, rows=1_000))
        lake = Lake(store)
        snapshot = lake.snapshot(PROJECT)
        lazy = scan(paths, points_types(), hive_partitioning=False)
        plain = report.add("scan 1,000 files by name", "s", seconds(lazy.collect))
        every = lake.metrics(PROJECT, snapshot=snapshot)
        report.add("plan what to read", "s", seconds(lambda: lake.metrics(PROJECT, snapshot=snapshot)), against=plain)
        report.add("every point once", "s", seconds(every.collect), against=plain)
        report.add("one metric", "s", seconds(every.filter(pl.col("metric") == "m1").collect), against=plain)
        report.add("one run", "s", seconds(every.filter(pl.col("run_id") == "r500").collect), against=plain)


def requests(report: Report) -> None:
    """A project with 10 running runs among 1,000: opening it, then a refresh after 3 of them flushed."""
    store = CountingStore(MemoryStore())
    put_points(store, runs=1_000, rows=4)
    for i in range(10):
        _flush(store, f"live{i}", 0)
        _flush(store, f"live{i}", 1)
    lake = Lake(store)
    store.reset()
    lake.runs(PROJECT)
    report.add("opening", "requests", store.requests(), target="3 LISTs, 1 pack, 2 a running run")
    for i in range(3):
        _flush(store, f"live{i}", 2)
    store.reset()
    lake.runs(PROJECT)
    report.add("refresh after 3 flushes", "requests", store.requests(), target="3 LISTs, 3 tails")
    store.reset()
    lake.runs(PROJECT)
    report.add("refresh with nothing new", "requests", store.requests(), target="3 LISTs")


def pack_of_runs() -> bytes:
    """Built by column; one row at a time would take minutes."""
    rng = np.random.default_rng(0)
    schema = rows_schema()
    first = rng.integers(0, OF_PARAMS // PARAMS, RUNS)
    which = (first[:, None] + np.arange(PARAMS)[None, :] * (OF_PARAMS // PARAMS)).ravel()
    kind = np.array(["int", "float", "bool", "str"])[which % 4]
    number = rng.random(RUNS * PARAMS)
    number = np.where(kind == "int", np.floor(number * 100), np.where(kind == "bool", number > 0.5, number))
    text = kind == "str"
    param = pa.StructArray.from_arrays(
        [pa.array(kind), pa.array(number, mask=text), pa.array(np.where(text, "adam", ""), mask=~text)],
        names=["kind", "num", "text"],
    )
    names = np.array([f"p{i:03d}" for i in range(OF_PARAMS)])[which]
    labels = np.tile(np.array([f"val/m{i}" for i in range(METRICS)]), RUNS)
    values, fields = rng.random(RUNS * METRICS), list(schema.field("summary").type.item_type)
    cells = {"metric": pa.array(labels)}
    for field in fields:
        if pa.types.is_floating(field.type):
            cells[field.name] = pa.array(values)
        elif pa.types.is_integer(field.type):
            cells[field.name] = pa.array(np.full(len(labels), 1_000))
    summary = [cells.get(f.name, pa.nulls(len(labels), f.type)) for f in fields]
    columns = {
        "run_id": pa.array([f"r{i:06d}" for i in range(RUNS)]),
        "writer": pa.array([writer_id(1, f"{i:08x}") for i in range(RUNS)]),
        "version": pa.array(np.ones(RUNS, np.int64)),
        "attempt": pa.array(np.ones(RUNS, np.int32)),
        "status": pa.array(["finished"] * RUNS),
        "name": pa.array([f"brisk-otter-{i}" for i in range(RUNS)]),
        "created_at": pa.array(np.arange(RUNS)),
        "params": pa.MapArray.from_arrays(_offsets(PARAMS), pa.array(names), param),
        "summary": pa.MapArray.from_arrays(
            _offsets(METRICS), pa.array(labels), pa.StructArray.from_arrays(summary, fields=fields)
        ),
    }
    return encode_table(_filled(columns, schema, RUNS))


def _filled(columns: dict[str, pa.Array], schema: pa.Schema, rows: int) -> pa.Table:
    arrays = [columns[f.name].cast(f.type) if f.name in columns else pa.nulls(rows, f.type) for f in schema]
    return pa.table(arrays, schema=schema)


def _offsets(each: int) -> pa.Array:
    return pa.array(np.arange(0, RUNS * each + 1, each, dtype=np.int32))


def put_points(store: Store, *, runs: int, rows: int) -> list[str]:
    """Ended runs, one sealed file each, and a pack of their rows; the files' keys."""
    out, keys = [], []
    for i in range(runs):
        row = _row(f"r{i}")
        data = encode_points(_table(rows, row.writer))
        key = PointsKey(PROJECT, row.run_id, row.writer, rows, rows)
        store.put(key.path, data)
        keys.append(key.path)
        out.append(replace(row, status="finished", rows=rows, files=(SealedFile(key.name, len(data)),)))
    store.put(PackKey("runs", PROJECT, 1, "00000001").path, encode_table(rows_to_table(out)))
    return keys


def _flush(store: Store, run_id: str, k: int) -> None:
    row = _row(run_id)
    data = encode_points(_table(10 * k, row.writer), run=row.to_json())
    store.put(TailKey(PROJECT, run_id, row.writer, k, 10 * k, 10 * k).path, data)


def _row(run_id: str) -> RunRow:
    params = {f"p{i}": encode_param(i / 7) for i in range(PARAMS)}
    summary = {f"m{i}": Summary(f"m{i}", last=0.5, min=0.1, max=0.9, mean=0.5, n=1) for i in range(METRICS)}
    rand = f"{random.Random(run_id).getrandbits(32):08x}"
    return RunRow(run_id, writer_id(1, rand), params=params, summary=summary, created_at=0, started_at=0, updated_at=0)


def _table(rows: int, writer: str) -> pa.Table:
    seq = np.arange(rows)
    names = np.array([f"m{i}" for i in range(4)])[seq % 4]
    order = np.lexsort((seq, names))
    columns = {
        "metric": pa.array(names[order]),
        "step": pa.array(seq[order] // 4),
        "value": pa.array(np.sin(seq[order])),
        "timestamp": pa.array(seq[order]),
        "seq": pa.array(seq[order]),
        "writer": pa.array([writer] * rows),
        "attempt": pa.array(np.ones(rows, np.int32)),
    }
    return _filled(columns, points_schema(), rows)
