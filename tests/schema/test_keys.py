"""Keys are parsed and built by one inverse pair, whatever a project is called."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.schema.errors import InvalidName
from lakeboard.schema.keys import (
    DocumentKey,
    EditKey,
    Key,
    PackKey,
    PointsKey,
    RowKey,
    TailKey,
    attempt_of,
    decode_segment,
    encode_segment,
    parse_key,
    parse_project_dir,
    project_prefix,
    run_prefix,
    writer_id,
)
from lakeboard.schema.names import check_project, check_run_id
from lakeboard.store.keyrules import is_key
from tests.schema.strategies import HEX8, LINE, PROJECTS, RUN_IDS, WRITERS

_COUNT = st.one_of(st.integers(0, 10), st.integers(0, 10**15))


@st.composite
def _keys(draw: st.DrawFn) -> Key:
    project, run, writer = draw(PROJECTS), draw(RUN_IDS), draw(WRITERS)
    hi = draw(_COUNT)
    length = draw(st.integers(0, hi))
    kind = draw(st.sampled_from(["tail", "points", "row", "pack", "edit", "board", "view"]))
    match kind:
        case "tail":
            return TailKey(project, run, writer, draw(_COUNT), hi, length)
        case "points":
            return PointsKey(project, run, writer, hi, length)
        case "row":
            return RowKey(project, run, writer, draw(_COUNT))
        case "pack":
            return PackKey(draw(st.sampled_from(["runs", "edits"])), project, draw(_COUNT), draw(HEX8))
        case "edit":
            return EditKey(project, draw(_COUNT), draw(HEX8))
    slug = draw(LINE.filter(lambda t: t not in ("", ".", "..")))
    return DocumentKey("views" if kind == "view" else "boards", slug, draw(_COUNT), draw(HEX8))


@given(_keys())
def test_parsing_a_path_gives_the_key_back(key: Key) -> None:
    assert parse_key(key.path) == key


@given(_keys())
def test_every_store_takes_the_path(key: Key) -> None:
    assert isinstance(key, DocumentKey) or is_key(key.path)


@given(_keys(), st.data())
def test_a_path_changed_anywhere_is_another_key_or_none(key: Key, data: st.DataObject) -> None:
    path = key.path
    at = data.draw(st.integers(0, len(path) - 1))
    changed = path[:at] + data.draw(st.sampled_from("0aZ.%/=-\u0663 ")) + path[at + 1 :]
    found = parse_key(changed)
    assert found is None or found.path == changed


@given(st.text(max_size=60))
def test_no_text_breaks_the_parser(text: str) -> None:
    found = parse_key(text)
    assert found is None or found.path == text


@given(PROJECTS)
def test_a_project_is_found_in_its_folder_name(project: str) -> None:
    folder = project_prefix("runs", project).split("/")[1]
    assert parse_project_dir(folder) == project
    assert "/" not in folder
    assert folder.isascii()


@given(st.text(max_size=50))
def test_segments_round_trip(text: str) -> None:
    try:
        segment = encode_segment(text)
    except UnicodeEncodeError:
        assert any(0xD800 <= ord(c) < 0xE000 for c in text)
        return
    assert decode_segment(segment) == text
    assert segment == quote(text, safe="")


@given(st.integers(1, 10**6), HEX8)
def test_a_writer_carries_its_attempt(attempt: int, rand: str) -> None:
    assert attempt_of(writer_id(attempt, rand)) == attempt


@given(_COUNT, _COUNT)
def test_names_sort_as_their_numbers(a: int, b: int) -> None:
    w = "w001-00000000"
    if max(a, b) < 10**8:
        assert (TailKey("p", "r", w, a, 0, 0).path < TailKey("p", "r", w, b, 0, 0).path) == (a < b)
    if max(a, b) < 10**12:
        assert (PointsKey("p", "r", w, a, 0).path < PointsKey("p", "r", w, b, 0).path) == (a < b)
        assert (PackKey("runs", "p", a, "0" * 8).path < PackKey("runs", "p", b, "0" * 8).path) == (a < b)


@given(RUN_IDS, WRITERS, _COUNT, _COUNT)
def test_a_pack_sorts_after_all_it_was_made_from(run: str, writer: str, version: int, gen: int) -> None:
    assert RowKey("p", run, writer, version).path < PackKey("runs", "p", gen, "0" * 8).path
    assert EditKey("p", version, "f" * 8).path < PackKey("edits", "p", gen, "0" * 8).path


EXAMPLES: list[tuple[Key, str]] = [
    (
        TailKey("digits", "r1", "w001-9f3a52c0", 7, 1200, 200),
        "live/project=digits/r1.w001-9f3a52c0.00000007.000000001200-000000000200.parquet",
    ),
    (
        PointsKey("a/b=c", "r1", "w001-9f3a52c0", 1200, 1200),
        "metrics/project=a%2Fb%3Dc/run_id=r1/w001-9f3a52c0.000000001200-000000001200.parquet",
    ),
    (RowKey("é", "r1", "w012-9f3a52c0", 3), "runs/project=%C3%A9/r-r1.w012-9f3a52c0.000000000003.parquet"),
    (PackKey("runs", "p", 2, "0a1b2c3d"), "runs/project=p/z-000000000002-0a1b2c3d.parquet"),
    (PackKey("edits", "p", 2, "0a1b2c3d"), "edits/project=p/z-000000000002-0a1b2c3d.parquet"),
    (EditKey("p", 1764000000000000000, "0a1b2c3d"), "edits/project=p/e-01764000000000000000-0a1b2c3d.parquet"),
    (DocumentKey("boards", "best models", 17, "0a1b2c3d"), "boards/best%20models/00000000000000000017-0a1b2c3d.json"),
    (
        DocumentKey("views", "by-seed-5c0ffee1", 17, "0a1b2c3d"),
        "views/by-seed-5c0ffee1/00000000000000000017-0a1b2c3d.json",
    ),
]


@pytest.mark.parametrize(("key", "path"), EXAMPLES)
def test_the_exact_form_of_each_key(key: Key, path: str) -> None:
    assert key.path == path
    assert parse_key(path) == key


@pytest.mark.parametrize(
    "path",
    [
        "",
        "_lake.json",
        "live/project=p/r1.w001-9f3a52c0.00000007.000000000001-000000000002.parquet",  # longer than what exists
        "live/project=p/r1.w001-9f3a52c0.7.000000000001-000000000001.parquet",  # not padded
        "live/project=p/r1.w001-9F3A52C0.00000007.000000000001-000000000001.parquet",  # upper case
        "live/project=p/r1.w\u0660\u0660\u0661-9f3a52c0.00000007.000000000001-000000000001.parquet",  # no ASCII digits
        "live/project=1e5/r1.w001-9f3a52c0.00000007.000000000001-000000000001.parquet",  # no project
        "live/project=p/nan.w001-9f3a52c0.00000007.000000000001-000000000001.parquet",  # no run id
        "live/project=a%2fb/r1.w001-9f3a52c0.00000007.000000000001-000000000001.parquet",  # another encoding of a/b
        "live/project=%FF/r1.w001-9f3a52c0.00000007.000000000001-000000000001.parquet",  # no UTF-8
        "metrics/project=p/r1/w001-9f3a52c0.000000000001-000000000001.parquet",
        "metrics/project=p/run_id=r1/x.parquet",
        "metrics/project=p/run_id=r1/deeper/w001-9f3a52c0.000000000001-000000000001.parquet",
        "runs/project=p/r-r1.w001-9f3a52c0.000000000003.parquet.tmp",
        "runs/project=p/e-01764000000000000000-0a1b2c3d.parquet",
        "metrics/project=p/z-000000000002-0a1b2c3d.parquet",
        "boards/a/b/00000000000000000017-0a1b2c3d.json",
        "boards/../00000000000000000017-0a1b2c3d.json",
        "views/a/b/00000000000000000017-0a1b2c3d.json",
        "views/a/17-0a1b2c3d.json",
        "/runs/project=p/r-r1.w001-9f3a52c0.000000000003.parquet",
        "runs/project=p/r-r1.w001-9f3a52c0.000000000003.parquet\n",
    ],
)
def test_what_is_no_key_is_none(path: str) -> None:
    assert parse_key(path) is None


def test_ranges_begin_where_the_rows_before_end() -> None:
    assert TailKey("p", "r", "w001-00000000", 1, 12, 5).lo == 7
    assert PointsKey("p", "r", "w001-00000000", 12, 12).lo == 0
    assert PointsKey("p", "r", "w001-00000000", 12, 5).name == "w001-00000000.000000000012-000000000005.parquet"
    assert run_prefix("a b", "r1") == "metrics/project=a%20b/run_id=r1/"


@given(PROJECTS, RUN_IDS)
def test_what_the_strategies_draw_is_valid(project: str, run_id: str) -> None:
    assert check_project(project) == project
    assert check_run_id(run_id) == run_id
    with pytest.raises(InvalidName):
        check_project("\n" + project)
