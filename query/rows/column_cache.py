"""Some runs of one project in the order of frames, and their columns, each made once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

import numpy as np
import polars as pl
from numpy.typing import NDArray

from ...schema.edits import Decisions
from ...schema.run import fields as run_fields
from ...schema.run.row import RunRow
from ..names.columns import STATISTICS, given_prefix
from ..objects.lru import MemoryCache, process_memory
from .blocks import Block
from .packs import MAPS

ORDER: Final = ("created_at", "project", "run_id")
"""Frames have the newest run first, then by project and run id."""
DESCENDING: Final = (True, False, False)
_FIELDS: Final = ("last", *STATISTICS)
_WHEN: Final = pl.Datetime("ms", "UTC")
_FEW: Final = 256
"""Runs of which columns are too small to be counted."""
Indices: TypeAlias = NDArray[np.int64]
_Key: TypeAlias = tuple[str, pl.DataType | int]
"""The column and type of what runs were given, or a metric's label and the place of a statistic."""


class ColumnCache:
    """Runs of one project, some of whose rows are in each block. Unchanging; safe to share between threads.

    Columns of many runs are kept in memory while there is room, and made again where there was none.

    Args:
        project: its name.
        blocks: where rows are.
        shown: which rows are runs: `run_id`, `block`, `row`.
        decisions: what people decided, by run id.
        deleted: whether deleted runs are among them. Purged ones never are.
        memory: where columns are kept; default: that of the process.
    """

    def __init__(
        self,
        project: str,
        blocks: Sequence[Block],
        shown: pl.DataFrame,
        decisions: Mapping[str, Decisions],
        *,
        deleted: bool,
        memory: MemoryCache | None = None,
    ) -> None:
        self.blocks = blocks
        gone = [run_id for run_id, d in decisions.items() if d.purged or (d.deleted and not deleted)]
        if gone:
            shown = shown.filter(~pl.col("run_id").is_in(gone))
        frame = _own_columns(project, blocks, shown, decisions)
        self.own = frame.drop("_block", "_row")
        """The run's own columns but its heartbeat."""
        self._where = frame.select("_block", "_row")
        self._places: list[Indices | None] | None = None
        self._few: dict[_Key, pl.Series] = {}
        many = self.own.height > _FEW
        self._part = (memory if memory is not None else process_memory()).part("columns") if many else None
        self._nothing: dict[pl.DataType, pl.Series] = {}

    def given(self, column: str, dtype: pl.DataType, keep: pl.Series | None = None) -> pl.Series:
        """What all runs were given, or those in `keep`, by column (`params.lr`); null where a run lacks it."""
        known = self._get((column, dtype))
        if known is not None:
            return _of(known, keep)
        prefix = given_prefix(column)
        name = column.removeprefix(prefix)
        found = [(n, b.given[prefix][name]) for n, b in enumerate(self.blocks) if name in b.given[prefix]]
        if not found:
            return self._nulls(dtype, keep)
        values = _taken([typed(e, dtype) for _, e in found], self._index(found, keep))
        if keep is None:
            self._put((column, dtype), values)
        return values

    def metric(self, label: str, statistic: int, keep: pl.Series | None = None) -> pl.Series:
        """A metric's last value (0), minimum, maximum or mean (3) of all runs, or of those in `keep`."""
        known = self._get((label, statistic))
        if known is not None:
            return _of(known, keep)
        found = [(n, b.metrics[label]) for n, b in enumerate(self.blocks) if label in b.metrics]
        if not found:
            return self._nulls(pl.Float64(), keep)
        index = self._index(found, keep)
        if keep is not None:
            return _taken([e[_FIELDS[statistic]] for _, e in found], index)
        columns = [_taken([e[each] for _, e in found], index) for each in _FIELDS]
        for i, column in enumerate(columns):
            self._put((label, i), column)
        return columns[statistic]

    def _get(self, key: _Key) -> pl.Series | None:
        if self._part is None:
            return self._few.get(key)
        found = self._part.get(key)
        return found if isinstance(found, pl.Series) else None

    def _put(self, key: _Key, column: pl.Series) -> None:
        if self._part is None:
            self._few[key] = column
        else:
            self._part.put(key, column, int(column.estimated_size()))

    def _nulls(self, dtype: pl.DataType, keep: pl.Series | None) -> pl.Series:
        """The column of what none of these runs has, one for all of its type: running runs lack most of a project's."""
        if dtype not in self._nothing:
            self._nothing[dtype] = pl.repeat(None, self.own.height, dtype=dtype, eager=True)
        return self._nothing[dtype] if keep is None else self._nothing[dtype][: len(keep)]

    def _index(self, found: Sequence[tuple[int, pl.DataFrame]], keep: pl.Series | None) -> pl.Series:
        """For each run, which of the concatenated entries of blocks is its own; null for none."""
        height = self.own.height if keep is None else len(keep)
        places = self._all_places() if keep is None else _places(self._where[keep], len(self.blocks))
        source = np.full(height, -1, dtype=np.int64)
        offset = 0
        for n, entries in found:
            place, row = places[n], entries["row"].to_numpy()
            if place is not None:
                known = np.flatnonzero(row < len(place))
                at = place[row[known]]
                source[at[at >= 0]] = known[at >= 0] + offset
            offset += entries.height
        index = pl.Series(source)
        return index.set(index < 0, None)

    def _all_places(self) -> list[Indices | None]:
        if self._places is None:
            self._places = _places(self._where, len(self.blocks))
        return self._places


def _taken(parts: Sequence[pl.Series], index: pl.Series) -> pl.Series:
    return pl.concat(parts).gather(index)


def _of(column: pl.Series, keep: pl.Series | None) -> pl.Series:
    return column if keep is None else column.gather(keep)


def typed(entries: pl.DataFrame, dtype: pl.DataType) -> pl.Series:
    """What runs were given under one name, as its column has it; as text, numbers and booleans are as JSON has them."""
    kind, num, text = pl.col("kind"), pl.col("num"), pl.col("text")
    plain = entries["text"].null_count() == entries.height
    if dtype == pl.Int64:
        value = num.cast(pl.Int64, strict=False)
        value = value if plain else pl.coalesce(value, text.cast(pl.Int64, strict=False))
    elif dtype == pl.Float64:
        value = num if plain else pl.coalesce(num, text.cast(pl.Float64, strict=False))
    elif dtype == pl.Boolean:
        value = num != 0
    else:
        value = pl.coalesce(
            text,
            pl.when(kind == "int").then(num.cast(pl.Int64, strict=False).cast(pl.String)),
            pl.when(kind == "bool").then(pl.when(num != 0).then(pl.lit("true")).otherwise(pl.lit("false"))),
            num.cast(pl.String),
        )
        if entries["num"].null_count() == entries.height:
            value = text
    return entries.select(value=pl.when(kind.ne_missing("null")).then(value).cast(dtype)).to_series()


def _own_columns(
    project: str, blocks: Sequence[Block], shown: pl.DataFrame, decisions: Mapping[str, Decisions]
) -> pl.DataFrame:
    """The run's own columns but its heartbeat, in order, and where its row is (`_block`, `_row`)."""
    parts = []
    for i, block in enumerate(blocks):
        rows = shown.filter(pl.col("block") == i)["row"]
        parts.append(
            block.rows.lazy()
            .with_columns(last_step=block.last_step)
            .select(pl.all().exclude(*MAPS, *run_fields.typed("files", "lineage"), "traceback").gather(rows))
            .with_columns(_block=pl.lit(i, dtype=pl.UInt32), _row=pl.lit(rows, dtype=pl.UInt32))
        )
    until = pl.when(pl.col("status") == "running").then("updated_at").otherwise("ended_at")
    return (
        _decided(pl.concat(parts), decisions)
        .with_columns(
            project=pl.lit(project),
            duration=(until - pl.col("started_at")).dt.total_milliseconds() / 1000,
            attempts=pl.col("attempt").cast(pl.Int64),
        )
        .sort(ORDER, descending=DESCENDING, nulls_last=True)
        .collect(engine="in-memory")
    )


def _decided(frame: pl.LazyFrame, decisions: Mapping[str, Decisions]) -> pl.LazyFrame:
    """Names, notes, tags and deletions as people want them."""
    touched = sorted(decisions)
    if not touched:
        return frame.with_columns(
            deleted=pl.lit(value=False),
            deleted_by=pl.lit(None, dtype=pl.String),
            deleted_at=pl.lit(None, dtype=_WHEN),
        )
    texts = frame.filter(pl.col("run_id").is_in(touched)).select("run_id", "name", "notes", "tags").collect()
    rows = [RunRow(run_id, "", name=n, notes=o, tags=tuple(t or ())) for run_id, n, o, t in texts.iter_rows()]
    table = _table(decisions[row.run_id].apply(row) for row in rows)
    told = pl.DataFrame(
        {
            "deleted": [decisions[run_id].deleted for run_id in table["run_id"]],
            "deleted_by": [decisions[run_id].deleted_by for run_id in table["run_id"]],
            "deleted_at": [decisions[run_id].deleted_at for run_id in table["run_id"]],
        },
        schema={"deleted": pl.Boolean, "deleted_by": pl.String, "deleted_at": pl.Int64},
    ).with_columns(pl.col("deleted_at").cast(_WHEN))
    joined = frame.join(table.hstack(told).lazy(), on="run_id", how="left", suffix="_new", maintain_order="left")
    edited = pl.col("deleted").is_not_null()
    return joined.with_columns(
        *(pl.when(edited).then(f"{n}_new").otherwise(n).alias(n) for n in ("name", "notes", "tags")),
        deleted=pl.col("deleted").fill_null(value=False),
    ).drop("name_new", "notes_new", "tags_new")


def _table(rows: Iterable[RunRow]) -> pl.DataFrame:
    known = list(rows)
    return pl.DataFrame(
        {
            "run_id": [r.run_id for r in known],
            "name": [r.name for r in known],
            "notes": [r.notes for r in known],
            "tags": [list(r.tags) for r in known],
        },
        schema={"run_id": pl.String, "name": pl.String, "notes": pl.String, "tags": pl.List(pl.String)},
    )


def _places(where: pl.DataFrame, blocks: int) -> list[Indices | None]:
    """Of each block: where its rows stand among the runs, -1 for those that do not; None for a block of none."""
    block, row = where["_block"].to_numpy(), where["_row"].to_numpy()
    out: list[Indices | None] = []
    for i in range(blocks):
        at = np.flatnonzero(block == i)
        if not len(at):
            out.append(None)
            continue
        rows = row[at]
        place = np.full(int(rows.max()) + 1, -1, dtype=np.int64)
        place[rows] = at
        out.append(place)
    return out
