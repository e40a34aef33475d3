"""What an object holds by name, and what an array holds in order: how foreign objects are opened. Pure.

Nothing is imported for it: an object is known by what its *type* offers, since an instance may answer to every name.
Nothing here catches what foreign code raises; whoever reads a field does.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import sys
import types
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, NamedTuple

MISSING: Final = "???"
"""What OmegaConf calls a value that somebody has to give; it stands in the config as that."""


class Fields(NamedTuple):
    """What an object holds by name."""

    names: Iterable[object]
    read: Callable[[Any], object]
    """The value of a name; may raise whatever foreign code raises."""


def fields_of(value: object, *, whole: bool = False) -> Fields | None:
    """The fields of a mapping, dataclass, attrs class, pydantic model, named tuple, namespace, or of `to_dict()`.

    None where `value` is no such thing. Nothing is read yet, but `to_dict()` and OmegaConf's conversion are called.

    Args:
        value: any object.
        whole: also the attributes of any other object or class: what somebody passed as a config is one.
    """
    kind = type(value)
    if issubclass(kind, Mapping):
        return _of_omegaconf(value) or _of_mapping(value)
    declared = _declared(value, kind)
    if declared is not None:
        return Fields(declared, functools.partial(getattr, value))
    if any(each.__name__ in ("Namespace", "SimpleNamespace") for each in kind.__mro__):
        return _of_mapping(vars(value))
    if issubclass(kind, functools.partial):
        return _of_mapping(_of_partial(value))
    if not is_array(value):
        if callable(getattr(kind, "keys", None)) and hasattr(kind, "__getitem__"):
            return Fields(list(value.keys()), value.__getitem__)  # type: ignore[attr-defined, index]
        if callable(getattr(kind, "to_dict", None)) and not isinstance(value, type):
            found = value.to_dict()  # type: ignore[attr-defined]
            if isinstance(found, Mapping):
                return _of_mapping(found)
    return _of_mapping(_attributes(value)) if whole and hasattr(value, "__dict__") else None


def is_array(value: object) -> bool:
    """Whether `value` is a scalar, an array, a column or a table of another library."""
    kind = type(value)
    if isinstance(value, type) or kind.__module__ == "builtins":
        return False
    return any(callable(getattr(kind, name, None)) for name in _LISTS) or (
        hasattr(kind, "shape") and hasattr(kind, "columns")
    )


_LISTS: Final = ("item", "tolist", "to_list", "to_pylist", "as_py")
"""How arrays and their scalars give plain values, in the order of trial."""


def array_size(value: Any) -> int:
    """How many items an array has; 1 for a scalar."""
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple):
        return math.prod(int(n) for n in shape)
    return len(value) if hasattr(type(value), "__len__") else 1


def array_plain(value: Any) -> object:
    """The items of a small array as lists, a table's by column, a scalar as what it holds.

    Raises:
        TypeError: it gives nothing plain.
    """
    kind = type(value)
    if hasattr(kind, "columns") and hasattr(kind, "shape"):
        names = value.column_names if hasattr(kind, "column_names") else value.columns
        return {str(name): value[name] for name in names}
    if getattr(getattr(value, "dtype", None), "kind", None) in ("m", "M") and array_size(value) == 1:
        # As a plain value NumPy gives a count of nanoseconds, whatever the unit was.
        return str(value)
    for name in _LISTS:
        if name == "item" and array_size(value) != 1:
            continue
        convert = getattr(kind, name, None)
        if callable(convert):
            found = convert(value)
            if type(found) is not kind:
                return found
    return float(value)


def array_head(value: Any, items: int) -> object:
    """The first rows of a large array, at most `items` items of it; None where one row alone has more."""
    rows = items // max(1, array_size(value) // max(1, len(value)))
    if not rows:
        return None
    return array_plain(value.head(rows) if callable(getattr(type(value), "head", None)) else value[:rows])


def is_complex(value: object) -> bool:
    """Whether `value` is a complex number, or an array of them, of Python's, NumPy's, torch's or others' kind."""
    if isinstance(value, complex):
        return True
    dtype = getattr(value, "dtype", None)
    if dtype is None:
        return False
    letter = getattr(dtype, "kind", None)
    return letter == "c" if isinstance(letter, str) else getattr(dtype, "is_complex", False) is True


def name_of(value: object) -> str:
    """A function's, class's or module's full name."""
    if isinstance(value, types.ModuleType):
        return value.__name__
    owner = getattr(value, "__self__", None)
    module = getattr(value, "__module__", None) or getattr(type(owner), "__module__", None)
    name = getattr(value, "__qualname__", None) or getattr(value, "__name__", None)
    if not isinstance(name, str):
        raise TypeError(f"a {type(value).__name__} without a name")
    return name if module in (None, "builtins") else f"{module}.{name}"


NAMED: Final = (
    type,
    types.FunctionType,
    types.BuiltinFunctionType,
    types.MethodType,
    types.ModuleType,
    types.MethodDescriptorType,
    types.WrapperDescriptorType,
    types.MethodWrapperType,
    types.GenericAlias,
)
"""What stands in a config by its name."""


def _declared(value: object, kind: type) -> list[str] | None:
    """The names that a type declares for its instances."""
    if isinstance(value, type):
        return None
    if issubclass(kind, tuple) and isinstance(getattr(kind, "_fields", None), tuple):
        return list(kind._fields)  # type: ignore[attr-defined]
    # Pydantic first: its own dataclasses are dataclasses, its models are not.
    models = getattr(kind, "model_fields", None)
    if isinstance(models, Mapping) and hasattr(kind, "model_dump"):
        hidden = {name for name, field in models.items() if getattr(field, "exclude", None) is True}
        extra = getattr(value, "__pydantic_extra__", None) or ()
        return [n for n in (*models, *getattr(kind, "model_computed_fields", ()), *extra) if n not in hidden]
    if hasattr(kind, "__fields__") and hasattr(kind, "__fields_set__"):
        return list(vars(value))
    if dataclasses.is_dataclass(kind):
        return [field.name for field in dataclasses.fields(kind)]
    attrs = getattr(kind, "__attrs_attrs__", None)
    return [each.name for each in attrs] if isinstance(attrs, tuple) else None


def _of_mapping(value: Any) -> Fields:
    try:
        found = dict(value.items())
    except Exception:
        # One value that can't be had, such as a reference that leads nowhere, costs itself.
        names = list(value.keys())
        if not names:
            raise
        return Fields(names, value.__getitem__)
    return Fields(found, found.__getitem__)


def _of_omegaconf(value: Any) -> Fields | None:
    if type(value).__module__.partition(".")[0] != "omegaconf" or "omegaconf" not in sys.modules:
        return None
    convert = sys.modules["omegaconf"].OmegaConf.to_container
    try:
        return _of_mapping(convert(value, resolve=True, throw_on_missing=False))
    except Exception:  # noqa: BLE001 - a reference that leads nowhere: then each by itself
        return Fields(list(value.keys()), functools.partial(_read_omegaconf, value))


def _read_omegaconf(value: Any, name: object) -> object:
    try:
        return value[name]
    except Exception as error:
        if type(error).__name__ == "MissingMandatoryValue":
            return MISSING
        raise


def _of_partial(value: Any) -> dict[str, object]:
    """As Hydra writes it: `_target_` for the function, `_args_` for what stands without a name."""
    return {"_target_": value.func, **({"_args_": list(value.args)} if value.args else {}), **value.keywords}


def _attributes(value: object) -> dict[str, object]:
    """What an object or a class has that is data, the class's own defaults below the instance's values."""
    kinds = value.__mro__ if isinstance(value, type) else type(value).__mro__
    found: dict[str, object] = {}
    for kind in reversed(kinds):
        if kind.__module__ != "builtins":
            found |= {n: v for n, v in vars(kind).items() if not (n.startswith("_") or _is_code(v))}
    if not isinstance(value, type):
        found |= {name: each for name, each in vars(value).items() if not name.startswith("__")}
    return found


def _is_code(value: object) -> bool:
    return hasattr(type(value), "__get__")
