"""The lake's tables: columns, types, encodings. The one place that says them.

Columns are only ever added, nullable; nothing is renamed, retyped or reused. `project` (and for points `run_id`)
come from the path alone. pyarrow is imported when a schema is first asked for.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from .run.fields import RUN_FIELDS

if TYPE_CHECKING:
    import pyarrow as pa

FORMAT: Final = 1
"""The lake's format that this version writes and the newest it reads."""
FORMAT_KEY: Final = b"lakeboard.format"
"""Footer metadata: the format as text."""
RUN_KEY: Final = b"lakeboard.run"
"""Footer metadata of tails: the run's row (k = 0) or what changed of it since, as JSON."""

ROW_GROUP_ROWS: Final = 16_384
"""A row group of points closes at the first metric boundary once it has this many rows."""
MAX_ROW_GROUP_ROWS: Final = 1_048_576
"""A row group never has more rows than this, whatever the metric."""

DELTA_COLUMNS: Final = ("step", "timestamp", "seq")
DICTIONARY_COLUMNS: Final = ("metric", "dataset", "writer")


def _pa() -> Any:
    import pyarrow as pa

    return pa


@cache
def points_schema() -> pa.Schema:
    """`metrics/` and `live/`: one row per logged value.

    `value` is any float64, NaN and infinities included; `seq` is dense from 0 per writer; `dataset` null means the
    run's own.
    """
    pa = _pa()
    return pa.schema(
        [
            pa.field("metric", pa.string(), nullable=False),
            pa.field("dataset", pa.string()),
            pa.field("step", pa.int64(), nullable=False),
            pa.field("value", pa.float64(), nullable=False),
            pa.field("timestamp", pa.timestamp("ms", tz="UTC"), nullable=False),
            pa.field("seq", pa.int64(), nullable=False),
            pa.field("writer", pa.string(), nullable=False),
            pa.field("attempt", pa.int32(), nullable=False),
        ]
    )


@cache
def rows_schema() -> pa.Schema:
    """`runs/`: one row per writer of an ended run. Meanings are those of `lakeboard.schema.run.row.RunRow`."""
    pa = _pa()
    text, integer, double = pa.string(), pa.int64(), pa.float64()
    when = pa.timestamp("ms", tz="UTC")
    param = pa.struct([("kind", text), ("num", double), ("text", text)])
    summary = pa.struct(
        [
            ("metric", text),
            ("dataset", text),
            ("goal", text),
            ("first", double),
            ("last", double),
            ("last_step", integer),
            ("last_at", when),
            ("min", double),
            ("min_step", integer),
            ("max", double),
            ("max_step", integer),
            ("mean", double),
            ("n", integer),
            ("n_nan", integer),
            ("step_metric", text),
        ]
    )
    sealed = pa.struct([("name", text), ("bytes", integer)])
    version = pa.struct([("project", text), ("artifact", text), ("version", text), ("at", when)])
    types = {
        "text": text,
        "int": integer,
        "small int": pa.int32(),
        "time": when,
        "texts": pa.list_(text),
        "text by key": pa.map_(text, text),
        "params": pa.map_(text, param),
        "summary": pa.map_(text, summary),
        "files": pa.list_(sealed),
        "lineage": pa.list_(version),
    }
    return pa.schema([pa.field(each.name, types[each.type], nullable=not each.required) for each in RUN_FIELDS])


@cache
def edits_schema() -> pa.Schema:
    """`edits/`: one row per run that a person's act touches. Meanings are those of `lakeboard.schema.edits.Edit`."""
    pa = _pa()
    return pa.schema(
        [
            pa.field("run_id", pa.string(), nullable=False),
            pa.field("hlc", pa.int64(), nullable=False),
            pa.field("rand", pa.string(), nullable=False),
            pa.field("op", pa.string(), nullable=False),
            pa.field("arg", pa.string()),
            pa.field("editor", pa.string()),
        ]
    )
