"""Media from `log()` to the lake, by way of the spool."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

import lakeboard
from lakeboard.schema.keys import TailKey, parse_key, project_prefix
from lakeboard.schema.media.keys import MediaKey
from lakeboard.schema.media.objects import decode_media
from lakeboard.schema.media.rows import MediaRow
from lakeboard.schema.parquet import decode_footer, decode_table
from lakeboard.schema.rowtable import table_to_rows
from lakeboard.schema.run.row import RunRow
from lakeboard.store.base import Store
from lakeboard.store.opening import open_store
from lakeboard.upkeep.recover import recover_host

PIXELS = np.arange(4 * 6, dtype=np.uint8).reshape(4, 6)


def media_of(store: Store) -> list[MediaRow]:
    keys = [parse_key(info.key) for info in store.list("media/")]
    found = [row for key in keys if isinstance(key, MediaKey) for row in decode_media(store.get(key.path), key=key)]
    return sorted(found, key=lambda row: row.seq)


def final_row(store: Store) -> RunRow:
    (info,) = store.list(project_prefix("runs", "p"))
    (row,) = table_to_rows(decode_table(store.get(info.key), key=info.key))
    return row


def test_pictures_beside_numbers_are_in_the_lake_when_the_run_ends(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with lakeboard.init(project="p", lake=tmp_path) as run:
        run.log({"val/acc": 0.9, "samples": [lakeboard.Image(PIXELS, caption="cat"), lakeboard.Image(PIXELS)]})
        run.log({"report": lakeboard.Text("good"), "odd": lakeboard.Image("/nowhere.png")})
    store = open_store(str(tmp_path))
    rows = media_of(store)
    assert [(r.key, r.step, r.index, r.caption) for r in rows] == [
        ("samples", 0, 0, "cat"), ("samples", 0, 1, None), ("report", 1, 0, None),
    ]  # fmt: skip
    row = final_row(store)
    assert (row.rows, row.media_rows, [f.name for f in row.media_files]) == (
        1, 3, [f"{row.writer}.000000000003-000000000003.parquet"],
    )  # fmt: skip
    assert row.env["refused_values"] == "1"
    assert not list(Path(os.environ["LAKEBOARD_SPOOL"]).iterdir())
    said = capsys.readouterr().err
    assert "media 'odd': the Image names a picture '/nowhere.png', which can't be read" in said
    assert "1 point and 3 media in" in said


def test_a_running_run_tells_of_its_media_with_its_next_flush(tmp_path: Path) -> None:
    store = open_store(str(tmp_path))
    run = lakeboard.init(project="p", lake=tmp_path, flush_seconds=0.1)
    try:
        run.log({"a": lakeboard.Text("x")})
        run.log({"loss": 1.0})
        end = time.monotonic() + 20
        told: dict[str, object] = {}
        while told.get("media_rows") != 1 and time.monotonic() < end:
            keys = [k for i in store.list("live/") if isinstance(k := parse_key(i.key), TailKey)]
            newest = max(keys, key=lambda k: k.k, default=None)
            if newest is not None:
                try:
                    told = decode_footer(store.get(newest.path), key=newest.path)
                except lakeboard.MissingObject:
                    continue
            time.sleep(0.05)
        assert told["media_rows"] == 1
        assert [row.text for row in media_of(store)] == ["x"]
    finally:
        run.finish()


def test_without_media_a_run_s_row_has_none_and_no_folder(tmp_path: Path) -> None:
    with lakeboard.init(project="p", lake=tmp_path) as run:
        run.log({"loss": 1.0})
    store = open_store(str(tmp_path))
    assert (final_row(store).media_rows, final_row(store).media_files) == (0, ())
    assert store.list("media/") == []


def test_an_offline_run_s_media_wait_in_the_spool_and_are_sent_by_recover(tmp_path: Path) -> None:
    with lakeboard.init(project="p", lake=tmp_path, mode="offline") as run:
        run.log({"a": [lakeboard.Image(PIXELS) for _ in range(3)], "loss": 1.0})
    store = open_store(str(tmp_path))
    assert media_of(store) == []
    (done,) = recover_host([Path(os.environ["LAKEBOARD_SPOOL"])])
    assert (done.error, done.rows) == (None, 1)
    assert [(r.seq, r.width) for r in media_of(store)] == [(0, 6), (1, 6), (2, 6)]
    assert final_row(store).media_rows == 3
    assert recover_host([Path(os.environ["LAKEBOARD_SPOOL"])]) == []


_KILLED = """
import sys, time
import numpy as np
import lakeboard
run = lakeboard.init(project="p", lake=sys.argv[1], flush_seconds=60)
run.log({"a": [lakeboard.Image(np.full((8, 8), n, np.uint8), format="png") for n in range(5)], "loss": 1.0})
run.log({"big": lakeboard.Text("x" * 1_500_000)})
print("logged", flush=True)
time.sleep(60)
"""


@pytest.mark.process
def test_a_process_killed_a_second_after_it_logged_loses_no_picture(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", _KILLED, str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "logged\n"
        time.sleep(1.0)
        process.send_signal(signal.SIGKILL)
    store = open_store(str(tmp_path))
    spool = Path(os.environ["LAKEBOARD_SPOOL"])
    (done,) = recover_host([spool])
    assert done.error is None
    rows = media_of(store)
    assert [(r.key, r.seq, r.index) for r in rows] == [*(("a", n, n) for n in range(5)), ("big", 5, 0)]
    assert rows[5].file is not None
    assert store.get(rows[5].file) == b"x" * 1_500_000
    assert final_row(store).media_rows == 6
    assert not list(spool.iterdir())
