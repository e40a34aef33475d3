from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from lakeboard.logger.media import outgoing as outgoings
from lakeboard.logger.media.outgoing import Outgoing
from lakeboard.logger.steps import drive
from lakeboard.schema.errors import StoreUnreachable
from lakeboard.schema.keys import parse_key
from lakeboard.schema.media.keys import MediaFileKey, MediaKey
from lakeboard.schema.media.objects import decode_media
from lakeboard.schema.media.rows import MediaRow
from lakeboard.schema.media.spool import read_media_segment
from lakeboard.schema.run.row import RunRow
from lakeboard.store.memory import MemoryStore

ROW = RunRow("r-1", "w001-0a1b2c3d")


def item(size: int = 10, key: str = "a") -> MediaRow:
    data = bytes(size)
    return MediaRow(
        key, 0, 0, 0, -1, "image", "image/png", size=size, sha256=hashlib.sha256(data).hexdigest(), data=data
    )


def writer(store: MemoryStore, folder: Path | None, most: int = 10**9) -> tuple[Outgoing, list[str]]:
    said: list[str] = []
    return Outgoing(store, "p", ROW, folder, most_bytes=most, tell=said.append), said


def rows_of(store: MemoryStore) -> list[MediaRow]:
    keys = [parse_key(info.key) for info in store.list("media/")]
    return [row for key in keys if isinstance(key, MediaKey) for row in decode_media(store.get(key.path), key=key)]


@pytest.mark.parametrize("spooled", [True, False])
def test_a_flush_puts_all_that_came_since_the_last_as_one_object(tmp_path: Path, spooled: bool) -> None:
    store = MemoryStore()
    out, said = writer(store, tmp_path if spooled else None)
    out.take([item(), item()])
    assert (out.waiting, out.sealed, len(list(tmp_path.iterdir()))) == (2, 0, int(spooled))
    drive(out.sealing())
    out.take([item()])
    drive(out.sealing())
    drive(out.sealing())
    assert [f.name for f in out.files] == [
        "w001-0a1b2c3d.000000000002-000000000002.parquet", "w001-0a1b2c3d.000000000003-000000000001.parquet",
    ]  # fmt: skip
    assert [row.seq for row in rows_of(store)] == [0, 1, 2]
    assert (out.waiting, out.nbytes, list(tmp_path.iterdir()), said) == (0, 0, [], [])


def test_eight_megabytes_close_an_object_and_ask_to_be_sent(tmp_path: Path) -> None:
    store = MemoryStore()
    out, _ = writer(store, tmp_path)
    out.take([item(900_000) for _ in range(8)])
    assert not out.is_pressed
    out.take([item(900_000) for _ in range(2)])
    assert out.is_pressed
    drive(out.sealing())
    assert [f.name[-32:] for f in out.files] == [
        "000000000009-000000000009.parquet"[-32:],
        "000000000010-000000000001.parquet"[-32:],
    ]


def test_a_thousand_pictures_are_few_objects_and_two_per_cent_more_bytes(tmp_path: Path) -> None:
    store = MemoryStore()
    out, _ = writer(store, tmp_path)
    for _ in range(20):
        out.take([item(11_000) for _ in range(50)])
        drive(out.sealing())
    listed = store.list("media/")
    assert len(listed) == 20
    assert sum(info.size for info in listed) <= 1.02 * 1000 * 11_000


def test_a_large_item_is_an_object_beside_and_its_row_names_it(tmp_path: Path) -> None:
    store = MemoryStore()
    out, _ = writer(store, tmp_path)
    out.take([item(), item(1_000_001)])
    drive(out.sealing())
    small, large = rows_of(store)
    file = MediaFileKey("p", "r-1", ROW.writer, 1, "png")
    assert (small.file, large.file, large.data) == (None, file.path, None)
    assert hashlib.sha256(store.get(file.path)).hexdigest() == large.sha256


def test_what_a_store_refuses_is_put_again_under_the_same_name(tmp_path: Path) -> None:
    class Away(MemoryStore):
        away = True

        def put(self, key: str, data: bytes, *, durable: bool = False) -> None:
            if self.away:
                raise StoreUnreachable("away")
            super().put(key, data, durable=durable)

    store = Away()
    out, _ = writer(store, tmp_path)
    out.take([item()])
    with pytest.raises(StoreUnreachable):
        drive(out.sealing())
    out.take([item()])
    store.away = False
    drive(out.sealing())
    assert [f.name[14:26] for f in out.files] == ["000000000001", "000000000002"]
    assert out.sealed == 2


def test_points_have_the_rest_of_the_spool(tmp_path: Path) -> None:
    out, _ = writer(MemoryStore(), tmp_path, most=50_000)
    out.take([item(10_000) for _ in range(5)])
    assert "0 MB of media wait for" in out.full
    drive(out.sealing())
    assert out.full == ""


def test_a_spool_that_can_not_be_written_is_told_once_and_memory_holds_what_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = MemoryStore()
    out, said = writer(store, tmp_path)
    out.take([item(key="spooled")])
    real = Outgoing._write
    monkeypatch.setattr(Path, "open", lambda *_, **__: (_ for _ in ()).throw(OSError("disk full")))
    out.take([item(key="memory"), item(key="memory")])
    monkeypatch.undo()
    assert real is Outgoing._write
    # The spool has room again, but a gap is not to be written over.
    out.take([item(key="later")])
    assert said == ["can't spool media on this machine (disk full); they stay in memory until they are uploaded"]
    found = read_media_segment((tmp_path / "000000000000.media").read_bytes())
    assert found is not None
    assert [row.key for row in found.rows] == ["spooled"]
    drive(out.sealing())
    assert [(row.key, row.seq) for row in sorted(rows_of(store), key=lambda r: r.seq)] == [
        ("spooled", 0), ("memory", 1), ("memory", 2), ("later", 3),
    ]  # fmt: skip


def test_the_run_s_row_names_the_first_objects_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outgoings, "MAX_NAMED", 2)
    out, _ = writer(MemoryStore(), tmp_path)
    for _ in range(4):
        out.take([replace(item(), caption="x")])
        drive(out.sealing())
    assert (len(out.files), out.sealed) == (2, 4)
