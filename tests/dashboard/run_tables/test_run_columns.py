"""From a frame of runs to what a table shows."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.dashboard.components.values import Column
from lakeboard.dashboard.format.numbers import decimals_for
from lakeboard.dashboard.format.palette import Mark
from lakeboard.dashboard.run_tables import cells as cell_values
from lakeboard.dashboard.run_tables import run_columns
from lakeboard.dashboard.state import row_keys
from lakeboard.query.lake import open_lake
from tests.dashboard import lake as lakes

WHEN = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def runs(lake: str) -> pl.DataFrame:
    return open_lake(lake).runs(lakes.PROJECT)


def cells(frame: pl.DataFrame, name: str) -> list[object]:
    row = run_columns.rows_of(frame, [name], project="p", marks={})
    return [each.cells[1] for each in row]


def test_the_usual_columns_tell_runs_apart_and_how_they_did(runs: pl.DataFrame) -> None:
    assert run_columns.usual(runs) == [
        "status",
        "created_at",
        "val/acc",
        "train/loss",
        "params.lr",
        "params.model",
        "params.seed",
        "user",
        "duration",
    ]


def test_a_menu_offers_every_column_once(runs: pl.DataFrame) -> None:
    offer = run_columns.offer(runs)
    offered = [each for choice in offer.choices for each, _ in choice.columns]
    assert len(offered) == len(set(offered))
    assert {"status", "run_id", "params.lr", "val/acc", "val/acc.max", "val/acc.min", "val/acc.mean"} <= set(offered)
    assert set(offered) - set(runs.columns) == {"curve:val/acc", "curve:train/loss"}
    assert "project" not in offered
    several = run_columns.offer(runs, several=True)
    assert several.usual[0] == "project"
    assert {"project", "user", "params.lr"} <= set(several.groups)


def test_what_summaries_say_and_tags_with_a_value_are_offered_shown_and_grouped_by(runs: pl.DataFrame) -> None:
    some = runs.head(3).with_columns(
        pl.Series("summary.verdict", ["good", None, "bad"]), pl.Series("summary.ok", [True, False, None]),
        pl.Series("tags.stage", ["1.0", "2", None]),
    )  # fmt: skip
    offer = run_columns.offer(some)
    choices = {choice.columns[0][0]: (choice.label, choice.section) for choice in offer.choices}
    assert choices["summary.verdict"] == ("verdict", "Summary")
    assert choices["tags.stage"] == ("stage", "Tag")
    assert choices["tags"] == ("Tags", "Run")
    assert {"summary.verdict", "summary.ok", "tags.stage"} <= set(offer.groups) & set(offer.names)
    assert run_columns.column_for("tags.stage", some) == Column(
        "tags.stage", "stage", "text", title="Tag stage", sortable=True
    )
    assert cells(some, "summary.verdict") == [{"text": "good"}, None, {"text": "bad"}]
    assert cells(some, "summary.ok") == ["true", "false", None]
    assert cells(some, "tags.stage") == [{"text": "1.0"}, {"text": "2"}, None]
    assert [run_columns.next_sort("", "summary.verdict", some), run_columns.next_sort("", "tags.x", some)] == [
        "summary.verdict", "",
    ]  # fmt: skip


def test_columns_say_what_they_are(runs: pl.DataFrame) -> None:
    assert run_columns.column_for("val/acc.max", runs) == Column(
        "val/acc.max", "val/acc", "number", over="highest", title="Metric val/acc: highest", sortable=True
    )
    assert run_columns.column_for("params.model", runs).kind == "text"
    assert run_columns.column_for("created_at", runs) == Column("created_at", "Created", "time", sortable=True)
    assert run_columns.column_for("name", runs).kind == "run"


def test_a_row_leads_to_its_run_in_its_colour(runs: pl.DataFrame) -> None:
    own = runs.filter(run_id="r8").with_columns(project=pl.lit("a b/c"))
    row = run_columns.rows_of(own, [], project="a b/c", marks={"r8": Mark(3, "dot")})[0]
    assert row.cells[0] == {
        "text": "c-2",
        "id": "r8",
        "href": "run?project=a+b%2Fc&run=r8",
        "title": "c-2\nr8",
        "mark": {"slot": 3, "dash": "dot"},
    }


def test_params_stay_as_they_were_given_and_metrics_line_up(runs: pl.DataFrame) -> None:
    chosen = runs.filter(pl.col("run_id").is_in(["r0", "r3", "r6"])).sort("run_id")
    assert [cell["text"] for cell in cells(chosen, "params.lr") if isinstance(cell, dict)] == ["1", "0.1", "0.01"]
    assert [cell["text"] for cell in cells(chosen, "val/acc") if isinstance(cell, dict)] == [
        "0.6400",
        "0.7400",
        "0.8400",
    ]


def test_pages_of_a_table_have_the_same_digits() -> None:
    frame = pl.DataFrame(
        {"run_id": ["a", "b"], "name": ["a", "b"], "m": [0.5, 0.25], "m.min": 0.0, "m.max": 1.0, "m.mean": 0.5}
    )
    shown = run_columns.rows_of(frame, ["m"], project="p", marks={}, shown=frame.head(1))
    assert shown[0].cells[1] == {"text": "0.5000", "title": "0.5"}


@pytest.mark.parametrize(
    ("status", "silent", "age", "error", "cell"),
    [
        ("running", False, 3.0, None, {"text": "running", "state": "running", "title": "Last update 3.0 s ago"}),
        (
            "running",
            True,
            7200.0,
            None,
            {"text": "no heartbeat", "state": "silent", "title": "Two heartbeats were missed; last update 2 h ago"},
        ),
        ("failed", False, None, "OOM", {"text": "failed", "state": "failed", "title": "OOM"}),
        ("finished", False, None, None, {"text": "finished", "state": "finished"}),
        (
            "ended",
            False,
            None,
            None,
            {"text": "ended", "state": "ended", "title": "Ended by the next run; nobody said how it went"},
        ),
        (
            "killed",
            False,
            None,
            "KeyboardInterrupt",
            {"text": "stopped", "state": "killed", "title": "KeyboardInterrupt"},
        ),
        ("killed", False, None, "SIGTERM", {"text": "killed", "state": "killed", "title": "SIGTERM"}),
    ],
)
def test_a_status_tells_how_it_is_doing(
    status: str, silent: bool, age: float | None, error: str | None, cell: dict[str, str]
) -> None:
    assert cell_values.status_cell(status, silent, age, error) == cell


@given(st.lists(st.none() | st.floats() | st.integers(-1000, 1000).map(float), max_size=8))
def test_a_whole_column_has_the_digits_of_its_values(values: list[float | None]) -> None:
    assert run_columns.places_of(pl.Series(values, dtype=pl.Float64)) == decimals_for(values)


@given(st.text(min_size=1))
def test_rows_of_other_projects_have_ids_of_their_own(project: str) -> None:
    key = row_keys.key_of("r1", project, "home")
    assert row_keys.of_key(key, "home") == (project, "r1")
    assert (key == "r1") == (project == "home")


def test_values_of_text_columns_are_looked_up_when_asked_for(runs: pl.DataFrame) -> None:
    values = run_columns.values_of(runs)
    assert values["model"] == ["a", "b", "c"]
    assert values["user"] == ["ada", "ben"]
    assert "lr" not in values
    assert "run_id" not in values


def test_a_click_on_a_head_sorts_numbers_from_high_and_text_from_a(runs: pl.DataFrame) -> None:
    assert run_columns.next_sort("", "val/acc", runs) == "-val/acc"
    assert run_columns.next_sort("-val/acc", "val/acc", runs) == "val/acc"
    assert run_columns.next_sort("x", "params.model", runs) == "params.model"
    assert run_columns.next_sort("params.model", "params.model", runs) == "-params.model"
    assert run_columns.next_sort("x", "bogus", runs) == "x"


def test_long_text_is_cut_but_whole_on_hover() -> None:
    assert cell_values.clipped("short\n text") == {"text": "short text"}
    cell = cell_values.clipped("x" * 100)
    assert isinstance(cell, dict)
    assert (len(cell["text"]), len(cell["title"])) == (60, 100)


def test_counts_of_what_is_shown() -> None:
    assert run_columns.shown_of(3, 3) == "3 runs"
    assert run_columns.shown_of(3, 1200) == "3 of 1,200 runs"


def test_metrics_of_the_machine_are_offered_and_never_usual(runs: pl.DataFrame) -> None:
    label = "system/cpu"
    more = {f"{label}{part}": pl.lit(50.0) for part in ("", ".min", ".max", ".mean")}
    frame = runs.with_columns(**more)
    assert run_columns.usual(frame) == run_columns.usual(runs)
    assert run_columns.offer(frame).columns - run_columns.offer(runs).columns >= {label, f"{label}.max"}
