"""A spool's records: whatever a process wrote before it died is read, and nothing else."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.schema.batch import Group, encode_groups
from lakeboard.schema.spool import batch_record, group_record, json_record, read_segment, record, records
from tests.schema.strategies import Call, calls, groups_of

_HEADER = {"format": 1, "lo": 0, "lake": "/x", "project": "p", "run": {"run_id": "r1", "writer": "w001-00000000"}}


def _spool(batches: list[list[Call]], lo: int = 0) -> list[bytes]:
    """Records as a writer appends them, one element per append."""
    out = [json_record(b"H", {**_HEADER, "lo": lo})]
    numbers: dict[tuple[str | None, ...], int] = {}
    hi = lo
    for logged in batches:
        groups, hi = groups_of(logged, hi)
        parts = []
        for group in groups:
            key = (group.dataset, *group.names)
            if key not in numbers:
                numbers[key] = len(numbers)
                out.append(group_record(numbers[key], group))
            parts.append((numbers[key], group))
        out.append(b"".join(batch_record(parts, hi)))
    return out


def _bytes_of(groups: list[Group]) -> bytes:
    return encode_groups(groups, writer="w001-00000000", attempt=1)


@given(st.lists(calls(5), max_size=4), st.integers(0, 10**9))
def test_what_was_spooled_is_read_back(batches: list[list[Call]], lo: int) -> None:
    segment = read_segment(b"".join(_spool(batches, lo)))
    assert segment is not None
    groups, hi = groups_of([c for b in batches for c in b], lo)
    assert (segment.rows.lo, segment.rows.hi) == (lo, hi)
    assert _bytes_of(list(segment.rows.groups.values())) == _bytes_of(groups)


def test_a_spool_torn_at_any_byte_gives_all_whole_batches() -> None:
    one: Call = (("loss", "acc"), None, 3, 1.5, (0.5, 0.25))
    two: Call = (("é",), "cifar10", 4, 2.5, (float("nan"),))
    appended = _spool([[one, two], [two], [one, one]])
    data = b"".join(appended)
    whole = {}
    position = 0
    for piece in appended:
        position += len(piece)
        segment = read_segment(data[:position])
        assert segment is not None
        whole[position] = segment.rows.hi
    assert sorted(set(whole.values())) == [0, 3, 4, 8]
    for length in range(len(data) + 1):
        segment = read_segment(data[:length])
        before = [end for end in whole if end <= length]
        if not before:
            assert segment is None
        else:
            assert segment is not None
            assert segment.rows.hi == whole[max(before)]
            assert sum(len(g.values) for g in segment.rows.groups.values()) == segment.rows.hi


@given(st.lists(calls(3), min_size=1, max_size=3), st.data())
def test_a_spoiled_byte_hides_its_record_and_what_follows(batches: list[list[Call]], data: st.DataObject) -> None:
    pieces = _spool(batches)
    whole = b"".join(pieces)
    at = data.draw(st.integers(len(pieces[0]), len(whole) - 1)) if len(whole) > len(pieces[0]) else 0
    spoiled = bytearray(whole)
    spoiled[at] ^= data.draw(st.integers(1, 255))
    found = list(records(bytes(spoiled)))
    end = 0
    for (kind, payload), piece in zip(found, pieces, strict=False):
        if end <= at < end + len(piece):
            # A spoiled kind is no known kind, or at worst another of the known ones over the same payload.
            assert payload == piece[9:]
        else:
            assert record(kind, bytes(payload)) == piece
        end += len(piece)


def test_zeros_after_a_power_loss_are_no_rows() -> None:
    one: Call = (("loss",), None, 3, 1.5, (0.5,))
    segment = read_segment(b"".join(_spool([[one]])) + bytes(4096))
    assert segment is not None
    assert segment.rows.hi == 1


def test_changes_and_the_ending_are_kept() -> None:
    data = json_record(b"H", {**_HEADER, "changes": {"name": "a"}})
    segment = read_segment(data)
    assert segment is not None
    assert (segment.changes, segment.ending) == ({"name": "a"}, None)
    data += json_record(b"R", {"name": "b"}) + json_record(b"R", {"name": "c"}) + json_record(b"X", {"later": 1})
    data += json_record(b"F", {"status": "finished", "hi": 3})
    segment = read_segment(data)
    assert segment is not None
    assert (segment.changes, segment.ending) == ({"name": "c"}, {"status": "finished", "hi": 3})


@pytest.mark.parametrize(
    "data", [b"", b"H", json_record(b"R", {}), json_record(b"H", {**_HEADER, "format": 2}), b"\xff" * 64]
)
def test_what_is_no_spool_is_none(data: bytes) -> None:
    assert read_segment(data) is None


def test_the_exact_bytes_of_a_record() -> None:
    assert record(b"B", b"abc") == b"B\x03\x00\x00\x00\xc2\x41\x24\x35abc"
    assert json.loads(json_record(b"G", {"id": 1})[9:]) == {"id": 1}
    assert b"".join(batch_record([(0, Group(("a",)))], 7))[9:] == b"\x07\x00\x00\x00\x00\x00\x00\x00"
