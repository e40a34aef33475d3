"""Which rows make up the runs of a project: the newest version of each writer's, several writers' merged into one.

Runs with one ended writer, nearly all of them, stay in Polars; the others are merged as values.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import polars as pl

from ...schema.edits import Decisions
from ...schema.problems import Problem, distinct
from ...schema.run.row import RunRow, merge_writers
from ..objects.decode import from_rows, to_rows
from .blocks import Block, empty_rows
from .column_cache import ColumnCache
from .counted import CountedSummaries, no_summaries
from .live_writers import LiveWriter, Who
from .merge import merge_ended
from .packs import MAPS, RowFile

LIVE: Final = "live"
"""`source` of rows that come from tails."""
MERGED: Final = "merged"
"""`source` of rows that were merged out of several."""

_PATIENCE: Final = timedelta(seconds=30)
"""Points of resumed runs that could not be read are looked for again after this."""
_FEW: Final = 8
_SLIM: Final = ("run_id", "writer", "version", "status")


@dataclass(frozen=True, slots=True)
class FinalRows:
    """The final rows of a project: `blocks` hold them all, `index` tells which count.

    `index` has one row per (run_id, writer): `run_id`, `writer`, `block`, `row`, and `writers`, how many the run has.
    """

    keys: tuple[tuple[str, ...], ...]
    """Of each block, the objects it was read from."""
    blocks: tuple[Block, ...]
    index: pl.DataFrame

    def row_frame(self) -> pl.DataFrame:
        """The newest version of each (run_id, writer)."""
        return self.take(self.index)

    def take(self, index: pl.DataFrame) -> pl.DataFrame:
        """The rows that some rows of `index` point to, with their maps.

        Raises:
            DamagedObject: a pack's maps do not decode.
        """
        picked = [block.whole(index.filter(pl.col("block") == i)["row"]) for i, block in enumerate(self.blocks)]
        return pl.concat(picked)

    def of_runs(self, run_ids: Sequence[str]) -> pl.DataFrame:
        """The newest version of each writer's row of some runs; see `take`."""
        return self.take(self.index.filter(pl.col("run_id").is_in(list(run_ids))))

    def plain(self, run_ids: Sequence[str]) -> pl.DataFrame:
        """The same without the maps: at hand, whatever they are in."""
        index = self.index.filter(pl.col("run_id").is_in(list(run_ids)))
        picked = [
            block.rows.drop(MAPS, strict=False)[index.filter(pl.col("block") == i)["row"]]
            for i, block in enumerate(self.blocks)
        ]
        return pl.concat(picked)


def gather(
    packs: Mapping[str, RowFile], singles: Mapping[str, pl.DataFrame], *, previous: FinalRows | None
) -> FinalRows:
    """Lay out the final rows read from each object; blocks of unchanged objects are taken over from `previous`."""
    names = (tuple(sorted(packs)), tuple(sorted(singles)))
    if previous and names == previous.keys:
        return previous
    held = previous or FinalRows(((), ()), (Block(empty_rows()), Block(empty_rows())), pl.DataFrame())
    blocks = (
        held.blocks[0] if held.keys[0] == names[0] else Block.of_files([packs[key] for key in names[0]]),
        held.blocks[1]
        if held.keys[1] == names[1]
        else _block(held.blocks[1], frozenset(held.keys[1]), names[1], singles),
    )
    slim = pl.concat(
        block.rows.lazy()
        .select(_SLIM)
        .with_columns(
            block=pl.lit(i, dtype=pl.UInt8),
            row=pl.int_range(pl.len(), dtype=pl.UInt32),
            ended=pl.col("status") != "running",
        )
        for i, block in enumerate(blocks)
    )
    index = (
        slim.sort("version", "ended", "block", descending=[True, True, False])
        .unique(["run_id", "writer"], keep="first", maintain_order=True)
        .with_columns(writers=pl.len().over("run_id"))
        .select("run_id", "writer", "block", "row", "writers")
        .sort("block", "row")
        .collect(engine="in-memory")
    )
    return FinalRows(names, blocks, index)


def _block(before: Block, held: frozenset[str], keys: Sequence[str], frames: Mapping[str, pl.DataFrame]) -> Block:
    """The rows of some objects; those of many singles are put together once and then only added to."""
    if held and held <= set(keys):
        parts = [before.rows, *(frames[key] for key in keys if key not in held)]
    else:
        parts = [frames[key] for key in keys]
    return Block(pl.concat(parts, rechunk=len(parts) > _FEW) if parts else empty_rows())


@dataclass(frozen=True, slots=True)
class EndedRuns:
    """Runs that nothing running changes: where their rows are, and what frames were made of them."""

    ended: FinalRows
    running_ids: frozenset[str]
    blocks: tuple[Block, ...]
    shown: pl.DataFrame
    several: pl.DataFrame
    """Of `FinalRows.index`: the rows of runs with several writers, none of which runs."""
    counted: pl.DataFrame = field(repr=False)
    """Of resumed ones: summaries of the points that count."""
    problems: tuple[Problem, ...]
    """Why some still count others."""
    counted_at: datetime | None
    """When their points were looked for last."""
    caches: dict[bool, tuple[Mapping[str, Decisions], ColumnCache]] = field(default_factory=dict, compare=False)
    """The last shelf without the deleted ones, and with them, and the decisions that it follows."""


@dataclass(frozen=True, slots=True)
class RowSet:
    """One row per run: `blocks` hold them, `shown` (columns `run_id`, `block`, `row`) says where."""

    settled: EndedRuns
    now: Block
    """Runs with a running writer."""
    running: Mapping[str, Running]
    """The same by run id, and what they were merged of."""
    shown: pl.DataFrame
    counted: pl.DataFrame = field(repr=False)
    """Of resumed runs: summaries of the points that count."""
    problems: tuple[Problem, ...]
    """Why some still count points that do not."""

    def waits(self, now: datetime) -> bool:
        """Whether it is time to look again for points that could not be read."""
        return bool(self.problems) and _is_old(self.settled, now)

    @property
    def blocks(self) -> tuple[Block, ...]:
        """All of them."""
        return (*self.settled.blocks, self.now)

    def caches(
        self, project: str, decisions: Mapping[str, Decisions], *, deleted: bool
    ) -> tuple[ColumnCache, ColumnCache]:
        """The settled runs and the running ones; the former are made once for all row sets that share them."""
        held = self.settled.caches.get(deleted)
        if held is None or held[0] is not decisions:
            cache = ColumnCache(project, self.settled.blocks, self.settled.shown, decisions, deleted=deleted)
            held = self.settled.caches[deleted] = (decisions, cache)
        running = ColumnCache(project, (self.now,), _all_of(self.now, 0), decisions, deleted=deleted)
        return held[1], running


@dataclass(frozen=True, slots=True)
class Running:
    """A run with a running writer: what it was merged of, and what that came to as a frame of one row."""

    parts: tuple[RunRow, ...]
    frame: pl.DataFrame


def resolve(
    ended: FinalRows,
    live: Mapping[Who, LiveWriter],
    *,
    previous: RowSet | None,
    count: CountedSummaries | None = None,
) -> RowSet:
    """Merge the writers of each run; merges of unchanged writers are taken over from `previous`.

    Args:
        ended: rows of ended writers.
        live: running ones.
        previous: what was merged before.
        count: reads what of resumed runs' summaries counts; without, summaries stay as writers told them.
    """
    running_ids = frozenset(w.row.run_id for w in live.values() if not w.ended)
    settled = _settle(ended, running_ids, previous.settled if previous else None, count)
    others = ended.index.filter(pl.col("run_id").is_in(sorted(running_ids)))
    running = _running(ended.take(others), live, previous.running if previous else {}, count)
    frames = [each.frame for each in running.values()]
    now = Block(pl.concat(frames, rechunk=True) if frames else empty_rows())
    shown = pl.concat([settled.shown, _all_of(now, len(settled.blocks))])
    counted, problems = (count.used, count.problems) if count else (no_summaries(), [])
    known = pl.concat([settled.counted, counted]).unique(["run_id", "writer"], keep="last")
    return RowSet(settled, now, running, shown, known, distinct([*settled.problems, *problems]))


def _settle(
    ended: FinalRows, running_ids: frozenset[str], previous: EndedRuns | None, count: CountedSummaries | None
) -> EndedRuns:
    if previous and previous.problems and count is not None and _is_old(previous, count.now):
        previous = None
    if previous and previous.ended is ended and previous.running_ids == running_ids:
        return previous
    quiet = ended.index.filter(~pl.col("run_id").is_in(sorted(running_ids)))
    several = quiet.filter(pl.col("writers") > 1)
    if previous and previous.several.equals(several):
        merged, counted, problems = previous.blocks[-1], previous.counted, previous.problems
        at = previous.counted_at
    else:
        rows = ended.take(several)
        merged = merge_ended(rows if count is None else count.of_frame(rows), source=MERGED)
        counted, problems = (count.used, tuple(count.problems)) if count else (no_summaries(), ())
        at = count.now if count else None
    alone = quiet.filter(pl.col("writers") == 1).select("run_id", "block", "row")
    shown = pl.concat([alone, _all_of(merged, len(ended.blocks))])
    return EndedRuns(ended, running_ids, (*ended.blocks, merged), shown, several, counted, problems, at)


def _is_old(settled: EndedRuns, now: datetime) -> bool:
    return settled.counted_at is None or not timedelta(0) <= now - settled.counted_at < _PATIENCE


def _all_of(block: Block, number: int) -> pl.DataFrame:
    at = pl.int_range(pl.len(), dtype=pl.UInt32)
    return block.rows.select("run_id", block=pl.lit(number, dtype=pl.UInt8), row=at)


def _running(
    ended: pl.DataFrame,
    live: Mapping[Who, LiveWriter],
    known: Mapping[str, Running],
    count: CountedSummaries | None,
) -> dict[str, Running]:
    """Runs with a running writer, merged; `ended` holds the rows of their other writers."""
    parts: dict[str, list[RunRow]] = {}
    for row in to_rows(ended):
        parts.setdefault(row.run_id, []).append(row)
    for writer in live.values():
        if not writer.ended:
            parts.setdefault(writer.row.run_id, []).append(writer.shown)
    if count is not None:
        parts = {run_id: list(rows) for run_id, rows in count.of_runs(parts, live).items()}
    out = {run_id: known[run_id] for run_id in parts if run_id in known and known[run_id].parts == tuple(parts[run_id])}
    fresh = {run_id: tuple(rows) for run_id, rows in sorted(parts.items()) if run_id not in out}
    frame = from_rows([merge_writers(rows) for rows in fresh.values()], source=MERGED)
    out |= {run_id: Running(rows, frame[i : i + 1]) for i, (run_id, rows) in enumerate(fresh.items())}
    return out
