"""One run, with all that is known about it but its points."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from ...schema.edits import Decisions, Edit
from ...schema.problems import Problem
from ...schema.run.row import RunRow, merge_writers
from ..rows.counted import counted_of
from ..rows.live_writers import LiveWriter
from ..snapshots.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class RunView:
    """One run at one moment."""

    project: str
    row: RunRow
    """Its writers merged, with name, notes and tags as people want them; `rows` so far where it runs."""
    writers: tuple[RunRow, ...]
    """What each writer says, oldest attempt first."""
    live: tuple[LiveWriter, ...]
    """Those that run: their heartbeats and tails."""
    decisions: Decisions
    history: tuple[Edit, ...]
    """What people decided, oldest first."""
    problems: tuple[Problem, ...]
    """With this run's objects."""
    now: datetime
    """The store's clock when this was read."""

    @property
    def silent(self) -> bool:
        """Whether it runs, but every writer's promised heartbeat is long overdue."""
        return bool(self.live) and all(w.silent(self.now) for w in self.live)

    @property
    def heartbeat_age(self) -> float | None:
        """Seconds since the last sign of life; null for an ended run."""
        ages = [(self.now - w.modified).total_seconds() for w in self.live]
        return max(0.0, min(ages)) if ages else None

    @property
    def behind(self) -> tuple[int, float] | None:
        """Points, and seconds, by which the lake was behind just before the last words of its writers; null if not."""
        found = [w.behind for w in self.live if w.behind is not None]
        return (sum(points for points, _ in found), max(seconds for _, seconds in found)) if found else None


def view_run(snapshot: Snapshot, run_id: str) -> RunView:
    """A run of a snapshot, which must know it. No request."""
    writers = snapshot.writers(run_id)
    live = tuple(w for (run, _), w in snapshot.live.items() if run == run_id and not w.ended)
    decisions = snapshot.decisions.get(run_id, Decisions())
    running = snapshot.runs.running.get(run_id)
    counted = counted_of(snapshot.runs.counted, run_id)
    parts = [replace(w, summary=counted.get(w.writer, w.summary)) for w in writers]
    return RunView(
        project=snapshot.project,
        row=decisions.apply(merge_writers(running.parts if running else parts)),
        writers=writers,
        live=live,
        decisions=decisions,
        history=tuple(e for e in snapshot.edits if e.run_id == run_id),
        problems=problems_of(snapshot.problems, run_id),
        now=snapshot.now,
    )


def problems_of(problems: Iterable[Problem], run_id: str) -> tuple[Problem, ...]:
    """Those with this run's objects."""
    return tuple(each for each in problems if run_id in _words(each.key))


def _words(key: str) -> list[str]:
    """What a key names: a run id is a whole word of it."""
    folders, _, name = key.rstrip("/").rpartition("/")
    return [*name.removeprefix("r-").split("."), *(f.removeprefix("run_id=") for f in (*folders.split("/"), name))]
