"""Which files hold the points of a project's runs: every row of every writer exactly once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Final

import polars as pl

from ...schema.cover import Part, cover
from ...schema.errors import DamagedObject, LakeFormat
from ...schema.keys import PointsKey, attempt_of, parse_key, run_prefix
from ...schema.problems import Problem, problem_of
from ...store.base import ObjectInfo, Store
from ..objects.decode import decode_many_points, decode_points
from ..objects.reader import Objects
from ..objects.retry import RELISTS, Patience
from ..rows.live_writers import Who
from ..snapshots.snapshot import Snapshot
from .coverage import Piece, pieces_of

_THREADS: Final = 16


@dataclass(frozen=True, slots=True)
class WriterPoints:
    """One writer's points and where they are."""

    run_id: str
    writer: str
    rows: int
    """So many are known to exist: by the final row, or by the newest tail."""
    parts: frozenset[Part]
    """Files that hold them; ranges may overlap."""
    dataset: str | None
    """That of points which name none."""
    before_step: int | None
    """Points at this step or later were logged again after a resume."""
    live: bool
    """It has tails, so files may move meanwhile."""
    silent: bool
    """It runs, but is long overdue: it may have died after a seal, before the tail that would tell of it."""
    since: int = 0
    """Earlier rows are not asked for."""

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """What to read."""
        return pieces_of(self.parts, self.since, self.rows).pieces

    @property
    def short(self) -> bool:
        """Whether rows are known to exist that no part holds."""
        return cover(self.parts).complete_to < self.rows

    @property
    def holes(self) -> tuple[tuple[int, int], ...]:
        """The row ranges that no part holds."""
        return pieces_of(self.parts, 0, self.rows).holes


@dataclass(frozen=True, slots=True)
class PointsPlan:
    """What to read for the points of some runs of a project."""

    project: str
    writers: tuple[WriterPoints, ...]
    tails: Mapping[str, pl.DataFrame]
    """By key: tails that are needed, already read, since their writers delete them."""
    problems: tuple[Problem, ...]


def plan_points(
    objects: Objects,
    snapshot: Snapshot,
    run_ids: Iterable[str],
    *,
    again: Callable[[Snapshot], Snapshot],
    patience: Patience,
    hidden: bool = False,
    since: Mapping[Who, int] | None = None,
) -> PointsPlan:
    """Find every point that was acknowledged before `snapshot` was taken.

    No request where the rows' own lists of files account for all rows and nothing runs. One LIST for each run
    where a file is missing or the count falls short; one GET for each tail that is needed and not held. If something
    moved meanwhile, another snapshot is taken, at most 5 times with backoff; then what there is gets shown, and
    `problems` say what is missing.

    Args:
        objects: where to read.
        snapshot: the state of the project.
        run_ids: which runs.
        again: takes the next snapshot.
        patience: knows what earlier calls waited for in vain.
        hidden: also what resumes hide.
        since: by writer, how many of its rows to pass over; tails that hold no later ones are not read.
    """
    wanted = sorted(set(run_ids))
    for attempt in range(1, RELISTS + 2):
        plan, moved = _plan(objects, snapshot, wanted, since or {})
        lost = {(w.run_id, w.writer, w.holes) for w in plan.writers if w.short}
        if not moved and not patience.worthwhile(lost):
            break
        if attempt > RELISTS:
            patience.give_up(lost)
            break
        patience.wait(attempt)
        snapshot = again(snapshot)
    return replace(plan, writers=tuple(replace(w, before_step=None) for w in plan.writers)) if hidden else plan


def _plan(
    objects: Objects, snapshot: Snapshot, run_ids: Sequence[str], since: Mapping[Who, int]
) -> tuple[PointsPlan, bool]:
    """The plan as of a snapshot, and whether something moved meanwhile."""
    found = {(w.run_id, w.writer): w for w in writers_of(snapshot, run_ids)}
    writers = {who: replace(w, since=since.get(who, 0)) for who, w in found.items()}
    doubtful = {who: w for who, w in writers.items() if w.short or w.silent}
    writers |= _listed(objects.store, snapshot.project, doubtful)
    tails: dict[str, pl.DataFrame] = {}
    problems: list[Problem] = []
    gone: set[str] = set()
    while True:
        wanted = {
            piece.part.name: who
            for who, w in writers.items()
            if w.live
            for piece in w.pieces
            if not piece.part.sealed and piece.part.name not in tails
        }
        if not wanted:
            break
        by_key = {p.name: p for who in set(wanted.values()) for p in writers[who].parts}
        read = objects.tails(list(wanted))
        sizes = {key: by_key[key].hi - by_key[key].lo for key in read}
        together = decode_many_points([(k, data, sizes[k]) for k, data in read.items() if isinstance(data, bytes)])
        bad: dict[str, Who] = {}
        for key, data in read.items():
            frame = together[key] if key in together else _decoded(data, by_key[key])
            if isinstance(frame, pl.DataFrame):
                tails[key] = frame
                continue
            bad[key] = wanted[key]
            if frame.kind == "missing":
                gone.add(key)
            else:
                problems.append(frame)
        for key, who in bad.items():
            writers[who] = replace(writers[who], parts=frozenset(p for p in writers[who].parts if p.name != key))
        short = {who: writers[who] for who in bad.values() if writers[who].short}
        writers |= _listed(objects.store, snapshot.project, short)
    for w in writers.values():
        problems += [_hole(snapshot.project, w.run_id, w.writer, hole) for hole in w.holes]
    ordered = tuple(writers[who] for who in sorted(writers))
    return PointsPlan(snapshot.project, ordered, tails, tuple(problems)), bool(gone)


def writers_of(snapshot: Snapshot, run_ids: Sequence[str]) -> list[WriterPoints]:
    """The writers of some runs and the files that the rows and the listing of tails name. No request."""
    rows = snapshot.ended.plain(run_ids).select("run_id", "writer", "rows", "resume_step", "files")
    wanted = set(run_ids)
    promised: dict[Who, int] = {}
    resumed: dict[str, list[tuple[int, int]]] = {}
    parts: dict[Who, set[Part]] = {}
    live = {who for who in snapshot.live if who[0] in wanted}
    silent = {who for who in live if not snapshot.live[who].ended and snapshot.live[who].silent(snapshot.now)}

    def name_files(run_id: str, writer: str, names: Iterable[str]) -> None:
        parts.setdefault((run_id, writer), set())
        for name in names:
            part = sealed_part(run_prefix(snapshot.project, run_id) + name)
            if part is not None:
                parts.setdefault((run_id, part[0]), set()).add(part[1])

    for run_id, writer, count, resume_step, files in rows.iter_rows():
        promised[run_id, writer] = count or 0
        name_files(run_id, writer, [f["name"] for f in files or ()])
        if resume_step is not None:
            resumed.setdefault(run_id, []).append((attempt_of(writer), resume_step))
    for who, w in snapshot.live.items():
        if who[0] not in wanted:
            continue
        name_files(*who, [f.name for f in w.row.files])
        parts[who] |= {Part(t.key.lo, t.key.hi, False, t.path) for t in w.tails}
        promised[who] = max(promised.get(who, 0), w.hi)
        if w.row.resume_step is not None and not w.ended:
            resumed.setdefault(who[0], []).append((w.row.attempt, w.row.resume_step))
    datasets = _datasets(snapshot, run_ids)
    out = []
    for (run_id, writer), found in parts.items():
        later = [step for attempt, step in resumed.get(run_id, ()) if attempt > attempt_of(writer)]
        out.append(
            WriterPoints(
                run_id,
                writer,
                rows=max(promised.get((run_id, writer), 0), *(p.hi for p in found), 0),
                parts=frozenset(found),
                dataset=datasets.get(run_id),
                before_step=min(later, default=None),
                live=(run_id, writer) in live,
                silent=(run_id, writer) in silent,
            )
        )
    return out


def sealed_part(path: str) -> tuple[str, Part] | None:
    """The writer and the rows of a sealed file, or None for an object of another kind."""
    key = parse_key(path)
    return (key.writer, Part(key.lo, key.hi, True, path)) if isinstance(key, PointsKey) else None


def list_runs(store: Store, project: str, run_ids: Sequence[str]) -> dict[str, list[ObjectInfo]]:
    """What the folders of some runs hold. One LIST each, several at a time."""
    found = {run_id: store.list(run_prefix(project, run_id)) for run_id in run_ids[:1]}
    if len(run_ids) > 1:
        with ThreadPoolExecutor(_THREADS, thread_name_prefix="lakeboard-list") as pool:
            infos = pool.map(lambda run_id: store.list(run_prefix(project, run_id)), run_ids[1:])
            found |= dict(zip(run_ids[1:], infos, strict=True))
    return found


def list_parts(store: Store, project: str, run_id: str) -> dict[str, set[Part]]:
    """By writer: the sealed files in a run's folder. One LIST."""
    return parts_of(store.list(run_prefix(project, run_id)))


def parts_of(infos: Iterable[ObjectInfo]) -> dict[str, set[Part]]:
    """By writer: the sealed files of a listing."""
    out: dict[str, set[Part]] = {}
    for info in infos:
        found = sealed_part(info.key)
        if found is not None:
            out.setdefault(found[0], set()).add(found[1])
    return out


def _listed(store: Store, project: str, writers: Mapping[Who, WriterPoints]) -> dict[Who, WriterPoints]:
    """The writers with all files that their runs' folders hold. One LIST a run, several at a time."""
    listed = list_runs(store, project, sorted({w.run_id for w in writers.values()}))
    found = {run_id: parts_of(infos) for run_id, infos in listed.items()}
    out = {}
    for who, w in writers.items():
        more = w.parts | found[w.run_id].get(w.writer, set())
        out[who] = replace(w, parts=more, rows=max(w.rows, *(p.hi for p in more), 0))
    return out


def _datasets(snapshot: Snapshot, run_ids: Sequence[str]) -> dict[str, str]:
    """By run: the dataset of points that name none, where there is one."""
    out: dict[str, str] = {}
    shown = snapshot.runs.shown.filter(pl.col("run_id").is_in(list(run_ids)))
    for i, block in enumerate(snapshot.runs.blocks):
        rows = shown.filter(pl.col("block") == i)["row"]
        if len(rows):
            out |= dict(block.rows.select(pl.col("run_id", "dataset").gather(rows)).drop_nulls().iter_rows())
    return out


def _decoded(data: bytes | Problem, part: Part) -> pl.DataFrame | Problem:
    if isinstance(data, Problem):
        return data
    try:
        return decode_points(data, key=part.name, length=part.hi - part.lo)
    except (DamagedObject, LakeFormat) as error:
        return problem_of(part.name, error)


def _hole(project: str, run_id: str, writer: str, hole: tuple[int, int]) -> Problem:
    where = run_prefix(project, run_id)
    text = f"{where}: rows {hole[0]} to {hole[1] - 1} of writer {writer} are in no readable file; shown without them"
    return Problem(where, "incomplete", text)
