"""Where code runs: a thread, and in it a task, a cell of a notebook, or neither."""

from __future__ import annotations

import sys
import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

_THREAD = threading.local()


@dataclass(frozen=True, slots=True)
class Place:
    """A thread and the task that it is at. Equal where both are the same; lines and cells of a prompt are one place."""

    thread: object
    task: weakref.ref[Any] | None
    is_main: bool = field(compare=False)
    """Whether it is the main thread."""

    def is_sibling(self, other: Place | None) -> bool:
        """Whether both are tasks, different ones, of one thread."""
        return (
            other is not None
            and self.task is not None
            and other.task is not None
            and self.thread is other.thread
            and self.task != other.task
        )


def here() -> Place:
    """Where this is called."""
    task = _running_task()
    alone = task is None or _is_cells(task)
    return Place(_thread(), None if alone else weakref.ref(task), _on_main_thread())


def in_cell() -> bool:
    """Whether this is a line of a prompt or a cell of a notebook, and not a task or a thread that one of them began."""
    if not hasattr(sys, "ps1") or not _on_main_thread():
        return False
    task = _running_task()
    return task is None or _is_cells(task)


def on_task_end(place: Place, act: Callable[[BaseException | None], None]) -> None:
    """Have `act` called when the task of this place has ended, with its error; never where it is not one of asyncio."""
    task = None if place.task is None else place.task()
    when_done = getattr(task, "add_done_callback", None)
    if when_done is None:
        return

    def ended(task: Any) -> None:
        # Asking by `exception()` would count as having seen the error: asyncio would no longer tell of it.
        act(_cancelled() if task.cancelled() else getattr(task, "_exception", None))

    when_done(ended)


def _cancelled() -> BaseException:
    from asyncio import CancelledError

    return CancelledError()


def _thread() -> object:
    """This thread, by an object of its own: numbers of threads are used again."""
    token = getattr(_THREAD, "token", None)
    if token is None:
        token = _THREAD.token = object()
    return token


def _on_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def _running_task() -> Any:
    """The task of asyncio or trio that runs; None where none does. Imports neither."""
    for module, name in (("asyncio", "current_task"), ("trio.lowlevel", "current_task")):
        ask = getattr(sys.modules.get(module), name, None)
        if ask is None:
            continue
        try:
            task = ask()
        except RuntimeError:
            # No loop runs in this thread.
            continue
        if task is not None:
            return task
    return None


def _is_cells(task: object) -> bool:
    """Whether the top level of a cell, or of a prompt's line, runs in this task; a task that it began is another."""
    if not hasattr(sys, "ps1") or not _on_main_thread():
        return False
    outermost = getattr(getattr(task, "get_coro", lambda: None)(), "cr_frame", None)
    frame = sys._getframe(1)  # noqa: SLF001 - the one way to look at the stack without importing inspect
    while frame is not None:
        name = frame.f_code.co_name
        if name == "<module>" or name.startswith("<cell"):
            return True
        if frame is outermost:
            return False
        frame = frame.f_back  # type: ignore[assignment]
    return False
