"""Summaries of resumed runs from the points that count: without what a later attempt logged again."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, TypeAlias

import polars as pl

from ...schema.cover import Part, cover
from ...schema.errors import DamagedObject, LakeFormat, StoreError
from ...schema.keys import PointsKey, attempt_of, parse_key, run_prefix
from ...schema.problems import Problem, problem_of
from ...schema.rowtable import table_to_rows
from ...schema.run.row import RunRow
from ...schema.run.summary import Summary, merge
from ..objects.decode import decode_many_points, decode_points, from_rows, rows_types
from ..objects.reader import Objects
from .live_writers import LiveWriter, Who
from .map_columns import of_frame

Summaries: TypeAlias = Mapping[str, Summary]
_WHO: Final = ("run_id", "writer")
_KEY: Final = (*_WHO, "version", "rows", "resume_step")
"""What a summary depends on; `resume_step` is the step from which the writer's points are hidden."""
_KEPT: Final = (*_KEY, "attempt", "status", "summary")
_NEEDED: Final = (*_KEPT, "files")
_BATCH_BYTES: Final = 64_000_000
_BATCH_FILES: Final = 512
_UNKNOWN_BYTES: Final = 1_000_000
"""What a file is taken for of which no row tells the size."""


@dataclass(frozen=True, slots=True)
class Cut:
    """A writer some of whose points a later attempt logged again."""

    row: RunRow
    """As the writer told it, but for `resume_step`: its own points at this step or later do not count."""
    parts: frozenset[Part]
    """Files that hold its points."""

    @property
    def key(self) -> tuple[str, str, int, int, int]:
        """What its summary depends on."""
        row = self.row
        return (row.run_id, row.writer, row.version, row.rows or 0, row.resume_step or 0)

    @property
    def points(self) -> int:
        """So many are known to exist."""
        return max(self.row.rows or 0, *(part.hi for part in self.parts), 0)


def no_summaries() -> pl.DataFrame:
    """What `CountedSummaries` knows before it read anything."""
    return pl.DataFrame(schema={name: rows_types()[name] for name in _KEPT})


class CountedSummaries:
    """The summaries of one project's resumed runs. A writer's points are read once, and again where they grew.

    What was read before is taken from `known`, else from the files that a process before this one left on this
    machine; the rest costs one GET a file, and one LIST for each run whose row does not name all of its files.

    Args:
        objects: where to read.
        project: whose.
        known: what the snapshot before knew, its `used`.
        skip: runs whose points are not there any more: purged ones.
        now: this machine's clock.
    """

    def __init__(
        self, objects: Objects, project: str, *, known: pl.DataFrame, skip: Collection[str], now: datetime
    ) -> None:
        self._objects = objects
        self._project = project
        self.now = now
        self._known = known
        self._skip = skip
        self._loaded = False
        self.used = no_summaries()
        """What was asked for and is known: a row for each writer, `resume_step` as in a `Cut`."""
        self.problems: list[Problem] = []
        """Why a summary still counts points that do not."""

    def of_frame(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Rows of ended writers, all of each run, with the summaries that count; in another order."""
        cut = _cut(rows).filter(~pl.col("run_id").is_in(list(self._skip)))
        if not cut.height:
            return rows
        found = self._known_of(cut.select(_KEY), lambda missing: self._cuts_of(cut.join(missing, on=_WHO, how="semi")))
        mine = rows.join(found.select(_WHO), on=_WHO, how="semi").sort(_WHO)
        mine = mine.drop("summary").hstack(found.sort(_WHO).select("summary")).select(rows.columns)
        return pl.concat([rows.join(found.select(_WHO), on=_WHO, how="anti"), mine])

    def of_runs(
        self, runs: Mapping[str, Sequence[RunRow]], live: Mapping[Who, LiveWriter]
    ) -> dict[str, tuple[RunRow, ...]]:
        """The rows of some runs' writers, by run, with the summaries that count; of running ones `rows` so far."""
        cuts = {}
        for run_id, rows in runs.items():
            resumed = [(attempt_of(row.writer), row.resume_step) for row in rows if row.resume_step is not None]
            for row in rows if run_id not in self._skip else ():
                before = min((step for attempt, step in resumed if attempt > attempt_of(row.writer)), default=None)
                if before is not None and any(_reaches(each, before) for each in row.summary.values()):
                    cuts[run_id, row.writer] = replace(row, resume_step=before)
        if not cuts:
            return {run_id: tuple(rows) for run_id, rows in runs.items()}
        told = from_rows(list(cuts.values()), source="").with_columns(pl.col("rows").fill_null(0))

        def missing(wanted: pl.DataFrame) -> list[Cut]:
            return [self._cut_of(cuts[who], live.get(who)) for who in wanted.select(_WHO).iter_rows()]

        found = _by_writer(self._known_of(told.select(_KEY), missing))
        return {
            run_id: tuple(replace(row, summary=found.get((run_id, row.writer), row.summary)) for row in rows)
            for run_id, rows in runs.items()
        }

    def _known_of(self, wanted: pl.DataFrame, cuts: Callable[[pl.DataFrame], list[Cut]]) -> pl.DataFrame:
        """What is known of some keys, after reading what was missing."""
        missing = wanted.join(self._known, on=_KEY, how="anti")
        if missing.height and not self._loaded:
            self._loaded = True
            kept = self._objects.derived.load(_file(self._project))
            self._known = self._known if kept is None else _joined(self._known, kept.select(_KEPT))
            missing = wanted.join(self._known, on=_KEY, how="anti")
        fresh = self._read(cuts(missing)) if missing.height else []
        if fresh:
            self._known = _joined(self._known, from_rows(fresh, source="").select(_KEPT))
        found = self._known.join(wanted, on=_KEY, how="semi")
        self.used = _joined(self.used, found)
        if fresh:
            self._objects.derived.save(_file(self._project), _joined(self._known, self.used))
        return found

    def _cuts_of(self, rows: pl.DataFrame) -> list[Cut]:
        return [self._cut_of(row, None) for row in table_to_rows(rows.select(_NEEDED).to_arrow())]

    def _cut_of(self, row: RunRow, writer: LiveWriter | None) -> Cut:
        keys = [parse_key(run_prefix(self._project, row.run_id) + file.name) for file in row.files]
        parts = {Part(k.lo, k.hi, True, k.path) for k in keys if isinstance(k, PointsKey) and k.writer == row.writer}
        if writer is not None and not writer.ended:
            parts |= {Part(t.key.lo, t.key.hi, False, t.path) for t in writer.tails}
        return Cut(row, frozenset(parts))

    def _read(self, cuts: Sequence[Cut]) -> list[RunRow]:
        """The rows with the summaries that count, of writers whose points could be read."""
        out = []
        for batch in _batches([self._whole(cut) for cut in cuts]):
            takes = {take.part.name: take for cut in batch for take in cover(cut.parts).takes}
            sealed = self._objects.whole([name for name, take in takes.items() if take.part.sealed])
            tails = self._objects.tails([name for name, take in takes.items() if not take.part.sealed])
            frames, bad = _decode({**sealed, **tails}, {name: take.part for name, take in takes.items()})
            for cut in batch:
                found = cover(cut.parts)
                problem = next((bad[t.part.name] for t in found.takes if t.part.name in bad), None)
                if problem is None and found.complete_to < cut.points:
                    where = run_prefix(self._project, cut.row.run_id)
                    problem = Problem(where, "incomplete", f"{where}: some points of {cut.row.writer} are in no file")
                if problem is not None:
                    text = f"{problem.message}; values of run {cut.row.run_id} may be of points that its resume hides"
                    self.problems.append(replace(problem, message=text))
                    continue
                read = [frames[t.part.name].filter(pl.col("seq") >= t.first_seq) for t in found.takes]
                row = cut.row
                out.append(replace(row, rows=row.rows or 0, summary=_counted(row, row.resume_step or 0, read)))
        return out

    def _whole(self, cut: Cut) -> Cut:
        """With all files of the run's folder, where the row does not name enough of them."""
        if cover(cut.parts).complete_to >= cut.points:
            return cut
        try:
            listed = self._objects.store.list(run_prefix(self._project, cut.row.run_id))
        except StoreError as error:
            self.problems.append(problem_of(run_prefix(self._project, cut.row.run_id), error))
            return cut
        keys = [key for info in listed if isinstance(key := parse_key(info.key), PointsKey)]
        more = {Part(k.lo, k.hi, True, k.path) for k in keys if k.writer == cut.row.writer}
        return replace(cut, parts=cut.parts | more)


def counted_of(known: pl.DataFrame, run_id: str) -> dict[str, Summaries]:
    """Of one run, by writer, what `CountedSummaries.used` knows."""
    return {writer: summary for (_, writer), summary in _by_writer(known.filter(pl.col("run_id") == run_id)).items()}


def _by_writer(known: pl.DataFrame) -> dict[Who, Summaries]:
    return {(row.run_id, row.writer): row.summary for row in table_to_rows(known.to_arrow())}


def _joined(known: pl.DataFrame, more: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([known, more]).unique(_KEY, keep="last", maintain_order=True)


def _cut(rows: pl.DataFrame) -> pl.DataFrame:
    """Of all rows of some runs those some of whose points do not count; `resume_step` as in a `Cut`."""
    attempt = pl.col("writer").str.extract(r"^w(\d+)-").cast(pl.Int64)
    placed = rows.select(*_WHO, "resume_step", attempt=attempt).with_row_index("row")
    resumed = placed.filter(pl.col("resume_step").is_not_null()).select("run_id", "resume_step", later="attempt")
    if not resumed.height:
        return rows.clear()
    hidden = (
        placed.select("row", "run_id", "attempt")
        .join(resumed, on="run_id")
        .filter(pl.col("later") > pl.col("attempt"))
        .group_by("row")
        .agg(before=pl.col("resume_step").min())
        .sort("row")
    )
    cut = rows[hidden["row"]].with_columns(hidden["before"].alias("resume_step"), pl.col("rows").fill_null(0))
    told = of_frame(cut, "summary").join(cut.select("resume_step").with_row_index("row"), on="row")
    reaches = pl.col("last_step").is_null() | (pl.col("last_step") >= pl.col("resume_step"))
    return cut[told.filter((pl.col("n") > 0) & reaches)["row"].unique().sort()]


def _reaches(summary: Summary, step: int) -> bool:
    return summary.n > 0 and (summary.last_step is None or summary.last_step >= step)


def _batches(cuts: Iterable[Cut]) -> Iterator[list[Cut]]:
    """Cuts whose files are in memory at the same time."""
    batch: list[Cut] = []
    files = size = 0
    for cut in cuts:
        named = sum(file.bytes for file in cut.row.files)
        more = named or _UNKNOWN_BYTES * len(cut.parts)
        if batch and (size + more > _BATCH_BYTES or files + len(cut.parts) > _BATCH_FILES):
            yield batch
            batch, files, size = [], 0, 0
        batch.append(cut)
        files, size = files + len(cut.parts), size + more
    if batch:
        yield batch


def _decode(
    read: Mapping[str, bytes | Problem], parts: Mapping[str, Part]
) -> tuple[dict[str, pl.DataFrame], dict[str, Problem]]:
    bad = {name: data for name, data in read.items() if isinstance(data, Problem)}
    good = {name: data for name, data in read.items() if isinstance(data, bytes)}
    frames = decode_many_points([(name, data, parts[name].hi - parts[name].lo) for name, data in good.items()])
    for name, data in good.items():
        if name not in frames:
            try:
                frames[name] = decode_points(data, key=name, length=parts[name].hi - parts[name].lo)
            except (DamagedObject, LakeFormat) as error:
                bad[name] = problem_of(name, error)
    return frames, bad


def _counted(row: RunRow, before: int, files: Sequence[pl.DataFrame]) -> Summaries:
    """The summary that the writer would tell, had it logged only these points."""
    found: dict[str, Summary] = {}
    for points in files:
        for fresh in _summaries(points.filter(pl.col("step") < before)):
            known = found.get(fresh.label)
            found[fresh.label] = fresh if known is None else merge(known, fresh, in_order=True)
    out = {}
    for label, told in row.summary.items():
        if not _reaches(told, before):
            out[label] = told
            continue
        counting = found.get(label, Summary(told.metric, told.dataset))
        out[label] = replace(counting, goal=told.goal, step_metric=told.step_metric)
    return out


def _summaries(points: pl.DataFrame) -> Iterator[Summary]:
    """What `lakeboard.schema.run.summary.update` makes of each metric of some points of one writer."""
    real = pl.col("value").fill_nan(None)
    last = pl.col("step").max() == pl.col("step")
    found = (
        points.lazy()
        .sort("seq")
        .group_by("metric", "dataset", maintain_order=True)
        .agg(
            first=pl.col("value").first(),
            last=pl.col("value").filter(last).last(),
            last_step=pl.col("step").max(),
            last_at=pl.col("timestamp").filter(last).last().dt.epoch("ms"),
            min=real.min(),
            min_step=pl.col("step").filter(real == real.min()).min(),
            max=real.max(),
            max_step=pl.col("step").filter(real == real.max()).min(),
            mean=real.mean(),
            n=pl.len().cast(pl.Int64),
            n_nan=pl.col("value").is_nan().sum().cast(pl.Int64),
        )
        .collect(engine="in-memory")
    )
    for row in found.iter_rows(named=True):
        yield Summary(**row)


def _file(project: str) -> str:
    return f"counted {project}"
