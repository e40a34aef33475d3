"""The table of runs: groups, several projects, curves, many runs at once, saved views, what is taken away."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import parse_qs

import polars as pl
import pytest

from lakeboard.dashboard.layout import chrome
from lakeboard.dashboard.screens.runs import page as page_runs
from lakeboard.dashboard.screens.runs import selection as runs_acts
from lakeboard.dashboard.screens.runs import table as runs_table
from lakeboard.query.edits.saved_views import SavedView, SavedViews
from lakeboard.query.filters.language import parse_filter
from lakeboard.query.lake import Lake, open_lake
from lakeboard.query.tables.run_table import run_table
from lakeboard.schema.errors import AccessDenied, StoreUnreachable
from lakeboard.store.local import LocalStore
from tests.dashboard import lake as lakes
from tests.dashboard.driver import Screen
from tests.dashboard.recipes import run_recipe
from tests.query.lakes import Writer

TABLE = "runs.table"
P = lakes.PROJECT


@pytest.fixture
def puts(monkeypatch: pytest.MonkeyPatch, lake: str) -> list[str]:
    """Keys that were written, once the lake is there."""
    found: list[str] = []
    put = LocalStore.put

    def noted(store: LocalStore, key: str, data: bytes, *, durable: bool = False) -> None:
        found.append(key)
        put(store, key, data, durable=durable)

    monkeypatch.setattr(LocalStore, "put", noted)
    return found


@pytest.fixture
def second(lake: str) -> str:
    """Another project of three runs, one of which has an id that the first project has too."""
    store = LocalStore(lake)
    for n, run_id in enumerate(("r0", "s1", "s2")):
        writer = Writer(store, "speech", run_id, rand=f"{n + 50:08x}", config={"lr": 1, "layers": n}, fields={
            "name": f"speech-{n}", "user": "cy",
        })  # fmt: skip
        writer.start().log(lakes.curve(n, 0)).flush()
        writer.finish()
    return "speech"


def by_name(screen: Screen, name: str) -> dict[str, object]:
    """Cells of the row with this name, by column."""
    data = screen.data(TABLE)
    row = next(each for each in data["rows"] if each["cells"][0]["text"] == name)
    return dict(zip([each["id"] for each in data["columns"]], row["cells"], strict=True))


def click(screen: Screen, key: str) -> Screen:
    """Click the button whose key begins so."""
    found = [each for each in screen.at.button if each.key and each.key.startswith(key)]
    assert len(found) == 1, [each.key for each in screen.at.button]
    found[0].click()
    return screen.run()


def fill(screen: Screen, kind: str, key: str, value: str) -> None:
    found: list[Any] = list(screen.at.get(kind))
    next(each for each in found if each.key and each.key.startswith(key)).set_value(value)


# Groups


def test_groups_show_means_and_sort_by_them(screen: Screen) -> None:
    screen.open("runs", project=P)
    screen.at.multiselect(key="runs.group").set_value(["params.model"])
    screen.run()
    assert screen.params["group"] == "params.model"
    screen.trigger(TABLE, "act", {"kind": "sort", "by": "val/acc"})
    assert screen.params["sort"] == "-val/acc"
    assert [row["cells"][0]["text"] for row in screen.data(TABLE)["rows"]] == ["c", "b", "a"]
    found = by_name(screen, "c")
    assert found["n"] == 3
    assert found["val/acc"] == {
        "text": "0.8500",
        "sub": "± 0.0100",
        "title": "mean 0.85 of 3 runs\nstandard deviation 0.010000000000000009",
    }
    assert found["user"] == {"text": "2 values", "state": "mixed"}
    assert found["params.lr"] == {"text": "0.01"}


def test_a_group_opens_on_its_runs_and_leads_to_them(screen: Screen) -> None:
    screen.open("runs", project=P, group=["params.model"], sort="-val/acc", where='user in ("ada")')
    row = screen.data(TABLE)["rows"][0]
    assert (row["cells"][0]["text"], row["cells"][0]["fold"]) == ("c", False)
    screen.trigger(TABLE, "act", {"kind": "fold", "id": row["id"]})
    rows = screen.data(TABLE)["rows"]
    assert [each["cells"][0]["text"] for each in rows[:3]] == ["c", "c-2", "c-0"]
    assert [each["tint"] for each in rows[:3]] == ["group", "member", "member"]
    assert [each["id"] for each in rows[1:3]] == ["r8", "r6"]
    screen.state(TABLE, selected=["r8"])
    assert "1 run selected" in screen.text()
    query = parse_qs(rows[0]["cells"][0]["href"].partition("?")[2])
    assert "group" not in query
    other = Screen().open("runs", **{name: value if len(value) > 1 else value[0] for name, value in query.items()})
    assert other.names(TABLE) == ["c-2", "c-0"]
    screen.trigger(TABLE, "act", {"kind": "fold", "id": row["id"]})
    assert "open" not in screen.params


def test_a_large_group_shows_some_of_its_runs_and_says_how_many_more(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs_table, "MEMBERS", 2)
    screen.open("runs", project=P, group=["params.model"])
    row = next(each for each in screen.data(TABLE)["rows"] if each["cells"][0]["text"] == "a")
    screen.trigger(TABLE, "act", {"kind": "fold", "id": row["id"]})
    names = [each["cells"][0]["text"] for each in screen.data(TABLE)["rows"]]
    at = names.index("a")
    assert names[at + 3] == "and 2 more runs"


def test_groups_by_config_and_by_tag(screen: Screen, lake: str) -> None:
    open_lake(lake).tag(P, ["r0", "r1"], "good")
    screen.open("runs", project=P, group=["config"])
    labels = [row["cells"][0]["text"] for row in screen.data(TABLE)["rows"]]
    assert "lr=0.01 · model=c" in labels
    assert not any("seed" in label for label in labels)
    screen.open("runs", project=P, group=["tags"])
    rows = screen.data(TABLE)["rows"]
    assert [(row["cells"][0]["text"], row["cells"][1]) for row in rows] == [("no tags", 9), ("good", 2)]


def test_a_link_that_groups_by_what_is_gone_shows_runs(screen: Screen) -> None:
    screen.open("runs", project=P, group=["params.bogus"], pins=["nothing"], columns=["bogus"])
    assert len(screen.data(TABLE)["rows"]) == 11


# Columns and curves


def test_the_menu_of_columns_offers_each_metric_once(screen: Screen) -> None:
    screen.open("runs", project=P)
    data = screen.data("runs.columns")
    metric = next(each for each in data["choices"] if each["label"] == "val/acc")
    assert metric["columns"] == [
        ["val/acc", "last"],
        ["val/acc.max", "max"],
        ["val/acc.min", "min"],
        ["val/acc.mean", "mean"],
        ["curve:val/acc", "curve"],
    ]
    assert [each["id"] for each in data["chosen"]][:2] == ["status", "created_at"]


def test_curves_are_read_for_the_rows_shown_alone_and_once(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_runs, "PAGE_ROWS", 4)
    screen.open("runs", project=P)
    asked: list[list[str]] = []
    metrics = Lake.metrics

    def noted(lake: Lake, project: str, **options: object) -> pl.LazyFrame:
        asked.append(list(options["runs"]))  # type: ignore[call-overload]
        return metrics(lake, project, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Lake, "metrics", noted)
    screen.open("runs", project=P, columns=["curve:val/acc"], where="status = finished", sort="name")
    assert screen.names(TABLE) == ["a-0", "a-1", "a-2", "b-0"]
    assert asked == [["r0", "r1", "r2", "r3"]]
    assert "Curves of 4 of 9 runs read" in screen.text()
    drawn = by_name(screen, "a-0")["curve:val/acc"]
    assert drawn == {"text": [0.5, 0.52, 0.54, 0.56, 0.58, 0.6, 0.62, 0.64]}
    screen.run()
    assert len(asked) == 1, "what was read is kept"
    click(screen, "runs.next")
    assert asked[1:] == [["r4", "r5", "r6", "r7"]]
    assert "5 to 8 of 9 runs" in screen.text()


def test_a_layout_is_remembered_for_a_project_and_filters_are_not(screen: Screen, second: str) -> None:
    screen.open("runs", project=P, columns=["val/acc"], pins=["val/acc"], sort="val/acc", filter="model = a")
    screen.open("curves", project=P)
    screen.open("runs", project=P)
    assert screen.params["columns"] == "val/acc"
    assert screen.params["pins"] == "val/acc"
    assert screen.params["sort"] == "val/acc"
    assert "filter" not in screen.params
    screen.open("runs", project=second)
    assert "columns" not in screen.params
    screen.open("runs", project=P)
    assert screen.params["columns"] == "val/acc"


# Several projects


def test_runs_of_several_projects_are_one_table(screen: Screen, second: str) -> None:
    screen.open("runs", project=P)
    assert "project" not in [each["id"] for each in screen.data(TABLE)["columns"]]
    screen.at.multiselect(key="runs.projects").set_value([second])
    screen.run()
    data = screen.data(TABLE)
    assert "project" in [each["id"] for each in data["columns"]]
    assert len(data["rows"]) == 14
    ids = [row["id"] for row in data["rows"]]
    assert {"r0", "r0@speech", "s1@speech"} <= set(ids)
    assert by_name(screen, "speech-0")["name"]["href"] == "run?project=speech&run=r0"  # type: ignore[index]
    assert "14 runs of digits, speech" in screen.text()
    screen.trigger("runs.box", "submit", "layers > 0").run()
    assert sorted(screen.names(TABLE)) == ["speech-1", "speech-2"]
    screen.trigger("runs.box", "submit", "project = speech").run()
    assert len(screen.data(TABLE)["rows"]) == 3


def test_an_act_on_several_projects_is_one_object_each(screen: Screen, lake: str, second: str, puts: list[str]) -> None:
    screen.open("runs", project=P, projects=[second])
    puts.clear()
    screen.state(TABLE, selected=["r0", "r1", "r0@speech"])
    click(screen, "runs.delete.really")
    assert sorted(key.split("/")[1] for key in puts) == ["project=digits", "project=speech"]
    lake_ = open_lake(lake)
    assert not {"r0", "r1"} & set(lake_.runs(P)["run_id"])
    assert sorted(lake_.runs("speech")["run_id"]) == ["s1", "s2"]
    click(screen, "runs.undo")
    assert open_lake(lake).runs("speech").height == 3
    assert open_lake(lake).runs(P).height == 11


# Many runs at once


def test_tagging_many_runs_is_one_object_signed_and_taken_back(
    screen: Screen, lake: str, puts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lakeboard.dashboard.layout.editing.editor", lambda: "ada")
    open_lake(lake).tag(P, ["r0"], "<b>good</b>")
    screen.open("runs", project=P)
    ids = [f"r{n}" for n in range(9)]
    screen.state(TABLE, selected=ids)
    puts.clear()
    fill(screen, "selectbox", "runs.tag.", "<b>good</b>")
    click(screen, "runs.tag.do")
    assert len(puts) == 1
    assert puts[0].startswith("edits/")
    runs = open_lake(lake).runs(P).filter(pl.col("run_id").is_in(ids))
    assert runs["tags"].to_list() == [["<b>good</b>"]] * 9
    edits = open_lake(lake).history(P).filter(pl.col("editor") == "ada")
    assert sorted(edits["run_id"]) == ids[1:], "only those that lacked it"
    assert screen.at.toast[0].value.startswith("Tagged 8 runs")
    assert "9 runs selected · Tagged 8 runs" in screen.text(), "the way back is there while they stay selected"
    click(screen, "runs.undo")
    assert len(puts) == 2
    runs = open_lake(lake).runs(P).sort("run_id")
    assert [run_id for run_id, tags in runs.select("run_id", "tags").iter_rows() if tags] == ["r0"]


def test_a_tag_is_taken_off_and_a_note_set_on_many(screen: Screen, lake: str, puts: list[str]) -> None:
    open_lake(lake).tag(P, ["r0", "r1", "r2"], "old")
    screen.open("runs", project=P)
    screen.state(TABLE, selected=["r0", "r1", "r5"])
    puts.clear()
    fill(screen, "selectbox", "runs.untag.", "old")
    click(screen, "runs.untag.do")
    runs = open_lake(lake).runs(P)
    assert runs.filter(pl.col("tags").list.contains("old"))["run_id"].to_list() == ["r2"]
    fill(screen, "text_area", "runs.note.", "all of *them*")
    click(screen, "runs.note.do")
    noted = open_lake(lake).runs(P).filter(pl.col("notes") == "all of *them*")
    assert sorted(noted["run_id"]) == ["r0", "r1", "r5"]
    assert len(puts) == 2


def test_one_run_is_renamed_and_back(screen: Screen, lake: str) -> None:
    screen.open("runs", project=P)
    screen.state(TABLE, selected=["r0", "r1"])
    assert not [each for each in screen.at.text_input if (each.key or "").startswith("runs.rename.")]
    screen.state(TABLE, selected=["r0"])
    fill(screen, "text_input", "runs.rename.", "the one")
    click(screen, "runs.rename.do")
    assert "the one" in screen.names(TABLE)
    click(screen, "runs.clear")
    click(screen, "runs.undo")
    assert "a-0" in screen.names(TABLE)
    assert "the one" not in open_lake(lake).runs(P)["name"].to_list()


def test_deleting_is_undone_with_one_click(screen: Screen, lake: str, puts: list[str]) -> None:
    screen.open("runs", project=P)
    screen.state(TABLE, selected=["r0", "r1", "r2"])
    puts.clear()
    click(screen, "runs.delete.really")
    assert len(puts) == 1
    assert open_lake(lake).runs(P).height == 8
    assert "Moved 3 runs to the trash" in screen.text()
    click(screen, "runs.undo")
    assert open_lake(lake).runs(P).height == 11
    assert sorted(screen.data(TABLE)["selected"]) == ["r0", "r1", "r2"]
    assert "3 runs selected" in screen.text()


def test_all_that_match_are_selected_across_pages(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_runs, "PAGE_ROWS", 2)
    screen.open("runs", project=P, filter="model = c")
    click(screen, "runs.all")
    assert sorted(screen.data(TABLE)["selected"]) == ["r6", "r7", "r8"]
    assert "3 runs selected" in screen.text()


def test_in_a_folder_that_can_only_be_read_nothing_can_be_decided(
    screen: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    may = os.access
    monkeypatch.setattr(os, "access", lambda path, mode, **more: not mode & os.W_OK and may(path, mode, **more))
    screen.open("runs", project=P)
    screen.state(TABLE, selected=["r0"])
    assert "may not write here" in screen.text()
    off = {re.sub(r"\.\d+$", "", str(each.key)) for each in screen.at.button if each.disabled}
    assert {"runs.delete.really", "runs.tag.do", "runs.note.do", "runs.rename.do", "runs.views.save"} <= off


def test_a_refused_write_says_so_and_turns_the_controls_off(screen: Screen, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(store: LocalStore, key: str, data: bytes, *, durable: bool = False) -> None:
        raise AccessDenied(f"can't write to {store.url}: read only")

    monkeypatch.setattr(LocalStore, "put", refuse)
    screen.open("runs", project=P)
    screen.state(TABLE, selected=["r0"])
    click(screen, "runs.delete.really")
    assert "Nothing was changed" in screen.at.toast[0].value
    assert len(screen.data(TABLE)["rows"]) == 11
    assert screen.at.button(key="runs.delete.really").disabled
    assert Screen().open("runs", project=P).at.button(key="runs.views.save").disabled, "everyone shares the credentials"


def test_a_store_that_fails_amid_an_act_on_two_projects_says_what_was_done(
    screen: Screen, lake: str, second: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_lake(lake).tag(P, ["r0"], "good")
    screen.open("runs", project=P, projects=second)
    screen.state(TABLE, selected=["r1", "r2", f"s1@{second}"])
    put = LocalStore.put

    def half(store: LocalStore, key: str, data: bytes, *, durable: bool = False) -> None:
        if f"project={second}" in key:
            raise StoreUnreachable("the store hung up")
        put(store, key, data, durable=durable)

    monkeypatch.setattr(LocalStore, "put", half)
    fill(screen, "selectbox", "runs.tag.", "good")
    click(screen, "runs.tag.do")
    assert screen.at.toast[0].value.startswith("Only 2 runs changed")
    monkeypatch.setattr(LocalStore, "put", put)
    tags = dict(
        open_lake(lake).runs([P, second]).select(pl.concat_str("run_id", "project", separator="@"), "tags").rows()
    )
    assert (tags[f"r1@{P}"], tags[f"r2@{P}"], tags[f"s1@{second}"]) == (["good"], ["good"], [])
    # Once more does the rest, and the rest alone.
    fill(screen, "selectbox", "runs.tag.", "good")
    click(screen, "runs.tag.do")
    assert screen.at.toast[0].value == "Tagged 1 run"


def test_all_runs_are_compared_by_their_filter_and_few_by_name(
    screen: Screen, second: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    went: dict[str, Any] = {}
    monkeypatch.setattr(chrome, "page_link", lambda page, params, label, *, icon: went.update({page: params}))
    monkeypatch.setattr(runs_acts, "_MOST_NAMED", 2)
    screen.open("runs", project=P, filter="model = a", where="seed >= 0")
    screen.state(TABLE, selected=["r0", "r1"])
    assert went["compare"] == {"project": P, "runs": ["r0", "r1"]}
    screen.state(TABLE, selected=["r2", "r0", "r1"])
    assert went["compare"] == {"project": P, "filter": "model = a", "where": "seed >= 0"}
    screen.open("runs", project=P, filter="model = a", projects=second)
    screen.state(TABLE, selected=["r0", "r1", "r3"])
    assert went["compare"] == {"project": P, "runs": ["r0", "r1", "r3"]}, "one is not among those that match"
    screen.state(TABLE, selected=["r0", f"s1@{second}"])
    assert f"take the 1 of {P}" in screen.text()


def test_groups_of_children_are_called_by_their_parents(screen: Screen, lake: str) -> None:
    for n, parent in enumerate(("r0", "gone")):
        writer = Writer(LocalStore(lake), P, f"c{n}", rand=f"{n + 70:08x}", fields={"parent_run_id": parent})
        writer.start().finish()
    screen.open("runs", project=P, group="parent_run_id")
    assert {row["label"] for row in screen.data(TABLE)["rows"]} == {"no parent", "a-0", "gone"}


# Saved views


def save(screen: Screen, name: str, *, default: bool = False) -> Screen:
    fill(screen, "text_input", "runs.views.name.", name)
    if default:
        next(each for each in screen.at.checkbox if (each.key or "").startswith("runs.views.default.")).check()
    return click(screen, "runs.views.save")


def test_a_view_is_saved_for_the_team_and_opened_by_another(screen: Screen, lake: str, puts: list[str]) -> None:
    screen.open("runs", project=P, filter="model = a", columns=["val/acc", "params.lr"], pins=["val/acc"], sort="name")
    puts.clear()
    save(screen, "Only <a>")
    assert [key.split("/")[0] for key in puts] == ["views"]
    assert screen.params["view"] == "Only <a>"
    (kept,) = SavedViews(LocalStore(lake)).of(P)
    assert kept.view.filter == "model = a"
    assert kept.view.pins == ("val/acc",)
    other = Screen().open("runs", project=P)
    row = other.data("runs.views")["rows"][0]
    query = parse_qs(row["cells"][0]["href"].partition("?")[2])
    other.open("runs", **{name: value if len(value) > 1 else value[0] for name, value in query.items()})
    assert other.names(TABLE) == [lakes.HOSTILE, "a-0", "a-1", "a-2"]
    assert [each["id"] for each in other.data(TABLE)["columns"]] == ["name", "val/acc", "params.lr"]
    assert "view Only" in other.text()
    assert "changed" not in other.text()
    other.trigger(TABLE, "act", {"kind": "sort", "by": "val/acc"})
    assert "changed" in other.text()


def test_the_default_view_greets_who_comes_without_one(screen: Screen) -> None:
    screen.open("runs", project=P, columns=["params.lr"], sort="name")
    save(screen, "first", default=True)
    other = Screen().open("runs", project=P)
    assert other.params["columns"] == "params.lr"
    assert other.params["view"] == "first"
    click(other, "runs.views.usual")
    assert "columns" not in other.params
    other.open("curves", project=P)
    other.open("runs", project=P)
    assert "columns" not in other.params, "what this viewer had last counts more"


def test_a_view_is_saved_again_deleted_and_brought_back(screen: Screen, lake: str) -> None:
    screen.open("runs", project=P, filter="model = a")
    save(screen, "mine")
    screen.trigger("runs.box", "submit", "model = b").run()
    save(screen, "mine")
    assert [kept.view.filter for kept in SavedViews(LocalStore(lake)).of(P)] == ["model = b"]
    screen.trigger("runs.views", "act", {"kind": "delete", "id": "mine"})
    assert SavedViews(LocalStore(lake)).of(P) == []
    assert screen.data("runs.views")["rows"] == []
    click(screen, "runs.undo")
    assert [kept.view.filter for kept in SavedViews(LocalStore(lake)).of(P)] == ["model = b"]


def test_a_view_without_a_name_is_not_saved(screen: Screen, puts: list[str]) -> None:
    screen.open("runs", project=P)
    puts.clear()
    save(screen, "  ")
    assert puts == []
    assert "give the view a name" in screen.at.toast[0].value


def test_views_of_one_project_are_not_offered_in_another(screen: Screen, lake: str, second: str) -> None:
    SavedViews(LocalStore(lake)).save(SavedView(second, "theirs", default=True, columns=("params.lr",)))
    screen.open("runs", project=P)
    assert screen.data("runs.views")["rows"] == []
    assert "columns" not in screen.params


def test_a_filter_is_parsed_and_compiled_once_whoever_draws_and_however_often(screen: Screen) -> None:
    with patch("lakeboard.query.filters.language.parse_filter", wraps=parse_filter) as parsing:
        screen.open("runs", project=P, filter="lr > 0.01")
        screen.run()
    assert [call.args[0] for call in parsing.call_args_list].count("lr > 0.01") == 1


# Taken away


@pytest.mark.parametrize("group", [[], ["params.model"], ["config"]])
@pytest.mark.parametrize("projects", [[], ["speech"]])
def test_what_is_taken_away_is_what_is_shown(
    screen: Screen, lake: str, second: str, group: list[str], projects: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    del second
    taken: dict[str, object] = {}
    monkeypatch.setattr(
        page_runs, "export_menu", lambda code, frame, **more: taken.update(code=code, frame=frame(), **more)
    )
    monkeypatch.setattr(page_runs, "PAGE_ROWS", 3)
    columns = ["val/acc", "params.lr", "user", "curve:val/acc"]
    screen.open(
        "runs", project=P, projects=projects, columns=columns, group=group, sort="-val/acc", filter="lr > 0.01",
        where="status = finished",
    )  # fmt: skip
    frame = taken["frame"]
    assert isinstance(frame, pl.DataFrame)
    assert run_recipe(str(taken["code"])).equals(frame)
    names = [P, *projects]
    runs = open_lake(lake).runs(names)
    assert frame.equals(
        run_table(runs, where=["status = finished", "lr > 0.01"], columns=columns[:3], group=group, sort="-val/acc")
    )
    assert frame.height > 1
    assert str(Path(lake)) in str(taken["code"])
    if not group:
        assert frame["name"].to_list()[:3] == screen.names(TABLE), "the page is its beginning"
