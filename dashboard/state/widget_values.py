"""Values that a browser still names after they were replaced: they are never taken for a choice.

Each message of a browser names the values of all widgets on its page. After a link was followed, or a step back, the
widgets are given the values that the new address asks for; a message that was under way meanwhile, such as that of a
live refresh, still names the old ones. To Streamlit each of them looks as if somebody had just changed it, and what
their callbacks wrote would take the address back to where it was.
"""

from __future__ import annotations

from typing import Any, Final

import streamlit as st

_TURN: Final = "lb.widgets.turn"
"""In the session: how many drawings of a page have begun."""
_DRAWN: Final = "lb.widgets.drawn"
"""By the widget's key: in which of them it was drawn last, and with which value."""
_BEFORE: Final = "lb.widgets.before"
"""By key: the values that a browser may still name, which a widget had before it was set."""
REFRESH_KEY: Final = "refresh"
"""Key of the component that asks for news, and is no widget of a view."""
_ABSENT: Final = object()


def begin() -> None:
    """A page is drawn, all of it: widgets that are not shown from here on are gone."""
    st.session_state[_TURN] = _turn() + 1


def show(key: str, value: object, *, unseen: bool = False) -> None:
    """Have a widget show a value. Call it right before the widget, at each drawing.

    Args:
        key: of the widget.
        value: to show.
        unseen: the widget may not be in the browser yet, as behind a button that opens it, so that it must be sent at
            every drawing: it would show nothing when it comes, and tell that as somebody's choice. Not for fields that
            text is typed into, which would lose what is being typed.
    """
    state = st.session_state
    drawn, before = state.setdefault(_DRAWN, {}), state.setdefault(_BEFORE, {})
    now = state.get(key, _ABSENT)
    if now is _ABSENT:
        state[key] = value
        before.pop(key, None)
    elif now != value:
        # Setting an equal value would make the browser drop what is being typed.
        state[key] = value
        if now not in before.setdefault(key, []):
            before[key].append(now)
    else:
        before.pop(key, None)
        if unseen:
            state[key] = value
    drawn[key] = (_turn(), value)


def is_outdated(key: str) -> bool:
    """In a callback: whether nobody chose the widget's value, which the browser only had not seen replaced.

    So it is with a widget that is gone, and with one that has the value from before it was set, unless a person chose
    that again. A person changes one thing at a time: it was a choice if nothing else of the page changed, nor the page
    asked for news by itself.
    """
    state, turn = st.session_state, _turn()
    drawn: dict[str, tuple[int, Any]] = state.get(_DRAWN, {})
    before: dict[str, list[Any]] = state.get(_BEFORE, {})
    if key in drawn and drawn[key][0] != turn:
        return True
    if state.get(key) not in before.get(key, ()):
        return False
    return _asked_for_news() or any(
        each != key and shown == turn and each in state and state[each] != value
        for each, (shown, value) in drawn.items()
    )


def _turn() -> int:
    return int(st.session_state.get(_TURN, 0))


def _asked_for_news() -> bool:
    asked = st.session_state.get(REFRESH_KEY) or {}
    return any(value is not None for value in asked.values())
