"""Runs gathered into groups by anything they share: n, mean ± std of each metric, and what all of a group agree on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import polars as pl

from ...schema.errors import FilterError, InvalidSetting
from ..filters.language import Filter
from ..filters.widgets import Choices, from_widgets
from ..names.columns import column_kind, is_metric, short_name
from ..names.params import CONFIG, config_columns
from .ordering import order_of, sort_column

COUNT: Final = "n"
"""The column that counts a group's runs."""
Statistic: TypeAlias = Literal["std", "n", "values"]
_MEASURED: Final = frozenset({"duration", "last_step", "rows", "attempts", "heartbeat_age"})
"""Columns of a run's own that are measured, not chosen: a mean says something."""
_ROW: Final = "\x00row"
_KEY: Final = "\x00key"
"""No column of a lake is called so."""
_SHOWN: Final = 6
_LONGEST: Final = 24


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups of a frame of runs."""

    frame: pl.DataFrame
    """One row per group, as `group_runs` gives it."""
    keys: pl.DataFrame
    """Of each the values that its runs share, one column for each that was compared."""
    members: pl.Series
    """Of each the positions of its runs in the frame that was grouped, as a list."""
    names: Mapping[tuple[str, Statistic], str]
    """What `stat_names` called the added columns; the frame has those that say something."""

    def id_of(self, at: int) -> str:
        """A short name of the `at`-th group, made from what its runs share: the same in every session."""
        values = self.keys.row(at) if self.keys.width else ()
        text = json.dumps([self.keys.columns, [repr(each) for each in values]], ensure_ascii=False)
        return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def group_runs(
    runs: pl.DataFrame, by: Sequence[str], columns: Sequence[str], *, rows: pl.Series | None = None, sort: str = ""
) -> pl.DataFrame:
    """One row per group of runs that share the values of some columns.

    Columns: those of `by`, `n` (runs), then of `columns` in order:

    - what is measured (metrics, duration, steps, points): its mean under its own name, `<name>.std` (of a sample; null
      for one value) and `<name>.n` (how many values it is of: missing ones, NaN and infinities do not count);
    - times: the latest;
    - all else: the value where all runs of the group agree (null where they do not), and `<name>.values`, how many
      different ones there are.

    A run with several tags is in the group of each. Missing values make a group of their own.

    Args:
        runs: one row per run.
        by: column names, or `config` for all params that differ between runs, seeds left out.
        columns: which others; those in `by` and unknown ones are passed over.
        rows: positions of the runs to group; all when null.
        sort: a column of the result, after `-` from high to low; else the largest groups come first.

    Raises:
        InvalidSetting: `by` is empty or names a column that the frame does not have.
    """
    return find_groups(runs, by, columns, rows=rows, sort=sort).frame


def find_groups(
    runs: pl.DataFrame, by: Sequence[str], columns: Sequence[str], *, rows: pl.Series | None = None, sort: str = ""
) -> Groups:
    """`group_runs`, with who is in which group."""
    every = pl.int_range(runs.height, dtype=pl.UInt32, eager=True) if rows is None else rows
    keys = key_columns(runs, by, rows=every)
    lead = list(dict.fromkeys(by))
    wanted = [name for name in dict.fromkeys(columns) if name in runs.columns and name not in lead]
    names = stat_names([*lead, COUNT], wanted)
    known = set(runs.columns)
    frame = runs.with_row_index(_ROW).select(_ROW, *dict.fromkeys([*keys, *wanted]))[every]
    places = [f"{_KEY}{i}" for i in range(len(keys))]
    spread = frame.select(_ROW, *(pl.col(name).alias(place) for name, place in zip(keys, places, strict=True)))
    for place in places:
        if isinstance(spread.schema[place], pl.List):
            spread = spread.explode(place, empty_as_null=True)
        elif spread.schema[place].is_float():
            # -0.0 is 0.0.
            spread = spread.with_columns(pl.col(place) + 0.0)
    # Without any key all runs are one group.
    spread = spread.unique(maintain_order=True).with_columns(pl.lit(value=True).alias(_KEY))
    joined = spread.join(frame.select(_ROW, *wanted), on=_ROW, how="left", maintain_order="left")
    aggregations: list[pl.Expr] = []
    for name in wanted:
        measured = name in _MEASURED or is_metric(name, known)
        aggregations += _aggregated(name, frame.schema[name], names, measured=measured)
    groups = joined.group_by([_KEY, *places], maintain_order=True).agg(
        pl.len().cast(pl.Int64).alias(COUNT), *aggregations, pl.col(_ROW)
    )
    labels = _config_labels(groups, keys, places) if CONFIG in lead else None
    shown = [
        (labels if name == CONFIG and labels is not None else groups[places[keys.index(name)]]).alias(name)
        for name in lead
    ]
    table = pl.DataFrame(shown).hstack(groups.drop(_KEY, *places, _ROW))
    order = _order(table, sort)
    values = groups.select(pl.col(place).alias(name) for name, place in zip(keys, places, strict=True))
    return Groups(table[order], values[order] if keys else values, groups[_ROW].gather(order), names)


def key_columns(runs: pl.DataFrame, by: Sequence[str], *, rows: pl.Series | None = None) -> list[str]:
    """The columns that are compared: `by`, with `config` replaced by the params that differ, seeds left out.

    Raises:
        InvalidSetting: `by` is empty or names a column that the frame does not have.
    """
    if isinstance(by, str) or not by:
        raise InvalidSetting(f"group by {by!r}: give a list of columns, such as ['params.model'] or ['config']")
    keys: list[str] = []
    schema = runs.schema
    for name in by:
        if name == CONFIG:
            keys += [
                each
                for each in config_columns(runs)
                if (runs[each] if rows is None else runs[each].gather(rows)).n_unique() > 1
            ]
        elif name in schema and column_kind(schema[name]) != "other":
            keys.append(name)
        else:
            raise InvalidSetting(f"can't group by {name!r}: no run has this column; params are params.<name>")
    return list(dict.fromkeys(keys))


def stat_names(taken: Iterable[str], columns: Sequence[str]) -> dict[tuple[str, Statistic], str]:
    """What the added columns of `group_runs` are called: `val/acc.std`; a `_` more where that is taken."""
    used = {*taken, *columns}
    out: dict[tuple[str, Statistic], str] = {}
    kinds: tuple[Statistic, ...] = ("std", "n", "values")
    for column in columns:
        for statistic in kinds:
            name = f"{column}.{statistic}"
            while name in used:
                name += "_"
            used.add(name)
            out[column, statistic] = name
    return out


def group_filter(groups: Groups, at: int, schema: Mapping[str, pl.DataType]) -> Filter | None:
    """The filter that the runs of one group pass; null where the language has no room or no word for it.

    Args:
        groups: all of them.
        at: which one.
        schema: of the frame of runs, `runs.schema`; made once for all groups, since a wide one takes milliseconds.
    """
    picks = {}
    for column, value in zip(groups.keys.columns, groups.keys.row(at) if groups.keys.width else (), strict=True):
        if not isinstance(value, (str, bool, int, float, type(None))):
            return None
        picks[short_name(column, schema)] = Choices((value,))
    try:
        return from_widgets(picks)
    except FilterError:
        return None


def _aggregated(
    name: str, dtype: pl.DataType, names: Mapping[tuple[str, Statistic], str], *, measured: bool
) -> list[pl.Expr]:
    column = pl.col(name)
    if measured:
        finite = column.cast(pl.Float64)
        finite = finite.filter(finite.is_finite())
        return [
            finite.mean().alias(name),
            finite.std().alias(names[name, "std"]),
            finite.len().cast(pl.Int64).alias(names[name, "n"]),
        ]
    if dtype.is_temporal():
        return [column.max().alias(name)]
    # A list has an order that says nothing: tags a, b are tags b, a.
    value = column.list.sort() if isinstance(dtype, pl.List) else column
    return [
        pl.when(value.n_unique() == 1).then(value.first()).alias(name),
        value.drop_nulls().n_unique().cast(pl.Int64).alias(names[name, "values"]),
    ]


def _config_labels(groups: pl.DataFrame, keys: Sequence[str], places: Sequence[str]) -> pl.Series:
    """`lr=0.1 · depth=4`, of a few of the params that make the groups."""
    parts = []
    for name, place in zip(keys, places, strict=True):
        if name.startswith("params."):
            text = pl.col(place).cast(pl.String)
            cut = pl.when(text.str.len_chars() > _LONGEST).then(text.str.head(_LONGEST - 1) + "…").otherwise(text)
            parts.append(pl.lit(f"{name.removeprefix('params.')}=") + cut)
    if not parts:
        return pl.Series(["all alike"] * groups.height, dtype=pl.String)
    few = pl.concat_list(parts).list.drop_nulls()
    more = few.list.len() > _SHOWN
    text = few.list.head(_SHOWN).list.join(" · ")
    label = pl.when(more).then(text + " …").when(few.list.len() == 0).then(pl.lit("no params")).otherwise(text)
    return groups.select(label).to_series()


def _order(table: pl.DataFrame, sort: str) -> pl.Series:
    by = sort_column(sort)
    if by in table.columns:
        return order_of(table[by], sort)
    return order_of(table[COUNT], "-")
