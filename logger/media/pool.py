"""Memory for copies of arrays, used again: fresh pages cost a training more than copying into them."""

from __future__ import annotations

from typing import Final

LEAST_BYTES: Final = 65_536
"""Smaller copies are quick wherever they lie."""
KEPT_BYTES: Final = 64 * 2**20
"""So much is kept for copies to come."""


class Pool:
    """Pieces of memory by their size. Safe for threads: each act on it is one of the interpreter's own."""

    def __init__(self, most: int = KEPT_BYTES) -> None:
        self._most = most
        self._free: dict[int, list[bytearray]] = {}
        self._kept = 0

    @property
    def kept(self) -> int:
        """Bytes that wait to be used again, nearly."""
        return self._kept

    def copied(self, view: memoryview) -> bytes | bytearray:
        """What a buffer holds, in C order; large ones in memory that `give_back` may be given."""
        if view.nbytes < LEAST_BYTES or not view.c_contiguous:
            return view.tobytes()
        try:
            out = self._free[view.nbytes].pop()
            self._kept -= view.nbytes
        except (KeyError, IndexError):
            return bytearray(view.cast("B"))
        memoryview(out)[:] = view.cast("B")
        return out

    def give_back(self, data: bytes | bytearray) -> None:
        """Nobody looks at this copy any more."""
        size = len(data)
        if isinstance(data, bytearray) and self._kept + size <= self._most:
            self._kept += size
            self._free.setdefault(size, []).append(data)


COPIES: Final = Pool()
"""This process's."""
