from __future__ import annotations

import hashlib
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.schema.errors import DamagedObject, LakeFormat
from lakeboard.schema.keys import parse_key
from lakeboard.schema.media.keys import MediaFileKey, MediaKey
from lakeboard.schema.media.kinds import EXTENSIONS, KINDS, SHOWN, extension_of, sniff
from lakeboard.schema.media.objects import decode_media, encode_media
from lakeboard.schema.media.rows import GROUP_BYTES, MediaRow, media_schema
from lakeboard.schema.media.spool import media_header, media_record, read_media_segment
from lakeboard.schema.tables import FORMAT_KEY

WRITER = "w001-0a1b2c3d"
KEY = MediaKey("digits/é", "r-1", WRITER, 3, 3)


def row(seq: int, **more: object) -> MediaRow:
    data = bytes([seq % 256]) * 10
    told = {"size": 10, "sha256": hashlib.sha256(data).hexdigest(), "data": data, **more}
    return MediaRow("val/samples", 5, seq, 1_700_000_000_000, seq, "image", "image/png", **told)  # type: ignore[arg-type]


ROWS = st.builds(
    MediaRow,
    key=st.text(min_size=1, max_size=8),
    step=st.integers(-(2**63), 2**63 - 1),
    index=st.integers(0, 2**31 - 1),
    timestamp=st.integers(0, 2**42),
    seq=st.just(0),
    kind=st.sampled_from(KINDS),
    media_type=st.sampled_from(sorted(EXTENSIONS)),
    dataset=st.none() | st.text(max_size=5),
    caption=st.none() | st.text(max_size=9),
    width=st.none() | st.integers(1, 2**31 - 1),
    height=st.none() | st.integers(1, 2**31 - 1),
    size=st.integers(0, 2**40),
    sha256=st.just("ab" * 32),
    layers=st.none() | st.integers(0, 9),
    text=st.none() | st.text(max_size=9),
    thumb=st.none() | st.binary(min_size=1, max_size=9),
    data=st.none() | st.binary(max_size=9),
    file=st.none() | st.just("media/x"),
)


def test_keys_of_media_parse_to_what_they_were_built_from() -> None:
    assert KEY.path == (
        "media/project=digits%2F%C3%A9/run_id=r-1/w001-0a1b2c3d.000000000003-000000000003.parquet"
    )  # fmt: skip
    assert parse_key(KEY.path) == KEY
    file = MediaFileKey("digits/é", "r-1", WRITER, 7, "mp4")
    assert file.path == "media/project=digits%2F%C3%A9/run_id=r-1/w001-0a1b2c3d.000000000007.mp4"
    assert parse_key(file.path) == file


@pytest.mark.parametrize(
    "name",
    [
        "w001-0a1b2c3d.000000000003-000000000004.parquet",  # more rows than there can be
        "w001-0a1b2c3d.000000000003.parquet",
        "w001-0a1b2c3d.000000000003.MP4",
        "w001-0a1b2c3d.3.mp4",
        "w001-0a1b2c3d.000000000003.toolongext",
        "../w001-0a1b2c3d.000000000003.mp4",
        "cat.png",
    ],
)
def test_names_that_no_writer_gives_are_nobodys(name: str) -> None:
    assert parse_key(f"media/project=p/run_id=r-1/{name}") is None


@given(st.lists(ROWS, max_size=12))
def test_rows_come_back_sorted_as_they_were(rows: list[MediaRow]) -> None:
    numbered = [replace(each, seq=seq) for seq, each in enumerate(rows)]
    data = encode_media(numbered, writer=WRITER, attempt=1)
    key = MediaKey("p", "r-1", WRITER, len(rows), len(rows))
    assert decode_media(data, key=key) == sorted(numbered, key=lambda r: (r.key, r.step, r.index, r.seq))


@given(st.lists(ROWS, max_size=6), st.integers(0, 2**40), st.data())
def test_a_spool_file_gives_every_whole_row_wherever_it_was_cut(
    rows: list[MediaRow], lo: int, data: st.DataObject
) -> None:
    numbered = [replace(each, seq=lo + n) for n, each in enumerate(rows)]
    pieces = [media_header(lo), *map(media_record, numbered)]
    whole = b"".join(pieces)
    cut = data.draw(st.integers(0, len(whole)))
    found = read_media_segment(whole[:cut])
    kept = next(n for n in range(len(pieces) + 1) if len(b"".join(pieces[: n + 1])) > cut or n == len(pieces))
    if kept == 0:
        assert found is None
    else:
        assert found is not None
        assert (found.lo, list(found.rows), found.hi) == (lo, numbered[: kept - 1], lo + kept - 1)


def test_a_spool_file_of_another_format_or_a_gap_is_not_guessed_at() -> None:
    assert read_media_segment(b"nothing of the kind") is None
    assert read_media_segment(media_record(row(0))) is None
    found = read_media_segment(media_header(0) + media_record(row(0)) + media_record(row(2)))
    assert found is not None
    assert found.hi == 1


def test_row_groups_close_at_a_megabyte_of_data() -> None:
    rows = [row(seq, data=bytes(100_000), size=100_000) for seq in range(25)]
    data = encode_media(rows, writer=WRITER, attempt=2)
    file = pq.ParquetFile(pa.BufferReader(data))
    assert [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)] == [10, 10, 5]
    assert GROUP_BYTES == 1_000_000
    assert file.schema_arrow.names == media_schema().names
    by_name = {
        file.metadata.row_group(0).column(n).path_in_schema: file.metadata.row_group(0).column(n) for n in range(20)
    }
    assert by_name["data"].compression == "UNCOMPRESSED"
    assert by_name["key"].compression == "ZSTD"
    assert file.metadata.metadata[FORMAT_KEY] == b"1"
    assert set(file.read(["attempt"])["attempt"].to_pylist()) == {2}


def test_a_thousand_small_pictures_cost_two_per_cent_more_than_their_bytes() -> None:
    rows = [row(seq, data=bytes([seq % 256]) * 11_000, size=11_000) for seq in range(50)]
    assert len(encode_media(rows, writer=WRITER, attempt=1)) <= 1.02 * 50 * 11_000


def test_what_is_not_what_its_name_promises_is_damage() -> None:
    data = encode_media([row(0), row(1)], writer=WRITER, attempt=1)
    with pytest.raises(DamagedObject, match="each of the rows 0 to 2 once"):
        decode_media(data, key=KEY)
    with pytest.raises(DamagedObject, match="another writer"):
        decode_media(data, key=MediaKey("p", "r-1", "w001-ffffffff", 2, 2))
    with pytest.raises(DamagedObject, match="r-1"):
        decode_media(data[:-20], key=MediaKey("p", "r-1", WRITER, 2, 2))
    newer = data.replace(b"lakeboard.format\x18\x011", b"lakeboard.format\x18\x019")
    assert newer != data
    with pytest.raises((LakeFormat, DamagedObject)):
        decode_media(newer, key=MediaKey("p", "r-1", WRITER, 2, 2))


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"\x89PNG\r\n\x1a\n0000", "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
        (b"RIFF\x00\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"\x00\x00\x00\x20ftypisom", "video/mp4"),
        (b"ID3\x04", "audio/mpeg"),
        (b'<?xml version="1.0"?>\n<svg xmlns="x">', "image/svg+xml"),
        (b"<!-- made by hand -->\n<svg>", "image/svg+xml"),
        (b"<html><svg>", "application/octet-stream"),
        (b"", "application/octet-stream"),
    ],
)
def test_bytes_tell_their_type_by_how_they_begin(head: bytes, media_type: str) -> None:
    assert sniff(head) == media_type


def test_what_could_run_in_a_browser_is_never_shown_by_itself() -> None:
    assert not SHOWN & {"text/html", "image/svg+xml", "application/json", "application/octet-stream"}
    assert extension_of("text/html") == "html"
    assert extension_of("model/gltf") == "bin"
