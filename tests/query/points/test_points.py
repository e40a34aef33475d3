"""Every point exactly once: whatever overlaps, moves, is damaged or missing."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lakeboard.query.lake import Lake
from lakeboard.query.points.source import points_schema
from lakeboard.schema.errors import StoreUnreachable, UnknownProject, UnknownRun
from lakeboard.schema.keys import PointsKey
from lakeboard.schema.parquet import encode_points
from lakeboard.store.base import Store
from lakeboard.store.testing import CountingStore, Fault, FaultyStore, MemoryStore, StoreWrapper
from tests.effort import examples
from tests.query.lakes import Point, Writer, loss, points_table


@pytest.fixture
def store(either_store: CountingStore) -> CountingStore:
    return either_store


def quiet(store: Store) -> tuple[Lake, list[float]]:
    waits: list[float] = []
    return Lake(store, sleep=waits.append), waits


def seqs(frame: pl.LazyFrame | pl.DataFrame) -> dict[tuple[str, str], list[int]]:
    """By writer: the rows' numbers, in order."""
    # All columns: what is not asked for is not read, nor found damaged.
    rows = frame.lazy().collect().select("run_id", "writer", "seq")
    out: dict[tuple[str, str], list[int]] = {}
    for run_id, writer, seq in sorted(rows.iter_rows()):
        out.setdefault((run_id, writer), []).append(seq)
    return out


def truth(*writers: Writer) -> dict[tuple[str, str], list[int]]:
    return {(w.run_id, w.writer): list(range(len(w.points))) for w in writers if w.points}


def test_live_and_ended_points_with_all_their_columns(store: CountingStore) -> None:
    live = Writer(store, run_id="live", fields={"dataset": "cifar10"}).start()
    live.log([Point("val/acc", 0, 0.5), Point("val/acc", 1, 0.75, "mnist"), Point("loss", 1, math.nan)]).flush()
    ended = Writer(store, run_id="ended").start().log([Point("loss", 3, -math.inf), Point("loss", 3, math.inf)])
    ended.finish()
    lake, _ = quiet(store)
    frame = lake.metrics("digits").collect()
    assert frame.schema == points_schema()
    assert frame.columns[:7] == ["project", "run_id", "metric", "dataset", "step", "value", "timestamp"]
    rows = frame.sort("run_id", "seq").select("run_id", "metric", "dataset", "step", "value", "attempt").rows()
    assert str(rows) == str(
        [
            ("ended", "loss", None, 3, -math.inf, 1),
            ("ended", "loss", None, 3, math.inf, 1),
            ("live", "val/acc", "cifar10", 0, 0.5, 1),
            ("live", "val/acc", "mnist", 1, 0.75, 1),
            ("live", "loss", "cifar10", 1, math.nan, 1),
        ]
    )
    assert frame["project"].unique().to_list() == ["digits"]
    assert lake.problems("digits") == ()


def test_what_is_asked_for_is_what_comes(store: CountingStore) -> None:
    for run in ("a", "b"):
        w = Writer(store, run_id=run).start()
        w.log([Point(m, s, float(s), d) for s in range(5) for m in ("x", "y") for d in (None, "test")])
        w.finish()
    lake, _ = quiet(store)
    assert lake.metrics("digits").select(pl.len()).collect().item() == 40
    assert lake.metrics("digits", metrics="x").select("metric").unique().collect().to_series().to_list() == ["x"]
    assert lake.metrics("digits", metrics=["x", "nope"]).collect().height == 20
    assert lake.metrics("digits", metrics=[]).collect().height == 0
    assert lake.metrics("digits", runs="a").collect()["run_id"].unique().to_list() == ["a"]
    assert lake.metrics("digits", runs=["a", "b"], dataset="test").collect().height == 20
    assert lake.metrics("digits", runs=[]).collect().height == 0
    lazy = lake.metrics("digits")
    assert lazy.filter(pl.col("run_id") == "b", pl.col("step") > 2).select("value").collect().height == 8
    assert lazy.head(7).collect().height == 7
    assert lazy.head(30).filter(pl.col("step") >= 0).collect().height == 30
    assert lazy.filter(pl.col("step") == 4).head(3).collect().height == 3
    assert lazy.group_by("run_id", "metric").agg(pl.col("value").max()).collect()["value"].to_list() == [4.0] * 4
    assert lazy.collect(engine="in-memory").height == lazy.collect(engine="streaming").height == 40
    assert lazy.join(lazy, on=["run_id", "seq"]).select(pl.len()).collect().item() == 40


def test_ended_runs_need_no_listing_of_their_files(store: CountingStore) -> None:
    for i in range(5):
        w = Writer(store, run_id=f"r{i}").start().log(loss(10))
        w.seal()
        w.log(loss(10, first=10)).finish()
    lake, _ = quiet(store)
    store.reset()
    assert lake.metrics("digits").collect().height == 100
    assert store.counts["list"] == 3
    assert not [key for _, key in store.log if key.startswith("metrics/") and key.endswith("/")]


def test_live_run_costs_no_further_request_for_its_tail(store: CountingStore) -> None:
    w = Writer(store).start().log(loss(10))
    w.flush()
    lake, _ = quiet(store)
    snapshot = lake.snapshot("digits")
    store.reset()
    assert lake.metrics("digits", snapshot=snapshot).collect().height == 10
    assert store.requests() == 0


def test_files_that_the_row_does_not_name_are_found_by_listing(store: CountingStore) -> None:
    w = Writer(store).start().log(loss(10))
    w.seal(0, 6, forget=True)
    w.seal(6, 10, forget=True)
    w.sealed = 10
    w.finish()
    lake, _ = quiet(store)
    store.reset()
    assert seqs(lake.metrics("digits")) == truth(w)
    assert store.counts["list"] == 4
    assert lake.problems("digits") == ()


def test_sealed_rows_of_a_writer_that_died_before_its_next_tail() -> None:
    now = [datetime(2024, 1, 1, tzinfo=UTC)]
    store = MemoryStore(clock=lambda: now[0])
    w = Writer(store).start().log(loss(5))
    w.flush()
    w.log(loss(5, first=5)).seal()
    lake = Lake(store, wall=lambda: now[0])
    assert lake.metrics("digits").collect().height == 5, "as of its newest tail"
    now[0] += timedelta(hours=1)
    assert seqs(lake.metrics("digits")) == truth(w)


def test_final_row_never_hides_live_rows(store: CountingStore) -> None:
    w = Writer(store).start().log(loss(5))
    w.flush()
    w.finish("crashed", tidy=False, closed_by="janitor")
    # The janitor was wrong.
    w.log(loss(5, first=5)).flush(keep=True)
    lake, _ = quiet(store)
    assert seqs(lake.metrics("digits")) == truth(w)
    assert lake.runs("digits")["status"].to_list() == ["crashed"]


def test_ranks_and_attempts_are_all_there(store: CountingStore) -> None:
    writers = [Writer(store, rand=f"0000000{i}").start().log(loss(4)) for i in range(3)]
    writers.append(Writer(store, attempt=2, rand="00000009").start().log(loss(4)))
    writers[0].finish()
    for w in writers[1:]:
        w.flush()
    lake, _ = quiet(store)
    assert seqs(lake.metrics("digits")) == truth(*writers)
    assert lake.runs("digits").select("rows", "attempts", "status").row(0) == (16, 2, "running")


@pytest.mark.parametrize("ended", [True, False])
def test_resume_hides_what_was_logged_again(store: CountingStore, ended: bool) -> None:
    first = Writer(store).start().log(loss(10))
    first.seal(0, 4)
    first.flush()
    second = Writer(store, attempt=2, rand="00000002", fields={"resume_step": 6}).start().log(loss(6, first=6))
    third = Writer(store, attempt=3, rand="00000003", fields={"resume_step": 8}).start().log(loss(2, first=8))
    for w in (first, second, third):
        w.finish("killed") if ended else w.flush()
    lake, _ = quiet(store)
    shown = lake.metrics("digits").collect()
    steps = {a: sorted(shown.filter(pl.col("attempt") == a)["step"]) for a in (1, 2, 3)}
    assert steps == {1: [0, 1, 2, 3, 4, 5], 2: [6, 7], 3: [8, 9]}
    assert seqs(lake.metrics("digits", hidden=True)) == truth(first, second, third)


def test_deleted_runs_are_left_out_unless_named(store: CountingStore) -> None:
    for run in ("a", "b"):
        Writer(store, run_id=run).start().log(loss(3)).finish()
    lake, _ = quiet(store)
    lake.delete("digits", ["a"])
    assert set(lake.metrics("digits").collect()["run_id"]) == {"b"}
    assert set(lake.metrics("digits", runs=["a"]).collect()["run_id"]) == {"a"}
    lake.edit("digits", ["a"], "purge")
    with pytest.raises(UnknownRun, match="no run a"):
        lake.metrics("digits", runs=["a"])


def test_unknown_names_are_told(store: CountingStore) -> None:
    Writer(store).start()
    lake, _ = quiet(store)
    with pytest.raises(UnknownProject, match="did you mean 'digits'"):
        lake.metrics("digitz")
    with pytest.raises(UnknownRun, match="no run r2, r3"):
        lake.metrics("digits", runs=["r1", "r3", "r2"])


def test_run_without_points_has_none(store: CountingStore) -> None:
    Writer(store, run_id="a").start()
    Writer(store, run_id="b").start().finish()
    lake, _ = quiet(store)
    assert lake.metrics("digits").collect().height == 0
    assert lake.problems("digits") == ()


class Racing(StoreWrapper):
    """A writer that does something at each listing of `live/`, after it was answered."""

    def __init__(self, inner: Store, acts: list[Callable[[], object]]) -> None:
        super().__init__(inner)
        self.acts = acts

    def list(self, prefix):  # type: ignore[no-untyped-def]
        found = super().list(prefix)
        if prefix.startswith("live/") and self.acts:
            self.acts.pop(0)()
        return found


def test_flushing_and_sealing_between_listing_and_reading(store: CountingStore) -> None:
    w = Writer(store).start().log(loss(100))
    w.flush()

    def flush() -> None:
        w.log(loss(10)).flush()
        w.log(loss(10)).flush()

    def seal() -> None:
        w.log(loss(10)).seal()
        w.flush()
        w.flush()

    racing = Racing(store, [flush, seal, flush, w.finish])
    lake, _ = quiet(racing)
    for _ in range(6):
        least = len(w.points)
        found = seqs(lake.metrics("digits"))["r1", w.writer]
        assert found == list(range(len(found)))
        assert len(found) >= least
    assert racing.acts == []
    assert seqs(lake.metrics("digits")) == truth(w)
    assert lake.problems("digits") == ()


def test_large_tail_that_vanishes_before_its_points_are_read(store: CountingStore) -> None:
    w = Writer(store).start().log([Point("loss", s, math.sin(s)) for s in range(20_000)])
    w.flush()
    lake, waits = quiet(store)
    snapshot = lake.snapshot("digits")
    w.seal()
    w.flush()
    w.log(loss(5)).flush()
    w.log(loss(5)).flush()
    assert seqs(lake.metrics("digits", snapshot=snapshot)) == truth(w)
    assert len(waits) == 1


def test_unreachable_store_raises_instead_of_waiting_for_each_file() -> None:
    store = MemoryStore()
    for i in range(50):
        Writer(store, run_id=f"r{i}").start().log(loss(3)).finish()
    faulty = FaultyStore(store, lambda verb, key, n: None)
    lake, waits = quiet(faulty)
    lazy = lake.metrics("digits")
    faulty.plan = lambda verb, key, n: Fault("before", StoreUnreachable("nobody there"))
    with pytest.raises(Exception, match="nobody there"):
        lazy.collect()
    assert waits == []


act = st.sampled_from(["log", "flush", "seal", "seal_late", "recover", "janitor", "drop_old", "resume"])


@settings(max_examples=examples(150), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(acts=st.lists(act, min_size=1, max_size=25), data=st.data())
def test_metrics_equal_the_truth_whatever_overlaps(acts: list[str], data: st.DataObject) -> None:
    store = MemoryStore()
    writers = [Writer(store).start()]
    acknowledged = {writers[0].writer: 0}
    lake, _ = quiet(store)
    late: list[tuple[str, bytes]] = []
    for name in acts:
        w = writers[-1]
        size = len(w.points)
        if name == "log":
            w.log(loss(data.draw(st.integers(1, 5)), first=size))
        elif name == "flush":
            w.flush(keep=data.draw(st.booleans()))
            acknowledged[w.writer] = size
        elif name == "seal" and w.sealed < size:
            # Readers hear of it by the next tail.
            w.seal()
        elif name == "seal_late" and size:
            # A PUT that was given up and lands later, or twice.
            lo, hi = sorted((data.draw(st.integers(0, size)), data.draw(st.integers(0, size))))
            if lo < hi:
                key = PointsKey(w.project, w.run_id, w.writer, hi, hi - lo)
                late.append((key.path, encode_points(points_table(w.points[lo:hi], lo, w.writer))))
        elif name == "recover" and late:
            for key_, bytes_ in late:
                store.put(key_, bytes_)
        elif name == "janitor" and acknowledged[w.writer]:
            w.seal(0, acknowledged[w.writer], forget=True)
        elif name == "drop_old":
            store.delete(w.tails[1:-1])
            del w.tails[1:-1]
        elif name == "resume":
            w.finish(data.draw(st.sampled_from(["finished", "killed"])), tidy=data.draw(st.booleans()))
            acknowledged[w.writer] = len(w.points)
            writers.append(Writer(store, attempt=len(writers) + 1, rand=f"{len(writers):08x}").start())
            acknowledged[writers[-1].writer] = 0
        if data.draw(st.booleans()):
            found = seqs(lake.metrics("digits"))
            for each in writers:
                rows = found.get((each.run_id, each.writer), [])
                assert rows == list(range(len(rows))), "exactly once, without holes"
                assert len(rows) >= acknowledged[each.writer], "all that was acknowledged"
    for each in writers:
        each.flush() if each is writers[-1] else None
    assert seqs(lake.metrics("digits")) == truth(*writers)
    assert lake.problems("digits") == ()
    values = {(r["writer"], r["seq"]): r["value"] for r in lake.metrics("digits").collect().iter_rows(named=True)}
    assert values == {(w.writer, i): p.value for w in writers for i, p in enumerate(w.points)}
