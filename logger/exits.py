"""How the program was left, where no hook tells: by `raise SystemExit(…)`, or with a hook that others put over ours.

From Python 3.12 on the exception itself is seen as it leaves the outermost frame of the main thread. Python 3.11 tells
of that frame alone at which instruction it was left.
"""

from __future__ import annotations

import dis
import sys
import threading
from collections.abc import Callable
from types import CodeType, FrameType
from typing import Any, Final

UNTOLD: Final = "SystemExit, raised in a function: Python 3.11 does not tell its code"
"""The error of a run whose program was left so."""
_TOOLS: Final = (4, 3)
"""Ids of `sys.monitoring` that no tool has by custom."""
_NAME: Final = "lakeboard"


class ExitWatch:
    """Looks for what leaves the main thread's outermost frame.

    From Python 3.12 on that costs something where an exception leaves a frame, less than the exception itself; before,
    nothing.

    Args:
        seen: called with a `SystemExit` that leaves the program, before anything at exit runs.
    """

    def __init__(self, seen: Callable[[SystemExit], None]) -> None:
        self._seen = seen
        self._tool: int | None = None
        self._outermost: FrameType | None = None

    def start(self) -> None:
        """Begin to look; called in the main thread. Again is harmless."""
        if threading.current_thread() is threading.main_thread():
            self._outermost = _outermost(sys._getframe(1))  # noqa: SLF001 - as inspect.currentframe does
        monitoring = getattr(sys, "monitoring", None)
        if monitoring is None or self._tool is not None:
            return
        for tool in _TOOLS:
            if monitoring.get_tool(tool) is None:
                monitoring.use_tool_id(tool, _NAME)
                monitoring.register_callback(tool, monitoring.events.PY_UNWIND, self._unwound)
                monitoring.set_events(tool, monitoring.events.PY_UNWIND)
                self._tool = tool
                return

    def stop(self) -> None:
        """Look no more."""
        self._outermost = None
        if self._tool is not None:
            monitoring: Any = sys.monitoring  # type: ignore[attr-defined,unused-ignore]
            monitoring.set_events(self._tool, 0)
            monitoring.register_callback(self._tool, monitoring.events.PY_UNWIND, None)
            monitoring.free_tool_id(self._tool)
            self._tool = None

    def _unwound(self, code: CodeType, offset: int, error: BaseException) -> None:
        if isinstance(error, SystemExit) and threading.current_thread() is threading.main_thread():
            frame = sys._getframe(1)  # noqa: SLF001 - as inspect.currentframe does
            if frame.f_code is code and frame.f_back is None:
                self._seen(error)

    def left(self) -> BaseException | str | None:
        """Once the main thread is done, and nothing else told how: what left its outermost frame.

        The uncaught error that Python gave to somebody else's hook. In Python 3.11 also a `SystemExit` that the frame
        raised itself, with a code that stands there, and `UNTOLD` where a function raised it. None where it came to its
        end.
        """
        frame = self._outermost
        if frame is None:
            return None
        last = getattr(sys, "last_value", None)
        trace = last.__traceback__ if isinstance(last, BaseException) else None
        if trace is not None and trace.tb_frame is frame:
            # At a prompt, and in notebooks, errors leave other frames than the program's.
            return last
        if self._tool is not None:
            return None
        return left_at(frame.f_code, frame.f_lasti)


def left_at(code: CodeType, at: int) -> SystemExit | str | None:
    """What `ExitWatch.left` says of code that was left at an instruction by a `SystemExit`, or by returning."""
    told = [each for each in dis.get_instructions(code) if each.opname not in ("CACHE", "PRECALL", "EXTENDED_ARG")]
    # The frame of a call may stand at what the interpreter noted behind it.
    here = max((i for i, each in enumerate(told) if each.offset <= at), default=None)
    if here is None or told[here].opname.startswith("RETURN"):
        return None
    if told[here].opname == "RAISE_VARARGS":
        before = told[:here]
        if told[here].arg == 2:
            # What stands after `from` is a name.
            before = before[:-1]
        call = [each.opname for each in before[-2:]] == ["LOAD_CONST", "CALL"] and before[-1].arg == 1
        name = before[-3] if call and len(before) > 2 else None
        if name is not None and name.argval == "SystemExit":
            return SystemExit(before[-2].argval)
        # It raised what a call that came to its end made, such as SystemExit(main()).
        return None
    return UNTOLD if told[here].opname.startswith("CALL") else None


def _outermost(frame: FrameType) -> FrameType:
    while frame.f_back is not None:
        frame = frame.f_back
    return frame
