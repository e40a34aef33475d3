"""A lake, opened for reading."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import polars as pl

from ..schema.edits import Op
from ..schema.names import same_run_id
from ..schema.problems import Problem, distinct
from ..store.base import Store
from ..store.cache import cached, default_folder
from ..store.format import check_lake
from ..store.opening import open_limited
from .boards.board import Board
from .boards.definition import Definition
from .boards.library import BoardLibrary
from .boards.versions import BoardVersion
from .edits.edits import history_frame, make_edit
from .edits.verbs import Verbs
from .filters.language import compile_filter
from .logs.verb import Consoles
from .media.verbs import MediaVerbs
from .objects.lru import MemoryCache, process_memory
from .objects.reader import Objects
from .objects.retry import Sleep
from .overview.overview import Overview, overview_of
from .points.frame import points_frame
from .run.run import RunView, view_run
from .snapshots.projects import projects_frame
from .snapshots.reader import SnapshotReader
from .snapshots.runs_frame import Frames
from .snapshots.snapshot import Snapshot
from .snapshots.survey import LiveCensus, Survey

ENVIRONMENT: Final = "LAKEBOARD_LAKE"
DEFAULT_LAKE: Final = "lake"


def open_lake(
    url: str | os.PathLike[str] | None = None, *, options: Mapping[str, object] | None = None, cache: bool = True
) -> Lake:
    """Open a lake for reading; one that does not exist yet is an empty one. Writes nothing; one GET.

    Args:
        url: where it is; without, what the environment variable `LAKEBOARD_LAKE` says, else the folder `lake`.
        options: arguments of the fsspec file system, such as `endpoint_url`.
        cache: keep on local disk what was read of remote lakes, and of any lake what was worked out once.

    Raises:
        LakeFormat: it is written in a format newer than this version reads.
        StoreUnreachable, AccessDenied, InvalidSetting: with the address and the fix.
    """
    store = open_limited(url if url is not None else os.environ.get(ENVIRONMENT) or DEFAULT_LAKE, options=options)
    exists = check_lake(store) is not None
    kept = cached(store) if cache else store
    return Lake(kept, exists=exists, folder=default_folder(store.url) if cache else None)


class Lake(Verbs, Consoles, MediaVerbs):
    """Runs, points, people's decisions and leaderboards of one lake. Safe to share between threads.

    Every call sees what was acknowledged before it began. What was read once is not read again: a call costs three
    LISTs and one GET for each object that is new.
    """

    def __init__(
        self,
        store: Store,
        *,
        exists: bool = True,
        wall: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Sleep = time.sleep,
        memory: MemoryCache | None = None,
        folder: Path | None = None,
    ) -> None:
        self._store = store
        self._exists = exists
        self._wall = wall
        self.memory = memory if memory is not None else process_memory()
        """Where what was read and computed is kept; all lakes of a process share one."""
        self._snapshots = SnapshotReader(store, cache=self.memory, wall=wall, sleep=sleep, folder=folder)
        self._boards = BoardLibrary(self, store, wall=wall)
        self._closed: tuple[Problem, ...] = ()

    def __repr__(self) -> str:
        return f"Lake({self.url!r})"

    @property
    def url(self) -> str:
        """Where it is; never with a secret in it."""
        return self._store.url

    @property
    def store(self) -> Store:
        """Its objects."""
        return self._store

    @property
    def exists(self) -> bool:
        """Whether anything was ever written here. One GET while the answer is no."""
        self._exists = self._exists or check_lake(self._store) is not None
        return self._exists

    def projects(self) -> pl.DataFrame:
        """One row per project, sorted by name: `project`, `running` (has live tails). Three LISTs."""
        return projects_frame(self._store)

    def survey(self, *, unread: int | None = None) -> Survey:
        """The state of every project, for three LISTs in all and one GET for each object not seen before.

        Args:
            unread: see `take_survey`; without, everything is read.
        """
        found = self._snapshots.survey(unread=unread)
        self._closed = found.closed
        return found

    def overview(self) -> Overview:
        """What runs, what ended lately, who works on what, which records fell, of all projects. Costs a `survey`.

        Where a project has a metric of which neither `define_metric` nor its name tells which way is better, also
        the requests of `boards`: a saved board may state it.
        """
        return overview_of(self.survey(), now=self._wall(), boards=self.boards)

    def census(self) -> LiveCensus:
        """A counter of live runs by project, cheaper than a survey."""
        return self._snapshots.census()

    def snapshot(self, project: str, *, previous: Snapshot | None = None) -> Snapshot:
        """The state of one project. Three LISTs, and one GET for each object not seen before.

        Threads that ask at the same time share one reading, if it began after they asked.

        Args:
            project: its name; one that the lake does not have gives an empty snapshot.
            previous: what to build on; without, the last one that this lake took.

        Raises:
            AccessDenied, StoreUnreachable: a listing failed.
            InvalidName: no project can have this name.
        """
        return self._snapshots.take(project, previous=previous)

    def snapshots(self, project: str | Sequence[str] | None) -> list[Snapshot]:
        """The states of one project, several, or (None) all. The requests of `snapshot` for each.

        Raises:
            UnknownProject: the lake holds nothing of one of them.
        """
        return self._snapshots.take_all(project)

    def runs(
        self,
        project: str | Sequence[str] | None = None,
        *,
        where: str | None = None,
        deleted: bool = False,
        columns: Iterable[str] | None = None,
        snapshot: Snapshot | None = None,
    ) -> pl.DataFrame:
        """One row per run, newest first: the run's own columns (`frame.RUN_SCHEMA`), params, metrics.

        Params are columns `params.<name>`: int, float or bool where all runs agree, float where numbers mix, else
        text; null where a run lacks it. So are what summaries say beside metrics, `summary.<name>`, and tags with a
        value, `tags.<key>`. Metrics are four columns: `<label>` (the last value), `<label>.min`, `.max` and `.mean`;
        a metric with the name of another column is called `metrics.<label>`. Purged runs are never shown.

        Costs the requests of `snapshot`; 100,000 runs take about a second.

        Args:
            project: one, several, or null for all of the lake.
            where: a filter, such as `lr < 1e-3 and val/acc > 0.9`.
            deleted: also deleted ones, which the column `deleted` tells apart.
            columns: beside the run's own only these; names that no run has are passed over.
            snapshot: the state of the project to show, instead of a fresh one.

        Raises:
            UnknownProject: the lake holds nothing of `project`.
            FilterError: `where` is no filter, or names an unknown column.
        """
        frames = Frames([snapshot] if snapshot is not None else self.snapshots(project))
        chosen = (lambda schema: compile_filter(where, schema)) if where else None
        return frames.build(deleted=deleted, columns=columns, where=chosen)

    def metrics(
        self,
        project: str,
        *,
        metrics: str | Sequence[str] | None = None,
        runs: str | Sequence[str] | None = None,
        dataset: str | None = None,
        hidden: bool = False,
        since: Mapping[tuple[str, str], int] | None = None,
        snapshot: Snapshot | None = None,
    ) -> pl.LazyFrame:
        """Every point, those of running runs too, each exactly once, in no particular order.

        Columns: project, run_id, metric, dataset, step, value, timestamp, seq, writer, attempt. Points without a
        dataset take their run's. After a resume, what older attempts logged at the resumed step or later is hidden.

        Sealed files are read when the frame is collected, and of them only what the query needs. Unreadable ones are
        left out and named in `problems(project)`; if another file has their rows, that one is read instead. Costs the
        requests of `snapshot`, one GET for each running writer's tail, one LIST for each run whose row does not
        account for its files; then one GET or more for each sealed file.

        Args:
            project: which.
            metrics: only these, by name.
            runs: only these, by run id; default: all that are not deleted.
            dataset: only points on this one.
            hidden: also what a resume hides.
            since: by (run id, writer), the first `seq` that is wanted: for reading on where one stopped.
            snapshot: the state of the project to show, instead of a fresh one.

        Raises:
            UnknownProject: the lake holds nothing of `project`.
            UnknownRun: one of `runs` does not exist (or is purged).
        """
        snapshot = snapshot if snapshot is not None else self._snapshots.take_known(project)
        if runs is None:
            gone = {run_id for run_id, d in snapshot.decisions.items() if d.deleted}
            ids: Iterable[str] = snapshot.known_runs() - gone
        else:
            ids = self._snapshots.check_runs(snapshot, [runs] if isinstance(runs, str) else runs)
        return points_frame(
            Objects(self._store, self._snapshots.objects),
            snapshot,
            ids,
            state=self._snapshots.memory_of(snapshot.project),
            again=lambda old: self.snapshot(old.project, previous=old),
            metrics=[metrics] if isinstance(metrics, str) else metrics,
            dataset=dataset,
            hidden=hidden,
            since=since,
        )

    def run(self, project: str, run_id: str, *, snapshot: Snapshot | None = None) -> RunView:
        """All that is known about one run but its points; deleted ones too. Costs the requests of `snapshot`.

        Raises `UnknownProject`, and `UnknownRun` where there is no such run or it is purged.
        """
        snapshot = snapshot if snapshot is not None else self._snapshots.take_known(project)
        (found,) = self._snapshots.check_runs(snapshot, [run_id])
        return view_run(snapshot, found)

    def problems(self, project: str) -> tuple[Problem, ...]:
        """What could not be read so far: rows, edits, points, boards, projects closed to this person. No request."""
        return distinct([*self._snapshots.problems(project), *self._boards.problems, *self._closed])

    def forget_problems(self, project: str, run_id: str) -> None:
        """Forget what could not be read of a run's points, which are about to be read again. No request."""
        self._snapshots.forget_problems(project, run_id)

    def history(self, project: str, run_id: str | None = None, *, snapshot: Snapshot | None = None) -> pl.DataFrame:
        """What people decided about a run (or all runs), oldest first: `at`, `run_id`, `editor`, `op`, `arg`.

        Times are the editors' clocks. Costs the requests of `snapshot`.

        Raises:
            UnknownProject: the lake holds nothing of `project`.
            UnknownRun: no such run, nor was there ever a decision about it.
        """
        snapshot = snapshot if snapshot is not None else self._snapshots.take_known(project)
        edits = [e for e in snapshot.edits if run_id is None or e.run_id == same_run_id(run_id)]
        if run_id is not None and not edits:
            self._snapshots.check_runs(snapshot, [run_id])
        return history_frame(edits)

    def edit(
        self, project: str, run_ids: Sequence[str], op: Op, arg: str | None = None, *, editor: str | None = None
    ) -> None:
        """Decide something about one run or many: one object, so all or nothing. The requests of `snapshot`, one PUT.

        Args:
            project: which.
            run_ids: which.
            op: `delete` (restorable), `restore`, `rename`, `tag`, `untag`, `note`, or `purge` (for ever).
            arg: the new name, the tag, the note.
            editor: who decides; kept in the history.

        Raises:
            UnknownProject: the lake holds nothing of `project`.
            UnknownRun: one of the runs does not exist; nothing was written.
            InvalidValue, InvalidName: an op or argument that makes no sense.
            AccessDenied: no permission to write.
        """
        snapshot = self._snapshots.take_known(project)
        key, data = make_edit(
            project,
            run_ids,
            op,
            arg,
            editor=editor,
            now_ms=int(self._wall().timestamp() * 1000),
            seen_hlc=snapshot.seen_hlc,
        )
        self._snapshots.check_runs(snapshot, run_ids)
        self._store.put(key.path, data, durable=True)

    def boards(
        self, project: str | None = None, *, deleted: bool = False, as_of: datetime | None = None
    ) -> tuple[BoardVersion, ...]:
        """The saved boards, each in the version that counts, sorted by title.

        One LIST, and one GET for each version not read before. A version that does not read is named in `problems`,
        and the one before it counts. See `BoardLibrary.list` for arguments and errors.
        """
        return self._boards.list(project, deleted=deleted, as_of=as_of)

    def board_problems(self) -> tuple[Problem, ...]:
        """What of the boards could not be read when they were last listed. No request."""
        return self._boards.problems

    def board_cost(self) -> int:
        """Requests that listing the boards last took. No request."""
        return self._boards.cost

    def saved_board(
        self, slug: str, *, as_of: datetime | None = None, version: str | None = None, deleted: bool = False
    ) -> BoardVersion:
        """One saved board. One LIST, and one GET for a version not read before.

        Args:
            slug: its name.
            as_of: the version that counted then; the first one where the board was saved only later.
            version: the id of an old version to look at.
            deleted: also where the board is deleted.

        Raises `UnknownBoard`, also of a deleted one, and `DamagedObject` where none of its versions reads.
        """
        return self._boards.get(slug, as_of=as_of, version=version, deleted=deleted)

    def board_history(self, slug: str) -> tuple[BoardVersion, ...]:
        """Every version of a board, oldest first, deletions too. One LIST, one GET for each version not read before.

        Versions that do not read are left out and named in `problems`. Raises `UnknownBoard` where there is none.
        """
        return self._boards.history(slug)

    def save_board(self, definition: Definition, slug: str | None = None, *, editor: str | None = None) -> BoardVersion:
        """Save a board, or a new version of one: from now on this counts. What says nothing new writes nothing.

        Returns the version that counts now. See `BoardLibrary.save` for arguments, costs and errors.
        """
        return self._boards.save(definition, slug, editor=editor)

    def delete_board(self, slug: str, *, editor: str | None = None) -> BoardVersion:
        """Hide a board, by a version that says so; `restore_board` shows it again. `save_board` and one LIST.

        Raises:
            UnknownBoard: no such board, or it is deleted already.
            AccessDenied: no permission to write.
        """
        return self._boards.delete(slug, editor=editor)

    def restore_board(self, slug: str, version: str | None = None, *, editor: str | None = None) -> BoardVersion:
        """Make an old version count again, or a deleted board as it last was; a new version that says the same.

        The requests of `save_board`, one LIST, and one GET for a version not read before. Errors as `saved_board`.
        """
        return self._boards.restore(slug, version, editor=editor)

    def board(
        self,
        project: str,
        definition: Definition | str | None = None,
        *,
        as_of: datetime | None = None,
        version: str | None = None,
        snapshot: Snapshot | None = None,
    ) -> Board:
        """The leaderboard; its `frame` has a row per entry, best first.

        Costs the requests of `snapshot` for each project; one LIST more for a saved board, and one GET for a version
        not read before. Points are read only of runs whose summaries don't tell: where a measure counts at the best
        step of another, or a time is cut while they ran; then those of `metrics`.

        Args:
            project: whose runs compete, where the definition names no projects.
            definition: what competes on what, or the name of a saved board; without, what most likely matters.
            as_of: as it was then: the saved board's version that counted, the runs there were, what they had reached,
                whether they were deleted. Names and tags are those of today.
            version: the id of an old version of the saved board.
            snapshot: the state of the project to show, instead of a fresh one; of one project.

        Raises:
            UnknownProject: the lake holds nothing of a project.
            UnknownBoard: no such saved board or version, or it is deleted.
            InvalidSetting: no run has a metric yet, and no definition was given.
        """
        return self._boards.make(project, definition, as_of=as_of, version=version, snapshot=snapshot)
