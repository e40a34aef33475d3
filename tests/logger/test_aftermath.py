from __future__ import annotations

import os
from pathlib import Path

import pytest

from lakeboard.logger.aftermath import Aftermath
from lakeboard.store.memory import MemoryStore
from lakeboard.store.testing import CountingStore
from lakeboard.upkeep.packing import chores
from tests.upkeep.worlds import P, put_row, told_rows

W = "w001-00000001"


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


class World:
    """An aftermath, its clock, and a store that counts its listings."""

    def __init__(self, spool: Path) -> None:
        self.clock = Clock()
        self.aftermath = Aftermath(clock=self.clock)
        self.store = CountingStore(MemoryStore())
        self.spool = spool

    def end(self, name: str, *, others: bool, project: str = P) -> None:
        self.aftermath.note(
            self.store,
            project,
            name,
            W,
            others=others,
            spool_roots=[self.spool],
            options=None,
            time_is_up=lambda: False,
        )

    @property
    def listings(self) -> int:
        return self.store.counts["list"]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_runs_one_after_the_other_look_at_first_and_then_every_tenth_time(world: World) -> None:
    looked = []
    for n in range(25):
        world.end(f"r{n}", others=False)
        looked.append(world.listings)
    assert looked == [1] * 10 + [2] * 10 + [3] * 5


def test_a_thousand_that_end_together_look_a_few_times(world: World) -> None:
    for n in range(1000):
        world.clock.now += 0.01
        world.end(f"r{n}", others=n < 999)
    # The first, once a second in ten seconds, and the last.
    assert world.listings == 11


def test_the_last_one_looks_for_all(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chores, "MIN_SINGLES", 20)
    for n in range(21):
        put_row(world.store, f"r{n}")
    world.store.reset()
    world.end("first", others=True)
    # r20 is the one to which the packing falls; it is in a hurry, and another is open that will do it.
    world.end("r20", others=True)
    for n in range(9):
        world.end(f"r{n}", others=True)
    assert world.listings == 1
    world.end("r9", others=False)
    assert world.listings == 2
    assert world.store.counts["put"] == 1, "packed"
    assert len(told_rows(world.store)) == 21


def test_projects_are_looked_at_each_for_itself(world: World) -> None:
    world.end("a", others=True)
    world.end("b", others=True, project="q")
    assert world.listings == 1, "the second's first look waits for one of the others"
    world.end("c", others=False)
    assert world.listings == 2


def test_a_forked_child_does_not_do_what_its_parent_left(world: World) -> None:
    world.end("a", others=False)
    world.end("b", others=True)
    with world.aftermath._lock:
        child = os.fork()
        if child == 0:
            before = world.listings
            try:
                for n in range(9):
                    world.end(f"c{n}", others=False)
            finally:
                # Its nine alone: not yet ten with the parent's one.
                os._exit(world.listings - before)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
