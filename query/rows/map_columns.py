"""Entries of map columns, laid out by key: what a param or a metric is in every row, side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pyarrow as pa

HUGE: Final = "huge"
"""Kind of ints beyond 64 bits."""
KINDS: Final = pl.Enum(["null", "bool", "int", "float", "str", "json", HUGE])
_FEW_NAMES: Final = 2**16


@dataclass(frozen=True, slots=True)
class Entries:
    """The entries of one map column of some rows, in order of rows. Unchanging."""

    names: Sequence[str]
    codes: NDArray[np.integer[Any]]
    """Of each entry: which of `names` is its key."""
    values: pl.DataFrame
    """Of each entry: `row`, the place of its row, and its value's fields."""


def by_name(parts: Sequence[Entries]) -> dict[str, pl.DataFrame]:
    """By key, in order: the entries of that key, in order of rows. One stable sort of small numbers for all of them."""
    parts = [each for each in parts if len(each.codes)]
    if not parts:
        return {}
    names = sorted({name for each in parts for name in each.names})
    places = {name: i for i, name in enumerate(names)}
    small: type[np.unsignedinteger[Any]] = np.uint16 if len(names) < _FEW_NAMES else np.uint32
    codes = np.concatenate([np.array([places[n] for n in each.names], dtype=small)[each.codes] for each in parts])
    order = pl.Series(np.argsort(codes, kind="stable").astype(np.uint32))
    laid = pl.concat([each.values for each in parts], rechunk=True).select(pl.all().gather(order))
    counts = np.bincount(codes, minlength=len(names))
    ends = np.cumsum(counts)
    return {
        name: laid[int(end - count) : int(end)] for name, count, end in zip(names, counts, ends, strict=True) if count
    }


class Joined(Mapping[str, pl.DataFrame]):
    """Entries by key of several files, as if their rows were one below the other; put together when asked for."""

    def __init__(self, parts: Sequence[tuple[Mapping[str, pl.DataFrame], int]]) -> None:
        self._parts = parts
        self._names = sorted({name for found, _ in parts for name in found})

    def __getitem__(self, name: str) -> pl.DataFrame:
        found = [
            entries[name].with_columns(pl.col("row") + pl.lit(first, dtype=pl.UInt32)) if first else entries[name]
            for entries, first in self._parts
            if name in entries
        ]
        if not found:
            raise KeyError(name)
        return pl.concat(found)

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def of_frame(rows: pl.DataFrame, column: str) -> pl.DataFrame:
    """One row per entry of a map column: `row` (position in `rows`), `name` (the key), and the value's fields.

    Text has the fields of a param.
    """
    long = (
        rows.lazy()
        .select(
            pl.int_range(pl.len(), dtype=pl.UInt32).alias("row"),
            name=pl.col(column).map.keys(),
            value=pl.col(column).map.values(),
        )
        .filter(pl.col("name").list.len() > 0)
        .explode("name", "value")
    )
    long = long.unnest("value") if _has_fields(rows.schema[column]) else long.pipe(_as_params)
    return long.collect(engine="in-memory")


def _has_fields(dtype: pl.DataType) -> bool:
    return isinstance(dtype, pl.Map) and isinstance(dtype.value, pl.Struct)


def _as_params(long: pl.LazyFrame) -> pl.LazyFrame:
    kind, num = pl.lit("str"), pl.lit(None, dtype=pl.Float64)
    return long.filter(pl.col("value").is_not_null()).select("row", "name", kind=kind, num=num, text="value")


def kinds_of(params: Mapping[str, pl.DataFrame]) -> dict[str, frozenset[str]]:
    """By param: the kinds of its values, without `null`; kinds that this version does not know are `json`."""
    return {
        name: frozenset(entries["kind"].unique().fill_null("json").to_list()) - {"null"}
        for name, entries in params.items()
    }


def of_long(long: pl.DataFrame) -> Entries:
    """`Entries` of a frame with `row`, `name` and fields."""
    names = long["name"].unique(maintain_order=True)
    codes = long["name"].cast(pl.Enum(names)).to_physical().to_numpy()
    return Entries(names.to_list(), codes, long.drop("name"))


def with_kinds(params: pl.DataFrame) -> pl.DataFrame:
    """Params with their `kind` as `KINDS` has them: ints beyond 64 bits are huge, unknown kinds null."""
    params = params.with_columns(pl.col("kind").cast(KINDS, strict=False))
    big = (params["kind"] == "int") & params["text"].is_not_null()
    if not big.any():
        return params
    huge = big & params["text"].cast(pl.Int64, strict=False).is_null()
    kind = pl.when(huge).then(pl.lit(HUGE, dtype=KINDS)).otherwise("kind")
    return params.with_columns(kind=kind)


def of_arrow(column: pa.ChunkedArray, types: Mapping[str, pl.DataType], first: int = 0) -> list[Entries]:
    """A map column of text to structs, or to text, as a file gave it whose keys were read as dictionaries.

    Text has the fields of a param.

    Args:
        column: one part for each of its chunks; `row` counts on from one to the next.
        types: what text that was read as a dictionary becomes, by field; default: text.
        first: the place of its first row.
    """
    out = []
    for chunk in column.chunks:
        # By way of Polars: pyarrow's own way to NumPy imports pandas where it is installed.
        offsets = pl.Series(pl.from_arrow(chunk.offsets)).to_numpy()
        low, high = int(offsets[0]), int(offsets[-1])
        lengths = np.diff(offsets)
        keys, items = chunk.keys.slice(low, high - low), chunk.items.slice(low, high - low)
        row = np.repeat(np.arange(first, first + len(lengths), dtype=np.uint32), lengths)
        frame = pl.DataFrame({"row": pl.Series(row), **_fields(items, types)})
        out.append(Entries(keys.dictionary.to_pylist(), pl.Series(pl.from_arrow(keys.indices)).to_numpy(), frame))
        first += len(lengths)
    return out


def _fields(items: pa.Array, types: Mapping[str, pl.DataType]) -> dict[str, pl.Series]:
    import pyarrow as pa

    if pa.types.is_struct(items.type):
        return {f.name: _series(items.field(f.name), types.get(f.name)) for f in items.type}
    return {
        "kind": pl.repeat("str", len(items), dtype=KINDS, eager=True),
        "num": pl.repeat(None, len(items), dtype=pl.Float64, eager=True),
        "text": _series(items),
    }


def _series(array: pa.Array, dtype: pl.DataType | None = None) -> pl.Series:
    import pyarrow as pa

    if not pa.types.is_dictionary(array.type):
        return pl.Series(pl.from_arrow(array))
    words = pl.Series(pl.from_arrow(array.dictionary))
    return (words.cast(dtype, strict=False) if dtype else words).gather(pl.Series(pl.from_arrow(array.indices)))
