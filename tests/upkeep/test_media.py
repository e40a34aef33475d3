"""Media in everything that keeps a lake tidy."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import lakeboard
from lakeboard.query.lake import open_lake
from lakeboard.schema.keys import parse_key
from lakeboard.schema.media.keys import MediaFileKey, MediaKey
from lakeboard.schema.media.objects import decode_media, encode_media
from lakeboard.schema.media.spool import media_header, media_record
from lakeboard.store.base import Store
from lakeboard.store.counting import CountingStore
from lakeboard.store.opening import open_store
from lakeboard.upkeep.fsck import fsck
from lakeboard.upkeep.media import check_media, media_files, send_media
from lakeboard.upkeep.purge import purge_now
from lakeboard.upkeep.sync import sync
from lakeboard.upkeep.tidy import execute, look_at, plan_tidy
from lakeboard.upkeep.usage import by_area, usage

LATER = datetime.now(UTC) + timedelta(days=3)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A lake with two runs, `r-1` and `r-2`, each with a text and a large text."""
    for name in ("r-1", "r-2"):
        with lakeboard.init(project="p", id=name, lake=tmp_path / "lake") as run:
            run.log({"loss": 1.0, "text": lakeboard.Text(name), "large": lakeboard.Text(name * 400_000)})
    return open_store(str(tmp_path / "lake"))


def only(store: Store, run: str) -> MediaKey:
    (key,) = (k for i in store.list("media/") if isinstance(k := parse_key(i.key), MediaKey) and k.run_id == run)
    return key


def test_a_sound_lake_has_nothing_to_find_and_its_media_are_counted_for_their_run(store: Store) -> None:
    assert fsck(store, now=LATER).problems == ()
    assert fsck(store, now=LATER, quick=True).problems == ()
    media = next(area for area in by_area(store.list("")) if area.area == "media")
    assert media.objects == 4
    assert media.bytes > 2 * 1_200_000
    assert {u.run_id for u in usage(store.list("media/"))} == {"r-1", "r-2"}


def test_bytes_that_are_not_those_that_were_logged_are_found(store: Store) -> None:
    key = only(store, "r-1")
    rows = decode_media(store.get(key.path), key=key)
    wrong = [replace(row, data=b"other", file=None) for row in rows]
    (found,) = check_media(key, encode_media(wrong, writer=key.writer, attempt=1))
    assert found.kind == "content"
    assert "holds other bytes of large at step 0 than were logged" in found.message
    assert check_media(key, b"")[0].kind == "empty"
    store.put(key.path, store.get(key.path)[:-9])
    (found,) = fsck(store, now=LATER).problems
    assert (found.key, found.kind) == (key.path, "damaged")


def test_a_purge_takes_the_media_of_its_run_and_no_others(store: Store) -> None:
    lake = open_lake(store.url)
    lake.edit("p", ["r-1"], "purge")
    announced = sum(u.bytes for u in usage(store.list("")) if u.run_id == "r-1")
    assert purge_now(store, "p", "r-1").freed == announced
    assert {k.run_id for i in store.list("media/") if isinstance(k := parse_key(i.key), (MediaKey, MediaFileKey))} == {
        "r-2"
    }


def test_media_that_come_after_a_purge_go_with_the_next_tidy(store: Store) -> None:
    key = only(store, "r-1")
    data = store.get(key.path)
    lake = open_lake(store.url)
    lake.edit("p", ["r-1"], "purge")
    purge_now(store, "p", "r-1")
    store.put(key.path, data)
    tasks = plan_tidy(look_at(store, "p"), now=LATER)
    for task in tasks:
        assert execute(store, task, now=LATER).error is None
    assert not store.list(f"media/project=p/run_id={key.run_id}/")


def test_a_sync_copies_media_once_and_before_the_rows_that_name_them(store: Store, tmp_path: Path) -> None:
    target = CountingStore(open_store(str(tmp_path / "copy")))
    sync(store, target)
    assert {i.key: i.size for i in target.list("media/")} == {i.key: i.size for i in store.list("media/")}
    assert fsck(target, now=LATER).problems == ()
    assert sync(store, target).copied == 0


def test_what_a_spool_holds_is_sent_once_whatever_was_put_before(store: Store, tmp_path: Path) -> None:
    key = only(store, "r-1")
    rows = decode_media(store.get(key.path), key=key)
    text = next(row for row in rows if row.key == "text")
    folder = tmp_path / "spool"
    folder.mkdir()
    # The first was put before the death; of the second a part was written; the third is no file of ours.
    (folder / f"{0:012d}.media").write_bytes(media_header(0) + media_record(replace(text, seq=0)))
    second = media_header(2) + media_record(replace(text, seq=2)) + media_record(replace(text, seq=3))
    (folder / f"{2:012d}.media").write_bytes(second[:-5])
    (folder / f"{9:012d}.media").write_bytes(b"")
    counting = CountingStore(store)
    assert send_media(counting, folder, "p", ("r-1", key.writer), stop=lambda: True) is None
    done = send_media(counting, folder, "p", ("r-1", key.writer), stop=lambda: False)
    assert done is not None
    assert (done.rows, counting.counts["put"]) == (3, 1)
    again = send_media(counting, folder, "p", ("r-1", key.writer), stop=lambda: False)
    assert again == done == media_files(store, "p", ("r-1", key.writer))
    assert counting.counts["put"] == 1
