"""Run rows laid out for fast frames: params and metrics by name, each computed once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import accumulate

import numpy as np
import polars as pl

from ...schema.errors import DamagedObject, LakeFormat
from ...schema.names import SYSTEM
from ..names.columns import GIVEN
from ..objects.decode import rows_types
from .map_columns import Joined, by_name, kinds_of, of_frame, of_long, with_kinds
from .packs import COLUMNS, SHOWN, RowFile, tell


class Block:
    """Unchanging run rows, and their maps turned into columns.

    Args:
        rows: columns of `rows_types()` and `source`, with or without the maps.
        given: what they were given, by prefix of `GIVEN`, where `rows` has no maps: `row`, `name`, and the value's
            fields.
        summary: their summaries, likewise.
        files: packs instead: `rows` are then theirs, one after the other.
    """

    def __init__(
        self,
        rows: pl.DataFrame,
        *,
        given: Mapping[str, pl.DataFrame] | None = None,
        summary: pl.DataFrame | None = None,
        files: Sequence[RowFile] = (),
    ) -> None:
        self.rows = rows
        self._long_given = given
        self._long_summary = summary
        self._files = files
        self._starts = list(accumulate((f.rows.height for f in files), initial=0))

    @classmethod
    def of_files(cls, files: Sequence[RowFile]) -> Block:
        """The rows of some packs, one after the other."""
        return cls(pl.concat([f.rows for f in files]) if files else empty_rows(), files=files)

    def whole(self, at: pl.Series) -> pl.DataFrame:
        """Some rows, in that order, with their maps. Where they are in packs, their row groups are decoded anew.

        Raises:
            DamagedObject: bytes that do not decode.
        """
        if not self._files:
            return self.rows[at]
        which = np.searchsorted(self._starts, at.to_numpy(), side="right") - 1
        parts = [
            file.whole(at.filter(pl.Series(which == i)) - self._starts[i])
            for i, file in enumerate(self._files)
            if (which == i).any()
        ]
        if not parts:
            return empty_rows()
        back = np.argsort(np.argsort(which, kind="stable"))
        return pl.concat(parts)[back]

    @cached_property
    def given(self) -> Mapping[str, Mapping[str, pl.DataFrame]]:
        """What runs were given, by prefix of `GIVEN` and name: `row` (position in `rows`), `kind`, `num`, `text`.

        Kind `huge`: ints beyond 64 bits.
        """
        return {prefix: self._given(prefix) for prefix in GIVEN}

    def _given(self, prefix: str) -> Mapping[str, pl.DataFrame]:
        if self._files:
            return Joined([(file.given(prefix), start) for file, start in self._placed()])
        long = of_frame(self.rows, COLUMNS[prefix]) if self._long_given is None else self._long_given[prefix]
        return by_name([of_long(with_kinds(long))])

    @cached_property
    def kinds(self) -> Mapping[str, Mapping[str, frozenset[str]]]:
        """By prefix of `GIVEN` and name: the kinds of its values, without `null`; unknown kinds are `json`."""
        if not self._files:
            return {prefix: kinds_of(found) for prefix, found in self.given.items()}
        out: dict[str, dict[str, frozenset[str]]] = {prefix: {} for prefix in GIVEN}
        for file in self._files:
            for prefix, found in file.kinds.items():
                for name, kinds in found.items():
                    out[prefix][name] = out[prefix].get(name, frozenset()) | kinds
        return out

    @property
    def summary(self) -> pl.DataFrame:
        """All metrics of rows that are in no pack: `row`, `name` (the label), the summary's fields. Laid out anew."""
        return self._long_summary if self._long_summary is not None else of_frame(self.rows, "summary")

    @cached_property
    def metrics(self) -> Mapping[str, pl.DataFrame]:
        """By metric label: columns `row` and `SHOWN`."""
        if self._files:
            return Joined([(file.metrics, start) for file, start in self._placed()])
        return by_name([of_long(self.summary.select("row", "name", *SHOWN))])

    @cached_property
    def told(self) -> pl.DataFrame:
        """What summaries say of their metrics; see `tell`. Packs that do not decode say nothing."""
        if not self._files:
            return tell(self.summary, self.rows["created_at"])
        parts = []
        for file in self._files:
            try:
                parts.append(file.told())
            except (DamagedObject, LakeFormat):
                continue
        return pl.concat(parts) if parts else tell(of_frame(empty_rows(), "summary"), empty_rows()["created_at"])

    @cached_property
    def last_step(self) -> pl.Series:
        """Of each row: the largest step of any metric, but those of the machine, whose steps are seconds."""
        lowest = np.iinfo(np.int64).min
        found = np.full(self.rows.height, lowest)
        for label, entries in self.metrics.items():
            if label.startswith(SYSTEM):
                continue
            known = entries.filter(pl.col("last_step").is_not_null()) if entries["last_step"].null_count() else entries
            # A row has each label once.
            at = known["row"].to_numpy()
            found[at] = np.maximum(found[at], known["last_step"].to_numpy())
        steps = pl.Series(found, dtype=pl.Int64)
        return steps.set(steps == lowest, None)

    def _placed(self) -> zip[tuple[RowFile, int]]:
        return zip(self._files, self._starts, strict=False)


def empty_rows() -> pl.DataFrame:
    """No run rows."""
    return pl.DataFrame(schema={**rows_types(), "source": pl.String})
