"""The tab of how busy the machine was."""

from __future__ import annotations

from lakeboard.store.local import LocalStore
from tests.dashboard.driver import Screen
from tests.query.lakes import Point, Writer, note_lake


def test_its_charts_are_there_and_nowhere_else_on_the_page(screen: Screen, lake: str) -> None:
    store = LocalStore(lake)
    note_lake(store)
    points = [Point("loss", step, 1.0 / (step + 1)) for step in range(5)]
    points += [Point(name, second, 50.0) for name in ("system/cpu", "system/memory") for second in (15, 30)]
    Writer(store, "busy", "r1").start().log(points).finish()
    screen.open("run", project="busy", run="r1", tab="system")
    assert [chart["id"] for chart in screen.data("run.machine.r1")["charts"]] == ["system/cpu", "system/memory"]
    assert not screen.has("run.metrics")
    screen.open("run", project="busy", run="r1")
    assert [row["id"] for row in screen.data("run.metrics")["rows"]] == ["loss"]
    assert [chart["id"] for chart in screen.data("run.grid.r1")["charts"]] == ["loss"]
    screen.open("curves", project="busy")
    (section,) = [each for each in screen.data("curves.grid")["sections"] if each["id"] == "system"]
    assert (section["folded"], section["n"]) == (True, 2)


def test_a_run_without_samples_says_what_gives_them(screen: Screen, lake: str) -> None:
    store = LocalStore(lake)
    note_lake(store)
    Writer(store, "idle", "r1").start().log([Point("loss", 0, 1.0)]).finish()
    screen.open("run", project="idle", run="r1", tab="system")
    assert "lakeboard[system]" in screen.text()
