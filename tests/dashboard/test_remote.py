"""The screen over a real object store, and what looking at it costs there."""

from __future__ import annotations

import pytest

from lakeboard.dashboard.feed import feed
from lakeboard.dashboard.feed.refresh_policy import LAKE_REMOTE, PROJECT_REMOTE
from lakeboard.query.lake import open_lake
from lakeboard.store.opening import open_store
from tests.dashboard import lake as lakes
from tests.dashboard.driver import Screen

pytestmark = [pytest.mark.s3, pytest.mark.slow]


@pytest.fixture
def bucket(s3_lake: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The small lake in a bucket."""
    lakes.fill(open_store(s3_lake))
    monkeypatch.setenv("LAKEBOARD_LAKE", s3_lake)
    return s3_lake


def test_pages_show_a_bucket_like_a_folder(bucket: str) -> None:
    screen = Screen().open("leaderboard")
    assert len(screen.data("board.table")["rows"]) == len(Screen().open("leaderboard").data("board.table")["rows"]) > 1
    screen.open("runs")
    assert len(screen.data("runs.table")["rows"]) == 11
    screen.open("curves", project=lakes.PROJECT, runs=["r0", "rlive"])
    assert [len(chart["traces"]) for chart in screen.data("curves.grid")["charts"]] == [2, 2]
    assert screen.data("rail")["place"] == bucket


def test_home_over_a_bucket_costs_three_listings_and_what_is_new(bucket: str) -> None:
    screen = Screen().open()
    assert screen.names("home.live") == [lakes.LIVE]
    assert screen.data("refresh")["every"] == LAKE_REMOTE.live_seconds * 1000
    # Rows of ten ended runs; of the running one its start and its newest tail.
    assert screen.data("refresh")["requests"] == 3 + 10 + 2
    feed.feed().watch.forget()
    screen.run()
    assert screen.data("refresh")["requests"] == 3


def test_a_bucket_is_asked_less_often(bucket: str) -> None:
    screen = Screen().open("runs")
    assert screen.data("refresh")["every"] == PROJECT_REMOTE.live_seconds * 1000
    assert "three listings" in screen.data("refresh")["title"]


def test_deleting_reaches_the_bucket(bucket: str) -> None:
    screen = Screen().open("runs")
    screen.state("runs.table", selected=["r0"])
    screen.at.button(key="runs.delete.really").click()
    screen.run()
    assert "r0" not in set(open_lake(bucket).runs(lakes.PROJECT)["run_id"])


def test_wrong_credentials_are_said_with_what_to_check(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    screen = Screen().open()
    assert "No access" in screen.text()
    assert "AWS_SECRET_ACCESS_KEY" in screen.text()
