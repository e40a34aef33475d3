"""Parents, children and groups."""

from __future__ import annotations

import polars as pl

from lakeboard.query.run.relatives import related_runs, relatives

RUNS = pl.DataFrame(
    {
        "run_id": ["sweep", "a", "b", "c", "other", "orphan", "own"],
        "parent_run_id": [None, "sweep", "sweep", "a", None, "gone", "own"],
        "group": ["g", "g", "g", None, "g", None, None],
    }
)


def ids(frame: pl.DataFrame) -> list[str]:
    return frame["run_id"].to_list()


def test_both_ways_and_the_others_of_the_group() -> None:
    found = related_runs(RUNS, "a")
    assert (found.parent_id, ids(found.parent), ids(found.children)) == ("sweep", ["sweep"], ["c"])
    assert (found.group, ids(found.siblings), found.alone) == ("g", ["b", "other"], False)
    assert ids(related_runs(RUNS, "sweep").children) == ["a", "b"]
    assert ids(related_runs(RUNS, "sweep").siblings) == ["other"]


def test_a_parent_that_is_not_there_is_still_named() -> None:
    found = related_runs(RUNS, "orphan")
    assert (found.parent_id, found.parent.height, found.alone) == ("gone", 0, False)


def test_who_names_itself_or_is_unknown_is_alone() -> None:
    assert related_runs(RUNS, "own").alone
    assert related_runs(RUNS, "nobody").alone


def test_as_one_frame() -> None:
    assert relatives(RUNS, "a").select("role", "run_id").rows() == [
        ("parent", "sweep"),
        ("child", "c"),
        ("group", "b"),
        ("group", "other"),
    ]
