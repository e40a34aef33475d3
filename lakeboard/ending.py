"""Programs that end in order when they are told to: on SIGTERM and SIGHUP as on Ctrl-C."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

_SIGNALS: Final = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def signals_end() -> Iterator[None]:
    """While this lasts, SIGTERM and SIGHUP raise `SystemExit` (128 and the signal's number), so that all is put away.

    A signal that is ignored (nohup), or that the program handles itself, stays as it is; a second one, while things
    are put away, does nothing. Outside the main thread nothing is changed, since Python takes signals only there.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in _SIGNALS}
    ours = [number for number, handler in before.items() if handler is signal.SIG_DFL]

    def end(number: int, _: FrameType | None) -> None:
        for each in ours:
            signal.signal(each, signal.SIG_IGN)
        raise SystemExit(128 + number)

    for number in ours:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)
