"""Objects too large to decode are refused by their size in a listing, before a byte of them is fetched."""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from ..schema.errors import DamagedObject
from ..schema.limits import MAX_OBJECT_BYTES
from ..schema.sizes import sized
from .base import ObjectInfo, Store
from .wrapper import StoreWrapper

DECODED: Final = (
    "live/", "metrics/", "runs/", "edits/", "wide/", "boards/", "views/", "reports/", "choices/", "_lake.json",
)  # fmt: skip
"""Where objects stand that are decoded whole; files that runs made may have any size."""


class LimitedStore(StoreWrapper):
    """Refuses to read what a listing showed to be larger than `MAX_OBJECT_BYTES`. Costs no request.

    `get` and `get_tail` raise `DamagedObject`, `get_many` maps such a key to it: the object is named and costs itself.
    Objects are judged by the last listing that showed them; files of this machine as they are now. An object of a
    bucket that no listing showed is read.
    """

    def __init__(self, inner: Store) -> None:
        super().__init__(inner)
        self._large: dict[str, int] = {}

    def list(self, prefix: str) -> builtins.list[ObjectInfo]:
        """Every object below the folder `prefix`, too large ones, too: they are named by whoever would read them."""
        infos = self._inner.list(prefix)
        large = {info.key: info.size for info in infos if info.size > MAX_OBJECT_BYTES and _is_decoded(info.key)}
        if large or self._large:
            kept = {key: size for key, size in self._large.items() if not key.startswith(prefix)}
            self._large = kept | large
        return infos

    def get(self, key: str) -> bytes:
        """All bytes of one object."""
        self._check(key)
        return self._inner.get(key)

    def get_tail(self, key: str, length: int) -> bytes:
        """The last `length` bytes of one object."""
        self._check(key)
        return self._inner.get_tail(key, length)

    def get_many(self, keys: Sequence[str]) -> Mapping[str, bytes | Exception]:
        """All bytes of many objects; one that fails, or is too large, maps to its error."""
        refused = {key: error for key in keys if (error := self._refusal(key)) is not None}
        if not refused:
            return self._inner.get_many(keys)
        found = self._inner.get_many([key for key in keys if key not in refused])
        return {key: refused[key] if key in refused else found[key] for key in keys}

    def _check(self, key: str) -> None:
        refusal = self._refusal(key)
        if refusal is not None:
            raise refusal

    def _refusal(self, key: str) -> DamagedObject | None:
        size = self._file_size(key) if self._inner.is_local else self._large.get(key, 0)
        return too_large(key, size) if size > MAX_OBJECT_BYTES else None

    def _file_size(self, key: str) -> int:
        if not _is_decoded(key):
            return 0
        try:
            (path,), _ = self._inner.scan_paths([key])
            return Path(path).stat().st_size
        except OSError:
            # Gone, or not ours to read: reading says so.
            return 0


def too_large(key: str, size: int) -> DamagedObject:
    """What is said of an object that is not read for its size."""
    return DamagedObject(
        f"{key} takes {sized(size)}; at most {sized(MAX_OBJECT_BYTES)} are read, so it is passed over", key=key
    )


def _is_decoded(key: str) -> bool:
    return key.startswith(DECODED)
