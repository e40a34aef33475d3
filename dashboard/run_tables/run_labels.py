"""A name for each run that no other has. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from ..format.numbers import NONE, number


def run_labels(runs: pl.DataFrame, run_ids: Sequence[str]) -> dict[str, str]:
    """A name for each run that no other of them has: its own, and how it differs from its namesakes."""
    frame = runs.filter(pl.col("run_id").is_in(list(run_ids)))
    names = dict(frame.select("run_id", pl.coalesce("name", "run_id")).iter_rows())
    params = [name for name in frame.columns if name.startswith("params.")]
    out = {}
    for name in dict.fromkeys(names.values()):
        same = [run_id for run_id in names if names[run_id] == name]
        if len(same) == 1:
            out[same[0]] = name
            continue
        alike = frame.filter(pl.col("run_id").is_in(same))
        differing = [param for param in params if alike[param].n_unique() > 1][:3]
        for row in alike.select("run_id", *differing).iter_rows(named=True):
            difference = " · ".join(f"{p.removeprefix('params.')}={_brief(row[p])}" for p in differing)
            out[row["run_id"]] = f"{name} · {difference}" if difference else f"{name} · {row['run_id'][-6:]}"
    seen: dict[str, int] = {}
    for label in out.values():
        seen[label] = seen.get(label, 0) + 1
    return {run_id: label if seen[label] == 1 else f"{label} · {run_id[-6:]}" for run_id, label in out.items()}


def _brief(value: object) -> str:
    text = number(value, significant=6) if isinstance(value, float) else NONE if value is None else str(value)
    return text if len(text) <= 20 else f"{text[:19]}…"
