"""One answer to what a config is, on every door: boards, groups of runs, bands of curves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.query import Definition, Measure, config_columns, group_names, group_runs
from lakeboard.query.boards.board import board
from lakeboard.query.names.params import CONFIG, config_numbers
from tests.query.runframes import runs_frame

FIVE: list[dict[str, Any]] = [
    {".lr": 0.0, ".opt": None, ".seed": 1, ".dataset": "a", "acc": 0.1},
    {".lr": -0.0, ".opt": None, ".seed": 2, ".dataset": "b", "acc": 0.2},
    {".lr": 0.0, ".opt": "none", ".seed": 3, ".dataset": "a", "acc": 0.3},
    {".lr": 0.0, ".opt": "adam", ".seed": 4, ".dataset": "a", "acc": 0.4},
    {".lr": 0.0, ".opt": "adam", ".seed": 5, ".dataset": "b", "acc": 0.5},
]
"""-0.0 and 0.0, a missing value and the text that stands for it, and a param that tells the dataset."""


def doors(rows: Sequence[Mapping[str, Any]], metric: str = "acc") -> dict[str, int]:
    """How many configs each door finds."""
    runs = runs_frame(rows)
    name, _, dataset = metric.removesuffix("]").partition(" [")
    measure = Measure(name, dataset or None, goal="maximize")
    made = board(runs, Definition((measure,), entry="config"))
    return {
        "board": made.frame.height,
        "groups": group_runs(runs, [CONFIG], [metric]).height,
        "bands": len(set(group_names(runs, [CONFIG]).values())),
        "numbers": config_numbers(runs, config_columns(runs)).n_unique(),
    }


@pytest.mark.parametrize(
    ("rows", "metric", "n"),
    [
        (FIVE, "acc", 5),
        # Where values stand apart by dataset anyway, the param that repeats it makes no other config.
        ([{**row, "acc [x]": row["acc"]} for row in FIVE], "acc [x]", 3),
        ([{name: value for name, value in row.items() if name != ".dataset"} for row in FIVE], "acc", 3),
        ([{".seed": n, "acc": 0.1} for n in range(5)], "acc", 1),
        ([{".lr": float("nan"), "acc": 0.1}, {".lr": float("nan"), "acc": 0.2}, {".lr": None, "acc": 0.1}], "acc", 2),
        ([{".a": "x · b=y", ".b": "z", "acc": 0.1}, {".a": "x", ".b": "y · b=z", "acc": 0.2}], "acc", 2),
    ],
)
def test_every_door_finds_the_same_configs(rows: list[dict[str, Any]], metric: str, n: int) -> None:
    assert doors(rows, metric) == {"board": n, "groups": n, "bands": n, "numbers": n}


_VALUES = st.none() | st.sampled_from([0.0, -0.0, 1.5, float("nan")])
_TEXTS = st.none() | st.sampled_from(["none", "None", "a", "a · lr=0.0"])


@given(st.lists(st.tuples(_VALUES, _TEXTS, st.integers(0, 3)), min_size=1, max_size=6))
def test_any_runs_have_as_many_configs_on_every_door(values: list[tuple[float | None, str | None, int]]) -> None:
    rows = [{".lr": lr, ".opt": opt, ".seed": seed, "acc": 0.5} for lr, opt, seed in values]
    assert len(set(doors(rows).values())) == 1


def test_which_columns_make_a_config() -> None:
    runs = runs_frame([{".lr": 1, ".seed": 1, ".data.fold": 2, ".dataset": "a", ".depth": 3, "acc": 1.0}])
    assert config_columns(runs) == ["params.lr", "params.dataset", "params.depth"]
    assert config_columns(runs, ignore=["lr"], by_dataset=True) == ["params.depth"]
    assert config_columns(runs_frame([{".dataset": "a", "acc [x]": 1.0}])) == []


def test_configs_are_numbered_as_they_first_appear() -> None:
    runs = runs_frame([{".lr": value} for value in (2.0, 1.0, 2.0, None)])
    assert config_numbers(runs, ["params.lr"]).to_list() == [0, 1, 0, 2]
    assert config_numbers(runs, []).to_list() == [0, 0, 0, 0]
    assert config_numbers(runs.head(0), []).to_list() == []


def test_bands_that_read_alike_are_told_apart() -> None:
    runs = runs_frame([{".opt": None}, {".opt": "none"}, {".opt": "adam"}])
    assert group_names(runs, [CONFIG]) == {"r0": "opt=none", "r2": "opt=adam", "r1": "opt=none (2)"}
    assert list(group_names(runs, [CONFIG])) == ["r0", "r2", "r1"]
