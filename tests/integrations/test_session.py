"""Models of an integration: stored in the background, whatever their size, and never waited for."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

import lakeboard
from lakeboard.integrations import session as sessions
from lakeboard.integrations.session import Session

PATIENCE = 30.0


@pytest.mark.parametrize("copied", [60_000_000, 10])
def test_a_model_is_stored_and_its_folder_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, copied: int) -> None:
    made: list[Path] = []
    monkeypatch.setattr(sessions, "_COPIED_BYTES", copied)

    def save(path: Path) -> None:
        made.append(path)
        path.write_bytes(b"weights" * 10)

    with lakeboard.init(project="p", lake=tmp_path / "lake", quiet=True) as run:
        session = Session({})
        session.begin({})
        session.log_model(save, "net.bin", aliases=("best",))
    end = time.monotonic() + PATIENCE
    while made[0].parent.exists() and time.monotonic() < end:
        time.sleep(0.01)
    assert not made[0].parent.exists()
    stored = lakeboard.open(tmp_path / "lake").artifact(f"p/model-{run.id}:best")
    assert (stored.type, stored.bytes) == ("model", 70)


def test_what_can_not_be_saved_leaves_nothing(tmp_path: Path) -> None:
    made: list[Path] = []

    def save(path: Path) -> None:
        made.append(path)
        raise OSError("no room")

    with lakeboard.init(project="p", lake=tmp_path / "lake", quiet=True):
        session = Session({})
        session.begin({})
        with pytest.raises(OSError, match="no room"):
            session.log_model(save, "net.bin")
    assert not made[0].parent.exists()
