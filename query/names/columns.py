"""Which column of the runs frame a name means, and what kind of thing it holds."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Final, Literal, TypeAlias

import polars as pl

Kind: TypeAlias = Literal["number", "text", "bool", "time", "list", "none", "other"]
"""`none` is a column without any value, `other` what no comparison understands."""
STATISTICS: Final[Mapping[str, str]] = {"min": "lowest", "max": "highest", "mean": "mean"}
"""What a metric has beside its last value, and how that reads. Its columns end in `.` and the key."""
_PARAMS: Final = "params."
GIVEN: Final[Mapping[str, Literal["Param", "Summary", "Tag"]]] = {
    _PARAMS: "Param",
    "summary.": "Summary",
    "tags.": "Tag",
}
"""What columns begin with that hold what runs were given by name, and what such a column is: params, what a summary
says beside metrics, tags with a value."""


def column_kind(dtype: pl.DataType) -> Kind:
    """What comparisons a column of this type understands."""
    if dtype.is_numeric():
        return "number"
    if isinstance(dtype, (pl.String, pl.Categorical, pl.Enum)):
        return "text"
    if isinstance(dtype, pl.Boolean):
        return "bool"
    if isinstance(dtype, (pl.Datetime, pl.Date)):
        return "time"
    if isinstance(dtype, pl.List) and isinstance(dtype.inner, (pl.String, pl.Categorical, pl.Enum)):
        return "list"
    return "none" if isinstance(dtype, pl.Null) else "other"


def given_prefix(column: str) -> str:
    """Which of `GIVEN` the column begins with; empty for the run's own columns and for metrics."""
    return next((prefix for prefix in GIVEN if column.startswith(prefix)), "")


def is_metric(column: str, names: Iterable[str]) -> bool:
    """Whether the column is a metric's last value or one of its statistics, judged by its siblings in the frame."""
    names = names if isinstance(names, (set, frozenset, dict, Mapping)) else set(names)
    label, _ = split_statistic(column, names)
    return not given_prefix(column) and all(f"{label}.{each}" in names for each in STATISTICS)


def split_statistic(column: str, names: Container[str]) -> tuple[str, str | None]:
    """The column with a metric's last value, and which of its `STATISTICS` this column holds; None for the last value.

    Judged by the other columns in the frame: a metric may well be called `loss.min`.
    """
    stem, _, tail = column.rpartition(".")
    return (stem, tail) if tail in STATISTICS and stem in names else (column, None)


def find_column(text: str, schema: Mapping[str, pl.DataType]) -> str | None:
    """The column a name means: the param, else the metric (its last value), else the run's own column.

    Where there is none of these, the value of the summary, else the tag's. `params.x`, `metrics.x`, `run.x`,
    `summary.x` and `tags.x` say which one; `x.min`, `x.max` and `x.mean` are a metric's other values.
    """
    spellings = [text]
    if text.endswith("]") or "]." in text:
        # `val/acc[cifar10]` is read as the label `val/acc [cifar10]`; a metric may really be called the former.
        spellings.append(text.replace(" [", "[", 1))
    for name in spellings:
        prefix, _, rest = name.partition(".")
        if prefix == "metrics":
            metric = next((each for each in (name, rest) if each in schema and is_metric(each, schema)), None)
            if metric is not None:
                return metric
        if prefix == "run" and rest in schema and not given_prefix(rest) and not is_metric(rest, schema):
            return rest
        candidates = (name, _PARAMS + name) if prefix == "params" else (_PARAMS + name, name)
        for column in candidates:
            if column in schema:
                return column
    for name in spellings:
        for prefix in GIVEN:
            if prefix != _PARAMS and prefix + name in schema:
                return prefix + name
    return None


def short_name(column: str, schema: Mapping[str, pl.DataType]) -> str:
    """The shortest name that means this column, without backticks."""
    if column.startswith(_PARAMS):
        bare = column[len(_PARAMS) :]
        return bare if bare and find_column(bare, schema) == column else column
    if given_prefix(column) or find_column(column, schema) == column:
        return column
    prefixed = ("metrics." if is_metric(column, schema) else "run.") + column
    return prefixed if find_column(prefixed, schema) == column else column
