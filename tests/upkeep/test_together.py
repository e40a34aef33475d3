"""Everybody at once on one lake: writers, two janitors that may be wrong, two packers, readers, deaths anywhere."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from lakeboard.logger.writer import Writer
from lakeboard.schema.errors import StoreError
from lakeboard.schema.keys import PointsKey, parse_key, run_prefix
from lakeboard.store.base import Store
from lakeboard.store.testing import Fault, FaultyStore
from lakeboard.upkeep.clock import no_later_than_now
from lakeboard.upkeep.fsck import fsck
from lakeboard.upkeep.listing import list_project
from lakeboard.upkeep.tidy import execute, look_at, plan_tidy
from tests.effort import EXHAUSTIVE
from tests.upkeep.turns import Turns
from tests.upkeep.worlds import HOUR, P, feed, finish, memory, patient_read, told_rows, writer

NAMES = ("w001-00000001", "w001-00000002")
NOTHING = HOUR * 0


def train(chance: random.Random, run_id: str, name: str, told: dict[str, int]) -> Callable[[Store], None]:
    """A job that tells in `told` how many of its rows were acknowledged."""

    def act(store: Store) -> None:
        w = writer(store, run_id, name, seal_bytes=chance.choice([60, 10**6]))
        for _ in range(chance.randint(2, 10)):
            feed(w, chance.randint(0, 12))
            stubborn(w, lambda: w.flush(due_seconds=30))
            told[run_id] = w.rows
        stubborn(w, lambda: finish(w))

    def stubborn(w: Writer, step: Callable[[], None]) -> None:
        while True:
            try:
                step()
            except StoreError:
                continue
            return

    return act


def tidy_up(chance: random.Random) -> Callable[[Store], None]:
    """Takes everybody for dead, or nobody, packs without a threshold and drops without a grace."""

    def act(store: Store) -> None:
        for _ in range(chance.randint(2, 9)):
            silent = chance.choice([NOTHING, HOUR])
            now = no_later_than_now(list_project(store, P).live)
            for task in plan_tidy(look_at(store, P), now=now, silent=silent, grace=NOTHING, min_singles=0):
                execute(store, task, now=now, silent=silent)

    return act


@pytest.mark.parametrize("seed", range(40))
def test_readers_see_every_acknowledged_row_once_whatever_happens(seed: int) -> None:
    together(seed, clients_repeat=False)


@pytest.mark.parametrize("seed", range(100, 120))
def test_so_they_do_when_puts_time_out_and_land_late(seed: int) -> None:
    together(seed, clients_repeat=True)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1000, 1300 if EXHAUSTIVE else 1050))
def test_readers_see_every_acknowledged_row_once_at_length(seed: int) -> None:
    together(seed, clients_repeat=seed % 2 == 0)


def together(seed: int, *, clients_repeat: bool) -> None:
    chance = random.Random(seed)
    inner, clock = memory()

    def plan(verb: str, key: str, n: int) -> Fault | None:
        if verb == "put" and clients_repeat and chance.random() < 0.15:
            return chance.choice([Fault("before"), Fault("after"), Fault("later")])
        return None

    store = FaultyStore(inner, plan)
    turns = Turns(store, chance, deaths=chance.randint(0, 4))
    told: dict[str, int] = {}
    visible: dict[str, int] = {}

    def read(store: Store) -> None:
        for _ in range(3):
            for run_id, name in (("r1", NAMES[0]), ("r2", NAMES[1])):
                before, seen = told.get(run_id, -1), run_id in told
                final, start, seqs = patient_read(store, run_id, name)
                assert seqs == list(range(len(seqs))), f"{run_id}: holes or doubles in {seqs}"
                assert len(seqs) >= before, f"{run_id}: {before} rows were acknowledged, {len(seqs)} are shown"
                assert final is not None or start or not seen, f"{run_id} has vanished"
                visible[run_id] = max(len(seqs), visible.get(run_id, 0))

    def between() -> None:
        if store.pending and chance.random() < 0.1:
            store.land(chance.randrange(store.pending))

    actors = {
        "train r1": train(random.Random(f"{seed} 1"), "r1", NAMES[0], told),
        "train r2": train(random.Random(f"{seed} 2"), "r2", NAMES[1], told),
        "tidy 1": tidy_up(random.Random(f"{seed} 3")),
        "tidy 2": tidy_up(random.Random(f"{seed} 4")),
        "read 1": read,
        "read 2": read,
    }
    turns.run(actors, mortal=[name for name in actors if not name.startswith("read")], between=between)
    store.land()
    clock.advance(48 * HOUR)
    settle(inner)
    rows = told_rows(inner)
    for run_id, name in (("r1", NAMES[0]), ("r2", NAMES[1])):
        if run_id not in told:
            continue
        final, _, seqs = patient_read(inner, run_id, name)
        assert seqs == list(range(len(seqs)))
        assert len(seqs) >= max(told[run_id], visible.get(run_id, 0))
        assert final is not None
        row = rows[run_id, name]
        assert row == final
        assert row.rows == len(seqs)
        assert row.params["lr"].num == 0.1, "what the start told is still known"
        if seqs:
            loss = row.summary["loss"]
            assert (loss.n, loss.last, loss.min) == (len(seqs), float(len(seqs) - 1), 0.0)
        if f"train {run_id}" not in turns.killed:
            assert row.status == "finished"
    assert inner.list("live/") == [], "nothing is left of writers that ended"
    report = fsck(inner, now=clock.now, repair=True)
    assert not fsck(inner, now=clock.now).problems, report.problems
    for run_id, name in (("r1", NAMES[0]), ("r2", NAMES[1])):
        if run_id in told:
            final, _, seqs = patient_read(inner, run_id, name)
            # Rows that were sealed, but died before anything named them, are promised now.
            assert final is not None
            assert seqs == list(range(final.rows or 0))
            assert len(seqs) >= (rows[run_id, name].rows or 0)
            sealed = [k for i in inner.list(run_prefix(P, run_id)) if isinstance(k := parse_key(i.key), PointsKey)]
            assert sum(k.length for k in sealed) == len(seqs), "a plain glob sees each row once"
            assert {f.name for f in final.files} == {k.name for k in sealed}


def settle(store: Store) -> None:
    """Tidy until nothing is left to do, as a cron job would over the days."""
    for _ in range(6):
        now = no_later_than_now(store.list("")) + 48 * HOUR
        tasks = plan_tidy(look_at(store, P), now=now, min_singles=0)
        for task in tasks:
            done = execute(store, task, now=now)
            assert done.error is None
