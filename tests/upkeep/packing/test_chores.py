from __future__ import annotations

import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest

import lakeboard
from lakeboard.schema.keys import RowKey, project_prefix
from lakeboard.store.local import LocalStore
from lakeboard.store.testing import CountingStore
from lakeboard.upkeep.clock import GRACE
from lakeboard.upkeep.packing import chores
from lakeboard.upkeep.packing.chores import pack_when_many
from tests.upkeep.worlds import DAY, P, memory, put_row, told_rows

W = "w001-00000001"
MIN_SINGLES, EVERY = 20, 5


@pytest.fixture(autouse=True)
def smaller_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chores, "MIN_SINGLES", MIN_SINGLES)
    monkeypatch.setattr(chores, "EVERY", EVERY)


def test_it_falls_to_one_job_in_many() -> None:
    store, clock = memory()
    packed = []
    for i in range(MIN_SINGLES + 2 * EVERY):
        put_row(store, f"r{i}")
        clock.advance(timedelta(seconds=1))
        # Nobody packs while they come, as if they all ended at once.
    for i in range(MIN_SINGLES + 2 * EVERY):
        if i < MIN_SINGLES or (i - MIN_SINGLES) % EVERY:
            assert pack_when_many(store, P, f"r{i}", W) is None
    before = told_rows(store)
    for i in (MIN_SINGLES + EVERY, MIN_SINGLES):
        done = pack_when_many(store, P, f"r{i}", W)
        packed.append(done.rows if done else 0)
    assert packed == [MIN_SINGLES + 2 * EVERY, 0], "the second finds it done"
    assert told_rows(store) == before


@pytest.mark.parametrize("seconds", [1, 10, 600])
def test_a_steady_stream_of_jobs_keeps_its_lake_small(seconds: int) -> None:
    store, clock = memory()
    sizes = []
    for i in range(200):
        put_row(store, f"r{i}")
        clock.advance(timedelta(seconds=seconds))
        pack_when_many(store, P, f"r{i}", W)
        sizes.append(len(store.list(project_prefix("runs", P))))
    assert len(told_rows(store)) == 200
    within_grace = GRACE.total_seconds() / seconds
    assert max(sizes) < within_grace + 4 * MIN_SINGLES


def test_a_pack_too_large_to_read_is_left_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    store, clock = memory()
    monkeypatch.setattr(chores, "READ_BYTES", 10)
    for i in range(100):
        put_row(store, f"r{i}")
        clock.advance(timedelta(hours=1))
        pack_when_many(store, P, f"r{i}", W)
    assert len(told_rows(store)) == 100
    gens = [i.key for i in store.list(project_prefix("runs", P)) if "/z-" in i.key]
    assert 2 <= len(gens) <= 5


def test_rows_that_came_while_another_packed_are_not_passed_over() -> None:
    store, clock = memory()
    for i in range(MIN_SINGLES + 1):
        put_row(store, f"r{i}")
        clock.advance(timedelta(seconds=1))
    late: list[RowKey] = []

    def clock_that_puts() -> bool:
        if not late:
            late.append(put_row(store, "late"))
            clock.advance(timedelta(seconds=1))
        return False

    done = pack_when_many(store, P, f"r{MIN_SINGLES}", W, time_is_up=clock_that_puts)
    assert done is not None
    assert late[0].path not in done.inputs
    for i in range(MIN_SINGLES + 1):
        put_row(store, f"s{i}")
        clock.advance(timedelta(seconds=1))
    done = pack_when_many(store, P, f"s{MIN_SINGLES}", W)
    assert done is not None
    assert late[0].path in done.inputs


def test_a_job_that_need_not_pack_costs_one_listing() -> None:
    inner, _ = memory()
    put_row(inner, "r1")
    store = CountingStore(inner)
    assert pack_when_many(store, P, "r1", W) is None
    assert dict(store.counts) == {"list": 1}


@pytest.mark.parametrize("after", range(6))
def test_it_stops_when_time_is_up_without_harm(after: int) -> None:
    store, clock = memory()
    for i in range(MIN_SINGLES + 1):
        put_row(store, f"r{i}")
    clock.advance(DAY)
    before = told_rows(store)
    asked = [0]

    def time_is_up() -> bool:
        asked[0] += 1
        return asked[0] > after

    pack_when_many(store, P, f"r{MIN_SINGLES}", W, time_is_up=time_is_up)
    assert told_rows(store) == before


def test_an_ending_run_packs(tmp_path: Path) -> None:
    store = LocalStore(tmp_path / "lake")
    for i in range(MIN_SINGLES - 1):
        put_row(store, f"r{i}")
    # The first of a process looks and finds one too few; the second would pack, and is seen by the tenth after it.
    for number in range(11):
        assert any("/z-" in i.key for i in store.list("runs/")) is False
        time.sleep(0.02 if number < 2 else 0)
        run = lakeboard.init(project=P, lake=tmp_path / "lake", quiet=True)
        run.log({"a": 1})
        run.finish()
    assert any("/z-" in i.key for i in store.list("runs/")) is True
    assert len(lakeboard.open(tmp_path / "lake").runs(P)) == MIN_SINGLES + 10


@pytest.mark.parametrize("how", ["raises", "hangs"])
def test_a_chore_never_fails_a_run_nor_keeps_it_for_long(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = threading.Event()

    def chore(*args: object, **options: object) -> None:
        if how == "raises":
            raise RuntimeError("planned")
        released.wait(30)

    monkeypatch.setattr("lakeboard.logger.aftermath.pack_when_many", chore)
    monkeypatch.setattr("lakeboard.logger.background.worker.CHORE_SECONDS", 0.3)
    run = lakeboard.init(project=P, lake=tmp_path / "lake", quiet=True)
    began = time.monotonic()
    run.finish()
    took = time.monotonic() - began
    released.set()
    assert took < 3
    assert lakeboard.open(tmp_path / "lake").runs(P)["status"].to_list() == ["finished"]


def test_packing_imports_no_pandas(tmp_path: Path) -> None:
    code = """
import sys
from lakeboard.schema.run.row import RunRow
from lakeboard.schema.keys import RowKey
from lakeboard.schema.parquet import encode_table
from lakeboard.schema.rowtable import rows_to_table
from lakeboard.store.local import LocalStore
from lakeboard.upkeep.packing.chores import pack_when_many
from lakeboard.upkeep.clock import GRACE
store = LocalStore(sys.argv[1])
for i in range(201):
    key = RowKey("p", f"r{i:03}", "w001-00000001", 3)
    store.put(key.path, encode_table(rows_to_table([RunRow(key.run_id, key.writer, version=3, status="finished")])))
done = [pack_when_many(store, "p", f"r{i:03}", "w001-00000001") for i in range(201)]
assert sum(d.rows for d in done if d) == 201
loaded = {"pandas", "numpy", "polars"} & sys.modules.keys()
assert loaded <= {"numpy"}, loaded  # pyarrow's own import brings numpy where it is installed
"""
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "lake")], check=True, timeout=60)
