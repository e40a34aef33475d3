"""What was drawn reaches the browser whole: a fix to Streamlit's queue of messages, until it has one of its own.

When a fragment is drawn anew while the browser has not yet been sent its last drawing, Streamlit drops that drawing
from the queue, but not all of it: references to elements that the browser knows already, and what a fragment within
the fragment drew, stay without the containers they belong into. The browser then puts them into a wrong place or
fails with "Bad delta path index" and draws nothing any more. It takes a busy server and a click during a refresh.

Kept in order, both drawings are right: that is what happens whenever the browser is quick.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from inspect import signature
from typing import Any, Final

from .inside import Inside, is_there

QUEUE: Final = Inside(
    "the queue of messages",
    "a click while a page refreshes may draw it amiss; loading the page again mends it",
)
_MODULE: Final = "streamlit.runtime.forward_msg_queue"
_ARGUMENTS: Final = ("retain_lifecycle_msgs", "fragment_ids_this_run")
_PLACES: Final = "_delta_index_map"


def keep_order() -> bool:
    """Let a queue forget nothing when a fragment is drawn anew, from now on and in every session of this process.

    Returns whether it is so: not where Streamlit's queue is another than this was written for, which is then left as
    it is.
    """
    queue, missing = _find_queue()
    if not is_there(QUEUE, missing):
        return False
    usual: Callable[..., None] = queue.clear
    if getattr(usual, "keeps_order", False):
        return True

    def clear(self: Any, retain_lifecycle_msgs: bool = False, fragment_ids_this_run: list[str] | None = None) -> None:
        if retain_lifecycle_msgs and fragment_ids_this_run is not None:
            # What comes now must not be merged into what stands before the new drawing's start.
            setattr(self, _PLACES, {})
            return
        usual(self, retain_lifecycle_msgs, fragment_ids_this_run)

    clear.keeps_order = True  # type: ignore[attr-defined]
    queue.clear = clear
    return True


def _find_queue() -> tuple[Any, list[str]]:
    """The class of Streamlit's queues, and what of it is not as it was."""
    try:
        queue = import_module(_MODULE).ForwardMsgQueue
    except (ImportError, AttributeError):
        return None, [f"{_MODULE}.ForwardMsgQueue"]
    clear = getattr(queue, "clear", None)
    known = signature(clear).parameters if callable(clear) else ()
    missing = [f"clear({name}=)" for name in _ARGUMENTS if name not in known]
    return queue, missing if isinstance(getattr(queue(), _PLACES, None), dict) else [*missing, _PLACES]
