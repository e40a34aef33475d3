"""Params come back exactly; metric values become float64 or are refused with a fix."""

from __future__ import annotations

import dataclasses
import enum
import json
import math
import re
from pathlib import Path, PurePosixPath

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.schema.errors import InvalidValue
from lakeboard.schema.run.row import params_from_json, params_to_json
from lakeboard.schema.values import (
    Param,
    dump_json,
    dump_plain,
    encode_param,
    flatten_metrics,
    flatten_params,
    metric_value,
    storable,
)
from tests.schema.strategies import FLOATS, NAMES, SCALARS


def _utf8(text: str) -> bool:
    return not any(0xD800 <= ord(c) < 0xE000 for c in text)


_TEXT = st.text(max_size=20).filter(_utf8)
_EXACT = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), _TEXT),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(_TEXT, inner, max_size=4)),
    max_leaves=12,
)


@given(_EXACT)
def test_params_come_back_exactly(value: object) -> None:
    found = encode_param(value).decode()
    assert found == value
    assert type(found) is type(value)


@given(FLOATS)
def test_every_float_comes_back_with_its_sign(value: float) -> None:
    found = encode_param(value).decode()
    assert isinstance(found, float)
    assert math.isnan(found) if math.isnan(value) else found == value
    assert math.copysign(1, found) == math.copysign(1, value)


@given(st.dictionaries(NAMES, SCALARS, max_size=5))
def test_params_survive_strict_json(params: dict[str, object]) -> None:
    encoded = flatten_params(params)
    again = params_from_json(json.loads(dump_json(params_to_json(encoded))))
    assert repr(again) == repr(encoded)


@pytest.mark.parametrize("value", [2**53, -(2**53), 0, 7])
def test_ints_that_a_double_holds_are_numbers(value: int) -> None:
    assert encode_param(value) == Param("int", float(value), None)


@pytest.mark.parametrize("value", [2**53 + 1, -(2**63), 10**400, pytest.param(-(10**6000), id="huge")])
def test_larger_ints_are_text_and_exact(value: int) -> None:
    found = encode_param(value)
    assert (found.kind, found.num) == ("int", None)
    assert found.decode() == value


def test_kinds_and_places() -> None:
    assert encode_param(True) == Param("bool", 1.0, None)
    assert encode_param(None) == Param("null", None, None)
    assert encode_param("adam") == Param("str", None, "adam")
    assert encode_param([1, "a"]) == Param("json", None, '[1,"a"]')
    assert encode_param({}) == Param("json", None, "{}")
    assert encode_param(10**20) == Param("int", None, "100000000000000000000")


class _Color(enum.Enum):
    RED = "red"


class _Level(enum.IntEnum):
    LOW = 1


@dataclasses.dataclass
class _Adam:
    lr: float
    betas: tuple[float, float]


class _Rude:
    def __str__(self) -> str:
        raise RuntimeError("no")

    def item(self) -> object:
        raise ValueError("no")


def test_foreign_values_count_as_what_they_hold() -> None:
    assert encode_param(_Color.RED).decode() == "red"
    assert encode_param(_Level.LOW) == Param("int", 1.0, None)
    assert encode_param(PurePosixPath("/a/b")).decode() == "/a/b"
    assert encode_param((1, 2)).decode() == [1, 2]
    assert encode_param({3, 1, 2}).decode() == [1, 2, 3]
    assert encode_param({1: {2: None}}).decode() == {"1": {"2": None}}
    assert encode_param(_Adam(0.1, (0.9, 0.99))).decode() == {"lr": 0.1, "betas": [0.9, 0.99]}
    assert encode_param(b"x").decode() == "b'x'"
    assert encode_param(range(3)).decode() == "range(0, 3)"
    assert encode_param(3j).decode() == "3j"
    assert encode_param(_Rude()).decode() == "<_Rude: RuntimeError in str()>"


def test_numpy_scalars_and_small_arrays_are_plain_values() -> None:
    np = pytest.importorskip("numpy")
    assert encode_param(np.int64(3)) == Param("int", 3.0, None)
    assert encode_param(np.uint64(2**63)).decode() == 2**63
    assert encode_param(np.float32(0.5)) == Param("float", 0.5, None)
    assert encode_param(np.float64(0.1)) == Param("float", 0.1, None)
    assert encode_param(np.bool_(True)) == Param("bool", 1.0, None)
    assert encode_param(np.str_("a")) == Param("str", None, "a")
    assert encode_param(np.array([1, 2])).decode() == [1, 2]
    assert encode_param({"a": np.arange(3)}).decode() == {"a": [0, 1, 2]}
    assert metric_value("m", np.float16(0.5)) == 0.5
    assert metric_value("m", np.array(2)) == 2.0
    assert metric_value("m", np.bool_(True)) == 1.0


def test_text_that_utf8_cannot_hold_is_shown_escaped() -> None:
    assert encode_param("a\ud800b").decode() == "a\\ud800b"
    assert encode_param(["\udfff"]).decode() == ["\\udfff"]
    assert list(flatten_params({"\ud800": 1})) == ["\\ud800"]
    assert storable("ü") == "ü"


def test_a_value_that_holds_itself_ends() -> None:
    loop: list[object] = []
    loop.append(loop)
    tree: dict[str, object] = {}
    tree["a"] = tree
    encode_param(loop).decode()
    assert len(flatten_params(tree)) == 1


@given(st.recursive(SCALARS, lambda x: st.lists(x, max_size=3) | st.dictionaries(st.text(max_size=3), x, max_size=3)))
def test_json_is_strict_and_utf8(value: object) -> None:
    text = dump_json(value)
    json.loads(text, parse_constant=pytest.fail)
    text.encode()


@given(st.dictionaries(NAMES, st.none() | st.booleans() | st.integers() | FLOATS | st.text() | st.lists(FLOATS)))
def test_the_quick_way_to_json_says_the_same(warn: dict[str, object]) -> None:
    assert dump_plain(warn) == dump_json(warn)
    assert dump_plain({**warn, "x": "\ud800"}) == dump_json({**warn, "x": "\ud800"})


def test_the_quick_way_to_json_takes_what_the_other_takes() -> None:
    warn = {"step": np.int64(3), "seconds": np.float32(0.5), "more": [np.float64("nan"), {1}, Path("a")]}
    assert dump_plain(warn) == dump_json(warn)


def test_json_says_what_it_has_no_word_for_as_text() -> None:
    said = '{"a":["NaN","Infinity","-Infinity"],"b":"' + hex(10**5000) + '"}'
    assert dump_json({"a": [math.nan, math.inf, -math.inf], "b": 10**5000}) == said


def test_nested_names_flatten() -> None:
    assert flatten_params({"model": {"depth": 4, "opt": {}}, "lr": 0.1}) == {
        "model.depth": Param("int", 4.0, None),
        "model.opt": Param("json", None, "{}"),
        "lr": Param("float", 0.1, None),
    }
    assert flatten_params({"opt": _Adam(0.1, (0.9, 0.99))})["opt.lr"].decode() == 0.1
    assert flatten_metrics({"val": {"acc": 0.9, "per": {"class": 1}}}) == {"val/acc": 0.9, "val/per/class": 1}


class _Many:
    def __float__(self) -> float:
        raise ValueError("only one element can be converted")


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("0.5", "metric 'm' is '0.5' (str), not a number; text belongs in run.config"),
        (b"1", "metric 'm' is b'1' (bytes), not a number; text belongs in run.config"),
        (None, "metric 'm' is None (NoneType), not a number; leave it out of this call"),
        ([1.0], "metric 'm' is [1.0] (list), not one number"),
        (1j, "metric 'm' is 1j (complex), not one number"),
        (_Many(), "only one element can be converted); log a scalar such as .mean() or .item()"),
        (10**400, "(int), not one number (int too large to convert to float)"),
        pytest.param(10**5000, "metric 'm' is too large (int), not one number", id="huge"),
    ],
)
def test_what_is_no_number_is_refused_with_a_fix(value: object, message: str) -> None:
    with pytest.raises(InvalidValue, match=re.escape(message)):
        metric_value("m", value)


@pytest.mark.parametrize(("value", "number"), [(3, 3.0), (True, 1.0), (0.1, 0.1), (math.inf, math.inf)])
def test_numbers_are_float64(value: object, number: float) -> None:
    assert metric_value("m", value) == number
