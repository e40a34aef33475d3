"""Summaries of resumed runs tell of the points that count, on every way to them, and cost their reading once."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lakeboard.query import Definition, Measure, board_records
from lakeboard.query.lake import Lake
from lakeboard.query.objects.derived import DerivedFiles
from lakeboard.query.objects.lru import MemoryCache
from lakeboard.schema.keys import PointsKey
from lakeboard.schema.run.row import RunRow, merge_writers
from lakeboard.schema.run.summary import Summary, update
from lakeboard.store.counting import CountingStore
from lakeboard.store.testing import MemoryStore
from tests.effort import examples
from tests.query.lakes import T0, Point, Writer, loss, note_lake, put_pack

STEP = {"resume_step": 6}


@pytest.fixture
def store() -> CountingStore:
    store = CountingStore(MemoryStore())
    note_lake(store)
    return store


def fresh(store: CountingStore, folder: Path | None = None, clock: Callable[[], datetime] | None = None) -> Lake:
    wall = clock or (lambda: datetime.now(UTC))
    return Lake(store, memory=MemoryCache(10**9), sleep=lambda _: None, wall=wall, folder=folder)


def values(name: str, found: Sequence[float], first: int = 0) -> list[Point]:
    return [Point(name, first + i, value) for i, value in enumerate(found)]


def overfitted(store: CountingStore, run_id: str = "r1") -> tuple[Writer, Writer]:
    """Nine points up to 0.9 at step 8, of which those from step 6 on are done again, and worse."""
    first = Writer(store, run_id=run_id).start().log(values("acc", [i / 10 for i in range(1, 10)]))
    second = Writer(store, run_id=run_id, attempt=2, rand="00000002", fields=STEP).start()
    return first, second.log(values("acc", [0.65, 0.55], first=6))


@pytest.mark.parametrize("how", ["ended", "live", "first ended", "packed"])
def test_best_last_and_mean_are_of_the_points_that_count(store: CountingStore, how: str) -> None:
    writers = overfitted(store)
    for writer in writers:
        if how == "packed":
            writer.seal()
        elif how == "ended" or (how == "first ended" and writer.attempt == 1):
            writer.finish("killed")
        else:
            writer.flush()
    if how == "packed":
        for writer in writers:
            store.delete(writer.tails)
        put_pack(store, [writer.final_row() for writer in writers])
    lake = fresh(store)
    (row,) = lake.runs("digits").iter_rows(named=True)
    assert row["acc"] == 0.55
    assert (row["acc.min"], row["acc.max"], row["last_step"]) == (0.1, 0.65, 7)
    assert row["acc.mean"] == pytest.approx((0.1 + 0.2 + 0.3 + 0.4 + 0.5 + 0.6 + 0.65 + 0.55) / 8)
    found = lake.run("digits", "r1").row.summary["acc"]
    assert (found.n, found.max, found.max_step, found.first, found.last_at) == (8, 0.65, 6, 0.1, T0 + 1)
    assert lake.run("digits", "r1").writers[0].summary["acc"].max == 0.9, "what the writer said stays to be seen"
    assert lake.runs("digits", where="acc.max > 0.7").height == 0
    assert lake.runs("digits", where="acc.max = 0.65")["run_id"].to_list() == ["r1"]
    assert lake.problems("digits") == ()


def test_boards_and_records_say_the_same_now_and_as_of_a_second_ago(store: CountingStore) -> None:
    for writer in overfitted(store):
        writer.finish()
    Writer(store, run_id="r2").start().log(values("acc", [0.7])).finish()
    lake = fresh(store)
    best = Definition((Measure("acc", counts="best"),))
    then = datetime.fromtimestamp(T0 / 1000 + 600, UTC)
    boards = [lake.board("digits", best, as_of=moment) for moment in (None, then)]
    for board in boards:
        assert board.frame.select("entry", "rank", "value:acc").rows() == [("r2", 1, 0.7), ("r1", 2, 0.65)]
    assert board_records(boards[0], "acc")["value"].to_list()[-1] == 0.7


def test_a_metric_of_which_no_point_counts_is_gone_but_for_what_was_declared(store: CountingStore) -> None:
    first = Writer(store).start().log([*loss(10), *values("late", [1.0, 2.0], first=7)])
    first.finish("killed")
    Writer(store, attempt=2, rand="00000002", fields=STEP).start().log(loss(1, first=6)).finish()
    row = fresh(store).runs("digits").row(0, named=True)
    assert (row["late"], row["late.max"], row["last_step"]) == (None, None, 6)
    assert fresh(store).run("digits", "r1").row.summary["late"].n == 0


def test_runs_that_hide_nothing_read_nothing(store: CountingStore) -> None:
    Writer(store, run_id="a").start().log(loss(6)).finish("killed")
    Writer(store, run_id="a", attempt=2, rand="00000002", fields=STEP).start().log(loss(2, first=6)).finish()
    for i in range(3):
        Writer(store, run_id="b", rand=f"0000000{i}").start().log(loss(9)).finish()
    assert gets(store, fresh(store)) == 5, "the rows alone"


def test_points_are_read_once_by_a_process_and_never_by_the_next(store: CountingStore, tmp_path: Path) -> None:
    pairs = [overfitted(store, f"r{i}") for i in range(20)]
    for first, second in pairs:
        first.finish("killed")
        second.finish()
    lake = fresh(store, tmp_path)
    assert gets(store, lake) == 40 + 20
    assert gets(store, lake) == 0
    Writer(store, run_id="new").start().log(loss(1)).finish()
    assert gets(store, lake) == 1
    again = fresh(store, tmp_path)
    assert gets(store, again) == 41, "the rows; the points were read before"
    assert again.runs("digits").equals(lake.runs("digits"))
    # A further resume asks for the points that it hides, and for those alone.
    third = Writer(store, run_id="r7", attempt=3, rand="00000003", fields={"resume_step": 3}).start()
    third.log(values("acc", [0.35], first=3)).finish()
    assert gets(store, again) == 1 + 2
    row = again.runs("digits", where="run_id = r7").row(0, named=True)
    assert (row["acc"], row["acc.max"], row["last_step"]) == (0.35, 0.35, 3)
    assert gets(store, fresh(store, None)) == 42 + 20 + 1


def gets(store: CountingStore, lake: Lake) -> int:
    before = store.counts["get"]
    lake.runs("digits")
    return store.counts["get"] - before


def test_points_that_are_away_are_named_and_come_later(store: CountingStore) -> None:
    for writer in overfitted(store):
        writer.finish()
    key = PointsKey("digits", "r1", "w001-00000001", 9, 9).path
    data = store.get(key)
    store.delete([key])
    now = datetime(2026, 1, 2, tzinfo=UTC)
    lake = fresh(store, clock=lambda: now)
    assert lake.runs("digits")["acc.max"].to_list() == [0.9]
    assert gets(store, lake) == 0
    (problem,) = lake.problems("digits")
    assert problem.key == key
    assert "values of run r1 may be of points that its resume hides" in problem.message
    store.put(key, data)
    assert gets(store, lake) == 0, "not looked for at every refresh"
    now += timedelta(seconds=31)
    assert lake.runs("digits")["acc.max"].to_list() == [0.65]
    assert lake.problems("digits") == ()


def test_purged_runs_are_left_alone(store: CountingStore) -> None:
    for writer in overfitted(store):
        writer.finish()
    Writer(store, run_id="r2").start().log(loss(1)).finish()
    lake = fresh(store)
    lake.edit("digits", ["r1"], "purge")
    store.delete([PointsKey("digits", "r1", "w001-00000001", 9, 9).path])
    later = fresh(store)
    assert later.runs("digits")["run_id"].to_list() == ["r2"]
    assert later.problems("digits") == ()


def test_files_that_no_row_names_are_found_by_listing(store: CountingStore) -> None:
    first, second = overfitted(store)
    first.finish("killed", files=())
    second.finish()
    assert fresh(store).runs("digits")["acc.max"].to_list() == [0.65]


def test_a_damaged_file_of_this_machine_is_made_anew(store: CountingStore, tmp_path: Path) -> None:
    for writer in overfitted(store):
        writer.finish()
    fresh(store, tmp_path).runs("digits")
    (kept,) = [path for path in tmp_path.rglob("*") if path.is_file()]
    kept.write_bytes(kept.read_bytes()[:-20])
    assert fresh(store, tmp_path).runs("digits")["acc.max"].to_list() == [0.65]
    assert DerivedFiles(tmp_path).load("counted digits") is not None
    assert DerivedFiles(None).load("counted digits") is None


STEPS = st.integers(0, 6)
NUMBERS = st.sampled_from([-math.inf, -1.0, 0.0, 0.5, 2.0, math.inf, math.nan])


@st.composite
def attempts(draw: st.DrawFn) -> list[tuple[int, int | None, list[Point]]]:
    """Of each writer: its attempt, from which step it was resumed, and its points."""
    out = []
    for _ in range(draw(st.integers(2, 4))):
        points = draw(
            st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from([None, "d"]), STEPS, NUMBERS), max_size=8)
        )
        attempt = draw(st.integers(1, 3))
        resumed = draw(st.none() | STEPS) if attempt > 1 else None
        out.append((attempt, resumed, [Point(m, s, v, dataset=d) for m, d, s, v in points]))
    return out


def summary_before(points: Sequence[Point], step: int) -> dict[str, Summary]:
    """What a writer would tell of its points before a step; each keeps its time."""
    out: dict[str, Summary] = {}
    for i, p in enumerate(points):
        if p.step < step:
            known = Summary(p.metric, p.dataset)
            out[known.label] = update(out.get(known.label, known), [p.value], [p.step], [T0 + i])
    return out


@settings(max_examples=examples(80), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(attempts(), st.booleans(), st.lists(st.booleans(), min_size=4, max_size=4))
def test_they_are_the_summaries_of_writers_that_never_logged_the_rest(
    plan: list[tuple[int, int | None, list[Point]]], halves: bool, ended: list[bool]
) -> None:
    store = CountingStore(MemoryStore())
    note_lake(store)
    expected: list[RunRow] = []
    for i, (attempt, resumed, points) in enumerate(plan):
        fields: dict[str, Any] = {} if resumed is None else {"resume_step": resumed}
        writer = Writer(store, attempt=attempt, rand=f"0000000{i}", fields=fields).start().log(points)
        if halves and len(points) > 1:
            writer.seal(0, len(points) // 2)
        if ended[i]:
            writer.finish()
        else:
            writer.flush()
        later = [step for a, step, _ in plan if step is not None and a > attempt]
        row = writer.final_row() if ended[i] else replace(writer.row, rows=len(points))
        expected.append(replace(row, summary=summary_before(points, min(later, default=99))))
    wanted = merge_writers(expected).summary
    lake = fresh(store)
    found = {k: s for k, s in lake.run("digits", "r1").row.summary.items() if s.n}
    assert found.keys() == wanted.keys()
    row_of_frame = lake.runs("digits").row(0, named=True)
    for label, summary in wanted.items():
        mine = found[label]
        assert repr(replace(mine, mean=None)) == repr(replace(summary, mean=None))
        assert repr(row_of_frame[label]) == repr(summary.last)
        for part in ("min", "max"):
            assert repr(row_of_frame[f"{label}.{part}"]) == repr(getattr(summary, part))
        same = mine.mean == summary.mean or (mine.mean is not None and summary.mean is not None)
        assert same
        if mine.mean is not None and summary.mean is not None:
            assert math.isclose(mine.mean, summary.mean, abs_tol=1e-12) or repr(mine.mean) == repr(summary.mean)


@pytest.mark.slow
def test_a_thousand_resumed_runs_open_within_two_seconds_the_second_time(tmp_path: Path) -> None:
    store = CountingStore(MemoryStore())
    note_lake(store)
    rows = []
    for i in range(1_000):
        points = [p for m in range(10) for p in values(f"m{m}", [0.1 * s for s in range(20)])]
        first = Writer(store, run_id=f"r{i}", config={f"p{n}": n * i for n in range(20)}).log(points)
        first.seal()
        again = Writer(store, run_id=f"r{i}", attempt=2, rand="00000002", fields={"resume_step": 15}).log(points[:3])
        again.seal()
        rows += [first.final_row(), again.final_row()]
    put_pack(store, rows)
    assert gets(store, fresh(store, tmp_path)) == 1 + 1_000
    began = time.monotonic()
    lake = fresh(store, tmp_path)
    before = store.counts["get"]
    frame = lake.runs("digits")
    took = time.monotonic() - began
    assert store.counts["get"] - before == 1
    assert frame["m1.max"].unique().to_list() == pytest.approx([1.4])
    assert took < 2, took
