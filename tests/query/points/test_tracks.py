"""Sorted arrays of points: what a frame holds, and what a store reads of a lake that grows."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.query.lake import Lake, open_lake
from lakeboard.query.objects.lru import MemoryCache
from lakeboard.query.points.track_cache import TrackStore
from lakeboard.query.points.tracks import Track, table_of, tracks_of
from lakeboard.store.local import LocalStore
from tests.query.lakes import T0, Point, Writer, loss, note_lake
from tests.query.runframes import points_frame

ROWS = st.lists(
    st.tuples(
        st.sampled_from(["r0", "r1"]), st.sampled_from(["a", "b"]), st.sampled_from([None, "d"]),
        st.integers(0, 4), st.floats(width=16), st.integers(0, 3).map(float),
    )
)  # fmt: skip


FRAME = ["project", "run_id", "metric", "dataset", "step", "value", "timestamp", "seq"]


def told(tracks: list[Track]) -> list[tuple[str, str, str | None, list[int], list[float]]]:
    return [(t.run_id, t.metric, t.dataset, t.step.tolist(), t.value.tolist()) for t in tracks]


@given(ROWS, st.integers(0, 5))
def test_tracks_are_the_sorted_points_of_each_run_metric_and_dataset(rows: list[tuple], cut: int) -> None:  # type: ignore[type-arg]
    points = points_frame(rows).collect()
    # Files come as chunks, wherever they may end.
    chunked = pl.concat([points[:cut], points[cut:]], rechunk=False)
    ordered = points.sort("step", "timestamp", "seq", maintain_order=True)
    tracks = tracks_of(chunked)
    keys = ["run_id", "metric", "dataset"]
    assert [(t.run_id, t.metric, t.dataset) for t in tracks] == points.select(keys).unique(maintain_order=True).rows()
    for track in tracks:
        own = ordered.filter(
            (pl.col("run_id") == track.run_id)
            & (pl.col("metric") == track.metric)
            & pl.col("dataset").eq_missing(pl.lit(track.dataset, dtype=pl.String))
        )
        assert track.step.tolist() == own["step"].to_list()
        np.testing.assert_array_equal(track.value, own["value"].to_numpy())
        assert track.at.tolist() == own["timestamp"].dt.epoch("ms").to_list()
    back = table_of(tracks)
    assert back.height == points.height
    assert back.columns == FRAME
    # Sorting by a point's place among those of its step and time is sorting by the order of writing.
    again, once = back.sort(*keys, "step", "timestamp", "seq"), ordered.sort(keys, maintain_order=True)
    assert again["step"].to_list() == once["step"].to_list()
    np.testing.assert_array_equal(again["value"].to_numpy(), once["value"].to_numpy())


def test_an_empty_frame_has_no_tracks() -> None:
    assert tracks_of(points_frame([]).collect()) == []
    empty = table_of([])
    assert (empty.columns, empty.height) == (FRAME, 0)
    assert empty.schema["timestamp"] == pl.Datetime("ms", "UTC")


def lake_of(root: Path) -> tuple[Lake, LocalStore]:
    store = LocalStore(str(root))
    note_lake(store)
    return Lake(store), store


def values(store: TrackStore, lake: Lake, runs: list[str], metric: str = "loss") -> list[list[float]]:
    return [t.value.tolist() for t in store.get(lake.snapshot("digits"), runs, [metric])]


def test_what_is_kept_is_not_read_again(tmp_path: Path) -> None:
    lake, store = lake_of(tmp_path)
    writers = [Writer(store, run_id=f"r{n}", rand=f"{n:08x}").start().log(loss(3 + n)) for n in range(3)]
    for writer in writers:
        writer.flush()
        writer.finish()
    tracks = TrackStore(lake)
    snapshot = lake.snapshot("digits")
    first = tracks.get(snapshot, ["r0", "r1"], ["loss"])
    assert [len(t.step) for t in first] == [3, 4]
    for path in (tmp_path / "metrics").rglob("*run_id=r[01]/*.parquet"):
        path.unlink()
    again = tracks.get(snapshot, ["r0", "r1", "r2"], ["loss", "none"])
    assert again[:2] == first
    assert len(again[2].step) == 5


def test_of_running_runs_only_what_is_new_is_read(tmp_path: Path) -> None:
    lake, store = lake_of(tmp_path)
    run = Writer(store).start().log(loss(5))
    run.seal()
    run.flush()
    tracks = TrackStore(lake)
    assert values(tracks, lake, ["r1"]) == [[p.value for p in loss(5)]]
    sealed = next((tmp_path / "metrics").rglob("*.parquet"))
    hidden = sealed.read_bytes()
    run.log([*loss(2, first=5), Point("acc", 5, 0.5)]).flush()
    # What is gone can't have been read again.
    sealed.write_bytes(b"")
    assert values(tracks, lake, ["r1"]) == [[p.value for p in loss(7)]]
    sealed.write_bytes(hidden)
    assert values(tracks, lake, ["r1"], "acc") == [[0.5]]
    run.log(loss(1, first=7)).finish()
    assert values(tracks, lake, ["r1"]) == [[p.value for p in loss(8)]]
    assert values(tracks, lake, ["r1"]) == [[p.value for p in loss(8)]]


def test_steps_that_come_late_are_put_in_their_place(tmp_path: Path) -> None:
    lake, store = lake_of(tmp_path)
    run = Writer(store).start().log([Point("loss", 3, 3.0), Point("loss", 5, 5.0)])
    run.flush()
    tracks = TrackStore(lake)
    assert values(tracks, lake, ["r1"]) == [[3, 5]]
    run.log([Point("loss", 4, 4.0), Point("loss", 6, math.inf)]).flush()
    assert values(tracks, lake, ["r1"]) == [[3, 4, 5, math.inf]]


def test_a_resume_hides_what_was_read_before(tmp_path: Path) -> None:
    lake, store = lake_of(tmp_path)
    first = Writer(store).start().log(loss(6))
    first.flush()
    tracks = TrackStore(lake)
    assert len(values(tracks, lake, ["r1"])[0]) == 6
    first.finish("killed")
    assert len(values(tracks, lake, ["r1"])[0]) == 6
    again = Writer(store, attempt=2, rand="0000000b", fields={"resume_step": 4}).start()
    again.log([Point("loss", 4, -1.0)]).flush()
    assert values(tracks, lake, ["r1"])[0][-2:] == [loss(4)[-1].value, -1.0]


def test_what_does_not_fit_is_read_again(tmp_path: Path) -> None:
    lake, store = lake_of(tmp_path)
    for n in range(3):
        Writer(store, run_id=f"r{n}", rand=f"{n:08x}").start().log(loss(100)).finish()
    tracks = TrackStore(lake, memory=MemoryCache(1))
    everything = [[p.value for p in loss(100)]] * 3
    assert values(tracks, lake, ["r0", "r1", "r2"]) == everything == values(tracks, lake, ["r0", "r1", "r2"])


def test_the_store_and_the_lake_tell_the_same(tmp_path: Path) -> None:
    lake, store = lake_of(tmp_path)
    run = Writer(store, fields={"dataset": "own"}).start()
    run.log([Point("loss", 0, 1.0), Point("loss", 1, 2.0, "other")]).flush()
    found = TrackStore(lake).get(lake.snapshot("digits"), ["r1"], ["loss"])
    straight = tracks_of(open_lake(str(tmp_path)).metrics("digits").collect())
    assert told(found) == told(straight) == [("r1", "loss", "own", [0], [1.0]), ("r1", "loss", "other", [1], [2.0])]
    assert found[0].at.tolist() == [T0]
    assert found[1].label == "loss [other]"
