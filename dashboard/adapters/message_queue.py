"""What was drawn reaches the browser whole: a fix to Streamlit's queue of messages, until it has one of its own.

When a fragment is drawn anew while the browser has not yet been sent its last drawing, Streamlit drops that drawing
from the queue, but not all of it: references to elements that the browser knows already, and what a fragment within
the fragment drew, stay without the containers they belong into. The browser then puts them into a wrong place or
fails with "Bad delta path index" and draws nothing any more. It takes a busy server and a click during a refresh.

Kept in order, both drawings are right: that is what happens whenever the browser is quick.
"""

from __future__ import annotations

from typing import Any

from streamlit.runtime.forward_msg_queue import ForwardMsgQueue


def keep_order() -> None:
    """Let a queue forget nothing when a fragment is drawn anew. Does nothing when done before."""
    usual = ForwardMsgQueue.clear
    if getattr(usual, "keeps_order", False):
        return

    def clear(self: Any, retain_lifecycle_msgs: bool = False, fragment_ids_this_run: list[str] | None = None) -> None:
        if retain_lifecycle_msgs and fragment_ids_this_run is not None:
            # What comes now must not be merged into what stands before the new drawing's start.
            self._delta_index_map = {}
            return
        usual(self, retain_lifecycle_msgs, fragment_ids_this_run)

    clear.keeps_order = True  # type: ignore[attr-defined]
    ForwardMsgQueue.clear = clear  # type: ignore[method-assign]
