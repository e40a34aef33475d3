"""A whole lake at a glance, by equality."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from lakeboard.query.boards.definition import Definition, Measure
from lakeboard.query.boards.versions import BoardVersion
from lakeboard.query.overview.live_curves import LiveCurves
from lakeboard.query.overview.overview import (
    BROKEN_SCHEMA,
    DAY,
    RUNS_SCHEMA,
    WEEK,
    Overview,
    overview_of,
    shown_of,
    users_of,
)
from lakeboard.query.snapshots.survey import Survey
from tests.query.lakes import Point, Writer, ended_run, note_lake, put_edit, put_pack
from tests.query.worlds import BEGIN, HOUR, World, at, curve, team


@pytest.fixture
def world() -> World:
    return team()


@pytest.fixture
def overview(world: World) -> Overview:
    return world.lake.overview()


def test_every_run_in_few_columns(overview: Overview) -> None:
    assert overview.runs.schema == pl.Schema(RUNS_SCHEMA)
    assert overview.records.schema == pl.Schema(BROKEN_SCHEMA)
    assert overview.runs.select("project", "run_id", "state", "metric", "goal", "last", "best").rows() == [
        ("speech", "s2", "running", "val/wer", "minimize", 0.75, 0.7),
        ("vision", "v4", "running", "val/acc", "maximize", 0.3, 0.3),
        ("speech", "s1", "silent", "val/wer", "minimize", 0.8, 0.8),
        ("vision", "v3", "failed", "val/acc", "maximize", 0.6, 0.6),
        ("vision", "v2", "finished", "val/acc", "maximize", 0.7, 0.7),
        ("vision", "v1", "finished", "val/acc", "maximize", 0.5, 0.5),
        ("quiet", "q1", "finished", "loss", "minimize", 1.0, 1.0),
    ]


def test_live_runs_tell_how_far_they_are_and_when_they_were_heard_of(overview: Overview) -> None:
    shown = overview.live().select("run_id", "last_step", "total", "total_param", "heartbeat_age", "at")
    heard = BEGIN + 72 * HOUR - timedelta(seconds=10)
    assert shown.rows() == [
        ("s2", 2, 10.0, "max_steps", 10.0, heard),
        # Finished runs of the project ended at their `epochs`.
        ("v4", 1, 8.0, "epochs", 10.0, heard),
    ]
    assert overview.live_counts().rows() == [("quiet", 0), ("speech", 1), ("vision", 1)]


def test_lately_is_what_ended_or_fell_silent_within_the_time(overview: Overview) -> None:
    assert overview.recently_ended(DAY)["run_id"].to_list() == ["s1", "v3"]
    assert overview.recently_ended(WEEK)["run_id"].to_list() == ["s1", "v3", "v2", "v1"]
    assert overview.recently_ended(52 * WEEK)["run_id"].to_list() == ["s1", "v3", "v2", "v1", "q1"]


def test_people_and_what_they_work_on(overview: Overview) -> None:
    shown = overview.users(WEEK).select("user", "project", "live", "runs", "finished", "failed", "silent")
    assert shown.rows() == [
        ("ada", "speech", 1, 1, 0, 0, 0),
        ("ada", "vision", 1, 3, 1, 1, 0),
        ("ben", "speech", 0, 1, 0, 0, 1),
        ("ben", "vision", 0, 1, 1, 0, 0),
    ]
    assert [(user, part["project"].to_list()) for user, part in users_of(overview.users(WEEK))] == [
        ("ada", ["speech", "vision"]),
        ("ben", ["speech", "vision"]),
    ]
    assert overview.users(HOUR)["user"].to_list() == ["ada", "ada", "ben"]


def test_records_that_fell_and_no_first_values(overview: Overview) -> None:
    shown = overview.broken(WEEK).select("project", "run_id", "metric", "value", "former", "user")
    assert shown.rows() == [
        ("vision", "v2", "val/acc", 0.7, 0.5, "ben"),
        ("vision", "v1", "val/acc", 0.5, 0.3, "ada"),
        ("speech", "s2", "val/wer", 0.7, 0.8, "ada"),
    ]
    assert overview.broken(timedelta(hours=52))["run_id"].to_list() == ["v2"]
    assert overview.broken(DAY).height == 0


def test_projects_with_their_holders(overview: Overview) -> None:
    shown = overview.projects(WEEK).select(
        "project", "live", "silent", "runs", "finished", "failed", "best", "best_name"
    )
    assert shown.rows() == [
        ("speech", 1, 1, 2, 0, 0, 0.7, None),
        ("vision", 1, 0, 4, 2, 1, 0.7, "vis-2"),
        ("quiet", 0, 0, 1, 0, 0, 1.0, "old"),
    ]


@pytest.mark.parametrize(
    ("text", "found", "names"),
    [
        ("", 7, ("quiet", "speech", "vision")),
        ("  ", 7, ("quiet", "speech", "vision")),
        ("VIS", 4, ("vision",)),
        ("ada vision", 3, ("vision",)),
        ("gpu7", 1, ("vision",)),
        ("ben asr", 1, ("speech",)),
        ("quiet", 1, ("quiet",)),
        (".*", 0, ()),
    ],
)
def test_find_keeps_what_mentions_every_word(overview: Overview, text: str, found: int, names: tuple[str, ...]) -> None:
    kept = overview.find(text)
    assert (kept.runs.height, kept.names) == (found, names)
    assert set(kept.records["project"]) <= set(names)


def test_deleted_runs_are_nowhere(world: World) -> None:
    put_edit(world.store, ["v2"], "delete", hlc=9, project="vision")
    after = world.lake.overview()
    assert not {"v2", "v5"} & set(after.runs["run_id"])
    # With the holder gone, the failed run's value is the one that broke the record.
    assert after.broken(WEEK).filter(project="vision")["run_id"].to_list() == ["v3", "v1"]


def test_projects_without_news_are_taken_over(world: World) -> None:
    before = overview_of(world.lake.survey(), now=world.clock.now)
    world.clock.now += HOUR
    Writer(world.store, "speech", "s8", rand="00000058").start()
    after = overview_of(world.lake.survey(), previous=before, now=world.clock.now)
    assert after.told["vision"][1] is before.told["vision"][1]
    assert after.told["speech"][1] is not before.told["speech"][1]
    # What gave news an hour ago is silent now, though nothing of it was read again.
    assert after.runs.filter(run_id="v4").select("state", "heartbeat_age").row(0) == ("silent", 3610.0)


def test_a_run_that_lacks_the_projects_metric_shows_one_of_its_own(world: World) -> None:
    young = Writer(world.store, "vision", "v6", rand="00000006").start()
    young.log(curve(2.0, 1.5, metric="train/loss")).flush()
    row = world.lake.overview().runs.filter(run_id="v6")
    assert row.select("metric", "goal", "last", "best").row(0) == ("train/loss", "minimize", 1.5, 1.5)
    bare = Writer(world.store, "vision", "v7", rand="00000007").start()
    bare.flush()
    assert world.lake.overview().runs.filter(run_id="v7").select("metric", "last").row(0) == (None, None)


def test_unread_projects_are_named(world: World) -> None:
    survey = world.lake.survey()
    kept = tuple(s for s in survey.snapshots if s.project != "quiet")
    partial = overview_of(Survey(kept, ("quiet",), 0), now=world.clock.now)
    assert partial.projects().select("project", "read", "runs").rows()[-1] == ("quiet", False, 0)
    assert partial.live_counts().rows() == [("quiet", None), ("speech", 1), ("vision", 1)]


def test_an_empty_lake_has_an_overview() -> None:
    empty = World().lake.overview()
    assert [frame.height for frame in (empty.live(), empty.recently_ended(), empty.users(), empty.broken())] == [0] * 4
    assert empty.projects().height == empty.live_counts().height == 0


def test_pages_of_rows() -> None:
    rows = pl.DataFrame({"n": range(5)})
    assert [(part["n"].to_list(), pages) for part, pages in (shown_of(rows, 2, page) for page in (0, 1, 3, 9))] == [
        ([0, 1], 3), ([0, 1], 3), ([4], 3), ([4], 3),
    ]  # fmt: skip
    assert shown_of(rows.clear(), 2)[1] == 1


def test_curves_are_read_of_what_is_shown_and_again_when_a_run_has_grown(world: World) -> None:
    writer = Writer(world.store, "vision", "v8", rand="00000008", fields={"name": "long"}).start()
    writer.log(curve(*[0.1] * 100)).flush()
    curves = LiveCurves(world.lake, n=10)
    overview = world.lake.overview()
    one = overview.runs.filter(run_id="v8")
    world.counting.reset()
    drawn = curves.of(overview.snapshots, one)
    assert drawn.select("run_id", "metric").rows() == [("v8", "val/acc")]
    assert len(drawn["values"][0]) == 10
    assert curves.read == 1
    assert world.counting.requests() == 0, "its newest tail is at hand"
    for more, read in ((2, 0), (2, 0), (2, 1), (4, 0)):
        writer.log([Point("val/acc", len(writer.points) + i, 0.5) for i in range(more)]).flush()
        overview = world.lake.overview()
        curves.of(overview.snapshots, overview.runs.filter(run_id="v8"))
        assert curves.read == read, len(writer.points)


def test_curves_of_runs_on_a_dataset_are_those_of_their_metric(world: World) -> None:
    writer = Writer(world.store, "vision", "v9", rand="00000009", fields={"dataset": "own"}).start()
    writer.log([Point("val/acc", step, 0.1 * step) for step in range(3)])
    writer.log([Point("val/acc", step, 9.0, dataset="other") for step in range(3)]).flush()
    overview = world.lake.overview()
    found = LiveCurves(world.lake).of(
        overview.snapshots, overview.runs.filter(run_id="v9").with_columns(metric=pl.lit("val/acc"))
    )
    assert found["values"].to_list() == [pytest.approx([0.0, 0.1, 0.2])]
    assert LiveCurves(world.lake).of(overview.snapshots, overview.runs.clear()).height == 0


def test_times_of_silent_runs_are_their_last_sign_of_life(overview: Overview) -> None:
    row = overview.runs.filter(run_id="s1").row(0, named=True)
    assert row["at"] == BEGIN + 71 * HOUR
    assert row["created_at"].timestamp() * 1000 == at(0)


def undirected() -> World:
    """A project that ranks by a metric that could go either way."""
    world = World()
    note_lake(world.store)
    for n, value in enumerate((3.0, 2.0, 4.0)):
        run = ended_run(f"f{n}", {"lr": n}, {"flux": [value]}, created_at=at(n), ended_at=at(n), updated_at=at(n))
        put_pack(world.store, [run], project="physics", gen=n + 1)
    world.clock.now = BEGIN + 4 * HOUR
    return world


def test_of_a_metric_without_a_known_direction_nothing_is_the_best_and_no_record_fell() -> None:
    world = undirected()
    overview = world.lake.overview()
    assert overview.undirected() == {"physics": "flux"}
    assert overview.runs.select("metric", "goal", "last", "best").rows()[0] == ("flux", None, 4.0, None)
    assert (overview.records.height, overview.broken().height) == (0, 0)
    assert overview.projects().select("metric", "goal", "best", "best_run_id").row(0) == ("flux", None, None, None)


def test_a_saved_board_states_the_direction_for_everybody_until_it_is_deleted_or_contradicted() -> None:
    world = undirected()
    less = Definition((Measure("flux", goal="minimize"),), title="Least flux", projects=("physics",))
    world.lake.save_board(less)
    overview = world.lake.overview()
    assert overview.undirected() == {}
    assert overview.projects().select("goal", "best", "best_run_id").row(0) == ("minimize", 2.0, "f1")
    assert overview.broken().select("run_id", "value", "former").rows() == [("f1", 2.0, 3.0)]
    world.lake.save_board(replace(less, measures=(Measure("flux", goal="maximize"),)), "most")
    assert world.lake.overview().undirected() == {"physics": "flux"}
    world.lake.delete_board("most")
    again = overview_of(world.lake.survey(), previous=overview, now=world.clock.now, boards=world.lake.boards)
    assert again.told["physics"][1] is overview.told["physics"][1]
    assert again.undirected() == {}


def test_boards_are_listed_only_where_a_direction_is_missing(world: World) -> None:
    def never() -> tuple[BoardVersion, ...]:
        raise AssertionError("every metric here has a direction")

    overview = overview_of(world.lake.survey(), now=world.clock.now, boards=never)
    assert overview.undirected() == {}
