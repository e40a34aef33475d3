"""When a process is done: hooks that run before threads can't be begun any more, and how long threads go on logging."""

from __future__ import annotations

import atexit
import sys
import threading
import time
from collections.abc import Callable
from typing import Final

_QUIET_SECONDS: Final = 5.0
"""At exit, other threads that went this long without logging are not waited for."""


def at_exit(act: Callable[[], None]) -> None:
    """Run `act` when the main thread is done, before `threading` and `concurrent.futures` shut down."""
    # Its own shutdown is registered at import; those registered later run earlier.
    import concurrent.futures.thread  # noqa: F401

    register = getattr(threading, "_register_atexit", None)
    (register or atexit.register)(act)


def at_exit_of_child(act: Callable[[], None]) -> bool:
    """Run `act` when this child of multiprocessing is done; whether it is one.

    Such children leave through `os._exit`, and run their own finalizers alone.
    """
    made = sys.modules.get("multiprocessing.process")
    if made is None or made.parent_process() is None:
        return False
    from multiprocessing.util import Finalize

    Finalize(None, act, exitpriority=100)
    return True


def wait_for_loggers(logged: Callable[[], int]) -> None:
    """Wait while other threads that keep the process alive go on logging.

    Args:
        logged: how many points there are so far.
    """
    import concurrent.futures.thread as pools

    idle = set(getattr(pools, "_threads_queues", ()))
    seen, since = logged(), time.monotonic()
    while True:
        others = [
            t
            for t in threading.enumerate()
            if not t.daemon
            and t is not threading.main_thread()
            and t is not threading.current_thread()
            and t not in idle
        ]
        if not others:
            return
        others[0].join(0.1)
        now = logged()
        if now != seen:
            seen, since = now, time.monotonic()
        elif time.monotonic() - since > _QUIET_SECONDS:
            return
