"""What is in the trash: who put it there, when, and how much it takes up."""

from __future__ import annotations

from datetime import UTC, datetime

from lakeboard.query.edits.trash import TRASH_SCHEMA, trash_frame
from lakeboard.store.testing import MemoryStore
from tests.query.lakes import Writer, loss, put_edit
from tests.query.worlds import World


def test_deleted_runs_with_who_when_and_how_much() -> None:
    world = World()
    store: MemoryStore = world.store
    for n in range(4):
        Writer(store, "p", f"r{n}", rand=f"{n:08x}").start().log(loss(30 + n)).finish()
    live = Writer(store, "p", "r9", rand="00000009").start().log(loss(5))
    live.flush()
    put_edit(store, ["r0", "r9"], "delete", hlc=1_700_000_000_000 * 1_000_000, project="p", editor="ada")
    put_edit(store, ["r1", "r2"], "delete", hlc=1_700_000_060_000 * 1_000_000, project="p", editor="ben")
    put_edit(store, ["r2"], "purge", hlc=1_700_000_070_000 * 1_000_000, project="p", editor="ben")
    world.counting.reset()
    snapshot = world.lake.snapshot("p")
    asked = world.counting.requests()
    gone = trash_frame(snapshot)
    assert world.counting.requests() == asked
    assert dict(gone.schema) == TRASH_SCHEMA
    size = {
        run_id: sum(i.size for area in ("metrics/", "live/") for i in store.list(area) if run_id in i.key)
        for run_id in ("r0", "r1", "r9")
    }
    first, second = (datetime(2023, 11, 14, 22, minute, 20, tzinfo=UTC) for minute in (13, 14))
    assert gone.select("run_id", "deleted_by", "deleted_at", "bytes").rows() == [
        ("r1", "ben", second, size["r1"]),
        ("r0", "ada", first, size["r0"]),
        ("r9", "ada", first, size["r9"]),
    ]


def test_an_empty_trash_is_a_frame() -> None:
    world = World()
    Writer(world.store, "p", "r0").start().finish()
    assert trash_frame(world.lake.snapshot("p")).rows() == []
    assert trash_frame(world.lake.snapshot("nothing")).height == 0
