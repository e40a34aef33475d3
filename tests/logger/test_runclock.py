"""A run's times: never before its start, and with a word where the machine's clock was set."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.logger.runclock import CLOCK_ENV, RunClock
from lakeboard.schema.run.row import RunRow

START = 1_700_000_000_000


class Machine:
    """Two clocks that tests set."""

    def __init__(self) -> None:
        self.wall, self.steady = START, 50.0

    def passes(self, seconds: float) -> None:
        self.wall += int(1000 * seconds)
        self.steady += seconds

    def clock(self) -> RunClock:
        return RunClock(START, wall_ms=lambda: self.wall, steady=lambda: self.steady)


def row(ended: int | None) -> RunRow:
    return RunRow("r0", "w001-00000000", started_at=START, ended_at=ended, updated_at=ended)


def test_a_clock_that_nobody_sets_is_told_as_it_is() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.passes(90)
    assert clock.now_ms() == START + 90_000
    assert clock.end(row(START + 90_000)) == row(START + 90_000)


def test_a_clock_that_is_set_back_counts_on_from_the_start_and_says_so() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.passes(60)
    machine.wall -= 7_200_000
    machine.passes(30)
    assert clock.now_ms() == START + 90_000
    done = clock.end(row(machine.wall))
    assert (done.ended_at, done.updated_at) == (START + 90_000, START + 90_000)
    assert done.env[CLOCK_ENV] == ("set back by 7,200 s during the run; its end is its start and the time that passed")


def test_a_clock_that_is_set_ahead_is_believed_and_told() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.passes(10)
    machine.wall += 3_600_000
    done = clock.end(row(machine.wall))
    assert done.ended_at == START + 3_610_000
    assert done.env == {CLOCK_ENV: "set ahead by 3,600 s during the run, which is in its duration"}


@pytest.mark.parametrize("drift", [-1.5, 1.5])
def test_small_corrections_are_not_worth_a_word(drift: float) -> None:
    machine = Machine()
    clock = machine.clock()
    machine.passes(10)
    machine.wall += int(1000 * drift)
    assert clock.end(row(machine.wall)) == row(machine.wall)


def test_a_day_may_differ_by_what_a_slow_correction_makes_of_it() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.passes(86_400)
    machine.wall -= 43_000
    assert clock.end(row(machine.wall)) == row(machine.wall)


def test_a_run_that_has_not_ended_has_no_end() -> None:
    assert Machine().clock().end(row(None)).ended_at is None


@given(st.lists(st.tuples(st.floats(0, 1e6), st.integers(-(10**9), 10**9)), max_size=6))
def test_however_the_clock_is_set_nothing_is_before_the_start(acts: list[tuple[float, int]]) -> None:
    machine = Machine()
    clock = machine.clock()
    last = clock.now_ms()
    for seconds, shift in acts:
        machine.passes(seconds)
        machine.wall += shift
        assert clock.now_ms() >= START
        last = machine.wall
    done = clock.end(row(last))
    assert done.ended_at is not None
    assert done.ended_at >= START
