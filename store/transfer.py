"""Copies from a store to another kind of store, through a file: neither holds the object in memory."""

from __future__ import annotations

import tempfile
from pathlib import Path

from ..schema.errors import DamagedObject, StoreError
from .base import Store
from .local import LocalStore
from .wrapper import StoreWrapper


def innermost(store: Store) -> Store:
    """The store behind all wrappers."""
    while isinstance(store, StoreWrapper):
        store = store.inner
    return store


def copy_through_file(source: Store, key: str, target: Store, to: str, *, size: int, durable: bool) -> None:
    """Copy one object by `get_file` and `put_file`; of a local source, its file itself is put.

    Raises:
        MissingObject: there is no such object.
        DamagedObject: it has another size.
        StoreError: also where there is no room for the file in the system's temporary folder; names it.
    """
    behind = innermost(source)
    if isinstance(behind, LocalStore):
        path = behind.file_path(key)
        if (found := path.stat().st_size) != size:
            raise DamagedObject(f"{key} has {found:,} bytes where {size:,} belong: it was not copied", key=key)
        target.put_file(to, path, durable=durable)
        return
    try:
        folder = tempfile.TemporaryDirectory(prefix="lakeboard-copy-")
    except OSError as error:
        raise StoreError(f"can't copy {key}: no temporary folder ({error}); set TMPDIR to one with room") from error
    with folder as name:
        path = Path(name, "object")
        try:
            source.get_file(key, path, size=size)
        except StoreError:
            raise
        except OSError as error:
            raise StoreError(
                f"can't copy {key} of {size:,} bytes through {path.parent}: {error}; set TMPDIR to a folder with room"
            ) from error
        target.put_file(to, path, durable=durable)
