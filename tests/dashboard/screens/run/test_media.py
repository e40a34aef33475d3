"""The part *Media* of a run's page."""

from __future__ import annotations

from typing import Any

import pytest

import lakeboard
from lakeboard.dashboard.components import media
from lakeboard.dashboard.components.media import Key, Shown, as_data, media_folder
from lakeboard.dashboard.layout.media_items import items_of, keys_of
from lakeboard.query.lake import open_lake
from tests.dashboard.driver import Screen

PROJECT = "pictures"


@pytest.fixture
def logged(lake: str) -> str:
    """A run with media of several kinds and data sets."""
    with lakeboard.init(project=PROJECT, id="r-1", lake=lake, quiet=True) as run:
        for step in (0, 5):
            run.log({"report": lakeboard.Text(f"at {step}")}, step=step)
        run.log({"samples": [lakeboard.Image(b"\x89PNG\r\n\x1a\nbroken", caption=c) for c in "ab"]}, step=7)
        run.log({"samples": lakeboard.Json([1])}, step=7, dataset="test")
    with lakeboard.init(project=PROJECT, id="r-2", lake=lake, quiet=True) as run:
        run.log({"loss": 1.0})
    return lake


def data_of(screen: Screen) -> dict[str, Any]:
    return screen.data("run.media")


def test_keys_are_at_the_left_and_the_items_of_one_are_sent(screen: Screen, logged: str) -> None:
    screen.open("run", project=PROJECT, run="r-1", tab="media")
    data = data_of(screen)
    assert [(key["name"], key["kind"], key["n"]) for key in data["keys"]] == [
        ("samples", "image", 2), ("report", "text", 2), ("samples [test]", "json", 1),
    ]  # fmt: skip
    assert (data["key"], data["steps"]) == ("samples", [7])
    assert [(item["c"], item["s"], item["k"]) for item in data["items"]] == [("a", 0, "image"), ("b", 0, "image")]
    assert data["folder"] == "lb-media/pictures/r-1/"
    screen.open("run", project=PROJECT, run="r-1", tab="media", media="report")
    assert data_of(screen)["steps"] == [0, 5]
    screen.open("run", project=PROJECT, run="r-1", tab="media", media="no such key")
    assert data_of(screen)["key"] == "samples"


def test_a_run_without_media_says_how_to_log_some(screen: Screen, logged: str) -> None:
    screen.open("run", project=PROJECT, run="r-2", tab="media")
    assert "This run logged no media" in screen.text()
    assert any("lakeboard.Image(x" in each.value for each in screen.at.code)


def test_media_stand_above_the_curves_when_asked(screen: Screen, logged: str) -> None:
    with lakeboard.init(project=PROJECT, id="r-3", lake=logged, quiet=True) as run:
        run.log({"loss": 1.0, "report": lakeboard.Text("x")}, step=0)
        run.log({"loss": 0.5}, step=1)
    screen.open("run", project=PROJECT, run="r-3")
    assert not screen.has("run.media")
    screen.at.toggle(key="run.beside").set_value(True)
    screen.run()
    assert screen.params["beside"] == "1"
    assert screen.has("run.metrics")
    assert data_of(screen)["key"] == "report"
    # Where there are none, there is no switch.
    screen.open("run", project=PROJECT, run="r-2", beside="1")
    assert not screen.has("run.media")
    assert not [each for each in screen.at.toggle if each.key == "run.beside"]


def test_items_have_the_address_of_their_row(logged: str) -> None:
    frame = open_lake(logged).media(PROJECT)
    assert keys_of(frame)[0] == Key("samples", "image", 2)
    (only,) = items_of(frame, "samples [test]")
    assert only.address.endswith("-000000000005/4")
    assert (only.kind, only.caption, only.width, only.layers) == ("json", "", 0, 0)


def test_of_a_key_with_too_many_items_the_newest_are_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(media, "MOST_ITEMS", 2)
    items = [Shown(step, f"x/{step}", "text", "text/plain", "", 0, 0, 1, 0) for step in range(5)]
    data = as_data([Key("a", "text", 5)], "a", items, folder="f/")
    assert (data["steps"], [item["at"] for item in data["items"]]) == ([3, 4], ["x/3", "x/4"])
    assert data["rest"] == "3 earlier items not shown."


def test_a_project_s_name_is_encoded_for_a_server_that_decodes_once() -> None:
    assert media_folder("a/b c%", "r-1") == "lb-media/a%252Fb%2520c%2525/r-1/"
