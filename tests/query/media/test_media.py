"""`lake.media` and the bytes behind it."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import lakeboard
from lakeboard.logger.media import outgoing
from lakeboard.query.lake import Lake
from lakeboard.query.media.frame import media_types
from lakeboard.schema.errors import DamagedObject, InvalidValue, UnknownProject, UnknownRun
from lakeboard.schema.keys import parse_key, project_prefix
from lakeboard.schema.media.keys import MediaKey
from lakeboard.schema.media.objects import decode_media, encode_media
from lakeboard.store.base import Store
from lakeboard.store.counting import CountingStore
from lakeboard.store.opening import open_store


def log(lake: Path, run_id: str, *calls: dict[str, Any], **how: Any) -> None:
    with lakeboard.init(project="p", id=run_id, lake=lake, quiet=True, **how) as run:
        for call in calls:
            run.log(call, step=call.pop("step", None))


def open_counting(lake: Path) -> tuple[Lake, CountingStore]:
    store = CountingStore(open_store(str(lake)))
    return Lake(store), store


def noise(seed: int, side: int = 100) -> Any:
    return np.random.default_rng(seed).integers(0, 256, (side, side, 3), np.uint8)


def test_every_item_is_one_row_and_its_bytes_are_those_that_were_logged(tmp_path: Path) -> None:
    log(
        tmp_path,
        "r-1",
        {"loss": 1.0, "samples": [lakeboard.Image(noise(n), caption=str(n), format="png") for n in range(3)]},
        {"table": lakeboard.Table([[1]], columns=["a"]), "big": lakeboard.Text("x" * 1_500_000)},
    )
    lake, _ = open_counting(tmp_path)
    frame = lake.media("p")
    assert frame.schema == media_types()
    assert frame.select("run_id", "key", "step", "index", "kind", "media_type", "caption", "width", "bytes").rows()[
        :3
    ] == [
        ("r-1", "big", 1, 0, "text", "text/plain", None, None, 1_500_000),
        ("r-1", "samples", 0, 0, "image", "image/png", "0", 100, frame["bytes"][1]),
        ("r-1", "samples", 0, 1, "image", "image/png", "1", 100, frame["bytes"][2]),
    ]
    found = dict(zip(zip(frame["key"], frame["index"], strict=True), lake.media_bytes(frame), strict=True))
    assert found["big", 0] == b"x" * 1_500_000
    assert found["table", 0] == b'{"columns":["a"],"data":[[1]]}'
    assert [found["samples", n] for n in range(3)] == [
        lakeboard.Image(noise(n), format="png").encode().data for n in range(3)
    ]
    thumbs = lake.media_thumbs(frame)
    assert [thumb is not None for thumb in thumbs] == [False, True, True, True, False]
    assert lake.media("p", keys="table").height == 1
    assert lake.media("p", runs=["r-1"], keys=["none"]).is_empty()


def test_a_gallery_of_fifty_takes_three_requests_and_no_more_the_second_time(tmp_path: Path) -> None:
    log(tmp_path, "r-1", {"a": [lakeboard.Image(noise(n, 98)) for n in range(50)]})
    lake, store = open_counting(tmp_path)
    snapshot = lake.snapshot("p")
    store.reset()
    rows = lake.media("p", "r-1", "a", snapshot=snapshot)
    assert len([t for t in lake.media_thumbs(rows) if t]) == 50
    assert store.requests() <= 8
    store.reset()
    assert lake.media("p", "r-1", "a", snapshot=snapshot).equals(rows)
    assert len(lake.media_thumbs(rows)) == 50
    assert store.requests() == 0


def test_a_picture_is_read_without_the_megabytes_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log(tmp_path, "r-1", {"a": [lakeboard.Image(noise(n), format="png") for n in range(100)]})
    lake, store = open_counting(tmp_path)
    rows = lake.media("p")
    read: list[int] = []
    real = store.get_range

    def measured(key: str, start: int, stop: int) -> bytes:
        read.append(stop - start)
        return real(key, start, stop)

    monkeypatch.setattr(store, "get_range", measured)
    assert lake.media_bytes(rows[57:58]) == [lakeboard.Image(noise(57), format="png").encode().data]
    assert len(read) == 1
    assert read[0] < 1_100_000 < rows["bytes"].sum()


def test_boxes_and_masks_are_beside_the_picture(tmp_path: Path) -> None:
    log(
        tmp_path,
        "r-1",
        {"a": [lakeboard.Image(noise(1), boxes=[{"box": [0, 0, 50, 100], "label": "cat"}]), lakeboard.Image(noise(2))]},
    )
    lake, _ = open_counting(tmp_path)
    first, second = lake.media_layers(lake.media("p"))
    assert first == '{"boxes":{"boxes":[{"box":[0.0,0.0,0.5,1.0],"label":"cat"}]},"masks":{}}'
    assert second is None


def test_what_a_resume_logged_again_is_shown_once(tmp_path: Path) -> None:
    log(tmp_path, "r-1", *({"step": n, "a": lakeboard.Text(f"old {n}")} for n in range(4)))
    log(tmp_path, "r-1", *({"step": n, "a": lakeboard.Text(f"new {n}")} for n in (2, 3)), resume="must", resume_step=2)
    lake, _ = open_counting(tmp_path)
    frame = lake.media("p")
    assert lake.media_bytes(frame) == [b"old 0", b"old 1", b"new 2", b"new 3"]
    assert lake.media("p", hidden=True).height == 6


def test_deleted_runs_are_left_out_and_purged_ones_unknown(tmp_path: Path) -> None:
    for name in ("r-1", "r-2", "r-3"):
        log(tmp_path, name, {"a": lakeboard.Text(name)})
    lake, _ = open_counting(tmp_path)
    lake.delete("p", ["r-1"])
    lake.edit("p", ["r-2"], "purge")
    assert lake.media("p")["run_id"].to_list() == ["r-3"]
    assert lake.media("p", runs="r-1").height == 1
    with pytest.raises(UnknownRun):
        lake.media("p", runs="r-2")
    with pytest.raises(UnknownProject):
        lake.media("q")


def object_of(store: Store) -> MediaKey:
    (key,) = (k for i in store.list("media/") if isinstance(k := parse_key(i.key), MediaKey))
    return key


def test_objects_that_are_damaged_or_gone_cost_themselves_and_are_named(tmp_path: Path) -> None:
    for name in ("r-1", "r-2", "r-3"):
        log(tmp_path, name, {"a": lakeboard.Text(name)})
    lake, store = open_counting(tmp_path)
    paths = {i.key.split("run_id=")[1][:3]: i.key for i in store.list("media/")}
    store.put(paths["r-1"], b"PAR1 nothing of the kind PAR1")
    store.delete([paths["r-2"]])
    assert lake.media("p")["run_id"].to_list() == ["r-3"]
    assert {(p.key, p.kind) for p in lake.problems("p")} == {(paths["r-1"], "damaged"), (paths["r-2"], "missing")}


def test_bytes_that_are_not_those_that_were_logged_are_not_given_out(tmp_path: Path) -> None:
    log(tmp_path, "r-1", {"a": lakeboard.Image(noise(1), format="png"), "big": lakeboard.Text("x" * 1_500_000)})
    lake, store = open_counting(tmp_path)
    key = object_of(store)
    rows = decode_media(store.get(key.path), key=key)
    wrong = [replace(row, data=None if row.data is None else row.data[:-1] + b"\0") for row in rows]
    store.put(key.path, encode_media(wrong, writer=key.writer, attempt=1))
    frame = lake.media("p")
    with pytest.raises(DamagedObject, match="holds other bytes than were logged"):
        lake.media_bytes(frame.filter(key="a"))
    store.put(frame.filter(key="big")["file"][0], b"y" * 1_500_000)
    with pytest.raises(DamagedObject, match="holds other bytes than were logged"):
        lake.media_bytes(frame.filter(key="big"))
    with pytest.raises(InvalidValue, match="the frame has no object"):
        lake.media_bytes(frame.drop("object"))


def test_a_flipped_bit_in_a_page_is_told(tmp_path: Path) -> None:
    log(tmp_path, "r-1", {"a": lakeboard.Image(noise(1), format="png")})
    lake, store = open_counting(tmp_path)
    key = object_of(store)
    data = bytearray(store.get(key.path))
    data[len(data) // 2] ^= 1
    store.put(key.path, bytes(data))
    with pytest.raises(DamagedObject, match=r"is damaged: its media can't be read|other bytes than were logged"):
        lake.media_bytes(lake.media("p"))


def test_objects_that_the_row_does_not_name_are_found_by_a_listing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outgoing, "MAX_NAMED", 0)
    log(tmp_path, "r-1", {"a": lakeboard.Text("x")})
    lake, store = open_counting(tmp_path)
    snapshot = lake.snapshot("p")
    store.reset()
    assert lake.media_bytes(lake.media("p", snapshot=snapshot)) == [b"x"]
    assert store.counts["list"] == 1


def test_a_run_without_media_costs_no_request(tmp_path: Path) -> None:
    log(tmp_path, "r-1", {"loss": 1.0})
    lake, store = open_counting(tmp_path)
    snapshot = lake.snapshot("p")
    store.reset()
    assert lake.media("p", snapshot=snapshot).equals(pl.DataFrame(schema=media_types()))
    assert store.requests() == 0


def test_media_of_a_running_run_are_there_with_its_next_flush(tmp_path: Path) -> None:
    run = lakeboard.init(project="p", id="r-1", lake=tmp_path, quiet=True, flush_seconds=0.1)
    try:
        run.log({"a": lakeboard.Text("x")})
        lake, store = open_counting(tmp_path)
        frame = pl.DataFrame()
        for _ in range(200):
            if store.list(project_prefix("live", "p")):
                frame = lake.media("p")
                if frame.height:
                    break
            time.sleep(0.05)
        assert lake.media_bytes(frame) == [b"x"]
    finally:
        run.finish()
