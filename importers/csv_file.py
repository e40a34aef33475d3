"""A CSV file of metrics, one row a step: Lightning's `metrics.csv`, Keras's `CSVLogger` and what looks like these."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Final

from .source import Series, SourceRun, SourceUnreadable
from .texts import id_of, typed

_STEPS: Final = ("step", "global_step", "iteration", "epoch")
"""Columns that may tell the step; the first that is there does."""
_HPARAMS: Final = "hparams.yaml"


class CsvFiles:
    """One file, or all `metrics.csv` below a folder: a run each."""

    tool = "csv"

    def __init__(self, root: Path) -> None:
        self._root = root

    def runs(self) -> Iterator[SourceRun]:
        """The runs by their path."""
        paths = [self._root] if self._root.is_file() else sorted(self._root.rglob("metrics.csv"))
        if not paths:
            raise SourceUnreadable(f"{self._root} holds no metrics.csv")
        base = self._root.parent if self._root.is_file() else self._root
        for path in paths:
            where = path.relative_to(base)
            folder = where.parent.as_posix()
            changed = round(path.stat().st_mtime * 1000)
            yield SourceRun(
                run_id=id_of(self.tool, base.absolute().name, where.as_posix()),
                tool=self.tool,
                source_id=str(path.absolute()),
                project=base.absolute().name,
                status="finished",
                read=partial(read_csv, path),
                name=folder if folder != "." else path.stem,
                params=_hparams(path.parent / _HPARAMS),
                started_at=changed,
                ended_at=changed,
            )


def read_csv(path: Path) -> Iterable[Series]:
    """The metrics of a file: empty cells are no points, and the file's own time is that of all.

    Raises:
        SourceUnreadable: a cell is no number, or the header says no metric; names file, line and column.
    """
    when = path.stat().st_mtime
    out: dict[str, Series] = {}
    with path.open(newline="", encoding="utf-8-sig", errors="replace") as file:
        rows = csv.reader(file, dialect=_dialect(file.readline()))
        file.seek(0)
        header = [name.strip() for name in next(rows, [])]
        at = next((header.index(name) for name in _STEPS if name in header), None)
        if len([name for name in header if name]) < (1 if at is None else 2):
            raise SourceUnreadable(f"{path} has no column of a metric: its first line is {','.join(header)[:80]!r}")
        for place, row in enumerate(rows):
            if len(row) < len(header):
                continue  # The last line of a file that grows.
            step = place if at is None else _step(row[at], path, rows.line_num, place)
            for column, cell in enumerate(row[: len(header)]):
                if column == at or not cell.strip() or not header[column]:
                    continue
                try:
                    value = float(cell)
                except ValueError as error:
                    where = f"{path}, line {rows.line_num}, column {header[column]!r}"
                    raise SourceUnreadable(f"{where}: {cell[:60]!r} is no number") from error
                series = out.get(header[column])
                if series is None:
                    series = out[header[column]] = Series(header[column])
                series.add(step, when, value)
    return out.values()


def _dialect(first: str) -> type[csv.Dialect]:
    class Found(csv.excel):
        delimiter = max(",;\t", key=first.count)

    return Found


def _step(cell: str, path: Path, line: int, place: int) -> int:
    if not cell.strip():
        return place
    try:
        return int(float(cell))
    except (ValueError, OverflowError) as error:
        raise SourceUnreadable(f"{path}, line {line}: step {cell[:60]!r} is no number") from error


def _hparams(path: Path) -> dict[str, object]:
    """The plain lines of Lightning's `hparams.yaml`; what is nested is left out."""
    out: dict[str, object] = {}
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return out
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        value = value.strip()
        if not colon or not value or line[:1] in " #-" or value[:1] in "&*!{[|>":
            continue
        out[name.strip()] = {"true": True, "false": False, "null": None}.get(value, typed(value.strip("'\"")))
    return out
