"""Sorted arrays of points: what a frame holds, and what a store reads of a lake that grows."""

from __future__ import annotations

import math
from pathlib import Path
from unittest.mock import patch

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.query.lake import Lake, open_lake
from lakeboard.query.objects.lru import MemoryCache
from lakeboard.query.points.track_cache import TrackStore
from lakeboard.query.points.tracks import Track, table_of, tracks_of
from lakeboard.schema.errors import StoreUnreachable
from lakeboard.store.local import LocalStore
from lakeboard.store.testing import CountingStore
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


def hurt_lake(root: Path, *, others: int = 0) -> tuple[Lake, CountingStore, Path]:
    """Ended runs r0 … with two sealed files each, the first of r0 damaged; its path."""
    store = CountingStore(LocalStore(str(root)), keep_log=True)
    note_lake(store)
    bad = ""
    for n in range(1 + others):
        run = Writer(store, run_id=f"r{n}", rand=f"{n:08x}").start().log(loss(4))
        first = run.seal()
        bad = bad or first
        run.log(loss(4, first=4)).finish()
    return Lake(store, sleep=lambda _: None, memory=MemoryCache(10**8)), store, root / bad


def asked(store: CountingStore) -> dict[str, int]:
    return {name: count for name, count in store.counts.items() if count}


@pytest.mark.parametrize("missing", [False, True], ids=["damaged", "missing"])
def test_a_file_that_was_put_right_is_read_without_a_restart(tmp_path: Path, *, missing: bool) -> None:
    lake, store, path = hurt_lake(tmp_path)
    whole, rest = [[p.value for p in loss(8)]], [[p.value for p in loss(8)[4:]]]
    good = path.read_bytes()
    path.unlink() if missing else path.write_bytes(good[: len(good) // 2])
    tracks = TrackStore(lake)
    assert values(tracks, lake, ["r0"]) == rest
    assert lake.problems("digits")
    path.write_bytes(good)
    assert values(tracks, lake, ["r0"]) == whole
    assert lake.problems("digits") == ()
    store.reset()
    assert values(tracks, lake, ["r0"]) == whole
    assert asked(store) == {"list": 3}, "a snapshot's"


def test_a_file_that_stays_damaged_costs_a_listing_at_each_look_and_no_reading(tmp_path: Path) -> None:
    lake, store, path = hurt_lake(tmp_path)
    path.write_bytes(path.read_bytes()[:50])
    tracks, rest = TrackStore(lake), [[p.value for p in loss(8)[4:]]]
    for _ in range(2):
        assert values(tracks, lake, ["r0"]) == rest
    with patch.object(Lake, "metrics", side_effect=AssertionError("points were read")):
        for _ in range(3):
            store.reset()
            snapshot = lake.snapshot("digits")
            for _ in range(2):
                assert len(tracks.get(snapshot, ["r0"], ["loss"])[0].step) == 4
            assert asked(store) == {"list": 4}, "however often it is drawn"
    assert [problem.kind for problem in lake.problems("digits") if problem.kind == "damaged"] == ["damaged"]


def test_of_many_runs_with_damaged_files_some_are_listed_at_each_look(tmp_path: Path) -> None:
    lake, store, path = hurt_lake(tmp_path, others=39)
    paths = [next(folder.glob("*.000000000004-*")) for folder in path.parents[1].iterdir()]
    kept = {each: each.read_bytes() for each in paths}
    for each in paths:
        each.write_bytes(b"")
    tracks, ids = TrackStore(lake), [f"r{n}" for n in range(40)]
    assert {len(v) for v in values(tracks, lake, ids)} == {4}
    for each, data in kept.items():
        each.write_bytes(data)
    lengths = []
    for _ in range(3):
        store.reset()
        lengths.append(sum(len(v) == 8 for v in values(tracks, lake, ids)))
        assert store.counts["list"] <= 3 + 16
    assert lengths == [16, 32, 40]
    assert lake.problems("digits") == ()


def test_points_are_shown_while_a_folder_cannot_be_listed(tmp_path: Path) -> None:
    lake, _, path = hurt_lake(tmp_path)
    path.write_bytes(b"")
    tracks = TrackStore(lake)
    values(tracks, lake, ["r0"])
    snapshot = lake.snapshot("digits")
    with patch.object(CountingStore, "list", side_effect=StoreUnreachable("no answer")):
        assert len(tracks.get(snapshot, ["r0"], ["loss"])[0].step) == 4


def test_a_running_run_is_read_again_once_a_damaged_tail_is_covered(tmp_path: Path) -> None:
    lake, store = lake_of(tmp_path)
    run = Writer(store).start().log(loss(3))
    run.flush()
    bad = run.log(loss(3, first=3)).flush()
    (tmp_path / bad).write_bytes(b"")
    tracks = TrackStore(lake)
    assert len(values(tracks, lake, ["r1"])[0]) == 3
    assert len(values(tracks, lake, ["r1"])[0]) == 3
    run.log(loss(3, first=6)).flush()
    assert values(tracks, lake, ["r1"]) == [[p.value for p in loss(9)]]
    assert values(tracks, lake, ["r1"]) == [[p.value for p in loss(9)]]
