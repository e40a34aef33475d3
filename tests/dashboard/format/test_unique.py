"""Options that are called alike."""

from __future__ import annotations

from lakeboard.dashboard.format.unique import make_unique


def test_options_of_one_name_are_told_apart_by_what_they_are() -> None:
    words = {"r1": "base", "r2": "base", "r3": "other", "r4": "none", "lr": "lr", "params.lr": "lr"}
    assert make_unique(words, also=("none",)) == {
        "r1": "base (r1)", "r2": "base (r2)", "r3": "other", "r4": "none (r4)",
        "lr": "lr", "params.lr": "lr (params.lr)",
    }  # fmt: skip
