"""What the tables of Home say, by equality."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import polars as pl
import pytest

from lakeboard.dashboard.components.values import Row
from lakeboard.dashboard.screens.home import tables as home_tables
from lakeboard.dashboard.screens.home.tables import (
    broken_rows,
    code_of,
    ended_of,
    ended_rows,
    live_rows,
    note_of,
    progress_cell,
    project_rows,
    user_rows,
)
from lakeboard.query.overview.overview import DAY, WEEK, Overview
from tests.query.worlds import BEGIN, HOUR, team


@pytest.fixture(scope="module")
def overview() -> Overview:
    return team().lake.overview()


def texts(row: Row) -> list[Any]:
    return [each["text"] if isinstance(each, dict) else each for each in row.cells]


def cell(row: Row, place: int) -> dict[str, Any]:
    found = row.cells[place]
    assert isinstance(found, dict)
    return found


def test_the_note_counts_what_there_is(overview: Overview) -> None:
    assert note_of(overview) == "2 running · 1 without a heartbeat · 7 runs in 3 projects"
    assert note_of(overview.find("quiet")) == "1 run in 1 project"


def test_live_rows_lead_to_runs_and_leaderboards(overview: Overview) -> None:
    curves = pl.DataFrame(
        [("vision", "v4", "val/acc", [0.2, 0.25])],
        schema=["project", "run_id", "metric", "values"],
        orient="row",
    )
    first, second = live_rows(overview.live(), curves, now=overview.now)
    drawn = [0.2, 0.25, 0.3]
    assert texts(second)[:8] == ["vis-4", "vision", "ada", "25%", "0.3000", "0.3000", drawn, "val/acc ↑"]
    assert cell(second, 0)["href"] == "run?project=vision&run=v4"
    assert cell(second, 1)["href"] == "leaderboard?project=vision"
    assert texts(first)[0] == "s2", "a run without a name shows its id"
    assert first.cells[6] is None, "its curve was not read"
    assert len(first.cells) == len(home_tables.LIVE_COLUMNS)


def test_progress_is_a_part_where_a_param_tells_else_the_step() -> None:
    row = {
        "last_step": 49,
        "total": 200.0,
        "total_param": "max_steps",
        "started_at": BEGIN,
        "created_at": BEGIN,
    }
    told = progress_cell(row, now=BEGIN + HOUR)
    assert told == {
        "text": "25%",
        "part": 0.25,
        "title": "step 49; max_steps = 200\nabout 3 h left at this pace",
    }
    told = progress_cell(row | {"total": None, "total_param": None, "last_step": 12_345}, now=BEGIN)
    assert told == {"text": "step 12,345", "title": "No param tells how many steps there will be"}
    assert progress_cell(row | {"last_step": None}, now=BEGIN) is None
    done = progress_cell(row | {"last_step": 200}, now=BEGIN + HOUR)
    assert isinstance(done, dict)
    assert (done["text"], done["part"], done["title"]) == ("100%", 1.0, "step 200; max_steps = 200")


def test_ended_rows_say_how_and_what_went_wrong(overview: Overview) -> None:
    silent, failed, *_ = ended_rows(overview.recently_ended(WEEK))
    assert silent.cells[2] == {
        "text": "no heartbeat", "state": "silent", "title": "Two heartbeats were missed; last update 1 h ago",
    }  # fmt: skip
    assert cell(failed, 2)["state"] == "failed"
    wrong = cell(failed, -1)
    assert (wrong["text"], wrong["tint"]) == ("RuntimeError: out of memory", "worse")
    assert wrong["title"] == "Traceback\nRuntimeError: out of memory", "of a traceback the last line"
    assert failed.cells[3] == {"text": round((BEGIN + 61 * HOUR).timestamp() * 1000)}
    assert len(failed.cells) == len(home_tables.ENDED_COLUMNS)


def test_an_error_of_several_lines_is_told_by_its_first(overview: Overview) -> None:
    told = overview.recently_ended(WEEK).with_columns(error=pl.lit("ValueError: x has NaN.\nSee https://example.org"))
    row = ended_rows(told)[0]
    assert cell(row, -1)["text"] == "ValueError: x has NaN."


def test_a_lake_of_one_project_needs_no_column_for_it(overview: Overview) -> None:
    columns, rows = home_tables.without_project(home_tables.ENDED_COLUMNS, ended_rows(overview.recently_ended(WEEK)))
    assert [column.id for column in columns] == ["name", "state", "at", "user", "best", "told"]
    assert cell(rows[0], 1)["text"] == "no heartbeat"


@pytest.mark.parametrize(
    ("kind", "ids"),
    [("", ["s1", "v3", "v2", "v1"]), ("failed", ["v3"]), ("finished", ["v2", "v1"]), ("silent", ["s1"])],
)
def test_ended_runs_are_told_apart(overview: Overview, kind: str, ids: list[str]) -> None:
    assert ended_of(overview.recently_ended(WEEK), kind)["run_id"].to_list() == ids


def test_records_say_by_how_much_and_what_was_changed(overview: Overview) -> None:
    row = broken_rows(overview.broken(WEEK))[0]
    assert texts(row)[:3] == ["vis-2", "vision", "ben"]
    assert texts(row)[4:] == ["0.7000", "+0.2000", "val/acc ↑", "lr 0.1 → 0.2"]
    assert cell(row, 5)["title"] == "the record before: 0.5"
    assert len(row.cells) == len(home_tables.RECORD_COLUMNS)


def test_projects_lead_to_their_leaderboard_and_holder(overview: Overview) -> None:
    speech, vision, quiet = project_rows(overview.projects(WEEK))
    assert texts(vision)[:4] == ["vision", "1", "4", "2 finished, 1 failed"]
    assert vision.cells[-2] == {"text": "vis-2", "href": "run?project=vision&run=v2", "sub": "ben"}
    assert texts(quiet)[1:4] == [None, "1", None]
    assert (texts(speech)[5], texts(speech)[-1]) == ("0.7000", "val/wer ↓")
    assert len(vision.cells) == len(home_tables.PROJECT_COLUMNS)


def test_people_lead_to_their_runs_by_a_filter_that_holds_any_name(overview: Overview) -> None:
    pairs = overview.users(WEEK).with_columns(
        user=pl.when(pl.col("user") == "ada").then(pl.lit('a "b" \\ c')).otherwise("user")
    )
    ada = next(row for row in user_rows(pairs) if row.id.startswith("a"))
    assert texts(ada)[:4] == ['a "b" \\ c', "2", "4", "1"]
    links = cell(ada, 4)["text"]
    assert [each["text"] for each in links] == ["speech", "vision"]
    page, _, query = links[1]["href"].partition("?")
    assert page == "runs"
    assert parse_qs(query) == {"project": ["vision"], "filter": ['run.user = "a \\"b\\" \\\\ c"']}


def test_a_user_of_many_projects_shows_the_busiest() -> None:
    pairs = pl.DataFrame(
        {
            "user": [None] * 6,
            "project": [f"p{n}" for n in range(6)],
            "live": [0] * 6,
            "runs": [1] * 6,
            "finished": [1] * 6,
            "failed": [0] * 6,
            "silent": [0] * 6,
            "at": [BEGIN] * 6,
        }
    )
    (row,) = user_rows(pairs)
    links = cell(row, 4)["text"]
    assert [each["text"] for each in links] == ["p0", "p1", "p2", "p3", "2 more"]
    assert row.label == "unknown"
    assert "filter" not in links[0]["href"]


def test_code_says_what_the_page_was_narrowed_to() -> None:
    assert code_of("lake", "live").splitlines()[-1] == "frame = lake.overview().live()"
    code = code_of("lake", "recently_ended", find='a "b"', within=DAY, tail=home_tables.ended_tail("failed"))
    assert code.splitlines()[-1] == (
        "frame = lake.overview().find('a \"b\"').recently_ended(timedelta(days=1))"
        ".filter(pl.col(\"state\").is_in(['killed', 'failed', 'crashed']))"
    )
    compile(code, "recipe", "exec")
    assert timedelta(days=1) == DAY


@pytest.mark.parametrize(
    ("seconds", "said"), [(-1, "0 s"), (34.4, "34 s"), (59.4, "59 s"), (59.6, "1 min"), (200, "3 min 20 s")]
)
def test_a_running_clock_ticks_in_whole_seconds(overview: Overview, seconds: float, said: str) -> None:
    live = overview.live().with_columns(started_at=pl.lit(overview.now - timedelta(seconds=seconds)))
    (row, *_) = live_rows(live, pl.DataFrame(schema=["project", "run_id", "metric", "values"]), now=overview.now)
    assert texts(row)[8] == said
