"""All projects for the price of one listing, and live runs for less."""

from __future__ import annotations

from datetime import timedelta

import polars as pl
import pytest

from lakeboard.query.lake import Lake
from lakeboard.schema.errors import StoreUnreachable
from lakeboard.store.testing import Fault, FaultyStore, MemoryStore
from tests.query.lakes import T0, Writer, ended_run, loss, put_edit, put_pack
from tests.query.worlds import HOUR, curve, team


def test_a_survey_shows_what_snapshots_show() -> None:
    world = team()
    survey = world.lake.survey()
    assert survey.projects == ("quiet", "speech", "vision")
    assert survey.pending == ()
    alone = Lake(world.store, wall=world.clock)
    for snapshot in survey.snapshots:
        frame = world.lake.runs(snapshot.project, deleted=True, snapshot=snapshot)
        assert frame.equals(alone.runs(snapshot.project, deleted=True))


def test_three_listings_serve_all_projects_and_news_cost_one_read_each() -> None:
    world = team()
    first = world.lake.survey()
    # Two packs of rows, one edit, and of each of four running writers its start and its newest tail.
    assert first.requests == world.counting.requests() == 3 + 2 + 1 + 8
    world.counting.reset()
    assert world.lake.survey().requests == world.counting.requests() == 3
    Writer(world.store, "speech", "s9", rand="00000059").start()
    world.counting.reset()
    world.lake.survey()
    assert dict(world.counting.counts) == {"list": 3, "get": 1}


def test_projects_without_news_keep_their_snapshot_but_not_their_clock() -> None:
    world = team()
    before = {s.project: s for s in world.lake.survey().snapshots}
    world.clock.now += HOUR
    after = {s.project: s for s in world.lake.survey().snapshots}
    assert all(after[name].runs is before[name].runs for name in before)
    assert after["vision"].now - before["vision"].now == HOUR
    live = world.lake.runs("vision", snapshot=after["vision"]).filter(run_id="v4")
    assert live.select("silent", "heartbeat_age").row(0) == (True, 3610.0)


def test_a_survey_never_goes_back_behind_what_a_page_has_seen() -> None:
    world = team()
    world.lake.survey()
    writer = Writer(world.store, "speech", "s7", rand="00000057").start()
    seen = world.lake.snapshot("speech")
    assert "s7" in seen.known_runs()
    writer.log(loss(2)).flush()
    assert world.lake.survey().snapshots[1].live["s7", writer.writer].hi == 2


def test_of_many_unread_projects_the_newest_come_first_and_the_rest_later() -> None:
    store = MemoryStore()
    clock = team().clock
    store = MemoryStore(clock=clock)
    for n in range(6):
        clock.now += timedelta(minutes=1)
        for each in range(3):
            Writer(store, f"p{n}", f"r{each}", rand=f"{each:08x}").start().finish()
    lake = Lake(store, wall=clock)
    survey = lake.survey(unread=7)
    assert [s.project for s in survey.snapshots] == ["p4", "p5"]
    assert survey.pending == ("p0", "p1", "p2", "p3")
    assert survey.projects == tuple(f"p{n}" for n in range(6))
    seen = [lake.survey(unread=7).pending for _ in range(2)]
    assert seen == [("p0", "p1"), ()]
    assert lake.survey(unread=1).pending == ()


def test_at_least_one_project_is_read_however_large() -> None:
    store = MemoryStore()
    put_pack(store, [ended_run("r1", {}, {})], project="a")
    put_pack(store, [ended_run("r1", {}, {})], project="b")
    lake = Lake(store)
    assert len(lake.survey(unread=0).snapshots) == 1
    assert lake.survey(unread=0).pending == ()


def test_all_runs_of_a_lake_cost_one_survey() -> None:
    world = team()
    frame = world.lake.runs()
    assert world.counting.counts["list"] == 3
    assert world.counting.counts["list_dirs"] == 0
    assert frame.group_by("project").len().sort("project").rows() == [("quiet", 1), ("speech", 2), ("vision", 4)]


def test_the_census_counts_what_frames_call_live() -> None:
    world = team()
    census = world.lake.census()
    runs = world.lake.runs()
    live = runs.filter((pl.col("status") == "running") & ~pl.col("silent"))["project"].to_list()
    assert census.count() == {name: live.count(name) for name in ("quiet", "speech", "vision")}
    assert census.count() == {"quiet": 0, "speech": 1, "vision": 1}


def test_the_census_reads_neither_packs_nor_rows_of_runs_that_are_over() -> None:
    world = team()
    for n in range(20):
        Writer(world.store, "vision", f"e{n}", rand=f"{n:08x}").start().finish()
    census = world.lake.census()
    census.count()
    assert not [key for verb, key in world.counting.log if verb == "get" and key.startswith("runs/")]
    first = census.requests
    world.counting.reset()
    census.count()
    assert census.requests == world.counting.requests() == 3 < first


def test_the_census_follows_runs_that_end_fall_silent_or_are_deleted() -> None:
    world = team()
    census = world.lake.census()
    assert census.count()["speech"] == 1
    extra = Writer(world.store, "speech", "s3", rand="00000053").start()
    extra.log(curve(1.0, metric="val/wer")).flush()
    assert census.count()["speech"] == 2
    extra.finish(tidy=False)
    assert census.count()["speech"] == 1, "its tails are still there, and so is its row"
    put_edit(world.store, ["s2"], "delete", hlc=T0, project="speech")
    assert census.count()["speech"] == 0
    put_edit(world.store, ["s2"], "restore", hlc=T0 + 1, project="speech")
    assert census.count()["speech"] == 1
    world.clock.now += HOUR
    assert census.count()["speech"] == 0


def test_trouble_with_a_listing_is_raised() -> None:
    faulty = FaultyStore(MemoryStore(), lambda verb, key, n: Fault("before", StoreUnreachable("nobody there")))
    with pytest.raises(StoreUnreachable, match="nobody there"):
        Lake(faulty).survey()
    with pytest.raises(StoreUnreachable, match="nobody there"):
        Lake(faulty).census().count()
