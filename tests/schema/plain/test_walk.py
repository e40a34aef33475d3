"""What people pass, as plain values: every kind of object, item by item, whatever foreign code does."""

from __future__ import annotations

import argparse
import collections
import dataclasses
import enum
import functools
import json
import math
import sys
import types
import uuid
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakeboard.schema.plain.walk import ROW_LIMITS, Limits, walk, walk_fields
from lakeboard.schema.values import dump_json, encode_param, flatten_params, params_of
from tests.schema.strategies import SCALARS


class Opt(str, enum.Enum):  # noqa: UP042 - as people write it
    ADAM = "adam"


class Level(enum.IntEnum):
    LOW = 1


class Deep(enum.Enum):
    PAIR = (1, 2)


@dataclasses.dataclass
class Adam:
    lr: float = 0.1
    betas: tuple[float, ...] = (0.9, 0.99)


@dataclasses.dataclass(slots=True)
class Slotted:
    depth: int = 4


class Point(NamedTuple):
    x: int
    y: int


class WithToDict:
    def to_dict(self) -> dict[str, Any]:
        return {"a": 1, "b": {"c": Opt.ADAM}}


class Keyed:
    """Not a Mapping, but what `dict()` takes."""

    def keys(self) -> list[str]:
        return ["a", "b"]

    def __getitem__(self, name: str) -> int:
        return {"a": 1, "b": 2}[name]


def a_function() -> None:
    """Named."""


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (None, None),
        (True, True),
        (3, 3),
        (0.5, 0.5),
        ("a", "a"),
        (Opt.ADAM, "adam"),
        (Level.LOW, 1),
        (Deep.PAIR, [1, 2]),
        (Path("/a/b"), "/a/b"),
        (PurePosixPath("c"), "c"),
        (datetime(2024, 1, 2, 3, tzinfo=UTC), "2024-01-02 03:00:00+00:00"),
        (date(2024, 1, 2), "2024-01-02"),
        (timedelta(hours=1), "1:00:00"),
        (Decimal("0.10"), "0.10"),
        (Fraction(1, 3), "1/3"),
        (uuid.UUID(int=5), "00000000-0000-0000-0000-000000000005"),
        (1 + 2j, "(1+2j)"),
        (range(3), "range(0, 3)"),
        (b"ab", "b'ab'"),
        (bytearray(b"ab"), "b'ab'"),
        (memoryview(b"ab"), [97, 98]),
        ((1, 2), [1, 2]),
        ({3, 1, 10}, [1, 3, 10]),
        (frozenset({"b", "a"}), ["a", "b"]),
        (collections.deque([1, 2]), [1, 2]),
        ({"a": 1}.keys(), ["a"]),
        ({1: {2: 3}}, {"1": {"2": 3}}),
        ({Opt.ADAM: 1}, {"adam": 1}),
        (types.MappingProxyType({"a": 1}), {"a": 1}),
        (collections.OrderedDict(a=1), {"a": 1}),
        (collections.ChainMap({"a": 1}, {"b": 2}), {"a": 1, "b": 2}),
        (Adam(), {"lr": 0.1, "betas": [0.9, 0.99]}),
        (Slotted(), {"depth": 4}),
        (Point(1, 2), {"x": 1, "y": 2}),
        (argparse.Namespace(a=1, b=argparse.Namespace(c=2)), {"a": 1, "b": {"c": 2}}),
        (types.SimpleNamespace(a=1), {"a": 1}),
        (WithToDict(), {"a": 1, "b": {"c": "adam"}}),
        (Keyed(), {"a": 1, "b": 2}),
        (a_function, f"{__name__}.a_function"),
        (Adam, f"{__name__}.Adam"),
        (len, "len"),
        (math.sqrt, "math.sqrt"),
        (int, "int"),
        ([].append, "list.append"),
        (math, "math"),
        (
            functools.partial(int, "8", base=10),
            {"_target_": "int", "_args_": ["8"], "base": 10},
        ),
        (object(), "<builtins.object>"),
        (np.int64(3), 3),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (np.str_("a"), "a"),
        (np.complex64(1 + 2j), "(1+2j)"),
        (np.longdouble(0.5), 0.5),
        (np.datetime64("2024-01-02"), "2024-01-02"),
        (np.datetime64("2024-01-02T03:04:05.000000000"), "2024-01-02T03:04:05.000000000"),
        (np.timedelta64(5, "ns"), "5 nanoseconds"),
        (np.array(2), 2),
        (np.array([1.5]), 1.5),
        (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]]),
        (np.array(["a", None], dtype=object), ["a", None]),
        (np.float64, "numpy.float64"),
        (np.dtype("float32"), "float32"),
    ],
)  # fmt: skip
def test_every_kind_counts_as_what_it_holds(value: object, plain: object) -> None:
    notes: list[str] = []
    assert walk(value, notes=notes) == plain
    assert type(walk(value)) is type(plain)
    assert notes == []
    assert walk([value]) == [plain]
    if isinstance(plain, dict):
        assert walk_fields(value) == plain


def test_pydantic() -> None:
    pydantic = pytest.importorskip("pydantic")

    class Inner(pydantic.BaseModel):  # type: ignore[name-defined, misc]
        depth: int = 4
        key: pydantic.SecretStr = pydantic.SecretStr("hunter2")  # type: ignore[name-defined]

    class Outer(pydantic.BaseModel):  # type: ignore[name-defined, misc]
        model_config = pydantic.ConfigDict(extra="allow")
        inner: Inner = Inner()
        many: list[Inner] = [Inner()]  # noqa: RUF012
        hidden: str = pydantic.Field("hunter2", exclude=True)

        @pydantic.computed_field  # type: ignore[prop-decorator, untyped-decorator]
        @property
        def broken(self) -> int:
            raise ZeroDivisionError("no")

    notes: list[str] = []
    found: Any = walk({"m": Outer(more=1), "ms": [Inner()]}, notes=notes)
    assert found["ms"] == [{"depth": 4, "key": "**********"}]
    assert found["m"].pop("broken").startswith("<Outer could not be read: ZeroDivisionError")
    assert found["m"] == {"inner": found["ms"][0], "many": found["ms"], "more": 1}
    assert "hunter2" not in repr(found)
    assert len(notes) == 1


def test_pydantic_of_the_first_version_by_its_marks() -> None:
    class Model:
        __fields__ = {"depth": None}  # noqa: RUF012
        __fields_set__: set[str] = set()  # noqa: RUF012

        def __init__(self) -> None:
            self.depth = 4

    assert walk({"m": Model()}) == {"m": {"depth": 4}}


def test_attrs() -> None:
    attrs = pytest.importorskip("attrs")

    @attrs.define
    class Slots:
        depth: int = 4

    @attrs.frozen(slots=False)
    class Dict:
        inner: Any = Slots()

    assert walk(Dict()) == {"inner": {"depth": 4}}
    assert walk_fields(Slots()) == {"depth": 4}


def test_omegaconf_keeps_what_is_missing_or_leads_nowhere_beside_the_rest() -> None:
    omegaconf = pytest.importorskip("omegaconf")
    made = omegaconf.OmegaConf.create
    config = made({"lr": 0.1, "out": "???", "double": "${lr}", "m": {"d": 3}, "l": [1, {"a": "${lr}"}]})
    assert walk(config) == {"lr": 0.1, "out": "???", "double": 0.1, "m": {"d": 3}, "l": [1, {"a": 0.1}]}
    notes: list[str] = []
    broken = made({"lr": 0.1, "out": "???", "bad": "${nowhere}", "m": {"d": 3, "bad": "${oc.env:NO_SUCH_VARIABLE}"}})
    found: Any = walk(broken, notes=notes)
    assert found.pop("bad").startswith("<DictConfig could not be read: InterpolationKeyError")
    assert found["m"].pop("bad").startswith("<DictConfig could not be read")
    assert found == {"lr": 0.1, "out": "???", "m": {"d": 3}}
    assert len(notes) == 2
    assert walk({"list": made([1, 2])}) == {"list": [1, 2]}


def test_config_dict_of_ml_collections() -> None:
    collections_ = pytest.importorskip("ml_collections")
    config = collections_.ConfigDict({"lr": 0.1, "m": {"d": 3}})
    config.later = collections_.config_dict.placeholder(int)
    assert walk(config) == {"lr": 0.1, "m": {"d": 3}, "later": None}
    config.must = collections_.config_dict.required_placeholder(int)
    found: Any = walk(config)
    assert "could not be read" in found.pop("must")
    assert found == {"lr": 0.1, "m": {"d": 3}, "later": None}
    assert walk([collections_.FrozenConfigDict({"a": 1})]) == [{"a": 1}]


def test_columns_and_tables() -> None:
    import polars as pl
    import pyarrow as pa

    assert walk(pl.Series([1, 2])) == [1, 2]
    assert walk(pl.Series([1])) == 1
    assert walk(pl.DataFrame({"a": [1, 2], "b": ["x", "y"]})) == {"a": [1, 2], "b": ["x", "y"]}
    assert walk(pa.table({"a": [1, 2]})) == {"a": [1, 2]}
    assert walk(pa.scalar(3)) == 3
    pandas = pytest.importorskip("pandas")
    assert walk(pandas.Series([1, 2])) == [1, 2]
    assert walk(pandas.DataFrame({"a": [1, 2]})) == {"a": [1, 2]}
    assert walk(pandas.Timestamp("2024-01-02")) == "2024-01-02 00:00:00"
    assert walk(pandas.NaT) == "NaT"
    assert walk(pandas.NA) == "<NA>"


class Hostile:
    """Raises at every touch."""

    def __getattr__(self, name: str) -> Any:
        raise ZeroDivisionError(name)

    def __str__(self) -> str:
        raise ZeroDivisionError

    __repr__ = __str__


class Yes:
    """Answers to every name."""

    def __getattr__(self, name: str) -> Any:
        return Yes()

    def __call__(self, *args: Any, **more: Any) -> Any:
        return Yes()

    def __str__(self) -> str:
        return "yes"


class NoItems(Mapping[str, int]):
    def __iter__(self) -> Any:
        raise ConnectionError("gone")

    def __len__(self) -> int:
        return 3

    def __getitem__(self, name: str) -> int:
        raise ConnectionError("gone")


class OneBad(Mapping[str, int]):
    def __iter__(self) -> Any:
        return iter(["good", "bad", "better"])

    def __len__(self) -> int:
        return 3

    def __getitem__(self, name: str) -> int:
        if name == "bad":
            raise ConnectionError("gone")
        return len(name)


@dataclasses.dataclass
class Unset:
    a: int = 1

    def __post_init__(self) -> None:
        del self.__dict__["a"]

    b: int = 2

    def __getattribute__(self, name: str) -> Any:
        if name == "a":
            raise PermissionError("not yours")
        return object.__getattribute__(self, name)


class BadError(Exception):
    def __str__(self) -> str:
        raise ValueError


class RaisesBadError:
    def to_dict(self) -> Any:
        raise BadError


def test_what_can_not_be_read_costs_itself() -> None:
    notes: list[str] = []
    given = {
        "hostile": Hostile(), "yes": Yes(), "items": NoItems(), "one": OneBad(), "unset": Unset(),
        "error": RaisesBadError(), "lr": 0.1,
    }  # fmt: skip
    found: Any = walk(given, notes=notes)
    assert found["lr"] == 0.1
    assert found["yes"] == "yes"
    assert found["hostile"] == "<Hostile: ZeroDivisionError in str()>"
    assert found["items"] == "<NoItems could not be read: ConnectionError: gone>"
    assert found["one"] == {"good": 4, "bad": "<OneBad could not be read: ConnectionError: gone>", "better": 6}
    assert found["unset"] == {"a": "<Unset could not be read: PermissionError: not yours>", "b": 2}
    assert "BadError" in found["error"]
    assert "config 'one.bad' could not be read (ConnectionError: gone)" in notes


def test_nesting_has_an_end() -> None:
    deep: Any = 1
    for _ in range(5_000):
        deep = [deep]
    notes: list[str] = []
    json.dumps(walk({"deep": deep, "lr": 1}, notes=notes))
    assert any("nested deeper than 32" in note for note in notes)
    wide: Any = {}
    for _ in range(200):
        wide = {"a": wide}
    assert "nested deeper" in dump_json(walk({"w": wide}))
    loop: dict[str, Any] = {"lr": 1}
    loop["self"] = [loop]
    assert walk(loop) == {"lr": 1, "self": ["<dict that holds itself>"]}


def test_shared_parts_are_no_loops() -> None:
    part = {"a": [1]}
    assert walk({"x": part, "y": part, "z": [part, part]}) == {"x": part, "y": part, "z": [part, part]}


def test_lists_are_cut_and_it_is_said() -> None:
    notes: list[str] = []
    found: Any = walk({"x": list(range(1_000_000)), "y": [1]}, limits=ROW_LIMITS, notes=notes)
    assert found["x"][:-1] == list(range(1_000))
    assert found["x"][-1] == "… 999,000 more items"
    assert found["y"] == [1]
    assert notes == ["config 'x' has 1,000,000 items; 999,000 are cut, save such a list as a file"]
    exact = list(range(1_000))
    assert walk({"x": exact}, limits=ROW_LIMITS) == {"x": exact}


def test_nested_lists_share_their_limit() -> None:
    found = walk([[1] * 60] * 60, limits=Limits(items=100))
    assert json.dumps(found).count("1,") + json.dumps(found).count("1]") <= 101
    assert walk(np.ones((10, 10)), limits=Limits(items=100)) == [[1.0] * 10] * 10


@pytest.mark.parametrize(
    ("array", "kept"),
    [
        (np.arange(5_000), [*range(1_000), "… of 5,000 items"]),
        (np.zeros((500, 100)), [*([[0.0] * 100] * 10), "… of 50,000 items"]),
        (np.zeros((2, 5_000)), "<ndarray of 10,000 items is not kept>"),
    ],
)
def test_arrays_are_cut_and_it_is_said(array: Any, kept: object) -> None:
    notes: list[str] = []
    assert walk({"x": array}, limits=ROW_LIMITS, notes=notes) == {"x": kept}
    assert len(notes) == 1
    assert "it is cut" in notes[0]


def test_a_large_table_is_cut() -> None:
    import polars as pl

    found: Any = walk(pl.DataFrame({"a": range(10_000), "b": range(10_000)}), limits=ROW_LIMITS)
    assert len(json.dumps(found)) < 20_000


def test_names_and_texts_are_cut_and_it_is_said() -> None:
    notes: list[str] = []
    found: Any = walk_fields({f"k{n}": n for n in range(100_000)}, limits=ROW_LIMITS, notes=notes)
    assert len(found) == 10_001
    assert found["_cut"] == "90,000 more of 100,000 names are not kept"
    assert len(notes) == 1
    notes = []
    found = walk({"a": "x" * 200_000, "b": b"y" * 10**7}, limits=ROW_LIMITS, notes=notes)
    assert found["a"].endswith("… 100,000 more characters")
    assert len(found["b"]) < 200_100
    assert len(notes) == 2
    found = walk({f"k{n}": "x" * 50_000 for n in range(100)}, limits=ROW_LIMITS)
    assert len(json.dumps(found)) < 1_010_000
    found = walk({"x" * 10_000: 1})
    assert len(next(iter(found))) == 500


def test_there_are_only_so_many_notes() -> None:
    notes: list[str] = []
    walk({f"k{n}": NoItems() for n in range(100)}, notes=notes)
    assert len(notes) == 21
    assert notes[-1] == "config: there is more of this kind"


def test_names_that_meet_are_both_kept_and_it_is_said() -> None:
    notes: list[str] = []
    assert walk({1: "a", "1": "b"}, notes=notes) == {"1": "a", "1_2": "b"}
    assert notes == ["config '1' is there twice; the other one is kept as '1_2'"]
    notes = []
    found = flatten_params({"a.b": 1, "a": {"b": 2}, "a.b_2": 3}, notes=notes)
    assert {k: v.decode() for k, v in found.items()} == {"a.b": 1, "a.b_2": 2, "a.b_2_2": 3}
    assert len(notes) == 2


class Defaults:
    lr = 0.1
    _private = 1

    @property
    def derived(self) -> int:
        raise ZeroDivisionError

    def method(self) -> None: ...


def test_a_class_of_settings_is_a_config_as_a_whole_and_a_name_inside() -> None:
    settings = Defaults()
    settings.depth = 4  # type: ignore[attr-defined]
    assert walk_fields(Defaults) == {"lr": 0.1}
    assert walk_fields(settings) == {"lr": 0.1, "depth": 4}
    assert walk({"c": Defaults}) == {"c": f"{__name__}.Defaults"}
    assert walk_fields([1]) is None
    assert walk_fields("x") is None
    assert walk_fields(3) is None


def test_nothing_is_imported_for_it() -> None:
    before = set(sys.modules)
    walk({"a": np.zeros(3), "b": Adam(), "c": Path("x")})
    assert {m.partition(".")[0] for m in set(sys.modules) - before} <= {"lakeboard"}


_KEYS = st.text(max_size=5) | st.integers() | st.none() | st.booleans() | st.tuples(st.integers())
_ANY = st.recursive(
    SCALARS | st.binary(max_size=5) | st.decimals() | st.fractions() | st.complex_numbers() | st.datetimes()
    | st.uuids() | st.sampled_from([NoItems(), OneBad(), Opt.ADAM, Adam(), len, object()]),
    lambda inner: st.lists(inner, max_size=3)
    | st.tuples(inner, inner)
    | st.dictionaries(_KEYS, inner, max_size=3)
    | st.builds(types.SimpleNamespace, a=inner)
    | st.builds(Adam, lr=inner),
    max_leaves=10,
)  # fmt: skip


def _is_plain(value: object) -> bool:
    if type(value) is dict:
        return all(type(k) is str and _is_plain(v) for k, v in value.items())
    if type(value) is list:
        return all(map(_is_plain, value))
    return value is None or type(value) in (bool, int, float, str)


@given(_ANY)
def test_any_value_becomes_plain_and_stays_so(value: object) -> None:
    plain = walk(value, limits=ROW_LIMITS)
    assert _is_plain(plain)
    assert repr(walk(plain)) == repr(plain)
    json.loads(dump_json(value), parse_constant=pytest.fail)
    assert repr(encode_param(value)) == repr(encode_param(plain)) or isinstance(plain, str)
    if isinstance(plain, dict):
        params_of(plain)
