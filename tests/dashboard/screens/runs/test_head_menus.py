"""What the menus of the table of runs do."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

from lakeboard.dashboard.components.values import Act, Column
from lakeboard.dashboard.run_tables import run_columns as columns
from lakeboard.dashboard.screens.runs import head_menus as runs_heads
from lakeboard.dashboard.screens.runs.table import layout_of, run_columns
from lakeboard.dashboard.state.views import RunsView
from lakeboard.schema.errors import FilterError
from tests.query.runframes import runs_frame

RUNS = runs_frame(
    [
        {".lr": 0.1, ".model": "a", "val/acc": 0.5, "user": "ada"},
        {".lr": 0.01, ".model": "b", "val/acc": 0.9, "user": "ben"},
        {".lr": 0.01, "val/acc": 0.7, "user": "ada"},
    ]
).with_columns(tags=pl.lit([], dtype=pl.List(pl.String)), duration=pl.lit(60.0))
OFFER = columns.offer(RUNS)
VIEW = RunsView(columns=("user", "val/acc", "params.lr", "params.model"), pins=("val/acc",))


def menus(view: RunsView) -> dict[str, list[str]]:
    layout = layout_of(view, OFFER)
    heads = runs_heads.with_menus(run_columns(layout, RUNS), view, layout, OFFER, RUNS)
    return {head.id: [kind for kind, _ in head.menu] for head in heads}


def after(view: RunsView, kind: str, by: str, to: int = 0) -> RunsView:
    found = runs_heads.acted(view, Act(kind, by, to=to), OFFER)
    assert found is not None
    return found


def test_a_head_offers_what_can_be_done_with_its_column() -> None:
    assert menus(VIEW) == {
        "name": ["ascending", "descending", "group"],
        "val/acc": ["ascending", "descending", "unpin", "hide"],
        "user": ["ascending", "descending", "pin", "right", "group", "hide"],
        "params.lr": ["ascending", "descending", "pin", "left", "right", "group", "hide"],
        "params.model": ["ascending", "descending", "pin", "left", "group", "hide"],
    }
    assert "hide" not in menus(RunsView(columns=("user",)))["user"], "one column stays"


def test_columns_are_moved_pinned_and_hidden() -> None:
    assert after(VIEW, "right", "user").columns == ("val/acc", "params.lr", "user", "params.model")
    assert after(VIEW, "left", "user") == VIEW, "pinned ones stay before the others"
    pinned = after(VIEW, "pin", "params.lr")
    assert (pinned.columns, pinned.pins) == (("val/acc", "user", "params.lr", "params.model"), ("val/acc", "params.lr"))
    assert layout_of(pinned, OFFER).names == ("val/acc", "params.lr", "user", "params.model")
    hidden = after(pinned, "hide", "val/acc")
    assert (hidden.columns, hidden.pins) == (("params.lr", "user", "params.model"), ("params.lr",))
    assert "status" not in after(RunsView(), "hide", "status").columns


def test_orders_and_groups() -> None:
    ordered = after(replace(VIEW, page=7), "descending", "val/acc")
    assert (ordered.sort, ordered.page) == ("-val/acc", 1)
    assert after(ordered, "ascending", "params.lr").sort == "params.lr"
    grouped = after(VIEW, "group", "params.model")
    assert grouped.group == ("params.model",)
    assert after(grouped, "group", "user").group == ("params.model", "user")
    assert after(grouped, "ungroup", "params.model").group == ()


def test_widths_are_kept_within_reason() -> None:
    wide = after(after(VIEW, "width", "params.lr", 300), "width", "name", 5)
    assert wide.widths == ("300 params.lr", "44 name")
    assert runs_heads.widths_of(wide) == {"params.lr": 300, "name": 44}
    assert after(wide, "width", "params.lr", 0).widths == ("44 name",)
    odd = RunsView(widths=("300", "x lr", "99999 lr", "9999 lr", "-50 lr", "300 a b", ""))
    assert runs_heads.widths_of(odd) == {"lr": 900, "a b": 300}


@pytest.mark.parametrize("kind", ["hide", "pin", "left", "group", "nonsense"])
def test_acts_on_columns_that_are_not_there_do_nothing(kind: str) -> None:
    assert runs_heads.acted(VIEW, Act(kind, "gone"), OFFER) is None


def test_a_cell_narrows_the_filter_where_it_can_be_read() -> None:
    only = runs_heads.filtered(VIEW, Act("only", "params.model", "r0"), RUNS, "p")
    assert (only.filter, only.where) == ('model = "a"', "")
    without = runs_heads.filtered(only, Act("without", "user", "r1"), RUNS, "p")
    assert without.filter == 'model = "a" and (user != "ben" or user is null)'
    assert runs_heads.filtered(VIEW, Act("only", "params.model", "r2"), RUNS, "p").filter == "model is null"
    half = RunsView(filter="model = ")
    kept = runs_heads.filtered(half, Act("only", "user", "r0"), RUNS, "p")
    assert (kept.filter, kept.where) == ("model = ", 'user = "ada"'), "what is half typed stays"
    assert runs_heads.filtered(VIEW, Act("only", "params.model", "gone"), RUNS, "p") == VIEW
    assert runs_heads.filtered(VIEW, Act("only", "gone", "r0"), RUNS, "p") == VIEW
    with pytest.raises(FilterError):
        runs_heads.filtered(VIEW, Act("only", "created_at", "r0"), RUNS, "p")


def test_what_was_measured_is_not_offered_as_a_filter() -> None:
    layout = layout_of(VIEW, OFFER)
    heads: list[Column] = runs_heads.with_menus(run_columns(layout, RUNS), VIEW, layout, OFFER, RUNS)
    assert {head.id for head in heads if head.narrows} == {"name", "user", "params.lr", "params.model"}
