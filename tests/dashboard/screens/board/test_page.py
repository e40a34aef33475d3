"""The leaderboard page: choosing, editing, saving, history, links, other times, what is taken away."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lakeboard.dashboard.feed import feed
from lakeboard.dashboard.feed.feed import Feed
from lakeboard.dashboard.format.escape import plain
from lakeboard.query.boards.definition import Definition, Measure
from lakeboard.query.lake import Lake, open_lake
from lakeboard.schema.errors import AccessDenied
from lakeboard.store.local import LocalStore
from tests.dashboard import lake as lakes
from tests.dashboard.driver import Screen
from tests.dashboard.recipes import run_recipe
from tests.query.lakes import T0

TABLE = "board.table"
ACC = Definition((Measure("val/acc", counts="best"),), title="Accuracy", projects=(lakes.PROJECT,), entry="param:model")
PAST = datetime.fromtimestamp(T0 / 1000, UTC)


def button(screen: Screen, key: str) -> Screen:
    """Click."""
    found = screen.at.button(key=key)
    assert not found.disabled, key
    found.click()
    return screen.run()


def save(lake: str, definition: Definition = ACC, slug: str = "acc", editor: str = "ann") -> Any:
    return open_lake(lake).save_board(definition, slug, editor=editor)


def entries(screen: Screen) -> list[str]:
    return screen.names(TABLE)


def values(screen: Screen, *columns: str) -> list[tuple[Any, ...]]:
    return [tuple(screen.cell(TABLE, row["id"], column) for column in columns) for row in screen.data(TABLE)["rows"]]


def test_a_board_is_made_on_the_screen_and_its_address_shows_it(screen: Screen, lake: str) -> None:
    screen.open("leaderboard")
    button(screen, "board.new.open")
    assert screen.params["tool"] == ["new"] or screen.params["tool"] == "new"
    button(screen, "board.edit.save")
    assert "Give the board a title" in screen.text()
    assert open_lake(lake).boards() == ()
    screen.at.text_input(key="board.edit.title").set_value("Digits cup")
    screen.at.selectbox(key="board.edit.entry").set_value("param")
    screen.run()
    button(screen, "board.edit.save")
    assert "Choose the param" in screen.text()
    screen.at.selectbox(key="board.edit.param").set_value("model")
    screen.at.selectbox(key="board.edit.0.counts").set_value("last")
    screen.run()
    screen.trigger("board.edit.box", "submit", "modle = a")
    button(screen, "board.edit.save")
    assert "did you mean model" in screen.data("board.edit.box")["error"]["message"]
    assert open_lake(lake).boards() == ()
    screen.trigger("board.edit.box", "typed", {"text": "mod", "cursor": 3})
    assert "model" in screen.data("board.edit.box")["answer"]["items"]
    screen.trigger("board.edit.box", "submit", "status = finished")
    button(screen, "board.edit.save")
    (saved,) = open_lake(lake).boards(lakes.PROJECT)
    assert saved.definition == Definition(
        (Measure("val/acc"),), title="Digits cup", projects=(lakes.PROJECT,), entry="param:model",
        where="status = finished",
    )  # fmt: skip
    assert saved.editor == "zoe"
    assert screen.params["board"] == ["digits-cup"] or screen.params["board"] == "digits-cup"
    assert entries(screen) == ["c", "b", "a"]
    other = Screen().open("leaderboard", project=lakes.PROJECT, board="digits-cup")
    assert entries(other) == ["c", "b", "a"]
    assert "last val/acc" in other.text().replace("\\", "")


def test_editing_saves_a_new_version_and_history_tells_it(screen: Screen, lake: str) -> None:
    first = save(lake)
    screen.open("leaderboard", project=lakes.PROJECT, board="acc")
    button(screen, "board.edit.open")
    assert screen.at.text_input(key="board.edit.title").value == "Accuracy"
    screen.at.multiselect(key="board.edit.baselines").set_value(["a"])
    screen.run()
    # The draft is shown below while it is edited.
    assert values(screen, "rank", "entry")[-1] == ("base", "a")
    button(screen, "board.edit.save")
    old, new = open_lake(lake).board_history("acc")
    assert (old, new.definition.baselines) == (first, ("a",))
    button(screen, "board.history.open")
    rows = screen.data("board.history")["rows"]
    assert [(row["cells"][0]["text"], row["cells"][3]) for row in rows] == [
        ("Version 2", "baselines: none → a"), ("Version 1", "first version"),
    ]  # fmt: skip
    assert rows[1]["cells"][0]["href"] == f"leaderboard?project=digits&board=acc&version={first.id}"
    screen.open("leaderboard", project=lakes.PROJECT, board="acc", version=first.id)
    assert "An old version" in screen.text()
    assert values(screen, "rank", "entry")[-1] == ("3", "a")
    screen.open("leaderboard", project=lakes.PROJECT, board="acc", tool="history")
    screen.trigger("board.history", "act", {"kind": "restore", "id": first.id})
    assert open_lake(lake).saved_board("acc").definition == first.definition
    screen.run()
    assert values(screen, "rank", "entry")[-1] == ("3", "a")


def test_one_is_told_of_another_who_saved_meanwhile(screen: Screen, lake: str) -> None:
    save(lake)
    screen.open("leaderboard", project=lakes.PROJECT, board="acc")
    button(screen, "board.edit.open")
    other = save(lake, Definition((Measure("val/acc"),), title="Bens"), editor="ben")
    screen.at.text_input(key="board.edit.title").set_value("Mine")
    screen.run()
    button(screen, "board.edit.save")
    assert any("ben saved this board too" in each.value for each in screen.at.warning)
    assert open_lake(lake).saved_board("acc") == other
    button(screen, "board.edit.save")
    assert open_lake(lake).saved_board("acc").title == "Mine"


def test_a_board_is_deleted_and_restored_on_the_screen(screen: Screen, lake: str) -> None:
    save(lake)
    screen.open("leaderboard", project=lakes.PROJECT, board="acc", tool="edit")
    button(screen, "board.edit.delete.really")
    assert open_lake(lake).boards() == ()
    assert "was deleted" in screen.text()
    button(screen, "board.undelete")
    assert [each.slug for each in open_lake(lake).boards()] == ["acc"]
    assert "was deleted" not in screen.text()


def test_a_board_that_nobody_knows_is_said(screen: Screen, lake: str) -> None:
    save(lake)
    screen.open("leaderboard", project=lakes.PROJECT, board="accc")
    assert any("did you mean" in each.value for each in screen.at.error)
    screen.open("leaderboard", project=lakes.PROJECT, board="acc", version="1-0")
    assert any("no version 1\\-0; this is the version that counts" in each.value for each in screen.at.error)
    LocalStore(lake).put("boards/bad/00000000000000000017-0000000a.json", b"{")
    screen.open("leaderboard", project=lakes.PROJECT, board="acc")
    assert entries(screen) == ["c", "b", "a"]


def test_a_board_that_does_not_fit_the_runs_can_still_be_edited(screen: Screen, lake: str) -> None:
    save(lake, Definition((Measure("val/acc"),), title="B", where="nothing < 1"), "b")
    screen.open("leaderboard", project=lakes.PROJECT, board="b")
    assert any("nothing" in each.value for each in screen.at.error)
    assert not screen.has(TABLE)
    button(screen, "board.edit.open")
    screen.trigger("board.edit.box", "submit", "")
    button(screen, "board.edit.save")
    assert screen.has(TABLE)


def test_fields_of_later_versions_outlive_the_editor(screen: Screen, lake: str) -> None:
    later = Definition((Measure("val/acc", unknown=(("weight", "2"),)),), title="L", unknown=(("prize", '"cake"'),))
    save(lake, later, "later")
    screen.open("leaderboard", project=lakes.PROJECT, board="later", tool="edit")
    screen.at.text_input(key="board.edit.title").set_value("M")
    screen.run()
    button(screen, "board.edit.save")
    found = open_lake(lake).saved_board("later").definition
    assert (found.title, found.unknown, found.measures[0].unknown) == ("M", later.unknown, later.measures[0].unknown)


def test_metrics_are_added_and_removed(screen: Screen, lake: str) -> None:
    save(lake)
    screen.open("leaderboard", project=lakes.PROJECT, board="acc", tool="edit")
    button(screen, "board.edit.add")
    screen.at.selectbox(key="board.edit.1.metric").set_value("train/loss")
    screen.at.selectbox(key="board.edit.1.goal").set_value("minimize")
    screen.at.selectbox(key="board.edit.1.counts").set_value("at_best")
    screen.run()
    screen.at.selectbox(key="board.edit.1.select_on").set_value("train/loss")
    screen.run()
    assert any("selects the step and ranks" in each.value for each in screen.at.warning)
    screen.at.selectbox(key="board.edit.1.select_on").set_value("val/acc")
    screen.run()
    button(screen, "board.edit.save")
    assert open_lake(lake).saved_board("acc").definition.measures == (
        Measure("val/acc", counts="best"), Measure("train/loss", None, "minimize", "at_best", "val/acc"),
    )  # fmt: skip
    button(screen, "board.edit.open")
    button(screen, "board.edit.0.remove")
    button(screen, "board.edit.save")
    assert [each.label for each in open_lake(lake).saved_board("acc").definition.measures] == ["train/loss"]


def test_as_of_a_time_shows_the_board_and_the_record_of_then(screen: Screen, lake: str) -> None:
    save(lake, Definition((Measure("val/acc", counts="best"),), title="Runs", projects=(lakes.PROJECT,)), "runs")
    # The runs begin a second apart, and none has ended before a minute.
    screen.open(
        "leaderboard",
        project=lakes.PROJECT,
        board="runs",
        at=(PAST + timedelta(seconds=3)).strftime("%Y-%m-%dT%H:%M:%S"),
    )
    assert sorted(entries(screen)) == sorted(["a-0", "a-1", "a-2", "b-0", lakes.HOSTILE, lakes.LIVE])
    assert "As it was on 2023-11-14 22:13 UTC" in screen.text().replace("\\", "")
    assert len(screen.data("board.records")["rows"]) < 9
    button(screen, "board.back")
    assert "at" not in screen.params
    assert len(entries(screen)) == 11
    screen.at.datetime_input(key="board.at").set_value(datetime(2023, 11, 14, 22, 0))  # noqa: DTZ001
    screen.run()
    assert screen.params["at"] in ("2023-11-14T22:00", ["2023-11-14T22:00"])
    assert entries(screen) == []


def test_what_makes_no_sense_as_a_time_is_now(screen: Screen) -> None:
    screen.open("leaderboard", at="soon")
    assert len(screen.data(TABLE)["rows"]) > 0
    assert "As it was" not in screen.text()


def test_a_saved_board_can_be_narrowed_and_says_so(screen: Screen, lake: str) -> None:
    save(lake)
    screen.open("leaderboard", project=lakes.PROJECT, board="acc")
    screen.trigger("board.box", "submit", "model != c").run()
    assert entries(screen) == ["b", "a"]
    assert "not what the board says" in screen.text()
    button(screen, "board.all")
    assert entries(screen) == ["c", "b", "a"]


@pytest.mark.parametrize("address", [{}, {"board": "acc"}, {"board": "acc", "where": "model != c"}, {"by": "run"}])
def test_the_code_offered_gives_what_is_shown(screen: Screen, lake: str, address: dict[str, str]) -> None:
    save(lake)
    screen.open("leaderboard", project=lakes.PROJECT, **address)
    board_code, record_code = [each.value for each in screen.at.code if "lakeboard.open(" in each.value]
    frame = run_recipe(board_code)
    assert frame["entry"].to_list() == entries(screen)
    told = run_recipe(record_code)
    shown = [row["cells"][0]["text"] for row in screen.data("board.records")["rows"]]
    assert told["name"].to_list()[::-1] == shown


def test_where_nobody_may_write_the_controls_are_off(
    screen: Screen, lake: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(lake)

    def refuse(*_: object, **__: object) -> None:
        raise AccessDenied("no permission to write boards/")

    monkeypatch.setattr(LocalStore, "put", refuse)
    screen.open("leaderboard", project=lakes.PROJECT, board="acc", tool="edit")
    screen.at.text_input(key="board.edit.title").set_value("New")
    screen.run()
    button(screen, "board.edit.save")
    assert screen.at.button(key="board.edit.save").disabled
    assert screen.at.button(key="board.edit.open").disabled
    assert "may not write here" in screen.text()
    assert open_lake(lake).saved_board("acc").title == "Accuracy"


def test_many_rows_and_columns_come_in_pages(lake: str) -> None:
    import lakeboard

    for n in range(105):
        with lakeboard.init("wide", name=f"w{n:03d}", lake=lake, quiet=True) as run:
            run.log({f"m{i:02d}/acc": n / 200 for i in range(45)} if n < 2 else {"m00/acc": n / 200})
    save(lake, Definition(tuple(Measure(f"m{i:02d}/acc") for i in range(45)), title="W", projects=("wide",)), "wide")
    screen = Screen().open("leaderboard", project="wide", board="wide")
    feed = screen.data(TABLE)
    assert len(feed["rows"]) == 100
    assert sum(each["id"].startswith("value:") for each in feed["columns"]) == 40
    button(screen, "board.page.next")
    assert len(screen.data(TABLE)["rows"]) == 5
    button(screen, "board.part.next")
    assert [each["id"] for each in screen.data(TABLE)["columns"] if each["id"].startswith("value:")] == [
        f"value:m{i}/acc" for i in range(40, 45)
    ]
    assert "Columns 41 to 45 of 45" in screen.text()


def test_deltas_to_a_baseline_have_a_sign(screen: Screen, lake: str) -> None:
    save(lake, Definition((Measure("val/acc", counts="best"),), title="D", entry="param:model", baselines=("b",)), "d")
    screen.open("leaderboard", project=lakes.PROJECT, board="d")
    at = [each["id"] for each in screen.data(TABLE)["columns"]].index("value:val/acc")
    cells = {row["id"]: row["cells"][at] for row in screen.data(TABLE)["rows"]}
    assert (cells["c"]["delta"][0], cells["c"]["better"]) == ("+", True)
    assert (cells["a"]["delta"][0], cells["a"]["better"]) == ("-", False)
    assert "delta" not in cells["b"]


def test_boards_are_listed_as_seldom_as_an_idle_project(lake: str) -> None:
    found = Feed(open_lake(lake))
    assert found.boards() == ()
    other: Lake = open_lake(lake)
    other.save_board(ACC)
    assert found.boards() == ()
    found.forget_boards()
    assert [each.slug for each in found.boards()] == ["accuracy"]


@pytest.fixture(autouse=True)
def signed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody who gave a name."""
    monkeypatch.setattr("lakeboard.dashboard.layout.editing.editor", lambda: "zoe")


def test_a_project_whose_runs_are_all_deleted_says_where_they_are(screen: Screen, lake: str) -> None:
    opened = open_lake(lake)
    opened.delete(lakes.PROJECT, opened.runs(lakes.PROJECT)["run_id"].to_list(), editor="ada")
    screen.open("leaderboard", project=lakes.PROJECT)
    assert any("on the page Trash" in each.value for each in screen.at.caption)
    assert not any("has logged a metric" in each.value for each in screen.at.caption)


def test_the_board_edited_last_opens_where_the_address_names_none(lake: str) -> None:
    save(lake, replace(ACC, title="Old"), "old")
    save(lake, replace(ACC, title="Other", projects=("elsewhere",)), "other")
    save(lake, replace(ACC, title="New"), "new")
    save(lake, replace(ACC, title="Older still"), "old")
    first = Screen().open("leaderboard", project=lakes.PROJECT)
    assert first.at.selectbox(key="board.choice").value == "old"
    assert first.data("refresh")["address"] == {"project": lakes.PROJECT, "board": "old"}
    automatic = Screen().open("leaderboard", project=lakes.PROJECT, board=".")
    assert automatic.at.selectbox(key="board.choice").value == "."
    assert automatic.has("board.table")
    for settings in ({"by": "user"}, {"metric": "val/acc"}, {"combine": "mean"}):
        old_link = Screen().open("leaderboard", project=lakes.PROJECT, **settings)
        assert old_link.at.selectbox(key="board.choice").value == ".", settings


def test_the_menu_is_made_anew_when_a_board_got_another_title(screen: Screen, lake: str) -> None:
    save(lake, replace(ACC, title="Old"))
    screen.open("leaderboard", project=lakes.PROJECT, board="acc")
    assert screen.at.selectbox(key="board.choice").value == "acc"
    save(lake, replace(ACC, title="New"))
    feed.feed().forget_boards()
    screen.run()
    assert screen.at.selectbox(key="board.choice.1").value == "acc"
    assert "New" in screen.at.selectbox(key="board.choice.1").options
    screen.run()
    assert screen.at.selectbox(key="board.choice.1").value == "acc"


def test_what_listing_the_boards_took_is_counted(screen: Screen, lake: str) -> None:
    screen.open("leaderboard")
    save(lake)
    found = Feed(open_lake(lake))
    assert found.boards_cost(0.0) == 0, "not listed yet"
    found.boards()
    assert found.boards_cost(0.0) == 2, "one LIST, one GET"
    found.forget_boards()
    found.boards()
    assert found.boards_cost(0.0) == 1, "versions that were read are not read again"
    assert found.boards_cost(time.time() + 1) == 0


def test_a_time_that_cannot_be_read_is_named_with_what_is_shown_instead(screen: Screen, lake: str) -> None:
    screen.open("leaderboard", at="yesterday", board=".")
    assert "“yesterday” is no time that can be read, so this is the board as of now" in screen.text()
    assert "2026-11-01T12:00" in screen.text()
    button(screen, "board.at.unread")
    assert "at" not in screen.params
    assert "no time that can be read" not in screen.text()
    screen.open("leaderboard", at="2999-01-01T00:00", board=".")
    assert "2999-01-01 00:00 UTC is still to come; this is the board as of now" in screen.text()


def test_a_version_that_is_not_there_is_said_and_the_one_that_counts_is_shown(screen: Screen, lake: str) -> None:
    save(lake)
    screen.open("leaderboard", board="acc", version="0000-0000")
    (said,) = [each.value for each in screen.at.error]
    assert said.endswith(f"has no version {plain('0000-0000')}; this is the version that counts")
    assert sorted(entries(screen)) == ["a", "b", "c"]
    code = next(each.value for each in screen.at.code if "board.frame" in each.value)
    assert run_recipe(code)["entry"].to_list() == entries(screen)


def test_a_metric_that_nobody_logged_is_said(screen: Screen, lake: str) -> None:
    screen.open("leaderboard", board=".", metric="no/such")
    said = f"No run here has logged “{plain('no/such')}”; ranked by {plain('val/acc')} instead."
    assert said in screen.text()
    button(screen, "board.metric.unknown")
    assert "metric" not in screen.params
