"""What reading points costs: 1,000 runs, all of them, one metric, one run."""

from __future__ import annotations

import random
import tempfile
from dataclasses import replace

import numpy as np
import polars as pl
import pyarrow as pa

from benchmarks.measure import Report, seconds
from lakeboard import Lake
from lakeboard.query.objects.decode import points_types, scan
from lakeboard.schema.keys import PackKey, PointsKey, writer_id
from lakeboard.schema.parquet import encode_points, encode_table
from lakeboard.schema.rowtable import rows_to_table
from lakeboard.schema.run.row import RunRow, SealedFile
from lakeboard.schema.run.summary import Summary
from lakeboard.schema.tables import points_schema, rows_schema
from lakeboard.schema.values import encode_param
from lakeboard.store.base import Store
from lakeboard.store.local import LocalStore

PROJECT = "bench"
RUNS, PARAMS, OF_PARAMS, METRICS = 100_000, 20, 200, 10


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
