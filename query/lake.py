"""A lake, opened for reading."""

from __future__ import annotations

import difflib
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Final

import polars as pl

from ..schema.edits import Op
from ..schema.errors import UnknownProject, UnknownRun
from ..schema.names import check_project
from ..store.base import Store
from ..store.cache import cached
from ..store.format import check_lake
from ..store.opening import open_store
from .boards.library import LakeBoards
from .edits.edits import history_frame, make_edit
from .edits.verbs import Verbs
from .objects.problems import Problem, distinct
from .objects.reader import Memory, Objects
from .objects.retry import Patience, Sleep
from .points.plan import plan_points
from .points.source import PointsSource
from .run.run import RunView, view_run
from .snapshots.project_memory import ProjectMemory
from .snapshots.projects import projects_frame
from .snapshots.runs_frame import Frames
from .snapshots.snapshot import Snapshot, take_snapshot
from .snapshots.survey import LiveCensus, Survey, take_survey

if TYPE_CHECKING:
    from .overview.overview import Overview

ENVIRONMENT: Final = "LAKEBOARD_LAKE"
DEFAULT_LAKE: Final = "lake"


def open_lake(
    url: str | os.PathLike[str] | None = None, *, options: Mapping[str, object] | None = None, cache: bool = True
) -> Lake:
    """Open a lake for reading. Writes nothing; one GET.

    A lake that does not exist yet is an empty one.

    Args:
        url: where it is; without, what the environment variable `LAKEBOARD_LAKE` says, else the folder `lake`.
        options: arguments of the fsspec file system, such as `endpoint_url`.
        cache: keep what was read of remote lakes on local disk.

    Raises:
        LakeFormat: it is written in a format newer than this version reads.
        StoreUnreachable, AccessDenied: with the address and the fix.
        InvalidSetting: no such kind of address.
    """
    place = url if url is not None else os.environ.get(ENVIRONMENT) or DEFAULT_LAKE
    store = open_store(place, options=options)
    exists = check_lake(store) is not None
    return Lake(cached(store) if cache else store, exists=exists)


class Lake(LakeBoards, Verbs):
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
    ) -> None:
        self._store = store
        self._exists = exists
        self._wall = wall
        self._sleep = sleep
        self._memory = Memory()
        self._lock = Lock()
        self._states: dict[str, ProjectMemory] = {}
        self._board_versions = {}

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
        if not self._exists:
            self._exists = check_lake(self._store) is not None
        return self._exists

    def projects(self) -> pl.DataFrame:
        """One row per project, sorted by name: `project`, `running` (has live tails). Three LISTs."""
        return projects_frame(self._store)

    def survey(self, *, unread: int | None = None) -> Survey:
        """The state of every project, for three LISTs in all and one GET for each object not seen before.

        Args:
            unread: see `take_survey`; without, everything is read.
        """
        return take_survey(
            self._store, self._state, memory=self._memory, sleep=self._sleep, wall=self._wall, unread=unread
        )

    def overview(self) -> Overview:
        """What runs, what ended lately, who works on what, which records fell, of all projects. Costs a `survey`.

        Where a project has a metric of which neither `define_metric` nor its name tells which way is better, also
        the requests of `boards`: a saved board may state it.
        """
        from .overview.overview import overview_of

        return overview_of(self.survey(), now=self._wall(), boards=self.boards)

    def census(self) -> LiveCensus:
        """A counter of live runs by project, cheaper than a survey."""
        return LiveCensus(self._store, memory=self._memory, sleep=self._sleep, wall=self._wall)

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
        asked = time.monotonic()
        state = self._state(check_project(project))
        with state.lock:
            if state.snapshot is not None and state.began > asked and previous is None:
                return state.snapshot
            state.began = time.monotonic()
            state.snapshot = take_snapshot(
                self._store,
                project,
                previous=previous or state.snapshot,
                memory=self._memory,
                wall=self._wall,
                sleep=self._sleep,
            )
            return state.snapshot

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
        text; null where a run lacks it. Metrics are four columns: `<label>` (the last value), `<label>.min`, `.max`,
        `.mean`; NaN and infinities stay what they are. A metric with the name of another column is called
        `metrics.<label>`. Purged runs are never shown.

        Costs the requests of `snapshot`; 100,000 runs take about a second.

        Args:
            project: one, several, or null for all of the lake.
            where: a filter, such as `lr < 1e-3 and val/acc > 0.9`.
            deleted: also the deleted ones; the column `deleted` tells them apart.
            columns: of params and metrics only these; names that no run has are passed over.
            snapshot: the state of the project to show, instead of a fresh one.

        Raises:
            UnknownProject: the lake holds nothing of `project`.
            FilterError: `where` is no filter, or names an unknown column.
        """
        frames = Frames([snapshot] if snapshot is not None else self.snapshots(project))
        if not where:
            return frames.build(deleted=deleted, columns=columns)
        from .filters.language import compile_filter

        return frames.build(deleted=deleted, columns=columns, where=lambda schema: compile_filter(where, schema))

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
        snapshot = snapshot if snapshot is not None else self._known(project)
        if runs is None:
            gone = {run_id for run_id, d in snapshot.decisions.items() if d.deleted}
            ids: Iterable[str] = snapshot.known_runs() - gone
        else:
            ids = self._checked(snapshot, [runs] if isinstance(runs, str) else runs)
        state = self._state(snapshot.project)
        plan = plan_points(
            Objects(self._store, self._memory),
            snapshot,
            ids,
            again=lambda old: self.snapshot(old.project, previous=old),
            patience=state.patience,
            hidden=hidden,
            since=since,
        )
        state.report(plan.problems)
        keep = []
        if metrics is not None:
            keep.append(pl.col("metric").is_in([metrics] if isinstance(metrics, str) else list(metrics)))
        if dataset is not None:
            keep.append(pl.col("dataset") == dataset)
        return PointsSource(
            Objects(self._store, self._memory),
            plan,
            report=lambda problem: state.report([problem]),
            patience=state.patience,
            keep=pl.all_horizontal(keep) if keep else None,
        ).lazy()

    def run(self, project: str, run_id: str, *, snapshot: Snapshot | None = None) -> RunView:
        """All that is known about one run but its points; deleted ones too. Costs the requests of `snapshot`.

        Raises:
            UnknownProject: the lake holds nothing of `project`.
            UnknownRun: no such run, or it is purged.
        """
        snapshot = snapshot if snapshot is not None else self._known(project)
        self._checked(snapshot, [run_id])
        return view_run(snapshot, run_id)

    def problems(self, project: str) -> tuple[Problem, ...]:
        """What could not be read so far, of rows, edits, points and boards. No request."""
        state = self._state(check_project(project))
        seen = state.snapshot.problems if state.snapshot else ()
        return distinct([*seen, *state.reported, *self._board_problems])

    def history(self, project: str, run_id: str | None = None, *, snapshot: Snapshot | None = None) -> pl.DataFrame:
        """What people decided about a run (or all runs), oldest first: `at`, `run_id`, `editor`, `op`, `arg`.

        Times are the editors' clocks. Costs the requests of `snapshot`.

        Raises:
            UnknownProject: the lake holds nothing of `project`.
            UnknownRun: no such run, nor was there ever a decision about it.
        """
        snapshot = snapshot if snapshot is not None else self._known(project)
        edits = [e for e in snapshot.edits if run_id in (None, e.run_id)]
        if run_id is not None and not edits:
            self._checked(snapshot, [run_id])
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
        snapshot = self._known(project)
        key, data = make_edit(
            project,
            run_ids,
            op,
            arg,
            editor=editor,
            now_ms=int(self._wall().timestamp() * 1000),
            seen_hlc=snapshot.seen_hlc,
        )
        self._checked(snapshot, run_ids)
        self._store.put(key.path, data, durable=True)

    def _state(self, project: str) -> ProjectMemory:
        with self._lock:
            return self._states.setdefault(project, ProjectMemory(Patience(self._sleep)))

    def _known(self, project: str) -> Snapshot:
        snapshot = self.snapshot(project)
        if snapshot.empty:
            raise UnknownProject(self._unknown(project))
        return snapshot

    def _unknown(self, project: str) -> str:
        names = self.projects()["project"].to_list()
        near = difflib.get_close_matches(project, names, n=3) or names[:5]
        hint = f"; did you mean {', '.join(map(repr, near))}?" if near else ", nor any other yet"
        return f"lake {self.url} has no project {project!r}{hint}"

    def snapshots(self, project: str | Sequence[str] | None) -> list[Snapshot]:
        """The states of one project, several, or (null) all. The requests of `snapshot` for each.

        Raises:
            UnknownProject: the lake holds nothing of one of them.
        """
        if isinstance(project, str):
            return [self._known(project)]
        if project is None:
            return list(self.survey().snapshots)
        return [self._known(name) for name in dict.fromkeys(project)]

    def _checked(self, snapshot: Snapshot, run_ids: Iterable[str]) -> list[str]:
        wanted = list(dict.fromkeys(run_ids))
        unknown = sorted(set(wanted) - snapshot.known_runs())
        if unknown:
            shown = ", ".join(unknown[:5]) + (f" and {len(unknown) - 5} more" if len(unknown) > 5 else "")
            raise UnknownRun(f"project {snapshot.project!r} of lake {self.url} has no run {shown}")
        return wanted
