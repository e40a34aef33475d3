"""Objects that are damaged, foreign or senseless: they hide nothing else, and are named."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lakeboard.query.objects.retry import RELISTS
from lakeboard.schema.checksum import BLANK, CHECKSUM_KEY, stamped
from lakeboard.schema.keys import RowKey, TailKey
from lakeboard.schema.parquet import encode_points, encode_table
from lakeboard.schema.rowtable import rows_to_table
from lakeboard.store.testing import CountingStore
from tests.query.lakes import Writer, ended_run, loss, points_table, put_edit, put_pack
from tests.query.snapshots.test_snapshot import asked, open_lake, statuses

DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "truncated": lambda data: data[: len(data) // 2],
    "head cut off": lambda data: data[len(data) // 2 :],
    "zero bytes": lambda data: b"",
    "foreign": lambda data: b"not Parquet at all, but long enough to have a footer",
    "magic alone": lambda data: b"PAR1\x00\x00\x00\x00PAR1",
    "lying length": lambda data: b"PAR1" + b"\xff\xff\xff\x7fPAR1",
    "garbled footer": lambda data: data[:-60] + bytes(b ^ 0x5A for b in data[-60:-8]) + data[-8:],
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
@pytest.mark.parametrize("what", ["row", "pack", "edit", "tail", "start"])
def test_one_damaged_object_hides_nothing_else(
    store: CountingStore, what: str, damage: Callable[[bytes], bytes]
) -> None:
    ended = Writer(store, run_id="ended").start().log(loss(3))
    row = ended.finish()
    Writer(store, run_id="other").start().log(loss(3)).finish()
    live = Writer(store, run_id="live", config={"lr": 1.0}).start().log(loss(3))
    live.flush()
    tail = live.log(loss(2, first=3)).flush()
    keys = {
        "row": row,
        "pack": put_pack(store, [ended_run("packed", {}, {})]),
        "edit": put_edit(store, ["other"], "tag", "good", hlc=5),
        "tail": tail,
        "start": live.tails[0],
    }
    put_edit(store, ["other"], "note", "kept", hlc=6)
    store.put(keys[what], damage(store.get(keys[what])))
    lake, waits = open_lake(store)
    snapshot = lake.snapshot("digits")
    (problem,) = snapshot.problems
    assert (problem.key, problem.kind) == (keys[what], "damaged")
    assert keys[what] in problem.message
    shown = statuses(snapshot, lake)
    expected = {"ended": "finished", "other": "finished", "live": "running", "packed": "finished"}
    gone = {"row": "ended", "pack": "packed"}.get(what)
    assert shown == {run: status for run, status in expected.items() if run != gone}
    frame = lake.runs("digits", snapshot=snapshot)
    by_id = {r["run_id"]: r for r in frame.iter_rows(named=True)}
    assert by_id["other"]["notes"] == "kept"
    # The tail before it still tells most.
    assert by_id["live"]["last_step"] == (2 if what == "tail" else 4)
    assert waits == [], "damage is no reason to wait"
    store.reset()
    lake.snapshot("digits")
    assert asked(store) == (3, 0), "and not read again"


def test_damaged_object_that_was_put_right_is_read_again(store: CountingStore) -> None:
    key = Writer(store).start().finish()
    good = store.get(key)
    store.put(key, good[:-5])
    lake, _ = open_lake(store)
    assert lake.snapshot("digits").problems[0].kind == "damaged"
    store.put(key, good)
    assert lake.snapshot("digits").problems == ()
    assert lake.runs("digits")["status"].to_list() == ["finished"]


def test_newer_format_is_a_problem_of_that_object(store: CountingStore) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    Writer(store, run_id="fine").start().finish()
    key = RowKey("digits", "newer", "w001-00000001", 1).path
    sink = pa.BufferOutputStream()
    table = rows_to_table([ended_run("newer", {}, {})])
    with pq.ParquetWriter(sink, table.schema, store_schema=False) as writer:
        writer.write_table(table)
        writer.add_key_value_metadata({"lakeboard.format": "2", CHECKSUM_KEY: BLANK})
    store.put(key, stamped(memoryview(sink.getvalue())))
    lake, _ = open_lake(store)
    assert lake.runs("digits")["run_id"].to_list() == ["fine"]
    (problem,) = lake.problems("digits")
    assert problem.kind == "format"
    assert "upgrade" in problem.message


@pytest.mark.parametrize("name", ["notes.txt", "r-x.parquet", "copy of r1.parquet"])
@pytest.mark.parametrize("area", ["live", "runs", "edits"])
def test_foreign_objects_are_named(store: CountingStore, area: str, name: str) -> None:
    Writer(store).start()
    store.put(f"{area}/project=digits/{name}", b"hello")
    store.put(f"{area}/project=digits/.DS_Store", b"hidden ones are not worth a word")
    lake, _ = open_lake(store)
    assert lake.runs("digits").height == 1
    assert [(p.kind, p.key) for p in lake.problems("digits")] == [("foreign", f"{area}/project=digits/{name}")]


def test_row_under_another_runs_name_is_damage(store: CountingStore) -> None:
    key = RowKey("digits", "mine", "w001-00000001", 1).path
    store.put(key, encode_table(rows_to_table([ended_run("yours", {}, {})])))
    lake, _ = open_lake(store)
    assert lake.runs("digits").height == 0
    assert lake.problems("digits")[0].kind == "damaged"


@pytest.mark.parametrize(
    "footer",
    [
        {"params": 5},
        {"params": {"lr": ["float"]}},
        {"summary": {"loss": "low"}},
        {"tags": 7},
        {"created_at": "yesterday"},
        {"name": 5},
        {"files": [["a"]]},
        {"rows": {}},
        {"due_seconds": "soon", "sealed": "all"},
        {"summary_k": "seven"},
        {"attempt": "third"},
    ],
    ids=repr,
)
def test_senseless_footer_still_shows_the_run(store: CountingStore, footer: dict[str, object]) -> None:
    Writer(store, run_id="fine").start()
    key = TailKey("digits", "odd", "w001-00000001", 0, 0, 0)
    start = {"run_id": "odd", "writer": key.writer, **footer}
    store.put(key.path, encode_points(points_table([], 0, key.writer), run=start))
    lake, _ = open_lake(store)
    assert sorted(lake.runs("digits")["run_id"]) == ["fine", "odd"]
    if not footer.keys() & {"due_seconds", "rows"}:
        assert lake.problems("digits")


def test_start_that_is_gone_for_good_is_waited_for_once(store: CountingStore) -> None:
    w = Writer(store, config={"lr": 1}).start().log(loss(3))
    w.flush()
    store.delete([w.tails[0]])
    lake, waits = open_lake(store)
    frame = lake.runs("digits")
    assert frame.select("run_id", "status", "loss", "rows").row(0) == ("r1", "running", pytest.approx(1 / 3), 3)
    assert [p.kind for p in lake.problems("digits")] == ["incomplete"]
    assert len(waits) == RELISTS
    assert waits == sorted(waits)
    store.reset()
    lake.snapshot("digits")
    assert asked(store) == (3, 0)
    assert len(waits) == RELISTS
