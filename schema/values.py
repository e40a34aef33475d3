"""What may be logged and how it is kept: metric values become float64, params keep their kind exactly.

Duck-typed: numpy and torch scalars are understood without importing either.
"""

from __future__ import annotations

import dataclasses
import enum
import json
import math
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Final, Literal, TypeAlias

from .errors import InvalidValue

ParamKind: TypeAlias = Literal["int", "float", "bool", "str", "null", "json"]
MAX_EXACT_INT: Final = 2**53
"""Ints up to this size survive a float64; larger ones are kept as text."""
_MAX_DEPTH: Final = 32
_MAX_DECIMAL_BITS: Final = 14_000
"""Python refuses to read or spell out ints of more than 4,300 decimal digits."""


@dataclass(frozen=True, slots=True)
class Param:
    """One param as the lake holds it; `decode` gives back what was logged."""

    kind: ParamKind
    num: float | None
    """For int (up to 2**53), float and bool (0 or 1); else null."""
    text: str | None
    """For str, larger ints (decimal, from 4,300 digits on `0x` and hex) and json; else null."""

    def decode(self) -> object:
        """The value that was logged: int, float, bool, str, None, or lists and dicts of them."""
        match self.kind:
            case "int":
                return int(self.num) if self.num is not None else int(self.text or "0", 0)
            case "float":
                return self.num
            case "bool":
                return bool(self.num)
            case "str":
                return self.text
            case "null":
                return None
            case _:
                return json.loads(self.text or "null")


def encode_param(value: object) -> Param:
    """Turn any value into a `Param`.

    int, float, bool, str, None, and lists, tuples and dicts of them come back exactly from `decode` (tuples as
    lists, dict keys as text, NaN inside a list as the text "NaN"). numpy and torch scalars count as the Python
    value they hold; enums, dataclasses and paths as their content; anything else as its `str()`.
    """
    value = _plain(value)
    if value is None:
        return Param("null", None, None)
    if isinstance(value, bool):
        return Param("bool", float(value), None)
    if isinstance(value, int):
        return Param("int", float(value), None) if abs(value) <= MAX_EXACT_INT else Param("int", None, _digits(value))
    if isinstance(value, float):
        return Param("float", value, None)
    if isinstance(value, str):
        return Param("str", None, storable(value))
    return Param("json", None, dump_json(value))


def flatten_params(params: Mapping[Any, object]) -> dict[str, Param]:
    """Params by dotted name: `{"model": {"depth": 4}}` gives `model.depth`. Empty dicts are kept as json `{}`."""
    return {".".join(path) or "_": encode_param(value) for path, value in _leaves(params, (), 0)}


def flatten_metrics(metrics: Mapping[Any, object]) -> dict[str, object]:
    """Metrics by slashed name: `{"val": {"acc": .9}}` gives `val/acc`. Values are not looked at."""
    return {"/".join(path): value for path, value in _leaves(metrics, (), 0)}


def metric_value(name: str, value: object) -> float:
    """`value` as a float64.

    Raises:
        InvalidValue: a string, None or a non-scalar; the message names the metric and where such values belong.
    """
    if isinstance(value, (str, bytes)) or value is None:
        raise InvalidValue(
            f"metric {name!r} is {brief(value)}, not a number; "
            + ("leave it out of this call" if value is None else "text belongs in run.config")
        )
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise InvalidValue(
            f"metric {name!r} is {brief(value)}, not one number ({error}); log a scalar such as .mean() or .item()"
        ) from None


def dump_json(value: object) -> str:
    """Strict JSON: NaN and infinities become the strings "NaN", "Infinity" and "-Infinity"; others' text is `str()`."""
    return json.dumps(json_safe(value), ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def dump_plain(value: object) -> str:
    """`dump_json` of what has text for every key, several times as fast where values are of JSON's own types."""
    try:
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        text.encode()
    except (TypeError, ValueError):
        # A NaN or an infinity, text that UTF-8 can't hold, a number of NumPy's.
        return dump_json(value)
    return text


def json_safe(value: object, depth: int = 0) -> object:
    """`value` with only what strict JSON can say."""
    if depth > _MAX_DEPTH:
        return storable(str(value))
    value = _plain(value)
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, int) and value.bit_length() > _MAX_DECIMAL_BITS:
        return hex(value)
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, Mapping):
        return {storable(str(k)): json_safe(v, depth + 1) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [json_safe(v, depth + 1) for v in value]
    return value


def _leaves(tree: Mapping[Any, object], path: tuple[str, ...], depth: int) -> Iterator[tuple[tuple[str, ...], object]]:
    for key, value in tree.items():
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            value = {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
        where = (*path, storable(str(key)))
        if isinstance(value, Mapping) and value and depth < _MAX_DEPTH:
            yield from _leaves(value, where, depth + 1)
        else:
            yield where, value


def _plain(value: object) -> object:
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, enum.Enum):
        return _plain(value.value)
    if isinstance(value, bool):
        return bool(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, (str, PurePath)):
        return str(value)
    if isinstance(value, Mapping):
        return value
    if isinstance(value, (Set, Sequence)) and not isinstance(value, (bytes, bytearray, memoryview, range)):
        items = list(value)
        return sorted(items, key=repr) if isinstance(value, Set) else items
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: getattr(value, f.name) for f in dataclasses.fields(value)}
    return _foreign(value)


def _foreign(value: object) -> object:
    """Scalars and small arrays of other libraries by their own conversion; everything else by its text."""
    for method, allowed in (("item", (bool, int, float, str)), ("tolist", (bool, int, float, str, list))):
        convert = getattr(value, method, None)
        if callable(convert):
            try:
                plain = convert()
            except Exception:  # noqa: BLE001, S112 - foreign code: whatever it raises, its text is still there
                continue
            if isinstance(plain, allowed):
                return plain
    try:
        return str(value)
    except Exception as error:  # noqa: BLE001 - foreign code; a param must never stop a training
        return f"<{type(value).__name__}: {type(error).__name__} in str()>"


def storable(text: str) -> str:
    """UTF-8 can't hold lone surrogates: show them escaped instead of losing the row."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()
    return text


def _digits(value: int) -> str:
    return str(value) if value.bit_length() <= _MAX_DECIMAL_BITS else hex(value)


def brief(value: object) -> str:
    """`value` and its type for a message, in 60 characters; also where it can't be spelled out."""
    try:
        text = repr(value)
    except ValueError:
        text = "too large"
    except Exception as error:  # noqa: BLE001 - foreign code; a message must never stop a training
        text = f"a value whose repr() raises {type(error).__name__}"
    return f"{text if len(text) <= 60 else text[:57] + '…'} ({type(value).__name__})"
