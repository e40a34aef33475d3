"""Spools that were cut, spoiled, meddled with or written by another version: nothing is lost, nothing is guessed."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

import lakeboard
from lakeboard.cli import main
from lakeboard.logger.spooling.spool import Spool
from lakeboard.schema.spool import json_record, record, records
from lakeboard.store.opening import open_store
from lakeboard.store.testing import Fault, FaultyStore, MemoryStore
from lakeboard.upkeep.recover import recover_host, recover_spool
from lakeboard.upkeep.recovered import Recovered
from tests.logger.reading import read_lake
from tests.logger.test_writer import FIRST, WRITER, ended, feed, make


def spooled(root: Path, *, batches: int = 6, seal_bytes: int = 10**6, finished: bool = False) -> Path:
    """A spool as a job leaves it that never reached its lake; each batch holds two points."""
    spool = Spool.open([root], f"rabc.{WRITER}", on_loss=lambda error: None)
    assert spool is not None
    writer = make(MemoryStore(), spool, seal_bytes=seal_bytes)
    feed(writer, batches)
    if finished:
        writer.note_ending(ended(FIRST))
    writer.close(complete=False)
    return spool.folder


def recovered(folder: Path, store: MemoryStore | FaultyStore) -> Recovered | None:
    return recover_spool(folder, now_ms=lambda: 7, store=store)


def files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.spool"))


def test_a_spool_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    folder = spooled(tmp_path)
    (path,) = files(folder)
    data = path.read_bytes()
    (_, header), *rest = records(data)
    newer = json_record(b"H", {**json.loads(bytes(header)), "format": 2}) + b"".join(
        record(k, bytes(p)) for k, p in rest
    )
    path.write_bytes(newer)
    store = MemoryStore()
    done = recovered(folder, store)
    assert done is not None
    assert "spool format 2" in (done.error or "")
    assert "upgrade" in (done.error or "")
    assert path.read_bytes() == newer
    assert not store.objects


def test_a_spool_with_a_spoiled_header_is_left_alone(tmp_path: Path) -> None:
    folder = spooled(tmp_path)
    (path,) = files(folder)
    whole = path.read_bytes()
    header = len(next(records(whole))[1]) + 9
    for at in range(0, header, 5):
        spoiled = bytearray(whole)
        spoiled[at] ^= 0x40
        path.write_bytes(bytes(spoiled))
        done = recovered(folder, MemoryStore())
        assert done is not None, at
        assert done.error is not None, at
        assert path.exists(), at


def test_a_spool_cut_at_any_byte_gives_its_whole_batches(tmp_path: Path) -> None:
    folder = spooled(tmp_path, batches=3)
    (path,) = files(folder)
    whole = path.read_bytes()
    seen = set()
    for length in range(len(whole), -1, -3):
        folder.mkdir(exist_ok=True)
        (folder / "lock").touch()
        path.write_bytes(whole[:length])
        store = MemoryStore()
        done = recovered(folder, store)
        assert not folder.exists(), length
        if done is not None:
            assert done.error is None, length
            assert len(read_lake(store).sealed_points(WRITER)) == done.rows
            seen.add(done.rows)
    assert seen == {0, 2, 4, 6}


def test_a_spoiled_byte_anywhere_keeps_the_spool_unless_all_is_in_the_lake(tmp_path: Path) -> None:
    folder = spooled(tmp_path, batches=3)
    (path,) = files(folder)
    whole = path.read_bytes()
    for at in range(0, len(whole), 7):
        folder.mkdir(exist_ok=True)
        (folder / "lock").touch()
        spoiled = bytearray(whole)
        spoiled[at] ^= 0x10
        path.write_bytes(bytes(spoiled))
        store = MemoryStore()
        done = recovered(folder, store)
        points = read_lake(store).sealed_points(WRITER)
        assert [p[0] for p in points] == list(range(len(points)))
        assert [p[4] for p in points] == [float(i) for i in range(len(points))], "never a wrong value"
        # The last batch may be spoiled in a way that looks like a death while it was written.
        assert done is None or done.error is not None or len(points) >= 4, at


def test_a_last_record_with_a_wrong_length_is_read_all_the_same(tmp_path: Path) -> None:
    folder = spooled(tmp_path, batches=3)
    (path,) = files(folder)
    whole = path.read_bytes()
    last = len(whole) - len(list(records(whole))[-1][1]) - 8
    for at in range(last, last + 4):
        for bit in range(8):
            folder.mkdir(exist_ok=True)
            (folder / "lock").touch()
            spoiled = bytearray(whole)
            spoiled[at] ^= 1 << bit
            path.write_bytes(bytes(spoiled))
            store = MemoryStore()
            done = recovered(folder, store)
            assert done is not None
            assert (done.error, done.rows) == (None, 6), (at, bit)
            assert [p[4] for p in read_lake(store).sealed_points(WRITER)] == [float(i) for i in range(6)]


def test_a_spoiled_middle_segment_keeps_the_spool_and_sends_what_precedes_it(tmp_path: Path) -> None:
    folder = spooled(tmp_path, batches=40, seal_bytes=40)
    paths = files(folder)
    assert len(paths) >= 4
    spoiled = bytearray(paths[1].read_bytes())
    spoiled[-20] ^= 1
    paths[1].write_bytes(bytes(spoiled))
    store = MemoryStore()
    done = recovered(folder, store)
    assert done is not None
    assert done.error is not None
    assert "in no readable object" in done.error
    assert files(folder) == paths
    assert 0 < len(read_lake(store).sealed_points(WRITER)) < 80


def test_files_that_are_no_spool_are_told_and_kept(tmp_path: Path) -> None:
    folder = spooled(tmp_path)
    (folder / "00000000a.spool").write_text("my notes")
    done = recovered(folder, MemoryStore())
    assert done is not None
    assert done.rows == 12
    assert "no spool file" in (done.error or "")
    assert (folder / "00000000a.spool").read_text() == "my notes"


@pytest.mark.parametrize("header", [{}, {"lake": 5}, {"lake": "/x", "project": "p", "run": "?"}, {"run": {}}])
def test_a_header_that_makes_no_sense_does_not_keep_the_others(tmp_path: Path, header: dict[str, object]) -> None:
    bad = tmp_path / "spool" / "a.w001-00000000"
    bad.mkdir(parents=True)
    (bad / "lock").touch()
    (bad / "00000000.spool").write_bytes(json_record(b"H", {"format": 1, "lo": 0, **header}))
    blocked = tmp_path / "spool" / "b.w001-00000000"
    (blocked / "lock").mkdir(parents=True)
    good = spooled(tmp_path / "spool")
    text = (good / "00000000.spool").read_bytes()
    (_, said), *rest = records(text)
    lake = {**json.loads(bytes(said)), "lake": str(tmp_path / "lake")}
    (good / "00000000.spool").write_bytes(json_record(b"H", lake) + b"".join(record(k, bytes(p)) for k, p in rest))
    done = recover_host([tmp_path / "spool"])
    assert [d.error is None for d in done] == [False, False, True]
    assert done[-1].rows == 12
    assert bad.exists()


def test_a_root_that_can_not_be_listed_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: Path) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "iterdir", refuse)
    (done,) = recover_host([tmp_path])
    assert "Permission denied" in (done.error or "")


@pytest.mark.parametrize("kind", ["before", "after"])
@pytest.mark.parametrize("finished", [True, False])
def test_a_recovery_broken_off_at_any_call_is_repeated(tmp_path: Path, kind: str, finished: bool) -> None:
    calls = 0
    for breaking in range(40):
        folder = spooled(tmp_path, batches=12, seal_bytes=40, finished=finished)
        inner = MemoryStore()
        calls = 0

        def plan(verb: str, key: str, number: int, breaking: int = breaking) -> Fault | None:
            nonlocal calls
            calls += 1
            return Fault("before" if kind == "before" else "after") if calls == breaking + 1 else None

        first = recovered(folder, FaultyStore(inner, plan))
        assert first is not None
        if first.error is not None:
            assert first.run_id == "rabc"
            again = recovered(folder, inner)
            assert again is not None
            assert again.error is None
        held = read_lake(inner)
        assert [p[0] for p in held.sealed_points(WRITER)] == list(range(24))
        assert [(r.status, r.rows) for r in held.rows] == [("finished" if finished else "crashed", 24)]
        assert held.rows[0].summary["m0"].n == 12
        assert not folder.exists()
        if calls <= breaking:
            return
    pytest.fail("never got through")


def test_two_recoveries_at_once_do_it_once(tmp_path: Path) -> None:
    folder = spooled(tmp_path, batches=20, seal_bytes=40)
    store = MemoryStore()
    answers: list[Recovered | None] = []
    threads = [threading.Thread(target=lambda: answers.append(recovered(folder, store))) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [a.error for a in answers if a is not None] == [None]
    assert [p[0] for p in read_lake(store).sealed_points(WRITER)] == list(range(40))


def test_a_recovery_that_is_asked_to_stop_leaves_the_rest_for_later(tmp_path: Path) -> None:
    folder = spooled(tmp_path, batches=20, seal_bytes=40)
    store = MemoryStore()
    asked = iter([False, False, True])
    done = recover_spool(folder, now_ms=lambda: 7, store=store, stop=lambda: next(asked))
    assert done is not None
    assert "interrupted" in (done.error or "")
    again = recovered(folder, store)
    assert again is not None
    assert (again.error, again.rows) == (None, 40)
    assert [p[0] for p in read_lake(store).sealed_points(WRITER)] == list(range(40))


def test_a_loss_that_is_accepted_sends_what_there_is_and_is_not_tried_again(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "sp ool"
    folder = spooled(root, batches=40, seal_bytes=40)
    paths = files(folder)
    for path in paths:
        (_, said), *rest = records(path.read_bytes())
        header = {**json.loads(bytes(said)), "lake": str(tmp_path / "lake")}
        path.write_bytes(json_record(b"H", header) + b"".join(record(k, bytes(p)) for k, p in rest))
    spoiled = bytearray(paths[1].read_bytes())
    # Everything behind its header.
    for at in range(len(spoiled) // 2, len(spoiled)):
        spoiled[at] ^= 1
    paths[1].write_bytes(bytes(spoiled))
    content = {path.name: path.read_bytes() for path in paths}
    foreign = root / "zz.w001-00000000"
    foreign.mkdir()
    (foreign / "lock").touch()
    (foreign / "00000000.spool").write_text("no spool")
    newer = root / "zzz.w001-00000000"
    newer.mkdir()
    (newer / "lock").touch()
    (newer / "00000000.spool").write_bytes(json_record(b"H", {"format": 9}))

    for _ in range(2):
        assert main(["recover", "--spool", str(root)]) == 1
    told = capsys.readouterr().err
    assert told.count(f"lakeboard recover --accept-loss --spool '{root}'") == 4
    before = len(read_lake(open_store(tmp_path / "lake")).sealed_points(WRITER))

    assert main(["recover", "--spool", str(root), "--accept-loss"]) == 1, "what a newer version reads is not lost"
    out, errors = capsys.readouterr()
    assert "upgrade lakeboard" in errors
    assert "are in no readable object (later ones are in the lake" in out
    points = read_lake(open_store(tmp_path / "lake")).sealed_points(WRITER)
    assert before == len(points) < 80
    assert points[-1][0] == 79, "also what comes after the hole"
    assert [p[4] for p in points] == [float(p[0]) for p in points], "each under its own number"
    aside = root / f"{folder.name}.lost"
    assert {path.name: path.read_bytes() for path in files(aside)} == content
    assert (root / "zz.w001-00000000.lost" / "00000000.spool").read_text() == "no spool"
    assert newer.exists()
    for path in newer.iterdir():
        path.unlink()
    assert main(["recover", "--spool", str(root)]) == 0
    assert "nothing to recover" in capsys.readouterr().out
    (row,) = lakeboard.open(tmp_path / "lake").runs("p").iter_rows(named=True)
    assert (row["status"], row["rows"]) == ("crashed", points.index(next(p for n, p in enumerate(points) if p[0] != n)))
    lake = lakeboard.open(tmp_path / "lake")
    assert lake.metrics("p").collect()["seq"].sort().to_list() == [p[0] for p in points], "readers pass over the hole"
    assert [p.kind for p in lake.problems("p")] == ["incomplete"], "and name it"
