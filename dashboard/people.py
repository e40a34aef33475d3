"""Who decides: deleting, restoring, renaming, tagging and noting, signed by the login or a name given once."""

from __future__ import annotations

import getpass
from collections.abc import Callable, Sequence
from typing import Final

import streamlit as st
from streamlit import config

from ..schema.edits import Op
from ..schema.errors import AccessDenied, LakeboardError
from . import data
from .chrome import plain
from .digits import count

_NAME: Final = "lb.editor"
_READ_ONLY: Final = "lb.read_only"
_NEWS: Final = "lb.news"
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_DONE: Final = {
    "delete": "Moved {} to the trash",
    "restore": "Restored {}",
    "rename": "Renamed",
    "tag": "Tagged {}",
    "untag": "Took the tag off {}",
    "note": "Noted",
    "purge": "Purged {}",
}


def editor() -> str | None:
    """Who is looking: the login, else the name they gave, else on one's own machine the system's user."""
    if st.user.get("is_logged_in"):
        return str(st.user.get("email") or st.user.get("name") or "") or None
    given = st.session_state.get(_NAME)
    if given:
        return str(given)
    if config.get_option("server.address") in _LOOPBACK:
        try:
            return getpass.getuser()
        except (OSError, KeyError):
            return None
    return None


def ask_name(where: str) -> None:
    """A field for the name that signs decisions, where no login tells it.

    Args:
        where: a key, different for each place that asks.
    """
    if st.user.get("is_logged_in") or editor():
        return
    key = f"{where}.name"

    def named() -> None:
        st.session_state[_NAME] = st.session_state[key]

    st.text_input("Your name, for the history", key=key, max_chars=100, on_change=named)


def confirm_delete(question: str, label: str, *, on_click: Callable[[], None], off: bool, key: str) -> None:
    """A button that asks before it deletes, in a popover, so that nothing on the page moves."""
    # Another key closes the popover once it has served.
    turn = st.session_state.get(f"{key}.turn", 0)

    def clicked() -> None:
        st.session_state[f"{key}.turn"] = turn + 1
        on_click()

    with st.popover("Delete", icon=":material/delete:", disabled=off or not may_edit(), key=f"{key}.{turn}"):
        st.text(question)
        ask_name(key)
        st.button(label, on_click=clicked, disabled=off or not may_edit(), key=f"{key}.really")


def may_edit() -> bool:
    """Whether decisions can be written, as far as was tried."""
    return not st.session_state.get(_READ_ONLY)


def decide(project: str, run_ids: Sequence[str], op: Op, arg: str | None = None) -> bool:
    """Write one decision about some runs, from a callback; says on the screen what came of it.

    One PUT and the requests of a look.
    """
    try:
        data.feed().edit(project, run_ids, op, arg, editor=editor())
    except AccessDenied as error:
        refused(error)
        return False
    except LakeboardError as error:
        st.session_state[_NEWS] = (f"Nothing was changed: {error}", ":material/error:")
        return False
    st.session_state[_NEWS] = (_DONE[op].format(count(len(set(run_ids)), "run")), ":material/check:")
    return True


def attempt(act: Callable[[str | None], object], done: str) -> bool:
    """Write something else that a person decided, from a callback; says on the screen what came of it.

    Args:
        act: writes; gets who decides.
        done: what to say when it went well.
    """
    try:
        act(editor())
    except AccessDenied as error:
        st.session_state[_READ_ONLY] = True
        st.session_state[_NEWS] = (f"Nothing was changed: {error}", ":material/lock:")
        return False
    except LakeboardError as error:
        st.session_state[_NEWS] = (f"Nothing was changed: {error}", ":material/error:")
        return False
    st.session_state[_NEWS] = (done, ":material/check:")
    return True


def refused(error: Exception) -> None:
    """The lake did not take a write: decisions are off for this session."""
    st.session_state[_READ_ONLY] = True
    st.session_state[_NEWS] = (f"Nothing was changed: {error}", ":material/lock:")


def tell(text: str) -> None:
    """Say at the next drawing what came of an act."""
    st.session_state[_NEWS] = (text, ":material/check:")


def news() -> None:
    """Say what came of the last decision, once."""
    found = st.session_state.pop(_NEWS, None)
    if found:
        st.toast(plain(found[0]), icon=found[1])
    if not may_edit():
        st.caption("The credentials of this dashboard may not write here: decisions are off.")
