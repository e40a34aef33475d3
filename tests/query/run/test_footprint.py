"""What one run takes up, against the listing of the whole lake."""

from __future__ import annotations

from pathlib import Path

import pytest

from lakeboard.query.lake import open_lake
from lakeboard.query.run.footprint import footprint
from lakeboard.store.local import LocalStore
from lakeboard.upkeep.usage import Usage, lake_usage
from tests.query.lakes import Writer, loss, note_lake


def test_a_run_takes_up_what_the_listing_says(tmp_path: Path) -> None:
    store = LocalStore(str(tmp_path))
    note_lake(store)
    Writer(store, run_id="r1").start().log(loss(50)).finish()
    live = Writer(store, run_id="r11", rand="00000002").start().log(loss(40))
    live.flush()
    live.seal()
    live.log(loss(5, first=40)).flush()
    snapshot = open_lake(str(tmp_path)).snapshot("digits")
    listed = {each.run_id: each for each in lake_usage(store) if each.run_id}
    assert {run_id: footprint(snapshot, run_id) for run_id in ("r1", "r11")} == listed
    assert footprint(snapshot, "r1").monthly() == pytest.approx(listed["r1"].bytes / 2**30 * 0.023)
    assert footprint(snapshot, "nope") == Usage("digits", "nope", 0, 0)
