"""The run rows of one pack, decoded as far as a project's frames need them; the rest stays as bytes until asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

import polars as pl

from ...schema.parquet import check_format
from ...schema.run.fields import typed
from ..names.columns import GIVEN, STATISTICS
from ..objects.decode import are_rows, decode_rows, guarded, rows_types, scan
from .map_columns import KINDS, Entries, by_name, kinds_of, of_arrow, of_frame, of_long, with_kinds

if TYPE_CHECKING:
    import pyarrow.parquet as pq

MAPS: Final = typed("params", "summary", "text by key")
SHOWN: Final = ("last", "last_step", *STATISTICS)
"""Of a summary's fields, those that frames show, in the order in which files have them."""
DECLARED: Final = ("metric", "dataset", "goal", "step_metric")
"""Those that say what a metric is."""
COLUMNS: Final[Mapping[str, str]] = dict(zip(GIVEN, ("params", "results", "tag_values"), strict=True))
"""By prefix of `GIVEN`: the column of run rows that holds what is called so."""
_LABEL: Final = "summary.key_value.key"


@dataclass(frozen=True)
class RowFile:
    """A pack. Unchanging; safe to share between threads."""

    key: str
    rows: pl.DataFrame
    """Columns of `rows_types()` but the maps, and `source` (the key)."""
    params: Mapping[str, pl.DataFrame]
    """By param: `row`, `kind` (of `KINDS`), `num`, `text`."""
    metrics: Mapping[str, pl.DataFrame]
    """By metric label: `row` and `SHOWN`."""
    _data: bytes = field(repr=False)
    results: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    """What summaries say beside metrics, as `params`."""
    tag_values: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    """Tags with a value, by key, as `params`."""

    @cached_property
    def kinds(self) -> Mapping[str, Mapping[str, frozenset[str]]]:
        """By prefix of `GIVEN` and name: the kinds of its values."""
        return {prefix: kinds_of(self.given(prefix)) for prefix in GIVEN}

    def given(self, prefix: str) -> Mapping[str, pl.DataFrame]:
        """`params`, `results` or `tag_values`, by a prefix of `GIVEN`."""
        found: Mapping[str, pl.DataFrame] = getattr(self, COLUMNS[prefix])
        return found

    @cached_property
    def nbytes(self) -> int:
        """Memory: the bytes of the pack, its rows, metrics, and what runs were given."""
        parts = [self.rows, *self.metrics.values(), *(e for prefix in GIVEN for e in self.given(prefix).values())]
        return len(self._data) + sum(int(each.estimated_size()) for each in parts)

    def told(self) -> pl.DataFrame:
        """What the summaries say of their metrics: `name` (the label), `DECLARED` and `created_at`, each once.

        Decodes a few columns, each time.

        Raises:
            DamagedObject: bytes that do not decode.
        """
        return guarded(self._tell, key=self.key)

    def _tell(self) -> pl.DataFrame:
        paths = [f"summary.key_value.value.{name}" for name in DECLARED]
        import pyarrow as pa

        file = _open(self._data, [_LABEL, *paths])
        try:
            found = _entries(file, "summary", [_LABEL, *paths], dict.fromkeys(DECLARED, pl.Categorical()))
        except pa.ArrowNotImplementedError:
            found = []
        if [name for each in found for name in each.values.columns[1:]][: len(DECLARED)] != list(DECLARED):
            # A pack of before some of these.
            frame = scan([self._data], rows_types()).select("created_at", "summary").collect(engine="in-memory")
            return tell(of_frame(frame, "summary"), frame["created_at"])
        parts = []
        for each in found:
            names = pl.Series(each.names, dtype=pl.String).cast(pl.Categorical())
            name = names.gather(pl.Series(each.codes))
            parts.append(tell(each.values.with_columns(name=name), self.rows["created_at"]))
        return pl.concat(parts).cast(dict.fromkeys(("name", *DECLARED), pl.String()))

    def whole(self, at: pl.Series) -> pl.DataFrame:
        """Some rows with all their columns. Decodes the row groups that they are in, each time.

        Raises:
            DamagedObject: bytes that do not decode.
        """
        low, high = at.min(), at.max()
        if not isinstance(low, int) or not isinstance(high, int):
            return pl.DataFrame(schema={**rows_types(), "source": pl.String})
        part = guarded(
            lambda: scan([self._data], rows_types()).slice(low, high + 1 - low).collect(engine="in-memory"),
            key=self.key,
        )
        return part[at - low].with_columns(pl.col("attempt").fill_null(1), source=pl.lit(self.key))


def tell(summary: pl.DataFrame, created: pl.Series) -> pl.DataFrame:
    """`name` and `DECLARED` of some summaries, each once, with the `created_at` of the newest run that says so."""
    return (
        summary.lazy()
        .select(pl.col("name", *DECLARED), created_at=pl.lit(created).gather("row"))
        .group_by("name", *DECLARED)
        .agg(pl.col("created_at").max())
        .collect(engine="in-memory")
    )


def read_row_file(data: bytes, *, key: str) -> RowFile:
    """A pack. 100,000 runs of 20 params and 10 metrics take about half a second.

    Raises:
        DamagedObject: not Parquet, or not run rows.
        LakeFormat: of a newer format.
    """
    found = guarded(lambda: _read(data, key), key=key)
    if found is not None:
        return found
    # Columns or fields that this version does not know, or older ones that lack some.
    frame = decode_rows(data, key=key)
    given = {name: by_name([of_long(with_kinds(of_frame(frame, name)))]) for name in COLUMNS.values()}
    summary = of_long(of_frame(frame, "summary").select("row", "name", *SHOWN))
    return RowFile(key, frame.drop(MAPS), metrics=by_name([summary]), _data=data, **given)


def _read(data: bytes, key: str) -> RowFile | None:
    """The usual way, with text as the dictionaries that it is written as; None where a column is unknown."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    plain = pq.ParquetFile(pa.BufferReader(data))
    check_format(plain.metadata.metadata or {}, key=key)
    found_types, types = dict(pl.Schema(plain.schema_arrow)), dict(rows_types())
    fits = found_types.items() <= types.items() and {"params", "summary"} <= found_types.keys()
    if not fits or not plain.num_row_groups:
        return None
    whole = [name for name in types if name not in MAPS]
    rows = pl.DataFrame(pl.from_arrow(plain.read(columns=[name for name in whole if name in found_types])))
    # Columns that came later than the pack.
    missing = {name: pl.lit(None, dtype=types[name]) for name in whole if name not in found_types}
    rows = rows.with_columns(**missing).select(whole)
    rows = rows.with_columns(pl.col("attempt").fill_null(1), source=pl.lit(key))
    if not are_rows(rows):
        return None
    # One column after the other, each laid out anew, so that the next one can do with the same memory.
    told = [name for name in COLUMNS.values() if name in found_types]
    file = _open(data, [*(word for name in told for word in _words(name)), _LABEL], plain.metadata)
    shown = [f"summary.key_value.value.{name}" for name in SHOWN]
    try:
        given = {name: _given(file, name) for name in told}
        metrics = by_name(_entries(file, "summary", [_LABEL, *shown], {}))
    except pa.ArrowNotImplementedError:
        # Dictionaries that pyarrow can't put together inside a map.
        return None
    pa.default_memory_pool().release_unused()
    return RowFile(key, rows, metrics=metrics, _data=data, **given)


def _given(file: pq.ParquetFile, column: str) -> Mapping[str, pl.DataFrame]:
    numbers = [] if column == "tag_values" else [f"{column}.key_value.value.num"]
    found = _entries(file, column, [*_words(column), *numbers], {"kind": KINDS})
    return by_name([Entries(e.names, e.codes, with_kinds(e.values)) for e in found])


def _words(column: str) -> list[str]:
    """Of what runs were given, the paths that hold text."""
    below = [""] if column == "tag_values" else [".kind", ".text"]
    return [f"{column}.key_value.key", *(f"{column}.key_value.value{each}" for each in below)]


def _entries(file: pq.ParquetFile, column: str, paths: list[str], types: Mapping[str, pl.DataType]) -> list[Entries]:
    """The entries of a map column, one row group after the other: dictionaries differ between them."""
    out, first = [], 0
    for group in range(file.num_row_groups):
        read = file.read_row_group(group, columns=paths).column(column)
        out += of_arrow(read, types, first)
        first += len(read)
    return out


def _open(data: bytes, words: list[str], metadata: object = None) -> pq.ParquetFile:
    import pyarrow as pa
    import pyarrow.parquet as pq

    return pq.ParquetFile(pa.BufferReader(data), read_dictionary=words, metadata=metadata)
