"""What the server sends besides Streamlit's own files: the chart library, media, files, who started it."""

from __future__ import annotations

import gzip
import os
from functools import cache
from importlib import resources
from typing import Final

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from ..components.plot import library_path
from .files import ARCHIVE_ROUTE, FILE_ROUTE, archive, files
from .guard import Guard, own_names
from .launch import STARTER, STARTER_PATH
from .media import ROUTE, media

_YEAR: Final = "public, max-age=31536000, immutable"


@cache
def _script() -> tuple[bytes, bytes]:
    """Plotly's script, plain and compressed. Some 5 MB in memory; read when first asked for."""
    plain = resources.files("plotly").joinpath("package_data", "plotly.min.js").read_bytes()
    return plain, gzip.compress(plain, compresslevel=6, mtime=0)


def plotly_script(request: Request) -> Response:
    """The script, compressed for browsers that take it, to be kept for good."""
    plain, small = _script()
    headers = {"Cache-Control": _YEAR, "Vary": "Accept-Encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        return Response(small, media_type="text/javascript", headers={**headers, "Content-Encoding": "gzip"})
    return Response(plain, media_type="text/javascript", headers=headers)


def starter(_: Request) -> Response:
    """The word of whoever started this server; empty where nobody gave one."""
    return PlainTextResponse(os.environ.get(STARTER, ""))


def routes() -> list[Route]:
    """Our own addresses, below the server's base path."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    ours = {
        library_path(): plotly_script,
        STARTER_PATH: starter,
        ROUTE: media,
        FILE_ROUTE: files,
        ARCHIVE_ROUTE: archive,
    }
    return [Route("/" + "/".join(filter(None, [base, path])), answer) for path, answer in ours.items()]


def middleware() -> list[Middleware]:
    """Before all else who may ask at all; then compress what Streamlit sends plainly: 2 MB a first visit, not 9."""
    address = st.get_option("server.address")
    return [
        Middleware(Guard, address=None if address is None else str(address), names=own_names()),
        Middleware(GZipMiddleware, minimum_size=1024, compresslevel=4),
    ]
