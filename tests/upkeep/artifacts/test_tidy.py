"""Artifacts in the upkeep of a lake: tidy, purge, fsck, du, sync, as modules and as a person types them."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest

import lakeboard
from lakeboard.cli import main
from lakeboard.schema.artifacts.keys import IntentKey, ManifestKey
from lakeboard.schema.artifacts.names import Version
from lakeboard.store.base import Store
from lakeboard.store.local import LocalStore
from lakeboard.store.testing import CountingStore, MemoryStore
from lakeboard.upkeep.artifacts.tidy import FilesTidied, tidy_files
from lakeboard.upkeep.artifacts.versions import look, read_manifest
from lakeboard.upkeep.fsck import Report, fsck
from lakeboard.upkeep.glance import glance
from lakeboard.upkeep.sync import sync
from lakeboard.upkeep.usage import by_area, lake_usage
from tests.upkeep.artifacts.samples import NOW_MS, act, files, living, make, named
from tests.upkeep.worlds import HOUR, T0, P, ended, memory

V1, V2 = Version(1, "00000001"), Version(2, "00000009")


def tidied(store: Store, *runs: str, dry_run: bool = False) -> FilesTidied:
    return tidy_files(
        store, P, purged_runs=runs, now=T0 + HOUR, now_ms=NOW_MS, rand="dddddddd", grace=timedelta(0), dry_run=dry_run
    )


def checked(store: Store, *, artifacts: bool = False) -> Report:
    return fsck(store, now=T0 + HOUR, artifacts=artifacts)


def test_versions_of_a_purged_run_go_but_those_that_an_alias_names(tmp_path: Path) -> None:
    store, _ = memory()
    make(store, tmp_path, {"a": b"one"}, run_id="r1")
    make(store, tmp_path, {"a": b"two"}, run_id="r2", rand=9)
    make(store, tmp_path, {"a": b"3"}, "kept", run_id="r1")
    make(store, tmp_path, {"a": b"4"}, "nobodys")
    act(store, "alias", V1, "best", artifact="kept")
    before = store.objects
    planned = tidied(store, "r1", dry_run=True)
    assert store.objects == before
    done = tidied(store, "r1")
    assert planned.purged == done.purged == (ManifestKey(P, "digits", V1),)
    assert planned.kept == done.kept == (ManifestKey(P, "kept", V1),)
    assert {(k.artifact, k.version) for k in living(store.objects)} == {
        ("digits", V2), ("kept", V1), ("nobodys", V1),
    }  # fmt: skip
    assert files(store.objects) == named(store.objects)
    purge = look(store, P).decided.fates["digits", V1].purged
    assert purge is not None
    assert purge.why == "run r1 was purged"
    assert tidied(store, "r1").purged == ()


def test_a_project_without_artifacts_costs_two_lists() -> None:
    store = CountingStore(MemoryStore())
    assert tidied(store).is_idle
    assert store.counts == {"list": 2}


def test_files_that_are_lost_or_changed_are_found(tmp_path: Path) -> None:
    store, _ = memory()
    ended(store, "r1", 5)
    made = make(store, tmp_path, {"a": b"one", "b": b"second", "c": b"third", "empty": b""}).manifest
    assert checked(store, artifacts=True).problems == ()
    a, b, c, _ = (row.object or "" for row in made.files)
    store.delete([a])
    store.put(b, b"shorter"[:3])
    store.put(c, b"THIRD")
    quick, whole = checked(store), checked(store, artifacts=True)
    assert [(p.key, p.kind) for p in quick.problems] == [(a, "missing"), (b, "missing")]
    assert "a of digits:v1-00000001 (p) is lost" in quick.problems[0].message
    assert "has 3 bytes where 6 belong" in quick.problems[1].message
    assert (c, "damaged") in [(p.key, p.kind) for p in whole.problems]
    act(store, "purge", V1)
    assert checked(store, artifacts=True).problems == (), "nobody shows a purged version"


def test_manifests_and_decisions_that_can_not_be_read_are_named(tmp_path: Path) -> None:
    store, _ = memory()
    ended(store, "r1", 5)
    make(store, tmp_path, {"a": b"one"})
    act(store, "alias", V1, "best")
    manifest = ManifestKey(P, "digits", V1).path
    (decision,) = (k for k in store.objects if "/e-" in k)
    wrong = ManifestKey(P, "digits", Version(5, "00000001")).path
    store.put(wrong, store.get(manifest))
    store.put(manifest, store.get(manifest)[:-9] + b"x" * 9)
    store.put(decision, b"{}")
    found = {p.key: p.kind for p in checked(store).problems}
    assert found == {manifest: "damaged", decision: "damaged", wrong: "content"}


def test_what_it_takes_up_is_counted(tmp_path: Path) -> None:
    store, _ = memory()
    ended(store, "r1", 5)
    make(store, tmp_path, {"a": b"x" * 1000, "empty": b""})
    parts = {u.run_id: u for u in lake_usage(store, P)}
    told = [i for i in store.list("") if i.key.startswith(("files/", "artifacts/"))]
    assert (parts[None].objects, parts[None].bytes) == (len(told), sum(i.size for i in told))
    areas = {a.area: a for a in by_area(store.list(""))}
    assert (areas["files"].objects, areas["files"].bytes) == (2, 1000)
    assert areas["artifacts"].objects == 2
    assert glance(store.list(""), now=T0) == []


def test_a_sync_brings_files_before_the_manifests_that_name_them(tmp_path: Path) -> None:
    ours, _ = memory()
    ended(ours, "r1", 5)
    make(ours, tmp_path, {"a": b"one", "b": b"two"})
    make(ours, tmp_path, {"a": b"one", "b": b"new"}, rand=9)
    make(ours, tmp_path, {"x": b"gone"}, "purged")
    act(ours, "purge", V1, artifact="purged")
    act(ours, "alias", V2, "best")
    theirs = CountingStore(MemoryStore("there"), keep_log=True)
    assert sync(ours, theirs).problems == []
    there = theirs.inner.objects  # type: ignore[attr-defined]
    assert living(there) == living(ours.objects)
    assert named(there) == files(there), "files of the purged stay where they are"
    assert look(theirs, P).decided == look(ours, P).decided
    puts = [key for verb, key in theirs.log if verb in ("put", "copy") and key.startswith(("files/", "artifacts/"))]
    kinds = [key.split("/")[2][:2] if key.startswith("artifacts/") else "file" for key in puts]
    assert [k for i, k in enumerate(kinds) if i == 0 or kinds[i - 1] != k] == ["e-", "i-", "file", "a-"]
    theirs.reset()
    assert sync(ours, theirs).copied == 0
    assert theirs.counts["put"] == 0
    tidied(theirs)
    assert not any("/i-" in key for key in theirs.inner.objects)  # type: ignore[attr-defined]
    act(theirs, "purge", V1)
    assert sync(ours, theirs).copied == 0, "what was purged there does not come back"


def test_a_sync_leaves_out_and_names_a_version_that_lacks_a_file(tmp_path: Path) -> None:
    ours, _ = memory()
    ended(ours, "r1", 5)
    made = make(ours, tmp_path, {"a": b"one", "b": b"two"}).manifest
    lost = made.files[0].object or ""
    ours.delete([lost])
    theirs = MemoryStore("there")
    done = sync(ours, theirs)
    assert [(p.key, p.kind) for p in done.problems] == [(lost, "missing")]
    assert done.moving == []
    assert living(theirs.objects) == {}


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalStore:
    monkeypatch.setenv("LAKEBOARD_LAKE", str(tmp_path / "lake"))
    store = LocalStore(tmp_path / "lake")
    ended(store, "r1", 5)
    make(store, tmp_path / "source", {"a": b"one", "b": b"two"}, run_id="r1")
    return store


def test_tidy_and_fsck_from_the_command_line(
    lake: LocalStore, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["fsck", "--artifacts"]) == 0
    assert main(["tidy"]) == 0
    assert "p: removed 1 object that no version names" in capsys.readouterr().out
    assert not [i.key for i in lake.list("artifacts/") if "/i-" in i.key]
    file = "files/project=p/digits/v1-00000001/a"
    lake.put(file, b"ONE")
    assert main(["fsck"]) == 0
    assert main(["fsck", "--artifacts", "--json"]) == 1
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()[1:]]
    assert [(line["key"], line["kind"]) for line in told if "kind" in line] == [(file, "damaged")]


def test_a_purge_of_a_run_takes_its_versions_along(lake: LocalStore, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["purge", "r1", "--yes", "name of r1", "--now"]) == 0
    out = capsys.readouterr().out
    assert "p: purged digits:v1-00000001, since its run was" in out
    assert "p: removed 4 objects that no version names" in out
    assert [i.key for i in lake.list("files/")] == []
    assert [i.key.split("/")[2][:2] for i in lake.list("artifacts/")] == ["e-"]
    assert lakeboard.open(lake.url).runs(P).height == 0
    assert main(["tidy", "--json"]) in (0, 1)


def test_tidy_tells_what_it_would_do(lake: LocalStore, capsys: pytest.CaptureFixture[str]) -> None:
    before = [i.key for i in lake.list("")]
    assert main(["tidy", "--dry-run"]) == 0
    assert "p: would remove 1 object that" in capsys.readouterr().out
    assert main(["tidy", "--dry-run", "--json"]) == 0
    (line,) = (json.loads(each) for each in capsys.readouterr().out.splitlines())
    assert (line["task"], line["project"], line["done"]) == ("collect", P, False)
    assert line["objects"] == [IntentKey(P, "digits", V1).path]
    assert [i.key for i in lake.list("")] == before
    assert read_manifest(lake, ManifestKey(P, "digits", V1)).bytes == 6
