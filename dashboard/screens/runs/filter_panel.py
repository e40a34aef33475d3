"""The side panel of filters: a control that fits each param, all of them together one filter in the address."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

import polars as pl
import streamlit as st

from ....query.filters.language import Filter, parse_filter, to_text
from ....query.filters.widgets import (
    Choices,
    Contains,
    ParamFilter,
    Period,
    Pick,
    Range,
    Since,
    filters_for,
    from_widgets,
    to_widgets,
)
from ....query.names.columns import given_prefix, short_name
from ....schema.errors import FilterError
from ...format.escape import plain
from ...format.numbers import number
from ...run_tables.run_columns import heading
from ...state import widget_values

_KEY: Final = "panel."
_MISSING: Final = "(none)"
_MOST: Final = 16
"""Controls without a search."""
_PILLS: Final = 6
"""Up to so many choices stand open; more are a menu."""
_AGO: Final = {"24 hours ago": "24 hours", "7 days ago": "7 days", "30 days ago": "30 days"}


def picks_of(where: str, runs: pl.DataFrame) -> tuple[dict[str, Pick], Filter]:
    """What the panel's controls show of a filter from the address, and what of it no control can show."""
    try:
        picks, rest = to_widgets(parse_filter(where), runs)
    except FilterError:
        return {}, Filter()
    # No control shows a period with two ends.
    periods = {column: pick for column, pick in picks.items() if isinstance(pick, Period)}
    names = {column: short_name(column, runs.schema) for column in periods}
    rest &= from_widgets({names[column]: pick for column, pick in periods.items()})
    return {column: pick for column, pick in picks.items() if column not in periods}, rest


def controls_of(runs: pl.DataFrame) -> list[ParamFilter]:
    """The controls that some runs call for; all of them alike in a param call for none."""
    found = [each for each in filters_for(runs) if each.n_distinct > 1]
    own = [each for each in found if not given_prefix(each.column)]
    # When and how it went is what people ask first.
    own.sort(key=lambda each: {"status": 0, "created_at": 1}.get(each.column, 2))
    return [*own, *(each for each in found if given_prefix(each.column))]


def panel(
    where: str, runs: pl.DataFrame, on_change: Callable[[str], None], *, controls: list[ParamFilter] | None = None
) -> None:
    """Draw the controls.

    Args:
        where: the filter that they show.
        runs: all runs of the project; which controls and which choices there are follows from them.
        on_change: called with the filter that the controls ask for.
        controls: those of `controls_of`, where they are known.
    """
    picks, rest = picks_of(where, runs)
    controls = controls_of(runs) if controls is None else controls
    used = [each for each in picks if each not in {control.column for control in controls}]
    # A link may pick what no longer tells any runs apart.
    controls = [*filters_for(runs, used), *controls]

    def changed() -> None:
        now = dict(picks)
        for each in controls:
            if not _drawn(each) or any(map(widget_values.is_outdated, _keys(each))):
                continue
            pick = _picked(each)
            if pick is None:
                now.pop(each.column, None)
            else:
                now[each.column] = pick
        if now != picks:
            on_change(to_text(from_widgets({_name(controls, column): pick for column, pick in now.items()}) & rest))

    if not controls:
        st.caption("All runs are alike in every param: there is nothing to choose.")
    for each in _found(controls, picks):
        _draw(each, picks.get(each.column), changed)
    if rest.term is not None:
        st.caption("Also asked by this link:")
        st.code(to_text(rest), language=None, wrap_lines=True)


def _found(controls: list[ParamFilter], picks: Mapping[str, Pick]) -> list[ParamFilter]:
    """The controls to draw: those in use, and of the others not more than anyone would scroll through.

    Each stays in its place when it is used.
    """
    if len(controls) <= _MOST:
        return controls
    words = st.text_input(
        "Find a param", placeholder=f"Find among {len(controls)}", label_visibility="collapsed", key=f"{_KEY}find"
    )
    wanted = str(words or "").casefold().split()
    named = [each for each in controls if all(word in each.name.casefold() for word in wanted)]
    kept = {each.column for each in named[:_MOST]} | set(picks)
    return [each for each in controls if each.column in kept]


def _name(controls: list[ParamFilter], column: str) -> str:
    return next((each.name for each in controls if each.column == column), column)


def _draw(control: ParamFilter, pick: Pick | None, changed: Callable[[], None]) -> None:
    key = f"{_KEY}{control.column}"
    label = plain(heading(control.column) or control.name)
    if control.widget == "period":
        asked = pick.ago if isinstance(pick, Since) else None
        known = _AGO if asked is None else _AGO | {asked: _AGO.get(asked, asked.removesuffix(" ago"))}
        widget_values.show(key, asked)
        st.pills(f"{label} in the last", list(known), format_func=known.__getitem__, key=key, on_change=changed)
    elif control.widget in ("choice", "multi-choice"):
        options = {_label(value): n for value, n in control.choices}
        chosen = [_label(value) for value in pick.values] if isinstance(pick, Choices) else []
        widget_values.show(key, [each for each in chosen if each in options])
        if len(options) <= _PILLS and sum(map(len, options)) < 60:
            st.pills(
                label,
                list(options),
                selection_mode="multi",
                format_func=lambda each: f"{plain(each)} :gray[{options[each]:,}]",
                key=key,
                on_change=changed,
            )
        else:
            st.multiselect(
                label,
                list(options),
                format_func=lambda each: f"{each} · {options[each]:,}",
                key=key,
                on_change=changed,
                placeholder="any",
            )
    elif control.widget == "range":
        given = pick if isinstance(pick, Range) else Range()
        left, right = st.columns(2, gap="xsmall")
        for side, end, value, hint in (
            (left, "low", given.low, control.low),
            (right, "high", given.high, control.high),
        ):
            written = "" if value is None else f"{value:g}" if float(f"{value:g}") == value else repr(value)
            widget_values.show(f"{key}.{end}", written)
            side.text_input(
                f"{label} from" if end == "low" else "to",
                key=f"{key}.{end}",
                placeholder=number(hint) if hint is not None else "",
                on_change=changed,
            )
    else:
        widget_values.show(key, pick.text if isinstance(pick, Contains) else "")
        st.text_input(f"{label} contains", key=key, on_change=changed, placeholder="any text")


def _keys(control: ParamFilter) -> tuple[str, ...]:
    key = f"{_KEY}{control.column}"
    return (f"{key}.low", f"{key}.high") if control.widget == "range" else (key,)


def _drawn(control: ParamFilter) -> bool:
    return any(key in st.session_state for key in _keys(control))


def _picked(control: ParamFilter) -> Pick | None:
    key, state = f"{_KEY}{control.column}", st.session_state
    if control.widget == "period":
        return Since(str(state[key])) if state.get(key) else None
    if control.widget in ("choice", "multi-choice"):
        chosen = set(state.get(key) or ())
        values = tuple(value for value, _ in control.choices if _label(value) in chosen)
        return Choices(values) if values else None
    if control.widget == "range":
        low, high = (_number(state.get(f"{key}.{end}")) for end in ("low", "high"))
        return Range(low, high) if (low, high) != (None, None) else None
    text = str(state.get(key) or "")
    return Contains(text) if text else None


def _number(text: object) -> float | None:
    """What a person typed as a number; anything else asks for nothing."""
    try:
        value = float(str(text).replace(",", "").strip())
    except ValueError:
        return None
    return value if value == value else None


def _label(value: object) -> str:
    if value is None:
        return _MISSING
    if isinstance(value, bool):
        return "true" if value else "false"
    return number(value) if isinstance(value, float) else str(value)
