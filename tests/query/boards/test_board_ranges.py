"""How sure a board's order is: ranges of ranks over resampled seeds."""

from __future__ import annotations

import polars as pl

from lakeboard.query.boards.board import board
from lakeboard.query.boards.bootstrap import affordable
from lakeboard.query.boards.definition import Definition
from tests.query.boards.test_board import ACC, notes, ranked
from tests.query.runframes import runs_frame


def _seeds(means: dict[str, float], spread: float, n: int) -> pl.DataFrame:
    rows = [
        {"acc": mean + spread * (seed - (n - 1) / 2), ".model": model, ".seed": seed}
        for model, mean in means.items()
        for seed in range(n)
    ]
    return runs_frame(rows)


def test_rank_ranges_tell_what_seeds_cannot() -> None:
    apart = board(_seeds({"a": 0.9, "b": 0.8, "c": 0.1}, 0.001, 5), Definition(ACC, entry="config"))
    assert ranked(apart, "rank_low", "rank_high", "not_distinguishable") == [
        (1, "model=a", 1, 1, None), (2, "model=b", 2, 2, False), (3, "model=c", 3, 3, False),
    ]  # fmt: skip
    close = board(_seeds({"a": 0.9, "b": 0.895, "c": 0.1}, 0.01, 5), Definition(ACC, entry="config"))
    assert ranked(close, "rank_low", "rank_high", "not_distinguishable") == [
        (1, "model=a", 1, 2, None), (2, "model=b", 1, 2, True), (3, "model=c", 3, 3, False),
    ]  # fmt: skip


def test_a_rank_is_within_its_range_where_many_follow_closely() -> None:
    crowd = _seeds({f"m{n:02d}": 0.9 - 0.0001 * n for n in range(60)}, 0.1, 2)
    made = board(crowd, Definition(ACC, entry="config"))
    assert made.frame.select(
        ((pl.col("rank") >= pl.col("rank_low")) & (pl.col("rank") <= pl.col("rank_high"))).all()
    ).item()
    assert ranked(made, "rank_low")[0] == (1, "model=m00", 1)


def test_large_boards_are_resampled_less_often() -> None:
    assert [affordable(1_000, cells) for cells in (1, 5_000, 10_000, 20_000)] == [1_000, 1_000, 500, 250]
    assert affordable(100, 20_000) == 100


def test_one_run_has_no_rank_range() -> None:
    rows = [
        {"acc": 0.9, ".m": "a", ".seed": 1},
        {"acc": 0.8, ".m": "a", ".seed": 2},
        {"acc": 0.7, ".m": "b", ".seed": 1},
    ]
    made = board(runs_frame(rows), Definition(ACC, entry="config"))
    assert ranked(made, "rank_low", "rank_high", "not_distinguishable") == [
        (1, "m=a", 1, 1, None), (2, "m=b", None, None, None),
    ]  # fmt: skip
    assert notes(made) == ["seeds"]


def test_the_same_seed_gives_the_same_board() -> None:
    runs = _seeds({"a": 0.9, "b": 0.895, "c": 0.89}, 0.01, 3)
    once, again = (board(runs, Definition(ACC, entry="config"), seed=7).frame for _ in range(2))
    assert once.equals(again)
