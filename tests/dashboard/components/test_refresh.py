"""When to look again."""

from __future__ import annotations

from lakeboard.dashboard.components.refresh import Beat, as_data

LIVE = Beat("2 runs live", live=True, taken=100.0, asked=101.0, every=2.0, requests=5)


def test_the_browser_is_told_how_old_the_page_is_and_when_to_ask() -> None:
    assert as_data(LIVE, paused=False, now=103.2) == {
        "lead": "2 runs live",
        "live": True,
        "paused": False,
        "beat": 101_000,
        "age": 3000,
        "every": 2000,
        "requests": 5,
        "title": "",
        "trouble": False,
    }


def test_a_paused_page_asks_for_nothing() -> None:
    told = as_data(LIVE, paused=True, now=100.0)
    assert (told["every"], told["lead"]) == (None, "Paused")
