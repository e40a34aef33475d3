"""The filter box: text in, suggestions while typing, and where and why a filter fails."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import streamlit as st

from ...query.filters.completion import complete, span_at
from ...schema.errors import FilterError
from .component import component

_HTML: Final = (
    "<div class='lb-box'><label hidden></label><div class='line'>"
    "<input type='text' role='combobox' aria-autocomplete='list' aria-expanded='false' aria-label='Filter runs'"
    " autocomplete='off' autocapitalize='off' spellcheck='false'>"
    "<button type='button' aria-label='Clear the filter'>&times;</button>"
    "<ul role='listbox' aria-label='Suggestions' hidden></ul>"
    "<div class='fault' role='alert' hidden><div class='where'><span class='mirror'></span><span class='caret'></span>"
    "</div><div class='message'></div></div></div></div>"
)

_PLACEHOLDERS: Final = (
    "Filter, such as  lr < 1e-3 and model = mlp and val/acc > 0.9",
    "Filter, such as  lr < 1e-3 and model = mlp",
    "Filter, such as  lr < 1e-3",
    "Filter runs",
)


def box(
    text: str,
    *,
    key: str,
    error: FilterError | None,
    names: Sequence[str],
    values: Mapping[str, Sequence[str]],
    on_submit: Callable[[str], None],
    label: str = "",
    placeholder: str | Sequence[str] = _PLACEHOLDERS,
) -> None:
    """Put a filter box onto the page. It is drawn alone while somebody types.

    Args:
        text: the filter that is in force.
        key: of the widget.
        error: what is wrong with `text`.
        names: that a filter may use.
        values: of text columns, by name.
        on_submit: called with the new text.
        label: stands above it; without, it is for those alone who don't see it.
        placeholder: shown while it is empty; of several the first that there is room for.
    """
    request_key = f"{key}.asked"

    def typed() -> None:
        asked = st.session_state[key].typed
        if isinstance(asked, dict):
            beat = st.session_state.get(request_key, {}).get("beat", 0) + 1
            st.session_state[request_key] = {
                "text": str(asked.get("text", "")),
                "cursor": int(asked.get("cursor", 0)),
                "beat": beat,
            }

    def submitted() -> None:
        new = st.session_state[key].submit
        if isinstance(new, str):
            on_submit(new)

    @st.fragment
    def draw() -> None:
        component("filter_box", _HTML)(
            key=key,
            data=as_data(text, error, answer(st.session_state.get(request_key), names, values))
            | {"label": label, "placeholders": [placeholder] if isinstance(placeholder, str) else list(placeholder)},
            on_typed_change=typed,
            on_submit_change=submitted,
        )

    draw()


def answer(
    asked: Mapping[str, Any] | None, names: Sequence[str], values: Mapping[str, Sequence[str]]
) -> dict[str, Any] | None:
    """What may stand at the cursor of a half-written filter, for the box that asked."""
    if not asked:
        return None
    text, cursor = asked["text"], asked["cursor"]
    return {**asked, "items": complete(text, cursor, names, values=values), "span": list(span_at(text, cursor))}


def as_data(text: str, error: FilterError | None, answered: dict[str, Any] | None) -> dict[str, Any]:
    """What the browser's side is given."""
    fault = None
    if error is not None:
        fault = {"text": text, "position": min(error.position, len(text)), "message": str(error)}
    return {
        "text": text,
        "error": fault,
        "answer": answered,
    }
