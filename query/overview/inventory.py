"""What a lake takes up and costs, who writes to it, and what is wrong at first sight, as frames."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import polars as pl

from ...schema.keys import PointsKey, parse_key
from ...schema.parquet import FOOTER_GUESS_BYTES
from ...schema.problems import Problem
from ...store.base import ObjectInfo, Store
from ...store.counting import CountingStore
from ...upkeep.glance import glance
from ...upkeep.telling import told
from ...upkeep.tidy import Done, Task
from ...upkeep.usage import S3_STANDARD, Prices, by_area, by_project, packing, usage
from ..run.run import view_run
from ..snapshots.snapshot import Snapshot

PROBLEM_SCHEMA: Final[Mapping[str, pl.DataType]] = {
    "kind": pl.String(),
    "key": pl.String(),
    "message": pl.String(),
    "repair": pl.String(),
}
WRITER_SCHEMA: Final[Mapping[str, pl.DataType]] = {
    "project": pl.String(),
    "run_id": pl.String(),
    "writer": pl.String(),
    "name": pl.String(),
    "user": pl.String(),
    "host": pl.String(),
    "state": pl.String(),
    "heard_at": pl.Datetime("ms", "UTC"),
    "heartbeat_age": pl.Float64(),
    "due_seconds": pl.Float64(),
    "flushes": pl.Int64(),
    "rows": pl.Int64(),
    "tails": pl.Int64(),
    "bytes": pl.Int64(),
}


@dataclass(frozen=True, slots=True)
class Effort:
    """What a check of the whole lake reads. Findings that must be looked at again come on top."""

    lists: int
    gets: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Inventory:
    """All objects of a lake, counted at one moment."""

    taken: datetime
    objects: int
    bytes: int
    requests: int
    """What counting cost: LIST pages."""
    areas: pl.DataFrame
    """One row per folder: `area`, `objects`, `bytes`, `dollars_a_month`."""
    projects: pl.DataFrame
    """One row per project (null: objects that belong to none), largest first: `project`, `runs` (with any object of
    their own), `objects`, `bytes`, `dollars_a_month`, `single_rows`, `row_packs`, `single_edits`, `edit_packs`."""
    runs: pl.DataFrame
    """One row per run, largest first: `project`, `run_id`, `objects`, `bytes`, `dollars_a_month`."""
    problems: pl.DataFrame
    """What names and sizes tell: columns `PROBLEM_SCHEMA`."""
    check: Effort
    """What reading every object would cost."""
    quick_check: Effort
    """The same, of sealed points the footers alone."""


def take_inventory(
    store: Store,
    *,
    prices: Prices = S3_STANDARD,
    known_runs: Mapping[str, Collection[str]] | None = None,
    now: datetime | None = None,
) -> Inventory:
    """List a whole lake and count. One LIST per 1,000 objects; nothing is read.

    Args:
        store: `Lake.store`.
        prices: what keeping costs.
        known_runs: by project: ids of its runs, so that points of nobody's are found.
        now: the store's time; default: this machine's.

    Raises:
        StoreError: the lake can't be listed.
    """
    now = now or datetime.now(UTC)
    counting = CountingStore(store)
    listed = counting.list("")
    used = usage(listed)
    month = pl.col("bytes") / 2**30 * prices.gb_month
    areas = pl.DataFrame(
        [(a.area, a.objects, a.bytes) for a in by_area(listed)],
        schema={"area": pl.String, "objects": pl.Int64, "bytes": pl.Int64},
        orient="row",
    ).with_columns(dollars_a_month=month)
    runs = pl.DataFrame(
        [(u.project, u.run_id, u.objects, u.bytes) for u in used if u.run_id is not None],
        schema={"project": pl.String, "run_id": pl.String, "objects": pl.Int64, "bytes": pl.Int64},
        orient="row",
    ).with_columns(dollars_a_month=month)
    packed = pl.DataFrame(
        [(p.project, p.single_rows, p.row_packs, p.single_edits, p.edit_packs) for p in packing(listed)],
        schema={
            "project": pl.String,
            "single_rows": pl.Int64,
            "row_packs": pl.Int64,
            "single_edits": pl.Int64,
            "edit_packs": pl.Int64,
        },
        orient="row",
    )
    each_has = runs.group_by("project").agg(runs=pl.len().cast(pl.Int64))
    numbers = ("runs", "single_rows", "row_packs", "single_edits", "edit_packs")
    projects = (
        pl.DataFrame(
            [(u.project, u.objects, u.bytes) for u in by_project(used)],
            schema={"project": pl.String, "objects": pl.Int64, "bytes": pl.Int64},
            orient="row",
        )
        .join(each_has, on="project", how="left", maintain_order="left")
        .join(packed, on="project", how="left", maintain_order="left")
        .with_columns(*(pl.col(name).fill_null(0) for name in numbers), dollars_a_month=month)
        .select("project", "runs", "objects", "bytes", "dollars_a_month", *numbers[1:])
    )
    return Inventory(
        taken=now,
        objects=len(listed),
        bytes=sum(info.size for info in listed),
        requests=counting.requests(),
        areas=areas,
        projects=projects,
        runs=runs,
        problems=problems_frame(glance(listed, now=now, known_runs=known_runs)),
        check=_effort(listed, counting.requests(), quick=False),
        quick_check=_effort(listed, counting.requests(), quick=True),
    )


def _effort(listed: Iterable[ObjectInfo], lists: int, *, quick: bool) -> Effort:
    gets = size = 0
    for info in listed:
        key = parse_key(info.key)
        if key is not None:
            gets += 1
            size += min(info.size, FOOTER_GUESS_BYTES) if quick and isinstance(key, PointsKey) else info.size
    # The lake's note is read as well.
    return Effort(lists, gets + 1, size)


def problems_frame(problems: Iterable[Problem]) -> pl.DataFrame:
    """What readers or upkeep found, as a frame: columns `PROBLEM_SCHEMA`."""
    rows = [(each.kind, each.key, each.message, each.repair) for each in problems]
    return pl.DataFrame(rows, schema=PROBLEM_SCHEMA, orient="row")


def first_sight(inventory: Inventory, problems: Iterable[Problem]) -> pl.DataFrame:
    """What is wrong without a check: by names and sizes, and what readers met: `kind`, `key`, `message`."""
    named = inventory.problems.select("kind", "key", "message")
    return pl.concat([named, problems_frame(problems).drop("repair")]).unique("key", keep="last", maintain_order=True)


def tasks_frame(tasks: Sequence[Task], results: Sequence[Done] = ()) -> pl.DataFrame:
    """What tidying would do, and what it did: `task`, `project`, `what`, `error`."""
    rows = [
        (type(one.task).__name__.lower(), one.task.project, told(one.task, one.result), one.error) for one in results
    ]
    rows += [(type(t).__name__.lower(), t.project, told(t, None, planned=True), None) for t in tasks]
    schema = {"task": pl.String, "project": pl.String, "what": pl.String, "error": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def writers_frame(snapshots: Iterable[Snapshot]) -> pl.DataFrame:
    """Writers that have not ended, those silent for longest first: columns `WRITER_SCHEMA`. No request.

    `state` is `live` or `silent`; the next flush was promised `due_seconds` after `heard_at`; `bytes` and `tails`
    are what of it is in `live/` now.
    """
    rows = []
    for snapshot in snapshots:
        for (run_id, writer), known in snapshot.live.items():
            if known.ended:
                continue
            age = max(0.0, (snapshot.now - known.modified).total_seconds())
            rows.append(
                (
                    snapshot.project,
                    run_id,
                    writer,
                    known.row.name,
                    known.row.user,
                    known.row.host,
                    "silent" if known.silent(snapshot.now) else "live",
                    known.modified,
                    age,
                    known.due_seconds,
                    max(tail.key.k for tail in known.tails) + 1,
                    known.hi,
                    len(known.tails),
                    sum(tail.size for tail in known.tails),
                )
            )
    frame = pl.DataFrame(rows, schema=WRITER_SCHEMA, orient="row")
    return frame.sort(
        "state", "heartbeat_age", "project", "run_id", "writer", descending=[True, True, False, False, False]
    )


def deleted_names(snapshots: Iterable[Snapshot], runs: pl.DataFrame) -> dict[tuple[str, str], str]:
    """What the deleted ones among some runs are called, by project and run id. No request.

    Args:
        snapshots: of the runs' projects, as far as they were read.
        runs: columns `project`, `run_id`.
    """
    by_project = {snapshot.project: snapshot for snapshot in snapshots}
    out = {}
    for project, run_id in runs.select("project", "run_id").iter_rows():
        snapshot = by_project.get(project)
        decisions = snapshot.decisions.get(run_id) if snapshot is not None else None
        if snapshot is not None and decisions is not None and decisions.deleted and run_id in snapshot.known_runs():
            out[project, run_id] = view_run(snapshot, run_id).row.name or run_id
    return out


def known_runs(snapshots: Iterable[Snapshot]) -> dict[str, frozenset[str]]:
    """By project: ids of all runs that have a row or a tail, or were purged. No request."""
    return {s.project: frozenset(s.runs.shown["run_id"].to_list()) | frozenset(s.decisions) for s in snapshots}
