"""Boards made of tracks are those made of points, whatever runs logged, resumed and left running."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeboard.query.boards.board import Board
from lakeboard.query.boards.definition import Definition, Measure
from lakeboard.query.boards.make import make_board, read_points, runs_at
from lakeboard.query.lake import Lake
from lakeboard.query.objects.lru import MemoryCache
from lakeboard.query.points.track_cache import TrackStore
from lakeboard.query.points.tracks import table_of
from lakeboard.store.memory import MemoryStore
from tests.query.lakes import T0, Point, Writer, note_lake

POINTS = st.lists(
    st.builds(
        Point,
        metric=st.sampled_from(["val/acc", "test/acc", "loss"]),
        step=st.integers(0, 5),
        value=st.sampled_from([0.0, 0.25, 0.5, 0.5, 0.75, 1.0, float("nan"), float("inf")]),
        dataset=st.sampled_from([None, None, "own", "other"]),
    ),
    max_size=12,
)


@dataclass(frozen=True)
class Plan:
    """What becomes of a run."""

    dataset: str | None
    first: list[Point]
    later: list[Point]
    resumed: int | None
    end: str


RUNS = st.lists(
    st.builds(
        Plan,
        dataset=st.sampled_from([None, "own"]),
        first=POINTS,
        later=POINTS,
        resumed=st.none() | st.integers(0, 5),
        end=st.sampled_from(["finished", "failed", "running"]),
    ),
    min_size=1,
    max_size=4,
)
MEASURES = st.sampled_from(
    [
        (Measure("test/acc", goal="maximize", counts="at_best", select_on="val/acc"),),
        (Measure("test/acc", "other", goal="minimize", counts="at_best", select_on="loss"),),
        (Measure("val/acc", goal="maximize", counts="best"), Measure("loss", "own", counts="last")),
        (Measure("val/acc", "own", counts="at_best", select_on="val/acc [other]"), Measure("loss", counts="best")),
    ]
)
AS_OF = st.none() | st.integers(0, 80_000).map(lambda ms: datetime.fromtimestamp((T0 + ms) / 1000, UTC))


def lake_of(runs: Sequence[Plan]) -> Lake:
    store = MemoryStore()
    note_lake(store)
    for n, plan in enumerate(runs):
        fields = {"dataset": plan.dataset, "name": f"n{n}"}
        run = Writer(store, run_id=f"r{n}", rand=f"{n:08x}", fields=fields).start().log(plan.first)
        run.flush()
        if plan.resumed is not None:
            run.finish("killed")
            again = {**fields, "resume_step": plan.resumed}
            # Its points come later than the first attempt's, as a clock has it.
            pause = [Point("pause", 0, 0.0)] * len(plan.first)
            run = Writer(store, run_id=f"r{n}", attempt=2, rand=f"{n:08x}", fields=again).start().log(pause)
        run.log(plan.later).flush()
        if plan.end != "running":
            run.finish("finished" if plan.end == "finished" else "failed")
    return Lake(store, sleep=lambda _: None, memory=MemoryCache(10**8))


def same(left: Board, right: Board) -> bool:
    return (
        left.frame.equals(right.frame)
        and left.values.equals(right.values)
        and left.notes == right.notes
        and left.runs.equals(right.runs)
    )


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(RUNS, MEASURES, AS_OF)
def test_a_board_of_tracks_is_the_board_of_points(
    runs: list[Plan], measures: tuple[Measure, ...], as_of: datetime | None
) -> None:
    lake = lake_of(runs)
    snapshot = lake.snapshot("digits")
    store = TrackStore(lake)

    def read(project: str, run_ids: Sequence[str], metrics: Sequence[str]) -> pl.LazyFrame:
        return table_of(store.get(snapshot, run_ids, metrics)).lazy()

    definition, frame = Definition(measures), runs_at([snapshot], as_of)
    of_points = make_board(frame, definition, points=read_points(lake, [snapshot]), as_of=as_of)
    for _ in range(2):
        assert same(make_board(frame, definition, points=read, as_of=as_of), of_points)
