"""What pages know of the lake, and when they look again. The one place that caches.

All viewers of a server share one lake and one look at each project: ten open tabs cost no more requests than one.
Frames are kept as they are (`cache_resource`), since nobody changes them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import Final, TypeVar, cast

import polars as pl
import streamlit as st

from ...query.boards.definition import Definition
from ...query.boards.versions import BoardVersion
from ...query.lake import DEFAULT_LAKE, ENVIRONMENT, Lake, open_lake
from ...query.objects.lru import LruCache
from ...query.points.track_cache import TrackStore
from ...query.points.tracks import Track
from ...query.snapshots.snapshot import Snapshot
from ...schema.edits import Op
from ...schema.errors import StoreError
from ...schema.keys import project_prefix
from .lake_watch import Watch, still_there
from .maintenance import Caretaker

T = TypeVar("T")
LIVE_SECONDS: Final = 2.0
"""Between looks at a lake on this machine while something runs."""
LIVE_REMOTE_SECONDS: Final = 10.0
"""The same for object stores, where writers flush less often and requests cost."""
IDLE_SECONDS: Final = 30.0
"""Between looks at an object store while nothing runs."""
IDLE_LOCAL_SECONDS: Final = 5.0
"""The same for a folder, whose listings cost nothing."""
TROUBLE_SECONDS: Final = 10.0
"""Between tries while the lake does not answer."""
_WHOLE_SECONDS: Final = 120.0
"""While nothing runs, a look is one LIST of what is live; as often as this it is a whole one."""
_DENIED_SECONDS: Final = 300.0
"""So long a refused write is taken to stand for all; permissions are mended now and then."""
_KEPT: Final = 64
PROJECTS_SCHEMA: Final = {"project": pl.String, "live": pl.Int64}
_DRAWN: Final = 512 * 1024 * 1024
"""Bytes of what was computed of points for charts."""


@dataclass(frozen=True, slots=True)
class ProjectState:
    """One project at one moment."""

    project: str
    snapshot: Snapshot
    runs: pl.DataFrame
    """One row per run that is not deleted, newest first."""
    deleted: pl.DataFrame
    """The deleted ones, in the same columns."""
    projects: pl.DataFrame
    """All projects of the lake: `project`, `live` (how many runs are)."""
    taken: float
    """Of when it is, in seconds since 1970."""
    asked: float
    """When the lake was last asked, answer or not."""
    requests: int
    """What it cost."""
    local: bool
    trouble: str = ""
    """Why it is not fresher: the lake did not answer."""
    _known: dict[Hashable, object] = field(default_factory=dict, compare=False, repr=False)

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` gives, computed once for this state of the project, whoever looks and however often.

        Args:
            key: everything that the result depends on besides the project's state.
            make: pure.
        """
        if key not in self._known:
            if len(self._known) >= _KEPT:
                self._known.clear()
            self._known[key] = make()
        return cast("T", self._known[key])

    @property
    def live(self) -> int:
        """Runs that are running and heard of lately."""
        return self.runs.filter((pl.col("status") == "running") & ~pl.col("silent")).height

    @property
    def every(self) -> float:
        """Seconds after which it is worth looking again."""
        if self.trouble:
            return TROUBLE_SECONDS
        if self.live:
            return LIVE_SECONDS if self.local else LIVE_REMOTE_SECONDS
        return IDLE_LOCAL_SECONDS if self.local else IDLE_SECONDS


class Feed:
    """A lake and the last look at each of its projects. Safe to share between threads."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self.tracks = TrackStore(lake)
        self.drawn = LruCache(_DRAWN)
        self._lock = Lock()
        self._kept: dict[str, _Kept] = {}
        self._live_keys: frozenset[str] = frozenset()
        self._census = lake.census()
        self._counting = Lock()
        self._projects: tuple[float, pl.DataFrame] | None = None
        self._boards: tuple[float, tuple[BoardVersion, ...]] | None = None
        self.watch = Watch(lake)
        """The same of all projects together."""
        self.caretaker = Caretaker(lake, after=self.forget_all)
        """Long work on it."""
        self._made: dict[str, object] = {}
        self._denied: float | None = None

    @property
    def read_only(self) -> bool:
        """Whether decisions can't be written, as far as is known. No request.

        A folder says so itself; of a bucket it is known for some minutes once a write was refused.
        """
        if self._denied is not None and time.monotonic() - self._denied < _DENIED_SECONDS:
            return True
        return self.lake.store.is_local and not _writable(self.lake.url)

    def denied(self) -> None:
        """A write was refused."""
        self._denied = time.monotonic()

    def keep(self, name: str, make: Callable[[], T]) -> T:
        """What `make` gives, made once for this server: a memory of its own for a part of the screen."""
        with self._lock:
            if name not in self._made:
                self._made[name] = make()
            return cast("T", self._made[name])

    def projects(self) -> pl.DataFrame:
        """All projects: `project`, `live` (how many runs are). Three LISTs, once in half a minute, and what is new.

        Raises:
            StoreError: the lake does not answer, and never did.
        """
        return self._counted()[0]

    def _counted(self) -> tuple[pl.DataFrame, int]:
        """The projects, and what it cost to know."""
        with self._counting:
            known = self._projects
            if known is not None and time.time() - known[0] <= IDLE_SECONDS:
                return known[1], 0
            try:
                if known is not None:
                    still_there(self.lake)
                live = self._census.count()
                frame = pl.DataFrame({"project": list(live), "live": list(live.values())}, schema=PROJECTS_SCHEMA)
                cost = self._census.requests
            except StoreError:
                if known is None:
                    raise
                frame, cost = known[1], 0
            self._projects = (time.time(), frame)
            return frame, cost

    def boards(self) -> tuple[BoardVersion, ...]:
        """All saved boards, deleted ones too; those known before when the lake does not answer. One LIST when idle."""
        every = IDLE_LOCAL_SECONDS if self.lake.store.is_local else IDLE_SECONDS
        known = self._boards
        if known is not None and time.time() - known[0] <= every:
            return known[1]
        try:
            known = (time.time(), self.lake.boards(deleted=True))
        except StoreError:
            known = (time.time(), known[1] if known else ())
        with self._lock:
            self._boards = known
        return known[1]

    def boards_cost(self, since: float) -> int:
        """Requests that the last listing of the boards took, if it was made after a time; else none."""
        return self.lake.board_cost() if self._boards is not None and self._boards[0] >= since else 0

    def save_board(self, definition: Definition, slug: str, *, editor: str | None) -> BoardVersion:
        """Save a version of a board, seen by everyone's next look."""
        saved = self.lake.save_board(definition, slug, editor=editor)
        self.forget_boards()
        return saved

    def delete_board(self, slug: str, *, editor: str | None) -> None:
        """Hide a board, for everyone's next look."""
        self.lake.delete_board(slug, editor=editor)
        self.forget_boards()

    def restore_board(self, slug: str, version: str | None, *, editor: str | None) -> None:
        """Make an old version count again, for everyone's next look."""
        self.lake.restore_board(slug, version, editor=editor)
        self.forget_boards()

    def forget_boards(self) -> None:
        """List the boards anew at the next request."""
        with self._lock:
            self._boards = None
        # A board may state which way of a metric is better, which Home goes by.
        self.watch.forget()

    def look(self, project: str) -> ProjectState:
        """The project as it was lately: what a look showed stays good until it is worth looking again.

        Three LISTs and a GET for each new object; while nothing runs, one LIST most of the time. Viewers who ask at
        the same time share one look. When the lake does not answer, the last look with its `trouble`.

        Raises:
            StoreError: the lake does not answer, and never did.
        """
        kept = self._of(project)
        with kept.lock:
            last, due, kept.due = kept.look, kept.due, False
            if last is not None and not due and time.time() - last.asked < last.every:
                return last
            try:
                if last is not None and still_there(self.lake) and self._still(kept, last):
                    now = time.time()
                    kept.look = replace(last, taken=now, asked=now, requests=1, trouble="")
                else:
                    kept.look = self._whole(project)
                    kept.whole = kept.look.taken
            except StoreError as error:
                if last is None:
                    raise
                kept.look = replace(last, asked=time.time(), trouble=str(error))
            return kept.look

    def knows(self, project: str | None = None) -> bool:
        """Whether a look at the project (or the list of all) is at hand, so that showing it needs no waiting."""
        return self._projects is not None if project is None else self._of(project).look is not None

    def _of(self, project: str) -> _Kept:
        with self._lock:
            return self._kept.setdefault(project, _Kept())

    def _whole(self, project: str) -> ProjectState:
        projects, listed = self._counted()
        snapshot = self.lake.snapshot(project)
        runs = self.lake.runs(project, snapshot=snapshot)
        gone = any(each.deleted and not each.purged for each in snapshot.decisions.values())
        deleted = self.lake.runs(project, deleted=True, where="deleted", snapshot=snapshot) if gone else runs.clear()
        mine = project_prefix("live", project)
        with self._lock:
            others = {key for key in self._live_keys if not key.startswith(mine)}
            self._live_keys = frozenset(others | {key for key in snapshot.cache.listed if key.startswith(mine)})
        now = time.time()
        return ProjectState(
            project=project,
            snapshot=snapshot,
            runs=runs,
            deleted=deleted,
            projects=projects,
            taken=now,
            asked=now,
            requests=snapshot.requests + listed,
            local=self.lake.store.is_local,
        )

    def _still(self, kept: _Kept, last: ProjectState) -> bool:
        """Whether nothing runs and one LIST shows that nothing has begun to."""
        if last.live or last.trouble or kept.stale or time.time() - kept.whole > _WHOLE_SECONDS:
            kept.stale = False
            return False
        found = frozenset(info.key for info in self.lake.store.list("live/"))
        with self._lock:
            same, self._live_keys = found == self._live_keys, found
            if not same:
                # Perhaps it is a project's first run.
                self._projects = None
        return same

    def due(self, project: str, *, slack: float = 0.5) -> None:
        """A viewer's clock says that it is time: look anew, unless another viewer's just did."""
        kept = self._of(project)
        last = kept.look
        if last is not None and time.time() - last.asked >= last.every * slack:
            kept.due = True

    def forget(self, project: str) -> None:
        """Look anew at the next request, wholly: something was changed."""
        kept = self._of(project)
        kept.due = kept.stale = True

    def forget_all(self) -> None:
        """Look anew at everything, wholly."""
        with self._lock:
            projects = list(self._kept)
        for project in projects:
            self.forget(project)
        self.watch.forget()

    def forget_projects(self) -> None:
        """List the projects anew at the next request."""
        with self._lock:
            self._projects = None

    def edit(self, project: str, run_ids: Sequence[str], op: Op, arg: str | None = None, *, editor: str | None) -> None:
        """A person's decision, seen by everyone's next look."""
        self.lake.edit(project, run_ids, op, arg, editor=editor)
        self.forget(project)
        self.watch.forget()


class _Kept:
    """What a feed remembers of one project."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.look: ProjectState | None = None
        self.whole = 0.0
        """When a look was last more than one listing."""
        self.due = False
        self.stale = False


def _writable(place: str) -> bool:
    """Whether this process may write below a folder, or make it; without trying to."""
    path = Path(place)
    while not path.exists() and path != path.parent:
        path = path.parent
    return os.access(path, os.W_OK | os.X_OK)


def address() -> str:
    """The lake that this server shows, as it was named to it."""
    return os.environ.get(ENVIRONMENT) or DEFAULT_LAKE


@st.cache_resource(show_spinner=False, max_entries=_KEPT)
def _feed(place: str) -> Feed:
    return Feed(open_lake(place))


def feed() -> Feed:
    """The server's lake. One GET the first time.

    Raises:
        LakeboardError: it can't be opened; the next call tries again.
    """
    return _feed(address())


def tracks(look: ProjectState, run_ids: Sequence[str], metrics: Sequence[str]) -> list[Track]:
    """All points of some metrics of some runs. Those of ended runs are read once; of running ones, what is new."""
    return feed().tracks.get(look.snapshot, run_ids, metrics)


def drawn() -> LruCache:
    """What was computed of points for charts, kept while there is room: all viewers share it."""
    return feed().drawn


def points(look: ProjectState, run_ids: Sequence[str], metrics: Sequence[str]) -> pl.DataFrame:
    """All points of some metrics of some runs: project, run_id, metric, dataset, step, value, timestamp, seq, attempt.

    Those of ended runs are read once; of running ones, what is new.
    """
    if not run_ids or not metrics:
        return _read(look, [], [])
    running = set(look.runs.filter(pl.col("status") == "running")["run_id"])
    names = tuple(sorted(set(metrics)))
    ended = tuple(sorted(each for each in set(run_ids) if each not in running))
    parts = [_ended_points(address(), look.project, ended, names, _look=look)] if ended else []
    live = sorted(running.intersection(run_ids))
    if live:
        parts.append(_read(look, live, names))
    return pl.concat(parts)


@st.cache_resource(show_spinner=False, max_entries=_KEPT)
def _ended_points(
    place: str,  # noqa: ARG001 - part of what is remembered
    project: str,  # noqa: ARG001
    run_ids: tuple[str, ...],
    metrics: tuple[str, ...],
    *,
    _look: ProjectState,
) -> pl.DataFrame:
    return _read(_look, run_ids, metrics)


def _read(look: ProjectState, run_ids: Sequence[str], metrics: Sequence[str]) -> pl.DataFrame:
    lazy = feed().lake.metrics(look.project, metrics=list(metrics), runs=list(run_ids), snapshot=look.snapshot)
    return lazy.select(
        "project", "run_id", "metric", "dataset", "step", "value", "timestamp", "seq", "attempt"
    ).collect()
