"""Small frames of runs and points in the shape that a lake gives them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

START = datetime(2026, 11, 1, tzinfo=UTC)
_MS = pl.Datetime("ms", "UTC")
_OWN: dict[str, Any] = {
    "project": pl.String, "run_id": pl.String, "name": pl.String, "status": pl.String, "user": pl.String,
    "group": pl.String, "dataset": pl.String, "deleted": pl.Boolean, "created_at": _MS, "ended_at": _MS,
    "updated_at": _MS,
}  # fmt: skip


def runs_frame(rows: Sequence[Mapping[str, Any]]) -> pl.DataFrame:
    """A runs frame: keys with a dot at the start are params (`.lr`), own columns are themselves, others are metrics.

    A metric's value is a number, or (last, min, max). Run i is `r<i>`, starts i hours after `START`, takes one.
    """
    table: list[dict[str, Any]] = []
    metrics = dict.fromkeys(key for row in rows for key in row if key not in _OWN and not key.startswith("."))
    for i, row in enumerate(rows):
        out: dict[str, Any] = {
            "project": "p", "run_id": f"r{i}", "name": f"n{i}", "status": "finished", "user": None, "group": None,
            "dataset": None, "deleted": False, "created_at": START + timedelta(hours=i),
            "ended_at": START + timedelta(hours=i + 1), "updated_at": START + timedelta(hours=i + 1),
        }  # fmt: skip
        out |= {key: value for key, value in row.items() if key in _OWN}
        out |= {f"params{key}": value for key, value in row.items() if key.startswith(".")}
        for metric in metrics:
            value = row.get(metric)
            last, low, high = value if isinstance(value, tuple) else (value, value, value)
            out |= {metric: last, f"{metric}.min": low, f"{metric}.max": high, f"{metric}.mean": last}
        table.append(out)
    floats = {f"{metric}{part}": pl.Float64 for metric in metrics for part in ("", ".min", ".max", ".mean")}
    params = dict.fromkeys(f"params{key}" for row in rows for key in row if key.startswith("."))
    names = [*_OWN, *params, *floats]
    frame = pl.DataFrame(table, infer_schema_length=None, schema_overrides={**_OWN, **floats}) if table else None
    if frame is None:
        return pl.DataFrame(schema=_OWN)
    missing = [pl.lit(None).alias(name) for name in names if name not in frame.columns]
    return frame.with_columns(missing).select(names)


def points_frame(
    points: Iterable[tuple[str, str, str | None, int, float, float]], *, project: str = "p"
) -> pl.LazyFrame:
    """Points as (run_id, metric, dataset, step, value, hours after `START`), in the order of their writing."""
    rows = [
        (project, run, metric, dataset, step, value, START + timedelta(hours=hours), seq, "w1-00000000", 1)
        for seq, (run, metric, dataset, step, value, hours) in enumerate(points)
    ]
    schema: dict[str, Any] = {
        "project": pl.String, "run_id": pl.String, "metric": pl.String, "dataset": pl.String, "step": pl.Int64,
        "value": pl.Float64, "timestamp": _MS, "seq": pl.Int64, "writer": pl.String, "attempt": pl.Int32,
    }  # fmt: skip
    return pl.DataFrame(rows, schema=schema, orient="row").lazy()
