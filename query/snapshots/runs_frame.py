"""The leaderboard's raw material: one row per run, params and metrics as columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import polars as pl

from ..names.columns import GIVEN, STATISTICS, given_prefix
from ..names.run_columns import FROM_TAILS, RUN_SCHEMA
from ..rows.blocks import Block
from ..rows.column_cache import DESCENDING, ORDER, ColumnCache
from ..rows.map_columns import HUGE
from .snapshot import Snapshot

_WHEN: Final = RUN_SCHEMA["created_at"]
_SUFFIXES: Final = ("", *(f".{statistic}" for statistic in STATISTICS))
"""What follows a metric's label in its columns; the first, without anything, is the last value."""
_FEW: Final = 64
"""Runs that are put among others one by one."""


class Frames:
    """The runs of one snapshot or several, from which columns are drawn.

    Args:
        snapshots: of different projects.
    """

    def __init__(self, snapshots: Sequence[Snapshot]) -> None:
        self._snapshots = snapshots
        blocks = [block for s in snapshots for block in s.runs.blocks]
        self.kinds = _kinds(blocks)
        """By column of what runs were given (`params.lr`): kinds of its values."""
        self.given: Mapping[str, pl.DataType] = {column: given_type(kinds) for column, kinds in self.kinds.items()}
        """By the same: its type."""
        self.metrics = metric_columns(
            sorted({label for block in blocks for label in block.metrics}),
            taken={*RUN_SCHEMA, *self.given},
        )
        """By metric label: its four columns (last, min, max, mean)."""
        self._owners = {column: (label, i) for label, found in self.metrics.items() for i, column in enumerate(found)}
        self.schema: Mapping[str, pl.DataType] = {
            **RUN_SCHEMA,
            **self.given,
            **{column: pl.Float64() for names in self.metrics.values() for column in names},
        }
        """All columns there are."""

    def build(
        self,
        *,
        deleted: bool = False,
        where: Callable[[Mapping[str, pl.DataType]], pl.Expr] | None = None,
        columns: Iterable[str] | None = None,
    ) -> pl.DataFrame:
        """One row per run, newest first. Of runs that ended, columns are made once for all snapshots that share them.

        Args:
            deleted: with the deleted ones.
            where: given the schema, which rows to keep.
            columns: beside the run's own only these; names that no run has are passed over.
        """
        names = self.schema if columns is None else dict.fromkeys(columns)
        wanted = [c for c in names if c in self.schema and c not in RUN_SCHEMA]
        condition = where(self.schema) if where is not None else None
        parts = []
        for snapshot in self._snapshots:
            found = [
                self._drawn(snapshot, cache, wanted, condition)
                for cache in snapshot.caches(deleted=deleted)
                if cache.own.height
            ]
            if found:
                parts.append(merge_ordered(*found) if len(found) == 2 else found[0])
        if not parts:
            return pl.DataFrame(schema={**RUN_SCHEMA, **{c: self.schema[c] for c in wanted}})
        if len(parts) == 1:
            return parts[0]
        return pl.concat(parts).sort(ORDER, descending=DESCENDING, nulls_last=True)

    def _drawn(
        self, snapshot: Snapshot, cache: ColumnCache, wanted: Sequence[str], condition: pl.Expr | None
    ) -> pl.DataFrame:
        own = _with_heartbeats(cache.own, snapshot)
        keep = None
        if condition is not None:
            asked = [c for c in dict.fromkeys(condition.meta.root_names()) if c not in RUN_SCHEMA]
            seen = own.hstack([self._column(cache, c, None) for c in asked])
            keep = seen.with_columns(_keep=condition.fill_null(value=False))["_keep"].arg_true()
            own = own[keep]
        return own.hstack([self._column(cache, c, keep) for c in wanted])

    def _column(self, cache: ColumnCache, name: str, keep: pl.Series | None) -> pl.Series:
        if name in self._owners:
            return cache.metric(*self._owners[name], keep).alias(name)
        return cache.given(name, self.given[name], keep).alias(name)


def merge_ordered(many: pl.DataFrame, few: pl.DataFrame) -> pl.DataFrame:
    """Two frames that are in order, as one. Where one is small, the other's columns are sliced, not copied."""
    if few.height > _FEW:
        return pl.concat([many, few]).sort(ORDER, descending=DESCENDING, nulls_last=True)
    out, start = [], 0
    created, run_id = many["created_at"], many["run_id"]
    for i, (at, run) in enumerate(few.select("created_at", "run_id").iter_rows()):
        if at is None:
            before = created.is_not_null() | (run_id < run)
        else:
            when = pl.lit(at, dtype=_WHEN)
            before = many.select(
                ((pl.col("created_at") > when) | ((pl.col("created_at") == when) & (pl.col("run_id") < run))).fill_null(
                    value=False
                )
            ).to_series()
        place = int(before.sum())
        out += [many[start:place], few[i : i + 1]] if place > start else [few[i : i + 1]]
        start = max(place, start)
    return pl.concat([*out, many[start:]])


def given_type(kinds: frozenset[str]) -> pl.DataType:
    """The type of a column of what runs were given: one kind gives its own, numbers widen to float, else it is text."""
    if kinds and kinds <= {"int", "float", HUGE} and kinds != {HUGE} and kinds != {"int", HUGE}:
        return pl.Float64() if kinds != {"int"} else pl.Int64()
    return pl.Boolean() if kinds == {"bool"} else pl.String()


def metric_columns(labels: Iterable[str], *, taken: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """By metric label its four columns: `val/acc`, `val/acc.min`, …; where one is taken, all with `metrics.` before.

    So have those that would be read as what runs were given: the mean of a metric called `params` is not the param
    `mean`.
    """
    used = set(taken)
    out = {}
    for label in labels:
        stem = f"metrics.{label}" if given_prefix(f"{label}.") else label
        while any(stem + suffix in used for suffix in _SUFFIXES):
            stem = f"metrics.{stem}"
        out[label] = tuple(stem + suffix for suffix in _SUFFIXES)
        used.update(out[label])
    return out


def _kinds(blocks: Iterable[Block]) -> dict[str, frozenset[str]]:
    out: dict[str, frozenset[str]] = {}
    for block in blocks:
        for prefix, found in block.kinds.items():
            for name, kinds in found.items():
                out[prefix + name] = out.get(prefix + name, frozenset()) | kinds
    places = list(GIVEN)
    return dict(sorted(out.items(), key=lambda each: (places.index(given_prefix(each[0])), each[0])))


def _with_heartbeats(own: pl.DataFrame, snapshot: Snapshot) -> pl.DataFrame:
    """The run's own columns, all of them. Settled runs have no writer whose heart beats."""
    if own["status"].is_in(["running"]).any():
        own = own.join(_heartbeats(snapshot), on="run_id", how="left", maintain_order="left")
        return own.with_columns(pl.col("silent").fill_null(value=False)).select(*RUN_SCHEMA)
    missing = {name: pl.lit(None, dtype=RUN_SCHEMA[name]) for name in FROM_TAILS}
    return own.with_columns(**{**missing, "silent": pl.lit(value=False)}).select(*RUN_SCHEMA)


def _heartbeats(snapshot: Snapshot) -> pl.DataFrame:
    """By running run: `heartbeat_age` in seconds of its liveliest writer, whether all are `silent`, how far behind."""
    age: dict[str, float] = {}
    silent: dict[str, bool] = {}
    points: dict[str, int] = {}
    seconds: dict[str, float] = {}
    for (run_id, _), writer in snapshot.live.items():
        if not writer.ended:
            if writer.behind is not None:
                points[run_id] = points.get(run_id, 0) + writer.behind[0]
                seconds[run_id] = max(seconds.get(run_id, 0.0), writer.behind[1])
            passed = seconds_between(writer.modified, snapshot.now)
            age[run_id] = min(passed, age.get(run_id, passed))
            silent[run_id] = writer.silent(snapshot.now) and silent.get(run_id, True)
    return pl.DataFrame(
        {
            "run_id": list(age),
            "heartbeat_age": list(age.values()),
            "silent": [silent[r] for r in age],
            "behind_points": [points.get(r) for r in age],
            "behind_seconds": [seconds.get(r) for r in age],
        },
        schema={"run_id": pl.String, **{name: RUN_SCHEMA[name] for name in FROM_TAILS}},
    )


def seconds_between(earlier: datetime, later: datetime) -> float:
    """Seconds, never negative."""
    return max(0.0, (later - earlier).total_seconds())
