"""Media for the browser, by an address of their own: `lb-media/<project>/<run>/<object>/<row>`.

Nothing of it goes through Streamlit, which would hold every byte in memory. A name never changes what it stands for, so
browsers keep what they got. What could run in a browser is sent so that it can't: apart from this page, as a download.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import polars as pl
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from ...schema.errors import LakeboardError, MissingObject, StoreError
from ...schema.keys import decode_segment, parse_key
from ...schema.media.keys import MediaKey, media_prefix
from ...schema.media.kinds import HTML, JSON, SHOWN, extension_of, sniff
from ...schema.names import check_project
from ..components.media import ARCHIVES, FOLDER
from ..feed.feed import feed
from ..layout.media_items import label_of
from .archive import Member, zipped
from .ranges import SAFE_HEADERS, asked_range, content_type, named, refused, unsatisfied, whole

ROUTE: Final = f"{FOLDER}/{{project}}/{{run}}/{{object}}/{{row}}"
MEDIA_ARCHIVE_ROUTE: Final = f"{ARCHIVES}/{{project}}/{{run}}"
_HEADERS: Final = {**SAFE_HEADERS, "Cache-Control": "private, max-age=31536000, immutable"}
_PIECE: Final = 2**20
_ROW: Final = re.compile(r"\d{1,15}")


@dataclass(frozen=True, slots=True)
class _Item:
    """One row and what is asked of it."""

    row: pl.DataFrame
    media_type: str
    name: str


def media(request: Request) -> Response:
    """One item; with `?thumb` its small picture, with `?layers` its boxes and masks, with `?page` HTML for a frame.

    Answers ranges. An item of up to a megabyte is compared with its checksum first. A larger one is read and sent
    by the megabyte.
    """
    try:
        item = _found(request)
        if item is None:
            return refused("there is no such item of media", 404)
        lake, row = feed().lake, item.row
        if "layers" in request.query_params:
            return _whole((lake.media_layers(row)[0] or "{}").encode(), JSON, item.name, request)
        if "thumb" in request.query_params and (small := lake.media_thumbs(row)[0]) is not None:
            return _whole(small, sniff(small), item.name, request)
        file = row["file"][0]
        if file is None:
            return _whole(lake.media_bytes(row)[0], item.media_type, item.name, request)
        return _streamed(file, int(row["bytes"][0]), item, request)
    except MissingObject:
        return refused("this item of media is gone", 404)
    except StoreError as error:
        return refused(str(error), 503)
    except LakeboardError as error:
        return refused(str(error), 502)


def media_archive(request: Request) -> Response:
    """All items that a run logged as one key, as a zip archive that is made on the way: a file each, by step and place.

    Costs the requests of `Lake.media`, and one GET a megabyte; memory: a few megabytes.
    """
    try:
        project, run_id = decode_segment(request.path_params["project"]), request.path_params["run"]
        snapshot = feed().state(check_project(project)).snapshot
    except (ValueError, UnicodeDecodeError):
        return refused("there is no such run", 404)
    except StoreError as error:
        return refused(str(error), 503)
    key = request.query_params.get("key", "")
    if run_id not in snapshot.known_runs():
        return refused("there is no such run", 404)
    try:
        frame = feed().lake.media(project, run_id, snapshot=snapshot).filter(label_of() == key)
    except StoreError as error:
        return refused(str(error), 503)
    if not frame.height:
        return refused("it logged nothing as that", 404)
    headers = {
        **SAFE_HEADERS,
        "Accept-Ranges": "none",
        "Cache-Control": "private, no-store",
        "Content-Disposition": f"attachment; {named(f'{run_id}-{key}.zip'.replace('/', '-'))}",
    }
    if request.method == "HEAD":
        return Response(None, 200, headers, "application/zip")
    rows = frame.sort("step", "timestamp", "index", maintain_order=True)
    members = (_member(rows[at : at + 1]) for at in range(rows.height))
    return StreamingResponse(zipped(members), 200, headers, "application/zip")


def _member(row: pl.DataFrame) -> Member:
    lake, size, file = feed().lake, int(row["bytes"][0]), row["file"][0]

    def pieces() -> Iterator[bytes]:
        if file is None:
            yield lake.media_bytes(row)[0]
        else:
            for at in range(0, size, _PIECE):
                yield lake.store.get_range(file, at, min(at + _PIECE, size))

    extension = extension_of(str(row["media_type"][0]))
    return Member(f"{row['step'][0]}-{row['index'][0]}.{extension}", size, pieces())


def _found(request: Request) -> _Item | None:
    """What the address names, looked up by what it says; never by joining it to a path."""
    told = request.path_params
    try:
        project = decode_segment(told["project"])
        key = parse_key(f"{media_prefix(project, told['run'])}{told['object']}.parquet")
    except (ValueError, UnicodeDecodeError):
        return None
    if not isinstance(key, MediaKey) or (key.project, key.run_id) != (project, told["run"]):
        return None
    if not _ROW.fullmatch(told["row"]) or key.run_id not in feed().state(project).snapshot.known_runs():
        # Purged runs are nobody's any more, whatever still lies in the lake.
        return None
    row = feed().lake.media_row(key, int(told["row"]))
    if not row.height:
        return None
    media_type = str(row["media_type"][0])
    stem = re.sub(r"[^A-Za-z0-9_.-]+", "-", str(row["key"][0])).strip("-.") or "media"
    return _Item(row, media_type, f"{stem}-{row['step'][0]}-{row['index'][0]}.{extension_of(media_type)}")


def _headers(media_type: str, name: str, request: Request) -> dict[str, str]:
    asked = request.query_params
    shown = (media_type in SHOWN or ("page" in asked and media_type == HTML)) and "download" not in asked
    return {**_HEADERS, "Content-Disposition": f'{"inline" if shown else "attachment"}; filename="{name}"'}


def _whole(data: bytes, media_type: str, name: str, request: Request) -> Response:
    return whole(data, _headers(media_type, name, request), content_type(media_type), request)


def _streamed(key: str, size: int, item: _Item, request: Request) -> Response:
    headers = _headers(item.media_type, item.name, request)
    part = asked_range(request, size)
    start, stop = part or (0, size)
    if start >= stop:
        return unsatisfied(size)
    store = feed().lake.store

    def pieces() -> Iterator[bytes]:
        for at in range(start, stop, _PIECE):
            yield store.get_range(key, at, min(at + _PIECE, stop))

    headers["Content-Length"] = str(stop - start)
    if part is not None:
        headers["Content-Range"] = f"bytes {start}-{stop - 1}/{size}"
    return StreamingResponse(pieces(), 200 if part is None else 206, headers, content_type(item.media_type))
