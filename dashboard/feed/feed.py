"""What pages know of the lake, and when they look again. The one place that caches.

All viewers of a server share one lake and one look at each project: ten open tabs cost no more requests than one.
Frames are kept as they are (`cache_resource`), since nobody changes them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from pathlib import Path
from threading import Lock
from typing import Final, TypeVar, cast

import polars as pl
import streamlit as st

from ...query.boards.definition import Definition
from ...query.boards.versions import BoardVersion
from ...query.lake import DEFAULT_LAKE, ENVIRONMENT, Lake, open_lake
from ...query.names.run_columns import RUN_SCHEMA
from ...query.objects.lru import CachePart
from ...query.objects.sizes import bytes_of
from ...query.overview.live_curves import LiveCurves
from ...query.points.track_cache import TrackStore
from ...query.points.tracks import Track
from ...query.snapshots.snapshot import Snapshot
from ...schema.edits import Op
from ...schema.errors import StoreError
from ...schema.keys import project_prefix
from .lake_watch import Watch, still_there
from .maintenance import Caretaker
from .refresh_policy import PROJECT_LOCAL, PROJECT_REMOTE
from .refresher import Refresher, Seen

T = TypeVar("T")
_DENIED_SECONDS: Final = 300.0
"""So long a refused write is taken to stand for all; permissions are mended now and then."""
_LAKES: Final = 4
"""Lakes of one server that are kept open."""
_SHARED_LIVE: Final = 64
"""With more running runs than this a frame is a copy of the columns that it was made of."""
_VERSIONS: Final = count()
PROJECTS_SCHEMA: Final = {"project": pl.String, "live": pl.Int64}


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectState(Seen):
    """One project at one moment."""

    project: str
    snapshot: Snapshot
    runs: pl.DataFrame
    """One row per run that is not deleted, newest first."""
    deleted: pl.DataFrame
    """The deleted ones, in the same columns."""
    projects: pl.DataFrame
    """All projects of the lake: `project`, `live` (how many runs are)."""
    results: CachePart = field(compare=False, repr=False)
    """What was worked out of it."""
    version: int = field(default_factory=lambda: next(_VERSIONS), compare=False)
    """The same as long as nothing changes but the time; no other state of this process has it."""

    def once(self, key: Hashable, make: Callable[[], T], *, size: Callable[[T], int] | None = None) -> T:
        """What `make` gives, computed once for this state of the project, whoever looks and however often.

        Args:
            key: everything that the result depends on besides the project's state.
            make: pure.
            size: bytes of the result; what it shares with this state's own frames need not be counted.
        """
        return self.results(key, make, size or self._bytes_of)

    def _bytes_of(self, result: object) -> int:
        return bytes_of(result, without=(Snapshot, Seen), held=(self.runs, self.deleted))

    @property
    def nbytes(self) -> int:
        """Memory, nearly, without the snapshot and the columns that it keeps."""
        own = self.runs if self.live > _SHARED_LIVE else self.runs.select(*RUN_SCHEMA)
        return bytes_of((own, self.deleted, self.projects))

    @property
    def live(self) -> int:
        """Runs that are running and have sent news in time."""
        return self.runs.filter((pl.col("status") == "running") & ~pl.col("silent")).height


class Feed:
    """A lake and the last look at each of its projects. Safe to share between threads."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self.tracks = TrackStore(lake)
        self.curves = LiveCurves(lake)
        self.drawn = lake.memory.part("curves")
        self.colours = lake.memory.part("colours")
        self._policy = PROJECT_LOCAL if lake.store.is_local else PROJECT_REMOTE
        self._states = lake.memory.part("pages")
        self._lock = Lock()
        self._refreshers: dict[str, Refresher[ProjectState]] = {}
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
            if known is not None and time.time() - known[0] <= PROJECT_REMOTE.idle_seconds:
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
        known = self._boards
        if known is not None and time.time() - known[0] <= self._policy.idle_seconds:
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

    def state(self, project: str) -> ProjectState:
        """The project as it was lately: what a look showed stays good until it is worth looking again.

        Three LISTs and a GET for each new object; while nothing runs, one LIST most of the time. Viewers who ask at
        the same time share one look. When the lake does not answer, the last look with its `trouble`.

        Raises:
            StoreError: the lake does not answer, and never did.
        """
        return self._of(project).current()

    def knows(self, project: str | None = None) -> bool:
        """Whether a look at the project (or the list of all) is at hand, so that showing it needs no waiting."""
        return self._projects is not None if project is None else self._of(project).last is not None

    def _of(self, project: str) -> Refresher[ProjectState]:
        with self._lock:
            if project not in self._refreshers:
                self._refreshers[project] = Refresher(
                    read=partial(self._whole, project),
                    glance=self._glance,
                    policy=self._policy,
                    clock=lambda: time.time(),
                    part=self._states,
                    key=project,
                    size=lambda state: state.nbytes,
                    retire=lambda state: state.results.close(),
                )
            return self._refreshers[project]

    def _whole(self, project: str, last: ProjectState | None) -> ProjectState:
        if last is not None:
            still_there(self.lake)
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
            whole=now,
            requests=snapshot.requests + listed,
            local=self.lake.store.is_local,
            results=self.lake.memory.part("pages"),
        )

    def _glance(self, last: ProjectState) -> ProjectState | None:
        """The last look, where one LIST shows that nothing of the project has begun to run."""
        still_there(self.lake)
        found = frozenset(info.key for info in self.lake.store.list("live/"))
        mine = project_prefix("live", last.project)
        known = last.snapshot.cache.areas["live"].keys()
        with self._lock:
            others, self._live_keys = found != self._live_keys, found
            if others:
                # Perhaps it is another project's first run.
                self._projects = None
        if {key for key in found if key.startswith(mine)} != known:
            return None
        projects, listed = self._counted() if others else (last.projects, 0)
        now = time.time()
        return replace(last, projects=projects, taken=now, asked=now, requests=1 + listed, trouble="", failures=0)

    def another(self, state: ProjectState, runs: pl.DataFrame, deleted: pl.DataFrame) -> ProjectState:
        """A state with other runs: what was worked out of the first must not be taken for what is worked out of it."""
        part = self.lake.memory.part("pages")
        return replace(state, runs=runs, deleted=deleted, results=part, version=next(_VERSIONS))

    def due(self, project: str, *, slack: float = 0.5) -> None:
        """A viewer's clock says that it is time: look anew, unless another viewer's just did."""
        self._of(project).tick(slack=slack)

    def forget(self, project: str) -> None:
        """Look anew at the next request, wholly: something was changed."""
        self._of(project).forget()

    def forget_all(self) -> None:
        """Look anew at everything, wholly."""
        with self._lock:
            projects = list(self._refreshers)
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


def _writable(place: str) -> bool:
    """Whether this process may write below a folder, or make it; without trying to."""
    path = Path(place)
    while not path.exists() and path != path.parent:
        path = path.parent
    return os.access(path, os.W_OK | os.X_OK)


def address() -> str:
    """The lake that this server shows, as it was named to it."""
    return os.environ.get(ENVIRONMENT) or DEFAULT_LAKE


@st.cache_resource(show_spinner=False, max_entries=_LAKES)
def _feed(place: str) -> Feed:
    return Feed(open_lake(place))


def feed() -> Feed:
    """The server's lake. One GET the first time.

    Raises:
        LakeboardError: it can't be opened; the next call tries again.
    """
    return _feed(address())


def tracks(state: ProjectState, run_ids: Sequence[str], metrics: Sequence[str]) -> list[Track]:
    """All points of some metrics of some runs. Those of ended runs are read once; of running ones, what is new."""
    return feed().tracks.get(state.snapshot, run_ids, metrics)


def drawn() -> CachePart:
    """What was computed of points for charts, kept while there is room: all viewers share it."""
    return feed().drawn
