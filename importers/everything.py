"""All runs of a source into a lake, one by one: what one run suffers does not keep the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..schema.errors import LakeboardError, StoreError
from ..schema.names import check_project
from ..store.base import Store
from ..store.format import ensure_lake
from .known import Known, known_runs
from .source import Source, SourceRun, SourceUnreadable
from .texts import project_name
from .write import Imported, import_run


@dataclass(frozen=True, slots=True)
class Failed:
    """A run that could not be imported."""

    run: SourceRun
    why: str


@dataclass(frozen=True, slots=True)
class Skipped:
    """A run that nobody asked for."""

    run: SourceRun
    why: str


def import_all(
    store: Store,
    source: Source,
    *,
    project: str | None = None,
    since_ms: int | None = None,
    deleted: bool = False,
    ended_only: bool = False,
    with_files: bool = True,
    dry_run: bool = False,
    now_ms: Callable[[], int],
    new_rand: Callable[[], str],
) -> Iterator[tuple[str, Imported | Failed | Skipped]]:
    """Import runs as the source has them, each with the project that it goes to. Nothing of the source is changed.

    Args:
        store: the lake; it becomes one with the first run.
        source: whose runs.
        project: for all of them; default: what each belongs to there.
        since_ms: only runs that began then or later; those of unknown beginning come.
        deleted: those in the source's bin as well.
        ended_only: not those that the source says are running.
        with_files: their files as well.
        dry_run: only say what would be done.
        now_ms: milliseconds since 1970.
        new_rand: gives 8 hex digits that no other version of an artifact has.

    Raises:
        InvalidName: `project` can be none.
        SourceUnreadable: the source can't be read at all.
        StoreError: the lake can't be read or written to; what is done stays, and the same call goes on.
    """
    if project is not None:
        check_project(project)
    known: dict[str, dict[str, Known]] = {}
    begun = dry_run
    for run in source.runs():
        where = project if project is not None else project_name(run.project, otherwise=run.tool)
        why = _unwanted(run, since_ms, deleted=deleted, ended_only=ended_only)
        if why is not None:
            yield where, Skipped(run, why)
            continue
        if not begun:
            ensure_lake(store)
            begun = True
        if where not in known:
            known[where] = known_runs(store, where, f"{run.tool}-")
        try:
            result = import_run(
                store, where, run, known[where].get(run.run_id),
                now_ms=now_ms, new_rand=new_rand, with_files=with_files, dry_run=dry_run,
            )  # fmt: skip
        except StoreError:
            raise
        except (LakeboardError, SourceUnreadable, OSError, ValueError, KeyError, TypeError) as error:
            # One run of somebody else's files, which may hold anything.
            yield where, Failed(run, f"{type(error).__name__}: {error}"[:500])
            continue
        yield where, result


def _unwanted(run: SourceRun, since_ms: int | None, *, deleted: bool, ended_only: bool) -> str | None:
    if run.deleted and not deleted:
        return "deleted"
    if ended_only and run.status == "running":
        return "running"
    if since_ms is not None and run.started_at is not None and run.started_at < since_ms:
        return "older"
    return None
