"""Files of artifacts for the browser, at an address of their own: `lb-files/<project>/<artifact>/<version>/<path>`.

Nothing of them goes through Streamlit, which would hold every byte in memory: a download of any size is read and sent
by the megabyte. What is served is looked up in the version's manifest, never by joining a path. What could run in a
browser is sent so that it can't.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from ...query.artifacts.heads import head_of
from ...schema.artifacts.keys import files_prefix
from ...schema.artifacts.manifest import FileRow, Manifest
from ...schema.artifacts.names import parse_version
from ...schema.errors import DamagedObject, LakeboardError, MissingObject, StoreError
from ...schema.keys import decode_segment
from ...schema.media.kinds import HTML, SHOWN, SVG
from ...schema.names import check_project
from ...store.base import Store
from ..components.files import ARCHIVES, FOLDER, type_of
from ..feed.artifacts import artifacts
from ..feed.feed import feed
from .archive import Member, zipped
from .ranges import SAFE_HEADERS, asked_range, content_type, named, refused, unsatisfied

FILE_ROUTE: Final = f"{FOLDER}/{{project}}/{{artifact}}/{{version}}/{{path:path}}"
ARCHIVE_ROUTE: Final = f"{ARCHIVES}/{{project}}/{{artifact}}/{{version}}/{{path:path}}"
_PIECE: Final = 2**20
_SHOWN: Final = SHOWN | {HTML, SVG}


@dataclass(frozen=True, slots=True)
class _Part:
    """Bytes of one file, from and up to before."""

    row: FileRow
    key: str
    start: int
    stop: int

    @property
    def is_whole(self) -> bool:
        return (self.start, self.stop) == (0, self.row.bytes)


def files(request: Request) -> Response:
    """One file, as a download; with `?show` inside the browser where its type allows, with `?head` its first rows.

    Answers HEAD, ranges and tags. A version that somebody deleted or purged is not there. A whole download is compared
    with its SHA-256 on the way, and breaks off before its end where it differs. Costs one GET a megabyte; memory: two.
    """
    try:
        row = _found(request)
        if row is None:
            return refused("there is no such file", 404)
        if row.object is None:
            return refused(f"{row.path} is a reference: the lake has its address alone, {row.reference}", 404)
        if "head" in request.query_params:
            return _head(row)
        return _file(request, row, row.object)
    except MissingObject:
        return refused("this file is gone: its version was purged", 404)
    except StoreError as error:
        return refused(str(error), 503)
    except LakeboardError as error:
        return refused(str(error), 502)


def archive(request: Request) -> Response:
    """All files of a version, or of one folder of it, as a zip archive made on the way; references are left out.

    Each file is compared with its SHA-256, and the archive breaks off where one differs. Costs one GET a megabyte, for
    small files that lie together too; memory: three megabytes.
    """
    try:
        found = _version(request)
        if found is None:
            return refused("there is no such version", 404)
        manifest, folder = found
        inside = f"{folder.rstrip('/')}/" if folder else ""
        rows = [row for row in manifest.files if row.object is not None and row.path.startswith(inside)]
        if not rows:
            return refused("there is nothing to pack", 404)
        head = manifest.head
        name = "-".join([head.artifact, str(head.version), *(inside.rstrip("/").split("/") if inside else [])])
        headers = {
            **SAFE_HEADERS,
            "Accept-Ranges": "none",
            "Cache-Control": "private, no-store",
            "Content-Disposition": f"attachment; {named(f'{name}.zip')}",
        }
        if request.method == "HEAD":
            return Response(None, 200, headers, "application/zip")
        reader = _Ahead(feed().lake.store)
        skipped = len(inside.rstrip("/").rpartition("/")[0]) + 1 if "/" in inside.rstrip("/") else 0
        members = (
            Member(row.path[skipped:], row.bytes, _pieces(reader.read, _Part(row, row.object or "", 0, row.bytes)))
            for row in rows
        )
        return StreamingResponse(zipped(members), 200, headers, "application/zip")
    except StoreError as error:
        return refused(str(error), 503)
    except LakeboardError as error:
        return refused(str(error), 502)


class _Ahead:
    """Reads a megabyte at once where small files lie side by side in one object."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._key, self._start, self._data = "", 0, b""

    def read(self, key: str, start: int, stop: int) -> bytes:
        """As `Store.get_range`. At most one GET."""
        at = start - self._start
        if key != self._key or at < 0 or stop > self._start + len(self._data):
            self._key, self._start, at = key, start, 0
            self._data = self._store.get_range(key, start, max(stop, start + _PIECE))
        return self._data[at : at + stop - start]


def _found(request: Request) -> FileRow | None:
    """The file that the address names, looked up by what it says."""
    found = _version(request)
    if found is None:
        return None
    manifest, path = found
    return next((row for row in manifest.files if row.path == path), None)


def _version(request: Request) -> tuple[Manifest, str] | None:
    """The version that the address names, and the path within it.

    Raises:
        DamagedObject: it says that its files lie elsewhere than in its project's folder.
    """
    told = request.path_params
    try:
        project, artifact, path = (decode_segment(told[name]) for name in ("project", "artifact", "path"))
        check_project(project)
    except (ValueError, UnicodeDecodeError):
        return None
    version = parse_version(told["version"])
    if version is None:
        return None
    watch = artifacts()
    catalog = watch.catalog(project)
    if not catalog.holds(artifact, version):
        return None
    manifest = watch.manifests([key := catalog.key(artifact, version)]).get(key)
    if not isinstance(manifest, Manifest):
        return None
    for row in manifest.files:
        # A manifest is anybody's; it opens nothing but files of its project.
        if row.object is not None and not row.object.startswith(files_prefix(project)):
            raise DamagedObject(f"{key.path} is damaged: it has {row.path} in {row.object}", key=key.path)
    return manifest, path


def _file(request: Request, row: FileRow, key: str) -> Response:
    media_type = type_of(row.path)
    tag = f'"{row.sha256}"'
    headers = {**SAFE_HEADERS, "Cache-Control": "private, no-cache", "ETag": tag}
    if request.headers.get("if-none-match", "").strip() in (tag, f"W/{tag}", "*"):
        return Response(None, 304, headers)
    shown = media_type in _SHOWN and "show" in request.query_params
    headers["Content-Disposition"] = f"{'inline' if shown else 'attachment'}; {named(row.path)}"
    valid = request.headers.get("if-range", tag).strip() == tag
    asked = asked_range(request, row.bytes) if valid else None
    start, stop = asked or (0, row.bytes)
    if asked is not None:
        if start >= stop:
            return unsatisfied(row.bytes)
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{row.bytes}"
    headers["Content-Length"] = str(stop - start)
    status, kind = 200 if asked is None else 206, content_type(media_type)
    if request.method == "HEAD":
        return Response(None, status, headers, kind)
    pieces = _pieces(feed().lake.store.get_range, _Part(row, key, start, stop))
    # What can't be read at all is answered with a word for it, not with a download that breaks off.
    first = next(pieces, b"")
    return StreamingResponse(_joined(first, pieces), status, headers, kind)


def _joined(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _pieces(read: Callable[[str, int, int], bytes], part: _Part) -> Iterator[bytes]:
    """The bytes by the megabyte.

    Raises:
        DamagedObject: they are not those that were stored; the last piece was not given then.
    """
    row, digest = part.row, hashlib.sha256()
    for at in range(part.start, part.stop, _PIECE):
        end = min(at + _PIECE, part.stop)
        piece = read(part.key, row.offset + at, row.offset + end)
        if part.is_whole:
            digest.update(piece)
        differs = part.is_whole and end == part.stop and digest.hexdigest() != row.sha256
        if len(piece) != end - at or differs:
            raise DamagedObject(f"{part.key} is damaged: {row.path} in it is not what was stored", key=part.key)
        yield piece


def _head(row: FileRow) -> Response:
    head = head_of(feed().lake.store, row)
    if head is None:
        return refused("of this kind of file there are no first rows", 404)
    told = {"columns": head.columns, "data": head.data, "note": head.note}
    # Without NaN, which no browser reads.
    json.dumps(told, allow_nan=False)
    return JSONResponse(told, headers={"Cache-Control": "private, no-cache", "X-Content-Type-Options": "nosniff"})
