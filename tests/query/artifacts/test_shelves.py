from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pytest

from lakeboard.query.artifacts.library import ARTIFACT_SCHEMA
from lakeboard.query.lake import Lake
from lakeboard.schema.artifacts.names import Version
from lakeboard.schema.errors import DamagedObject, InvalidName, InvalidSetting, UnknownArtifact
from lakeboard.store.testing import CountingStore, MemoryStore
from tests.upkeep.artifacts.samples import NOW_MS, act, make

V1, V2 = Version(1, "00000001"), Version(2, "00000009")
DATA = {f"{n}.txt": bytes([n]) * n for n in range(18)} | {"sub/big": b"0123456789" * 300_000}


@pytest.fixture
def store(tmp_path: Path) -> MemoryStore:
    found = MemoryStore()
    make(found, tmp_path, {"a": b"one", "b": b"two"}, run_id="r1")
    make(found, tmp_path, {"a": b"one", "b": b"newer"}, rand=9)
    make(found, tmp_path, DATA, "many")
    act(found, "alias", V1, "best")
    return found


def test_versions_are_rows(store: MemoryStore) -> None:
    frame = Lake(store).artifacts()
    assert frame.schema == ARTIFACT_SCHEMA
    assert frame.select("artifact", "version", "number", "run_id", "files", "bytes", "shared", "aliases").rows() == [
        ("digits", str(V1), 1, "r1", 2, 6, 0, ["best"]),
        ("digits", str(V2), 2, None, 2, 8, 3, []),
        ("many", str(V1), 1, None, 19, 3_000_153, 0, []),
    ]
    assert frame["created_at"][0] == datetime.fromtimestamp(NOW_MS / 1000, UTC)
    lake = Lake(store)
    assert lake.artifacts("p", run_id="r1")["version"].to_list() == [str(V1)]
    assert lake.artifacts("p", type="model").schema == ARTIFACT_SCHEMA
    assert lake.artifacts("nothing").height == 0
    act(store, "delete", V2)
    act(store, "purge", V1, artifact="many")
    assert lake.artifacts()["version"].to_list() == [str(V1)]
    assert lake.artifacts(deleted=True)["deleted"].to_list() == [False, True]


def test_what_can_not_be_read_is_left_out_aloud(store: MemoryStore) -> None:
    (path,) = (k for k in store.objects if "/a-digits.v2" in k)
    store.put(path, b"x")
    with pytest.warns(UserWarning, match=r"1 objects of p's artifacts are left out: .*a-digits\.v2"):
        frame = Lake(store).artifacts("p")
    assert frame["artifact"].to_list() == ["digits", "many"]


def test_a_version_is_read_file_by_file(store: MemoryStore) -> None:
    counted = CountingStore(store)
    found = Lake(counted).artifact("p/many")
    assert counted.counts == {"list": 1, "get": 2}
    assert (found.project, found.name, found.version, found.number, found.type) == ("p", "many", str(V1), 1, "dataset")
    assert (found.run_id, found.bytes, found.aliases, dict(found.metadata)) == (None, 3_000_153, (), {})
    assert repr(found) == f"Artifact(p/many:{V1})"
    assert found.read("17.txt") == DATA["17.txt"]
    table = found.files().to_pylist()
    assert {row["path"]: row["sha256"] for row in table} == {p: hashlib.sha256(d).hexdigest() for p, d in DATA.items()}
    with found.open("sub/big") as file:
        assert file.read(5) == b"01234"
        assert file.seek(-3, 2) == 2_999_997
        assert file.read() == b"789"
        file.seek(1_000_000)
        assert file.read(10) == b"0123456789"
    with found.open("9.txt") as file:
        assert file.read() == DATA["9.txt"], "of a bundle only this file"
    assert found.verify() == []
    with pytest.raises(UnknownArtifact, match=r"has no file 'sub/bigg'; did you mean 'sub/big'\?"):
        found.read("sub/bigg")


def test_a_version_is_fetched_whole(store: MemoryStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lake = Lake(store)
    assert lake.artifact("digits:best", "p").download() == Path(f"digits-{V1}")
    assert (tmp_path / f"digits-{V1}" / "b").read_bytes() == b"two"
    found = lake.artifact("p/digits:latest")
    assert found.download(tmp_path / "out") == tmp_path / "out"
    assert (tmp_path / "out" / "b").read_bytes() == b"newer"
    store.put(f"files/project=p/digits/{V2}/b", b"NEWER")
    assert [p.kind for p in found.verify()] == ["damaged"]
    with pytest.raises(DamagedObject):
        found.read("b")


def test_aliases_and_decisions(store: MemoryStore) -> None:
    lake = Lake(store)
    lake.artifact("p/digits:v2").alias("best", "prod")
    assert lake.artifact("p/digits:best").version == str(V2)
    assert lake.artifact("p/digits:prod").aliases == ("best", "prod")
    with pytest.raises(InvalidName):
        lake.artifact("p/digits:v2").alias("fine", "v3")
    assert lake.artifact("p/digits:v2").aliases == ("best", "prod"), "none was given"
    lake.artifact("p/digits").delete()
    assert lake.artifact("p/digits").version == str(V1)
    lake.artifact("p/digits:v2").restore()
    assert lake.artifact("p/digits").version == str(V2)


def test_names_that_mean_nothing_are_told(store: MemoryStore) -> None:
    lake = Lake(store)
    with pytest.raises(InvalidSetting, match="'digits' names no project; write it as 'project/digits'"):
        lake.artifact("digits")
    with pytest.raises(InvalidSetting, match="names a project by itself"):
        lake.artifact("p/digits", "q")
    with pytest.raises(UnknownArtifact, match="project 'q' has no artifact 'digits'"):
        lake.artifact("q/digits")
    with pytest.raises(InvalidName):
        lake.artifact("p/latest")
