"""Files as a zip archive that is made while it is sent: stored as they are, of any size and number."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

_DATE: Final = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class Member:
    """A file on its way into an archive."""

    name: str
    """Relative, with `/`, never out of where the archive is unpacked."""
    size: int
    pieces: Iterator[bytes]
    """Its bytes; read when its turn comes."""


class _Pipe(io.RawIOBase):
    """What `zipfile` writes into, from which what was written is taken away."""

    def __init__(self) -> None:
        super().__init__()
        self._written: list[bytes] = []

    def writable(self) -> bool:
        """Always."""
        return True

    def write(self, data: object) -> int:
        """Keep a copy until it is taken."""
        kept = bytes(data)  # type: ignore[call-overload]
        self._written.append(kept)
        return len(kept)

    def take(self) -> bytes:
        """All that was written since the last time."""
        out = b"".join(self._written)
        self._written.clear()
        return out


def zipped(members: Iterable[Member]) -> Iterator[bytes]:
    """The archive, piece by piece; ZIP64 where it must be. Memory: two pieces, and 100 bytes or so a file.

    What a member's pieces raise breaks it off before its directory, so that nobody takes it for whole.
    """
    pipe = _Pipe()
    taken: set[str] = set()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
        for member in members:
            info = zipfile.ZipInfo(_free(member.name, taken), _DATE)
            info.external_attr = 0o644 << 16
            info.file_size = member.size
            with archive.open(info, "w") as file:
                for piece in member.pieces:
                    file.write(piece)
                    yield pipe.take()
    yield pipe.take()


def _free(name: str, taken: set[str]) -> str:
    """A name that no system takes for a path elsewhere, and that no other member has."""
    plain = found = name.replace("\\", "_").replace("\0", "_").lstrip("/")
    number = 1
    while found in taken:
        number += 1
        found = f"{plain} ({number})"
    taken.add(found)
    return found
