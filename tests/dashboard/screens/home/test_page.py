"""Home: where links lead, what a search leaves, and what is taken away."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakeboard.dashboard.feed import feed
from lakeboard.dashboard.screens.home import page as page_home
from lakeboard.dashboard.screens.home.tables import SPANS
from lakeboard.query.lake import open_lake
from lakeboard.query.overview.overview import Overview
from lakeboard.schema.errors import StoreUnreachable
from lakeboard.store.base import ObjectInfo
from lakeboard.store.local import LocalStore
from tests.dashboard import lake as lakes
from tests.dashboard.driver import Screen
from tests.dashboard.recipes import run_recipe
from tests.query.lakes import Writer, loss


@pytest.fixture
def two(lake: str) -> str:
    """A second project in the lake."""
    store = LocalStore(lake)
    ended = Writer(store, "speech", "s1", rand="00000051", fields={"name": "asr", "user": "cho"}).start().log(loss(5))
    ended.flush()
    ended.finish()
    running = Writer(store, "speech", "s2", rand="00000052", fields={"name": "asr-live", "user": "cho"})
    running.start().log(loss(3)).flush()
    return lake


def test_home_is_what_opens_without_an_address(two: str) -> None:
    screen = Screen().open()
    assert screen.at.title[0].value == "Home"
    assert screen.params == {}
    assert sorted(screen.names("home.live")) == ["asr-live", lakes.LIVE]
    assert [each["running"] for each in screen.data("rail")["projects"]] == [1, 1]
    assert screen.data("rail")["current"] is None
    assert {each["name"]: each["href"] for each in screen.data("rail")["projects"]} == {
        "digits": "leaderboard?project=digits",
        "speech": "leaderboard?project=speech",
    }


def test_live_counts_of_every_project_are_on_every_page(two: str) -> None:
    screen = Screen().open("runs", project="digits")
    assert [(each["name"], each["running"]) for each in screen.data("rail")["projects"]] == [
        ("digits", 1),
        ("speech", 1),
    ]


@pytest.mark.parametrize("params", [{"project": "digits"}, {"by": "user"}, {"project": "digits", "metric": "val/acc"}])
def test_old_links_to_the_leaderboard_still_lead_there(two: str, params: dict[str, str]) -> None:
    screen = Screen().open("", **params)
    assert screen.has("board.table")
    assert not screen.has("home.projects")
    assert screen.data("refresh")["address"] == {"project": "digits"}
    assert {name: screen.params[name] for name in params} in (params, {name: [v] for name, v in params.items()})


def test_a_search_narrows_everything_and_is_a_link(two: str) -> None:
    screen = Screen().open()
    screen.at.text_input(key="home.find").set_value("cho asr")
    screen.run()
    assert screen.params["find"] in ("cho asr", ["cho asr"])
    assert screen.names("home.hits") == ["asr-live", "asr"]
    assert screen.names("home.live") == ["asr-live"]
    assert screen.names("home.projects") == ["speech"]
    assert [row["id"] for row in screen.data("home.people")["rows"]] in ([], ["cho"])
    assert "2 of 13 runs" in screen.text()
    other = Screen().open("", find="cho asr")
    assert other.names("home.projects") == ["speech"]
    other.at.text_input(key="home.find").set_value("nothing like it")
    other.run()
    assert "Nothing mentions" in other.text()


def test_what_counts_as_lately_and_what_of_it_is_shown_is_a_link(two: str) -> None:
    # The small lake's runs ended in 2023, but for the clock of the one that is written now.
    screen = Screen().open("", within="week", ended="failed")
    assert screen.at.button_group(key="home.within").value == "week"
    assert screen.data("home.ended")["rows"] == []
    screen.at.button_group(key="home.ended.kind").set_value("")
    screen.run()
    assert "ended" not in screen.params
    assert Screen().open("", within="century").at.button_group(key="home.within").value == "day"


def test_only_runs_that_are_shown_have_their_points_read(two: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_home, "MOST_LIVE", 1)
    screen = Screen().open()
    assert len(screen.data("home.live")["rows"]) == 1
    assert "1 of 2 running ones shown, and only their points read" in screen.text()
    first = screen.names("home.live")
    screen.at.button(key="home.next").click()
    screen.run()
    assert screen.names("home.live") != first


def test_a_live_run_has_its_curve(two: str) -> None:
    cells = {row["label"]: row["cells"] for row in Screen().open().data("home.live")["rows"]}
    assert cells["asr-live"][6]["text"] == [1.0, 0.5, 0.33333, 0.33333]


def test_an_empty_lake_shows_the_lines_that_fill_it_and_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "new"
    monkeypatch.setenv("LAKEBOARD_LAKE", str(place))
    screen = Screen().open()
    assert str(place) in screen.at.code[0].value
    assert not place.exists()
    Writer(LocalStore(str(place)), "first", "r1").start()
    feed.feed().watch.forget()
    screen.run()
    assert screen.names("home.live") == ["r1"]


def test_a_lake_that_stops_answering_leaves_what_was_there(two: str, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen().open()
    before = screen.names("home.live")

    def refuse(store: LocalStore, prefix: str = "") -> list[ObjectInfo]:
        raise StoreUnreachable(f"no answer from {store.url}")

    monkeypatch.setattr(LocalStore, "list", refuse)
    feed.feed().watch.forget()
    screen.run()
    assert screen.names("home.live") == before
    assert "no answer from" in screen.at.warning[0].value.replace("\\", "")
    assert screen.data("refresh")["lead"] == "Not reachable"


def test_an_object_that_cannot_be_read_is_named_beside_the_rest(two: str) -> None:
    key = lakes.damage(two)
    screen = Screen().open()
    assert "1 object could not be read" in screen.at.expander[0].label
    assert any(key in each.value for each in screen.at.code)


@pytest.mark.parametrize(
    ("table", "make"),
    [
        ("live", lambda o: o.live()),
        ("projects", lambda o: o.projects(SPANS["week"])),
        ("users", lambda o: o.users(SPANS["week"])),
        ("records", lambda o: o.broken()),
        ("ended", lambda o: o.recently_ended(SPANS["week"])),
    ],
)
def test_each_table_can_be_taken_away(two: str, table: str, make: object) -> None:
    screen = Screen().open("", within="week", find="cho")
    code = next(each.value for each in screen.at.code if _binds(each.value, table))
    expected = make(open_lake(two).overview().find("cho"))  # type: ignore[operator]
    found = run_recipe(code)
    ages = [name for name in ("heartbeat_age", "at") if name in found.columns]
    assert found.drop(ages).equals(expected.drop(ages))
    assert isinstance(open_lake(two).overview(), Overview)


def _binds(code: str, table: str) -> bool:
    method = {"records": "broken", "ended": "recently_ended"}.get(table, table)
    return f".{method}(" in code
