"""The page Lake: counts, cost, checking and tidying from the screen, and what is off without permission."""

from __future__ import annotations

import time
from pathlib import Path

import polars as pl
import pytest

from lakeboard.dashboard.feed import feed
from lakeboard.dashboard.screens.lake import tables as lake_tables
from lakeboard.query.lake import open_lake
from lakeboard.query.objects.lru import KindUse
from lakeboard.query.overview.inventory import Effort, take_inventory
from lakeboard.schema.errors import AccessDenied, StoreUnreachable
from lakeboard.schema.sizes import sized
from lakeboard.store.base import ObjectInfo
from lakeboard.store.local import LocalStore
from lakeboard.upkeep.packing.pack import Pack
from lakeboard.upkeep.tidy import Done, look_at, plan_tidy
from lakeboard.upkeep.usage import S3_STANDARD
from tests.dashboard import lake as lakes
from tests.dashboard.driver import Screen
from tests.dashboard.recipes import run_recipe
from tests.query.lakes import Writer


def work_of(screen: Screen) -> Screen:
    """Draw until no work goes on."""
    for _ in range(200):
        if feed.feed().caretaker.busy is None:
            break
        time.sleep(0.02)
    assert feed.feed().caretaker.busy is None
    return screen.run()


def click(screen: Screen, key: str) -> Screen:
    screen.at.button(key=key).click()
    screen.run()
    return work_of(screen)


@pytest.fixture
def crowded(lake: str) -> str:
    """So many single rows that packing is due."""
    store = LocalStore(lake)
    for n in range(201):
        Writer(store, "many", f"m{n}", rand=f"{n:08x}").start().finish()
    return lake


def test_everything_is_counted_by_project_and_by_area(lake: str) -> None:
    screen = Screen().open("lake")
    inventory = take_inventory(LocalStore(lake))
    told = {each.label: each.value for each in screen.at.metric}
    assert told["Objects"] == f"{inventory.objects:,}"
    assert told["A month"].replace("\\", "") == "<$0.0001"
    assert told["Writing"] == "1"
    rows = {row["id"]: row["cells"] for row in screen.data("lake.projects")["rows"]}
    assert [rows["digits"][1], rows["digits"][6]["text"]] == ["11", "10"]
    assert rows["digits"][0]["href"] == "leaderboard?project=digits"
    assert rows[""][0]["text"] == "no project"
    assert screen.names("lake.writers") == [lakes.LIVE]
    assert "Nothing wrong at first sight" in screen.text()
    assert "S3 Standard" in screen.text()
    assert screen.data("refresh")["every"] == 5_000, "nothing here changes every two seconds"


def test_what_the_server_keeps_in_memory_is_shown_by_kind(lake: str) -> None:
    screen = Screen().open("curves", project=lakes.PROJECT, run=["r0", "r1"]).open("lake")
    rows = {row["id"]: row["cells"] for row in screen.data("lake.memory")["rows"]}
    assert rows.keys() <= lake_tables.MEMORY_KINDS.keys()
    assert rows.keys() >= {"points", "projects", "overview"}
    memory = feed.feed().lake.memory
    assert f"of {sized(memory.budget)}" in screen.text()
    assert lake_tables.memory_rows([KindUse("points", 3, 50_000_000)], 200_000_000)[0].cells == [
        {"text": "Points", "title": "Of runs that charts and boards showed"},
        "3",
        {"text": "50.0 MB", "title": "50,000,000 bytes"},
        {"text": "25%", "part": 0.25},
    ]


def test_a_check_says_beforehand_what_it_costs_and_afterwards_what_it_found(lake: str) -> None:
    screen = Screen().open("lake")
    said = [each.value for each in screen.at.caption if each.value.startswith("Reads ")]
    inventory = take_inventory(LocalStore(lake))
    gets = inventory.check.gets
    assert said[0].startswith(f"Reads {gets} objects")
    key = lakes.damage(lake)
    click(screen, "lake.check")
    found = screen.data("lake.findings")["rows"]
    assert any(key in row["cells"][1]["text"] for row in found)
    work = feed.feed().caretaker.work("check")
    assert work is not None
    assert work.report is not None
    assert work.requests >= inventory.check.lists + gets - 1
    assert "problem" in screen.text()
    assert open_lake(lake).runs(lakes.PROJECT).height == 10, "a check repairs nothing"
    click(screen, "lake.quick.check")
    assert "Quick check just now" in screen.text()


def test_what_is_wrong_at_first_sight_is_named(lake: str) -> None:
    (Path(lake) / "metrics" / "notes.txt").write_text("x")
    key = lakes.damage(lake)
    screen = Screen().open("lake")
    shown = [row["cells"][1]["title"] for row in screen.data("lake.health")["rows"]]
    assert shown == ["metrics/notes.txt", key]
    assert "2 objects to look at" in screen.text()


def test_tidying_shows_its_plan_first_and_then_does_it(crowded: str) -> None:
    screen = Screen().open("lake")
    assert screen.at.button(key="lake.tidy").disabled
    rows = {row["id"]: row["cells"] for row in screen.data("lake.projects")["rows"]}
    assert rows["many"][6] == {"text": "201 due", "part": 1.0, "title": "Due: the next tidying packs them"}
    before = len(LocalStore(crowded).list("runs/"))
    click(screen, "lake.plan")
    assert [row["cells"] for row in screen.data("lake.tasks")["rows"]] == [
        ["many: would pack 201 objects of run rows", "planned"]
    ]
    assert len(LocalStore(crowded).list("runs/")) == before
    assert screen.at.button(key="lake.tidy").label == "Do 1 task"
    click(screen, "lake.tidy")
    assert len(LocalStore(crowded).list("runs/")) == before + 1
    (row,) = screen.data("lake.tasks")["rows"]
    assert row["cells"][0].startswith("many: packed 201 objects of run rows into runs/project=many/z-")
    assert row["cells"][1] == "done"
    many = next(row["cells"] for row in screen.data("lake.projects")["rows"] if row["id"] == "many")
    assert (many[6]["text"], many[6]["title"].split(":")[0]) == ("201", "Due, or packed already")
    assert screen.at.button(key="lake.tidy").disabled
    click(screen, "lake.plan")
    assert "the lake is tidy" in screen.text()


def test_without_permission_to_write_nothing_is_tidied_and_checks_still_run(
    crowded: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(store: LocalStore, key: str, feed: bytes, *, durable: bool = False) -> None:
        raise AccessDenied(f"can't write {key}")

    monkeypatch.setattr(LocalStore, "put", refuse)
    screen = Screen().open("lake")
    click(screen, "lake.plan")
    assert len(screen.data("lake.tasks")["rows"]) == 1
    assert screen.at.button(key="lake.tidy").disabled
    assert "may not write here" in screen.text()
    click(screen, "lake.check")
    assert "all is well" in screen.text() or screen.has("lake.findings")


def test_a_lake_that_stops_answering_leaves_what_was_counted(lake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen().open("lake")
    before = screen.data("lake.projects")["rows"]

    def refuse(store: LocalStore, prefix: str = "") -> list[ObjectInfo]:
        raise StoreUnreachable(f"no answer from {store.url}")

    monkeypatch.setattr(LocalStore, "list", refuse)
    feed.feed().watch.forget()
    screen.at.button(key="lake.count").click()
    screen.run()
    assert screen.data("lake.projects")["rows"] == before
    assert "no answer from" in screen.at.warning[0].value.replace("\\", "")
    click(screen, "lake.check")
    assert "The check ended early: no answer from" in screen.text().replace("\\", "")


def test_one_piece_of_work_at_a_time_and_it_can_be_stopped(lake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen().open("lake")
    care = feed.feed().caretaker
    go = False
    listed = LocalStore.list

    def slow(store: LocalStore, prefix: str) -> object:
        while not go and not (care.busy and care.busy.stop.is_set()):
            time.sleep(0.005)
        return listed(store, prefix)

    monkeypatch.setattr(LocalStore, "list", slow)
    care.check()
    first = care.busy
    care.make_plan()
    assert care.busy is first
    assert care.work("plan") is None
    care.stop()
    work_of(screen)
    assert first is not None
    assert first.error == "stopped"
    assert "ended early: stopped" in screen.text().replace("\\", "")


@pytest.mark.parametrize(
    ("part", "table"), [("projects", "lake.projects"), ("areas", "lake.areas"), ("runs", "lake.runs")]
)
def test_each_table_can_be_taken_away(lake: str, part: str, table: str) -> None:
    screen = Screen().open("lake")
    code = next(each.value for each in screen.at.code if each.value.rstrip().endswith(f".{part}"))
    inventory = feed.feed().caretaker.counted()
    assert inventory is not None
    assert run_recipe(code).equals(getattr(inventory, part))
    assert len(screen.data(table)["rows"]) == getattr(inventory, part).height


def test_writers_health_and_plans_can_be_taken_away(crowded: str) -> None:
    (Path(crowded) / "metrics" / "notes.txt").write_text("x")
    lake = open_lake(crowded)
    writers = run_recipe(lake_tables.writers_code(crowded))
    assert writers.select("project", "run_id", "state").rows() == [("digits", "rlive", "live")]
    assert run_recipe(lake_tables.health_code(crowded))["key"].to_list() == ["metrics/notes.txt"]
    found = run_recipe(lake_tables.check_code(crowded, quick=True))
    assert "metrics/notes.txt" in found["key"].to_list()
    tasks = run_recipe(lake_tables.plan_code(crowded))
    seen = look_at(lake.store, "many")
    assert tasks["what"].to_list() == [
        lake_tables.task_rows(plan_tidy(seen, now=seen.listing.runs[0].modified))[0].cells[0]
    ]


def test_cost_in_words() -> None:
    effort = Effort(lists=2, gets=1500, bytes=45_000_000)
    assert lake_tables.effort_words(effort, S3_STANDARD, local=False) == (
        "reads 1,500 objects, 45.0 MB: 1,502 requests, $0.00061"
    )
    assert lake_tables.effort_words(effort, S3_STANDARD, local=True).endswith("1,502 requests")
    day = pl.Series([86_400.0, None])
    amount, how = lake_tables.writing_words(day, S3_STANDARD, local=False)
    assert amount == "≤ $0.01"
    assert "2,890 PUTs" in how
    amount, how = lake_tables.writing_words(day, S3_STANDARD, local=True)
    assert amount == "$0.00"
    assert "In a bucket: $0.01." in how


def test_tasks_in_words() -> None:
    task = Pack("runs", "p", 1, ("a", "b"), ())
    (row,) = lake_tables.done_rows([Done(task, None, "no answer")])
    assert row.cells == ["p: could not pack 2 objects of run rows", "failed: no answer"]
