"""The leaderboard's raw material: one row per run, params and metrics as columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import numpy as np
import polars as pl

from ..schema.edits import Decisions
from ..schema.rows import RunRow
from .blocks import HUGE, Block
from .snapshot import Snapshot

_WHEN: Final = pl.Datetime("ms", "UTC")
RUN_SCHEMA: Final[Mapping[str, pl.DataType]] = {
    "project": pl.String(),
    "run_id": pl.String(),
    "name": pl.String(),
    "status": pl.String(),
    "user": pl.String(),
    "host": pl.String(),
    "group": pl.String(),
    "job_type": pl.String(),
    "parent_run_id": pl.String(),
    "dataset": pl.String(),
    "tags": pl.List(pl.String()),
    "notes": pl.String(),
    "error": pl.String(),
    "created_at": _WHEN,
    "started_at": _WHEN,
    "ended_at": _WHEN,
    "updated_at": _WHEN,
    "duration": pl.Float64(),
    "attempts": pl.Int64(),
    "last_step": pl.Int64(),
    "heartbeat_age": pl.Float64(),
    "silent": pl.Boolean(),
    "behind_points": pl.Int64(),
    "behind_seconds": pl.Float64(),
    "deleted": pl.Boolean(),
    "deleted_by": pl.String(),
    "rows": pl.Int64(),
}
"""The run's own columns, in order. Times by the writer's clock; `duration` and `heartbeat_age` in seconds; `rows` are
points, so far for running ones. `behind_points` and `behind_seconds` tell of a running run whose store failed or was
slow what the lake lacked just before the run's last word, and for how long; null otherwise."""
_FROM_TAILS: Final = ("heartbeat_age", "silent", "behind_points", "behind_seconds")
STATISTICS: Final = ("", ".min", ".max", ".mean")
"""What follows a metric's label in its columns; the first, without anything, is the last value."""
_FIELDS: Final = ("last", "min", "max", "mean")


class Frames:
    """The runs of one snapshot or several, from which columns are drawn.

    Args:
        snapshots: of different projects.
    """

    def __init__(self, snapshots: Sequence[Snapshot]) -> None:
        self._snapshots = snapshots
        self._blocks: list[Block] = [block for s in snapshots for block in s.runs.blocks]
        self.kinds = _kinds(self._blocks)
        """By param: kinds of its values."""
        self.params: Mapping[str, pl.DataType] = {name: param_type(kinds) for name, kinds in self.kinds.items()}
        """By param: the type of its column."""
        self.metrics = metric_columns(
            sorted({label for block in self._blocks for label in block.metrics}),
            taken={*RUN_SCHEMA, *(f"params.{name}" for name in self.params)},
        )
        """By metric label: its four columns (last, min, max, mean)."""
        self.schema: Mapping[str, pl.DataType] = {
            **RUN_SCHEMA,
            **{f"params.{name}": dtype for name, dtype in self.params.items()},
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
        """One row per run, newest first.

        Args:
            deleted: with the deleted ones.
            where: given the schema, which rows to keep.
            columns: of params and metrics only these; names that no run has are passed over.
        """
        runs = self._runs(deleted=deleted)
        if where is not None:
            condition = where(self.schema)
            wanted = [c for c in condition.meta.root_names() if c not in RUN_SCHEMA]
            runs = runs.hstack(self._columns(runs, wanted)).filter(condition).drop(wanted)
        names = self.schema if columns is None else dict.fromkeys(columns)
        extra = self._columns(runs, [c for c in names if c in self.schema and c not in RUN_SCHEMA])
        return runs.drop("_block", "_row").hstack(extra)

    def _runs(self, *, deleted: bool) -> pl.DataFrame:
        """The run's own columns, and where its other columns are found (`_block`, `_row`)."""
        parts, offset = [], 0
        for snapshot in self._snapshots:
            parts.append(_own_columns(snapshot, offset, deleted=deleted))
            offset += len(snapshot.runs.blocks)
        frame = pl.concat(parts) if parts else _no_runs()
        return frame.sort("created_at", "project", "run_id", descending=[True, False, False], nulls_last=True)

    def _columns(self, runs: pl.DataFrame, names: Sequence[str]) -> list[pl.Series]:
        owners = {column: (label, i) for label, found in self.metrics.items() for i, column in enumerate(found)}
        places = _places(runs, len(self._blocks))
        indices: dict[str, pl.Series] = {}
        out = []
        for name in dict.fromkeys(names):
            if name in owners:
                label, i = owners[name]
                found = [(n, b.metrics[label]) for n, b in enumerate(self._blocks) if label in b.metrics]
                if label not in indices:
                    indices[label] = _index(found, places, runs.height)
                values = pl.concat([entries[_FIELDS[i]] for _, entries in found])
                out.append(values.gather(indices[label]).alias(name))
            else:
                param = name.removeprefix("params.")
                found = [(n, b.params[param]) for n, b in enumerate(self._blocks) if param in b.params]
                dtype = self.params[param]
                values = pl.concat([typed(entries, dtype) for _, entries in found])
                out.append(values.gather(_index(found, places, runs.height)).alias(name))
        return out


def param_type(kinds: frozenset[str]) -> pl.DataType:
    """The type of a param's column: one kind gives its own, numbers widen to float, all else is text."""
    if kinds and kinds <= {"int", "float", HUGE} and kinds != {HUGE} and kinds != {"int", HUGE}:
        return pl.Float64() if kinds != {"int"} else pl.Int64()
    return pl.Boolean() if kinds == {"bool"} else pl.String()


def typed(entries: pl.DataFrame, dtype: pl.DataType) -> pl.Series:
    """A param's values as its column has them; in text columns numbers and booleans as JSON would write them."""
    kind, num, text = pl.col("kind"), pl.col("num"), pl.col("text")
    if dtype == pl.Int64:
        value = pl.coalesce(num.cast(pl.Int64, strict=False), text.cast(pl.Int64, strict=False))
    elif dtype == pl.Float64:
        value = pl.coalesce(num, text.cast(pl.Float64, strict=False))
    elif dtype == pl.Boolean:
        value = num != 0
    else:
        value = pl.coalesce(
            text,
            pl.when(kind == "int").then(num.cast(pl.Int64, strict=False).cast(pl.String)),
            pl.when(kind == "bool").then(pl.when(num != 0).then(pl.lit("true")).otherwise(pl.lit("false"))),
            num.cast(pl.String),
        )
    return entries.select(value=pl.when(kind.ne_missing("null")).then(value).cast(dtype)).to_series()


def metric_columns(labels: Iterable[str], *, taken: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """By metric label its four columns: `val/acc`, `val/acc.min`, …; where one is taken, all with `metrics.` before."""
    used = set(taken)
    out = {}
    for label in labels:
        stem = label
        while any(stem + statistic in used for statistic in STATISTICS):
            stem = f"metrics.{stem}"
        out[label] = tuple(stem + statistic for statistic in STATISTICS)
        used.update(out[label])
    return out


def _kinds(blocks: Iterable[Block]) -> dict[str, frozenset[str]]:
    out: dict[str, frozenset[str]] = {}
    for block in blocks:
        for name, kinds in block.kinds.items():
            out[name] = out.get(name, frozenset()) | kinds
    return dict(sorted(out.items()))


def _no_runs() -> pl.DataFrame:
    return pl.DataFrame(schema={**RUN_SCHEMA, "_block": pl.UInt32, "_row": pl.UInt32})


def _own_columns(snapshot: Snapshot, offset: int, *, deleted: bool) -> pl.DataFrame:
    shown = snapshot.runs.shown
    purged = [run_id for run_id, d in snapshot.decisions.items() if d.purged]
    hidden = purged if deleted else [run_id for run_id, d in snapshot.decisions.items() if d.purged or d.deleted]
    if hidden:
        shown = shown.filter(~pl.col("run_id").is_in(hidden))
    parts = []
    for i, block in enumerate(snapshot.runs.blocks):
        rows = shown.filter(pl.col("block") == i)["row"]
        if not len(rows):
            continue
        parts.append(
            block.rows.lazy()
            .with_columns(last_step=block.last_step)
            .select(pl.all().exclude("params", "summary", "env", "files").gather(rows))
            .with_columns(_block=pl.lit(offset + i, dtype=pl.UInt32), _row=pl.lit(rows))
        )
    if not parts:
        return _no_runs()
    frame = pl.concat(parts)
    frame = _decided(frame, snapshot.decisions)
    frame = frame.join(_heartbeats(snapshot).lazy(), on="run_id", how="left", maintain_order="left")
    until = pl.when(pl.col("status") == "running").then("updated_at").otherwise("ended_at")
    return (
        frame.with_columns(
            project=pl.lit(snapshot.project),
            duration=(until - pl.col("started_at")).dt.total_milliseconds() / 1000,
            attempts=pl.col("attempt").cast(pl.Int64),
            silent=pl.col("silent").fill_null(value=False),
        )
        .select(*RUN_SCHEMA, "_block", "_row")
        .collect(engine="in-memory")
    )


def _decided(frame: pl.LazyFrame, decisions: Mapping[str, Decisions]) -> pl.LazyFrame:
    """Names, notes, tags and deletions as people want them."""
    touched = sorted(decisions)
    if not touched:
        return frame.with_columns(deleted=pl.lit(value=False), deleted_by=pl.lit(None, dtype=pl.String))
    texts = frame.filter(pl.col("run_id").is_in(touched)).select("run_id", "name", "notes", "tags").collect()
    rows = [RunRow(run_id, "", name=n, notes=o, tags=tuple(t or ())) for run_id, n, o, t in texts.iter_rows()]
    after = [decisions[row.run_id].apply(row) for row in rows]
    table = pl.DataFrame(
        {
            "run_id": [r.run_id for r in after],
            "name": [r.name for r in after],
            "notes": [r.notes for r in after],
            "tags": [list(r.tags) for r in after],
            "deleted": [decisions[r.run_id].deleted for r in after],
            "deleted_by": [decisions[r.run_id].deleted_by for r in after],
        },
        schema={name: RUN_SCHEMA[name] for name in ("run_id", "name", "notes", "tags", "deleted", "deleted_by")},
    )
    joined = frame.join(table.lazy(), on="run_id", how="left", suffix="_new", maintain_order="left")
    edited = pl.col("deleted").is_not_null()
    return joined.with_columns(
        *(pl.when(edited).then(f"{n}_new").otherwise(n).alias(n) for n in ("name", "notes", "tags")),
        deleted=pl.col("deleted").fill_null(value=False),
    )


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
        schema={"run_id": pl.String, **{name: RUN_SCHEMA[name] for name in _FROM_TAILS}},
    )


def seconds_between(earlier: datetime, later: datetime) -> float:
    """Seconds, never negative."""
    return max(0.0, (later - earlier).total_seconds())


_Places = list["np.ndarray[tuple[int], np.dtype[np.int64]]"]


def _places(runs: pl.DataFrame, blocks: int) -> _Places:
    """Of each block: where its rows stand in `runs`, -1 for those that do not."""
    block, row = runs["_block"].to_numpy(), runs["_row"].to_numpy()
    out = []
    for i in range(blocks):
        at = np.flatnonzero(block == i)
        rows = row[at]
        place = np.full(int(rows.max()) + 1 if len(rows) else 0, -1, dtype=np.int64)
        place[rows] = at
        out.append(place)
    return out


def _index(found: Sequence[tuple[int, pl.DataFrame]], places: _Places, height: int) -> pl.Series:
    """For each run, which of the concatenated entries is its own; null for none."""
    source = np.full(height, -1, dtype=np.int64)
    offset = 0
    for i, entries in found:
        rows = entries["row"].to_numpy()
        known = rows < len(places[i])
        at = places[i][rows[known]]
        entry = np.flatnonzero(known)[at >= 0]
        source[at[at >= 0]] = entry + offset
        offset += entries.height
    index = pl.Series(source)
    return index.set(index < 0, None)
