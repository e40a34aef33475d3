"""`lakeboard.Artifact`: files, folders, bytes and addresses that become one version of an artifact."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from ...schema.errors import InvalidSetting
from ...schema.secrets.redact import redact_text, redact_tree
from ...schema.values import brief
from ...upkeep.artifacts.draft import Draft, LocalFile, Reference, checked_metadata

COPIED_BYTES: Final = 64 * 1024**2
"""Files in the system's temporary folder are copied into the spool, since they may soon be gone; at most so much of
one artifact, the smallest first."""
FilePath: TypeAlias = str | os.PathLike[str]


@dataclass(slots=True)
class Parts:
    """What an artifact comes to when it is logged."""

    draft: Draft
    copies: dict[str, bytes | Path] = field(default_factory=dict)
    """By path in the artifact: what is kept in the spool until it is sent."""


class Artifact:
    """A new version of an artifact, to be filled and given to `run.log_artifact`.

    Nothing is read or checked before that, and nothing here raises for what can't be stored: `log_artifact` tells it.

    Args:
        name: the artifact's name in its project.
        type: such as `dataset` or `model`; free text.
        metadata: a dict, kept as JSON of at most a megabyte. Likely secrets are redacted.
    """

    def __init__(
        self,
        name: str,
        type: str = "unspecified",  # noqa: A002 the field's own word
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        self.name = name
        self.type = type
        self.metadata: Mapping[str, Any] = {} if metadata is None else metadata
        self.description: str | None = None
        """Free text."""
        self._adding: list[Callable[[Parts], None]] = []

    def __repr__(self) -> str:
        return f"Artifact({self.name!r}, type={self.type!r})"

    def add_file(self, path: FilePath, name: str | None = None) -> None:
        """Add a file of this machine, under its own name or another. It must stay as it is until it is uploaded."""
        where = _absolute(path)
        self._adding.append(lambda parts: parts.draft.add_file(where(), name))

    def add_dir(self, path: FilePath, name: str | None = None) -> None:
        """Add every file below a folder, under its path there, below `name` where one is given.

        Links are followed while they stay inside.
        """
        where = _absolute(path)
        self._adding.append(lambda parts: parts.draft.add_dir(where(), name))

    def add_bytes(self, data: bytes | bytearray | memoryview | str, name: str) -> None:
        """Add these bytes (or this text, as UTF-8) as a file. They are copied now."""
        kept = (
            data if isinstance(data, str) else bytes(data) if isinstance(data, (bytes, bytearray, memoryview)) else None
        )
        given = brief(data) if kept is None else ""

        def add(parts: Parts) -> None:
            if kept is None:
                raise InvalidSetting(f"add_bytes({given}) takes bytes or text; add_file takes paths")
            # The file comes with the job.
            parts.draft.add(name, LocalFile(Path(os.devnull)))
            parts.copies[name] = kept.encode("utf-8", "surrogateescape") if isinstance(kept, str) else kept

        self._adding.append(add)

    def add_reference(self, url: str, name: str | None = None, *, etag: str | None = None, bytes: int = 0) -> None:  # noqa: A002
        """Add the address of something outside of the lake, which is neither fetched nor kept alive.

        Args:
            url: where it is; likely secrets in it are redacted.
            name: its path in the artifact; default: the last part of the address.
            etag: what its store says of its content: with another one it counts as changed.
            bytes: how large it is, where that is known.
        """

        def add(parts: Parts) -> None:
            if not isinstance(url, str) or "://" not in url:
                raise InvalidSetting(
                    f"reference {brief(url)} is no address such as s3://bucket/data; add_file takes paths"
                )
            clean = redact_text(url)
            size = bytes if isinstance(bytes, int) and bytes >= 0 else 0
            parts.draft.add(name or _last_part(clean), Reference(clean, None if etag is None else str(etag), size))

        self._adding.append(add)

    def parts(self, *, run_id: str, writer: str) -> Parts:
        """What there is to store, looked up now.

        Raises:
            LakeboardError: a name, path, metadata or file that can't be stored; says which and what to do.
            OSError: a file is not there, or not ours to read.
        """
        draft = Draft(
            artifact=self.name,
            type=self.type,
            metadata=redact_tree(checked_metadata(self.metadata)),
            description=None if self.description is None else redact_text(str(self.description)),
            run_id=run_id,
            writer=writer,
        )
        parts = Parts(draft)
        for add in self._adding:
            add(parts)
        if not draft.entries:
            raise InvalidSetting(f"artifact {self.name!r} has no files; add some first")
        _copy_temporary(parts)
        return parts


def _copy_temporary(parts: Parts) -> None:
    try:
        temporary = Path(tempfile.gettempdir()).resolve()
    except OSError:
        return  # There is none that can be written to.
    sizes: list[tuple[int, str, Path]] = []
    for path, entry in parts.draft.entries.items():
        if path not in parts.copies and isinstance(entry, LocalFile) and entry.path.resolve().is_relative_to(temporary):
            sizes.append((entry.path.stat().st_size, path, entry.path))
    left = COPIED_BYTES
    for size, path, file in sorted(sizes):
        left -= size
        if left < 0:
            return
        parts.copies[path] = file


def _absolute(path: FilePath) -> Callable[[], str]:
    """The path as it is meant now, whatever the current folder is later; raises what is wrong with it when called."""
    try:
        where = os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - links stay links
    except (TypeError, ValueError, OSError) as error:
        why = InvalidSetting(f"{brief(path)} is no path of a file: {error}")

        def fail() -> str:
            raise why

        return fail
    return lambda: where


def _last_part(url: str) -> str:
    parts = urlsplit(url)
    return parts.path.rstrip("/").rpartition("/")[2] or parts.netloc or "reference"
