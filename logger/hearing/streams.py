"""Standard output and standard error of this process, heard while a run keeps its console.

Each stream stays the object that it is; its `write` alone is replaced, on the object itself. So whoever holds the
stream is heard (a logging handler made long before the run, a progress bar, a tee of the program's own), its type and
everything else about it are untouched, and nothing is left behind at the end. What a program redirects elsewhere is
not printed, and not heard.
"""

from __future__ import annotations

import codecs
import sys
from collections.abc import Callable
from threading import get_ident
from typing import Any, Final, TypeAlias

from ..native import RLock
from .transcript import BACKLOG_CHARS, Transcript

Whose: TypeAlias = Callable[[], Transcript | None]
"""Gives the transcript that the calling context prints into."""
_NAMES: Final = ("stdout", "stderr")
_ASIDE: Final[set[int]] = set()
"""Threads whose writing is not to be heard: they are inside a stream that is heard, or say something of ours."""


def unheard(act: Callable[[], None]) -> None:
    """Print something that belongs to no run's console."""
    thread = get_ident()
    if thread in _ASIDE:
        act()
        return
    try:
        _ASIDE.add(thread)
        act()
    finally:
        _ASIDE.discard(thread)


class Streams:
    """Hears the streams of this process while anybody listens.

    Args:
        whose: where more than one run is open, which one the calling context prints into.
    """

    def __init__(self, whose: Whose) -> None:
        self._whose = whose
        self._lock = RLock()
        self._listeners: dict[int, object] = {}
        self._hooks: list[_Hook] = []
        self.only: Transcript | None = None
        """The transcript of the only open run; spares looking."""

    def begin(self, listener: object) -> None:
        """Hear the streams as they are now, until `end` of every listener."""
        with self._lock:
            self._listeners[id(listener)] = listener
            for number, name in enumerate(_NAMES):
                self._hook(number, getattr(sys, name, None))

    def end(self, listener: object) -> None:
        """Somebody listens no longer; after the last one the streams are as they were."""
        with self._lock:
            self._listeners.pop(id(listener), None)
            if not self._listeners:
                hooks, self._hooks = self._hooks, []
                for hook in reversed(hooks):
                    hook.undo()

    def after_fork(self) -> None:
        """In a forked child: its lock may be held by a thread that is not there."""
        self._lock = RLock()
        _ASIDE.clear()

    def heard(self, number: int, text: str) -> None:
        """Something was written."""
        to = self.only
        if to is None:
            to = self._whose()
        if to is not None:
            # Methods of a kind of text that the program made are not run here: they may do anything.
            to.take_in(number, text if type(text) is str else str.__str__(text))

    def heard_bytes(self, number: int, data: Any, decode: Callable[[bytes], str]) -> None:
        """Bytes were written; beyond what waits at most they are counted and not copied."""
        view = memoryview(data).cast("B")
        self.heard(number, decode(bytes(view[:BACKLOG_CHARS])))
        to = (self.only or self._whose()) if len(view) > BACKLOG_CHARS else None
        if to is not None:
            to.leave_out(len(view) - BACKLOG_CHARS)

    def _hook(self, number: int, stream: Any) -> None:
        if stream is None or any(hook.stream is stream for hook in self._hooks):
            return
        text = _Hook(stream, lambda written: self.heard(number, written))
        if not text.put():
            return
        self._hooks.append(text)
        # What goes to the bytes below passes the text by: outputs of other programs, handed on.
        raw = getattr(stream, "buffer", None)
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        below = _Hook(raw, lambda data: self.heard_bytes(number, data, decode))
        if raw is not None and below.put():
            self._hooks.append(below)
            # Handing on what waits in the text is no writing of its own.
            flush = _Hook(stream, lambda nothing: None, verb="flush")
            if flush.put():
                self._hooks.append(flush)


class _Hook:
    """A verb of one stream, replaced on the object itself."""

    def __init__(self, stream: Any, heard: Callable[[Any], None], *, verb: str = "write") -> None:
        self.stream = stream
        self._heard = heard
        self._verb = verb
        self._before: Any = None
        self._ours: Any = None

    def put(self) -> bool:
        """Replace it; whether the object lets one."""
        try:
            original = getattr(self.stream, self._verb)
            self._before = vars(self.stream).get(self._verb)
        except (AttributeError, TypeError):
            return False
        heard = self._heard

        def verb(*args: Any, **options: Any) -> Any:
            thread = get_ident()
            if thread in _ASIDE:
                return original(*args, **options)
            try:
                # Within, so that an interrupt that comes here leaves nobody marked for good.
                _ASIDE.add(thread)
                done = original(*args, **options)
                try:
                    heard(args[0] if args else None)
                except Exception:  # noqa: BLE001, S110 - a console that is not kept must not cost a program its print
                    pass
                return done
            finally:
                _ASIDE.discard(thread)

        # As a bound method has it: programs look there for the stream.
        verb.__self__ = self.stream  # type: ignore[attr-defined]
        self._ours = verb
        try:
            setattr(self.stream, self._verb, verb)
        except (AttributeError, TypeError):
            return False
        return True

    def undo(self) -> None:
        """Put back what was there, where nobody has put something else there since."""
        if vars(self.stream).get(self._verb) is not self._ours:
            return
        if self._before is None:
            delattr(self.stream, self._verb)
        else:
            setattr(self.stream, self._verb, self._before)
