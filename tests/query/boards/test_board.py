from __future__ import annotations

import math
from datetime import timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lakeboard.query.boards.board import Board, board
from lakeboard.query.boards.definition import Definition, Measure
from lakeboard.schema.errors import FilterError, InvalidSetting
from tests.effort import examples
from tests.query.runframes import START, points_frame, runs_frame

NAN = math.nan
ACC = (Measure("acc", goal="maximize"),)


def ranked(made: Board, *columns: str) -> list[tuple[Any, ...]]:
    return made.frame.select("rank", "entry", *columns).rows()


def notes(made: Board) -> list[str]:
    return [note.kind for note in made.notes]


def test_ranks_skip_after_ties_and_the_earlier_run_stands_first() -> None:
    runs = runs_frame([{"acc": 0.7}, {"acc": 0.8}, {"acc": 0.9}, {"acc": 0.8}])
    assert ranked(board(runs, Definition(ACC))) == [(1, "n2"), (2, "n1"), (2, "n3"), (4, "n0")]
    late = runs.with_columns(ended_at=pl.Series([START + timedelta(hours=h) for h in (9, 8, 7, 6)]))
    assert ranked(board(late, Definition(ACC))) == [(1, "n2"), (2, "n3"), (2, "n1"), (4, "n0")]


def test_precision_decides_ties() -> None:
    runs = runs_frame([{"acc": 0.911}, {"acc": 0.914}, {"acc": 0.93}])
    assert ranked(board(runs, Definition(ACC, precision=2))) == [(1, "n2"), (2, "n0"), (2, "n1")]
    assert ranked(board(runs, Definition(ACC, precision=3))) == [(1, "n2"), (2, "n1"), (3, "n0")]
    assert ranked(board(runs, Definition(ACC, combine="mean", precision=2)), "combined", "value:acc") == [
        (1, "n2", 0.93, 0.93), (2, "n0", 0.91, 0.911), (2, "n1", 0.91, 0.914),
    ]  # fmt: skip


def test_less_is_better_when_it_is() -> None:
    runs = runs_frame([{"loss": 2.0}, {"loss": 1.0}])
    made = board(runs, Definition((Measure("loss"),)))
    assert ranked(made) == [(1, "n1"), (2, "n0")]
    assert [note.text for note in made.notes] == ["loss: less is taken to be better, since its name says “loss”"]
    assert notes(board(runs, Definition((Measure("loss"),)), goals={"loss": "maximize"})) == []
    assert ranked(board(runs, Definition((Measure("loss"),)), goals={"loss": "maximize"}))[0] == (1, "n0")


def test_what_is_not_finite_never_ranks() -> None:
    runs = runs_frame([{"acc": NAN}, {"acc": math.inf}, {"acc": 0.1}, {}, {"acc": -math.inf}])
    made = board(runs, Definition(ACC))
    assert ranked(made, "reason", "rank:acc", "medal:acc") == [
        (1, "n2", None, 1, "gold"),
        (None, "n0", "not a finite number", None, None),
        (None, "n1", "not a finite number", None, None),
        (None, "n3", "no value", None, None),
        (None, "n4", "not a finite number", None, None),
    ]
    values = made.frame["value:acc"].to_list()
    assert values[0] == 0.1
    assert math.isnan(values[1])
    assert values[2:] == [math.inf, None, -math.inf]
    assert notes(made) == ["not finite"]


def test_medals_and_columns_of_several_datasets() -> None:
    runs = runs_frame(
        [
            {"acc [a]": 0.9, "acc [b]": 0.5},
            {"acc [a]": 0.8, "acc [b]": 0.5},
            {"acc [a]": 0.7, "acc [b]": 0.9},
            {"acc [a]": 0.6},
        ]
    )
    definition = Definition((Measure("acc", "a", "maximize"), Measure("acc", "b", "maximize")))
    made = board(runs, definition)
    assert ranked(made, "rank:acc [a]", "medal:acc [a]", "rank:acc [b]", "medal:acc [b]", "combined", "coverage") == [
        (1, "n0", 1, "gold", 2, "silver", (1 + 2.5) / 2, 2),
        (2, "n2", 3, "bronze", 1, "gold", (3 + 1) / 2, 2),
        (3, "n1", 2, "silver", 2, "silver", (2 + 2.5) / 2, 2),
        (4, "n3", 4, None, None, None, 4.0, 1),
    ]
    assert made.frame["cells"].to_list() == [2] * 4
    assert [note.text for note in made.notes] == ["1 entry without some value; each counts as the worst"]


def test_policies_for_missing_cells() -> None:
    runs = runs_frame([{"acc [a]": 0.9}, {"acc [a]": 0.8, "acc [b]": 0.5}, {"acc [a]": 0.7, "acc [b]": 0.6}])
    measures = (Measure("acc", "a", "maximize"), Measure("acc", "b", "maximize"))
    found = {
        missing: ranked(board(runs, Definition(measures, missing=missing)), "combined")
        for missing in ("worst", "exclude", "show")
    }
    assert found == {
        "worst": [(1, "n0", 2.0), (1, "n1", 2.0), (1, "n2", 2.0)],
        # Without the incomplete entry both columns are ranked anew.
        "exclude": [(1, "n1", 1.5), (1, "n2", 1.5), (None, "n0", None)],
        "show": [(1, "n0", 1.0), (2, "n1", 2.0), (2, "n2", 2.0)],
    }
    excluded = board(runs, Definition(measures, missing="exclude"))
    assert excluded.frame["reason"].to_list() == [None, None, "1 of 2 values missing"]
    # The cell itself keeps its place among all.
    assert excluded.frame["rank:acc [a]"].to_list() == [2, 3, 1]


def test_missing_cells_that_count_as_the_weakest_baseline() -> None:
    columns = (Measure("a", goal="maximize"), Measure("b", goal="maximize"))
    runs = runs_frame(
        [{"a": 0.9}, {"a": 0.8, "b": 0.8}, {"a": 0.7, "b": 0.1}, {"a": 0.5, "b": 0.5}, {"a": 0.6, "b": 0.4}, {"b": 0.2}]
    )
    definition = Definition(columns, missing="baseline", baselines=("n3", "n4"))
    made = board(runs, definition)
    # n0 gets b = 0.4, n5 gets a = 0.5: places 1 and 2, 4 and 3.
    assert sorted(ranked(made, "combined", "coverage", "value:b"), key=lambda row: row[1]) == [
        (1, "n0", 1.5, 1, None), (1, "n1", 1.5, 2, 0.8), (3, "n2", 3.5, 2, 0.1), (None, "n3", (4.5 + 2) / 2, 2, 0.5),
        (None, "n4", (4 + 2.5) / 2, 2, 0.4), (3, "n5", 3.5, 1, 0.2),
    ]  # fmt: skip
    assert made.frame["medal:b"].to_list()[0] is None
    assert "each counts as the weakest baseline" in " ".join(note.text for note in made.notes)
    # Without a baseline the worst is what is left.
    bare = runs.filter(~pl.col("name").is_in(["n3", "n4"]))
    assert ranked(board(bare, definition), "combined") == ranked(board(bare, Definition(columns)), "combined")


def test_combined_by_normalised_scores_and_by_mean() -> None:
    runs = runs_frame([{"acc": 0.9, "loss": 4.0}, {"acc": 0.5, "loss": 1.0}, {"acc": 0.7, "loss": 1.0}])
    both = (Measure("acc", goal="maximize"), Measure("loss", goal="minimize"))
    made = board(runs, Definition(both, combine="mean_normalised"))
    assert ranked(made, "combined") == [(1, "n2", 0.75), (2, "n0", 0.5), (2, "n1", 0.5)]
    with pytest.raises(InvalidSetting, match="mean_rank"):
        board(runs, Definition(both, combine="mean"))
    maximised = (both[0], Measure("loss", goal="maximize"))
    assert ranked(board(runs, Definition(maximised, combine="mean")), "combined") == [
        (1, "n0", 2.45), (2, "n2", 0.85), (3, "n1", 0.75),
    ]  # fmt: skip


@pytest.mark.parametrize(("counts", "expected"), [("last", [(1, "n1"), (2, "n0")]), ("best", [(1, "n0"), (2, "n1")])])
def test_which_value_counts(counts: Any, expected: list[tuple[int, str]]) -> None:
    runs = runs_frame([{"acc": (0.5, 0.1, 0.9)}, {"acc": (0.6, 0.2, 0.7)}])
    assert ranked(board(runs, Definition((Measure("acc", goal="maximize", counts=counts),)))) == expected


def test_the_best_loss_is_the_least() -> None:
    runs = runs_frame([{"loss": (5.0, 1.0, 9.0)}, {"loss": (2.0, 2.0, 2.0)}])
    made = board(runs, Definition((Measure("loss", goal="minimize", counts="best"),)))
    assert ranked(made, "value:loss") == [(1, "n0", 1.0), (2, "n1", 2.0)]


POINTS = [
    ("r0", "val", None, 1, 0.6, 0.1), ("r0", "test", None, 1, 0.50, 0.1),
    ("r0", "val", None, 2, 0.8, 0.2), ("r0", "test", None, 2, 0.40, 0.2),
    ("r0", "val", None, 3, 0.8, 0.3), ("r0", "test", None, 3, 0.99, 0.3),
    ("r0", "val", None, 4, NAN, 0.4), ("r0", "test", None, 4, 0.98, 0.4),
    # Here the test metric is written more rarely than the one that selects, and repeats a step.
    ("r1", "val", None, 1, 0.1, 1.1), ("r1", "val", None, 5, 0.9, 1.2), ("r1", "val", None, 9, 0.2, 1.3),
    ("r1", "test", None, 0, 0.20, 1.1), ("r1", "test", None, 4, 0.30, 1.1), ("r1", "test", None, 4, 0.35, 1.2),
    ("r1", "test", None, 8, 0.90, 1.3),
    # Nothing at or before the best step.
    ("r2", "val", None, 1, 0.9, 2.1), ("r2", "test", None, 2, 0.9, 2.2),
]  # fmt: skip


def test_selected_on_validation_and_ranked_on_test() -> None:
    row = {"val": 0.5, "test": 0.5}
    runs = runs_frame([row, row, row])
    measure = Measure("test", goal="maximize", counts="at_best", select_on="val", select_goal="maximize")
    made = board(runs, Definition((measure,)), points=points_frame(POINTS))
    assert ranked(made, "value:test") == [(1, "n0", 0.40), (2, "n1", 0.35), (None, "n2", None)]
    assert notes(made) == []
    with pytest.raises(InvalidSetting, match="needs points"):
        board(runs, Definition((measure,)))


def test_of_a_loss_the_lowest_selects_and_of_equal_ones_the_first() -> None:
    points = points_frame(
        [
            ("r0", "val", None, 1, 0.2, 1.0), ("r0", "val", None, 2, 0.1, 1.1), ("r0", "val", None, 3, 0.1, 1.2),
            ("r0", "val", None, 4, 0.9, 1.3),
            *(("r0", "test", None, step, step / 10, 2.0 + step) for step in (1, 2, 3, 4)),
        ]
    )  # fmt: skip
    measure = Measure("test", goal="maximize", counts="at_best", select_on="val", select_goal="minimize")
    made = board(runs_frame([{"val": 0.9, "test": 0.4}]), Definition((measure,)), points=points)
    assert ranked(made, "value:test") == [(1, "n0", 0.2)]


def test_selecting_by_what_ranks_is_said() -> None:
    runs = runs_frame([{"val": 0.5}])
    measure = Measure("val", goal="maximize", counts="at_best", select_on="val", select_goal="maximize")
    made = board(runs, Definition((measure,)), points=points_frame(POINTS))
    assert (notes(made), ranked(made, "value:val")) == (["peeking"], [(1, "n0", 0.8)])


def test_the_selecting_metric_is_looked_for_on_the_same_dataset_first() -> None:
    points = points_frame(
        [
            ("r0", "val", "a", 1, 0.9, 0), ("r0", "val", "a", 2, 0.1, 0), ("r0", "val", "b", 2, 0.9, 0),
            ("r0", "val", None, 2, 0.9, 0), ("r0", "val", None, 1, 0.1, 0),
            ("r0", "test", "a", 1, 0.11, 0), ("r0", "test", "a", 2, 0.12, 0),
            ("r0", "test", "c", 1, 0.31, 0), ("r0", "test", "c", 2, 0.32, 0),
        ]
    )  # fmt: skip
    runs = runs_frame([{"test [a]": 0.0, "test [c]": 0.0}])

    def value(dataset: str, select_on: str) -> object:
        measure = Measure("test", dataset, "maximize", "at_best", select_on, "maximize")
        return board(runs, Definition((measure,)), points=points).frame[f"value:test [{dataset}]"].item()

    assert (value("a", "val"), value("c", "val"), value("a", "val [b]")) == (0.11, 0.32, 0.12)


def test_deleted_runs_and_other_projects_do_not_compete() -> None:
    runs = runs_frame([{"acc": 0.9, "deleted": True}, {"acc": 0.8, "project": "q"}, {"acc": 0.7}])
    assert ranked(board(runs, Definition(ACC))) == [(1, "n1"), (2, "n2")]
    assert ranked(board(runs, Definition(ACC, projects=("p",)))) == [(1, "n2")]


def test_filters_choose_who_competes() -> None:
    runs = runs_frame([{"acc": 0.9, ".lr": 1.0}, {"acc": 0.8, ".lr": 0.1}])
    assert ranked(board(runs, Definition(ACC, where="lr < 1"))) == [(1, "n1")]
    with pytest.raises(FilterError):
        board(runs, Definition(ACC, where="nothing < 1"))


CONFIGS = [
    {"acc": 0.80, ".lr": 0.1, ".seed": 1, ".model": "a", "user": "ann", "group": "g"},
    {"acc": 0.90, ".lr": 0.1, ".seed": 2, ".model": "a", "user": "ann", "group": "g"},
    {"acc": 0.88, ".lr": 0.2, ".seed": 1, ".model": "a", "user": "bob", "group": None},
    {"acc": 0.84, ".lr": 0.2, ".seed": 2, ".model": "a", "user": None, "group": None},
]


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("config", [(1, "lr=0.2", 0.86, 2, "r2"), (2, "lr=0.1", 0.85, 2, "r1")]),
        ("user", [(1, "ann", 0.90, 2, "r1"), (2, "bob", 0.88, 1, "r2"), (3, "unknown", 0.84, 1, "r3")]),
        ("group", [(1, "n2", 0.88, 1, "r2"), (2, "g", 0.85, 2, "r1"), (3, "n3", 0.84, 1, "r3")]),
        ("param:seed", [(1, "2", 0.87, 2, "r1"), (2, "1", 0.84, 2, "r2")]),
        ("param:absent", [(1, "not set", 0.855, 4, "r1")]),
        ("run", [(1, "n1", 0.9, 1, "r1"), (2, "n2", 0.88, 1, "r2"), (3, "n3", 0.84, 1, "r3"), (4, "n0", 0.8, 1, "r0")]),
    ],
)  # fmt: skip
def test_entries(entry: str, expected: list[tuple[Any, ...]]) -> None:
    made = board(runs_frame(CONFIGS), Definition(ACC, entry=entry))
    found = [(rank, name, round(value, 9), n, run) for rank, name, value, n, run in
             ranked(made, "value:acc", "n", "run_id")]  # fmt: skip
    assert found == expected


def test_seeds_give_mean_and_standard_deviation() -> None:
    made = board(runs_frame(CONFIGS), Definition(ACC, entry="config"))
    assert [round(each**2, 12) for each in made.frame["std:acc"]] == [0.0008, 0.005]
    assert made.frame["n:acc"].to_list() == [2, 2]
    assert made.frame["run_ids"].to_list() == [["r2", "r3"], ["r0", "r1"]]
    single = board(runs_frame(CONFIGS), Definition(ACC))
    assert single.frame["std:acc"].to_list() == [None] * 4


def test_a_diverged_seed_is_not_hidden_by_the_mean() -> None:
    runs = runs_frame([{"acc": 0.9, ".lr": 1, ".seed": 1}, {"acc": NAN, ".lr": 1, ".seed": 2}, {"acc": 0.1, ".lr": 2}])
    assert ranked(board(runs, Definition(ACC, entry="config"))) == [(1, "lr=2"), (None, "lr=1")]
    assert ranked(board(runs, Definition(ACC, entry="config", pool="best"))) == [(1, "lr=1"), (2, "lr=2")]


def test_configs_over_datasets_come_from_different_runs() -> None:
    runs = runs_frame(
        [
            {"acc [a]": 0.9, ".m": "x", ".dataset": "a"}, {"acc [b]": 0.5, ".m": "x", ".dataset": "b"},
            {"acc [a]": 0.8, ".m": "y", ".dataset": "a"}, {"acc [b]": 0.6, ".m": "y", ".dataset": "b"},
        ]
    )  # fmt: skip
    definition = Definition((Measure("acc", "a", "maximize"), Measure("acc", "b", "maximize")), entry="config")
    assert ranked(board(runs, definition), "coverage", "run:acc [a]", "run:acc [b]") == [
        (1, "m=x", 2, "r0", "r1"), (1, "m=y", 2, "r2", "r3"),
    ]  # fmt: skip


def test_baselines_are_shown_not_ranked() -> None:
    runs = runs_frame([{"acc": 0.9}, {"acc": 0.8}, {"acc": 0.7}, {"acc": 0.5, ".old": 1}])
    made = board(runs, Definition(ACC, baselines=("r1", "n3"), where="old is null"))
    assert ranked(made, "baseline", "combined", "medal:acc") == [
        (1, "n0", False, 1.0, "gold"), (None, "n1", True, 2.0, None), (2, "n2", False, 2.0, "silver"),
        (None, "n3", True, 3.0, None),
    ]  # fmt: skip
    by_id = board(runs, Definition(ACC, baselines=("r1", "r3"), where="old is null"))
    assert sorted(by_id.frame.filter("baseline")["entry"]) == ["n1", "n3"]
    gains = dict(by_id.frame.select("entry", "gain:acc").rows())
    assert {name: round(gain, 12) for name, gain in gains.items()} == {"n0": 0.1, "n1": 0.0, "n2": -0.1, "n3": -0.3}


def test_a_baseline_run_is_never_pooled() -> None:
    made = board(runs_frame(CONFIGS), Definition(ACC, entry="config", baselines=("r0", "lr=0.2")))
    assert ranked(made, "baseline", "n") == [
        (1, "lr=0.1", False, 1), (None, "lr=0.2", True, 2), (None, "n0", True, 1),
    ]  # fmt: skip


def test_nobody_competes() -> None:
    made = board(runs_frame([{"acc": 0.9}]), Definition(ACC, where="status = failed"))
    assert (made.frame.height, notes(made), made.n_runs) == (0, ["empty"], 0)
    assert {"rank", "entry", "value:acc", "run_ids"} <= set(made.frame.columns)
    assert made.frame.schema == board(runs_frame([{"acc": 0.9}]), Definition(ACC)).frame.schema


def test_a_metric_that_nobody_logged() -> None:
    made = board(runs_frame([{"acc": 0.9}]), Definition((Measure("absent", goal="maximize"),)))
    assert ranked(made, "reason") == [(None, "n0", "no value")]


def test_names_that_clash_are_told_apart() -> None:
    runs = runs_frame(
        [
            {"acc": 0.9, "name": "x"},
            {"acc": 0.8, "name": "x"},
            {"acc": 0.7, "name": "x (r0)"},
            {"acc": 0.6, "name": None},
        ]
    )
    assert ranked(board(runs, Definition(ACC))) == [(1, "x (r0)"), (2, "x (r1)"), (3, "x (r0) #2"), (4, "r3")]


@pytest.mark.parametrize(
    "label", ["a: b", "rank", "entry", "n", "value:x", "x [y] [z]", "日本 🙂", "a\nb", "params.x", "`;drop"]
)
def test_hostile_metric_names(label: str) -> None:
    parts = ("", ".min", ".max", ".mean")
    runs = runs_frame([{"zz": 0.9}, {"zz": 0.8}]).rename({f"zz{part}": f"{label}{part}" for part in parts})
    made = board(runs, Definition((Measure(label, goal="maximize"),)))
    value = made.frame[f"value:{label}"].to_list()
    # A metric called params.x can't be told from a param in this frame.
    assert value == ([None, None] if label == "params.x" else [0.9, 0.8])


_score = st.one_of(st.none(), st.sampled_from([NAN, math.inf, -math.inf]), st.integers(0, 4).map(float))


@given(st.lists(st.tuples(_score, _score), max_size=6), st.sampled_from(["worst", "exclude", "show"]),
       st.sampled_from(["mean_rank", "mean_normalised", "mean"]),
       st.sampled_from(["run", "user", "config"]))  # fmt: skip
@settings(max_examples=examples(60), deadline=None)
def test_any_board_holds_together(
    scores: list[tuple[float | None, float | None]], missing: Any, combine: Any, entry: str
) -> None:
    rows = [{"x": x, "y": y, ".k": i % 2, "user": "ab"[i % 2]} for i, (x, y) in enumerate(scores)]
    runs = runs_frame(rows or [{"x": 1.0, "y": 1.0, "deleted": True, ".k": 1}])
    measures = (Measure("x", goal="minimize"), Measure("y", goal="minimize"))
    frame = board(runs, Definition(measures, missing=missing, combine=combine, entry=entry), trials=20).frame
    ranks = frame["rank"].drop_nulls().to_list()
    assert ranks == sorted(ranks)
    assert all(rank == 1 + sum(each < rank for each in ranks) for rank in ranks)
    assert frame["entry"].n_unique() == frame.height
    assert frame.filter(pl.col("coverage") == 0)["rank"].null_count() == frame.filter(pl.col("coverage") == 0).height
    for label in ("x", "y"):
        unfit = frame.filter(~pl.col(f"value:{label}").fill_null(NAN).is_finite())
        assert unfit[f"rank:{label}"].null_count() == unfit.height
    assert int(frame["n"].sum()) == len(scores)


def test_points_without_a_dataset_are_of_their_runs() -> None:
    runs = runs_frame(
        [{"acc": 0.5, "dataset": "a"}, {"acc": 0.6, "dataset": "b"}, {"acc [a]": 0.7}, {"acc": 0.8}, {"acc [b]": 0.9}]
    )
    points = points_frame(
        [("r0", "acc", "a", 0, 0.5, 0), ("r1", "acc", "b", 0, 0.6, 0), ("r2", "acc", "a", 0, 0.7, 0),
         ("r3", "acc", None, 0, 0.8, 0), ("r4", "acc", "b", 0, 0.9, 0)]
    )  # fmt: skip
    expected = {
        "acc [a]": [("n2", 0.7), ("n0", 0.5)],
        "acc [b]": [("n4", 0.9), ("n1", 0.6)],
        "acc": [("n3", 0.8), ("n1", 0.6), ("n0", 0.5)],
    }
    late = START + timedelta(days=1)
    for source in ({}, {"points": points, "as_of": late}):
        found = {
            label: board(runs, Definition((Measure("acc", dataset, "maximize"),)), **source)  # type: ignore[arg-type]
            .frame.filter(pl.col("rank").is_not_null())
            .select("entry", f"value:{label}")
            .rows()
            for label, dataset in (("acc [a]", "a"), ("acc [b]", "b"), ("acc", None))
        }
        assert found == expected


def test_columns_that_no_run_has_a_value_of_are_named() -> None:
    columns = tuple(Measure("acc", name, "maximize") for name in ("a", "gone", "lost", "left", "late"))
    made = board(runs_frame([{"acc [a]": 0.9}, {"acc [a]": 0.8}]), Definition(columns))
    assert [note.text for note in made.notes] == [
        "no run has a value of acc [gone], acc [lost], acc [left] and 1 more",
        "2 entries without some value; each counts as the worst",
    ]
    assert made.frame["rank"].to_list() == [1, 2]
