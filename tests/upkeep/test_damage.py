"""Bytes that flip, files that are cut short, objects under each other's names: everybody goes on and says so.

What a reader shows differently and does not tell of, `fsck` must see: then there is a check that finds it.
"""

from __future__ import annotations

import random
import time
from functools import cache
from typing import Any

import pytest

from lakeboard.query.lake import Lake
from lakeboard.store.testing import MemoryStore
from lakeboard.upkeep.fsck import fsck
from lakeboard.upkeep.sync import sync
from lakeboard.upkeep.tidy import execute_all, look_at, plan_tidy
from tests.effort import EXHAUSTIVE
from tests.upkeep.worlds import DAY, HOUR, T0, P, ended, feed, memory, put_edit, writer

PATIENCE_SECONDS = 20.0
NEVER_SILENT = ("live/", "edits/")
"""Small objects, which readers check wholly: here nothing wrong may go untold."""


@cache
def small_lake() -> dict[str, bytes]:
    store, clock = memory()
    for i in range(3):
        ended(store, f"r{i}", 5, lr=0.1 * (i + 1))
    put_edit(store, ["r1"], "rename", "best", hlc=1)
    for _ in range(2):
        for task in plan_tidy(look_at(store, P), now=clock.now, min_singles=1):
            list(execute_all(store, [task], now=clock.now))
        clock.advance(HOUR)
    ended(store, "r5", 40)
    put_edit(store, ["r5"], "tag", "x", hlc=2)
    running = writer(store, "r6", seal_bytes=60)
    for _ in range(3):
        feed(running, 15)
        running.flush(due_seconds=30)
    return store.objects


def lake_of(objects: dict[str, bytes]) -> MemoryStore:
    store = MemoryStore("lake", clock=lambda: T0)
    for key, data in objects.items():
        store.put(key, data)
    return store


def shown(store: MemoryStore) -> tuple[Any, Any, Any, list[str]]:
    lake = Lake(store, sleep=lambda seconds: None, wall=lambda: T0)
    runs = lake.runs(P).drop("heartbeat_age", "silent").sort("run_id")
    points = lake.metrics(P).collect().sort("run_id", "writer", "seq")
    return runs, points, lake.history(P), [p.key for p in lake.problems(P)]


def damaged(chance: random.Random) -> tuple[dict[str, bytes], str]:
    """The small lake with one object spoiled, and which."""
    objects = dict(small_lake())
    key = chance.choice([k for k in objects if k != "_lake.json"])
    data = bytearray(objects[key])
    kind = chance.choice(["flip", "flip", "flip", "cut", "blank", "swap", "noise", "empty"])
    at = chance.randrange(len(data))
    if kind == "flip":
        data[at] ^= 1 << chance.randrange(8)
    elif kind == "cut":
        del data[at:]
    elif kind == "blank":
        data[at : at + 8] = bytes(len(data[at : at + 8]))
    elif kind == "swap":
        data = bytearray(objects[chance.choice([k for k in objects if k != key])])
    elif kind == "noise":
        data = bytearray(chance.randbytes(len(data)))
    else:
        data = bytearray()
    objects[key] = bytes(data)
    return objects, key


def survive(seed: int) -> None:
    chance = random.Random(seed)
    right = shown(lake_of(small_lake()))
    objects, key = damaged(chance)
    store = lake_of(objects)
    began = time.monotonic()
    runs, points, history, told = shown(store)
    report = fsck(store, now=T0 + 3 * DAY)
    repaired = fsck(lake_of(objects), now=T0 + 3 * DAY, repair=True)
    sync(store, MemoryStore("copy"))
    for task in plan_tidy(look_at(store, P), now=T0 + 2 * DAY, min_singles=0):
        (done,) = execute_all(store, [task], now=T0 + 2 * DAY)
        assert done.error is None
    assert time.monotonic() - began < PATIENCE_SECONDS
    assert key in store.objects or not key.startswith("metrics/"), "tidying removed the only copy of something"
    assert key in objects
    assert all(f.key for f in repaired.problems)
    differs = not (runs.equals(right[0]) and points.equals(right[1]) and history.equals(right[2]))
    if differs and not any(key.startswith(t) or t.startswith(key) for t in told):
        assert report.problems, f"{key} shows something else, and nobody can tell"
        assert not key.startswith(NEVER_SILENT), f"{key} shows something else, and the reader does not say so"


@pytest.mark.parametrize("seed", range(80))
def test_one_bad_object_stops_nobody(seed: int) -> None:
    survive(seed)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20 if EXHAUSTIVE else 1))
def test_a_thousand_bad_objects_stop_nobody(block: int) -> None:
    for seed in range(1000 + 50 * block, 1050 + 50 * block):
        survive(seed)


def test_whatever_is_foreign_anywhere_stops_nobody() -> None:
    right = shown(lake_of(small_lake()))
    objects = dict(small_lake())
    for folder in ("", "live/", "metrics/", "runs/", "edits/", "boards/", f"runs/project={P}/", f"live/project={P}/"):
        for name in ("x", "x.parquet", "r-1.parquet", ".DS_Store", "_SUCCESS", "z-000000000009-zzzzzzzz.parquet"):
            objects[folder + name] = b"PAR1" if name.endswith("parquet") else b""
    store = lake_of(objects)
    runs, points, history, _ = shown(store)
    assert runs.equals(right[0])
    assert points.equals(right[1])
    assert history.equals(right[2])
    found = {f.key for f in fsck(store, now=T0).problems}
    assert found == objects.keys() - small_lake().keys()
    before = store.objects
    for task in plan_tidy(look_at(store, P), now=T0, min_singles=0):
        list(execute_all(store, [task], now=T0))
    assert found <= store.objects.keys() <= before.keys() | store.objects.keys()
    copy = MemoryStore("copy")
    sync(store, copy)
    assert not found & copy.objects.keys()
