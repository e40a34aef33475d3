"""What pages know of the lake, and when they look again. The one place that caches.

All viewers of a server share one lake and one look at each project: ten open tabs cost no more requests than one.
Frames are kept as they are (`cache_resource`), since nobody changes them.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from threading import Lock
from typing import Final

import polars as pl
import streamlit as st

from ..query.lake import DEFAULT_LAKE, ENVIRONMENT, Lake, open_lake
from ..query.snapshot import Snapshot
from ..schema.edits import Op
from ..schema.keys import project_prefix

LIVE_SECONDS: Final = 2.0
"""Between looks at a lake on this machine while something runs."""
LIVE_REMOTE_SECONDS: Final = 8.0
"""The same for object stores, where writers flush less often and requests cost."""
IDLE_SECONDS: Final = 30.0
"""Between looks at an object store while nothing runs."""
IDLE_LOCAL_SECONDS: Final = 5.0
"""The same for a folder, whose listings cost nothing."""
_WHOLE_SECONDS: Final = 120.0
"""While nothing runs, a look is one LIST of what is live; as often as this it is a whole one."""
_KEPT: Final = 64


@dataclass(frozen=True, slots=True)
class Look:
    """One project at one moment."""

    project: str
    snapshot: Snapshot
    runs: pl.DataFrame
    """One row per run that is not deleted, newest first."""
    deleted: pl.DataFrame
    """The deleted ones, in the same columns."""
    projects: pl.DataFrame
    """All projects of the lake: `project`, `running`."""
    taken: float
    """When, in seconds since 1970."""
    requests: int
    """What it cost."""
    local: bool

    @property
    def live(self) -> int:
        """Runs that are running and heard of lately."""
        return self.runs.filter((pl.col("status") == "running") & ~pl.col("silent")).height

    @property
    def every(self) -> float:
        """Seconds after which it is worth looking again."""
        if self.live:
            return LIVE_SECONDS if self.local else LIVE_REMOTE_SECONDS
        return IDLE_LOCAL_SECONDS if self.local else IDLE_SECONDS


class Feed:
    """A lake and the last look at each of its projects. Safe to share between threads."""

    def __init__(self, lake: Lake) -> None:
        self.lake = lake
        self._lock = Lock()
        self._looks: dict[str, Look] = {}
        self._whole: dict[str, float] = {}
        self._live_keys: frozenset[str] = frozenset()
        self._due: set[str] = set()
        self._projects: tuple[float, pl.DataFrame] | None = None

    def projects(self, *, within: float = IDLE_SECONDS) -> pl.DataFrame:
        """All projects: `project`, `running`. Three LISTs when the last answer is older than `within` seconds."""
        with self._lock:
            if self._projects is None or time.time() - self._projects[0] > within:
                self._projects = (time.time(), self.lake.projects())
            return self._projects[1]

    def look(self, project: str) -> Look:
        """The project as it was lately: what a look showed stays good until it is worth looking again.

        Three LISTs and a GET for each new object; while nothing runs, one LIST most of the time.
        """
        with self._lock:
            last = self._looks.get(project)
            due = project in self._due
            self._due.discard(project)
            if last is not None and not due and time.time() - last.taken < last.every:
                return last
            if last is not None and self._still(project, last):
                self._looks[project] = replace(last, taken=time.time(), requests=1)
                return self._looks[project]
        listed = 0 if self._projects and time.time() - self._projects[0] <= IDLE_SECONDS else 3
        projects = self.projects()
        snapshot = self.lake.snapshot(project)
        runs = self.lake.runs(project, deleted=True, snapshot=snapshot)
        look = Look(
            project=project,
            snapshot=snapshot,
            runs=runs.filter(~pl.col("deleted")),
            deleted=runs.filter("deleted"),
            projects=projects,
            taken=time.time(),
            requests=snapshot.requests + listed,
            local=self.lake.store.is_local,
        )
        with self._lock:
            self._looks[project] = look
            self._whole[project] = look.taken
            mine = project_prefix("live", project)
            others = {key for key in self._live_keys if not key.startswith(mine)}
            self._live_keys = frozenset(others | {key for key in snapshot.cache.listed if key.startswith(mine)})
        return look

    def _still(self, project: str, last: Look) -> bool:
        """Whether nothing runs and one LIST shows that nothing has begun to."""
        if last.live or time.time() - self._whole.get(project, 0.0) > _WHOLE_SECONDS:
            return False
        before, self._live_keys = self._live_keys, frozenset(info.key for info in self.lake.store.list("live/"))
        if before == self._live_keys:
            return True
        # Perhaps it is a project's first run.
        self._projects = None
        return False

    def due(self, project: str, *, slack: float = 0.5) -> None:
        """A viewer's clock says that it is time: look anew, unless another viewer's just did."""
        with self._lock:
            last = self._looks.get(project)
            if last is not None and time.time() - last.taken >= last.every * slack:
                self._due.add(project)

    def forget(self, project: str) -> None:
        """Look anew at the next request: something was changed."""
        with self._lock:
            self._looks.pop(project, None)

    def forget_projects(self) -> None:
        """List the projects anew at the next request."""
        with self._lock:
            self._projects = None

    def edit(self, project: str, run_ids: Sequence[str], op: Op, arg: str | None = None, *, editor: str | None) -> None:
        """A person's decision, seen by everyone's next look."""
        self.lake.edit(project, run_ids, op, arg, editor=editor)
        self.forget(project)


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


def points(look: Look, run_ids: Sequence[str], metrics: Sequence[str]) -> pl.DataFrame:
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
    _look: Look,
) -> pl.DataFrame:
    return _read(_look, run_ids, metrics)


def _read(look: Look, run_ids: Sequence[str], metrics: Sequence[str]) -> pl.DataFrame:
    lazy = feed().lake.metrics(look.project, metrics=list(metrics), runs=list(run_ids), snapshot=look.snapshot)
    return lazy.select(
        "project", "run_id", "metric", "dataset", "step", "value", "timestamp", "seq", "attempt"
    ).collect()
