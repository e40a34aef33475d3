"""The Curves page: controls, overrides of single charts, groups, colours, and data to take away."""

from __future__ import annotations

import io
from typing import Any

import polars as pl
import pytest

from lakeboard.dashboard.charts.chart_export import chart_code, chart_frame, metrics_of
from lakeboard.dashboard.charts.grid import in_view, scene_of
from lakeboard.dashboard.charts.sections import Chart
from lakeboard.dashboard.feed.feed import feed
from lakeboard.dashboard.format.packed import unpacked
from lakeboard.dashboard.state.chart_settings import Settings
from lakeboard.query.curves.bands import group_names
from tests.dashboard import lake as lakes
from tests.dashboard.driver import Screen
from tests.dashboard.recipes import run_recipe

GRID = "curves.grid"


def charts(screen: Screen) -> dict[str, dict[str, Any]]:
    return {chart["id"]: chart for chart in screen.data(GRID)["charts"]}


def names(chart: dict[str, Any]) -> list[str]:
    return [trace["hover"]["label"] for trace in chart["traces"] if "hover" in trace]


def act(screen: Screen, **done: object) -> Screen:
    return screen.trigger(GRID, "act", done)


def test_charts_stand_in_sections_that_fold_and_stay_folded(screen: Screen) -> None:
    screen.open("curves", project=lakes.PROJECT, runs=["r0"])
    assert [(each["title"], each["n"]) for each in screen.data(GRID)["sections"]] == [("train", 1), ("val", 1)]
    act(screen, kind="fold", id="train")
    assert screen.params["fold"] == "train"
    assert list(charts(screen)) == ["val/acc"]
    act(screen, kind="fold", id="train")
    assert "fold" not in screen.params
    assert list(charts(screen)) == ["train/loss", "val/acc"]


def test_a_pinned_chart_is_at_the_top(screen: Screen) -> None:
    screen.open("curves", project=lakes.PROJECT, runs=["r0"])
    act(screen, kind="pin", id="val/acc")
    assert screen.params["pins"] == "val/acc"
    assert [each["title"] for each in screen.data(GRID)["sections"]] == ["Pinned", "train"]
    assert list(charts(screen)) == ["val/acc", "train/loss"]
    act(screen, kind="pin", id="val/acc")
    assert "pins" not in screen.params


def test_charts_are_searched_by_metric(screen: Screen) -> None:
    screen.open("curves", project=lakes.PROJECT, runs=["r0"])
    screen.at.text_input(key="curves.charts").set_value("LOSS").run()
    assert list(charts(screen)) == ["train/loss"]
    screen.at.text_input(key="curves.charts").set_value("nothing").run()
    assert not screen.has(GRID)
    assert "No metric matches." in screen.text()


def test_one_chart_has_its_own_settings_and_gives_them_back(screen: Screen) -> None:
    screen.open("curves", project=lakes.PROJECT, runs=["r0"])
    for name, value in (("log_y", "1"), ("low", "0.1"), ("x", "relative"), ("smooth", "0.5")):
        act(screen, kind="own", id="val/acc", name=name, value=value)
    assert screen.params["own"] == "val/acc;x=relative;smooth=0.5;log_y=1;y=0.1:"
    found = charts(screen)
    assert (found["val/acc"]["y"]["type"], found["val/acc"]["y"]["range"]) == ("log", [-1.0, None])
    assert found["val/acc"]["x"]["title"] == "seconds since start"
    assert len(found["val/acc"]["traces"]) == 2
    assert (found["train/loss"]["y"]["type"], found["train/loss"]["x"]["title"]) == ("linear", "step")
    assert (found["val/acc"]["own"]["any"], found["train/loss"]["own"]["any"]) == (True, False)
    other = Screen().open("curves", **screen.params)
    assert charts(other)["val/acc"]["y"] == found["val/acc"]["y"]
    act(screen, kind="reset", id="val/acc")
    assert "own" not in screen.params
    assert charts(screen)["val/acc"]["y"]["type"] == "linear"


def test_metrics_are_combined_in_one_chart_or_in_all(screen: Screen) -> None:
    screen.open("curves", project=lakes.PROJECT, runs=["r0", "r4"])
    act(screen, kind="own", id="val/acc", name="also", value="train/loss")
    assert names(charts(screen)["val/acc"]) == [
        "a-0 · train/loss", "a-0 · val/acc", "b-1 · train/loss", "b-1 · val/acc",
    ]  # fmt: skip
    dashes = {trace["line"]["dash"] for trace in charts(screen)["val/acc"]["traces"]}
    assert dashes == {"solid", "dash"}
    act(screen, kind="own", id="val/acc", name="not", value="train/loss")
    assert names(charts(screen)["val/acc"]) == ["a-0", "b-1"]


def test_groups_are_drawn_with_bands_and_are_a_link(screen: Screen) -> None:
    screen.open("curves", project=lakes.PROJECT)
    screen.at.multiselect(key="curves.group").set_value(["params.model"]).run()
    assert screen.params["group"] == "params.model"
    found = charts(screen)["val/acc"]
    assert names(found) == ["model=a (n = 4)", "model=b (n = 4)", "model=c (n = 3)"]
    assert [trace.get("fill") for trace in found["traces"]] == ["toself"] * 3 + [None] * 3
    assert [f"model={key['text']}" for key in screen.data(GRID)["legend"]["keys"]] == names(found)
    band = unpacked(found["traces"][2]["y"])
    assert len(band) == 2 * 8 + 1
    screen.at.selectbox(key="curves.band").set_value("minmax").run()
    assert screen.params["band"] == "minmax"
    assert max(unpacked(charts(screen)["val/acc"]["traces"][2]["y"])[:8]) == pytest.approx(0.86)
    screen.at.toggle(key="curves.members").set_value(True).run()
    assert len(charts(screen)["val/acc"]["traces"]) == 6 + 11
    other = Screen().open("curves", **screen.params)
    assert charts(other)["val/acc"]["traces"] == charts(screen)["val/acc"]["traces"]


def test_seeds_are_averaged_by_config(screen: Screen) -> None:
    runs = [f"r{n}" for n in range(9)]
    screen.open("curves", project=lakes.PROJECT, runs=runs, group="config")
    assert names(charts(screen)["val/acc"]) == [
        "lr=0.01 · model=c (n = 3)", "lr=0.1 · model=b (n = 3)", "lr=1.0 · model=a (n = 3)",
    ]  # fmt: skip


def test_colours_stand_for_a_param_on_the_charts_and_on_the_list(screen: Screen) -> None:
    screen.open("curves", project=lakes.PROJECT, runs=["r0", "r3", "r6"])
    screen.at.selectbox(key="curves.color").set_value("params.lr").run()
    assert screen.params["color"] == "params.lr"
    legend = screen.data(GRID)["legend"]
    assert (legend["title"], legend["scale"], legend["keys"][0]["text"]) == ("lr", True, "0.01")
    slots = [trace["line"]["slot"] for trace in charts(screen)["val/acc"]["traces"]]
    assert len({tuple(slot) for slot in slots}) == 3
    marks = {
        row["id"]: row["cells"][0]["mark"]["shades"]
        for row in screen.data("curves.runs")["rows"]
        if "mark" in row["cells"][0]
    }
    assert [marks[run] for run in ("r0", "r3", "r6")] == slots


def test_a_baseline_is_in_every_chart(screen: Screen) -> None:
    screen.open("curves", project=lakes.PROJECT, runs=["r0"], base="r8")
    for chart in charts(screen).values():
        assert names(chart) == ["a-0", "c-2 (baseline)"]
        assert chart["traces"][-1]["line"]["dash"] == "dash"
        assert [tag["text"] for tag in chart["tags"]] == ["c-2"]


def test_lines_are_named_by_a_template_and_a_wrong_one_is_told(screen: Screen) -> None:
    screen.open("curves", project=lakes.PROJECT, runs=["r0"], legend="{name} lr={lr} {val/acc}")
    assert names(charts(screen)["val/acc"]) == ["a-0 lr=1 0.64"]
    row = next(each for each in screen.data("curves.runs")["rows"] if each["id"] == "r0")
    assert row["cells"][0]["sub"] == "lr=1 0.64"
    screen.at.text_input(key="curves.legend").set_value("{nmae}").run()
    # Above the charts, and at the field, which covers what is above the charts.
    assert screen.text().replace("\\", "").count("did you mean {name}") == 2
    assert names(charts(screen)["val/acc"]) == ["a-0"]


def test_only_charts_in_view_are_computed(screen: Screen) -> None:
    screen.open("curves", project=lakes.PROJECT, runs=["r0"])
    assert all("traces" in chart for chart in charts(screen).values())
    screen.state(GRID, seen=["val/acc"])
    assert ["traces" in chart for chart in charts(screen).values()] == [False, True]
    assert in_view(["a", "b"], ["gone"]) == ["a", "b"]
    assert in_view(["a", "b"], ["b", "gone"]) == ["b"]
    assert in_view([str(n) for n in range(500)], None) == [str(n) for n in range(6)]


def test_a_window_of_another_axis_is_passed_over(screen: Screen) -> None:
    screen.open("curves", project=lakes.PROJECT, runs=["r0"])
    screen.state(GRID, ranges=[["val/acc", 2.5, 4.5, "step|0"]])
    assert len(unpacked(charts(screen)["val/acc"]["traces"][0]["x"])) == 4
    screen.at.selectbox(key="curves.x").set_value("time").run()
    assert len(unpacked(charts(screen)["val/acc"]["traces"][0]["x"])) == 8


def test_a_chart_alone_offers_its_data(screen: Screen) -> None:
    screen.open("curves", project=lakes.PROJECT, runs=["r0", "r4"])
    act(screen, kind="open", id="val/acc")
    assert screen.params["chart"] == "val/acc"
    assert list(charts(screen)) == ["val/acc"]
    code = next(each.value for each in screen.at.code if "curve_table" in each.value)
    frame = run_recipe(code)
    assert frame.columns == ["run_id", "metric", "dataset", "x", "value", "smoothed", "name"]
    assert frame["name"].unique(maintain_order=True).to_list() == ["a-0", "b-1"]
    assert frame.height == 16
    screen.at.button(key=f"{GRID}.back").click().run()
    assert "chart" not in screen.params
    assert len(charts(screen)) == 2


@pytest.mark.parametrize(
    ("settings", "labels", "group", "legend"),
    [
        (Settings(), ("val/acc",), (), ""),
        (Settings(x="relative", smooth=0.6, kind="gaussian"), ("val/acc", "train/loss"), (), "{name}: {lr}"),
        (Settings(x="train/loss", smooth=0.9), ("val/acc",), (), ""),
        (Settings(smooth=0.3), ("val/acc",), ("params.model",), ""),
        (Settings(x="time", log_x=False), ("train/loss",), ("config",), ""),
    ],
)
def test_the_code_gives_what_is_downloaded(
    lake: str, settings: Settings, labels: tuple[str, ...], group: tuple[str, ...], legend: str
) -> None:
    state = feed().state(lakes.PROJECT)
    run_ids = [f"r{n}" for n in range(9)]
    runs = pl.concat([state.runs, state.deleted])
    groups = group_names(state.runs.filter(pl.col("run_id").is_in(run_ids)), group) if group else None
    scene = scene_of(state, run_ids, None, groups=groups, spread="ci95")
    chart = Chart(labels[0], labels, "val")
    tracks = feed().tracks.get(state.snapshot, run_ids, metrics_of(chart, settings))
    shown = chart_frame(tracks, chart, settings, scene, runs, group=group, legend=legend)
    assert shown.height
    assert run_recipe(chart_code(lake, lakes.PROJECT, chart, settings, scene, group=group, legend=legend)).equals(shown)
    assert pl.read_csv(io.BytesIO(shown.write_csv().encode())).height == shown.height


def test_hostile_addresses_are_no_faults(screen: Screen) -> None:
    screen.open(
        "curves", project=lakes.PROJECT, runs=["r0", "gone"], group=["gone"], color="gone", base="gone",
        own=["", ";", "x"], pins=["gone"], fold=["gone"], chart="gone", band="odd", kind="odd", legend="{",
        metrics=["gone", "val/acc"],
    )  # fmt: skip
    assert list(charts(screen)) == ["val/acc"]
    assert names(charts(screen)["val/acc"]) == ["a-0"]
    assert "None of the charts below is gone" in screen.text()
