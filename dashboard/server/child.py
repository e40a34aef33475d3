"""The server's process: Streamlit, for as long as whoever started it lives.

`python -m lakeboard.dashboard.server.child run app.py …`, the arguments being Streamlit's. It ends when its parent
does, however that was ended: a parent that is killed can't stop it, and a server that nobody knows of would hold its
port and show its lake.
"""

from __future__ import annotations

import os
import runpy
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Final

PARENT: Final = "LAKEBOARD_PARENT"
"""Environment variable: the process id of whoever started the server."""
_LOOK_SECONDS: Final = 0.5
_END_SECONDS: Final = 5.0


def end_with(parent: int, *, parent_now: Callable[[], int] = os.getppid) -> None:
    """End this process, first politely, once its parent is another one than `parent`. Returns at once.

    Works on Linux and macOS alike, and where the parent was gone before the first look.
    """

    def watch() -> None:
        while parent_now() == parent:
            time.sleep(_LOOK_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(_END_SECONDS)
        os._exit(128 + signal.SIGTERM)

    threading.Thread(target=watch, name="lakeboard-parent", daemon=True).start()


def main() -> None:
    """Serve until told to end, or until the parent is gone."""
    parent = os.environ.pop(PARENT, "")
    if parent.isdigit():
        end_with(int(parent))
    sys.argv[0] = "streamlit"
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
