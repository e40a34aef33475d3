"""The console of one writer on this machine's disk: what was printed and is not in the lake yet.

Beside the points' segments, in the same locked folder, so that whoever recovers these finds both (`upkeep.logs`).
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from ...upkeep.logs import OPEN_NAME, log_file
from ..spooling import descriptors


class SpooledLog:
    """A file for each part that is to be sent, named after its first byte. Used by one thread at a time.

    Args:
        folder: where; None keeps nothing.
        on_loss: told of the first failure, after which nothing more is written here.
    """

    def __init__(self, folder: Path | None, *, on_loss: Callable[[OSError], None]) -> None:
        self._folder = folder
        self._on_loss = on_loss
        self._path: Path | None = None
        self._lost: Path | None = None
        self._noted = ""

    @property
    def works(self) -> bool:
        """Whether what is appended is kept."""
        return self._folder is not None

    def append(self, data: bytes, at: int) -> bool:
        """Append to the file that is open, the first byte of which is `at` where none is yet; whether that went."""
        if self._folder is None:
            return False
        try:
            if self._path is None:
                self._path = self._folder / log_file(at)
                descriptors.create(self._path)
            descriptor = descriptors.borrow(self._path)
            try:
                view = memoryview(data)
                while view:
                    view = view[os.write(descriptor, view) :]
            finally:
                descriptors.give_back(self._path, descriptor)
        except OSError as error:
            self._give_up(error)
            return False
        return True

    def rescue(self) -> bytes:
        """After a failure: what the file that was open holds, as far as it can be read. It goes away."""
        path, self._lost = self._lost, None
        if path is None:
            return b""
        try:
            data = path.read_bytes()
        except OSError:
            return b""
        self.remove(path)
        return data

    def close_file(self) -> Path | None:
        """End the file that is open: what is appended from here on goes to another one. The file."""
        path, self._path = self._path, None
        if path is not None:
            descriptors.close(path)
        return path

    def note_unfinished(self, text: str, at: int) -> None:
        """Note what stands in a line that is not whole, so that a sudden death does not lose it."""
        if self._folder is None or text == self._noted:
            return
        try:
            if self._path is None and text:
                self.append(b"", at)
            if self._folder is not None:
                (self._folder / OPEN_NAME).write_text(text, encoding="utf-8", errors="replace")
            self._noted = text
        except OSError as error:
            self._give_up(error)

    def remove(self, path: Path | None) -> None:
        """A part is in the lake."""
        if path is not None:
            try:
                path.unlink(missing_ok=True)
            except OSError:
                return  # It costs room, and is found to be in the lake by whoever recovers the folder.

    def close(self, *, remove: bool) -> None:
        """Let go of it; with `remove`, everything is in the lake, or nobody is to have it."""
        path = self.close_file()
        if self._folder is not None and remove:
            self.remove(path)
            self.remove(self._folder / OPEN_NAME)
        self._folder = None

    def _give_up(self, error: OSError) -> None:
        self._lost = self.close_file()
        self._folder = None
        self._on_loss(error)
