"""Colours of runs: six in a row differ, nothing that was there changes its colour, what comes late changes little."""

from __future__ import annotations

import random
from datetime import timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.query.tables.run_colours import COLOURS, DISTINCT_COLOURS, colours_in_order, preferred, run_colours
from tests.query.runframes import START, runs_frame

_IDS = st.lists(st.text(min_size=1, max_size=8), max_size=60, unique=True)


@given(_IDS)
def test_six_runs_in_a_row_have_six_colours(run_ids: list[str]) -> None:
    colours = colours_in_order(run_ids)
    assert all(0 <= colour < COLOURS for colour in colours)
    for at in range(len(colours)):
        row = colours[at : at + DISTINCT_COLOURS + 1]
        assert len(set(row)) == len(row)


@given(_IDS, st.integers(0, 60))
def test_new_runs_change_none_of_those_before(run_ids: list[str], n: int) -> None:
    assert colours_in_order(run_ids)[:n] == colours_in_order(run_ids[:n])


@given(_IDS)
def test_a_run_has_the_colour_of_its_id_unless_a_neighbour_has_it(run_ids: list[str]) -> None:
    colours = colours_in_order(run_ids)
    for at, run_id in enumerate(run_ids):
        assert colours[at] == preferred(run_id) or preferred(run_id) in colours[max(0, at - DISTINCT_COLOURS) : at]


def test_a_run_that_turns_up_late_in_the_past_changes_few() -> None:
    known = random.Random(1)
    changed = []
    for turn in range(100):
        run_ids = [f"r{known.getrandbits(48):x}" for _ in range(600)]
        at = known.randrange(100)
        without = colours_in_order(run_ids)
        late = colours_in_order([*run_ids[:at], f"late{turn}", *run_ids[at:]])
        after = list(zip(without[at:], late[at + 1 :], strict=True))
        changed.append(sum(a != b for a, b in after))
        assert without[:at] == late[:at]
        assert after[-100:] == [(colour, colour) for colour in without[-100:]]
    assert sum(changed) / len(changed) < 5
    assert max(changed) < 40


def test_colours_are_spread_evenly() -> None:
    used = colours_in_order(f"r{n:06d}" for n in range(4000))
    counts = [used.count(colour) for colour in range(COLOURS)]
    assert min(counts) > 4000 / COLOURS * 0.9


def test_of_a_frame_in_order_of_creation_each_project_for_itself() -> None:
    rows = [{"project": "b"}, {"project": "a"}, {"project": "a"}, {"project": "b"}]
    found = run_colours(runs_frame(rows)[::-1])
    assert found.schema == {"project": pl.String, "run_id": pl.String, "colour": pl.UInt8}
    assert found["run_id"].to_list() == ["r1", "r2", "r0", "r3"]
    assert found["colour"].to_list() == [*colours_in_order(["r1", "r2"]), *colours_in_order(["r0", "r3"])]


def test_the_order_is_that_of_creation_then_of_ids_whatever_the_order_of_rows() -> None:
    moment = {"created_at": START + timedelta(hours=1)}
    runs = runs_frame([moment, {"created_at": START}, moment, {"created_at": None}])
    assert run_colours(runs)["run_id"].to_list() == ["r3", "r1", "r0", "r2"]
    assert run_colours(runs.sample(fraction=1, shuffle=True, seed=3)).equals(run_colours(runs))


@pytest.mark.parametrize("deleted", [["r2"], ["r0", "r5", "r9"]])
def test_going_to_the_trash_and_coming_back_changes_nothing(deleted: list[str]) -> None:
    runs = runs_frame([{} for _ in range(20)])
    gone = runs.with_columns(deleted=pl.col("run_id").is_in(deleted))
    both = pl.concat([gone.filter(~pl.col("deleted")), gone.filter("deleted")])
    assert run_colours(both).equals(run_colours(runs))


def test_of_no_runs() -> None:
    assert run_colours(runs_frame([])).is_empty()
