"""Puts a run of another tool into a lake: once, however often it is asked, and what it grew by as its next attempt.

Run id and writers are named after the source, so that an import that was killed and is repeated writes the same
objects again. What the lake has of a run is counted by metric; the rest of each series follows.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zlib import crc32

from ..logger.inputs.arguments import tag_values_given, tags_given
from ..logger.inputs.redact import redact_text, take_params, take_result
from ..logger.writer import Writer
from ..schema.artifacts.names import check_artifact_name
from ..schema.batch import Group
from ..schema.edits import MAX_NOTE_CHARS
from ..schema.errors import InvalidName, LakeboardError, StoreError
from ..schema.keys import PointsKey, TailKey, parse_key, run_prefix, writer_id
from ..schema.run.lineage import Lineage
from ..schema.run.row import RunRow, Status
from ..schema.run.summary import Summary, metric_label
from ..schema.values import Param, storable
from ..store.base import Store
from ..upkeep.artifacts.commit import commit
from ..upkeep.artifacts.draft import Draft
from .known import Known
from .source import IMPORTED_AT, IMPORTED_FROM, IMPORTED_ID, Series, SourceRun
from .texts import metric_name, one_line

_PIECE: Final = 200_000
"""So many points of a series are taken in at a time."""
_DUE_SECONDS: Final = 600.0
_EARLIEST: Final = -62_135_596_800.0
_LATEST: Final = 253_402_300_799.0


_INSTEAD: Final = "Purge the imported run first, or leave it as it is"


class SourceShrank(LakeboardError):
    """The lake has points of a run that its source no longer has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imported:
    """What became of one run."""

    run: SourceRun
    points: int
    """That the source has."""
    new: int
    """Of these, points that the lake did not have."""
    media: int = 0
    """Pictures and texts that it did not have."""
    files: int = 0
    """Files of the run that are in the lake now as an artifact."""
    is_new: bool = False
    """Whether the run itself was new."""
    notes: tuple[str, ...] = ()
    """A sentence for each thing that was renamed, cut or left out."""

    @property
    def changed(self) -> bool:
        """Whether anything was written."""
        return self.is_new or bool(self.new or self.media)


def import_run(
    store: Store,
    project: str,
    run: SourceRun,
    known: Known | None,
    *,
    now_ms: Callable[[], int],
    new_rand: Callable[[], str],
    with_files: bool = True,
    dry_run: bool = False,
) -> Imported:
    """Bring the lake up to what a source has of a run. Nothing is written where nothing is new.

    A new run takes 4 requests, and 2 more for each 20 MB of points; one that grew the same. Memory holds one run's
    series and 20 MB besides.

    Args:
        store: the lake.
        project: where the run goes.
        run: what the source has.
        known: what the lake has of it.
        now_ms: milliseconds since 1970.
        new_rand: gives 8 hex digits that no other version of an artifact has.
        with_files: whether its files come along.
        dry_run: only say what would be done.

    Raises:
        SourceShrank: the lake has more points of a metric than the source; names it.
        StoreError: the lake could not be written to; call again.
    """
    notes: list[str] = []
    series = _by_label(run, notes)
    before: Mapping[str, Summary] = known.summaries if known is not None else {}
    _check_growth(run, series, before)
    counts = {label: summary.n for label, summary in before.items()}
    total = sum(map(len, series.values()))
    fresh = {label: part for label, each in series.items() if len(part := _rest(each, counts.get(label, 0)))}
    media = list(run.media())[known.media if known is not None else 0 :]
    is_new = known is None or not known.attempts
    ended_anew = known is not None and not is_new and known.status != _status(run)
    new = sum(map(len, fresh.values()))
    result = Imported(run=run, points=total, new=new, media=len(media), is_new=is_new, notes=tuple(notes))
    if dry_run or not (result.changed or ended_anew):
        return result
    attempt = 1 + (known.attempts if known is not None else 0)
    row, said = _row(run, attempt, now_ms())
    notes += said
    if known is not None and known.left:
        _clear(store, project, row.run_id, known.left)
    writer = Writer(store, project, row, None, now_ms=now_ms)
    _take_all(writer, fresh)
    if media:
        writer.media.take(media)
    files = 0
    if with_files:
        files, made = _files(store, project, run, row, now_ms, new_rand, notes)
        row = row if made is None else replace(row, outputs=(made,))
    ended = run.ended_at if run.ended_at is not None else _last_moment(fresh, row)
    writer.finish(replace(row, status=_status(run), error=_error(run), ended_at=ended))
    return replace(result, files=files, notes=tuple(notes))


def _by_label(run: SourceRun, notes: list[str]) -> dict[str, Series]:
    """The run's series under the names that the lake takes; of two that become one name the first stays."""
    out: dict[str, Series] = {}
    for each in run.read():
        try:
            name = metric_name(each.metric)
        except InvalidName as error:
            notes.append(f"{len(each):,} points are left out: {error}")
            continue
        label = metric_label(name, each.dataset)
        if label in out:
            notes.append(f"{len(each):,} points of {each.metric!r} are left out: {name!r} is another metric's name")
            continue
        if name != each.metric:
            notes.append(f"metric {each.metric!r} is kept as {name!r}")
        each.metric = name
        out[label] = each
    return out


def _check_growth(run: SourceRun, series: Mapping[str, Series], before: Mapping[str, Summary]) -> None:
    """Nothing, where what was imported is how each series still begins."""
    for label, known in before.items():
        there = len(series[label]) if label in series else 0
        if there < known.n:
            raise SourceShrank(
                f"run {run.source_id} of {run.tool} has {there:,} points of {label!r} where {known.n:,} were imported: "
                f"its source was cut or replaced. {_INSTEAD}"
            )
        if not _begins_so(series[label].values[: known.n], known):
            raise SourceShrank(
                f"the first {known.n:,} points of {label!r} of run {run.source_id} of {run.tool} are others than those "
                f"that were imported: they were written anew, or came in another order. {_INSTEAD}"
            )


def _begins_so(values: array[float], known: Summary) -> bool:
    real = [value for value in values if not math.isnan(value)]
    least, most = (min(real), max(real)) if real else (None, None)
    return (len(values) - len(real), least, most) == (known.n_nan, known.min, known.max)


def _rest(series: Series, known: int) -> Series:
    if not known:
        return series
    return Series(
        series.metric, series.dataset, series.steps[known:], series.times[known:], series.values[known:]
    )  # fmt: skip


def _row(run: SourceRun, attempt: int, now: int) -> tuple[RunRow, list[str]]:
    taken = take_params(dict(run.params))
    results: dict[str, Param] = {}
    notes = list(taken.notes)
    for name, value in run.results.items():
        one = take_result(name, value)
        results |= one.params
        notes += one.notes
    env = {storable(key): redact_text(storable(value)) for key, value in run.env.items()}
    env |= {IMPORTED_FROM: run.tool, IMPORTED_ID: storable(run.source_id), IMPORTED_AT: _iso(now)}
    started = run.started_at if run.started_at is not None else now
    # The same for the same attempt, so that an import that was killed and is repeated writes the same names.
    writer = writer_id(attempt, f"{crc32(f'{run.tool} {run.run_id}'.encode()):08x}")
    row = RunRow(
        run_id=run.run_id,
        writer=writer,
        attempt=attempt,
        name=_line(run.name),
        user=_line(run.user),
        host=_line(run.host),
        group=_line(run.group),
        job_type=_line(run.job_type),
        parent_run_id=run.parent_run_id,
        tags=tags_given(run.tags, notes.append),
        tag_values=tag_values_given(run.tag_values, notes.append),
        notes=redact_text(storable(run.notes)) if run.notes else None,
        created_at=started,
        started_at=started,
        params=taken.params,
        results=results,
        env=env,
    )
    return row, notes


def _status(run: SourceRun) -> Status:
    return "crashed" if run.status == "running" else run.status


def _error(run: SourceRun) -> str | None:
    if run.error:
        return redact_text(storable(run.error))[:MAX_NOTE_CHARS]
    return f"{run.tool} does not say how it ended" if run.status == "running" else None


def _line(text: str | None) -> str | None:
    return (one_line(text) or None) if text else None


def _iso(ms: int) -> str:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="seconds")


def _take_all(writer: Writer, series: Mapping[str, Series]) -> None:
    done = 0
    for each in series.values():
        for begin in range(0, len(each), _PIECE):
            piece = slice(begin, begin + _PIECE)
            values = each.values[piece]
            group = Group(
                names=(each.metric,),
                dataset=each.dataset,
                steps=each.steps[piece],
                times=_sensible(each.times[piece]),
                starts=array("q", range(done, done + len(values))),
                values=values,
                floats=True,
            )
            done += len(values)
            writer.take([group], done)
            if writer.closed_ranges:
                writer.flush(due_seconds=_DUE_SECONDS)


def _sensible(times: array[float]) -> array[float]:
    """Times that every reader can show: what is none becomes the one before it, or 1970."""
    if all(_EARLIEST <= time <= _LATEST for time in times):
        return times
    out, last = array("d"), 0.0
    for time in times:
        last = time if math.isfinite(time) and _EARLIEST <= time <= _LATEST else last
        out.append(last)
    return out


def _last_moment(series: Mapping[str, Series], row: RunRow) -> int | None:
    ends = [round(each.times[-1] * 1000) for each in series.values() if len(each) and math.isfinite(each.times[-1])]
    return max(ends, default=row.started_at)


def _clear(store: Store, project: str, run_id: str, left: tuple[TailKey, ...]) -> None:
    """Take away what a killed import left of a run: its points may have been cut elsewhere than they are now."""
    writers = {tail.writer for tail in left}
    points = [
        info.key
        for info in store.list(run_prefix(project, run_id))
        if isinstance(key := parse_key(info.key), PointsKey) and key.writer in writers
    ]
    store.delete([*points, *(tail.path for tail in left)])


def _files(
    store: Store,
    project: str,
    run: SourceRun,
    row: RunRow,
    now_ms: Callable[[], int],
    new_rand: Callable[[], str],
    notes: list[str],
) -> tuple[int, Lineage | None]:
    folders = [(where, folder) for where, folder in run.files if _has_files(folder)]
    if not folders:
        return 0, None
    try:
        name = check_artifact_name(f"files-of-{run.run_id}")
        draft = Draft(artifact=name, type=f"{run.tool}-files", run_id=row.run_id, writer=row.writer)
        for where, folder in folders:
            draft.add_dir(folder, where or None)
        done = commit(store, project, draft, now_ms=now_ms(), new_rand=new_rand)
    except StoreError:
        raise
    except (LakeboardError, OSError) as error:
        notes.append(f"its files are left out: {error}")
        return 0, None
    version = str(done.manifest.head.version)
    return len(draft.entries), Lineage(project, name, version, now_ms())


def _has_files(folder: Path) -> bool:
    return folder.is_dir() and any(path.is_file() for path in folder.rglob("*"))
