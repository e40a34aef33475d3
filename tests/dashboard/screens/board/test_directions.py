"""Boards of a metric of which nothing says which way is better: said, switched in the link, settled by a board."""

from __future__ import annotations

import pytest

from lakeboard.dashboard.format.escape import plain
from lakeboard.dashboard.screens.board.doubts import directed, switched, who_states
from lakeboard.dashboard.state.views import BoardView
from lakeboard.query.boards.definition import Definition, Measure
from lakeboard.query.boards.directions import stated_goals, with_stated
from lakeboard.query.boards.versions import BoardVersion
from lakeboard.query.lake import open_lake
from lakeboard.store.local import LocalStore
from tests.dashboard.driver import Screen
from tests.dashboard.recipes import run_recipe
from tests.query.lakes import Point, Writer, note_lake

P = "physics"
TABLE = "board.table"


@pytest.fixture
def flux(lake: str) -> str:
    """Three runs of a metric that could go either way."""
    store = LocalStore(lake)
    note_lake(store)
    for n in range(3):
        writer = Writer(store, P, f"r{n}", rand=f"{n:08x}", config={"lr": 0.1 * n}, fields={"name": f"run-{n}"})
        writer.start().log([Point("flux", 0, float(n))]).finish()
    return lake


def version(*measures: Measure, slug: str = "b", deleted: bool = False, projects: tuple[str, ...] = ()) -> BoardVersion:
    return BoardVersion(slug, "1", Definition(measures, title=slug, projects=projects), None, deleted)


def test_boards_state_directions_that_names_do_not_tell() -> None:
    less, more = Measure("flux", "a", goal="minimize"), Measure("flux", "b", goal="maximize")
    assert stated_goals([version(less)], P) == {"flux": "minimize", "flux [a]": "minimize"}
    assert stated_goals([version(less, more)], P) == {"flux [a]": "minimize", "flux [b]": "maximize"}
    assert stated_goals([version(less, deleted=True), version(more, projects=("other",))], P) == {}
    assert stated_goals([version(Measure("val/acc", goal="minimize"), Measure("flux"))], P) == {}


def test_what_jobs_declared_counts_before_what_boards_state() -> None:
    stated = {"flux": "minimize", "flux [a]": "minimize", "drift": "minimize"}
    assert with_stated({"flux": "maximize"}, stated) == {"flux": "maximize", "drift": "minimize"}
    assert with_stated({"flux [a]": "maximize"}, stated) == {
        "flux [a]": "maximize", "flux": "minimize", "drift": "minimize",
    }  # fmt: skip


def test_a_definition_keeps_what_it_states_itself() -> None:
    own = Definition(
        (Measure("flux", goal="maximize"), Measure("drift"), Measure("flux", "a", counts="at_best", select_on="drift"))
    )
    found = directed(own, {"flux": "minimize", "drift": "minimize"})
    assert [(each.goal, each.select_goal) for each in found.measures] == [
        ("maximize", None), ("minimize", None), ("minimize", "minimize"),
    ]  # fmt: skip
    assert directed(own, {}) == own


def test_switching_a_direction_changes_the_link_alone() -> None:
    view = BoardView(more=("a", "flux"))
    assert switched(view, "flux", "less") == {"more": ("a",), "less": ("flux",)}
    assert switched(view, "flux", None) == {"more": ("a",), "less": ()}


def test_the_automatic_board_says_that_it_assumes_and_is_switched_with_one_click(screen: Screen, flux: str) -> None:
    screen.open("leaderboard", project=P, by="run")
    assert "Nothing says which way is better for **flux**; more is taken to be." in screen.text()
    assert screen.names(TABLE) == ["run-2", "run-1", "run-0"]
    screen.at.button(key="board.goal.0.switch").click()
    screen.run()
    assert (screen.params["less"], "more" in screen.params) == ("flux", False)
    assert screen.names(TABLE) == ["run-0", "run-1", "run-2"]
    assert "By this link, less of **flux** is better." in screen.text()
    code = next(each.value for each in screen.at.code if "board.frame" in each.value)
    assert run_recipe(code)["entry"].to_list() == ["run-0", "run-1", "run-2"], "the code says what the link does"
    screen.at.button(key="board.goal.0.forget").click()
    screen.run()
    assert screen.names(TABLE) == ["run-2", "run-1", "run-0"]


def test_a_saved_board_wins_and_the_other_pages_go_by_it(screen: Screen, flux: str) -> None:
    stated = Definition((Measure("flux", goal="minimize"),), title="Least flux", projects=(P,), entry="run")
    open_lake(flux).save_board(stated, "least")
    screen.open("leaderboard", project=P, board="least", more="flux")
    assert screen.names(TABLE) == ["run-0", "run-1", "run-2"]
    assert "which way is better" not in screen.text()
    screen.open("leaderboard", project=P, board=".", by="run")
    assert screen.names(TABLE) == ["run-0", "run-1", "run-2"]
    assert "Less of **flux** is better, as the board Least flux states." in screen.text()
    screen.open("run", project=P, run="r1")
    assert "Nothing says which way" not in screen.text()
    screen.open()
    assert "none of flux" not in screen.text()


def test_home_claims_no_record_and_says_why(screen: Screen, flux: str) -> None:
    screen.open()
    assert plain("none of flux in physics: nothing says which way is better") in screen.text()
    row = next(row["cells"] for row in screen.data("home.projects")["rows"] if row["id"] == P)
    assert (row[5], row[6], row[7]["text"]) == (None, None, "flux ↕")
    assert 'run.define_metric("flux", goal="minimize")' in row[7]["title"]


def test_many_doubts_share_one_menu(screen: Screen, flux: str) -> None:
    measures = tuple(Measure(name) for name in ("flux", "drift", "heat", "spin"))
    open_lake(flux).save_board(Definition(measures, title="All", projects=(P,), entry="run"), "all")
    screen.open("leaderboard", project=P, board="all")
    assert "Nothing says which way is better for 4 of these metrics" in screen.text()
    screen.at.multiselect(key="board.goals.less").set_value(["flux"])
    screen.run()
    assert screen.params["less"] == "flux"
    assert "for 3 of these metrics" in screen.text()


def test_a_board_that_states_nothing_is_switched_too_and_its_code_says_so(screen: Screen, flux: str) -> None:
    silent = Definition((Measure("flux"),), title="Flux", projects=(P,), entry="run")
    open_lake(flux).save_board(silent, "flux")
    screen.open("leaderboard", project=P, board="flux", less="flux")
    assert screen.names(TABLE) == ["run-0", "run-1", "run-2"]
    assert "Ranked among those that match" not in screen.text()
    code = next(each.value for each in screen.at.code if "board.frame" in each.value)
    assert run_recipe(code)["entry"].to_list() == ["run-0", "run-1", "run-2"]


def test_who_states_a_direction_is_named() -> None:
    boards = [
        version(Measure("flux", goal="minimize"), slug="gone", deleted=True),
        version(Measure("flux", goal="minimize")),
    ]
    assert who_states("flux", boards, P) == "b"
    assert who_states("drift", boards, P) == ""
