"""docs/format.md says what the code does: its keys, its tables, its queries."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import duckdb
import polars as pl
import pytest

import lakeboard
from lakeboard.logger.media.outgoing import MAX_NAMED
from lakeboard.schema.artifacts.acts import OPS as ACTS
from lakeboard.schema.artifacts.keys import ActKey, FileKey, IntentKey, ManifestKey
from lakeboard.schema.artifacts.manifest import manifest_schema
from lakeboard.schema.artifacts.names import MAX_NAME_BYTES, Version
from lakeboard.schema.edits import OPS
from lakeboard.schema.keys import DocumentKey, EditKey, PackKey, PointsKey, RowKey, TailKey, parse_key
from lakeboard.schema.logs.keys import LogKey
from lakeboard.schema.media.keys import MediaFileKey, MediaKey
from lakeboard.schema.media.kinds import KINDS
from lakeboard.schema.media.rows import BATCH_BYTES, FILE_BYTES, THUMB_PIXELS, media_schema
from lakeboard.schema.names import _INFERRED_WORDS, MAX_PROJECT_BYTES
from lakeboard.schema.parquet import FOOTER_GUESS_BYTES
from lakeboard.schema.run.row import ENDED, JANITOR, OWNER, RECOVERY, final_version
from lakeboard.schema.tables import (
    DELTA_COLUMNS,
    FORMAT_KEY,
    MAX_ROW_GROUP_ROWS,
    ROW_GROUP_ROWS,
    RUN_KEY,
    edits_schema,
    points_schema,
    rows_schema,
)
from lakeboard.store.local import LocalStore
from lakeboard.upkeep.artifacts.bundles import BUNDLE_BYTES, FEW, SMALL_BYTES
from lakeboard.upkeep.artifacts.collect import ABANDONED
from tests.checkout import ROOT
from tests.upkeep.artifacts.shelves import act, make

DOC = (ROOT / "docs/format.md").read_text()
LAKE = Path(__file__).parent / "lakes/v1"
_KINDS = {
    "tail": TailKey, "points": PointsKey, "media": MediaKey, "media file": MediaFileKey,
    "row": RowKey, "row pack": PackKey, "edit": EditKey, "edit pack": PackKey,
    "board": DocumentKey, "view": DocumentKey, "console": LogKey,
    "file": FileKey, "intent": IntentKey, "manifest": ManifestKey, "act": ActKey,
}  # fmt: skip


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", DOC, re.DOTALL | re.MULTILINE)


def _query(folder: str) -> str:
    """The one query that reads a folder."""
    (found,) = (block for block in _blocks("sql") if folder in block)
    return found


def test_key_examples() -> None:
    (block,) = _blocks("keys")
    examples = [re.split(r"\s{2,}", line) for line in block.splitlines()]
    assert [kind for kind, _ in examples] == list(_KINDS)
    for kind, path in examples:
        key = parse_key(path)
        assert key is not None, path
        assert isinstance(key, _KINDS[kind]), path
        assert key.path == path
        shape = re.search(rf"^\| {kind} \| `(.*)` \|$", DOC, re.MULTILINE)
        assert shape is not None
        pattern = re.sub(r"<\w+>", "[^/]+?", re.escape(shape[1]).replace("\\-", "-"))
        assert re.fullmatch(pattern, path), (pattern, path)


def _types(schema: object) -> list[tuple[str, str, bool]]:
    """Name, type as the page writes it, and whether it is required."""
    out = []
    for field in schema:  # type: ignore[attr-defined]
        text = str(field.type).replace("tz=", "").replace("ms, UTC", "ms,UTC").replace("item: ", "")
        text = re.sub(r"(?<=[<,\s])(\w+): ", r"\1 ", text)
        out.append((field.name, text, not field.nullable))
    return out


@pytest.mark.parametrize(
    ("name", "schema"),
    [
        ("points", points_schema()),
        ("media", media_schema()),
        ("rows", rows_schema()),
        ("edits", edits_schema()),
        ("artifacts", manifest_schema()),
    ],
)
def test_tables(name: str, schema: object) -> None:
    (block,) = _blocks(f"table {name}")
    told = []
    for line in block.splitlines():
        column, rest = line.split(maxsplit=1)
        kind = re.match(r"(?:list|map)<.*>|\S+", rest)
        assert kind is not None
        told.append((column, kind[0], rest[kind.end() :].strip().startswith("required")))
    assert told == _types(schema)


def test_numbers_and_words() -> None:
    for number in (ROW_GROUP_ROWS, MAX_ROW_GROUP_ROWS):
        assert f"{number:,} rows" in DOC
    assert f"the last {FOOTER_GUESS_BYTES // 1024} kB" in DOC
    assert f"at most {MAX_PROJECT_BYTES} bytes" in DOC
    assert f"`{FORMAT_KEY.decode()}`" in DOC
    assert f"`{RUN_KEY.decode()}`" in DOC
    words = re.search(r"in any case, one of (.*?): some engine", DOC, re.DOTALL)
    assert words is not None
    assert set(re.findall(r"`(\w+)`", words[1])) == _INFERRED_WORDS
    assert ", ".join(OPS[:-1]) + f" or {OPS[-1]}" in DOC
    assert " < ".join(ENDED) in DOC
    assert "`4 * rows + rank`, rank 1 the janitor,\n2 recovery, 3 the writer itself" in DOC
    assert (JANITOR, RECOVERY, OWNER) == (1, 2, 3)
    assert final_version(5, OWNER) == 4 * 5 + OWNER
    assert "`step`, `timestamp`, `seq` are DELTA_BINARY_PACKED" in DOC
    assert DELTA_COLUMNS == ("step", "timestamp", "seq")


def test_the_queries_without_this_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lake").symlink_to(LAKE)
    monkeypatch.chdir(tmp_path)
    sql = _query("lake/metrics/")
    points, rows = (statement for statement in sql.split(";") if statement.strip())
    assert duckdb.execute(f"SELECT count(*) FROM ({points})").fetchall() == [(18,)]
    found = duckdb.execute(f"SELECT run_id, writer, version FROM ({rows})").fetchall()
    (python,) = _blocks("python")
    names: dict[str, pl.LazyFrame] = {}
    exec(python, names)
    assert names["points"].collect().height == 18
    frame = names["rows"].select("run_id", "writer", "version").collect()
    wanted = [
        ("failed", "w001-cccccccc", 11), ("finished", "w001-aaaaaaaa", 31), ("finished", "w001-bbbbbbbb", 11),
        ("resumed", "w001-eeeeeeee", 18), ("resumed", "w002-ffffffff", 7),
    ]  # fmt: skip
    assert sorted(frame.rows()) == wanted
    assert sorted(found) == wanted


def test_the_query_of_media(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("r-1", "r-2"):
        with lakeboard.init(project="digits/é", id=name, lake="lake", quiet=True) as run:
            for step in (0, 5):
                samples = [lakeboard.Image(memoryview(bytes([step])).cast("B", (1, 1)), caption=c) for c in "ab"]
                run.log({"samples": samples, "note": lakeboard.Text("x")}, step=step)
    found = duckdb.execute(_query("lake/media/")).fetchall()
    assert [row[:6] for row in found] == [
        ("digits/é", run, "samples", 5, n, caption) for run in ("r-1", "r-2") for n, caption in enumerate("ab")
    ]
    assert all(row[6].startswith(b"\x89PNG") for row in found)


def test_numbers_and_words_of_media() -> None:
    assert ", ".join(KINDS[:-1]) + f" or {KINDS[-1]}" in DOC
    assert f"once there are {BATCH_BYTES // 10**6} MB" in DOC
    assert f"at most {FILE_BYTES // 2**20} MiB, is a media file" in DOC
    assert f"at most {THUMB_PIXELS} pixels a side" in DOC
    assert f"(the first {MAX_NAMED}, a listing" in DOC


def test_a_console_without_this_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = LocalStore(str(tmp_path / "lake"))
    whole = {"w001-00000001": "one\ntwo\nthree é\n", "w002-00000002": "again\n"}
    for writer, text in whole.items():
        data = text.encode()
        for lo, hi in ((0, 4), (4, len(data))):
            store.put(LogKey("digits", "r1", writer, hi, hi - lo).path, data[lo:hi])
    monkeypatch.chdir(tmp_path)
    sql = _query("lake/logs/")
    assert dict(duckdb.execute(sql).fetchall()) == whole


def test_numbers_and_words_of_artifacts() -> None:
    assert f"at most {MAX_NAME_BYTES} bytes, without" in DOC
    assert f"More than {FEW} files of less than {SMALL_BYTES:,} bytes" in DOC
    assert f"up to {BUNDLE_BYTES // 2**20} MB, `_pack/" in DOC
    assert (ABANDONED.days, all(f"`{op}`" in DOC for op in ACTS)) == (7, True)


def test_the_queries_of_artifacts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = LocalStore(tmp_path / "lake")
    first = make(store, tmp_path / "source", {"a": b"one", "sub/b": b"two"}, run_id="r1").manifest
    make(store, tmp_path / "source", {"a": b"one", "sub/b": b"new"}, rand=9)
    make(store, tmp_path / "source", {"x": b""}, "gone")
    one, two = Version(1, "00000001"), Version(2, "00000009")
    act(store, "purge", one, artifact="gone")
    act(store, "alias", one, "best")
    act(store, "alias", two, "best")
    monkeypatch.chdir(tmp_path)
    versions, files, aliases = (_blocks(f"sql {name}")[0] for name in ("versions", "files", "aliases"))
    found = duckdb.execute(f"SELECT artifact, version, run_id, bytes, files, sha256 FROM ({versions}) ORDER BY 2")
    assert found.fetchall()[0] == ("digits", str(one), "r1", 6, 2, first.digest)
    names = duckdb.execute(f"SELECT project, artifact, version FROM ({versions}) ORDER BY 3").fetchall()
    assert names == [("p", "digits", str(one)), ("p", "digits", str(two))]
    rows = duckdb.execute(f"SELECT path, sha256, file, \"offset\" FROM ({files}) WHERE artifact = 'digits'").fetchall()
    assert len(rows) == 4
    assert all(hashlib.sha256(Path(file).read_bytes()).hexdigest() == digest for _, digest, file, _ in rows)
    assert duckdb.execute(aliases).fetchall() == [("p", "digits", "best", str(two))]


def test_live_rows_for_the_impatient() -> None:
    globs = f"['{LAKE}/metrics/**/*.parquet', '{LAKE}/live/**/*.parquet']"
    sealed, live = (f"regexp_extract(filename, '{rule}', 1)" for rule in ("run_id=([^/]+)/", "/([^/.]+)[.]w"))
    project = "regexp_extract(filename, 'project=([^/]+)/', 1)"
    rows = (
        f"SELECT DISTINCT {project}, coalesce(nullif({sealed}, ''), {live}), writer, seq "
        f"FROM read_parquet({globs}, union_by_name = true, filename = true)"
    )
    assert duckdb.execute(f"SELECT count(*) FROM ({rows})").fetchall() == [(18 + 3,)]


def test_links_lead_somewhere() -> None:
    # Those of README.md are tested beside its commands.
    for page in [*(ROOT / "docs").rglob("*.md"), *(p for p in ROOT.glob("*.md") if p.name != "README.md")]:
        text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.DOTALL | re.MULTILINE)
        for target in re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", text):
            assert (page.parent / target).exists(), (page.name, target)
        for target in re.findall(r"`(docs/[\w/.-]+\.md)`", text):
            assert (ROOT / target).exists(), (page.name, target)
