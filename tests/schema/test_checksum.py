"""No byte of an object changes unnoticed, and no Parquet reader is given bytes that did."""

from __future__ import annotations

import json
import random
from array import array

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.schema.batch import Group, encode_groups
from lakeboard.schema.checksum import (
    BLANK,
    CHECKSUM_KEY,
    stamped,
    stamped_json,
    verify,
    verify_end,
    verify_json,
    verify_stream,
)
from lakeboard.schema.errors import DamagedObject
from lakeboard.schema.parquet import decode_footer, decode_table, encode_table, footer_length
from lakeboard.schema.rowtable import rows_to_table
from lakeboard.schema.run.row import RunRow

_W = "w001-00000000"


def points(run: dict[str, object] | None = None) -> bytes:
    n = 50
    steps, times = array("q", range(n)), array("d", [0.0] * n)
    group = Group(("a", "b"), None, steps, times, array("q", range(0, 2 * n, 2)), array("d", range(2 * n)))
    return encode_groups([group], writer=_W, attempt=1, run=run)


OBJECTS = {
    "tail": points({"status": "running", "notes": CHECKSUM_KEY}),
    "sealed": points(),
    "row": encode_table(rows_to_table([RunRow("r1", _W, notes=f"{CHECKSUM_KEY}\x18\x10{BLANK}")])),
}


@pytest.mark.parametrize("kind", OBJECTS)
def test_whole_objects_pass(kind: str) -> None:
    verify(OBJECTS[kind], key="k")
    assert decode_table(OBJECTS[kind], key="k").num_rows


@pytest.mark.parametrize("kind", OBJECTS)
def test_every_flipped_bit_is_told(kind: str) -> None:
    data = OBJECTS[kind]
    for at in range(len(data)):
        bad = bytearray(data)
        bad[at] ^= 1 << at % 8
        with pytest.raises(DamagedObject, match=r"^k "):
            verify(bytes(bad), key="k")


@pytest.mark.parametrize("kind", OBJECTS)
def test_every_flipped_bit_of_a_footer_is_told_without_the_pages(kind: str) -> None:
    data = OBJECTS[kind]
    size = footer_length(data, key="k")
    for at in range(size):
        bad = bytearray(data[-size:])
        bad[at] ^= 1 << at % 8
        with pytest.raises(DamagedObject, match=r"^k "):
            verify_end(bytes(bad), key="k")


@given(st.integers(0, 2**32), st.integers(2, 40))
def test_many_changes_at_once_are_told(seed: int, changes: int) -> None:
    data, draw = OBJECTS["tail"], random.Random(seed)
    bad = bytearray(data)
    for _ in range(changes):
        bad[draw.randrange(len(bad))] = draw.randrange(256)
    size = footer_length(data, key="k")
    if bytes(bad) != data:
        with pytest.raises(DamagedObject):
            decode_table(bytes(bad), key="k")
    if bytes(bad[-size:]) != data[-size:]:
        with pytest.raises(DamagedObject):
            decode_footer(bytes(bad), key="k")


@given(st.binary(max_size=200))
def test_foreign_bytes_are_told(data: bytes) -> None:
    for text in (data, b"PAR1" + data + b"PAR1", data + len(data).to_bytes(4, "little") + b"PAR1"):
        with pytest.raises(DamagedObject, match=r"^k "):
            verify(text, key="k")


def test_what_others_wrote_is_told() -> None:
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"a": [1]}), sink)
    with pytest.raises(DamagedObject, match="k carries no checksum: damaged, or no object of a lake"):
        verify(bytes(sink.getvalue()), key="k")
    with pytest.raises(ValueError, match="metadata does not end with"):
        stamped(memoryview(sink.getvalue()))


def test_the_sums_are_those_that_the_format_describes() -> None:
    import zlib

    data = OBJECTS["sealed"]
    length = int.from_bytes(data[-8:-4], "little")
    pages, footer = data[: -8 - length], data[-8 - length :]
    told = pq.read_metadata(pa.BufferReader(data)).metadata[CHECKSUM_KEY.encode()].decode()
    assert told[:8] == f"{zlib.crc32(pages):08x}"
    assert told[8:] == f"{zlib.crc32(footer.replace(told.encode(), told[:8].encode() + b'00000000')):08x}"


def test_a_stream_is_held_to_the_same_sums() -> None:
    n = 200_000
    group = Group(("a",), None, array("q", range(n)), array("d", [0.0] * n), array("q", range(n)), array("d", range(n)))
    data = encode_groups([group], writer=_W, attempt=1)
    size = footer_length(data, key="k")
    verify_stream(lambda a, b: data[a:b], len(data), key="k")
    places = (
        0,
        10,
        len(data) // 2,
        len(data) - size - 1,
        len(data) - size,
        len(data) - 9,
        len(data) - 6,
        len(data) - 1,
    )
    for at in places:
        bad = bytearray(data)
        bad[at] ^= 1
        spoiled = bytes(bad)
        with pytest.raises(DamagedObject, match=r"^k "):
            verify_stream(lambda a, b, spoiled=spoiled: spoiled[a:b], len(spoiled), key="k")  # type: ignore[misc]
    for text in (b"", b"PAR1", b"PAR1" + bytes(100) + b"PAR1", data[:-1], data[5:]):
        with pytest.raises(DamagedObject, match=r"^k "):
            verify_stream(lambda a, b, text=text: text[a:b], len(text), key="k")  # type: ignore[misc]


@pytest.mark.parametrize(
    "plain", [{}, {"a": [1, {"b": None}]}, {"text": f'"{CHECKSUM_KEY}": "00000000"}}', "ü": "\u2028"}]
)
def test_a_json_object_ends_with_its_sum_and_every_flipped_bit_is_told(plain: dict[str, object]) -> None:
    data = stamped_json(json.dumps(plain, ensure_ascii=False, indent=1).encode())
    verify_json(data, key="k")
    assert json.loads(data).items() > plain.items()
    for at in range(len(data) * 8):
        bad = bytearray(data)
        bad[at // 8] ^= 1 << at % 8
        with pytest.raises(DamagedObject, match=r"^k "):
            verify_json(bytes(bad), key="k")
    for size in range(len(data)):
        with pytest.raises(DamagedObject):
            verify_json(data[:size], key="k")
