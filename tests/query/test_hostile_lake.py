"""Lakes that others write to, or hide a part of: what is wrong costs itself and is named, and the rest is shown."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import lakeboard
from lakeboard.query.lake import Lake
from lakeboard.schema.checksum import BLANK, CHECKSUM_KEY, stamped
from lakeboard.schema.edits import Edit, edits_to_table
from lakeboard.schema.errors import AccessDenied
from lakeboard.schema.keys import EditKey
from lakeboard.schema.parquet import decode_table, encode_table
from lakeboard.store.base import ObjectInfo
from lakeboard.store.local import LocalStore
from lakeboard.store.memory import MemoryStore
from lakeboard.store.wrapper import StoreWrapper
from lakeboard.upkeep.clock import store_now
from lakeboard.upkeep.fsck import fsck
from lakeboard.upkeep.tidy import execute_all, look_at, plan_tidy

_END_OF_CLOCK = 2**63 - 1


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    _log(tmp_path / "lake", "p", "r1")
    return lakeboard.open(str(tmp_path / "lake"))


def _log(lake: Path, project: str, run_id: str) -> None:
    with lakeboard.init(project=project, lake=lake, id=run_id, name="honest", quiet=True) as run:
        for n in range(10):
            run.log({"a": float(n)})


def _decide(lake: Lake, hlc: int, op: Any, arg: str | None = None) -> str:
    key = EditKey("p", hlc, "0a1b2c3d")
    lake.store.put(key.path, encode_table(edits_to_table([Edit(hlc, key.rand, "r1", op, arg, "mallory")])))
    return key.path


@pytest.mark.parametrize(
    "hlc",
    [_END_OF_CLOCK, int(4e9 * 1e9), int((datetime.now(UTC).timestamp() + 2 * 86_400) * 1e9)],
    ids=["end of the clock", "a century ahead", "two days ahead"],
)
def test_a_decision_from_the_future_has_no_say_and_is_named(lake: Lake, hlc: int) -> None:
    key = _decide(lake, hlc, "rename", "mine for ever")
    lake.edit("p", ["r1"], "rename", "first", editor="ann")
    lake.edit("p", ["r1"], "rename", "second", editor="ben")
    assert lake.runs("p")["name"].to_list() == ["second"]
    assert [edit.arg for edit in lake.snapshot("p").edits] == ["first", "second"]
    assert lake.snapshot("p").seen_hlc < (datetime.now(UTC) + timedelta(hours=1)).timestamp() * 1e9
    (problem,) = [each for each in lake.problems("p") if each.key == key]
    assert "1 decision by mallory" in problem.message
    assert "set the clock" in problem.message
    found = fsck(lake.store, now=datetime.now(UTC)).problems
    assert [(each.kind, each.key) for each in found] == [("ahead", key)]


def test_a_purge_from_the_future_takes_no_byte(lake: Lake) -> None:
    _decide(lake, _END_OF_CLOCK, "purge")
    assert lake.runs("p")["run_id"].to_list() == ["r1"]
    now = store_now(lake.store, rand="00") + timedelta(days=400)
    tasks = plan_tidy(look_at(lake.store, "p"), now=now, silent=timedelta(hours=24), min_singles=0)
    list(execute_all(lake.store, tasks, now=now, silent=timedelta(hours=24)))
    assert lakeboard.open(lake.url).metrics("p").collect().height == 10


def _bomb(table: pa.Table, rows: int) -> bytes:
    chunk = table.slice(0, 1).take(pa.array([0] * 100_000))
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(sink, chunk.schema, compression="zstd", store_schema=False) as writer:
        for _ in range(rows // 100_000):
            writer.write_table(chunk)
        writer.add_key_value_metadata({"lakeboard.format": "1", CHECKSUM_KEY: BLANK})
    return stamped(memoryview(sink.getvalue()))


@pytest.mark.slow
@pytest.mark.parametrize("area", ["runs", "edits"])
def test_a_pack_of_too_many_rows_costs_itself(lake: Lake, area: str) -> None:
    if area == "edits":
        lake.edit("p", ["r1"], "note", "x", editor="ann")
    single = next(Path(lake.url, area).rglob("*.parquet"))
    key = f"{area}/project=p/z-000000000002-0a1b2c3d.parquet"
    lake.store.put(key, _bomb(decode_table(single.read_bytes(), key="x"), 1_100_000))
    opened = lakeboard.open(lake.url)
    assert opened.runs("p")["run_id"].to_list() == ["r1"]
    (problem,) = opened.problems("p")
    assert (problem.key, problem.kind) == (key, "damaged")
    assert "1,100,000 rows; at most 1,000,000 are read" in problem.message
    assert [(each.kind, each.key) for each in fsck(lake.store, now=datetime.now(UTC)).problems][:1] == [
        ("damaged", key)
    ]


@pytest.mark.timeout(30)
def test_a_pipe_among_the_objects_is_named_and_nobody_waits_for_it(lake: Lake) -> None:
    places = [
        "runs/project=p/r-r2.w001-0a1b2c3d.000000000000.parquet",
        "live/project=p/r2.w001-0a1b2c3d.00000000.000000000000-000000000000.parquet",
        "metrics/project=p/run_id=r1/w001-0a1b2c3d.000000000001-000000000001.parquet",
        "edits/project=p/e-00000000000000000001-0a1b2c3d.parquet",
    ]
    for place in places:
        path = Path(lake.url, place)
        path.parent.mkdir(parents=True, exist_ok=True)
        os.mkfifo(path)
    opened = lakeboard.open(lake.url)
    assert opened.runs("p")["run_id"].to_list() == ["r1"]
    assert opened.metrics("p").collect().height == 10
    named = {each.key: each.message for each in opened.problems("p")}
    for place in (places[0], places[1], places[3]):
        assert named[place] == f"{place} is a FIFO, no file: it is passed over"
    found = {each.key for each in fsck(lake.store, now=datetime.now(UTC)).problems if each.kind == "foreign"}
    assert found == set(places)


class _Closed(StoreWrapper):
    """A bucket whose policy hides one project: nothing above it may be listed whole, nor anything in it."""

    def _check(self, prefix: str) -> None:
        if prefix in ("", "live/", "runs/", "edits/", "metrics/") or "project=secret" in prefix:
            raise AccessDenied(f"can't list {self.url}/{prefix}: no")

    def list(self, prefix: str) -> list[ObjectInfo]:
        self._check(prefix)
        return self._inner.list(prefix)


@pytest.fixture
def closed(tmp_path: Path) -> Lake:
    for project, run_id in (("p", "r1"), ("secret", "s1")):
        _log(tmp_path / "lake", project, run_id)
    files, bucket = LocalStore(tmp_path / "lake"), MemoryStore()
    for info in files.list(""):
        bucket.put(info.key, files.get(info.key))
    return Lake(_Closed(bucket))


def test_a_project_that_a_policy_hides_hides_no_other(closed: Lake) -> None:
    survey = closed.survey()
    assert survey.projects == ("p",)
    assert [(each.key, each.kind) for each in survey.closed] == [("runs/project=secret/", "denied")]
    assert closed.runs("p")["run_id"].to_list() == ["r1"]
    assert closed.census().count() == {"p": 0}
    assert closed.overview() is not None
    assert [each.key for each in closed.problems("p")] == ["runs/project=secret/"]
    with pytest.raises(AccessDenied, match="project=secret"):
        closed.runs("secret")


def test_what_may_not_be_read_is_not_put_right(closed: Lake) -> None:
    report = fsck(closed.store, now=datetime.now(UTC) + timedelta(days=9), repair=True)
    assert {(each.key, each.kind) for each in report.problems} == {
        ("runs/project=secret/", "denied"),
        ("metrics/project=secret/", "denied"),
    }
    assert (report.put, report.deleted) == ((), ())
