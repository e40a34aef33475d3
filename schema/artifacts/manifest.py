"""A version's manifest: what it is, and which files it has. An intent is the same table with the rows it refers to.

Pure; pyarrow is imported when a table is first made or read.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from ..errors import DamagedObject
from ..parquet import decode_table, encode_table
from ..text.jsontext import loads
from ..values import json_safe
from .keys import IntentKey, ManifestKey
from .names import Version, check_file_path, parse_version

if TYPE_CHECKING:
    import pyarrow as pa

PLAIN_COLUMNS: Final = ("path", "sha256", "object")
"""Columns of texts that hardly repeat: a dictionary would only be larger."""
TEXT_COLUMNS: Final = (
    "artifact", "type", "version", "run_id", "writer", "reference", "etag", "media_type",
    "metadata", "description", "base",
)  # fmt: skip


@cache
def manifest_schema() -> pa.Schema:
    """`artifacts/`: the head row (`path` null), then one row a file. Meanings are those of `Head` and `FileRow`."""
    import pyarrow as pa

    text, whole = pa.string(), pa.int64()
    return pa.schema(
        [
            pa.field("artifact", text, nullable=False),
            pa.field("type", text, nullable=False),
            pa.field("version", text, nullable=False),
            pa.field("run_id", text),
            pa.field("writer", text),
            pa.field("created_at", pa.timestamp("ms", tz="UTC"), nullable=False),
            pa.field("path", text),
            pa.field("bytes", whole, nullable=False),
            pa.field("sha256", text),
            pa.field("object", text),
            pa.field("offset", whole, nullable=False),
            pa.field("reference", text),
            pa.field("etag", text),
            pa.field("files", pa.int32()),
            pa.field("media_type", text),
            pa.field("metadata", text),
            pa.field("description", text),
            pa.field("base", text),
        ]
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRow:
    """One file of a version."""

    path: str
    """Inside the artifact."""
    bytes: int
    sha256: str | None = None
    """None for a reference."""
    object: str | None = None
    """Key of the object that holds it, which may lie in an older version's folder; None for a reference."""
    offset: int = 0
    """Where it begins in the object: 0, but in a bundle."""
    reference: str | None = None
    """An address outside of the lake."""
    etag: str | None = None
    """What the reference's store said of its content."""
    media_type: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """What a version is."""

    artifact: str
    version: Version
    type: str
    created_at: int
    """Milliseconds since 1970, UTC."""
    run_id: str | None = None
    """Who made it; None outside of runs."""
    writer: str | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    description: str | None = None
    base: str | None = None
    """The version that it was compared with."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A version and its files, sorted by path."""

    head: Head
    files: tuple[FileRow, ...]

    @property
    def bytes(self) -> int:
        """Of all files together."""
        return sum(row.bytes for row in self.files)

    @property
    def digest(self) -> str:
        """Of the whole content."""
        return content_digest(self.files)


def content_digest(files: Iterable[FileRow]) -> str:
    """SHA-256 of the sorted lines `<sha256>  <path>`; for a reference's hash stand its address and tag. Pure."""
    lines = (f"{_identity(row)}  {row.path}\n" for row in files)
    digest = hashlib.sha256()
    for line in sorted(lines):
        digest.update(line.encode())
    return digest.hexdigest()


def _identity(row: FileRow) -> str:
    return row.sha256 or f"{row.reference} {row.etag or ''}"


def encode_manifest(manifest: Manifest) -> bytes:
    """The object's bytes; `decode_manifest` inverts it."""
    import pyarrow as pa

    head = manifest.head
    same: dict[str, str | None] = {"artifact": head.artifact, "type": head.type, "version": str(head.version)}
    same |= {"run_id": head.run_id, "writer": head.writer}
    created = datetime.fromtimestamp(head.created_at / 1000, UTC)
    first: dict[str, Any] = {
        **same,
        "created_at": created,
        "bytes": manifest.bytes,
        "sha256": manifest.digest,
        "offset": 0,
        "files": len(manifest.files),
        "metadata": json.dumps(json_safe(dict(head.metadata)), ensure_ascii=False, allow_nan=False),
        "description": head.description,
        "base": head.base,
    }
    names = ("path", "bytes", "sha256", "object", "offset", "reference", "etag", "media_type")
    rows = [{**same, "created_at": created, **{n: getattr(f, n) for n in names}} for f in manifest.files]
    return encode_table(pa.Table.from_pylist([first, *rows], schema=manifest_schema()), dictionary=TEXT_COLUMNS)


def decode_manifest(data: bytes, *, key: str) -> Manifest:
    """The version that a manifest or an intent tells of.

    Raises:
        DamagedObject: not one, or not of the version that its key names; names `key`.
        LakeFormat: of a newer format.
    """
    table = decode_table(data, key=key)
    missing = [name for name in manifest_schema().names if name not in table.column_names]
    if missing:
        raise DamagedObject(f"{key} is no manifest: {', '.join(missing)} is missing", key=key)
    rows = table.select(manifest_schema().names).to_pylist()
    try:
        return _manifest(rows, key=key)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DamagedObject(f"{key} is no manifest: {str(error)[:200]}", key=key) from error


def _manifest(rows: Sequence[Mapping[str, Any]], *, key: str) -> Manifest:
    if not rows or rows[0]["path"] is not None:
        raise ValueError("its first row is no head")
    first = rows[0]
    version = parse_version(first["version"])
    if version is None:
        raise ValueError(f"its version is {first['version']!r}")
    metadata = loads(first["metadata"] or "{}", key=key, what="metadata")
    if not isinstance(metadata, dict):
        raise TypeError("its metadata is no object")
    head = Head(
        artifact=first["artifact"],
        version=version,
        type=first["type"],
        created_at=round(first["created_at"].timestamp() * 1000),
        run_id=first["run_id"],
        writer=first["writer"],
        metadata=metadata,
        description=first["description"],
        base=first["base"],
    )
    names = ("path", "bytes", "sha256", "object", "offset", "reference", "etag", "media_type")
    files = tuple(FileRow(**{name: row[name] for name in names}) for row in rows[1:])
    for file in files:
        check_file_path(file.path)
        if (file.object is None) == (file.reference is None) or file.bytes < 0 or file.offset < 0:
            raise ValueError(f"its file {file.path!r} is in no object, or in no place of one")
    return Manifest(head, files)


def is_of(manifest: Manifest, key: ManifestKey | IntentKey) -> bool:
    """Whether it tells of the version that its key names."""
    return (manifest.head.artifact, manifest.head.version) == (key.artifact, key.version)
