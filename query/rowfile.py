"""The run rows of one pack, decoded as far as a project's frames need them; the rest stays as bytes until asked for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import polars as pl

from ..schema.parquet import check_format
from .maps import KINDS, Entries, of_arrow, of_frame, of_long, with_kinds
from .tables import are_rows, decode_rows, guarded, rows_types, scan

if TYPE_CHECKING:
    import pyarrow.parquet as pq

MAPS: Final = ("params", "summary", "env")
SHOWN: Final = ("last", "min", "max", "mean", "last_step")
"""Of a summary's fields, those that frames show."""
TOLD: Final = ("metric", "dataset", "goal", "step_metric")
"""Those that say what a metric is."""
_WORDS: Final = ("params.key_value.key", "params.key_value.value.kind", "params.key_value.value.text")
_LABEL: Final = "summary.key_value.key"


@dataclass(frozen=True)
class RowFile:
    """A pack. Unchanging; safe to share between threads."""

    key: str
    rows: pl.DataFrame
    """Columns of `rows_types()` but the maps, and `source` (the key)."""
    params: tuple[Entries, ...]
    """Fields `kind` (of `KINDS`), `num`, `text`."""
    summary: tuple[Entries, ...]
    """Fields `SHOWN`."""
    _data: bytes = field(repr=False)

    def told(self) -> pl.DataFrame:
        """What the summaries say of their metrics: `name` (the label), `TOLD` and `created_at`, each once.

        Decodes a few columns, each time.

        Raises:
            DamagedObject: bytes that do not decode.
        """
        frame = guarded(
            lambda: scan([self._data], rows_types()).select("created_at", "summary").collect(engine="in-memory"),
            key=self.key,
        )
        return tell(of_frame(frame, "summary"), frame["created_at"])

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
    """`name` and `TOLD` of some summaries, each once, with the `created_at` of the newest run that says so."""
    return (
        summary.lazy()
        .select(pl.col("name", *TOLD), created_at=pl.lit(created).gather("row"))
        .group_by("name", *TOLD)
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
    params = of_long(with_kinds(of_frame(frame, "params")))
    summary = of_long(of_frame(frame, "summary").select("row", "name", *SHOWN))
    return RowFile(key, frame.drop(MAPS), (params,), (summary,), data)


def _read(data: bytes, key: str) -> RowFile | None:
    """The usual way, with text as the dictionaries that it is written as; None for files of another schema."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    plain = pq.ParquetFile(pa.BufferReader(data))
    check_format(plain.metadata.metadata or {}, key=key)
    if dict(pl.Schema(plain.schema_arrow)) != dict(rows_types()) or not plain.num_row_groups:
        return None
    whole = [name for name in rows_types() if name not in MAPS]
    fields = [f"summary.key_value.value.{name}" for name in SHOWN]
    params = [*_WORDS, "params.key_value.value.num"]
    table = _open(data, [*_WORDS, _LABEL], plain.metadata).read(columns=[*whole, *params, _LABEL, *fields])
    rows = pl.DataFrame(pl.from_arrow(table.select(whole))).with_columns(
        pl.col("attempt").fill_null(1), source=pl.lit(key)
    )
    if not are_rows(rows):
        return None
    found = of_arrow(table.column("params"), {"kind": KINDS})
    laid = tuple(Entries(e.names, e.codes, with_kinds(e.values)) for e in found)
    return RowFile(key, rows, laid, tuple(of_arrow(table.column("summary"), {})), data)


def _open(data: bytes, words: list[str], metadata: object = None) -> pq.ParquetFile:
    import pyarrow as pa
    import pyarrow.parquet as pq

    return pq.ParquetFile(pa.BufferReader(data), read_dictionary=words, metadata=metadata)
