"""Where an artifact's files lie: under their own readable paths, or by number where such a path can't be a key."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote

from .keys import BUNDLES, OTHERS
from .names import folded

_MAX_KEY_BYTES: Final = 900
_MAX_SEGMENT_BYTES: Final = 255
_EXTENSION: Final = re.compile(r"\.[A-Za-z0-9]{1,16}")


def places(paths: Iterable[str], *, prefix: str) -> dict[str, str]:
    """The key of each file, by its path. Pure; the order of `paths` does not matter.

    Each segment is percent-encoded. `_more/<n><ext>` stands for a path whose key would pass 900 bytes or a segment
    255, that lies below a name which is a file as well, that differs from another in case or composition alone (the
    first in order keeps its own), or that begins with a name that lakeboard keeps for itself.

    Args:
        paths: of files inside one version, checked, none twice.
        prefix: the version's folder.
    """
    out: dict[str, str] = {}
    taken: set[str] = set()
    folders: set[str] = set()
    left: list[str] = []
    for path in sorted(paths):
        key = prefix + "/".join(quote(segment, safe="") for segment in path.split("/"))
        plain = folded(path)
        above = [str(parent) for parent in PurePosixPath(plain).parents][:-1]
        if (
            len(key) > _MAX_KEY_BYTES
            or max(map(len, key.split("/"))) > _MAX_SEGMENT_BYTES
            or plain.split("/")[0] in (OTHERS, BUNDLES)
            or plain in taken
            or plain in folders
            or not taken.isdisjoint(above)
        ):
            left.append(path)
            continue
        taken.add(plain)
        folders.update(above)
        out[path] = key
    for number, path in enumerate(left, 1):
        extension = PurePosixPath(path).suffix
        out[path] = f"{prefix}{OTHERS}/{number}{extension if _EXTENSION.fullmatch(extension) else ''}"
    return out
