"""The page Artifacts: found, looked into, decided about, and taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lakeboard.dashboard.feed.feed import feed
from lakeboard.query.lake import open_lake
from lakeboard.schema.artifacts.keys import ManifestKey
from lakeboard.schema.artifacts.manifest import FileRow, Head, Manifest, encode_manifest
from lakeboard.schema.artifacts.names import Version
from lakeboard.store.counting import CountingStore
from lakeboard.store.local import LocalStore
from tests.dashboard import shelf
from tests.dashboard.driver import Screen
from tests.dashboard.recipes import run_recipe

LIST, VERSIONS, RUNS, CHANGES, FILES = (
    f"artifacts.{part}" if part != "files" else "version.files"
    for part in ("table", "versions", "runs", "changes", "files")
)


@pytest.fixture
def shelved(lake: str, tmp_path: Path) -> str:
    """The lake with artifacts."""
    shelf.fill(lake, tmp_path / "data")
    return lake


def ids(screen: Screen, key: str) -> list[str]:
    return [row["id"] for row in screen.data(key)["rows"]]


def opened(**params: str) -> Screen:
    given: dict[str, str | list[str]] = {"project": shelf.PROJECT, **params}
    screen = Screen().open("artifacts")
    screen.at.query_params.update(given)
    return screen.run()


def plain(text: str) -> str:
    """Without what keeps Markdown from reading names."""
    return text.replace("\\", "")


def versions_of(lake: str, name: str = "images", *, deleted: bool = False) -> dict[int, str]:
    frame = open_lake(lake).artifacts(shelf.PROJECT, deleted=deleted)
    return dict(frame.filter(frame["artifact"] == name).select("number", "version").iter_rows())


def test_all_are_listed_with_what_their_newest_version_is(shelved: str) -> None:
    screen = opened()
    assert ids(screen, LIST) == ["net", "images"]
    assert "2 artifacts, 3 versions" in screen.text()
    cells: dict[str, Any] = {
        column: screen.cell(LIST, "images", column)
        for column in ("type", "versions", "newest", "bytes", "aliases", "made_by")
    }
    assert cells == {
        "type": "dataset", "versions": 2, "newest": "v2", "bytes": "18 B", "aliases": ["best", "raw"],
        "made_by": "clean",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("params", "found"),
    [
        ({"find": "RAW"}, ["images"]),
        ({"find": "im best"}, ["images"]),
        ({"find": "nothing"}, []),
        ({"type": "model"}, ["net"]),
        ({"type": "none such"}, []),
        ({"find": "n", "type": "dataset"}, []),
        ({"page": "9"}, ["net", "images"]),
    ],
)
def test_names_aliases_and_types_narrow_the_list(shelved: str, params: dict[str, str], found: list[str]) -> None:
    assert ids(opened(**params), LIST) == found


def test_a_version_has_its_files_its_runs_and_its_metadata(shelved: str) -> None:
    first = versions_of(shelved)[1]
    screen = opened(artifact="images", version=first)
    assert [(row["id"], row["tint"]) for row in screen.data(VERSIONS)["rows"]][1] == (first, "chosen")
    assert [screen.cell(VERSIONS, first, each) for each in ("version", "aliases", "used")] == ["v1", ["raw"], 1]
    assert ids(screen, RUNS) == ["made prep", "used clean"]
    assert [(file["p"], file["k"], file["r"]) for file in screen.data(FILES)["files"]] == [
        ("a.txt", "text", ""), ("odd <b>%2F", "text", ""), ("raw.csv", "", "s3://bucket/raw.csv"),
        ("sub/b.csv", "table", ""),
    ]  # fmt: skip
    assert screen.data(FILES)["folder"] == f"lb-files/digits/images/{first}/"
    assert [row["id"] for row in screen.data("version.metadata")["rows"]] == ["m.rows", "m.split.test"]
    assert "As they came." in screen.text()
    screen.trigger(FILES, "act", {"kind": "file", "path": "sub/b.csv"})
    assert screen.params["file"] == "sub/b.csv"
    assert screen.data(FILES)["chosen"] == "sub/b.csv"


def test_two_versions_are_compared(shelved: str) -> None:
    numbers = versions_of(shelved)
    screen = opened(artifact="images", show="changes")
    assert ids(screen, CHANGES) == ["changed a.txt", "added new.txt", "removed odd <b>%2F", "removed raw.csv"]
    assert "1 added, 2 removed, 1 changed" in screen.text()
    screen = opened(artifact="images", show="changes", version=numbers[1], base=numbers[2])
    assert "added odd <b>%2F" in ids(screen, CHANGES)
    assert "no other version" in opened(artifact="net", show="changes").text()


def test_an_alias_is_moved_and_moved_back(shelved: str) -> None:
    first = versions_of(shelved)[1]
    screen = opened(artifact="images", version=first)
    turn = "artifacts.aliases.chosen.0"
    assert screen.at.multiselect(key=turn).value == ["raw"]
    screen.at.multiselect(key=turn).set_value(["best"])
    next(each for each in screen.at.button if each.label == "Save").click()
    screen.run()
    assert screen.cell(VERSIONS, first, "aliases") == ["best"]
    frame = open_lake(shelved).artifacts(shelf.PROJECT)
    assert frame.filter(frame["artifact"] == "images")["aliases"].to_list() == [["best"], []]
    screen.at.button(key="artifacts.undo").click()
    screen.run()
    frame = open_lake(shelved).artifacts(shelf.PROJECT)
    assert frame.filter(frame["artifact"] == "images")["aliases"].to_list() == [["raw"], ["best"]]
    assert not [each for each in screen.at.button if each.key == "artifacts.undo"]


def test_an_alias_that_can_t_be_changes_nothing(shelved: str) -> None:
    first = versions_of(shelved)[1]
    screen = opened(artifact="images", version=first)
    screen.at.multiselect(key="artifacts.aliases.chosen.0").set_value(["fine", "v3"])
    next(each for each in screen.at.button if each.label == "Save").click()
    screen.run()
    assert screen.cell(VERSIONS, first, "aliases") == ["raw"]
    assert "alias 'v3' means a version by itself" in plain(" ".join(each.value for each in screen.at.toast))


def test_a_version_is_deleted_restored_and_taken_back(shelved: str) -> None:
    screen = opened(artifact="net")
    screen.at.button(key="artifacts.delete.really").click()
    screen.run()
    assert "Restoring it shows its files again" in screen.text()
    assert not screen.has(FILES)
    assert versions_of(shelved, "net") == {}
    assert ids(opened(), LIST) == ["images"]
    assert ids(opened(deleted="1"), LIST) == ["net", "images"]
    assert opened(deleted="1").cell(LIST, "net", "type") == "deleted"
    screen.at.button(key="artifacts.undo").click()
    screen.run()
    assert screen.has(FILES)
    assert list(versions_of(shelved, "net")) == [1]
    screen.at.button(key="artifacts.delete.really").click()
    screen.run()
    screen.at.button(key="artifacts.restore").click()
    screen.run()
    assert screen.has(FILES)


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"artifact": "none"}, "digits has no artifact none"),
        ({"artifact": "images", "version": "v9-00000000"}, "There is no version v9-00000000 of images."),
        ({"artifact": "../x"}, "digits has no artifact ../x"),
    ],
)
def test_what_is_not_there_is_said(shelved: str, params: dict[str, str], said: str) -> None:
    assert said in plain(opened(**params).text())


def test_a_purged_version_names_who_purged_it(shelved: str) -> None:
    first = versions_of(shelved)[1]
    found = LocalStore(shelved)
    from lakeboard.upkeep.artifacts.acts import put_act

    put_act(
        found, shelf.PROJECT, "purge", "images", Version(1, first.partition("-")[2]),
        editor="ann", now_ms=1, seen=0, rand="0000000a",
    )  # fmt: skip
    assert f"images:{first} was purged by ann." in plain(opened(artifact="images", version=first).text())


def test_the_code_gives_the_same_frames(shelved: str) -> None:
    frame = run_recipe(next(each.value for each in opened().at.code if "lake.artifacts" in each.value))
    assert frame["artifact"].to_list() == ["images", "images", "net"]
    code = next(each.value for each in opened(artifact="images").at.code if ".files()" in each.value)
    assert run_recipe(code)["path"].to_list() == ["a.txt", "new.txt", "sub/b.csv"]


def test_a_project_without_artifacts_says_how_to_log_one(lake: str) -> None:
    screen = opened()
    assert "No run of this project logged an artifact yet" in screen.text()
    assert any("log_artifact" in each.value for each in screen.at.code)


def test_a_damaged_manifest_is_told_beside_the_others(shelved: str) -> None:
    (path,) = Path(shelved, "artifacts").rglob("a-net.*")
    path.chmod(0o600)
    path.write_bytes(b"x")
    screen = opened()
    assert screen.cell(LIST, "net", "type") == "unreadable"
    assert screen.cell(LIST, "images", "type") == "dataset"
    assert "1 object could not be read" in " ".join(each.label for each in screen.at.expander)


def test_a_thousand_artifacts_are_listed_in_few_requests(lake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = LocalStore(lake)
    version = Version(1, "00000001")
    row = FileRow(path="a", bytes=1, sha256="0" * 64, object="files/project=digits/a/v1-00000001/a")
    for n in range(1000):
        head = Head(artifact=f"part-{n:04d}", version=version, type=f"kind-{n % 3}", created_at=n)
        store.put(ManifestKey(shelf.PROJECT, head.artifact, version).path, encode_manifest(Manifest(head, (row,))))
    screen = opened()
    counted = CountingStore(feed().lake.store, keep_log=True)
    assert len(ids(screen, LIST)) == 50
    assert "1,000 artifacts, 1,000 versions" in screen.text()
    monkeypatch.setattr(feed().lake, "_store", counted)
    feed()._made.pop("artifacts")
    screen.run()
    mine = [(verb, key) for verb, key in counted.log if key.startswith("artifacts/")]
    assert [verb for verb, _ in mine].count("list") == 1
    assert [verb for verb, _ in mine].count("get") == 50
    counted.reset()
    screen.at.button(key="artifacts.next").click()
    screen.run()
    assert len(ids(screen, LIST)) == 50
    assert sum(verb == "get" for verb, key in counted.log if key.startswith("artifacts/")) == 50
    counted.reset()
    # A type is asked of all, once.
    assert len(ids(screen.open("artifacts", project=shelf.PROJECT, type="kind-2"), LIST)) == 50
    assert sum(verb == "get" for verb, _ in counted.log) == 900
