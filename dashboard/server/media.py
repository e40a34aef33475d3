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
from ..components.media import FOLDER
from ..feed.feed import feed
from .ranges import SAFE_HEADERS, asked_range, content_type, refused, unsatisfied, whole

ROUTE: Final = f"{FOLDER}/{{project}}/{{run}}/{{object}}/{{row}}"
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
