"""A disk that is full for a while: points go on in memory, and into the spool again once there is room."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from lakeboard.logger.spooling.spool import Spool
from lakeboard.store.testing import Fault, FaultyStore, MemoryStore
from lakeboard.upkeep.recover import recover_spool
from tests.logger.reading import read_lake
from tests.logger.test_writer import FIRST, WRITER, ended, feed, make


class Disk:
    """Has room or not."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.full = False
        write = os.write

        def limited(descriptor: int, data: memoryview) -> int:
            if not self.full:
                return write(descriptor, data)
            if len(data) > 8:
                return write(descriptor, bytes(data[:8]))
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr("lakeboard.logger.spooling.spool.os.write", limited)


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


def test_a_disk_with_room_again_is_used_again(tmp_path: Path, disk: Disk) -> None:
    told: list[OSError] = []
    spool = Spool.open([tmp_path], f"rabc.{WRITER}", on_loss=told.append)
    assert spool is not None
    store = MemoryStore()
    writer = make(store, spool, seal_bytes=40)
    feed(writer, 10)
    writer.flush(due_seconds=30)
    disk.full = True
    feed(writer, 10)
    assert spool.lost
    disk.full = False
    writer.flush(due_seconds=30)
    feed(writer, 60)
    writer.flush(due_seconds=30)
    assert spool.whole
    feed(writer, 8)
    # Killed here: what came after the last flush is in the spool alone.
    spool.close(remove=False)
    done = recover_spool(spool.folder, now_ms=lambda: 7, store=store)
    assert done is not None
    assert (done.error, done.rows) == (None, 176)
    assert [p[4] for p in read_lake(store).sealed_points(WRITER)] == [float(n) for n in range(176)]
    assert len(told) == 1, "told once"


@pytest.mark.parametrize("back", [True, False])
def test_what_a_full_disk_did_not_take_stays_in_memory_until_it_is_sealed(
    tmp_path: Path, disk: Disk, back: bool
) -> None:
    """Ranges leave memory where the spool has them; one that it has in part must not."""
    spool = Spool.open([tmp_path], f"rabc.{WRITER}", on_loss=lambda error: None)
    assert spool is not None
    away = True
    store = FaultyStore(MemoryStore(), lambda verb, key, n: Fault("before") if away else None)
    writer = make(store, spool, seal_bytes=40)
    for n in range(12):
        disk.full = n in (3, 4) or (n > 4 and not back)
        feed(writer, 25)
    away = False
    writer.flush(due_seconds=30)
    writer.finish(ended(FIRST))
    writer.close(complete=True)
    assert [p[4] for p in read_lake(store).sealed_points(WRITER)] == [float(n) for n in range(600)]
    assert not spool.folder.exists()


def test_points_that_only_a_full_disk_should_have_had_are_told_as_lost(tmp_path: Path, disk: Disk) -> None:
    spool = Spool.open([tmp_path], f"rabc.{WRITER}", on_loss=lambda error: None)
    assert spool is not None
    writer = make(MemoryStore(), spool, seal_bytes=40)
    feed(writer, 20)
    disk.full = True
    feed(writer, 5)
    disk.full = False
    feed(writer, 100)
    assert not spool.whole
    spool.close(remove=False)
    store = MemoryStore()
    done = recover_spool(spool.folder, now_ms=lambda: 7, store=store)
    assert done is not None
    assert "in no readable object" in (done.error or "")
    points = read_lake(store).sealed_points(WRITER)
    assert [p[4] for p in points] == [float(p[0]) for p in points]
    assert [p[0] for p in points[:40]] == list(range(40))
    assert points[-1][0] == 249, "also what came after the hole"
