"""How media come from the training to the writer: encoded beside the thread that looks after points, then spooled."""

from __future__ import annotations

from collections.abc import Callable

from ..media.outgoing import Outgoing
from ..media.queue import MediaQueue


class MediaIntake:
    """The media of one run on their way into its spool. Called on the thread that looks after spools, but `_encode`.

    Args:
        queue: where they come from; None where none are taken.
        outgoing: where they go.
        carry: has a job done on another thread.
        encoded: called there once something was encoded; has `visit` called soon.
    """

    def __init__(
        self,
        queue: MediaQueue | None,
        outgoing: Outgoing,
        *,
        carry: Callable[[Callable[[], None]], None],
        encoded: Callable[[], None],
    ) -> None:
        self._queue = queue
        self._outgoing = outgoing
        self._carry = carry
        self._encoded = encoded
        self._busy = False
        self._closed = False

    @property
    def idle(self) -> bool:
        """Whether everything that was logged is with the writer."""
        return self._queue is None or (not self._busy and not self._queue.left)

    def visit(self) -> None:
        """Take what is encoded to the writer, and have the rest encoded."""
        queue = self._queue
        if queue is None or self._closed:
            return
        rows = queue.take()
        if rows:
            self._outgoing.take(rows)
        queue.refuse(self._outgoing.full)
        if queue.waits and not self._busy:
            self._busy = True
            self._carry(self._encode)

    def close(self) -> None:
        """Take what is encoded to the writer; what is not is given up, and counted. The last call."""
        if self._queue is None or self._closed:
            return
        self._closed = True
        self._queue.drop()
        rows = self._queue.take()
        if rows:
            self._outgoing.take(rows)

    def _encode(self) -> None:
        assert self._queue is not None
        try:
            self._queue.encode()
        finally:
            self._busy = False
            self._encoded()
