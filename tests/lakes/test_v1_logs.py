"""Consoles of format 1 are read for ever. This test never changes."""

from __future__ import annotations

from pathlib import Path

from lakeboard.query.logs.console import RunConsole
from lakeboard.store.local import LocalStore
from lakeboard.upkeep.logs import check_logs

LAKE = Path(__file__).parent / "v1_logs"


def test_consoles_of_the_first_format() -> None:
    store = LocalStore(str(LAKE))
    found = RunConsole(store, "digits", "r1")
    assert [(each.writer, each.attempt, each.bytes) for each in found.writers] == [
        ("w001-aaaaaaaa", 1, 54),
        ("w002-bbbbbbbb", 2, 25),
    ]
    assert found.text("w001-aaaaaaaa") == "epoch 0: loss 0.71\nLernrate zu groß\ntoken [redacted]\n"
    assert found.text("w002-bbbbbbbb") == "resumed\n[lakeboard: 12 bytes are missing here]\nlast\n"
    assert [problem.kind for problem in check_logs(store.list(""))] == ["incomplete"]
