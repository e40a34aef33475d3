"""Many small files as a few objects: zip archives that hold them as they are, each readable by one range."""

from __future__ import annotations

import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from ...store.base import Stored
from ...store.files.source_file import SourceFile

SMALL_BYTES: Final = 1_000_000
"""A file below this goes into a bundle, where an artifact has more than `FEW` of them."""
FEW: Final = 16
BUNDLE_BYTES: Final = 64 * 1024**2
"""A bundle closes before it would grow beyond this."""
_HEADER: Final = 30
"""Bytes of a member's local header before its name."""
_DATE: Final = (1980, 1, 1, 0, 0, 0)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Member:
    """A file in a bundle."""

    stored: Stored
    offset: int
    """Where its bytes begin in the archive."""


def bundles(small: Sequence[tuple[T, int]]) -> list[list[T]]:
    """Which files go together: each with its size, in their order; empty where there are too few of them. Pure."""
    if len(small) <= FEW:
        return []
    out: list[list[T]] = [[]]
    filled = 0
    for each, size in small:
        if out[-1] and filled + size > BUNDLE_BYTES:
            out.append([])
            filled = 0
        out[-1].append(each)
        filled += size
    return out


def write_bundle(archive: Path, files: Sequence[tuple[str, Path]]) -> dict[str, Member]:
    """Write files into a new archive, uncompressed; where each begins, by its path. Memory: one file at a time.

    Args:
        archive: where to.
        files: path inside the artifact and the file; each below `SMALL_BYTES`.

    Raises:
        FileChanged: one changed while it was read.
        OSError: one can't be read, or the archive can't be written.
    """
    stored: dict[str, tuple[Stored, int]] = {}
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as out:
        for path, file in files:
            with SourceFile(file) as source:
                data = source.read(source.size)
                told = source.stored()
            info = zipfile.ZipInfo(path, _DATE)
            info.external_attr = 0o644 << 16
            out.writestr(info, data)
            stored[path] = (told, info.header_offset)
    out_of: dict[str, Member] = {}
    with archive.open("rb") as raw:
        for path, (told, start) in stored.items():
            raw.seek(start)
            out_of[path] = Member(told, _data_offset(start, raw.read(_HEADER)))
    return out_of


def _data_offset(start: int, header: bytes) -> int:
    """Where a member's bytes begin: behind its header, its name and what stands between."""
    return start + _HEADER + int.from_bytes(header[26:28], "little") + int.from_bytes(header[28:30], "little")
