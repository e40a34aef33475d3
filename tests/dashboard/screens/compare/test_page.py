"""The page of comparisons: what changes on the screen and in the address when somebody acts."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import polars as pl
import pytest

import lakeboard
from lakeboard.dashboard.screens.compare import snippets as compare_snippets
from lakeboard.dashboard.screens.compare.correlation import caption
from lakeboard.dashboard.screens.compare.model import columns_of, compared
from lakeboard.dashboard.screens.compare.scatter import dots_frame
from lakeboard.dashboard.state.views import CompareView
from lakeboard.query.compare.correlation import rank_correlations
from lakeboard.query.compare.differences import differences, environments
from lakeboard.query.lake import open_lake
from tests.dashboard import lake as lakes
from tests.dashboard.driver import Screen
from tests.dashboard.recipes import run_recipe

SHEET, AXES = "compare.table", "compare.parallel"


def heads(screen: Screen) -> list[str]:
    return [column["id"] for column in screen.data(SHEET)["columns"]]


def lines(screen: Screen) -> list[str]:
    return [row["id"] for row in screen.data(SHEET)["rows"] if not row["field"].get("group")]


def test_chosen_runs_stand_side_by_side_best_first(screen: Screen) -> None:
    screen.open("compare", project=lakes.PROJECT, runs=["r0", "r8"])
    assert heads(screen) == ["r8", "r0"]
    assert "2 chosen runs side by side" in screen.text()
    # Two lines across axes say nothing that the table does not.
    assert not screen.has(AXES)


def test_only_differences_and_everything(screen: Screen) -> None:
    screen.open("compare", project=lakes.PROJECT, runs=["r0", "r1"])
    assert "params.seed." in lines(screen)
    assert "params.model." not in lines(screen)
    screen.at.toggle(key="compare.only").set_value(False)
    screen.run()
    assert screen.params["only"] == "0"
    assert {"params.seed.", "params.model.", "run.host."} <= set(lines(screen))
    screen.at.text_input(key="compare.find").set_value("mod")
    screen.run()
    assert lines(screen) == ["params.model."]


def test_another_baseline_comes_first_and_others_are_measured_against_it(screen: Screen) -> None:
    screen.open("compare", project=lakes.PROJECT, runs=["r0", "r4", "r8"])
    screen.trigger(SHEET, "act", {"kind": "base", "by": "r0"})
    assert screen.params["base"] == "r0"
    assert heads(screen) == ["r0", "r8", "r4"]
    best = next(row for row in screen.data(SHEET)["rows"] if row["id"] == "metrics.val/acc.best")
    assert best["cells"][1]["sub"] == "+0.2200"
    assert best["cells"][1]["tint"] == "better"


def test_a_brush_narrows_everything_and_stays_in_the_link(screen: Screen) -> None:
    screen.open("compare", project=lakes.PROJECT)
    assert len(screen.data(AXES)["ids"]) == 11
    screen.trigger(AXES, "act", {"kind": "brush", "axis": "params.model", "pick": {"values": ["c"]}})
    assert screen.params["brush"] == 'model in ("c")'
    assert heads(screen) == ["r8", "r7", "r6"]
    data = screen.data(AXES)
    assert sorted(i for i, on in zip(data["ids"], data["on"], strict=True) if on == "1") == ["r6", "r7", "r8"]
    assert "3 of 11 selected" in screen.text()
    other = Screen().open("compare", project=lakes.PROJECT, brush='model in ("c")', part="correlation")
    assert "among 3 runs" in other.text()
    other.at.segmented_control(key="compare.part").set_value("scatter")
    other.run()
    (chart,) = other.data("compare.scatter")["charts"]
    assert sorted(chart["traces"][0]["customdata"]) == ["r6", "r7", "r8"]
    screen.at.button(key="compare.clear").click()
    screen.run()
    assert "brush" not in screen.params
    assert len(heads(screen)) == 11


def test_a_brush_is_taken_to_curves_and_runs(screen: Screen) -> None:
    screen.open("compare", project=lakes.PROJECT, brush="seed = 2", filter="model != a")
    links = {each.label: each for each in screen.at.get("page_link") for each in [each.proto]}
    asked = {label: parse_qs(urlsplit(f"?{proto.query_string}").query) for label, proto in links.items()}
    assert sorted(asked["Curves"]["runs"]) == ["r5", "r8"]
    assert asked["Runs"]["filter"] == ["model != a and seed = 2"]
    there = Screen().open("runs", project=lakes.PROJECT, filter=asked["Runs"]["filter"][0])
    assert sorted(row["id"] for row in there.data("runs.table")["rows"]) == ["r5", "r8"]


def test_a_brush_that_makes_no_sense_is_told_and_hides_nothing(screen: Screen) -> None:
    screen.open("compare", project=lakes.PROJECT, brush="nope > 1")
    assert "nope" in screen.at.warning[0].value
    assert len(heads(screen)) == 11
    screen.open("compare", project=lakes.PROJECT, brush="seed = 77")
    assert "Nothing is selected." in screen.text()


def test_the_scatter_lists_the_frontier_in_the_directions_asked_for(screen: Screen) -> None:
    screen.open("compare", project=lakes.PROJECT, part="scatter", x="params.lr")
    assert "Say above which way is better for lr" in screen.text()
    assert not screen.has("compare.front")
    screen.at.selectbox(key="compare.xgoal").set_value("minimize")
    screen.run()
    assert screen.params["xgoal"] == "minimize"
    assert [row["id"] for row in screen.data("compare.front")["rows"]] == ["r8"]
    screen.at.selectbox(key="compare.xgoal").set_value("maximize")
    screen.run()
    assert [row["id"] for row in screen.data("compare.front")["rows"]] == ["r8", "r5", "rlive", "r2"]
    (chart,) = screen.data("compare.scatter")["charts"]
    assert chart["x"]["type"] == "log"
    screen.at.selectbox(key="compare.xscale").set_value("linear")
    screen.run()
    assert screen.data("compare.scatter")["charts"][0]["x"]["type"] == "linear"


def test_no_two_options_of_a_menu_are_called_alike_and_what_nobody_chose_stays_out_of_the_link(screen: Screen) -> None:
    screen.open("compare", project=lakes.PROJECT, part="scatter", x="params.lr", y="train/loss")
    for menu in screen.at.selectbox:
        assert len(set(menu.options)) == len(menu.options), menu.label
    assert screen.at.selectbox(key="compare.ygoal").options[0] == "known: less"
    screen.at.selectbox(key="compare.xscale").set_value("log").run()
    assert "ygoal" not in screen.params


def test_a_correlation_leads_to_its_scatter(screen: Screen) -> None:
    screen.open("compare", project=lakes.PROJECT, part="correlation")
    rows = screen.data("compare.correlations")["rows"]
    assert rows[0]["id"] in ("params.lr", "params.model")
    screen.trigger("compare.correlations", "act", {"kind": "plot", "id": "params.lr"})
    assert (screen.params["part"], screen.params["x"]) == ("scatter", "params.lr")
    assert screen.data("compare.scatter")["charts"][0]["x"]["title"] == "lr"


def test_curves_lead_to_the_comparison_of_their_runs(screen: Screen) -> None:
    screen.open("curves", project=lakes.PROJECT, runs=["r0", "r4"])
    links = {each.proto.label: parse_qs(each.proto.query_string) for each in screen.at.get("page_link")}
    assert links["Compare these runs"]["runs"] == ["r0", "r4"]
    screen.open("runs", project=lakes.PROJECT)
    screen.state("runs.table", selected=["r1", "r2"])
    links = {each.proto.label: parse_qs(each.proto.query_string) for each in screen.at.get("page_link")}
    assert links["Compare"]["runs"] == ["r1", "r2"]


def test_no_run_at_all_says_so(screen: Screen) -> None:
    screen.open("compare", project=lakes.PROJECT, runs=["gone"])
    assert "No run to compare" in screen.text()
    assert "1 run of this link not shown" in screen.text()


def test_captions_are_honest_about_few_runs_and_many_params() -> None:
    few = pl.DataFrame({"params.a": [1, 2, 3], "m": [1.0, 2.0, 3.0]})
    assert "fewer than 10 runs it shows next to nothing" in caption(rank_correlations(few, "m"), 3, "m")
    many = pl.DataFrame({f"params.p{i}": [(i * k) % 7 for k in range(20)] for i in range(1, 41)}).with_columns(
        m=pl.int_range(20).cast(pl.Float64)
    )
    assert "about 2 would look clear by chance" in caption(rank_correlations(many, "m"), 20, "m")


VIEWS = [
    CompareView(),
    CompareView(filter="lr < 0.5", where="model != a", brush="seed >= 1", base="r4"),
    CompareView(runs=("r0", "r8", "r3"), metric="train/loss.min", only=False, find="acc val"),
]


@pytest.mark.parametrize("view", VIEWS)
def test_what_is_taken_away_is_what_is_shown(lake: str, view: CompareView) -> None:
    opened = open_lake(lake)
    snapshot = opened.snapshot(lakes.PROJECT)
    found = compared(opened.runs(lakes.PROJECT, snapshot=snapshot), view, goals={})
    runs = columns_of(found, view)
    env = environments(snapshot, runs["run_id"].to_list())
    table = differences(runs, env=env, only=view.only)
    for word in view.find.split():
        table = table.filter(pl.col("name").str.contains(word, literal=True))
    assert run_recipe(compare_snippets.table(lake, lakes.PROJECT, view, found)).equals(table)
    names = ["params.lr", "val/acc.max"]
    assert run_recipe(compare_snippets.axes(lake, lakes.PROJECT, view, found, names)).equals(
        compare_snippets.axes_frame(found, names)
    )
    aims = {"params.lr": "minimize", "val/acc.max": "maximize"}
    assert run_recipe(compare_snippets.dots(lake, lakes.PROJECT, view, found, names, aims)).equals(
        dots_frame(found, names, aims)  # type: ignore[arg-type]
    )
    assert found.metric is not None
    assert run_recipe(compare_snippets.correlations(lake, lakes.PROJECT, view, found)).equals(
        rank_correlations(found.narrowed, found.metric)
    )


def test_media_of_several_runs_stand_side_by_side(lake: str) -> None:
    for n in range(3):
        with lakeboard.init(project="pictures", id=f"p-{n}", name=f"run {n}", lake=lake, quiet=True) as run:
            for step in (0, 5 + n):
                run.log({"samples": [lakeboard.Text(f"{n} at {step}", caption=f"{n} at {step}")]}, step=step)
            if n:
                run.log({"only here": lakeboard.Json(n)}, step=1)
    screen = Screen().open("compare", project="pictures", part="media", runs=["p-0", "p-1", "p-2"])
    data = screen.data("compare.media")
    assert sorted(group["name"] for group in data["groups"]) == ["run 0", "run 1", "run 2"]
    assert data["folder"] == "lb-media/pictures/"
    assert [key["name"] for key in data["keys"]] == ["only here", "samples"]
    screen.trigger("compare.media", "act", {"kind": "key", "key": "samples"})
    assert screen.params["media"] == "samples"
    data = screen.data("compare.media")
    # The slider goes over the steps of all of them.
    assert data["steps"] == [0, 5, 6, 7]
    told = {(data["groups"][item["g"]]["name"], data["steps"][item["s"]]): item["at"] for item in data["items"]}
    assert {key: at.partition("/")[0] for key, at in told.items()} == {
        (f"run {n}", step): f"p-{n}" for n in range(3) for step in (0, 5 + n)
    }
    assert "None of these runs logged media" in Screen().open("compare", project=lakes.PROJECT, part="media").text()
