"""Messages are read as they were written, and cut ones are refused."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.importers.protobuf import Malformed, double, fields, message, single, text, whole
from tests.importers import making

FIELD = st.one_of(
    st.tuples(st.just("number"), st.integers(1, 2**28), st.integers(-(2**63), 2**63 - 1)),
    st.tuples(st.just("part"), st.integers(1, 2**28), st.binary(max_size=300)),
    st.tuples(st.just("double"), st.integers(1, 2**28), st.floats(allow_nan=False)),
    st.tuples(st.just("single"), st.integers(1, 2**28), st.floats(width=32, allow_nan=False)),
)
READ = {"number": whole, "part": message, "double": double, "single": single}


@given(st.lists(FIELD, max_size=12))
def test_a_message_is_read_as_it_was_written(wanted: list[tuple[str, int, object]]) -> None:
    data = b"".join(getattr(making, kind)(field, value) for kind, field, value in wanted)
    found = [(kind, field, READ[kind](raw)) for (kind, _, _), (field, raw) in zip(wanted, fields(data), strict=True)]
    assert found == wanted


@given(st.binary(max_size=60))
def test_any_bytes_are_fields_or_refused(data: bytes) -> None:
    with suppress(Malformed):
        for field, value in fields(data):
            assert field >= 0
            assert isinstance(value, (int, bytes))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"\x0a\x05ab", "a field ends at byte 7 of 4"),
        (b"\x08", "the message is cut"),
        (b"\x0b", "wire type 3"),
        (b"\x08" + b"\xff" * 11, "more than 64 bits"),
    ],
)
def test_what_is_cut_or_unknown_is_refused(data: bytes, why: str) -> None:
    with pytest.raises(Malformed, match=why):
        list(fields(data))


def test_a_value_of_another_type_is_refused() -> None:
    for read, value in ((message, 1), (double, b"1"), (single, b"1"), (whole, b"1")):
        with pytest.raises(Malformed):
            read(value)
    assert text(b"\xff") == "\N{REPLACEMENT CHARACTER}"
