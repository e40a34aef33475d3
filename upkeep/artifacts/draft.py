"""A version of an artifact that is to be made: which files of this machine, which addresses outside."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias

from ...schema.artifacts.names import check_artifact_name, check_file_path
from ...schema.errors import FileChanged, InvalidName, InvalidSetting
from ...schema.names import check_text
from ...schema.values import json_safe
from ...store.files.source_file import Stamp, stamp_of

MAX_METADATA_BYTES: Final = 1_000_000
"""Longest metadata, as JSON."""
_GONE: Final = "is gone since it was logged"
_KEEP: Final = "log it again, and leave it alone until it is uploaded (wait=True waits for that)"


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file of this machine."""

    path: Path
    stamp: Stamp | None = None
    """What it must still be when it is stored; None: whatever it is then."""

    def check(self) -> None:
        """Nothing, where it is still what it was when it was added.

        Raises:
            FileChanged: it is not, or it is gone.
        """
        if self.stamp is None:
            return
        try:
            now = stamp_of(self.path.stat())
        except FileNotFoundError as error:
            raise FileChanged(f"{self.path} {_GONE}; {_KEEP}") from error
        if now != self.stamp:
            how = f"had {self.stamp.size:,} bytes and has {now.size:,}, or was written to,"
            raise FileChanged(f"{self.path} {how} since it was logged; {_KEEP}")


@dataclass(frozen=True, slots=True)
class Reference:
    """Something outside of the lake; lakeboard does not keep it alive."""

    url: str
    etag: str | None = None
    bytes: int = 0


Entry: TypeAlias = LocalFile | Reference


@dataclass(slots=True, kw_only=True)
class Draft:
    """What a version is to hold.

    Raises:
        InvalidName: a name or type that can't be.
        InvalidSetting: metadata that is no JSON or too long.
    """

    artifact: str
    type: str = "unspecified"
    metadata: Mapping[str, Any] = field(default_factory=dict)
    description: str | None = None
    run_id: str | None = None
    writer: str | None = None
    entries: dict[str, Entry] = field(default_factory=dict)
    """By path inside the artifact."""

    def __post_init__(self) -> None:
        check_artifact_name(self.artifact)
        check_text(self.type, what="artifact type")
        self.metadata = checked_metadata(self.metadata)

    def add(self, path: str, entry: Entry) -> None:
        """Add a file or a reference.

        Raises:
            InvalidName: a path that can't be, or that is there already.
        """
        if check_file_path(path) in self.entries:
            raise InvalidName(f"artifact {self.artifact!r} has a file {path!r} already; give one another name")
        self.entries[path] = entry

    def add_file(self, file: str | os.PathLike[str], name: str | None = None) -> None:
        """Add a file of this machine, under its own name or another.

        Raises:
            InvalidSetting: it is no plain file.
            OSError: it is not there.
        """
        path = Path(file)
        if not stat.S_ISREG(path.stat().st_mode):
            raise InvalidSetting(f"{path} is no plain file; add_dir takes folders")
        self.add(name if name is not None else path.name, LocalFile(path))

    def add_dir(self, folder: str | os.PathLike[str], name: str | None = None) -> None:
        """Add every file below a folder, under its path there, below `name` where one is given.

        Links are followed while they stay inside; what is neither file nor folder is refused by name.

        Raises:
            InvalidSetting: no folder, nothing in it, a link that leads out, a socket, a FIFO or a device.
            OSError: a folder in it can't be read.
        """
        root = Path(folder)
        if not root.is_dir():
            raise InvalidSetting(f"{root} is no folder; add_file takes files")
        found = sorted(_files_below(root))
        if not found:
            raise InvalidSetting(f"{root} holds no file; there is nothing to store")
        for path, file in found:
            self.add(f"{name}/{path}" if name else path, LocalFile(file))


def checked_metadata(metadata: Mapping[str, Any]) -> dict[str, Any]:
    """`metadata` as JSON has it: NaN and infinities become text.

    Raises:
        InvalidSetting: no mapping, circular, or longer than is kept.
    """
    if not isinstance(metadata, Mapping):
        raise InvalidSetting(f"metadata must be a dict, not {type(metadata).__name__}")
    try:
        plain = json_safe(dict(metadata))
        size = len(json.dumps(plain, allow_nan=False))
    except (RecursionError, TypeError, ValueError) as error:
        raise InvalidSetting(
            f"metadata can't be written as JSON: {str(error)[:200] or type(error).__name__}"
        ) from error
    if size > MAX_METADATA_BYTES:
        raise InvalidSetting(
            f"metadata takes {size:,} bytes as JSON; at most {MAX_METADATA_BYTES:,} fit: put the rest into a file"
        )
    assert isinstance(plain, dict)
    return plain


def _files_below(root: Path) -> Iterator[tuple[str, Path]]:
    """Files below a folder, by their path there."""
    real_root = root.resolve()
    folders: list[tuple[Path, str, tuple[tuple[int, int], ...]]] = [(root, "", (_identity(root),))]
    while folders:
        folder, prefix, above = folders.pop()
        with os.scandir(folder) as entries:
            for entry in entries:
                path, name = Path(entry.path), prefix + entry.name
                if entry.is_symlink() and not path.resolve().is_relative_to(real_root):
                    raise InvalidSetting(f"{path} is a link to {path.resolve()}, outside of {root}; put the file there")
                status = path.stat()
                if stat.S_ISREG(status.st_mode):
                    yield name, path
                elif not stat.S_ISDIR(status.st_mode):
                    raise InvalidSetting(f"{path} is neither a file nor a folder; take it away")
                elif (identity := (status.st_dev, status.st_ino)) not in above:
                    folders.append((path, f"{name}/", (*above, identity)))


def _identity(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_dev, status.st_ino
