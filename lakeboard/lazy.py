"""Public names that come with their first use: a package lists them, and nothing is imported before (PEP 562)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from types import MappingProxyType
from typing import Any, Final

_EXTRAS: Final[Mapping[str, str]] = MappingProxyType(
    {"polars": "query", "numpy": "query", "tsdownsample": "query", "streamlit": "dashboard", "plotly": "dashboard"}
)
"""Which extra a missing package comes with."""


def lazy_names(package: str, names: Mapping[str, str], scope: dict[str, Any]) -> Callable[[str], Any]:
    """The `__getattr__` of a package that imports its public names when they are first asked for.

    Args:
        package: its dotted name.
        names: by public name the module in it, or `module:attribute` where that is called otherwise.
        scope: its `globals()`; a name stands there once it was asked for.

    The function raises `ModuleNotFoundError` with the extra to install where a package is missing, and
    `AttributeError` for any other name.
    """

    def find(name: str) -> Any:
        if name not in names:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module, _, attribute = names[name].partition(":")
        try:
            value = getattr(import_module(f".{module}", package), attribute or name)
        except ModuleNotFoundError as error:
            extra = _EXTRAS.get(error.name or "")
            if extra is not None:
                extra = "dashboard" if module.startswith("dashboard") else extra
                raise ModuleNotFoundError(
                    f'{package}.{name} needs {error.name}: pip install "lakeboard[{extra}]"', name=error.name
                ) from error
            raise
        scope[name] = value
        return value

    return find
