"""The menu of columns: what the browser is given, and what is believed of its answers."""

from __future__ import annotations

from lakeboard.dashboard.components.column_picker import as_data, wanted
from lakeboard.dashboard.components.values import Choice

CHOICES = (
    Choice("Status", "Run", (("status", ""),)),
    Choice("lr", "Param", (("params.lr", ""),)),
    Choice("val/acc", "Metric", (("val/acc", "last"), ("val/acc.max", "max"))),
)


def test_the_browser_gets_choices_and_what_is_chosen_in_order() -> None:
    data = as_data(CHOICES, ["val/acc.max", "gone", "status"], ["status", "params.lr"])
    assert data["chosen"] == [
        {"id": "val/acc.max", "label": "val/acc", "chip": "max"},
        {"id": "status", "label": "Status", "chip": ""},
    ]
    assert data["pins"] == ["status"], "what is not shown is not pinned"
    assert data["choices"][2] == {
        "label": "val/acc",
        "section": "Metric",
        "columns": [["val/acc", "last"], ["val/acc.max", "max"]],
    }


def test_of_an_answer_only_known_columns_count_each_once() -> None:
    asked = {"columns": ["status", 3, "bogus", "val/acc", "status"], "pins": ["val/acc", "params.lr"]}
    assert wanted(asked, CHOICES) == (["status", "val/acc"], ["val/acc"])
    assert wanted({"columns": "status"}, CHOICES) == ([], [])
    assert wanted({}, CHOICES) == ([], [])
