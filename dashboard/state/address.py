"""Views in the address bar, and widgets bound to their fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from functools import partial
from typing import Any

import streamlit as st

from . import widget_values
from .views import V, View, from_params, to_params


def read(kind: type[V]) -> V:
    """The view in the address bar."""
    params = st.query_params
    return from_params(kind, {name: params.get_all(name) for name in params})


def write(view: View) -> None:
    """Put a view into the address bar; parameters that are not its own stay. One step in the browser's history."""
    wanted, params = to_params(view), st.query_params
    for field in fields(view):
        new = wanted.get(field.name, [])
        if params.get_all(field.name) == new:
            continue
        if new:
            params[field.name] = new
        else:
            del params[field.name]


def change(kind: type[View], /, **changed: Any) -> None:
    """Write the view in the address bar with some fields changed."""
    write(replace(read(kind), **changed))


def changing(kind: type[View], /, **changed: Any) -> Callable[[], None]:
    """A callback that does `change`."""
    return partial(change, kind, **changed)


def bound(
    view: View, name: str, key: str, *, also: Mapping[str, object] | None = None, unseen: bool = False
) -> dict[str, Any]:
    """`key` and `on_change` of a widget that shows and sets one field of a view.

    Args:
        view: as it is now.
        name: of the field.
        key: of the widget.
        also: fields that its change sets as well, such as `page=1`.
        unseen: see `widget_values.show`; for widgets behind a button that opens them.
    """
    value = getattr(view, name)
    widget_values.show(key, list(value) if isinstance(value, tuple) else value, unseen=unseen)

    def changed() -> None:
        if widget_values.is_outdated(key):
            return
        now = st.session_state[key]
        new = tuple(now) if isinstance(now, list) else now
        default = next(field.default for field in fields(view) if field.name == name)
        change(type(view), **{name: default if new is None else new}, **(also or {}))

    return {"key": key, "on_change": changed}
