"""JSON out of a lake: what makes no sense is damage that names its object, whatever it is made of."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.schema.errors import DamagedObject
from lakeboard.schema.limits import MAX_JSON_DEPTH
from lakeboard.schema.text.jsontext import is_deep, loads

_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(), inside, max_size=4),
    max_leaves=30,
)


@given(_PLAIN)
def test_what_was_written_is_read_back(value: Any) -> None:
    assert loads(json.dumps(value), key="x") == value
    assert loads(json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"), key="x") == value


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{",
        b"[1,]",
        b"NaN",
        b'{"a": Infinity}',
        b"[-Infinity]",
        b"9" * 5000,
        b"\xff",
        b"[" * 200_000 + b"]" * 200_000,
        b'{"a":' * 200_000 + b"1" + b"}" * 200_000,
        b"[" * 200_000,
        b'[{"a":' * 100_000,
        b"[[]," * 100_000,
        b'"' + b"\\" * 100_001,
    ],
    ids=range(14),
)
def test_what_makes_no_sense_is_damage_that_names_the_object(text: bytes) -> None:
    with pytest.raises(DamagedObject, match="live/x") as raised:
        loads(text, key="live/x")
    assert raised.value.key == "live/x"
    assert len(str(raised.value)) < 400


@pytest.mark.parametrize(("opening", "closing"), [(b"[", b"]"), (b'{"a":', b"}"), (b'[{"[":', b"}]")])
def test_depth_is_counted_exactly(opening: bytes, closing: bytes) -> None:
    step = sum(opening.replace(b'"["', b"").count(bracket) for bracket in (b"[", b"{"))
    times = MAX_JSON_DEPTH // step
    deepest = opening * times + b"1" + closing * times
    assert loads(deepest, key="x") is not None
    with pytest.raises(DamagedObject, match="deeper than 64"):
        loads(opening * (times + 1) + b"1" + closing * (times + 1), key="x")


@given(_PLAIN)
def test_depth_agrees_with_a_walk(value: Any) -> None:
    def depth(inside: Any) -> int:
        if isinstance(inside, dict):
            return 1 + max(map(depth, inside.values()), default=0)
        return 1 + max(map(depth, inside), default=0) if isinstance(inside, list) else 0

    wide = json.dumps([value] * 70)
    assert is_deep(wide.encode()) is (depth(value) + 1 > MAX_JSON_DEPTH)


def test_brackets_in_texts_count_nothing() -> None:
    text = json.dumps({"a": "[{" * 1000, "b": '\\"[' * 1000, "c": ["]"] * 100})
    assert loads(text, key="x")["a"] == "[{" * 1000


def test_of_a_name_that_stands_twice_the_last_one_counts() -> None:
    assert loads('{"a": 1, "a": 2}', key="x") == {"a": 2}


def test_what_is_too_long_is_not_parsed() -> None:
    with pytest.raises(DamagedObject, match=r"has 12 bytes; at most 10 are read"):
        loads(b'"0123456789"', key="x", most=10)
