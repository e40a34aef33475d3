"""Reading from a real S3 server: what crosses the wire, and what a disk saves."""

from __future__ import annotations

from collections import Counter

import polars as pl
import pytest

from lakeboard.query.lake import open_lake
from lakeboard.query.points import source as pointsource
from lakeboard.store.s3 import S3Store
from tests.query.lakes import Writer, loss, note_lake, put_pack
from tests.s3proxy import S3Proxy

pytestmark = pytest.mark.s3


def wire(proxy: S3Proxy) -> Counter[str]:
    """Requests since the last call, by operation."""
    return Counter(request.operation for request in proxy.take())


def test_what_a_look_costs_on_the_wire(s3_proxy: S3Proxy, s3_lake: str) -> None:
    store = S3Store(s3_lake)
    note_lake(store)
    live = [Writer(store, run_id=f"live{i}").start().log(loss(20)) for i in range(3)]
    for w in live:
        w.flush()
    ended = [Writer(store, run_id=f"ended{i}").start().log(loss(20)) for i in range(3)]
    for w in ended:
        w.finish()
    put_pack(store, [w.final_row() for w in ended])
    s3_proxy.take()
    lake = open_lake(s3_lake)
    assert wire(s3_proxy) == {"GET": 1}
    assert lake.runs("digits").height == 6
    assert wire(s3_proxy) == {"LIST": 3, "GET": 3 * 2 + 3 + 1}
    assert lake.runs("digits").height == 6
    assert wire(s3_proxy) == {"LIST": 3}
    live[0].log(loss(5)).flush()
    s3_proxy.take()
    snapshot = lake.snapshot("digits")
    assert wire(s3_proxy) == {"LIST": 3, "GET": 1}
    assert lake.metrics("digits", snapshot=snapshot).collect().height == 3 * 20 + 5 + 3 * 20
    assert wire(s3_proxy) == {"GET": 3}, "the ended runs' files; tails came with their footers"
    assert lake.metrics("digits", snapshot=snapshot).collect().height == 125
    assert wire(s3_proxy) == {}, "kept on disk"
    again = open_lake(s3_lake)
    assert again.runs("digits").height == 6
    assert wire(s3_proxy) == {"GET": 1 + 3 * 2, "LIST": 3}, "rows are on disk, tails are not worth it"


@pytest.mark.parametrize("kept", [False, True], ids=["native", "kept"])
@pytest.mark.parametrize("project", ["digits", "a b/ünï%2F=[x]*?"])
def test_points_are_exact(s3_lake: str, project: str, kept: bool) -> None:
    store = S3Store(s3_lake)
    writers = []
    for i in range(4):
        w = Writer(store, project=project, run_id=f"r{i}", rand=f"{i:08x}").start().log(loss(30))
        w.seal(0, 12)
        w.seal(5, 20, forget=True)
        w.sealed = 20
        w.flush() if i % 2 else w.finish()
        writers.append(w)
    lake = open_lake(s3_lake, cache=kept)
    frame = lake.metrics(project).collect()
    assert frame.group_by("run_id").agg(pl.col("seq").sort()).sort("run_id")["seq"].to_list() == [list(range(30))] * 4
    assert frame["project"].unique().to_list() == [project]
    one = lake.metrics(project).filter(pl.col("run_id") == "r2", pl.col("step") < 3).collect()
    assert one.sort("step")["value"].to_list() == [1.0, 1 / 2, 1 / 3]
    assert lake.problems(project) == ()


@pytest.mark.parametrize("kept", [False, True], ids=["native", "kept"])
def test_damage_and_loss_cost_their_own_rows_alone(s3_lake: str, kept: bool) -> None:
    store = S3Store(s3_lake)
    keys = []
    for i in range(6):
        w = Writer(store, run_id=f"r{i}", rand=f"{i:08x}").start().log(loss(10))
        keys.append(w.seal())
        w.finish()
    store.put(keys[1], store.get(keys[1])[:200])
    store.put(keys[2], b"")
    store.delete([keys[3]])
    lake = open_lake(s3_lake, cache=kept)
    frame = lake.metrics("digits").collect()
    assert sorted(frame["run_id"].unique()) == ["r0", "r4", "r5"]
    assert frame.height == 30
    assert {p.key: p.kind for p in lake.problems("digits") if p.kind != "incomplete"} == {
        keys[1]: "damaged",
        keys[2]: "damaged",
    }
    assert {p.key for p in lake.problems("digits") if p.kind == "incomplete"} == set(keys[1:4])


@pytest.mark.parametrize("kept", [True, False])
def test_large_files_are_fetched_whole_and_once(
    s3_proxy: S3Proxy, s3_lake: str, monkeypatch: pytest.MonkeyPatch, kept: bool
) -> None:
    monkeypatch.setattr(pointsource, "TOGETHER_ROWS", 1000)
    store = S3Store(s3_lake)
    for run, rows in (("large", 2000), ("larger", 3000), ("small", 500)):
        Writer(store, run_id=run).start().log(loss(rows)).finish()
    lake = open_lake(s3_lake, cache=kept)
    snapshot = lake.snapshot("digits")
    lazy = lake.metrics("digits", snapshot=snapshot)
    s3_proxy.take()
    assert lazy.select(pl.len()).collect().item() == 5500
    requests = s3_proxy.take()
    assert [(r.operation, r.range) for r in requests] == [("GET", None)] * 3
    few = lazy.filter(pl.col("step") < 2).select("run_id", "step").collect()
    assert sorted(few.rows()) == [(run, step) for run in ("large", "larger", "small") for step in (0, 1)]
    assert wire(s3_proxy) == ({} if kept else {"GET": 3}), "what no disk keeps is fetched again"


@pytest.mark.parametrize("kept", [True, False])
def test_no_flipped_bit_of_a_large_file_is_shown(s3_lake: str, monkeypatch: pytest.MonkeyPatch, kept: bool) -> None:
    monkeypatch.setattr(pointsource, "TOGETHER_ROWS", 100)
    store = S3Store(s3_lake)
    writer = Writer(store, run_id="large").start().log(loss(500))
    key = writer.seal()
    writer.finish()
    whole = store.get(key)
    for at in range(4, len(whole), len(whole) // 6):
        store.put(key, whole[:at] + bytes([whole[at] ^ 4]) + whole[at + 1 :])
        lake = open_lake(s3_lake, cache=kept)
        assert lake.metrics("digits").collect().height == 0
        assert {p.kind for p in lake.problems("digits") if p.key == key} >= {"damaged"}, f"byte {at}"
    store.put(key, whole)
    assert open_lake(s3_lake, cache=kept).metrics("digits").collect().height == 500


def test_a_large_file_with_fewer_rows_than_its_name_says_is_named(
    s3_lake: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pointsource, "TOGETHER_ROWS", 100)
    store = S3Store(s3_lake)
    keys = []
    for run, rows in (("a", 500), ("b", 400)):
        writer = Writer(store, run_id=run).start().log(loss(rows))
        keys.append(writer.seal())
        writer.finish()
    store.put(keys[0], store.get(keys[1]))
    lake = open_lake(s3_lake)
    assert lake.metrics("digits").collect()["run_id"].unique().to_list() == ["b"]
    assert keys[0] in {p.key for p in lake.problems("digits")}
