"""Points as a lazy frame: files are read when it is collected, only the columns and rows that are asked for.

No bytes are decoded that were not compared with their checksum first: files on this machine once by
`store/intact.py`, those of a bucket whole, each by one GET. A file that can't be read is looked up elsewhere (its rows
may be in another one too); what is left is a problem.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from polars.io.plugins import register_io_source

from ...schema.cover import Part
from ...schema.errors import DamagedObject, LakeFormat
from ...schema.problems import Problem, problem_of
from ..objects.decode import PATH_SCHEMA, UNREADABLE, decode_points, points_types, scan
from ..objects.reader import Objects
from ..objects.retry import RELISTS, Patience
from .coverage import Piece, pieces_of
from .plan import PointsPlan, WriterPoints, list_parts

BATCH_ROWS: Final = 4_000_000
BATCH_FILES: Final = 1_000
"""So much is read at once; collecting needs memory for one batch beyond its result."""
TOGETHER_ROWS: Final = 250_000
"""Fetched files up to this size are decoded together, all of it; of larger ones only what is asked for."""


def points_schema() -> pl.Schema:
    """Columns of points with what the path tells, in order."""
    return pl.Schema({**PATH_SCHEMA, **points_types()})


@dataclass(frozen=True, slots=True)
class _File:
    writer: WriterPoints
    piece: Piece


def _rows(file: _File) -> int:
    return file.piece.part.hi - file.piece.part.lo


@dataclass(frozen=True, slots=True)
class PointsSource:
    """Reads what a plan names."""

    objects: Objects
    plan: PointsPlan
    report: Callable[[Problem], None]
    """Told of each problem while reading."""
    patience: Patience
    keep: pl.Expr | None = None
    """Only these points."""

    def lazy(self) -> pl.LazyFrame:
        """All points of the plan, in no particular order."""
        return register_io_source(
            lambda columns, predicate, n_rows, _batch: _Reading(self).read(columns, predicate, n_rows),
            schema=points_schema(),
            is_pure=True,
        )


class _Reading:
    """One collection of the frame."""

    def __init__(self, source: PointsSource) -> None:
        self._source = source
        self._plan = source.plan
        self._objects = source.objects
        self._names = points_schema().names()
        self._waits = 0

    def read(
        self, with_columns: list[str] | None, predicate: pl.Expr | None, n_rows: int | None
    ) -> Iterator[pl.DataFrame]:
        """What the engine asks for, in batches."""
        columns = with_columns if with_columns is not None else self._names
        if n_rows is None:
            for batch in _batches(self._plan.writers):
                yield from self._collect(batch, lambda lazy: _filtered(lazy, predicate).select(columns))
            return
        left = n_rows
        for batch in _batches(self._plan.writers):
            # The engine counts rows before its predicate.
            for frame in self._collect(batch, lambda lazy: lazy.head(n_rows)):
                yield _filtered(frame.lazy().head(left), predicate).select(columns).collect(engine="in-memory")
                left -= frame.height
                if left <= 0:
                    return

    def _collect(self, files: Sequence[_File], shape: Callable[[pl.LazyFrame], pl.LazyFrame]) -> Iterator[pl.DataFrame]:
        """The files' rows, shaped; where reading them together fails, by halves, down to the bad ones."""
        try:
            sealed = self._scan([f for f in files if f.piece.part.sealed])
            result = self._shaped([*sealed, *(self._tail(f) for f in files if not f.piece.part.sealed)], shape)
        except (DamagedObject, LakeFormat, *UNREADABLE):
            if len(files) > 1:
                middle = len(files) // 2
                yield from self._collect(files[:middle], shape)
                yield from self._collect(files[middle:], shape)
                return
            salvaged = self._salvage(files[0])
            result = self._shaped(salvaged, shape)
        yield from result

    def _shaped(
        self, frames: Sequence[pl.LazyFrame], shape: Callable[[pl.LazyFrame], pl.LazyFrame]
    ) -> list[pl.DataFrame]:
        if not frames:
            return []
        return [shape(_filtered(pl.concat(frames), self._source.keep)).collect(engine="in-memory")]

    def _scan(self, files: Sequence[_File]) -> list[pl.LazyFrame]:
        """Sealed files, compared with their checksums, and undecoded where that spares work."""
        if not files:
            return []
        store = self._objects.store
        if store.is_local:
            paths, options = store.scan_paths([f.piece.part.name for f in files])
            # An engine takes flipped bits for other numbers.
            bad = self._objects.damaged({f.piece.part.name: path for f, path in zip(files, paths, strict=True)})
            for problem in bad.values():
                raise DamagedObject(problem.message, key=problem.key)
            return self._from_paths(files, paths, options or {})
        # A range can't be compared with the checksum of all bytes, and would take more requests.
        found = self._objects.whole([f.piece.part.name for f in files])
        bytes_ = [self._usable(found[f.piece.part.name]) for f in files]
        pairs = list(zip(files, bytes_, strict=True))
        small = [pair for pair in pairs if _rows(pair[0]) <= TOGETHER_ROWS]
        large = [pair for pair in pairs if _rows(pair[0]) > TOGETHER_ROWS]
        return [*([self._from_bytes(small)] if small else []), *(self._from_large(*pair) for pair in large)]

    def _from_paths(self, files: Sequence[_File], paths: Sequence[str], options: dict[str, str]) -> list[pl.LazyFrame]:
        """Sealed files that the engine reads itself, and of them only what is asked for."""
        out = []
        together: dict[tuple[str | None, str | None], list[str]] = {}
        # Where a folder above the lake looks like a partition, too, the engine would stumble over it.
        path_names_run = not any(
            "=" in path.removesuffix(f.piece.part.name) for f, path in zip(files, paths, strict=True)
        )
        for f, path in zip(files, paths, strict=True):
            if not f.piece.whole or f.writer.before_step is not None:
                out.append(self._placed(f, _native([path], options)))
            else:
                together.setdefault((None if path_names_run else f.writer.run_id, f.writer.dataset), []).append(path)
        for (run_id, dataset), whole in together.items():
            out.append(self._named(_native(whole, options, path_names_run=path_names_run), run_id, dataset, None))
        return out

    def _from_large(self, file: _File, data: bytes) -> pl.LazyFrame:
        """One sealed file's bytes, of which the engine decodes what is asked for."""
        lazy = scan([data], points_types())
        if lazy.select(pl.len()).collect(engine="in-memory").item() != _rows(file):
            name = file.piece.part.name
            raise DamagedObject(f"{name} does not hold the rows that its name promises", key=name)
        return self._placed(file, lazy)

    def _from_bytes(self, pairs: Sequence[tuple[_File, bytes]]) -> pl.LazyFrame:
        """Sealed files' bytes, decoded together, which takes a fifth of the time."""
        files = [file for file, _ in pairs]
        bytes_ = [data for _, data in pairs]
        sizes = [_rows(f) for f in files]
        frame = scan(bytes_, points_types()).collect(engine="in-memory")
        of_file = pl.DataFrame(
            {
                "run_id": [f.writer.run_id for f in files],
                "_writer": [f.writer.writer for f in files],
                "_dataset": [f.writer.dataset for f in files],
                "_before_step": [f.writer.before_step for f in files],
                "_lo": [f.piece.lo for f in files],
                "_hi": [f.piece.hi for f in files],
            },
            schema_overrides={"_dataset": pl.String, "_before_step": pl.Int64},
        )[np.repeat(np.arange(len(files)), sizes)]
        if frame.height != of_file.height or not (frame["writer"] == of_file["_writer"]).all():
            raise DamagedObject("some file does not hold the rows that its name promises", key=files[0].piece.part.name)
        return (
            frame.hstack(of_file)
            .lazy()
            .filter(pl.col("seq").is_between(pl.col("_lo"), pl.col("_hi"), closed="left"))
            .filter(pl.col("_before_step").is_null() | (pl.col("step") < pl.col("_before_step")))
            .with_columns(project=pl.lit(self._plan.project), dataset=pl.coalesce("dataset", "_dataset"))
            .select(self._names)
        )

    def _tail(self, file: _File) -> pl.LazyFrame:
        return self._placed(file, self._plan.tails[file.piece.part.name].lazy())

    def _placed(self, file: _File, lazy: pl.LazyFrame) -> pl.LazyFrame:
        """Only the piece's rows, with all columns."""
        if not file.piece.whole:
            lazy = lazy.filter(pl.col("seq").is_between(file.piece.lo, file.piece.hi, closed="left"))
        return self._named(lazy, file.writer.run_id, file.writer.dataset, file.writer.before_step)

    def _named(
        self, lazy: pl.LazyFrame, run_id: str | None, dataset: str | None, before_step: int | None
    ) -> pl.LazyFrame:
        """With all columns; without `run_id`, `lazy` has it already."""
        if before_step is not None:
            lazy = lazy.filter(pl.col("step") < before_step)
        columns = {"project": pl.lit(self._plan.project)}
        if run_id is not None:
            columns["run_id"] = pl.lit(run_id)
        if dataset is not None:
            columns["dataset"] = pl.col("dataset").fill_null(pl.lit(dataset))
        return lazy.with_columns(**columns).select(self._names)

    def _usable(self, data: bytes | Problem) -> bytes:
        if isinstance(data, Problem):
            raise DamagedObject(data.message, key=data.key)
        return data

    def _salvage(self, file: _File) -> list[pl.LazyFrame]:
        """The rows of a file that could not be read together with others: from itself, or from wherever they are."""
        lo, hi = file.piece.lo, file.piece.hi
        parts = set(file.writer.parts)
        unusable: set[str] = set()
        missing: set[str] = set()
        got: dict[str, pl.DataFrame] = {}
        listed = False
        while True:
            found = pieces_of((p for p in parts if p.name not in unusable | missing), lo, hi)
            failed = next((p.part for p in found.pieces if not self._try(p.part, got, unusable, missing)), None)
            if failed is not None:
                continue
            if not found.holes or (listed and not self._wait(missing)):
                break
            listed = True
            fresh = list_parts(self._objects.store, self._plan.project, file.writer.run_id)
            fresh_parts = fresh.get(file.writer.writer, set())
            parts |= fresh_parts
            missing -= {p.name for p in fresh_parts}
        for begin, end in found.holes:
            text = f"rows {begin} to {end - 1} of writer {file.writer.writer} are in no readable file"
            key = file.piece.part.name
            self._source.report(Problem(key, "incomplete", f"{key}: {text}; shown without them"))
        return [self._placed(_File(file.writer, p), got[p.part.name].lazy()) for p in found.pieces]

    def _try(self, part: Part, got: dict[str, pl.DataFrame], unusable: set[str], missing: set[str]) -> bool:
        """Read a file into `got`; where that fails, note why."""
        if part.name in got:
            return True
        if part.name in self._plan.tails:
            got[part.name] = self._plan.tails[part.name]
            return True
        data = self._objects.whole([part.name])[part.name]
        try:
            got[part.name] = decode_points(self._usable(data), key=part.name, length=part.hi - part.lo)
        except (DamagedObject, LakeFormat) as error:
            if isinstance(data, Problem) and data.kind == "missing":
                missing.add(part.name)
            else:
                unusable.add(part.name)
                self._source.report(data if isinstance(data, Problem) else problem_of(part.name, error))
            return False
        return True

    def _wait(self, missing: set[str]) -> bool:
        """Wait for missing files, at most 5 times in all; false when that is not worth it."""
        if not self._source.patience.worthwhile(missing):
            return False
        if self._waits >= RELISTS:
            self._source.patience.give_up(missing)
            return False
        self._waits += 1
        self._source.patience.wait(self._waits)
        return True


def _filtered(lazy: pl.LazyFrame, condition: pl.Expr | None) -> pl.LazyFrame:
    return lazy if condition is None else lazy.filter(condition)


def _native(paths: list[str], options: dict[str, str], *, path_names_run: bool = False) -> pl.LazyFrame:
    hive: dict[str, object] = {"hive_schema": dict(PATH_SCHEMA)} if path_names_run else {"hive_partitioning": False}
    return scan(paths, points_types(), storage_options=options or None, glob=False, **hive)


def _batches(writers: Sequence[WriterPoints]) -> Iterator[list[_File]]:
    batch: list[_File] = []
    rows = 0
    for writer in writers:
        for piece in writer.pieces:
            size = piece.part.hi - piece.part.lo
            if batch and (rows + size > BATCH_ROWS or len(batch) >= BATCH_FILES):
                yield batch
                batch, rows = [], 0
            batch.append(_File(writer, piece))
            rows += size
    if batch:
        yield batch
