"""What in a local lake's folders is an object, and what is passed over: devices, FIFOs, sockets, links that lead out.

To open a FIFO waits for ever, to open a device may do anything, and a link that leads out of the lake would make
objects of files that nobody put there. So what is no plain file below the root is named and never opened.
"""

from __future__ import annotations

import os
import stat
from io import BufferedReader
from pathlib import Path
from typing import Final

from ..schema.errors import StoreError

_MOST_KNOWN: Final = 200_000
_KINDS: Final = (
    (stat.S_ISFIFO, "a FIFO"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def oddity(mode: int) -> str | None:
    """What a directory entry of this mode is, where it is neither a file nor a folder nor a link."""
    return next((name for test, name in _KINDS if test(mode)), None)


class Inside:
    """Knows which paths lie below a lake's root, links followed. Safe to share between threads.

    Each folder is looked at once: a few system calls, and none the next time.
    """

    def __init__(self, root: Path) -> None:
        self._root = root
        self._known: set[str] = set()

    def holds(self, path: str | os.PathLike[str]) -> bool:
        """Whether `path` is the root or below it once all links are followed."""
        real_root = os.path.realpath(self._root)
        return os.path.commonpath([real_root, os.path.realpath(path)]) == real_root

    def check_folder(self, path: Path) -> None:
        """Nothing, where the folder that holds `path` lies below the root.

        Raises:
            StoreError: a link leads out; names where.
        """
        folder = str(path.parent)
        if folder in self._known:
            return
        if not self.holds(folder):
            raise StoreError(
                f"{folder} leads out of the lake, to {os.path.realpath(folder)}: it is passed over; move the whole "
                "lake to where there is room, and give that path"
            )
        if len(self._known) >= _MOST_KNOWN:
            self._known.clear()
        self._known.add(folder)

    def open_file(self, path: Path) -> BufferedReader:
        """Open a plain file for reading; nothing else is opened.

        Raises:
            StoreError: it is something else, or a link that leads out.
            OSError: as `open` does.
        """
        self.check_folder(path)
        mode = os.lstat(path).st_mode
        flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK
        if stat.S_ISLNK(mode):
            if not self.holds(path):
                raise StoreError(f"{path} is a link that leads out of the lake: it is passed over; take it away")
            mode = os.stat(path).st_mode  # noqa: PTH116 beside lstat and open
        else:
            flags |= os.O_NOFOLLOW
        found = oddity(mode)
        if found is None:
            descriptor = os.open(path, flags)
            mode = os.fstat(descriptor).st_mode
            found = oddity(mode)
            if found is None:
                return open(descriptor, "rb", closefd=True)  # noqa: PTH123 a descriptor, no path
            os.close(descriptor)
        raise StoreError(f"{path} is {found}, no file: it is passed over; take it away")
