"""One lock for the spools of a process: each is locked while its run is open, and free when it has ended."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from lakeboard.logger.spooling.sharedlock import lock_together
from lakeboard.upkeep.spooldir import LOCK_NAME, lock_spool, remove_spool, spool_folders


def _descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def test_many_spools_are_locked_by_one_descriptor_and_freed_one_by_one(tmp_path: Path) -> None:
    before = _descriptors()
    folders = [tmp_path / f"r.w001-{n:08x}" for n in range(30)]
    locks = [lock_together(folder) for folder in folders]
    assert _descriptors() == before + 1
    assert all(lock_spool(folder) is None for folder in folders)
    assert list(spool_folders(tmp_path)) == folders
    for n, lock in enumerate(locks):
        assert lock is not None
        lock.release()
        lock.release()
        assert all(lock_spool(folder) is None for folder in folders[n + 1 :]), "those that are open still"
        free = lock_spool(folders[n])
        assert free is not None, "its own is free, for a recovery"
        remove_spool(free)
    assert _descriptors() == before
    assert list(spool_folders(tmp_path)) == []


def test_a_spool_that_is_removed_takes_its_lock_along(tmp_path: Path) -> None:
    first, second = (lock_together(tmp_path / f"r.w001-0000000{n}") for n in range(2))
    assert first is not None
    assert second is not None
    remove_spool(first)
    assert not first.folder.exists()
    third = lock_together(tmp_path / "r.w001-00000003")
    assert third is not None
    assert (third.folder / LOCK_NAME).samefile(second.folder / LOCK_NAME)
    for lock in (second, third):
        remove_spool(lock)


def test_where_files_can_not_be_linked_each_spool_has_its_own_lock(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    locks = [lock_together(tmp_path / f"r.w001-0000000{n}") for n in range(2)]
    for lock in locks:
        assert lock is not None
        assert lock_spool(lock.folder) is None
    for lock in locks:
        assert lock is not None
        lock.release()
        free = lock_spool(lock.folder)
        assert free is not None
        free.release()


def test_a_lock_file_that_somebody_put_in_our_place_locks_nothing_for_us(tmp_path: Path) -> None:
    first = lock_together(tmp_path / "r.w001-00000001")
    assert first is not None
    (first.folder / LOCK_NAME).unlink()
    (first.folder / LOCK_NAME).touch()
    second = lock_together(tmp_path / "r.w001-00000002")
    assert second is not None
    assert lock_spool(second.folder) is None
    second.release()
    first.release()


def test_a_child_lets_go_without_touching_what_is_its_parents(tmp_path: Path) -> None:
    locks = [lock_together(tmp_path / f"r.w001-0000000{n}") for n in range(2)]
    child = os.fork()
    if child == 0:
        code = 1
        try:
            for lock in locks:
                assert lock is not None
                lock.forget()
            own = lock_together(tmp_path / "r.w001-0000000c")
            assert own is not None
            assert all(lock_spool(lock.folder) is None for lock in locks if lock is not None)
            code = 0
        finally:
            os._exit(code)
    assert os.waitpid(child, 0)[1] == 0
    free = lock_spool(tmp_path / "r.w001-0000000c")
    assert free is not None, "it died with the child"
    free.release()
    for lock in locks:
        assert lock is not None
        assert lock_spool(lock.folder) is None
        lock.release()
