from __future__ import annotations

import pytest

from lakeboard.store.base import ObjectInfo
from lakeboard.store.testing import CountingStore
from lakeboard.upkeep.usage import (
    GB_MONTH_DOLLARS,
    S3_STANDARD,
    Packing,
    Usage,
    by_area,
    by_project,
    lake_usage,
    packing,
    usage,
    writes_at_most,
)
from tests.upkeep.worlds import T0, P, ended, feed, memory, put_edit, writer


def info(key: str, size: int) -> ObjectInfo:
    return ObjectInfo(key, size, T0)


def test_every_byte_has_one_owner() -> None:
    store, _ = memory()
    ended(store, "r1")
    w = writer(store, "r2")
    feed(w, 3)
    w.flush(due_seconds=30)
    put_edit(store, ["r1"], "tag", "x", hlc=1)
    store.put("boards/main/00000000000000000001-00000000.json", b"{}")
    store.put("views/main-00000000/00000000000000000001-00000000.json", b"{}")
    store.put(f"artifacts/project={P}/run_id=r1/ab/model.bin", b"x" * 5000)
    store.put("somebody's file", b"xyz")
    found = usage(store.list(""))
    assert sum(u.bytes for u in found) == sum(map(len, store.objects.values()))
    assert sum(u.objects for u in found) == len(store.objects)
    assert (found[0].project, found[0].run_id) == (P, "r1"), "largest first"
    assert {(u.project, u.run_id): u.objects for u in found} == {
        (P, "r1"): 3,
        (P, "r2"): 2,
        (P, None): 1,
        (None, None): 4,
    }
    assert {u.project: u.objects for u in by_project(found)} == {P: 6, None: 4}


def test_only_listings_are_asked_for() -> None:
    inner, _ = memory()
    ended(inner, "r1")
    store = CountingStore(inner)
    assert [u.run_id for u in lake_usage(store, P)] == ["r1"]
    assert dict(store.counts) == {"list": 1}
    assert lake_usage(store, "other") == []


def test_dollars() -> None:
    assert Usage("p", None, 1, 2**30).monthly() == GB_MONTH_DOLLARS
    assert Usage("p", None, 1, 10 * 2**30).monthly(0.01) == 0.1


def test_artifacts_of_odd_names_belong_to_whom_they_can() -> None:
    found = usage([
        info("artifacts/project=p/run_id=1x/a/b", 4),
        info("artifacts/project=1/run_id=r/a/b", 2),
        info("artifacts/x", 1),
    ])  # fmt: skip
    assert [(u.project, u.run_id, u.bytes) for u in found] == [("p", None, 4), (None, None, 3)]


def test_areas_and_packing() -> None:
    store, _ = memory()
    ended(store, "r1")
    put_edit(store, ["r1"], "tag", "x", hlc=1)
    store.put("boards/b/00000000000000000001-0000000a.json", b"{}")
    store.put("notes.txt", b"xyz")
    listed = store.list("")
    areas = by_area(listed)
    assert [a.area for a in areas] == ["metrics", "runs", "edits", "boards", "other"]
    assert sum(a.bytes for a in areas) == sum(i.size for i in listed)
    assert sum(a.objects for a in areas) == len(listed)
    packs = [
        info("runs/project=q/z-000000000001-0000000a.parquet", 1),
        info("edits/project=q/z-000000000001-0000000a.parquet", 1),
        info("runs/project=q/strange.parquet", 1),
    ]
    assert packing([*listed, *packs]) == [Packing("p", 1, 0, 1, 0), Packing("q", 0, 1, 0, 1)]


def test_prices_and_the_most_that_jobs_can_have_written() -> None:
    assert S3_STANDARD.requests(writes=2_000, reads=10_000) == pytest.approx(0.01 + 0.004)
    assert writes_at_most([]) == 0
    assert writes_at_most([0.0, None]) == 4
    assert writes_at_most([3600.0]) == 4 + 6 + 120
    assert writes_at_most([-5.0]) == 4
