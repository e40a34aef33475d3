"""Event files: points of old and new writers, params, pictures, texts; files that grow, are cut or begin anew."""

from __future__ import annotations

import struct
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

import lakeboard
from lakeboard.importers.event_file import decode_event, read_records, scalar_of
from lakeboard.importers.source import SourceUnreadable
from lakeboard.importers.tensorboard import TensorBoardFolder
from lakeboard.importers.write import Imported
from tests.importers.lakes import NOW, bring, counts, points
from tests.importers.making import T0, double, event, event_file, hparams, number, part, record, scalar, tensor_scalar

PNG = b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", 3, 2) + b"rest"


def folder(root: Path) -> TensorBoardFolder:
    return TensorBoardFolder(root, now_ms=lambda: NOW)


def only(root: Path, lake: Path) -> str:
    (result,) = bring(folder(root), lake)
    assert isinstance(result, Imported)
    return result.run.run_id


def test_points_of_both_kinds_of_writers(tmp_path: Path) -> None:
    root = tmp_path / "logs"
    event_file(
        root / "exp",
        event(0, scalar("loss", 1.0), tensor_scalar("acc", 0.5, first=True)),
        event(1, scalar("loss", 0.5)),
        event(1, tensor_scalar("acc", 0.75, first=False), time=T0 + 1),
    )
    lake = tmp_path / "lake"
    run_id = only(root, lake)
    assert points(lake, "logs", run_id) == {"loss": [(0, 1.0), (1, 0.5)], "acc": [(0, 0.5), (1, 0.75)]}
    row = lakeboard.open(lake).run("logs", run_id).row
    assert (row.name, row.status, row.started_at, row.ended_at) == ("exp", "finished", T0 * 1000, T0 * 1000 + 1000)


@pytest.mark.parametrize(
    ("tensor", "value"),
    [
        (number(1, 1) + part(5, struct.pack("<f", 0.25)), 0.25),
        (number(1, 2) + part(6, struct.pack("<d", 0.1)), 0.1),
        (number(1, 2) + part(4, struct.pack("<d", 0.1)), 0.1),
        (number(1, 3) + part(7, b"\x07"), 7.0),
        (number(1, 9) + number(10, -4), -4.0),
        (number(1, 9) + part(4, struct.pack("<q", -4)), -4.0),
    ],
)
def test_numbers_of_any_type(tmp_path: Path, tensor: bytes, value: float) -> None:
    event_file(tmp_path / "logs", event(3, part(1, "x") + part(9, part(1, part(1, "scalars"))) + part(8, tensor)))
    run_id = only(tmp_path / "logs", tmp_path / "lake")
    assert points(tmp_path / "lake", "logs", run_id) == {"x": [(3, value)]}


def test_folders_of_parts_belong_to_the_run_above_them(tmp_path: Path) -> None:
    root = tmp_path / "logs"
    event_file(root / "a" / "train", event(0, scalar("loss", 1.0)))
    event_file(root / "a" / "validation", event(0, scalar("loss", 2.0)))
    values = {"lr": double(2, 0.1), "bs": double(2, 32.0), "opt": part(3, "adam"), "nest": number(4, 1)}
    event_file(root / "a" / "1700000000.25", event(0, hparams(values)), event(0, scalar("hp/acc", 0.5)))
    event_file(root / "b", event(0, scalar("loss", 3.0)))
    lake = tmp_path / "lake"
    assert counts(bring(folder(root), lake)) == [("a", 3, 3), ("b", 1, 1)]
    run = next(run for run in folder(root).runs() if run.name == "a")
    assert {k: p.decode() for k, p in lakeboard.open(lake).run("logs", run.run_id).row.params.items()} == {
        "lr": 0.1, "bs": 32, "opt": "adam", "nest": True,
    }  # fmt: skip
    assert points(lake, "logs", run.run_id) == {
        "train/loss": [(0, 1.0)], "validation/loss": [(0, 2.0)], "hp/acc": [(0, 0.5)],
    }  # fmt: skip


def test_pictures_and_texts_become_media_and_the_rest_is_counted(tmp_path: Path) -> None:
    texts = part(8, number(1, 7) + part(8, "hello") + part(8, "world"))
    pictures = part(8, number(1, 7) + part(8, "3") + part(8, "2") + part(8, PNG) + part(8, PNG))
    event_file(
        tmp_path / "logs",
        event(4, part(1, "old") + part(4, number(1, 2) + number(2, 3) + part(4, PNG))),
        event(5, part(1, "new") + part(9, part(1, part(1, "images"))) + pictures),
        event(6, part(1, "note") + part(9, part(1, part(1, "text"))) + texts),
        event(7, part(1, "h") + part(5, b"")),
        event(7, more=part(4, b"graph")),
    )
    (result,) = bring(folder(tmp_path / "logs"), tmp_path / "lake")
    assert isinstance(result, Imported)
    assert (result.points, result.media, dict(result.run.left_out)) == (0, 4, {"histograms": 1, "graphs": 1})
    frame = lakeboard.open(tmp_path / "lake").media("logs", result.run.run_id).sort("step", "index")
    assert frame.select("key", "step", "index", "kind", "width", "height").rows() == [
        ("old", 4, 0, "image", 3, 2), ("new", 5, 0, "image", 3, 2), ("new", 5, 1, "image", 3, 2),
        ("note", 6, 0, "text", None, None),
    ]  # fmt: skip
    assert [r.media for r in bring(folder(tmp_path / "logs"), tmp_path / "lake") if isinstance(r, Imported)] == [0]


def test_a_file_that_grows_brings_what_is_new(tmp_path: Path) -> None:
    first, second = event(0, scalar("x", 1.0)), event(1, scalar("x", 2.0))
    path = event_file(tmp_path / "logs", first, second[:-7])
    lake = tmp_path / "lake"
    assert counts(bring(folder(tmp_path / "logs"), lake)) == [("logs", 1, 1)]
    path.write_bytes(path.read_bytes() + second[-7:])
    assert counts(bring(folder(tmp_path / "logs"), lake)) == [("logs", 1, 2)]


def test_a_writer_that_begins_anew_takes_back_what_it_writes_again(tmp_path: Path) -> None:
    begun = record(double(1, T0) + number(2, 2) + part(7, number(1, 1)))
    event_file(tmp_path / "logs", *[event(step, scalar("x", float(step))) for step in range(5)], begun,
               event(2, scalar("x", 20.0)))  # fmt: skip
    run_id = only(tmp_path / "logs", tmp_path / "lake")
    assert points(tmp_path / "lake", "logs", run_id) == {"x": [(0, 0.0), (1, 1.0), (2, 20.0)]}


def test_a_damaged_file_keeps_what_was_before_the_damage_and_says_so(tmp_path: Path) -> None:
    event_file(tmp_path / "logs" / "a", event(0, scalar("x", 1.0)), b"\xff" * 40)
    event_file(tmp_path / "logs" / "b", event(0, scalar("x", 1.0)))
    assert counts(bring(folder(tmp_path / "logs"), tmp_path / "lake")) == [("a", 1, 1), ("b", 1, 1)]
    run = next(iter(folder(tmp_path / "logs").runs()))
    assert "says it has" in (run.error or "")


def test_files_of_just_now_belong_to_a_run_that_has_not_ended(tmp_path: Path) -> None:
    path = event_file(tmp_path / "logs", event(0, scalar("x", 1.0)))
    soon = round(path.stat().st_mtime * 1000) + 1000
    (run,) = TensorBoardFolder(tmp_path / "logs", now_ms=lambda: soon).runs()
    assert run.status == "running"


def test_an_empty_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable, match="holds no event files"):
        list(folder(tmp_path).runs())


@given(
    time=st.floats(0, 4e9),
    step=st.integers(-(2**63), 2**63 - 1),
    tag=st.text(max_size=300),
    value=st.floats(width=32, allow_nan=False),
)
def test_the_short_way_reads_what_the_long_one_does(time: float, step: int, tag: str, value: float) -> None:
    data = event(step, scalar(tag.encode("utf-8", "replace").decode(), value), time=time)[12:-4]
    long = decode_event(data)
    short = scalar_of(data)
    assert (short is None) == (step < 0)
    (one,) = long.values
    assert (long.time, long.step, one.number) == (time, step, value)
    if short is not None:
        assert (short[0], short[1], short[2].decode(), short[3]) == (long.time, long.step, one.tag, one.number)


@given(st.lists(st.binary(max_size=40), max_size=8), st.integers(1, 60), st.integers(0, 30))
def test_records_are_read_in_any_pieces(wanted: list[bytes], chunk: int, cut: int) -> None:
    data = b"".join(record(each) for each in wanted)
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setattr("lakeboard.importers.event_file._CHUNK", chunk)
        path = Path(folder, "events")
        path.write_bytes(data)
        assert list(read_records(path)) == wanted
        path.write_bytes(data[: len(data) - cut])
        found = list(read_records(path))
        assert found == wanted[: len(found)]
