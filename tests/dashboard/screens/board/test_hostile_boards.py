"""A folder of boards that others filled: the page draws in time, and names what it passed over."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from lakeboard.query import Definition, Measure
from lakeboard.query.lake import open_lake
from lakeboard.schema.checksum import stamped_json
from lakeboard.schema.errors import InvalidSetting
from lakeboard.schema.keys import DocumentKey
from lakeboard.store.local import LocalStore
from tests.dashboard import lake as lakes
from tests.dashboard.driver import Screen


def put_board(lake: str, slug: str, measures: int, at: int) -> str:
    """A board as nobody could save it."""
    fields = {"measures": [{"metric": f"m{i}"} for i in range(measures)], "title": slug}
    key = DocumentKey("boards", slug, at, "0a1b2c3d").path
    LocalStore(lake).put(key, stamped_json(json.dumps(fields, indent=1).encode()))
    return key


def put_foreign(lake: str, count: int) -> None:
    for i in range(count):
        folder = Path(lake, "boards", f"d{i // 2_000}")
        if i % 2_000 == 0:
            folder.mkdir(parents=True)
        (folder / f"{i % 2_000:04}.txt").touch()


def test_boards_of_too_many_measures_and_files_of_others_are_named(screen: Screen, lake: str) -> None:
    now = int(time.time() * 1000) << 16
    huge = [put_board(lake, f"huge{n}", n, now) for n in (1_001, 20_000, 100_000)]
    put_foreign(lake, 150)
    opened = open_lake(lake)
    opened.save_board(Definition((Measure("val/acc"),), title="good"), "good")
    assert [board.slug for board in opened.boards(lakes.PROJECT)] == ["good"]
    told = {problem.key: problem.message for problem in opened.board_problems()}
    assert "the board has 1,001 measures; at most 1,000 are shown" in told[huge[0]]
    assert "20,000 measures" in told[huge[1]]
    assert told.keys() >= set(huge)
    assert told["boards/"] == "boards/ holds 150 objects that are none of lakeboard's; they were passed over"
    assert len(told) == 3 + 100 + 1
    screen.open("leaderboard", project=lakes.PROJECT)
    shown = "\n".join(each.value for each in screen.at.code)
    assert all(key in shown for key in huge)
    assert told["boards/"] in shown
    with pytest.raises(InvalidSetting, match="1,001 measures; at most 1,000"):
        Definition(tuple(Measure(f"m{i}") for i in range(1_001)))


@pytest.mark.slow
def test_a_page_beside_two_hundred_thousand_files_of_others_draws_within_five_seconds(
    screen: Screen, lake: str
) -> None:
    put_foreign(lake, 200_000)
    huge = put_board(lake, "huge", 100_000, int(time.time() * 1000) << 16)
    screen.open("home")
    began = time.monotonic()
    screen.open("leaderboard", project=lakes.PROJECT)
    took = time.monotonic() - began
    shown = "\n".join(each.value for each in screen.at.code)
    assert "boards/ holds 200,000 objects that are none of lakeboard's" in shown
    assert huge in shown
    assert took < 5, took
