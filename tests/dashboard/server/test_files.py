"""Files of artifacts for the browser: what is sent of them, by which pieces, and what never is."""

from __future__ import annotations

import hashlib
import io
import json
import tracemalloc
import zipfile
from pathlib import Path
from urllib.parse import quote

import polars as pl
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Route

from lakeboard.dashboard.components.files import archive_folder, as_data, files_folder
from lakeboard.dashboard.feed.artifacts import artifacts
from lakeboard.dashboard.feed.feed import feed
from lakeboard.dashboard.server.files import ARCHIVE_ROUTE, FILE_ROUTE, archive, files
from lakeboard.schema.artifacts.keys import ManifestKey
from lakeboard.schema.artifacts.manifest import FileRow, Head, Manifest, encode_manifest
from lakeboard.schema.artifacts.names import Version
from lakeboard.schema.errors import DamagedObject
from lakeboard.store.counting import CountingStore
from lakeboard.store.local import LocalStore
from lakeboard.upkeep.artifacts.commit import commit
from tests.dashboard.asking import Answer, ask
from tests.upkeep.artifacts.samples import NOW_MS, draft, rands

PROJECT = "digits/é"
NAME = "data set%2F"
V1 = Version(1, "00000001")
APP = Starlette(
    routes=[Route(f"/{FILE_ROUTE}", files), Route(f"/{ARCHIVE_ROUTE}", archive)],
    middleware=[Middleware(GZipMiddleware, minimum_size=10, compresslevel=4)],
)
LARGE = bytes(range(256)) * 10_000
ODD = 'sub/%2e%2e/a b?#\n"é😀.txt'
FILES = {
    "film.mp4": LARGE,
    "page.html": b"<script>1</script>",
    "drawing.svg": b"<svg/>",
    "picture.png": b"\x89PNG\r\n\x1a\n",
    "code.py": b"print(1)",
    "model.bin": b"\0\1",
    "empty": b"",
    ODD: b"odd",
    "rows.csv": b"a,b\n1,x\n2,y\n",
}


def ask_for(
    path: str, *, version: Version = V1, method: str = "GET", query: str = "", keep: bool = True, **headers: str
) -> Answer:
    (told,) = as_data([FileRow(path=path, bytes=0)], folder="", chosen="")["files"]
    return ask(
        APP, f"/{files_folder(PROJECT, NAME, str(version))}{told['at']}{query}", method=method, keep=keep, **headers
    )


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> LocalStore:
    """A lake that the server shows."""
    monkeypatch.setenv("LAKEBOARD_LAKE", str(tmp_path / "lake"))
    found = LocalStore(str(tmp_path / "lake"))
    commit(found, PROJECT, draft(tmp_path / "in", FILES, NAME), now_ms=NOW_MS, new_rand=rands())
    return found


def test_a_file_is_a_download_under_its_own_name(store: LocalStore) -> None:
    answer = ask_for("film.mp4")
    assert (answer.status, answer.body) == (200, LARGE)
    assert [len(piece) for piece in answer.pieces] == [2**20, 2**20, 2_560_000 - 2**21]
    assert answer.headers["content-length"] == "2560000"
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["content-encoding"] == "identity"
    assert answer.headers["content-disposition"] == "attachment; filename=\"film.mp4\"; filename*=UTF-8''film.mp4"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert answer.headers["etag"] == f'"{hashlib.sha256(LARGE).hexdigest()}"'
    assert answer.headers["cache-control"] == "private, no-cache"
    odd = ask_for(ODD)
    assert (odd.status, odd.body) == (200, b"odd")
    name = ODD.rpartition("/")[2]
    assert odd.headers["content-disposition"].endswith(f"filename*=UTF-8''{quote(name, safe='')}")
    assert "\n" not in odd.headers["content-disposition"]
    assert (ask_for("empty").status, ask_for("empty").body) == (200, b"")


@pytest.mark.parametrize(
    ("path", "kind", "shown"),
    [
        ("film.mp4", "video/mp4", True),
        ("picture.png", "image/png", True),
        ("page.html", "text/html; charset=utf-8", True),
        ("drawing.svg", "image/svg+xml", True),
        ("code.py", "text/plain; charset=utf-8", True),
        ("rows.csv", "text/csv; charset=utf-8", False),
        ("model.bin", "application/octet-stream", False),
        ("empty", "application/octet-stream", False),
    ],
)
def test_types_are_of_a_fixed_list_and_some_are_shown_when_asked(
    store: LocalStore, path: str, kind: str, shown: bool
) -> None:
    answer = ask_for(path, query="?show")
    assert answer.headers["content-type"] == kind
    assert answer.headers["content-disposition"].startswith("inline" if shown else "attachment")
    # Whatever it is, nothing of it runs.
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
    assert ask_for(path).headers["content-disposition"].startswith("attachment")


def test_ranges_tags_and_head_are_answered(store: LocalStore) -> None:
    for asked, start, stop in (
        ("bytes=0-1", 0, 2),
        ("bytes=2559990-", 2_559_990, 2_560_000),
        ("bytes=-5", 2_559_995, 2_560_000),
    ):
        part = ask_for("film.mp4", range=asked)
        assert (part.status, part.body) == (206, LARGE[start:stop])
        assert part.headers["content-range"] == f"bytes {start}-{stop - 1}/2560000"
        assert part.headers["content-length"] == str(stop - start)
    assert ask_for("film.mp4", range="bytes=9999999-").status == 416
    tag = ask_for("film.mp4").headers["etag"]
    assert (ask_for("film.mp4", if_none_match=tag).status, ask_for("film.mp4", if_none_match=tag).body) == (304, b"")
    assert ask_for("film.mp4", if_none_match='"other"').status == 200
    assert ask_for("film.mp4", range="bytes=0-1", if_range=tag).status == 206
    assert ask_for("film.mp4", range="bytes=0-1", if_range='"other"').status == 200
    head = ask_for("film.mp4", method="HEAD")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", "2560000")
    part = ask_for("film.mp4", method="HEAD", range="bytes=0-1")
    assert (part.status, part.body, part.headers["content-length"]) == (206, b"", "2")


@pytest.mark.parametrize(
    "path",
    [
        "lb-files/digits%252F%25C3%25A9/data%2520set%25252F/v1-00000001/none",
        "lb-files/digits%252F%25C3%25A9/data%2520set%25252F/v1-00000001/",
        "lb-files/digits%252F%25C3%25A9/data%2520set%25252F/v1-00000001/sub",
        "lb-files/digits%252F%25C3%25A9/data%2520set%25252F/v1-00000001/sub/../film.mp4",
        "lb-files/digits%252F%25C3%25A9/data%2520set%25252F/v1-00000001/..%2f..%2f_lake.json",
        "lb-files/digits%252F%25C3%25A9/data%2520set%25252F/v1-00000001/%2500",
        "lb-files/digits%252F%25C3%25A9/data%2520set%25252F/v1-00000001/%25ff",
        "lb-files/digits%252F%25C3%25A9/data%2520set%25252F/v1/film.mp4",
        "lb-files/digits%252F%25C3%25A9/data%2520set%25252F/v2-00000001/film.mp4",
        "lb-files/digits%252F%25C3%25A9/other/v1-00000001/film.mp4",
        "lb-files/%252e%252e/other/v1-00000001/film.mp4",
        "lb-files/%2500/other/v1-00000001/film.mp4",
        "lb-files/nothing/other/v1-00000001/film.mp4",
    ],
)
def test_nothing_but_what_a_manifest_names_is_found(store: LocalStore, path: str) -> None:
    answer = ask(APP, f"/{path}")
    assert (answer.status, answer.headers["cache-control"]) == (404, "no-store")


@pytest.mark.parametrize("op", ["delete", "purge"])
def test_a_version_that_somebody_took_away_is_not_there(store: LocalStore, op: str) -> None:
    assert ask_for("code.py").status == 200
    artifacts().decide(PROJECT, op, NAME, V1, editor="ann")  # type: ignore[arg-type]
    assert ask_for("code.py").status == 404
    assert ask_for("code.py", method="HEAD").status == 404
    if op == "delete":
        artifacts().decide(PROJECT, "restore", NAME, V1, editor="ann")
        assert ask_for("code.py").status == 200


def plant(store: LocalStore, row: FileRow) -> Version:
    """A version of one file that no draft made."""
    version = Version(7, "00000007")
    head = Head(artifact=NAME, version=version, type="dataset", created_at=NOW_MS)
    store.put(ManifestKey(PROJECT, NAME, version).path, encode_manifest(Manifest(head, (row,))))
    return version


@pytest.mark.parametrize(
    "key",
    [
        "_lake.json",
        "../outside",
        "/etc/passwd",
        "files/project=digits%2F%C3%A9/../../_lake.json",
        "files/project=other/x/v1-00000001/a",
        "artifacts/project=p/a-x.parquet",
    ],
)
def test_a_manifest_opens_nothing_but_files_of_its_project(store: LocalStore, key: str) -> None:
    version = plant(store, FileRow(path="a", bytes=3, sha256="0" * 64, object=key))
    answer = ask_for("a", version=version)
    assert answer.status == 502
    assert "damaged" in answer.text or "must not contain '.' or '..'" in answer.text


def test_a_reference_is_told_and_not_followed(store: LocalStore) -> None:
    version = plant(store, FileRow(path="a", bytes=3, reference="s3://bucket/raw"))
    answer = ask_for("a", version=version)
    assert (answer.status, "s3://bucket/raw" in answer.text) == (404, True)


def object_of(store: LocalStore, name: str) -> Path:
    (path,) = Path(store.url, "files").rglob(name)
    return path


def test_bytes_that_are_gone_or_others_are_no_whole_download(store: LocalStore) -> None:
    film = object_of(store, "film.mp4")
    film.chmod(0o600)
    film.write_bytes(LARGE[:-1] + b"!")
    with pytest.raises(DamagedObject, match=r"film\.mp4 in it is not what was stored"):
        ask_for("film.mp4")
    film.write_bytes(LARGE[:100])
    assert ask_for("film.mp4").status == 502
    film.unlink()
    assert ask_for("film.mp4").status == 404


def test_a_download_holds_two_megabytes_whatever_its_size(store: LocalStore, tmp_path: Path) -> None:
    size = 64 * 2**20
    (tmp_path / "big").mkdir()
    with (tmp_path / "big/zeros.bin").open("wb") as file:
        file.truncate(size)
    made = draft(tmp_path / "none", {}, NAME)
    made.add_file(tmp_path / "big/zeros.bin", "zeros.bin")
    done = commit(store, PROJECT, made, now_ms=NOW_MS, new_rand=rands(5))
    version = done.manifest.head.version
    ask_for("zeros.bin", version=version, method="HEAD")
    tracemalloc.start()
    answer = ask_for("zeros.bin", version=version, keep=False)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(map(int, answer.pieces)) == size
    assert peak < 8 * 2**20


def test_the_first_rows_of_tables_are_sent_as_json(store: LocalStore, tmp_path: Path) -> None:
    head = json.loads(ask_for("rows.csv", query="?head").text)
    assert head == {"columns": ["a", "b"], "data": [[1, "x"], [2, "y"]], "note": ""}
    sink = io.BytesIO()
    pl.DataFrame({"n": range(500), "x": [float("nan")] * 500}).write_parquet(sink)
    made = draft(tmp_path / "tables", {"t.parquet": sink.getvalue(), "bad.parquet": b"none"}, NAME)
    version = commit(store, PROJECT, made, now_ms=NOW_MS, new_rand=rands(8)).manifest.head.version
    artifacts().forget(PROJECT)
    head = json.loads(ask_for("t.parquet", version=version, query="?head").text)
    assert (head["columns"], len(head["data"]), head["data"][0]) == (["n", "x"], 100, [0, "NaN"])
    assert head["note"] == "The first 100 of 500 rows."
    assert ask_for("bad.parquet", version=version, query="?head").status == 502
    assert ask_for("model.bin", query="?head").status == 404


def archived(folder: str = "", *, version: Version = V1, method: str = "GET") -> Answer:
    return ask(APP, f"/{archive_folder(PROJECT, NAME, str(version))}{folder}", method=method)


def test_a_version_is_one_archive_and_so_is_a_folder_of_it(store: LocalStore) -> None:
    answer = archived()
    assert (answer.status, answer.headers["content-type"]) == (200, "application/zip")
    assert answer.headers["content-disposition"].endswith(f"filename*=UTF-8''{quote(f'{NAME}-{V1}.zip', safe='')}")
    with zipfile.ZipFile(io.BytesIO(answer.body)) as found:
        assert found.testzip() is None
        assert {name: found.read(name) for name in found.namelist()} == FILES
    with zipfile.ZipFile(io.BytesIO(archived("sub/%25252e%25252e").body)) as found:
        assert found.namelist() == [ODD.removeprefix("sub/")]
    assert archived("su").status == 404
    assert (archived(method="HEAD").status, archived(method="HEAD").body) == (200, b"")
    artifacts().decide(PROJECT, "delete", NAME, V1, editor=None)
    assert archived().status == 404


def test_small_files_that_lie_together_are_read_together(store: LocalStore, tmp_path: Path) -> None:
    small = {f"{n:04d}.txt": f"{n}".encode() * 500 for n in range(1000)}
    made = draft(tmp_path / "small", small, NAME)
    version = commit(store, PROJECT, made, now_ms=NOW_MS, new_rand=rands(5)).manifest.head.version
    counted = CountingStore(feed().lake.store)
    artifacts().forget(PROJECT)
    feed().lake._store = counted
    answer = archived(version=version)
    with zipfile.ZipFile(io.BytesIO(answer.body)) as found:
        assert {name: found.read(name) for name in found.namelist()} == small
    assert counted.counts["get_range"] == 2


def test_an_archive_with_damage_in_it_is_never_whole(store: LocalStore) -> None:
    path = object_of(store, "code.py")
    path.chmod(0o600)
    path.write_bytes(b"print(2)")
    with pytest.raises(DamagedObject, match=r"code\.py in it is not what was stored"):
        archived()
