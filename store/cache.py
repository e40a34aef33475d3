"""Objects that never change, kept on local disk, so that a dashboard asks a bucket for each of them once."""

from __future__ import annotations

import builtins
import hashlib
import logging
import os
import struct
import time
import zlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Final

from ..schema.checksum import verify
from ..schema.errors import DamagedObject
from .base import ObjectInfo, Store
from .files.download import check_range
from .wrapper import StoreWrapper

CACHED_PREFIXES: Final = ("runs/", "edits/", "metrics/", "media/")
"""Where objects stay for long; tails of running writers are not worth keeping."""
MAX_BYTES: Final = 2 * 1024**3
"""Default cap on the disk space of one lake's cache."""
_MAGIC: Final = b"PAR1"
_SEAL: Final = struct.Struct(">IQ4s")  # Behind the object's bytes: their checksum, their number, and what this is.
_MARK: Final = b"LBc1"
_TOUCH_SECONDS: Final = 3600  # Entries are evicted by their last use, told to this precision to save writes.
_KEPT_SHARE: Final = 0.8  # What an eviction leaves, so that not every put evicts.
_LARGEST_SHARE: Final = 0.25
_MOST_SIZES: Final = 200_000
_log: Final = logging.getLogger(__name__)


def default_folder(url: str) -> Path | None:
    """Where the cache of the lake at `url` lives: below `$XDG_CACHE_HOME` or `~/.cache`; None without a home."""
    base = os.environ.get("XDG_CACHE_HOME", "")
    try:
        caches = Path(base) if Path(base).is_absolute() else Path.home() / ".cache"
    except RuntimeError:
        return None
    return caches / "lakeboard" / hashlib.sha256(url.encode()).hexdigest()[:20]


def cached(store: Store, *, folder: Path | None = None, max_bytes: int = MAX_BYTES) -> Store:
    """`store` with a cache on local disk, or as it is where it is local already or there is nowhere to keep one.

    Args:
        store: the lake.
        folder: where to keep objects; default: `default_folder(store.url)`.
        max_bytes: cap on their disk space; 0 for no cache.
    """
    folder = folder or default_folder(store.url)
    if store.is_local or folder is None or max_bytes <= 0:
        return store
    return CachedStore(store, folder=folder, max_bytes=max_bytes)


class CachedStore(StoreWrapper):
    """Answers `get`, `get_many` and `get_tail` of sealed Parquet objects from local disk where it can.

    Right because an object never changes under its name. An object is kept once its length fits the last
    listing (if it was listed), it begins and ends as Parquet does and matches its checksum; what comes from
    disk is held to length, ends and a checksum of the disk's own, else it is fetched again. Listings are never
    cached, so what is gone from the lake is not asked for. Several processes may share a folder. Trouble with the
    disk costs speed, never an answer.

    Args:
        inner: the lake.
        folder: where to keep objects; made when the first is kept, for this user alone.
        max_bytes: cap on their disk space; those not used for longest go first.
    """

    def __init__(self, inner: Store, *, folder: Path, max_bytes: int = MAX_BYTES) -> None:
        super().__init__(inner)
        self._folder = folder
        self._max_bytes = max_bytes
        self._lock = Lock()
        self._sizes: dict[str, int] = {}
        self._used: int | None = None
        self._writable = True

    def get(self, key: str) -> bytes:
        """All bytes of one object; no request when it is on disk, else one GET."""
        data = self._load(key)
        if data is None:
            data = self._inner.get(key)
            self._keep(key, data)
        return data

    def get_tail(self, key: str, length: int) -> bytes:
        """The last `length` bytes of one object; no request when all of it is on disk, else one GET."""
        data = self._load(key)
        if data is None:
            return self._inner.get_tail(key, length)
        return data[max(0, len(data) - length) :]

    def get_range(self, key: str, start: int, stop: int) -> bytes:
        """A part of one object; no request when all of it is on disk, else one GET."""
        data = self._load(key) if check_range(start, stop) else None
        return self._inner.get_range(key, start, stop) if data is None else data[start:stop]

    def get_many(self, keys: Sequence[str]) -> Mapping[str, bytes | Exception]:
        """All bytes of many objects; one GET for each that is not on disk."""
        found: dict[str, bytes | Exception | None] = {key: self._load(key) for key in keys}
        fetched = self._inner.get_many([key for key, data in found.items() if data is None])
        for key, data in fetched.items():
            if isinstance(data, bytes):
                self._keep(key, data)
        return {key: fetched[key] if data is None else data for key, data in found.items()}

    def list(self, prefix: str) -> builtins.list[ObjectInfo]:
        """Every object below the folder `prefix`, from the lake; also notes their sizes."""
        infos = self._inner.list(prefix)
        with self._lock:
            if len(self._sizes) + len(infos) > _MOST_SIZES:
                self._sizes.clear()
            if len(infos) <= _MOST_SIZES:
                self._sizes.update({info.key: info.size for info in infos if _is_cacheable(info.key)})
        return infos

    def delete(self, keys: Iterable[str]) -> None:
        """Remove objects from the lake and from the disk."""
        doomed = builtins.list(keys)
        self._inner.delete(doomed)
        for key in doomed:
            if _is_cacheable(key):
                self._discard(self._entry(key))

    def _entry(self, key: str) -> Path:
        name = hashlib.sha256(key.encode()).hexdigest()
        return self._folder / name[:2] / name[2:]

    def _load(self, key: str) -> bytes | None:
        if not _is_cacheable(key):
            return None
        entry = self._entry(key)
        try:
            with entry.open("rb") as file:
                sealed = file.read()
                status = os.fstat(file.fileno())
        except OSError:
            return None  # The usual case is that it is not there; any other is treated alike: ask the lake.
        data = _unsealed(sealed)
        if data is None or not self._is_whole(key, data):
            self._discard(entry)
            return None
        self._touch(entry, status.st_mtime)
        return data

    def _is_whole(self, key: str, data: bytes) -> bool:
        size = self._sizes.get(key, len(data))
        return len(data) == size and len(data) >= 12 and data[:4] == data[-4:] == _MAGIC

    def _keep(self, key: str, data: bytes) -> None:
        size = len(data) + _SEAL.size
        if not (self._writable and _is_cacheable(key) and self._is_whole(key, data)):
            return
        try:
            verify(data, key=key)
        except DamagedObject:
            # Broken on its way here, perhaps: kept, it would stay so. Whoever asked sees it for themselves.
            return
        if size > self._max_bytes * _LARGEST_SHARE:
            return
        entry = self._entry(key)
        temp = entry.with_name(f"tmp-{os.urandom(8).hex()}")
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            entry.parent.mkdir(mode=0o700, exist_ok=True)
            try:
                temp.write_bytes(data + _SEAL.pack(zlib.crc32(data), len(data), _MARK))
                temp.chmod(0o600)
                temp.rename(entry)
            except BaseException:
                temp.unlink(missing_ok=True)
                raise
            self._make_room(size)
        except OSError as error:
            self._writable = False
            _log.info("objects of %s are not cached from here on: %s", self.url, error)

    def _make_room(self, added: int) -> None:
        with self._lock:
            if self._used is not None:
                self._used += added
            if self._used is None or self._used > self._max_bytes:
                self._used = _evict(self._folder, self._max_bytes)

    def _touch(self, entry: Path, used_at: float) -> None:
        if self._writable and time.time() - used_at > _TOUCH_SECONDS:
            try:
                os.utime(entry)
            except OSError:
                return  # Evicted meanwhile, or a folder that may only be read.

    def _discard(self, entry: Path) -> None:
        try:
            entry.unlink(missing_ok=True)
        except OSError:
            return  # A folder that may only be read; the entry is judged again at its next use.


def _is_cacheable(key: str) -> bool:
    return key.startswith(CACHED_PREFIXES) and key.endswith(".parquet")


def _unsealed(sealed: bytes) -> bytes | None:
    if len(sealed) < _SEAL.size:
        return None
    checksum, length, mark = _SEAL.unpack(sealed[-_SEAL.size :])
    data = sealed[: -_SEAL.size]
    return data if mark == _MARK and length == len(data) and checksum == zlib.crc32(data) else None


def _evict(folder: Path, max_bytes: int) -> int:
    """Remove what was not used for longest until what is left fits; returns how many bytes are left."""
    entries: list[tuple[float, int, Path]] = []
    for path in folder.glob("*/*"):
        try:
            status = path.stat()
        except OSError:
            continue  # Another process evicted it.
        entries.append((status.st_mtime, status.st_size, path))
    used = sum(size for _, size, _ in entries)
    if used <= max_bytes:
        return used
    for _, size, path in sorted(entries):
        if used <= max_bytes * _KEPT_SHARE:
            break
        path.unlink(missing_ok=True)
        used -= size
    return used
