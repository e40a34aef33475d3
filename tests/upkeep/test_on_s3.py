"""All of upkeep once on a real S3 server."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

import lakeboard
from lakeboard.cli import main
from lakeboard.store.counting import CountingStore
from lakeboard.store.opening import open_store
from lakeboard.upkeep.clock import store_now
from lakeboard.upkeep.fsck import fsck
from lakeboard.upkeep.purge import purge_now
from lakeboard.upkeep.sync import sync
from lakeboard.upkeep.tidy import execute_all, look_at, plan_tidy
from lakeboard.upkeep.uploads import ABANDONED, Uploads, find_uploads
from lakeboard.upkeep.usage import lake_usage
from tests.s3proxy import S3Proxy, s3_error
from tests.upkeep.worlds import P, ended, feed, writer

pytestmark = pytest.mark.s3


def test_uploads_that_never_ended_are_aborted_after_a_week(
    s3_lake: str, s3_client: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    store = open_store(s3_lake)
    ended(store, "r1", 5)
    bucket, _, prefix = s3_lake.removeprefix("s3://").partition("/")
    s3_client.create_multipart_upload(Bucket=bucket, Key=f"{prefix}/files/project=p/x/big")
    now = store_now(store, rand="0123456789abcdef")
    assert find_uploads(store, now=now) == Uploads()
    assert find_uploads(store, now=now + ABANDONED - timedelta(minutes=5)) == Uploads()
    monkeypatch.setattr("lakeboard.upkeep.uploads.ABANDONED", timedelta(seconds=-600))
    monkeypatch.setenv("LAKEBOARD_LAKE", s3_lake)
    for dry, word in ((["--dry-run"], "would abort"), ([], "aborted")):
        assert main(["tidy", *dry]) == 0
        assert f"{word} the upload of files/project=p/x/big" in capsys.readouterr().out
    assert main(["tidy"]) == 0
    assert "abort" not in capsys.readouterr().out
    assert s3_client.list_multipart_uploads(Bucket=bucket, Prefix=prefix).get("Uploads", []) == []


def test_a_look_for_uploads_that_is_denied_stops_no_tidy(
    s3_lake: str, s3_proxy: S3Proxy, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ended(open_store(s3_lake), "r1", 5)
    s3_proxy.spoil = lambda r: s3_error(403, "AccessDenied") if "uploads" in r.query else None
    assert main(["tidy", "--lake", s3_lake]) == 0
    assert "uploads that never ended were not looked for: can't list" in capsys.readouterr().err


def test_a_large_object_is_copied_in_parts_and_by_the_server(s3_lake: str, tmp_path: Path) -> None:
    here, there, beside = open_store(tmp_path / "here"), open_store(s3_lake), open_store(f"{s3_lake}-beside")
    ended(here, "r1", 5)
    large = bytes(range(256)) * 40_000
    key = f"artifacts/project={P}/run_id=r1/ab/model.bin"
    here.put(key, large)
    counted = CountingStore(there, keep_log=True)
    assert (done := sync(here, counted)).problems == []
    assert done.bytes == sum(i.size for i in here.list("") if i.key != "_lake.json")
    assert ("put", key) not in counted.log
    assert ("copy", key) in counted.log
    assert there.get(key) == large
    assert sync(there, beside).copied == done.copied
    assert beside.get(key) == large
    back = open_store(tmp_path / "back")
    assert sync(beside, back).copied == done.copied
    assert back.get(key) == large


def test_a_lakes_life(s3_lake: str, tmp_path: Path) -> None:
    here = open_store(tmp_path / "here")
    for i in range(5):
        ended(here, f"r{i}", 20)
    there = open_store(s3_lake)
    assert sync(here, there).copied == 10
    assert sync(here, there).copied == 0
    dead = writer(there, "dead")
    feed(dead, 7)
    dead.flush(due_seconds=30)
    now = store_now(there, rand="0123456789abcdef")
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=5)
    tomorrow = now + timedelta(days=2)
    for _ in range(2):
        done = list(execute_all(there, plan_tidy(look_at(there, P), now=tomorrow, min_singles=2), now=tomorrow))
        assert [d.error for d in done] == [None] * len(done)
    lake = lakeboard.open(s3_lake)
    rows = {r["run_id"]: r for r in lake.runs(P).iter_rows(named=True)}
    assert (len(rows), rows["dead"]["status"], rows["dead"]["rows"]) == (6, "crashed", 7)
    assert lake.metrics(P).collect().height == 107
    assert not any(i.key.startswith(("live/", "_clock/")) for i in there.list(""))
    assert fsck(there, now=now).problems == ()
    size = sum(u.bytes for u in lake_usage(there) if u.run_id == "r1")
    lake.edit(P, ["r1"], "purge")
    assert purge_now(there, P, "r1").freed == size
    assert fsck(there, now=tomorrow).problems == ()
    back = CountingStore(here)
    assert sync(there, back).copied >= 2, "the purge and the run that died there"
    assert "r1" not in lakeboard.open(here.url).runs(P)["run_id"].to_list()
