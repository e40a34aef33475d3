"""Fetching a version's files, each compared with its hash, and comparing those that lie in a lake."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from ...schema.artifacts.manifest import FileRow, Manifest
from ...schema.artifacts.names import check_file_path
from ...schema.errors import DamagedObject, InvalidSetting, MissingObject
from ...schema.problems import Problem, problem_of
from ...store.base import Store
from ...store.files.parts import PART_BYTES

_SCHEMES: Final = "lakeboard keeps its address alone; fetch it with the tool of its store"


def download(store: Store, manifest: Manifest, root: Path) -> Path:
    """Fetch every file of a version to its path below `root`; each appears there only when its SHA-256 is right.

    One GET a file, or one a part of 8 MB. References are left out: see `FileRow.reference`. Files that are there
    already with the right size and hash are not fetched again.

    Args:
        store: the lake.
        manifest: which version.
        root: the folder; made where it is missing.

    Returns:
        `root`.

    Raises:
        DamagedObject: a file in the lake is not what the version says; those before it are there.
        MissingObject: a file is gone, since the version was purged meanwhile.
        OSError: a file can't be written.
    """
    root.mkdir(parents=True, exist_ok=True)
    for row in manifest.files:
        if row.reference is None:
            target = root / check_file_path(row.path)
            if not _is_there(target, row):
                fetch(store, row, target)
    return root


def fetch(store: Store, row: FileRow, target: Path) -> None:
    """Fetch one file. One ranged GET out of a bundle, else as `Store.get_file`.

    Raises:
        InvalidSetting: it is a reference.
        DamagedObject: its bytes are not those that the version says.
        MissingObject: it is gone.
    """
    if row.object is None:
        raise InvalidSetting(f"{row.path} is a reference to {row.reference}: {_SCHEMES}")
    if not row.offset:
        store.get_file(row.object, target, size=row.bytes, sha256=row.sha256)
        return
    data = read(store, row)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part")
    part.write_bytes(data)
    part.replace(target)


def read(store: Store, row: FileRow) -> bytes:
    """All bytes of one file, compared with its hash; held in memory.

    Raises:
        InvalidSetting: it is a reference.
        DamagedObject: its bytes are not those that the version says.
        MissingObject: it is gone.
    """
    if row.object is None:
        raise InvalidSetting(f"{row.path} is a reference to {row.reference}: {_SCHEMES}")
    data = b"".join(_pieces(store, row, row.object))
    if len(data) != row.bytes or hashlib.sha256(data).hexdigest() != row.sha256:
        raise _damaged(row, row.object)
    return data


def verify(store: Store, manifest: Manifest) -> Iterator[Problem]:
    """Read every file of a version and compare it with its size and SHA-256; what is wrong, as it is found.

    One GET for each 8 MB; memory: as much.
    """
    for row in manifest.files:
        if row.object is None:
            continue
        digest, size = hashlib.sha256(), 0
        try:
            for piece in _pieces(store, row, row.object):
                digest.update(piece)
                size += len(piece)
            if size != row.bytes or digest.hexdigest() != row.sha256:
                raise _damaged(row, row.object)
        except (DamagedObject, MissingObject) as error:
            yield problem_of(row.object, error)


def _pieces(store: Store, row: FileRow, key: str) -> Iterator[bytes]:
    end = row.offset + row.bytes
    if not row.bytes:
        store.get_tail(key, 1)  # It must be there, even where nothing of it is wanted.
    for start in range(row.offset, end, PART_BYTES):
        yield store.get_range(key, start, min(start + PART_BYTES, end))


def _damaged(row: FileRow, key: str) -> DamagedObject:
    return DamagedObject(f"{key} is damaged: {row.path} in it is not the {row.bytes:,} bytes that were stored", key=key)


def _is_there(target: Path, row: FileRow) -> bool:
    if not target.is_file() or target.is_symlink() or target.stat().st_size != row.bytes:
        return False
    with target.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == row.sha256
