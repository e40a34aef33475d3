"""What may be logged and how it is kept: metric values become float64, params keep their kind exactly.

Duck-typed: numpy and torch scalars are understood without importing either.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from .errors import InvalidValue
from .plain.contents import Fields, array_plain, array_size, fields_of, is_array, is_complex
from .plain.walk import Plain, free_name, safe_text, walk, walk_fields

ParamKind: TypeAlias = Literal["int", "float", "bool", "str", "null", "json"]
MAX_EXACT_INT: Final = 2**53
"""Ints up to this size survive a float64; larger ones are kept as text."""
_MAX_DEPTH: Final = 32
_JSON: Final = frozenset({bool, int, float, str, list, tuple, dict})
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
    lists, dict keys as text, NaN inside a list as the text "NaN"). Other objects are kept as `walk` tells.
    """
    return _param(walk(value))


def flatten_params(params: object, *, notes: list[str] | None = None) -> dict[str, Param]:
    """Params by dotted name: `{"model": {"depth": 4}}` gives `model.depth`. Empty dicts are kept as json `{}`.

    Args:
        params: a dict, or what else has fields.
        notes: takes a sentence where two names meet; the later one has a number behind its name then.
    """
    return params_of(walk_fields(params) or {}, notes=notes)


def params_of(tree: Mapping[str, Plain], *, notes: list[str] | None = None) -> dict[str, Param]:
    """`flatten_params` of what a walk gave."""
    out: dict[str, Param] = {}
    for path, value in _leaves(tree, ()):
        name = given = storable(".".join(path)) or "_"
        if name in out:
            name = free_name(name, out)
            if notes is not None:
                notes.append(f"config {given!r} is there twice, nested and by its dotted name: one is kept as {name!r}")
        out[name] = _param(value)
    return out


def flatten_metrics(metrics: Any, *, warn: Callable[[str], object] = lambda said: None) -> dict[str, object]:
    """Metrics by slashed name: `{"val": {"acc": .9}}` gives `val/acc`. Values are not looked at.

    Args:
        metrics: a dict, or what else has fields; nested ones as well, unless they are numbers themselves.
        warn: called where two names meet; the first one is kept.
    """
    out: dict[str, object] = {}
    for path, value in _metric_leaves(metrics, ()):
        name = "/".join(path)
        if name in out:
            warn(f"metric {name!r} is there twice, nested and by its whole name: the second is left out, rename it")
        else:
            out[name] = value
    return out


def metric_value(name: str, value: object) -> float:
    """`value` as a float64; an array of one item is a number.

    Raises:
        InvalidValue: a string, None, a complex number or a non-scalar; the message names the metric and where such
            values belong.
    """
    if isinstance(value, (str, bytes)) or value is None:
        raise InvalidValue(
            f"metric {name!r} is {brief(value)}, not a number; "
            + ("leave it out of this call" if value is None else "text belongs in run.config or run.summary")
        )
    if is_complex(value):
        raise InvalidValue(
            f"metric {name!r} is {brief(value)}, not one number but two; log its .real and .imag, or its abs()"
        )
    try:
        return float(only_item(value))  # type: ignore[arg-type]
    except (TypeError, ValueError, RuntimeError, OverflowError) as error:
        raise InvalidValue(
            f"metric {name!r} is {brief(value)}, not one number ({error}); log a scalar such as .mean() or .item()"
        ) from None


def only_item(value: object) -> object:
    """The one item of an array that has one, else the value itself."""
    if type(value) in (float, int, bool) or not is_array(value) or array_size(value) != 1:
        return value
    found = array_plain(value)
    while isinstance(found, list) and len(found) == 1:
        found = found[0]
    return found


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
        return storable(safe_text(value))
    if not (value is None or type(value) in _JSON):
        value = walk(value)
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    if isinstance(value, int) and value.bit_length() > _MAX_DECIMAL_BITS:
        return hex(value)
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(k if type(k) is str else safe_text(k)): json_safe(v, depth + 1) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [json_safe(v, depth + 1) for v in value]
    return value


def _param(value: Plain) -> Param:
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


def _leaves(tree: Mapping[str, Plain], path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Plain]]:
    for name, value in tree.items():
        where = (*path, name)
        if isinstance(value, dict) and value:
            yield from _leaves(value, where)
        else:
            yield where, value


def _metric_leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], object]]:
    fields: Fields | None = None
    if isinstance(value, Mapping):
        fields = Fields(found := dict(value.items()), found.__getitem__)
    elif not hasattr(type(value), "__float__") and len(path) <= _MAX_DEPTH and (not path or not is_array(value)):
        fields = fields_of(value)
    if fields is None or (path and not fields.names):
        yield path, value
        return
    for name in list(fields.names):
        yield from _metric_leaves(fields.read(name), (*path, storable(str(name))))


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
