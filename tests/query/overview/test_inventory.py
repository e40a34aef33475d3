"""What a lake takes up, who writes to it, and what is wrong at first sight."""

from __future__ import annotations

import polars as pl
import pytest

from lakeboard.query.overview.inventory import first_sight, known_runs, take_inventory, tasks_frame, writers_frame
from lakeboard.upkeep.clock import GRACE
from lakeboard.upkeep.fsck import fsck
from lakeboard.upkeep.packing.pack import Pack
from lakeboard.upkeep.tidy import Done
from lakeboard.upkeep.usage import S3_STANDARD
from tests.query.lakes import Writer, loss, note_lake, put_edit
from tests.query.worlds import HOUR, World, team
from tests.upkeep.worlds import ended


@pytest.fixture
def world() -> World:
    found = team()
    ended = Writer(found.store, "vision", "w1", rand="000000a1").start().log(loss(40))
    ended.flush()
    ended.finish()
    return found


def test_every_byte_is_counted_once_in_each_way_of_looking(world: World) -> None:
    inventory = take_inventory(world.counting, now=world.clock.now)
    assert inventory.requests == world.counting.requests() == 1
    listed = world.store.list("")
    assert (inventory.objects, inventory.bytes) == (len(listed), sum(i.size for i in listed))
    for frame in (inventory.areas, inventory.projects):
        assert (frame["objects"].sum(), frame["bytes"].sum()) == (inventory.objects, inventory.bytes)
        month = frame["dollars_a_month"].sum()
        assert month == pytest.approx(inventory.bytes / 2**30 * S3_STANDARD.gb_month)
    assert inventory.areas["area"].to_list() == ["metrics", "live", "runs", "edits", "other"]
    own = world.store.list("metrics/project=vision/run_id=w1/") + [
        i for i in world.store.list("runs/project=vision/") if "w1" in i.key
    ]
    assert inventory.runs.filter(run_id="w1").select("objects", "bytes").row(0) == (2, sum(i.size for i in own))


def test_packing_by_project(world: World) -> None:
    shown = take_inventory(world.store, now=world.clock.now).projects.sort("project", nulls_last=True)
    columns = ("project", "runs", "single_rows", "row_packs", "single_edits", "edit_packs")
    assert shown.select(columns).rows() == [
        ("quiet", 0, 0, 1, 0, 0),
        ("speech", 2, 0, 0, 0, 0),
        ("vision", 3, 1, 1, 1, 0),
        (None, 0, 0, 0, 0, 0),
    ]


def test_a_check_costs_what_was_said() -> None:
    world = World()
    note_lake(world.store)
    for n in range(3):
        ended(world.store, f"r{n}", 9)
    put_edit(world.store, ["r0"], "tag", "good", hlc=1, project="p")
    inventory = take_inventory(world.store, now=world.clock.now)
    world.counting.reset()
    report = fsck(world.counting, now=world.clock.now)
    assert report.problems == ()
    assert report.objects == inventory.objects
    said = (inventory.check.lists, inventory.check.gets)
    assert (world.counting.counts["list"], world.counting.counts["get"]) == said
    assert inventory.quick_check.bytes <= inventory.check.bytes
    assert inventory.check.bytes == inventory.bytes - len(world.store.get("_lake.json"))


def test_first_sight_names_what_is_wrong_without_reading(world: World) -> None:
    assert take_inventory(world.store, now=world.clock.now).problems.rows() == []
    store = world.store
    store.put("metrics/notes.txt", b"x")
    empty = world.store.list("runs/project=vision/")[0].key
    store.put(empty.replace("r-w1", "r-w2"), b"")
    orphan = world.store.list("metrics/project=vision/run_id=w1/")[0].key.replace("w1", "nobody", 1)
    store.put(orphan, b"PAR1")
    runs = known_runs(world.lake.survey().snapshots)
    now = world.clock.now
    found = take_inventory(store, now=now, known_runs=runs).problems
    assert sorted(found["kind"].to_list()) == ["empty", "foreign"], "points of a minute ago may be of a job that begins"
    found = take_inventory(store, now=now + 25 * HOUR, known_runs=runs).problems
    assert dict(found.select("kind", "key").rows()) == {
        "foreign": "metrics/notes.txt",
        "empty": empty.replace("r-w1", "r-w2"),
        "orphan": orphan,
    }
    assert take_inventory(store, now=now + 25 * HOUR).problems.filter(kind="orphan").height == 0
    problems = world.lake.problems("vision")
    seen = first_sight(take_inventory(store, now=now), problems)
    assert seen["key"].n_unique() == seen.height
    store.delete(["_lake.json"])
    assert "lake" in take_inventory(store, now=now).problems["kind"].to_list()


def test_writers_silent_ones_first(world: World) -> None:
    shown = writers_frame(world.lake.survey().snapshots)
    rows = shown.select("project", "run_id", "state", "heartbeat_age", "due_seconds", "flushes", "rows", "tails").rows()
    assert rows[0] == ("speech", "s1", "silent", 3600.0, 30.0, 2, 2, 2)
    assert {row[1] for row in rows[1:]} == {"s2", "v4", "v5"}
    assert shown.filter(run_id="s2")["bytes"].item() == sum(
        i.size for i in world.store.list("live/project=speech/") if "/s2." in i.key
    )


def test_runs_that_are_known_are_those_with_a_row_a_tail_or_a_decision(world: World) -> None:
    found = known_runs(world.lake.survey().snapshots)
    assert found["vision"] == {"v1", "v2", "v3", "v4", "v5", "w1"}
    assert found["speech"] == {"s1", "s2"}


def test_tasks_as_a_frame() -> None:
    task = Pack("runs", "p", 1, ("a", "b"), ())
    frame = tasks_frame([task], [Done(task, None, "no answer")])
    assert frame.rows() == [
        ("pack", "p", "p: could not pack 2 objects of run rows", "no answer"),
        ("pack", "p", "p: would pack 2 objects of run rows", None),
    ]
    assert tasks_frame([]).schema == frame.schema
    assert isinstance(frame, pl.DataFrame)
    assert GRACE.total_seconds() == 600
