from __future__ import annotations

from typing import Any

import pytest

from lakeboard.query.boards.automatic import default_definition
from lakeboard.query.boards.board import board
from lakeboard.query.boards.definition import Definition, Measure
from lakeboard.query.names.metrics import metric_labels
from tests.query.runframes import runs_frame


@pytest.mark.parametrize(
    ("metrics", "goals", "expected"),
    [
        (["train/loss", "val/loss", "val/acc", "test/acc", "epoch"], {}, Measure("val/acc", counts="best")),
        (["train/loss", "val/loss"], {}, Measure("val/loss", counts="best")),
        (["train/acc", "loss"], {}, Measure("loss", counts="best")),
        (["test/acc", "acc"], {}, Measure("test/acc", counts="last")),
        (["epoch", "lr"], {}, Measure("lr", counts="best")),
        (["val/acc", "flux"], {"flux": "minimize"}, Measure("flux", counts="best")),
        (["val/acc", "flux"], {"flux": "none"}, Measure("val/acc", counts="best")),
        (["eval_f1", "eval_accuracy", "eval_loss"], {}, Measure("eval_accuracy", counts="best")),
    ],
)
def test_the_most_plausible_metric(metrics: list[str], goals: dict[str, str], expected: Measure) -> None:
    runs = runs_frame([dict.fromkeys(metrics, 0.5)])
    assert default_definition(runs, goals=goals) == Definition((expected,), title=expected.metric)


def test_each_dataset_is_a_column() -> None:
    runs = runs_frame([{"val/acc [b]": 0.1, "val/acc [a]": 0.2, "val/acc": 0.3}])
    found = default_definition(runs)
    assert found is not None
    assert [measure.label for measure in found.measures] == ["val/acc [a]", "val/acc [b]"]


def test_runs_on_a_dataset_of_their_own_make_its_column() -> None:
    on: list[dict[str, Any]] = [{"acc": 0.1, "dataset": "b"}, {"acc": 0.2, "dataset": "a"}, {"acc [c]": 0.3}]
    for rows, expected in ((on, ["a", "b", "c"]), ([*on, {"acc": 0.4}], ["a", "b", "c", None])):
        found = default_definition(runs_frame(rows))
        assert found is not None
        assert [measure.dataset for measure in found.measures] == expected


@pytest.mark.parametrize(
    ("rows", "entry"),
    [
        ([{"acc": 1, ".lr": 1, ".seed": 1}, {"acc": 1, ".lr": 1, ".seed": 2}, {"acc": 1, ".lr": 2}], "config"),
        ([{"acc": 1, ".lr": 1, ".seed": 1}, {"acc": 1, ".lr": 2, ".seed": 2}], "run"),
        ([{"acc": 1, ".lr": 1, ".seed": 1}, {"acc": 1, ".lr": 1, ".seed": 2}], "run"),
        ([{"acc": 1}, {"acc": 2}], "run"),
        ([{"acc [a]": 1, ".m": 1, ".dataset": "a"}, {"acc [b]": 1, ".m": 1, ".dataset": "b"},
          {"acc [b]": 1, ".m": 2, ".dataset": "b"}], "config"),
    ],
)  # fmt: skip
def test_repeated_configs_compete_as_one(rows: list[dict[str, Any]], entry: str) -> None:
    found = default_definition(runs_frame(rows))
    assert found is not None
    assert found.entry == entry


def test_metrics_that_no_run_has_are_passed_over() -> None:
    assert default_definition(runs_frame([{"val/acc": None, "loss": 0.1}])) == Definition(
        (Measure("loss", counts="best"),), title="loss"
    )
    assert default_definition(runs_frame([{"val/acc": None}])) is None
    assert default_definition(runs_frame([{".lr": 1}])) is None


def test_the_default_makes_a_board() -> None:
    runs = runs_frame([{"val/acc": 0.1, "val/acc [a]": 0.2}, {"val/acc [a]": 0.4}])
    found = default_definition(runs)
    assert found is not None
    assert board(runs, found).frame["rank"].to_list() == [1, 2]


def test_labels_of_a_frame() -> None:
    runs = runs_frame([{"acc": 1, "acc.max": 2, "val/x [a.min]": 3}]).rename(
        {f"acc{part}": f"metrics.acc{part}" for part in ("", ".min")}, strict=False
    )
    assert metric_labels(runs_frame([{"acc": 1, "val/x [a.min]": 3, ".p": 1}]).schema) == ["acc", "val/x [a.min]"]
    assert "status" not in metric_labels(runs.schema)


def test_nobody_ranks_by_the_machine() -> None:
    runs = runs_frame([{"system/memory": 0.9}])
    assert default_definition(runs) is None
