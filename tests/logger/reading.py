"""What a lake holds, read with pyarrow and the format alone, so that writing is not judged by our own reader."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import pyarrow.parquet as pq

from lakeboard.schema.cover import Part, cover
from lakeboard.schema.keys import PackKey, PointsKey, RowKey, TailKey, parse_key
from lakeboard.schema.parquet import decode_footer
from lakeboard.schema.rowtable import table_to_rows
from lakeboard.schema.run.row import RunRow, latest
from lakeboard.store.base import Store

Point = tuple[int, str, str | None, int, float]
"""(seq, metric, dataset, step, value)."""


@dataclass(frozen=True, slots=True)
class Held:
    """Everything in a lake."""

    tails: dict[TailKey, list[Point]]
    sealed: dict[PointsKey, list[Point]]
    rows: list[RunRow]
    """Final rows, highest versions."""
    footers: dict[TailKey, dict[str, Any]]

    def points(self, writer: str) -> list[Point]:
        """A writer's points by the reader's rule."""
        parts = [Part(k.lo, k.hi, False, k.path) for k in self.tails if k.writer == writer]
        parts += [Part(k.lo, k.hi, True, k.path) for k in self.sealed if k.writer == writer]
        by_name = {k.path: p for k, p in self.tails.items()} | {k.path: p for k, p in self.sealed.items()}
        out: list[Point] = []
        for take in cover(parts).takes:
            out += [p for p in sorted(by_name[take.part.name]) if p[0] >= take.first_seq]
        return out

    def sealed_points(self, writer: str) -> list[Point]:
        """A writer's points as a plain glob over `metrics/` sees them."""
        return sorted(p for k, points in self.sealed.items() if k.writer == writer for p in points)


def read_lake(store: Store) -> Held:
    """Read all of it; every object must be readable and hold the rows its name promises."""
    held = Held({}, {}, [], {})
    rows: list[RunRow] = []
    for area in ("live/", "metrics/", "runs/"):
        for info in store.list(area):
            key = parse_key(info.key)
            data = store.get(info.key)
            assert key is not None, info.key
            if isinstance(key, (RowKey, PackKey)):
                rows += table_to_rows(pq.read_table(io.BytesIO(data), partitioning=None))
                continue
            assert isinstance(key, (TailKey, PointsKey))
            table = pq.read_table(io.BytesIO(data), partitioning=None)
            columns = (table[c].to_pylist() for c in ("seq", "metric", "dataset", "step", "value"))
            points = list(zip(*columns, strict=True))
            assert sorted(p[0] for p in points) == list(range(key.lo, key.hi)), info.key
            assert [(p[1], p[0]) for p in points] == sorted((p[1], p[0]) for p in points), "sorted by (metric, seq)"
            if isinstance(key, TailKey):
                held.tails[key] = points
                held.footers[key] = decode_footer(data, key=info.key)
            else:
                held.sealed[key] = points
    held.rows.extend(latest(rows))
    return held
