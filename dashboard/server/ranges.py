"""Bytes for the browser, whole or by ranges, with headers under which nothing of them runs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Final
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

POLICY: Final = (
    "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; font-src data:; frame-ancestors 'self'"
)
"""What a page may do that came out of a lake: look like itself."""
SAFE_HEADERS: Final = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    # Pictures, films and archives are small already; the server's compression leaves alone what says its encoding.
    "Content-Encoding": "identity",
    "Accept-Ranges": "bytes",
}
_RANGE: Final = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")


def asked_range(request: Request, size: int) -> tuple[int, int] | None:
    """The part that is asked for, from and up to before; None for all of it. An empty part is none there can be."""
    found = _RANGE.fullmatch(request.headers.get("range", "").strip())
    if found is None or not (found[1] or found[2]):
        return None
    if not found[1]:
        return max(0, size - int(found[2])), size
    start = int(found[1])
    stop = min(size, int(found[2]) + 1) if found[2] else size
    return start, max(start, stop) if start < size else start


def whole(data: bytes, headers: Mapping[str, str], content_type: str, request: Request) -> Response:
    """Bytes at hand, or the part of them that is asked for."""
    part = asked_range(request, len(data))
    if part is None:
        return Response(data, headers=dict(headers), media_type=content_type)
    start, stop = part
    if start >= stop:
        return unsatisfied(len(data))
    told = {**headers, "Content-Range": f"bytes {start}-{stop - 1}/{len(data)}"}
    return Response(data[start:stop], 206, told, content_type)


def unsatisfied(size: int) -> Response:
    """There is no such part."""
    return PlainTextResponse("no such range", 416, {"Content-Range": f"bytes */{size}", "Cache-Control": "no-store"})


def refused(text: str, status: int) -> Response:
    """Why there is nothing, in a sentence."""
    return PlainTextResponse(f"{text}\n", status, {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"})


def content_type(media_type: str) -> str:
    """The header's value: texts are UTF-8."""
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def named(path: str) -> str:
    """What a browser calls a download: the last part of a path, in any script; for old browsers in ASCII."""
    name = PurePosixPath(path).name
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%' else "_" for c in name)
    return f"filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
