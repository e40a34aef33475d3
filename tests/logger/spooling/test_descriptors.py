"""Files of spools: few stay open, all can be appended to."""

from __future__ import annotations

import os
from collections import OrderedDict
from pathlib import Path

import pytest

from lakeboard.logger.spooling import descriptors


def _append(path: Path, data: bytes) -> None:
    descriptor = descriptors.borrow(path)
    os.write(descriptor, data)
    descriptors.give_back(path, descriptor)


def test_more_files_than_stay_open_are_appended_to_in_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(descriptors, "_OPEN", OrderedDict())
    before = len(list(Path("/proc/self/fd").iterdir()))
    paths = [tmp_path / f"{n}.spool" for n in range(3 * descriptors.KEPT_OPEN)]
    for path in paths:
        descriptors.create(path)
    for turn in (b"a", b"b", b"c"):
        for path in paths:
            _append(path, turn)
    assert len(list(Path("/proc/self/fd").iterdir())) - before == descriptors.KEPT_OPEN
    for path in paths:
        descriptors.close(path)
        descriptors.close(path)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
    assert {path.read_bytes() for path in paths} == {b"abc"}


def test_a_file_that_is_there_is_not_begun_again(tmp_path: Path) -> None:
    (tmp_path / "0.spool").write_bytes(b"kept")
    with pytest.raises(FileExistsError):
        descriptors.create(tmp_path / "0.spool")


def test_a_file_that_is_gone_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        descriptors.borrow(tmp_path / "0.spool")
