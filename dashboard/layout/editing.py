"""Who decides: deleting, restoring, renaming, tagging and noting, signed by the login or a name given once."""

from __future__ import annotations

import getpass
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

import streamlit as st

from ...schema.edits import Op
from ...schema.errors import AccessDenied, LakeboardError
from ..feed import feed
from ..format.escape import plain
from ..format.numbers import count
from .chrome import project_shown

_NAME: Final = "lb.editor"
_UNDO: Final = "lb.undo"
_UNDO_SECONDS: Final = 300.0
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
    if st.get_option("server.address") in _LOOPBACK:
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

    panel = st.popover("Delete", icon=":material/delete:", disabled=off or not may_edit(), key=f"{key}.{turn}")
    with panel, st.container(key=f"{key}.asked"):
        st.text(question)
        ask_name(key)
        st.button(label, on_click=clicked, disabled=off or not may_edit(), key=f"{key}.really")


def may_edit() -> bool:
    """Whether decisions can be written, as far as is known."""
    return not feed.feed().read_only


def decide(project: str, run_ids: Sequence[str], op: Op, arg: str | None = None) -> bool:
    """Write one decision about some runs, from a callback; says on the screen what came of it.

    One PUT and the requests of a look.
    """
    return decide_all({project: run_ids}, op, arg)


def decide_all(runs: Mapping[str, Sequence[str]], op: Op, arg: str | None = None) -> bool:
    """`decide` about runs of several projects; those of one project change together or not at all.

    One PUT for each project, however many runs, and the requests of a look.
    """
    done = 0
    for project, run_ids in runs.items():
        act = partial(feed.feed().edit, project, run_ids, op, arg, editor=editor())
        if not _written(act, "Nothing was changed" if not done else f"Only {count(done, 'run')} changed"):
            return False
        done += len(set(run_ids))
    say(_DONE[op].format(count(done, "run")))
    return True


def attempt(act: Callable[[str | None], object], done: str) -> bool:
    """Write something else that a person decided, from a callback; says on the screen what came of it.

    Args:
        act: writes; gets who decides.
        done: what to say when it went well.
    """
    if not _written(lambda: act(editor()), "Nothing was changed"):
        return False
    say(done)
    return True


def _written(act: Callable[[], object], failed: str) -> bool:
    """Whether it was written. A refusal is remembered: the controls are off for a while."""
    try:
        act()
    except AccessDenied as error:
        refused(error, failed=failed)
        return False
    except LakeboardError as error:
        say(f"{failed}: {error}", icon=":material/error:")
        return False
    return True


def refused(error: Exception, *, failed: str = "Nothing was changed") -> None:
    """The lake did not take a write: that is said, and decisions are off for a while."""
    feed.feed().denied()
    say(f"{failed}: {error}", icon=":material/lock:")


def say(text: str, *, icon: str = ":material/check:") -> None:
    """Tell this viewer, once, with the next drawing."""
    st.session_state[_NEWS] = (text, icon)


def offer_undo(text: str, act: Callable[[], object] | None) -> None:
    """Remember how the last act is undone; with null, that there is nothing to undo.

    Args:
        text: what was done.
        act: undoes it; called from a callback.
    """
    st.session_state[_UNDO] = None if act is None else (text, act, time.monotonic(), project_shown())


def undoable() -> str:
    """What `undo_button` would undo; empty for nothing."""
    found = _undo()
    return found[0] if found else ""


def _undo() -> tuple[str, Callable[[], object]] | None:
    """What was done last, if it was lately and in the project that is shown."""
    found = st.session_state.get(_UNDO)
    if not found or found[3] != project_shown() or time.monotonic() - found[2] > _UNDO_SECONDS:
        return None
    return str(found[0]), found[1]


def undo_button(key: str) -> None:
    """A button that takes the last act back, where there is one."""
    found = _undo()
    if found is None:
        return

    def clicked() -> None:
        offer_undo("", None)
        found[1]()

    st.button("Undo", icon=":material/undo:", on_click=clicked, disabled=not may_edit(), key=key)


def news() -> None:
    """Say what came of the last decision, once."""
    found = st.session_state.pop(_NEWS, None)
    if found:
        st.toast(plain(found[0]), icon=found[1])
    if not may_edit():
        st.caption("This dashboard may not write here: deleting, tagging, editing and saving are off.")
