"""Pages: what changes on the screen, in the address and in the lake when somebody acts."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qs

import pytest

from lakeboard.dashboard.feed import feed
from lakeboard.dashboard.format.packed import unpacked
from lakeboard.dashboard.screens.runs import page as page_runs
from lakeboard.query.lake import Lake, open_lake
from lakeboard.schema.errors import AccessDenied, StoreUnreachable
from lakeboard.store.base import ObjectInfo
from lakeboard.store.local import LocalStore
from tests.dashboard import lake as lakes
from tests.dashboard.driver import Screen
from tests.query.lakes import Writer, loss

TABLE = "runs.table"


def test_the_board_names_the_project_in_the_address(screen: Screen) -> None:
    screen.open("leaderboard")
    # The browser writes it, without a step in its history: one more would lead back to where it is made again.
    assert "project" not in screen.params
    assert screen.data("refresh")["address"] == {"project": lakes.PROJECT}
    assert screen.data("refresh")["page"] == "leaderboard"
    assert screen.at.title[0].value == "digits"
    feed = screen.data("board.table")
    assert [row["cells"][0]["text"] for row in feed["rows"]][:3] == ["1", "2", "3"]
    assert feed["rows"][0]["cells"][0]["medal"] == 1


def test_rows_of_the_board_stand_for_what_was_chosen(screen: Screen) -> None:
    screen.open("leaderboard", by="run")
    by_run = len(screen.data("board.table")["rows"])
    assert by_run == 11
    screen.at.button_group(key="board.by").set_value("user")
    screen.run()
    assert screen.params["by"] == "user"
    assert sorted(screen.names("board.table")) == ["ada", "ben", "unknown"]
    screen.at.button_group(key="board.by").set_value("run")
    screen.run()
    assert len(screen.data("board.table")["rows"]) == by_run


def test_a_live_run_is_marked_on_the_board(screen: Screen) -> None:
    screen.open("leaderboard", by="run")
    cells = {row["cells"][1]["text"]: row["cells"][1] for row in screen.data("board.table")["rows"]}
    assert cells[lakes.LIVE]["live"] is True
    assert "live" not in cells["c-2"]


def test_the_record_names_who_broke_it_and_what_they_changed(screen: Screen) -> None:
    screen.open("leaderboard")
    rows = screen.data("board.records")["rows"]
    newest = rows[0]["cells"]
    assert newest[0]["text"] == "c-2"
    assert "seed" in str(newest[5])
    assert screen.data("board.record")["charts"][0]["title"] == "Record of val/acc"


def test_a_row_leads_to_its_run_or_to_the_curves_of_its_runs(screen: Screen) -> None:
    screen.open("leaderboard", by="run")
    assert {row["id"]: row["cells"][1]["href"] for row in screen.data("board.table")["rows"]}["c-2"] == (
        "run?project=digits&run=r8"
    )
    screen.open("leaderboard", by="user")
    target = {row["id"]: row["cells"][1]["href"] for row in screen.data("board.table")["rows"]}["ben"]
    page, _, query = target.partition("?")
    assert page == "curves"
    assert sorted(parse_qs(query)["runs"]) == ["r1", "r3", "r5", "r7"]


def test_the_filter_box_narrows_and_widens(screen: Screen) -> None:
    screen.open("runs")
    assert len(screen.data(TABLE)["rows"]) == 11
    screen.trigger("runs.box", "submit", "model = c and lr < 0.1")
    assert screen.params["filter"] == "model = c and lr < 0.1"
    screen.run()
    assert screen.names(TABLE) == ["c-2", "c-1", "c-0"]
    assert "3 of 11 runs" in screen.text()
    screen.trigger("runs.box", "submit", "")
    assert "filter" not in screen.params
    screen.run()
    assert len(screen.data(TABLE)["rows"]) == 11


def test_a_filter_that_does_not_parse_says_where_and_hides_nothing(screen: Screen) -> None:
    screen.open("runs", filter="lr < 0.5 and modle = a")
    error = screen.data("runs.box")["error"]
    assert error["position"] == len("lr < 0.5 and ")
    assert "model" in error["message"]
    assert len(screen.data(TABLE)["rows"]) == 11


def test_the_box_completes_names_and_values(screen: Screen) -> None:
    screen.open("runs")
    screen.trigger("runs.box", "typed", {"text": "mod", "cursor": 3})
    answer = screen.data("runs.box")["answer"]
    assert answer["items"][0] == "model"
    assert answer["span"] == [0, 3]
    screen.trigger("runs.box", "typed", {"text": "model = ", "cursor": 8})
    assert screen.data("runs.box")["answer"]["items"] == ["a", "b", "c"]


def test_the_panel_asks_in_the_address_and_reads_it_back(screen: Screen) -> None:
    screen.open("runs")
    screen.at.button_group(key="panel.params.model").set_value(["a", "b"])
    screen.run()
    where = screen.params["where"]
    assert set(screen.names(TABLE)) == {"a-0", "a-1", "a-2", "b-0", "b-1", "b-2", lakes.LIVE, lakes.HOSTILE}
    other = Screen().open("runs", project=lakes.PROJECT, where=where)
    assert other.at.button_group(key="panel.params.model").value == ["a", "b"]
    assert set(other.names(TABLE)) == set(screen.names(TABLE))
    screen.at.button_group(key="panel.params.model").set_value([])
    screen.run()
    assert "where" not in screen.params


def test_what_no_control_can_show_counts_all_the_same_and_is_said(screen: Screen) -> None:
    screen.open("runs", where="lr >= 0.05 and seed != 1")
    assert set(screen.names(TABLE)) == {"a-0", "a-2", "b-0", "b-2"}
    assert any("seed != 1" in each.value for each in screen.at.code)


def test_a_range_takes_any_spelling_of_a_number_and_ignores_what_is_none(lake: str) -> None:
    store = LocalStore(lake)
    for n in range(8):
        writer = Writer(store, "wide", f"w{n}", rand=f"{n:08x}", config={"lr": 10.0**-n}).start()
        writer.finish()
    screen = Screen().open("runs", project="wide")
    low, high = (f"panel.params.lr.{end}" for end in ("low", "high"))
    screen.at.text_input(key=low).set_value("1e-3")
    screen.at.text_input(key=high).set_value("0.1")
    screen.run()
    assert screen.names(TABLE) == ["w1", "w2", "w3"]
    screen.at.text_input(key=low).set_value("much")
    screen.run()
    assert screen.names(TABLE) == [f"w{n}" for n in range(1, 8)]
    assert screen.at.text_input(key=low).value == ""


def test_a_click_on_a_head_sorts_and_another_turns_round(screen: Screen) -> None:
    screen.open("runs")
    screen.trigger(TABLE, "act", {"kind": "sort", "by": "val/acc"})
    assert screen.params["sort"] == "-val/acc"
    best = screen.names(TABLE)
    assert best[0] == "c-2"
    screen.trigger(TABLE, "act", {"kind": "sort", "by": "val/acc"})
    assert screen.params["sort"] == "val/acc"
    assert screen.names(TABLE) == best[::-1]


def test_columns_are_chosen_kept_in_order_and_given_back(screen: Screen) -> None:
    screen.open("runs")
    screen.trigger("runs.columns", "change", {"columns": ["val/acc.max", "bogus", "params.lr"], "pins": ["params.lr"]})
    screen.run()
    assert screen.params["columns"] == ["val/acc.max", "params.lr"]
    shown = screen.data(TABLE)["columns"]
    assert [each["id"] for each in shown] == ["name", "params.lr", "val/acc.max"], "pinned ones come first"
    assert [each["pinned"] for each in shown] == [False, True, False]
    usual = next(each for each in screen.at.button if each.label == "Show the usual ones")
    usual.click()
    screen.run()
    assert "columns" not in screen.params
    assert "status" in [each["id"] for each in screen.data(TABLE)["columns"]]


def test_a_selection_outlives_filters_and_sorting(screen: Screen) -> None:
    screen.open("runs")
    screen.state(TABLE, selected=["r0", "r8"])
    assert "2 runs selected" in screen.text()
    screen.trigger("runs.box", "submit", "model = c").run()
    assert screen.names(TABLE) == ["c-2", "c-1", "c-0"]
    assert screen.data(TABLE)["selected"] == ["r0", "r8"]
    assert "1 of them not shown" in screen.text()


def test_deleting_asks_first_then_moves_the_selected_to_the_trash_and_back(screen: Screen, lake: str) -> None:
    screen.open("runs")
    assert screen.at.button(key="runs.delete.really").disabled
    screen.state(TABLE, selected=["r0", "rx"])
    assert screen.at.button(key="runs.delete.really").label == "Delete 2 runs"
    assert any("Move 2 runs to the trash?" in each.value for each in screen.at.text)
    assert open_lake(lake).runs(lakes.PROJECT).height == 11
    screen.at.button(key="runs.delete.really").click()
    screen.run()
    kept = open_lake(lake).runs(lakes.PROJECT)
    assert kept.height == 9
    assert not {"r0", "rx"} & set(kept["run_id"])
    assert len(screen.data(TABLE)["rows"]) == 9
    assert screen.data(TABLE)["selected"] == []
    screen.open("trash", project=lakes.PROJECT)
    assert sorted(screen.names("trash.table")) == [lakes.HOSTILE, "a-0"]
    screen.state("trash.table", selected=["r0"])
    screen.at.button(key="trash.restore").click()
    screen.run()
    assert "r0" in set(open_lake(lake).runs(lakes.PROJECT)["run_id"])
    assert screen.names("trash.table") == [lakes.HOSTILE]


def test_clearing_a_selection_leaves_the_runs_alone(screen: Screen, lake: str) -> None:
    screen.open("runs")
    screen.state(TABLE, selected=["r0"])
    revision = screen.data(TABLE)["revision"]
    screen.at.button(key="runs.clear").click()
    screen.run()
    assert screen.data(TABLE)["selected"] == []
    assert screen.data(TABLE)["revision"] != revision
    assert screen.at.button(key="runs.delete.really").disabled
    assert open_lake(lake).runs(lakes.PROJECT).height == 11


def test_one_act_on_many_runs_is_one_object(screen: Screen, lake: str) -> None:
    screen.open("runs")
    screen.state(TABLE, selected=["r0", "r1", "r2"])
    screen.at.button(key="runs.delete.really").click()
    screen.run()
    assert len(list((Path(lake) / "edits" / f"project={lakes.PROJECT}").iterdir())) == 1


def test_curves_show_the_running_and_the_latest_runs_first(screen: Screen) -> None:
    screen.open("curves")
    feed = screen.data("curves.grid")
    assert [chart["id"] for chart in feed["charts"]] == ["train/loss", "val/acc"]
    assert len(feed["charts"][1]["traces"]) == 6
    assert screen.data("curves.runs")["selected"][0] == "rlive"
    assert "runs" not in screen.params


def test_choosing_runs_is_a_link(screen: Screen) -> None:
    screen.open("curves")
    screen.state("curves.runs", selected=["r0", "r4"])
    assert screen.params["runs"] == ["r0", "r4"]
    other = Screen().open("curves", project=lakes.PROJECT, runs=["r0", "r4"])
    names = [trace["name"] for trace in other.data("curves.grid")["charts"][0]["traces"]]
    assert names == ["a-0", "b-1"]


def test_curves_take_smoothing_axes_and_logarithms(screen: Screen) -> None:
    screen.open("curves", project=lakes.PROJECT, runs=["r0"])
    plain = screen.data("curves.grid")["charts"][1]
    assert len(plain["traces"]) == 1
    screen.at.slider(key="curves.smooth").set_value(0.9)
    screen.run()
    smooth = screen.data("curves.grid")["charts"][1]
    assert len(smooth["traces"]) == 2
    assert screen.params["smooth"] == "0.9"
    screen.at.selectbox(key="curves.x").set_value("relative")
    screen.at.toggle(key="curves.logy").set_value(True)
    screen.run()
    chart = screen.data("curves.grid")["charts"][1]
    assert chart["x"]["title"] == "seconds since start"
    assert chart["y"]["type"] == "log"
    screen.at.selectbox(key="curves.x").set_value("train/loss")
    screen.run()
    assert screen.data("curves.grid")["charts"][1]["x"]["title"] == "train/loss"
    screen.at.selectbox(key="curves.kind").set_value("gaussian")
    screen.run()
    assert screen.params["kind"] == "gaussian"


def test_zooming_asks_for_the_points_of_the_window(screen: Screen) -> None:
    screen.open("curves", project=lakes.PROJECT, runs=["r0"])
    assert len(_x(screen, 1)) == 8
    screen.state("curves.grid", ranges=[["val/acc", 2.5, 4.5, "step|0"]])
    # One point beyond either side, so that the line reaches the edge.
    assert _x(screen, 1) == [2.0, 3.0, 4.0, 5.0]
    assert len(_x(screen, 0)) == 8


def _x(screen: Screen, chart: int) -> list[float]:
    return unpacked(screen.data("curves.grid")["charts"][chart]["traces"][0]["x"])


def test_the_page_of_a_run_tells_everything(screen: Screen) -> None:
    screen.open("run", project=lakes.PROJECT, run="r8")
    assert {row["field"]["name"]: row["cells"][0]["text"] for row in screen.data("run.params")["rows"]} == {
        "lr": "0.01",
        "model": "c",
        "seed": "2",
    }
    assert screen.cell("run.metrics", "val/acc", "best") == "0.8600"
    assert screen.cell("run.metrics", "train/loss", "best") == "0.1400"
    assert len(screen.data("run.grid.r8")["charts"]) == 2


def test_a_failed_run_shows_what_went_wrong_and_its_name_as_text(screen: Screen) -> None:
    screen.open("run", project=lakes.PROJECT, run="rx")
    assert any("RuntimeError: out of memory" in each.value for each in screen.at.code)
    assert "<img" not in screen.at.title[0].value.replace("\\<img", "")


def test_a_run_is_deleted_and_restored_on_its_page(screen: Screen, lake: str) -> None:
    screen.open("run", project=lakes.PROJECT, run="r3", tab="history")
    screen.at.button(key="run.delete.really").click()
    screen.run()
    assert "r3" not in set(open_lake(lake).runs(lakes.PROJECT)["run_id"])
    assert screen.has("run.history")
    screen.at.button(key="run.restore").click()
    screen.run()
    assert "r3" in set(open_lake(lake).runs(lakes.PROJECT)["run_id"])
    assert len(screen.data("run.history")["rows"]) == 2


def test_renaming_tagging_and_noting(screen: Screen, lake: str) -> None:
    screen.open("run", project=lakes.PROJECT, run="r3")
    form = {each.label: each for each in [*screen.at.text_input, *screen.at.text_area]}
    form["Name"].set_value("the *best* one")
    form["Notes"].set_value("look here")
    next(each for each in screen.at.multiselect if each.label == "Tags").set_value(["good"])
    next(each for each in screen.at.button if each.label == "Save").click()
    screen.run()
    row = open_lake(lake).run(lakes.PROJECT, "r3").row
    assert (row.name, row.notes, row.tags) == ("the *best* one", "look here", ("good",))
    # Another key closes the popover, and all that was saved is told in one.
    assert screen.at.session_state["run.edit.turn"] == 1
    assert [each.value for each in screen.at.toast] == ["Saved 3 changes"]
    assert screen.at.title[0].value == "the \\*best\\* one"


def test_an_empty_lake_shows_the_lines_that_fill_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = str(tmp_path / "new")
    monkeypatch.setenv("LAKEBOARD_LAKE", place)
    screen = Screen().open()
    code = screen.at.code[0].value
    assert place in code
    assert len(code.splitlines()) == 4
    compile(code, "first", "exec")
    assert "does not exist" in screen.text()
    assert not Path(place).exists()
    Path(place).mkdir()
    screen.run()
    assert "Nothing logged yet" in screen.text()


def test_an_unknown_project_is_named_beside_the_known_ones(screen: Screen) -> None:
    screen.open(project="digit")
    assert "No such project" in screen.text()
    assert "'digit'" in screen.text()
    assert [each["name"] for each in screen.data("rail")["projects"]] == [lakes.PROJECT]


def test_an_unknown_run_is_named(screen: Screen) -> None:
    screen.open("run", project=lakes.PROJECT, run="nope")
    assert "No such run" in screen.text()
    assert "nope" in screen.text()


def test_a_lake_of_a_newer_format_says_what_to_do(lake: str) -> None:
    (Path(lake) / "_lake.json").write_text('{"format": 9, "min_reader": 9}')
    screen = Screen().open()
    assert "newer format" in screen.text()
    assert "upgrade" in screen.text()
    assert "9" in screen.text()


def test_an_address_that_makes_no_sense_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKEBOARD_LAKE", "s3:bucket")
    screen = Screen().open()
    assert "s3://bucket" in screen.text()


def test_an_object_that_cannot_be_read_is_named_beside_the_rest(screen: Screen, lake: str) -> None:
    key = lakes.damage(lake)
    screen.open("runs")
    assert len(screen.data(TABLE)["rows"]) == 10
    assert "1 object could not be read" in screen.at.expander[0].label
    assert any(key in each.value for each in screen.at.code)


def test_pausing_stops_the_clock(screen: Screen) -> None:
    screen.open("runs")
    assert screen.data("refresh")["every"] == 2000
    screen.trigger("refresh", "toggle", True)
    assert screen.data("refresh")["every"] is None
    screen.trigger("refresh", "toggle", True)
    assert screen.data("refresh")["every"] == 2000


def test_home_is_found_by_its_name_too(screen: Screen) -> None:
    screen.open("home", within="week")
    assert screen.params == {"within": "week"}
    assert screen.at.title[0].value == "Home"


def test_another_project_is_a_click_away(screen: Screen, lake: str) -> None:
    other = Writer(LocalStore(lake), "speech", "s1", config={"lr": 1}).start().log(loss(5))
    other.flush()
    other.finish()
    screen.open("runs", filter="model = c", project=lakes.PROJECT)
    links = {each["name"]: each["href"] for each in screen.data("rail")["projects"]}
    assert links == {"digits": "runs?project=digits", "speech": "runs?project=speech"}
    screen.open("runs", project="speech")
    assert screen.names(TABLE) == ["s1"]
    # Who comes back without an address sees what they looked at last.
    screen.open("curves")
    assert screen.data("refresh")["address"] == {"project": "speech"}


def test_a_lake_that_stops_answering_leaves_what_was_there(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    screen.open("runs")
    before = screen.names(TABLE)

    def refuse(store: LocalStore, prefix: str = "") -> list[ObjectInfo]:
        raise StoreUnreachable(f"no answer from {store.url}")

    monkeypatch.setattr(LocalStore, "list", refuse)
    feed.feed().forget(lakes.PROJECT)
    screen.run()
    assert screen.names(TABLE) == before
    assert "no answer from" in screen.at.warning[0].value.replace("\\", "")
    assert screen.data("refresh")["lead"] == "Not reachable"
    monkeypatch.undo()
    monkeypatch.setenv("LAKEBOARD_LAKE", feed.address())
    feed.feed().forget(lakes.PROJECT)
    screen.run()
    assert not screen.at.warning


def test_without_permission_to_write_decisions_are_off(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    screen.open("run", project=lakes.PROJECT, run="r3")

    def refuse(lake: Lake, *arguments: object, **others: object) -> None:
        raise AccessDenied(f"can't write to {lake.url}: read only")

    monkeypatch.setattr(Lake, "edit", refuse)
    screen.at.button(key="run.delete.really").click()
    screen.run()
    assert "Nothing was changed" in screen.at.toast[0].value
    assert screen.at.button(key="run.delete.really").disabled
    assert "may not write here" in screen.text()


def test_a_fault_of_our_own_is_a_card_and_no_traceback(lake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object, **others: object) -> None:
        raise ZeroDivisionError("oh")

    monkeypatch.setattr(page_runs, "matching", fail)
    screen = Screen(may_fail=True).open("runs")
    assert "This page failed" in screen.text()
    assert "ZeroDivisionError: oh" in screen.text()
    assert "Traceback" not in screen.text()
    assert screen.has("rail")
