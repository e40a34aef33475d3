"""Media of some runs as a frame, without their bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import polars as pl

from ...schema.errors import DamagedObject, LakeFormat, StoreError
from ...schema.media.keys import MediaKey
from ...schema.problems import Problem, problem_of
from ..snapshots.snapshot import Snapshot
from .columns import MediaColumns, list_types
from .plan import keys_by_path, plan_media, problems_of_plan

_THREADS: Final = 16
SORTED_BY: Final = ("key", "step", "run_id", "timestamp", "index")


def media_types() -> pl.Schema:
    """Columns of the frame of media, in order."""
    types: dict[str, Any] = {"project": pl.String, "run_id": pl.String, **list_types(), "object": pl.String}
    return pl.Schema(types)


def media_frame(
    columns: MediaColumns,
    snapshot: Snapshot,
    run_ids: Iterable[str],
    *,
    keys: Sequence[str] | None = None,
    hidden: bool = False,
    report: Callable[[Iterable[Problem]], None],
) -> pl.DataFrame:
    """What `Lake.media` returns. Costs its requests but those of the snapshot.

    Args:
        columns: of the lake.
        snapshot: the state of the project.
        run_ids: runs that it has.
        keys: only what was logged as one of these.
        hidden: also what resumes hide.
        report: told of what can't be read.
    """
    writers = plan_media(columns.store, snapshot, run_ids, hidden=hidden)
    problems = problems_of_plan(snapshot.project, writers)
    by_path = keys_by_path(writers)
    found = _lists(columns, list(by_path.values()))
    frames = [pl.DataFrame(schema=media_types())]
    for writer in writers:
        for piece in writer.pieces:
            listed = found[piece.part.name]
            if isinstance(listed, Problem):
                problems.append(listed)
                continue
            kept = listed.filter(pl.col("seq").is_between(piece.lo, piece.hi, closed="left"))
            if writer.before_step is not None:
                kept = kept.filter(pl.col("step") < writer.before_step)
            if keys is not None:
                kept = kept.filter(pl.col("key").is_in(list(keys)))
            frames.append(placed(kept, by_path[piece.part.name]))
    report(problems)
    return pl.concat(frames).sort(*SORTED_BY, maintain_order=True)


def placed(rows: pl.DataFrame, key: MediaKey) -> pl.DataFrame:
    """Rows of an object with what its key tells, as `media_types`."""
    told = {"project": key.project, "run_id": key.run_id, "object": key.path}
    columns = (pl.lit(value, pl.String).alias(name) for name, value in told.items())
    return rows.with_columns(columns).select(media_types().names())


def _lists(columns: MediaColumns, keys: Sequence[MediaKey]) -> dict[str, pl.DataFrame | Problem]:
    """Each object's rows, several at a time."""
    if len(keys) < 2:
        return {key.path: _list(columns, key) for key in keys}
    with ThreadPoolExecutor(_THREADS, thread_name_prefix="lakeboard-media") as pool:
        return dict(zip([key.path for key in keys], pool.map(lambda key: _list(columns, key), keys), strict=True))


def _list(columns: MediaColumns, key: MediaKey) -> pl.DataFrame | Problem:
    try:
        return columns.list_rows(key)
    except (StoreError, DamagedObject, LakeFormat) as error:
        return problem_of(key.path, error)
