"""`.wandb` files: config, history, summary and the machine's metrics; cut files, copies, objects in parts."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest

import lakeboard
from lakeboard.importers.source import SourceUnreadable
from lakeboard.importers.wandb import WandbFolder
from lakeboard.importers.wandb_file import read_wandb
from lakeboard.importers.write import Imported
from tests.importers.lakes import bring, counts, points
from tests.importers.making import T0, items, number, part, wandb_records

RUN = part(
    17,
    part(1, "abc") + part(2, "me") + part(3, "digits") + part(6, "g") + part(7, "train") + part(8, "brisk")
    + part(9, "a note") + part(10, "t1") + part(10, "t2") + part(13, "vm") + part(17, number(1, T0)),
)  # fmt: skip
DONE = part(18, number(1, 0))


def history(step: int, **values: object) -> bytes:
    return part(2, items({**values, "_step": step, "_timestamp": T0 + step, "_runtime": step}))


def nested(step: int, *values: tuple[list[str], object]) -> bytes:
    """As newer clients write it: each name in parts."""
    rows = [([name], value) for name, value in (("_step", step), ("_timestamp", T0 + step))]
    return part(
        2,
        b"".join(
            part(1, b"".join(part(2, p) for p in path) + part(16, json.dumps(value)))
            for path, value in [*rows, *values]
        ),
    )


def wandb(root: Path, *records: bytes, run: str = "abc") -> Path:
    folder = root / "wandb" / f"run-20231114_221320-{run}"
    folder.mkdir(parents=True)
    path = folder / f"run-{run}.wandb"
    path.write_bytes(wandb_records(*records))
    return path


def test_a_run_comes_with_all_that_it_has(tmp_path: Path) -> None:
    config = part(
        5, part(1, part(1, "lr") + part(16, "0.1")) + part(1, part(2, "opt") + part(2, "name") + part(16, '"adam"'))
    )
    stats = part(7, number(1, 0) + part(2, number(1, T0 + 15)) + part(3, part(1, "cpu") + part(16, "12.5")))
    summary = part(3, items({"loss": 0.5, "best": "yes", "final": 3, "_step": 1, "ok": True}))
    wandb(
        tmp_path, RUN, config, history(0, loss=1.0, acc="NaN", text="hi"), history(1, loss=0.5, deep={"x": 2}), stats,
        summary, DONE,
    )  # fmt: skip
    lake = tmp_path / "lake"
    (result,) = bring(WandbFolder(tmp_path), lake)
    assert isinstance(result, Imported)
    assert dict(result.run.left_out) == {"values that are no numbers": 1}
    row = lakeboard.open(lake).run("digits", result.run.run_id).row
    assert (row.name, row.group, row.job_type, row.notes, row.host) == ("brisk", "g", "train", "a note", "vm")
    assert (row.tags, row.status, row.started_at) == (("t1", "t2"), "finished", T0 * 1000)
    assert {k: p.decode() for k, p in row.params.items()} == {"lr": 0.1, "opt.name": "adam"}
    assert {k: p.decode() for k, p in row.results.items()} == {"best": "yes", "ok": True}
    assert row.env["imported_id"] == "me/digits/abc"
    found = points(lake, "digits", result.run.run_id)
    assert math.isnan(found.pop("acc")[0][1])
    assert found == {
        "loss": [(0, 1.0), (1, 0.5)], "deep/x": [(1, 2.0)], "system/cpu": [(15, 12.5)], "final": [(1, 3.0)],
    }  # fmt: skip


def test_names_in_parts_and_objects_in_parts(tmp_path: Path) -> None:
    parts = [(["h", "_type"], "histogram"), (["h", "bins"], [1, 2]), (["a", "b"], 2.0)]
    wandb(tmp_path, RUN, nested(0, *parts), part(3, items({"pic": {"_type": "image-file"}})), DONE)
    (result,) = bring(WandbFolder(tmp_path), tmp_path / "lake")
    assert isinstance(result, Imported)
    assert points(tmp_path / "lake", "digits", result.run.run_id) == {"a/b": [(0, 2.0)]}
    assert dict(result.run.left_out) == {"histogram": 1}


def test_records_that_go_over_blocks(tmp_path: Path) -> None:
    records = [part(2, b"x" * size) for size in (32_750, 7, 1, 100_000, 32_768, 0, 5)]
    path = wandb(tmp_path, *records)
    assert [(kind, len(data)) for kind, data in read_wandb(path)] == [
        (2, size) for size in (32_750, 7, 1, 100_000, 32_768, 0, 5)
    ]


@pytest.mark.parametrize("cut", [0, 1, 8, 40])
def test_a_file_that_is_cut_brings_what_is_whole_and_grows(tmp_path: Path, cut: int) -> None:
    whole = wandb_records(RUN, history(0, x=1.0), history(1, x=2.0), DONE)
    path = wandb(tmp_path)
    path.write_bytes(whole[: len(whole) - cut])
    lake = tmp_path / "lake"
    (first,) = counts(bring(WandbFolder(tmp_path), lake))
    path.write_bytes(whole)
    (then,) = counts(bring(WandbFolder(tmp_path), lake))
    assert first[1] + then[1] == then[2] == 2


def test_a_copy_and_a_link_of_a_run_come_once(tmp_path: Path) -> None:
    path = wandb(tmp_path, RUN, history(0, x=1.0), DONE)
    (tmp_path / "wandb" / "latest-run").symlink_to(path.parent)
    copy = tmp_path / "copy" / path.name
    copy.parent.mkdir()
    copy.write_bytes(path.read_bytes())
    assert counts(bring(WandbFolder(tmp_path), tmp_path / "lake")) == [("brisk", 1, 1)]


@pytest.mark.parametrize(("code", "status"), [(0, "finished"), (1, "failed"), (255, "killed"), (None, "crashed")])
def test_how_it_ended(tmp_path: Path, code: int | None, status: str) -> None:
    wandb(tmp_path, RUN, *([] if code is None else [part(18, number(1, code))]))
    (result,) = bring(WandbFolder(tmp_path), tmp_path / "lake")
    assert lakeboard.open(tmp_path / "lake").run("digits", result.run.run_id).row.status == status


def test_something_else_of_that_name_is_told_and_keeps_nobody_else(tmp_path: Path) -> None:
    wandb(tmp_path, RUN, history(0, x=1.0), DONE)
    other = tmp_path / "wandb" / "zzz.wandb"
    other.write_bytes(b"nonsense")
    results = bring(WandbFolder(tmp_path), tmp_path / "lake")
    assert counts(results)[0] == ("brisk", 1, 1)
    assert "does not begin with ':W&B'" in (results[1].run.error or "")


def test_a_folder_without_any_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceUnreadable, match=r"holds no \.wandb file"):
        list(WandbFolder(tmp_path).runs())


def test_a_run_that_was_resumed_has_the_points_of_all_its_sessions(tmp_path: Path) -> None:
    first = wandb(tmp_path, RUN, history(0, x=1.0), history(1, x=2.0), part(18, number(1, 1)))
    second = tmp_path / "wandb" / "run-20231115_000000-abc" / first.name
    second.parent.mkdir()
    second.write_bytes(wandb_records(RUN, history(2, x=3.0), DONE))
    # A copy of the beginning of one, as a synchronization that was cut leaves it, is none.
    copy = tmp_path / "copy" / first.name
    copy.parent.mkdir()
    copy.write_bytes(second.read_bytes()[:-20])
    (result,) = bring(WandbFolder(tmp_path), tmp_path / "lake")
    assert isinstance(result, Imported)
    assert points(tmp_path / "lake", "digits", result.run.run_id) == {"x": [(0, 1.0), (1, 2.0), (2, 3.0)]}
    assert lakeboard.open(tmp_path / "lake").run("digits", result.run.run_id).row.status == "finished"
