"""What tidying does, in words."""

from __future__ import annotations

from ..schema.sizes import sized
from .artifacts.tidy import FilesTidied
from .janitor import Close, Closed
from .packing.pack import Pack, Packed
from .purge import Erased
from .tidy import Drop, Dropped, Result, Task


def told(task: Task, result: Result | None, *, planned: bool = False) -> str:
    """One line about a task that was done, that could not be, or that would be.

    Args:
        task: which.
        result: what became of it; null where it was not done.
        planned: nobody tried yet.
    """
    if isinstance(task, Pack):
        what = "run rows" if task.area == "runs" else "decisions"
        if planned or not isinstance(result, Packed):
            return f"{task.project}: {_would(planned)}pack {len(task.inputs):,} objects of {what}"
        if result.output is None:
            return f"{task.project}: packed no {what}, too few could be read"
        return f"{task.project}: packed {len(result.inputs):,} objects of {what} into {result.output} ({result.rows:,})"
    if isinstance(task, Drop):
        done = "dropped" if isinstance(result, Dropped) else f"{_would(planned)}drop"
        return f"{task.project}: {done} {len(task.keys):,} objects that packs cover, {sized(task.size)}"
    if isinstance(task, Close):
        hours = task.silent.total_seconds() / 3600
        who = f"{task.project}: run {task.run_id}, writer {task.writer}"
        if planned or not isinstance(result, Closed):
            return f"{who}: {_would(planned)}be ended or swept, silent for {hours:.1f} h"
        ended = f"ended as crashed with {result.rows:,} points ({result.sealed:,} sealed now), " if result.ended else ""
        return f"{who}: {ended}{len(result.deleted)} tails removed, {sized(result.freed)}"
    if not isinstance(result, Erased):
        return f"{task.project}: {_would(planned)}remove purged run {task.run_id}"
    return f"{task.project}: purged run {task.run_id}: {result.objects:,} objects removed, {sized(result.freed)}"


def told_files(project: str, done: FilesTidied, *, planned: bool = False) -> list[str]:
    """Lines about a project's files: what was purged with its run, what stays, what was collected."""
    act = "would purge" if planned else "purged"
    lines = [f"{project}: {act} {k.artifact}:{k.version}, since its run was" for k in done.purged]
    lines += [
        f"{project}: {k.artifact}:{k.version} of a purged run stays, since an alias or another run names it; "
        "purge it by its own name"
        for k in done.kept
    ]
    act = "would give up" if planned else "gave up"
    lines += [f"{project}: {act} {k.artifact}:{k.version}, which nobody ended" for k in done.collected.abandoned]
    if done.collected.deleted:
        act = "would remove" if planned else "removed"
        count = len(done.collected.deleted)
        what = f"{count:,} object{'' if count == 1 else 's'} that no version names"
        lines.append(f"{project}: {act} {what}, {sized(done.collected.freed)}")
    return lines


def _would(planned: bool) -> str:
    return "would " if planned else "could not "
